/* Views of what a run holds: modules, tables, histograms.  What they show, and that pointing finds it again.
 */
#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "gallery.h"
#include "hist/hist-draw.h"
#include "imgs/imgs-draw.h"
#include "mem/mem-draw.h"
#include "models/trace-builder.h"
#include "modtree/modtree-draw.h"
#include "table/table-draw.h"
#include "picture-fixture.h"

static const GbTreeNode *
find_node (const GbModuleTree *tree, const char *path)
{
  for (guint i = 0; i < tree->nodes->len; i++)
    {
      g_autofree char *name = gb_module_tree_dup_path (tree, i);
      if (strcmp (name, path) == 0)
        return &g_array_index (tree->nodes, GbTreeNode, i);
    }
  g_error ("%s is not in the tree", path);
}

static void
test_module_tree (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_MODULES);
  g_autoptr (GbModuleTree) tree = gb_module_tree_new (trace, G_MAXUINT64);

  /* 3200 tied, once; two layers of 1056; norm 64; head.bias 100; the list entry's 1024 are not the net's. */
  g_assert_cmpint (tree->n_params, ==, 3200 + 2 * 1056 + 64 + 100);
  g_assert_cmpint (tree->n_frozen, ==, 1024);
  g_assert_cmpuint (tree->n_shared, ==, 1);
  g_assert_cmpuint (tree->n_unregistered, ==, 2);
  g_assert_cmpstr (find_node (tree, "head.weight")->shared_with, ==, "embed.weight");
  g_assert_cmpint (find_node (tree, "head")->n, ==, 100);
  g_assert_cmpint (find_node (tree, "extra[0]")->n, ==, 1024);
  g_assert_false (find_node (tree, "extra[0]")->is_registered);
  g_assert_cmpint (find_node (tree, "scale")->kind, ==, GB_TREE_PLAIN);
  g_assert_false (find_node (tree, "norm")->is_training);
  g_assert_true (find_node (tree, "head")->is_training);
  g_assert_true (find_node (tree, "blocks.1")->is_active);
  g_assert_false (find_node (tree, "blocks.0")->is_active);
  g_assert_false (find_node (tree, "extra[0].weight")->is_held);
  g_assert_cmpint (find_node (tree, "embed.weight")->moved, ==, GB_MOVED_YES);
  g_assert_cmpint (find_node (tree, "blocks.0.weight")->moved, ==, GB_MOVED_NO_GRAD);
  g_assert_cmpint (find_node (tree, "blocks.1.bias")->moved, ==, GB_MOVED_NO);
  g_assert_cmpuint (tree->iteration, ==, 12);
  /* Before the first step nothing has moved, and nobody evaluates before eval() was called. */
  g_autoptr (GbModuleTree) early = gb_module_tree_new (trace, 30);
  for (guint i = 0; i < early->nodes->len; i++)
    g_assert_cmpint (g_array_index (early->nodes, GbTreeNode, i).moved, ==, GB_MOVED_UNKNOWN);
}

