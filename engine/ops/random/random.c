/* Random tensors.  Which draws an op takes is PyTorch's CPU behaviour, so that a seed gives its numbers. */
#include "ops/creation/creation-private.h"
#include "ops/expr.h"
#include "ops/random/draw.h"
#include "ops/registry.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "iter/tensor-iter.h"

/* ---- filling ---- */

/* Does a dtype hold both bounds and their distance? */
static bool
check_span (TeDtype dtype, double from, double to, TeError *err)
{
  double most = dtype == TE_FLOAT64   ? DBL_MAX
                : dtype == TE_FLOAT16 ? 65504
                                      : dtype == TE_BFLOAT16 ? 0x1.fep127 : FLT_MAX;
  const char *name = dtype == TE_FLOAT64   ? "double"
                     : dtype == TE_FLOAT16 ? "c10::Half"
                                           : dtype == TE_BFLOAT16 ? "c10::BFloat16" : "float";
  if (!(fabs (from) <= most))
    return te_error_set (err, TE_ERR_RUNTIME, "from is out of bounds for %s", name);
  if (!(fabs (to) <= most))
    return te_error_set (err, TE_ERR_RUNTIME, "to is out of bounds for %s", name);
  return !(from <= to) || to - from <= most
         || te_error_set (err, TE_ERR_RUNTIME,
                          "uniform_ expects to-from <= std::numeric_limits<%s>::max(), but found to=%g and from=%g "
                          "which result in to-from to exceed the limit",
                          te_dtype_error_name (dtype), to, from);
}

static bool
fill_uniform (TeTensor *self, TeGenerator *generator, double from, double to, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  if (te_dtype_is_complex (dtype))
    {
      TeTensor *parts = te_tensor_parts (self, err);
      bool ok = parts && fill_uniform (parts, generator, from, to, err);
      te_tensor_unref (parts);
      return ok;
    }
  if (!te_dtype_is_floating (dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "\"check_uniform_bounds\" not implemented for '%s'",
                         te_dtype_error_name (dtype));
  if (!check_span (dtype, from, to, err))
    return false;
  if (!(from <= to))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "uniform_ expects to return a [from, to) range, but found from=%g > to=%g", from,
                         to);
  TeDrawArgs args = { .f = { from, to }, .i = { dtype == TE_FLOAT16 ? 11 : dtype == TE_BFLOAT16 ? 8 : 24 } };
  return te_draw_into (self, dtype == TE_FLOAT64 ? &te_draw_uniform_f64 : &te_draw_uniform_f32, generator,
                       &args, err);
}

