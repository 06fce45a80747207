#include "library/search.h"

#include "common/i18n.h"

#include <string.h>

#define AROUND     36 /* characters on either side of a match */
#define MOST_COUNT 5  /* a word that stands more often counts no more */

/* What is searched of one place in one language; folded has as many characters as text. */
typedef struct
{
  char *text, *folded, *folded_title;
} Side;

typedef struct
{
  GbFoundKind kind;
  char *id;
  GbText title;  /* borrowed */
  Side sides[2]; /* zh, en */
} Place;

struct _GbSearch
{
  GPtrArray *places;
};

static const char *const languages[2] = { "zh", "en" };

/* ---- text ---- */

/* One character for one: small letters, full-width forms as the common ones. */
static gunichar
fold (gunichar c)
{
  if (c >= 0xff01 && c <= 0xff5e)
    c -= 0xff01 - '!';
  if (c == 0x3000 || c == 0x2009 || g_unichar_isspace (c))
    return ' ';
  return g_unichar_tolower (c);
}

static char *
fold_text (const char *text)
{
  GString *folded = g_string_sized_new (strlen (text));
  for (const char *p = text; *p; p = g_utf8_next_char (p))
    g_string_append_unichar (folded, fold (g_utf8_get_char (p)));
  return g_string_free (folded, FALSE);
}

/* Markdown without its marks, on one line. */
static char *
flatten (const char *markdown)
{
  GString *flat = g_string_new (NULL);
  for (const char *p = markdown; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean blank = g_unichar_isspace (c);
      if (c == '`' || c == '*' || c == '#' || c == '|')
        continue;
      if (!blank)
        g_string_append_unichar (flat, c);
      else if (flat->len && flat->str[flat->len - 1] != ' ')
        g_string_append_c (flat, ' ');
    }
  return g_string_free (flat, FALSE);
}

static gboolean
is_han (gunichar c)
{
  return g_unichar_get_script (c) == G_UNICODE_SCRIPT_HAN;
}

/* Folded parts of a query. */
static GPtrArray *
cut_query (const char *query)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folded = fold_text (query);
  const char *start = folded;
  for (const char *p = folded;; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p), before = p > folded ? g_utf8_get_char (g_utf8_prev_char (p)) : ' ';
      gboolean joint = p > start && c && c != ' ' && is_han (c) != is_han (before);
      if ((c == ' ' || !c || joint) && p > start)
        g_ptr_array_add (parts, g_strndup (start, (gsize) (p - start)));
      if (c == ' ' || joint)
        start = joint ? p : p + 1;
      if (!c)
        return parts;
    }
}

/* ---- gathering ---- */

static void
place_free (Place *place)
{
  for (guint i = 0; i < 2; i++)
    {
      g_free (place->sides[i].text);
      g_free (place->sides[i].folded);
      g_free (place->sides[i].folded_title);
    }
  g_free (place->id);
  g_free (place);
}

static void
add_place (
    GbSearch *self, GbFoundKind kind, const char *id, const GbText *title, const char *zh, const char *en)
{
  const char *texts[2] = { zh, en }, *titles[2] = { title->zh, title->en };
  Place *place = g_new0 (Place, 1);
  place->kind = kind;
  place->id = g_strdup (id);
  place->title = *title;
  for (guint i = 0; i < 2; i++)
    {
      place->sides[i].text = flatten (texts[i] ? texts[i] : "");
      place->sides[i].folded = fold_text (place->sides[i].text);
      place->sides[i].folded_title = fold_text (titles[i] ? titles[i] : "");
    }
  g_ptr_array_add (self->places, place);
}

static void
add_questions (GbSearch *self, const char *id, const GbTopic *topic)
{
  for (guint i = 0; i < topic->questions->len; i++)
    {
      const GbQuestion *question = g_ptr_array_index (topic->questions, i);
      add_place (self, GB_FOUND_QUESTION, id, &question->question, question->follow_up.zh,
                 question->follow_up.en);
    }
}

