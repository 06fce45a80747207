#include "room/room-parts.h"

#include "common/i18n.h"
#include "labels.h"

GtkWidget *
gb_room_text (const char *text, const char *css_class)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text ? text : "", "xalign", 0.0, "wrap", TRUE,
                                   "wrap-mode", PANGO_WRAP_WORD_CHAR, "selectable", TRUE, NULL);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

GtkWidget *
gb_room_heading (const char *msgid)
{
  GtkWidget *label = gtk_label_new (NULL);
  gb_i18n_bind (label, "label", msgid);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "pane-title");
  return label;
}

GtkWidget *
gb_room_button (const char *msgid, const char *action)
{
  GtkWidget *button = gtk_button_new_with_label ("");
  gb_i18n_bind (button, "label", msgid);
  if (action)
    gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  return button;
}

void
gb_room_clear (GtkWidget *box)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (box)))
    if (GTK_IS_LIST_BOX (box))
      gtk_list_box_remove (GTK_LIST_BOX (box), child);
    else
      gtk_box_remove (GTK_BOX (box), child);
}

GtkWidget *
gb_room_scroller (GtkWidget *child)
{
  return g_object_new (GTK_TYPE_SCROLLED_WINDOW, "child", child, "hscrollbar-policy", GTK_POLICY_NEVER,
                       "vexpand", TRUE, NULL);
}

char *
gb_room_clock (gint64 msec)
{
  gint64 seconds = ABS (msec) / 1000;
  const char *sign = msec < -999 ? "−" : "";
  return seconds < 3600 ? g_strdup_printf ("%s%d:%02d", sign, (int) (seconds / 60), (int) (seconds % 60))
                        : g_strdup_printf ("%s%d:%02d:%02d", sign, (int) (seconds / 3600),
                                           (int) (seconds / 60 % 60), (int) (seconds % 60));
}
