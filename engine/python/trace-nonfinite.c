/* Results with NaN or infinity: every result is looked at once, while it is still in the cache. */
#include "python/trace-private.h"

#include <string.h>

#define MOST_PER_ITERATION 256   /* a training that is lost makes nothing else */
#define MOST_SLOW          65536 /* elements of results that are of half precision or lie scattered */
#define MOST_EXPLAINED     32    /* ops of a run whose inputs are measured */

static uint32_t n_told, n_explained;

TeNumbers
te_trace_numbers_of (TeDtype dtype)
{
  return dtype == TE_FLOAT32 || dtype == TE_COMPLEX64     ? TE_NUMBERS_FLOAT32
         : dtype == TE_FLOAT64 || dtype == TE_COMPLEX128 ? TE_NUMBERS_FLOAT64
                                                         : TE_NUMBERS_NONE;
}

bool
te_trace_is_half (TeDtype dtype)
{
  return dtype == TE_FLOAT16 || dtype == TE_BFLOAT16;
}

static bool
is_finite (const TeTensor *tensor)
{
  TeDtype dtype = te_tensor_dtype (tensor);
  if (te_tensor_is_meta (tensor) || !tensor->numel || te_dtype_info[dtype].category < TE_CATEGORY_FLOAT
      || !te_tensor_data (tensor))
    return true;
  if (!te_trace_is_half (dtype) && te_trace_is_dense (tensor))
    return te_numbers_are_finite (te_tensor_data (tensor), (size_t) tensor->numel * te_dtype_nbytes (dtype),
                                  te_trace_numbers_of (dtype));
  if (tensor->numel > MOST_SLOW)
    return true;
  TeTally tally = te_trace_tally (tensor);
  return !tally.nans && !tally.infs;
}

static bool
tell (const TeTensor *tensor, uint64_t call, uint64_t node)
{
  if (n_told >= MOST_PER_ITERATION || is_finite (tensor))
    return false;
  TeTally tally = te_trace_tally (tensor);
  TeFactNonfinite *fact = te_recorder_reserve (te_trace_state.recorder, TE_FACT_NONFINITE, sizeof *fact);
  if (!fact)
    return false;
  n_told++;
  fact->tensor = tensor->id;
  fact->call = call;
  fact->node = node;
  fact->numel = tensor->numel;
  fact->nans = tally.nans;
  fact->infs = tally.infs;
  te_recorder_commit (te_trace_state.recorder);
  return true;
}

/* What went in is measured for the first of them: that is where it is born. */
void
te_trace_nonfinite_op (const TeOpCall *call)
{
  bool told = false;
  for (int i = 0; i < call->n_outs; i++)
    if (call->outs[i])
      told = tell (call->outs[i], call->trace_call, 0) || told;
  if (!told || n_explained >= MOST_EXPLAINED)
    return;
  n_explained++;
  for (int i = 0; i < call->op->n_args; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR && call->args[i].tensor
        && te_dtype_info[te_tensor_dtype (call->args[i].tensor)].category >= TE_CATEGORY_FLOAT
        && !(call->args[i].tensor->flags & TE_TENSOR_WRAPPED_NUMBER))
      te_trace_tell_stats (call->args[i].tensor);
}

void
te_trace_nonfinite_result (TeTensor *tensor, uint64_t node)
{
  tell (tensor, 0, node);
}

void
te_trace_nonfinite_iteration (void)
{
  n_told = 0;
  if (te_trace_state.iteration <= 1)
    n_explained = 0;
}
