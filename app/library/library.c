#include "library/library.h"

#include "common/i18n.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct _GbOutlineItem
{
  GObject parent_instance;

  char *id, *number;
  GbText title;
  const GbScene *scene; /* the library keeps both */
  GListStore *children;
};

struct _GbLibrary
{
  GObject parent_instance;

  GPtrArray *scenes;
  GListStore *outline;
  char *error;
};

G_DEFINE_FINAL_TYPE (GbOutlineItem, gb_outline_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE (GbLibrary, gb_library, G_TYPE_OBJECT)

typedef struct json_object Json;

const char *
gb_text_get (const GbText *text)
{
  const char *own = strcmp (gb_i18n_get_language (), "zh") == 0 ? text->zh : text->en;
  return own ? own : text->en ? text->en : text->zh ? text->zh : "";
}

/* ---- reading JSON that may have any shape ---- */

static Json *
get (Json *object, const char *key, enum json_type type)
{
  Json *value = NULL;
  if (!json_object_is_type (object, json_type_object) || !json_object_object_get_ex (object, key, &value)
      || !json_object_is_type (value, type))
    return NULL;
  return value;
}

static char *
dup_string (Json *object, const char *key)
{
  Json *value = get (object, key, json_type_string);
  return value ? g_strdup (json_object_get_string (value)) : NULL;
}

static GbText
read_text (Json *object, const char *key)
{
  Json *value = get (object, key, json_type_object);
  return (GbText){ dup_string (value, "zh"), dup_string (value, "en") };
}

static guint
get_length (Json *object, const char *key)
{
  Json *array = get (object, key, json_type_array);
  return array ? json_object_array_length (array) : 0;
}

static Json *
get_nth (Json *object, const char *key, guint nth)
{
  return json_object_array_get_idx (get (object, key, json_type_array), nth);
}

static char **
read_strings (Json *object, const char *key)
{
  guint n = get_length (object, key);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < n; i++)
    if (json_object_is_type (get_nth (object, key, i), json_type_string))
      g_strv_builder_add (builder, json_object_get_string (get_nth (object, key, i)));
  return g_strv_builder_end (builder);
}

/* Line and column of where a parser stopped. */
static char *
describe_fault (const char *path, const char *text, gsize offset, const char *what)
{
  guint line = 1;
  gsize start = 0;
  for (gsize i = 0; i < offset && text[i]; i++)
    if (text[i] == '\n')
      {
        line++;
        start = i + 1;
      }
  g_autofree char *name = g_path_get_basename (path);
  return g_strdup_printf ("%s:%u:%u: %s", name, line, (guint) (offset - start) + 1, what);
}

static Json *
load_json (const char *path, char **fault)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize nbytes;
  if (!g_file_get_contents (path, &text, &nbytes, &error))
    {
      *fault = g_strdup (error->message);
      return NULL;
    }
  struct json_tokener *tokener = json_tokener_new ();
  Json *value = json_tokener_parse_ex (tokener, text, nbytes + 1);
  if (!value)
    *fault = describe_fault (path, text, json_tokener_get_parse_end (tokener),
                             json_tokener_error_desc (json_tokener_get_error (tokener)));
  json_tokener_free (tokener);
  return value;
}

/* ---- scenes ---- */

static void
clear_text (GbText *text)
{
  g_free (text->zh);
  g_free (text->en);
}

static void
tab_free (GbSceneTab *tab)
{
  g_free (tab->function);
  clear_text (&tab->title);
  g_free (tab);
}

static void
choice_free (GbSceneChoice *choice)
{
  g_free (choice->value);
  clear_text (&choice->label);
  g_free (choice);
}

static void
prediction_free (GbPrediction *prediction)
{
  g_free (prediction->id);
  g_free (prediction->tab);
  g_free (prediction->kind);
  clear_text (&prediction->prompt);
  g_ptr_array_unref (prediction->choices);
  g_free (prediction);
}

static void
knob_free (GbSceneKnob *knob)
{
  g_free (knob->name);
  clear_text (&knob->label);
  g_free (knob);
}

static void
question_free (GbQuestion *question)
{
  g_free (question->level);
  clear_text (&question->question);
  clear_text (&question->answer);
  g_free (question);
}

