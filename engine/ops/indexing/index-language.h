/* The language of square brackets: t[0], t[1:3, None], t[..., mask], and assignment to them.  The caller
 * (python) turns each Python object into an item; what follows is PyTorch's: integers, slices, None and
 * Ellipsis give views op by op (select, slice, unsqueeze, alias), tensors and bools gather at the end. */
#pragma once

#include "ops/op-def.h"

typedef enum
{
  TE_INDEX_NONE,     /* None: a new dimension of size 1 */
  TE_INDEX_ELLIPSIS, /* ... */
  TE_INDEX_INT,      /* a Python integer (or what has __index__) */
  TE_INDEX_SLICE,    /* start:stop:step, each of which may be left out */
  TE_INDEX_TENSOR,   /* a tensor: integer (0-dim ones count as integers when no gradient flows) or mask */
  TE_INDEX_BOOL,     /* True or False */
  TE_INDEX_LATER,    /* not read yet: read () makes it one of the others when its turn comes */
} TeIndexKind;

typedef struct TeIndexItem TeIndexItem;
struct TeIndexItem
{
  TeIndexKind kind;
  bool has_start, has_stop, has_step;
  bool listed;     /* stood in a tuple, if alone: then counted before it is applied */
  int64_t integer; /* of TE_INDEX_INT; 0 or 1 of TE_INDEX_BOOL */
  int64_t start, stop, step;
  TeTensor *tensor; /* borrowed; `owned` where read () made it: the caller's to drop */
  bool owned;
  void *object; /* what read () reads: how many items there are is checked before any is looked at closely */
  bool (*read) (TeIndexItem *self, TeError *err);
};

/* self[items]: n items as they stand between the brackets (a tuple spelled out).  Returns an owned view, or
 * new memory when a tensor or bool is among the items.
 * Errors: IndexError in PyTorch's words ("too many indices for tensor of dimension 2",
 * "index 5 is out of bounds for dimension 0 with size 3"); ValueError for a step below 1. */
TeTensor *te_index_get (TeTensor *self, TeIndexItem *items, int n, TeError *err);

/* self[items] = value; value is broadcast to the place.  A Python number comes as a 0-dim tensor
 * of self's dtype (te_index_number).
 * Errors: as te_index_get; RuntimeError when value does not fit ("shape mismatch: value tensor of shape …").
 */
bool te_index_set (TeTensor *self, TeIndexItem *items, int n, TeTensor *value, TeError *err);

/* A Python number (wrapped) as what is assigned: a 0-dim tensor of self's dtype, owned.  Errors: it does not fit. */
TeTensor *te_index_number (const TeTensor *self, const TeTensor *number, TeError *err);
