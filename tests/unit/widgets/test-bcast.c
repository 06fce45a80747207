/* The picture of broadcasting: which op it is about, what is stretched or fails, where its cells are, and
 * that it is a function of t. */
#include <math.h>
#include <string.h>

#include "bcast/bcast-draw.h"
#include "bcast/bcast-view.h"
#include "core/dtype.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"

static void
test_shapes (void)
{
  Fixture f;
  static const gint64 s514[] = { 5, 1, 4 }, s31[] = { 3, 1 }, s32[] = { 3, 2 };
  GbAlignedOperand operands[] = { { "a", 3, s514, NULL }, { "b", 2, s31, NULL } };
  static const GbAlignedMarks marks = { { 2, 0, -1, -1 } };

  fixture_open (&f, gb_trace_new (), 640, 300);
  g_autoptr (GbAlignedShapes) meet = gb_aligned_shapes_new (operands, 2, NULL, "y", &f.ctx, 400);
  g_assert_false (meet->fails);
  g_assert_cmpint (meet->result[0], ==, 5);
  g_assert_cmpint (meet->result[1], ==, 3);
  g_assert_cmpint (meet->result[2], ==, 4);
  g_assert_true (meet->cells[0][1].stretched);
  g_assert_true (meet->cells[1][0].stretched && !meet->cells[1][0].exists);
  g_assert_true (meet->cells[1][2].stretched);
  g_autofree char *text = gb_aligned_shapes_axis_text (meet, 1);
  g_assert_cmpstr (text, ==, "axis 1: 1 of a stretched to 3");

  operands[1].sizes = s32;
  g_autoptr (GbAlignedShapes) clash = gb_aligned_shapes_new (operands, 2, NULL, NULL, &f.ctx, 400);
  g_assert_true (clash->fails && clash->fails_at[2] && !clash->fails_at[1]);
  g_autofree char *sentence = gb_aligned_shapes_sentence (clash);
  g_assert_cmpstr (sentence, ==, "These shapes meet at the last axis: 4 and 2. Neither is 1.");

  /* Axes at odds that somebody else names: the inner sizes of a matrix product. */
  g_autoptr (GbAlignedShapes) marked = gb_aligned_shapes_new (operands, 2, &marks, NULL, &f.ctx, 90);
  g_assert_true (marked->cells[0][2].fails && marked->cells[1][1].fails && marked->fails);
  fixture_close (&f);
}

static void
test_layout (void)
{
  Fixture f;
  GbPick pick;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_BROADCAST), 860, 340);
  g_autoptr (GbBcastLayout) layout = gb_bcast_layout_new (f.cursor, f.selection, 1, &f.ctx);
  g_assert_nonnull (layout->model);
  g_assert_cmpint (layout->model->kind, ==, GB_BROADCAST_STRETCHED);
  g_assert_cmpuint (layout->n_sheets, ==, 3);
  g_assert_cmpint (layout->model->operands[1].read[0], ==, 0);
  g_assert_cmpint (layout->model->operands[1].read[1], ==, 1);
  g_assert_cmpint (layout->model->operands[1].read[2], ==, 0);
  for (guint i = 0; i < 3; i++)
    for (gint64 r = 0; r < 3; r++)
      for (gint64 c = 0; c < 4; c++)
        {
          const GbBcastSheet *sheet = &layout->sheets[i];
          g_assert_true (gb_bcast_layout_at (layout, sheet->x + (c + 0.5) * layout->cell_width,
                                             sheet->y + (r + 0.5) * layout->cell_height, &pick));
          g_assert_cmpuint (pick.tensor, ==, gb_bcast_layout_tensor (layout, sheet)->tensor);
          g_assert_cmpint (pick.index[pick.ndim - 1], ==, i == 1 ? 0 : c);
          g_assert_cmpint (pick.index[pick.ndim - 2], ==, r);
        }
  g_autofree char *line = gb_bcast_arithmetic (layout, (gint64[8]){ 1, 0, 2 });
  g_assert_cmpstr (line, ==, "c[1, 0, 2] = x[1, 0, 2] - m[0, 0] = -2.400 - 2.500 = -4.900");
  /* A pinned number of another sheet brings that sheet on top. */
  pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT,
                   .tensor = layout->model->output.tensor,
                   .ndim = 3,
                   .index = { 1, 2, 3 } };
  gb_selection_set_pin (f.selection, &pick);
  g_autoptr (GbBcastLayout) moved = gb_bcast_layout_new (f.cursor, f.selection, 1, &f.ctx);
  g_assert_cmpint (moved->index[0], ==, 1);
  g_assert_cmpstr (moved->sheets[0].title, ==, "x[1, :, :]");
  g_assert_cmpfloat (
      gb_bcast_layout_scrub_at (moved, moved->scrub_x + moved->scrub_width / 2, moved->scrub_y), ==, 0.5);
  g_assert_cmpfloat (gb_bcast_layout_scrub_at (moved, moved->scrub_x, 20), ==, -1);
  fixture_close (&f);

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_CLASH), 480, 340);
  g_autoptr (GbBcastLayout) clash = gb_bcast_layout_new (f.cursor, f.selection, 1, &f.ctx);
  g_assert_cmpint (clash->model->kind, ==, GB_BROADCAST_FAILED);
  g_assert_cmpint (clash->model->failing_axis, ==, 2);
  g_assert_cmpuint (clash->n_sheets, ==, 2);
  g_assert_cmpint (gb_bcast_view_def.relevance (f.cursor), >, 80);
  fixture_close (&f);
}

