#include "models/sample-views.h"

#include <math.h>

#include "core/dtype.h"

#define RECORD(b, type, ...)                                                                                 \
  gb_trace_builder_record (b, type, 0, (const guint8 *) &(__VA_ARGS__) + sizeof (TeRecord),                  \
                           sizeof (__VA_ARGS__) - sizeof (TeRecord))

/* ---- modules ---- */
typedef struct
{
  GbTraceBuilder *b;
  GbBuiltTensor held[16];
  guint n_held;
} Modules;

static GbBuiltTensor
member (Modules *m, const char *name, guint32 module, int ndim, gint64 rows, gint64 columns, guint8 flags)
{
  gint64 sizes[2] = { rows, columns };
  GbBuiltTensor tensor = gb_trace_builder_make (m->b, TE_FLOAT32, ndim, sizes);

  tensor.flags = TE_WIRE_LEAF | flags;
  gb_trace_builder_leaf (m->b, &tensor, 0);
  gb_trace_builder_param (m->b, &tensor, name, module);
  if (flags & TE_WIRE_REQUIRES_GRAD)
    m->held[m->n_held++] = tensor;
  return tensor;
}

static void
unregistered (Modules *m, const char *name, guint32 module, int ndim, gint64 rows, gint64 columns)
{
  gint64 sizes[2] = { rows, columns };
  GbBuiltTensor tensor = gb_trace_builder_make (m->b, TE_FLOAT32, ndim, sizes);
  TeRecordParam record = { .tensor = tensor.id,
                           .name = gb_trace_builder_string (m->b, name),
                           .module = module,
                           .flags = TE_WIRE_UNREGISTERED };

  tensor.flags = TE_WIRE_LEAF;
  gb_trace_builder_leaf (m->b, &tensor, 0);
  RECORD (m->b, TE_RECORD_PARAM, record);
}

static void
hold (Modules *m, guint n)
{
  struct
  {
    TeRecordOptimizer optimizer;
    guint64 ids[16];
  } record = { .optimizer = {
                   .optimizer = 1, .name = gb_trace_builder_string (m->b, "AdamW"), .n_tensors = n } };

  for (guint i = 0; i < n; i++)
    record.ids[i] = m->held[i].id;
  gb_trace_builder_record (m->b, TE_RECORD_OPTIMIZER, 0, &record.optimizer.head + 1,
                           sizeof (TeRecordOptimizer) - sizeof (TeRecord) + n * sizeof (guint64));
}

