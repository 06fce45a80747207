/* Stages of a program: what each record belongs to, in which order they stand, and that pointing finds them.
 */
#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "flow/flow-draw.h"
#include "gallery.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"

#define RECORD(b, type, ...)                                                                                 \
  gb_trace_builder_record (b, type, 0, (const guint8 *) &(__VA_ARGS__) + sizeof (TeRecord),                  \
                           sizeof (__VA_ARGS__) - sizeof (TeRecord))

static void
compute (GbTraceBuilder *b, const char *name, guint16 flags, guint line, int ndim, gboolean makes_graph)
{
  static const gint64 sizes[] = { 4, 4 };
  GbBuiltTensor out = gb_trace_builder_make (b, TE_FLOAT32, ndim, sizes);
  guint64 call =
      gb_trace_builder_op_begin (b, name, flags, gb_trace_builder_pos (b, line, 0, 9), NULL, 0, "");

  out.flags = makes_graph ? TE_WIRE_REQUIRES_GRAD : 0;
  gb_trace_builder_op_end (b, call, &out, 1, 1000, 0);
}

static void
call_module (GbTraceBuilder *b, guint32 module, const char *op, guint16 flags, gboolean makes_graph)
{
  guint64 call = gb_trace_builder_module_enter (b, module, 0);
  compute (b, op, flags, 3, 2, makes_graph);
  gb_trace_builder_module_leave (b, call, module, 0);
}

static void
took (GbTraceBuilder *b, guint kind, double norm, double limit)
{
  TeFactTook fact = { .nsec = 2000, .kind = kind, .norm = norm, .limit = limit };
  RECORD (b, TE_FACT_TOOK, fact);
}

static void
set_mode (GbTraceBuilder *b, guint32 module, gboolean training)
{
  TeRecordMode mode = { .module = module, .training = training };
  RECORD (b, TE_RECORD_MODE, mode);
}

static void
step (GbTraceBuilder *b, guint64 nth)
{
  TeRecordStepBegin begin = { .optimizer = 1 };
  RECORD (b, TE_RECORD_STEP_BEGIN, begin);
  gb_trace_builder_step (b, "SGD", nth, 0.1);
  took (b, TE_TOOK_STEP, NAN, NAN);
  gb_trace_builder_iteration (b);
}

static void
zero (GbTraceBuilder *b)
{
  TeRecordZeroGrad record = { .pos = gb_trace_builder_pos (b, 2, 0, 9) };
  RECORD (b, TE_RECORD_ZERO_GRAD, record);
}

typedef struct
{
  GbTraceBuilder *b;
  guint32 net, act, head, criterion;
} Net;

static void
train (Net *net, guint64 nth, gboolean zero_late, gboolean in_eval)
{
  GbTraceBuilder *b = net->b;
  guint64 backward;

  gb_trace_builder_batch (b, 0, nth, 4);
  if (!zero_late)
    zero (b);
  call_module (b, net->net, "linear", 0, TRUE);
  compute (b, "relu", 0, 4, 2, TRUE); /* between two modules: no loss */
  call_module (b, net->head, "linear", 0, TRUE);
  compute (b, "cross_entropy_loss", 0, 5, 0, TRUE);
  backward = gb_trace_builder_backward_begin (b, 1, gb_trace_builder_pos (b, 6, 0, 9));
  gb_trace_builder_backward_end (b, backward, 1, 0);
  if (zero_late)
    zero (b);
  took (b, TE_TOOK_CLIP, 3.5, 1);
  step (b, nth);
}

static void
open_net (Net *net, GbTrace *trace)
{
  net->b = gb_trace_builder_new (trace);
  gb_trace_builder_source (net->b, "train.py", "\n\n\n\n\n\n\n\n\n");
  net->net = gb_trace_builder_module (net->b, 0, "net", "Linear");
  net->head = gb_trace_builder_module (net->b, 0, "head", "Linear");
}

static char *
order_of (const GbFlow *flow)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < flow->stages->len; i++)
    {
      const GbFlowStage *stage = &g_array_index (flow->stages, GbFlowStage, i);
      g_string_append_printf (text, "%s%s %lu", i ? ", " : "", stage->name, stage->count);
    }
  return g_string_free (text, FALSE);
}

