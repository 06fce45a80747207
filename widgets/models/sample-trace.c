#include "models/sample-trace.h"

#include <math.h>

#include "core/dtype.h"
#include "models/sample-errors.h"
#include "models/sample-made.h"
#include "models/sample-ops.h"
#include "models/sample-told.h"
#include "models/sample-programs.h"
#include "models/sample-views.h"
#include "models/trace-builder.h"

/* Numbers that look measured: a small generator with a fixed seed. */
typedef struct
{
  guint64 state;
} Noise;

static double
noise (Noise *self)
{
  self->state = self->state * 6364136223846793005u + 1442695040888963407u;
  return (double) (self->state >> 40) / (1 << 24);
}

static double
noise_normal (Noise *self)
{
  double sum = 0;
  for (int i = 0; i < 12; i++)
    sum += noise (self);
  return sum - 6;
}

/* ---- digits ---- */
static const char digits_source[] = "import torch, torch.nn as nn\n"
                                    "import torch.nn.functional as F\n"
                                    "import gradboard as gb\n"
                                    "\n"
                                    "class Net(nn.Module):\n"
                                    "    def __init__(self):\n"
                                    "        super().__init__()\n"
                                    "        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)\n"
                                    "        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)\n"
                                    "        self.fc = nn.Linear(64, 10)\n"
                                    "    def forward(self, x):\n"
                                    "        x = F.max_pool2d(self.conv1(x).relu(), 2)\n"
                                    "        x = F.max_pool2d(self.conv2(x).relu(), 2)\n"
                                    "        return self.fc(x.flatten(1))\n"
                                    "\n"
                                    "for xb, yb in loader:\n"
                                    "    opt.zero_grad()\n"
                                    "    loss = F.cross_entropy(model(xb), yb)\n"
                                    "    loss.backward()\n"
                                    "    opt.step()\n";

#define N_PARAMS 6
static const struct
{
  const char *name;
  int module, ndim;
  gint64 sizes[4];
} digits_params[N_PARAMS] = {
  { "conv1.weight", 2, 4, { 8, 1, 3, 3 } },  { "conv1.bias", 2, 1, { 8 } },
  { "conv2.weight", 3, 4, { 16, 8, 3, 3 } }, { "conv2.bias", 3, 1, { 16 } },
  { "fc.weight", 4, 2, { 10, 64 } },         { "fc.bias", 4, 1, { 10 } },
};

/* One op of the forward pass: what it makes, and the node that remembers it. */
static const struct
{
  const char *name, *node, *text;
  int module, weight; /* index of the first parameter it reads, -1: none */
  int line, column, end_column;
  int ndim;
  gint64 sizes[4];
  gboolean saves_input, saves_result, is_view;
  double rms;
} digits_ops[] = {
  { "conv2d",
    "ConvolutionBackward0",
    "stride=1, padding=1",
    2,
    0,
    12,
    25,
    38,
    4,
    { 64, 8, 8, 8 },
    TRUE,
    FALSE,
    FALSE,
    0.758 },
  { "relu", "ReluBackward0", "", 0, -1, 12, 25, 45, 4, { 64, 8, 8, 8 }, FALSE, TRUE, FALSE, 0.575 },
  { "max_pool2d",
    "MaxPool2DWithIndicesBackward0",
    "kernel_size=2",
    0,
    -1,
    12,
    12,
    49,
    4,
    { 64, 8, 4, 4 },
    TRUE,
    TRUE,
    FALSE,
    0.856 },
  { "conv2d",
    "ConvolutionBackward0",
    "stride=1, padding=1",
    3,
    2,
    13,
    25,
    38,
    4,
    { 64, 16, 4, 4 },
    TRUE,
    FALSE,
    FALSE,
    1.980 },
  { "relu", "ReluBackward0", "", 0, -1, 13, 25, 45, 4, { 64, 16, 4, 4 }, FALSE, TRUE, FALSE, 1.412 },
  { "max_pool2d",
    "MaxPool2DWithIndicesBackward0",
    "kernel_size=2",
    0,
    -1,
    13,
    12,
    49,
    4,
    { 64, 16, 2, 2 },
    TRUE,
    TRUE,
    FALSE,
    2.010 },
  { "flatten",
    "ReshapeAliasBackward0",
    "start_dim=1",
    0,
    -1,
    14,
    23,
    35,
    2,
    { 64, 64 },
    FALSE,
    FALSE,
    TRUE,
    2.010 },
  { "linear", "AddmmBackward0", "", 4, 4, 14, 15, 36, 2, { 64, 10 }, TRUE, FALSE, FALSE, 4.310 },
  { "cross_entropy", "NllLossBackward0", "", 0, -1, 18, 11, 41, 0, { 0 }, TRUE, FALSE, FALSE, 0 },
};
#define N_OPS G_N_ELEMENTS (digits_ops)

typedef struct
{
  GbTraceBuilder *b;
  Noise noise;
  GbBuiltTensor params[N_PARAMS];
  guint64 accumulate[N_PARAMS];
  guint32 pos[N_OPS], pos_backward, pos_x;
  guint32 modules[5];
  guint64 nodes[N_OPS];
  guint skipped; /* op that the code no longer has; 0: none */
} Digits;

