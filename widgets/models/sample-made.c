#include "models/sample-made.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"

/* ---- a function ---- */

/* y = Swish.apply (x * w).sum (), backwards to the end: one node for what the class ran. */
void
gb_sample_function (GbTraceBuilder *b)
{
  static const gint64 n3[] = { 3 };
  static const char *const nodes[] = { "MulBackward0", "SwishBackward", "SumBackward0" };
  static const double values[][3] = { { -1, 1, 2 }, { -0.2689, 0.7311, 1.7616 }, { 2.2238 } };
  GbBuiltTensor x = gb_trace_builder_make (b, TE_FLOAT32, 1, n3), w = gb_trace_builder_make (b, TE_FLOAT32, 1, n3), made[3];
  guint64 node[4] = { 0 }, backward;
  guint32 pos[3], inside;

  gb_trace_builder_source (b, "swish.py",
                           "class Swish(torch.autograd.Function):\n    def forward(ctx, x): return x * x.sigmoid()\n"
                           "y = Swish.apply(x * w).sum()\ny.backward()\n");
  pos[0] = gb_trace_builder_pos (b, 3, 16, 21);
  pos[1] = gb_trace_builder_pos (b, 3, 4, 22);
  pos[2] = gb_trace_builder_pos (b, 3, 4, 28);
  inside = gb_trace_builder_pos (b, 2, 32, 47);
  w.flags = TE_WIRE_LEAF | TE_WIRE_REQUIRES_GRAD;
  gb_trace_builder_leaf (b, &x, pos[0]);
  gb_trace_builder_name (b, &x, "x", pos[0]);
  gb_trace_builder_values (b, &x, (double[]){ -1, 1, 2 });
  gb_trace_builder_leaf (b, &w, pos[0]);
  gb_trace_builder_name (b, &w, "w", pos[0]);
  gb_trace_builder_values (b, &w, (double[]){ 1, 1, 1 });
  node[3] = gb_trace_builder_new_node (b);
  gb_trace_builder_node (b, node[3], 0, w.id, "AccumulateGrad", NULL, 0, NULL, 0);
  for (int i = 0; i < 3; i++)
    {
      const guint64 inputs[] = { i ? made[i - 1].id : x.id, w.id };
      const guint64 next[] = { i ? node[i - 1] : 0, node[3] };
      guint64 call;
      made[i] = gb_trace_builder_make (b, TE_FLOAT32, i == 2 ? 0 : 1, n3);
      made[i].flags = TE_WIRE_REQUIRES_GRAD;
      made[i].node = node[i] = gb_trace_builder_new_node (b);
      call = gb_trace_builder_op_begin (b, (const char *const[]){ "mul", "Swish", "sum" }[i], i == 1 ? TE_WIRE_OP_FUNCTION : 0,
                                        pos[i], inputs, i ? 1 : 2, "");
      if (i == 1) /* what its forward ran stays within it */
        {
          GbBuiltTensor gate = gb_trace_builder_make (b, TE_FLOAT32, 1, n3);
          gb_trace_builder_op (b, "sigmoid", TE_WIRE_OP_NO_GRAD, inside, inputs, 1, "", &gate);
        }
      TeWireSaved saved = { inputs[0], i ? made[i - 1].storage : x.storage, 0,
                            gb_trace_builder_string (b, i == 1 ? "x" : "self"), 12 };
      gb_trace_builder_node (b, node[i], call, 0, nodes[i], next, i ? 1 : 2, &saved, i == 2 ? 0 : 1);
      gb_trace_builder_op_end (b, call, &made[i], 1, 2000, 0);
      gb_trace_builder_values (b, &made[i], values[i]);
    }
  backward = gb_trace_builder_backward_begin (b, node[2], gb_trace_builder_pos (b, 4, 0, 12));
  for (int i = 2; i >= 1; i--)
    {
      GbBuiltTensor grad = gb_trace_builder_make (b, TE_FLOAT32, 1, n3);
      gb_trace_builder_node_begin (b, backward, node[i]);
      gb_trace_builder_node_end (b, backward, node[i], &grad.id, 1);
    }
}

