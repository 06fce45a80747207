/* Geometry of the views: what is drawn where, and that pointing finds it again. */
#include <math.h>
#include <string.h>

#include "attn/attn-layout.h"
#include "chart/chart-layout.h"
#include "common/element-card.h"
#include "common/view.h"
#include "core/dtype.h"
#include "gallery.h"
#include "gradflow/gradflow-layout.h"
#include "graph/graph-draw.h"
#include "graph/graph-map.h"
#include "grid/grid-layout.h"
#include "hist/hist-layout.h"
#include "imgs/imgs-layout.h"
#include "lanes/lanes-layout.h"
#include "mem/mem-layout.h"
#include "models/attention-model.h"
#include "models/gradient-model.h"
#include "models/sample-trace.h"
#include "models/show-labels.h"
#include "models/tensor-values.h"
#include "models/trace-builder.h"
#include "stride/stride-draw.h"
#include "view-registry.h"
#include "picture-fixture.h"

static void
test_gradients (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_ALARMS);
  g_autoptr (GbGradientTable) table = gb_gradient_table_new (trace, GB_GRADIENT_NORM, 100, 400, G_MAXUINT64);
  g_autoptr (GbGradientTable) folded = gb_gradient_table_new (trace, GB_GRADIENT_NORM, 5, 400, G_MAXUINT64);
  guint alarms = 0;

  g_assert_cmpuint (table->rows->len, ==, 30);
  g_assert_cmpuint (table->n_columns, <=, 400);
  g_assert_cmpuint (table->per_column, ==, 10);
  /* The last layer stands on top. */
  g_assert_cmpstr (g_array_index (table->rows, GbGradientRow, 0).name, ==, "layers.29.weight");
  for (guint r = 0; r < table->rows->len; r++)
    {
      const GbGradientRow *row = &g_array_index (table->rows, GbGradientRow, r);
      alarms += row->alarm != GB_ALARM_NONE;
      if (strcmp (row->name, "layers.28.weight") == 0)
        g_assert_cmpint (row->alarm, ==, GB_ALARM_NONFINITE);
      if (strcmp (row->name, "layers.27.weight") == 0)
        g_assert_cmpint (row->alarm, ==, GB_ALARM_EXPLODING);
      if (strcmp (row->name, "layers.4.weight") == 0)
        {
          g_assert_cmpint (row->alarm, ==, GB_ALARM_NO_GRAD);
          g_assert_cmpuint (row->alarm_steps, ==, 2800);
        }
    }
  g_assert_cmpuint (alarms, ==, 3);
  /* A spike of one step is seen in a wide column: cells hold the largest. */
  g_assert_cmpint (gb_gradient_table_column (table, 1), ==, 0);
  g_assert_cmpint (gb_gradient_table_column (table, 4001), ==, -1);
  g_assert_cmpuint (folded->rows->len, ==, 1);
  g_assert_cmpuint (g_array_index (folded->rows, GbGradientRow, 0).n_params, ==, 30);
}

/* Nodes are found by op, variable, module and grad_fn; what is painted is their time and memory; the small map shows the
 * part in sight when the picture is larger than the pane. */
static void
test_graph_parts (void)
{
  Fixture f;
  double sum, most;
  char text[48];
  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_DIGITS), 640, 400);
  gb_trace_cursor_seek (f.cursor, "iter:40", NULL);
  guint64 position = gb_trace_cursor_get_position (f.cursor);
  g_autoptr (GbGraphPicture) picture = gb_graph_picture_new (gb_graph_new (f.cursor, NULL), NULL, &f.ctx);
  static const char *const wanted[] = { "CONV", "backward", "weight", "no such thing", "" };
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr (GArray) found = gb_graph_find_items (picture, f.trace, wanted[i]);
      g_assert_true ((found->len > 0) == (i < 3));
      for (guint k = 1; k < found->len; k++)
        g_assert_cmpuint (g_array_index (found, guint, k), >, g_array_index (found, guint, k - 1));
    }
  g_assert_cmpfloat (gb_graph_paint_most (picture, f.trace, position, GB_GRAPH_PAINT_NUMBERS, &sum), ==, 0);
  for (int paint = GB_GRAPH_PAINT_TIME; paint < GB_GRAPH_N_PAINTS; paint++)
    {
      double added = 0;
      most = gb_graph_paint_most (picture, f.trace, position, (GbGraphPaint) paint, &sum);
      g_assert_cmpfloat (most, >, 0);
      g_assert_cmpfloat (most, <=, sum);
      for (guint i = 0; i < picture->graph->nodes->len; i++)
        added += gb_graph_paint_of (gb_graph_node (picture->graph, i), f.trace, position, (GbGraphPaint) paint);
      g_assert_cmpfloat (added, ==, sum);
      g_assert_true (*gb_graph_paint_text ((GbGraphPaint) paint, most, text, sizeof text));
    }
  /* However a pane and a window are made smaller, a picture that is shown by itself has its texts. */
  static const double scales[] = { 0.75, 0.9, 1, 1.5, 2.5 };
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    for (double pane = 120; pane < 2 * picture->width; pane += 40)
      {
        double zoom = gb_graph_fit (picture, pane / scales[i], 300 / scales[i], scales[i]);
        g_assert_cmpfloat (zoom * scales[i], >=, GB_GRAPH_TEXTS);
        g_assert_cmpfloat (zoom, <=, 1.25);
      }
  GbGraphMap map = gb_graph_map_place (picture, 1e-3, &f.ctx);
  g_assert_cmpfloat (map.width, ==, 0);
  map = gb_graph_map_place (picture, 8, &f.ctx);
  g_assert_cmpfloat (map.width, >, 0);
  g_assert_cmpfloat (map.x + map.width, <, 640);
  g_assert_cmpfloat (map.y + map.height, <, 400);
  g_assert_true (gb_graph_map_contains (&map, map.x + 1, map.y + 1));
  g_assert_false (gb_graph_map_contains (&map, map.x - 1, map.y));
  fixture_close (&f);
}

