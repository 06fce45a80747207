#include "board/prediction-card.h"

#include "common/i18n.h"
#include "labels.h"
#include "study/items.h"
#include "study/sure-row.h"

#include <string.h>

struct _GbPredictionCard
{
  GtkWidget parent_instance;

  GtkWidget *box, *prompt, *answers, *entry, *row, *sure, *result;
  GbProgress *progress;
  GbTrace *trace;
  GbRunControl *control;
  const GbScene *scene;
  char *asked; /* id of the open question, or of the one just told */
  guint64 asked_seq;
  char *answer; /* what the person said; NULL: nothing yet, "" : left out */
  int confidence;
  gboolean is_open; /* answered, and the run has not told yet */
};

enum
{
  ANSWERED,
  ASKED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbPredictionCard, gb_prediction_card, GTK_TYPE_WIDGET)

static const GbPrediction *
get_prediction (GbPredictionCard *self)
{
  return self->scene && self->asked ? gb_scene_find_prediction (self->scene, self->asked) : NULL;
}

/* The truth about the open question, as JSON, or NULL. */
static const char *
find_truth (GbPredictionCard *self)
{
  for (guint i = gb_trace_get_n_named (self->trace); i-- > 0;)
    {
      const GbNamed *named = gb_trace_get_named (self->trace, i);
      if (named->seq < self->asked_seq)
        break;
      if (named->type == TE_RECORD_TELL && g_strcmp0 (named->name, self->asked) == 0)
        return named->text;
    }
  return NULL;
}

/* A truth as people write it: numbers with the digits that matter, shapes in round brackets, choices by their
 * label. */
static char *
show_truth (const GbPrediction *prediction, const char *truth)
{
  g_autofree char *text = g_strdup (truth);
  gsize n = strlen (text);
  if (n >= 2 && text[0] == '"' && text[n - 1] == '"')
    {
      memmove (text, text + 1, n - 2);
      text[n - 2] = '\0';
    }
  if (prediction && g_strcmp0 (prediction->kind, "number") == 0)
    {
      char *end = NULL;
      double value = g_ascii_strtod (text, &end);
      return end != text && *end == '\0' ? g_strdup_printf ("%.7g", value) : g_steal_pointer (&text);
    }
  if (prediction && g_strcmp0 (prediction->kind, "shape") == 0 && text[0] == '[')
    {
      text[0] = '(';
      text[strlen (text) - 1] = ')';
    }
  for (guint i = 0; prediction && i < prediction->choices->len; i++)
    {
      GbSceneChoice *choice = g_ptr_array_index (prediction->choices, i);
      if (g_strcmp0 (choice->value, text) == 0)
        return g_strdup (gb_text_get (&choice->label));
    }
  return g_steal_pointer (&text);
}

/* The run has told: how the answer was is kept. */
static void
keep_outcome (GbPredictionCard *self, const GbPrediction *prediction, const char *truth)
{
  if (!self->is_open || !prediction || !truth)
    return;
  self->is_open = FALSE;
  g_autofree char *item = gb_item_name_prediction (self->scene, prediction->id);
  gboolean right = gb_prediction_agrees (prediction, self->answer, truth);
  gb_progress_add (self->progress, item, right ? GB_RATING_GOOD : GB_RATING_AGAIN, self->confidence, self->answer,
                   g_get_real_time () / G_USEC_PER_SEC);
  g_signal_emit (self, signals[ANSWERED], 0, prediction->id, self->answer, right, self->confidence);
}

static void
update_result (GbPredictionCard *self)
{
  const GbPrediction *prediction = get_prediction (self);
  const char *truth = find_truth (self);
  gtk_widget_remove_css_class (self->result, "ok");
  gtk_widget_set_visible (self->result, self->answer != NULL);
  if (!self->answer)
    return;
  keep_outcome (self, prediction, truth);
  g_autofree char *shown = truth ? show_truth (prediction, truth) : NULL;
  g_autofree char *said = show_truth (prediction, self->answer);
  g_autofree char *text = NULL;
  if (!truth)
    text = *self->answer ? g_strdup_printf (_ ("You said %s. The run will tell."), said)
                         : g_strdup (_ ("The run will tell."));
  else if (!*self->answer)
    text = g_strdup_printf (_ ("It is %s."), shown);
  else if (prediction && gb_prediction_agrees (prediction, self->answer, truth))
    {
      text = g_strdup_printf (_ ("✓ It is %s, as you said."), shown);
      gtk_widget_add_css_class (self->result, "ok");
    }
  else
    text = g_strdup_printf (_ ("It is %s; you said %s."), shown, said);
  gtk_label_set_label (GTK_LABEL (self->result), text);
}

