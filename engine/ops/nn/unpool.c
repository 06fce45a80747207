/* Undoing a pooling (each value goes to the place its index names), and pooling over windows whose places are
 * drawn. Source: Graham 2014 (fractional max pooling). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ops/nn/nn-private.h"
#include "ops/nn/pool-window.h"
#include "ops/nn/rows.h"

/* ---- max_unpool ---- */
typedef struct
{
  int nd;
  int64_t planes, in, out;
  int64_t sizes[5];
} Unpool;

static const char *
volume_text (const int64_t *sizes, int nd, char *text, size_t nbytes)
{
  if (nd == 2)
    snprintf (text, nbytes, "%lldx%lld", (long long) sizes[0], (long long) sizes[1]);
  else
    snprintf (text, nbytes, "%lldx%lldx%lld", (long long) sizes[0], (long long) sizes[1],
              (long long) sizes[2]);
  return text;
}

static bool
unpool_take (Unpool *u, const TeTensor *self, const TeTensor *indices, const TeValue *size, TeError *err)
{
  int nd = u->nd;
  if (te_tensor_dtype (indices) != TE_INT64)
    return te_error_set (err, TE_ERR_RUNTIME, "elements in indices should be type int64 but got: %s",
                         te_dtype_error_name (te_tensor_dtype (indices)));
  if (size->count != nd)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        nd == 2 ? "There should be exactly two elements (height, width) in output_size, but got %d "
                  "elements."
                : "There should be exactly three elements (depth, height, width) in output_size, but "
                  "got %d elements.",
        size->count);
  if (self->ndim != nd + 1 && self->ndim != nd + 2)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Input to max_unpooling%dd should be a %dd or %dd Tensor, but got a tensor with %d dimensions.", nd,
        nd + 1, nd + 2, self->ndim);
  char a[256], b[256];
  if (!te_tensor_same_sizes (self, indices))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Expected shape of indices to be same as that of the input tensor (%s) but got indices "
        "tensor with shape: %s",
        te_nn_sizes_text (self, a, sizeof a), te_nn_sizes_text (indices, b, sizeof b));
  int lead = self->ndim - nd;
  memcpy (u->sizes, self->sizes, (size_t) lead * sizeof *u->sizes);
  memcpy (u->sizes + lead, size->ints, (size_t) nd * sizeof *u->sizes);
  u->planes = u->in = u->out = 1;
  for (int i = 0; i < self->ndim; i++)
    if (i < lead)
      u->planes *= self->sizes[i];
    else
      {
        u->in *= self->sizes[i];
        u->out *= u->sizes[i];
      }
  return te_nn_check_floating (self, nd == 2 ? "max_unpool2d" : "max_unpool3d", err);
}

static bool
unpool_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *x = NULL, *index = NULL, *out = NULL;
  Unpool u = { .nd = strchr (call->op->name, '3') ? 3 : 2 };
  if (!unpool_take (&u, self, v[1].tensor, &v[2], err))
    return false;
  TeDtype dtype = te_tensor_dtype (self);
  size_t element = te_dtype_nbytes (dtype);
  bool ok = (x = te_nn_contiguous (self, err)) && (index = te_nn_contiguous (v[1].tensor, err))
            && (out = te_nn_zeros (self->ndim, u.sizes, dtype, err));
  const int64_t *at = ok ? te_tensor_data (index) : NULL;
  for (int64_t i = 0; ok && i < u.planes * u.in; i++)
    {
      char text[96];
      if (at[i] < 0 || at[i] >= u.out)
        ok = te_error_set (
            err, TE_ERR_RUNTIME, "Found an invalid max index: %lld (output volumes are of size %s",
            (long long) at[i], volume_text (u.sizes + self->ndim - u.nd, u.nd, text, sizeof text));
      else
        memcpy ((char *) te_tensor_data (out) + (size_t) (i / u.in * u.out + at[i]) * element,
                (const char *) te_tensor_data (x) + (size_t) i * element, element);
    }
  te_tensor_unref (x);
  te_tensor_unref (index);
  if (!ok)
    te_tensor_clear (&out);
  return te_nn_out (call, 0, te_nn_follow_format (out, self, err));
}

static bool
unpool_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (gather, "_max_pool_gather");
  int64_t nd = strchr (ctx->op->name, '3') ? 3 : 2;
  ctx->results[0] = te_call (gather, err, "TTi", ctx->grads[0], ctx->inputs[1], nd);
  return ctx->results[0] != NULL;
}

