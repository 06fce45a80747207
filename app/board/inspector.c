#include "board/inspector.h"

#include "board/variables.h"
#include "common/i18n.h"
#include "labels.h"
#include "models/trace-changes.h"
#include "models/trace-steps.h"

#include <string.h>

#define REFRESH_MSEC 250

struct _GbInspector
{
  GtkWidget parent_instance;

  GtkWidget *box, *list, *empty, *stack, *details, *details_box, *tensor_row;
  GListStore *store;
  GtkSingleSelection *model;
  GtkColumnViewColumn *columns[GB_N_VARIABLE_COLUMNS];
  GbTraceCursor *cursor;
  GbSelection *selection;
  GbVariables *variables;
  guint timeout;
  gboolean was_reset, is_filling;
};

G_DEFINE_FINAL_TYPE (GbInspector, gb_inspector, GTK_TYPE_WIDGET)

static const char *const titles[GB_N_VARIABLE_COLUMNS] = { N_ ("Name"), N_ ("Shape"), N_ ("dtype"),
                                                           N_ ("Value"), N_ (".grad, grad_fn") };

/* ---- the list ---- */

static gboolean
same_rows (GbInspector *self, GPtrArray *rows)
{
  GListModel *have = G_LIST_MODEL (self->store);
  if (g_list_model_get_n_items (have) != rows->len)
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr (GbVariable) old = g_list_model_get_item (have, i);
      for (guint c = 0; c < GB_N_VARIABLE_COLUMNS; c++)
        if (strcmp (gb_variable_get_text (old, c), gb_variable_get_text (g_ptr_array_index (rows, i), c))
            != 0)
          return FALSE;
    }
  return TRUE;
}

/* The playhead behind the change that is next to where it stands. */
static void
go_to_change (GbInspector *self, int direction)
{
  GbVariable *chosen = gtk_single_selection_get_selected_item (self->model);
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  guint64 position = gb_trace_cursor_get_position (self->cursor), settled = gb_trace_settle (trace, position);
  GbChange change;
  guint64 from = position;
  do
    {
      if (!chosen
          || !gb_trace_find_change (trace, gb_variable_get_text (chosen, GB_VARIABLE_NAME),
                                    gb_variable_get_tensor (chosen), from, direction, &change))
        return;
      from = direction < 0 ? change.seq - 1 : change.seq;
    }
  while (direction < 0 && gb_trace_settle (trace, change.seq) >= settled);
  gb_trace_cursor_set_position (self->cursor, gb_trace_settle (trace, change.seq));
}

static void
on_change_before (GbInspector *self)
{
  go_to_change (self, -1);
}

static void
on_change_after (GbInspector *self)
{
  go_to_change (self, 1);
}

static void
update_details (GbInspector *self)
{
  GbVariable *chosen = gtk_single_selection_get_selected_item (self->model);
  gtk_widget_set_visible (self->details_box, chosen != NULL);
  if (!chosen)
    return;
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  guint64 position = gb_trace_cursor_get_position (self->cursor), tensor = gb_variable_get_tensor (chosen);
  g_autofree char *text =
      tensor ? gb_variables_describe (trace, tensor, position)
             : gb_variables_history (self->variables, gb_variable_get_text (chosen, GB_VARIABLE_NAME), position);
  g_autofree char *change = gb_variable_describe_change (chosen, trace, position);
  gtk_widget_set_visible (self->tensor_row, tensor != 0);
  g_autofree char *both = change ? g_strconcat (text, "\n", change, NULL) : g_strdup (text);
  gtk_label_set_label (GTK_LABEL (self->details), both);
}

static void
refresh (GbInspector *self)
{
  if (self->was_reset)
    {
      /* Another run, or another branch of it. */
      gb_variables_free (self->variables);
      self->variables = gb_variables_new (gb_trace_cursor_get_trace (self->cursor));
    }
  gb_variables_update (self->variables, self->was_reset);
  self->was_reset = FALSE;
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  g_autoptr (GPtrArray) rows =
      gb_variables_list (self->variables, gb_trace_cursor_get_position (self->cursor));
  if (!same_rows (self, rows))
    {
      GbVariable *was = gtk_single_selection_get_selected_item (self->model);
      g_autofree char *chosen = g_strdup (was ? gb_variable_get_text (was, GB_VARIABLE_NAME) : NULL);
      self->is_filling = TRUE;
      g_list_store_splice (self->store, 0, g_list_model_get_n_items (G_LIST_MODEL (self->store)), rows->pdata,
                           rows->len);
      /* Rows come and go with the playhead: the same name stays chosen. */
      guint at = GTK_INVALID_LIST_POSITION;
      for (guint i = 0; chosen && i < rows->len; i++)
        if (strcmp (gb_variable_get_text (g_ptr_array_index (rows, i), GB_VARIABLE_NAME), chosen) == 0)
          at = i;
      gtk_single_selection_set_selected (self->model, at);
      self->is_filling = FALSE;
    }
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), rows->len ? "list" : "empty");
  update_details (self);
}

static gboolean
on_timeout (gpointer data)
{
  GbInspector *self = data;
  self->timeout = 0;
  refresh (self);
  return G_SOURCE_REMOVE;
}

static void
on_cursor_changed (GbInspector *self, guint changes)
{
  if (changes & GB_TRACE_CHANGED_RESET)
    self->was_reset = TRUE;
  if (!self->timeout)
    self->timeout = g_timeout_add (REFRESH_MSEC, on_timeout, self);
}

