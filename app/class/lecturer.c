#include "class/lecturer.h"

#include "common/i18n.h"

#include <string.h>

struct _GbLecturer
{
  GObject parent_instance;

  GbBoardWindow *board; /* weak */
  GbLibrary *library;
  GbLecture *lecture;
  GHashTable *questions; /* id → GbAnswers, of those that the run has asked */
  GbAnswers *answers;    /* of the last one, or NULL; borrowed */
  gboolean are_answers_shown, is_carrying_out;
  char *subject;        /* file, scene, leaf and part that the steps are of */
  GHashTable *programs; /* path → the whole text of those that the board has in parts */
  const char *program;  /* of them: the one in front, or NULL */
  gboolean is_covering;
};

G_DEFINE_FINAL_TYPE (GbLecturer, gb_lecturer, G_TYPE_OBJECT)

/* ---- what it is about ---- */

const GbLecture *
gb_lecturer_get_lecture (GbLecturer *self)
{
  return self->lecture;
}

const GbScene *
gb_lecturer_get_scene (GbLecturer *self)
{
  const char *id = self->board ? gb_board_window_get_scene (self->board) : NULL;
  return id ? gb_library_find_scene (self->library, id) : NULL;
}

const GbTopic *
gb_lecturer_get_topic (GbLecturer *self)
{
  const char *leaf = self->board ? gb_board_window_get_leaf (self->board) : NULL;
  const GbTopic *topic = leaf ? gb_library_find_topic (self->library, leaf) : NULL;
  const GbScene *scene = gb_lecturer_get_scene (self);
  return topic ? topic : scene ? gb_library_find_topic_of_scene (self->library, scene) : NULL;
}

static void
make_steps (GbLecturer *self)
{
  const char *tab = self->board ? gb_board_window_get_tab (self->board) : NULL;
  g_clear_pointer (&self->lecture, gb_lecture_free);
  self->lecture = gb_lecture_new (gb_lecturer_get_scene (self), tab, gb_lecturer_get_topic (self), self->program);
  g_signal_emit_by_name (self, "changed");
}

static void
show_answers (GbLecturer *self, gboolean are_shown)
{
  self->are_answers_shown = are_shown && self->answers;
  gb_board_window_show_answers (self->board, self->are_answers_shown ? self->answers : NULL);
  g_signal_emit_by_name (self, "answers-changed");
}

static void
show_program (GbLecturer *self)
{
  g_autofree char *shown = gb_lecture_dup_lines (self->program, gb_lecture_get_n_lines (self->lecture));
  gb_board_window_show_part (self->board, shown);
}

/* ---- following the board ---- */

static void
on_covered (GbLecturer *self, const char *path, const char *text)
{
  if (self->program == g_hash_table_lookup (self->programs, path))
    self->program = NULL; /* the text of before goes */
  g_hash_table_replace (self->programs, g_strdup (path), g_strdup (text));
}

static void
follow_subject (GbLecturer *self)
{
  const char *scene = gb_board_window_get_scene (self->board), *leaf = gb_board_window_get_leaf (self->board),
             *tab = gb_board_window_get_tab (self->board);
  g_autofree char *path = gb_board_window_dup_path (self->board);
  g_autofree char *subject = g_strdup_printf ("%s %s %s %s", path, scene ? scene : "", leaf ? leaf : "", tab ? tab : "");
  const char *program = g_hash_table_lookup (self->programs, path);
  if (g_strcmp0 (subject, self->subject) == 0 && program == self->program)
    return;
  g_free (self->subject);
  self->subject = g_steal_pointer (&subject);
  self->program = program;
  make_steps (self);
  if (program)
    show_program (self);
  g_signal_emit_by_name (self, "subject-changed");
}

static void
follow_question (GbLecturer *self)
{
  const GbPrediction *prediction;
  const char *asked = gb_board_window_get_asked (self->board, &prediction);
  if (asked && (!self->answers || gb_answers_is_told (self->answers) || strcmp (gb_answers_get_id (self->answers), asked) != 0))
    {
      const GbScene *scene = gb_lecturer_get_scene (self); /* of the library that outlives the board */
      show_answers (self, FALSE);
      self->answers = gb_answers_new (asked, scene ? gb_scene_find_prediction (scene, asked) : NULL);
      g_hash_table_replace (self->questions, g_strdup (asked), self->answers);
      show_answers (self, FALSE);
    }
  /* A program may ask twice before it tells. */
  GHashTableIter iter;
  gpointer answers;
  gboolean is_told = FALSE;
  g_hash_table_iter_init (&iter, self->questions);
  while (g_hash_table_iter_next (&iter, NULL, &answers))
    {
      const char *truth = gb_board_window_get_truth (self->board, gb_answers_get_id (answers));
      is_told = (truth && gb_answers_set_truth (answers, truth)) || is_told;
    }
  if (is_told)
    show_answers (self, self->are_answers_shown);
}

