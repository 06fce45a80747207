#include "editor/error-card.h"

#include "common/i18n.h"
#include "editor/diagnostics.h"
#include "labels.h"

#define GB_TYPE_ERROR_CARD (gb_error_card_get_type ())
G_DECLARE_FINAL_TYPE (GbErrorCard, gb_error_card, GB, ERROR_CARD, GtkBox)

struct _GbErrorCard
{
  GtkBox parent_instance;

  char *type, *message;
  guint line;
  GtkWidget *sentence, *where, *body, *way_out, *fold;
};

G_DEFINE_FINAL_TYPE (GbErrorCard, gb_error_card, GTK_TYPE_BOX)

static void
update_texts (GbErrorCard *self)
{
  g_autofree char *sentence = gb_diagnostics_explain (self->type, self->message);
  g_autofree char *way_out = gb_diagnostics_way_out (self->type, self->message);
  g_autofree char *where =
      self->line ? g_strdup_printf (_ ("%s, line %u"), self->type, self->line) : g_strdup (self->type);
  gtk_label_set_label (GTK_LABEL (self->sentence), sentence);
  gtk_label_set_label (GTK_LABEL (self->where), where);
  gtk_label_set_label (GTK_LABEL (self->way_out), way_out ? way_out : "");
  gtk_widget_set_visible (self->way_out, way_out != NULL);
  g_autofree char *spoken = g_strdup_printf ("%s: %s", where, sentence);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
on_fold (GbErrorCard *self)
{
  gboolean open = !gtk_widget_get_visible (self->body);
  gtk_widget_set_visible (self->body, open);
  gtk_button_set_icon_name (GTK_BUTTON (self->fold), open ? "pan-up-symbolic" : "pan-down-symbolic");
}

static gboolean
on_key (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  if (keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  on_fold (data);
  return GDK_EVENT_STOP;
}

static GtkWidget *
new_label (const char *css_class, gboolean selectable)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "wrap-mode",
                                   PANGO_WRAP_WORD_CHAR, "selectable", selectable, "hexpand", TRUE, NULL);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
gb_error_card_finalize (GObject *object)
{
  GbErrorCard *self = GB_ERROR_CARD (object);
  g_free (self->type);
  g_free (self->message);
  G_OBJECT_CLASS (gb_error_card_parent_class)->finalize (object);
}

static void
gb_error_card_class_init (GbErrorCardClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_error_card_finalize;
}

static void
gb_error_card_init (GbErrorCard *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "error-card");
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (head, "card-head");
  GtkWidget *cross = gtk_label_new ("✕");
  gtk_widget_add_css_class (cross, "cross");
  gtk_widget_set_valign (cross, GTK_ALIGN_START);
  self->sentence = new_label ("sentence", FALSE);
  self->where = gtk_label_new ("");
  gtk_widget_add_css_class (self->where, "where");
  self->fold = gb_label_button ("pan-up-symbolic", N_ ("Fold or unfold"), NULL);
  gtk_widget_add_css_class (self->fold, "flat");
  gtk_widget_set_valign (self->fold, GTK_ALIGN_CENTER);
  g_signal_connect_object (self->fold, "clicked", G_CALLBACK (on_fold), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), cross);
  gtk_box_append (GTK_BOX (head), self->sentence);
  gtk_box_append (GTK_BOX (head), self->where);
  gtk_box_append (GTK_BOX (head), self->fold);
  gtk_box_append (GTK_BOX (self), head);

  self->body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->body, "card-body");
  gtk_box_append (GTK_BOX (self), self->body);

  GtkEventController *key = gtk_event_controller_key_new ();
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
}

GtkWidget *
gb_error_card_new (const char *type, const char *message, const char *traceback, guint line)
{
  GbErrorCard *self = g_object_new (GB_TYPE_ERROR_CARD, NULL);
  self->type = g_strdup (type);
  self->message = g_strdup (message);
  self->line = line;

  GtkWidget *raised = new_label ("mono", TRUE);
  gtk_label_set_label (GTK_LABEL (raised), *message ? message : type);
  gtk_box_append (GTK_BOX (self->body), raised);
  self->way_out = new_label ("way-out", FALSE);
  gtk_box_append (GTK_BOX (self->body), self->way_out);
  if (traceback && *traceback)
    {
      GtkWidget *expander = gtk_expander_new (NULL);
      gb_i18n_bind (expander, "label", N_ ("Where it came from"));
      GtkWidget *text = new_label ("mono", TRUE);
      gtk_widget_add_css_class (text, "traceback");
      gtk_label_set_label (GTK_LABEL (text), traceback);
      gtk_expander_set_child (GTK_EXPANDER (expander), text);
      gtk_box_append (GTK_BOX (self->body), expander);
    }
  gb_label_on_language (self, G_CALLBACK (update_texts));
  return GTK_WIDGET (self);
}
