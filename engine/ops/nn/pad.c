/* Padding.  constant_pad_nd may also cut (negative amounts), so its gradient is itself with the amounts
 * negated. The other modes read the input through one index table per dimension; their gradients add back
 * through it. */
#include <string.h>

#include "ops/expr.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

/* A view of t with n amounts (last dimension first, before and after) cut off each side; amounts are >= 0. */
static TeTensor *
inner_view (TeTensor *t, const int64_t *cut, int n, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], offset = t->offset;
  memcpy (sizes, t->sizes, t->ndim * sizeof *sizes);
  for (int i = 0; i < n / 2; i++)
    {
      int d = t->ndim - 1 - i;
      offset += cut[2 * i] * t->strides[d];
      sizes[d] -= cut[2 * i] + cut[2 * i + 1];
    }
  return te_tensor_new_view (t->storage, te_tensor_dtype (t), t->ndim, sizes, t->strides, offset, err);
}

static bool
constant_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  int n = v[1].count;
  if (n % 2)
    return te_error_set (err, TE_ERR_RUNTIME, "Length of pad must be even but instead it equals %d", n);
  if (n / 2 > self->ndim)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Length of pad should be no more than twice the number of dimensions of the input. "
                         "Pad length is %dwhile the input has %ddimensions.",
                         n, self->ndim);
  int64_t sizes[TE_MAX_NDIM], cut[2 * TE_MAX_NDIM], grow[2 * TE_MAX_NDIM], strides[5];
  if (!te_nn_check_small (v[1].ints, n, "pad", err))
    return false;
  memcpy (sizes, self->sizes, self->ndim * sizeof *sizes);
  for (int i = 0; i < n; i++)
    {
      cut[i] = v[1].ints[i] < 0 ? -v[1].ints[i] : 0;
      grow[i] = v[1].ints[i] > 0 ? v[1].ints[i] : 0;
    }
  for (int i = 0; i < n / 2; i++)
    {
      int d = self->ndim - 1 - i;
      if (cut[2 * i] > self->sizes[d])
        return te_error_set (err, TE_ERR_INDEX,
                             "Dimension out of range (expected to be in range of [%lld, %lld], but got %lld)",
                             (long long) -self->sizes[d], (long long) (self->sizes[d] - 1), (long long) cut[2 * i]);
      sizes[d] += v[1].ints[2 * i] + v[1].ints[2 * i + 1];
      if (sizes[d] < 0 || cut[2 * i] + cut[2 * i + 1] > self->sizes[d])
        return te_error_set (err, TE_ERR_RUNTIME,
                             "start (%lld) + length (%lld) exceeds dimension size (%lld).", (long long) 0,
                             (long long) (self->sizes[d] - cut[2 * i] - cut[2 * i + 1]),
                             (long long) (self->sizes[d] - cut[2 * i]));
    }
  bool only_cuts = true;
  for (int i = 0; i < n; i++)
    only_cuts = only_cuts && grow[i] == 0;
  if (only_cuts)
    {
      TE_OP (clone, "clone");
      TeTensor *part = inner_view (self, cut, n, err), *copy = part ? te_call (clone, err, "T", part) : NULL;
      te_tensor_unref (part);
      return te_nn_out (call, 0, copy);
    }
  bool last = (self->ndim == 4 || self->ndim == 5)
              && te_shape_is_channels_last (self->ndim, self->sizes, self->strides);
  if (last)
    te_shape_channels_last_strides (self->ndim, sizes, strides);
  TeTensor *out = last ? te_tensor_new_strided (self->ndim, sizes, strides, te_tensor_dtype (self), err)
                       : te_tensor_new (self->ndim, sizes, te_tensor_dtype (self), err);
  TeTensor *from = out ? inner_view (self, cut, n, err) : NULL,
           *to = from ? inner_view (out, grow, n, err) : NULL;
  bool ok = to && te_fill (out, v[2].scalar, err) && te_copy (to, from, err);
  te_tensor_unref (from);
  te_tensor_unref (to);
  if (!ok)
    te_tensor_clear (&out);
  return te_nn_out (call, 0, out);
}

static bool
constant_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "constant_pad_nd");
  int64_t back[2 * TE_MAX_NDIM];
  for (int i = 0; i < ctx->args[1].count; i++)
    back[i] = -ctx->args[1].ints[i];
  ctx->results[0] =
      te_call (op, err, "TIS", ctx->grads[0], back, (int) ctx->args[1].count, te_scalar_int (0));
  return ctx->results[0] != NULL;
}