static void
add_topic (GbSearch *self, GbLibrary *library, const char *leaf)
{
  const GbTopic *topic = gb_library_find_topic (library, leaf);
  GbOutlineItem *item = gb_library_find_leaf (library, leaf);
  g_autofree char *zh = gb_topic_load_note (topic, "zh"), *en = gb_topic_load_note (topic, "en");
  if (topic->error || !item)
    return;
  add_place (self, GB_FOUND_TOPIC, leaf, gb_outline_item_get_text (item), zh, en);
  add_questions (self, leaf, topic);
}

/* What its predictions ask and its parts are called. */
static void
add_scene (GbSearch *self, const GbScene *scene)
{
  g_autoptr (GString) zh = g_string_new (scene->summary.zh), en = g_string_new (scene->summary.en);
  for (guint i = 0; i < scene->tabs->len; i++)
    {
      const GbText *title = &((GbSceneTab *) g_ptr_array_index (scene->tabs, i))->title;
      g_string_append_printf (zh, " · %s", title->zh ? title->zh : "");
      g_string_append_printf (en, " · %s", title->en ? title->en : "");
    }
  for (guint i = 0; i < scene->predictions->len; i++)
    {
      const GbText *prompt = &((GbPrediction *) g_ptr_array_index (scene->predictions, i))->prompt;
      g_string_append_printf (zh, " · %s", prompt->zh ? prompt->zh : "");
      g_string_append_printf (en, " · %s", prompt->en ? prompt->en : "");
    }
  if (scene->own)
    {
      g_autofree char *note_zh = gb_topic_load_note (scene->own, "zh"),
                      *note_en = gb_topic_load_note (scene->own, "en");
      g_string_append_printf (zh, " · %s", note_zh ? note_zh : "");
      g_string_append_printf (en, " · %s", note_en ? note_en : "");
      add_questions (self, scene->id, scene->own);
    }
  add_place (self, GB_FOUND_SCENE, scene->id, &scene->title, zh->str, en->str);
}

GbSearch *
gb_search_new (GbLibrary *library)
{
  GbSearch *self = g_new0 (GbSearch, 1);
  self->places = g_ptr_array_new_with_free_func ((GDestroyNotify) place_free);
  for (guint i = 0; gb_library_get_leaves (library)[i]; i++)
    add_topic (self, library, gb_library_get_leaves (library)[i]);
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    if (!gb_library_get_scene (library, i)->error)
      add_scene (self, gb_library_get_scene (library, i));
  for (guint i = 0; i < gb_library_get_n_cases (library); i++)
    {
      const GbCase *which = gb_library_get_case (library, i);
      if (!which->error)
        add_place (self, which->is_exercise ? GB_FOUND_EXERCISE : GB_FOUND_CASE, which->id, &which->title,
                   which->brief.zh, which->brief.en);
    }
  return self;
}

void
gb_search_free (GbSearch *self)
{
  if (self)
    g_ptr_array_unref (self->places);
  g_free (self);
}

guint
gb_search_get_n_places (GbSearch *self)
{
  return self->places->len;
}

/* ---- finding ---- */

static guint
count (const char *text, const char *part)
{
  guint n = 0;
  for (const char *at = text; n < MOST_COUNT && (at = strstr (at, part)); at += strlen (part))
    n++;
  return n;
}

/* How much a part counts in a place: most in its name, less in the other language; 0: it is not there. */
static double
weigh (const Place *place, const char *part, guint current)
{
  g_autofree char *id = fold_text (place->id);
  double score = strcmp (id, part) == 0 ? 40 : strstr (id, part) ? 8 : 0;
  for (guint i = 0; i < 2; i++)
    {
      const Side *side = &place->sides[i];
      double here = count (side->folded, part);
      if (strstr (side->folded_title, part))
        here += g_str_has_prefix (side->folded_title, part) ? 14 : 10;
      score += i == current ? here : here / 2;
    }
  return score;
}

