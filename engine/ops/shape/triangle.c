/* Triangles and diagonals of matrices: tril, triu, diag, diag_embed, fill_diagonal_. */
#include <string.h>

#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

/* ---- tril, triu ---- */
/* Zeros what lies above (lower) or below (upper) diagonal k of every matrix of a contiguous tensor. */
static void
keep_triangle (TeTensor *self, int64_t k, bool lower)
{
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (self));
  if (self->numel == 0) /* of any number of dimensions */
    return;
  int64_t rows = self->sizes[self->ndim - 2], cols = self->sizes[self->ndim - 1];
  char *at = te_tensor_data (self);
  k = k > cols ? cols : k < -rows ? -rows : k; /* farther away changes nothing, and cannot overflow */
  for (int64_t n = self->numel / (rows * cols); n > 0; n--)
    for (int64_t r = 0; r < rows; r++, at += (size_t) cols * nbytes)
      {
        int64_t edge = lower ? r + k + 1 : r + k; /* first column to clear, or first to keep */
        edge = edge < 0 ? 0 : edge > cols ? cols : edge;
        if (lower)
          memset (at + (size_t) edge * nbytes, 0, (size_t) (cols - edge) * nbytes);
        else
          memset (at, 0, (size_t) edge * nbytes);
      }
}

/* The same for one matrix of any strides: nothing else is written, which shows where elements share their
 * place. */
static void
clear_matrix (TeTensor *self, int64_t k, bool lower)
{
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (self));
  char *data = te_tensor_data (self);
  for (int64_t r = 0; r < self->sizes[0]; r++)
    for (int64_t c = 0; c < self->sizes[1]; c++)
      if (lower ? c - r > k : c - r < k)
        memset (data + (r * self->strides[0] + c * self->strides[1]) * (int64_t) nbytes, 0, nbytes);
}

static bool
triangle (TeOpCall *call, bool lower, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (call->inplace && self->ndim == 2 && !te_tensor_is_meta (self))
    {
      clear_matrix (self, call->args[1].i, lower);
      return true;
    }
  if (self->ndim < 2 && self->numel)
    return te_sized_dim_wrap (-2, self->ndim, &dim, err); /* fails, in PyTorch's words */
  TeTensor *out = te_result_new (self, self->ndim, self->sizes, te_tensor_dtype (self), err);
  if (out && !te_raw_copy (out, self, err))
    te_tensor_clear (&out);
  if (out && !te_tensor_is_meta (out))
    keep_triangle (out, call->args[1].i, lower);
  return te_result_give (call, 0, out, err);
}

static bool
tril_kernel (TeOpCall *call, TeError *err)
{
  return triangle (call, true, err);
}

static bool
triu_kernel (TeOpCall *call, TeError *err)
{
  return triangle (call, false, err);
}

static bool
triangle_backward (TeBackward *ctx, TeError *err)
{ /* the same triangle of the gradient; an in-place call was recorded under the same name */
  const TeOp *op = te_registry_find (ctx->op->name[3] == 'l' ? "tril" : "triu");
  return te_grad_give (ctx, 0, te_call (op, err, "Ti", ctx->grads[0], ctx->args[1].i));
}

/* ---- diagonals ---- */
/* The side of a square matrix that has n elements on its diagonal k; INT64_MAX, which no memory has, if it is
 * no number. */
static int64_t
side_of (int64_t n, int64_t k)
{
  uint64_t away = k < 0 ? 0 - (uint64_t) k : (uint64_t) k;
  return away > (uint64_t) (INT64_MAX - n) ? INT64_MAX : n + (int64_t) away;
}

/* Geometry of diagonal k of a matrix; its length. */
static int64_t
diagonal_of (const TeTensor *matrix, int64_t k, int64_t *offset)
{
  int64_t rows = matrix->sizes[0], cols = matrix->sizes[1];
  k = k > cols ? cols + 1 : k < -rows ? -rows - 1 : k; /* beyond it there is nothing */
  int64_t n = k >= 0 ? (cols - k < rows ? cols - k : rows) : (rows + k < cols ? rows + k : cols);
  *offset = matrix->offset + (n > 0 ? (k >= 0 ? k * matrix->strides[1] : -k * matrix->strides[0]) : 0);
  return n;
}