/* ---- reflect, replicate, circular ---- */
typedef enum
{
  PAD_REFLECT,
  PAD_REPLICATE,
  PAD_CIRCULAR,
} PadMode;

typedef struct
{
  int nd, ndim;
  int64_t planes, in[3], out[3], sizes[5];
  int64_t *table[3];
  TeScratch scratch;
  const void *from;
  void *to;
} Padding;

static int64_t
source_index (PadMode mode, int64_t at, int64_t n)
{
  switch (mode)
    {
    case PAD_REFLECT:
      at = at < 0 ? -at : at;
      return at >= n ? 2 * (n - 1) - at : at;
    case PAD_REPLICATE:
      return at < 0 ? 0 : at >= n ? n - 1 : at;
    case PAD_CIRCULAR: /* copies slices */
      break;
    }
  return 0;
}

static bool
check_amounts (PadMode mode, int d, const int64_t *pad, const int64_t *sizes, int ndim, int nd, TeError *err)
{
  char text[256];
  int64_t n = sizes[ndim - 1 - d], before = pad[2 * d], after = pad[2 * d + 1];
  if (mode == PAD_REFLECT && (before >= n || after >= n))
    {
      if (nd != 2)
        te_shape_text (ndim, sizes, text, sizeof text);
      else
        te_shape_text (1, (int64_t[]){ ndim }, text, sizeof text);
      if (nd == 2)
        {
          text[strlen (text) - 1] = 0;
          memmove (text, text + 1, strlen (text));
        }
      return te_error_set (err, TE_ERR_RUNTIME,
                           "Argument #%d: Padding size should be less than the corresponding input "
                           "dimension, but got: padding (%lld, %lld) at dimension %d of input %s",
                           4 + 2 * d, (long long) before, (long long) after, ndim - 1 - d, text);
    }
  if (mode == PAD_CIRCULAR && (before > n || after > n))
    return te_error_set (err, TE_ERR_RUNTIME, "Padding value causes wrapping around more than once.");
  if (n + before + after <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "input (size: %lld) is too small. Calculated output size: %lld",
                         (long long) n, (long long) (n + before + after));
  return true;
}

/* Only the batch may be empty. */
static bool
check_filled (PadMode mode, int ndim, const int64_t *sizes, int nd, TeError *err)
{
  bool empty = false;
  for (int d = ndim - nd - 1; d < ndim; d++)
    empty = empty || !sizes[d];
  char text[256];
  if (!empty || mode == PAD_CIRCULAR)
    return true;
  te_shape_text (ndim, sizes, text, sizeof text);
  if (mode == PAD_REPLICATE || nd == 3)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected %dD or %dD (batch mode) tensor with possibly 0 batch size and other non-zero "
                         "dimensions for input, but got: %s",
                         nd + 1, nd + 2, text);
  char *inner = text + 1; /* without brackets and blanks */
  size_t n = 0;
  for (const char *c = inner; *c && *c != ']'; c++)
    if (*c != ' ')
      inner[n++] = *c;
  inner[n] = 0;
  return te_error_set (err, TE_ERR_RUNTIME,
                       "%dD or %dD (batch mode) tensor expected for input, but got: [ %s{%s} ]", nd + 1, nd + 2,
                       "torch.FloatTensor", inner);
}

static bool
padding_begin (
    Padding *p, PadMode mode, int ndim, const int64_t *sizes, const int64_t *pad, int count, TeError *err)
{
  if (mode == PAD_CIRCULAR && ndim == 2 && count == 2)
    return te_error_set (err, TE_ERR_RUNTIME, "Invalid padding size, expected 0 but got 2");
  *p = (Padding){ .nd = count / 2, .ndim = ndim, .planes = 1, .in = { 1, 1, 1 }, .out = { 1, 1, 1 } };
  if (p->nd < 1 || p->nd > 3 || ndim < p->nd + 1 || ndim > p->nd + 2)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                         "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now");
  if (!te_nn_check_small (pad, count, "padding", err))
    return false;
  if (!check_filled (mode, ndim, sizes, p->nd, err))
    return false;
  memcpy (p->sizes, sizes, (size_t) ndim * sizeof *sizes);
  for (int i = 0; i < ndim - p->nd; i++)
    p->planes *= sizes[i];
  for (int d = 0; d < p->nd; d++)
    {
      if (!check_amounts (mode, d, pad, sizes, ndim, p->nd, err))
        return false;
      p->in[2 - d] = sizes[ndim - 1 - d];
      p->out[2 - d] = p->sizes[ndim - 1 - d] = p->in[2 - d] + pad[2 * d] + pad[2 * d + 1];
    }
  return te_nn_check_small (p->out, 3, "padding", err);
}

