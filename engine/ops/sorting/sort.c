/* Order along one dimension: sort, argsort, topk, kthvalue, median, mode.  Every row reads one lane after the
 * other as (key, index) items. */
#include <string.h>

#include "base/mem.h"
#include "iter/tensor-iter.h"
#include "ops/creation/creation-private.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/shape/shape-util.h"
#include "ops/sorting/families.h"
#include "ops/sorting/order.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

/* ---- lanes ---- */
typedef struct
{
  TeTensor *self;
  int dim;
  int64_t n; /* of a lane */
  TeItem *items, *scratch;
  int n_outer;
  int64_t sizes[TE_MAX_NDIM], in[TE_MAX_NDIM]; /* without dim */
  int64_t at[TE_MAX_NDIM];
} Lanes;

static bool
lanes_init (Lanes *l, TeTensor *self, int dim, TeError *err)
{
  *l = (Lanes){ .self = self, .dim = dim, .n = self->ndim ? self->sizes[dim] : 1 };
  for (int d = 0; d < self->ndim; d++)
    if (d != dim)
      {
        l->sizes[l->n_outer] = self->sizes[d];
        l->in[l->n_outer++] = self->strides[d];
      }
  l->items = te_new_sized ((size_t) (2 * l->n + 1) * sizeof (TeItem));
  l->scratch = l->items + l->n;
  return l->items || te_error_no_memory (err);
}

static void
lanes_clear (Lanes *l)
{
  te_free_sized (l->items, (size_t) (2 * l->n + 1) * sizeof (TeItem));
}

static void
lanes_read (Lanes *l)
{
  TeDtype dtype = te_tensor_dtype (l->self);
  const char *data = te_tensor_data (l->self);
  data += te_index_offset (l->n_outer, l->at, l->in) * (int64_t) te_dtype_nbytes (dtype);
  te_items_read (l->items, dtype, data, l->self->ndim ? l->self->strides[l->dim] : 1, l->n);
}

static bool
lanes_next (Lanes *l)
{
  return te_index_next (l->n_outer, l->sizes, l->at);
}

/* Writes k items to the lane's place in values and indices (sizes as self but for dim, which may be gone). */
static void
lanes_write (const Lanes *l, TeTensor *values, TeTensor *indices, const TeItem *items, int64_t k)
{
  TeDtype dtype = te_tensor_dtype (values);
  int64_t strides[TE_MAX_NDIM], step = 1;
  bool whole = values->ndim == l->self->ndim;
  for (int d = 0, from = 0; d < l->n_outer; d++, from++)
    {
      from += whole && from == l->dim;
      strides[d] = values->strides[from];
    }
  if (whole && values->ndim)
    step = values->strides[l->dim];
  int64_t base = te_index_offset (l->n_outer, l->at, strides);
  for (int64_t i = 0; i < k; i++)
    {
      int64_t place = base + i * step;
      te_item_write (&items[i], dtype,
                     (char *) te_tensor_data (values) + place * (int64_t) te_dtype_nbytes (dtype));
      ((int64_t *) te_tensor_data (indices))[place] = items[i].index;
    }
}

/* Values and indices for a call; strides in the order of self's with `preserve`. */
static bool
make_pair (TeTensor *self, int ndim, const int64_t *sizes, bool preserve, TeTensor **pair, TeError *err)
{
  int64_t strides[TE_MAX_NDIM];
  preserve = preserve && !te_tensor_is_meta (self) && te_like_strides (self, NULL, strides, err);
  for (int i = 0; i < 2; i++)
    {
      TeDtype dtype = i == 0 ? te_tensor_dtype (self) : TE_INT64;
      pair[i] = preserve ? te_tensor_new_strided (ndim, sizes, strides, dtype, err)
                         : te_result_new (self, ndim, sizes, dtype, err);
    }
  if (pair[0] && pair[1])
    return true;
  te_tensor_clear (&pair[0]);
  te_tensor_clear (&pair[1]);
  return false;
}

static bool
give_pair (TeOpCall *call, TeTensor **pair, bool ok, TeError *err)
{
  if (!ok)
    {
      te_tensor_clear (&pair[0]);
      te_tensor_clear (&pair[1]);
      return false;
    }
  ok = te_result_give (call, 0, pair[0], err);
  if (!ok)
    {
      te_tensor_unref (pair[1]);
      return false;
    }
  return te_result_give (call, 1, pair[1], err);
}