static void update_question (GbPredictionCard *self);

static void
send (GbPredictionCard *self, const char *answer)
{
  if (!self->asked || self->answer)
    return;
  self->answer = g_strdup (answer);
  self->confidence = gb_sure_row_get (GB_SURE_ROW (self->sure));
  self->is_open = *answer != '\0';
  update_question (self);
  gb_run_control_answer (self->control, answer);
}

static void
on_answer (GbPredictionCard *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  if (*text)
    send (self, text);
}

static void
on_skip (GbPredictionCard *self)
{
  send (self, "");
}

static void
on_choice (GtkWidget *button, gpointer data)
{
  send (data, g_object_get_data (G_OBJECT (button), "value"));
}

static void
clear_answers (GbPredictionCard *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->answers)))
    gtk_flow_box_remove (GTK_FLOW_BOX (self->answers), child);
}

static void
update_question (GbPredictionCard *self)
{
  const GbPrediction *prediction = get_prediction (self);
  clear_answers (self);
  gtk_widget_set_visible (GTK_WIDGET (self), self->asked != NULL);
  g_signal_emit (self, signals[ASKED], 0);
  if (!self->asked)
    return;
  const char *question = prediction ? gb_text_get (&prediction->prompt) : self->asked;
  g_autofree char *prompt =
      self->answer ? g_strdup (question) : g_strdup_printf (_ ("Your turn: %s"), question);
  gtk_label_set_label (GTK_LABEL (self->prompt), prompt);
  if (self->answer)
    gtk_widget_add_css_class (self->prompt, "answered");
  else
    gtk_widget_remove_css_class (self->prompt, "answered");
  gtk_widget_set_visible (self->row, self->answer == NULL);
  gtk_widget_set_visible (self->sure, self->answer == NULL);
  gboolean choose = prediction && prediction->choices->len > 0;
  gtk_widget_set_visible (self->entry, !choose);
  gtk_widget_set_visible (self->answers, choose);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->row), choose ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  for (guint i = 0; choose && i < prediction->choices->len; i++)
    {
      GbSceneChoice *choice = g_ptr_array_index (prediction->choices, i);
      GtkWidget *button = gtk_button_new_with_label (gb_text_get (&choice->label));
      g_object_set_data_full (G_OBJECT (button), "value", g_strdup (choice->value), g_free);
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_choice), self, 0);
      gtk_label_set_wrap (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), TRUE);
      gtk_flow_box_append (GTK_FLOW_BOX (self->answers), button);
      /* The button is what is gone to, not its place. */
      gtk_widget_set_focusable (gtk_widget_get_parent (button), FALSE);
    }
  update_result (self);
}

static void
open_question (GbPredictionCard *self, const GbNamed *named)
{
  g_free (self->asked);
  self->asked = g_strdup (named->name);
  self->asked_seq = named->seq;
  g_clear_pointer (&self->answer, g_free);
  self->is_open = FALSE;
  gb_sure_row_clear (GB_SURE_ROW (self->sure));
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  update_question (self);
}

static void
on_trace_changed (GbPredictionCard *self, guint changes)
{
  if (changes & GB_TRACE_CHANGED_RESET)
    {
      g_clear_pointer (&self->asked, g_free);
      g_clear_pointer (&self->answer, g_free);
      self->is_open = FALSE;
      update_question (self);
    }
  if (!(changes & GB_TRACE_CHANGED_TEXT))
    return;
  const GbNamed *last = NULL;
  for (guint i = gb_trace_get_n_named (self->trace); i-- > 0 && !last;)
    if (gb_trace_get_named (self->trace, i)->type == TE_RECORD_ASK)
      last = gb_trace_get_named (self->trace, i);
  /* A recording asks nobody: its questions show with their truth. */
  if (last && (!self->asked || last->seq != self->asked_seq))
    open_question (self, last);
  else if (self->asked)
    update_result (self);
  if (self->asked && !self->answer && find_truth (self) && !gb_run_control_is_alive (self->control))
    {
      self->answer = g_strdup ("");
      update_question (self);
    }
}

