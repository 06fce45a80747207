#include "gradflow/gradflow-view.h"

#include <math.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "gradflow/gradflow-draw.h"
#include "models/program-traits.h"

struct _GbGradflowView
{
  GbView parent_instance;
  GbGradflowLayout *layout;
  GbGradflowOptions options;
};

G_DEFINE_FINAL_TYPE (GbGradflowView, gb_gradflow_view, GB_TYPE_VIEW)

static void
gradflow_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbGradflowView *self = GB_GRADFLOW_VIEW (view);

  if (changes & GB_TRACE_CHANGED_RESET)
    self->options.low_decade = self->options.high_decade = 0;
  gb_gradflow_layout_free (self->layout);
  self->layout = gb_gradflow_layout_new (gb_view_get_cursor (view), &self->options, ctx);
  /* The scale only ever grows, until Fit: colours keep their meaning while training. */
  if (self->layout->table->most > 0)
    {
      self->options.low_decade = self->layout->low_decade;
      self->options.high_decade = self->layout->high_decade;
    }
}

static void
gradflow_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_gradflow_draw (GB_GRADFLOW_VIEW (view)->layout, ctx, snapshot);
}

static void
gradflow_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_GRADFLOW_VIEW (view)->layout)
    gb_gradflow_draw_overlay (GB_GRADFLOW_VIEW (view)->layout, gb_view_get_cursor (view),
                              gb_view_get_selection (view), ctx, snapshot);
}

static void
pick_row (const GbGradflowLayout *layout, int r, GbPick *pick)
{
  const GbGradientRow *row = &g_array_index (layout->table->rows, GbGradientRow, r);
  pick->facets |= GB_PICK_PARAM | GB_PICK_TENSOR;
  pick->param = row->param;
  pick->tensor = row->tensor;
}

static gboolean
gradflow_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbGradflowLayout *layout = GB_GRADFLOW_VIEW (view)->layout;
  return layout && gb_gradflow_layout_locate (layout, pick, box);
}

static gboolean
gradflow_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbGradflowLayout *layout = GB_GRADFLOW_VIEW (view)->layout;
  int row, column;

  if (layout == NULL || !gb_gradflow_layout_at (layout, x, y, &row, &column))
    return FALSE;
  if (row >= 0)
    pick_row (layout, row, pick);
  if (column >= 0)
    {
      pick->facets |= GB_PICK_ITERATION;
      pick->iteration = gb_gradflow_layout_iteration (layout, column);
    }
  return TRUE;
}

static gboolean
gradflow_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbGradflowLayout *layout = GB_GRADFLOW_VIEW (view)->layout;
  int row = -1, column, n_rows, n_columns;

  if (layout == NULL || layout->table->rows->len == 0)
    return FALSE;
  n_rows = (int) layout->table->rows->len;
  n_columns = (int) layout->table->n_columns;
  for (int r = 0; r < n_rows && (from->facets & GB_PICK_PARAM); r++)
    if (g_array_index (layout->table->rows, GbGradientRow, r).param == from->param)
      row = r;
  column = from->facets & GB_PICK_ITERATION ? gb_gradient_table_column (layout->table, from->iteration) : -1;
  if (column < 0)
    column = n_columns - 1;
  switch (move)
    {
    case GB_MOVE_LEFT:
      column--;
      break;
    case GB_MOVE_RIGHT:
      column++;
      break;
    case GB_MOVE_HOME:
      column = 0;
      break;
    case GB_MOVE_END:
      column = n_columns - 1;
      break;
    case GB_MOVE_UP:
      row--;
      break;
    case GB_MOVE_DOWN:
      row++;
      break;
    }
  *to = (GbPick){ .facets = GB_PICK_ITERATION };
  to->iteration = gb_gradflow_layout_iteration (layout, CLAMP (column, 0, n_columns - 1));
  pick_row (layout, CLAMP (row, 0, n_rows - 1), to);
  return TRUE;
}

static void
gradflow_activate (GbView *view, const GbPick *pick)
{
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  const GbIteration *it = pick->facets & GB_PICK_ITERATION
                              ? gb_trace_find_iteration (gb_trace_cursor_get_trace (cursor), pick->iteration)
                              : NULL;

  if (pick->facets & GB_PICK_TENSOR)
    gb_selection_set_tensor (gb_view_get_selection (view), pick->tensor);
  if (it)
    gb_trace_cursor_set_position (cursor, it->last_seq);
}

static void
gradflow_rows (GbView *view, GArray *rows)
{
  const GbGradflowLayout *layout = GB_GRADFLOW_VIEW (view)->layout;

  for (guint r = 0; layout && r < layout->table->rows->len; r++)
    {
      const GbGradientRow *row = &g_array_index (layout->table->rows, GbGradientRow, r);
      g_autofree char *alarm = gb_gradflow_alarm_text (row);
      GbPick pick = { .facets = GB_PICK_ITERATION, .iteration = row->last_iteration };
      char last[32], largest[32];

      pick_row (layout, r, &pick);
      if (alarm)
        gb_view_rows_add (rows, &pick, "%s", alarm);
      else if (row->last.state == GB_GRADIENT_VALUE)
        gb_view_rows_add (rows, &pick, _ ("%s, step %lu, norm %s, largest %s at step %lu"), row->name,
                          row->last_iteration, gb_number_text (row->last.value, 3, last, sizeof last),
                          gb_number_text (row->largest, 3, largest, sizeof largest), row->largest_iteration);
      else
        gb_view_rows_add (rows, &pick, _ ("%s, no gradient yet"), row->name);
    }
}

