/* The short-time Fourier transform and its inverse: frames, a window on each, one transform for all. */
#include "base/err.h"
#include "ops/expr.h"
#include "ops/registry.h"
#include "ops/shape/shape-util.h"

#include <stdio.h>
#include <string.h>

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_COMPOSITE)

typedef struct
{
  int64_t n_fft, hop, win;
  TeTensor *window; /* NULL: ones */
  bool normalized;
} Frames;

static Frames
read_frames (const TeOpCall *call, int normalized)
{
  Frames f = { .n_fft = call->args[1].i };
  f.hop = te_arg_given (call, 2) ? call->args[2].i : f.n_fft / 4 - (f.n_fft % 4 < 0);
  f.win = te_arg_given (call, 3) ? call->args[3].i : f.n_fft;
  f.window = te_arg_given (call, 4) ? te_arg (call, 4) : NULL;
  f.normalized = call->args[normalized].b;
  return f;
}

/* ---- the call in the words of PyTorch's complaints ---- */
typedef struct
{
  char text[1500];
  size_t length;
} Words;

#define SAY(...)                                                                                             \
  self->length += (size_t) snprintf (self->text + self->length, sizeof self->text - self->length, __VA_ARGS__)

static void
say_type (Words *self, const TeTensor *tensor)
{
  if (te_dtype_is_complex (te_tensor_dtype (tensor)))
    SAY ("CPU%sType", te_dtype_error_name (te_tensor_dtype (tensor)));
  else
    SAY ("%s", te_tensor_type_name (tensor));
}

static void
say_optional (Words *self, const char *name, const TeValue *value)
{
  if (value->kind == TE_VALUE_NONE)
    SAY (", %s=None", name);
  else
    SAY (", %s=%lld", name, value->kind == TE_VALUE_BOOL ? (long long) value->b : (long long) value->i);
}

static void
say_call (Words *self, const TeOpCall *call, const TeTensor *input, const Frames *f)
{
  char sizes[512];
  bool inverse = call->op->name[0] == 'i';
  self->length = 0;
  SAY ("%s(", call->op->name);
  say_type (self, input);
  SAY ("%s, n_fft=%lld, hop_length=%lld, win_length=%lld, window=",
       te_shape_text (input->ndim, input->sizes, sizes, sizeof sizes), (long long) f->n_fft,
       (long long) f->hop, (long long) f->win);
  if (f->window)
    {
      say_type (self, f->window);
      SAY ("{%s}", te_shape_text (f->window->ndim, f->window->sizes, sizes, sizeof sizes));
    }
  else
    SAY ("None");
  if (inverse)
    SAY (", center=%d", call->args[5].b);
  SAY (", normalized=%d", f->normalized);
  say_optional (self, "onesided", &call->args[inverse ? 7 : 8]);
  if (inverse)
    say_optional (self, "length", &call->args[8]);
  say_optional (self, "return_complex", &call->args[9]);
  SAY (") ");
}

#define COMPLAIN(...)                                                                                        \
  do                                                                                                         \
    {                                                                                                        \
      Words words, *self = &words;                                                                           \
      say_call (self, call, input, f);                                                                       \
      SAY (__VA_ARGS__);                                                                                     \
      return te_error_set (err, TE_ERR_RUNTIME, "%s", words.text);                                           \
    }                                                                                                        \
  while (0)

/* The window, zeros around it up to n_fft; NULL where it is ones all over and `always` is false. */
static TeTensor *
whole_window (TeExpr *e, const Frames *f, TeDtype dtype, bool always)
{
  TeTensor *window = f->window;
  int64_t left = (f->n_fft - f->win) / 2, pad[2] = { left, f->n_fft - f->win - left };
  if (!window && f->win == f->n_fft && !always)
    return NULL;
  if (!window)
    window = EX (e, "ones", "Id", &f->win, 1, (int) dtype);
  return f->win == f->n_fft ? window : EX (e, "constant_pad_nd", "TIS", window, pad, 2, te_scalar_int (0));
}

