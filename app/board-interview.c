/* The board in an interview: what it is shown by the interviewer's window, and what it tells there of what is
 * done on it.  It has a sealed library and folders of its own, so there is nothing in it that the candidate
 * must not see. */
#include "board-window-private.h"

#include "class/answers-view.h"
#include "common/i18n.h"
#include "labels.h"
#include "models/interview-model.h"
#include "paths.h"

#include <string.h>

#define STATE_MSEC 800 /* for which a run has to stand somewhere so that it is told */
#define INK_MSEC   500
#define MOST_STATE (256 << 10) /* bytes of what is told */
#define MOST_INK   (512 << 10)
#define LONGEST_INSERT                                                                                       \
  400 /* characters that somebody types or pastes at once; more is a text that was put in */

/* ---- telling ---- */

static void
notice (GbBoardWindow *self, const char *kind, GbJson *body)
{
  if (self->is_sealed && !self->is_replay)
    g_signal_emit_by_name (self, "noticed", kind, body);
  json_object_put (body);
}

static GbJson *
body_with (const char *key, const char *text)
{
  GbJson *body = json_object_new_object ();
  json_object_object_add (body, key, json_object_new_string (text ? text : ""));
  return body;
}

void
gb_board_window_notice_look (GbBoardWindow *self, const char *view)
{
  guint64 iteration = gb_trace_cursor_get_iteration (self->cursor);
  g_autofree char *place = iteration ? g_strdup_printf ("iter:%" G_GUINT64_FORMAT, iteration) : g_strdup ("");
  g_autofree char *look = g_strdup_printf ("%s %s", view, place);
  GbJson *body;

  if (!self->is_sealed || gb_trace_get_last_seq (self->trace) == 0 || g_strcmp0 (look, self->last_look) == 0)
    return;
  g_free (self->last_look);
  self->last_look = g_steal_pointer (&look);
  body = body_with ("view", view);
  json_object_object_add (body, "place", json_object_new_string (place));
  notice (self, "look", body);
}

void
gb_board_window_notice_run (GbBoardWindow *self)
{
  gboolean is_alive = gb_run_control_is_alive (self->control);
  if (is_alive && !self->was_alive)
    notice (self, "run",
            body_with ("file", gb_document_get_title (gb_editor_area_get_document (self->editor))));
  self->was_alive = is_alive;
  gb_board_window_notice_place (self);
}

/* The work on a case has changed: a claim or a check is new. */
static void
on_work_changed (GbBoardWindow *self)
{
  while (self->n_claims < gb_case_work_get_n_claims (self->work))
    notice (self, "claim", body_with ("cause", gb_case_work_get_claim (self->work, self->n_claims++)->cause));
  if (self->n_checks < gb_case_work_get_n_checks (self->work))
    {
      GbJson *body = body_with ("what", gb_case_work_get_case (self->work)->id);
      self->n_checks = gb_case_work_get_n_checks (self->work);
      json_object_object_add (body, "holds", json_object_new_boolean (gb_case_work_is_solved (self->work)));
      notice (self, "check", body);
    }
}

void
gb_board_window_notice_work (GbBoardWindow *self)
{
  self->n_claims = gb_case_work_get_n_claims (self->work);
  self->n_checks = gb_case_work_get_n_checks (self->work);
  if (self->is_sealed)
    g_signal_connect_object (self->work, "changed", G_CALLBACK (on_work_changed), self, G_CONNECT_SWAPPED);
}

/* ---- the text, as it is typed ---- */

/* What the text was opened as: a case's file is known by where it is. */
static char *
origin_of (GbBoardWindow *self, GbDocument *document)
{
  g_autofree char *folder = gb_board_window_dup_state_folder (self), *lab = g_build_filename (folder, "lab", NULL);
  g_autofree char *path = gb_document_dup_path (document);
  const GbCase *which = gb_case_work_find_case (self->library, lab, path);
  const char *scene = gb_document_get_scene (document);
  return which   ? g_strconcat ("case:", which->id, NULL)
         : scene ? g_strconcat ("scene:", scene, NULL)
                 : g_strdup ("");
}

