#include "table/table-view.h"

#include <math.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "models/values-text.h"
#include "table/table-draw.h"

#define MAX_ROWS 400

struct _GbTableView
{
  GbView parent_instance;
  GbTableLayout *layout;
  GbTableOptions options;
  guint64 generation, position; /* of the trace and the cursor for which the table was made */
};

G_DEFINE_FINAL_TYPE (GbTableView, gb_table_view, GB_TYPE_VIEW)

/* Scrolling and sorting leave the rows as they are: only news and another position make them anew. */
static void
table_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbTableView *self = GB_TABLE_VIEW (view);
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  guint64 generation = gb_trace_get_generation (gb_trace_cursor_get_trace (cursor));
  guint64 position = gb_trace_cursor_get_position (cursor);
  GbTable *kept = NULL;

  if (changes & GB_TRACE_CHANGED_RESET)
    self->options.first_row = 0, self->options.stays = FALSE;
  if (self->layout && self->generation == generation && self->position == position)
    kept = g_steal_pointer (&self->layout->table);
  gb_table_layout_free (self->layout);
  self->layout = gb_table_layout_new (cursor, kept, &self->options, ctx);
  self->options.first_row = self->layout->options.first_row;
  self->generation = generation;
  self->position = position;
}

static void
table_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_table_draw (GB_TABLE_VIEW (view)->layout, ctx, snapshot);
}

static void
table_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_TABLE_VIEW (view)->layout)
    gb_table_draw_overlay (GB_TABLE_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
table_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbTableLayout *layout = GB_TABLE_VIEW (view)->layout;
  int at = layout && layout->table ? gb_row_window_at (&layout->window, y) : -1;

  if (at < 0)
    return FALSE;
  gb_table_pick (layout->table, gb_table_row (layout->table, (guint) at), pick);
  return TRUE;
}

static gboolean
table_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbTableLayout *layout = GB_TABLE_VIEW (view)->layout;
  int at = layout && layout->table ? gb_table_find (layout->table, pick) : -1;

  if (at < 0)
    return FALSE;
  graphene_rect_init (box, 0, (float) gb_row_window_y (&layout->window, (guint) at), (float) layout->width,
                      GB_ROW_HEIGHT);
  return TRUE;
}

static gboolean
table_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbTableView *self = GB_TABLE_VIEW (view);
  GbTableLayout *layout = self->layout;
  guint last, next;
  int at;

  if (layout == NULL || layout->table == NULL || layout->table->n_rows == 0)
    return FALSE;
  at = gb_table_find (layout->table, from);
  last = layout->table->n_rows - 1;
  next = at < 0 ? layout->window.first_row : (guint) at;
  switch (move)
    {
    case GB_MOVE_UP:
      next = next ? next - 1 : 0;
      break;
    case GB_MOVE_DOWN:
      next = at < 0 ? next : MIN (next + 1, last);
      break;
    case GB_MOVE_HOME:
      next = 0;
      break;
    case GB_MOVE_END:
      next = last;
      break;
    case GB_MOVE_LEFT:
    case GB_MOVE_RIGHT:
      return FALSE;
    }
  if (gb_row_window_reveal (&layout->window, next))
    {
      self->options.first_row = layout->window.first_row;
      self->options.stays = TRUE;
      gb_view_invalidate (view);
    }
  gb_table_pick (layout->table, gb_table_row (layout->table, next), to);
  return TRUE;
}

/* Enter goes to the iteration, or shows the tensor's numbers where numbers are shown. */
static void
table_activate (GbView *view, const GbPick *pick)
{
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  const GbIteration *it = pick->facets & GB_PICK_ITERATION
                              ? gb_trace_find_iteration (gb_trace_cursor_get_trace (cursor), pick->iteration)
                              : NULL;

  if (it)
    gb_trace_cursor_set_position (cursor, it->last_seq);
  else if (pick->facets & GB_PICK_TENSOR)
    gb_selection_set_tensor (gb_view_get_selection (view), pick->tensor);
  gb_selection_set_pin (gb_view_get_selection (view), pick);
}

static gboolean
table_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbTableView *self = GB_TABLE_VIEW (view);

  if (self->layout == NULL || !gb_row_window_scroll (&self->layout->window, round (dy * 3)))
    return FALSE;
  self->options.first_row = self->layout->window.first_row;
  self->options.stays = TRUE;
  gb_view_invalidate (view);
  return TRUE;
}