static void
digits_setup (Digits *d)
{
  static const char *names[] = { "", "", "conv1", "conv2", "fc" };
  static const char *classes[] = { "", "Net", "Conv2d", "Conv2d", "Linear" };

  gb_trace_builder_source (d->b, "digits_cnn.py", digits_source);
  for (guint i = 0; i < N_OPS; i++)
    d->pos[i] =
        gb_trace_builder_pos (d->b, digits_ops[i].line, digits_ops[i].column, digits_ops[i].end_column);
  d->pos_backward = gb_trace_builder_pos (d->b, 19, 4, 19);
  d->pos_x = gb_trace_builder_pos (d->b, 16, 0, 21);
  for (int i = 1; i < 5; i++)
    d->modules[i] = gb_trace_builder_module (d->b, i > 1 ? d->modules[1] : 0, names[i], classes[i]);
  for (int i = 0; i < N_PARAMS; i++)
    {
      d->params[i] = gb_trace_builder_make (d->b, TE_FLOAT32, digits_params[i].ndim, digits_params[i].sizes);
      d->params[i].flags = TE_WIRE_LEAF | TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD;
      gb_trace_builder_leaf (d->b, &d->params[i], 0);
      gb_trace_builder_param (d->b, &d->params[i], digits_params[i].name,
                              d->modules[digits_params[i].module]);
      d->accumulate[i] = gb_trace_builder_new_node (d->b);
    }
}

static guint64
digits_forward (Digits *d, guint n_ops)
{
  static const gint64 x_sizes[] = { 64, 1, 8, 8 }, y_sizes[] = { 64 };
  GbBuiltTensor x = gb_trace_builder_make (d->b, TE_FLOAT32, 4, x_sizes), last;
  GbBuiltTensor y = gb_trace_builder_make (d->b, TE_INT64, 1, y_sizes);
  guint64 previous_node = 0, outer = 0;

  gb_trace_builder_leaf (d->b, &x, d->pos_x);
  gb_trace_builder_name (d->b, &x, "xb", d->pos_x);
  gb_trace_builder_leaf (d->b, &y, d->pos_x);
  gb_trace_builder_name (d->b, &y, "yb", d->pos_x);
  last = x;
  for (int i = 0; i < N_PARAMS && n_ops; i++)
    gb_trace_builder_node (d->b, d->accumulate[i], 0, d->params[i].id, "AccumulateGrad", NULL, 0, NULL, 0);
  outer = gb_trace_builder_module_enter (d->b, d->modules[1], d->pos[0]);
  for (guint i = 0; i < n_ops; i++)
    {
      gboolean is_product = digits_ops[i].weight >= 0;
      if (i && i == d->skipped)
        continue;
      guint64 inputs[3] = { last.id, 0, 0 }, next[3] = { previous_node, 0, 0 }, call, module_call = 0;
      guint n_inputs = 1, n_saved = 0;
      TeWireSaved saved[3] = { 0 };
      GbBuiltTensor out =
          digits_ops[i].is_view
              ? gb_trace_builder_make_view (d->b, &last, 2, digits_ops[i].sizes, (gint64[]){ 64, 1 }, 0)
              : gb_trace_builder_make (d->b, TE_FLOAT32, digits_ops[i].ndim, digits_ops[i].sizes);

      if (is_product)
        {
          inputs[n_inputs++] = d->params[digits_ops[i].weight].id;
          inputs[n_inputs++] = d->params[digits_ops[i].weight + 1].id;
          next[1] = d->accumulate[digits_ops[i].weight];
          next[2] = d->accumulate[digits_ops[i].weight + 1];
        }
      else if (i + 1 == N_OPS)
        inputs[n_inputs++] = y.id;
      if (digits_ops[i].module)
        module_call = gb_trace_builder_module_enter (d->b, d->modules[digits_ops[i].module], d->pos[i]);
      out.flags = TE_WIRE_REQUIRES_GRAD;
      out.node = d->nodes[i] = gb_trace_builder_new_node (d->b);
      call = gb_trace_builder_op_begin (d->b, digits_ops[i].name, digits_ops[i].is_view ? TE_WIRE_OP_VIEW : 0,
                                        d->pos[i], inputs, n_inputs, digits_ops[i].text);
      if (digits_ops[i].saves_input)
        saved[n_saved++] = (TeWireSaved){ last.id, last.storage, 0, gb_trace_builder_string (d->b, "self"),
                                          16696 + 2048 * i };
      if (is_product)
        saved[n_saved++] = (TeWireSaved){ inputs[1], d->params[digits_ops[i].weight].storage, 0,
                                          gb_trace_builder_string (d->b, "weight"), 288 };
      if (digits_ops[i].saves_result)
        saved[n_saved++] =
            (TeWireSaved){ out.id, out.storage, 0, gb_trace_builder_string (d->b, "result"), 131072 };
      gb_trace_builder_node (d->b, out.node, call, 0, digits_ops[i].node, next, is_product ? 3 : 1, saved,
                             n_saved);
      gb_trace_builder_op_end (d->b, call, &out, 1, 40000 + 9000 * i, 0);
      if (digits_ops[i].rms > 0)
        gb_trace_builder_stats (d->b, &out, -digits_ops[i].rms, 3 * digits_ops[i].rms, 0.1, digits_ops[i].rms,
                                64 * digits_ops[i].rms);
      if (digits_ops[i].module)
        gb_trace_builder_module_leave (d->b, module_call, d->modules[digits_ops[i].module], d->pos[i]);
      if (i == 7)
        gb_trace_builder_module_leave (d->b, outer, d->modules[1], d->pos[0]);
      previous_node = out.node;
      last = out;
    }
  if (n_ops == N_OPS)
    gb_trace_builder_name (d->b, &last, "loss", d->pos[N_OPS - 1]);
  return previous_node;
}

