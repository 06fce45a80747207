#include "study/question-row.h"

#include "common/i18n.h"
#include "study/sure-row.h"

struct _GbQuestionRow
{
  GtkWidget parent_instance;

  GtkWidget *box, *sure, *expander, *ratings, *outcome, *said, *back;
  GbProgress *progress;
  char *item;
  GbText answer, follow_up, wrong, reveals; /* of the library, which keeps what it has handed out */
};

G_DEFINE_FINAL_TYPE (GbQuestionRow, gb_question_row, GTK_TYPE_WIDGET)

static const struct
{
  GbRating rating;
  const char *name;
} ratings[] = { { GB_RATING_AGAIN, N_ ("Missed it") },
                { GB_RATING_HARD, N_ ("In part") },
                { GB_RATING_GOOD, N_ ("Had it") },
                { GB_RATING_EASY, N_ ("Easily") } };

static const char *
level_name (const char *level)
{
  static const struct
  {
    const char *id, *name;
  } levels[] = { { "junior", N_ ("junior") },
                 { "mid", N_ ("mid-level") },
                 { "senior", N_ ("senior") },
                 { "expert", N_ ("expert") } };
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (g_strcmp0 (levels[i].id, level) == 0)
      return _ (levels[i].name);
  return "";
}

static GtkWidget *
new_text (const char *text, const char *css_class)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, "wrap-mode",
                                   PANGO_WRAP_WORD_CHAR, "selectable", TRUE, NULL);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* ---- how it was ---- */

static char *
describe (const GbItemState *state)
{
  if (state->due_day == G_MAXINT64)
    return g_strdup (_ ("Kept."));
  int days = (int) (state->due_day - gb_study_today ());
  return days <= 1 ? g_strdup (_ ("Kept. It comes back tomorrow."))
                   : g_strdup_printf (_ ("Kept. It comes back in %d days."), days);
}

static void
on_rated (GtkWidget *button, GbQuestionRow *self)
{
  GbRating rating = (GbRating) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "rating"));
  if (!gb_progress_add (self->progress, self->item, rating, gb_sure_row_get (GB_SURE_ROW (self->sure)), NULL,
                        g_get_real_time () / G_USEC_PER_SEC))
    gtk_label_set_label (GTK_LABEL (self->said), gb_progress_get_trouble (self->progress));
  else
    {
      GbItemState state = gb_progress_get_item (self->progress, self->item);
      g_autofree char *text = describe (&state);
      gtk_label_set_label (GTK_LABEL (self->said), text);
    }
  gtk_widget_set_visible (self->ratings, FALSE);
  gtk_widget_set_visible (self->outcome, TRUE);
  gtk_widget_grab_focus (self->back);
}

static void
on_back (GbQuestionRow *self)
{
  if (g_strcmp0 (gb_progress_get_last (self->progress), self->item) == 0)
    gb_progress_undo (self->progress);
  gtk_widget_set_visible (self->outcome, FALSE);
  gtk_widget_set_visible (self->ratings, TRUE);
}

/* Another answer was given since: only the last one can be taken back. */
static void
on_progress_changed (GbQuestionRow *self)
{
  if (self->back)
    gtk_widget_set_visible (self->back, g_strcmp0 (gb_progress_get_last (self->progress), self->item) == 0);
}

static void
build_ratings (GbQuestionRow *self, GtkWidget *parent)
{
  self->ratings = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  gtk_widget_add_css_class (self->ratings, "sure");
  gtk_box_append (GTK_BOX (self->ratings), new_text (_ ("Yours?"), "muted"));
  for (guint i = 0; i < G_N_ELEMENTS (ratings); i++)
    {
      GtkWidget *button = gtk_button_new_with_label (_ (ratings[i].name));
      g_object_set_data (G_OBJECT (button), "rating", GINT_TO_POINTER (ratings[i].rating));
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_rated), self, 0);
      gtk_box_append (GTK_BOX (self->ratings), button);
    }
  gtk_box_append (GTK_BOX (parent), self->ratings);
  self->outcome = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (self->outcome, "sure");
  self->said = new_text ("", "muted");
  self->back = gtk_button_new_with_label (_ ("Take back"));
  g_signal_connect_object (self->back, "clicked", G_CALLBACK (on_back), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->outcome), self->said);
  gtk_box_append (GTK_BOX (self->outcome), self->back);
  gtk_widget_set_visible (self->outcome, FALSE);
  gtk_box_append (GTK_BOX (parent), self->outcome);
}

/* ---- life ---- */

static void
add_more (GtkWidget *box, const char *heading, const GbText *text)
{
  if (!text->zh && !text->en)
    return;
  gtk_box_append (GTK_BOX (box), new_text (heading, "muted"));
  gtk_box_append (GTK_BOX (box), new_text (gb_text_get (text), NULL));
}

/* The answer is made when somebody first asks for it: most are never opened, and a topic has to open at once. */
static void
on_expanded (GbQuestionRow *self)
{
  if (gtk_expander_get_child (GTK_EXPANDER (self->expander)))
    return;
  GtkWidget *inside = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_box_append (GTK_BOX (inside), new_text (gb_text_get (&self->answer), NULL));
  add_more (inside, _ ("Asked next"), &self->follow_up);
  add_more (inside, _ ("Often said instead"), &self->wrong);
  add_more (inside, _ ("What that shows"), &self->reveals);
  build_ratings (self, inside);
  gtk_expander_set_child (GTK_EXPANDER (self->expander), inside);
}

static void
build (GbQuestionRow *self, const GbQuestion *question)
{
  g_autofree char *head =
      g_strdup_printf ("%s · %s", level_name (question->level), gb_text_get (&question->question));
  gtk_box_append (GTK_BOX (self->box), new_text (head, NULL));
  self->sure = gb_sure_row_new ();
  gtk_box_append (GTK_BOX (self->box), self->sure);

  self->expander = gtk_expander_new (_ ("Show an answer"));
  gtk_widget_add_css_class (self->expander, "answer");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Show an answer"), -1);
  g_signal_connect_object (self->expander, "notify::expanded", G_CALLBACK (on_expanded), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->box), self->expander);
}

static void
gb_question_row_dispose (GObject *object)
{
  GbQuestionRow *self = GB_QUESTION_ROW (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->progress);
  g_clear_pointer (&self->item, g_free);
  G_OBJECT_CLASS (gb_question_row_parent_class)->dispose (object);
}

static void
gb_question_row_class_init (GbQuestionRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_question_row_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_question_row_init (GbQuestionRow *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_widget_add_css_class (self->box, "note-question");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
gb_question_row_new (const GbQuestion *question, const char *owner, GbProgress *progress)
{
  GbQuestionRow *self = g_object_new (GB_TYPE_QUESTION_ROW, NULL);
  self->progress = g_object_ref (progress);
  self->item = gb_item_name_question (owner, question);
  self->answer = question->answer;
  self->follow_up = question->follow_up;
  self->wrong = question->wrong;
  self->reveals = question->reveals;
  build (self, question);
  g_signal_connect_object (progress, "changed", G_CALLBACK (on_progress_changed), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
