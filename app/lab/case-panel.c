#include "lab/case-panel.h"

#include "board/formula-view.h"
#include "board/markdown.h"
#include "checker/hidden-check.h"
#include "common/i18n.h"
#include "lab/example-draw.h"
#include "lab/example-picture.h"
#include "labels.h"
#include "view-registry.h"

#include <string.h>

struct _GbCasePanel
{
  GtkWidget parent_instance;

  GtkWidget *scroller, *box, *brief, *beside, *points, *hints, *hint_button, *tape;
  GtkWidget *claim_box, *causes, *line, *claim_button, *claims;
  GtkWidget *check_button, *progress, *verdict, *give_up, *after, *explanation, *leads, *replay;
  GbSetStrip *set;
  GbCaseWork *work;
  GbCaseTextFunc get_text;
  gpointer data;
  GbHiddenCheck *check; /* that runs, or NULL */
  GCancellable *cancellable;
  guint show_idle;
  const GbCase *shown; /* whose causes stand in the list */
};

enum
{
  REPLAY,
  BESIDE,
  BEGIN_AGAIN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbCasePanel, gb_case_panel, GTK_TYPE_WIDGET)

/* ---- small parts ---- */

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text ? text : "", "xalign", 0.0, "wrap", TRUE, "wrap-mode",
                                   PANGO_WRAP_WORD_CHAR, "selectable", TRUE, NULL);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
new_heading (const char *msgid)
{
  GtkWidget *label = gtk_label_new (NULL);
  gb_i18n_bind (label, "label", msgid);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "pane-title");
  return label;
}

static GtkWidget *
new_text (const char *msgid)
{
  GtkWidget *text = g_object_new (GTK_TYPE_TEXT_VIEW, "editable", FALSE, "cursor-visible", FALSE, "wrap-mode",
                                  GTK_WRAP_WORD_CHAR, NULL);
  gb_label_accessible (text, msgid);
  gb_markdown_add_tags (gtk_text_view_get_buffer (GTK_TEXT_VIEW (text)));
  return text;
}

static void
set_markdown (GtkWidget *view, const char *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  gtk_text_buffer_set_text (buffer, "", 0);
  gb_markdown_append (buffer, text);
  gb_markdown_trim (buffer);
  gb_formula_view_fill_anchors (GTK_TEXT_VIEW (view));
}

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (box)))
    gtk_box_remove (GTK_BOX (box), child);
}

static const char *
view_title (const char *id)
{
  const GbViewDef *def = gb_view_registry_find (id);
  return def ? _ (def->title) : id;
}

/* ---- what is told of the work ---- */

static void
update_hints (GbCasePanel *self, const GbCase *which)
{
  guint n = gb_case_work_get_n_hints (self->work);
  clear_box (self->hints);
  for (guint i = 0; i < n; i++)
    {
      const GbCaseHint *hint = g_ptr_array_index (which->hints, i);
      g_autofree char *text = g_strdup_printf (_ ("%u. %s (cost %g)"), i + 1, gb_text_get (&hint->text), hint->cost);
      gtk_box_append (GTK_BOX (self->hints), new_label (text, NULL));
    }
  gtk_widget_set_visible (self->hint_button, n < which->hints->len);
  if (n < which->hints->len)
    {
      const GbCaseHint *next = g_ptr_array_index (which->hints, n);
      g_autofree char *label =
          g_strdup_printf (_ ("Hint %u of %u (costs %g)"), n + 1, which->hints->len, next->cost);
      gtk_button_set_label (GTK_BUTTON (self->hint_button), label);
    }
}

static void
update_tape (GbCasePanel *self)
{
  guint n = gb_case_work_get_n_looks (self->work);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    {
      const GbLook *look = gb_case_work_get_look (self->work, i);
      if (i)
        g_string_append (text, " · ");
      g_string_append (text, view_title (look->view));
      if (look->iteration)
        g_string_append_printf (text, _ (" at step %u"), (guint) look->iteration);
    }
  gtk_label_set_label (GTK_LABEL (self->tape),
                       n ? text->str : _ ("Nothing yet. Run the program, open views and go through its steps."));
}

static const GbCaseCause *
find_cause (const GbCase *which, const char *id)
{
  for (guint i = 0; i < which->causes->len; i++)
    if (g_strcmp0 (((GbCaseCause *) g_ptr_array_index (which->causes, i))->id, id) == 0)
      return g_ptr_array_index (which->causes, i);
  return NULL;
}

