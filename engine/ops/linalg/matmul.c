/* Products of any ranks, written in the products of products.c as PyTorch decomposes them, so that the graph
 * shows the same nodes: matmul, linear, tensordot, inner, kron, chains. */
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/shape/shape-util.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_COMPOSITE)

/* ---- matmul ---- */
/* Whether a batch times a matrix may become one tall matrix times it. */
static bool
should_fold (const TeTensor *a, int other_ndim)
{
  if (a->ndim < 3 || (other_ndim != 1 && other_ndim != 2))
    return false;
  return !(a->ndim == 3 && other_ndim == 2 && a->strides[2] != 1
           && a->strides[0] == a->sizes[1] * a->sizes[2]);
}

static TeTensor *
fold (TeExpr *e, TeTensor *a, TeTensor *b)
{
  bool turned = b->ndim > a->ndim;
  TeTensor *tall = turned ? EX (e, "mT", "T", b) : a;
  TeTensor *other = !turned ? b : a->ndim == 2 ? EX (e, "t", "T", a) : a;
  if (e->failed)
    return NULL;
  int n = tall->ndim - 1;
  int64_t sizes[TE_MAX_NDIM], folded[2] = { 1, tall->sizes[n] };
  for (int d = 0; d < n; d++)
    {
      sizes[d] = tall->sizes[d];
      folded[0] *= sizes[d];
    }
  TeTensor *flat = EX (e, "reshape", "TI", tall, folded, 2);
  if (other->ndim == 1)
    return EX (e, "_unsafe_view", "TI", EX (e, "mv", "TT", flat, other), sizes, n);
  sizes[n++] = other->sizes[1];
  TeTensor *out = EX (e, "_unsafe_view", "TI", EX (e, "mm", "TT", flat, other), sizes, n);
  return turned && out ? EX (e, "contiguous", "T", EX (e, "mT", "T", out)) : out;
}

static bool
is_one (const TeTensor *batch, const TeTensor *other)
{
  return batch->sizes[0] == 1 && other->sizes[0] != 1 && te_tensor_requires_grad (batch);
}

static TeTensor *matmul (TeExpr *e, TeTensor *a, TeTensor *b);

static TeTensor *
by_batches (TeExpr *e, TeTensor *a, TeTensor *b)
{
  if (a->ndim == 3 && b->ndim == 3 && is_one (a, b))
    return matmul (e, EX (e, "squeeze.dim", "Ti", a, (int64_t) 0), b);
  if (a->ndim == 3 && b->ndim == 3 && is_one (b, a))
    return matmul (e, a, EX (e, "squeeze.dim", "Ti", b, (int64_t) 0));
  int batch_ndim;
  int64_t sizes[TE_MAX_NDIM + 2], product = 1;
  int a_batch = a->ndim > 2 ? a->ndim - 2 : 0, b_batch = b->ndim > 2 ? b->ndim - 2 : 0;
  if (!te_shape_broadcast (a_batch, a->sizes, b_batch, b->sizes, &batch_ndim, sizes, e->err))
    {
      e->failed = true;
      return NULL;
    }
  for (int d = 0; d < batch_ndim; d++)
    product *= sizes[d];
  int64_t n = a->ndim > 1 ? a->sizes[a->ndim - 2] : 1, m1 = a->sizes[a->ndim - 1];
  int64_t m2 = b->ndim > 1 ? b->sizes[b->ndim - 2] : b->sizes[0], p = b->ndim > 1 ? b->sizes[b->ndim - 1] : 1;
  const int64_t a3[] = { product, n, m1 }, b3[] = { product, m2, p }, b2[] = { product, m2 };
  sizes[batch_ndim] = n;
  sizes[batch_ndim + 1] = m1;
  TeTensor *left = EX (e, "reshape", "TI", EX (e, "expand", "TI", a, sizes, batch_ndim + 2), a3, 3);
  TeTensor *right;
  sizes[batch_ndim] = m2;
  sizes[batch_ndim + 1] = p;
  if (b->ndim == 1)
    right =
        EX (e, "unsqueeze", "Ti",
            EX (e, "reshape", "TI", EX (e, "expand", "TI", b, sizes, batch_ndim + 1), b2, 2), (int64_t) 2);
  else
    right = EX (e, "reshape", "TI", EX (e, "expand", "TI", b, sizes, batch_ndim + 2), b3, 3);
  int ndim = batch_ndim;
  if (a->ndim > 1)
    sizes[ndim++] = n;
  if (b->ndim > 1)
    sizes[ndim++] = p;
  return EX (e, "_unsafe_view", "TI", EX (e, "bmm", "TT", left, right), sizes, ndim);
}

