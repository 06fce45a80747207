/* The board in a lesson: what the presenter's window asks of it and may show on it.  It is sealed like one of an interview, so what
 * the presenter reads privately was never in it. */
#include "board-window-private.h"

#include "class/answers-view.h"
#include "common/i18n.h"

#include <string.h>

#define LESSON_MSEC        50
#define MOST_OUTPUT_CHARS  20000
#define MOST_PROGRAM_CHARS 60000

/* ---- what is in front ---- */

const char *
gb_board_window_get_scene (GbBoardWindow *self)
{
  return self->scene ? self->scene->id : NULL;
}

const char *
gb_board_window_get_leaf (GbBoardWindow *self)
{
  return self->leaf;
}

char *
gb_board_window_dup_subject (GbBoardWindow *self)
{
  GFile *file = gb_document_get_file (gb_editor_area_get_document (self->editor));
  return self->leaf ? g_strdup (self->leaf) : self->scene ? g_strdup (self->scene->id) : file ? g_file_get_path (file) : NULL;
}

const char *
gb_board_window_get_tab (GbBoardWindow *self)
{
  return self->tab;
}

const char *
gb_board_window_get_asked (GbBoardWindow *self, const GbPrediction **prediction)
{
  const char *id = gb_run_control_get_state (self->control) == GB_RUN_ANSWER ? gb_prediction_card_get_open (self->prediction) : NULL;
  *prediction = id && self->scene ? gb_scene_find_prediction (self->scene, id) : NULL;
  return id;
}

const char *
gb_board_window_get_truth (GbBoardWindow *self, const char *asked)
{
  for (guint i = gb_trace_get_n_named (self->trace); i-- > 0;)
    {
      const GbNamed *named = gb_trace_get_named (self->trace, i);
      if (strcmp (named->name, asked) != 0)
        continue;
      if (named->type == TE_RECORD_ASK)
        return NULL;
      if (named->type == TE_RECORD_TELL)
        return named->text;
    }
  return NULL;
}

gboolean
gb_board_window_has_passed (GbBoardWindow *self, const char *asked)
{
  return gb_prediction_card_has_passed (self->prediction, asked);
}

gboolean
gb_board_window_is_running (GbBoardWindow *self)
{
  return gb_run_control_is_alive (self->control);
}

const char *
gb_board_window_get_sentence (GbBoardWindow *self)
{
  return gb_run_control_get_sentence (self->control);
}

gboolean
gb_board_window_is_blank (GbBoardWindow *self)
{
  return gtk_widget_get_visible (self->blank);
}

GtkWidget *
gb_board_window_get_content (GbBoardWindow *self)
{
  return adw_application_window_get_content (ADW_APPLICATION_WINDOW (self));
}

/* ---- what is done on it ---- */

void
gb_board_window_reveal_asked (GbBoardWindow *self)
{
  gb_prediction_card_skip (self->prediction);
}

void
gb_board_window_show_answers (GbBoardWindow *self, const GbAnswers *answers)
{
  gb_answers_view_show (GB_ANSWERS_VIEW (self->answers), answers);
  gb_board_window_update_question (self);
}

GtkWidget *
gb_board_window_new_blank (GbBoardWindow *self)
{
  self->blank = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->blank, "blank");
  gtk_widget_set_visible (self->blank, FALSE);
  return self->blank;
}

void
gb_board_window_set_blank (GbBoardWindow *self, gboolean is_blank)
{
  gtk_widget_set_visible (self->blank, is_blank);
  gb_board_window_lesson_changed (self);
}

char *
gb_board_window_dup_text (GbBoardWindow *self)
{
  return gb_document_dup_text (gb_editor_area_get_document (self->editor));
}

char *
gb_board_window_dup_path (GbBoardWindow *self)
{
  return gb_document_dup_path (gb_editor_area_get_document (self->editor));
}

static void
cover (GbBoardWindow *self, GbDocument *document)
{
  if (gb_document_is_untouched (document) || gb_document_is_covered (document))
    return;
  g_autofree char *path = gb_document_dup_path (document), *text = gb_document_cover (document);
  g_signal_emit_by_name (self, "covered", path, text);
}

/* Before a widget has the program. */
static void
on_adding (GbBoardWindow *self, GbDocument *document)
{
  if (self->is_covering)
    cover (self, document);
}

typedef struct
{
  const char *path, *text;
} Uncovering;