/* One module in three places, told as a program does: with all that it holds, each time by other dotted names. */
static void
test_shared_module (void)
{
  Fixture f;
  GbModtreeOptions options = { 0 };
  GbTrace *trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  static const gint64 sizes[] = { 4, 4 };
  GbBuiltTensor w = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
  guint32 root = gb_trace_builder_module (b, 0, "", "Net"), core = 0, inner = 0;
  guint rows = 0;

  gb_trace_builder_leaf (b, &w, 0);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *block = g_strdup_printf ("blocks%d", i), *name = g_strdup_printf ("blocks%d.core", i),
                      *deep = g_strdup_printf ("blocks%d.core.0", i), *weight = g_strdup_printf ("%s.weight", deep);
      guint32 holder = gb_trace_builder_module (b, root, block, "Block");
      TeRecordModule again = { .id = core, .parent = holder, .name = gb_trace_builder_string (b, name),
                               .class_name = gb_trace_builder_string (b, "Sequential"), .flags = 1 };
      if (core == 0)
        {
          core = gb_trace_builder_module (b, holder, name, "Sequential");
          inner = gb_trace_builder_module (b, core, deep, "Linear");
        }
      else
        {
          gb_trace_builder_record (b, TE_RECORD_MODULE, 0, &again.head + 1, sizeof again - sizeof (TeRecord));
          again = (TeRecordModule){ .id = inner, .parent = core, .name = gb_trace_builder_string (b, deep),
                                    .class_name = gb_trace_builder_string (b, "Linear"), .flags = 1 };
          gb_trace_builder_record (b, TE_RECORD_MODULE, 0, &again.head + 1, sizeof again - sizeof (TeRecord));
        }
      gb_trace_builder_param (b, &w, weight, inner);
    }
  gb_trace_flush (trace);
  fixture_open (&f, trace, 640, 700);
  g_autoptr (GbModuleTree) tree = gb_module_tree_new (trace, G_MAXUINT64);
  g_assert_cmpint (tree->n_params, ==, 16);
  g_assert_cmpuint (tree->n_modules, ==, 6);
  g_assert_cmpuint (tree->n_shared, ==, 0);
  g_assert_cmpuint (find_node (tree, "blocks0.core")->n_places, ==, 3);
  g_assert_null (find_node (tree, "blocks0.core")->shared_with);
  g_assert_cmpint (find_node (tree, "blocks0.core.0.weight")->n, ==, 16);
  g_assert_cmpstr (find_node (tree, "blocks2.core")->shared_with, ==, "blocks0.core");
  for (guint i = 0; i < tree->nodes->len; i++)
    rows += g_array_index (tree->nodes, GbTreeNode, i).kind == GB_TREE_PARAM;
  g_assert_cmpuint (rows, ==, 1);
  /* Every row is found again by what it picks: the arrows can walk on. */
  g_autoptr (GbModtreeLayout) layout = gb_modtree_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpuint (layout->rows->len, ==, 1 + 3 + 3 + 1 + 1);
  for (guint r = 0; r < layout->rows->len; r++)
    {
      GbPick pick;
      gb_modtree_layout_pick (layout, r, &pick);
      g_assert_cmpint (gb_modtree_layout_find (layout, &pick), ==, r);
    }
  fixture_close (&f);
}

static void
test_modtree_layout (void)
{
  Fixture f;
  GbModtreeOptions options = { .toggled = g_hash_table_new (NULL, NULL) };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_MODULES), 640, 700);
  g_autoptr (GbModtreeLayout) layout = gb_modtree_layout_new (f.cursor, &options, &f.ctx);
  for (guint r = 0; r < layout->window.shown; r++)
    {
      GbPick pick;
      g_assert_cmpint (gb_row_window_at (&layout->window, gb_row_window_y (&layout->window, r) + 5), ==, r);
      gb_modtree_layout_pick (layout, r, &pick);
      g_assert_cmpint (gb_modtree_layout_find (layout, &pick), ==, r);
    }
  /* A closed root hides all that it holds. */
  g_hash_table_add (options.toggled, GUINT_TO_POINTER (gb_modtree_layout_node (layout, 0)->module));
  g_autoptr (GbModtreeLayout) closed = gb_modtree_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpuint (closed->rows->len, ==, 1);
  /* In a narrow pane the shape goes first, names and counts stay. */
  f.ctx.width = 380;
  g_autoptr (GbModtreeLayout) narrow = gb_modtree_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpfloat (narrow->columns[GB_MODTREE_SHAPE].width, ==, 0);
  g_assert_cmpfloat (narrow->columns[GB_MODTREE_NAME].width, >, 50);
  g_assert_cmpfloat (narrow->columns[GB_MODTREE_COUNT].width, >, 50);
  g_hash_table_unref (options.toggled);
  fixture_close (&f);
}