/* Who runs the program by hand has done these steps, too. */
static void
follow_steps (GbLecturer *self)
{
  guint before = gb_lecture_get_at (self->lecture);
  while (gb_lecture_get_at (self->lecture) < gb_lecture_get_n (self->lecture))
    {
      const GbLectureStep *step = gb_lecture_get (self->lecture, gb_lecture_get_at (self->lecture));
      gboolean is_done = step->kind == GB_LECTURE_RUN && gb_board_window_is_running (self->board);
      if (step->kind == GB_LECTURE_ANSWERS || step->kind == GB_LECTURE_TRUTH)
        is_done = gb_board_window_has_passed (self->board, step->prediction->id);
      if (!is_done)
        break;
      gb_lecture_next (self->lecture);
    }
  if (gb_lecture_get_at (self->lecture) != before)
    g_signal_emit_by_name (self, "changed");
}

static void
on_lesson_changed (GbLecturer *self)
{
  if (self->is_carrying_out)
    return;
  follow_subject (self);
  follow_question (self);
  follow_steps (self);
}

/* ---- carrying out ---- */

static void
say (GbLecturer *self, const char *text)
{
  g_signal_emit_by_name (self, "said", text);
}

static void
show_words (GbLecturer *self, const GbText *question, const GbText *answer)
{
  g_autofree char *zh = NULL, *en = NULL;
  if (answer)
    {
      zh = g_strdup_printf ("%s\n%s", question->zh ? question->zh : "", answer->zh ? answer->zh : "");
      en = g_strdup_printf ("%s\n%s", question->en ? question->en : "", answer->en ? answer->en : "");
    }
  gb_board_window_show_question (self->board, zh ? zh : question ? question->zh : "", en ? en : question ? question->en : "");
}

static gboolean
is_asked (GbLecturer *self, const GbPrediction *prediction)
{
  const GbPrediction *known;
  const char *asked = gb_board_window_get_asked (self->board, &known);
  return asked && strcmp (asked, prediction->id) == 0;
}

/* FALSE: its time has not come; the run has to ask first. */
static gboolean
carry_out (GbLecturer *self, const GbLectureStep *step)
{
  gboolean is_asked_now = step->prediction && is_asked (self, step->prediction);
  if (step->prediction && !is_asked_now)
    {
      say (self, _ ("The program does not ask this now."));
      return !gb_board_window_is_running (self->board);
    }
  if (step->kind != GB_LECTURE_TRUTH && self->are_answers_shown)
    show_answers (self, FALSE);
  switch (step->kind)
    {
    case GB_LECTURE_CODE:
      show_program (self);
      break;
    case GB_LECTURE_RUN:
      show_words (self, NULL, NULL);
      if (!gb_board_window_is_running (self->board))
        gtk_widget_activate_action (GTK_WIDGET (self->board), "win.run", NULL);
      break;
    case GB_LECTURE_ANSWERS:
      show_answers (self, TRUE);
      break;
    case GB_LECTURE_TRUTH:
      gb_board_window_reveal_asked (self->board);
      break;
    case GB_LECTURE_QUESTION:
      show_words (self, &step->question->question, NULL);
      break;
    case GB_LECTURE_ANSWER:
      show_words (self, &step->question->question, &step->question->answer);
      break;
    }
  return TRUE;
}

static void
take_back (GbLecturer *self, const GbLectureStep *step)
{
  switch (step->kind)
    {
    case GB_LECTURE_CODE:
      show_program (self);
      break;
    case GB_LECTURE_RUN:
      gtk_widget_activate_action (GTK_WIDGET (self->board), "win.stop", NULL);
      break;
    case GB_LECTURE_ANSWERS:
      show_answers (self, FALSE);
      break;
    case GB_LECTURE_TRUTH:
      say (self, _ ("What the run has told stays told; run it again to ask again."));
      break;
    case GB_LECTURE_QUESTION:
      show_words (self, NULL, NULL);
      break;
    case GB_LECTURE_ANSWER:
      show_words (self, &step->question->question, NULL);
      break;
    }
}

