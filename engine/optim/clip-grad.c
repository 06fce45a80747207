/* Clipping of gradients.  Sums run in lanes and chunks whose order depends on sizes alone. */
#include <math.h>

#include "autograd/sparse-sum.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "optim/optimizer.h"

/* Sum of |x|^p (or the largest |x|) of one gradient. */
static bool
measure (TeTensor *grad, double p, double *out, TeError *err)
{
  if (te_tensor_sparse (grad)) /* of what its elements come to where some have one place */
    {
      TeTensor *zeros = te_zeros (grad->ndim, grad->sizes, te_tensor_dtype (grad), err);
      TeTensor *dense = zeros ? te_gradient_sum (zeros, grad, err) : NULL;
      bool ok = dense && measure (dense, p, out, err);
      te_tensor_unref (zeros);
      te_tensor_unref (dense);
      return ok;
    }
  if (te_tensor_is_meta (grad))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                         "the norm of gradients on device meta is not implemented");
  TeTensor *g =
      te_contiguous_copy (grad, te_tensor_dtype (grad) == TE_FLOAT64 ? TE_FLOAT64 : TE_FLOAT32, err);
  if (!g)
    return false;
  double total = 0;
  int64_t n = g->numel;
  if (te_tensor_dtype (g) == TE_FLOAT32 && p == 2)
    {
      const float *x = te_tensor_data (g);
      for (int64_t begin = 0; begin < n; begin += 4096)
        {
          float part[16] = { 0 };
          int64_t i = begin, end = begin + 4096 < n ? begin + 4096 : n;
          for (; i + 16 <= end; i += 16)
            for (int l = 0; l < 16; l++)
              part[l] += x[i + l] * x[i + l];
          for (; i < end; i++)
            total += (double) x[i] * (double) x[i];
          for (int l = 0; l < 16; l++)
            total += (double) part[l];
        }
    }
  else
    for (int64_t i = 0; i < n; i++)
      {
        double x =
            fabs (te_tensor_dtype (g) == TE_FLOAT64 ? ((const double *) te_tensor_data (g))[i]
                                                    : (double) ((const float *) te_tensor_data (g))[i]);
        if (isinf (p))
          total = x > total || isnan (x) ? x : total;
        else
          total += p == 2 ? x * x : p == 1 ? x : p == 0 ? x != 0 : pow (x, p);
      }
  te_tensor_unref (g);
  *out = total;
  return true;
}

bool
te_optim_total_norm (TeTensor *const *grads, int64_t n, double p, double *norm, TeError *err)
{
  double total = 0;
  for (int64_t i = 0; i < n; i++)
    {
      double one = 0;
      if (!measure (grads[i], p, &one, err))
        return false;
      if (isinf (p))
        total = one > total || isnan (one) ? one : total;
      else
        total += p == 0 ? one != 0 : one;
    }
  *norm = isinf (p) || p == 1 || p == 0 ? total : p == 2 ? sqrt (total) : pow (total, 1 / p);
  return true;
}

typedef struct
{
  double factor, limit;
  bool clamp;
} Change;

#define STAMP(T, suffix)                                                                                     \
  static void change_##suffix (char *const *data, const int64_t *strides, int64_t n, const void *ctx)        \
  {                                                                                                          \
    const Change *c = ctx;                                                                                   \
    T factor = (T) c->factor, limit = (T) c->limit;                                                          \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        T x = *(const T *) (data[1] + i * strides[1]);                                                       \
        *(T *) (data[0] + i * strides[0]) = !c->clamp    ? x * factor                                        \
                                            : x > limit  ? limit                                             \
                                            : x < -limit ? -limit                                            \
                                                         : x;                                                \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */

static bool
change_all (TeTensor *const *grads, int64_t n, const Change *change, TeError *err)
{
  for (int64_t i = 0; i < n; i++)
    {
      TeIter iter;
      TeTensor *outs[1] = { grads[i] }, *ins[1] = { grads[i] };
      const TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
      if (te_tensor_is_meta (grads[i])) /* sparse ones too: PyTorch scales a copy of theirs */
        continue;
      if (!te_dtype_is_floating (te_tensor_dtype (grads[i])))
        return te_error_set (err, TE_ERR_RUNTIME, "clip_grad: expected floating gradients");
      if (!te_iter_build (&iter, &config, outs, 1, ins, 1, err)
          || !te_iter_run (&iter, iter.compute == TE_FLOAT64 ? change_f64 : change_f32, change, err))
        return false;
      te_tensor_bump_version (grads[i]);
    }
  return true;
}

bool
te_optim_scale (TeTensor *const *grads, int64_t n, double factor, TeError *err)
{
  const Change change = { .factor = factor };
  return change_all (grads, n, &change, err);
}

bool
te_optim_clamp (TeTensor *const *grads, int64_t n, double limit, TeError *err)
{
  const Change change = { .limit = limit, .clamp = true };
  return change_all (grads, n, &change, err);
}