/* A stack of a thousand modules opens as far as one can look over it. */
static void
test_modtree_huge (void)
{
  Fixture f;
  GbTrace *trace = gb_trace_new ();
  GbModtreeOptions options = { 0 };
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  guint32 root = gb_trace_builder_module (b, 0, "", "Deep");
  static const gint64 sizes[] = { 64, 64 };

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("layers.%d", i),
                      *weight = g_strdup_printf ("layers.%d.weight", i);
      guint32 module = gb_trace_builder_module (b, root, name, "Linear");
      GbBuiltTensor w = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
      gb_trace_builder_leaf (b, &w, 0);
      gb_trace_builder_param (b, &w, weight, module);
    }
  gb_trace_flush (trace);
  fixture_open (&f, trace, 640, 400);
  g_autoptr (GbModtreeLayout) layout = gb_modtree_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpuint (layout->rows->len, ==, 1001);
  g_assert_cmpuint (layout->window.shown, <, 20);
  g_assert_cmpint (layout->tree->n_params, ==, 4096000);
  g_assert_true (gb_row_window_reveal (&layout->window, 1000));
  g_assert_cmpuint (layout->window.first_row + layout->window.shown, <=, layout->window.n_rows);
  /* A height that is no whole number of rows: the last row is the last that is shown. */
  GbRowWindow window = { 0 };
  gb_row_window_place (&window, 12, 0, 5.5 * GB_ROW_HEIGHT);
  g_assert_cmpuint (window.shown, ==, 6);
  g_assert_true (gb_row_window_reveal (&window, 11));
  g_assert_cmpuint (window.first_row + window.shown, ==, 12);
  g_assert_true (gb_row_window_scroll (&window, -3));
  g_assert_cmpuint (window.first_row, ==, 4);
  g_assert_cmpuint (window.shown, ==, 6);
  g_assert_cmpint (gb_row_window_at (&layout->window, gb_row_window_y (&layout->window, 1000) + 1), ==, 1000);
  fixture_close (&f);
}

/* A sweep logs in no iteration: a row per x, what was logged there beside each other; and each can be picked. */
static void
test_table_curves (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceBuilder *b = gb_trace_builder_new (trace);
  for (int i = 0; i < 5; i++)
    {
      gb_trace_builder_log_over (b, "loss", 1.0 / (i + 1), 0.5 * i, "w");
      if (i != 2)
        gb_trace_builder_log_over (b, "slope", -i, 0.5 * i, "w");
    }
  gb_trace_builder_free (b);
  gb_trace_flush (trace);
  g_assert_cmpuint (gb_table_count (trace, GB_TABLE_LOGS), ==, 5);
  g_autoptr (GbTable) table = gb_table_new (trace, G_MAXUINT64, GB_TABLE_LOGS);
  g_assert_cmpuint (table->n_rows, ==, 5);
  g_assert_cmpuint (table->n_columns, ==, 3);
  g_assert_cmpstr (table->columns[0].title, ==, "w");
  for (guint i = 0; i < 5; i++)
    {
      GbPick pick;
      g_assert_cmpfloat (gb_table_number (table, i, 0), ==, 0.5 * i);
      g_assert_cmpfloat (gb_table_number (table, i, 1), ==, 1.0 / (i + 1));
      g_assert_cmpfloat (gb_table_number (table, i, 2), ==, i == 2 ? GB_TABLE_NOTHING : -(double) i);
      gb_table_pick (table, i, &pick);
      g_assert_cmpint (gb_table_find (table, &pick), ==, i);
    }
}