static TeTensor *
matmul (TeExpr *e, TeTensor *a, TeTensor *b)
{
  if (e->failed)
    return NULL;
  if (a->ndim == 0 || b->ndim == 0)
    {
      te_error_set (e->err, TE_ERR_RUNTIME,
                    "both arguments to matmul need to be at least 1D, but they are %dD and %dD", a->ndim,
                    b->ndim);
      e->failed = true;
      return NULL;
    }
  if (a->ndim == 1 && b->ndim == 1)
    return EX (e, "dot", "TT", a, b);
  if (a->ndim == 2 && b->ndim == 1)
    return EX (e, "mv", "TT", a, b);
  if (a->ndim == 2 && b->ndim == 2)
    return EX (e, "mm", "TT", a, b);
  if (a->ndim == 1 && b->ndim == 2)
    {
      TeTensor *row = EX (e, "mm", "TT", EX (e, "unsqueeze", "Ti", a, (int64_t) 0), b);
      TE_OP (squeeze, "squeeze_.dim")
      if (row && !te_call_inplace (squeeze, e->err, "Ti", row, (int64_t) 0))
        e->failed = true;
      return row;
    }
  return should_fold (a, b->ndim) || should_fold (b, a->ndim) ? fold (e, a, b) : by_batches (e, a, b);
}

/* Ends an expression as a call's result (into out= where given). */
static bool
finish (TeOpCall *call, TeExpr *e, TeTensor *result)
{
  TeTensor *owned = NULL;
  return te_expr_end (e, result, &owned) && te_result_give (call, 0, owned, e->err);
}

/* The product that does the work looks at out's dtype before its own operands. */
static bool
check_out (const TeOpCall *call, const TeTensor *a, const TeTensor *b, TeError *err)
{
  const TeTensor *given = call->has_out ? call->outs[0] : NULL;
  bool dots = a->ndim == 1 && b->ndim == 1;
  if (!given || a->ndim == 0 || b->ndim == 0
      || (!dots && a->sizes[a->ndim - 1] != b->sizes[b->ndim > 1 ? b->ndim - 2 : 0]))
    return true;
  TeDtype out = te_tensor_dtype (given),
          like = te_tensor_dtype (b->ndim == 1 && a->ndim > 1 ? b : b->ndim > 2 || a->ndim > 2 ? b : a);
  if (out == like)
    return true;
  return dots ? te_error_set (err, TE_ERR_RUNTIME, "result dtype %s does not match input dtype %s",
                             te_dtype_error_name (out), te_dtype_error_name (like))
             : te_error_set (err, TE_ERR_RUNTIME, "Expected out tensor to have dtype %s, but got %s instead",
                             te_dtype_c_name (like), te_dtype_c_name (out));
}

/* A vector times a matrix is first a product of one row, which is what room for the result is made to hold, and told so. */
static bool
row_first (TeOpCall *call, const TeTensor *a, const TeTensor *b, int64_t n, TeError *err)
{
  TeTensor *out = call->has_out ? call->outs[0] : NULL;
  if (!out || a->ndim != 1 || b->ndim != 2 || out->dtype != a->dtype || a->dtype != b->dtype)
    return true;
  return te_out_resize (out, 2, (const int64_t[]){ 1, n }, NULL, err)
         && te_tensor_set_geometry (out, 1, &n, (const int64_t[]){ 1 }, out->offset, err);
}

static bool
matmul_kernel (TeOpCall *call, TeError *err)
{
  if (!check_out (call, te_arg (call, 0), te_arg (call, 1), err))
    return false;
  TeExpr e = TE_EXPR (err);
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1), *result = matmul (&e, a, b);
  e.failed = e.failed || (b->ndim == 2 && !row_first (call, a, b, b->sizes[1], err));
  return finish (call, &e, result);
}