static TeTensor *
diagonal_view (TeTensor *matrix, int64_t k, TeError *err)
{
  int64_t offset, n = diagonal_of (matrix, k, &offset), stride = matrix->strides[0] + matrix->strides[1];
  return te_view_new (matrix, te_tensor_dtype (matrix), 1, &n, &stride, offset, err);
}

static TeTensor *
zeros (TeTensor *like, int ndim, const int64_t *sizes, TeError *err)
{
  TeTensor *out = te_result_new (like, ndim, sizes, te_tensor_dtype (like), err);
  if (out && !te_tensor_is_meta (out))
    memset (te_tensor_data (out), 0, (size_t) out->numel * te_dtype_nbytes (te_tensor_dtype (like)));
  return out;
}

static bool
diag_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *out = NULL, *view = NULL;
  int64_t k = call->args[1].i;
  bool ok = false;
  if (self->ndim != 1 && self->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "matrix or a vector expected");
  if (self->ndim == 1)
    {
      int64_t n = side_of (self->sizes[0], k), sizes[] = { n, n };
      out = zeros (self, 2, sizes, err);
      view = out ? diagonal_view (out, k, err) : NULL;
      ok = view && te_raw_copy (view, self, err);
    }
  else
    {
      int64_t offset;
      if (diagonal_of (self, k, &offset) < 0)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "numel: integer multiplication overflow"); /* as in PyTorch */
      view = diagonal_view (self, k, err);
      out = view ? te_result_new (self, 1, view->sizes, te_tensor_dtype (self), err) : NULL;
      ok = out && te_raw_copy (out, view, err);
    }
  te_tensor_unref (view);
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
diag_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (diag, "diag")
  TE_OP (embed, "diagonal_backward")
  const TeMeta *meta = &ctx->metas[0];
  if (meta->ndim == 1)
    return te_grad_give (ctx, 0, te_call (diag, err, "Ti", ctx->grads[0], ctx->args[1].i));
  return te_grad_give (ctx, 0,
                       te_call (embed, err, "TIiii", ctx->grads[0], meta->sizes, (int) meta->ndim,
                                ctx->args[1].i, (int64_t) 0, (int64_t) 1));
}

static bool
diag_embed_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t k = call->args[1].i, sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  int ndim = self->ndim + 1, dim1, dim2;
  if (ndim > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  if (!te_dim_wrap (call->args[2].i, ndim, &dim1, err) || !te_dim_wrap (call->args[3].i, ndim, &dim2, err))
    return false;
  if (dim1 == dim2)
    return te_error_set (err, TE_ERR_RUNTIME, "diagonal dimensions cannot be identical %lld, %lld",
                         (long long) call->args[2].i, (long long) call->args[3].i);
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_INDEX,
                         "Dimension out of range (expected to be in range of [-1, 0], but got -2)");
  int64_t n = side_of (self->sizes[self->ndim - 1], k);
  for (int d = 0, from = 0; d < ndim; d++)
    sizes[d] = d == dim1 || d == dim2 ? n : self->sizes[from++];
  TeTensor *out = zeros (self, ndim, sizes, err);
  if (!out)
    return false;
  int to = 0;
  for (int d = 0; d < ndim; d++)
    if (d != dim1 && d != dim2)
      strides[to++] = out->strides[d];
  strides[to] = out->strides[dim1] + out->strides[dim2];
  int64_t offset = !self->numel ? 0 : k >= 0 ? k * out->strides[dim2] : -k * out->strides[dim1];
  TeTensor *view =
      self->numel ? te_view_new (out, te_tensor_dtype (out), self->ndim, self->sizes, strides, offset, err)
                  : te_tensor_ref (out);
  bool ok = view && (self->numel == 0 || te_raw_copy (view, self, err));
  te_tensor_unref (view);
  if (!ok)
    te_tensor_clear (&out);
  call->outs[0] = out;
  return ok;
}