/* A tied embedding, a frozen layer, one in evaluation, one in a plain list, one that no optimiser holds. */
void
gb_sample_modules (GbTraceBuilder *b)
{
  const guint8 trains = TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD;
  Modules m = { .b = b };
  guint32 root, embed, blocks, block[2], norm, lost, head;
  GbBuiltTensor tied, frozen;

  gb_trace_builder_source (b, "modules.py", "net = Net()\nout = net(x)\n");
  root = gb_trace_builder_module (b, 0, "", "Net");
  unregistered (&m, "scale", root, 1, 32, 0);
  embed = gb_trace_builder_module (b, root, "embed", "Embedding");
  tied = member (&m, "embed.weight", embed, 2, 100, 32, trains);
  blocks = gb_trace_builder_module (b, root, "blocks", "ModuleList");
  block[0] = gb_trace_builder_module (b, blocks, "blocks.0", "Linear");
  frozen = member (&m, "blocks.0.weight", block[0], 2, 32, 32, TE_WIRE_PARAMETER);
  member (&m, "blocks.0.bias", block[0], 1, 32, 0, trains);
  block[1] = gb_trace_builder_module (b, blocks, "blocks.1", "Linear");
  member (&m, "blocks.1.weight", block[1], 2, 32, 32, trains);
  member (&m, "blocks.1.bias", block[1], 1, 32, 0, trains);
  norm = gb_trace_builder_module (b, root, "norm", "BatchNorm1d");
  member (&m, "norm.weight", norm, 1, 32, 0, trains);
  member (&m, "norm.bias", norm, 1, 32, 0, trains);
  member (&m, "norm.running_mean", norm, 1, 32, 0, TE_WIRE_BUFFER);
  member (&m, "norm.running_var", norm, 1, 32, 0, TE_WIRE_BUFFER);
  head = gb_trace_builder_module (b, root, "head", "Linear");
  gb_trace_builder_param (b, &tied, "head.weight", head);
  member (&m, "head.bias", head, 1, 100, 0, trains);
  lost = gb_trace_builder_module (b, root, "extra[0]", "Linear");
  TeRecordModule again = { .id = lost,
                           .parent = root,
                           .name = gb_trace_builder_string (b, "extra[0]"),
                           .class_name = gb_trace_builder_string (b, "Linear"),
                           .flags = 1 | TE_WIRE_UNREGISTERED };
  RECORD (b, TE_RECORD_MODULE, again);
  member (&m, "extra[0].weight", lost, 2, 32, 32, trains);
  hold (&m, m.n_held - 1);
  TeRecordMode mode = { .module = norm, .class_name = gb_trace_builder_string (b, "BatchNorm1d") };
  RECORD (b, TE_RECORD_MODE, mode);
  for (int step = 1; step <= 12; step++)
    {
      for (guint i = 0; i + 1 < m.n_held; i++)
        gb_trace_builder_gradient (b, &m.held[i], i, 0.1 + 0.03 * i, 4.0 + i,
                                   i == 3 ? 0 : pow (10, -4.5 + 0.5 * i), 0, i == 5);
      gb_trace_builder_gradient (b, &frozen, 9, NAN, 5.6, NAN, 0, TRUE);
      gb_trace_builder_log (b, "loss", 4.6 / step);
      gb_trace_builder_log (b, "accuracy", step == 7 ? NAN : 1 - 1.0 / step);
      gb_trace_builder_step (b, "AdamW", (guint64) step, 0.001);
      gb_trace_builder_iteration (b);
    }
  gb_trace_builder_module_enter (b, root, 0);
  gb_trace_builder_module_enter (b, block[1], 0);
}

/* ---- spread ---- */
static void
tell_histogram (GbTraceBuilder *b,
                const GbBuiltTensor *tensor,
                double center,
                double width,
                guint64 total,
                guint64 nans,
                guint64 infs)
{
  struct
  {
    TeFactHistogram fact;
    guint64 counts[64];
  } record = { .fact = { .iteration = gb_trace_builder_get_iteration (b),
                         .tensor = tensor->id,
                         .low = center - 3 * width,
                         .high = center + 3.4 * width,
                         .n_bins = 64,
                         .over = infs,
                         .nans = nans } };

  for (int i = 0; i < 64; i++)
    {
      double x = -3 + 6.4 * (i + 0.5) / 64;
      record.counts[i] = (guint64) ((double) total * 0.04 * exp (-x * x / 2) * (1 + 0.15 * sin (i * 1.7)));
    }
  gb_trace_builder_record (b, TE_FACT_HISTOGRAM, 0, &record.fact.head + 1, sizeof record - sizeof (TeRecord));
}

/* A weight that drifts and widens over 40 steps; in the last of them some elements are no numbers. */
void
gb_sample_spread (GbTraceBuilder *b)
{
  static const gint64 sizes[] = { 128, 64 };
  GbBuiltTensor w = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
  guint32 module;

  gb_trace_builder_source (b, "spread.py", "for step in range(40):\n    train(step)\n");
  module = gb_trace_builder_module (b, 0, "", "Net");
  w.flags = TE_WIRE_LEAF | TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD;
  gb_trace_builder_leaf (b, &w, 0);
  gb_trace_builder_param (b, &w, "fc.weight", module);
  for (int step = 1; step <= 40; step++)
    {
      double center = 0.004 * step, width = 0.04 + 0.0025 * step;
      tell_histogram (b, &w, center, width, 8192, step == 40 ? 12 : 0, step == 40 ? 3 : 0);
      gb_trace_builder_stats (b, &w, center - 3 * width, center + 3.4 * width, center, width, 90 * width);
      gb_trace_builder_log (b, "loss", 2.3 * exp (-step / 12.0));
      gb_trace_builder_iteration (b);
    }
  gb_trace_builder_end (b, 0);
}

