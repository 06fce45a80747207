/* The picture of windows: what a window reads agrees with the index map, whoever reads an element agrees with
 * that, and words, cells and the winner of a pool are right. */
#include <math.h>
#include <string.h>

#include "conv/conv-draw.h"
#include "conv/conv-view.h"
#include "core/dtype.h"
#include "models/index-map/index-map.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"

/* A program of one windowed op on tensors of those sizes. */
static guint64
one_op (GbTrace *trace,
        const char *name,
        const char *args,
        int ndim,
        const gint64 *in,
        const gint64 *weight,
        const gint64 *out)
{
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  GbBuiltTensor x = gb_trace_builder_make (b, TE_FLOAT32, ndim, in),
                y = gb_trace_builder_make (b, TE_FLOAT32, ndim, out);
  guint64 inputs[2] = { x.id, 0 }, call;

  gb_trace_builder_leaf (b, &x, 0);
  if (weight)
    {
      GbBuiltTensor w = gb_trace_builder_make (b, TE_FLOAT32, ndim, weight);
      gb_trace_builder_leaf (b, &w, 0);
      inputs[1] = w.id;
    }
  call = gb_trace_builder_op (b, name, 0, 0, inputs, weight ? 2 : 1, args, &y);
  gb_trace_flush (trace);
  return call;
}

static const struct
{
  const char *name, *args;
  int ndim;
  gint64 in[5], weight[5], out[5];
} cases[] = {
  { "conv2d",
    "stride=[2, 1], padding=[1, 2], dilation=[1, 2]",
    4,
    { 1, 2, 7, 6 },
    { 3, 2, 3, 3 },
    { 1, 3, 4, 6 } },
  { "conv2d", "groups=2, padding=[1, 1]", 4, { 1, 4, 3, 3 }, { 4, 2, 3, 3 }, { 1, 4, 3, 3 } },
  { "conv1d", "padding='same', dilation=[2]", 3, { 1, 2, 9 }, { 2, 2, 3 }, { 1, 2, 9 } },
  { "conv3d", "", 5, { 1, 1, 3, 4, 4 }, { 1, 1, 2, 2, 2 }, { 1, 1, 2, 3, 3 } },
  { "conv_transpose2d", "stride=[2, 2], padding=[1, 1]", 4, { 1, 2, 3, 4 }, { 2, 1, 3, 3 }, { 1, 1, 5, 7 } },
  { "max_pool2d",
    "kernel_size=[3, 2], stride=[2, 2], padding=[1, 0]",
    4,
    { 1, 1, 6, 6 },
    { 0 },
    { 1, 1, 3, 3 } },
  { "avg_pool2d", "kernel_size=[2, 2]", 3, { 2, 5, 5 }, { 0 }, { 2, 2, 2 } },
  { "adaptive_avg_pool2d", "output_size=[3, 2]", 4, { 1, 1, 7, 5 }, { 0 }, { 1, 1, 3, 2 } },
};

/* A pool that the program shows for this view goes before convolutions, until another op has run. */
static void
test_shown_pool (void)
{
  static const gint64 in[] = { 1, 1, 4, 4 }, weight[] = { 1, 1, 3, 3 }, half[] = { 1, 1, 2, 2 };
  Fixture f;
  fixture_open (&f, gb_trace_new (), 640, 380);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
  GbBuiltTensor x = gb_trace_builder_make (b, TE_FLOAT32, 4, in), w = gb_trace_builder_make (b, TE_FLOAT32, 4, weight),
                y = gb_trace_builder_make (b, TE_FLOAT32, 4, in), p = gb_trace_builder_make (b, TE_FLOAT32, 4, half),
                z = gb_trace_builder_make (b, TE_FLOAT32, 4, in);
  gb_trace_builder_leaf (b, &x, 0);
  gb_trace_builder_leaf (b, &w, 0);
  gb_trace_builder_op (b, "conv2d", 0, 0, (guint64[]){ x.id, w.id }, 2, "padding=[1, 1]", &y);
  guint64 pool = gb_trace_builder_op (b, "max_pool2d", 0, 0, &y.id, 1, "kernel_size=[2, 2]", &p);
  guint64 conv = gb_trace_builder_op (b, "conv2d", 0, 0, (guint64[]){ x.id, w.id }, 2, "padding=[1, 1]", &z);
  gb_trace_flush (f.trace);
  g_assert_cmpuint (gb_conv_find (f.cursor, f.selection), ==, conv);
  gb_trace_builder_show (b, &p, "conv", "p", NULL);
  gb_trace_flush (f.trace);
  gb_trace_cursor_set_position (f.cursor, gb_trace_get_last_seq (f.trace));
  g_assert_cmpuint (gb_conv_find (f.cursor, f.selection), ==, pool);
  /* Something else ran since: it is still what was shown last. */
  gb_trace_builder_op (b, "exp", 0, 0, &z.id, 1, "", &y);
  gb_trace_flush (f.trace);
  gb_trace_cursor_set_position (f.cursor, gb_trace_get_last_seq (f.trace));
  g_assert_cmpuint (gb_conv_find (f.cursor, f.selection), ==, pool);
  fixture_close (&f);
}