static char *
claim_text (const GbCase *which, const GbClaim *claim)
{
  const GbCaseCause *cause = find_cause (which, claim->cause);
  const char *name = cause ? gb_text_get (&cause->text) : claim->cause;
  if (which->is_sealed) /* the interviewer judges it */
    return g_strdup_printf (_ ("Line %u: %s. Noted."), claim->line, name);
  if (!claim->is_right)
    return g_strdup_printf (_ ("✕ Line %u: %s. That is not it, or not the line."), claim->line, name);
  return claim->had_evidence ? g_strdup_printf (_ ("✓ Line %u: %s."), claim->line, name)
                             : g_strdup_printf (_ ("✓ Line %u: %s. But no evidence had been looked at."), claim->line, name);
}

/* Authors put the right one first: the list begins elsewhere. */
static const GbCaseCause *
get_listed_cause (const GbCase *which, guint nth)
{
  guint first = (guint) which->id[strlen (which->id) - 1] % which->causes->len;
  return g_ptr_array_index (which->causes, (first + nth + 1) % which->causes->len);
}

static void
fill_causes (GbCasePanel *self, const GbCase *which)
{
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->causes));
  GtkStringList *list = gtk_string_list_new (NULL);
  for (guint i = 0; i < which->causes->len; i++)
    gtk_string_list_append (list, gb_text_get (&get_listed_cause (which, i)->text));
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->causes), G_LIST_MODEL (list));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->causes), self->shown == which ? chosen : 0);
  self->shown = which;
  g_object_unref (list);
}

static void
update_claims (GbCasePanel *self, const GbCase *which)
{
  clear_box (self->claims);
  for (guint i = 0; i < gb_case_work_get_n_claims (self->work); i++)
    {
      const GbClaim *claim = gb_case_work_get_claim (self->work, i);
      g_autofree char *text = claim_text (which, claim);
      gtk_box_append (GTK_BOX (self->claims), new_label (text, claim->is_right ? "ok" : NULL));
    }
  gtk_widget_set_visible (self->claim_box, !which->is_exercise);
  gtk_widget_set_sensitive (self->claim_button, !gb_case_work_is_diagnosed (self->work));
}

static void
on_replay (GtkButton *button, GbCasePanel *self)
{
  const GbReplayStep *step = g_object_get_data (G_OBJECT (button), "step");
  g_signal_emit (self, signals[REPLAY], 0, step->at, step->view);
}

/* What one would well have suspected, and why it was not so: before the claim it would be half of it. */
static void
fill_leads (GbCasePanel *self, const GbCase *which)
{
  if (which->false_leads->len)
    gtk_box_append (GTK_BOX (self->leads), new_label (_ ("What it was not"), "pane-title"));
  for (guint i = 0; i < which->false_leads->len; i++)
    {
      const GbFalseLead *lead = g_ptr_array_index (which->false_leads, i);
      g_autofree char *text = g_strdup_printf ("✕ %s\n%s", gb_text_get (&lead->lead), gb_text_get (&lead->why_not));
      gtk_box_append (GTK_BOX (self->leads), new_label (text, NULL));
    }
}

static void
update_after (GbCasePanel *self, const GbCase *which)
{
  gboolean open = gb_case_work_is_open (self->work);
  gtk_widget_set_visible (self->after, open);
  gtk_widget_set_visible (self->give_up, !open && !which->is_sealed);
  clear_box (self->replay);
  clear_box (self->leads);
  if (!open)
    return;
  fill_leads (self, which);
  set_markdown (self->explanation, gb_text_get (&which->explanation));
  for (guint i = 0; i < which->replay->len; i++)
    {
      GbReplayStep *step = g_ptr_array_index (which->replay, i);
      g_autofree char *text = g_strdup_printf ("%u. %s: %s", i + 1, view_title (step->view), gb_text_get (&step->says));
      GtkWidget *button = gtk_button_new (), *label = new_label (text, NULL);
      gtk_label_set_selectable (GTK_LABEL (label), FALSE);
      gtk_button_set_child (GTK_BUTTON (button), label);
      gtk_widget_add_css_class (button, "flat");
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
      g_object_set_data (G_OBJECT (button), "step", step);
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_replay), self, 0);
      gtk_box_append (GTK_BOX (self->replay), button);
    }
}

static void
on_beside (GtkButton *button, GbCasePanel *self)
{
  g_signal_emit (self, signals[BESIDE], 0, g_object_get_data (G_OBJECT (button), "scene"));
}

