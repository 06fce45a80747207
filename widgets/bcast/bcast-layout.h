/* bcast: how shapes meet.  The shapes aligned on the right, and below them the operands as sheets of the
 * result's size: real cells solid, those that are read again as ghosts beside them, and the result.
 * Everything that moves is a function of t: to 1/3 the shapes align, to 2/3 they stretch, to 1 they are put
 * together. */
#pragma once

#include "common/aligned-shapes.h"
#include "common/number-format.h"
#include "models/broadcast-model.h"

G_BEGIN_DECLS

#define GB_BCAST_MOST_SHEETS (GB_BROADCAST_MOST_OPERANDS + 1)
#define GB_BCAST_RESULT      GB_BROADCAST_MOST_OPERANDS /* stands for the nth operand */

typedef struct
{
  guint operand;                                 /* nth, or GB_BCAST_RESULT */
  gint64 first_row, first_column, rows, columns; /* shown */
  double x, y;
  char *title, *shape;
  const char *before; /* sign in front of it: "+", "=", NULL: none */
  GbNumberFormat format;
  gboolean has_digits;
} GbBcastSheet;

typedef struct
{
  double width, height, t;
  GbBroadcast *model; /* NULL: nothing to show */
  gboolean has_elements;
  GbAlignedShapes *shapes;
  double shapes_x, shapes_y;
  char *headline, *sentence;
  double text_x, text_y, text_width;
  gint64
      index[GB_VALUES_MAX_NDIM]; /* of the result: the element that is looked at, and the sheet it lies on */
  double cell_width, cell_height;
  guint n_sheets;
  GbBcastSheet sheets[GB_BCAST_MOST_SHEETS];
  double line_y;                        /* of the arithmetic */
  double scrub_x, scrub_y, scrub_width; /* 0: no room */
} GbBcastLayout;

GbBcastLayout *
gb_bcast_layout_new (GbTraceCursor *cursor, GbSelection *selection, double t, const GbDrawContext *ctx);
void gb_bcast_layout_free (GbBcastLayout *self);
/* Index in the result (in the operand itself, when the shapes do not meet) of a shown cell. */
void gb_bcast_layout_index (
    const GbBcastLayout *self, const GbBcastSheet *sheet, gint64 row, gint64 column, gint64 *index);
/* Index in the sheet's own tensor. */
void gb_bcast_layout_own_index (const GbBcastLayout *self,
                                const GbBcastSheet *sheet,
                                const gint64 *index,
                                gint64 *own);
const GbTensor *gb_bcast_layout_tensor (const GbBcastLayout *self, const GbBcastSheet *sheet);
gboolean gb_bcast_layout_value (const GbBcastLayout *self,
                                const GbBcastSheet *sheet,
                                const gint64 *index,
                                double *value);
gboolean gb_bcast_layout_at (const GbBcastLayout *self, double x, double y, GbPick *pick);
/* The index in the result that a pick speaks of: an element of the result, or the first that an operand's
 * element is read for.  FALSE: of none. */
gboolean gb_bcast_layout_picked (const GbBcastLayout *self, const GbPick *pick, gint64 *index);
/* t under the pointer when it is on the bar; -1: it is not. */
double gb_bcast_layout_scrub_at (const GbBcastLayout *self, double x, double y);
/* "a[2, 0]" */
char *gb_bcast_layout_element (const GbBcastLayout *self, const GbBcastSheet *sheet, const gint64 *index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbBcastLayout, gb_bcast_layout_free)

G_END_DECLS
