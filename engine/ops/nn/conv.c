/* The rows of the convolutions.  conv1d … conv_transpose3d and convolution share one kernel and one backward
 * rule; convolution_backward is a row of its own, so that gradients of gradients are convolutions again. */
#include <string.h>

#include "ops/nn/complex-parts.h"
#include "ops/nn/conv-plan.h"
#include "ops/nn/rows.h"

/* Positions of the arguments after (input, weight, bias) differ by row; -1: not there. */
typedef struct
{
  int8_t nd;         /* 0: from the input */
  int8_t transposed; /* -1: an argument says so */
  int8_t stride, padding, dilation, output_padding, groups, transposed_at, weight, bias;
  bool text;
} Layout;

static const Layout plain_layouts[4] = { [1] = { 1, 0, 3, 4, 5, -1, 6, -1, 1, 2, false },
                                         [2] = { 2, 0, 3, 4, 5, -1, 6, -1, 1, 2, false },
                                         [3] = { 3, 0, 3, 4, 5, -1, 6, -1, 1, 2, false } };
static const Layout text_layouts[4] = { [1] = { 1, 0, 3, 4, 5, -1, 6, -1, 1, 2, true },
                                        [2] = { 2, 0, 3, 4, 5, -1, 6, -1, 1, 2, true },
                                        [3] = { 3, 0, 3, 4, 5, -1, 6, -1, 1, 2, true } };
static const Layout transposed_layouts[4] = { [1] = { 1, 1, 3, 4, 7, 5, 6, -1, 1, 2, false },
                                              [2] = { 2, 1, 3, 4, 7, 5, 6, -1, 1, 2, false },
                                              [3] = { 3, 1, 3, 4, 7, 5, 6, -1, 1, 2, false } };
static const Layout general_layout = { 0, -1, 3, 4, 5, 7, 8, 6, 1, 2, false };

static const Layout *
layout_of (const TeOp *op)
{
  if (strcmp (op->name, "convolution") == 0)
    return &general_layout;
  int nd = op->name[strlen (op->name) - 2] - '0';
  if (strncmp (op->name, "conv_transpose", 14) == 0)
    return &transposed_layouts[nd];
  return strcmp (op->overload, "padding") == 0 ? &text_layouts[nd] : &plain_layouts[nd];
}

static TeConvArgs
read_args (const TeOp *op, const TeValue *v, TeTensor *input, TeTensor *weight, TeTensor *bias)
{
  static const char *const names[2][4] = { { NULL, "conv1d", "conv2d", "conv3d" },
                                           { NULL, "conv_transpose1d", "conv_transpose2d",
                                             "conv_transpose3d" } };
  const Layout *l = layout_of (op);
  TeConvArgs a = { .input = input,
                   .weight = weight,
                   .bias = bias,
                   .groups = v[l->groups].i,
                   .stride = &v[l->stride],
                   .dilation = &v[l->dilation] };
  a.nd = l->nd ? l->nd : weight->ndim - 2;
  a.nd = a.nd < 1 ? 1 : a.nd > 3 ? 3 : a.nd;
  a.transposed = l->transposed < 0 ? v[l->transposed_at].b : l->transposed;
  a.output_padding = a.transposed && l->output_padding >= 0 ? &v[l->output_padding] : NULL;
  a.name = names[a.transposed][a.nd];
  if (l->text)
    a.padding_text = v[l->padding].string;
  else
    a.padding = &v[l->padding];
  return a;
}

/* Sizes of one side of the convolution as its tensor has them; returns ndim. */
static int
side_sizes (const TeConvPlan *p, bool wide, int64_t sizes[5])
{
  int n = 0;
  if (p->batched)
    sizes[n++] = p->n;
  sizes[n++] = wide ? p->wide_channels : p->narrow_channels;
  for (int d = 3 - p->nd; d < 3; d++)
    sizes[n++] = wide ? p->wide[d] : p->narrow[d];
  return n;
}

/* The output of a flat convolution has its channels last when the input or the weight has. */
static TeTensor *
follow_either (TeTensor *out, const TeTensor *input, const TeTensor *weight, TeError *err)
{
  if (!out || out->ndim != 4)
    return out;
  bool by_input = te_shape_is_channels_last (input->ndim, input->sizes, input->strides);
  return te_nn_follow_format (out, by_input ? input : weight, err);
}

