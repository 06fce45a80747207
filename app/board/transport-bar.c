#include "board/transport-bar.h"

#include "common/i18n.h"
#include "common/theme.h"
#include "labels.h"

#include <string.h>

struct _GbTransportBar
{
  GtkWidget parent_instance;

  GtkWidget *box, *run, *run_icon, *stop, *unit, *speed, *headline, *detail;
  GbRunControl *control;
};

enum
{
  UNIT_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbTransportBar, gb_transport_bar, GTK_TYPE_WIDGET)

static const char *const unit_ids[] = { "line", "op", "node", "iteration", "module", "into" };
static const char *const unit_names[] = { N_ ("line"), N_ ("op"), N_ ("node"), N_ ("iteration"), N_ ("module") };
static const char *const speed_names[GB_N_SPEEDS] = { N_ ("full speed"), N_ ("10 a second"),
                                                      N_ ("2 a second"), N_ ("slow") };

const char *
gb_step_unit_get_id (GbStepUnit unit)
{
  return unit_ids[unit];
}

GbStepUnit
gb_step_unit_from_id (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (unit_ids); i++)
    if (strcmp (unit_ids[i], id) == 0)
      return i;
  return GB_STEP_OP;
}

GbStepUnit
gb_transport_bar_get_unit (GbTransportBar *self)
{
  return gtk_drop_down_get_selected (GTK_DROP_DOWN (self->unit));
}

void
gb_transport_bar_set_place (GbTransportBar *self, const char *headline, const char *detail)
{
  gtk_label_set_label (GTK_LABEL (self->headline), headline);
  gtk_label_set_label (GTK_LABEL (self->detail), detail);
}

static void
update_state (GbTransportBar *self)
{
  GbRunState state = gb_run_control_get_state (self->control);
  gboolean running = state == GB_RUN_RUNNING || state == GB_RUN_STARTING;
  gtk_image_set_from_icon_name (GTK_IMAGE (self->run_icon),
                                running ? "media-playback-pause-symbolic" : "media-playback-start-symbolic");
  gb_label_tooltip (self->run,
                    running                  ? N_ ("Pause")
                    : state == GB_RUN_PAUSED ? N_ ("Continue")
                                             : N_ ("Run"),
                    "win.run");
  gtk_widget_set_sensitive (self->stop, gb_run_control_is_alive (self->control));
}

static void
on_pace (GbTransportBar *self)
{
  gb_run_control_set_speed (self->control, gtk_drop_down_get_selected (GTK_DROP_DOWN (self->speed)),
                            gb_transport_bar_get_unit (self));
  g_signal_emit (self, signals[UNIT_CHANGED], 0);
}

static void
fill (GtkWidget *drop_down, const char *const *names, guint n)
{
  guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (drop_down));
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  for (guint i = 0; i < n; i++)
    gtk_string_list_append (list, _ (names[i]));
  gtk_drop_down_set_model (GTK_DROP_DOWN (drop_down), G_LIST_MODEL (list));
  if (selected != GTK_INVALID_LIST_POSITION)
    gtk_drop_down_set_selected (GTK_DROP_DOWN (drop_down), selected);
}

static void
update_language (GbTransportBar *self)
{
  g_signal_handlers_block_by_func (self->unit, on_pace, self);
  g_signal_handlers_block_by_func (self->speed, on_pace, self);
  fill (self->unit, unit_names, G_N_ELEMENTS (unit_names));
  fill (self->speed, speed_names, G_N_ELEMENTS (speed_names));
  g_signal_handlers_unblock_by_func (self->unit, on_pace, self);
  g_signal_handlers_unblock_by_func (self->speed, on_pace, self);
}

static void
step (GbTransportBar *self, const char *action)
{
  gtk_widget_activate_action (GTK_WIDGET (self), action, "s", unit_ids[gb_transport_bar_get_unit (self)]);
}

static void
on_back (GbTransportBar *self)
{
  step (self, "win.back");
}

static void
on_forward (GbTransportBar *self)
{
  step (self, "win.step");
}

static GtkWidget *
add_button (GbTransportBar *self,
            GtkWidget *row,
            const char *icon_name,
            const char *msgid,
            const char *action,
            GCallback clicked)
{
  GtkWidget *button = gb_label_button (icon_name, msgid, action);
  gtk_widget_add_css_class (button, "transport");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  if (clicked)
    g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), button);
  return button;
}

static GtkWidget *
record_button (void)
{
  GtkWidget *button = g_object_new (GTK_TYPE_TOGGLE_BUTTON, "icon-name", "media-record-symbolic", "action-name",
                                    "win.record", NULL);
  gb_label_tooltip (button, N_ ("Record the runs"), "win.record");
  gtk_widget_add_css_class (button, "record");
  gtk_widget_add_css_class (button, "small");
  return button;
}

static void
gb_transport_bar_dispose (GObject *object)
{
  GbTransportBar *self = GB_TRANSPORT_BAR (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->control);
  G_OBJECT_CLASS (gb_transport_bar_parent_class)->dispose (object);
}

