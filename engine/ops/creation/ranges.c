/* Tensors whose elements follow a rule: arange, linspace, logspace, eye, tril_indices, triu_indices.
 * The order of roundings in arange and linspace is PyTorch's (blocks of eight floats from one base), so that
 * the bits agree. */
#include "base/checked.h"
#include "ops/creation/creation-private.h"

#include <math.h>

#include "core/scalar-range.h"
#include "ops/registry.h"

static void
store (TeTensor *tensor, int64_t index, double value)
{
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (tensor));
  te_scalar_store (te_scalar_float (value), te_tensor_dtype (tensor),
                   (char *) te_tensor_data (tensor) + index * tensor->strides[0] * (int64_t) nbytes);
}

static void
store_int (TeTensor *tensor, int64_t index, int64_t value)
{
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (tensor));
  te_scalar_store (te_scalar_int (value), te_tensor_dtype (tensor),
                   (char *) te_tensor_data (tensor) + index * tensor->strides[0] * (int64_t) nbytes);
}

/* Where a line of n elements is written: the output, or, where out= has as many in another shape, a line of its
 * own that line_end copies there. */
static TeTensor *
line_begin (TeOpCall *call, const TeValue *device, int64_t n, TeDtype dtype, TeError *err)
{
  TeTensor *given = call->outs[0];
  if (given && !te_check_no_internal_overlap (given, err))
    return NULL;
  if (given && given->ndim != 1 && given->numel == n && !te_tensor_is_meta (given))
    return te_tensor_new (1, &n, te_tensor_dtype (given), err);
  return te_creation_output (call, device, NULL, 1, &n, NULL, dtype, err) ? te_tensor_ref (call->outs[0]) : NULL;
}

static bool
line_end (TeOpCall *call, TeTensor *line, TeError *err)
{
  TeTensor *out = call->outs[0];
  bool ok = true;
  if (line != out)
    {
      int64_t strides[TE_MAX_NDIM];
      te_shape_contiguous_strides (out->ndim, out->sizes, strides);
      ok = te_tensor_set_geometry (line, out->ndim, out->sizes, strides, 0, err) && te_copy (out, line, err);
    }
  te_tensor_unref (line);
  return ok;
}

static int64_t
blocked_part (TeDtype dtype, int64_t n, int *block)
{
  *block = dtype == TE_FLOAT64 ? 4 : 8;
  return te_dtype_is_floating (dtype) ? n / (2 * *block) * (2 * *block) : 0;
}

static void
fill_arange (TeTensor *out, double start, double step, int64_t n)
{
  TeDtype dtype = te_tensor_dtype (out);
  int block;
  int64_t i = 0, blocked = blocked_part (dtype, n, &block);
  for (; i < blocked; i += block)
    {
      double base = start + step * (double) i;
      if (dtype != TE_FLOAT64)
        base = (float) base;
      for (int k = 0; k < block; k++)
        store (out, i + k, base + k * step);
    }
  for (; i < n; i++)
    store (out, i, start + step * (double) i);
}