static void
test_table_logs (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_MODULES);
  g_autoptr (GbTable) table = gb_table_new (trace, G_MAXUINT64, GB_TABLE_LOGS);
  GbPick pick;

  g_assert_cmpuint (table->n_rows, ==, 12);
  g_assert_cmpuint (table->n_columns, ==, 3);
  gb_table_sort (table, 2, TRUE);
  /* The greatest first; what is no number stands last, either way round. */
  g_assert_cmpfloat (gb_table_number (table, gb_table_row (table, 0), 0), ==, 12);
  g_assert_cmpfloat (gb_table_number (table, gb_table_row (table, 11), 0), ==, 7);
  gb_table_sort (table, 2, FALSE);
  g_assert_cmpfloat (gb_table_number (table, gb_table_row (table, 0), 0), ==, 1);
  g_assert_cmpfloat (gb_table_number (table, gb_table_row (table, 11), 0), ==, 7);
  for (guint i = 0; i < table->n_rows; i++)
    {
      gb_table_pick (table, gb_table_row (table, i), &pick);
      g_assert_cmpint (gb_table_find (table, &pick), ==, i);
    }
  g_autofree char *csv = gb_table_dup_csv (table, NULL);
  g_assert_true (g_str_has_prefix (csv, "iteration,loss,accuracy\r\n1,4.5999999999999996,0\r\n"));
  g_assert_nonnull (strstr (csv, "nan"));
}

static void
test_table_kinds (void)
{
  g_autoptr (GbTrace) modules = gb_sample_trace_new (GB_SAMPLE_MODULES);
  g_autoptr (GbTrace) digits = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  g_autoptr (GbTrace) strides = gb_sample_trace_new (GB_SAMPLE_STRIDES);
  g_autoptr (GbTable) params = gb_table_new (modules, G_MAXUINT64, GB_TABLE_PARAMS);
  g_autoptr (GbTable) ops = gb_table_new (digits, G_MAXUINT64, GB_TABLE_OPS);
  g_autoptr (GbTable) tensors = gb_table_new (strides, G_MAXUINT64, GB_TABLE_TENSORS);

  /* What is not registered is no parameter. */
  for (guint i = 0; i < params->n_rows; i++)
    g_assert_cmpstr (gb_table_text (params, i, 0), !=, "scale");
  gb_table_sort (ops, 2, TRUE);
  g_assert_cmpstr (gb_table_text (ops, gb_table_row (ops, 0), 0), ==, "conv2d");
  /* 60 whole iterations, and one forward that was stopped after four ops. */
  g_assert_cmpfloat (gb_table_number (ops, gb_table_row (ops, 0), 2), ==, 61);
  g_assert_cmpuint (tensors->n_rows, ==, 4);
  g_assert_cmpstr (gb_table_text (tensors, 1, 0), ==, "y");
  g_assert_cmpstr (gb_table_text (tensors, 1, 1), ==, "(4, 3)");
  g_assert_cmpfloat (gb_table_number (tensors, 1, 4), ==, 96);
}

/* A hundred thousand rows: once made, a frame that scrolls through them touches only what is in sight. */
static void
test_table_long (void)
{
  Fixture f;
  GbTrace *trace = gb_trace_new ();
  GbTableOptions options = { .kind = GB_TABLE_LOGS, .sorted = 1, .descending = TRUE };
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);

  gb_trace_set_open_ended (trace, FALSE);
  for (int i = 0; i < 100000; i++)
    {
      gb_trace_builder_log (b, "loss", sin (i * 0.7));
      gb_trace_builder_iteration (b);
    }
  gb_trace_flush (trace);
  gb_export_init ();
  fixture_open (&f, trace, 640, 400);
  GbTableLayout *layout = gb_table_layout_new (f.cursor, NULL, &options, &f.ctx);
  g_assert_cmpuint (layout->table->n_rows, ==, 100000);
  g_assert_cmpfloat (gb_table_number (layout->table, gb_table_row (layout->table, 0), 1), <=, 1);
  for (guint i = 1; i < 100000; i += 997)
    g_assert_cmpfloat (gb_table_number (layout->table, gb_table_row (layout->table, i - 1), 1), >=,
                       gb_table_number (layout->table, gb_table_row (layout->table, i), 1));
  gint64 begin = g_get_monotonic_time ();
  for (guint frame = 0; frame < 20; frame++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      gb_row_window_scroll (&layout->window, 4000);
      gb_row_window_place (&layout->window, 100000, layout->window.y, layout->window.height);
      gb_table_draw (layout, &f.ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
    }
  g_test_message ("%.2f ms a frame", (double) (g_get_monotonic_time () - begin) / 20e3);
  g_assert_cmpuint (layout->window.first_row, >=, 75000);
  gb_table_layout_free (layout);
  fixture_close (&f);
}