/* ---- stft ---- */
static bool
check_stft (const TeOpCall *call, const TeTensor *input, const Frames *f, TeError *err)
{
  char sizes[512];
  int64_t length = input->ndim ? input->sizes[input->ndim - 1] : 0;
  if (!te_dtype_is_inexact (te_tensor_dtype (input)))
    COMPLAIN (": expected a tensor of floating point or complex values");
  if (input->ndim < 1 || input->ndim > 2)
    COMPLAIN (": expected a 1D or 2D tensor");
  if (f->n_fft <= 0 || f->n_fft > length)
    COMPLAIN (": expected 0 < n_fft < %lld, but got n_fft=%lld", (long long) length, (long long) f->n_fft);
  if (f->hop <= 0)
    COMPLAIN (": expected hop_length > 0, but got hop_length=%lld", (long long) f->hop);
  if (f->win <= 0 || f->win > f->n_fft)
    COMPLAIN (": expected 0 < win_length <= n_fft, but got win_length=%lld", (long long) f->win);
  if (f->window && (f->window->ndim != 1 || f->window->sizes[0] != f->win))
    COMPLAIN (": expected a 1D window tensor of size equal to win_length=%lld, but got window with size %s",
              (long long) f->win, te_shape_text (f->window->ndim, f->window->sizes, sizes, sizeof sizes));
  return true;
}

/* n_fft / 2 more on either side, so that frame t is centred at t * hop. */
static TeTensor *
centred (TeExpr *e, TeTensor *input, int64_t n_fft, const char *mode)
{
  int64_t extended[TE_MAX_NDIM] = { 1, 1, 1 }, pad[2] = { n_fft / 2, n_fft / 2 };
  int ndim = input->ndim < 3 ? 3 : input->ndim, lead = ndim - input->ndim;
  for (int d = 0; d < input->ndim; d++)
    extended[lead + d] = input->sizes[d];
  TeTensor *padded = EX (e, "pad", "TIs", EX (e, "view", "TI", input, extended, ndim), pad, 2, mode);
  if (e->failed)
    return NULL;
  return EX (e, "view", "TI", padded, padded->sizes + lead, input->ndim);
}

static bool
warn_real_result (TeError *err)
{
  static bool warned;
  return !te_warn_due (&warned)
         || te_warn (
             err, TE_WARN_USER,
             "stft will soon require the return_complex parameter be given for real inputs, and will further "
             "require that return_complex=True in a future PyTorch release.");
}

static bool
stft_kernel (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  Frames frames = read_frames (call, 7), *f = &frames;
  TeTensor *input = te_arg (call, 0);
  bool one = input->ndim == 1;
  if (call->args[5].b)
    input = centred (&e, input, f->n_fft, call->args[6].string);
  bool is_complex = !e.failed
                    && (te_dtype_is_complex (te_tensor_dtype (input))
                        || (f->window && te_dtype_is_complex (te_tensor_dtype (f->window))));
  bool return_complex = te_arg_given (call, 9) ? call->args[9].b : is_complex;
  e.failed = e.failed || (!return_complex && !te_arg_given (call, 9) && !warn_real_result (err))
             || !check_stft (call, input, f, err);
  bool onesided = te_arg_given (call, 8) ? call->args[8].b : !is_complex;
  if (!e.failed && is_complex && onesided)
    e.failed =
        !te_error_set (err, TE_ERR_RUNTIME, "Cannot have onesided output if window or input is complex");
  if (e.failed)
    return te_expr_close (&e);
  if (one)
    input = te_expr_keep (&e, te_unsqueeze (input, 0, err));
  TeTensor *window = whole_window (&e, f, te_tensor_dtype (input), false);
  if (e.failed)
    return te_expr_close (&e);
  int64_t sizes[3] = { input->sizes[0], 1 + (input->sizes[1] - f->n_fft) / f->hop, f->n_fft };
  int64_t strides[3] = { input->strides[0], (int64_t) ((uint64_t) f->hop * (uint64_t) input->strides[1]), input->strides[1] }, dim = 2;
  TeTensor *x = EX (&e, "as_strided", "TII", input, sizes, 3, strides, 3), *y;
  if (window)
    x = ex_mul (&e, x, window);
  if (is_complex)
    y = EX (&e, "_fft_c2c", "TIib", x, &dim, 1, (int64_t) f->normalized, 1);
  else
    y = EX (&e, "_fft_r2c", "TIib", x, &dim, 1, (int64_t) f->normalized, (int) onesided);
  TE_OP (transpose_, "transpose_");
  e.failed = e.failed || !te_call_inplace (transpose_, err, "Tii", y, (int64_t) 1, (int64_t) 2);
  TE_OP (squeeze_, "squeeze_.dim");
  e.failed = e.failed || (one && !te_call_inplace (squeeze_, err, "Ti", y, (int64_t) 0));
  return te_expr_end (&e, return_complex ? y : EX (&e, "view_as_real", "T", y), &call->outs[0]);
}