static void
notice_whole (GbBoardWindow *self, GbDocument *document)
{
  g_autofree char *text = gb_document_dup_text (document), *origin = origin_of (self, document);
  GbJson *body = body_with ("file", gb_document_get_title (document));
  json_object_object_add (body, "text", json_object_new_string (text));
  json_object_object_add (body, "origin", json_object_new_string (origin));
  notice (self, "text", body);
}

static void
notice_edit (GbBoardWindow *self, GbDocument *document, int offset, int n_removed, const char *inserted)
{
  GbJson *body = body_with ("file", gb_document_get_title (document));
  json_object_object_add (body, "offset", json_object_new_int (offset));
  json_object_object_add (body, "removed", json_object_new_int (n_removed));
  json_object_object_add (body, "inserted", json_object_new_string (inserted));
  notice (self, "type", body);
}

static gboolean
on_settled (gpointer data)
{
  GbDocument *document = data;
  GbBoardWindow *self = g_object_get_data (G_OBJECT (document), "gb-noticed-by");
  if (gb_document_is_loading (document))
    return G_SOURCE_CONTINUE;
  g_object_set_data (G_OBJECT (document), "gb-settling", NULL);
  notice_whole (self, document);
  return G_SOURCE_REMOVE;
}

/* A text that is read or put in is told as a whole, when it is there. */
static gboolean
is_settling (GbDocument *document, gboolean is_large)
{
  if (g_object_get_data (G_OBJECT (document), "gb-settling"))
    return TRUE;
  if (!is_large && !gb_document_is_loading (document))
    return FALSE;
  g_object_set_data (G_OBJECT (document), "gb-settling", document);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 50, on_settled, g_object_ref (document), g_object_unref);
  return TRUE;
}

static void
on_insert (GtkTextBuffer *buffer, GtkTextIter *at, const char *text, int length, GbDocument *document)
{
  GbBoardWindow *self = g_object_get_data (G_OBJECT (document), "gb-noticed-by");
  g_autofree char *inserted = g_strndup (text, (gsize) length);
  if (!is_settling (document, length > LONGEST_INSERT))
    notice_edit (self, document, gtk_text_iter_get_offset (at), 0, inserted);
}

static void
on_delete (GtkTextBuffer *buffer, GtkTextIter *from, GtkTextIter *to, GbDocument *document)
{
  GbBoardWindow *self = g_object_get_data (G_OBJECT (document), "gb-noticed-by");
  int offset = gtk_text_iter_get_offset (from), n = gtk_text_iter_get_offset (to) - offset;
  if (!is_settling (document, n > LONGEST_INSERT))
    notice_edit (self, document, offset, n, "");
}

static void
follow_document (GbDocument *document, GbCodeView *code, gpointer data)
{
  GbBoardWindow *self = data;
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gb_document_get_buffer (document));
  if (g_object_get_data (G_OBJECT (document), "gb-noticed-by"))
    return;
  g_object_set_data (G_OBJECT (document), "gb-noticed-by", self);
  g_signal_connect_object (buffer, "insert-text", G_CALLBACK (on_insert), document, 0);
  g_signal_connect_object (buffer, "delete-range", G_CALLBACK (on_delete), document, 0);
  if (!gb_document_is_untouched (document))
    is_settling (document, TRUE);
}

void
gb_board_window_notice_texts (GbBoardWindow *self)
{
  const char *front = gb_document_get_title (gb_editor_area_get_document (self->editor));

  if (!self->is_sealed || self->is_replay)
    return;
  gb_editor_area_foreach (self->editor, follow_document, self);
  if (g_strcmp0 (front, self->last_front) == 0)
    return;
  g_free (self->last_front);
  self->last_front = g_strdup (front);
  notice (self, "front", body_with ("file", front));
}

/* ---- where the run stands ---- */