static void
scene_free (GbScene *scene)
{
  g_free (scene->id);
  g_free (scene->folder);
  clear_text (&scene->title);
  clear_text (&scene->summary);
  g_ptr_array_unref (scene->tabs);
  g_ptr_array_unref (scene->predictions);
  g_ptr_array_unref (scene->knobs);
  g_ptr_array_unref (scene->questions);
  g_strfreev (scene->views);
  g_strfreev (scene->leaves);
  g_free (scene->note_folder);
  g_free (scene->error);
  g_free (scene);
}

static void
read_predictions (GbScene *scene, Json *root)
{
  for (guint i = 0; i < get_length (root, "predictions"); i++)
    {
      Json *from = get_nth (root, "predictions", i);
      GbPrediction *p = g_new0 (GbPrediction, 1);
      p->id = dup_string (from, "id");
      p->tab = dup_string (from, "tab");
      p->kind = dup_string (from, "kind");
      p->prompt = read_text (from, "prompt");
      Json *tolerance = NULL;
      if (json_object_object_get_ex (from, "tolerance", &tolerance))
        p->tolerance = json_object_get_double (tolerance);
      p->choices = g_ptr_array_new_with_free_func ((GDestroyNotify) choice_free);
      for (guint c = 0; c < get_length (from, "choices"); c++)
        {
          GbSceneChoice *choice = g_new0 (GbSceneChoice, 1);
          choice->value = dup_string (get_nth (from, "choices", c), "value");
          choice->label = read_text (get_nth (from, "choices", c), "label");
          g_ptr_array_add (p->choices, choice);
        }
      g_ptr_array_add (scene->predictions, p);
    }
}

static void
read_questions (GbScene *scene, const char *path)
{
  g_autofree char *fault = NULL;
  Json *root = g_file_test (path, G_FILE_TEST_EXISTS) ? load_json (path, &fault) : NULL;
  if (fault && !scene->error)
    scene->error = g_steal_pointer (&fault);
  for (guint i = 0; i < get_length (root, "questions"); i++)
    {
      Json *from = get_nth (root, "questions", i);
      GbQuestion *question = g_new0 (GbQuestion, 1);
      question->level = dup_string (from, "level");
      question->question = read_text (from, "question");
      question->answer = read_text (from, "answer");
      g_ptr_array_add (scene->questions, question);
    }
  json_object_put (root);
}

static GbScene *
read_scene (const char *folder, const char *id)
{
  GbScene *scene = g_new0 (GbScene, 1);
  scene->id = g_strdup (id);
  scene->folder = g_strdup (folder);
  scene->tabs = g_ptr_array_new_with_free_func ((GDestroyNotify) tab_free);
  scene->predictions = g_ptr_array_new_with_free_func ((GDestroyNotify) prediction_free);
  scene->knobs = g_ptr_array_new_with_free_func ((GDestroyNotify) knob_free);
  scene->questions = g_ptr_array_new_with_free_func ((GDestroyNotify) question_free);
  g_autofree char *path = g_build_filename (folder, "scene.json", NULL);
  Json *root = load_json (path, &scene->error);
  scene->title = read_text (root, "title");
  scene->summary = read_text (root, "summary");
  scene->views = read_strings (root, "views");
  scene->leaves = read_strings (root, "leaves");
  for (guint i = 0; i < get_length (root, "tabs"); i++)
    {
      Json *from = get_nth (root, "tabs", i);
      GbSceneTab *tab = g_new0 (GbSceneTab, 1);
      tab->function = dup_string (from, "function");
      tab->title = read_text (from, "title");
      tab->is_default = json_object_get_boolean (get (from, "default", json_type_boolean));
      if (tab->function)
        g_ptr_array_add (scene->tabs, tab);
      else
        tab_free (tab);
    }
  for (guint i = 0; i < get_length (root, "knobs"); i++)
    {
      GbSceneKnob *knob = g_new0 (GbSceneKnob, 1);
      knob->name = dup_string (get_nth (root, "knobs", i), "name");
      knob->label = read_text (get_nth (root, "knobs", i), "label");
      g_ptr_array_add (scene->knobs, knob);
    }
  read_predictions (scene, root);
  json_object_put (root);

  g_autofree char *note = g_build_filename (folder, "note.en.md", NULL);
  if (g_file_test (note, G_FILE_TEST_EXISTS))
    scene->note_folder = g_strdup (folder);
  g_autofree char *questions = g_build_filename (folder, "questions.json", NULL);
  read_questions (scene, questions);
  return scene;
}

