#include "models/sample-ops.h"

#include <math.h>

#include "core/dtype.h"

/* A tensor that the program made by itself, with a name. */
static GbBuiltTensor
leaf (GbTraceBuilder *b, const char *name, int ndim, const gint64 *sizes, const double *values, guint32 pos)
{
  GbBuiltTensor tensor = gb_trace_builder_make (b, TE_FLOAT32, ndim, sizes);

  gb_trace_builder_leaf (b, &tensor, pos);
  gb_trace_builder_name (b, &tensor, name, pos);
  gb_trace_builder_values (b, &tensor, values);
  return tensor;
}

void
gb_sample_broadcast (GbTraceBuilder *b)
{
  static const gint64 s234[] = { 2, 3, 4 }, s31[] = { 3, 1 };
  static const double means[] = { 2.5, -0.5, 1e-9 };
  double values[24], differences[24];
  GbBuiltTensor x, m, c;
  guint64 inputs[2];
  guint32 pos[3];

  gb_trace_builder_source (b, "center.py", "x = table()\nm = x.mean((0, 2))[:, None]\nc = x - m\n");
  for (guint i = 0; i < 3; i++)
    pos[i] = gb_trace_builder_pos (b, i + 1, 4, 10);
  for (int i = 0; i < 24; i++)
    values[i] = i == 6 ? NAN : round (sin (i * 1.3) * 40) / 10;
  x = leaf (b, "x", 3, s234, values, pos[0]);
  m = leaf (b, "m", 2, s31, means, pos[1]);
  for (int i = 0; i < 24; i++)
    differences[i] = values[i] - means[i / 4 % 3];
  c = gb_trace_builder_make (b, TE_FLOAT32, 3, s234);
  inputs[0] = x.id, inputs[1] = m.id;
  gb_trace_builder_op (b, "sub", 0, pos[2], inputs, 2, "", &c);
  gb_trace_builder_name (b, &c, "c", pos[2]);
  gb_trace_builder_values (b, &c, differences);
  gb_trace_builder_end (b, 0);
}

void
gb_sample_clash (GbTraceBuilder *b)
{
  static const gint64 s514[] = { 5, 1, 4 }, s32[] = { 3, 2 };
  double values[20];
  GbBuiltTensor x, y;
  guint64 inputs[2], call;
  guint32 pos[3];

  gb_trace_builder_source (b, "clash.py",
                           "a = torch.arange(20.).view(5, 1, 4)\nb = torch.arange(6.).view(3, 2)\na + b\n");
  for (guint i = 0; i < 3; i++)
    pos[i] = gb_trace_builder_pos (b, i + 1, i < 2 ? 4 : 0, 5);
  for (int i = 0; i < 20; i++)
    values[i] = i;
  x = leaf (b, "a", 3, s514, values, pos[0]);
  y = leaf (b, "b", 2, s32, values, pos[1]);
  inputs[0] = x.id, inputs[1] = y.id;
  call = gb_trace_builder_op_begin (b, "add", 0, pos[2], inputs, 2, "");
  gb_trace_builder_op_end (b, call, NULL, 0, 900, 1);
  gb_trace_builder_end (b, 1);
}

/* ---- windows ---- */

/* A stride-1 or -2 convolution by its definition. */
static void
convolve (const GbBuiltTensor *x,
          const double *in,
          const GbBuiltTensor *w,
          const double *weight,
          gint64 groups,
          gint64 stride,
          gint64 padding,
          const GbBuiltTensor *y,
          double *out)
{
  gint64 each = w->sizes[0] / groups, rows = x->sizes[2], columns = x->sizes[3];

  for (gint64 o = 0; o < y->sizes[1]; o++)
    for (gint64 r = 0; r < y->sizes[2]; r++)
      for (gint64 c = 0; c < y->sizes[3]; c++)
        {
          double sum = 0;
          for (gint64 k = 0; k < w->sizes[1] * 9; k++)
            {
              gint64 i = r * stride - padding + k / 3 % 3, j = c * stride - padding + k % 3,
                     channel = o / each * w->sizes[1] + k / 9;
              if (i >= 0 && j >= 0 && i < rows && j < columns)
                sum += in[(channel * rows + i) * columns + j] * weight[o * w->sizes[1] * 9 + k];
            }
          out[(o * y->sizes[2] + r) * y->sizes[3] + c] = sum;
        }
}

