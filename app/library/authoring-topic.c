/* A topic: its JSON, its questions, and its notes in both languages. */
#include "library/authoring-private.h"

#include "common/i18n.h"

#include <string.h>

/* 200 to 600 words; a Chinese text of as much meaning has about 1.6 signs for a word.  Tables and formulas do
 * not count, hence the room below. */
#define LEAST_WORDS 150
#define MOST_WORDS  650
#define LEAST_SIGNS 300
#define MOST_SIGNS  1100

static gboolean
is_han (gunichar c)
{
  return c >= 0x4e00 && c <= 0x9fff;
}

/* The text of a note without its fenced code; *n_snippets: how many fences are Python. */
static char *
read_prose (const char *note, guint *n_snippets)
{
  g_auto (GStrv) lines = g_strsplit (note, "\n", -1);
  GString *prose = g_string_new (NULL);
  gboolean in_code = FALSE;
  *n_snippets = 0;
  for (guint i = 0; lines[i]; i++)
    if (g_str_has_prefix (lines[i], "```"))
      {
        in_code = !in_code;
        *n_snippets += in_code && strcmp (lines[i], "```python") == 0;
      }
    else if (!in_code)
      g_string_append_printf (prose, "%s\n", lines[i]);
  return g_string_free (prose, FALSE);
}

static guint
count_words (const char *prose)
{
  guint n = 0;
  gboolean inside = FALSE;
  for (const char *p = prose; *p; p++)
    {
      n += g_ascii_isalpha (*p) && !inside;
      inside = !g_ascii_isspace (*p) && (inside || g_ascii_isalpha (*p));
    }
  return n;
}

static guint
count_han (const char *text)
{
  guint n = 0;
  for (const char *p = text; *p; p = g_utf8_next_char (p))
    n += is_han (g_utf8_get_char (p));
  return n;
}

/* Returns how many snippets the note has. */
static guint
check_note (GbAuthoring *self, const GbTopic *topic, const char *folder, const char *language)
{
  gboolean is_zh = strcmp (language, "zh") == 0;
  guint n_snippets = 0;
  g_autofree char *name = g_strdup_printf ("note.%s.md", language);
  g_autofree char *place = g_build_filename (folder, name, NULL);
  g_autofree char *note = gb_topic_load_note (topic, language);
  if (!note)
    {
      gb_authoring_say (self, place, _ ("is missing"));
      return 0;
    }
  g_autofree char *prose = read_prose (note, &n_snippets);
  guint n = is_zh ? count_han (prose) : count_words (prose);
  guint least = is_zh ? LEAST_SIGNS : LEAST_WORDS, most = is_zh ? MOST_SIGNS : MOST_WORDS;
  if (n < least || n > most)
    gb_authoring_say (self, place,
                      is_zh ? _ ("has %u Chinese signs; a note has %u to %u")
                            : _ ("has %u words; a note has %u to %u"),
                      n, least, most);
  gb_authoring_check_markup (self, place, NULL, note);
  if (!g_str_has_prefix (note, "# "))
    gb_authoring_say (self, place, _ ("does not begin with a heading"));
  if (!n_snippets)
    gb_authoring_say (self, place, _ ("has no ```python snippet that could be run"));
  return n_snippets;
}

void
gb_authoring_check_text (GbAuthoring *self, const char *place, const char *field, const GbText *text)
{
  if (text->zh && !count_han (text->zh))
    gb_authoring_say (self, place, _ ("%s.zh: has no Chinese in it"), field);
  if (text->en && count_han (text->en) > g_utf8_strlen (text->en, -1) / 2)
    gb_authoring_say (self, place, _ ("%s.en: is Chinese"), field);
}

static void
check_plain (GbAuthoring *self, const char *place, const char *field, const GbText *text)
{
  gb_authoring_check_text (self, place, field, text);
  if (text->zh)
    gb_authoring_check_plain (self, place, field, text->zh);
  if (text->en)
    gb_authoring_check_plain (self, place, field, text->en);
}

static void
check_question (GbAuthoring *self, const char *place, const GbQuestion *question, guint nth)
{
  const struct
  {
    const char *name;
    const GbText *text;
  } texts[] = { { "question", &question->question },
                { "answer", &question->answer },
                { "follow_up", &question->follow_up },
                { "wrong", &question->wrong },
                { "reveals", &question->reveals } };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *field = g_strdup_printf ("questions[%u].%s", nth, texts[i].name);
      check_plain (self, place, field, texts[i].text);
    }
  if (question->anchors->len == 2)
    {
      const GbAnchors *first = g_ptr_array_index (question->anchors, 0),
                      *second = g_ptr_array_index (question->anchors, 1);
      if (g_strcmp0 (first->dimension, second->dimension) == 0)
        gb_authoring_say (self, place, _ ("questions[%u].anchors: both are of one dimension"), nth);
    }
}

void
gb_authoring_check_topic (GbAuthoring *self, const GbTopic *topic, const char *folder, const char *name)
{
  static const char *const levels[] = { "junior", "mid", "senior", "expert" };
  g_autofree char *place = g_build_filename (folder, name, NULL);
  g_autoptr (GbJsonFile) file = gb_authoring_load (self, folder, name, "topic");
  if (!file)
    return;
  const GbScene *scene = gb_library_find_scene (self->library, topic->scene);
  g_autofree char *tail = g_path_get_basename (folder);
  if (topic->leaf && !gb_library_find_leaf (self->library, topic->leaf))
    gb_authoring_say (self, place, _ ("leaf: the outline has no leaf %s"), topic->leaf);
  if (topic->leaf && strcmp (strchr (topic->leaf, '.') ? strchr (topic->leaf, '.') + 1 : "", tail) != 0)
    gb_authoring_say (self, place, _ ("leaf: is not the folder's name"));
  if (!scene)
    gb_authoring_say (self, place, _ ("scene: there is no scene %s"), topic->scene ? topic->scene : "");
  else if (!gb_scene_find_tab (scene, topic->tab))
    gb_authoring_say (self, place, _ ("tab: scene %s has no tab %s"), scene->id,
                      topic->tab ? topic->tab : "");
  if (scene && topic->leaf && !g_strv_contains ((const char *const *) scene->leaves, topic->leaf))
    gb_authoring_say (self, place, _ ("scene: scene.json of %s does not name this leaf"), scene->id);
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      const GbQuestion *question = i < topic->questions->len ? g_ptr_array_index (topic->questions, i) : NULL;
      if (!question || g_strcmp0 (question->level, levels[i]) != 0)
        gb_authoring_say (self, place, _ ("questions[%u].level: should be %s; there is one question a level"),
                          i, levels[i]);
      else
        check_question (self, place, question, i);
    }
  if (check_note (self, topic, folder, "zh") != check_note (self, topic, folder, "en"))
    gb_authoring_say (self, folder, _ ("the two notes do not have the same number of snippets"));
}