/* ---- linear ---- */
static bool
linear_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *input = te_arg (call, 0), *weight = te_arg (call, 1),
           *bias = te_arg_given (call, 2) ? te_arg (call, 2) : NULL;
  TeExpr e = TE_EXPR (err);
  if (bias && (input->ndim == 2 || (input->ndim == 3 && te_tensor_is_contiguous (input))))
    {
      if (input->ndim == 2)
        return finish (call, &e, EX (&e, "addmm", "TTT", bias, input, EX (&e, "t", "T", weight)));
      const int64_t flat[] = { input->sizes[0] * input->sizes[1], input->sizes[2] };
      TeTensor *out =
          EX (&e, "addmm", "TTT", bias, EX (&e, "view", "TI", input, flat, 2), EX (&e, "t", "T", weight));
      const int64_t sizes[] = { input->sizes[0], input->sizes[1], out ? out->sizes[1] : 0 };
      return finish (call, &e, EX (&e, "view", "TI", out, sizes, 3));
    }
  TeTensor *out = matmul (&e, input, EX (&e, "t", "T", weight));
  TE_OP (add, "add.Tensor")
  if (bias && out && !te_call_inplace (add, err, "TT", out, bias))
    e.failed = true;
  e.failed = e.failed || (weight->ndim == 2 && !row_first (call, input, weight, weight->sizes[0], err));
  return finish (call, &e, out);
}

/* ---- tensordot, inner, kron ---- */
static TeTensor *
tensordot (TeExpr *e, TeTensor *a, TeTensor *b, const TeValue *dims_a, const TeValue *dims_b)
{
  bool used_a[TE_MAX_NDIM] = { false }, used_b[TE_MAX_NDIM] = { false };
  int64_t pa[TE_MAX_NDIM], pb[TE_MAX_NDIM], sizes[2 * TE_MAX_NDIM], contracted = 1, rows = 1, cols = 1;
  int da[TE_MAX_NDIM], db[TE_MAX_NDIM], na = 0, nb = 0, n = 0;
  if (dims_a->count != dims_b->count)
    {
      te_error_set (e->err, TE_ERR_RUNTIME, "both dimension lists should have same length");
      goto fail;
    }
  for (int i = 0; i < dims_a->count; i++)
    {
      if (!a->ndim || !b->ndim)
        {
          te_error_set (e->err, TE_ERR_INDEX, "Dimension specified as %lld but tensor has no dimensions",
                        (long long) (a->ndim ? dims_b : dims_a)->ints[i]);
          goto fail;
        }
      if (i >= TE_MAX_NDIM || !te_dim_wrap (dims_a->ints[i], a->ndim, &da[i], e->err)
          || !te_dim_wrap (dims_b->ints[i], b->ndim, &db[i], e->err))
        goto fail;
      if (used_a[da[i]] || used_b[db[i]])
        {
          te_error_set (e->err, TE_ERR_RUNTIME, "dim %d appears multiple times in the list of dims",
                        used_a[da[i]] ? da[i] : db[i]);
          goto fail;
        }
      used_a[da[i]] = used_b[db[i]] = true;
      int64_t sa = a->sizes[da[i]], sb = b->sizes[db[i]];
      if (sb == 1)
        a = EX (e, "sum.dim_IntList", "TIb", a, (const int64_t[]){ da[i] }, 1, 1);
      else if (sa == 1)
        b = EX (e, "sum.dim_IntList", "TIb", b, (const int64_t[]){ db[i] }, 1, 1);
      else if (sa != sb)
        {
          te_error_set (e->err, TE_ERR_RUNTIME,
                        "contracted dimensions need to match, but first has size %lld in dim %lld and second "
                        "has size %lld in "
                        "dim %lld",
                        (long long) sa, (long long) dims_a->ints[i], (long long) sb,
                        (long long) dims_b->ints[i]);
          goto fail;
        }
      else
        contracted *= sa;
      if (e->failed)
        return NULL;
    }
  for (int d = 0; d < a->ndim; d++)
    if (!used_a[d])
      {
        pa[na++] = d;
        rows *= a->sizes[d];
        sizes[n++] = a->sizes[d];
      }
  for (int i = 0; i < dims_a->count; i++)
    {
      pa[na++] = da[i];
      pb[nb++] = db[i];
    }
  for (int d = 0; d < b->ndim; d++)
    if (!used_b[d])
      {
        pb[nb++] = d;
        cols *= b->sizes[d];
        sizes[n++] = b->sizes[d];
      }
  const int64_t left_sizes[] = { rows, contracted }, right_sizes[] = { contracted, cols };
  TeTensor *left = EX (e, "reshape", "TI", EX (e, "permute", "TI", a, pa, na), left_sizes, 2);
  TeTensor *right = EX (e, "reshape", "TI", EX (e, "permute", "TI", b, pb, nb), right_sizes, 2);
  return EX (e, "reshape", "TI", EX (e, "mm", "TT", left, right), sizes, n);
fail:
  e->failed = true;
  return NULL;
}