void
gb_prediction_card_set_scene (GbPredictionCard *self, const GbScene *scene)
{
  self->scene = scene;
  update_question (self);
}

void
gb_prediction_card_focus (GbPredictionCard *self)
{
  if (gtk_widget_get_visible (self->entry))
    gtk_widget_grab_focus (self->entry);
  else if (gtk_widget_get_first_child (self->answers))
    gtk_widget_grab_focus (gtk_widget_get_first_child (gtk_widget_get_first_child (self->answers)));
}

const char *
gb_prediction_card_get_open (GbPredictionCard *self)
{
  return self->answer ? NULL : self->asked;
}

/* The trace may have a question that this has not heard of yet: only an answer makes the last one pass. */
gboolean
gb_prediction_card_has_passed (GbPredictionCard *self, const char *asked)
{
  gboolean is_last = TRUE;
  for (guint i = gb_trace_get_n_named (self->trace); i-- > 0;)
    {
      const GbNamed *named = gb_trace_get_named (self->trace, i);
      if (named->type != TE_RECORD_ASK)
        continue;
      if (strcmp (named->name, asked) == 0)
        return !is_last || (self->asked && self->asked_seq == named->seq && self->answer);
      is_last = FALSE;
    }
  return FALSE;
}

void
gb_prediction_card_skip (GbPredictionCard *self)
{
  send (self, "");
}

static void
gb_prediction_card_dispose (GObject *object)
{
  GbPredictionCard *self = GB_PREDICTION_CARD (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->trace);
  g_clear_object (&self->control);
  g_clear_pointer (&self->asked, g_free);
  g_clear_pointer (&self->answer, g_free);
  g_clear_object (&self->progress);
  G_OBJECT_CLASS (gb_prediction_card_parent_class)->dispose (object);
}

static void
gb_prediction_card_class_init (GbPredictionCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_prediction_card_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[ANSWERED] = g_signal_new ("answered", GB_TYPE_PREDICTION_CARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                                    G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN, G_TYPE_INT);
  signals[ASKED] = g_signal_new ("asked", GB_TYPE_PREDICTION_CARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_prediction_card_init (GbPredictionCard *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->box, "prediction");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->prompt = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, NULL);
  gtk_widget_add_css_class (self->prompt, "question");
  gtk_box_append (GTK_BOX (self->box), self->prompt);

  self->sure = gb_sure_row_new ();
  gtk_box_append (GTK_BOX (self->box), self->sure);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->entry = gtk_entry_new ();
  gtk_widget_set_hexpand (self->entry, TRUE);
  gb_label_accessible (self->entry, N_ ("Your prediction"));
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_answer), self, G_CONNECT_SWAPPED);
  /* As many beside each other as the pane has room for. */
  self->answers = g_object_new (GTK_TYPE_FLOW_BOX, "selection-mode", GTK_SELECTION_NONE, "column-spacing", 6, "row-spacing", 6,
                                "max-children-per-line", 6, NULL);
  GtkWidget *answer = gtk_button_new ();
  gb_i18n_bind (answer, "label", N_ ("Answer"));
  g_object_bind_property (self->entry, "visible", answer, "visible", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (answer, "clicked", G_CALLBACK (on_answer), self, G_CONNECT_SWAPPED);
  GtkWidget *skip = gtk_button_new ();
  gb_i18n_bind (skip, "label", N_ ("Just show"));
  gtk_widget_add_css_class (skip, "flat");
  g_signal_connect_object (skip, "clicked", G_CALLBACK (on_skip), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->row), self->entry);
  gtk_box_append (GTK_BOX (self->row), self->answers);
  gtk_box_append (GTK_BOX (self->row), answer);
  gtk_widget_set_halign (skip, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (self->row), skip);
  gtk_box_append (GTK_BOX (self->box), self->row);

  self->result = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "visible", FALSE, NULL);
  gtk_box_append (GTK_BOX (self->box), self->result);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
gb_prediction_card_new (GbTrace *trace, GbRunControl *control, GbProgress *progress)
{
  GbPredictionCard *self = g_object_new (GB_TYPE_PREDICTION_CARD, NULL);
  self->trace = g_object_ref (trace);
  self->control = g_object_ref (control);
  self->progress = g_object_ref (progress);
  g_signal_connect_object (trace, "changed", G_CALLBACK (on_trace_changed), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (update_question));
  return GTK_WIDGET (self);
}