static int
compare_scenes (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(GbScene *const *) a)->id, (*(GbScene *const *) b)->id);
}

static void
read_scenes (GbLibrary *self, const char *data_dir)
{
  g_autofree char *folder = g_build_filename (data_dir, "scenes", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *scene_folder = g_build_filename (folder, name, NULL);
      g_autofree char *program = g_build_filename (scene_folder, "scene.py", NULL);
      if (g_file_test (program, G_FILE_TEST_EXISTS))
        g_ptr_array_add (self->scenes, read_scene (scene_folder, name));
    }
  g_ptr_array_sort (self->scenes, compare_scenes);
}

/* A topic lends its note and questions to the scene that shows it. */
static void
read_topics (GbLibrary *self, const char *data_dir)
{
  g_autofree char *folder = g_build_filename (data_dir, "topics", NULL);
  g_autoptr (GDir) sections = g_dir_open (folder, 0, NULL);
  const char *section, *leaf;
  while (sections && (section = g_dir_read_name (sections)))
    {
      g_autofree char *section_folder = g_build_filename (folder, section, NULL);
      g_autoptr (GDir) leaves = g_dir_open (section_folder, 0, NULL);
      while (leaves && (leaf = g_dir_read_name (leaves)))
        {
          g_autofree char *path = g_build_filename (section_folder, leaf, "topic.json", NULL);
          g_autofree char *fault = NULL;
          if (!g_file_test (path, G_FILE_TEST_EXISTS))
            continue;
          Json *root = load_json (path, &fault);
          g_autofree char *id = dup_string (root, "scene");
          json_object_put (root);
          if (fault && !self->error)
            self->error = g_steal_pointer (&fault);
          GbScene *scene = id ? (GbScene *) gb_library_find_scene (self, id) : NULL;
          if (scene && !scene->note_folder)
            {
              scene->note_folder = g_build_filename (section_folder, leaf, NULL);
              read_questions (scene, path);
            }
        }
    }
}

guint
gb_library_get_n_scenes (GbLibrary *self)
{
  return self->scenes->len;
}

const GbScene *
gb_library_get_scene (GbLibrary *self, guint nth)
{
  return g_ptr_array_index (self->scenes, nth);
}

const GbScene *
gb_library_find_scene (GbLibrary *self, const char *id)
{
  for (guint i = 0; i < self->scenes->len; i++)
    if (strcmp (gb_library_get_scene (self, i)->id, id) == 0)
      return gb_library_get_scene (self, i);
  return NULL;
}

const GbPrediction *
gb_scene_find_prediction (const GbScene *self, const char *id)
{
  for (guint i = 0; i < self->predictions->len; i++)
    {
      GbPrediction *prediction = g_ptr_array_index (self->predictions, i);
      if (g_strcmp0 (prediction->id, id) == 0)
        return prediction;
    }
  return NULL;
}

const char *
gb_scene_knob_label (const GbScene *self, const char *name)
{
  for (guint i = 0; self && i < self->knobs->len; i++)
    {
      GbSceneKnob *knob = g_ptr_array_index (self->knobs, i);
      if (g_strcmp0 (knob->name, name) == 0)
        return gb_text_get (&knob->label);
    }
  return name;
}

