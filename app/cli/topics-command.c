/* gradboard topics: the outline leaf by leaf with what is there for each, and the scenes; --search: where in all of it some
 * words stand. */
#include <json-c/json.h>
#include <string.h>

#include "cli/commands.h"
#include "common/i18n.h"
#include "library/search.h"
#include "paths.h"

static struct json_object *
text_json (const GbText *text)
{
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "zh", json_object_new_string (text->zh ? text->zh : ""));
  json_object_object_add (object, "en", json_object_new_string (text->en ? text->en : ""));
  return object;
}

static struct json_object *
strings_json (char **strings)
{
  struct json_object *array = json_object_new_array ();
  for (guint i = 0; strings && strings[i]; i++)
    json_object_array_add (array, json_object_new_string (strings[i]));
  return array;
}

static struct json_object *
scene_json (const GbScene *scene)
{
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "id", json_object_new_string (scene->id));
  json_object_object_add (object, "title", text_json (&scene->title));
  json_object_object_add (object, "summary", text_json (&scene->summary));
  json_object_object_add (object, "leaves", strings_json (scene->leaves));
  json_object_object_add (object, "views", strings_json (scene->views));
  if (scene->error)
    json_object_object_add (object, "error", json_object_new_string (scene->error));
  return object;
}

/* What a list shows of a case: nothing that would give it away. */
static struct json_object *
case_json (const GbCase *which)
{
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "id", json_object_new_string (which->id));
  json_object_object_add (object, "title", text_json (&which->title));
  json_object_object_add (object, which->is_exercise ? "task" : "brief", text_json (&which->brief));
  json_object_object_add (object, "leaf", json_object_new_string (which->leaf ? which->leaf : ""));
  json_object_object_add (object, "level", json_object_new_string (which->level ? which->level : ""));
  json_object_object_add (object, "views", strings_json (which->views));
  json_object_object_add (object, "hints", json_object_new_int ((int) which->hints->len));
  json_object_object_add (object, "checks", json_object_new_int ((int) which->checks->len));
  if (which->error)
    json_object_object_add (object, "error", json_object_new_string (which->error));
  return object;
}

/* ---- leaves ---- */

typedef struct
{
  guint n_leaves, n_topics;
} Count;

static gboolean
has_note (const GbTopic *topic, const char *language)
{
  g_autofree char *note = gb_topic_load_note (topic, language);
  return note && *note;
}

/* A leaf with what stands for it; "complete": its notes and four questions in both languages, and its scene.
 */
static struct json_object *
leaf_json (GbLibrary *library, GbOutlineItem *leaf)
{
  const char *id = gb_outline_item_get_id (leaf);
  const GbTopic *topic = gb_library_find_topic (library, id);
  const GbScene *scene = gb_library_find_scene_of_leaf (library, id);
  struct json_object *object = json_object_new_object (), *notes = json_object_new_array ();
  gboolean zh = topic && has_note (topic, "zh"), en = topic && has_note (topic, "en");
  if (zh)
    json_object_array_add (notes, json_object_new_string ("zh"));
  if (en)
    json_object_array_add (notes, json_object_new_string ("en"));
  json_object_object_add (object, "id", json_object_new_string (id));
  json_object_object_add (object, "title", text_json (gb_outline_item_get_text (leaf)));
  json_object_object_add (object, "notes", notes);
  json_object_object_add (object, "questions", json_object_new_int (topic ? (int) topic->questions->len : 0));
  json_object_object_add (object, "scene", scene ? json_object_new_string (scene->id) : NULL);
  json_object_object_add (object, "tab", topic && topic->tab ? json_object_new_string (topic->tab) : NULL);
  json_object_object_add (object, "complete",
                          json_object_new_boolean (zh && en && scene && !scene->error && !topic->error
                                                   && topic->questions->len == 4));
  if (topic && topic->error)
    json_object_object_add (object, "error", json_object_new_string (topic->error));
  return object;
}

static void
add_leaves (GbLibrary *library, GListModel *items, struct json_object *list)
{
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (GbOutlineItem) item = g_list_model_get_item (items, i);
      GListModel *children = gb_outline_item_get_children (item);
      if (children)
        add_leaves (library, children, list);
      else
        json_object_array_add (list, leaf_json (library, item));
    }
}

static void
print_leaves (GbLibrary *library, GListModel *items, Count *count)
{
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (GbOutlineItem) item = g_list_model_get_item (items, i);
      const char *id = gb_outline_item_get_id (item);
      GListModel *children = gb_outline_item_get_children (item);
      const GbTopic *topic = children ? NULL : gb_library_find_topic (library, id);
      if (children)
        print_leaves (library, children, count);
      count->n_leaves += !children;
      count->n_topics += topic != NULL;
      if (topic)
        g_print ("  %-26s %s\n", id, topic->error ? topic->error : gb_outline_item_get_title (item));
    }
}