static bool
has_elements (const TeTensor *t)
{
  return t->numel > 0 && !te_tensor_is_meta (t);
}

/* ---- sort ---- */
static bool
sort_into (TeTensor *self, int64_t wanted_dim, bool descending, bool stable, TeTensor **pair, TeError *err)
{
  Lanes lanes;
  int dim;
  pair[0] = pair[1] = NULL;
  if (!te_dim_wrap (wanted_dim, self->ndim, &dim, err)
      || !make_pair (self, self->ndim, self->sizes, true, pair, err))
    return false;
  if (!has_elements (self))
    return true;
  if (!lanes_init (&lanes, self, dim, err))
    return false;
  TeOrder order = te_order_of (te_tensor_dtype (self), descending);
  do
    {
      lanes_read (&lanes);
      if (stable)
        te_order_stable_sort (order, lanes.items, lanes.n, lanes.scratch);
      else
        te_order_sort (order, lanes.items, lanes.n);
      lanes_write (&lanes, pair[0], pair[1], lanes.items, lanes.n);
    }
  while (lanes_next (&lanes));
  lanes_clear (&lanes);
  return true;
}

static bool
sort_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *pair[2];
  bool ok = sort_into (te_arg (call, 0), call->args[1].i, call->args[2].b, false, pair, err);
  return give_pair (call, pair, ok, err);
}

static bool
sort_stable_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *pair[2];
  bool ok = sort_into (te_arg (call, 0), call->args[2].i, call->args[3].b,
                       call->args[1].kind == TE_VALUE_BOOL && call->args[1].b, pair, err);
  return give_pair (call, pair, ok, err);
}

/* Gradient of values picked along dim: back to where they came from. */
static bool
pick_backward (TeBackward *ctx, int64_t dim, bool kept, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeMeta *meta = &ctx->metas[0];
  TeTensor *grad = ctx->grads[0], *indices = ctx->outs[1];
  if (!grad)
    return true;
  if (!kept && meta->ndim > 0)
    {
      grad = EX (&e, "unsqueeze", "Ti", grad, dim);
      indices = EX (&e, "unsqueeze", "Ti", indices, dim);
    }
  TeTensor *zeros =
      te_expr_keep (&e, te_zeros (meta->ndim, meta->sizes, te_tensor_dtype (ctx->grads[0]), err));
  return te_expr_end (&e, EX (&e, "scatter.src", "TiTT", zeros, dim, indices, grad), &ctx->results[0]);
}

static bool
sort_backward (TeBackward *ctx, TeError *err)
{
  return pick_backward (ctx, ctx->args[1].i, true, err);
}

static bool
sort_stable_backward (TeBackward *ctx, TeError *err)
{
  return pick_backward (ctx, ctx->args[2].i, true, err);
}

static bool
topk_backward (TeBackward *ctx, TeError *err)
{
  return pick_backward (ctx, ctx->args[2].i, true, err);
}

static bool
argsort_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (sort, "sort.stable")
  TeTensor *pair[2] = { NULL };
  bool named = call->op->n_args == 4, stable = named && call->args[1].b;
  bool ok = te_call_multi (sort, pair, 2, err, "Tbib", te_arg (call, 0), (int) stable, call->args[named ? 2 : 1].i,
                           (int) call->args[named ? 3 : 2].b);
  te_tensor_unref (pair[0]);
  return ok && te_result_give (call, 0, pair[1], err);
}

static bool
msort_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (sort, "sort")
  TeTensor *pair[2] = { NULL };
  bool ok = te_call_multi (sort, pair, 2, err, "Tib", te_arg (call, 0), (int64_t) 0, 0);
  te_tensor_unref (pair[1]);
  return ok && te_result_give (call, 0, pair[0], err);
}

/* ---- topk ---- */
static bool
not_for (const char *what, TeDtype dtype, TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", what,
                       te_dtype_error_name (dtype));
}