static void
attend (GbTraceBuilder *b, const GbBuiltTensor *t, guint64 key, guint heads, guint queries, guint keys)
{
  gsize n = (gsize) heads * queries * keys, nbytes = sizeof (TeFactAttention) + n * sizeof (float);
  g_autofree TeFactAttention *fact = g_malloc0 (nbytes);
  fact->iteration = gb_trace_builder_get_iteration (b);
  fact->tensor = t->id;
  fact->call_key = key;
  fact->heads = heads;
  fact->queries = queries;
  fact->keys = keys;
  for (gsize i = 0; i < n; i++)
    ((float *) (fact + 1))[i] = 1.0f / (float) keys;
  gb_trace_builder_record (b, TE_FACT_ATTENTION, 0, &fact->head + 1, nbytes - sizeof (TeRecord));
}

/* Names go to the maps that they fit: two lists to queries and keys of cross attention, one list to a square, the
 * names of a whole sequence to its beginning; what nothing fits keeps its numbers. */
static void
test_attention_names (void)
{
  Fixture f;
  char text[16];
  static const gint64 sizes[] = { 1 };
  fixture_open (&f, gb_trace_new (), 640, 400);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
  GbBuiltTensor maps[4];
  for (int i = 0; i < 4; i++)
    maps[i] = gb_trace_builder_make (b, TE_FLOAT32, 1, sizes);
  attend (b, &maps[0], 11, 2, 3, 5);
  attend (b, &maps[1], 12, 3, 4, 4);
  attend (b, &maps[2], 13, 1, 2, 2);
  attend (b, &maps[3], 14, 1, 7, 9);
  gb_trace_builder_show (b, &maps[0], "attn", "w", "[[\"a\",\"b\",\"c\"],[\"v\",\"w\",\"x\",\"y\",\"z\"]]");
  gb_trace_builder_show (b, &maps[2], "tokens", "ids", "[[\"the\",\"cat\",\"sat\",\"on\"]]");
  gb_trace_flush (f.trace);
  gb_trace_cursor_set_position (f.cursor, gb_trace_get_last_seq (f.trace));
  g_autoptr (GbAttention) attention = gb_attention_new (f.cursor, 0);
  g_assert_cmpuint (attention->layers->len, ==, 4);
  g_assert_cmpuint (attention->n_heads, ==, 7);
  const GbAttentionLayer *cross = gb_attention_layer (attention, 0), *square = gb_attention_layer (attention, 1),
                         *part = gb_attention_layer (attention, 2), *other = gb_attention_layer (attention, 3);
  g_assert_cmpstr (gb_attention_query_label (cross, 2, text, sizeof text), ==, "c");
  g_assert_cmpstr (gb_attention_key_label (cross, 4, text, sizeof text), ==, "z");
  g_assert_cmpstr (gb_attention_query_label (square, 1, text, sizeof text), ==, "cat");
  g_assert_cmpstr (gb_attention_key_label (square, 3, text, sizeof text), ==, "on");
  g_assert_cmpstr (gb_attention_key_label (part, 1, text, sizeof text), ==, "cat");
  g_assert_cmpstr (gb_attention_query_label (other, 6, text, sizeof text), ==, "6");
  /* Names of tokens that came later are not those of this map. */
  gb_trace_builder_iteration (b);
  gb_trace_builder_show (b, &maps[2], "tokens", "ids", "[[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"nine\"]]");
  gb_trace_flush (f.trace);
  gb_trace_cursor_set_position (f.cursor, gb_trace_get_last_seq (f.trace));
  g_autoptr (GbAttention) later = gb_attention_new (f.cursor, 0);
  g_assert_cmpstr (gb_attention_key_label (gb_attention_layer (later, 3), 8, text, sizeof text), ==, "8");
  fixture_close (&f);
}

/* Another sample has its own maps and numbers, and no names of the first one's tokens; a place that was told one sample
 * only shows that.  The arrows above the large map lead on and back, and none is drawn where nothing is to choose. */