static bool
fill_normal (TeTensor *self, TeGenerator *generator, double mean, double std, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  if (!(std >= 0))
    return te_error_set (err, TE_ERR_RUNTIME, "normal expects std >= 0.0, but found std %g", std);
  if (te_dtype_is_complex (dtype))
    { /* each part has half the variance */
      TeTensor *parts = te_tensor_parts (self, err);
      bool ok = parts && fill_normal (parts, generator, mean, std / sqrt (2), err);
      te_tensor_unref (parts);
      return ok;
    }
  if (!te_dtype_is_floating (dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "\"normal_kernel_cpu\" not implemented for '%s'",
                         te_dtype_error_name (dtype));
  if (te_tensor_is_meta (self))
    return true;
  if (self->numel >= 16 && te_tensor_is_contiguous (self) && (dtype == TE_FLOAT32 || dtype == TE_FLOAT64))
    {
      te_draw_normal_block (self, generator, mean, std);
      return true;
    }
  if (self->numel >= 16 && te_tensor_is_contiguous (self) && (dtype == TE_FLOAT16 || dtype == TE_BFLOAT16))
    return te_draw_normal_half (self, generator, mean, std, err);
  TeDrawArgs args = { .f = { mean, std } };
  return te_draw_into (self, &te_draw_normal, generator, &args, err);
}

static bool
fill_bernoulli (TeTensor *self, TeGenerator *generator, double p, TeError *err)
{
  if (!(p >= 0 && p <= 1))
    return te_error_set (err, TE_ERR_RUNTIME, "bernoulli_ expects p to be in [0, 1], but got p=%g", p);
  if (self->dtype == TE_FLOAT16)
    return te_error_set (err, TE_ERR_RUNTIME, "\"bernoulli_scalar_cpu_\" not implemented for 'Half'");
  if (self->dtype == TE_FLOAT32 && te_tensor_is_contiguous (self) && !te_tensor_is_meta (self))
    {
      te_draw_bernoulli_f32 (te_tensor_data (self), self->numel, generator, p);
      return true;
    }
  TeDrawArgs args = { .f = { p } };
  return te_draw_into (self, &te_draw_bernoulli, generator, &args, err);
}

/* Largest value of a dtype that random_ may give. */
static int64_t
random_limit (TeDtype dtype)
{
  switch (dtype)
    {
    case TE_BOOL:
      return 1;
    case TE_UINT8:
      return 255;
    case TE_INT8:
      return 127;
    case TE_INT16:
      return 32767;
    case TE_INT32:
      return INT32_MAX;
    case TE_INT64:
      return INT64_MAX;
    case TE_FLOAT16:
      return 1 << 11;
    case TE_BFLOAT16:
      return 1 << 8;
    case TE_FLOAT32:
      return 1 << 24;
    case TE_FLOAT64:
      return 1ll << 53;
    case TE_COMPLEX64: /* refused by name before */
    case TE_COMPLEX128:
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      break;
    }
  return 0;
}

/* The name that PyTorch's complaints about bounds give a dtype with fewer values than int64; NULL: all fit.
 */
static const char *
bounded_name (TeDtype dtype)
{
  switch (dtype)
    {
    case TE_BOOL:
      return "bool";
    case TE_UINT8:
      return "unsigned char";
    case TE_INT8:
      return "signed char";
    case TE_INT16:
      return "short int";
    case TE_INT32:
      return "int";
    case TE_FLOAT16:
      return "c10::Half";
    default:
      return NULL;
    }
}

/* Whether a dtype holds from and last. */
static bool
check_bounds (TeDtype dtype, int64_t from, int64_t last, TeError *err)
{
  const char *name = bounded_name (dtype);
  int64_t most = dtype == TE_FLOAT16 ? 65504 : random_limit (dtype);
  int64_t least = dtype == TE_BOOL || dtype == TE_UINT8 ? 0 : dtype == TE_FLOAT16 ? -most : -most - 1;
  if (name && (from < least || from > most))
    return te_error_set (err, TE_ERR_RUNTIME, "from is out of bounds for %s", name);
  if (name && (last < least || last > most))
    return te_error_set (err, TE_ERR_RUNTIME, "to - 1 is out of bounds for %s", name);
  return true;
}

static bool
fill_range (TeTensor *self, TeGenerator *generator, int64_t from, uint64_t range, TeError *err)
{
  if (range && !check_bounds (te_tensor_dtype (self), from, (int64_t) ((uint64_t) from + range - 1), err))
    return false;
  TeDrawArgs args = { .i = { from, (int64_t) range } };
  if (te_dtype_is_complex (te_tensor_dtype (self)))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "check_random_bounds handles only integral, floating-point and boolean types");
  return te_draw_into (self, range >> 32 || !range ? &te_draw_range64 : &te_draw_range32, generator, &args,
                       err);
}

static bool
check_range (int64_t from, int64_t to, TeError *err)
{
  return from < to
         || te_error_set (err, TE_ERR_RUNTIME,
                          "random_ expects 'from' to be less than 'to', but got from=%lld >= to=%lld",
                          (long long) from, (long long) to);
}

/* ---- rand, randn, randint and their likes ---- */

typedef bool (*Fill) (TeTensor *self, TeGenerator *generator, double a, double b, TeError *err);