/* ---- istft ---- */
static bool
check_istft (const TeOpCall *call,
             const TeTensor *input,
             const TeTensor *parts,
             const Frames *f,
             bool onesided,
             TeError *err)
{
  if (!parts->numel)
    COMPLAIN (": input tensor cannot be empty.");
  if (parts->ndim != 3 && parts->ndim != 4)
    COMPLAIN (": expected a tensor with 3 or 4 dimensions, but got %d", parts->ndim);
  if (parts->sizes[parts->ndim - 1] != 2)
    COMPLAIN (
        ": expected the last dimension to be 2 (corresponding to real and imaginary parts), but got %lld",
        (long long) parts->sizes[parts->ndim - 1]);
  long long bins = parts->sizes[parts->ndim - 3];
  if (onesided && f->n_fft / 2 + 1 != bins)
    COMPLAIN (": expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + "
              "1 when "
              "onsided=True, but got %lld",
              bins);
  if (!onesided && f->n_fft != bins)
    COMPLAIN (": expected the frequency dimension (3rd to the last) of the input tensor to match n_fft when "
              "onsided=False, but got %lld",
              bins);
  if (f->hop <= 0 || f->hop > f->win)
    COMPLAIN (": expected 0 < hop_length <= win_length");
  if (f->win <= 0 || f->win > f->n_fft)
    COMPLAIN (": expected 0 < win_length <= n_fft");
  if (f->window && (f->window->ndim != 1 || f->window->sizes[0] != f->win))
    COMPLAIN (": Invalid window shape. window has to be 1D and length of `win_length`");
  return true;
}

static bool
check_overlap (const TeOpCall *call, const TeTensor *input, const Frames *f, TeTensor *envelope, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *least = EX (&e, "amin", "T", EX (&e, "abs", "T", envelope));
  bool bad = !e.failed && !te_tensor_is_meta (least) && te_scalar_to_double (te_tensor_first (least)) < 1e-11;
  if (!te_expr_close (&e))
    return false;
  if (bad)
    COMPLAIN ("window overlap add min: 1\n[ CPUBoolType{} ]");
  return true;
}

/* Frames (n, n_fft, frames) added where they overlap: the mirror of cutting a signal into frames; (n, 1, length). */
static TeTensor *
overlap_add (TeExpr *e, TeTensor *frames, int64_t length, const Frames *f)
{
  const int64_t sizes[2] = { 1, length }, kernel[2] = { 1, f->n_fft }, one[2] = { 1, 1 }, none[2] = { 0, 0 }, step[2] = { 1, f->hop };
  TeTensor *added = EX (e, "col2im", "TIIIII", frames, sizes, 2, kernel, 2, one, 2, none, 2, step, 2);
  return EX (e, "squeeze.dim", "Ti", added, (int64_t) 2);
}

static TeTensor *
frames_of (TeExpr *e, TeTensor *spectrum, const Frames *f, bool onesided, bool return_complex)
{
  int64_t dim = 2, normalization = f->normalized ? 1 : 2;
  if (return_complex)
    return EX (e, "_fft_c2c", "TIib", spectrum, &dim, 1, normalization, 0);
  if (!onesided)
    spectrum = EX (e, "slice.Tensor", "Tiii", spectrum, (int64_t) -1, (int64_t) 0, f->n_fft / 2 + 1);
  return EX (e, "_fft_c2r", "TIii", spectrum, &dim, 1, normalization, f->n_fft);
}

static bool
warn_real_input (TeError *err)
{
  static bool warned;
  return !te_warn_due (&warned)
         || te_warn (err, TE_WARN_USER,
                     "istft will require a complex-valued input tensor in a future PyTorch release. Matching "
                     "the output "
                     "from stft with return_complex=True. ");
}