static void
test_attention_samples (void)
{
  Fixture f;
  char text[16];
  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_GPT), 1000, 420);
  g_autoptr (GbAttention) first = gb_attention_new (f.cursor, 0), third = gb_attention_new (f.cursor, 2),
                          none = gb_attention_new (f.cursor, 9);
  const GbAttentionLayer *a = gb_attention_layer (first, 1), *b = gb_attention_layer (third, 1);
  g_assert_cmpuint (gb_attention_most_samples (first), ==, 3);
  g_assert_cmpuint (a->sample, ==, 0);
  g_assert_cmpuint (b->sample, ==, 2);
  g_assert_cmpuint (gb_attention_layer (none, 1)->sample, ==, 0);
  g_assert_cmpuint (a->call, ==, b->call);
  g_assert_cmpfloat (gb_attention_weight (a, 1, 7, 3), !=, gb_attention_weight (b, 1, 7, 3));
  g_assert_cmpstr (gb_attention_query_label (a, 1, text, sizeof text), ==, "七");
  g_assert_cmpstr (gb_attention_query_label (b, 1, text, sizeof text), ==, "1");
  /* A cell of it is an element of its own. */
  GbPick pick = { .facets = GB_PICK_HEAD | GB_PICK_ELEMENT | GB_PICK_SAMPLE, .call_key = b->call_key, .tensor = b->tensor,
                  .head = 1, .sample = 2, .ndim = 2, .index = { 7, 3 } }, element;
  g_assert_true (gb_view_registry_find ("attn")->element (f.cursor, &pick, &element));
  g_assert_cmpint (element.index[0], ==, 2);
  g_assert_cmpint (element.index[1], ==, 1);
  g_autoptr (GbAttnLayout) layout = gb_attn_layout_new (third, 1, 3, &f.ctx);
  graphene_rect_t box;
  g_assert_true (gb_attn_layout_locate (layout, third, &pick, &box));
  pick.sample = 1; /* not shown */
  g_assert_false (gb_attn_layout_locate (layout, third, &pick, &box));
  g_assert_cmpuint (layout->n_steppers, ==, GB_ATTN_N_CHOICES);
  for (guint i = 0; i < layout->n_steppers; i++)
    for (guint on = 0; on < 2; on++)
      {
        const GbAttnStepper *s = &layout->steppers[i];
        guint choice, way;
        double x = on ? s->x + s->width - GB_ATTN_ARROW / 2 : s->x + GB_ATTN_ARROW / 2;
        g_assert_cmpint (gb_attn_layout_pick (layout, third, x, layout->stepper_y + 8, &choice, &way), ==, GB_ATTN_STEP);
        g_assert_cmpuint (choice, ==, s->choice);
        g_assert_cmpuint (way, ==, on);
        g_assert_true (i == 0 || s->x > s[-1].x + s[-1].width);
      }
  fixture_close (&f);
}

static graphene_point_t
middle_of (const graphene_rect_t *box)
{
  graphene_point_t middle;
  graphene_rect_get_center (box, &middle);
  return middle;
}

/* The same of bars and ridges, times and blocks, operations, and pixels. */
static void
locate_others (double width, double height)
{
  Fixture f;
  graphene_rect_t box;
  GbPick pick;
  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_SPREAD), width, height);
  GbHistOptions hist_options = { 0 };
  g_autoptr (GbHistLayout) hist = gb_hist_layout_new (f.cursor, f.selection, &hist_options, &f.ctx);
  for (guint bin = 0; bin < GB_HISTOGRAM_N_BINS; bin++)
    {
      pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_PART, .tensor = hist->series->tensor, .part = bin };
      if (gb_hist_layout_locate (hist, &pick, &box))
        g_assert_cmpint (gb_hist_layout_bin_at (hist, middle_of (&box).x, hist->bars_y + 1), ==, bin);
    }
  for (guint nth = 0; nth < hist->series->all->len; nth++)
    {
      pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ITERATION,
                       .iteration = gb_histograms_get (hist->series, nth)->iteration };
      g_assert_true (gb_hist_layout_locate (hist, &pick, &box));
      g_assert_cmpfloat_with_epsilon (middle_of (&box).y, gb_hist_layout_baseline (hist, nth), 0.01);
    }
  fixture_close (&f);

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_MEMORY), width, height);
  GbMemOptions mem_options = { 0 };
  g_autoptr (GbMemLayout) mem = gb_mem_layout_new (f.cursor, &mem_options, &f.ctx);
  guint n_rows = 0;
  for (guint row = 0; row < mem->list->len; row++)
    {
      gb_mem_layout_pick (mem, row, &pick);
      gboolean seen = gb_mem_layout_locate (mem, &pick, &box);
      if (row + 1 < mem->window.first_row + mem->window.shown) /* of the last there may be less than a pixel */
        g_assert_true (seen);
      if (row >= mem->window.first_row + mem->window.shown)
        g_assert_false (seen);
      if (seen)
        g_assert_cmpint (gb_row_window_at (&mem->window, box.origin.y + 1), ==, row);
      n_rows += seen;
    }
  g_assert_cmpuint (n_rows, >, 0);
  guint64 call = gb_trace_get_last_call_at (mem->trace, mem->last);
  pick = (GbPick){ .facets = GB_PICK_OP, .call = call };
  g_assert_true (gb_mem_layout_locate (mem, &pick, &box));
  g_assert_cmpfloat (middle_of (&box).x, >, mem->x + mem->plot_width * 0.9); /* it ran at the end */

  fixture_close (&f);

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_DIGITS), width, height);
  g_autoptr (GbLanesLayout) lanes = gb_lanes_layout_new (f.cursor, &f.ctx);
  g_assert_cmpuint (lanes->bars->len, >, 0);
  for (guint i = 0; i < lanes->bars->len; i++)
    {
      const GbLaneBar *bar = &g_array_index (lanes->bars, GbLaneBar, i);
      pick = (GbPick){ .facets = GB_PICK_OP, .call = bar->call };
      g_assert_true (gb_lanes_layout_locate (lanes, &pick, &box));
      int nth = gb_lanes_layout_at (lanes, middle_of (&box).x, middle_of (&box).y);
      if (box.size.width > 2)
        g_assert_cmpuint (g_array_index (lanes->bars, GbLaneBar, nth).call, ==, bar->call);
    }
  pick.call = G_MAXUINT64;
  g_assert_false (gb_lanes_layout_locate (lanes, &pick, &box));

  fixture_close (&f);
  GbImgsOptions imgs_options = { 0 };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_IMAGES), width, height);
  g_autoptr (GbImgsLayout) imgs = gb_imgs_layout_new (f.cursor, f.selection, &imgs_options, &f.ctx);
  g_assert_nonnull (imgs->images);
  for (guint at = 0; at < imgs->images->images->len; at++)
    {
      gint64 row, column, last = imgs->images->width - 1;
      double x, y;
      gb_imgs_layout_pick (imgs, at, 2, last, &pick);
      gboolean seen = gb_imgs_layout_locate (imgs, &pick, &box);
      g_assert_cmpint (seen, ==, gb_imgs_layout_place (imgs, at, &x, &y));
      if (!seen)
        continue;
      g_assert_cmpint (gb_imgs_layout_at (imgs, middle_of (&box).x, middle_of (&box).y, &row, &column), ==, at);
      g_assert_cmpint (row, ==, 2);
      g_assert_cmpint (column, ==, last);
    }
  fixture_close (&f);
}

