#include "library/topic.h"

static void
anchors_free (GbAnchors *anchors)
{
  g_free (anchors->dimension);
  gb_text_clear (&anchors->none);
  gb_text_clear (&anchors->fair);
  gb_text_clear (&anchors->full);
  g_free (anchors);
}

static void
question_free (GbQuestion *question)
{
  g_free (question->level);
  gb_text_clear (&question->question);
  gb_text_clear (&question->answer);
  gb_text_clear (&question->follow_up);
  gb_text_clear (&question->wrong);
  gb_text_clear (&question->reveals);
  g_ptr_array_unref (question->anchors);
  g_free (question);
}

void
gb_topic_free (GbTopic *self)
{
  if (!self)
    return;
  g_free (self->folder);
  g_free (self->leaf);
  g_free (self->scene);
  g_free (self->tab);
  g_ptr_array_unref (self->questions);
  g_free (self->error);
  g_free (self);
}

void
gb_topic_seal (GbTopic *self)
{
  g_clear_pointer (&self->folder, g_free);
  g_ptr_array_set_size (self->questions, 0);
}

static GbAnchors *
read_anchors (GbJson *from)
{
  GbAnchors *anchors = g_new0 (GbAnchors, 1);
  anchors->dimension = gb_json_dup_string (from, "dimension");
  anchors->none = gb_text_read (from, "0");
  anchors->fair = gb_text_read (from, "2");
  anchors->full = gb_text_read (from, "4");
  return anchors;
}

static GbQuestion *
read_question (GbJson *from)
{
  GbQuestion *question = g_new0 (GbQuestion, 1);
  question->level = gb_json_dup_string (from, "level");
  question->question = gb_text_read (from, "question");
  question->answer = gb_text_read (from, "answer");
  question->follow_up = gb_text_read (from, "follow_up");
  question->wrong = gb_text_read (from, "wrong");
  question->reveals = gb_text_read (from, "reveals");
  question->anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) anchors_free);
  for (guint i = 0; i < gb_json_get_length (from, "anchors"); i++)
    g_ptr_array_add (question->anchors, read_anchors (gb_json_get_nth (from, "anchors", i)));
  return question;
}

GbTopic *
gb_topic_read (const char *folder, const char *file_name)
{
  GbTopic *self = g_new0 (GbTopic, 1);
  g_autofree char *path = g_build_filename (folder, file_name, NULL);
  g_autoptr (GbJsonFile) file = gb_json_file_read (path, &self->error);
  GbJson *root = file ? file->root : NULL;
  self->folder = g_strdup (folder);
  self->leaf = gb_json_dup_string (root, "leaf");
  self->scene = gb_json_dup_string (root, "scene");
  self->tab = gb_json_dup_string (root, "tab");
  self->questions = g_ptr_array_new_with_free_func ((GDestroyNotify) question_free);
  for (guint i = 0; i < gb_json_get_length (root, "questions"); i++)
    g_ptr_array_add (self->questions, read_question (gb_json_get_nth (root, "questions", i)));
  return self;
}

char *
gb_topic_load_note (const GbTopic *self, const char *language)
{
  g_autofree char *name = g_strdup_printf ("note.%s.md", language);
  g_autofree char *path = self->folder ? g_build_filename (self->folder, name, NULL) : NULL;
  char *text = NULL;
  if (path)
    g_file_get_contents (path, &text, NULL, NULL);
  return text;
}