/* ---- fractional_max_pool ---- */
typedef struct
{
  int nd;
  bool is_double;
  int64_t planes, in[3], out[3], pool[3];
  const void *x, *samples; /* samples (planes, nd) */
  void *y;
  int64_t *at;
} Fractional;

/* Where window i of a dimension begins; a sample outside [0, 1) is the program's, and must not lead outside. */
static int64_t
window_start (const Fractional *f, int d, int64_t i, double sample)
{
  int64_t last = f->in[d] - f->pool[d], start;
  if (i == f->out[d] - 1 || !(fabs (sample) <= 1))
    return last;
  double step = (double) last / (double) (f->out[d] - 1);
  float s = (float) step, u = (float) sample;
  start = f->is_double ? (int64_t) (((double) i + sample) * step) - (int64_t) (sample * step)
                       : (int64_t) (((float) i + u) * s) - (int64_t) (u * s);
  return te_nn_max (0, te_nn_min (start, last));
}

static double
number_at (const Fractional *f, const void *data, int64_t i)
{
  return f->is_double ? ((const double *) data)[i] : (double) ((const float *) data)[i];
}

/* Largest value of the window at start, and where it is. */
static void
largest (const Fractional *f, int64_t plane, const int64_t start[3], int64_t o)
{
  int64_t base = plane * f->in[0] * f->in[1] * f->in[2], n_out = f->out[0] * f->out[1] * f->out[2];
  int64_t best = (start[0] * f->in[1] + start[1]) * f->in[2] + start[2];
  double value = -INFINITY;
  for (int64_t z = start[0]; z < start[0] + f->pool[0]; z++)
    for (int64_t y = start[1]; y < start[1] + f->pool[1]; y++)
      for (int64_t x = start[2]; x < start[2] + f->pool[2]; x++)
        {
          int64_t p = (z * f->in[1] + y) * f->in[2] + x;
          double v = number_at (f, f->x, base + p);
          if (v > value || isnan (v))
            {
              value = v;
              best = p;
            }
        }
  f->at[plane * n_out + o] = best;
  if (f->is_double)
    ((double *) f->y)[plane * n_out + o] = value;
  else
    ((float *) f->y)[plane * n_out + o] = (float) value;
}

static void
fractional_task (void *ctx, int64_t begin, int64_t end)
{
  const Fractional *f = ctx;
  for (int64_t plane = begin; plane < end; plane++)
    {
      double sample[3] = { 0 };
      for (int d = 0; d < f->nd; d++) /* two dimensions: width's first; three: depth's first */
        sample[f->nd == 2 ? 2 - d : d] = number_at (f, f->samples, plane * f->nd + d);
      int64_t o = 0, start[3];
      for (int64_t z = 0; z < f->out[0]; z++)
        for (int64_t y = 0; y < f->out[1]; y++)
          for (int64_t x = 0; x < f->out[2]; x++, o++)
            {
              start[0] = window_start (f, 0, z, sample[0]);
              start[1] = window_start (f, 1, y, sample[1]);
              start[2] = window_start (f, 2, x, sample[2]);
              largest (f, plane, start, o);
            }
    }
}

static bool
fractional_take (Fractional *f, const TeTensor *self, const TeValue *v, TeError *err)
{
  static const char *const words[] = { "time", "height", "width" };
  int nd = f->nd;
  int64_t pool[3], out[3];
  if (self->ndim != nd + 1 && self->ndim != nd + 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         nd == 2 ? "fractional_max_pool2d(): Expected 3D or 4D tensor, but got: %s"
                                 : "fractional_max_pool3d_out(): Expected 4D or 5D tensor, but got: %s",
                         te_nn_sizes_text (self, (char[256]){ 0 }, 256));
  if (!te_nn_ints (&v[1], nd, NULL, "fractional_max_pool2d: kernel_size", pool, err)
      || !te_nn_ints (&v[2], nd, NULL, "fractional_max_pool2d: output_size", out, err)
      || !te_nn_check_floating (
          self, nd == 2 ? "fractional_max_pool2d_out_frame" : "fractional_max_pool3d_out_frame", err))
    return false;
  f->planes = 1;
  for (int i = 0; i < self->ndim - nd; i++)
    f->planes *= self->sizes[i];
  for (int d = 0; d < 3; d++)
    {
      int i = d - (3 - nd);
      f->in[d] = i < 0 ? 1 : self->sizes[self->ndim - nd + i];
      f->pool[d] = i < 0 ? 1 : pool[i];
      f->out[d] = i < 0 ? 1 : out[i];
      if (f->pool[d] < 1 || f->out[d] < 1 || f->pool[d] > f->in[d] || f->out[d] > f->in[d] - f->pool[d] + 1)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            nd == 2 ? "fractional_max_pool2d(): pool %s %lld too large relative to input %s %lld"
                    : "fractional_max_pool3d_out(): pool %s %lld too large relative to input %s %lld",
            words[d], (long long) f->pool[d], words[d], (long long) f->in[d]);
    }
  return true;
}