/* The scenes that show what is to be written. */
static void
update_beside (GbCasePanel *self, const GbCase *which)
{
  clear_box (self->beside);
  gtk_widget_set_visible (self->beside, which->scenes && which->scenes[0]);
  if (!which->scenes || !which->scenes[0])
    return;
  gtk_box_append (GTK_BOX (self->beside), new_label (_ ("Run beside it, to look at:"), "muted"));
  for (guint i = 0; which->scenes[i]; i++)
    {
      GtkWidget *button = gtk_button_new_with_label (which->scenes[i]);
      gtk_widget_set_halign (button, GTK_ALIGN_START);
      g_object_set_data_full (G_OBJECT (button), "scene", g_strdup (which->scenes[i]), g_free);
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_beside), self, 0);
      gtk_box_append (GTK_BOX (self->beside), button);
    }
}

static void
update_points (GbCasePanel *self)
{
  double points = gb_case_work_get_points (self->work);
  g_autofree char *text = gb_case_work_is_solved (self->work)
                              ? g_strdup_printf (_ ("Solved: %g of 10 points"), points)
                              : g_strdup_printf (_ ("%g of 10 points so far"), points);
  gtk_label_set_label (GTK_LABEL (self->points), text);
  gtk_widget_set_visible (self->points, !gb_case_work_get_case (self->work)->is_sealed);
}

static void
update (GbCasePanel *self)
{
  const GbCase *which = self->work ? gb_case_work_get_case (self->work) : NULL;
  gtk_widget_set_visible (self->box, which != NULL);
  gb_set_strip_update (self->set, self->work);
  if (!which)
    return;
  g_autofree char *brief = g_strdup_printf ("# %s\n\n%s\n", gb_text_get (&which->title), gb_text_get (&which->brief));
  set_markdown (self->brief, brief);
  update_beside (self, which);
  update_hints (self, which);
  update_tape (self);
  fill_causes (self, which);
  update_claims (self, which);
  update_after (self, which);
  update_points (self);
  gb_case_panel_update_line (self);
}

/* ---- the verdict ---- */

static void
add_fact (GtkWidget *box, const GbVerdictRow *row, const char *key, const char *label)
{
  GbJson *value = NULL;
  if (!json_object_object_get_ex (row->facts, key, &value))
    return;
  g_autofree char *text = gb_verdict_describe (value), *line = g_strdup_printf ("%s %s", label, text);
  gtk_box_append (GTK_BOX (box), new_label (line, "mono"));
}

static GtkWidget *
new_row (const GbVerdictRow *row, const GbCase *which)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_autofree char *head = g_strdup_printf ("%s %s", row->holds ? "✓" : "✕", gb_case_get_demand (which, row->check));
  gtk_box_append (GTK_BOX (box), new_label (head, row->holds ? "ok" : "error"));
  if (row->holds)
    return box;
  add_fact (box, row, "given", _ ("given:"));
  if (gb_example_can_draw (row->facts))
    gtk_box_append (GTK_BOX (box), gb_example_picture_new (row->facts));
  else
    {
      add_fact (box, row, "expected", _ ("expected:"));
      add_fact (box, row, "got", _ ("got:"));
    }
  if (row->error)
    {
      g_autofree char *text =
          row->line ? g_strdup_printf (_ ("line %u: %s"), row->line, row->error) : g_strdup (row->error);
      gtk_box_append (GTK_BOX (box), new_label (text, "mono"));
    }
  if (row->gone)
    gtk_box_append (GTK_BOX (box), new_label (_ ("the program ended before it had answered"), NULL));
  if (row->fault)
    gtk_box_append (GTK_BOX (box), new_label (_ ("This could not be checked as the program is."), NULL));
  return box;
}

static void
show_verdict (GbCasePanel *self, const GbVerdict *verdict)
{
  const GbCase *which = gb_case_work_get_case (self->work);
  clear_box (self->verdict);
  /* What does not hold comes first. */
  for (int holds = 0; holds < 2; holds++)
    for (guint i = 0; i < verdict->rows->len; i++)
      {
        const GbVerdictRow *row = g_ptr_array_index (verdict->rows, i);
        if (!row->holds == !holds)
          gtk_box_append (GTK_BOX (self->verdict), new_row (row, which));
      }
  if (verdict->ended)
    gtk_box_append (GTK_BOX (self->verdict), new_label (verdict->ended, "error"));
}

/* The check with what it said comes to the top. */
static gboolean
on_show_check (gpointer data)
{
  GbCasePanel *self = data;
  graphene_point_t at = GRAPHENE_POINT_INIT (0, 0);
  self->show_idle = 0;
  if (gtk_widget_compute_point (self->check_button, self->box, &at, &at))
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)), at.y - 8);
  return G_SOURCE_REMOVE;
}

