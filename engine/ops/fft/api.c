/* torch.fft: which transform over which dims, of how many points and under which norm.  All rows are
 * composite: the graph has the three transforms of fft.c and the padding and slicing around them. */
#include "base/err.h"
#include "iter/tensor-iter.h"
#include "ops/expr.h"
#include "ops/registry.h"
#include "ops/shape/shape-util.h"

#include <stdio.h>
#include <string.h>

#define FFT (TE_OP_FFT | TE_OP_COMPOSITE | TE_OP_OUT)

typedef enum
{
  KIND_COMPLEX, /* fft, ifft */
  KIND_HALF,    /* rfft, ihfft: real numbers to half a spectrum */
  KIND_REAL,    /* irfft, hfft: half a spectrum to real numbers */
} Kind;

typedef struct
{
  const char *name; /* without fft_ */
  Kind kind;
  bool forward;
  int n;
  int64_t dims[TE_MAX_NDIM],
      sizes[TE_MAX_NDIM]; /* sizes: how many points along dims[i]; -1: as many as there are */
  int64_t normalization;
} Transform;

/* The name says it all: i turns the direction round, r has real numbers before it, h behind it. */
static void
read_name (Transform *self, const TeOp *op)
{
  self->name = op->name + strlen ("fft_");
  bool inverse = self->name[0] == 'i';
  char letter = self->name[inverse];
  self->forward = !inverse;
  self->kind = letter == 'f' ? KIND_COMPLEX : (letter == 'r') == !inverse ? KIND_HALF : KIND_REAL;
}

static bool
read_norm (Transform *self, const TeValue *norm, TeError *err)
{
  const char *mode = norm->kind == TE_VALUE_STRING ? norm->string : "backward";
  if (strcmp (mode, "ortho") == 0)
    self->normalization = 1;
  else if (strcmp (mode, "backward") == 0 || strcmp (mode, "forward") == 0)
    self->normalization = (strcmp (mode, "forward") == 0) == self->forward ? 2 : 0;
  else
    return te_error_set (err, TE_ERR_RUNTIME, "Invalid normalization mode: \"%s\"", mode);
  return true;
}

static bool
check_points (int64_t n, TeError *err)
{
  return n >= 1
         || te_error_set (err, TE_ERR_RUNTIME, "Invalid number of data points (%lld) specified",
                          (long long) n);
}

/* ---- inputs ---- */
/* Integers become the default float; `make_complex` also makes real numbers complex. */
static TeTensor *
promote (TeExpr *e, TeTensor *self, bool make_complex)
{
  TeDtype dtype = te_tensor_dtype (self);
  if (!te_dtype_is_inexact (dtype))
    dtype = te_dtype_default ();
  if (dtype == TE_FLOAT16 || dtype == TE_BFLOAT16)
    {
      te_error_set (e->err, TE_ERR_RUNTIME, "Unsupported dtype %s", te_dtype_error_name (dtype));
      e->failed = true;
      return NULL;
    }
  if (make_complex)
    dtype = te_dtype_complex (dtype);
  return te_expr_keep (e, te_to_dtype (self, dtype, e->err));
}

/* Exactly `size` elements along dim: the rest cut off, or zeros behind. */
static TeTensor *
resize (TeExpr *e, TeTensor *x, int64_t dim, int64_t size)
{
  if (e->failed || size < 0 || x->sizes[dim] == size)
    return x;
  if (x->sizes[dim] > size)
    return EX (e, "slice.Tensor", "Tiii", x, dim, (int64_t) 0, size);
  int64_t pad[2 * TE_MAX_NDIM] = { 0 };
  int place = 2 * (x->ndim - 1 - (int) dim);
  pad[place + 1] = size - x->sizes[dim];
  return EX (e, "constant_pad_nd", "TIS", x, pad, place + 2, te_scalar_int (0));
}

static bool
check_real (const Transform *t, const TeTensor *self, bool many, TeError *err)
{
  if (!te_dtype_is_complex (te_tensor_dtype (self)))
    return true;
  if (many && !t->forward)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Expected self.is_floating_point() to be true, but got false.  (Could this error message be "
        "improved?  If so, please report an enhancement request to PyTorch.)");
  return te_error_set (err, TE_ERR_RUNTIME, "%s expects a real%s input tensor, but got %s",
                       many ? "rfftn" : t->name, many ? "-valued" : "",
                       te_dtype_error_name (te_tensor_dtype (self)));
}