static bool
istft_kernel (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  Frames frames = read_frames (call, 6), *f = &frames;
  TeTensor *input = te_arg (call, 0), *parts = input;
  bool is_complex = te_dtype_is_complex (te_tensor_dtype (input)), return_complex = call->args[9].b;
  int dim;
  if (is_complex)
    parts = EX (&e, "view_as_real", "T", EX (&e, "resolve_conj", "T", input));
  else if (!warn_real_input (err))
    return false;
  if (e.failed || !te_dim_wrap (-3, parts->ndim, &dim, err))
    return te_expr_close (&e) && false;
  bool onesided = te_arg_given (call, 7) ? call->args[7].b : parts->sizes[dim] != f->n_fft;
  if (!check_istft (call, input, parts, f, onesided, err)
      || (return_complex && onesided
          && !te_error_set (err, TE_ERR_RUNTIME,
                            "Cannot have onesided output if window or input is complex")))
    return te_expr_close (&e) && false;
  int64_t n_frames = parts->sizes[dim + 1], whole = f->n_fft + f->hop * (n_frames - 1);
  TeTensor *window = whole_window (&e, f, te_tensor_dtype (parts), true);
  bool one = parts->ndim == 3;
  TeTensor *turned = EX (&e, "transpose", "Tii", one ? te_expr_keep (&e, te_unsqueeze (parts, 0, err)) : parts, (int64_t) 1,
                         (int64_t) 2);
  if (e.failed)
    return te_expr_close (&e);
  bool as_pairs = turned->strides[3] == 1 && turned->offset % 2 == 0;
  for (int d = 0; d < 3; d++)
    as_pairs = as_pairs && turned->strides[d] % 2 == 0;
  TeTensor *spectrum = EX (&e, "view_as_complex", "T", as_pairs ? turned : EX (&e, "contiguous", "T", turned));
  const int64_t across[3] = { 1, 1, f->n_fft }, upright[2] = { f->n_fft, 1 }, times[2] = { 1, n_frames };
  TeTensor *cut = ex_mul (&e, frames_of (&e, spectrum, f, onesided, return_complex), EX (&e, "view", "TI", window, across, 3));
  TeTensor *y = overlap_add (&e, EX (&e, "transpose", "Tii", cut, (int64_t) 1, (int64_t) 2), whole, f);
  TeTensor *squares = EX (&e, "view", "TI", ex_pow_scalar (&e, window, 2), upright, 2);
  squares = EX (&e, "unsqueeze", "Ti", EX (&e, "repeat", "TI", squares, times, 2), (int64_t) 0);
  TeTensor *envelope = overlap_add (&e, squares, whole, f);
  int64_t start = call->args[5].b ? f->n_fft / 2 : 0;
  int64_t end = te_arg_given (call, 8) ? (call->args[8].i < INT64_MAX / 2 ? start + call->args[8].i : INT64_MAX / 2)
                : call->args[5].b      ? whole - f->n_fft / 2
                                       : whole;
  y = EX (&e, "slice.Tensor", "Tiii", y, (int64_t) 2, start, end);
  envelope = EX (&e, "slice.Tensor", "Tiii", envelope, (int64_t) 2, start, end);
  e.failed = e.failed || !check_overlap (call, input, f, envelope, err);
  y = EX (&e, "squeeze.dim", "Ti", ex_div (&e, y, envelope), (int64_t) 1);
  if (one)
    y = EX (&e, "squeeze.dim", "Ti", y, (int64_t) 0);
  if (!e.failed && end > whole)
    {
      int64_t pad[2] = { 0, end - whole };
      e.failed =
          !te_warn (err, TE_WARN_USER,
                    "The length of signal is shorter than the length parameter. Result is being padded with "
                    "zeros in the tail. Please check your center and hop_length settings.");
      y = EX (&e, "constant_pad_nd", "TIS", y, pad, 2, te_scalar_int (0));
    }
  return te_expr_end (&e, y, &call->outs[0]);
}

static const TeOpDef rows[] = {
  { .schema =
        "stft(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool "
        "center=True, str pad_mode=\"reflect\", bool normalized=False, bool? onesided=None, bool? "
        "return_complex=None) -> Tensor",
    .flags = BOTH,
    .kernel = stft_kernel,
    .doc = "Fourier transforms of windows that slide over a signal: (…, frequency, frame)." },
  { .schema =
        "istft(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool "
        "center=True, bool normalized=False, bool? onesided=None, int? length=None, bool "
        "return_complex=False) -> "
        "Tensor",
    .flags = BOTH,
    .kernel = istft_kernel,
    .doc = "The signal that stft was taken of, by the least squares estimate of Griffin and Lim 1984." },
};
TE_OP_FAMILY (te_family_stft, rows);