static bool
make_arange (TeOpCall *call,
             TeScalar start,
             TeScalar end,
             TeScalar step,
             const TeValue *options,
             bool inclusive,
             TeError *err)
{
  bool ints = start.category != TE_CATEGORY_FLOAT && end.category != TE_CATEGORY_FLOAT
              && step.category != TE_CATEGORY_FLOAT;
  TeDtype dtype = call->outs[0]
                      ? te_tensor_dtype (call->outs[0])
                      : te_value_dtype (&options[0], ints && !inclusive ? TE_INT64 : te_dtype_default ());
  if (te_scalar_imag (start) != 0 || te_scalar_imag (end) != 0 || te_scalar_imag (step) != 0)
    return te_error_set (err, TE_ERR_RUNTIME, "value cannot be converted to type double without overflow");
  if (te_dtype_is_complex (dtype) || dtype == TE_BOOL)
    return te_error_set (err, TE_ERR_RUNTIME, "\"%s_cpu\" not implemented for '%s'", inclusive ? "range" : "arange",
                         te_dtype_error_name (dtype));
  double low = te_scalar_to_double (start), high = te_scalar_to_double (end), by = te_scalar_to_double (step);
  double steps = (high - low) / by;
  if (te_dtype_is_integral (dtype, false) && !inclusive)
    {
      if (!isfinite (low) || !isfinite (high) || !isfinite (by))
        return te_error_set (err, TE_ERR_RUNTIME, "value cannot be converted to type int64_t without overflow");
      start = te_scalar_int (te_scalar_to_int (start));
      end = te_scalar_int (te_scalar_to_int (end));
      step = te_scalar_int (te_scalar_to_int (step));
      low = (double) start.i;
      high = (double) end.i;
      by = (double) step.i;
      ints = dtype == TE_INT64; /* which alone is counted in whole numbers */
    }
  if (!(by > 0 || by < 0))
    return te_error_set (err, TE_ERR_RUNTIME, "step must be nonzero");
  if (!isfinite (low) || !isfinite (high))
    return te_error_set (err, TE_ERR_RUNTIME, "unsupported range: %g -> %g", low, high);
  if (!((by > 0 && high >= low) || (by < 0 && high <= low)))
    return te_error_set (err, TE_ERR_RUNTIME, "upper bound and %s bound inconsistent with step sign",
                         inclusive ? "lower" : "larger");
  double count = inclusive ? floor (steps) + 1
                 : ints    ? ceil ((double) (int64_t) ((uint64_t) end.i - (uint64_t) start.i) / (double) step.i)
                           : ceil (steps);
  if (!(count >= 0 && count <= (double) INT64_MAX / 16))
    return te_error_set (err, TE_ERR_RUNTIME, "invalid size, possible overflow?");
  int64_t n = (int64_t) count;
  char had[512];
  if (call->outs[0] && !inclusive && call->outs[0]->numel && call->outs[0]->numel != n
      && !te_warn (
          err, TE_WARN_USER,
          "The number of elements in the out tensor of shape %s is %lld which does not match the computed "
          "number of elements %lld. Note that this may occur as a result of rounding error. The out tensor "
          "will be resized to a tensor of shape (%lld,).",
          te_shape_text (call->outs[0]->ndim, call->outs[0]->sizes, had, sizeof had),
          (long long) call->outs[0]->numel, (long long) n, (long long) n))
    return false;
  TeTensor *out = line_begin (call, &options[1], n, dtype, err);
  if (!out || te_tensor_is_meta (out))
    n = 0;
  if (dtype == TE_FLOAT16 || dtype == TE_BFLOAT16)
    for (int64_t i = 0; i < n; i++)
      store (out, i, low + by * (double) i);
  else if (n && te_dtype_is_floating (dtype))
    fill_arange (out, low, by, n);
  else
    for (int64_t i = 0; i < n; i++)
      store_int (out, i,
                 (int64_t) ((uint64_t) te_scalar_to_int (start) + (uint64_t) te_scalar_to_int (step) * (uint64_t) i));
  return out && line_end (call, out, err);
}

static bool
kernel_arange (TeOpCall *call, TeError *err)
{
  return make_arange (call, te_scalar_int (0), call->args[0].scalar, te_scalar_int (1), call->args + 1, false,
                      err);
}

static bool
kernel_arange_start (TeOpCall *call, TeError *err)
{
  return make_arange (call, call->args[0].scalar, call->args[1].scalar, te_scalar_int (1), call->args + 2,
                      false, err);
}

static bool
kernel_arange_step (TeOpCall *call, TeError *err)
{
  return make_arange (call, call->args[0].scalar, call->args[1].scalar, call->args[2].scalar, call->args + 3,
                      false, err);
}

static bool
kernel_range (TeOpCall *call, TeError *err)
{
  return te_warn (
             err, TE_WARN_USER,
             "torch.range is deprecated and will be removed in a future release because its behavior is "
             "inconsistent with Python's range builtin. Instead, use torch.arange, which produces values in "
             "[start, end).")
         && make_arange (call, call->args[0].scalar, call->args[1].scalar, call->args[2].scalar,
                         call->args + 3, true, err);
}