static void
test_histograms (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_SPREAD);
  guint64 w = gb_histograms_find (trace, 0, G_MAXUINT64);
  g_autoptr (GbHistograms) all = gb_histograms_new (trace, w, G_MAXUINT64, 24);
  g_autoptr (GbHistograms) two = gb_histograms_new (trace, w, G_MAXUINT64, 2);
  const GbHistogram *newest = gb_histograms_get (all, all->all->len - 1);
  double sum = 0;

  g_assert_cmpstr (all->label, ==, "fc.weight");
  g_assert_cmpuint (all->all->len, ==, 24);
  g_assert_cmpuint (gb_histograms_get (all, 0)->iteration, ==, 1);
  g_assert_cmpuint (newest->iteration, ==, 40);
  g_assert_cmpuint (two->all->len, ==, 2);
  g_assert_cmpint (newest->nans, ==, 12);
  g_assert_cmpint (newest->infs, ==, 3);
  for (guint i = 0; i < GB_HISTOGRAM_N_BINS; i++)
    sum += newest->bins[i];
  g_assert_cmpfloat (sum + 15, ==, (double) newest->n);
  /* Earlier in the run it was another. */
  g_autoptr (GbHistograms) early =
      gb_histograms_new (trace, w, gb_trace_find_iteration (trace, 10)->last_seq, 24);
  g_assert_cmpuint (gb_histograms_get (early, early->all->len - 1)->iteration, ==, 10);
}

/* Counted here from the elements: every finite one lies in one bin, also when all are the same. */
static void
test_histogram_values (void)
{
  static const struct
  {
    double values[6];
    gint64 nans, infs, zeros;
  } cases[] = {
    { { 1, 2, 3, 4, 5, 6 }, 0, 0, 0 },
    { { 2, 2, 2, 2, 2, 2 }, 0, 0, 0 },
    { { 0, 0, -0.0, NAN, INFINITY, -INFINITY }, 1, 2, 3 },
    { { NAN, NAN, NAN, NAN, NAN, NAN }, 6, 0, 0 },
    { { 1e-300, 1e300, -1e300, 0, 1, -1 }, 0, 0, 1 },
  };
  static const gint64 n6[] = { 6 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GbTrace) trace = gb_trace_new ();
      g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
      GbBuiltTensor t = gb_trace_builder_make (b, TE_FLOAT64, 1, n6);
      double sum = 0;
      gb_trace_builder_leaf (b, &t, 0);
      gb_trace_builder_values (b, &t, cases[i].values);
      gb_trace_flush (trace);
      g_autoptr (GbHistograms) all = gb_histograms_new (trace, t.id, G_MAXUINT64, 24);
      const GbHistogram *one = gb_histograms_get (all, 0);
      for (guint bin = 0; bin < GB_HISTOGRAM_N_BINS; bin++)
        sum += one->bins[bin];
      g_assert_cmpint (one->nans, ==, cases[i].nans);
      g_assert_cmpint (one->infs, ==, cases[i].infs);
      g_assert_cmpint (one->zeros, ==, cases[i].zeros);
      g_assert_cmpfloat (sum, ==, 6 - cases[i].nans - cases[i].infs);
      g_assert_cmpfloat (one->low, <, one->high);
      if (i == 1) /* what it says is the value, not the bin around it */
        {
          g_assert_cmpfloat (one->least, ==, 2);
          g_assert_cmpfloat (one->greatest, ==, 2);
        }
    }
}