static bool
tensordot_kernel (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return finish (call, &e,
                 tensordot (&e, te_arg (call, 0), te_arg (call, 1), &call->args[2], &call->args[3]));
}

static bool
inner_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1);
  TeExpr e = TE_EXPR (err);
  char x[512], y[512];
  static const int64_t last = -1;
  const TeValue dims = { .kind = TE_VALUE_INT_LIST, .count = 1, .ints = &last };
  if (a->ndim == 0 || b->ndim == 0)
    return finish (call, &e, ex_mul (&e, a, b));
  if (a->sizes[a->ndim - 1] != b->sizes[b->ndim - 1])
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "inner() the last dimension must match on both input tensors but got shapes %s and %s",
        te_shape_text (a->ndim, a->sizes, x, sizeof x), te_shape_text (b->ndim, b->sizes, y, sizeof y));
  return finish (call, &e, tensordot (&e, a, b, &dims, &dims));
}

static bool
kron_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1);
  TeExpr e = TE_EXPR (err);
  int n = a->ndim > b->ndim ? a->ndim : b->ndim;
  int64_t sa[TE_MAX_NDIM], sb[TE_MAX_NDIM], out[TE_MAX_NDIM];
  if (2 * n > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  for (int d = 0; d < n; d++)
    {
      int ia = d - (n - a->ndim), ib = d - (n - b->ndim);
      sa[2 * d] = ia >= 0 ? a->sizes[ia] : 1;
      sa[2 * d + 1] = 1;
      sb[2 * d] = 1;
      sb[2 * d + 1] = ib >= 0 ? b->sizes[ib] : 1;
      out[d] = sa[2 * d] * sb[2 * d + 1];
    }
  TeTensor *left = EX (&e, "_unsafe_view", "TI", a, sa, 2 * n),
           *right = EX (&e, "_unsafe_view", "TI", b, sb, 2 * n);
  return finish (call, &e, EX (&e, "_unsafe_view", "TI", ex_mul (&e, left, right), out, n));
}

/* ---- chains ---- */
/* The cheapest order of a chain of matrices (Cormen et al. 2009, 15.2), then the products in that order. */
typedef struct
{
  TeExpr *e;
  TeTensor **matrices;
  int n;
  int64_t split[TE_MAX_NDIM][TE_MAX_NDIM];
} Chain;

static TeTensor *
chain_product (Chain *c, int first, int last)
{
  if (first == last)
    return c->matrices[first];
  int k = (int) c->split[first][last];
  TeTensor *left = chain_product (c, first, k), *right = chain_product (c, k + 1, last);
  return EX (c->e, "mm", "TT", left, right);
}

static void
chain_order (Chain *c)
{
  static const double far = 1e300;
  double cost[TE_MAX_NDIM][TE_MAX_NDIM];
  for (int i = 0; i < c->n; i++)
    cost[i][i] = 0;
  for (int length = 1; length < c->n; length++)
    for (int i = 0; i + length < c->n; i++)
      {
        int j = i + length;
        cost[i][j] = far;
        for (int k = i; k < j; k++)
          {
            double q = cost[i][k] + cost[k + 1][j]
                       + (double) c->matrices[i]->sizes[0] * (double) c->matrices[k]->sizes[1]
                             * (double) c->matrices[j]->sizes[1];
            if (q < cost[i][j])
              {
                cost[i][j] = q;
                c->split[i][j] = k;
              }
          }
      }
}

