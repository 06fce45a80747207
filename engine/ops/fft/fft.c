/* The three transforms that everything in torch.fft is made of: complex to complex, real to complex and back.
 * normalization: 0 none, 1 by the root of the number of elements, 2 by the number (PyTorch's fft_norm_mode).
 */
#include "base/err.h"
#include "iter/tensor-iter.h"
#include "ops/expr.h"
#include "ops/fft/transform.h"
#include "ops/registry.h"
#include "ops/shape/shape-util.h"

#include <math.h>
#include <string.h>

typedef struct
{
  int n;
  int dims[TE_MAX_NDIM];
} Dims;

static bool
read_dims (Dims *self, const TeValue *value, int ndim, TeError *err)
{
  self->n = value->count;
  for (int i = 0; i < value->count; i++)
    if (!te_dim_wrap (value->ints[i], ndim, &self->dims[i], err))
      return false;
  return true;
}

static double
scale_of (const Dims *dims, const int64_t *sizes, int64_t normalization)
{
  double n = 1;
  for (int i = 0; i < dims->n; i++)
    n *= (double) sizes[dims->dims[i]];
  return normalization == 0 ? 1 : normalization == 1 ? 1 / sqrt (n) : 1 / n;
}

/* Every element of contiguous self times factor; complex ones part by part. */
static void
scale (TeTensor *self, double factor)
{
  int64_t n = self->numel * (te_dtype_is_complex (te_tensor_dtype (self)) ? 2 : 1);
  if (factor == 1)
    return;
  if (te_dtype_real (te_tensor_dtype (self)) == TE_FLOAT64)
    {
      double *x = te_tensor_data (self);
      for (int64_t i = 0; i < n; i++)
        x[i] *= factor;
      return;
    }
  float *x = te_tensor_data (self);
  for (int64_t i = 0; i < n; i++)
    x[i] *= (float) factor;
}

/* ---- complex to complex ---- */
static bool
c2c_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *in = NULL;
  Dims dims;
  if (!read_dims (&dims, &call->args[1], self->ndim, err))
    return false;
  TeTensor *out = te_result_new (self, self->ndim, self->sizes, te_tensor_dtype (self), err);
  bool ok = out != NULL;
  if (ok && !te_tensor_is_meta (out))
    {
      ok = (in = te_input_contiguous (self, err)) != NULL
           && te_fft_complex (in, out, dims.n, dims.dims, call->args[3].b, err);
      if (ok)
        scale (out, scale_of (&dims, self->sizes, call->args[2].i));
    }
  te_tensor_unref (in);
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
c2c_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue *dim = &ctx->args[1];
  return te_expr_end (&e,
                      EX (&e, "_fft_c2c", "TIib", ctx->grads[0], dim->ints, dim->count, ctx->args[2].i,
                          (int) !ctx->args[3].b),
                      &ctx->results[0]);
}

/* ---- real to complex ---- */
/* The second half of a spectrum of real numbers is the conjugate of the first, read backwards along every
 * transformed dimension. */
#define MIRROR(C, CONJ)                                                                                      \
  do                                                                                                         \
    {                                                                                                        \
      int64_t from = 0, to = 0;                                                                              \
      for (int d = 0; d < out->ndim; d++)                                                                    \
        {                                                                                                    \
          int64_t i = d == last ? half->sizes[last] + at[d] : at[d], size = out->sizes[d];                   \
          to += i * out->strides[d];                                                                         \
          from += (turned[d] ? (size - i) % size : i) * half->strides[d];                                    \
        }                                                                                                    \
      ((C *) te_tensor_data (out))[to] = CONJ (((const C *) te_tensor_data (half))[from]);                   \
    }                                                                                                        \
  while (te_index_next (out->ndim, rest, at))