/* What each window reads is what the index map names, along every spatial axis; who reads is the same
 * backwards. */
static void
test_windows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GbTrace) trace = gb_trace_new ();
      guint64 call = one_op (trace, cases[i].name, cases[i].args, cases[i].ndim, cases[i].in,
                             cases[i].weight[0] ? cases[i].weight : NULL, cases[i].out);
      GbWindow w;
      GbOp op;
      gint64 n_places = 1;

      g_test_message ("%s %s", cases[i].name, cases[i].args);
      g_assert_true (gb_trace_get_op (trace, call, &op));
      g_assert_true (gb_window_of_op (trace, &op, &w));
      for (int axis = 0; axis < w.n; axis++)
        n_places *= w.output.sizes[w.lead + axis];
      for (gint64 p = 0; p < n_places; p++)
        {
          gint64 index[8] = { 0 }, rest = p, expected = 1;
          const char *why;

          for (int axis = w.n - 1; axis >= 0; axis--)
            {
              index[w.lead + axis] = rest % w.output.sizes[w.lead + axis];
              rest /= w.output.sizes[w.lead + axis];
            }
          g_autoptr (GbIndexMap) map = gb_index_map_new (trace, &op, 0, index, &why);
          g_assert_nonnull (map);
          for (int axis = 0; axis < w.n; axis++)
            {
              gint64 first, count, step, inside = 0;
              gb_window_span (&w, axis, index[w.lead + axis], &first, &count, &step);
              for (gint64 k = 0; k < count; k++)
                inside += first + k * step >= 0 && first + k * step < w.input.sizes[w.lead + axis];
              expected *= inside;
            }
          if (w.has_weight)
            expected *= w.kind == GB_WINDOW_TRANSPOSED ? w.weight.sizes[0] / w.groups : w.weight.sizes[1];
          g_assert_cmpint (map->terms->len, ==, expected);
          for (guint t = 0; t < map->terms->len; t++)
            for (int axis = 0; axis < w.n; axis++)
              g_assert_true (gb_window_reads (
                  &w, axis, index[w.lead + axis],
                  g_array_index (map->terms, GbIndexMapTerm, t).factors[0].index[w.lead + axis]));
        }
    }
}