static bool
conv_compute (
    const TeConvPlan *p, TeTensor *input, TeTensor *weight, TeTensor *bias, TeTensor **result, TeError *err)
{
  int64_t sizes[5];
  int ndim = side_sizes (p, p->transposed, sizes);
  TeDtype dtype = te_tensor_dtype (input), compute = dtype == TE_FLOAT64 ? TE_FLOAT64 : TE_FLOAT32;
  TeTensor *x = te_contiguous_copy (input, compute, err),
           *w = x ? te_contiguous_copy (weight, compute, err) : NULL;
  TeTensor *b = w && bias ? te_contiguous_copy (bias, compute, err) : NULL;
  TeTensor *out = w && (b || !bias) ? te_tensor_new (ndim, sizes, compute, err) : NULL;
  bool ok = out != NULL;
  if (ok && out->numel)
    {
      const void *bias_data = b ? te_tensor_data (b) : NULL;
      ok = p->transposed ? te_conv_to_wide (p, compute, te_tensor_data (x), te_tensor_data (w), bias_data,
                                            te_tensor_data (out), err)
                         : te_conv_to_narrow (p, compute, te_tensor_data (x), te_tensor_data (w), bias_data,
                                              te_tensor_data (out), err);
    }
  te_tensor_unref (x);
  te_tensor_unref (w);
  te_tensor_unref (b);
  if (ok && dtype != compute)
    {
      TeTensor *cast = te_contiguous_copy (out, dtype, err);
      te_tensor_unref (out);
      out = cast;
    }
  else if (!ok)
    te_tensor_clear (&out);
  if (!p->transposed)
    out = follow_either (out, input, weight, err);
  *result = out;
  return out != NULL;
}

static bool
conv_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *bias = v[2].kind == TE_VALUE_TENSOR ? v[2].tensor : NULL;
  TeConvArgs a = read_args (call->op, v, v[0].tensor, v[1].tensor, bias);
  TeConvPlan plan;
  if (!te_conv_plan (&plan, &a, err))
    return false;
  if (a.nd && a.input->ndim == a.nd + 1) /* PyTorch adds the batch dimension, and takes it off again */
    call->node = "SqueezeBackward1";
  if (te_dtype_is_complex (te_tensor_dtype (a.input)))
    return te_complex_bilinear (call, 2, -1, err);
  return conv_compute (&plan, a.input, a.weight, bias, &call->outs[0], err);
}

/* ---- backward ---- */
static const TeOp *
convolution_op (void)
{
  TE_OP (op, "convolution");
  return op;
}
static const TeOp *
convolution_backward_op (void)
{
  TE_OP (op, "convolution_backward");
  return op;
}

/* The geometry of a recorded call in the form that convolution and convolution_backward take.  Same-padding
 * is spelled out only where it is symmetric; the shape of the result tells the rest. */
typedef struct
{
  int64_t stride[3], padding[3], dilation[3], output_padding[3], groups;
  int nd;
  bool transposed;
} General;

static void
general_from_plan (const TeConvPlan *p, General *g)
{
  g->nd = p->nd;
  g->transposed = p->transposed;
  g->groups = p->groups;
  for (int i = 0; i < p->nd; i++)
    {
      int d = 3 - p->nd + i;
      g->stride[i] = p->stride[d];
      g->padding[i] = p->pad[d];
      g->dilation[i] = p->dilation[d];
      g->output_padding[i] = p->transposed ? p->wide[d]
                                                 - ((p->narrow[d] - 1) * p->stride[d] - 2 * p->pad[d]
                                                    + p->dilation[d] * (p->kernel[d] - 1) + 1)
                                           : 0;
    }
}

static bool
call_backward (const General *g,
               TeTensor *grad,
               TeTensor *input,
               TeTensor *weight,
               const bool needs[3],
               TeTensor *results[3],
               TeError *err)
{
  return te_call_multi (convolution_backward_op (), results, 3, err, "TTTIIIbIibbb", grad, input, weight,
                        g->stride, g->nd, g->padding, g->nd, g->dilation, g->nd, (int) g->transposed,
                        g->output_padding, g->nd, g->groups, (int) needs[0], (int) needs[1], (int) needs[2]);
}

static bool
conv_backward (TeBackward *ctx, TeError *err)
{
  if (!ctx->grads[0])
    return true;
  TeConvArgs a = read_args (ctx->op, ctx->args, ctx->inputs[0], ctx->inputs[1], NULL);
  TeConvPlan plan;
  General g;
  if (!te_conv_plan (&plan, &a, err))
    return false;
  general_from_plan (&plan, &g);
  return call_backward (&g, ctx->grads[0], ctx->inputs[0], ctx->inputs[1], ctx->needs, ctx->results, err);
}