static bool
make_floats (TeOpCall *call, Fill fill, TeError *err)
{
  const TeValue *size = &call->args[0];
  TeDtype dtype = te_value_dtype (&call->args[2], te_dtype_default ());
  return te_creation_output (call, &call->args[3], NULL, size->count, size->ints, NULL, dtype, err)
         && fill (call->outs[0], te_value_generator (&call->args[1]), 0, 1, err);
}

static bool
kernel_rand (TeOpCall *call, TeError *err)
{
  return make_floats (call, fill_uniform, err);
}

static bool
kernel_randn (TeOpCall *call, TeError *err)
{
  return make_floats (call, fill_normal, err);
}

static bool
make_like (TeOpCall *call, const TeValue *options, TeError *err)
{
  const TeTensor *self = call->args[0].tensor;
  int64_t strides[TE_MAX_NDIM];
  te_error_clear (err);
  bool strided = te_like_strides (self, &options[2], strides, err);
  return err->kind == TE_ERR_NONE
         && te_creation_output (call, &options[1], self, self->ndim, self->sizes, strided ? strides : NULL,
                                te_value_dtype (&options[0], te_tensor_dtype (self)), err);
}

static bool
kernel_rand_like (TeOpCall *call, TeError *err)
{
  return make_like (call, call->args + 1, err)
         && fill_uniform (call->outs[0], te_generator_default (), 0, 1, err);
}

static bool
kernel_randn_like (TeOpCall *call, TeError *err)
{
  return make_like (call, call->args + 1, err)
         && fill_normal (call->outs[0], te_generator_default (), 0, 1, err);
}

static bool
make_integers (TeOpCall *call, int64_t low, int64_t high, const TeValue *rest, TeError *err)
{
  const TeValue *size = &rest[0];
  return check_range (low, high, err)
         && te_creation_output (call, &rest[3], NULL, size->count, size->ints, NULL,
                                te_value_dtype (&rest[2], TE_INT64), err)
         && fill_range (call->outs[0], te_value_generator (&rest[1]), low, (uint64_t) high - (uint64_t) low,
                        err);
}

static bool
kernel_randint (TeOpCall *call, TeError *err)
{
  return make_integers (call, 0, call->args[0].i, call->args + 1, err);
}

static bool
kernel_randint_low (TeOpCall *call, TeError *err)
{
  return make_integers (call, call->args[0].i, call->args[1].i, call->args + 2, err);
}

static bool
kernel_randint_like (TeOpCall *call, TeError *err)
{
  bool has_low = call->op->n_args > 5;
  int64_t low = has_low ? call->args[1].i : 0, high = call->args[has_low ? 2 : 1].i;
  return check_range (low, high, err) && make_like (call, call->args + (has_low ? 3 : 2), err)
         && fill_range (call->outs[0], te_generator_default (), low, (uint64_t) high - (uint64_t) low, err);
}

/* Can a dtype count to n without leaving numbers out? */
static bool
check_countable (TeDtype dtype, int64_t n, TeError *err)
{
  static const struct
  {
    TeDtype dtype;
    int64_t most;
    const char *name;
  } limits[] = {
    { TE_UINT8, 256, "uint8_t" },         { TE_INT8, 128, "int8_t" },
    { TE_INT16, 32768, "int16_t" },       { TE_INT32, 2147483648, "int" },
    { TE_FLOAT16, (1 << 11) + 1, "Half" }, { TE_FLOAT32, (1 << 24) + 1, "Float" },
    { TE_FLOAT64, (1ll << 53) + 1, "Double" },
  };
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
    if (limits[i].dtype == dtype && n > limits[i].most)
      return te_dtype_is_floating (dtype)
                 ? te_error_set (err, TE_ERR_RUNTIME, "n cannot be greater than %lld for %s type.",
                                 (long long) limits[i].most, limits[i].name)
                 : te_error_set (err, TE_ERR_RUNTIME, "value cannot be converted to type %s without overflow",
                                 limits[i].name);
  return true;
}

