#include "ops/nn/conv-plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  int64_t stride[3], padding[3], dilation[3], output_padding[3];
} Spread;

/* An int list of nd entries (or one) into the last nd places of out. */
static bool
read_list (const TeConvArgs *a, const TeValue *value, const char *what, int64_t *out, TeError *err)
{
  char text[256];
  if (!value || value->count == 0)
    return true;
  if (value->count != 1 && value->count != a->nd)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "expected %s to be a single integer value or a list of %d values to match the convolution "
        "dimensions, but got %s=%s",
        what, a->nd, what, te_shape_text (value->count, value->ints, text, sizeof text));
  for (int i = 0; i < a->nd; i++)
    out[3 - a->nd + i] = value->ints[value->count == 1 ? 0 : i];
  return true;
}

static bool
error_dilation (const TeConvArgs *a, const int64_t *dilation, TeError *err)
{
  char text[128];
  if (!a->transposed) /* PyTorch sees one dimension as two */
    return te_error_set (err, TE_ERR_RUNTIME, "dilation should be greater than zero, but got %s",
                         te_shape_text (a->nd == 3 ? 3 : 2, dilation + (a->nd == 3 ? 0 : 1), text, sizeof text));
  return te_error_set (err, TE_ERR_RUNTIME,
                       "dilation should be greater than zero, but got dilation_height: %lld, dilation_width: %lld",
                       (long long) dilation[1], (long long) dilation[2]);
}

static bool
check_signs (const TeConvArgs *a, const Spread *s, TeError *err)
{
  if (!te_nn_check_small (s->padding, 3, "padding", err)
      || !te_nn_check_small (s->output_padding, 3, "output_padding", err)
      || !te_nn_check_small (s->stride, 3, "stride", err)
      || !te_nn_check_small (s->dilation, 3, "dilation", err)
      || !te_nn_check_small (a->weight->sizes + 2, a->weight->ndim - 2, "kernel_size", err))
    return false;
  for (int i = 0; i < 3; i++)
    if (s->padding[i] < 0)
      return te_error_set (err, TE_ERR_RUNTIME, "negative padding is not supported");
  for (int i = 0; i < 3; i++)
    if (s->output_padding[i] < 0)
      return te_error_set (err, TE_ERR_RUNTIME, "negative output_padding is not supported");
  for (int i = 0; i < 3; i++)
    if (s->stride[i] <= 0)
      return te_error_set (err, TE_ERR_RUNTIME, "non-positive stride is not supported");
  for (int i = 0; i < 3; i++)
    if (s->dilation[i] <= 0)
      return error_dilation (a, s->dilation, err);
  if (a->groups <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "non-positive groups is not supported");
  return true;
}

/* A dtype as C++ spells it. */
static const char *
cpp_name (TeDtype dtype)
{
  switch (dtype)
    {
    case TE_FLOAT64:
      return "double";
    case TE_FLOAT32:
      return "float";
    case TE_FLOAT16:
      return "c10::Half";
    case TE_BFLOAT16:
      return "c10::BFloat16";
    case TE_INT64:
      return "long int";
    case TE_INT32:
      return "int";
    case TE_INT16:
      return "short int";
    case TE_INT8:
      return "signed char";
    case TE_UINT8:
      return "unsigned char";
    default:
      return te_dtype_name (dtype);
    }
}

static bool
check_dtypes (const TeConvArgs *a, TeError *err)
{
  TeDtype x = te_tensor_dtype (a->input), w = te_tensor_dtype (a->weight);
  bool flat = a->nd == 2 && !a->transposed; /* others find the weight's type first */
  if (a->bias && te_tensor_dtype (a->bias) != x && (flat || x == w))
    return te_error_set (err, TE_ERR_RUNTIME, "Input type (%s) and bias type (%s) should be the same",
                         cpp_name (x), cpp_name (te_tensor_dtype (a->bias)));
  if (x != w)
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s", te_dtype_error_name (x),
                         te_dtype_error_name (w));
  if (a->transposed && a->nd > 1 && te_dtype_is_complex (x))
    return te_error_set (err, TE_ERR_RUNTIME, "\"slow_conv_transpose%dd_out_cpu\" not implemented for '%s'", a->nd,
                         te_dtype_error_name (x));
  if (x != TE_FLOAT32 && x != TE_FLOAT64 && x != TE_BFLOAT16 && !te_dtype_is_complex (x))
    return te_error_set (err, te_dtype_is_floating (x) ? TE_ERR_RUNTIME : TE_ERR_NOT_IMPLEMENTED,
                         "\"slow_conv2d_cpu\" not implemented for '%s'", te_dtype_error_name (x));
  return true;
}