static void
fill_linspace_float (TeTensor *out, float start, float end, int64_t n)
{
  float step = (end - start) / (float) (n - 1);
  int64_t halfway = n / 2, blocked = n / 16 * 16, i = 0;
  for (; i < blocked; i += 8)
    {
      float base = i < halfway ? fmaf (step, (float) i, start) : fmaf (-step, (float) (n - i - 1), end);
      for (int k = 0; k < 8; k++)
        store (out, i + k, base + (float) k * step);
    }
  for (; i < n; i++)
    store (out, i, i < halfway ? fmaf (step, (float) i, start) : fmaf (-step, (float) (n - i - 1), end));
}

/* Of whole numbers PyTorch fills two vectors at a time, each of which starts at a whole number. */
static int64_t
fill_linspace_blocks (TeTensor *out, double start, double end, int64_t n)
{
  double step = (end - start) / (double) (n - 1);
  int64_t lanes = 32 / (int64_t) te_dtype_nbytes (te_tensor_dtype (out)), blocked = n / (2 * lanes) * (2 * lanes);
  for (int64_t i = 0; i < blocked; i += lanes)
    {
      double base = trunc (i < n / 2 ? start + step * (double) i : end - step * (double) (n - i - 1));
      for (int64_t k = 0; k < lanes; k++)
        store (out, i + k, base + (double) k * step);
    }
  return blocked;
}

static void
fill_linspace (TeTensor *out, double start, double end, int64_t n)
{
  double step = (end - start) / (double) (n - 1);
  int64_t halfway = n / 2, i = 0;
  int64_t blocked = te_tensor_dtype (out) == TE_FLOAT64 ? n / 8 * 8 : 0;
  if (te_dtype_is_integral (te_tensor_dtype (out), false))
    i = fill_linspace_blocks (out, start, end, n);
  for (; i < blocked; i += 4)
    {
      double base = i < halfway ? fma (step, (double) i, start) : fma (-step, (double) (n - i - 1), end);
      for (int k = 0; k < 4; k++)
        store (out, i + k, base + k * step);
    }
  for (; i < n; i++)
    store (out, i, i < halfway ? start + step * (double) i : end - step * (double) (n - i - 1));
}

/* In a half dtype each operation is rounded. */
static void
fill_linspace_half (TeTensor *out, double start, double end, int64_t n)
{
  TeDtype dtype = te_tensor_dtype (out);
#define ROUND(x)                                                                                             \
  (dtype == TE_FLOAT16 ? te_half_to_float (te_half_from_float ((float) (x)))                                 \
                       : te_bfloat16_to_float (te_bfloat16_from_float ((float) (x))))
  float first = ROUND (start), last = ROUND (end), steps = ROUND (n - 1);
  float step = ROUND (ROUND (last - first) / steps);
  int64_t i = 0, blocked = n / 32 * 32;
  for (; i < blocked; i += 16)
    {
      float base = i < n / 2 ? ROUND (first + ROUND (step * ROUND (i))) : ROUND (last - ROUND (step * ROUND (n - i - 1)));
      for (int k = 0; k < 16; k++)
        store (out, i + k, base + ROUND ((float) k * step));
    }
  for (; i < n; i++)
    store (out, i, i < n / 2 ? first + ROUND (step * ROUND (i)) : last - ROUND (step * ROUND (n - i - 1)));
#undef ROUND
}

static bool
check_steps (int64_t steps, TeError *err)
{
  return steps >= 0 || te_error_set (err, TE_ERR_RUNTIME, "number of steps must be non-negative");
}

/* The ends as the result's dtype holds them. */
static bool
check_ends (const TeOpCall *call, TeDtype dtype, double *ends, TeError *err)
{
  for (int i = 0; i < 2; i++)
    {
      TeScalar end = call->args[i].scalar;
      if (!te_scalar_check (&end, dtype, err))
        return false;
      double value = te_scalar_to_double (end);
      ends[i] = te_dtype_is_integral (dtype, false) ? trunc (value) : value;
    }
  return dtype != TE_BOOL
         || te_error_set (err, TE_ERR_RUNTIME, "\"%s_cpu\" not implemented for 'Bool'", call->op->name);
}