/* Swaps each place with one drawn from the rest. */
static bool
kernel_randperm (TeOpCall *call, TeError *err)
{
  int64_t n = call->args[0].i;
  TeGenerator *generator = te_value_generator (&call->args[1]);
  if (n < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "Trying to create tensor with negative dimension %lld: [%lld]",
                         (long long) n, (long long) n);
  if (call->args[2].kind == TE_VALUE_DTYPE && call->args[2].dtype == TE_BOOL)
    return te_error_set (err, TE_ERR_RUNTIME, "\"randperm\" not implemented for 'Bool'");
  if (!te_creation_output (call, &call->args[3], NULL, 1, &n, NULL, te_value_dtype (&call->args[2], TE_INT64),
                           err))
    return false;
  TeTensor *out = call->outs[0], *order = out;
  if (!check_countable (te_tensor_dtype (out), n, err))
    return false;
  if (te_dtype_is_complex (te_tensor_dtype (out)))
    return te_error_set (err, TE_ERR_RUNTIME, "\"randperm\" not implemented for '%s'",
                         te_dtype_error_name (te_tensor_dtype (out)));
  if (te_tensor_is_meta (out))
    return true;
  bool direct = out->dtype == TE_INT64 && te_tensor_is_contiguous (out);
  if (!direct && !(order = te_tensor_new (1, &n, TE_INT64, err)))
    return false;
  int64_t *places = te_tensor_data (order);
  for (int64_t i = 0; i < n; i++)
    places[i] = i;
  for (int64_t i = 0; i < n - 1; i++)
    {
      uint32_t word = te_generator_random (generator);
      int64_t rest = n - i,
              other = i + (rest >> 32 ? (int64_t) word % rest : (int64_t) (word % (uint32_t) rest));
      int64_t t = places[i];
      places[i] = places[other];
      places[other] = t;
    }
  bool ok = direct || te_copy (out, order, err);
  if (!direct)
    te_tensor_unref (order);
  return ok;
}

/* ---- in place ---- */

static bool
kernel_uniform (TeOpCall *call, TeError *err)
{
  return fill_uniform (call->outs[0], te_value_generator (&call->args[3]), call->args[1].f, call->args[2].f,
                       err);
}

static bool
kernel_normal_inplace (TeOpCall *call, TeError *err)
{
  return fill_normal (call->outs[0], te_value_generator (&call->args[3]), call->args[1].f, call->args[2].f,
                      err);
}

static bool
kernel_bernoulli_inplace (TeOpCall *call, TeError *err)
{
  return fill_bernoulli (call->outs[0], te_value_generator (&call->args[2]), call->args[1].f, err);
}

static bool
draw_one_float (
    TeOpCall *call, const TeDraw *draw, double a, double b, const TeValue *generator, TeError *err)
{
  TeDrawArgs args = { .f = { a, b } };
  return te_draw_into (call->outs[0], draw, te_value_generator (generator), &args, err);
}

/* Real-valued draws are for floating tensors; geometric ones also for integers. */
static bool
check_drawn (const TeOpCall *call, const char *kernel, bool integers, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (call->outs[0]);
  if (te_dtype_is_floating (dtype) || (integers && dtype != TE_BOOL))
    return true;
  return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", kernel,
                       te_dtype_error_name (dtype));
}

static bool
kernel_exponential (TeOpCall *call, TeError *err)
{
  double lambda = call->args[1].f;
  if (!check_drawn (call, "exponential_cpu", false, err))
    return false;
  if (!(lambda >= 0))
    return te_error_set (err, TE_ERR_RUNTIME, "exponential_ expects lambda >= 0.0, but found lambda=%g",
                         lambda);
  return draw_one_float (call, &te_draw_exponential, lambda, 0, &call->args[2], err);
}

static bool
kernel_cauchy (TeOpCall *call, TeError *err)
{
  if (!check_drawn (call, "cauchy_cpu", false, err))
    return false;
  return draw_one_float (call, &te_draw_cauchy, call->args[1].f, call->args[2].f, &call->args[3], err);
}