static void
test_hist_layout (void)
{
  Fixture f;
  GbHistOptions options = { 0 };
  g_autoptr (GbSelection) selection = gb_selection_new ();

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_SPREAD), 640, 380);
  g_autoptr (GbHistLayout) layout = gb_hist_layout_new (f.cursor, selection, &options, &f.ctx);
  const GbHistogram *newest = gb_hist_layout_newest (layout);
  for (guint bin = 0; bin < GB_HISTOGRAM_N_BINS; bin++)
    {
      double x = gb_hist_layout_x (
          layout, (gb_histogram_edge (newest, bin) + gb_histogram_edge (newest, bin + 1)) / 2);
      g_assert_cmpint (gb_hist_layout_bin_at (layout, x, layout->bars_y + 10), ==, bin);
      g_assert_cmpfloat (gb_hist_layout_bar (layout, bin), <=, layout->bars_height);
    }
  for (guint i = 0; i < layout->series->all->len; i++)
    g_assert_cmpint (gb_hist_layout_ridge_at (layout, layout->x + 5, gb_hist_layout_baseline (layout, i) - 1),
                     ==, i);
  /* The scale is kept when it is given. */
  options = (GbHistOptions){ .low = -9, .high = 9 };
  g_autoptr (GbHistLayout) kept = gb_hist_layout_new (f.cursor, selection, &options, &f.ctx);
  g_assert_cmpfloat (kept->axis.low, ==, -9);
  g_assert_cmpfloat (kept->axis.high, ==, 9);
  fixture_close (&f);
}

/* ---- memory ---- */
/* What the list of living blocks says against a count of its own. */
static void
check_sums (const GbMemory *memory, guint64 seq)
{
  g_autoptr (GArray) list = gb_memory_list (memory, seq);
  GbMemorySample sum = gb_memory_sum (memory, list, seq);
  guint64 total = 0;

  for (guint i = 0; i < memory->blocks->len; i++)
    {
      const GbMemoryBlock *block = &g_array_index (memory->blocks, GbMemoryBlock, i);
      if (block->born <= seq && (block->died == 0 || block->died > seq))
        total += block->nbytes;
    }
  g_assert_cmpint (gb_memory_total (&sum), ==, total);
}

static void
test_memory (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_MEMORY);
  const GbMemory *memory = gb_memory_of (trace);
  guint64 last = gb_trace_get_last_seq (trace), at;
  const GbMemorySample *now = gb_memory_at (memory, last);
  const GbPosition *position;

  g_assert_cmpint (now->nbytes[GB_MEMORY_PARAM], ==, (128 * 64 + 10 * 128) * 4);
  g_assert_cmpint (now->nbytes[GB_MEMORY_GRAD], ==, (128 * 64 + 10 * 128) * 4);
  g_assert_cmpint (now->nbytes[GB_MEMORY_STATE], ==, 2 * (128 * 64 + 10 * 128) * 4);
  g_assert_cmpint (now->nbytes[GB_MEMORY_SAVED], ==, 256 * 128 * 4);
  g_assert_cmpint (now->nbytes[GB_MEMORY_OTHER], ==, 256 * 64 * 4 + 8 * 256 * 10 * 4);
  for (guint64 seq = 1; seq <= last; seq += 7)
    check_sums (memory, seq);
  /* Hidden values, what passes through the backward, and all the outputs that stay. */
  g_assert_cmpint (gb_memory_peak (memory, trace, last, &at, &position), ==, memory->peak_nbytes);
  g_assert_cmpint (position->line, ==, 5);
  g_assert_cmpint (gb_trace_iteration_at (trace, at), ==, 8);
}