static void
fill_from_half (TeTensor *out, const TeTensor *half, const Dims *dims)
{
  int last = dims->dims[dims->n - 1];
  int64_t at[TE_MAX_NDIM] = { 0 }, rest[TE_MAX_NDIM];
  bool turned[TE_MAX_NDIM] = { false };
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (out));
  te_move_elements (nbytes, half->ndim, half->sizes, te_tensor_data (out), out->strides,
                    te_tensor_data (half), half->strides);
  memcpy (rest, out->sizes, out->ndim * sizeof *rest);
  rest[last] = out->sizes[last] - half->sizes[last];
  for (int i = 0; i < dims->n; i++)
    turned[dims->dims[i]] = true;
  for (int d = 0; d < out->ndim; d++)
    if (!rest[d])
      return;
  if (out->dtype == TE_COMPLEX128)
    MIRROR (TeComplex128, __builtin_conj);
  else
    MIRROR (TeComplex64, __builtin_conjf);
}

/* The first half of the spectrum along all dims, the last one by the real transform; owned. */
static TeTensor *
half_spectrum (TeTensor *in, const Dims *dims, const int64_t *half_sizes, TeError *err)
{
  TeDtype dtype = te_dtype_complex (te_tensor_dtype (in));
  TeTensor *half = te_tensor_new (in->ndim, half_sizes, dtype, err);
  if (half && !te_fft_real_to_half (in, half, dims->dims[dims->n - 1], err))
    te_tensor_clear (&half);
  if (!half || dims->n == 1)
    return half;
  TeTensor *all = te_tensor_new (in->ndim, half_sizes, dtype, err);
  if (all && !te_fft_complex (half, all, dims->n - 1, dims->dims, true, err))
    te_tensor_clear (&all);
  te_tensor_unref (half);
  return all;
}

static bool
r2c_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *in = NULL, *half = NULL;
  bool onesided = call->args[3].b;
  Dims dims;
  int64_t half_sizes[TE_MAX_NDIM];
  if (!read_dims (&dims, &call->args[1], self->ndim, err))
    return false;
  int last = dims.dims[dims.n - 1];
  memcpy (half_sizes, self->sizes, self->ndim * sizeof *half_sizes);
  half_sizes[last] = self->sizes[last] / 2 + 1;
  TeDtype dtype = te_dtype_complex (te_tensor_dtype (self));
  TeTensor *out = te_result_new (self, self->ndim, onesided ? half_sizes : self->sizes, dtype, err);
  bool ok = out != NULL;
  if (ok && !te_tensor_is_meta (out) && out->numel)
    {
      ok = (in = te_input_contiguous (self, err)) != NULL
           && (half = half_spectrum (in, &dims, half_sizes, err)) != NULL;
      if (ok)
        scale (half, scale_of (&dims, self->sizes, call->args[2].i));
      if (ok && onesided)
        {
          te_tensor_unref (out);
          out = te_tensor_ref (half);
        }
      else if (ok)
        fill_from_half (out, half, &dims);
    }
  te_tensor_unref (in);
  te_tensor_unref (half);
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
r2c_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue *dim = &ctx->args[1];
  const TeMeta *meta = &ctx->metas[0];
  const int64_t *sizes = meta->sizes ? meta->sizes : meta->inline_sizes;
  TeTensor *grad = ctx->grads[0];
  int last;
  if (!te_dim_wrap (dim->ints[dim->count - 1], meta->ndim, &last, err))
    return false;
  if (ctx->args[3].b && grad->sizes[last] < sizes[last])
    { /* the half that was left out gets no gradient */
      int64_t pad[2 * TE_MAX_NDIM] = { 0 };
      int place = 2 * (meta->ndim - 1 - last);
      pad[place + 1] = sizes[last] - grad->sizes[last];
      grad = EX (&e, "constant_pad_nd", "TIS", grad, pad, place + 2, te_scalar_int (0));
    }
  TeTensor *back = EX (&e, "_fft_c2c", "TIib", grad, dim->ints, dim->count, ctx->args[2].i, 0);
  return te_expr_end (&e, EX (&e, "real", "T", back), &ctx->results[0]);
}

/* ---- complex to real ---- */
/* What a spectrum of real numbers cannot have, the imaginary parts of its first and of its middle element,
 * counts as 0. */