static bool
kernel_log_normal (TeOpCall *call, TeError *err)
{
  if (!(call->args[2].f > 0))
    return te_error_set (err, TE_ERR_RUNTIME, "log_normal_ expects std > 0.0, but found std=%g",
                         call->args[2].f);
  if (!check_drawn (call, "log_normal_cpu", false, err))
    return false;
  return draw_one_float (call, &te_draw_log_normal, call->args[1].f, call->args[2].f, &call->args[3], err);
}

static bool
kernel_geometric (TeOpCall *call, TeError *err)
{
  double p = call->args[1].f;
  if (!(p > 0 && p < 1))
    return te_error_set (err, TE_ERR_RUNTIME, "geometric_ expects p to be in (0, 1), but got p=%g", p);
  if (!check_drawn (call, "geometric_cpu", true, err))
    return false;
  return draw_one_float (call, &te_draw_geometric, p, 0, &call->args[2], err);
}

static bool
kernel_random (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->outs[0];
  TeGenerator *generator = te_value_generator (&call->args[1]);
  TeDtype dtype = te_tensor_dtype (self);
  int64_t limit = random_limit (dtype);
  if (te_dtype_is_floating (dtype) && dtype != TE_FLOAT64)
    {
      TeDrawArgs args = { .i = { 0, limit + 1 } };
      return te_draw_into (self, &te_draw_below_f32, generator, &args, err);
    }
  TeDrawArgs args = { .i = { 0, (int64_t) ((uint64_t) limit + 1) } };
  return te_draw_into (self, dtype == TE_INT64 || dtype == TE_FLOAT64 ? &te_draw_range64 : &te_draw_range32,
                       generator, &args, err);
}

static bool
kernel_random_to (TeOpCall *call, TeError *err)
{
  return check_range (0, call->args[1].i, err)
         && fill_range (call->outs[0], te_value_generator (&call->args[2]), 0, (uint64_t) call->args[1].i,
                        err);
}

static bool
kernel_random_from (TeOpCall *call, TeError *err)
{
  int64_t from = call->args[1].i;
  if (call->args[2].kind == TE_VALUE_NONE)
    return fill_range (call->outs[0], te_value_generator (&call->args[3]), from,
                       (uint64_t) random_limit (te_tensor_dtype (call->outs[0])) - (uint64_t) from + 1, err);
  return check_range (from, call->args[2].i, err)
         && fill_range (call->outs[0], te_value_generator (&call->args[3]), from,
                        (uint64_t) call->args[2].i - (uint64_t) from, err);
}

/* ---- bernoulli with a tensor of probabilities: float32 ones compare 24-bit draws, float64 ones 53-bit draws
 * ---- */

static bool
bernoulli_by (TeTensor *out, TeTensor *p, TeGenerator *generator, TeError *err)
{
  TeDtype dtype = p->dtype == TE_FLOAT64 ? TE_FLOAT64 : TE_FLOAT32;
  if (out->dtype == TE_FLOAT16)
    return te_error_set (err, TE_ERR_RUNTIME, "\"bernoulli_tensor_cpu_self_\" not implemented for 'Half'");
  TeTensor *stretched = te_tensor_new (out->ndim, out->sizes, dtype, err);
  TeTensor *mask = stretched ? te_tensor_new (out->ndim, out->sizes, TE_BOOL, err) : NULL;
  bool ok = mask && te_copy (stretched, p, err);
  const void *probabilities = ok ? te_tensor_data (stretched) : NULL;
  bool *bits = ok ? te_tensor_data (mask) : NULL;
  for (int64_t i = 0; ok && i < out->numel; i++)
    {
      double limit =
          dtype == TE_FLOAT64 ? ((const double *) probabilities)[i] : ((const float *) probabilities)[i];
      if (!(limit >= 0 && limit <= 1))
        ok = te_error_set (err, TE_ERR_RUNTIME,
                           "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error "
                           "message be improved?  If so, please report an enhancement request to PyTorch.)");
      else if (dtype == TE_FLOAT64)
        bits[i] = (double) (te_generator_random64 (generator) & ((1ull << 53) - 1)) * 0x1p-53 < limit;
      else
        bits[i] = (float) (te_generator_random (generator) & 0xffffff) * 0x1p-24f < (float) limit;
    }
  ok = ok && te_copy (out, mask, err);
  te_tensor_unref (stretched);
  te_tensor_unref (mask);
  return ok;
}

