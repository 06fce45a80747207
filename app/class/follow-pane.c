#include "class/follow-pane.h"

#include "common/i18n.h"
#include "labels.h"
#include "preferences.h"
#include "room/room-parts.h"

#include <string.h>

struct _GbFollowPane
{
  GtkWidget parent_instance;

  GbFollowServer *server;
  GtkWidget *box, *toggle, *for_all, *port, *link_row, *link, *number, *trouble;
  gboolean is_updating;
};

G_DEFINE_FINAL_TYPE (GbFollowPane, gb_follow_pane, GTK_TYPE_WIDGET)

static void
update (GbFollowPane *self)
{
  gboolean is_running = gb_follow_server_is_running (self->server);
  const char *link = gb_follow_server_get_link (self->server);
  guint n = gb_follow_server_get_n_followers (self->server);
  g_autofree char *number = g_strdup_printf (ngettext_ ("%u follows.", "%u follow.", n), n);
  self->is_updating = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->toggle), is_running);
  self->is_updating = FALSE;
  gtk_button_set_label (GTK_BUTTON (self->toggle), is_running ? _ ("The class follows: end it") : _ ("Let the class follow"));
  gtk_widget_set_sensitive (self->for_all, !is_running);
  gtk_widget_set_sensitive (self->port, !is_running);
  gtk_widget_set_visible (self->link_row, is_running);
  gtk_widget_set_visible (self->number, is_running);
  gtk_label_set_label (GTK_LABEL (self->link), link ? link : "");
  gtk_label_set_label (GTK_LABEL (self->number), number);
}

gboolean
gb_follow_pane_start (GbFollowPane *self, const char *address, guint16 port, GError **error)
{
  g_autoptr (GError) why = NULL;
  gboolean is_running = gb_follow_server_start (self->server, address, port, &why);
  gtk_label_set_label (GTK_LABEL (self->trouble), why ? why->message : "");
  gtk_widget_set_visible (self->trouble, why != NULL);
  update (self);
  if (why)
    g_propagate_error (error, g_steal_pointer (&why));
  return is_running;
}

static void
on_toggled (GbFollowPane *self)
{
  GSettings *settings = gb_preferences_get ();
  gboolean for_all = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->for_all));
  if (self->is_updating)
    return;
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->toggle)))
    gb_follow_pane_start (self, for_all ? GB_FOLLOW_EVERYBODY : GB_FOLLOW_LOOPBACK, (guint16) g_settings_get_int (settings, "class-port"),
                          NULL);
  else
    gb_follow_server_stop (self->server);
  update (self);
}

static void
on_copy (GbFollowPane *self)
{
  const char *link = gb_follow_server_get_link (self->server);
  if (link)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), link);
}

static void
gb_follow_pane_dispose (GObject *object)
{
  GbFollowPane *self = GB_FOLLOW_PANE (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->server);
  G_OBJECT_CLASS (gb_follow_pane_parent_class)->dispose (object);
}

static void
gb_follow_pane_class_init (GbFollowPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_follow_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
new_port (void)
{
  GtkWidget *port = gtk_spin_button_new_with_range (0, 65535, 1);
  g_settings_bind (gb_preferences_get (), "class-port", port, "value", G_SETTINGS_BIND_DEFAULT);
  gb_i18n_bind (port, "tooltip-text", N_ ("0: any that is free"));
  gb_label_accessible (port, N_ ("Port"));
  return port;
}

static void
gb_follow_pane_init (GbFollowPane *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *copy = gb_label_button ("edit-copy-symbolic", N_ ("Copy the link"), NULL);
  GtkWidget *port_name = gtk_label_new (NULL);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->toggle = gtk_toggle_button_new ();
  self->for_all = gtk_toggle_button_new ();
  gb_i18n_bind (self->for_all, "label", N_ ("Whoever is in the network"));
  gb_i18n_bind (self->for_all, "tooltip-text", N_ ("Else this computer only. What goes through the network is not encrypted."));
  gb_i18n_bind (port_name, "label", N_ ("Port"));
  self->port = new_port ();
  gtk_box_append (GTK_BOX (row), self->toggle);
  gtk_box_append (GTK_BOX (row), self->for_all);
  gtk_box_append (GTK_BOX (row), port_name);
  gtk_box_append (GTK_BOX (row), self->port);
  self->link = gb_room_text ("", "mono");
  gtk_label_set_wrap_mode (GTK_LABEL (self->link), PANGO_WRAP_CHAR);
  gtk_widget_set_hexpand (self->link, TRUE);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (on_copy), self, G_CONNECT_SWAPPED);
  self->link_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_append (GTK_BOX (self->link_row), self->link);
  gtk_box_append (GTK_BOX (self->link_row), copy);
  self->number = gb_room_text ("", "muted");
  self->trouble = gb_room_text ("", "error");
  gtk_widget_set_visible (self->trouble, FALSE);
  gtk_box_append (GTK_BOX (self->box), row);
  gtk_box_append (GTK_BOX (self->box), self->link_row);
  gtk_box_append (GTK_BOX (self->box), self->number);
  gtk_box_append (GTK_BOX (self->box), self->trouble);
  g_signal_connect_object (self->toggle, "toggled", G_CALLBACK (on_toggled), self, G_CONNECT_SWAPPED);
}

GtkWidget *
gb_follow_pane_new (GbFollowServer *server)
{
  GbFollowPane *self = g_object_new (GB_TYPE_FOLLOW_PANE, NULL);
  self->server = g_object_ref (server);
  g_signal_connect_object (server, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (update));
  return GTK_WIDGET (self);
}