static gboolean
on_state_settled (gpointer data)
{
  GbBoardWindow *self = data;
  GbRunState state = gb_run_control_get_state (self->control);
  g_autofree char *file = NULL, *says = NULL;
  g_autofree char *moment = state == GB_RUN_STARTING || state == GB_RUN_RUNNING ? NULL
                                                                                : gb_board_window_dup_moment (self, &file, &says);
  GbJson *body;

  self->state_timeout = 0;
  if (moment == NULL || g_strcmp0 (moment, self->last_state) == 0 || strlen (moment) > MOST_STATE)
    return G_SOURCE_REMOVE;
  body = body_with ("file", file);
  json_object_object_add (body, "moment", json_object_new_string (moment));
  json_object_object_add (body, "says", json_object_new_string (says ? says : ""));
  g_free (self->last_state);
  self->last_state = g_steal_pointer (&moment);
  notice (self, "state", body);
  return G_SOURCE_REMOVE;
}

void
gb_board_window_notice_place (GbBoardWindow *self)
{
  if (!self->is_sealed || self->is_replay || gb_trace_get_last_seq (self->trace) == 0)
    return;
  g_clear_handle_id (&self->state_timeout, g_source_remove);
  self->state_timeout = g_timeout_add (STATE_MSEC, on_state_settled, self);
}

/* ---- ink ---- */

static void
notice_ink (GbDocument *document, GbCodeView *code, gpointer data)
{
  GbBoardWindow *self = data;
  g_autofree char *path = gb_document_dup_path (document);
  g_autofree char *marks = gb_ink_dup_line (gb_ink_kit_get_ink (self->ink), path);
  const char *told = g_object_get_data (G_OBJECT (document), "gb-ink-told");
  GbJson *body;

  if (strcmp (told ? told : "", marks) == 0 || strlen (marks) > MOST_INK)
    return;
  body = body_with ("file", gb_document_get_title (document));
  json_object_object_add (body, "marks", json_object_new_string (marks));
  g_object_set_data_full (G_OBJECT (document), "gb-ink-told", g_steal_pointer (&marks), g_free);
  notice (self, "ink", body);
}

static gboolean
on_ink_settled (gpointer data)
{
  GbBoardWindow *self = data;
  self->ink_timeout = 0;
  gb_editor_area_foreach (self->editor, notice_ink, self);
  return G_SOURCE_REMOVE;
}

static void
on_ink (GbBoardWindow *self)
{
  if (self->ink_timeout == 0)
    self->ink_timeout = g_timeout_add (INK_MSEC, on_ink_settled, self);
}

/* ---- predictions ---- */

static void
on_answered (GbBoardWindow *self, const char *id, const char *said, gboolean is_right, int confidence)
{
  GbJson *body = body_with ("prediction", id);
  json_object_object_add (body, "answer", json_object_new_string (said));
  json_object_object_add (body, "right", json_object_new_boolean (is_right));
  if (confidence)
    json_object_object_add (body, "sure", json_object_new_double (confidence / 100.0));
  notice (self, "guess", body);
}

/* ---- showing ---- */

void
gb_board_window_update_question (GbBoardWindow *self)
{
  const char *text = gb_text_get (&self->question_text);
  gtk_label_set_label (GTK_LABEL (self->question), text);
  gtk_widget_set_visible (self->question, *text != '\0');
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->question_bar), *text != '\0' || gtk_widget_get_visible (self->said)
                                                                      || gtk_widget_get_visible (self->answers));
}

void
gb_board_window_say (GbBoardWindow *self, const char *text)
{
  gtk_label_set_label (GTK_LABEL (self->said), text);
  gtk_widget_set_visible (self->said, *text != '\0');
  gb_board_window_update_question (self);
}

/* ---- examination ---- */

/* Who sits an examination cannot switch explanations on again: they are the whole program's. */
void
gb_board_window_set_exam (GbBoardWindow *self, gboolean is_exam)
{
  if (self->is_exam == is_exam)
    return;
  self->is_exam = is_exam;
  gtk_widget_set_visible (self->exam_badge, is_exam);
  gb_board_window_taught (self); /* the card of an error that stands there */
}

GtkWidget *
gb_board_window_new_exam_badge (GbBoardWindow *self)
{
  self->exam_badge = g_object_new (GTK_TYPE_LABEL, "visible", FALSE, "valign", GTK_ALIGN_CENTER, NULL);
  gb_i18n_bind (self->exam_badge, "label", N_ ("Exam: no explanations"));
  gtk_widget_add_css_class (self->exam_badge, "exam-badge");
  return self->exam_badge;
}