/* What ink hangs on is found again where it is drawn, in a pane of any size: values of a chart, cells of the gradients
 * and of an attention map, however small they are. */
static void
test_locate (void)
{
  static const double sizes[][2] = { { 640, 400 }, { 900, 300 }, { 420, 620 } };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Fixture f;
      graphene_rect_t box;
      GbChartOptions chart_options = { 0 };
      GbGradflowOptions gradflow_options = { 0 };
      fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_ALARMS), sizes[i][0], sizes[i][1]);
      g_autoptr (GbChartLayout) chart = gb_chart_layout_new (f.cursor, &chart_options, &f.ctx);
      for (guint64 iteration = 100; iteration <= 4000; iteration += 300)
        {
          GbPick pick = { .facets = GB_PICK_ITERATION | GB_PICK_SERIES, .iteration = iteration };
          const GbChartPanel *panel;
          const GbChartLine *line = gb_chart_layout_line_of (chart, 0, &panel);
          g_assert_true (gb_chart_layout_locate (chart, &pick, &box));
          double x = box.origin.x + box.size.width / 2, y = box.origin.y + box.size.height / 2;
          g_assert_cmpfloat_with_epsilon (x, gb_chart_layout_x (chart, (double) iteration), 0.6);
          g_assert_cmpfloat_with_epsilon (y, gb_chart_line_at (line, iteration)->y, 0.6);
          g_assert_true (y >= panel->y - 1 && y <= panel->y + panel->height + 1);
        }
      g_autoptr (GbGradflowLayout) gradflow = gb_gradflow_layout_new (f.cursor, &gradflow_options, &f.ctx);
      for (guint r = 0; r < gradflow->table->rows->len; r += 7)
        for (guint c = 0; c < gradflow->table->n_columns; c += 61)
          {
            int row, column;
            GbPick pick = { .facets = GB_PICK_PARAM | GB_PICK_TENSOR | GB_PICK_ITERATION,
                            .tensor = g_array_index (gradflow->table->rows, GbGradientRow, r).tensor,
                            .iteration = gb_gradflow_layout_iteration (gradflow, (int) c) };
            g_assert_true (gb_gradflow_layout_locate (gradflow, &pick, &box));
            g_assert_true (gb_gradflow_layout_at (gradflow, box.origin.x + box.size.width / 2,
                                                  box.origin.y + box.size.height / 2, &row, &column));
            g_assert_cmpint (row, ==, r);
            g_assert_cmpint (column, ==, c);
          }
      fixture_close (&f);
      locate_others (sizes[i][0], sizes[i][1]);
      fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_GPT), sizes[i][0], sizes[i][1]);
      g_autoptr (GbAttention) attention = gb_attention_new (f.cursor, 0);
      g_autoptr (GbAttnLayout) attn = gb_attn_layout_new (attention, 0, 1, &f.ctx);
      const GbAttentionLayer *layer = gb_attention_layer (attention, 0);
      for (guint head = 0; head < layer->heads; head++)
        for (guint query = 0; query < layer->queries; query++)
          {
            guint a, b;
            GbPick pick = { .facets = GB_PICK_HEAD | GB_PICK_ELEMENT, .call_key = layer->call_key, .head = head, .ndim = 2,
                            .index = { query, layer->keys - 1 } };
            g_assert_true (gb_attn_layout_locate (attn, attention, &pick, &box));
            GbAttnHit hit = gb_attn_layout_pick (attn, attention, box.origin.x + box.size.width / 2,
                                                 box.origin.y + box.size.height / 2, &a, &b);
            g_assert_cmpint (hit, ==, head == 1 && attn->has_large ? GB_ATTN_CELL : GB_ATTN_SMALL);
            g_assert_cmpuint (a, ==, hit == GB_ATTN_CELL ? query : 0);
            g_assert_cmpuint (b, ==, hit == GB_ATTN_CELL ? layer->keys - 1 : head);
          }
      fixture_close (&f);
    }
}

