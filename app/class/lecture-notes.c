#include "class/lecture-notes.h"

#include "common/i18n.h"

static void
append_part (GString *text, const char *heading, const GbText *part)
{
  const char *words = gb_text_get (part);
  if (*words)
    g_string_append_printf (text, "**%s** %s\n\n", heading, words);
}

static void
append_question (GString *text, const GbQuestion *question)
{
  g_string_append_printf (text, "## %s\n\n", gb_text_get (&question->question));
  append_part (text, _ ("Answer."), &question->answer);
  append_part (text, _ ("Often said wrong."), &question->wrong);
  append_part (text, _ ("It shows."), &question->reveals);
  append_part (text, _ ("Ask on."), &question->follow_up);
}

char *
gb_lecture_notes (const GbScene *scene, const GbTopic *topic)
{
  GString *text = g_string_new (NULL);
  g_autofree char *note = topic ? gb_topic_load_note (topic, gb_i18n_get_language ()) : NULL;
  if (topic && topic->error)
    g_string_append_printf (text, "%s\n\n", topic->error);
  if (note)
    g_string_append_printf (text, "%s\n\n", note);
  else if (scene)
    g_string_append_printf (text, "# %s\n\n%s\n\n", gb_text_get (&scene->title), gb_text_get (&scene->summary));
  else
    g_string_append_printf (text, "%s\n\n", _ ("A scene or a topic brings notes. Open one on the board for the class."));
  for (guint i = 0; topic && i < topic->questions->len; i++)
    append_question (text, g_ptr_array_index (topic->questions, i));
  return g_string_free (text, FALSE);
}