/* Does the dtype that is asked for hold what lies between complex ends? */
static bool
check_space_dtype (const TeOpCall *call, const TeValue *dtype, TeDtype inferred, TeError *err)
{
  return dtype->kind != TE_VALUE_DTYPE || !te_dtype_is_complex (inferred) || te_dtype_is_complex (dtype->dtype)
         || te_error_set (err, TE_ERR_RUNTIME,
                          "torch.%s(): inferred dtype c10::complex<%s> can't be safely cast to passed dtype %s",
                          call->op->name, inferred == TE_COMPLEX64 ? "float" : "double",
                          te_dtype_error_name (dtype->dtype));
}

/* linspace and logspace between complex numbers, or into a complex dtype; base NaN: linspace. */
static void
fill_complex_space (TeTensor *out, TeScalar start, TeScalar end, double base)
{
  const double ends[2][2] = { { te_scalar_to_double (start), te_scalar_imag (start) },
                              { te_scalar_to_double (end), te_scalar_imag (end) } };
  int64_t n = te_tensor_is_meta (out) ? 0 : out->numel, halfway = n / 2;
  for (int64_t i = 0; i < n; i++)
    {
      double part[2];
      for (int k = 0; k < 2; k++)
        {
          double step = n > 1 ? (ends[1][k] - ends[0][k]) / (double) (n - 1) : 0;
          part[k] = i < halfway || n == 1 ? ends[0][k] + step * (double) i : ends[1][k] - step * (double) (n - i - 1);
        }
      if (!isnan (base))
        {
          double size = pow (base, part[0]), angle = part[1] * log (base);
          part[0] = size * cos (angle);
          part[1] = size * sin (angle);
        }
      te_scalar_store (te_scalar_complex (part[0], part[1]), te_tensor_dtype (out),
                       (char *) te_tensor_data (out)
                           + i * out->strides[0] * (int64_t) te_dtype_nbytes (te_tensor_dtype (out)));
    }
}

static TeDtype
space_dtype (TeScalar start, TeScalar end)
{
  bool is_complex = start.category == TE_CATEGORY_COMPLEX || end.category == TE_CATEGORY_COMPLEX;
  return is_complex ? te_dtype_complex (te_dtype_default ()) : te_dtype_default ();
}

static bool
kernel_linspace (TeOpCall *call, TeError *err)
{
  double ends[2];
  int64_t n = call->args[2].i;
  TeDtype inferred = space_dtype (call->args[0].scalar, call->args[1].scalar);
  if (!check_space_dtype (call, &call->args[3], inferred, err) || !check_steps (n, err))
    return false;
  TeTensor *out = line_begin (call, &call->args[4], n, te_value_dtype (&call->args[3], inferred), err);
  if (!out)
    return false;
  TeDtype dtype = te_tensor_dtype (out);
  if (te_dtype_is_complex (dtype))
    fill_complex_space (out, call->args[0].scalar, call->args[1].scalar, NAN);
  else if (te_tensor_is_meta (out) || !n)
    return line_end (call, out, err);
  else if (!check_ends (call, dtype, ends, err))
    {
      te_tensor_unref (out);
      return false;
    }
  else if (n == 1)
    store (out, 0, ends[0]);
  else if (dtype == TE_FLOAT32)
    fill_linspace_float (out, (float) ends[0], (float) ends[1], n);
  else if (dtype == TE_FLOAT16 || dtype == TE_BFLOAT16)
    fill_linspace_half (out, ends[0], ends[1], n);
  else
    fill_linspace (out, ends[0], ends[1], n);
  return line_end (call, out, err);
}