static void
digits_backward (Digits *d, guint64 root)
{
  guint64 backward = gb_trace_builder_backward_begin (d->b, root, d->pos_backward), grad = 1000000;

  for (int i = (int) N_OPS - 1; i >= 0; i--)
    {
      guint64 grads[3] = { grad, grad + 1, grad + 2 };
      int weight = digits_ops[i].weight;
      if (i && (guint) i == d->skipped)
        continue;
      gb_trace_builder_node_begin (d->b, backward, d->nodes[i]);
      gb_trace_builder_node_end (d->b, backward, d->nodes[i], grads, weight >= 0 ? 3 : 1);
      gb_trace_builder_saved_freed (d->b, d->nodes[i]);
      for (int k = 0; weight >= 0 && k < 2; k++)
        {
          gb_trace_builder_node_begin (d->b, backward, d->accumulate[weight + k]);
          gb_trace_builder_accumulate (d->b, backward, d->params[weight + k].id, grads[1 + k], FALSE);
          gb_trace_builder_node_end (d->b, backward, d->accumulate[weight + k], NULL, 0);
        }
      grad += 3;
    }
  gb_trace_builder_backward_end (d->b, backward, root, d->pos_backward);
}

static double
digits_grad_norm (Digits *d, int param, int step)
{
  static const double level[N_PARAMS] = { 0.16, 0.10, 0.43, 0.06, 0.32, 0.037 };
  double bump = exp (-pow ((step - 39) / 11.0, 2)) * (param >= 4 ? 1.7 : 1.9);
  return level[param] * exp (0.9 * bump + 0.25 * noise_normal (&d->noise))
         * (step < 12 ? 0.35 + step * 0.05 : 1);
}

static void
sample_digits (GbTraceBuilder *b)
{
  Digits d = { .b = b, .noise = { 7 } };

  digits_setup (&d);
  for (int step = 1; step <= 60; step++)
    {
      double smooth = 2.3 / (1 + exp ((step - 33) / 5.0)) + 0.30 * exp (-(60 - step) / 200.0) * 0.5;
      double loss = MAX (0.084, smooth * exp (0.16 * noise_normal (&d.noise) * (step > 24)) + 0.02);
      gb_trace_builder_batch (b, (step - 1) / 23 + 1, (step - 1) % 23 + 1, 23);
      digits_backward (&d, digits_forward (&d, N_OPS));
      for (int i = 0; i < N_PARAMS; i++)
        {
          double norm = digits_grad_norm (&d, i, step),
                 param = i % 2 ? 0.4 + 0.002 * step : 2.6 + 0.01 * step;
          gb_trace_builder_gradient (b, &d.params[i], i, norm, param, 0.05 * norm, 0, FALSE);
        }
      gb_trace_builder_step (b, "SGD", step, 0.05);
      gb_trace_builder_log (b, "loss", step == 60 ? 0.084 : loss);
      if (step == 23 || step == 46)
        {
          gb_trace_builder_log (b, "test accuracy", step == 23 ? 0.200 : 0.828);
          gb_trace_builder_print (b, step == 23 ? "epoch 1  loss 2.2456\n" : "epoch 2  loss 1.2242\n");
        }
      gb_trace_builder_iteration (b);
    }
  gb_trace_builder_batch (b, 3, 15, 23);
  digits_forward (&d, 4);
  gb_trace_builder_state (b, TE_STATE_PAUSED, d.pos[3], "op");
}

/* ---- branches ---- */

/* Weights that were the same until iteration 30 and then go their own ways. */
static void
branches_values (Digits *d, guint64 step, double drift)
{
  for (int p = 0; p < N_PARAMS; p++)
    {
      double values[2048];
      Noise own = { 100 + (guint64) p };
      gint64 numel = 1;
      for (int k = 0; k < d->params[p].ndim; k++)
        numel *= d->params[p].sizes[k];
      for (gint64 i = 0; i < numel; i++)
        {
          double start = 0.2 * noise_normal (&own), pull = noise_normal (&own);
          values[i] = start + 0.002 * pull * (double) MIN (step, 30) + drift * pull * (p == 5 ? 0 : 1);
        }
      d->params[p].version = (guint32) step;
      gb_trace_builder_values (d->b, &d->params[p], values);
    }
}