/* ---- results ---- */
static bool
give (TeOpCall *call, TeExpr *e, TeTensor *result)
{
  TeTensor *out = call->outs[0];
  if (!out || e->failed)
    return te_expr_end (e, result, &call->outs[0]);
  TeDtype has = te_tensor_dtype (out);
  bool complex = te_dtype_is_complex (te_tensor_dtype (result)), ok = true;
  if (complex ? !te_dtype_is_complex (has) : !te_dtype_is_floating (has))
    {
      char name[32]; /* the one that does it: fft2 is fftn, and ifftn says fftn as well */
      snprintf (name, sizeof name, "%s", call->op->name + strlen ("fft_"));
      if (name[strlen (name) - 1] == '2')
        name[strlen (name) - 1] = 'n';
      ok = te_error_set (e->err, TE_ERR_RUNTIME, "%s expects a %s output tensor, but got %s",
                         name + (strcmp (name, "ifftn") == 0), complex ? "complex" : "floating point",
                         te_dtype_error_name (has));
    }
  ok = ok && te_output (&call->outs[0], result, result->ndim, result->sizes, NULL, has, e->err)
       && te_copy (out, result, e->err);
  return te_expr_close (e) && ok;
}

/* ---- one dimension ---- */
static TeTensor *
half_transform (TeExpr *e, const Transform *t, TeTensor *x, const int64_t *dims, int n, bool onesided, int n_all)
{
  TeTensor *y = EX (e, "_fft_r2c", "TIib", x, dims, n, t->normalization, (int) onesided);
  return t->forward ? y : n_all > 1 ? EX (e, "_conj_physical", "T", y) : ex_conj (e, y);
}

static TeTensor *
real_transform (TeExpr *e, const Transform *t, TeTensor *x, const int64_t *dims, int n, int64_t size)
{
  return EX (e, "_fft_c2r", "TIii", t->forward ? ex_conj (e, x) : x, dims, n, t->normalization, size);
}

static bool
one_kernel (TeOpCall *call, TeError *err)
{
  Transform t;
  TeExpr e = TE_EXPR (err);
  TeTensor *self = te_arg (call, 0);
  int dim;
  read_name (&t, call->op);
  if ((t.kind == KIND_HALF && !check_real (&t, self, false, err))
      || !te_dim_wrap (call->args[2].i, self->ndim, &dim, err) || !read_norm (&t, &call->args[3], err))
    return false;
  int64_t have = self->ndim ? self->sizes[dim] : 0, at = dim;
  int64_t n = te_arg_given (call, 1) ? call->args[1].i : t.kind == KIND_REAL ? 2 * (have - 1) : have;
  if (!check_points (n, err) || !check_points (self->ndim ? n : 0, err))
    return false;
  TeTensor *x = promote (&e, self, t.kind == KIND_REAL), *y;
  x = resize (&e, x, at, t.kind == KIND_REAL ? n / 2 + 1 : n);
  if (e.failed)
    return te_expr_close (&e);
  if (t.kind == KIND_REAL)
    y = real_transform (&e, &t, x, &at, 1, n);
  else if (t.kind == KIND_HALF || !te_dtype_is_complex (te_tensor_dtype (x)))
    y = half_transform (&e, &t, x, &at, 1, t.kind == KIND_HALF, 1);
  else
    y = EX (&e, "_fft_c2c", "TIib", x, &at, 1, t.normalization, (int) t.forward);
  return give (call, &e, y);
}