static void
gradflow_set_ratio (GSimpleAction *action, GVariant *value, gpointer data)
{
  GbGradflowView *self = GB_GRADFLOW_VIEW (data);

  g_simple_action_set_state (action, value);
  self->options.what = g_variant_get_boolean (value) ? GB_GRADIENT_RATIO : GB_GRADIENT_NORM;
  self->options.low_decade = self->options.high_decade = 0;
  gb_view_invalidate (GB_VIEW (self));
}

static void
gradflow_fit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbGradflowView *self = GB_GRADFLOW_VIEW (data);
  self->options.low_decade = self->options.high_decade = 0;
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
gradflow_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_r || keyval == GDK_KEY_R ? "ratio"
                     : keyval == GDK_KEY_0                      ? "fit"
                                                                : NULL;

  if (name == NULL)
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

static void
gradflow_fill_menu (GbGradflowView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Update over weight (R)"), "view.ratio");
  g_menu_append (menu, _ ("Fit the scale (0)"), "view.fit");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_gradflow_view_finalize (GObject *object)
{
  gb_gradflow_layout_free (GB_GRADFLOW_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_gradflow_view_parent_class)->finalize (object);
}

static void
gb_gradflow_view_class_init (GbGradflowViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_gradflow_view_finalize;
  view_class->update = gradflow_update;
  view_class->draw = gradflow_draw;
  view_class->draw_overlay = gradflow_draw_overlay;
  view_class->pick = gradflow_pick;
  view_class->locate = gradflow_locate;
  view_class->move = gradflow_move;
  view_class->activate = gradflow_activate;
  view_class->key = gradflow_key;
  view_class->rows = gradflow_rows;
}

static void
gb_gradflow_view_init (GbGradflowView *self)
{
  static const GActionEntry entries[] = {
    { .name = "ratio", .state = "false", .change_state = gradflow_set_ratio },
    { .name = "fit", .activate = gradflow_fit },
  };

  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  gradflow_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (gradflow_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
gradflow_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);

  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    if (gb_series_get_n (gb_trace_get_param (trace, i)->param_norm))
      return gb_series_get_n (gb_trace_get_param (trace, i)->param_norm) > 1 ? 70 : 35;
  return gb_trace_get_n_params (trace) && gb_program_traits_of (trace)->n_backward ? 20 : 0;
}

static GtkWidget *
gradflow_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_GRADFLOW_VIEW, &gb_gradflow_view_def, cursor, selection);
}

static void
gradflow_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  guint n = gb_trace_get_n_params (gb_trace_cursor_get_trace (cursor));
  *width = 640;
  *height = CLAMP ((n > 16 ? n * 16 : n * 30) + 80, 200, 720);
}

static void
gradflow_draw_static (GbTraceCursor *cursor,
                      GbSelection *selection,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot)
{
  GbGradflowOptions options = { 0 };
  g_autoptr (GbGradflowLayout) layout = gb_gradflow_layout_new (cursor, &options, ctx);

  gb_gradflow_draw (layout, ctx, snapshot);
  gb_gradflow_draw_overlay (layout, cursor, selection, ctx, snapshot);
}

static char *
gradflow_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  g_autoptr (GbGradientTable) table = gb_gradient_table_new (trace, GB_GRADIENT_NORM, 400, 200, G_MAXUINT64);
  const GbGradientRow *largest = NULL;
  g_autofree char *alarm = NULL;
  guint n_alarms = 0;
  char text[32];

  for (guint r = 0; r < table->rows->len; r++)
    {
      const GbGradientRow *row = &g_array_index (table->rows, GbGradientRow, r);
      if (row->alarm != GB_ALARM_NONE && n_alarms++ == 0)
        alarm = gb_gradflow_alarm_text (row);
      if (row->last.state == GB_GRADIENT_VALUE && (largest == NULL || row->last.value > largest->last.value))
        largest = row;
    }
  if (n_alarms == 1)
    return g_steal_pointer (&alarm);
  if (n_alarms > 1)
    return g_strdup_printf (
        ngettext_ ("%s %u more layer needs a look.", "%s %u more layers need a look.", n_alarms - 1), alarm,
        n_alarms - 1);
  if (largest == NULL)
    return g_strdup (gb_gradflow_empty_text (gb_trace_get_n_iterations (trace) > 0));
  return g_strdup_printf (_ ("%u parameters over %lu steps. The largest gradient now: %s, norm %s."),
                          table->rows->len, table->last - table->first + 1, largest->name,
                          gb_number_text (largest->last.value, 3, text, sizeof text));
}

static void
gradflow_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  TeWatch watch = { .kind = TE_WATCH_GRADIENTS };
  g_array_append_val (watches, watch);
}

const GbViewDef gb_gradflow_view_def = {
  .id = "gradflow",
  .title = N_ ("Gradient flow"),
  .summary = N_ ("The size of every parameter's gradient at every step, in one picture."),
  .icon_name = "view-gradflow-symbolic",
  .missing = N_ ("Call backward() once."),
  .relevance = gradflow_relevance,
  .new_widget = gradflow_new_widget,
  .natural_size = gradflow_natural_size,
  .draw = gradflow_draw_static,
  .describe = gradflow_describe,
  .watches = gradflow_watches,
};