static void
branches_run (Digits *d, int from, int to, double rate, double floor, double drift)
{
  for (int step = from; step <= to; step++)
    {
      double start = 2.3 * exp (-MIN (step, 30) / 24.0);
      double loss = floor + (start - floor) * exp (-MAX (step - 30, 0) * rate);
      loss *= exp ((step > 30 ? 0.09 : 0.05) * noise_normal (&d->noise));
      digits_backward (d, digits_forward (d, N_OPS));
      for (int i = 0; i < N_PARAMS; i++)
        {
          double norm = digits_grad_norm (d, i, step),
                 param = (i % 2 ? 0.4 + 0.002 * step : 2.6 + 0.01 * step)
                         + (i == 5 ? 0 : drift * MAX (step - 30, 0) * (i + 1));
          gb_trace_builder_gradient (d->b, &d->params[i], (guint32) i, norm, param, 0.05 * norm, 0, FALSE);
        }
      if (step % 5 == 0)
        branches_values (d, (guint64) step, drift * MAX (step - 30, 0));
      gb_trace_builder_step (d->b, "SGD", step, 0.05);
      gb_trace_builder_log (d->b, "loss", loss);
      if (step % 20 == 0)
        {
          g_autofree char *text = g_strdup_printf ("step %d  loss %.4f\n", step, loss);
          gb_trace_builder_print (d->b, text);
        }
      gb_trace_builder_iteration (d->b);
    }
}

static void
sample_branches (GbTraceBuilder *b)
{
  Digits d = { .b = b, .noise = { 11 } };
  digits_setup (&d);
  gb_trace_builder_knob (b, "lr", 0.1, 0, 1);
  branches_run (&d, 1, 60, 0.05, 0.74, 0.0012);
  gb_trace_builder_resume (b, 30);
  gb_trace_builder_knob_set (b, "lr", 0.02);
  branches_run (&d, 31, 56, 0.08, 0.31, 0.0004);
  gb_trace_builder_resume (b, 42);
  g_auto (GStrv) parts = g_strsplit (digits_source, "self.conv2(x).relu()", 2);
  g_autofree char *text = g_strjoinv ("self.conv2(x)", parts);
  gb_trace_builder_source (b, "digits_cnn.py", text);
  d.skipped = 4;
  branches_run (&d, 43, 55, 0.05, 0.40, 0.0007);
  gb_trace_builder_end (b, 0);
}

/* ---- attention ---- */
static void
attention_weights (float *out, int layer, int time, Noise *n)
{
  static const int reads[12] = { 0, 0, 1, 2, 2, 2, 2, 6, 2, 7, 1, 8 };

  for (int h = 0; h < 4; h++)
    for (int q = 0; q < 12; q++)
      {
        float *row = out + (h * 12 + q) * 12;
        double sum = 0;
        for (int k = 0; k < 12; k++)
          {
            double score = 0.9 * noise_normal (n);
            double learned = layer == 1 ? (k == reads[q] ? 4.5 - 0.6 * h : 0)
                                        : (k == MAX (0, q - h) ? 3.2
                                           : k == 0            ? 1.0
                                                               : 0);
            row[k] = k > q ? 0 : (float) exp (score * 0.7 + learned * time / 4.0);
            sum += row[k];
          }
        for (int k = 0; k < 12; k++)
          row[k] = (float) (row[k] / sum);
      }
}

static void
sample_gpt (GbTraceBuilder *b)
{
  enum { SAMPLES = 3 };
  static const gint64 sizes[] = { SAMPLES, 4, 12, 12 }, out_sizes[] = { SAMPLES, 4, 12, 8 };
  static const char labels[] =
      "[\"<s>\",\"七\",\"百\",\"五\",\"十\",\"一\",\"=\",\"seven\",\"hundred\",\"and\",\"fifty\",\"one\"]";
  static const char *modules[] = { "blocks.0.attn", "blocks.1.attn" };
  float weights[4 * 12 * 12];
  Noise n = { 11 }, others = { 12 };
  guint32 pos[2][2];

  gb_trace_builder_source (b, "number_gpt.py", "w = scores.softmax(-1)\nout = w @ v\n");
  for (int layer = 0; layer < 2; layer++)
    {
      pos[layer][0] = gb_trace_builder_pos (b, 1, 4, 22);
      pos[layer][1] = gb_trace_builder_pos (b, 2, 6, 11);
    }
  for (int time = 0; time < 5; time++)
    {
      for (int layer = 0; layer < 2; layer++)
        {
          GbBuiltTensor scores = gb_trace_builder_make (b, TE_FLOAT32, 4, sizes);
          GbBuiltTensor w = gb_trace_builder_make (b, TE_FLOAT32, 4, sizes);
          GbBuiltTensor v = gb_trace_builder_make (b, TE_FLOAT32, 4, out_sizes);
          GbBuiltTensor out = gb_trace_builder_make (b, TE_FLOAT32, 4, out_sizes);
          guint64 call;

          gb_trace_builder_leaf (b, &scores, pos[layer][0]);
          gb_trace_builder_leaf (b, &v, pos[layer][0]);
          call = gb_trace_builder_op (b, "softmax", TE_WIRE_OP_SOFTMAX, pos[layer][0], &scores.id, 1,
                                      "dim=-1", &w);
          gb_trace_builder_op (b, "matmul", TE_WIRE_OP_PRODUCT, pos[layer][1], (guint64[]){ w.id, v.id }, 2,
                               "", &out);
          for (guint sample = SAMPLES; sample-- > 0;)
            {
              attention_weights (weights, layer, time, sample ? &others : &n);
              gb_trace_builder_attention (b, w.id, call, 101 + layer, modules[layer], 4, 12, 12, weights, sample,
                                          SAMPLES);
            }
          if (time == 0 && layer == 0)
            gb_trace_builder_show (b, &w, "attn", "w", labels);
        }
      gb_trace_builder_log (b, "loss", 3.9 * exp (-time * 0.45));
      gb_trace_builder_iteration (b);
    }
  gb_trace_builder_end (b, 0);
}