/* ---- memory ---- */
typedef struct
{
  GbTraceBuilder *b;
  guint32 forward, keep, backward, step;
  GbBuiltTensor x, w[2];
} Held;

static void
storage (GbTraceBuilder *b, guint16 type, const GbBuiltTensor *tensor, guint64 call)
{
  guint64 nbytes = te_dtype_nbytes (tensor->dtype);
  for (int i = 0; i < tensor->ndim; i++)
    nbytes *= (guint64) tensor->sizes[i];
  TeRecordStorage record = { .storage = tensor->storage, .nbytes = nbytes, .call = call };
  RECORD (b, type, record);
}

static GbBuiltTensor
born (GbTraceBuilder *b, const char *op, guint32 pos, gint64 rows, gint64 columns, const char *name)
{
  gint64 sizes[2] = { rows, columns };
  GbBuiltTensor tensor = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
  guint64 call = gb_trace_builder_op_begin (b, op, 0, pos, NULL, 0, "");

  storage (b, TE_RECORD_STORAGE_NEW, &tensor, call);
  gb_trace_builder_op_end (b, call, &tensor, 1, 5000, 0);
  if (name)
    gb_trace_builder_name (b, &tensor, name, pos);
  return tensor;
}

/* The hidden values of a forward, saved by a node. */
static GbBuiltTensor
forward (Held *h, guint64 *node)
{
  GbBuiltTensor hidden = born (h->b, "addmm", h->forward, 256, 128, NULL);
  TeWireSaved saved = { .tensor = hidden.id,
                        .storage = hidden.storage,
                        .name = gb_trace_builder_string (h->b, "result"),
                        .nbytes = 256 * 128 * 4 };

  *node = gb_trace_builder_new_node (h->b);
  gb_trace_builder_node (h->b, *node, 0, 0, "ReluBackward0", NULL, 0, &saved, 1);
  return hidden;
}

static void
update (Held *h)
{
  struct
  {
    TeRecordOptimizer optimizer;
    guint64 ids[2];
  } record = { { .optimizer = 1, .name = gb_trace_builder_string (h->b, "Adam"), .n_tensors = 2 },
               { h->w[0].id, h->w[1].id } };
  TeRecordStepBegin begin = { .optimizer = 1, .pos = h->step };

  gb_trace_builder_record (h->b, TE_RECORD_OPTIMIZER, 0, &record.optimizer.head + 1,
                           sizeof record - sizeof (TeRecord));
  RECORD (h->b, TE_RECORD_STEP_BEGIN, begin);
  for (int i = 0; i < 4; i++)
    {
      GbBuiltTensor state = gb_trace_builder_make (h->b, TE_FLOAT32, 2, h->w[i % 2].sizes);
      storage (h->b, TE_RECORD_STORAGE_NEW, &state, 0);
    }
}

static void
iterate (Held *h, guint64 step)
{
  guint64 node;
  GbBuiltTensor hidden = forward (h, &node), out = born (h->b, "addmm", h->keep, 256, 10, "out"), passing;

  passing = born (h->b, "mm", h->backward, 256, 128, NULL);
  if (step == 1)
    for (int i = 0; i < 2; i++)
      {
        GbBuiltTensor grad = born (h->b, "mm", h->backward, h->w[i].sizes[0], h->w[i].sizes[1], NULL);
        gb_trace_builder_accumulate (h->b, 0, h->w[i].id, grad.id, FALSE);
      }
  gb_trace_builder_saved_freed (h->b, node);
  storage (h->b, TE_RECORD_STORAGE_FREE, &hidden, 0);
  storage (h->b, TE_RECORD_STORAGE_FREE, &passing, 0);
  if (step == 1)
    update (h);
  gb_trace_builder_name (h->b, &out, "kept", h->keep);
  gb_trace_builder_step (h->b, "Adam", step, 0.001);
  gb_trace_builder_iteration (h->b);
}