static bool
kernel_logspace (TeOpCall *call, TeError *err)
{
  double ends[2], base = call->args[3].f;
  int64_t n = call->args[2].i;
  TeDtype inferred = space_dtype (call->args[0].scalar, call->args[1].scalar);
  if (!check_space_dtype (call, &call->args[4], inferred, err) || !check_steps (n, err))
    return false;
  TeTensor *out = line_begin (call, &call->args[5], n, te_value_dtype (&call->args[4], inferred), err);
  if (!out)
    return false;
  TeDtype dtype = te_tensor_dtype (out);
  bool ok = true, is_complex = te_dtype_is_complex (dtype);
  if (is_complex)
    fill_complex_space (out, call->args[0].scalar, call->args[1].scalar, base);
  else if (dtype == TE_FLOAT16)
    ok = te_error_set (err, TE_ERR_RUNTIME, "\"logspace_cpu\" not implemented for 'Half'");
  else
    ok = te_tensor_is_meta (out) || check_ends (call, dtype, ends, err);
  double step = ok && !is_complex && n > 1 ? (ends[1] - ends[0]) / (double) (n - 1) : 0;
  for (int64_t i = 0; ok && !is_complex && !te_tensor_is_meta (out) && i < n; i++)
    store (out, i,
           pow (base, i < n / 2 || n == 1 ? ends[0] + step * (double) i : ends[1] - step * (double) (n - i - 1)));
  if (!ok)
    te_tensor_unref (out);
  return ok && line_end (call, out, err);
}

static bool
make_eye (TeOpCall *call, int64_t n, int64_t m, const TeValue *options, TeError *err)
{
  if (n < 0 || m < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "%c must be greater or equal to 0, got %lld", n < 0 ? 'n' : 'm',
                         (long long) (n < 0 ? n : m));
  int64_t sizes[2] = { n, m };
  if (!te_creation_output (call, &options[1], NULL, 2, sizes, NULL,
                           te_value_dtype (&options[0], te_dtype_default ()), err))
    return false;
  TeTensor *out = call->outs[0];
  if (te_tensor_is_meta (out))
    return true;
  if (!te_fill (out, te_scalar_int (0), err))
    return false;
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (out));
  for (int64_t i = 0; i < n && i < m; i++)
    te_scalar_store (te_scalar_int (1), te_tensor_dtype (out),
                     (char *) te_tensor_data (out)
                         + i * (out->strides[0] + out->strides[1]) * (int64_t) nbytes);
  return true;
}

static bool
kernel_eye (TeOpCall *call, TeError *err)
{
  return make_eye (call, call->args[0].i, call->args[0].i, call->args + 1, err);
}

static bool
kernel_eye_m (TeOpCall *call, TeError *err)
{
  return make_eye (call, call->args[0].i, call->args[1].i, call->args + 2, err);
}

/* How many elements of a rows x cols matrix stand on and below diagonal `offset`, which is within [-rows, cols];
 * INT64_MAX where they cannot be counted. */
static int64_t
count_lower (int64_t rows, int64_t cols, int64_t offset)
{
  int64_t growing = offset < 0 ? -offset : 0, full = cols - offset; /* rows from here on have 1 more each, all */
  full = full > growing ? full : growing;
  full = full > rows ? rows : full;
  int64_t rising = full - growing, least = growing + offset, whole = rows - full, n, triangle, steps;
  if (growing >= rows || !cols)
    return 0;
  /* least + 1, least + 2, … least + rising, then cols for each whole row */
  if (!te_mul_i64 (rising, rising + 1, &triangle) || !te_mul_i64 (rising, least, &steps)
      || !te_mul_i64 (whole, cols, &n) || !te_add_i64 (n, steps, &n) || !te_add_i64 (n, triangle / 2, &n))
    return INT64_MAX;
  return n;
}

static bool
make_indices (TeOpCall *call, bool lower, TeError *err)
{
  int64_t rows = call->args[0].i, cols = call->args[1].i, offset = call->args[2].i;
  if (rows < 0 || cols < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "%s must be non-negative, got%lld", rows < 0 ? "row" : "col",
                         (long long) (rows < 0 ? rows : cols));
  TeDtype wanted = te_value_dtype (&call->args[3], TE_INT64);
  if (wanted == TE_BOOL || !te_dtype_is_integral (wanted, true))
    return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", call->op->name,
                         te_dtype_error_name (wanted));
