#include "hist/hist-view.h"

#include <string.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "hist/hist-draw.h"

#define MANY 400 /* elements of a tensor of which a histogram says more than its numbers */

struct _GbHistView
{
  GbView parent_instance;
  GbHistLayout *layout;
  GbHistOptions options;
  guint64 shown; /* tensor chosen when the options were made */
};

G_DEFINE_FINAL_TYPE (GbHistView, gb_hist_view, GB_TYPE_VIEW)

static void
hist_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbHistView *self = GB_HIST_VIEW (view);
  guint64 chosen = gb_selection_get_tensor (gb_view_get_selection (view));

  if (chosen != self->shown || (changes & GB_TRACE_CHANGED_RESET))
    self->options = (GbHistOptions){ .log_y = self->options.log_y };
  self->shown = chosen;
  gb_hist_layout_free (self->layout);
  self->layout =
      gb_hist_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), &self->options, ctx);
  self->options = self->layout->options;
}

static void
hist_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_hist_draw (GB_HIST_VIEW (view)->layout, ctx, snapshot);
}

static void
hist_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_HIST_VIEW (view)->layout)
    gb_hist_draw_overlay (GB_HIST_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static void
pick_bin (const GbHistLayout *layout, guint bin, GbPick *pick)
{
  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_PART, .tensor = layout->series->tensor, .part = bin };
}

static void
pick_ridge (const GbHistLayout *layout, guint nth, GbPick *pick)
{
  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ITERATION,
                    .tensor = layout->series->tensor,
                    .iteration = gb_histograms_get (layout->series, nth)->iteration };
}

static gboolean
hist_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbHistLayout *layout = GB_HIST_VIEW (view)->layout;
  int bin = layout ? gb_hist_layout_bin_at (layout, x, y) : -1,
      ridge = layout ? gb_hist_layout_ridge_at (layout, x, y) : -1;

  if (bin >= 0)
    pick_bin (layout, (guint) bin, pick);
  else if (ridge >= 0)
    pick_ridge (layout, (guint) ridge, pick);
  return bin >= 0 || ridge >= 0;
}

static gboolean
hist_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbHistLayout *layout = GB_HIST_VIEW (view)->layout;
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  return layout && layout->series && (pick->facets & GB_PICK_TENSOR)
         && (pick->tensor == layout->series->tensor
             || gb_trace_follow_tensor (gb_trace_cursor_get_trace (cursor), pick->tensor,
                                        gb_trace_cursor_get_position (cursor))
                    == layout->series->tensor)
         && gb_hist_layout_locate (layout, pick, box);
}

static int
ridge_at (const GbHistLayout *layout, guint64 iteration)
{
  int found = (int) layout->series->all->len - 1;
  while (found > 0 && gb_histograms_get (layout->series, (guint) found)->iteration > iteration)
    found--;
  return found;
}

/* Left and right along the bins, up and down through the steps. */
static gboolean
hist_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbHistLayout *layout = GB_HIST_VIEW (view)->layout;
  int bin = from->facets & GB_PICK_PART ? (int) from->part : GB_HISTOGRAM_N_BINS / 2;
  int ridge;

  if (layout == NULL || layout->series == NULL)
    return FALSE;
  ridge = from->facets & GB_PICK_ITERATION ? ridge_at (layout, from->iteration)
                                           : (int) layout->series->all->len - 1;
  switch (move)
    {
    case GB_MOVE_LEFT:
      bin--;
      break;
    case GB_MOVE_RIGHT:
      bin++;
      break;
    case GB_MOVE_HOME:
      bin = 0;
      break;
    case GB_MOVE_END:
      bin = GB_HISTOGRAM_N_BINS - 1;
      break;
    case GB_MOVE_UP:
    case GB_MOVE_DOWN:
      if (layout->series->all->len < 2)
        return FALSE;
      if (from->facets & GB_PICK_ITERATION)
        ridge += move == GB_MOVE_DOWN ? 1 : -1;
      pick_ridge (layout, (guint) CLAMP (ridge, 0, (int) layout->series->all->len - 1), to);
      return TRUE;
    }
  pick_bin (layout, (guint) CLAMP (bin, 0, GB_HISTOGRAM_N_BINS - 1), to);
  return TRUE;
}

/* Enter on a ridge goes to its step. */
static void
hist_activate (GbView *view, const GbPick *pick)
{
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  const GbIteration *it = pick->facets & GB_PICK_ITERATION
                              ? gb_trace_find_iteration (gb_trace_cursor_get_trace (cursor), pick->iteration)
                              : NULL;
  if (it)
    gb_trace_cursor_set_position (cursor, it->last_seq);
  gb_selection_set_pin (gb_view_get_selection (view), pick);
}

static void
hist_rows (GbView *view, GArray *rows)
{
  const GbHistLayout *layout = GB_HIST_VIEW (view)->layout;
  const GbHistogram *newest;
  GbPick pick;

  if (layout == NULL || layout->series == NULL)
    return;
  for (guint i = layout->series->all->len; i > 0; i--)
    {
      g_autofree char *text = gb_hist_numbers_text (gb_histograms_get (layout->series, i - 1));
      pick_ridge (layout, i - 1, &pick);
      gb_view_rows_add (rows, &pick, _ ("%s, step %lu: %s"), layout->series->label,
                        gb_histograms_get (layout->series, i - 1)->iteration, text);
    }
  newest = gb_hist_layout_newest (layout);
  for (guint bin = 0; bin < GB_HISTOGRAM_N_BINS; bin++)
    if (newest->bins[bin] > 0)
      {
        g_autofree char *text = gb_hist_bin_text (newest, bin);
        pick_bin (layout, bin, &pick);
        gb_view_rows_add (rows, &pick, "%s", text);
      }
}