static char *
table_values (GbView *view, GbValuesForm form, char **name)
{
  const GbTableLayout *layout = GB_TABLE_VIEW (view)->layout;

  if (layout == NULL || layout->table == NULL)
    return NULL;
  *name = g_strdup (gb_table_kind_title (layout->table->kind));
  return gb_values_text_of_table (layout->table, form, gb_table_translate);
}

static void
table_rows (GbView *view, GArray *rows)
{
  const GbTableLayout *layout = GB_TABLE_VIEW (view)->layout;
  guint first, n;

  if (layout == NULL || layout->table == NULL)
    return;
  /* What is in sight is among those in the list, however many there are. */
  n = MIN (layout->table->n_rows, MAX_ROWS);
  first = MIN (layout->window.first_row, layout->table->n_rows - n);
  for (guint i = first; i < first + n; i++)
    {
      guint row = gb_table_row (layout->table, i);
      g_autofree char *text = gb_table_row_text (layout, row);
      GbPick pick;
      gb_table_pick (layout->table, row, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

/* ---- what it can do ---- */
static void
set_kind (GbTableView *self, int kind)
{
  if (self->options.kind == kind)
    return;
  self->options = (GbTableOptions){ .kind = kind, .sorted = -1 };
  gb_view_invalidate (GB_VIEW (self));
}

/* The same column again turns the order round, once more gives it up. */
static void
sort_by (GbTableView *self, int column)
{
  const GbTableLayout *layout = self->layout;
  gboolean is_text;

  if (layout == NULL || layout->table == NULL)
    return;
  is_text = layout->table->columns[column].texts != NULL;
  if (layout->options.sorted != column)
    {
      self->options.sorted = column;
      self->options.descending = !is_text;
    }
  else
    {
      self->options.sorted = column;
      self->options.descending = !layout->options.descending;
    }
  self->options.kind = layout->options.kind;
  self->options.first_row = 0;
  gb_view_invalidate (GB_VIEW (self));
}

static void
on_show (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_simple_action_set_state (action, state);
  set_kind (GB_TABLE_VIEW (data), g_variant_get_int32 (state));
}

static void
on_sort (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbTableView *self = GB_TABLE_VIEW (data);
  const GbTableLayout *layout = self->layout;

  if (layout == NULL || layout->table == NULL || layout->table->n_columns == 0)
    return;
  sort_by (self, (layout->options.sorted + 1) % (int) layout->table->n_columns);
}

static void
on_reverse (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbTableView *self = GB_TABLE_VIEW (data);
  if (self->layout && self->layout->table && self->layout->table->n_columns)
    sort_by (self, MAX (self->layout->options.sorted, 0));
}

static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbTableView *self = GB_TABLE_VIEW (data);
  g_autofree char *csv = NULL;

  if (self->layout == NULL || self->layout->table == NULL)
    return;
  csv = gb_table_dup_csv (self->layout->table, gb_table_translate);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), csv);
}

static gboolean
table_key (GbView *view, guint keyval, GdkModifierType state)
{
  GActionMap *actions = gb_view_get_actions (view);
  const char *name = keyval == GDK_KEY_s || keyval == GDK_KEY_S   ? "sort"
                     : keyval == GDK_KEY_r || keyval == GDK_KEY_R ? "reverse"
                     : keyval == GDK_KEY_c || keyval == GDK_KEY_C ? "copy"
                                                                  : NULL;

  if (keyval >= GDK_KEY_1 && keyval < GDK_KEY_1 + GB_N_TABLES)
    g_action_change_state (g_action_map_lookup_action (actions, "show"),
                           g_variant_new_int32 ((gint32) (keyval - GDK_KEY_1)));
  else if (name)
    g_action_activate (g_action_map_lookup_action (actions, name), NULL);
  return name || (keyval >= GDK_KEY_1 && keyval < GDK_KEY_1 + GB_N_TABLES);
}