void
gb_sample_memory (GbTraceBuilder *b)
{
  Held h = { .b = b };
  guint32 net;

  gb_trace_builder_source (
      b, "memory.py",
      "x = torch.randn(256, 64)\nfor step in range(9):\n    h = relu(net.a(x))\n    out = net.b(h)\n"
      "    loss(out).backward()\n    adam.step()\n    kept.append(out.detach())\n");
  h.forward = gb_trace_builder_pos (b, 3, 4, 22);
  h.keep = gb_trace_builder_pos (b, 4, 4, 18);
  h.backward = gb_trace_builder_pos (b, 5, 4, 24);
  h.step = gb_trace_builder_pos (b, 6, 4, 15);
  net = gb_trace_builder_module (b, 0, "", "Net");
  h.w[0] = born (b, "uniform_", 0, 128, 64, NULL);
  h.w[1] = born (b, "uniform_", 0, 10, 128, NULL);
  for (int i = 0; i < 2; i++)
    {
      h.w[i].flags = TE_WIRE_LEAF | TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD;
      gb_trace_builder_param (b, &h.w[i], i ? "b.weight" : "a.weight", net);
    }
  h.x = born (b, "randn", gb_trace_builder_pos (b, 1, 0, 24), 256, 64, "x");
  for (guint64 step = 1; step <= 8; step++)
    iterate (&h, step);
  guint64 node;
  forward (&h, &node);
}

/* ---- images ---- */
/* Twelve pictures of a ring, a cross, a bar or a corner; scores that take three of them for something else. */
void
gb_sample_images (GbTraceBuilder *b)
{
  static const gint64 batch[] = { 12, 1, 8, 8 }, rows[] = { 12, 4 }, column[] = { 12 };
  static const int labels[12] = { 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3 }, taken[12] = { 0, 1, 2, 3, 0, 2, 2, 3, 3, 1, 0, 3 };
  GbBuiltTensor images = gb_trace_builder_make (b, TE_FLOAT32, 4, batch),
                scores = gb_trace_builder_make (b, TE_FLOAT32, 2, rows), target = gb_trace_builder_make (b, TE_INT64, 1, column),
                loss = gb_trace_builder_make (b, TE_FLOAT32, 0, NULL);
  double pixels[12 * 64], score[12 * 4], label[12];
  guint64 inputs[2] = { images.id };
  guint32 pos;

  gb_trace_builder_source (b, "images.py", "scores = net(images)\nloss = F.cross_entropy(scores, labels)\n");
  pos = gb_trace_builder_pos (b, 2, 7, 38);
  for (int i = 0; i < 12; i++)
    {
      for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++)
          {
            double r = hypot (x - 3.5, y - 3.5);
            gboolean on = labels[i] == 0   ? r > 2 && r < 3.6
                          : labels[i] == 1 ? x == y || x + y == 7
                          : labels[i] == 2 ? x == 3 || x == 4
                                           : x == 1 || y == 6;
            pixels[i * 64 + y * 8 + x] = on ? 1 - 0.05 * (i % 5) : 0.1 * ((x * 3 + y * 5 + i) % 3);
          }
      for (int k = 0; k < 4; k++)
        score[i * 4 + k] = k == taken[i] ? 2 + 0.1 * i : k == labels[i] ? 0.5 : -0.2 * k;
      label[i] = labels[i];
    }
  pixels[5 * 64] = NAN;
  gb_trace_builder_leaf (b, &images, 0);
  gb_trace_builder_name (b, &images, "images", pos);
  gb_trace_builder_values (b, &images, pixels);
  gb_trace_builder_leaf (b, &target, 0);
  gb_trace_builder_values (b, &target, label);
  gb_trace_builder_op (b, "conv2d", 0, gb_trace_builder_pos (b, 1, 9, 20), inputs, 1, "", &scores);
  gb_trace_builder_values (b, &scores, score);
  inputs[0] = scores.id;
  inputs[1] = target.id;
  gb_trace_builder_op (b, "cross_entropy_loss", 0, pos, inputs, 2, "", &loss);
  gb_trace_builder_end (b, 0);
}