static GskRenderNode *
render (Fixture *f, double t)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GbBcastLayout) layout = gb_bcast_layout_new (f->cursor, f->selection, t, &f->ctx);
  gb_draw_fill (snapshot, gb_theme_role (f->ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
  gb_bcast_draw (layout, &f->ctx, snapshot);
  gb_bcast_draw_overlay (layout, f->selection, &f->ctx, snapshot);
  return gtk_snapshot_free_to_node (snapshot);
}

/* Scrubbed back and forth it is the same picture at the same t, and another one in between. */
static void
test_motion (void)
{
  Fixture f;
  static const double ts[] = { 0, 0.2, 0.5, 0.8, 1 };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_BROADCAST), 860, 340);
  for (guint i = 0; i < G_N_ELEMENTS (ts); i++)
    {
      GskRenderNode *first = render (&f, ts[i]), *other = render (&f, ts[i] > 0.5 ? 0.1 : 0.9),
                    *second = render (&f, ts[i]);
      g_autoptr (GBytes) a = gsk_render_node_serialize (first), b = gsk_render_node_serialize (second),
                         c = gsk_render_node_serialize (other);
      g_assert_true (g_bytes_equal (a, b));
      g_assert_false (g_bytes_equal (a, c));
      gsk_render_node_unref (first);
      gsk_render_node_unref (second);
      gsk_render_node_unref (other);
    }
  fixture_close (&f);
}

/* Shapes of every awkward kind, in panes of every size; and one drawing within its time. */
static void
test_awkward (void)
{
  static const struct
  {
    int na;
    gint64 a[8];
    int nb;
    gint64 b[8];
  } pairs[] = {
    { 0, { 0 }, 0, { 0 } },
    { 0, { 0 }, 3, { 2, 3, 4 } },
    { 1, { 1 }, 1, { 0 } },
    { 2, { 0, 3 }, 1, { 3 } },
    { 1, { 100000 }, 2, { 5000, 1 } },
    { 8, { 1, 2, 1, 2, 1, 2, 1, 2 }, 8, { 2, 1, 2, 1, 2, 1, 2, 1 } },
    { 2, { 3, 4 }, 2, { 4, 3 } },
    { 3, { 7, 1, 5 }, 2, { 6, 4 } },
  };
  static const double sizes[][2] = { { 1280, 800 }, { 480, 280 }, { 120, 80 }, { 30, 20 } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        Fixture f;
        g_autoptr (GbTraceBuilder) b = NULL;
        GbBuiltTensor x, y, z;
        gint64 out[8];
        gboolean fails = FALSE;
        int n = MAX (pairs[i].na, pairs[i].nb);
        guint64 inputs[2], call;

        fixture_open (&f, gb_trace_new (), sizes[s][0], sizes[s][1]);
        b = gb_trace_builder_new (f.trace);
        x = gb_trace_builder_make (b, TE_FLOAT32, pairs[i].na, pairs[i].a);
        y = gb_trace_builder_make (b, TE_FLOAT32, pairs[i].nb, pairs[i].b);
        gb_trace_builder_leaf (b, &x, 0);
        gb_trace_builder_leaf (b, &y, 0);
        for (int d = 0; d < n; d++)
          {
            gint64 u = d < n - x.ndim ? 1 : x.sizes[d - n + x.ndim],
                   v = d < n - y.ndim ? 1 : y.sizes[d - n + y.ndim];
            fails |= u != v && u != 1 && v != 1;
            out[d] = u == 1 ? v : u;
          }
        inputs[0] = x.id, inputs[1] = y.id;
        call = gb_trace_builder_op_begin (b, "mul", 0, 0, inputs, 2, "");
        z = gb_trace_builder_make (b, TE_FLOAT32, n, out);
        gb_trace_builder_op_end (b, call, &z, fails ? 0 : 1, 10, fails);
        gb_trace_flush (f.trace);
        gint64 start = g_get_monotonic_time ();
        gsk_render_node_unref (render (&f, 1));
        g_test_message ("pair %u at %gx%g: %.2f ms", i, sizes[s][0], sizes[s][1],
                        (g_get_monotonic_time () - start) / 1e3);
        g_autoptr (GbBroadcast) m = gb_broadcast_new (f.cursor, f.selection);
        g_assert_nonnull (m);
        g_assert_true ((m->kind == GB_BROADCAST_FAILED) == fails);
        fixture_close (&f);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/bcast/shapes", test_shapes);
  g_test_add_func ("/bcast/layout", test_layout);
  g_test_add_func ("/bcast/motion", test_motion);
  g_test_add_func ("/bcast/awkward", test_awkward);
  return g_test_run ();
}