#define ROW_BEGIN(r) (lower ? 0 : (r) + offset < 0 ? 0 : (r) + offset > cols ? cols : (r) + offset)
#define ROW_END(r)                                                                                           \
  (!lower ? cols : (r) + offset + 1 < 0 ? 0 : (r) + offset + 1 > cols ? cols : (r) + offset + 1)
  int64_t limit = INT64_MAX / 4, n;
  offset = offset > cols ? cols : offset < -rows ? -rows : offset; /* farther away changes nothing */
  if (rows > limit || cols > limit)
    n = rows && cols ? INT64_MAX : 0;
  else if (lower)
    n = count_lower (rows, cols, offset);
  else
    { /* what is not strictly below */
      int64_t all, below = count_lower (rows, cols, offset == -rows ? offset : offset - 1);
      n = !te_mul_i64 (rows, cols, &all) ? INT64_MAX : all - below;
    }
  int64_t sizes[2] = { 2, n };
  if (!te_creation_output (call, &call->args[4], NULL, 2, sizes, NULL,
                           te_value_dtype (&call->args[3], TE_INT64), err))
    return false;
  TeTensor *out = call->outs[0];
  if (te_tensor_is_meta (out))
    return true;
  TeDtype dtype = te_tensor_dtype (out);
  size_t nbytes = te_dtype_nbytes (dtype);
  char *data = te_tensor_data (out);
  int64_t i = 0;
  for (int64_t r = 0; i < n && r < rows; r++)
    for (int64_t c = ROW_BEGIN (r); c < ROW_END (r); c++, i++)
      {
        te_scalar_store (te_scalar_int (r), dtype, data + (size_t) i * nbytes);
        te_scalar_store (te_scalar_int (c), dtype, data + (size_t) (n + i) * nbytes);
      }
#undef ROW_BEGIN
#undef ROW_END
  return true;
}

static bool
kernel_tril_indices (TeOpCall *call, TeError *err)
{
  return make_indices (call, true, err);
}

static bool
kernel_triu_indices (TeOpCall *call, TeError *err)
{
  return make_indices (call, false, err);
}

#define FUNCTION_OUT (TE_OP_FUNCTION | TE_OP_OUT | TE_OP_NONDIFF)
#define OPTIONS      "*, ScalarType? dtype=None, Device? device=None"

static const TeOpDef rows[] = {
  { .schema = "arange(Scalar end, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_arange,
    .doc = "0, 1, … below end." },
  { .schema = "arange.start(Scalar start, Scalar end, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_arange_start,
    .doc = "start, start + 1, … below end." },
  { .schema = "arange.start_step(Scalar start, Scalar end, Scalar step=1, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_arange_step,
    .doc = "start, start + step, … before end." },
  { .schema = "range(Scalar start, Scalar end, Scalar step=1, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_range,
    .doc = "start, start + step, … up to and with end (deprecated)." },
  { .schema = "linspace(Scalar start, Scalar end, int steps, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_linspace,
    .doc = "steps values at equal distances from start to end." },
  { .schema = "logspace(Scalar start, Scalar end, int steps, float base=10., " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_logspace,
    .doc = "base to the powers linspace (start, end, steps)." },
  { .schema = "eye(int n, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_eye,
    .doc = "The n by n identity." },
  { .schema = "eye.m(int n, int m, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_eye_m,
    .doc = "n by m, ones on the diagonal." },
  { .schema = "tril_indices(int row, int col, int offset=0, " OPTIONS ") -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_NONDIFF,
    .kernel = kernel_tril_indices,
    .doc = "(2, N): rows and columns of the lower triangle." },
  { .schema = "triu_indices(int row, int col, int offset=0, " OPTIONS ") -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_NONDIFF,
    .kernel = kernel_triu_indices,
    .doc = "(2, N): rows and columns of the upper triangle." },
};
TE_OP_FAMILY (te_family_ranges, rows);