/* Each section with the topics that are written, and how many of its leaves that is. */
static void
print_sections (GbLibrary *library, GListModel *sections)
{
  for (guint i = 0; i < g_list_model_get_n_items (sections); i++)
    {
      g_autoptr (GbOutlineItem) section = g_list_model_get_item (sections, i);
      GListModel *children = gb_outline_item_get_children (section);
      Count count = { 0 };
      /* The outline numbers its sections in Chinese. */
      g_autofree char *counted = g_strdup_printf ("%u", i + 1);
      gboolean is_zh = strcmp (gb_i18n_get_language (), "zh") == 0;
      const char *number = gb_outline_item_get_number (section);
      g_print ("%s%s%s\n", *number && !is_zh ? counted : number, *number ? "  " : "", gb_outline_item_get_title (section));
      if (children)
        print_leaves (library, children, &count);
      g_print (_ ("  %u of %u topics are written\n\n"), count.n_topics, count.n_leaves);
    }
}

/* ---- scenes ---- */

static void
print_scene (const GbScene *scene)
{
  g_autofree char *leaves = scene->leaves ? g_strjoinv (", ", scene->leaves) : g_strdup ("");
  if (scene->error)
    {
      g_print ("  %-26s %s\n", scene->id, scene->error);
      return;
    }
  g_print ("  %-26s %s\n", scene->id, gb_text_get (&scene->title));
  if (*leaves)
    g_print ("  %-26s %s\n", "", leaves);
}

static void
print_case (const GbCase *which)
{
  g_print ("  %-26s %s\n", which->id, which->error ? which->error : gb_text_get (&which->title));
  if (!which->error)
    g_print ("  %-26s %s\n", "", which->leaf);
}

static void
print_all (GbLibrary *library)
{
  print_sections (library, gb_library_get_outline (library));
  print_sections (library, gb_library_get_assessment (library));
  g_print ("%s\n", _ ("Scenes"));
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    print_scene (gb_library_get_scene (library, i));
  g_print ("\n%s\n", _ ("Cases and exercises"));
  for (guint i = 0; i < gb_library_get_n_cases (library); i++)
    print_case (gb_library_get_case (library, i));
}

static void
print_json (GbLibrary *library)
{
  struct json_object *root = json_object_new_object (), *scenes = json_object_new_array (),
                     *topics = json_object_new_array (), *cases = json_object_new_array (),
                     *exercises = json_object_new_array ();
  for (guint i = 0; i < gb_library_get_n_cases (library); i++)
    {
      const GbCase *which = gb_library_get_case (library, i);
      json_object_array_add (which->is_exercise ? exercises : cases, case_json (which));
    }
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    json_object_array_add (scenes, scene_json (gb_library_get_scene (library, i)));
  add_leaves (library, gb_library_get_outline (library), topics);
  add_leaves (library, gb_library_get_assessment (library), topics);
  json_object_object_add (root, "topics", topics);
  json_object_object_add (root, "scenes", scenes);
  json_object_object_add (root, "cases", cases);
  json_object_object_add (root, "exercises", exercises);
  g_print ("%s\n",
           json_object_to_json_string_ext (root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
  json_object_put (root);
}

/* ---- search ---- */

static struct json_object *
found_json (const GbFound *found)
{
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "kind", json_object_new_string (gb_found_kind_get_id (found->kind)));
  json_object_object_add (object, "id", json_object_new_string (found->id));
  json_object_object_add (object, "title", json_object_new_string (found->title));
  json_object_object_add (object, "language", json_object_new_string (found->language));
  json_object_object_add (object, "snippet", json_object_new_string (found->snippet));
  return object;
}

/* Exit status: 1 when nothing was found, as grep has it. */
static int
search_for (const char *query, gboolean json)
{
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  g_autoptr (GbSearch) search = gb_search_new (library);
  g_autoptr (GPtrArray) found = gb_search_find (search, query, G_MAXINT);
  struct json_object *array = json_object_new_array ();
  for (guint i = 0; i < found->len; i++)
    {
      const GbFound *one = g_ptr_array_index (found, i);
      json_object_array_add (array, found_json (one));
      if (!json)
        g_print ("%s · %s · %s\n    %s\n", gb_found_kind_get_name (one->kind), one->id, one->title, one->snippet);
    }
  if (json)
    g_print ("%s\n", json_object_to_json_string_ext (array, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
  else if (!found->len)
    g_print ("%s\n", _ ("Nothing has all of these words."));
  json_object_put (array);
  return found->len ? 0 : 1;
}

int
gb_command_topics (int argc, char **argv)
{
  if (argc >= 3 && argc <= 4 && strcmp (argv[1], "--search") == 0 && (argc == 3 || strcmp (argv[3], "--json") == 0))
    return search_for (argv[2], argc == 4);
  gboolean json = argc == 2 && strcmp (argv[1], "--json") == 0, broken = FALSE;
  if (argc > 1 && !json)
    {
      g_printerr (_ ("%s: topics takes --json, --search TEXT or nothing\n"), argv[1]);
      return GB_EXIT_USAGE;
    }
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  if (gb_library_get_error (library))
    g_printerr ("%s\n", gb_library_get_error (library));
  if (json)
    print_json (library);
  else
    print_all (library);
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    broken |= gb_library_get_scene (library, i)->error != NULL;
  for (guint i = 0; i < gb_library_get_n_cases (library); i++)
    broken |= gb_library_get_case (library, i)->error != NULL;
  for (guint i = 0; gb_library_get_leaves (library)[i]; i++)
    broken |= gb_library_find_topic (library, gb_library_get_leaves (library)[i])->error != NULL;
  return broken || gb_library_get_error (library) ? 1 : 0;
}