/* ---- arrays in files ---- */

static void
add_number (GByteArray *bytes, guint64 value, guint nbytes)
{
  for (guint i = 0; i < nbytes; i++)
    g_byte_array_append (bytes, &(guint8){ (guint8) (value >> (8 * i)) }, 1);
}

static GByteArray *
new_npy (const char *dict, guint nbytes)
{
  GByteArray *bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) "\x93NUMPY\1\0", 8);
  add_number (bytes, strlen (dict), 2);
  g_byte_array_append (bytes, (const guint8 *) dict, (guint) strlen (dict));
  for (guint i = 0; i < nbytes; i++)
    add_number (bytes, i * 37 % 251, 1);
  return bytes;
}

/* An archive of stored members, as numpy.savez writes it. */
static GByteArray *
new_npz (void)
{
  static const char *const names[] = { "x.npy", "labels.npy" };
  static const char *const dicts[] = { "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }\n",
                                       "{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }\n" };
  GByteArray *all = g_byte_array_new ();
  g_autoptr (GByteArray) entries = g_byte_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GByteArray) npy = new_npy (dicts[i], i ? 32 : 48);
      guint at = all->len, n = (guint) strlen (names[i]);
      for (int central = 0; central < 2; central++)
        {
          GByteArray *to = central ? entries : all;
          g_byte_array_append (to, (const guint8 *) (central ? "PK\1\2" : "PK\3\4"), 4);
          add_number (to, central ? 20 | 20 << 16 : 20, central ? 4 : 2);
          add_number (to, 0, 8);          /* flags, stored, time */
          add_number (to, 0, 4);          /* checksum */
          add_number (to, npy->len, 4);
          add_number (to, npy->len, 4);
          add_number (to, n, 4);          /* name, nothing extra */
          if (central)
            {
              add_number (to, 0, 10);
              add_number (to, at, 4);
            }
          g_byte_array_append (to, (const guint8 *) names[i], n);
        }
      g_byte_array_append (all, npy->data, npy->len);
    }
  guint at = all->len;
  g_byte_array_append (all, entries->data, entries->len);
  g_byte_array_append (all, (const guint8 *) "PK\5\6\0\0\0\0", 8);
  add_number (all, G_N_ELEMENTS (names), 2);
  add_number (all, G_N_ELEMENTS (names), 2);
  add_number (all, entries->len, 4);
  add_number (all, at, 4);
  add_number (all, 0, 2);
  return all;
}

static void
read_file (GbTraceBuilder *b, const char *path, GByteArray *bytes)
{
  guint padded = (bytes->len + 7) / 8 * 8;
  TeRecordFile *file = g_malloc0 (sizeof *file + padded);

  file->nbytes = file->content_nbytes = bytes->len;
  file->path = gb_trace_builder_string (b, path);
  memcpy (file + 1, bytes->data, bytes->len);
  gb_trace_builder_record (b, TE_RECORD_FILE, 0, &file->head + 1, sizeof *file - sizeof (TeRecord) + padded);
  g_free (file);
}

/* An array that numpy saved, an archive of two, and weights as safetensors. */
void
gb_sample_arrays (GbTraceBuilder *b)
{
  g_autoptr (GByteArray) npy = new_npy ("{'descr': '>f8', 'fortran_order': True, 'shape': (3, 2), }\n", 48), npz = new_npz ();

  gb_trace_builder_source (b, "arrays.py",
                           "w = numpy.load(\"w.npy\")\nstate = load_file(\"net.safetensors\")\ndata = numpy.load(\"data.npz\")\n");
  read_file (b, "w.npy", npy);
  gb_trace_builder_event (b, "torch.load",
                          "{\"path\": \"net.safetensors\", \"nbytes\": 312, \"format\": \"safetensors\", \"entries\": ["
                          "[\"fc.weight\", \"float32\", [8, 4], 0, 0, 128, \"cpu\"], "
                          "[\"fc.bias\", \"bfloat16\", [8], 1, 0, 16, \"cpu\"]], \"more\": 0}");
  read_file (b, "data.npz", npz);
  gb_trace_builder_print (b, "(4, 3)\n");
  gb_trace_builder_end (b, 0);
}