static void
queue_show_check (GbCasePanel *self)
{
  if (!self->show_idle)
    self->show_idle = g_timeout_add (60, on_show_check, self);
}

static void
on_row (GbCasePanel *self)
{
  const GbVerdict *verdict = gb_hidden_check_get_verdict (self->check);
  g_autofree char *text = g_strdup_printf (_ ("%u of %u"), verdict->rows->len, verdict->n_checks);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                 verdict->n_checks ? (double) verdict->rows->len / verdict->n_checks : 0);
  gtk_progress_bar_set_text (GTK_PROGRESS_BAR (self->progress), text);
  show_verdict (self, verdict);
  queue_show_check (self);
}

static void
end_check (GbCasePanel *self)
{
  if (self->check)
    g_signal_handlers_disconnect_by_data (self->check, self);
  g_clear_object (&self->check);
  g_clear_object (&self->cancellable);
  gtk_widget_set_visible (self->progress, FALSE);
  gtk_button_set_label (GTK_BUTTON (self->check_button), _ ("Check"));
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbCasePanel) self = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = gb_hidden_check_run_finish (GB_HIDDEN_CHECK (source), result, &error);
  if (!self->check || (GObject *) self->check != source)
    return; /* of a case that is no longer in front */
  g_autoptr (GbHiddenCheck) check = g_object_ref (self->check);
  end_check (self);
  if (ok)
    {
      show_verdict (self, gb_hidden_check_get_verdict (check));
      gb_case_work_checked (self->work, gb_verdict_holds (gb_hidden_check_get_verdict (check)));
      queue_show_check (self);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_box_append (GTK_BOX (self->verdict), new_label (error->message, "error"));
}

void
gb_case_panel_check (GbCasePanel *self)
{
  if (!self->work)
    return;
  if (self->check)
    {
      g_autoptr (GCancellable) cancellable = g_object_ref (self->cancellable);
      clear_box (self->verdict);
      end_check (self);
      g_cancellable_cancel (cancellable);
      return;
    }
  const GbCase *which = gb_case_work_get_case (self->work);
  guint line;
  g_autofree char *text = self->get_text (&line, self->data);
  clear_box (self->verdict);
  self->cancellable = g_cancellable_new ();
  self->check = gb_hidden_check_new (which, gb_case_get_program_name (which), text,
                                     (guint) g_random_int_range (1, G_MAXINT32));
  g_signal_connect_object (self->check, "row", G_CALLBACK (on_row), self, G_CONNECT_SWAPPED);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), 0);
  gtk_progress_bar_set_text (GTK_PROGRESS_BAR (self->progress), _ ("Beginning"));
  gtk_widget_set_visible (self->progress, TRUE);
  gtk_button_set_label (GTK_BUTTON (self->check_button), _ ("Cancel the check"));
  gb_hidden_check_run_async (self->check, self->cancellable, on_checked, g_object_ref (self));
}

/* ---- what can be done ---- */

static void
on_hint (GbCasePanel *self)
{
  gb_case_work_take_hint (self->work);
}

static void
on_give_up (GbCasePanel *self)
{
  gb_case_work_give_up (self->work);
}

static void
on_again (GbCasePanel *self)
{
  clear_box (self->verdict);
  gb_case_work_forget (self->work);
  g_signal_emit (self, signals[BEGIN_AGAIN], 0);
}

static char *
dup_line (GbCasePanel *self, guint *line)
{
  g_autofree char *text = self->get_text (line, self->data);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  return *line && *line <= g_strv_length (lines) ? g_strdup (g_strstrip (lines[*line - 1])) : g_strdup ("");
}

static void
on_claim (GbCasePanel *self)
{
  const GbCase *which = gb_case_work_get_case (self->work);
  guint line, chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->causes));
  g_autofree char *text = dup_line (self, &line);
  if (chosen < which->causes->len)
    gb_case_work_claim (self->work, get_listed_cause (which, chosen)->id, line, text);
}

void
gb_case_panel_update_line (GbCasePanel *self)
{
  guint line;
  if (!self->work)
    return;
  g_autofree char *text = dup_line (self, &line);
  g_autofree char *label = g_strdup_printf (_ ("in line %u, where the caret stands: %s"), line, text);
  gtk_label_set_label (GTK_LABEL (self->line), label);
}