static void
test_training (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  Net net;
  guint64 inside;

  open_net (&net, trace);
  train (&net, 1, FALSE, FALSE);
  train (&net, 2, FALSE, FALSE);
  set_mode (net.b, net.net, FALSE);
  gb_trace_builder_batch (net.b, 0, 0, 1);
  call_module (net.b, net.net, "linear", TE_WIRE_OP_NO_GRAD, FALSE);
  set_mode (net.b, net.net, TRUE);
  gb_trace_builder_batch (net.b, 1, 0, 4);
  zero (net.b);
  call_module (net.b, net.net, "linear", 0, TRUE);
  inside = gb_trace_builder_get_seq (net.b);
  gb_trace_flush (trace);
  g_autoptr (GbFlow) flow = gb_flow_new (cursor, GB_FLOW_NONE);
  g_autofree char *order = order_of (flow);
  g_assert_cmpint (flow->kind, ==, GB_FLOW_TRAINING);
  g_assert_cmpstr (order, ==,
                   "data 3, zero_grad 3, forward 3, loss 2, backward 2, clip 2, step 2, validate 1");
  /* The relu stands among the modules, the loss behind them. */
  g_assert_cmpuint (g_array_index (flow->stages, GbFlowStage, 2).nsec, ==, 7000);
  g_assert_cmpuint (g_array_index (flow->stages, GbFlowStage, 3).nsec, ==, 2000);
  g_assert_cmpuint (g_array_index (flow->stages, GbFlowStage, 6).nsec, ==, 4000);
  g_assert_cmpfloat (flow->norm, ==, 3.5);
  g_assert_cmpint (flow->active, ==, 2);
  g_assert_cmpint (g_array_index (flow->stages, GbFlowStage, 2).state, ==, GB_FLOW_ACTIVE);
  g_assert_cmpint (g_array_index (flow->stages, GbFlowStage, 3).state, ==, GB_FLOW_AHEAD);
  g_assert_cmpint (gb_flow_stage_at (flow, inside), ==, 2);
  gb_trace_builder_free (net.b);
}

/* Where zero_grad stands is what a learner has to see; and that it never came. */
static void
test_order (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  Net net;

  open_net (&net, trace);
  train (&net, 1, TRUE, FALSE);
  train (&net, 2, TRUE, FALSE);
  gb_trace_builder_end (net.b, 0);
  gb_trace_flush (trace);
  g_autoptr (GbFlow) flow = gb_flow_new (cursor, GB_FLOW_NONE);
  g_autofree char *order = order_of (flow);
  g_assert_cmpstr (order, ==,
                   "data 2, forward 2, loss 2, backward 2, zero_grad 2, clip 2, step 2, validate 0");
  g_assert_cmpint (g_array_index (flow->stages, GbFlowStage, 7).state, ==, GB_FLOW_NEVER);
  g_assert_cmpint (flow->active, ==, -1);
  g_autofree char *sentence = gb_flow_sentence (flow);
  g_assert_nonnull (strstr (sentence, "validate did not happen."));
  gb_trace_builder_free (net.b);
}

/* A net that is trained in eval () is trained all the same. */
static void
test_eval_mode (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  Net net;

  open_net (&net, trace);
  set_mode (net.b, net.net, FALSE);
  train (&net, 1, FALSE, TRUE);
  train (&net, 2, FALSE, TRUE);
  gb_trace_flush (trace);
  g_autoptr (GbFlow) flow = gb_flow_new (cursor, GB_FLOW_NONE);
  for (guint i = 0; i < flow->stages->len; i++)
    if (g_array_index (flow->stages, GbFlowStage, i).stage == GB_STAGE_FORWARD)
      g_assert_cmpuint (g_array_index (flow->stages, GbFlowStage, i).count, ==, 2);
  gb_trace_builder_free (net.b);
}

/* A program without modules: the line that is walked back from is its loss. */
static void
test_by_hand (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);

  gb_trace_builder_source (b, "line.py", "\n\n\n\n\n\n\n\n");
  for (int i = 0; i < 3; i++)
    {
      guint64 backward;
      compute (b, "mul", 0, 2, 2, TRUE);
      compute (b, "add", 0, 3, 2, TRUE);
      compute (b, "pow", 0, 4, 2, TRUE);
      compute (b, "mean", 0, 4, 0, TRUE);
      backward = gb_trace_builder_backward_begin (b, 1, gb_trace_builder_pos (b, 5, 0, 9));
      gb_trace_builder_backward_end (b, backward, 1, 0);
      compute (b, "sub_", TE_WIRE_OP_INPLACE | TE_WIRE_OP_NO_GRAD, 6, 2, FALSE);
      compute (b, "zero_", TE_WIRE_OP_INPLACE | TE_WIRE_OP_NO_GRAD, 7, 2, FALSE);
      gb_trace_builder_iteration (b);
    }
  gb_trace_flush (trace);
  g_autoptr (GbFlow) flow = gb_flow_new (cursor, GB_FLOW_NONE);
  g_autofree char *order = order_of (flow);
  g_assert_cmpstr (order, ==, "forward 3, loss 3, backward 3, step 3, zero_grad 3");
  g_assert_cmpuint (g_array_index (flow->stages, GbFlowStage, 0).nsec, ==, 6000);
  g_assert_cmpuint (g_array_index (flow->stages, GbFlowStage, 1).nsec, ==, 6000);
}

