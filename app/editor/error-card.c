#include "editor/error-card.h"

#include "common/i18n.h"
#include "editor/diagnostics.h"
#include "error/error-picture.h"
#include "error/error-text.h"
#include "labels.h"
#include "models/explain.h"

struct _GbErrorCard
{
  GtkBox parent_instance;

  char *type, *message;
  guint line;
  GtkWidget *sentence, *where, *raised, *body, *way_out, *fold, *taught, *hint;
  GbLesson *lesson;
  GbTrace *trace;
  guint n_ways_taken;
};

enum
{
  WAY_OUT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbErrorCard, gb_error_card, GTK_TYPE_BOX)

static void fill_taught (GbErrorCard *self);

static void
update_texts (GbErrorCard *self)
{
  g_autofree char *sentence = gb_diagnostics_explain (self->type, self->message);
  /* Words take the place of ways out that nobody has tried. */
  g_autofree char *way_out = self->lesson && gb_lesson_get_fix (self->lesson, 0)
                                 ? NULL
                                 : gb_diagnostics_way_out (self->type, self->message);
  if (!way_out && gb_explain_get_hold () && !gb_explain_is_off ())
    way_out = g_strdup (_ (gb_explain_get_off_sentence ()));
  g_autofree char *where =
      self->line ? g_strdup_printf (_ ("%s, line %u"), self->type, self->line) : g_strdup (self->type);
  gtk_label_set_label (GTK_LABEL (self->sentence), sentence);
  gtk_label_set_label (GTK_LABEL (self->where), where);
  gtk_label_set_label (GTK_LABEL (self->way_out), way_out ? way_out : "");
  gtk_widget_set_visible (self->way_out, way_out != NULL);
  /* Its own words stand above already where nothing explains them. */
  gtk_widget_set_visible (self->raised, !gb_explain_is_off ());
  fill_taught (self);
  g_autofree char *spoken = g_strdup_printf ("%s: %s", where, sentence);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

/* What has been taught goes with the switch. */
static void
on_switch (gpointer object)
{
  GbErrorCard *self = object;
  if (gb_explain_is_off ())
    g_clear_pointer (&self->lesson, gb_lesson_free);
  update_texts (self);
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

/* ---- what the error teaches ---- */

static GtkWidget *new_label (const char *css_class, gboolean selectable);

static void
on_way_out (GtkButton *button, GbErrorCard *self)
{
  guint nth = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "nth"));
  self->n_ways_taken = nth + 1;
  g_signal_emit (self, signals[WAY_OUT], 0, gb_lesson_get_fix (self->lesson, nth));
}

static void
add_way_out (GbErrorCard *self, guint nth, const GbFix *fix)
{
  GtkWidget *button = gtk_button_new (), *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *code = new_label ("edited", FALSE), *result = new_label ("result", FALSE);
  g_autofree char *edited = gb_lesson_dup_edited (self->lesson, self->trace, fix);
  g_autofree char *came = gb_error_fix_result (fix);
  g_autofree char *name = g_strdup_printf (_ ("Way out %u: %s"), nth + 1, edited);

  gtk_label_set_label (GTK_LABEL (code), edited);
  gtk_label_set_label (GTK_LABEL (result), came);
  gtk_box_append (GTK_BOX (texts), code);
  gtk_box_append (GTK_BOX (texts), result);
  gtk_button_set_child (GTK_BUTTON (button), texts);
  gtk_widget_add_css_class (button, "way");
  if (nth == 0)
    gtk_widget_add_css_class (button, "first");
  gb_i18n_bind (button, "tooltip-text", N_ ("Put it into the text (Alt+Enter); Ctrl+Z takes it back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data (G_OBJECT (button), "nth", GUINT_TO_POINTER (nth));
  g_signal_connect (button, "clicked", G_CALLBACK (on_way_out), self);
  gtk_box_append (GTK_BOX (self->taught), button);
}

/* The smallest way out at the head of a card whose foot may be out of sight. */
static void
fill_hint (GbErrorCard *self)
{
  const GbFix *fix = self->lesson ? gb_lesson_get_fix (self->lesson, 0) : NULL;
  g_autofree char *edited = fix ? gb_lesson_dup_edited (self->lesson, self->trace, fix) : NULL;
  g_autofree char *hint = fix ? g_strdup_printf (_ ("Alt+Enter writes: %s"), g_strdelimit (edited, "\n", ' ')) : NULL;

  gtk_label_set_label (GTK_LABEL (self->hint), hint ? hint : "");
  gtk_widget_set_visible (self->hint, hint != NULL);
}

static void
fill_taught (GbErrorCard *self)
{
  GtkWidget *child;
  const GbFix *fix;

  while ((child = gtk_widget_get_first_child (self->taught)) != NULL)
    gtk_box_remove (GTK_BOX (self->taught), child);
  gtk_widget_set_visible (self->taught, self->lesson != NULL);
  fill_hint (self);
  if (self->lesson == NULL)
    return;
  gtk_box_append (GTK_BOX (self->taught), gb_error_picture_new (self->lesson, self->trace));
  for (guint i = 0; (fix = gb_lesson_get_fix (self->lesson, i)) != NULL; i++)
    {
      if (i == 0)
        {
          GtkWidget *heading = new_label ("ways", FALSE);
          gtk_label_set_label (GTK_LABEL (heading), _ ("Ways out, each of them tried:"));
          gtk_box_append (GTK_BOX (self->taught), heading);
        }
      add_way_out (self, i, fix);
    }
}

void
gb_error_card_take_lesson (GbErrorCard *self, GbLesson *lesson, GbTrace *trace)
{
  GbLesson *before = self->lesson;

  self->lesson = lesson;
  g_set_object (&self->trace, trace);
  self->n_ways_taken = 0;
  update_texts (self); /* all of what a lesson fills */
  gb_lesson_free (before);
}

gboolean
gb_error_card_next_way_out (GbErrorCard *self)
{
  const GbFix *fix = self->lesson ? gb_lesson_get_fix (self->lesson, self->n_ways_taken) : NULL;

  if (fix == NULL && self->lesson && self->n_ways_taken)
    fix = gb_lesson_get_fix (self->lesson, self->n_ways_taken = 0);
  if (fix == NULL)
    return FALSE;
  self->n_ways_taken++;
  g_signal_emit (self, signals[WAY_OUT], 0, fix);
  return TRUE;
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
  gb_lesson_free (self->lesson);
  g_clear_object (&self->trace);
  g_free (self->type);
  g_free (self->message);
  G_OBJECT_CLASS (gb_error_card_parent_class)->finalize (object);
}

static void
gb_error_card_class_init (GbErrorCardClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_error_card_finalize;
  signals[WAY_OUT] = g_signal_new ("way-out", GB_TYPE_ERROR_CARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_POINTER);
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
  self->where = g_object_new (GTK_TYPE_LABEL, "wrap", TRUE, "justify", GTK_JUSTIFY_RIGHT, "xalign", 1.0, NULL);
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

  self->raised = new_label ("mono", TRUE);
  gtk_label_set_label (GTK_LABEL (self->raised), *message ? message : type);
  gtk_box_append (GTK_BOX (self->body), self->raised);
  self->hint = new_label ("hint", FALSE);
  gtk_label_set_wrap (GTK_LABEL (self->hint), FALSE);
  gtk_label_set_ellipsize (GTK_LABEL (self->hint), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (self->body), self->hint);
  self->taught = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_visible (self->taught, FALSE);
  gtk_box_append (GTK_BOX (self->body), self->taught);
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
  gb_explain_follow_switch (G_OBJECT (self), on_switch);
  return GTK_WIDGET (self);
}