/* Weight against groups and input channels; sizes are named as the (batched) convolution sees them. */
static bool
check_channels (const TeConvArgs *a, const int64_t *sizes, TeError *err)
{
  char weight[256], input[256], bias[256];
  const TeTensor *w = a->weight;
  te_shape_text (w->ndim, w->sizes, weight, sizeof weight);
  te_shape_text (a->nd + 2, sizes, input, sizeof input);
  int64_t expected = a->transposed ? w->sizes[0] : w->sizes[1] * a->groups;
  int64_t results = a->transposed ? w->sizes[1] * a->groups : w->sizes[0];
  if (w->sizes[0] < a->groups)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Given groups=%lld, expected weight to be at least %lld at dimension 0, but got "
                         "weight of size %s instead",
                         (long long) a->groups, (long long) a->groups, weight);
  if (w->sizes[0] % a->groups)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Given groups=%lld, expected weight to be divisible by %lld at dimension 0, but got "
                         "weight of size [%s] instead",
                         (long long) a->groups, (long long) a->groups, weight);
  if (sizes[1] != expected)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Given %s=%lld, weight of size %s, expected input%s to have %lld channels, but got "
                         "%lld channels instead",
                         a->transposed ? "transposed" : "groups", (long long) (a->transposed ? 1 : a->groups),
                         weight, input, (long long) expected, (long long) sizes[1]);
  if (a->bias && (a->bias->ndim != 1 || a->bias->sizes[0] != results))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Given %sweight of size %s, expected bias to be 1-dimensional with %lld elements, "
                         "but got bias of size %s instead",
                         a->transposed ? "transposed=1, " : "", weight, (long long) results,
                         te_shape_text (a->bias->ndim, a->bias->sizes, bias, sizeof bias));
  return true;
}

/* "8 x 8" of the last nd entries. */
static const char *
by_text (const int64_t v[3], int nd, char *buffer, size_t nbytes)
{
  size_t used = 0;
  buffer[0] = 0;
  for (int i = 3 - nd; i < 3 && used < nbytes; i++)
    used +=
        (size_t) snprintf (buffer + used, nbytes - used, "%s%lld", i > 3 - nd ? " x " : "", (long long) v[i]);
  return buffer;
}

static bool
narrow_sizes (TeConvPlan *p, const Spread *s, bool same, bool sized, TeError *err)
{
  int64_t padded[3];
  bool fits = true;
  for (int d = 0; d < 3; d++)
    {
      int64_t reach = p->dilation[d] * (p->kernel[d] - 1) + 1;
      padded[d] = p->wide[d] + 2 * s->padding[d];
      p->narrow[d] = same ? p->wide[d] : (padded[d] - reach) / p->stride[d] + 1;
      fits = fits && (same || padded[d] >= reach);
    }
  if (fits || sized)
    return true;
  char a[96], b[96];
  int64_t reach[3];
  for (int d = 0; d < 3; d++)
    reach[d] = p->dilation[d] * (p->kernel[d] - 1) + 1;
  return te_error_set (
      err, TE_ERR_RUNTIME,
      "Calculated padded input size per channel: (%s). Kernel size: (%s). Kernel size can't be greater "
      "than actual input size",
      by_text (padded, p->nd, a, sizeof a), by_text (reach, p->nd, b, sizeof b));
}

static bool
wide_sizes (TeConvPlan *p, const Spread *s, TeError *err)
{
  static const char *const axes[] = { "depth", "height", "width" };
  bool fits = true;
  for (int d = 0; d < 3; d++)
    {
      p->wide[d] = (p->narrow[d] - 1) * p->stride[d] - 2 * s->padding[d] + p->dilation[d] * (p->kernel[d] - 1)
                   + s->output_padding[d] + 1;
      fits = fits && p->wide[d] >= 1;
      if (s->output_padding[d] && s->output_padding[d] >= p->stride[d]
          && s->output_padding[d] >= p->dilation[d])
        {
          char text[512];
          size_t used = 0;
          const int64_t *lists[] = { s->output_padding, p->stride, p->dilation };
          static const char *const names[] = { "output_padding", "stride", "dilation" };
          for (int l = 0; l < 3; l++)
            for (int i = p->nd == 3 ? 0 : 1; i < 3; i++)
              used += (size_t) snprintf (text + used, sizeof text - used, " %s_%s: %lld", names[l], axes[i],
                                         (long long) lists[l][i]);
          return te_error_set (err, TE_ERR_RUNTIME,
                               "output padding must be smaller than either stride or dilation, but got%s",
                               text);
        }
    }
  if (fits)
    return true;
  char a[96], b[96];
  return te_error_set (err, TE_ERR_RUNTIME,
                       "Given input size per channel: (%s). Calculated output size per channel: (%s). Output "
                       "size is too small",
                       by_text (p->narrow, p->nd, a, sizeof a), by_text (p->wide, p->nd, b, sizeof b));
}

static bool
same_padding (TeConvPlan *p, Spread *s, TeError *err)
{
  static bool warned;
  bool asymmetric = false;
  for (int d = 0; d < 3; d++)
    if (s->stride[d] != 1)
      return te_error_set (err, TE_ERR_RUNTIME, "padding='same' is not supported for strided convolutions");
  for (int d = 0; d < 3; d++)
    {
      int64_t total = p->dilation[d] * (p->kernel[d] - 1);
      p->pad[d] = total / 2;
      s->padding[d] = total / 2;
      asymmetric = asymmetric || total % 2;
    }
  if (asymmetric && te_warn_due (&warned))
    return te_warn (
          err, TE_WARN_USER,
          "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of "
          "the "
          "input be created (Triggered internally at  ./aten/src/ATen/native/Convolution.cpp:895.)");
  return true;
}