/* ---- several dimensions ---- */
static bool
read_many (Transform *t, const TeOpCall *call, const TeTensor *self, TeError *err)
{
  const TeValue *s = &call->args[1], *dim = &call->args[2];
  bool has_s = s->kind == TE_VALUE_INT_LIST, has_dim = dim->kind == TE_VALUE_INT_LIST;
  bool seen[TE_MAX_NDIM] = { false };
  if (has_dim)
    for (t->n = 0; t->n < dim->count; t->n++)
      {
        int d;
        if (!te_dim_wrap (dim->ints[t->n], self->ndim, &d, err))
          return false;
        if (seen[d])
          return te_error_set (err, TE_ERR_RUNTIME, "FFT dims must be unique");
        seen[d] = true;
        t->dims[t->n] = d;
      }
  if (has_s && has_dim && s->count != dim->count)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "When given, dim and shape arguments must have the same length");
  if (has_s && s->count > self->ndim)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Got shape with %d values but input tensor only has %d dimensions.", s->count,
                         self->ndim);
  if (!has_dim)
    {
      t->n = has_s ? s->count : self->ndim;
      for (int i = 0; i < t->n; i++)
        t->dims[i] = self->ndim - t->n + i;
    }
  for (int i = 0; i < t->n; i++)
    {
      t->sizes[i] = has_s ? s->ints[i] : -1;
      int64_t points = t->sizes[i] == -1 ? self->sizes[t->dims[i]] : t->sizes[i];
      if (!check_points (points, err))
        return false;
    }
  return true;
}

static TeTensor *
resize_all (TeExpr *e, const Transform *t, TeTensor *x)
{
  for (int i = 0; i < t->n; i++)
    x = resize (e, x, t->dims[i], t->sizes[i]);
  return x;
}

/* Half a spectrum of several dimensions to real numbers. */
static TeTensor *
many_to_real (TeExpr *e, Transform *t, TeTensor *self)
{
  int last = t->n - 1;
  int64_t n = t->sizes[last] == -1 ? 2 * (self->sizes[t->dims[last]] - 1) : t->sizes[last];
  if (!check_points (n, e->err))
    {
      e->failed = true;
      return NULL;
    }
  t->sizes[last] = n / 2 + 1;
  TeTensor *x = resize_all (e, t, promote (e, self, true));
  if (!t->forward)
    return real_transform (e, t, x, t->dims, t->n, n);
  if (last > 0)
    x = EX (e, "_fft_c2c", "TIib", x, t->dims, last, t->normalization, 1);
  return real_transform (e, t, x, &t->dims[last], 1, n);
}

static bool
many_kernel (TeOpCall *call, TeError *err)
{
  Transform t;
  TeExpr e = TE_EXPR (err);
  TeTensor *self = te_arg (call, 0), *y;
  read_name (&t, call->op);
  if ((t.kind == KIND_HALF && !check_real (&t, self, true, err)) || !read_many (&t, call, self, err)
      || !read_norm (&t, &call->args[3], err))
    return false;
  if (t.kind != KIND_COMPLEX && !t.n)
    return te_error_set (err, TE_ERR_RUNTIME, "%s must transform at least one axis", t.name);
  if (t.kind == KIND_REAL)
    return give (call, &e, many_to_real (&e, &t, self));
  TeTensor *x = resize_all (&e, &t, promote (&e, self, t.kind == KIND_COMPLEX));
  if (t.kind == KIND_COMPLEX)
    y = EX (&e, "_fft_c2c", "TIib", x, t.dims, t.n, t.normalization, (int) t.forward);
  else if (t.forward)
    y = half_transform (&e, &t, x, t.dims, t.n, true, t.n);
  else
    {
      y = half_transform (&e, &t, x, &t.dims[t.n - 1], 1, true, t.n);
      if (t.n > 1)
        y = EX (&e, "_fft_c2c", "TIib", y, t.dims, t.n - 1, t.normalization, 0);
    }
  return give (call, &e, y);
}

/* ---- the order of frequencies ---- */
static bool
shift_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *dim = &call->args[1];
  int64_t dims[TE_MAX_NDIM], shifts[TE_MAX_NDIM];
  bool back = call->op->name[4] == 'i';
  int n = dim->kind == TE_VALUE_INT_LIST ? dim->count : self->ndim;
  TeExpr e = TE_EXPR (err);
  for (int i = 0; i < n; i++)
    {
      int d = i;
      if (dim->kind == TE_VALUE_INT_LIST && !te_dim_wrap (dim->ints[i], self->ndim, &d, err))
        return false;
      dims[i] = d;
      shifts[i] = (self->sizes[d] + back) / 2;
    }
  return te_expr_end (&e, EX (&e, "roll", "TII", self, shifts, n, dims, n), &call->outs[0]);
}