static bool
same_dtypes (TeExpr *e, const TeValue *list)
{
  for (int i = 1; i < list->count; i++)
    if (list->tensors[i]->dtype != list->tensors[0]->dtype)
      return te_error_set (e->err, TE_ERR_RUNTIME,
                           "multi_dot(): all tensors must have be the same dtype but tensor 0 is %s and tensor %d %s",
                           te_dtype_c_name (te_tensor_dtype (list->tensors[0])), i,
                           te_dtype_c_name (te_tensor_dtype (list->tensors[i])));
  return true;
}

static TeTensor *
multi_dot (TeExpr *e, const TeValue *list)
{
  TeTensor *matrices[TE_MAX_NDIM];
  Chain chain = { .e = e, .matrices = matrices, .n = list->count };
  int n = list->count;
  TeTensor *first = n ? list->tensors[0] : NULL, *last = n ? list->tensors[n - 1] : NULL;
  int64_t sizes[2];
  int ndim = 0;
  if (n < 2 || n > TE_MAX_NDIM)
    te_error_set (e->err, TE_ERR_RUNTIME, "multi_dot(): expected at least 2 tensors but got %d", n);
  else if (first->ndim < 1 || first->ndim > 2)
    te_error_set (e->err, TE_ERR_RUNTIME, "multi_dot(): the first tensor must be 1D or 2D but got %dD",
                  first->ndim);
  else if (last->ndim < 1 || last->ndim > 2)
    te_error_set (e->err, TE_ERR_RUNTIME, "multi_dot(): the last tensor must be 1D or 2D but got %dD",
                  last->ndim);
  else if (same_dtypes (e, list))
    {
      if (first->ndim == 2)
        sizes[ndim++] = first->sizes[0];
      if (last->ndim == 2)
        sizes[ndim++] = last->sizes[1];
      matrices[0] = first->ndim == 1 ? EX (e, "unsqueeze", "Ti", first, (int64_t) 0) : first;
      matrices[n - 1] = last->ndim == 1 ? EX (e, "unsqueeze", "Ti", last, (int64_t) -1) : last;
      for (int i = 1; i < n - 1; i++)
        {
          matrices[i] = list->tensors[i];
          if (matrices[i]->ndim != 2)
            {
              te_error_set (e->err, TE_ERR_RUNTIME, "multi_dot(): tensor %d must be 2D but got %dD", i,
                            matrices[i]->ndim);
              e->failed = true;
            }
        }
      for (int i = 0; !e->failed && i + 1 < n; i++)
        if (matrices[i]->sizes[1] != matrices[i + 1]->sizes[0])
          {
            te_error_set (e->err, TE_ERR_RUNTIME,
                          "multi_dot(): tensors %d and %d with shapes [%lld, %lld] and [%lld, %lld] cannot "
                          "be multiplied",
                          i, i + 1, (long long) matrices[i]->sizes[0], (long long) matrices[i]->sizes[1],
                          (long long) matrices[i + 1]->sizes[0], (long long) matrices[i + 1]->sizes[1]);
            e->failed = true;
          }
      if (e->failed)
        return NULL;
      chain_order (&chain);
      return EX (e, "view", "TI", chain_product (&chain, 0, n - 1), sizes, ndim);
    }
  e->failed = true;
  return NULL;
}

static bool
multi_dot_kernel (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return finish (call, &e, multi_dot (&e, &call->args[0]));
}

static bool
chain_matmul_kernel (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  static bool warned;
  if (te_warn_due (&warned)
      && !te_warn (err, TE_WARN_USER,
                   "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use "
                   "torch.linalg.multi_dot "
                   "instead, which accepts a list of two or more tensors rather than multiple parameters."))
    return false;
  for (int i = 0; i < call->args[0].count; i++)
    if (call->args[0].tensors[i]->ndim != 2)
      return te_error_set (err, TE_ERR_RUNTIME, "Tensor dimension is %d, expected 2 instead.",
                           call->args[0].tensors[i]->ndim);
  if (call->args[0].count == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "chain_matmul(): Expected one or more matrices");
  if (call->args[0].count == 1)
    return te_result_give (call, 0, te_tensor_ref (call->args[0].tensors[0]), err);
  return finish (call, &e, multi_dot (&e, &call->args[0]));
}

