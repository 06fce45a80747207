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