static bool
kernel_bernoulli (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  if (!te_dtype_is_floating (te_tensor_dtype (self)))
    return te_error_set (err, TE_ERR_RUNTIME, "\"bernoulli_tensor_cpu_p_\" not implemented for '%s'",
                         te_dtype_error_name (te_tensor_dtype (self)));
  if (!te_output (&call->outs[0], self, self->ndim, self->sizes, NULL,
                  call->outs[0] ? te_tensor_dtype (call->outs[0]) : te_tensor_dtype (self), err))
    return false;
  return te_tensor_is_meta (self)
         || bernoulli_by (call->outs[0], self, te_value_generator (&call->args[1]), err);
}

static bool
kernel_bernoulli_p (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  return te_output (&call->outs[0], self, self->ndim, self->sizes, NULL, te_tensor_dtype (self), err)
         && fill_bernoulli (call->outs[0], te_value_generator (&call->args[2]), call->args[1].f, err);
}

static bool
kernel_bernoulli_tensor (TeOpCall *call, TeError *err)
{
  TeTensor *p = call->args[1].tensor;
  if (te_tensor_is_meta (call->outs[0]))
    return true;
  if (!te_check_no_internal_overlap (call->outs[0], err))
    return false;
  return bernoulli_by (call->outs[0], p, te_value_generator (&call->args[2]), err);
}

/* ---- normal with tensors: standard normals, scaled and moved ---- */

static bool
normal_by_tensors (TeOpCall *call, TeError *err)
{
  const TeValue *mean = &call->args[0], *std = &call->args[1];
  TeTensor *shape = mean->kind == TE_VALUE_TENSOR ? mean->tensor : std->tensor;
  int64_t sizes[TE_MAX_NDIM];
  int ndim = shape->ndim;
  memcpy (sizes, shape->sizes, (size_t) ndim * sizeof *sizes);
  if (std->kind == TE_VALUE_TENSOR && te_dtype_is_complex (te_tensor_dtype (std->tensor)))
    return te_error_set (err, TE_ERR_RUNTIME, "normal expects standard deviation to be non-complex");
  if (call->outs[0] && !te_dtype_is_inexact (te_tensor_dtype (call->outs[0])))
    return te_error_set (err, TE_ERR_RUNTIME, "\"normal_kernel_cpu\" not implemented for '%s'",
                         te_dtype_error_name (te_tensor_dtype (call->outs[0])));
  bool both = mean->kind == TE_VALUE_TENSOR && std->kind == TE_VALUE_TENSOR;
  if (std->kind == TE_VALUE_TENSOR && !te_tensor_is_meta (std->tensor) && std->tensor->numel)
    {
      TE_OP (least, "min")
      TeTensor *low = te_call (least, err, "T", std->tensor);
      bool negative =
          low && te_scalar_to_double (te_tensor_first (low)) < 0;
      te_tensor_unref (low);
      if (!low || negative)
        return low && te_error_set (err, TE_ERR_RUNTIME, "normal expects all elements of std >= 0.0");
    }
  if (both
      && !te_shape_broadcast (mean->tensor->ndim, mean->tensor->sizes, std->tensor->ndim, std->tensor->sizes,
                              &ndim, sizes, err))
    return false;
  if (!te_output (&call->outs[0], shape, ndim, sizes, NULL, te_tensor_dtype (shape), err)
      || !fill_normal (call->outs[0], te_value_generator (&call->args[2]), 0,
                       std->kind == TE_VALUE_TENSOR ? 1 : std->f, err))
    return false;
  TE_OP (mul, "mul.Tensor");
  TE_OP (add, "add.Tensor");
  TE_OP (add_number, "add.Scalar");
  TeTensor *out = call->outs[0];
  if (std->kind == TE_VALUE_TENSOR && !te_call_inplace (mul, err, "TT", out, std->tensor))
    return false;
  return mean->kind == TE_VALUE_TENSOR
             ? te_call_inplace (add, err, "TT", out, mean->tensor)
             : te_call_inplace (add_number, err, "TS", out, te_scalar_float (mean->f));
}