/* A matrix to a power, by squaring, in PyTorch's order of products. */
static bool
matrix_power_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t n = call->args[1].i;
  int r = self->ndim - 2;
  TeExpr e = TE_EXPR (err);
  if (self->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "linalg.matrix_power: The input tensor A must have at least 2 dimensions.");
  if (self->sizes[r] != self->sizes[r + 1])
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "linalg.matrix_power: A must be batches of square matrices, but they are %lld by %lld matrices",
        (long long) self->sizes[r], (long long) self->sizes[r + 1]);
  if (n == 0)
    {
      TeTensor *zeros = ex_zeros_like (&e, self);
      TeTensor *line = EX (&e, "diagonal", "Tiii", zeros, (int64_t) 0, (int64_t) -2, (int64_t) -1);
      TE_OP (fill, "fill.Scalar")
      if (line && !te_call_inplace (fill, err, "TS", line, te_scalar_int (1)))
        e.failed = true;
      return finish (call, &e, zeros);
    }
  TeTensor *base = n < 0 ? EX (&e, "linalg_inv", "T", self) : self, *result = NULL;
  uint64_t power = n < 0 ? -(uint64_t) n : (uint64_t) n;
  if (power == 1)
    return finish (call, &e, n < 0 ? base : EX (&e, "clone", "T", base));
  if (power == 3)
    return finish (call, &e, matmul (&e, matmul (&e, base, base), base));
  for (TeTensor *square = base; power && !e.failed; power /= 2)
    {
      if (power & 1)
        result = result ? matmul (&e, result, square) : square;
      if (power > 1)
        square = matmul (&e, square, square);
    }
  return finish (call, &e, result);
}

static const TeOpDef rows[] = {
  { "matmul(Tensor self, Tensor other) -> Tensor", BOTH | TE_OP_OUT, matmul_kernel,
    .doc = "Product of vectors, matrices or batches; batch dimensions broadcast." },
  { "linalg_matmul(Tensor self, Tensor other) -> Tensor", TE_OP_LINALG | TE_OP_COMPOSITE | TE_OP_OUT,
    matmul_kernel, .doc = "matmul." },
  { "linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
    TE_OP_NN | TE_OP_COMPOSITE | TE_OP_OUT, linear_kernel, .doc = "input (…, in) @ weight (out, in)ᵀ + bias (out)." },
  { "tensordot(Tensor self, Tensor other, int[] dims_self, int[] dims_other) -> Tensor",
    TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_OUT, tensordot_kernel,
    .doc = "Sums products over pairs of dimensions." },
  { "inner(Tensor self, Tensor other) -> Tensor", BOTH | TE_OP_OUT, inner_kernel,
    .doc = "Sums products over the last dimensions." },
  { "kron(Tensor self, Tensor other) -> Tensor", BOTH | TE_OP_OUT, kron_kernel, .doc = "Kronecker product." },
  { "chain_matmul(Tensor[] matrices) -> Tensor", TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_OUT,
    chain_matmul_kernel, .doc = "Product of a chain of matrices in the cheapest order." },
  { "linalg_multi_dot(Tensor[] tensors) -> Tensor", TE_OP_LINALG | TE_OP_COMPOSITE | TE_OP_OUT,
    multi_dot_kernel, .doc = "Product of a chain of matrices (ends may be vectors) in the cheapest order." },
  { "matrix_power(Tensor self, int n) -> Tensor", BOTH | TE_OP_OUT, matrix_power_kernel,
    .doc = "A square matrix to an integer power; negative ones by its inverse." },
  { "linalg_matrix_power(Tensor self, int n) -> Tensor", TE_OP_LINALG | TE_OP_COMPOSITE | TE_OP_OUT,
    matrix_power_kernel, .doc = "A square matrix to an integer power; negative ones by its inverse." },
};

TE_OP_FAMILY (te_family_linalg_matmul, rows);