static char *
cut_snippet (const Side *side, const char *part, GbFound *found)
{
  const char *hit = part ? strstr (side->folded, part) : NULL;
  glong at = hit ? g_utf8_pointer_to_offset (side->folded, hit) : 0, n = g_utf8_strlen (side->text, -1);
  glong length = hit ? g_utf8_strlen (part, -1) : 0;
  glong from = MAX (0, at - AROUND), to = MIN (n, at + length + 2 * AROUND);
  const char *start = g_utf8_offset_to_pointer (side->text, from),
             *stop = g_utf8_offset_to_pointer (side->text, to);
  const char *match = g_utf8_offset_to_pointer (side->text, at);
  const char *dots = from ? "…" : "";
  found->match = (guint) (strlen (dots) + (gsize) (match - start));
  found->length = (guint) (g_utf8_offset_to_pointer (side->text, at + length) - match);
  return g_strdup_printf ("%s%.*s%s", dots, (int) (stop - start), start, to < n ? "…" : "");
}

static GbFound *
new_found (const Place *place, GPtrArray *parts, double score, guint current)
{
  GbFound *found = g_new0 (GbFound, 1);
  guint side = current;
  const char *part = NULL;
  for (guint k = 0; k < 2 && !part; k++)
    for (guint i = 0; i < parts->len && !part; i++)
      {
        side = k ? 1 - current : current;
        if (strstr (place->sides[side].folded, g_ptr_array_index (parts, i)))
          part = g_ptr_array_index (parts, i);
      }
  found->kind = place->kind;
  found->id = place->id;
  found->title = gb_text_get (&place->title);
  found->score = score;
  found->language = languages[part ? side : current];
  found->snippet = cut_snippet (&place->sides[part ? side : current], part, found);
  return found;
}

static void
found_free (GbFound *found)
{
  g_free (found->snippet);
  g_free (found);
}

static int
compare_found (gconstpointer a, gconstpointer b)
{
  const GbFound *x = *(GbFound *const *) a, *y = *(GbFound *const *) b;
  return x->score != y->score ? (x->score < y->score ? 1 : -1)
         : x->kind != y->kind ? (int) x->kind - (int) y->kind
                              : strcmp (x->id, y->id);
}

GPtrArray *
gb_search_find (GbSearch *self, const char *query, guint most)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) found_free);
  g_autoptr (GPtrArray) parts = cut_query (query);
  guint current = strcmp (gb_i18n_get_language (), "zh") == 0 ? 0 : 1;
  for (guint i = 0; parts->len && i < self->places->len; i++)
    {
      const Place *place = g_ptr_array_index (self->places, i);
      double score = 0;
      gboolean has_all = TRUE;
      for (guint k = 0; has_all && k < parts->len; k++)
        {
          double one = weigh (place, g_ptr_array_index (parts, k), current);
          has_all = one > 0;
          score += one;
        }
      if (has_all)
        g_ptr_array_add (all, new_found (place, parts, score, current));
    }
  g_ptr_array_sort (all, compare_found);
  if (all->len > most)
    g_ptr_array_set_size (all, (int) most);
  return all;
}

static const struct
{
  const char *id, *name;
} kinds[] = {
  [GB_FOUND_TOPIC] = { "topic", N_ ("topic") },
  [GB_FOUND_QUESTION] = { "question", N_ ("question") },
  [GB_FOUND_SCENE] = { "scene", N_ ("scene") },
  [GB_FOUND_CASE] = { "case", N_ ("case") },
  [GB_FOUND_EXERCISE] = { "exercise", N_ ("exercise") },
};

const char *
gb_found_kind_get_name (GbFoundKind kind)
{
  return _ (kinds[kind].name);
}

const char *
gb_found_kind_get_id (GbFoundKind kind)
{
  return kinds[kind].id;
}