void
gb_sample_window (GbTraceBuilder *b)
{
  static const gint64 sx[] = { 1, 1, 8, 8 }, sw[] = { 4, 1, 3, 3 }, sy[] = { 1, 4, 8, 8 },
                      sv[] = { 4, 2, 3, 3 }, sz[] = { 1, 4, 4, 4 };
  double in[64], weight[72], middle[256], out[64];
  GbBuiltTensor x, w, y, r, v, z;
  guint32 pos[4];

  gb_trace_builder_source (b, "windows.py",
                           "x = digit()\ny = F.conv2d(x, w, padding=1)\nr = y.relu()\n"
                           "z = F.conv2d(r, v, stride=2, padding=1, groups=2)\n");
  for (guint i = 0; i < 4; i++)
    pos[i] = gb_trace_builder_pos (b, i + 1, 4, 20);
  for (int i = 0; i < 64; i++)
    in[i] = hypot (i / 8 - 3.5, i % 8 - 3.5) < 3.2 && hypot (i / 8 - 3.5, i % 8 - 3.5) > 1.5 ? 12 + i % 5
                                                                                             : i % 7 == 0;
  for (int i = 0; i < 72; i++)
    weight[i] = round (sin (i * 0.9) * 50) / 100;
  x = leaf (b, "x", 4, sx, in, pos[0]);
  w = leaf (b, "w", 4, sw, weight, pos[0]);
  y = gb_trace_builder_make (b, TE_FLOAT32, 4, sy);
  convolve (&x, in, &w, weight, 1, 1, 1, &y, middle);
  gb_trace_builder_op (b, "conv2d", 0, pos[1], (guint64[]){ x.id, w.id }, 2, "padding=[1, 1]", &y);
  gb_trace_builder_name (b, &y, "y", pos[1]);
  gb_trace_builder_values (b, &y, middle);
  for (int i = 0; i < 256; i++)
    middle[i] = MAX (middle[i], 0);
  r = gb_trace_builder_make (b, TE_FLOAT32, 4, sy);
  gb_trace_builder_op (b, "relu", 0, pos[2], &y.id, 1, "", &r);
  gb_trace_builder_name (b, &r, "r", pos[2]);
  gb_trace_builder_values (b, &r, middle);
  v = leaf (b, "v", 4, sv, weight, pos[0]);
  z = gb_trace_builder_make (b, TE_FLOAT32, 4, sz);
  convolve (&r, middle, &v, weight, 2, 2, 1, &z, out);
  gb_trace_builder_op (b, "conv2d", 0, pos[3], (guint64[]){ r.id, v.id }, 2,
                       "stride=[2, 2], padding=[1, 1], groups=2", &z);
  gb_trace_builder_name (b, &z, "z", pos[3]);
  gb_trace_builder_values (b, &z, out);
  gb_trace_builder_end (b, 0);
}

void
gb_sample_pool (GbTraceBuilder *b)
{
  static const gint64 sx[] = { 1, 5, 7 }, sy[] = { 1, 3, 4 };
  double in[35], out[12];
  GbBuiltTensor x, y;
  guint32 pos[2];

  gb_trace_builder_source (b, "pool.py", "x = picture()\ny = F.max_pool2d(x, 3, stride=2, padding=1)\n");
  for (guint i = 0; i < 2; i++)
    pos[i] = gb_trace_builder_pos (b, i + 1, 4, 12);
  for (int i = 0; i < 35; i++)
    in[i] = i == 27 ? NAN : i * 11 % 17 - 4;
  for (int i = 0; i < 12; i++)
    {
      out[i] = -INFINITY;
      for (int k = 0; k < 9; k++)
        {
          int r = i / 4 * 2 - 1 + k / 3, c = i % 4 * 2 - 1 + k % 3;
          if (r >= 0 && c >= 0 && r < 5 && c < 7 && !(in[r * 7 + c] <= out[i]) && !isnan (out[i]))
            out[i] = in[r * 7 + c];
        }
    }
  x = leaf (b, "x", 3, sx, in, pos[0]);
  y = gb_trace_builder_make (b, TE_FLOAT32, 3, sy);
  gb_trace_builder_op (b, "max_pool2d", 0, pos[1], &x.id, 1,
                       "kernel_size=[3, 3], stride=[2, 2], padding=[1, 1]", &y);
  gb_trace_builder_name (b, &y, "y", pos[1]);
  gb_trace_builder_values (b, &y, out);
  gb_trace_builder_end (b, 0);
}

/* ---- a number ---- */