static bool
topk_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *pair[2] = { NULL };
  int64_t k = call->args[1].i, sizes[TE_MAX_NDIM];
  bool largest = call->args[3].b, sorted = call->args[4].b;
  TeDtype dtype = te_tensor_dtype (self);
  Lanes lanes;
  int dim;
  if (!te_dim_wrap (call->args[2].i, self->ndim, &dim, err))
    return false;
  if (k < 0 || k > (self->ndim ? self->sizes[dim] : 1))
    return te_error_set (err, TE_ERR_RUNTIME, "selected index k out of range");
  if (dtype == TE_BOOL || dtype == TE_FLOAT16)
    return not_for ("topk_cpu", dtype, err);
  for (int d = 0; d < self->ndim; d++)
    sizes[d] = d == dim ? k : self->sizes[d];
  bool ok = make_pair (self, self->ndim, sizes, false, pair, err);
  if (ok && k == 0 && has_elements (pair[0])) /* 0-dim: one element that nothing fills */
    {
      memset (te_tensor_data (pair[0]), 0, te_dtype_nbytes (dtype));
      *(int64_t *) te_tensor_data (pair[1]) = 0;
    }
  else if (ok && has_elements (pair[0]))
    {
      ok = lanes_init (&lanes, self, dim, err);
      TeOrder order = te_order_of (dtype, largest);
      if (ok)
        do
          {
            lanes_read (&lanes);
            if (k * 64 <= lanes.n)
              te_order_partial_sort (order, lanes.items, k, lanes.n);
            else
              {
                te_order_nth_element (order, lanes.items, k - 1, lanes.n);
                if (sorted)
                  te_order_sort (order, lanes.items, k - 1);
              }
            lanes_write (&lanes, pair[0], pair[1], lanes.items, k);
          }
        while (lanes_next (&lanes));
      lanes_clear (&lanes);
    }
  return give_pair (call, pair, ok, err);
}

/* ---- one of each lane ---- */
typedef void (*Choose) (TeItem *items, int64_t n, TeItem *scratch, TeDtype dtype, int64_t k, TeItem *chosen);

static bool
choose_along (TeOpCall *call,
              int64_t wanted_dim,
              bool keepdim,
              const char *name,
              Choose choose,
              int64_t k,
              TeError *err)
{
  TeTensor *self = te_arg (call, 0), *pair[2] = { NULL };
  int64_t sizes[TE_MAX_NDIM];
  int dim, ndim = 0;
  Lanes lanes;
  if (!te_dim_wrap (wanted_dim, self->ndim, &dim, err))
    return false;
  if (self->ndim && self->sizes[dim] == 0)
    return te_error_set (err, TE_ERR_INDEX, "%s(): Expected reduction dim %d to have non-zero size.", name,
                         dim);
  for (int d = 0; d < self->ndim; d++)
    if (d != dim || keepdim)
      sizes[ndim++] = d == dim ? 1 : self->sizes[d];
  bool ok = make_pair (self, ndim, sizes, false, pair, err);
  if (ok && has_elements (self))
    {
      ok = lanes_init (&lanes, self, dim, err);
      if (ok)
        do
          {
            TeItem chosen;
            lanes_read (&lanes);
            choose (lanes.items, lanes.n, lanes.scratch, te_tensor_dtype (self), k, &chosen);
            lanes_write (&lanes, pair[0], pair[1], &chosen, 1);
          }
        while (lanes_next (&lanes));
      lanes_clear (&lanes);
    }
  return give_pair (call, pair, ok, err);
}

static void
choose_kth (TeItem *items, int64_t n, TeItem *scratch, TeDtype dtype, int64_t k, TeItem *chosen)
{
  te_order_quick_select (te_order_of (dtype, false), items, k - 1, n);
  *chosen = items[k - 1];
}

static bool
kthvalue_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t k = call->args[1].i;
  int dim;
  if (!te_dim_wrap (call->args[2].i, self->ndim, &dim, err))
    return false;
  int64_t n = self->ndim ? self->sizes[dim] : 1;
  if (self->ndim && n == 0)
    return te_error_set (err, TE_ERR_INDEX, "kthvalue(): Expected reduction dim %d to have non-zero size.",
                         dim);
  if (k < 1 || k > n)
    return te_error_set (err, TE_ERR_RUNTIME, "kthvalue(): selected number k out of range for dimension %d",
                         dim);
  if (self->ndim && (te_tensor_dtype (self) == TE_FLOAT16 || te_tensor_dtype (self) == TE_BOOL))
    return not_for ("kthvalue_cpu", te_tensor_dtype (self), err);
  return choose_along (call, dim, call->args[3].b, "kthvalue", choose_kth, k, err);
}

