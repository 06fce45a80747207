/* What a caller gives to be written into (out=): which dtype it may have, in whose words another one is
 * refused, and how it is resized.  The iterator, te_output and te_out_take all ask here. */
#pragma once

#include "core/tensor.h"

typedef enum
{
  TE_OUT_DEFAULT, /* as the place that writes sees it */
  TE_OUT_SAME,    /* the dtype of the result */
  TE_OUT_CASTS,   /* one that the result can be cast to */
  TE_OUT_ANY,
} TeOutTakes;

typedef enum
{
  TE_OUT_QUIET = 1 << 0,   /* resized without a warning */
  TE_OUT_STRIDES = 1 << 1, /* an empty one that is resized takes the strides of the result */
  TE_OUT_COPIES = 1 << 2,  /* the kernel knows nothing of out=: what it gives is copied */
  TE_OUT_LAID = 1 << 3,    /* as TE_OUT_STRIDES, also where it had elements */
} TeOutFlags;

typedef struct
{
  const char *op;
  TeOutTakes takes;
  uint32_t flags;
  const char
      *words; /* %R and %O: Float, Long of result and out; %r and %o: float, long int; NULL: the usual ones */
} TeOutRule;

/* Of the op whose kernel runs, when it was called with out=; else NULL.  Set by dispatch. */
extern const TeOutRule *te_out_rule;

bool te_out_takes (TeDtype out, TeDtype result, TeOutTakes otherwise);
/* Always false, with the complaint about a dtype that is not taken in err. */
bool te_out_refuse (TeDtype out, TeDtype result, TeOutTakes otherwise, TeError *err);
/* Gives out these sizes, with PyTorch's warning where it had elements; strides NULL: contiguous. */
bool te_out_resize (TeTensor *out, int ndim, const int64_t *sizes, const int64_t *strides, TeError *err);
TeTensor *te_output_new (
    bool meta, int ndim, const int64_t *sizes, const int64_t *strides, TeDtype dtype, TeError *err);