void
gb_sample_half (GbTraceBuilder *b)
{
  static const gint64 n3[] = { 3 };
  static const double values[] = { -3.5167e-6, NAN, 65504 };
  guint32 pos;
  GbBuiltTensor h = gb_trace_builder_make (b, TE_FLOAT16, 1, n3);

  gb_trace_builder_source (b, "half.py", "h = torch.tensor([-3.5e-6, nan, 65504]).half()\n");
  pos = gb_trace_builder_pos (b, 1, 4, 46);
  gb_trace_builder_leaf (b, &h, pos);
  gb_trace_builder_name (b, &h, "h", pos);
  gb_trace_builder_values (b, &h, values);
  gb_trace_builder_show (b, &h, "bits", "h", NULL);
  gb_trace_builder_end (b, 0);
}

/* ---- points ---- */

/* Two rings of points, a net of one hidden layer that parts most of them, and its loss. */
void
gb_sample_points (GbTraceBuilder *b)
{
  static const gint64 sx[] = { 40, 2 }, sy[] = { 40 }, sw[] = { 3, 2 }, sb[] = { 3 }, sv[] = { 2, 3 },
                      sc[] = { 2 }, sh[] = { 40, 3 };
  static const double w[] = { 2.5, 0, -1.2, 2.2, -1.2, -2.2 }, bias[] = { 1.5, 1.5, 1.5 },
                      v[] = { 1, 1, 1, -1, -1, -1 }, c[] = { -1.35, 1.35 };
  double x[80], y[40], hidden[120], out[80];
  GbBuiltTensor points, labels, weight, first, second, last, h, a, o, loss;
  guint32 pos[4];

  gb_trace_builder_source (b, "rings.py",
                           "X, y = rings()\nh = X @ W.T + b\nlogits = F.linear(h.tanh(), V, c)\n"
                           "loss = F.cross_entropy(logits, y)\n");
  for (guint i = 0; i < 4; i++)
    pos[i] = gb_trace_builder_pos (b, i + 1, 0, 6);
  for (int i = 0; i < 40; i++)
    {
      double radius = i % 2 ? 1.6 : 0.6, angle = i * 0.77;
      x[2 * i] = radius * cos (angle) + 0.15 * sin (i * 5.1);
      x[2 * i + 1] = radius * sin (angle) + 0.15 * cos (i * 3.7);
      y[i] = i % 2;
    }
  for (int i = 0; i < 40; i++)
    for (int k = 0; k < 3; k++)
      hidden[i * 3 + k] = x[2 * i] * w[2 * k] + x[2 * i + 1] * w[2 * k + 1] + bias[k];
  for (int i = 0; i < 40; i++)
    for (int k = 0; k < 2; k++)
      out[2 * i + k] = c[k] + v[3 * k] * tanh (hidden[3 * i]) + v[3 * k + 1] * tanh (hidden[3 * i + 1])
                       + v[3 * k + 2] * tanh (hidden[3 * i + 2]);
  points = leaf (b, "X", 2, sx, x, pos[0]);
  labels = gb_trace_builder_make (b, TE_INT64, 1, sy);
  gb_trace_builder_leaf (b, &labels, pos[0]);
  gb_trace_builder_name (b, &labels, "y", pos[0]);
  gb_trace_builder_values (b, &labels, y);
  weight = leaf (b, "W", 2, sw, w, pos[0]);
  first = leaf (b, "b", 1, sb, bias, pos[0]);
  second = leaf (b, "V", 2, sv, v, pos[0]);
  last = leaf (b, "c", 1, sc, c, pos[0]);
  h = gb_trace_builder_make (b, TE_FLOAT32, 2, sh);
  a = gb_trace_builder_make (b, TE_FLOAT32, 2, sh);
  o = gb_trace_builder_make (b, TE_FLOAT32, 2, sx);
  loss = gb_trace_builder_make (b, TE_FLOAT32, 0, sx);
  h.flags = a.flags = o.flags = loss.flags = TE_WIRE_REQUIRES_GRAD;
  gb_trace_builder_op (b, "linear", 0, pos[1], (guint64[]){ points.id, weight.id, first.id }, 3, "", &h);
  gb_trace_builder_values (b, &h, hidden);
  gb_trace_builder_op (b, "tanh", 0, pos[2], &h.id, 1, "", &a);
  gb_trace_builder_name (b, &a, "a", pos[2]);
  for (int i = 0; i < 120; i++)
    hidden[i] = tanh (hidden[i]);
  gb_trace_builder_values (b, &a, hidden);
  gb_trace_builder_op (b, "linear", 0, pos[2], (guint64[]){ a.id, second.id, last.id }, 3, "", &o);
  gb_trace_builder_name (b, &o, "logits", pos[2]);
  gb_trace_builder_values (b, &o, out);
  gb_trace_builder_op (b, "cross_entropy_loss", 0, pos[3], (guint64[]){ o.id, labels.id, 0 }, 3, "", &loss);
  gb_trace_builder_end (b, 0);
}