static void
table_fill_menu (GbTableView *self)
{
  g_autoptr (GMenu) menu = g_menu_new (), kinds = g_menu_new ();

  for (int kind = 0; kind < GB_N_TABLES; kind++)
    {
      g_autofree char *label =
          g_strdup_printf ("%s (%d)", gb_table_kind_title ((GbTableKind) kind), kind + 1);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (item, "view.show", "i", kind);
      g_menu_append_item (kinds, item);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (kinds));
  g_menu_append (menu, _ ("Sort by the next column (S)"), "view.sort");
  g_menu_append (menu, _ ("Turn the order round (R)"), "view.reverse");
  g_menu_append (menu, _ ("Copy as CSV (C)"), "view.copy");
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

/* Tabs and titles are no part of the data that other panes could light up: they take their click first. */
static void
on_pressed (GtkGestureClick *click, int n_press, double x, double y, GbTableView *self)
{
  double scale = gb_theme_manager_get_scale (gb_theme_manager_get_default ());
  int tab = self->layout ? gb_table_layout_tab_at (self->layout, x / scale, y / scale) : -1;
  int title = self->layout ? gb_table_layout_title_at (self->layout, x / scale, y / scale) : -1;

  if (tab < 0 && title < 0)
    return;
  gtk_gesture_set_state (GTK_GESTURE (click), GTK_EVENT_SEQUENCE_CLAIMED);
  if (tab >= 0)
    g_action_change_state (g_action_map_lookup_action (gb_view_get_actions (GB_VIEW (self)), "show"),
                           g_variant_new_int32 (tab));
  else
    sort_by (self, title);
}

static void
gb_table_view_finalize (GObject *object)
{
  gb_table_layout_free (GB_TABLE_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_table_view_parent_class)->finalize (object);
}

static void
gb_table_view_class_init (GbTableViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_table_view_finalize;
  view_class->update = table_update;
  view_class->draw = table_draw;
  view_class->draw_overlay = table_draw_overlay;
  view_class->pick = table_pick;
  view_class->locate = table_locate;
  view_class->move = table_move;
  view_class->activate = table_activate;
  view_class->scroll = table_scroll;
  view_class->key = table_key;
  view_class->rows = table_rows;
  view_class->values = table_values;
}

static void
gb_table_view_init (GbTableView *self)
{
  static const GActionEntry entries[] = {
    { .name = "show", .parameter_type = "i", .state = "-1", .change_state = on_show },
    { .name = "sort", .activate = on_sort },
    { .name = "reverse", .activate = on_reverse },
    { .name = "copy", .activate = on_copy },
  };
  GtkGesture *click = gtk_gesture_click_new ();

  self->options = (GbTableOptions){ .kind = -1, .sorted = -1 };
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  table_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (table_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
table_relevance (GbTraceCursor *cursor)
{
  switch (gb_table_layout_best (gb_trace_cursor_get_trace (cursor)))
    {
    case GB_TABLE_LOGS:
      return 30;
    case -1:
      return 0;
    default:
      return 15;
    }
}

static GtkWidget *
table_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_TABLE_VIEW, &gb_table_view_def, cursor, selection);
}

static void
table_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 640;
  *height = 360;
}

static void
table_draw_static (GbTraceCursor *cursor,
                   GbSelection *selection,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  GbTableOptions options = { .kind = -1, .sorted = -1 };
  g_autoptr (GbTableLayout) layout = gb_table_layout_new (cursor, NULL, &options, ctx);

  gb_table_draw (layout, ctx, snapshot);
  gb_table_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
table_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  g_autoptr (GString) kinds = g_string_new (NULL);
  char count[32];

  for (int kind = 0; kind < GB_N_TABLES; kind++)
    {
      guint n = gb_table_count (trace, (GbTableKind) kind);
      if (n)
        g_string_append_printf (kinds, "%s%s %s", kinds->len ? ", " : "",
                                gb_table_kind_title ((GbTableKind) kind),
                                gb_number_count (n, count, sizeof count));
    }
  return kinds->len ? g_strdup_printf (_ ("Rows: %s"), kinds->str) : g_strdup (gb_table_empty_text ());
}

static void
table_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch wanted[] = {
    { .kind = TE_WATCH_STATS, .period_msec = 200 },
    { .kind = TE_WATCH_GRADIENTS },
  };
  g_array_append_vals (watches, wanted, G_N_ELEMENTS (wanted));
}

const GbViewDef gb_table_view_def = {
  .id = "table",
  .title = N_ ("Table"),
  .summary = N_ ("Logged values, parameters, ops and tensors as rows that can be sorted and copied."),
  .icon_name = "view-list-symbolic",
  .missing = N_ ("Run an op, log a value or train a parameter."),
  .relevance = table_relevance,
  .new_widget = table_new_widget,
  .natural_size = table_natural_size,
  .draw = table_draw_static,
  .describe = table_describe,
  .watches = table_watches,
};
