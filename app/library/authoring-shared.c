/* No sentence stands in two topics: what would fit anywhere says nothing. */
#include "library/authoring-private.h"

#include "common/i18n.h"

#include <string.h>

/* Shorter ones ("Both." or "A tie.") may meet by chance. */
#define LEAST_LETTERS 12

typedef struct
{
  GbAuthoring *authoring;
  GHashTable *owner; /* letters of a sentence: place that has it */
} Shared;

static gboolean
ends_sentence (const char *p, gunichar c)
{
  if (c == '.' || c == '?' || c == '!')
    return !p[1] || g_ascii_isspace (p[1]);
  return c == 0x3002 /* 。 */ || c == 0xff1f /* ？ */ || c == 0xff01 /* ！ */ || c == '\n';
}

/* As of when a note is true may be the same everywhere. */
static gboolean
tells_version (const char *sentence)
{
  return g_str_has_prefix (sentence, "As of ") || g_str_has_prefix (sentence, "截至");
}

/* Letters and digits only, small: the same sentence with other marks is the same sentence. */
static void
add_sentence (Shared *shared, const char *place, GString *letters, const char *begin, const char *end)
{
  if (g_utf8_strlen (letters->str, -1) >= LEAST_LETTERS)
    {
      const char *other = g_hash_table_lookup (shared->owner, letters->str);
      g_autofree char *sentence = g_strstrip (g_strndup (begin, end - begin));
      if (!other)
        g_hash_table_insert (shared->owner, g_strdup (letters->str), g_strdup (place));
      else if (strcmp (other, place) != 0 && !tells_version (sentence))
        gb_authoring_say (shared->authoring, place, _ ("shares a sentence with %s: “%s”"), other, sentence);
    }
  g_string_truncate (letters, 0);
}

static void
add_text (Shared *shared, const char *place, const char *text)
{
  g_autoptr (GString) letters = g_string_new (NULL);
  const char *begin = text;
  for (const char *p = text; p && *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (ends_sentence (p, c))
        {
          add_sentence (shared, place, letters, begin, p);
          begin = g_utf8_next_char (p);
        }
      else if (g_unichar_isalnum (c))
        g_string_append_unichar (letters, g_unichar_tolower (c));
    }
  if (text)
    add_sentence (shared, place, letters, begin, text + strlen (text));
}

static void
add_both (Shared *shared, const char *place, const GbText *text)
{
  add_text (shared, place, text->zh);
  add_text (shared, place, text->en);
}

/* Code may be shared: the same import begins every snippet. */
static void
add_note (Shared *shared, const char *place, const GbTopic *topic, const char *language)
{
  g_autofree char *note = gb_topic_load_note (topic, language);
  g_auto (GStrv) parts = g_strsplit (note ? note : "", "```", -1);
  for (guint i = 0; parts[i]; i += parts[i + 1] ? 2 : 1)
    add_text (shared, place, parts[i]);
}

static void
add_topic (Shared *shared, const char *place, const GbTopic *topic)
{
  for (guint i = 0; i < topic->questions->len; i++)
    {
      const GbQuestion *question = g_ptr_array_index (topic->questions, i);
      add_both (shared, place, &question->question);
      add_both (shared, place, &question->answer);
      add_both (shared, place, &question->follow_up);
      add_both (shared, place, &question->wrong);
      add_both (shared, place, &question->reveals);
      for (guint k = 0; k < question->anchors->len; k++)
        {
          const GbAnchors *anchors = g_ptr_array_index (question->anchors, k);
          add_both (shared, place, &anchors->none);
          add_both (shared, place, &anchors->fair);
          add_both (shared, place, &anchors->full);
        }
    }
  add_note (shared, place, topic, "zh");
  add_note (shared, place, topic, "en");
}

void
gb_authoring_check_shared (GbAuthoring *self)
{
  g_autoptr (GHashTable) owner = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Shared shared = { self, owner };
  const char *const *leaves = gb_library_get_leaves (self->library);
  for (guint i = 0; i < gb_library_get_n_scenes (self->library); i++)
    {
      const GbScene *scene = gb_library_get_scene (self->library, i);
      g_autofree char *place = g_build_filename ("scenes", scene->id, NULL);
      if (scene->own)
        add_topic (&shared, place, scene->own);
    }
  for (guint i = 0; leaves[i]; i++)
    {
      g_auto (GStrv) parts = g_strsplit (leaves[i], ".", 2);
      g_autofree char *place = g_build_filename ("topics", parts[0], parts[1], NULL);
      add_topic (&shared, place, gb_library_find_topic (self->library, leaves[i]));
    }
}