static bool
kernel_normal_tensors (TeOpCall *call, TeError *err)
{
  return te_run_unrecorded (call, normal_by_tensors, err);
}

static bool
kernel_normal_numbers (TeOpCall *call, TeError *err)
{
  const TeValue *size = &call->args[2];
  return te_creation_output (call, &call->args[5], NULL, size->count, size->ints, NULL,
                             te_value_dtype (&call->args[4], te_dtype_default ()), err)
         && fill_normal (call->outs[0], te_value_generator (&call->args[3]), call->args[0].f, call->args[1].f,
                         err);
}

static bool
backward_zeros (TeBackward *ctx, TeError *err)
{
  for (int i = 0; i < ctx->n_inputs; i++)
    if (ctx->needs[i])
      {
        const TeMeta *meta = &ctx->metas[i];
        ctx->results[i] =
            te_zeros (meta->ndim, meta->sizes ? meta->sizes : meta->inline_sizes, (TeDtype) meta->dtype, err);
        if (!ctx->results[i])
          return false;
      }
  return true;
}

#define MAKER        (TE_OP_FUNCTION | TE_OP_OUT | TE_OP_NONDIFF | TE_OP_RANDOM)
#define LIKE         (TE_OP_FUNCTION | TE_OP_NONDIFF | TE_OP_RANDOM)
#define INPLACE      (TE_OP_METHOD | TE_OP_INPLACE_ONLY | TE_OP_RANDOM)
#define OPTIONS      "ScalarType? dtype=None, Device? device=None"
#define SIZED        "*, Generator? generator=None, " OPTIONS ") -> Tensor"
#define LIKE_OPTIONS "*, " OPTIONS ", MemoryFormat? memory_format=None) -> Tensor"
#define DRAWN        "*, Generator? generator=None) -> Tensor(a!)"
#define INPLACE_ROW(SCHEMA, KERNEL, NODE, DOC)                                                               \
  {                                                                                                          \
    .schema = SCHEMA, .flags = INPLACE, .kernel = KERNEL, .backward = backward_zeros, .node = NODE,          \
    .doc = DOC                                                                                               \
  }