static void
uncover (GbDocument *document, GbCodeView *code, gpointer data)
{
  const Uncovering *which = data;
  g_autofree char *path = gb_document_dup_path (document);
  if (gb_document_is_covered (document) && strcmp (path, which->path) == 0)
    gb_document_uncover (document, which->text);
}

void
gb_board_window_set_covering (GbBoardWindow *self, gboolean is_covering)
{
  self->is_covering = is_covering;
  if (is_covering)
    cover (self, gb_editor_area_get_document (self->editor));
}

void
gb_board_window_uncover (GbBoardWindow *self, const char *path, const char *text)
{
  Uncovering which = { path, text };
  gb_editor_area_foreach (self->editor, uncover, &which);
}

void
gb_board_window_show_part (GbBoardWindow *self, const char *text)
{
  GbDocument *document = gb_editor_area_get_document (self->editor);
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gb_document_get_buffer (document));
  GtkTextIter end;
  if (!gb_document_is_covered (document))
    return;
  gb_document_show_part (document, text);
  /* What has come is looked at. */
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_place_cursor (buffer, &end);
  gtk_text_view_scroll_to_mark (GTK_TEXT_VIEW (gb_editor_area_get_code (self->editor)), gtk_text_buffer_get_insert (buffer), 0,
                                FALSE, 0, 0);
}

void
gb_board_window_mark (GbBoardWindow *self, const char *note)
{
  if (gb_trace_get_last_seq (self->trace))
    gb_board_window_add_bookmark (self, note);
}

const char *
gb_board_window_get_recording (GbBoardWindow *self)
{
  return gb_run_control_get_recording (self->control);
}

/* ---- as text ---- */

static void
add_text (GbJson *object, const char *key, const char *text)
{
  json_object_object_add (object, key, json_object_new_string (text ? text : ""));
}

static char *
cut (char *text, glong most_chars)
{
  g_autofree char *own = text;
  return g_utf8_strlen (own, -1) > most_chars ? g_utf8_substring (own, 0, most_chars) : g_steal_pointer (&own);
}

GbJson *
gb_board_window_describe (GbBoardWindow *self)
{
  GbJson *object = json_object_new_object ();
  gboolean is_blank = gtk_widget_get_visible (self->blank);
  const GbPosition *position = gb_trace_cursor_get_source_position (self->cursor);
  g_autofree char *program = is_blank ? NULL : cut (gb_board_window_dup_text (self), MOST_PROGRAM_CHARS);
  g_autofree char *output = is_blank ? NULL : gb_console_dup_tail (self->console, MOST_OUTPUT_CHARS);
  add_text (object, "title", is_blank ? "" : adw_window_title_get_title (self->title));
  add_text (object, "subtitle", is_blank ? "" : adw_window_title_get_subtitle (self->title));
  add_text (object, "sentence", is_blank ? "" : gb_run_control_get_sentence (self->control));
  add_text (object, "question", is_blank ? "" : gb_text_get (&self->question_text));
  add_text (object, "program", program);
  add_text (object, "output", output);
  json_object_object_add (object, "line", json_object_new_int64 (position && !is_blank ? position->line : 0));
  return object;
}

/* ---- putting together ---- */

static gboolean
on_lesson_changed (gpointer data)
{
  GbBoardWindow *self = data;
  self->lesson_timeout = 0;
  g_signal_emit_by_name (self, "lesson-changed");
  return G_SOURCE_REMOVE;
}

/* A run changes something in every frame. */
void
gb_board_window_lesson_changed (GbBoardWindow *self)
{
  if (self->is_class && !self->lesson_timeout)
    self->lesson_timeout = g_timeout_add (LESSON_MSEC, on_lesson_changed, self);
}

void
gb_board_window_set_up_class (GbBoardWindow *self)
{
  const struct
  {
    gpointer from;
    const char *signal;
  } wires[] = { { self->control, "changed" }, { self->prediction, "asked" },    { self->cursor, "changed" },
                { self->trace, "changed" },   { self->editor, "page-changed" } };
  if (!self->is_class)
    return;
  g_signal_connect_object (self->editor, "adding", G_CALLBACK (on_adding), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (wires); i++)
    g_signal_connect_object (wires[i].from, wires[i].signal, G_CALLBACK (gb_board_window_lesson_changed), self,
                             G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

GbBoardWindow *
gb_board_window_new_class (GtkApplication *application)
{
  return g_object_new (GB_TYPE_BOARD_WINDOW, "application", application, "sealed", "class", "class", TRUE, NULL);
}