static void
on_selected (GbInspector *self)
{
  GbVariable *chosen = gtk_single_selection_get_selected_item (self->model);
  if (chosen && !self->is_filling && gb_variable_get_tensor (chosen))
    gb_selection_set_tensor (self->selection, gb_variable_get_tensor (chosen));
  update_details (self);
}

/* ---- columns ---- */

static void
on_setup_cell (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  /* Of a long name ("optimizer.param_groups[0]['lr']") both ends tell. */
  PangoEllipsizeMode where = GPOINTER_TO_UINT (data) == GB_VARIABLE_NAME ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END;
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "ellipsize", where, NULL);
  if (GPOINTER_TO_UINT (data) != GB_VARIABLE_GRAD)
    gtk_widget_add_css_class (label, "mono");
  gtk_list_item_set_child (item, label);
}

static void
on_bind_cell (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  const char *text = gb_variable_get_text (gtk_list_item_get_item (item), GPOINTER_TO_UINT (data));
  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)), text);
  if (GPOINTER_TO_UINT (data) == GB_VARIABLE_NAME)
    gtk_widget_set_tooltip_text (gtk_list_item_get_child (item), text);
}

static void
update_language (GbInspector *self)
{
  for (guint i = 0; i < GB_N_VARIABLE_COLUMNS; i++)
    gtk_column_view_column_set_title (self->columns[i], _ (titles[i]));
  update_details (self);
}

/* ---- life ---- */

static void
gb_inspector_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (gb_inspector_parent_class)->map (widget);
  refresh (GB_INSPECTOR (widget));
}

static void
gb_inspector_dispose (GObject *object)
{
  GbInspector *self = GB_INSPECTOR (object);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->model);
  g_clear_object (&self->store);
  g_clear_object (&self->cursor);
  g_clear_object (&self->selection);
  g_clear_pointer (&self->variables, gb_variables_free);
  G_OBJECT_CLASS (gb_inspector_parent_class)->dispose (object);
}

static void
gb_inspector_class_init (GbInspectorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_inspector_dispose;
  GTK_WIDGET_CLASS (klass)->map = gb_inspector_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
build_details (GbInspector *self)
{
  self->details_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->details_box, "details");
  self->details = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "selectable", TRUE, NULL);
  gtk_widget_add_css_class (self->details, "mono");
  gtk_box_append (GTK_BOX (self->details_box), self->details);
  GtkWidget *row = self->tensor_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  static const struct
  {
    const char *title, *action;
  } buttons[] = { { N_ ("Show as a grid"), "win.show-view::grid" },
                  { N_ ("Show its strides"), "win.show-view::stride" } };
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      GtkWidget *button = gtk_button_new ();
      gb_i18n_bind (button, "label", buttons[i].title);
      gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), buttons[i].action);
      gtk_box_append (GTK_BOX (row), button);
    }
  gtk_box_append (GTK_BOX (self->details_box), row);
  static const struct
  {
    const char *title;
    void (*go) (GbInspector *self);
  } changes[] = { { N_ ("Change before"), on_change_before }, { N_ ("Change after"), on_change_after } };
  row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      GtkWidget *button = gtk_button_new ();
      gb_i18n_bind (button, "label", changes[i].title);
      g_signal_connect_object (button, "clicked", G_CALLBACK (changes[i].go), self, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (row), button);
    }
  gtk_box_append (GTK_BOX (self->details_box), row);
  gtk_widget_set_visible (self->details_box, FALSE);
}

static void
gb_inspector_init (GbInspector *self)
{
  self->store = g_list_store_new (GB_TYPE_VARIABLE);
  self->model = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->store)));
  gtk_single_selection_set_autoselect (self->model, FALSE);
  gtk_single_selection_set_can_unselect (self->model, TRUE);
  g_signal_connect_object (self->model, "notify::selected-item", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);

  self->list = gtk_column_view_new (g_object_ref (GTK_SELECTION_MODEL (self->model)));
  gtk_widget_add_css_class (self->list, "variables");
  gb_label_accessible (self->list, N_ ("Variables"));
  for (guint i = 0; i < GB_N_VARIABLE_COLUMNS; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cell), GUINT_TO_POINTER (i));
      g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cell), GUINT_TO_POINTER (i));
      self->columns[i] = gtk_column_view_column_new (NULL, factory);
      gtk_column_view_column_set_resizable (self->columns[i], TRUE);
      gtk_column_view_column_set_expand (self->columns[i], i == GB_VARIABLE_VALUE);
      gtk_column_view_append_column (GTK_COLUMN_VIEW (self->list), self->columns[i]);
      g_object_unref (self->columns[i]);
    }
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  self->empty = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "yalign", 0.0, "wrap", TRUE, "margin-start", 12,
                              "margin-top", 4, NULL);
  gb_i18n_bind (self->empty, "label", N_ ("No variable has a value yet."));
  gtk_widget_add_css_class (self->empty, "muted");
  gtk_stack_add_named (GTK_STACK (self->stack), self->empty, "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), scroller, "list");
  gtk_box_append (GTK_BOX (self->box), self->stack);
  build_details (self);
  gtk_box_append (GTK_BOX (self->box), self->details_box);
}

GtkWidget *
gb_inspector_new (GbTraceCursor *cursor, GbSelection *selection)
{
  GbInspector *self = g_object_new (GB_TYPE_INSPECTOR, NULL);
  self->cursor = g_object_ref (cursor);
  self->selection = g_object_ref (selection);
  self->variables = gb_variables_new (gb_trace_cursor_get_trace (cursor));
  g_signal_connect_object (cursor, "changed", G_CALLBACK (on_cursor_changed), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (update_language));
  return GTK_WIDGET (self);
}