static void
test_words (void)
{
  Fixture f;
  GbConvOptions options = { 0 };
  GbPick pick = { .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT, .ndim = 3 };
  gint64 index[8] = { 0, 0, 1 }, winner[8];
  double value;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_WINDOW), 840, 360);
  g_autoptr (GbConvLayout) layout = gb_conv_layout_new (f.cursor, f.selection, &options, &f.ctx);
  g_assert_false (layout->is_empty);
  g_assert_cmpstr (layout->lines[0], ==, "rows: ⌊(8 + 2·1 - 1·(3 - 1) - 1) / 2⌋ + 1 = 4");
  g_assert_cmpstr (layout->lines[2], ==, "weights 4×2×3×3 = 72, bias 0; 2 groups: a channel sees 2 of 4");
  g_assert_cmpstr (layout->lines[3], ==, "receptive field: one number sees 5×5 of x");
  for (guint i = 0; i < GB_CONV_N_PARTS; i++)
    for (gint64 r = 0; r < layout->sheets[i].cells.rows; r++)
      {
        const GbConvSheet *sheet = &layout->sheets[i];
        gint64 row, column, at[8] = { 0 };
        if (!gb_conv_sheet_index (sheet, r, 1, at))
          continue;
        g_assert_true (gb_conv_layout_at (layout, sheet->cells.x + 1.5 * sheet->cells.cell,
                                          sheet->cells.y + (r + 0.5) * sheet->cells.cell, &pick));
        g_assert_true (gb_conv_sheet_cell (sheet, pick.index, &row, &column));
        g_assert_cmpint (row, ==, r);
        g_assert_cmpint (column, ==, 1);
      }
  /* The window before it, and its neighbour onwards again. */
  options.call = gb_conv_neighbour (f.trace, layout->call, -1);
  g_assert_cmpuint (options.call, !=, 0);
  g_assert_cmpuint (gb_conv_neighbour (f.trace, options.call, 1), ==, layout->call);
  g_assert_cmpuint (gb_conv_neighbour (f.trace, options.call, -1), ==, 0);
  fixture_close (&f);

  options.call = 0;
  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_POOL), 480, 340);
  g_autoptr (GbConvLayout) pool = gb_conv_layout_new (f.cursor, f.selection, &options, &f.ctx);
  /* x is -4, 7, 1, 12, … : the first window of the second column reads 7, 1, 12 and 4, -2, 9. */
  g_assert_true (gb_conv_winner (pool, index, winner, &value));
  g_assert_cmpfloat (value, ==, 12);
  g_assert_cmpint (winner[1], ==, 0);
  g_assert_cmpint (winner[2], ==, 3);
  g_autofree char *source = gb_conv_source_text (pool, winner);
  g_assert_cmpstr (source, ==,
                   "x[0, 0, 3] is read by 2 windows and is the largest of 2: its gradient comes from there.");
  /* A NaN wins over everything. */
  index[1] = 2, index[2] = 3;
  g_assert_true (gb_conv_winner (pool, index, winner, &value));
  g_assert_true (isnan (value));
  fixture_close (&f);
}

static void
test_drawing (void)
{
  static const double sizes[][2] = { { 1280, 800 }, { 480, 280 }, { 120, 80 }, { 30, 20 } };
  static const gint64 huge[] = { 1, 3, 4000, 4000 }, kernel[] = { 8, 3, 7, 7 }, out[] = { 1, 8, 2000, 2000 };

  for (guint i = 0; i <= G_N_ELEMENTS (cases); i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        Fixture f;
        GbConvOptions options = { 0 };
        GtkSnapshot *snapshot = gtk_snapshot_new ();

        fixture_open (&f, gb_trace_new (), sizes[s][0], sizes[s][1]);
        if (i < G_N_ELEMENTS (cases))
          one_op (f.trace, cases[i].name, cases[i].args, cases[i].ndim, cases[i].in,
                  cases[i].weight[0] ? cases[i].weight : NULL, cases[i].out);
        else
          one_op (f.trace, "conv2d", "stride=[2, 2], padding=[3, 3]", 4, huge, kernel, out);
        gint64 start = g_get_monotonic_time ();
        g_autoptr (GbConvLayout) layout = gb_conv_layout_new (f.cursor, f.selection, &options, &f.ctx);
        g_assert_false (layout->is_empty);
        gb_draw_fill (snapshot, gb_theme_role (f.ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
        gb_conv_draw (layout, &f.ctx, snapshot);
        gb_conv_draw_overlay (layout, f.cursor, f.selection, &f.ctx, snapshot);
        gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
        g_test_message ("case %u at %gx%g: %.2f ms", i, sizes[s][0], sizes[s][1],
                        (g_get_monotonic_time () - start) / 1e3);
        fixture_close (&f);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/conv/windows", test_windows);
  g_test_add_func ("/conv/shown-pool", test_shown_pool);
  g_test_add_func ("/conv/words", test_words);
  g_test_add_func ("/conv/drawing", test_drawing);
  return g_test_run ();
}