static void
test_spike (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  static const gint64 sizes[] = { 3, 3 };
  GbBuiltTensor p = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);

  gb_trace_builder_leaf (b, &p, 0);
  gb_trace_builder_param (b, &p, "w", 0);
  for (int i = 1; i <= 1000; i++)
    {
      gb_trace_builder_gradient (b, &p, 0, i == 537 ? 900 : 1, 2, i > 800 ? NAN : 0.1, 0, FALSE);
      gb_trace_builder_iteration (b);
    }
  g_autoptr (GbGradientTable) table = gb_gradient_table_new (trace, GB_GRADIENT_NORM, 10, 10, G_MAXUINT64);
  g_autoptr (GbGradientTable) ratio = gb_gradient_table_new (trace, GB_GRADIENT_RATIO, 10, 10, G_MAXUINT64);
  g_assert_cmpfloat (gb_gradient_table_get (table, 0, 5)->value, ==, 900);
  g_assert_cmpfloat (gb_gradient_table_get (table, 0, 4)->value, ==, 1);
  g_assert_cmpuint (g_array_index (table->rows, GbGradientRow, 0).largest_iteration, ==, 600);
  g_assert_cmpfloat_with_epsilon (gb_gradient_table_get (ratio, 0, 0)->value, 0.05, 1e-12);
  /* An update that nobody measured is unknown, not None, and no alarm. */
  g_assert_cmpint (gb_gradient_table_get (ratio, 0, 9)->state, ==, GB_GRADIENT_UNKNOWN);
  g_assert_cmpint (g_array_index (ratio->rows, GbGradientRow, 0).alarm, ==, GB_ALARM_NONE);
}

static void
test_gradflow (void)
{
  Fixture f;
  GbGradflowOptions options = { 0 };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_DIGITS), 640, 300);
  g_autoptr (GbGradflowLayout) layout = gb_gradflow_layout_new (f.cursor, &options, &f.ctx);
  for (int r = 0; r < 6; r++)
    for (int c = 0; c < 60; c += 7)
      {
        int row, column;
        g_assert_true (gb_gradflow_layout_at (layout, gb_gradflow_layout_column_x (layout, c + 0.5),
                                              layout->y + (r + 0.5) * layout->row_height, &row, &column));
        g_assert_cmpint (row, ==, r);
        g_assert_cmpint (column, ==, c);
        g_assert_cmpuint (gb_gradflow_layout_iteration (layout, column), ==, c + 1);
      }
  g_assert_cmpfloat (layout->value_x, <=, 640);
  g_assert_cmpfloat (gb_gradflow_layout_tone (layout, 0), <, 0);
  g_assert_cmpfloat (gb_gradflow_layout_tone (layout, pow (10, layout->high_decade)), ==, 1);
  /* A scale that was given is kept or grows: colours keep their meaning. */
  options.low_decade = -6;
  options.high_decade = 2;
  g_autoptr (GbGradflowLayout) kept = gb_gradflow_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpint (kept->low_decade, ==, -6);
  g_assert_cmpint (kept->high_decade, ==, 2);
  fixture_close (&f);
}

/* Curves have panels and x axes of their own, below those over iterations; where a value is not finite the line is torn. */
static void
test_chart_curves (void)
{
  Fixture f;
  GbChartOptions options = { 0 };
  const GbChartLine *line = NULL;
  const GbChartPanel *panel;

  fixture_open (&f, gb_trace_new (), 640, 420);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
  for (int i = 0; i < 18; i++)
    {
      gb_trace_builder_log (b, "loss", i < 12 ? 12 - i : NAN);
      gb_trace_builder_iteration (b);
    }
  for (int i = 0; i <= 10; i++)
    {
      gb_trace_builder_log_over (b, "safe", 0.5, 80 + i, "logit");
      gb_trace_builder_log_over (b, "naive", i < 9 ? 0.6 : NAN, 80 + i, "logit");
      gb_trace_builder_log_over (b, "time", 3, pow (10, i), "elements");
    }
  gb_trace_flush (f.trace);
  g_autoptr (GbChartLayout) layout = gb_chart_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpuint (layout->n_panels, ==, 3);
  g_assert_cmpuint (layout->n_over_iterations, ==, 1);
  g_assert_cmpfloat (layout->x_axis.high, >=, 18); /* what is no longer finite is inside the picture */
  const GbChartPanel *logits = &layout->panels[1], *elements = &layout->panels[2];
  g_assert_cmpuint (logits->lines->len, ==, 2);
  g_assert_false (logits->x_axis.is_log);
  g_assert_true (elements->x_axis.is_log);
  for (guint p = 1; p < 3; p++)
    g_assert_cmpfloat (layout->panels[p].y, >, layout->panels[p - 1].y + layout->panels[p - 1].height + 20);
  g_assert_cmpfloat (elements->y + elements->height, <, 420);

  const GbChartLine *naive = g_ptr_array_index (logits->lines, 1);
  g_assert_true (g_array_index (naive->points, GbChartPoint, 9).nonfinite);
  g_assert_cmpfloat (gb_chart_line_end (naive)->at, ==, 88);
  const GbChartPoint *fifth = &g_array_index (naive->points, GbChartPoint, 5);
  panel = gb_chart_layout_curves_at (layout, fifth->x, fifth->y, &line);
  g_assert_true (panel == logits && line == naive);
  g_assert_true (gb_chart_line_near (line, fifth->x) == fifth);
  g_assert_cmpuint (gb_chart_layout_iteration_at (layout, fifth->x, fifth->y), ==, 0);
  g_assert_cmpuint (gb_chart_layout_iteration_at (layout, gb_chart_layout_x (layout, 5), layout->panels[0].y + 4), ==, 5);
  g_assert_null (gb_chart_line_at (naive, 5));
  fixture_close (&f);
}

