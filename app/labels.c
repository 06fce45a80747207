#include "labels.h"

#include "common/i18n.h"
#include "keys.h"

static void
update_accessible (GtkWidget *widget)
{
  const char *msgid = g_object_get_data (G_OBJECT (widget), "gb-accessible");
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (msgid), -1);
}

void
gb_label_accessible (gpointer widget, const char *msgid)
{
  g_object_set_data (widget, "gb-accessible", (gpointer) msgid);
  gb_label_on_language (widget, G_CALLBACK (update_accessible));
}

static void
update_tooltip (GtkWidget *widget)
{
  const char *msgid = g_object_get_data (G_OBJECT (widget), "gb-tooltip");
  const char *action = g_object_get_data (G_OBJECT (widget), "gb-tooltip-action");
  g_autofree char *key = action ? gb_keys_dup_label (action) : NULL;
  g_autofree char *text = key ? g_strdup_printf ("%s (%s)", _ (msgid), key) : g_strdup (_ (msgid));
  gtk_widget_set_tooltip_text (widget, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (msgid), -1);
}

void
gb_label_tooltip (gpointer widget, const char *msgid, const char *action)
{
  g_object_set_data (widget, "gb-tooltip", (gpointer) msgid);
  g_object_set_data (widget, "gb-tooltip-action", (gpointer) action);
  gb_label_on_language (widget, G_CALLBACK (update_tooltip));
}

GtkWidget *
gb_label_button (const char *icon_name, const char *msgid, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon_name);
  gb_label_tooltip (button, msgid, action);
  if (action)
    gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  return button;
}

void
gb_label_even_columns (GtkTextView *view)
{
  PangoContext *contexts[] = { gtk_text_view_get_ltr_context (view), gtk_text_view_get_rtl_context (view) };
  for (guint i = 0; i < G_N_ELEMENTS (contexts); i++)
    pango_context_set_round_glyph_positions (contexts[i], FALSE);
}

void
gb_label_on_language (gpointer object, GCallback callback)
{
  ((void (*) (gpointer)) callback) (object);
  g_signal_connect_object (gb_i18n_get_default (), "changed", callback, object, G_CONNECT_SWAPPED);
}
