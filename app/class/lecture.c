#include "class/lecture.h"

#include "common/i18n.h"

#include <string.h>

#define MOST_TITLE_CHARS 90

struct _GbLecture
{
  GArray *steps; /* GbLectureStep */
  guint at;
  guint n_lines_extra; /* of the part that comes next, shown singly */
};

static void
add (GbLecture *self, GbLectureStep step)
{
  g_array_append_val (self->steps, step);
}

/* A part ends before an empty line that is followed by a line without indent: a function stays whole. */
static void
add_parts (GbLecture *self, const char *program)
{
  g_auto (GStrv) lines = g_strsplit (program, "\n", -1);
  guint n = g_strv_length (lines);
  while (n && *g_strstrip (lines[n - 1]) == '\0')
    n--;
  for (guint i = 0; i < n; i++)
    {
      gboolean is_empty = lines[i][strspn (lines[i], " \t\r")] == '\0';
      guint next = i + 1;
      while (next < n && lines[next][strspn (lines[next], " \t\r")] == '\0')
        next++;
      if (next == n ? i + 1 == n : is_empty && next == i + 1 && !g_ascii_isspace (lines[next][0]))
        add (self, (GbLectureStep){ .kind = GB_LECTURE_CODE, .n_lines = i + 1 });
    }
}

GbLecture *
gb_lecture_new (const GbScene *scene, const char *tab, const GbTopic *topic, const char *program)
{
  GbLecture *self = g_new0 (GbLecture, 1);
  self->steps = g_array_new (FALSE, FALSE, sizeof (GbLectureStep));
  if (program)
    add_parts (self, program);
  add (self, (GbLectureStep){ .kind = GB_LECTURE_RUN });
  for (guint i = 0; scene && i < scene->predictions->len; i++)
    {
      const GbPrediction *prediction = g_ptr_array_index (scene->predictions, i);
      if (tab && prediction->tab && strcmp (prediction->tab, tab) != 0)
        continue;
      add (self, (GbLectureStep){ .kind = GB_LECTURE_ANSWERS, .prediction = prediction });
      add (self, (GbLectureStep){ .kind = GB_LECTURE_TRUTH, .prediction = prediction });
    }
  for (guint i = 0; topic && i < topic->questions->len; i++)
    {
      const GbQuestion *question = g_ptr_array_index (topic->questions, i);
      add (self, (GbLectureStep){ .kind = GB_LECTURE_QUESTION, .question = question });
      add (self, (GbLectureStep){ .kind = GB_LECTURE_ANSWER, .question = question });
    }
  return self;
}

void
gb_lecture_free (GbLecture *self)
{
  g_array_unref (self->steps);
  g_free (self);
}

guint
gb_lecture_get_n (const GbLecture *self)
{
  return self->steps->len;
}

const GbLectureStep *
gb_lecture_get (const GbLecture *self, guint nth)
{
  return &g_array_index (self->steps, GbLectureStep, nth);
}

guint
gb_lecture_get_at (const GbLecture *self)
{
  return self->at;
}

const GbLectureStep *
gb_lecture_next (GbLecture *self)
{
  self->n_lines_extra = 0;
  return self->at < self->steps->len ? gb_lecture_get (self, self->at++) : NULL;
}

const GbLectureStep *
gb_lecture_back (GbLecture *self)
{
  self->n_lines_extra = 0;
  return self->at > 0 ? gb_lecture_get (self, --self->at) : NULL;
}

guint
gb_lecture_get_n_lines (const GbLecture *self)
{
  guint n = 0;
  for (guint i = 0; i < self->at; i++)
    n = MAX (n, gb_lecture_get (self, i)->n_lines);
  return n + self->n_lines_extra;
}

gboolean
gb_lecture_next_line (GbLecture *self)
{
  const GbLectureStep *step = self->at < self->steps->len ? gb_lecture_get (self, self->at) : NULL;
  if (!step || step->kind != GB_LECTURE_CODE)
    return FALSE;
  self->n_lines_extra++;
  if (gb_lecture_get_n_lines (self) >= step->n_lines)
    gb_lecture_next (self);
  return TRUE;
}

char *
gb_lecture_step_dup_title (const GbLectureStep *step)
{
  g_autofree char *title = NULL;
  switch (step->kind)
    {
    case GB_LECTURE_CODE:
      title = g_strdup_printf (_ ("Program to line %u"), step->n_lines);
      break;
    case GB_LECTURE_RUN:
      title = g_strdup (_ ("Run the program"));
      break;
    case GB_LECTURE_ANSWERS:
      title = g_strdup_printf (_ ("What the class predicts: %s"), gb_text_get (&step->prediction->prompt));
      break;
    case GB_LECTURE_TRUTH:
      title = g_strdup_printf (_ ("The truth, and on with the run (%s)"), step->prediction->id);
      break;
    case GB_LECTURE_QUESTION:
      title = g_strdup_printf (_ ("Question: %s"), gb_text_get (&step->question->question));
      break;
    case GB_LECTURE_ANSWER:
      title = g_strdup_printf (_ ("Answer: %s"), gb_text_get (&step->question->answer));
      break;
    }
  if (g_utf8_strlen (title, -1) <= MOST_TITLE_CHARS)
    return g_steal_pointer (&title);
  g_autofree char *begin = g_utf8_substring (title, 0, MOST_TITLE_CHARS);
  return g_strconcat (begin, "…", NULL);
}

char *
gb_lecture_dup_lines (const char *text, guint n_lines)
{
  const char *end = text;
  for (guint i = 0; i < n_lines && *end; i++)
    {
      const char *newline = strchr (end, '\n');
      end = newline ? newline + 1 : end + strlen (end);
    }
  return g_strndup (text, (gsize) (end - text));
}