static const TeOpDef rows[] = {
  { .schema = "rand(int[] size, " SIZED, .flags = MAKER, .kernel = kernel_rand, .doc = "Uniform in [0, 1)." },
  { .schema = "randn(int[] size, " SIZED, .flags = MAKER, .kernel = kernel_randn, .doc = "Standard normal." },
  { .schema = "randint(int high, int[] size, " SIZED,
    .flags = MAKER,
    .kernel = kernel_randint,
    .doc = "Integers in [0, high)." },
  { .schema = "randint.low(int low, int high, int[] size, " SIZED,
    .flags = MAKER,
    .kernel = kernel_randint_low,
    .doc = "Integers in [low, high)." },
  { .schema = "randperm(int n, " SIZED,
    .flags = MAKER,
    .kernel = kernel_randperm,
    .doc = "0 … n - 1 in random order." },
  { .schema = "rand_like(Tensor self, " LIKE_OPTIONS,
    .flags = LIKE,
    .kernel = kernel_rand_like,
    .doc = "Uniform in [0, 1), like self." },
  { .schema = "randn_like(Tensor self, " LIKE_OPTIONS,
    .flags = LIKE,
    .kernel = kernel_randn_like,
    .doc = "Standard normal, like self." },
  { .schema = "randint_like(Tensor self, int high, " LIKE_OPTIONS,
    .flags = LIKE,
    .kernel = kernel_randint_like,
    .doc = "Integers in [0, high), like self." },
  { .schema = "randint_like.low_dtype(Tensor self, int low, int high, " LIKE_OPTIONS,
    .flags = LIKE,
    .kernel = kernel_randint_like,
    .doc = "Integers in [low, high), like self." },
  INPLACE_ROW ("uniform_(Tensor(a!) self, float from=0., float to=1., " DRAWN,
               kernel_uniform,
               "UniformBackward",
               "Uniform in [from, to)."),
  INPLACE_ROW ("normal_(Tensor(a!) self, float mean=0., float std=1., " DRAWN,
               kernel_normal_inplace,
               "NormalBackward",
               "Normal with that mean and standard deviation."),
  INPLACE_ROW ("bernoulli_.Tensor(Tensor(a!) self, Tensor p, " DRAWN,
               kernel_bernoulli_tensor,
               "BernoulliBackward1",
               "1 with probability p, else 0."),
  INPLACE_ROW ("bernoulli_.float(Tensor(a!) self, float p=0.5, " DRAWN,
               kernel_bernoulli_inplace,
               "BernoulliBackward2",
               "1 with probability p, else 0."),
  INPLACE_ROW ("exponential_(Tensor(a!) self, float lambd=1., " DRAWN,
               kernel_exponential,
               "ExponentialBackward",
               "Exponential with rate lambd."),
  INPLACE_ROW ("cauchy_(Tensor(a!) self, float median=0., float sigma=1., " DRAWN,
               kernel_cauchy,
               "CauchyBackward",
               "Cauchy."),
  INPLACE_ROW ("log_normal_(Tensor(a!) self, float mean=1., float std=2., " DRAWN,
               kernel_log_normal,
               "LogNormalBackward",
               "Log-normal."),
  INPLACE_ROW (
      "geometric_(Tensor(a!) self, float p, " DRAWN, kernel_geometric, "GeometricBackward", "Geometric."),
  INPLACE_ROW ("random_.from(Tensor(a!) self, int from, int? to, " DRAWN,
               kernel_random_from,
               "RandomBackward",
               "Integers in [from, to)."),
  INPLACE_ROW ("random_.to(Tensor(a!) self, int to, " DRAWN,
               kernel_random_to,
               "RandomBackward1",
               "Integers in [0, to)."),
  INPLACE_ROW (
      "random_(Tensor(a!) self, " DRAWN, kernel_random, "RandomBackward2", "Integers the dtype can hold."),
  { .schema = "bernoulli(Tensor self, *, Generator? generator=None) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_OUT | TE_OP_RANDOM,
    .kernel = kernel_bernoulli,
    .backward = backward_zeros,
    .node = "BernoulliBackward",
    .doc = "1 with the probability that self holds, else 0." },
  { .schema = "bernoulli.p(Tensor self, float p, *, Generator? generator=None) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_RANDOM,
    .kernel = kernel_bernoulli_p,
    .backward = backward_zeros,
    .node = "BernoulliBackward",
    .doc = "1 with probability p, else 0." },
  { .schema = "normal.Tensor_Tensor(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_OUT | TE_OP_RANDOM,
    .kernel = kernel_normal_tensors,
    .backward = backward_zeros,
    .node = "NormalBackward3",
    .doc = "Normal, a mean and standard deviation per element." },
  { .schema = "normal.Tensor_float(Tensor mean, float std=1., *, Generator? generator=None) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_OUT | TE_OP_RANDOM,
    .kernel = kernel_normal_tensors,
    .backward = backward_zeros,
    .node = "NormalBackward1",
    .doc = "Normal, a mean per element." },
  { .schema = "normal.float_Tensor(float mean, Tensor std, *, Generator? generator=None) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_OUT | TE_OP_RANDOM,
    .kernel = kernel_normal_tensors,
    .backward = backward_zeros,
    .node = "NormalBackward2",
    .doc = "Normal, a standard deviation per element." },
  { .schema = "normal.float_float(float mean, float std, int[] size, " SIZED,
    .flags = MAKER,
    .kernel = kernel_normal_numbers,
    .doc = "Normal with that mean and standard deviation." },
};
TE_OP_FAMILY (te_family_random, rows);