/* ---- strides ---- */
static void
sample_strides (GbTraceBuilder *b)
{
  static const gint64 n12[] = { 12 }, s34[] = { 3, 4 }, s43[] = { 4, 3 }, t41[] = { 4, 1 }, t14[] = { 1, 4 },
                      s32[] = { 3, 2 };
  static const double t_values[] = { 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11 }, middle[] = { 1, 2, 5, 6, 9, 10 };
  double values[12];
  GbBuiltTensor flat, x, y, m, own;
  guint32 pos[4];

  gb_trace_builder_source (
      b, "stride_view.py",
      "x = torch.arange(12).reshape(3, 4)\ny = x.t()\nm = x[:, 1:3]\nown = y.contiguous()\n");
  for (int i = 0; i < 4; i++)
    pos[i] = gb_trace_builder_pos (b, i + 1, 4, i == 0 ? 34 : i == 1 ? 9 : i == 2 ? 12 : 18);
  for (int i = 0; i < 12; i++)
    values[i] = i;
  flat = gb_trace_builder_make (b, TE_INT64, 1, n12);
  gb_trace_builder_op (b, "arange", 0, pos[0], NULL, 0, "12", &flat);
  x = gb_trace_builder_make_view (b, &flat, 2, s34, t41, 0);
  gb_trace_builder_op (b, "reshape", TE_WIRE_OP_VIEW, pos[0], &flat.id, 1, "(3, 4)", &x);
  gb_trace_builder_name (b, &x, "x", pos[0]);
  y = gb_trace_builder_make_view (b, &x, 2, s43, t14, 0);
  gb_trace_builder_op (b, "t", TE_WIRE_OP_VIEW, pos[1], &x.id, 1, "", &y);
  gb_trace_builder_name (b, &y, "y", pos[1]);
  m = gb_trace_builder_make_view (b, &x, 2, s32, t41, 1);
  gb_trace_builder_op (b, "slice", TE_WIRE_OP_VIEW, pos[2], &x.id, 1, "dim=1, start=1, end=3", &m);
  gb_trace_builder_name (b, &m, "m", pos[2]);
  own = gb_trace_builder_make (b, TE_INT64, 2, s43);
  gb_trace_builder_op (b, "contiguous", 0, pos[3], &y.id, 1, "", &own);
  gb_trace_builder_name (b, &own, "own", pos[3]);
  gb_trace_builder_storage_values (b, &x, values, 0, 12);
  gb_trace_builder_values (b, &x, values);
  gb_trace_builder_values (b, &y, t_values);
  gb_trace_builder_values (b, &m, middle);
  gb_trace_builder_values (b, &own, t_values);
  gb_trace_builder_storage_values (b, &own, t_values, 0, 12);
  gb_trace_builder_show (b, &y, "stride", "y", NULL);
  gb_trace_builder_end (b, 0);
}