static void
gb_transport_bar_class_init (GbTransportBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_transport_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[UNIT_CHANGED] = g_signal_new ("unit-changed", GB_TYPE_TRANSPORT_BAR, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
}

/* A place of a steady width, that the timeline does not jump; in large letters it leaves the timeline some room. */
static void
on_scale (GbTransportBar *self)
{
  double scale = MAX (1, gb_theme_manager_get_scale (gb_theme_manager_get_default ()));

  gtk_label_set_width_chars (GTK_LABEL (self->headline), (int) (24 / (scale * scale)));
  gtk_label_set_width_chars (GTK_LABEL (self->detail), (int) (28 / (scale * scale)));
}

static void
gb_transport_bar_init (GbTransportBar *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_add_css_class (self->box, "transport-bar");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  GtkWidget *controls = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (self->box), controls);

  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  add_button (self, row, "media-skip-backward-symbolic", N_ ("To the start"), "win.to-start", NULL);
  add_button (self, row, "media-seek-backward-symbolic", N_ ("Iteration before"), "win.back::iteration",
              NULL);
  add_button (self, row, "go-previous-symbolic", N_ ("Step back"), NULL, G_CALLBACK (on_back));
  self->run = gtk_button_new ();
  self->run_icon = gtk_image_new ();
  gtk_button_set_child (GTK_BUTTON (self->run), self->run_icon);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->run), "win.run");
  gtk_widget_add_css_class (self->run, "suggested-action");
  gtk_widget_add_css_class (self->run, "run");
  gtk_widget_set_valign (self->run, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (row), self->run);
  add_button (self, row, "go-next-symbolic", N_ ("Step"), NULL, G_CALLBACK (on_forward));
  add_button (self, row, "go-down-symbolic", N_ ("Into the next module"), "win.step::into", NULL);
  add_button (self, row, "media-seek-forward-symbolic", N_ ("Next iteration"), "win.step::iteration", NULL);
  add_button (self, row, "media-skip-forward-symbolic", N_ ("To the newest"), "win.to-end", NULL);
  self->stop = add_button (self, row, "media-playback-stop-symbolic", N_ ("Stop"), "win.stop", NULL);
  add_button (self, row, "view-refresh-symbolic", N_ ("Restart the interpreter"), "win.restart", NULL);
  gtk_box_append (GTK_BOX (controls), row);

  GtkWidget *below = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *words = gtk_label_new (NULL);
  gb_i18n_bind (words, "label", N_ ("a step is one"));
  gtk_widget_add_css_class (words, "muted");
  self->unit = gtk_drop_down_new (NULL, NULL);
  self->speed = gtk_drop_down_new (NULL, NULL);
  gtk_widget_add_css_class (self->unit, "small");
  gtk_widget_add_css_class (self->speed, "small");
  gb_label_accessible (self->unit, N_ ("What one step is"));
  gb_label_accessible (self->speed, N_ ("Speed"));
  gtk_box_append (GTK_BOX (below), words);
  gtk_box_append (GTK_BOX (below), self->unit);
  gtk_box_append (GTK_BOX (below), self->speed);
  add_button (self, below, "edit-undo-symbolic", N_ ("Go on from here"), "win.rewind", NULL);
  gtk_box_append (GTK_BOX (below), record_button ());
  gtk_box_append (GTK_BOX (controls), below);
  gb_label_on_language (self, G_CALLBACK (update_language));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->unit), GB_STEP_OP);
  g_signal_connect_object (self->unit, "notify::selected", G_CALLBACK (on_pace), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->speed, "notify::selected", G_CALLBACK (on_pace), self, G_CONNECT_SWAPPED);

  self->headline = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "width-chars", 24, "max-width-chars", 24,
                                 "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  self->detail = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "width-chars", 28, "max-width-chars", 28,
                               "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  gtk_widget_add_css_class (self->headline, "pane-title");
  gtk_widget_add_css_class (self->headline, "numeric");
  gtk_widget_add_css_class (self->detail, "muted");
  gtk_widget_add_css_class (self->detail, "numeric");
  GtkWidget *place = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (place, "place");
  gtk_widget_set_valign (place, GTK_ALIGN_START);
  gtk_widget_set_size_request (place, 150, -1);
  gtk_box_append (GTK_BOX (place), self->headline);
  gtk_box_append (GTK_BOX (place), self->detail);
  gtk_box_append (GTK_BOX (self->box), place);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (on_scale), self, G_CONNECT_SWAPPED);
  on_scale (self);
}

GtkWidget *
gb_transport_bar_new (GbRunControl *control)
{
  GbTransportBar *self = g_object_new (GB_TYPE_TRANSPORT_BAR, NULL);
  self->control = g_object_ref (control);
  g_signal_connect_object (control, "changed", G_CALLBACK (update_state), self, G_CONNECT_SWAPPED);
  update_state (self);
  return GTK_WIDGET (self);
}