static void
on_log (GSimpleAction *action, GVariant *value, gpointer data)
{
  g_simple_action_set_state (action, value);
  GB_HIST_VIEW (data)->options.log_y = g_variant_get_boolean (value);
  gb_view_invalidate (GB_VIEW (data));
}

static void
on_fit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GB_HIST_VIEW (data)->options.low = GB_HIST_VIEW (data)->options.high = 0;
  gb_view_invalidate (GB_VIEW (data));
}

static gboolean
hist_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_g || keyval == GDK_KEY_G ? "log" : keyval == GDK_KEY_0 ? "fit" : NULL;

  if (name == NULL)
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

static void
hist_fill_menu (GbHistView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Logarithmic axis (G)"), "view.log");
  g_menu_append (menu, _ ("Fit (0)"), "view.fit");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_hist_view_finalize (GObject *object)
{
  gb_hist_layout_free (GB_HIST_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_hist_view_parent_class)->finalize (object);
}

static void
gb_hist_view_class_init (GbHistViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_hist_view_finalize;
  view_class->update = hist_update;
  view_class->draw = hist_draw;
  view_class->draw_overlay = hist_draw_overlay;
  view_class->pick = hist_pick;
  view_class->locate = hist_locate;
  view_class->move = hist_move;
  view_class->activate = hist_activate;
  view_class->key = hist_key;
  view_class->rows = hist_rows;
}

static void
gb_hist_view_init (GbHistView *self)
{
  static const GActionEntry entries[] = {
    { .name = "log", .state = "false", .change_state = on_log },
    { .name = "fit", .activate = on_fit },
  };

  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  hist_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (hist_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static guint64
shown_tensor (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor),
          chosen = selection ? gb_selection_get_tensor (selection) : 0;
  return gb_histograms_find (trace, chosen ? gb_trace_follow_tensor (trace, chosen, seq) : 0, seq);
}

/* Asked for by name it comes first; what was counted over steps is worth a look. */
static int
hist_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 tensor;
  GbTensor one;
  double n = 1;

  for (guint i = gb_trace_get_n_shows (trace); i > 0; i--)
    if (strcmp (gb_trace_get_show (trace, i - 1)->view, "hist") == 0)
      return 70;
  tensor = shown_tensor (cursor, NULL);
  if (tensor == 0)
    return 0;
  if (gb_trace_get_tensor (trace, tensor, gb_trace_cursor_get_position (cursor), &one))
    for (int d = 0; d < one.ndim; d++)
      n *= (double) one.sizes[d];
  /* Too many to be read one by one. */
  if (n >= MANY && gb_trace_get_n_params (trace) == 0)
    return 45;
  return gb_trace_get_n_facts (trace, TE_FACT_HISTOGRAM, tensor) > 1 ? 25 : 8;
}

static GtkWidget *
hist_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_HIST_VIEW, &gb_hist_view_def, cursor, selection);
}

static void
hist_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 640;
  *height = 380;
}

static void
hist_draw_static (GbTraceCursor *cursor,
                  GbSelection *selection,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  GbHistOptions options = { 0 };
  g_autoptr (GbHistLayout) layout = gb_hist_layout_new (cursor, selection, &options, ctx);

  gb_hist_draw (layout, ctx, snapshot);
  gb_hist_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
hist_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  guint64 tensor = shown_tensor (cursor, selection);
  g_autoptr (GbHistograms) series = tensor ? gb_histograms_new (gb_trace_cursor_get_trace (cursor), tensor,
                                                                gb_trace_cursor_get_position (cursor), 2)
                                           : NULL;
  g_autofree char *numbers = NULL;

  if (series == NULL)
    return g_strdup (gb_hist_empty_text ());
  numbers = gb_hist_numbers_text (gb_histograms_get (series, series->all->len - 1));
  return g_strdup_printf ("%s: %s", series->label, numbers);
}

/* All that is counted, so that another tensor has a past when it is chosen; the chosen one more often. */
static void
hist_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  TeWatch wanted[] = {
    { .kind = TE_WATCH_HISTOGRAM, .period_msec = 500 },
    { .kind = TE_WATCH_STATS, .period_msec = 200 },
    { .kind = TE_WATCH_HISTOGRAM, .period_msec = 100, .tensor = gb_selection_get_tensor (selection) },
  };
  g_array_append_vals (watches, wanted, wanted[2].tensor ? 3 : 2);
}

const GbViewDef gb_hist_view_def = {
  .id = "hist",
  .title = N_ ("Histogram"),
  .summary = N_ ("How the elements of a tensor are spread, over steps and now, with the numbers."),
  .icon_name = "view-chart-symbolic",
  .missing = N_ ("Make a tensor, or give one to gb.watch."),
  .relevance = hist_relevance,
  .new_widget = hist_new_widget,
  .natural_size = hist_natural_size,
  .draw = hist_draw_static,
  .describe = hist_describe,
  .watches = hist_watches,
};