/* ---- backward, step by step ---- */
static void
sample_backward (GbTraceBuilder *b)
{
  static const gint64 s3[] = { 3 };
  GbBuiltTensor x, y, xy, s, sine, z, *made[] = { &xy, &s, &sine, &z };
  static const char *ops[] = { "mul", "add", "sin", "sum" };
  static const char *nodes[] = { "MulBackward0", "AddBackward0", "SinBackward0", "SumBackward0" };
  static const double out[][3] = { { 0.5, 2, -2 }, { 1.5, 4, -3 }, { 0.9975, -0.7568, -0.1411 }, { 0.0996 } };
  static const double grads[][3] = {
    { 0.0707, -0.6536, -0.99 }, { 0.0707, -0.6536, -0.99 }, { 1, 1, 1 }, { 1 }
  };
  guint64 accumulate[2], node[4], call, backward;
  guint32 pos[4];

  gb_trace_builder_source (b, "graph_live.py",
                           "import torch\nx = torch.tensor([0.5, 1., 2.], requires_grad=True)\n"
                           "y = torch.tensor([1., 2., -1.], requires_grad=True)\n"
                           "z = torch.sin(x * y + y).sum()\nz.backward()\nprint(y.grad)\n");
  pos[0] = gb_trace_builder_pos (b, 4, 14, 19);
  pos[1] = gb_trace_builder_pos (b, 4, 14, 23);
  pos[2] = gb_trace_builder_pos (b, 4, 4, 24);
  pos[3] = gb_trace_builder_pos (b, 4, 4, 30);
  x = gb_trace_builder_make (b, TE_FLOAT32, 1, s3);
  y = gb_trace_builder_make (b, TE_FLOAT32, 1, s3);
  x.flags = y.flags = TE_WIRE_LEAF | TE_WIRE_REQUIRES_GRAD;
  gb_trace_builder_leaf (b, &x, gb_trace_builder_pos (b, 2, 0, 50));
  gb_trace_builder_name (b, &x, "x", 0);
  gb_trace_builder_values (b, &x, (double[]){ 0.5, 1, 2 });
  gb_trace_builder_leaf (b, &y, gb_trace_builder_pos (b, 3, 0, 50));
  gb_trace_builder_name (b, &y, "y", 0);
  gb_trace_builder_values (b, &y, (double[]){ 1, 2, -1 });
  accumulate[0] = gb_trace_builder_new_node (b);
  accumulate[1] = gb_trace_builder_new_node (b);
  gb_trace_builder_node (b, accumulate[0], 0, x.id, "AccumulateGrad", NULL, 0, NULL, 0);
  gb_trace_builder_node (b, accumulate[1], 0, y.id, "AccumulateGrad", NULL, 0, NULL, 0);
  for (int i = 0; i < 4; i++)
    {
      guint64 inputs[2] = { i == 0 ? x.id : made[i - 1]->id, y.id };
      guint64 next[2] = { i == 0 ? accumulate[0] : node[i - 1], accumulate[1] };
      guint n = i < 2 ? 2 : 1;
      TeWireSaved saved[2] = { { inputs[0], i == 0 ? x.storage : made[MAX (i, 1) - 1]->storage, 0,
                                 gb_trace_builder_string (b, "self"), 12 },
                               { y.id, y.storage, 0, gb_trace_builder_string (b, "other"), 12 } };

      *made[i] = gb_trace_builder_make (b, TE_FLOAT32, i == 3 ? 0 : 1, s3);
      made[i]->flags = TE_WIRE_REQUIRES_GRAD;
      made[i]->node = node[i] = gb_trace_builder_new_node (b);
      call = gb_trace_builder_op_begin (b, ops[i], 0, pos[i], inputs, n, "");
      gb_trace_builder_node (b, node[i], call, 0, nodes[i], next, n, saved, i == 0 ? 2 : i == 2 ? 1 : 0);
      gb_trace_builder_op_end (b, call, made[i], 1, 2000, 0);
      gb_trace_builder_values (b, made[i], out[i]);
    }
  gb_trace_builder_name (b, &z, "z", pos[3]);
  backward = gb_trace_builder_backward_begin (b, node[3], gb_trace_builder_pos (b, 5, 0, 12));
  for (int i = 3; i >= 1; i--)
    {
      GbBuiltTensor grad = gb_trace_builder_make (b, TE_FLOAT32, 1, s3);
      guint64 left[2] = { grad.id, grad.id };
      gb_trace_builder_leaf (b, &grad, 0);
      gb_trace_builder_node_begin (b, backward, node[i]);
      gb_trace_builder_node_end (b, backward, node[i], left, i < 2 ? 2 : 1);
      gb_trace_builder_values (b, &grad, grads[i - 1]);
      if (i == 2)
        gb_trace_builder_saved_freed (b, node[i]);
    }
  gb_trace_builder_node_begin (b, backward, node[0]);
  gb_trace_builder_state (b, TE_STATE_PAUSED, gb_trace_builder_pos (b, 5, 0, 12), "node");
}