static void
test_marks (void)
{
  Fixture f;
  GbFlowOptions options = { 0 };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_STAGES), 640, 240);
  g_autoptr (GbFlowLayout) layout = gb_flow_layout_new (f.cursor, &options, &f.ctx);
  g_autofree char *order = order_of (layout->flow);
  g_assert_cmpstr (order, ==, "greet 1, where to? 1, which day? 2, confirm 2, book 1");
  g_assert_cmpint (layout->flow->active, ==, 4);
  g_assert_cmpuint (g_array_index (layout->flow->stages, GbFlowStage, 2).nsec, ==, 570000);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const GbFlowBox *box = &g_array_index (layout->boxes, GbFlowBox, i);
      GbPick pick;
      g_assert_cmpint (gb_flow_layout_at (layout, (box->x + box->width / 2) * layout->zoom,
                                          GB_FLOW_TOP + (box->y + box->height / 2) * layout->zoom),
                       ==, i);
      g_assert_cmpfloat ((box->x + box->width) * layout->zoom, <=, 640);
      gb_flow_layout_pick (layout, i, &pick);
      g_assert_cmpint (gb_flow_layout_find (layout, &pick), ==, i);
    }
  fixture_close (&f);
}

/* Five thousand marks with as many names, and four thousand iterations: what is drawn stays a picture, and
 * quick. */
static void
test_huge (void)
{
  Fixture f;
  GbFlowOptions options = { 0 };
  GbTrace *trace = gb_trace_new ();
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gint64 start;
  Net net;

  open_net (&net, trace);
  for (int i = 0; i < 5000; i++)
    {
      g_autofree char *name = g_strdup_printf ("stage %d", i);
      TeRecordNamed mark = { .name = gb_trace_builder_string (net.b, name) };
      RECORD (net.b, TE_RECORD_MARK, mark);
    }
  for (guint64 i = 1; i <= 4000; i++)
    train (&net, i, FALSE, FALSE);
  gb_trace_flush (trace);
  fixture_open (&f, trace, 1280, 800);
  g_autoptr (GbFlowLayout) first = gb_flow_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpuint (first->boxes->len, <=, 40);
  /* Many marks are written in rows: all of them are in the pane, and no arrow runs through a box. */
  static const double panes[][2] = { { 1280, 800 }, { 820, 460 }, { 420, 380 } };
  for (guint i = 0; i < G_N_ELEMENTS (panes); i++)
    {
      GbDrawContext ctx = f.ctx;
      ctx.width = panes[i][0];
      ctx.height = panes[i][1];
      g_autoptr (GbFlowLayout) rows = gb_flow_layout_new (f.cursor, &options, &ctx);
      g_assert_cmpuint (rows->boxes->len, ==, 40);
      for (guint k = 0; k < rows->boxes->len; k++)
        {
          const GbFlowBox *box = &g_array_index (rows->boxes, GbFlowBox, k);
          g_assert_cmpfloat ((box->x + box->width) * rows->zoom, <=, ctx.width);
          g_assert_cmpfloat (GB_FLOW_TOP + (box->y + box->height) * rows->zoom, <=, ctx.height);
        }
      for (guint k = 0; k < rows->arrows->len; k++)
        {
          const GbFlowArrow *arrow = &g_array_index (rows->arrows, GbFlowArrow, k);
          for (guint n = 1; n < arrow->n_points; n++)
            g_assert_cmpint (gb_flow_layout_at (rows,
                                                (arrow->points[n][0] + arrow->points[n - 1][0]) / 2 * rows->zoom,
                                                GB_FLOW_TOP + (arrow->points[n][1] + arrow->points[n - 1][1]) / 2 * rows->zoom),
                             ==, -1);
        }
    }
  options.kind = GB_FLOW_TRAINING;
  gb_flow_draw (first, &f.ctx, snapshot); /* fonts are loaded once */
  g_autoptr (GbFlowLayout) layout = gb_flow_layout_new (f.cursor, &options, &f.ctx);
  gb_flow_draw (layout, &f.ctx, snapshot);
  gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
  start = g_get_monotonic_time ();
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (GbFlowLayout) again = gb_flow_layout_new (f.cursor, &options, &f.ctx);
      snapshot = gtk_snapshot_new ();
      gb_flow_draw (again, &f.ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
    }
  g_test_message ("4 000 iterations: %.2f ms", (g_get_monotonic_time () - start) / 2e4);
  g_assert_cmpuint (layout->flow->n_rounds, ==, 4000);
  g_assert_cmpuint (g_array_index (layout->flow->stages, GbFlowStage, 0).count, ==, 4000);
  gb_trace_builder_free (net.b);
  fixture_close (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/flow/training", test_training);
  g_test_add_func ("/flow/order", test_order);
  g_test_add_func ("/flow/eval-mode", test_eval_mode);
  g_test_add_func ("/flow/by-hand", test_by_hand);
  g_test_add_func ("/flow/marks", test_marks);
  g_test_add_func ("/flow/huge", test_huge);
  return g_test_run ();
}
