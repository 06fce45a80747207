/* Which operation put shapes together, and how each operand is read there: the axes of the result, and for
 * every operand the stride with which it goes along them.  Found by what the op is and by sizes, never by
 * names that a person chose; a call that failed is found as well. */
#pragma once

#include "models/selection.h"
#include "models/tensor-values.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_BROADCAST_MOST_OPERANDS 3

typedef struct
{
  GbTensor tensor;
  char *label;
  GbTensorValues *values;          /* when the op began; NULL: nothing is known */
  gint64 read[GB_VALUES_MAX_NDIM]; /* strides along the result's axes; 0 where it is read again */
} GbBroadcastOperand;

typedef enum
{
  GB_BROADCAST_EQUAL,     /* nothing is stretched */
  GB_BROADCAST_SCALAR,    /* single numbers only */
  GB_BROADCAST_STRETCHED, /* an axis is */
  GB_BROADCAST_FAILED,    /* the shapes do not meet */
} GbBroadcastKind;

typedef struct
{
  GbBroadcastKind kind;
  guint64 call, seq;
  guint32 pos; /* the person's place in the source, 0: none */
  char *op_name;
  const char *pattern; /* "$0 + $1" or NULL */
  guint n_operands;
  GbBroadcastOperand operands[GB_BROADCAST_MOST_OPERANDS];
  int ndim;
  gint64 sizes[GB_VALUES_MAX_NDIM]; /* of the result; where they do not meet, the largest */
  int failing_axis;                 /* of the result, -1: none */
  gboolean has_output;
  GbTensor output;
  char *output_label;
  GbTensorValues *values; /* of the result */
} GbBroadcast;

/* The sizes that n shapes have together; returns the number of axes, -1: more than GB_VALUES_MAX_NDIM.
 * failing: the last axis at which they do not meet, -1: none. */
int gb_broadcast_sizes (const GbTensor *const *operands, guint n, gint64 *sizes, int *failing);

/* The op that is looked at at the cursor: the picked one, the one that made the chosen tensor, the one at the
 * position; failing these the latest before it that stretched something.  NULL: none. */
GbBroadcast *gb_broadcast_new (GbTraceCursor *cursor, GbSelection *selection);
void gb_broadcast_free (GbBroadcast *self);
/* How much there is to see without reading any number: kind of the op that gb_broadcast_new would find, -1:
 * none. */
int gb_broadcast_peek (GbTraceCursor *cursor);
/* Element of an operand that the result's element at index is made of. */
void gb_broadcast_source (const GbBroadcast *self, guint operand, const gint64 *index, gint64 *source);
/* TRUE when the operand's axis under the result's `axis` is read again there; missing: it has no such axis.
 */
gboolean gb_broadcast_is_stretched (const GbBroadcast *self, guint operand, int axis, gboolean *missing);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbBroadcast, gb_broadcast_free)

G_END_DECLS