static void
test_chart (void)
{
  Fixture f;
  GbChartOptions options = { 0 };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_DIGITS), 640, 320);
  g_autoptr (GbChartLayout) layout = gb_chart_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpuint (layout->n_panels, ==, 1);
  g_assert_cmpuint (layout->panels[0].lines->len, ==, 2);
  GbChartLine *loss = g_ptr_array_index (layout->panels[0].lines, 0);
  GbChartLine *accuracy = g_ptr_array_index (layout->panels[0].lines, 1);
  g_assert_true (loss->is_smooth);
  g_assert_true (accuracy->is_sparse);
  g_assert_cmpfloat (fabs (loss->label_y - accuracy->label_y), >=, 26);
  for (guint64 i = 1; i <= 60; i++)
    g_assert_cmpuint (gb_chart_layout_iteration_at (layout, gb_chart_layout_x (layout, (double) i), 100), ==,
                      i);
  g_assert_cmpuint (gb_chart_layout_iteration_at (layout, 5, 100), ==, 0);
  g_assert_cmpfloat (gb_chart_line_at (loss, 60)->value, ==, 0.084);
  g_assert_null (gb_chart_line_at (accuracy, 10));
  fixture_close (&f);

  /* Wound back to iteration 30: the other future reaches as far as it did, and belongs to the scale. */
  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_DIGITS), 640, 320);
  guint64 after = gb_trace_find_iteration (f.trace, 30)->last_seq;
  TeRecordResume resume = { { sizeof resume, TE_RECORD_RESUME, 0, after + 1 }, after, 0 };
  g_assert_true (gb_trace_append (f.trace, (const guint8 *) &resume, sizeof resume, NULL));
  gb_trace_flush (f.trace);
  g_autoptr (GbChartLayout) wound = gb_chart_layout_new (f.cursor, &options, &f.ctx);
  const GbChartLine *half = g_ptr_array_index (wound->panels[0].lines, 0);
  g_assert_cmpuint (half->last_iteration, ==, 30);
  g_assert_cmpuint (half->most_iteration, ==, 60);
  g_assert_cmpuint (half->points->len, ==, 30);
  g_assert_cmpuint (half->other_points->len, ==, 30);
  g_assert_cmpfloat (wound->x_axis.high, >=, 60);
  /* Smoothed over the same past, the two curves meet where they part. */
  const GbChartPoint *parting = &g_array_index (half->points, GbChartPoint, 29),
                     *onward = &g_array_index (half->other_points, GbChartPoint, 0);
  g_assert_cmpfloat (fabs (parting->y_smooth - onward->y_smooth), <, 4);
  fixture_close (&f);

  /* Values of unlike size get panels of their own; a staircase is not smoothed; 4 000 points need no more
   * than the columns of pixels. */
  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_ALARMS), 640, 320);
  g_autoptr (GbChartLayout) two = gb_chart_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpuint (two->n_panels, ==, 2);
  GbChartLine *lr = g_ptr_array_index (two->panels[1].lines, 0);
  g_assert_false (lr->is_smooth);
  g_assert_cmpuint (lr->points->len, <=, (guint) two->plot_width + 2);
  options.log_y = TRUE;
  g_autoptr (GbChartLayout) logarithmic = gb_chart_layout_new (f.cursor, &options, &f.ctx);
  g_assert_true (logarithmic->panels[0].axis.is_log);
  fixture_close (&f);
}

static void
test_values (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_STRIDES);
  guint64 y = gb_trace_find_interesting_tensor (trace, G_MAXUINT64);
  g_autoptr (GbTensorValues) values = gb_tensor_values_new (trace, y, G_MAXUINT64);
  gint64 index[GB_VALUES_MAX_NDIM] = { 2, 1 };
  double value;

  g_assert_cmpint (gb_tensor_address (&values->tensor, index), ==, 6);
  g_assert_true (gb_tensor_values_get (values, index, &value));
  g_assert_cmpfloat (value, ==, 6);
  for (gint64 address = 0; address < 12; address++)
    {
      g_assert_true (gb_tensor_find_address (&values->tensor, address, index));
      g_assert_cmpint (gb_tensor_address (&values->tensor, index), ==, address);
    }
  g_assert_false (gb_tensor_find_address (&values->tensor, 12, index));
  g_assert_false (gb_tensor_is_contiguous (&values->tensor));

  /* A view of which nothing was recorded is read through its storage. */
  g_autoptr (GbTraceBuilder) b = NULL;
  g_autoptr (GbTrace) other = gb_trace_new ();
  static const gint64 n6[] = { 6 }, s23[] = { 2, 3 }, t01[] = { 0, 1 };
  GbBuiltTensor flat, wide;
  b = gb_trace_builder_new (other);
  flat = gb_trace_builder_make (b, TE_INT32, 1, n6);
  gb_trace_builder_leaf (b, &flat, 0);
  gb_trace_builder_values (b, &flat, (double[]){ 1, 2, 3, 4, 5, 6 });
  wide = gb_trace_builder_make_view (b, &flat, 2, s23, t01, 2);
  gb_trace_builder_leaf (b, &wide, 0);
  g_autoptr (GbTensorValues) through = gb_tensor_values_new (other, wide.id, G_MAXUINT64);
  g_assert_true (gb_tensor_values_get (through, (gint64[]){ 1, 2 }, &value));
  g_assert_cmpfloat (value, ==, 5);
  g_assert_true (gb_tensor_find_address (&through->tensor, 4, index));
  g_assert_cmpint (index[0], ==, 0);
  g_assert_cmpint (index[1], ==, 2);
}