static void
drop_imaginary (TeTensor *half, int last, int64_t size)
{
  int64_t at[TE_MAX_NDIM] = { 0 }, rest[TE_MAX_NDIM], ends[2] = { 0, size / 2 };
  memcpy (rest, half->sizes, half->ndim * sizeof *rest);
  rest[last] = 1;
  do
    for (int k = 0; k < (size % 2 == 0 ? 2 : 1); k++)
      {
        int64_t place = te_index_offset (half->ndim, at, half->strides) + ends[k] * half->strides[last];
        if (half->dtype == TE_COMPLEX128)
          ((double *) te_tensor_data (half))[2 * place + 1] = 0;
        else
          ((float *) te_tensor_data (half))[2 * place + 1] = 0;
      }
  while (te_index_next (half->ndim, rest, at));
}

static bool
c2r_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *half = NULL;
  Dims dims;
  int64_t sizes[TE_MAX_NDIM], size = call->args[3].i;
  if (!read_dims (&dims, &call->args[1], self->ndim, err))
    return false;
  int last = dims.dims[dims.n - 1];
  memcpy (sizes, self->sizes, self->ndim * sizeof *sizes);
  sizes[last] = size;
  TeDtype dtype = te_tensor_dtype (self);
  TeTensor *out = te_result_new (self, self->ndim, sizes, te_dtype_real (dtype), err);
  bool ok = out != NULL;
  if (ok && !te_tensor_is_meta (out) && out->numel)
    {
      TeTensor *in = te_input_contiguous (self, err);
      half = in ? te_tensor_new (self->ndim, self->sizes, dtype, err) : NULL;
      ok = half
           && (dims.n > 1 ? te_fft_complex (in, half, dims.n - 1, dims.dims, false, err)
                          : te_copy (half, in, err));
      te_tensor_unref (in);
      if (ok)
        {
          drop_imaginary (half, last, size);
          ok = te_fft_half_to_real (half, out, last, err);
        }
      if (ok)
        scale (out, scale_of (&dims, sizes, call->args[2].i));
    }
  te_tensor_unref (half);
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

/* Every element but the first and the middle one stands for two of the whole spectrum. */
static bool
c2r_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue *dim = &ctx->args[1];
  TeTensor *grad = ctx->grads[0];
  int last;
  if (!te_dim_wrap (dim->ints[dim->count - 1], grad->ndim, &last, err))
    return false;
  TeTensor *half = EX (&e, "_fft_r2c", "TIib", grad, dim->ints, dim->count, ctx->args[2].i, 1);
  if (e.failed)
    return te_expr_close (&e);
  int64_t twice = grad->sizes[last] - half->sizes[last], sizes[TE_MAX_NDIM];
  for (int d = 0; d < half->ndim; d++)
    sizes[d] = d == last ? half->sizes[d] : 1;
  TeTensor *weights = te_expr_keep (&e, te_tensor_new (half->ndim, sizes, te_tensor_dtype (grad), err));
  for (int64_t i = 0; !e.failed && i < half->sizes[last]; i++)
    te_scalar_store (te_scalar_int (i >= 1 && i <= twice ? 2 : 1), te_tensor_dtype (weights),
                     (char *) te_tensor_data (weights)
                         + i * (int64_t) te_dtype_nbytes (te_tensor_dtype (weights)));
  return te_expr_end (&e, twice > 0 ? ex_mul (&e, half, weights) : half, &ctx->results[0]);
}

static const TeOpDef rows[] = {
  { .schema = "_fft_c2c(Tensor self, int[] dim, int normalization, bool forward) -> Tensor",
    .flags = TE_OP_CONJ_RULE,
    .kernel = c2c_kernel,
    .backward = c2c_backward,
    .node = "FftC2CBackward",
    .doc = "The discrete Fourier transform over dims." },
  { .schema = "_fft_r2c(Tensor self, int[] dim, int normalization, bool onesided) -> Tensor",
    .flags = TE_OP_CONJ_RULE,
    .kernel = r2c_kernel,
    .backward = r2c_backward,
    .node = "FftR2CBackward",
    .doc = "The transform of real numbers: of the last of dims only the first half with onesided." },
  { .schema = "_fft_c2r(Tensor self, int[] dim, int normalization, int last_dim_size) -> Tensor",
    .flags = TE_OP_CONJ_RULE,
    .kernel = c2r_kernel,
    .backward = c2r_backward,
    .node = "FftC2RBackward",
    .doc = "The inverse transform of half a spectrum of real numbers." },
};
TE_OP_FAMILY (te_family_fft, rows);
