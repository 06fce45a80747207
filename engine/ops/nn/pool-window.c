#include "ops/nn/pool-window.h"

#include <stdio.h>

static bool
read_list (const TePoolArgs *a,
           const TeValue *value,
           const char *rule,
           const int64_t *fallback,
           int64_t out[3],
           TeError *err)
{
  static const char *const words[] = { "", "a single int", "two ints", "three ints" };
  int count = value ? value->count : 0;
  if (count != 0 && count != 1 && count != a->nd)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: %s a single int, or a tuple of %s", a->name, rule,
                         words[a->nd]);
  for (int d = 0; d < 3; d++)
    {
      int at = d - (3 - a->nd);
      out[d] = count == 0 || at < 0 ? fallback[d] : value->ints[count == 1 ? 0 : at];
    }
  return true;
}

static int64_t
out_size (int64_t in, int64_t kernel, int64_t pad, int64_t stride, int64_t dilation, bool ceil_mode)
{
  int64_t reach = in + 2 * pad - dilation * (kernel - 1) - 1 + (ceil_mode ? stride - 1 : 0);
  int64_t size = (reach >= 0 ? reach / stride : -((-reach + stride - 1) / stride)) + 1;
  if (ceil_mode && (size - 1) * stride >= in + pad)
    size--;
  return size;
}

/* "1x2x2": planes as the first, then the window's dimensions. */
static const char *
by_text (int64_t channels, const int64_t v[3], int nd, char *buffer, size_t nbytes)
{
  size_t used = (size_t) snprintf (buffer, nbytes, "%lld", (long long) channels);
  for (int i = 3 - nd; i < 3 && used < nbytes; i++)
    used += (size_t) snprintf (buffer + used, nbytes - used, "x%lld", (long long) v[i]);
  return buffer;
}

static bool
check_input (const TePoolArgs *a, const TeTensor *self, TeError *err)
{
  char text[256];
  if (self->ndim != a->nd + 1 && self->ndim != a->nd + 2)
    return te_error_set (err, TE_ERR_RUNTIME, "non-empty %dD or %dD (batch mode) tensor expected for input",
                         a->nd + 1, a->nd + 2);
  for (int i = self->ndim - a->nd - 1; i < self->ndim; i++)
    if (self->sizes[i] == 0)
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "Expected %dD or %dD (batch mode) tensor with optional 0 dim batch size for input, but got:%s",
          a->nd + 1, a->nd + 2, te_nn_sizes_text (self, text, sizeof text));
  return true;
}

/* What the sizes of the result are computed from is asked before the input. */
static bool
check_padding (const TePoolWindow *w, TeError *err)
{
  for (int d = 0; d < 3; d++)
    {
      if (w->stride[d] == 0)
        return te_error_set (err, TE_ERR_RUNTIME, "stride should not be zero");
      if (w->pad[d] < 0)
        return te_error_set (err, TE_ERR_RUNTIME, "pad must be non-negative, but got pad: %lld",
                             (long long) w->pad[d]);
      if (w->pad[d] > w->kernel[d] / 2)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "pad should be at most half of kernel size, but got pad=%lld and kernel_size=%lld",
            (long long) w->pad[d], (long long) w->kernel[d]);
    }
  return true;
}

static bool
check_window (const TePoolArgs *a, const TePoolWindow *w, TeError *err)
{
  if (!te_nn_check_small (w->kernel, 3, "kernel_size", err)
      || !te_nn_check_small (w->stride, 3, "stride", err) || !te_nn_check_small (w->pad, 3, "padding", err)
      || !te_nn_check_small (w->dilation, 3, "dilation", err))
    return false;
  for (int d = 0; d < 3; d++)
    {
      if (w->kernel[d] <= 0)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "kernel size should be greater than zero, but got kH: %lld kW: %lld",
                             (long long) w->kernel[1], (long long) w->kernel[2]);
      if (w->stride[d] < 0)
        return te_error_set (err, TE_ERR_RUNTIME, "stride should be greater than zero, but got dH: %lld dW: %lld",
                             (long long) w->stride[1], (long long) w->stride[2]);
      if (w->dilation[d] <= 0)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "dilation should be greater than zero, but got dilationH: %lld dilationW: %lld",
                             (long long) w->dilation[1], (long long) w->dilation[2]);
    }
  return true;
}

bool
te_pool_window (TePoolWindow *w, const TePoolArgs *a, const TeTensor *self, TeError *err)
{
  static const int64_t ones[3] = { 1, 1, 1 }, zeros[3] = { 0 };
  char x[128], y[128];
  *w = (TePoolWindow){ .nd = a->nd };
  if (!read_list (a, a->kernel, "kernel_size must either be", ones, w->kernel, err)
      || !read_list (a, a->stride, "stride must either be omitted,", w->kernel, w->stride, err)
      || !read_list (a, a->padding, "padding must be either be", zeros, w->pad, err)
      || !read_list (a, a->dilation, "dilation must be either", ones, w->dilation, err))
    return false;
  if (!check_padding (w, err) || !check_input (a, self, err) || !check_window (a, w, err))
    return false;
  int lead = self->ndim - a->nd;
  w->planes = 1;
  w->out_ndim = self->ndim;
  for (int i = 0; i < lead; i++)
    w->planes *= w->out_sizes[i] = self->sizes[i];
  bool fits = true;
  for (int d = 0; d < 3; d++)
    {
      int at = d - (3 - a->nd);
      w->in[d] = at < 0 ? 1 : self->sizes[lead + at];
      w->out[d] =
          at < 0 ? 1
                 : out_size (w->in[d], w->kernel[d], w->pad[d], w->stride[d], w->dilation[d], a->ceil_mode);
      if (at >= 0)
        w->out_sizes[lead + at] = w->out[d];
      fits = fits && w->out[d] >= 1;
    }
  if (fits)
    return true;
  return te_error_set (err, TE_ERR_RUNTIME,
                       "Given input size: (%s). Calculated output size: (%s). Output size is too small",
                       by_text (self->sizes[lead - 1], w->in, a->nd, x, sizeof x),
                       by_text (self->sizes[lead - 1], w->out, a->nd, y, sizeof y));
}