static void
test_grid (void)
{
  Fixture f;
  GbGridOptions options = { .slice = { 3, 1 } };
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 }, found[GB_VALUES_MAX_NDIM] = { 0 };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_VALUES), 700, 340);
  g_autoptr (GbGridLayout) layout = gb_grid_layout_new (f.cursor, f.selection, &options, &f.ctx);
  g_assert_cmpint (layout->n_sheets, ==, 24);
  g_assert_nonnull (layout->before);
  for (gint64 r = 0; r < 5; r++)
    for (gint64 c = 0; c < 5; c++)
      {
        double x, y;
        g_assert_true (gb_grid_layout_index (layout, r, c, index));
        g_assert_cmpint (index[0], ==, 3);
        g_assert_true (gb_grid_layout_cell (layout, index, &x, &y));
        g_assert_true (gb_grid_layout_at (layout, x + 3, y + 3, found));
        g_assert_cmpmem (index, sizeof (gint64) * 4, found, sizeof (gint64) * 4);
      }
  for (gint64 sheet = 0; sheet < 24; sheet++)
    {
      double x, y;
      gb_grid_layout_sheet_index (layout, sheet, index);
      g_assert_cmpint (gb_grid_layout_sheet (layout, index), ==, sheet);
      g_assert_true (gb_grid_layout_sheet_place (layout, sheet, &x, &y));
      g_assert_true (gb_grid_layout_at (layout, x + 4, y + 4, found));
      g_assert_cmpint (gb_grid_layout_sheet (layout, found), ==, sheet);
    }
  fixture_close (&f);
}

/* Names of rows and columns, as gb.show gave them; numbers in their place are places on an axis. */
static void
test_names (void)
{
  GbShowLabels labels;
  g_assert_true (gb_show_labels_read (&labels, "[[\"cat\", \"dog\"], [0.30000000000000004, 1]]"));
  g_assert_cmpuint (labels.n_rows, ==, 2);
  g_assert_cmpstr (labels.rows[1], ==, "dog");
  g_assert_cmpstr (labels.columns[0], ==, "0.3");
  g_assert_cmpstr (labels.columns[1], ==, "1");
  gb_show_labels_clear (&labels);
  g_assert_true (gb_show_labels_read (&labels, "[\"a\"]"));
  g_assert_null (labels.rows);
  gb_show_labels_clear (&labels);
  g_assert_false (gb_show_labels_read (&labels, "[[\"a\"], 3]"));
  g_assert_false (gb_show_labels_read (&labels, "{]"));
}

/* Where a stroke of the zoomed picture is on the screen, to a fraction of a pixel, along one row. */
static double
stroke_near (cairo_surface_t *surface, double x)
{
  const guint32 *row = (const guint32 *) (const void *) cairo_image_surface_get_data (surface)
                       + 10 * cairo_image_surface_get_stride (surface) / 4;
  double sum = 0, at = 0;
  for (int k = MAX ((int) x - 12, 0); k <= MIN ((int) x + 12, cairo_image_surface_get_width (surface) - 1); k++)
    {
      double ink = 255 - (row[k] & 255);
      sum += ink;
      at += ink * (k + 0.5);
    }
  return sum > 0 ? at / sum : NAN;
}

/* Strokes of a wide part stand where its boxes do, at any zoom: an edge ends at its box. */
static void
test_zoomed_strokes (void)
{
  static const double zooms[] = { 0.05, 0.3, 0.57, 0.6, 0.9, 1, 1.1, 1.37 };
  gb_export_init ();
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      double zoom = zooms[i];
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (-31.3f, 0));
      gtk_snapshot_scale (snapshot, (float) zoom, (float) zoom);
      cairo_t *cr = gb_draw_cairo_zoomed (snapshot, zoom, 0, 0, 2000 / zoom, 40 / zoom);
      for (int k = 1; k < 20; k++)
        {
          cairo_rectangle (cr, (k * 100 - 1) / zoom, 0, 2 / zoom, 40 / zoom);
          cairo_fill (cr);
        }
      cairo_destroy (cr);
      GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 2000, 40);
      cr = cairo_create (surface);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_paint (cr);
      gsk_render_node_draw (node, cr);
      cairo_destroy (cr);
      cairo_surface_flush (surface);
      for (int k = 1; k < 20; k++)
        g_assert_cmpfloat_with_epsilon (stroke_near (surface, k * 100 - 31.3), k * 100 - 31.3, 0.3);
      cairo_surface_destroy (surface);
      gsk_render_node_unref (node);
    }
}

/* A cell of a head is an element of the softmax's result, and the card says where that came from. */
static void
test_card (void)
{
  Fixture f;
  GbPick pick = { .facets = GB_PICK_HEAD | GB_PICK_ELEMENT, .head = 1, .ndim = 2, .index = { 2, 1 } }, element;
  const GbViewDef *attn = gb_view_registry_find ("attn");
  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_GPT), 700, 400);
  g_autoptr (GbAttention) attention = gb_attention_new (f.cursor, 0);
  pick.tensor = gb_attention_layer (attention, 0)->tensor;
  g_assert_true (attn->element (f.cursor, &pick, &element));
  g_assert_true (gb_element_card_is_for (f.cursor, &element));
  g_assert_cmpint (element.index[element.ndim - 3], ==, 1);
  g_assert_cmpint (element.index[element.ndim - 2], ==, 2);
  g_assert_cmpint (element.index[element.ndim - 1], ==, 1);
  /* It stays out of the way of what it speaks of. */
  graphene_rect_t avoid = GRAPHENE_RECT_INIT (0, 300, 700, 100), own, both;
  g_autoptr (GbElementCard) card = gb_element_card_new (f.cursor, &element, &avoid, FALSE, &f.ctx);
  graphene_rect_init (&own, (float) card->x, (float) card->y, (float) card->card->width,
                      (float) card->card->height);
  g_assert_false (graphene_rect_intersection (&own, &avoid, &both));
  g_assert_true (gb_element_card_pick (card, card->x + 2, card->y + 2, &pick));
  g_assert_true (gb_pick_equal (&pick, &element));
  g_assert_false (gb_element_card_pick (card, card->x - 2, card->y, &pick));
  element.index[0] = 1000;
  g_assert_null (gb_element_card_new (f.cursor, &element, NULL, FALSE, &f.ctx));
  fixture_close (&f);
}