bool
te_conv_plan (TeConvPlan *p, const TeConvArgs *a, TeError *err)
{
  Spread s = { { 1, 1, 1 }, { 0, 0, 0 }, { 1, 1, 1 }, { 0, 0, 0 } };
  const TeTensor *x = a->input, *w = a->weight;
  char text[256];
  if (x->ndim != a->nd + 1 && x->ndim != a->nd + 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected %dD (unbatched) or %dD (batched) input to %s, but got input of size: %s",
                         a->nd + 1, a->nd + 2, a->name, te_nn_sizes_text (x, text, sizeof text));
  bool same = a->padding_text && strcmp (a->padding_text, "same") == 0;
  if (a->padding_text && !same && strcmp (a->padding_text, "valid") != 0)
    return te_error_set (err, TE_ERR_RUNTIME, "Invalid padding string: '%s'", a->padding_text);
  bool batched = x->ndim == a->nd + 2;
  int64_t sizes[5] = { 1 };
  memcpy (sizes + !batched, x->sizes, (size_t) x->ndim * sizeof *sizes);
  if (w->ndim < 3)
    return te_error_set (err, TE_ERR_RUNTIME, "weight should have at least three dimensions");
  if (!read_list (a, a->stride, "stride", s.stride, err)
      || (!a->padding_text && !read_list (a, a->padding, "padding", s.padding, err))
      || !read_list (a, a->dilation, "dilation", s.dilation, err)
      || !read_list (a, a->output_padding, "output_padding", s.output_padding, err))
    return false;
  if (w->ndim != a->nd + 2 && w->ndim > 2 && a->nd > 1)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "expected stride to be a single integer value or a list of %d values to match the convolution "
        "dimensions, but got stride=%s",
        w->ndim - 2, te_shape_text (a->nd, s.stride + 3 - a->nd, text, sizeof text));
  if (w->ndim != a->nd + 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected %d-dimensional input for %d-dimensional weight %s, but got %d-dimensional "
                         "input of size %s instead",
                         w->ndim, w->ndim, te_nn_sizes_text (w, text, sizeof text), a->nd + 2,
                         te_shape_text (a->nd + 2, sizes, text + 128, 128));
  if (!check_signs (a, &s, err) || !check_dtypes (a, err) || !check_channels (a, sizes, err))
    return false;
  *p = (TeConvPlan){
    .nd = a->nd, .transposed = a->transposed, .batched = batched, .n = sizes[0], .groups = a->groups
  };
  p->narrow_channels = w->sizes[0];
  p->wide_channels = w->sizes[1] * a->groups;
  int64_t *side = a->transposed ? p->narrow : p->wide;
  for (int d = 0; d < 3; d++)
    {
      int at = d - (3 - a->nd);
      side[d] = at < 0 ? 1 : sizes[2 + at];
      p->kernel[d] = at < 0 ? 1 : w->sizes[2 + at];
      p->stride[d] = s.stride[d];
      p->pad[d] = s.padding[d];
      p->dilation[d] = s.dilation[d];
      if (p->kernel[d] <= 0)
        return a->nd == 3 ? te_error_set (err, TE_ERR_RUNTIME,
                                          "kernel size should be greater than zero, but got: %lld x %lld x %lld (TxHxW)",
                                          (long long) w->sizes[2], (long long) w->sizes[3], (long long) w->sizes[4])
                          : te_error_set (err, TE_ERR_RUNTIME,
                                          "kernel size should be greater than zero, but got kernel_height: %lld "
                                          "kernel_width: %lld",
                                          (long long) (a->nd == 1 ? 1 : w->sizes[2]), (long long) w->sizes[w->ndim - 1]);
    }
  if (same && !same_padding (p, &s, err))
    return false;
  return a->transposed ? wide_sizes (p, &s, err) : narrow_sizes (p, &s, same, a->sized, err);
}

/* What unrolling into columns and BLAS take, as the cost of a direct form. */
#define GEMM_COST 3.0
/* Eight lanes where there could be sixteen. */
#define HALF_WIDTH_COST 1.8

const TeConvDirect *
te_conv_direct (const TeConvPlan *p, TeDtype dtype, bool to_wide)
{
  const TeConvDirect *forms[] = { &te_conv_rows_8, &te_conv_lanes_8, NULL }, *best = NULL;
  double factor = 1, least = GEMM_COST;
  if (dtype != TE_FLOAT32)
    return NULL;
#if defined(TE_HAVE_LANES_16)
  if (__builtin_cpu_supports ("avx512f"))
    {
      forms[0] = &te_conv_rows_16;
      forms[2] = &te_conv_lanes_16;
      factor = HALF_WIDTH_COST;
    }
#endif
  for (int i = 0; i < 3; i++)
    {
      double cost = forms[i] ? forms[i]->cost (p, to_wide) * (i == 1 ? factor : 1) : INFINITY;
      if (cost < least)
        {
          least = cost;
          best = forms[i];
        }
    }
  return best;
}