static bool
kthvalue_backward (TeBackward *ctx, TeError *err)
{
  return pick_backward (ctx, ctx->args[2].i, ctx->args[3].b, err);
}

static bool
is_nan (const TeItem *item, TeDtype dtype)
{
  return te_dtype_is_floating (dtype) && item->f != item->f;
}

static bool
comes_before (const TeItem *a, const TeItem *b, TeDtype dtype)
{
  return te_dtype_is_floating (dtype) ? a->f < b->f : a->i < b->i;
}

/* Of equal elements the one that a stable sort puts at `middle`; items as they stood in the lane. */
static void
settle_ties (const TeItem *items, int64_t n, TeDtype dtype, int64_t middle, TeItem *chosen)
{
  int64_t rank = middle;
  TeItem value = *chosen;
  for (int64_t i = 0; i < n; i++)
    rank -= comes_before (&items[i], &value, dtype);
  for (int64_t i = 0; i < n; i++)
    if (!comes_before (&items[i], &value, dtype) && !comes_before (&value, &items[i], dtype)
        && !is_nan (&items[i], dtype) && rank-- == 0)
      *chosen = items[i];
}

/* k 0: NaN wins; k 1: NaN is passed over where there is anything else. */
static void
choose_median (TeItem *items, int64_t n, TeItem *scratch, TeDtype dtype, int64_t k, TeItem *chosen)
{
  int64_t n_nan = 0, first_nan = -1;
  for (int64_t i = 0; i < n; i++)
    if (is_nan (&items[i], dtype))
      {
        first_nan = first_nan < 0 ? i : first_nan;
        n_nan++;
      }
  if (n_nan && k == 0)
    {
      *chosen = items[first_nan];
      return;
    }
  int64_t middle = n_nan == n ? 0 : (n - n_nan - 1) / 2;
  if (scratch)
    memcpy (scratch, items, (size_t) n * sizeof *items);
  te_order_nth_element (te_order_of (dtype, false), items, middle, n);
  *chosen = items[middle];
  if (scratch && n_nan < n)
    settle_ties (scratch, n, dtype, middle, chosen);
}

static bool
check_median (TeTensor *self, const char *kernel, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  return (dtype != TE_FLOAT16 && dtype != TE_BOOL) || !self->numel || not_for (kernel, dtype, err);
}

static bool
median_dim_kernel (TeOpCall *call, TeError *err)
{
  bool ignore_nan = call->op->name[0] == 'n';
  if (!check_median (te_arg (call, 0), "median_out", err))
    return false;
  return choose_along (call, call->args[1].i, call->args[2].b, "median", choose_median, ignore_nan, err);
}

static bool
dim_keepdim_backward (TeBackward *ctx, TeError *err)
{
  return pick_backward (ctx, ctx->args[1].i, ctx->args[2].b, err);
}

static bool
median_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeDtype dtype = te_tensor_dtype (self);
  if (!check_median (self, "median_cpu", err))
    return false;
  TeTensor *out = te_result_new (self, 0, NULL, dtype, err),
           *dense = out ? te_input_contiguous (self, err) : NULL;
  bool ok = dense != NULL;
  if (ok && !te_tensor_is_meta (self))
    {
      int64_t n = self->numel;
      TeItem chosen = { .f = __builtin_nan (""), .index = 0 };
      TeItem *items = te_new_sized ((size_t) (n + 1) * sizeof *items);
      ok = items || te_error_no_memory (err);
      if (ok && n)
        {
          te_items_read (items, dtype, te_tensor_data (dense), 1, n);
          choose_median (items, n, NULL, dtype, call->op->name[0] == 'n', &chosen);
        }
      else if (!te_dtype_is_floating (dtype))
        chosen.i = INT64_MIN; /* what PyTorch's NaN becomes in integers */
      if (ok)
        te_item_write (&chosen, dtype, te_tensor_data (out));
      te_free_sized (items, (size_t) (n + 1) * sizeof *items);
    }
  te_tensor_unref (dense);
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

