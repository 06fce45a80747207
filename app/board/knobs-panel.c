#include "board/knobs-panel.h"

#include "common/i18n.h"
#include "labels.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

struct _GbKnobsPanel
{
  GtkWidget parent_instance;

  GtkWidget *grid;
  GbTrace *trace;
  GbRunControl *control;
  const GbScene *scene;
  GPtrArray *rows; /* Row */
};

/* One knob's widgets. */
typedef struct
{
  GbKnobsPanel *panel;
  char *name;
  guint32 kind;
  double low, high;
  gboolean is_log;
  GtkWidget *label, *control, *value;
  gint64 turned_usec; /* by the person; the program's echo comes a little later */
} Row;

enum
{
  KNOB_NUMBER,
  KNOB_INTEGER,
  KNOB_BOOLEAN,
  KNOB_CHOICE
};

G_DEFINE_FINAL_TYPE (GbKnobsPanel, gb_knobs_panel, GTK_TYPE_WIDGET)

static void
row_free (Row *row)
{
  g_free (row->name);
  g_free (row);
}

static const GbKnob *
find_knob (GbKnobsPanel *self, const char *name)
{
  for (guint i = 0; i < gb_trace_get_n_knobs (self->trace); i++)
    if (strcmp (gb_trace_get_knob (self->trace, i)->name, name) == 0)
      return gb_trace_get_knob (self->trace, i);
  return NULL;
}

/* ---- values ---- */

static double
to_slider (const Row *row, double value)
{
  return row->is_log ? log10 (MAX (value, 1e-300)) : value;
}

static double
from_slider (const Row *row, double position)
{
  double value = row->is_log ? pow (10, position) : position;
  if (row->kind == KNOB_INTEGER)
    return round (value);
  /* Three digits are what a person can set. */
  double unit = value == 0 ? 1 : pow (10, floor (log10 (fabs (value))) - 2);
  return CLAMP (round (value / unit) * unit, row->low, row->high);
}

static void
show_value (Row *row, double value)
{
  g_autofree char *text =
      row->kind == KNOB_INTEGER ? g_strdup_printf ("%.0f", value) : g_strdup_printf ("%.4g", value);
  if (row->value)
    gtk_label_set_label (GTK_LABEL (row->value), text);
}

static void
turn (Row *row, double value)
{
  const GbKnob *knob = find_knob (row->panel, row->name);
  row->turned_usec = g_get_monotonic_time ();
  show_value (row, value);
  if (knob)
    gb_run_control_set_knob (row->panel->control, row->name, knob, value);
}

static void
on_slider (Row *row)
{
  turn (row, from_slider (row, gtk_range_get_value (GTK_RANGE (row->control))));
}

static void
on_switch (Row *row)
{
  turn (row, gtk_switch_get_active (GTK_SWITCH (row->control)));
}

static void
on_choice (Row *row)
{
  turn (row, gtk_drop_down_get_selected (GTK_DROP_DOWN (row->control)));
}

/* ---- rows ---- */

static GtkStringList *
read_choices (const char *text)
{
  GtkStringList *list = gtk_string_list_new (NULL);
  struct json_object *array = text ? json_tokener_parse (text) : NULL;
  for (guint i = 0; json_object_is_type (array, json_type_array) && i < json_object_array_length (array); i++)
    gtk_string_list_append (list, json_object_get_string (json_object_array_get_idx (array, i)));
  json_object_put (array);
  return list;
}

static void
add_row (GbKnobsPanel *self, const GbKnob *knob)
{
  Row *row = g_new0 (Row, 1);
  int at = self->rows->len;
  row->panel = self;
  row->name = g_strdup (knob->name);
  row->kind = knob->kind;
  row->low = knob->low;
  row->high = knob->high;
  row->is_log = knob->is_log && knob->low > 0;
  g_ptr_array_add (self->rows, row);
  row->label = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END,
                             "max-width-chars", 16, NULL);

  if (knob->kind == KNOB_BOOLEAN)
    {
      row->control =
          g_object_new (GTK_TYPE_SWITCH, "halign", GTK_ALIGN_START, "valign", GTK_ALIGN_CENTER, NULL);
      gtk_switch_set_active (GTK_SWITCH (row->control), knob->value != 0);
      g_signal_connect_swapped (row->control, "notify::active", G_CALLBACK (on_switch), row);
    }
  else if (knob->kind == KNOB_CHOICE)
    {
      g_autoptr (GtkStringList) choices = read_choices (knob->choices);
      row->control = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&choices)), NULL);
      gtk_drop_down_set_selected (GTK_DROP_DOWN (row->control), (guint) knob->value);
      g_signal_connect_swapped (row->control, "notify::selected", G_CALLBACK (on_choice), row);
    }
  else
    {
      double low = to_slider (row, knob->low), high = to_slider (row, knob->high);
      double increment = knob->kind == KNOB_INTEGER && !row->is_log ? 1 : (high - low) / 100;
      row->control =
          gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, low, MAX (high, low + 1e-12), increment);
      gtk_range_set_value (GTK_RANGE (row->control), to_slider (row, knob->value));
      row->value = g_object_new (GTK_TYPE_LABEL, "xalign", 1.0, "width-chars", 7, NULL);
      gtk_widget_add_css_class (row->value, "numeric");
      show_value (row, knob->value);
      g_signal_connect_swapped (row->control, "value-changed", G_CALLBACK (on_slider), row);
    }
  gtk_widget_set_hexpand (row->control, TRUE);
  gtk_grid_attach (GTK_GRID (self->grid), row->label, 0, at, 1, 1);
  gtk_grid_attach (GTK_GRID (self->grid), row->control, 1, at, 1, 1);
  if (row->value)
    gtk_grid_attach (GTK_GRID (self->grid), row->value, 2, at, 1, 1);
}