static bool
fractional_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *x = NULL, *samples = NULL, *out = NULL, *index = NULL;
  Fractional f = { .nd = strchr (call->op->name, '3') ? 3 : 2,
                   .is_double = te_tensor_dtype (self) == TE_FLOAT64 };
  if (!fractional_take (&f, self, v, err))
    return false;
  int64_t sizes[5];
  memcpy (sizes, self->sizes, (size_t) (self->ndim - f.nd) * sizeof *sizes);
  memcpy (sizes + self->ndim - f.nd, f.out + 3 - f.nd, (size_t) f.nd * sizeof *sizes);
  if (v[3].tensor->dtype != self->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                         te_dtype_error_name (te_tensor_dtype (self)),
                         te_dtype_error_name (te_tensor_dtype (v[3].tensor)));
  bool ok = (v[3].tensor->numel == f.planes * f.nd
             || te_error_set (err, TE_ERR_RUNTIME, "fractional_max_pool%dd: samples of the wrong size", f.nd))
            && (x = te_nn_contiguous (self, err))
            && (samples = te_contiguous_copy (v[3].tensor, te_tensor_dtype (self), err))
            && (out = te_tensor_new (self->ndim, sizes, te_tensor_dtype (self), err))
            && (index = te_tensor_new (self->ndim, sizes, TE_INT64, err));
  if (ok)
    {
      f.x = te_tensor_data (x);
      f.samples = te_tensor_data (samples);
      f.y = te_tensor_data (out);
      f.at = te_tensor_data (index);
      if (out->numel)
        te_parallel_for (f.planes, te_nn_max (1, 4096 / (f.out[0] * f.out[1] * f.out[2])), fractional_task,
                         &f);
      call->outs[0] = te_tensor_ref (out);
      call->outs[1] = te_tensor_ref (index);
    }
  te_tensor_unref (x);
  te_tensor_unref (samples);
  te_tensor_unref (out);
  te_tensor_unref (index);
  return ok;
}

static bool
fractional_backward (TeBackward *ctx, TeError *err)
{
  return te_max_pool_backward (ctx, TE_MAX_POOL_FRACTIONAL, ctx->outs[1], err);
}

#define FRACTIONAL_ROW(N)                                                                                    \
  {                                                                                                          \
    .schema =                                                                                                \
        "fractional_max_pool" N "d(Tensor self, int[" N "] kernel_size, int[" N "] output_size, Tensor "     \
        "random_samples) -> (Tensor, Tensor)",                                                               \
    .flags = TE_OP_NN, .kernel = fractional_kernel, .backward = fractional_backward,                         \
    .node = "FractionalMaxPool" N "DBackward", .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (1),                   \
    .doc = "Largest value of windows that begin at drawn places, and where it was."                          \
  }
#define UNPOOL_ROW(N, ARGS)                                                                                  \
  {                                                                                                          \
    .schema = "max_unpool" N "d(Tensor self, Tensor indices, int[] output_size" ARGS ") -> Tensor",          \
    .flags = TE_OP_NN, .kernel = unpool_kernel, .backward = unpool_backward,                                 \
    .node = "MaxUnpool" N "DBackward", .saves = TE_SAVE_ARG (1),                                             \
    .doc = "Puts each value at the place of its plane that its index names; zeros elsewhere."                \
  }

static const TeOpDef rows[] = {
  UNPOOL_ROW ("2", ""),
  UNPOOL_ROW ("3", ", int[] stride, int[] padding"),
  FRACTIONAL_ROW ("2"),
  FRACTIONAL_ROW ("3"),
};

TE_OP_FAMILY (te_family_unpool, rows);