static bool
diag_embed_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "diagonal")
  return te_grad_give (
      ctx, 0, te_call (op, err, "Tiii", ctx->grads[0], ctx->args[1].i, ctx->args[2].i, ctx->args[3].i));
}

static bool
diagflat_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (diag, "diag")
  TE_OP (view, "view")
  const int64_t all = -1;
  TeTensor *whole = te_contiguous (te_arg (call, 0), err);
  TeTensor *line = whole ? te_call (view, err, "TI", whole, &all, 1) : NULL;
  te_tensor_unref (whole);
  call->outs[0] = line ? te_call (diag, err, "Ti", line, call->args[1].i) : NULL;
  te_tensor_unref (line);
  return call->outs[0] != NULL;
}

/* Fills a line of n elements of self from an offset on; the view is autograd's to see. */
static bool
fill_line (TeTensor *self, int64_t n, int64_t stride, int64_t offset, TeScalar value, TeError *err)
{
  TE_OP (as_strided, "as_strided")
  TE_OP (fill, "fill.Scalar")
  TeTensor *line = te_call (as_strided, err, "TIIi", self, &n, 1, &stride, 1, offset);
  bool ok = line && te_call_inplace (fill, err, "TS", line, value);
  te_tensor_unref (line);
  return ok;
}

static bool
fill_diagonal_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (self->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "dimensions must larger than 1");
  int64_t stride = 0, n = self->sizes[0];
  for (int d = 0; d < self->ndim; d++)
    {
      if (self->ndim > 2 && self->sizes[d] != self->sizes[0])
        return te_error_set (err, TE_ERR_RUNTIME, "all dimensions of input must be of equal length");
      stride += self->strides[d];
      n = self->sizes[d] < n ? self->sizes[d] : n;
    }
  if (!fill_line (self, n, stride, self->offset, call->args[1].scalar, err))
    return false;
  int64_t rows = self->sizes[0], step = self->sizes[self->ndim - 1] + 1;
  if (!call->args[2].b || self->ndim != 2 || rows <= step)
    return true;
  /* wrap: the diagonal starts again after a row without one, over and over */
  int64_t rest = (rows * (step - 1) + step - 1) / step - n;
  return fill_line (self, rest, stride, self->offset + step * self->strides[0], call->args[1].scalar, err);
}

static const TeOpDef rows[] = {
  { "tril(Tensor self, int diagonal=0) -> Tensor", BOTH | TE_OP_INPLACE | TE_OP_OUT, tril_kernel,
    triangle_backward, "TrilBackward",
    .doc = "The lower triangle of matrices up to a diagonal; zeros elsewhere." },
  { "triu(Tensor self, int diagonal=0) -> Tensor", BOTH | TE_OP_INPLACE | TE_OP_OUT, triu_kernel,
    triangle_backward, "TriuBackward",
    .doc = "The upper triangle of matrices from a diagonal on; zeros elsewhere." },
  { "diag(Tensor self, int diagonal=0) -> Tensor", BOTH | TE_OP_OUT, diag_kernel, diag_backward,
    "DiagBackward", .doc = "A matrix with a vector as its diagonal, or a matrix's diagonal as a vector." },
  { "diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor", BOTH, diag_embed_kernel,
    diag_embed_backward, "DiagEmbedBackward",
    .doc = "Matrices with the last dimension of self as diagonals." },
  { "diagflat(Tensor self, int offset=0) -> Tensor", BOTH | TE_OP_COMPOSITE, diagflat_kernel,
    .doc = "A matrix with all elements of self as its diagonal." },
  { "fill_diagonal_(Tensor(a!) self, Scalar fill_value, bool wrap=False) -> Tensor(a!)",
    TE_OP_METHOD | TE_OP_INPLACE_ONLY | TE_OP_COMPOSITE, fill_diagonal_kernel,
    .doc = "Writes one number along the diagonal." },
};

TE_OP_FAMILY (te_family_shape_triangle, rows);