/* ---- a plane while it trains ---- */

/* Two classes on two sides of a line that moves: the weights of the second step were not told, so those of the first are
 * drawn, and some points are on the wrong side of them. */
void
gb_sample_trained (GbTraceBuilder *b)
{
  static const gint64 sx[] = { 30, 2 }, sy[] = { 30 }, sw[] = { 2, 2 }, sb[] = { 2 };
  static const double weight[] = { -1.4, 0.7, 1.4, -0.7 }, bias[] = { 0.2, -0.2 };
  double x[60], y[30], out[60];
  guint32 pos[4], module;
  GbBuiltTensor points = gb_trace_builder_make (b, TE_FLOAT32, 2, sx), labels = gb_trace_builder_make (b, TE_INT64, 1, sy),
                w = gb_trace_builder_make (b, TE_FLOAT32, 2, sw), c = gb_trace_builder_make (b, TE_FLOAT32, 1, sb);

  gb_trace_builder_source (b, "line.py",
                           "X, y = clouds()\nfor step in range(2):\n    logits = net(X)\n    loss = F.cross_entropy(logits, y)\n");
  for (guint i = 0; i < 4; i++)
    pos[i] = gb_trace_builder_pos (b, i + 1, i > 1 ? 4 : 0, 10);
  for (int i = 0; i < 30; i++)
    {
      y[i] = i % 2;
      x[2 * i] = (i % 2 ? 0.8 : -0.8) + 0.9 * sin (i * 2.3);
      x[2 * i + 1] = 1.3 * cos (i * 1.7);
      for (int k = 0; k < 2; k++)
        out[2 * i + k] = bias[k] + weight[2 * k] * x[2 * i] + weight[2 * k + 1] * x[2 * i + 1];
    }
  gb_trace_builder_leaf (b, &points, pos[0]);
  gb_trace_builder_name (b, &points, "X", pos[0]);
  gb_trace_builder_values (b, &points, x);
  gb_trace_builder_leaf (b, &labels, pos[0]);
  gb_trace_builder_name (b, &labels, "y", pos[0]);
  gb_trace_builder_values (b, &labels, y);
  module = gb_trace_builder_module (b, 0, "", "Linear");
  w.flags = c.flags = TE_WIRE_LEAF | TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD;
  gb_trace_builder_leaf (b, &w, pos[0]);
  gb_trace_builder_param (b, &w, "weight", module);
  gb_trace_builder_leaf (b, &c, pos[0]);
  gb_trace_builder_param (b, &c, "bias", module);
  gb_trace_builder_values (b, &w, weight);
  gb_trace_builder_values (b, &c, bias);
  for (int step = 0; step < 2; step++)
    {
      GbBuiltTensor o = gb_trace_builder_make (b, TE_FLOAT32, 2, sx), loss = gb_trace_builder_make (b, TE_FLOAT32, 0, sx);
      o.flags = loss.flags = TE_WIRE_REQUIRES_GRAD;
      gb_trace_builder_op (b, "linear", 0, pos[2], (guint64[]){ points.id, w.id, c.id }, 3, "", &o);
      gb_trace_builder_name (b, &o, "logits", pos[2]);
      gb_trace_builder_values (b, &o, out);
      gb_trace_builder_op (b, "cross_entropy_loss", 0, pos[3], (guint64[]){ o.id, labels.id, 0 }, 3, "", &loss);
      if (step == 0)
        {
          gb_trace_builder_step (b, "SGD", 1, 0.1);
          gb_trace_builder_iteration (b);
        }
    }
}