/* Index tables; made once the result has found memory. */
static bool
padding_tables (Padding *p, PadMode mode, const int64_t *pad, TeError *err)
{
  if (!te_nn_scratch (&p->scratch, (size_t) (p->out[0] + p->out[1] + p->out[2]) * sizeof (int64_t), err))
    return false;
  int64_t *table = p->scratch.data;
  for (int d = 0; d < 3; table += p->out[d], d++)
    {
      int64_t before = d >= 3 - p->nd ? pad[2 * (2 - d)] : 0;
      p->table[d] = table;
      for (int64_t i = 0; i < p->out[d]; i++)
        table[i] = source_index (mode, i - before, p->in[d]);
    }
  return true;
}

#define STAMP(T, suffix)                                                                                     \
  static void spread_##suffix (void *ctx, int64_t begin, int64_t end)                                        \
  {                                                                                                          \
    const Padding *p = ctx;                                                                                  \
    for (int64_t plane = begin; plane < end; plane++)                                                        \
      {                                                                                                      \
        const T *from = (const T *) p->from + plane * p->in[0] * p->in[1] * p->in[2];                        \
        T *to = (T *) p->to + plane * p->out[0] * p->out[1] * p->out[2];                                     \
        for (int64_t z = 0; z < p->out[0]; z++)                                                              \
          for (int64_t y = 0; y < p->out[1]; y++)                                                            \
            for (int64_t x = 0; x < p->out[2]; x++)                                                          \
              *to++ = from[(p->table[0][z] * p->in[1] + p->table[1][y]) * p->in[2] + p->table[2][x]];        \
      }                                                                                                      \
  }                                                                                                          \
  static void fold_##suffix (void *ctx, int64_t begin, int64_t end)                                          \
  {                                                                                                          \
    const Padding *p = ctx;                                                                                  \
    for (int64_t plane = begin; plane < end; plane++)                                                        \
      {                                                                                                      \
        const T *from = (const T *) p->from + plane * p->out[0] * p->out[1] * p->out[2];                     \
        T *to = (T *) p->to + plane * p->in[0] * p->in[1] * p->in[2];                                        \
        for (int64_t z = 0; z < p->out[0]; z++)                                                              \
          for (int64_t y = 0; y < p->out[1]; y++)                                                            \
            for (int64_t x = 0; x < p->out[2]; x++)                                                          \
              to[(p->table[0][z] * p->in[1] + p->table[1][y]) * p->in[2] + p->table[2][x]] += *from++;       \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
STAMP (float _Complex, c64)
STAMP (double _Complex, c128)
/* clang-format on */
#undef STAMP

static const TeParallelFn spread[4] = { spread_f32, spread_f64, spread_c64, spread_c128 };
static const TeParallelFn fold[4] = { fold_f32, fold_f64, fold_c64, fold_c128 };

static bool
padding_run (Padding *p, TeTensor *from, TeTensor *to, const TeParallelFn loops[4], TeError *err)
{
  TeDtype dtype = te_tensor_dtype (from);
  TeTensor *x = te_nn_contiguous (from, err);
  if (x)
    {
      p->from = te_tensor_data (x);
      p->to = te_tensor_data (to);
      if (from->numel)
        te_parallel_for (p->planes, te_nn_max (1, 16384 / te_nn_max (1, p->out[0] * p->out[1] * p->out[2])),
                         loops[dtype == TE_COMPLEX128  ? 3
                               : dtype == TE_COMPLEX64 ? 2
                                                       : dtype == TE_FLOAT64],
                         p);
    }
  te_tensor_unref (x);
  te_nn_scratch_free (&p->scratch);
  return x != NULL;
}

static PadMode
mode_of (const TeOp *op)
{
  return strncmp (op->name, "refl", 4) == 0   ? PAD_REFLECT
         : strncmp (op->name, "repl", 4) == 0 ? PAD_REPLICATE
                                              : PAD_CIRCULAR;
}

static bool
mode_kernel (TeOpCall *call, TeError *err)
{
  Padding p;
  TeTensor *self = call->args[0].tensor;
  if ((!te_dtype_is_complex (te_tensor_dtype (self)) && !te_nn_check_floating (self, call->op->name, err))
      || !padding_begin (&p, mode_of (call->op), self->ndim, self->sizes, call->args[1].ints,
                         call->args[1].count, err))
    return false;
  TeTensor *out = te_tensor_new (p.ndim, p.sizes, te_tensor_dtype (self), err);
  if (out
      && (!padding_tables (&p, mode_of (call->op), call->args[1].ints, err)
          || !padding_run (&p, self, out, spread, err)))
    te_tensor_clear (&out);
  return te_nn_out (call, 0, out);
}

static TeTensor *
slice (TeExpr *e, TeTensor *self, int64_t dim, int64_t start, int64_t end)
{
  return EX (e, "slice.Tensor", "Tiiii", self, dim, start, end, (int64_t) 1);
}

static void
copy (TeExpr *e, TeTensor *to, TeTensor *from)
{
  TE_OP (op, "copy_");
  if (!e->failed && !te_call_inplace (op, e->err, "TT", to, from))
    e->failed = true;
}

/* _pad_circular (self, amounts): self is copied into the middle, then parts of what is there into the edges: the
 * graph is that of the copies. */
static bool
circular_kernel (TeOpCall *call, TeError *err)
{
  Padding p;
  TeTensor *self = call->args[0].tensor;
  const int64_t *pad = call->args[1].ints;
  if (!padding_begin (&p, PAD_CIRCULAR, self->ndim, self->sizes, pad, call->args[1].count, err))
    return false;
  TeExpr e = TE_EXPR (err);
  TeTensor *out = te_expr_keep (&e, te_tensor_new (p.ndim, p.sizes, te_tensor_dtype (self), err));
  TeTensor *to = out, *from = self;
  for (int d = 0; d < p.nd; d++)
    {
      int64_t dim = p.ndim - 1 - d, before = pad[2 * d], after = pad[2 * d + 1];
      to = slice (&e, to, dim, te_nn_max (before, 0), p.sizes[dim] - te_nn_max (after, 0));
      from = slice (&e, from, dim, te_nn_max (-before, 0), self->sizes[dim] - te_nn_max (-after, 0));
    }
  copy (&e, to, from);
  for (int d = 0; d < p.nd; d++)
    {
      int64_t dim = p.ndim - 1 - d, before = pad[2 * d], after = pad[2 * d + 1], size = p.sizes[dim];
      int64_t end = size - te_nn_max (after, 0), start = te_nn_max (before, 0);
      if (before > 0)
        copy (&e, slice (&e, out, dim, 0, before), slice (&e, out, dim, end - before, end));
      if (after > 0)
        copy (&e, slice (&e, out, dim, size - after, size), slice (&e, out, dim, start, start + after));
    }
  return te_expr_end (&e, out, &call->outs[0]);
}

/* _pad_fold (grad, what was padded, amounts, mode) */
static bool
fold_kernel (TeOpCall *call, TeError *err)
{
  Padding p;
  const TeValue *v = call->args;
  static const char *const names[2][4] = {
    { NULL, "ReflectionPad1DBackwardBackward0", "ReflectionPad2DBackwardBackward0",
      "ReflectionPad3DBackwardBackward0" },
    { NULL, "ReplicationPad1DBackwardBackward0", "ReplicationPad2DBackwardBackward0",
      "ReplicationPad3DBackwardBackward0" },
  };
  TeTensor *self = v[1].tensor;
  if (!padding_begin (&p, (PadMode) v[3].i, self->ndim, self->sizes, v[2].ints, v[2].count, err))
    return false;
  call->node = names[v[3].i][p.nd];
  TeTensor *out = te_nn_zeros (self->ndim, self->sizes, te_tensor_dtype (v[0].tensor), err);
  if (out
      && (!padding_tables (&p, (PadMode) v[3].i, v[2].ints, err)
          || !padding_run (&p, v[0].tensor, out, fold, err)))
    te_tensor_clear (&out);
  return te_nn_out (call, 0, out);
}

static bool
mode_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_pad_fold");
  ctx->results[0] = te_call (op, err, "TTIi", ctx->grads[0], ctx->inputs[0], ctx->args[1].ints,
                             (int) ctx->args[1].count, (int64_t) mode_of (ctx->op));
  return ctx->results[0] != NULL;
}

/* The row of a mode over nd dimensions. */
static const TeOp *
mode_op (PadMode mode, int nd)
{
  static const char *const names[3][4] = {
    { NULL, "reflection_pad1d", "reflection_pad2d", "reflection_pad3d" },
    { NULL, "replication_pad1d", "replication_pad2d", "replication_pad3d" },
    { NULL, "_pad_circular", "_pad_circular", "_pad_circular" }
  };
  return te_registry_find (names[mode][nd]);
}

static bool
fold_backward (TeBackward *ctx, TeError *err)
{
  const TeValue *pad = &ctx->args[2];
  if (ctx->needs[1] && !(ctx->results[1] = te_zeros_like (ctx->grads[0], err)))
    return false;
  if (ctx->needs[0])
    ctx->results[0] = te_call (mode_op ((PadMode) ctx->args[3].i, pad->count / 2), err, "TI", ctx->grads[0],
                               pad->ints, (int) pad->count);
  return !ctx->needs[0] || ctx->results[0];
}

/* pad (self, pad, mode, value): chooses among the above. */
static bool
pad_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (constant, "constant_pad_nd");
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  int n = v[1].count;
  const char *mode = v[2].string;
  int which = strcmp (mode, "reflect") == 0     ? 0
              : strcmp (mode, "replicate") == 0 ? 1
              : strcmp (mode, "circular") == 0  ? 2
                                                : -1;
  if (which < 0 && strcmp (mode, "constant") != 0)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "Unrecognised padding mode %s", mode);
  if (n % 2)
    return te_error_set (err, TE_ERR_RUNTIME, "Padding length must be divisible by 2");
  if (n / 2 > self->ndim)
    return te_error_set (err, TE_ERR_RUNTIME, "Padding length too large");
  if (strcmp (mode, "constant") == 0)
    return te_nn_out (call, 0,
                      te_call (constant, err, "TIS", self, v[1].ints, n,
                               te_scalar_float (v[3].kind == TE_VALUE_FLOAT ? v[3].f : 0)));
  if (v[3].kind == TE_VALUE_FLOAT && v[3].f != 0)
    return te_error_set (err, TE_ERR_RUNTIME, "Padding mode \"%s\" doesn't take in value argument", mode);
  int nd = n / 2;
  if (nd < 1 || nd > 3 || (self->ndim != nd + 1 && self->ndim != nd + 2))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                         "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now");
  return te_nn_out (call, 0, te_call (mode_op ((PadMode) which, nd), err, "TI", self, v[1].ints, n));
}