void
gb_case_panel_set_work (GbCasePanel *self, GbCaseWork *work)
{
  if (work == self->work)
    return;
  if (self->check)
    gb_case_panel_check (self);
  if (self->work)
    g_signal_handlers_disconnect_by_data (self->work, self);
  g_set_object (&self->work, work);
  self->shown = NULL;
  clear_box (self->verdict);
  if (work)
    g_signal_connect_object (work, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

/* ---- putting together ---- */

static GtkWidget *
add_button (GbCasePanel *self, GtkWidget *box, const char *msgid, GCallback callback)
{
  GtkWidget *button = gtk_button_new ();
  if (msgid)
    gb_i18n_bind (button, "label", msgid);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static GtkWidget *
add_box (GtkWidget *parent)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (parent), box);
  return box;
}

static void
build_claim (GbCasePanel *self)
{
  self->claim_box = add_box (self->box);
  gtk_box_append (GTK_BOX (self->claim_box), new_heading (N_ ("What you have looked at")));
  self->tape = new_label (NULL, "muted");
  gtk_box_append (GTK_BOX (self->claim_box), self->tape);
  gtk_box_append (GTK_BOX (self->claim_box), new_heading (N_ ("What is wrong?")));
  self->causes = gtk_drop_down_new (NULL, NULL);
  gb_label_accessible (self->causes, N_ ("Cause"));
  gtk_box_append (GTK_BOX (self->claim_box), self->causes);
  self->line = new_label (NULL, "muted");
  gtk_box_append (GTK_BOX (self->claim_box), self->line);
  self->claim_button = add_button (self, self->claim_box, N_ ("Claim"), G_CALLBACK (on_claim));
  self->claims = add_box (self->claim_box);
}

static void
build_after (GbCasePanel *self)
{
  self->after = add_box (self->box);
  gtk_box_append (GTK_BOX (self->after), new_heading (N_ ("Afterwards")));
  self->explanation = new_text (N_ ("Explanation"));
  gtk_box_append (GTK_BOX (self->after), self->explanation);
  self->leads = add_box (self->after);
  self->replay = add_box (self->after);
  add_button (self, self->after, N_ ("Begin again"), G_CALLBACK (on_again));
}

static void
build (GbCasePanel *self)
{
  self->brief = new_text (N_ ("Brief"));
  gtk_box_append (GTK_BOX (self->box), self->brief);
  self->beside = add_box (self->box);
  self->hints = add_box (self->box);
  self->hint_button = add_button (self, self->box, NULL, G_CALLBACK (on_hint));
  build_claim (self);
  gtk_box_append (GTK_BOX (self->box), new_heading (N_ ("The hidden check")));
  self->check_button = add_button (self, self->box, NULL, G_CALLBACK (gb_case_panel_check));
  gtk_widget_add_css_class (self->check_button, "suggested-action");
  self->progress = g_object_new (GTK_TYPE_PROGRESS_BAR, "show-text", TRUE, "visible", FALSE, NULL);
  gtk_box_append (GTK_BOX (self->box), self->progress);
  self->verdict = add_box (self->box);
  self->points = new_label (NULL, "muted");
  gtk_box_append (GTK_BOX (self->box), self->points);
  self->give_up = add_button (self, self->box, N_ ("Give up and read the explanation"), G_CALLBACK (on_give_up));
  gtk_widget_add_css_class (self->give_up, "flat");
  build_after (self);
}

static void
update_language (GbCasePanel *self)
{
  gtk_button_set_label (GTK_BUTTON (self->check_button), self->check ? _ ("Cancel the check") : _ ("Check"));
  update (self);
}

static void
gb_case_panel_dispose (GObject *object)
{
  GbCasePanel *self = GB_CASE_PANEL (object);
  g_clear_handle_id (&self->show_idle, g_source_remove);
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->check);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->work);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_case_panel_parent_class)->dispose (object);
}

static void
gb_case_panel_class_init (GbCasePanelClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = gb_case_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[REPLAY] = g_signal_new ("replay", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_STRING, G_TYPE_STRING);
  signals[BESIDE] =
      g_signal_new ("beside", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[BEGIN_AGAIN] =
      g_signal_new ("begin-again", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_case_panel_init (GbCasePanel *self)
{
  self->scroller = gtk_scrolled_window_new ();
  /* Its lines wrap rather than run out of the pane. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (self->box, "note");
  gtk_widget_add_css_class (self->box, "case");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->box);
  build (self);
}

GtkWidget *
gb_case_panel_new (GbSetStrip *set, GbCaseTextFunc get_text, gpointer data)
{
  GbCasePanel *self = g_object_new (GB_TYPE_CASE_PANEL, NULL);
  self->set = set;
  gtk_box_prepend (GTK_BOX (self->box), GTK_WIDGET (set));
  self->get_text = get_text;
  self->data = data;
  gb_label_on_language (self, G_CALLBACK (update_language));
  return GTK_WIDGET (self);
}