static void
test_memory_growth (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_MEMORY);
  const GbMemory *memory = gb_memory_of (trace);
  GbMemoryGrowth growth = gb_memory_growth (memory, trace, gb_trace_get_last_seq (trace));

  g_assert_nonnull (growth.position);
  g_assert_cmpint (growth.position->line, ==, 4);
  g_assert_cmpint (growth.nbytes, ==, 256 * 10 * 4);
  /* After three iterations nobody can tell: the state of an optimiser grows as well, once. */
  growth = gb_memory_growth (memory, trace, gb_trace_iteration_first_seq (trace, 4));
  g_assert_null (growth.position);
}

/* Very many births and deaths: the sums stay few, evenly spread, and keep the peak. */
static void
test_memory_long (void)
{
  static const gint64 n4[] = { 4 };
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  const GbMemory *memory;
  guint widest = 0;

  gb_trace_set_open_ended (trace, FALSE);
  for (guint i = 1; i <= 60000; i++)
    {
      GbBuiltTensor t = gb_trace_builder_make (b, TE_FLOAT32, 1, n4);
      TeRecordStorage record = { .storage = t.storage, .nbytes = i == 777 ? 1 << 20 : 64 };
      gb_trace_builder_record (b, TE_RECORD_STORAGE_NEW, 0, &record.head + 1,
                               sizeof record - sizeof record.head);
      gb_trace_builder_record (b, TE_RECORD_STORAGE_FREE, 0, &record.head + 1,
                               sizeof record - sizeof record.head);
    }
  gb_trace_flush (trace);
  memory = gb_memory_of (trace);
  g_assert_cmpint (memory->samples->len, <=, 16384);
  for (guint i = 0; i < memory->samples->len; i++)
    widest = MAX (widest, g_array_index (memory->samples, GbMemorySample, i).n);
  g_assert_cmpint (widest, ==, memory->stride);
  g_assert_cmpint (memory->peak_nbytes, ==, 1 << 20);
}

static void
test_mem_layout (void)
{
  Fixture f;
  GbMemOptions options = { 0 };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_MEMORY), 640, 400);
  g_autoptr (GbMemLayout) layout = gb_mem_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpint (layout->list->len, ==, 2 + 2 + 4 + 1 + 1 + 8);
  for (guint r = 0; r < layout->window.shown; r++)
    {
      GbPick pick;
      double y = gb_row_window_y (&layout->window, r) + 3;
      gb_mem_layout_pick (layout, r, &pick);
      g_assert_cmpint (gb_row_window_at (&layout->window, y), ==, r);
      g_assert_cmpint (gb_mem_layout_find (layout, &pick), ==, r);
    }
  /* A place of the plot is the op that ran there. */
  for (double x = layout->x; x < layout->x + layout->plot_width; x += 9)
    g_assert_cmpint (gb_mem_layout_seq_at (layout, x, layout->y + 5), >=, layout->first);
  g_assert_cmpint (gb_mem_layout_seq_at (layout, layout->x - 20, layout->y + 5), ==, 0);
  options.only_iteration = TRUE;
  g_autoptr (GbMemLayout) one = gb_mem_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpint (one->first, ==, gb_trace_iteration_first_seq (f.trace, 9));
  fixture_close (&f);
}