#define MODE_ROW(NAME, FLAGS, NODE, DOC)                                                                     \
  {                                                                                                          \
    .schema = NAME "(Tensor self, int[] padding) -> Tensor", .flags = FLAGS, .kernel = mode_kernel,          \
    .backward = mode_backward, .node = NODE, .saves = TE_SAVE_ARG (0), .doc = DOC                            \
  }

static const TeOpDef rows[] = {
  { .schema = "constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = constant_kernel,
    .backward = constant_backward,
    .node = "ConstantPadNdBackward",
    .doc = "Pads (or, with negative amounts, cuts) the last dimensions; amounts before and after, last "
           "dimension first." },
  MODE_ROW ("reflection_pad1d",
            TE_OP_NN,
            "ReflectionPad1DBackward",
            "Pads (N, C, L) by mirroring without the edge."),
  MODE_ROW ("reflection_pad2d",
            TE_OP_NN,
            "ReflectionPad2DBackward",
            "Pads (N, C, H, W) by mirroring without the edge."),
  MODE_ROW ("reflection_pad3d",
            TE_OP_NN | TE_OP_WIDENS | TE_OP_WIDENS_HALF,
            "ReflectionPad3DBackward",
            "Pads (N, C, D, H, W) by mirroring without the edge."),
  MODE_ROW (
      "replication_pad1d", TE_OP_NN, "ReplicationPad1DBackward", "Pads (N, C, L) by repeating the edge."),
  MODE_ROW (
      "replication_pad2d", TE_OP_NN, "ReplicationPad2DBackward", "Pads (N, C, H, W) by repeating the edge."),
  MODE_ROW ("replication_pad3d",
            TE_OP_NN,
            "ReplicationPad3DBackward",
            "Pads (N, C, D, H, W) by repeating the edge."),
  { .schema = "_pad_circular(Tensor self, int[] padding) -> Tensor",
    .flags = TE_OP_NN | TE_OP_COMPOSITE,
    .kernel = circular_kernel,
    .doc = "Pads the last dimensions by wrapping around." },
  { .schema = "_pad_fold(Tensor grad_output, Tensor self, int[] padding, int mode) -> Tensor",
    .kernel = fold_kernel,
    .backward = fold_backward,
    .node = "PadFoldBackward",
    .doc = "Adds padded values back to where they were read." },
  { .schema = "pad(Tensor self, int[] pad, str mode=\"constant\", float? value=None) -> Tensor",
    .flags = TE_OP_NN | TE_OP_COMPOSITE,
    .kernel = pad_kernel,
    .doc = "Padding by mode: constant, reflect, replicate or circular." },
};

TE_OP_FAMILY (te_family_pad, rows);