/* Sum of the gradient over everything but channels. */
static void
bias_grad (TeDtype dtype, int64_t n, int64_t channels, int64_t volume, const void *grad, void *out)
{
  for (int64_t c = 0; c < channels; c++)
    {
      double total = 0;
      for (int64_t i = 0; i < n; i++)
        {
          int64_t at = (i * channels + c) * volume;
          if (dtype == TE_FLOAT64)
            for (int64_t k = 0; k < volume; k++)
              total += ((const double *) grad)[at + k];
          else
            {
              float part[8] = { 0 };
              const float *from = (const float *) grad + at;
              int64_t k = 0;
              for (; k + 8 <= volume; k += 8)
                for (int l = 0; l < 8; l++)
                  part[l] += from[k + l];
              for (; k < volume; k++)
                part[0] += from[k];
              total +=
                  ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
            }
        }
      if (dtype == TE_FLOAT64)
        ((double *) out)[c] = total;
      else
        ((float *) out)[c] = (float) total;
    }
}

/* The plan of convolution_backward: as the forward's, with the narrow side taken from grad (same-padding). */
static bool
backward_plan (const TeValue *v, TeConvPlan *p, TeError *err)
{
  TeTensor *grad = v[0].tensor;
  TeValue one = { .kind = TE_VALUE_INT_LIST, .count = 0 };
  TeConvArgs a = { .input = v[1].tensor,
                   .weight = v[2].tensor,
                   .stride = &v[3],
                   .padding = &v[4],
                   .dilation = &v[5],
                   .output_padding = v[6].b ? &v[7] : &one,
                   .groups = v[8].i,
                   .nd = v[2].tensor->ndim - 2,
                   .transposed = v[6].b,
                   .sized = true,
                   .name = "convolution_backward" };
  if (!te_conv_plan (p, &a, err))
    return false;
  int64_t sizes[5];
  if (grad->ndim != side_sizes (p, p->transposed, sizes))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "convolution_backward: gradient and input differ in dimensions");
  for (int i = 0; i < p->nd; i++)
    (p->transposed ? p->wide : p->narrow)[3 - p->nd + i] = grad->sizes[grad->ndim - p->nd + i];
  return true;
}

static bool
backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeConvPlan p;
  if (!backward_plan (v, &p, err))
    return false;
  TeTensor *input = v[1].tensor, *weight = v[2].tensor;
  if (te_dtype_is_complex (te_tensor_dtype (input)))
    return te_complex_bilinear (call, 3, 11, err);
  TeDtype dtype = te_tensor_dtype (input), compute = dtype == TE_FLOAT64 ? TE_FLOAT64 : TE_FLOAT32;
  TeTensor *g = te_contiguous_copy (v[0].tensor, compute, err),
           *x = g ? te_contiguous_copy (input, compute, err) : NULL;
  TeTensor *w = x ? te_contiguous_copy (weight, compute, err) : NULL;
  bool ok = w != NULL;
  if (ok && v[9].b)
    ok = (call->outs[0] = te_tensor_new (input->ndim, input->sizes, compute, err)) != NULL
         && (!input->numel
             || (p.transposed ? te_conv_to_narrow (&p, compute, te_tensor_data (g), te_tensor_data (w), NULL,
                                                   te_tensor_data (call->outs[0]), err)
                              : te_conv_to_wide (&p, compute, te_tensor_data (g), te_tensor_data (w), NULL,
                                                 te_tensor_data (call->outs[0]), err)));
  if (ok && v[10].b)
    {
      TeTensor *wide = p.transposed ? g : x, *narrow = p.transposed ? x : g;
      ok = (call->outs[1] = te_tensor_new (weight->ndim, weight->sizes, compute, err)) != NULL
           && te_conv_to_weight (&p, compute, te_tensor_data (wide), te_tensor_data (narrow),
                                 te_tensor_data (call->outs[1]), err);
    }
  int64_t channels = p.transposed ? p.wide_channels : p.narrow_channels;
  if (ok && v[11].b && (ok = (call->outs[2] = te_tensor_new (1, &channels, compute, err)) != NULL))
    bias_grad (compute, p.n, channels, te_conv_volume (p.transposed ? p.wide : p.narrow), te_tensor_data (g),
               te_tensor_data (call->outs[2]));
  te_tensor_unref (g);
  te_tensor_unref (x);
  te_tensor_unref (w);
  for (int i = 0; i < 3 && ok && dtype != compute; i++)
    if (call->outs[i])
      {
        TeTensor *cast = te_contiguous_copy (call->outs[i], dtype, err);
        te_tensor_unref (call->outs[i]);
        call->outs[i] = cast;
        ok = cast != NULL;
      }
  if (!ok || p.transposed || input->ndim != 4)
    return ok;
  if (call->outs[0])
    ok = (call->outs[0] = follow_either (call->outs[0], input, weight, err)) != NULL;
  bool dot = weight->sizes[2] == 1 && weight->sizes[3] == 1; /* either order is that of the channels */
  if (ok && call->outs[1])
    ok = (call->outs[1] = dot ? te_nn_follow_format (call->outs[1], weight, err)
                              : follow_either (call->outs[1], input, weight, err))
         != NULL;
  return ok;
}