/* Tensors of every awkward shape give a picture. */
static void
test_awkward (void)
{
  static const struct
  {
    int ndim;
    gint64 sizes[8];
  } shapes[] = {
    { 0, { 0 } },
    { 1, { 0 } },
    { 1, { 1 } },
    { 1, { 5000 } },
    { 2, { 0, 3 } },
    { 2, { 3, 0 } },
    { 2, { 4000, 3 } },
    { 2, { 1, 100000 } },
    { 3, { 2, 0, 4 } },
    { 8, { 1, 2, 1, 2, 1, 2, 1, 2 } },
    { 5, { 30, 30, 2, 3, 4 } },
  };
  double sizes[][2] = { { 640, 360 }, { 120, 80 }, { 30, 20 } };

  gb_export_init ();
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (int with_values = 0; with_values < 2; with_values++)
      {
        g_autoptr (GbTrace) trace = gb_trace_new ();
        g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
        g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
        GbBuiltTensor t = gb_trace_builder_make (b, TE_FLOAT32, shapes[i].ndim, shapes[i].sizes);
        gint64 n = 1;

        for (int d = 0; d < t.ndim; d++)
          n *= t.sizes[d];
        gb_trace_builder_leaf (b, &t, 0);
        gb_trace_builder_name (b, &t, "t", 0);
        if (with_values)
          {
            g_autofree double *values = g_new0 (double, MAX (n, 1));
            for (gint64 k = 0; k < n; k++)
              values[k] = sin ((double) k) * 1e3;
            gb_trace_builder_values (b, &t, values);
          }
        gb_trace_flush (trace);
        for (guint v = 0; v < gb_view_registry_get_n (); v++)
          for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
            {
              GbExportOptions options = { .width = sizes[s][0], .height = sizes[s][1] };
              double width, height;
              GskRenderNode *node =
                  gb_view_render (gb_view_registry_get (v), cursor, NULL, &options, &width, &height);
              g_assert_nonnull (node);
              gsk_render_node_unref (node);
            }
      }
}

static void
test_stride (void)
{
  Fixture f;
  GbPick pick;
  double x, y;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_STRIDES), 840, 360);
  g_autoptr (GbStrideLayout) layout = gb_stride_layout_new (f.cursor, f.selection, &f.ctx);
  g_assert_cmpint (layout->address, ==, 6);
  g_assert_cmpint (layout->hops[layout->n_hops - 1].to, ==, 6);
  g_assert_cmpuint (layout->n_owners, ==, 3);
  for (gint64 address = 0; address < 12; address++)
    {
      g_assert_true (gb_stride_layout_address_place (layout, address, &x, &y));
      g_assert_true (gb_stride_layout_at (layout, x + 5, y + 5, &pick));
      g_assert_cmpint (pick.address, ==, address);
    }
  /* Pointing at an address moves all: index and address agree both ways. */
  gb_selection_set_hover (f.selection, &pick);
  g_autoptr (GbStrideLayout) moved = gb_stride_layout_new (f.cursor, f.selection, &f.ctx);
  g_assert_cmpint (moved->address, ==, 11);
  g_assert_cmpint (moved->index[0], ==, 3);
  g_assert_cmpint (moved->index[1], ==, 2);
  g_autofree char *sum = gb_stride_sum_text (&moved->tensor, moved->index);
  g_assert_cmpstr (sum, ==, "0 + 3·1 + 2·4 = 11");
  fixture_close (&f);
}

static void
test_registry (void)
{
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      const GbViewDef *def = gb_view_registry_get (i);
      g_autoptr (GbTrace) trace = gb_trace_new ();
      g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
      g_autoptr (GbSelection) selection = gb_selection_new ();
      g_autofree char *sentence = def->describe (cursor, selection);

      g_assert_true (gb_view_registry_find (def->id) == def);
      g_assert_cmpint (def->relevance (cursor), ==, 0);
      g_assert_cmpuint (strlen (sentence), >, 5);
      g_assert_nonnull (def->new_widget);
    }
  g_assert_null (gb_view_registry_find ("nothing"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/views/gradients", test_gradients);
  g_test_add_func ("/views/graph-parts", test_graph_parts);
  g_test_add_func ("/views/locate", test_locate);
  g_test_add_func ("/views/attention-names", test_attention_names);
  g_test_add_func ("/views/zoomed-strokes", test_zoomed_strokes);
  g_test_add_func ("/views/attention-samples", test_attention_samples);
  g_test_add_func ("/views/spike", test_spike);
  g_test_add_func ("/views/gradflow", test_gradflow);
  g_test_add_func ("/views/chart", test_chart);
  g_test_add_func ("/views/chart-curves", test_chart_curves);
  g_test_add_func ("/views/values", test_values);
  g_test_add_func ("/views/grid", test_grid);
  g_test_add_func ("/views/names", test_names);
  g_test_add_func ("/views/card", test_card);
  g_test_add_func ("/views/stride", test_stride);
  g_test_add_func ("/views/awkward", test_awkward);
  g_test_add_func ("/views/registry", test_registry);
  return g_test_run ();
}