/* n samples at distance d: 0, 1, … and, unless only half is wanted, the negative frequencies behind. */
static bool
freq_kernel (TeOpCall *call, TeError *err)
{
  int64_t n = call->args[0].i, zero = 0;
  double d = call->args[1].f;
  bool half = call->op->name[4] == 'r';
  int64_t count = half ? n / 2 + 1 : n;
  TeDtype dtype = call->args[2].kind == TE_VALUE_DTYPE ? call->args[2].dtype
                  : call->outs[0]                      ? te_tensor_dtype (call->outs[0])
                                                       : te_dtype_default ();
  if (!te_dtype_is_inexact (dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "%s requires a floating point or complex dtype",
                         call->op->name + strlen ("fft_"));
  TeTensor *result = te_tensor_new (1, n < 0 ? &zero : &count, TE_FLOAT64, err);
  for (int64_t i = 0; result && i < result->numel; i++)
    {
      double place = (double) (half || i < (n + 1) / 2 ? i : i - n), step = 1.0 / ((double) n * d);
      ((double *) te_tensor_data (result))[i] =
          dtype == TE_FLOAT32 ? (double) ((float) place * (float) step) : place * step;
    }
  TeTensor *cast = result ? te_input_as (result, dtype, err) : NULL;
  te_tensor_unref (result);
  return te_result_give (call, 0, cast, err);
}

#define ONE(NAME, DOC)                                                                                       \
  {                                                                                                          \
    .schema = "fft_" NAME "(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor", .flags = FFT,  \
    .kernel = one_kernel, .doc = DOC                                                                         \
  }
#define MANY(NAME, DIM, DOC)                                                                                 \
  {                                                                                                          \
    .schema = "fft_" NAME "(Tensor self, int[1]? s=None, " DIM ", str? norm=None) -> Tensor", .flags = FFT,  \
    .kernel = many_kernel, .doc = DOC                                                                        \
  }
#define MANY_ROWS(NAME, DOC)                                                                                 \
  MANY (NAME "2", "int[1] dim=[-2, -1]", DOC " over two dimensions."),                                       \
      MANY (NAME "n", "int[1]? dim=None", DOC " over several dimensions.")
#define FREQ(NAME, DOC)                                                                                      \
  {                                                                                                          \
    .schema = "fft_" NAME "(int n, float d=1.0, *, ScalarType? dtype=None, Device? device=None) -> Tensor",  \
    .flags = TE_OP_FFT | TE_OP_OUT | TE_OP_NONDIFF, .kernel = freq_kernel, .doc = DOC                        \
  }

static const TeOpDef rows[] = {
  ONE ("fft", "The discrete Fourier transform along dim."),
  ONE ("ifft", "The inverse of fft."),
  ONE ("rfft", "fft of real numbers: the half of it that is no mirror of the other."),
  ONE ("irfft", "The inverse of rfft."),
  ONE ("hfft", "fft of half a Hermitian signal: real."),
  ONE ("ihfft", "The inverse of hfft."),
  MANY_ROWS ("fft", "The discrete Fourier transform"),
  MANY_ROWS ("ifft", "The inverse of fft"),
  MANY_ROWS ("rfft", "fft of real numbers, half of the last dimension,"),
  MANY_ROWS ("irfft", "The inverse of rfft"),
  MANY_ROWS ("hfft", "fft of half a Hermitian signal"),
  MANY_ROWS ("ihfft", "The inverse of hfft"),
  { .schema = "fft_fftshift(Tensor self, int[1]? dim=None) -> Tensor",
    .flags = TE_OP_FFT | TE_OP_COMPOSITE,
    .kernel = shift_kernel,
    .doc = "The frequency 0 moved to the middle." },
  { .schema = "fft_ifftshift(Tensor self, int[1]? dim=None) -> Tensor",
    .flags = TE_OP_FFT | TE_OP_COMPOSITE,
    .kernel = shift_kernel,
    .doc = "The inverse of fftshift." },
  FREQ ("fftfreq", "The frequencies of fft's results for n samples at distance d."),
  FREQ ("rfftfreq", "The frequencies of rfft's results for n samples at distance d."),
};
TE_OP_FAMILY (te_family_fft_api, rows);