/* Adds an owned tensor into a result slot. */
static bool
result_add (TeTensor **slot, TeTensor *value, TeError *err)
{
  if (!value || !*slot)
    {
      if (value)
        *slot = value;
      return value != NULL;
    }
  TeTensor *sum = te_add (*slot, value, err);
  te_tensor_unref (value);
  te_tensor_unref (*slot);
  *slot = sum;
  return sum != NULL;
}

static TeTensor *
call_convolution (const General *g, TeTensor *input, TeTensor *weight, TeTensor *bias, TeError *err)
{
  return te_call (convolution_op (), err, "TTTIIIbIi", input, weight, bias, g->stride, g->nd, g->padding,
                  g->nd, g->dilation, g->nd, (int) g->transposed, g->output_padding, g->nd, g->groups);
}

/* One product of convolution_backward (which: 0 input, 1 weight), added into slot. */
static bool
add_backward (const General *g,
              TeTensor *grad,
              TeTensor *input,
              TeTensor *weight,
              int which,
              TeTensor **slot,
              TeError *err)
{
  TeTensor *results[3] = { NULL };
  const bool needs[3] = { which == 0, which == 1, false };
  return call_backward (g, grad, input, weight, needs, results, err)
         && result_add (slot, results[which], err);
}

/* How much must input grow at its ends, last dimension first, so that symmetric padding gives as many results as grad
 * has?  Nothing, save after an uneven padding='same'. */
static bool
missing_ends (const TeConvPlan *p, const TeTensor *grad, const TeTensor *input, int64_t *amounts)
{
  bool any = false;
  for (int i = 0; i < p->nd; i++)
    {
      int d = 2 - i;
      int64_t reach = (grad->sizes[grad->ndim - 1 - i] - 1) * p->stride[d] + p->dilation[d] * (p->kernel[d] - 1) + 1;
      int64_t missing = p->transposed ? 0 : reach - 2 * p->pad[d] - input->sizes[input->ndim - 1 - i];
      amounts[2 * i] = 0;
      amounts[2 * i + 1] = missing > 0 ? missing : 0;
      any = any || missing > 0;
    }
  return any;
}

/* gI, gW, gb are linear in grad and in weight or input, so the second derivatives are convolutions:
 * grad' = conv (ggI, W) + conv (I, ggW) + ggb;  I' = backward-input (grad, ggW);  W' = backward-weight (ggI,
 * grad). */
static bool
second_derivatives (TeBackward *ctx, TeConvPlan p, TeTensor *input, TeTensor *gg_input, TeError *err)
{
  TeTensor *grad = ctx->inputs[0], *weight = ctx->inputs[2];
  TeTensor *gg_weight = ctx->grads[1], *gg_bias = ctx->grads[2];
  General g;
  general_from_plan (&p, &g);
  bool ok = true;
  if (ctx->needs[0] && gg_input)
    ok = result_add (&ctx->results[0],
                     call_convolution (&g, gg_input, weight, gg_weight ? NULL : gg_bias, err), err);
  if (ok && ctx->needs[0] && gg_weight)
    ok = result_add (&ctx->results[0], call_convolution (&g, input, gg_weight, gg_bias, err), err);
  else if (ok && ctx->needs[0] && gg_bias && !gg_input)
    {
      int64_t sizes[5] = { 1, 1, 1, 1, 1 };
      sizes[p.batched] = gg_bias->sizes[0];
      TeTensor *view = te_reshape (gg_bias, grad->ndim, sizes, err);
      ok = view && result_add (&ctx->results[0], te_expand (view, grad->ndim, grad->sizes, err), err);
      te_tensor_unref (view);
    }
  if (ok && ctx->needs[1] && gg_weight)
    ok = add_backward (&g, grad, input, gg_weight, 0, &ctx->results[1], err);
  if (ok && ctx->needs[2] && gg_input)
    ok = add_backward (&g, grad, gg_input, weight, 1, &ctx->results[2], err);
  return ok;
}