static void
on_put_away (GbBoardWindow *self)
{
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->question_bar), FALSE);
}

GtkWidget *
gb_board_window_new_question_bar (GbBoardWindow *self)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  self->question_bar = gtk_info_bar_new ();
  gtk_info_bar_set_message_type (GTK_INFO_BAR (self->question_bar), GTK_MESSAGE_OTHER);
  gtk_info_bar_set_show_close_button (GTK_INFO_BAR (self->question_bar), TRUE);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->question_bar), FALSE);
  g_signal_connect_swapped (self->question_bar, "response", G_CALLBACK (on_put_away), self);
  self->question =
      g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "selectable", TRUE, "hexpand", TRUE, NULL);
  gtk_widget_add_css_class (self->question, "interview-question");
  self->said = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "visible", FALSE, NULL);
  gtk_widget_add_css_class (self->said, "muted");
  gtk_box_append (GTK_BOX (words), self->question);
  gtk_box_append (GTK_BOX (words), self->said);
  self->answers = gb_answers_view_new ();
  gtk_box_append (GTK_BOX (words), self->answers);
  gtk_info_bar_add_child (GTK_INFO_BAR (self->question_bar), words);
  return self->question_bar;
}

void
gb_board_window_show_question (GbBoardWindow *self, const char *zh, const char *en)
{
  gb_text_clear (&self->question_text);
  self->question_text = (GbText){ g_strdup (zh), g_strdup (en) };
  gb_board_window_update_question (self);
}

void
gb_board_window_show_interview (GbBoardWindow *self, const char *json)
{
  gb_interview_attach (self->cursor, json);
}

/* ---- a board of its own ---- */

/* Nothing of the interviewer's own work is near: no drafts, no ink, no solved cases, no progress. */
char *
gb_board_window_dup_state_folder (GbBoardWindow *self)
{
  return g_strdup (self->is_sealed ? self->sealed_folder : gb_paths_get_state_dir ());
}

void
gb_board_window_forget_interview (GbBoardWindow *self)
{
  g_clear_handle_id (&self->sight_timeout, g_source_remove);
  g_clear_handle_id (&self->state_timeout, g_source_remove);
  g_clear_handle_id (&self->ink_timeout, g_source_remove);
  g_clear_pointer (&self->sealed_folder, g_free);
  g_clear_pointer (&self->last_look, g_free);
  g_clear_pointer (&self->last_state, g_free);
  g_clear_pointer (&self->last_front, g_free);
  g_clear_pointer (&self->shown_moment, g_free);
  g_clear_pointer (&self->wanted_moment, g_free);
  g_clear_pointer (&self->wanted_file, g_free);
  gb_text_clear (&self->question_text);
}

void
gb_board_window_set_up_interview (GbBoardWindow *self)
{
  gb_label_on_language (self, G_CALLBACK (gb_board_window_update_question));
  if (!self->is_sealed)
    return;
  /* Whoever chooses a window to share sees its title. */
  gb_i18n_bind (self, "title", self->is_replay  ? N_ ("Replay of the board")
                                : self->is_class ? N_ ("Board for the class")
                                                 : N_ ("Board for the candidate"));
  g_signal_connect_object (self->prediction, "answered", G_CALLBACK (on_answered), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->cursor, "changed", G_CALLBACK (gb_board_window_notice_place), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_ink_kit_get_ink (self->ink), "changed", G_CALLBACK (on_ink), self, G_CONNECT_SWAPPED);
  gb_board_window_notice_texts (self);
}

gboolean
gb_board_window_is_sealed (GbBoardWindow *self)
{
  return self->is_sealed;
}

GbBoardWindow *
gb_board_window_new_sealed (GtkApplication *application, const char *name)
{
  return g_object_new (GB_TYPE_BOARD_WINDOW, "application", application, "sealed", name, NULL);
}

GbBoardWindow *
gb_board_window_new_replay (GtkApplication *application, const char *name)
{
  return g_object_new (GB_TYPE_BOARD_WINDOW, "application", application, "sealed", name, "replay", TRUE, NULL);
}
