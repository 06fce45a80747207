/* Where a number comes from: the elements of an op's inputs that one element of its result was made of.
 *
 * Maps are arithmetic on sizes, strides and parameters as the trace tells them, so that they work on
 * recordings as on live programs.  Only ops that look numbers up (gather, embedding, masks) need values as
 * well, and say so where none were recorded.  A composite op is followed through the ops that ran inside it.
 */
#pragma once

#include "models/tensor-values.h"

G_BEGIN_DECLS

#define GB_INDEX_MAP_MOST_TERMS   4096 /* that are listed */
#define GB_INDEX_MAP_MOST_FACTORS 3

/* How terms make the element. */
typedef enum
{
  GB_INDEX_MAP_NOTHING,  /* from no tensor: zeros, random numbers */
  GB_INDEX_MAP_COPY,     /* the one term, unchanged */
  GB_INDEX_MAP_FUNCTION, /* of one term per input */
  GB_INDEX_MAP_SUM,      /* of the terms; a term is the product of its factors */
  GB_INDEX_MAP_MEAN,
  GB_INDEX_MAP_PRODUCT,
  GB_INDEX_MAP_LARGEST,
  GB_INDEX_MAP_SMALLEST,
  GB_INDEX_MAP_NORM,    /* root of the sum of squares */
  GB_INDEX_MAP_SOFTMAX, /* of the first term among all of them */
  GB_INDEX_MAP_LOG_SOFTMAX,
  GB_INDEX_MAP_DEPENDS, /* on every term, in no way that one line could say */
} GbIndexMapForm;

typedef struct
{
  guint input; /* nth of the op's inputs */
  gint64 index[GB_VALUES_MAX_NDIM];
} GbIndexMapElement;

typedef struct
{
  guint n_factors;
  GbIndexMapElement factors[GB_INDEX_MAP_MOST_FACTORS];
} GbIndexMapTerm;

typedef struct
{
  GbIndexMapForm form;
  guint64 call; /* the op */
  GbTensor output;
  gint64 index[GB_VALUES_MAX_NDIM]; /* of the element in it */
  guint n_inputs;
  GbTensor *inputs;    /* as they were when the op began; tensor 0: None, or not known any more */
  GArray *terms;       /* GbIndexMapTerm */
  gint64 n_terms;      /* all of them, listed or not */
  const char *pattern; /* FUNCTION: "$0 + $1"; DEPENDS: a formula without numbers; else NULL */
  double divisor;      /* of a mean; 0: the number of terms */
  const char *untold;  /* msgid: what would have to be recorded for the rest; NULL: nothing is missing */
} GbIndexMap;

/* The map of an element of the op's nth output.  NULL: no map, and *why (may be NULL) says why in a
 * translated sentence that is not owned. */
GbIndexMap *
gb_index_map_new (GbTrace *trace, const GbOp *op, guint output_nr, const gint64 *index, const char **why);
/* The same for an element of a tensor as it is at seq: of the op that made or changed it last. */
GbIndexMap *gb_index_map_new_for_tensor (
    GbTrace *trace, guint64 tensor, guint64 seq, const gint64 *index, const char **why);
void gb_index_map_free (GbIndexMap *self);

/* Whether ops of that name ("add_" means "add") have a map.  FALSE: *why says why not; NULL where nobody has
 * said. */
gboolean gb_index_map_covers (const char *op_name, const char **why);
/* Whether an op of that name takes one element of every input, stretched to a common shape, for each of its
 * result's; and how it puts them together ("$0 + $1"), NULL: in no way that one line could say. */
gboolean gb_index_map_is_pointwise (const char *op_name);
const char *gb_index_map_pattern (const char *op_name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbIndexMap, gb_index_map_free)

G_END_DECLS