static bool
backward_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (pad, "constant_pad_nd")
  TeTensor *input = ctx->inputs[1], *gg_input = ctx->grads[0];
  TeConvPlan p;
  TeValue v[12];
  int64_t amounts[6];
  memcpy (v, ctx->args, sizeof v);
  for (int i = 0; i < 3; i++)
    v[i].tensor = ctx->inputs[i];
  if (!backward_plan (v, &p, err))
    return false;
  if (!missing_ends (&p, ctx->inputs[0], input, amounts))
    return second_derivatives (ctx, p, input, gg_input, err);
  TeTensor *x = te_call (pad, err, "TIS", input, amounts, 2 * p.nd, te_scalar_int (0)),
           *gg = x && gg_input ? te_call (pad, err, "TIS", gg_input, amounts, 2 * p.nd, te_scalar_int (0)) : NULL;
  bool ok = x && (gg || !gg_input) && second_derivatives (ctx, p, x, gg, err);
  for (int i = 0; i < 2 * p.nd; i++)
    amounts[i] = -amounts[i];
  if (ok && ctx->results[1])
    {
      TeTensor *cut = te_call (pad, err, "TIS", ctx->results[1], amounts, 2 * p.nd, te_scalar_int (0));
      te_tensor_unref (ctx->results[1]);
      ctx->results[1] = cut;
      ok = cut != NULL;
    }
  te_tensor_unref (x);
  te_tensor_unref (gg);
  return ok;
}

static uint32_t
conv_saves_for (const TeOpCall *call, const bool *needs)
{
  return TE_SAVE_ARG (0) | TE_SAVE_ARG (1);
}

#define CONV_ROW(SCHEMA, DOC)                                                                                \
  {                                                                                                          \
    .schema = SCHEMA, .flags = TE_OP_FUNCTION | TE_OP_WIDENS_INTEGERS, .kernel = conv_kernel,                \
    .backward = conv_backward, .node = "ConvolutionBackward", .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),    \
    .saves_for = conv_saves_for, .doc = DOC                                                                  \
  }

static const TeOpDef rows[] = {
  CONV_ROW ("conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, "
            "int[1] dilation=1, int groups=1) -> Tensor",
            "input (N, C, L), weight (O, C/groups, K) -> (N, O, L')."),
  CONV_ROW ("conv1d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, str "
            "padding=\"valid\", int[1] dilation=1, int groups=1) -> Tensor",
            "conv1d with padding 'same' or 'valid'."),
  CONV_ROW ("conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, "
            "int[2] dilation=1, int groups=1) -> Tensor",
            "input (N, C, H, W), weight (O, C/groups, KH, KW) -> (N, O, H', W')."),
  CONV_ROW ("conv2d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, str "
            "padding=\"valid\", int[2] dilation=1, int groups=1) -> Tensor",
            "conv2d with padding 'same' or 'valid'."),
  CONV_ROW ("conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, "
            "int[3] dilation=1, int groups=1) -> Tensor",
            "input (N, C, D, H, W), weight (O, C/groups, KD, KH, KW) -> (N, O, D', H', W')."),
  CONV_ROW ("conv3d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, str "
            "padding=\"valid\", int[3] dilation=1, int groups=1) -> Tensor",
            "conv3d with padding 'same' or 'valid'."),
  CONV_ROW ("conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] "
            "padding=0, int[1] output_padding=0, int groups=1, int[1] dilation=1) -> Tensor",
            "input (N, C, L), weight (C, O/groups, K) -> (N, O, L')."),
  CONV_ROW ("conv_transpose2d.input(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] "
            "padding=0, int[2] output_padding=0, int groups=1, int[2] dilation=1) -> Tensor",
            "input (N, C, H, W), weight (C, O/groups, KH, KW) -> (N, O, H', W')."),
  CONV_ROW ("conv_transpose3d.input(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] "
            "padding=0, int[3] output_padding=0, int groups=1, int[3] dilation=1) -> Tensor",
            "input (N, C, D, H, W), weight (C, O/groups, KD, KH, KW) -> (N, O, D', H', W')."),
  CONV_ROW ("convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] "
            "dilation, bool transposed, int[] output_padding, int groups) -> Tensor",
            "The general form of the convolutions."),
  { .schema = "convolution_backward(Tensor grad_output, Tensor input, Tensor weight, int[] stride, int[] "
              "padding, int[] dilation, bool transposed, int[] output_padding, int groups, bool need_input, "
              "bool need_weight, bool need_bias) -> (Tensor, Tensor, Tensor)",
    .kernel = backward_kernel,
    .backward = backward_backward,
    .node = "ConvolutionBackwardBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .doc = "Gradients of a convolution for input, weight and bias, as far as they are needed." },
};

TE_OP_FAMILY (te_family_conv, rows);
