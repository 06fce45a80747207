/* The strided loops and broadcasting, written once.  An op hands over its outputs (given or NULL) and inputs;
 * te_iter_build checks, promotes, broadcasts, allocates outputs as PyTorch's TensorIterator does (same
 * strides), drops and joins dimensions; te_iter_run calls the op's one-dimensional loop over it all, casting
 * by chunk and using the pool where that pays.  A TeIter owns nothing and lives on the stack.
 *
 *   TeIter iter;
 *   TeTensor *ins[] = { a, b };
 *   const TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
 *   if (!te_iter_build (&iter, &config, call->outs, 1, ins, 2, err))
 *     return false;
 *   return te_iter_run (&iter, loops[iter.compute], NULL, err);
 */
#pragma once

#include "core/tensor.h"

#define TE_ITER_MAX_OPERANDS 8

/* data[i] and strides[i] (bytes) per operand, outputs first; n elements.  Elements have the operand's loop
 * dtype. An output may be the same memory as an input (in place), element for element. */
typedef void (*TeLoop) (char *const *data, const int64_t *strides, int64_t n, const void *ctx);

typedef enum
{
  TE_ITER_PROMOTE = 1 << 0,       /* inputs (but for `fixed` ones) are cast to their result_type */
  TE_ITER_FLOAT = 1 << 1,         /* and integers and bools to the default float (implies TE_ITER_PROMOTE) */
  TE_ITER_NO_CAST_CHECK = 1 << 2, /* an output of any dtype takes the result (copy, comparisons into out=) */
  TE_ITER_NO_OVERLAP_CHECK = 1 << 3,
  TE_ITER_KEEP_HALF = 1 << 4, /* loops see TeHalf and TeBFloat16 themselves instead of float */
  TE_ITER_EXPENSIVE = 1 << 5, /* an element costs more than a memory access: smaller parallel chunks */
} TeIterFlags;

typedef struct
{
  uint32_t flags;
  TeDtype out_dtype; /* of results; TE_DTYPE_NONE: the common dtype.  Loops then see out_dtype in outputs. */
  uint32_t fixed;    /* bit i: input i keeps its own dtype and has no say in promotion (masks, indices) */
} TeIterConfig;

typedef struct
{
  TeTensor *tensor; /* borrowed */
  char *data;
  int8_t dtype;      /* of the tensor */
  int8_t loop_dtype; /* what the loop sees; a cast happens by chunk where they differ */
  bool is_output;
  uint64_t number[TE_DTYPE_MAX_NBYTES / 8]; /* a one-element input, already in loop_dtype */
} TeIterOperand;

typedef struct
{
  int n_outs;
  int n_operands;
  int ndim;        /* after joining dimensions; at least 1 */
  TeDtype common;  /* dtype that promotion chose; without promotion the first input's */
  TeDtype compute; /* common, but float32 for float16 and bfloat16 (unless TE_ITER_KEEP_HALF) */
  uint32_t flags;
  bool meta;  /* nothing to compute */
  bool casts; /* some operand's dtype differs from its loop_dtype */
  int64_t numel;
  TeIterOperand operands[TE_ITER_MAX_OPERANDS];
  int64_t sizes[TE_MAX_NDIM];                         /* [0] is the innermost */
  int64_t strides[TE_MAX_NDIM][TE_ITER_MAX_OPERANDS]; /* bytes */
} TeIter;

/* outs[i] NULL: a new tensor is stored there (owned by whoever owns outs, also on failure).  An output that
 * is also an input is written in place and never resized; another given output is resized, with PyTorch's
 * warning. Errors are PyTorch's: broadcasting, casts, overlap. */
bool te_iter_build (TeIter *iter,
                    const TeIterConfig *config,
                    TeTensor **outs,
                    int n_outs,
                    TeTensor *const *ins,
                    int n_ins,
                    TeError *err);
/* Runs loop over all elements; nothing on device meta or without elements.  False only when interrupted. */
bool te_iter_run (TeIter *iter, TeLoop loop, const void *ctx, TeError *err);

/* ---- a number as an operand, without allocating ---- */
typedef struct
{
  TeTensor tensor;
  TeStorage storage;
  uint64_t value[TE_DTYPE_MAX_NBYTES / 8];
} TeIterNumber;
/* Returns &place->tensor: a 0-dim wrapped number that lives as long as place; never to be referenced or
 * saved. */
TeTensor *te_iter_number (TeIterNumber *place, TeScalar value);

/* ---- promotion ---- */
/* The dtype PyTorch's result_type gives: dimensions before 0-dim tensors before wrapped numbers. NULLs are
 * skipped. */
TeDtype te_result_type (TeTensor *const *tensors, int n);
TeDtype te_result_type_scalar (const TeTensor *tensor, TeScalar value);

/* ---- copying and filling: any strides, any dtypes ---- */
/* Writes src, broadcast to dst's sizes, into dst, casting.  Overlap is the caller's affair.  Does not bump
 * versions. */
bool te_copy (TeTensor *dst, TeTensor *src, TeError *err);
bool te_fill (TeTensor *dst, TeScalar value, TeError *err);
/* n elements at byte strides, from one dtype to another. */
void te_cast_elements (
    TeDtype to, char *dst, int64_t dst_stride, TeDtype from, const char *src, int64_t src_stride, int64_t n);
/* An owned contiguous version of self: self itself (new reference) where it is contiguous and of that dtype.
 */
TeTensor *te_contiguous_copy (TeTensor *self, TeDtype dtype, TeError *err);

/* ---- outputs of ops that do not use the iterator ---- */
/* Makes *out a tensor of these sizes and dtype (strides NULL: contiguous): allocates when NULL (meta when
 * like is meta), otherwise checks the dtype and resizes with PyTorch's warning.  like may be NULL. */
bool te_output (TeTensor **out,
                const TeTensor *like,
                int ndim,
                const int64_t *sizes,
                const int64_t *strides,
                TeDtype dtype,
                TeError *err);
/* PyTorch's complaint when a written-to tensor has elements that share memory, or shares some with an input.
 */
bool te_check_no_internal_overlap (const TeTensor *self, TeError *err);
bool te_check_no_partial_overlap (const TeTensor *written, const TeTensor *input, TeError *err);