/* ---- values ---- */
static void
sample_values (GbTraceBuilder *b)
{
  static const gint64 sizes[] = { 8, 3, 5, 5 }, small[] = { 3, 4 }, big[] = { 512, 768 };
  g_autofree double *values = g_new (double, 600);
  GbBuiltTensor w, m, e;
  Noise n = { 3 };
  guint32 pos;

  gb_trace_builder_source (b, "values.py", "w = torch.randn(8, 3, 5, 5) * 0.1\nw.add_(update)\n");
  pos = gb_trace_builder_pos (b, 1, 4, 32);
  e = gb_trace_builder_make (b, TE_FLOAT32, 2, big);
  gb_trace_builder_op (b, "randn", TE_WIRE_OP_RANDOM, pos, NULL, 0, "512, 768", &e);
  gb_trace_builder_name (b, &e, "emb", pos);
  gb_trace_builder_stats (b, &e, -4.1, 4.3, 0.001, 0.998, 626);
  m = gb_trace_builder_make (b, TE_BOOL, 2, small);
  gb_trace_builder_op (b, "ge", 0, pos, &e.id, 1, "0", &m);
  gb_trace_builder_name (b, &m, "mask", pos);
  for (int i = 0; i < 12; i++)
    values[i] = i % 5 < 2;
  gb_trace_builder_values (b, &m, values);
  w = gb_trace_builder_make (b, TE_FLOAT32, 4, sizes);
  gb_trace_builder_op (b, "mul", 0, pos, NULL, 0, "0.1", &w);
  gb_trace_builder_name (b, &w, "w", pos);
  for (int i = 0; i < 600; i++)
    values[i] = 0.1 * noise_normal (&n);
  values[7] = NAN;
  values[12] = INFINITY;
  values[13] = -INFINITY;
  values[3] = values[18] = 0;
  values[21] = 0.00001;
  gb_trace_builder_values (b, &w, values);
  w.version = 1;
  gb_trace_builder_op (b, "add_", TE_WIRE_OP_INPLACE, gb_trace_builder_pos (b, 2, 0, 14), &w.id, 1, "", &w);
  values[0] += 0.05;
  values[6] -= 0.11;
  values[24] += 0.2;
  gb_trace_builder_values (b, &w, values);
  gb_trace_builder_show (b, &w, "grid", "w", NULL);
  gb_trace_builder_end (b, 0);
}

/* ---- alarms ---- */
static void
sample_alarms (GbTraceBuilder *b)
{
  static const gint64 sizes[] = { 64, 64 };
  GbBuiltTensor params[30];
  Noise n = { 23 };
  guint32 module;

  gb_trace_builder_source (b, "deep.py", "for x, y in loader:\n    step(x, y)\n");
  module = gb_trace_builder_module (b, 0, "", "Deep");
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *name = g_strdup_printf ("layers.%d.weight", i);
      params[i] = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
      params[i].flags = TE_WIRE_LEAF | TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD;
      gb_trace_builder_leaf (b, &params[i], 0);
      gb_trace_builder_param (b, &params[i], name, module);
    }
  for (int step = 1; step <= 4000; step++)
    {
      for (int i = 0; i < 30; i++)
        {
          double norm = pow (10, -6 + 0.21 * i + 0.15 * noise_normal (&n)) * (1 + step / 4000.0);
          gboolean none = i == 4 && step > 1200;
          if (i == 27 && step > 3200)
            norm *= pow (10, (step - 3200) / 250.0);
          if (i == 28 && step > 3900)
            norm = NAN;
          gb_trace_builder_gradient (b, &params[i], i, norm, 8, norm * 0.01, isnan (norm) ? 12 : 0, none);
        }
      gb_trace_builder_log (b, "loss", 1.2 * exp (-step / 900.0) + 0.3 + 0.05 * noise_normal (&n));
      gb_trace_builder_log (b, "lr", 0.1 * pow (0.5, step / 1000));
      gb_trace_builder_iteration (b);
    }
  gb_trace_builder_end (b, 0);
}

/* ---- stale ---- */
static void
node_fails (GbTraceBuilder *b, guint64 backward, guint64 node)
{
  TeRecordNodeRun run = { .backward = backward, .node = node, .status = 1 };

  gb_trace_builder_node_begin (b, backward, node);
  gb_trace_builder_record (b, TE_RECORD_NODE_END, 0, &run.head + 1, sizeof run - sizeof run.head);
}

static void
sample_stale (GbTraceBuilder *b)
{
  static const gint64 s3[] = { 3 };
  GbBuiltTensor x, y, z;
  guint64 node[2], call, backward;
  guint32 at[5];

  gb_trace_builder_source (
      b, "stale.py",
      "import torch\nx = torch.randn(3, requires_grad=True)\ny = torch.exp(x)\n"
      "z = (y * y).sum()\nz.backward(inputs=[y])\ny += 1\ny.sum().backward()\nz.backward()\n");
  for (int i = 0; i < 5; i++)
    at[i] = gb_trace_builder_pos (b, (guint) i + 3, 0, 9);
  x = gb_trace_builder_make (b, TE_FLOAT32, 1, s3);
  x.flags = TE_WIRE_LEAF | TE_WIRE_REQUIRES_GRAD;
  gb_trace_builder_leaf (b, &x, 0);
  gb_trace_builder_name (b, &x, "x", 0);
  y = gb_trace_builder_make (b, TE_FLOAT32, 1, s3);
  z = gb_trace_builder_make (b, TE_FLOAT32, 0, s3);
  y.flags = z.flags = TE_WIRE_REQUIRES_GRAD;
  for (int i = 0; i < 2; i++)
    {
      GbBuiltTensor *made = i ? &z : &y;
      TeWireSaved saved = { y.id, y.storage, 0, gb_trace_builder_string (b, i ? "self" : "result"), 12 };
      made->node = node[i] = gb_trace_builder_new_node (b);
      call = gb_trace_builder_op_begin (b, i ? "mul" : "exp", 0, at[i], i ? &y.id : &x.id, 1, "");
      gb_trace_builder_node (b, node[i], call, 0, i ? "MulBackward0" : "ExpBackward0", node, i, &saved, 1);
      gb_trace_builder_op_end (b, call, made, 1, 2000, 0);
      gb_trace_builder_name (b, made, i ? "z" : "y", at[i]);
    }
  backward = gb_trace_builder_backward_begin (b, node[1], at[2]);
  gb_trace_builder_node_begin (b, backward, node[1]);
  gb_trace_builder_saved_freed (b, node[1]);
  gb_trace_builder_node_end (b, backward, node[1], NULL, 0);
  gb_trace_builder_backward_end (b, backward, node[1], at[2]);
  y.version = 1;
  gb_trace_builder_op (b, "add_", TE_WIRE_OP_INPLACE, at[3], &y.id, 1, "other=1", &y);
  for (int i = 0; i < 2; i++)
    {
      backward = gb_trace_builder_backward_begin (b, node[i], gb_trace_builder_pos (b, (guint) i + 7, 0, 9));
      node_fails (b, backward, node[i]);
      gb_trace_builder_backward_end (b, backward, node[i], at[4]);
    }
  gb_trace_builder_end (b, 1);
}