void
gb_lecturer_next (GbLecturer *self)
{
  const GbLectureStep *step = gb_lecture_next (self->lecture);
  if (!step || !self->board)
    {
      say (self, _ ("All steps are done."));
      return;
    }
  g_autofree char *title = gb_lecture_step_dup_title (step);
  self->is_carrying_out = TRUE; /* what it sets off is looked at once, when it is done */
  if (!carry_out (self, step))
    gb_lecture_back (self->lecture);
  else if (step->kind != GB_LECTURE_RUN)
    gb_board_window_mark (self->board, title);
  self->is_carrying_out = FALSE;
  g_signal_emit_by_name (self, "changed");
  on_lesson_changed (self);
}

void
gb_lecturer_back (GbLecturer *self)
{
  const GbLectureStep *step = gb_lecture_back (self->lecture);
  if (!step || !self->board)
    return;
  self->is_carrying_out = TRUE;
  take_back (self, step);
  self->is_carrying_out = FALSE;
  g_signal_emit_by_name (self, "changed");
}

void
gb_lecturer_set_covering (GbLecturer *self, gboolean is_covering)
{
  GHashTableIter iter;
  gpointer path, text;
  if (is_covering == self->is_covering || !self->board)
    return;
  self->is_covering = is_covering;
  gb_board_window_set_covering (self->board, is_covering);
  if (!is_covering)
    {
      g_hash_table_iter_init (&iter, self->programs);
      while (g_hash_table_iter_next (&iter, &path, &text))
        gb_board_window_uncover (self->board, path, text);
      self->program = NULL;
      g_hash_table_remove_all (self->programs);
      make_steps (self);
    }
  follow_subject (self);
  g_signal_emit_by_name (self, "changed");
}

gboolean
gb_lecturer_is_covering (GbLecturer *self)
{
  return self->is_covering;
}

void
gb_lecturer_next_line (GbLecturer *self)
{
  if (!self->program || !gb_lecture_next_line (self->lecture))
    return;
  show_program (self);
  g_signal_emit_by_name (self, "changed");
}

/* ---- what the class predicts ---- */

const GbAnswers *
gb_lecturer_get_answers (GbLecturer *self)
{
  return self->answers;
}

gboolean
gb_lecturer_are_answers_shown (GbLecturer *self)
{
  return self->are_answers_shown;
}

const char *
gb_lecturer_get_open (GbLecturer *self, const GbPrediction **prediction)
{
  *prediction = NULL;
  return self->board ? gb_board_window_get_asked (self->board, prediction) : NULL;
}

gboolean
gb_lecturer_add_answer (GbLecturer *self, const char *id, guint64 who, const char *answer)
{
  const GbPrediction *prediction;
  const char *open = gb_lecturer_get_open (self, &prediction);
  if (!open || strcmp (open, id) != 0 || !self->answers || !gb_answers_add (self->answers, who, answer))
    return FALSE;
  show_answers (self, self->are_answers_shown);
  return TRUE;
}

/* ---- the object ---- */

static void
gb_lecturer_dispose (GObject *object)
{
  GbLecturer *self = GB_LECTURER (object);
  g_clear_weak_pointer (&self->board);
  g_clear_object (&self->library);
  g_clear_pointer (&self->lecture, gb_lecture_free);
  g_clear_pointer (&self->questions, g_hash_table_unref);
  g_clear_pointer (&self->subject, g_free);
  self->program = NULL;
  g_clear_pointer (&self->programs, g_hash_table_unref);
  G_OBJECT_CLASS (gb_lecturer_parent_class)->dispose (object);
}

static void
gb_lecturer_class_init (GbLecturerClass *klass)
{
  static const char *const plain[] = { "changed", "subject-changed", "answers-changed" };
  G_OBJECT_CLASS (klass)->dispose = gb_lecturer_dispose;
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_signal_new (plain[i], GB_TYPE_LECTURER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("said", GB_TYPE_LECTURER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gb_lecturer_init (GbLecturer *self)
{
  self->questions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gb_answers_free);
  self->programs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

GbLecturer *
gb_lecturer_new (GbBoardWindow *board, GbLibrary *library)
{
  GbLecturer *self = g_object_new (GB_TYPE_LECTURER, NULL);
  g_set_weak_pointer (&self->board, board);
  self->library = g_object_ref (library);
  g_signal_connect_object (board, "lesson-changed", G_CALLBACK (on_lesson_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (board, "covered", G_CALLBACK (on_covered), self, G_CONNECT_SWAPPED);
  follow_subject (self);
  return self;
}