static void
update_labels (GbKnobsPanel *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);
      const char *label = gb_scene_knob_label (self->scene, row->name);
      gtk_label_set_label (GTK_LABEL (row->label), label);
      g_autofree char *range =
          row->kind <= KNOB_INTEGER
              ? g_strdup_printf (row->is_log ? _ ("%s: %g to %g, log scale") : _ ("%s: %g to %g"), row->name,
                                 row->low, row->high)
              : g_strdup (row->name);
      gtk_widget_set_tooltip_text (row->control, range);
      gtk_accessible_update_property (GTK_ACCESSIBLE (row->control), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                      -1);
    }
}

static void
clear (GbKnobsPanel *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->grid)))
    {
      g_signal_handlers_disconnect_matched (child, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, NULL);
      gtk_grid_remove (GTK_GRID (self->grid), child);
    }
  g_ptr_array_set_size (self->rows, 0);
}

/* The program's own value, unless the person is turning the knob just now. */
static void
follow_value (Row *row, double value)
{
  if (g_get_monotonic_time () - row->turned_usec < G_USEC_PER_SEC)
    return;
  g_signal_handlers_block_matched (row->control, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, row);
  if (row->kind == KNOB_BOOLEAN)
    gtk_switch_set_active (GTK_SWITCH (row->control), value != 0);
  else if (row->kind == KNOB_CHOICE)
    gtk_drop_down_set_selected (GTK_DROP_DOWN (row->control), (guint) value);
  else
    gtk_range_set_value (GTK_RANGE (row->control), to_slider (row, value));
  g_signal_handlers_unblock_matched (row->control, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, row);
  show_value (row, value);
}

static void
on_trace_changed (GbKnobsPanel *self, guint changes)
{
  if (changes & GB_TRACE_CHANGED_RESET)
    clear (self);
  if (!(changes & (GB_TRACE_CHANGED_STATE | GB_TRACE_CHANGED_RESET)))
    return;
  guint n = gb_trace_get_n_knobs (self->trace), had = self->rows->len;
  for (guint i = had; i < n; i++)
    add_row (self, gb_trace_get_knob (self->trace, i));
  for (guint i = 0; i < had; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);
      const GbKnob *knob = find_knob (self, row->name);
      if (knob)
        follow_value (row, knob->value);
    }
  if (n != had)
    update_labels (self);
  gtk_widget_set_visible (GTK_WIDGET (self), self->rows->len > 0);
}

void
gb_knobs_panel_set_scene (GbKnobsPanel *self, const GbScene *scene)
{
  self->scene = scene;
  update_labels (self);
}

static void
gb_knobs_panel_dispose (GObject *object)
{
  GbKnobsPanel *self = GB_KNOBS_PANEL (object);
  if (self->grid)
    clear (self);
  g_clear_pointer (&self->grid, gtk_widget_unparent);
  g_clear_object (&self->trace);
  g_clear_object (&self->control);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (gb_knobs_panel_parent_class)->dispose (object);
}

static void
gb_knobs_panel_class_init (GbKnobsPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_knobs_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_knobs_panel_init (GbKnobsPanel *self)
{
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  self->grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 8);
  gtk_widget_add_css_class (self->grid, "knobs");
  gtk_widget_set_parent (self->grid, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
gb_knobs_panel_new (GbTrace *trace, GbRunControl *control)
{
  GbKnobsPanel *self = g_object_new (GB_TYPE_KNOBS_PANEL, NULL);
  self->trace = g_object_ref (trace);
  self->control = g_object_ref (control);
  g_signal_connect_object (trace, "changed", G_CALLBACK (on_trace_changed), self, G_CONNECT_SWAPPED);
  on_trace_changed (self, GB_TRACE_CHANGED_RESET);
  gb_label_on_language (self, G_CALLBACK (update_labels));
  return GTK_WIDGET (self);
}