static const struct
{
  const char *name;
  void (*make) (GbTraceBuilder *b);
} samples[GB_N_SAMPLES] = {
  [GB_SAMPLE_DIGITS] = { "digits", sample_digits },    [GB_SAMPLE_GPT] = { "gpt", sample_gpt },
  [GB_SAMPLE_STRIDES] = { "strides", sample_strides }, [GB_SAMPLE_BACKWARD] = { "backward", sample_backward },
  [GB_SAMPLE_VALUES] = { "values", sample_values },    [GB_SAMPLE_ALARMS] = { "alarms", sample_alarms },
  [GB_SAMPLE_STALE] = { "stale", sample_stale },       [GB_SAMPLE_BRANCHES] = { "branches", sample_branches },
  [GB_SAMPLE_MODULES] = { "modules", gb_sample_modules },
  [GB_SAMPLE_SPREAD] = { "spread", gb_sample_spread },
  [GB_SAMPLE_MEMORY] = { "memory", gb_sample_memory },
  [GB_SAMPLE_IMAGES] = { "images", gb_sample_images },
  [GB_SAMPLE_WORDS] = { "words", gb_sample_words },
  [GB_SAMPLE_TAGS] = { "tags", gb_sample_tags },
  [GB_SAMPLE_WEIGHTS] = { "weights", gb_sample_weights },
  [GB_SAMPLE_ALIGNMENT] = { "alignment", gb_sample_alignment },
  [GB_SAMPLE_FILES] = { "files", gb_sample_files },
  [GB_SAMPLE_ROOM] = { "room", gb_sample_room },
  [GB_SAMPLE_CART] = { "cart", gb_sample_cart },
  [GB_SAMPLE_STAGES] = { "stages", gb_sample_stages },
  [GB_SAMPLE_BROADCAST] = { "broadcast", gb_sample_broadcast },
  [GB_SAMPLE_CLASH] = { "clash", gb_sample_clash },
  [GB_SAMPLE_WINDOW] = { "window", gb_sample_window },
  [GB_SAMPLE_POOL] = { "pool", gb_sample_pool },
  [GB_SAMPLE_HALF] = { "half", gb_sample_half },
  [GB_SAMPLE_POINTS] = { "points", gb_sample_points },
  [GB_SAMPLE_VALLEY] = { "valley", gb_sample_valley },
  [GB_SAMPLE_INTERVIEW] = { "interview", gb_sample_interview },
  [GB_SAMPLE_CANARY] = { "canary", gb_sample_canary },
  [GB_SAMPLE_RING] = { "ring", gb_sample_ring },
  [GB_SAMPLE_DESERTED] = { "deserted", gb_sample_deserted },
  [GB_SAMPLE_LINE] = { "line", gb_sample_line },
  [GB_SAMPLE_ERROR_VIEW] = { "error-view", gb_sample_error_view },
  [GB_SAMPLE_ERROR_SHAPES] = { "error-shapes", gb_sample_error_shapes },
  [GB_SAMPLE_FUNCTION] = { "function", gb_sample_function },
  [GB_SAMPLE_ARRAYS] = { "arrays", gb_sample_arrays },
  [GB_SAMPLE_TRAINED] = { "trained", gb_sample_trained },
};

const char *
gb_sample_name (GbSample sample)
{
  return samples[sample].name;
}

GbTrace *
gb_sample_trace_new (GbSample sample)
{
  return gb_sample_trace_new_with (sample, GB_CONTENT_ORDINARY);
}

const char *
gb_content_name (GbContent content)
{
  static const char *const names[GB_N_CONTENTS] = { "ordinary", "single", "huge", "nan", "strided", "long" };
  return names[content];
}

GbTrace *
gb_sample_trace_new_with (GbSample sample, GbContent content)
{
  GbTrace *trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = NULL;

  gb_trace_set_open_ended (trace, FALSE);
  b = gb_trace_builder_new (trace);
  gb_trace_builder_set_content (b, content);
  samples[sample].make (b);
  gb_trace_flush (trace);
  return trace;
}