/* ---- pictures ---- */
static void
test_images (void)
{
  Fixture f;
  GbImgsOptions options = { 0 };
  g_autoptr (GbSelection) selection = gb_selection_new ();
  GbPick pick;
  double last = -1, x, y;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_IMAGES), 420, 300);
  g_autoptr (GbImgsLayout) layout = gb_imgs_layout_new (f.cursor, selection, &options, &f.ctx);
  g_assert_nonnull (layout->images);
  g_assert_cmpint (layout->images->images->len, ==, 12);
  g_assert_true (layout->images->judged);
  for (guint at = 0; at < 12; at++)
    {
      const GbImage *image = &g_array_index (layout->images->images, GbImage, at);
      g_assert_cmpfloat (image->share, >=, last);
      last = image->share;
      /* Three are taken for another, and they come first. */
      g_assert_true ((image->label != image->best) == (at < 3));
    }
  for (guint at = 0; gb_imgs_layout_place (layout, at, &x, &y); at++)
    {
      gint64 row, column;
      g_assert_cmpint (gb_imgs_layout_at (layout, x + layout->picture_width - 1, y + 1, &row, &column), ==,
                       at);
      g_assert_cmpint (row, ==, 0);
      g_assert_cmpint (column, ==, 7);
      gb_imgs_layout_pick (layout, at, row, column, &pick);
      g_assert_cmpint (gb_imgs_layout_find (layout, &pick), ==, at);
      g_assert_cmpint (pick.address, ==, pick.index[0] * 64 + 7);
    }
  /* The greatest of the numbers that are some: the picture with NaN does not darken the others. */
  g_assert_cmpfloat (layout->images->high, ==, 1);
  fixture_close (&f);
}

/* Weights of a convolution, activations of 16 channels and attention are no pictures. */
static void
test_images_shapes (void)
{
  static const struct
  {
    int ndim;
    gint64 sizes[4];
    guint8 flags;
    gboolean is_batch;
  } cases[] = {
    { 4, { 2, 3, 6, 7 }, 0, TRUE },
    { 4, { 2, 1, 5, 5 }, 0, TRUE },
    { 4, { 8, 3, 5, 5 }, TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD, FALSE },
    { 4, { 2, 16, 6, 6 }, 0, FALSE },
    { 4, { 2, 1, 4, 9 }, 0, FALSE },
    { 3, { 2, 9, 9 }, 0, FALSE },
    { 2, { 64, 64 }, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GbTrace) trace = gb_trace_new ();
      g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
      GbBuiltTensor t = gb_trace_builder_make (b, TE_FLOAT32, cases[i].ndim, cases[i].sizes);
      gsize n = 1;
      for (int d = 0; d < cases[i].ndim; d++)
        n *= (gsize) cases[i].sizes[d];
      g_autofree double *values = g_new0 (double, n);
      t.flags = cases[i].flags;
      gb_trace_builder_leaf (b, &t, 0);
      gb_trace_builder_values (b, &t, values);
      gb_trace_flush (trace);
      g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
      g_assert_cmpint (gb_images_find (cursor, NULL) != 0, ==, cases[i].is_batch);
      /* Without loss nothing is judged, and the order is that of the batch. */
      g_autoptr (GbImages) images = gb_images_new (cursor, NULL);
      g_assert_true ((images != NULL) == cases[i].is_batch && (images == NULL || !images->judged));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run-views/module-tree", test_module_tree);
  g_test_add_func ("/run-views/shared-module", test_shared_module);
  g_test_add_func ("/run-views/modtree-layout", test_modtree_layout);
  g_test_add_func ("/run-views/modtree-huge", test_modtree_huge);
  g_test_add_func ("/run-views/table-logs", test_table_logs);
  g_test_add_func ("/table/curves", test_table_curves);
  g_test_add_func ("/run-views/table-kinds", test_table_kinds);
  g_test_add_func ("/run-views/table-long", test_table_long);
  g_test_add_func ("/run-views/histograms", test_histograms);
  g_test_add_func ("/run-views/histogram-values", test_histogram_values);
  g_test_add_func ("/run-views/hist-layout", test_hist_layout);
  g_test_add_func ("/run-views/memory", test_memory);
  g_test_add_func ("/run-views/memory-growth", test_memory_growth);
  g_test_add_func ("/run-views/memory-long", test_memory_long);
  g_test_add_func ("/run-views/mem-layout", test_mem_layout);
  g_test_add_func ("/run-views/images", test_images);
  g_test_add_func ("/run-views/images-shapes", test_images_shapes);
  return g_test_run ();
}