char *
gb_scene_load_note (const GbScene *self)
{
  if (!self->note_folder)
    return NULL;
  g_autofree char *name = g_strdup_printf ("note.%s.md", gb_i18n_get_language ());
  g_autofree char *path = g_build_filename (self->note_folder, name, NULL);
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

/* ---- predictions ---- */

/* Letters and digits only, so that "(3, 4)", "[3,4]" and "3 4" are the same shape. */
static char *
normalise (const char *text, gboolean is_shape)
{
  GString *plain = g_string_new (NULL);
  for (const char *p = text; *p; p++)
    if (is_shape ? (g_ascii_isalnum (*p) || *p == '-') : !g_ascii_isspace (*p) && *p != '"')
      g_string_append_c (plain, g_ascii_tolower (*p));
    else if (is_shape && plain->len && plain->str[plain->len - 1] != ' ')
      g_string_append_c (plain, ' ');
  return g_strstrip (g_string_free (plain, FALSE));
}

gboolean
gb_prediction_agrees (const GbPrediction *self, const char *answer, const char *truth)
{
  if (g_strcmp0 (self->kind, "number") == 0)
    {
      char *end = NULL;
      double value = g_ascii_strtod (answer, &end), expected = g_ascii_strtod (truth, NULL);
      return end != answer && fabs (value - expected) <= self->tolerance + 1e-12;
    }
  gboolean is_shape = g_strcmp0 (self->kind, "shape") == 0;
  g_autofree char *a = normalise (answer, is_shape);
  g_autofree char *b = normalise (truth, is_shape);
  return strcmp (a, b) == 0;
}

/* ---- outline ---- */

static const GbScene *
scene_of_leaf (GbLibrary *self, const char *leaf)
{
  for (guint i = 0; leaf && i < self->scenes->len; i++)
    {
      const GbScene *scene = gb_library_get_scene (self, i);
      if (g_strv_contains ((const char *const *) scene->leaves, leaf))
        return scene;
    }
  return NULL;
}

static GListStore *
read_items (GbLibrary *self, Json *object, const char *const *keys)
{
  GListStore *items = g_list_store_new (GB_TYPE_OUTLINE_ITEM);
  for (guint i = 0; i < get_length (object, keys[0]); i++)
    {
      Json *from = get_nth (object, keys[0], i);
      g_autoptr (GbOutlineItem) item = g_object_new (GB_TYPE_OUTLINE_ITEM, NULL);
      item->id = dup_string (from, "id");
      item->number = dup_string (from, "num");
      item->title = (GbText){ dup_string (from, "zh"), dup_string (from, "en") };
      if (keys[1])
        item->children = read_items (self, from, keys + 1);
      else
        item->scene = scene_of_leaf (self, item->id);
      g_list_store_append (items, item);
    }
  return items;
}

const char *
gb_outline_item_get_id (GbOutlineItem *self)
{
  return self->id ? self->id : "";
}

const char *
gb_outline_item_get_number (GbOutlineItem *self)
{
  return self->number ? self->number : "";
}

const char *
gb_outline_item_get_title (GbOutlineItem *self)
{
  return gb_text_get (&self->title);
}

const GbScene *
gb_outline_item_get_scene (GbOutlineItem *self)
{
  return self->scene;
}

GListModel *
gb_outline_item_get_children (GbOutlineItem *self)
{
  return self->children ? G_LIST_MODEL (self->children) : NULL;
}

static void
gb_outline_item_finalize (GObject *object)
{
  GbOutlineItem *self = GB_OUTLINE_ITEM (object);
  g_free (self->id);
  g_free (self->number);
  clear_text (&self->title);
  g_clear_object (&self->children);
  G_OBJECT_CLASS (gb_outline_item_parent_class)->finalize (object);
}

static void
gb_outline_item_class_init (GbOutlineItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_outline_item_finalize;
}

static void
gb_outline_item_init (GbOutlineItem *self)
{
}

GListModel *
gb_library_get_outline (GbLibrary *self)
{
  return G_LIST_MODEL (self->outline);
}

const char *
gb_library_get_error (GbLibrary *self)
{
  return self->error;
}

static void
gb_library_finalize (GObject *object)
{
  GbLibrary *self = GB_LIBRARY (object);
  g_clear_object (&self->outline);
  g_clear_pointer (&self->scenes, g_ptr_array_unref);
  g_free (self->error);
  G_OBJECT_CLASS (gb_library_parent_class)->finalize (object);
}

static void
gb_library_class_init (GbLibraryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_library_finalize;
}

static void
gb_library_init (GbLibrary *self)
{
  self->scenes = g_ptr_array_new_with_free_func ((GDestroyNotify) scene_free);
}

GbLibrary *
gb_library_new (const char *data_dir)
{
  static const char *const levels[] = { "sections", "subsections", "groups", "leaves", NULL };
  GbLibrary *self = g_object_new (GB_TYPE_LIBRARY, NULL);
  read_scenes (self, data_dir);
  read_topics (self, data_dir);
  g_autofree char *path = g_build_filename (data_dir, "outline.json", NULL);
  g_autofree char *fault = NULL;
  Json *root = load_json (path, &fault);
  if (fault)
    {
      g_free (self->error);
      self->error = g_steal_pointer (&fault);
    }
  self->outline = read_items (self, root, levels);
  json_object_put (root);
  return self;
}