/* Equal parts for all elements that equal the median. */
static bool
median_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = ctx->inputs[0], *value = ctx->outs[0], *grad = ctx->grads[0];
  TeScalar number = te_scalar_load (te_tensor_dtype (value), te_tensor_data (value));
  bool nan = number.category == TE_CATEGORY_FLOAT && number.f != number.f;
  TeTensor *mask = nan ? EX (&e, "isnan", "T", self) : EX (&e, "eq.Tensor", "TT", self, value);
  TeTensor *part = ex_div (&e, grad, EX (&e, "sum", "T", mask)), *zeros = ex_zeros_like (&e, mask);
  zeros = e.failed ? NULL : te_expr_keep (&e, te_to_dtype (zeros, te_tensor_dtype (part), err));
  return te_expr_end (&e, EX (&e, "masked_fill.Tensor", "TTT", zeros, mask, part), &ctx->results[0]);
}

/* The smallest of the most frequent values; the index is that of its last occurrence in sorted order. */
static void
choose_mode (TeItem *items, int64_t n, TeItem *scratch, TeDtype dtype, int64_t k, TeItem *chosen)
{
  bool floating = te_dtype_is_floating (dtype);
  int64_t best = 0, run = 0;
  te_order_sort (te_order_of (dtype, false), items, n);
  for (int64_t i = 0; i < n; i++)
    {
      run++;
      if (i == n - 1 || (floating ? items[i].f != items[i + 1].f : items[i].i != items[i + 1].i))
        {
          if (run > best)
            {
              best = run;
              *chosen = items[i];
            }
          run = 0;
        }
    }
}

static bool
mode_kernel (TeOpCall *call, TeError *err)
{
  return choose_along (call, call->args[1].i, call->args[2].b, "mode", choose_mode, 0, err);
}

#define PAIR (BOTH | TE_OP_OUT)

static const TeOpDef rows[] = {
  { "sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)", PAIR,
    sort_kernel, sort_backward, "SortBackward", TE_SAVE_OUT (1),
    .grad_version = 2, .doc = "Values in order along dim, and where they were." },
  { "sort.stable(Tensor self, *, bool? stable, int dim=-1, bool descending=False) -> (Tensor values, Tensor "
    "indices)",
    PAIR, sort_stable_kernel, sort_stable_backward, "SortBackward1", TE_SAVE_OUT (1),
    .grad_version = 2, .doc = "Values in order along dim, and where they were; equal ones keep their order." },
  { "argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor", BOTH | TE_OP_COMPOSITE,
    argsort_kernel, .doc = "The indices that sort gives." },
  { "argsort.stable(Tensor self, *, bool stable, int dim=-1, bool descending=False) -> Tensor",
    BOTH | TE_OP_COMPOSITE, argsort_kernel,
    .doc = "The indices that sort gives; equal values keep their order." },
  { "msort(Tensor self) -> Tensor", BOTH | TE_OP_COMPOSITE | TE_OP_OUT, msort_kernel,
    .doc = "Values in order along dim 0." },
  { "topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor "
    "indices)",
    PAIR, topk_kernel, topk_backward, "TopkBackward", TE_SAVE_OUT (1),
    .grad_version = 2, .doc = "The k largest (or smallest) values along dim." },
  { "kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)", PAIR,
    kthvalue_kernel, kthvalue_backward, "KthvalueBackward", TE_SAVE_OUT (1),
    .grad_version = 2, .doc = "The k-th smallest value along dim." },
  { "median(Tensor self) -> Tensor", BOTH, median_kernel, median_backward, "MedianBackward",
    TE_SAVE_ARG (0) | TE_SAVE_OUT (0), .grad_version = 1, .doc = "The middle value (the lower of two); NaN if there is one." },
  { "median.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", PAIR,
    median_dim_kernel, dim_keepdim_backward, "MedianBackward1", TE_SAVE_OUT (1),
    .grad_version = 2, .doc = "The middle value along dim." },
  { "nanmedian(Tensor self) -> Tensor", BOTH, median_kernel, median_backward, "NanmedianBackward",
    TE_SAVE_ARG (0) | TE_SAVE_OUT (0), .grad_version = 1, .doc = "The middle value of those that are not NaN." },
  { "nanmedian.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", PAIR,
    median_dim_kernel, dim_keepdim_backward, "NanmedianBackward1", TE_SAVE_OUT (1),
    .grad_version = 2, .doc = "The middle value along dim of those that are not NaN." },
  { "mode(Tensor self, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)", PAIR, mode_kernel,
    dim_keepdim_backward, "ModeBackward", TE_SAVE_OUT (1), .grad_version = 2, .doc = "The most frequent value along dim." },
};

TE_OP_FAMILY (te_family_sort, rows);
