#include "library/library.h"

#include <string.h>

#define SETTLED_MSEC 250

struct _GbLibrary
{
  GObject parent_instance;

  char *data_dir;
  gboolean is_sealed;
  GPtrArray *scenes;  /* GbScene */
  GPtrArray *cases;   /* GbCase */
  GHashTable *topics; /* leaf id: GbTopic, or NULL while it has not been read */
  char **leaves;      /* keys of topics, sorted */
  GListStore *outline, *coding_tasks, *assessment;
  char *error;

  GPtrArray *monitors; /* GFileMonitor; NULL: not watched */
  GPtrArray *retired;  /* arrays and tables of earlier readings: what was handed out stays valid */
  guint settling;      /* id of the timeout that reads again */
};

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbLibrary, gb_library, G_TYPE_OBJECT)

/* ---- reading ---- */

static int
compare_scenes (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(GbScene *const *) a)->id, (*(GbScene *const *) b)->id);
}

static void
read_scenes (GbLibrary *self)
{
  g_autofree char *folder = g_build_filename (self->data_dir, "scenes", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  self->scenes = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_scene_free);
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *scene_folder = g_build_filename (folder, name, NULL);
      g_autofree char *program = g_build_filename (scene_folder, "scene.py", NULL);
      if (g_file_test (program, G_FILE_TEST_EXISTS))
        g_ptr_array_add (self->scenes, gb_scene_read (scene_folder, name));
    }
  g_ptr_array_sort (self->scenes, compare_scenes);
}

static int
compare_cases (gconstpointer a, gconstpointer b)
{
  const GbCase *x = *(GbCase *const *) a, *y = *(GbCase *const *) b;
  return x->is_exercise != y->is_exercise ? (int) x->is_exercise - (int) y->is_exercise : strcmp (x->id, y->id);
}

static void
read_cases (GbLibrary *self, const char *kind, gboolean is_exercise)
{
  g_autofree char *folder = g_build_filename (self->data_dir, kind, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *case_folder = g_build_filename (folder, name, NULL);
      if (g_file_test (case_folder, G_FILE_TEST_IS_DIR))
        g_ptr_array_add (self->cases, gb_case_read (case_folder, name, is_exercise));
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Only which there are: a topic's file is read when somebody asks for it. */
static void
list_topics (GbLibrary *self)
{
  g_autofree char *folder = g_build_filename (self->data_dir, "topics", NULL);
  g_autoptr (GDir) sections = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) leaves = g_ptr_array_new ();
  const char *section, *leaf;
  self->topics = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gb_topic_free);
  while (sections && (section = g_dir_read_name (sections)))
    {
      g_autofree char *section_folder = g_build_filename (folder, section, NULL);
      g_autoptr (GDir) dir = g_dir_open (section_folder, 0, NULL);
      while (dir && (leaf = g_dir_read_name (dir)))
        {
          g_autofree char *path = g_build_filename (section_folder, leaf, "topic.json", NULL);
          char *id = g_strdup_printf ("%s.%s", section, leaf);
          if (g_file_test (path, G_FILE_TEST_EXISTS))
            {
              g_hash_table_insert (self->topics, id, NULL);
              g_ptr_array_add (leaves, g_strdup (id));
            }
          else
            g_free (id);
        }
    }
  g_ptr_array_sort (leaves, compare_names);
  g_ptr_array_add (leaves, NULL);
  self->leaves = (char **) g_ptr_array_free (g_steal_pointer (&leaves), FALSE);
}

static void
read_all (GbLibrary *self)
{
  g_autofree char *path = g_build_filename (self->data_dir, "outline.json", NULL);
  read_scenes (self);
  self->cases = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_case_free);
  read_cases (self, "cases", FALSE);
  read_cases (self, "exercises", TRUE);
  g_ptr_array_sort (self->cases, compare_cases);
  list_topics (self);
  g_autoptr (GbJsonFile) file = gb_json_file_read (path, &self->error);
  self->outline = gb_outline_read (file ? file->root : NULL);
  self->coding_tasks = gb_outline_read_coding_tasks (file ? file->root : NULL);
  self->assessment = gb_outline_read_assessment (file ? file->root : NULL);
  for (guint i = 0; self->is_sealed && i < self->cases->len; i++)
    gb_case_seal (g_ptr_array_index (self->cases, i));
  for (guint i = 0; self->is_sealed && i < self->scenes->len; i++)
    gb_scene_seal (g_ptr_array_index (self->scenes, i));
}

/* ---- questions ---- */

const char *
gb_library_get_data_dir (GbLibrary *self)
{
  return self->data_dir;
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
  for (guint i = 0; id && i < self->scenes->len; i++)
    if (strcmp (gb_library_get_scene (self, i)->id, id) == 0)
      return gb_library_get_scene (self, i);
  return NULL;
}

guint
gb_library_get_n_cases (GbLibrary *self)
{
  return self->cases->len;
}

const GbCase *
gb_library_get_case (GbLibrary *self, guint nth)
{
  return g_ptr_array_index (self->cases, nth);
}

const GbCase *
gb_library_find_case (GbLibrary *self, const char *id)
{
  for (guint i = 0; id && i < self->cases->len; i++)
    if (strcmp (gb_library_get_case (self, i)->id, id) == 0)
      return gb_library_get_case (self, i);
  return NULL;
}

const char *const *
gb_library_get_leaves (GbLibrary *self)
{
  return (const char *const *) self->leaves;
}

const GbTopic *
gb_library_find_topic (GbLibrary *self, const char *leaf)
{
  gpointer key, topic;
  if (!g_hash_table_lookup_extended (self->topics, leaf, &key, &topic))
    return NULL;
  if (!topic)
    {
      const char *dot = strchr (leaf, '.');
      g_autofree char *section = g_strndup (leaf, dot - leaf);
      g_autofree char *folder = g_build_filename (self->data_dir, "topics", section, dot + 1, NULL);
      topic = gb_topic_read (folder, "topic.json");
      if (self->is_sealed)
        gb_topic_seal (topic);
      g_hash_table_insert (self->topics, g_strdup (leaf), topic);
    }
  return topic;
}

const GbScene *
gb_library_find_scene_of_leaf (GbLibrary *self, const char *leaf)
{
  const GbTopic *topic = gb_library_find_topic (self, leaf);
  const GbScene *scene = topic ? gb_library_find_scene (self, topic->scene) : NULL;
  for (guint i = 0; !scene && i < self->scenes->len; i++)
    if (g_strv_contains ((const char *const *) gb_library_get_scene (self, i)->leaves, leaf))
      scene = gb_library_get_scene (self, i);
  return scene;
}

const GbTopic *
gb_library_find_topic_of_scene (GbLibrary *self, const GbScene *scene)
{
  const GbTopic *topic = scene->own;
  for (guint i = 0; !topic && scene->leaves && scene->leaves[i]; i++)
    topic = gb_library_find_topic (self, scene->leaves[i]);
  return topic;
}

GListModel *
gb_library_get_outline (GbLibrary *self)
{
  return G_LIST_MODEL (self->outline);
}

GListModel *
gb_library_get_coding_tasks (GbLibrary *self)
{
  return G_LIST_MODEL (self->coding_tasks);
}

GListModel *
gb_library_get_assessment (GbLibrary *self)
{
  return G_LIST_MODEL (self->assessment);
}

GbOutlineItem *
gb_library_find_leaf (GbLibrary *self, const char *id)
{
  GListStore *all[] = { self->outline, self->assessment };
  GbOutlineItem *found = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (all) && !found; i++)
    found = gb_outline_find_leaf (G_LIST_MODEL (all[i]), id);
  return found;
}

const char *
gb_library_get_error (GbLibrary *self)
{
  return self->error;
}

/* ---- reading again ---- */

static void watch_folder (GbLibrary *self, const char *folder, guint depth);

static void
watch_all (GbLibrary *self)
{
  static const struct
  {
    const char *folder;
    guint depth;
  } watched[] = { { "scenes", 1 }, { "topics", 2 }, { "cases", 2 }, { "exercises", 2 } };
  g_clear_pointer (&self->monitors, g_ptr_array_unref);
  self->monitors = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      g_autofree char *folder = g_build_filename (self->data_dir, watched[i].folder, NULL);
      watch_folder (self, folder, watched[i].depth);
    }
}

static gboolean
on_settled (gpointer data)
{
  GbLibrary *self = data;
  self->settling = 0;
  g_ptr_array_add (self->retired, self->scenes);
  g_ptr_array_add (self->retired, self->cases);
  GPtrArray *topics = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  g_ptr_array_add (topics, self->topics);
  g_ptr_array_add (self->retired, topics);
  g_clear_pointer (&self->leaves, g_strfreev);
  g_clear_pointer (&self->error, g_free);
  g_clear_object (&self->outline);
  g_clear_object (&self->coding_tasks);
  g_clear_object (&self->assessment);
  read_all (self);
  watch_all (self);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
on_file_changed (GbLibrary *self)
{
  g_clear_handle_id (&self->settling, g_source_remove);
  self->settling = g_timeout_add (SETTLED_MSEC, on_settled, self);
}

/* depth: how many levels of folders below this one are watched too. */
static void
watch_folder (GbLibrary *self, const char *folder, guint depth)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  GFileMonitor *monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  g_autoptr (GDir) dir = depth ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;
  if (monitor)
    {
      g_signal_connect_object (monitor, "changed", G_CALLBACK (on_file_changed), self, G_CONNECT_SWAPPED);
      g_ptr_array_add (self->monitors, monitor);
    }
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *inner = g_build_filename (folder, name, NULL);
      if (g_file_test (inner, G_FILE_TEST_IS_DIR))
        watch_folder (self, inner, depth - 1);
    }
}

void
gb_library_watch (GbLibrary *self)
{
  if (!self->monitors)
    watch_all (self);
}

/* ---- life ---- */

static void
gb_library_finalize (GObject *object)
{
  GbLibrary *self = GB_LIBRARY (object);
  g_clear_handle_id (&self->settling, g_source_remove);
  g_clear_pointer (&self->monitors, g_ptr_array_unref);
  g_clear_object (&self->outline);
  g_clear_object (&self->coding_tasks);
  g_clear_object (&self->assessment);
  g_clear_pointer (&self->scenes, g_ptr_array_unref);
  g_clear_pointer (&self->cases, g_ptr_array_unref);
  g_clear_pointer (&self->topics, g_hash_table_unref);
  g_clear_pointer (&self->retired, g_ptr_array_unref);
  g_strfreev (self->leaves);
  g_free (self->data_dir);
  g_free (self->error);
  G_OBJECT_CLASS (gb_library_parent_class)->finalize (object);
}

static void
gb_library_class_init (GbLibraryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_library_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_library_init (GbLibrary *self)
{
  self->retired = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
}

static GbLibrary *
library_new (const char *data_dir, gboolean is_sealed)
{
  GbLibrary *self = g_object_new (GB_TYPE_LIBRARY, NULL);
  self->data_dir = g_strdup (data_dir);
  self->is_sealed = is_sealed;
  read_all (self);
  return self;
}

GbLibrary *
gb_library_new (const char *data_dir)
{
  return library_new (data_dir, FALSE);
}

GbLibrary *
gb_library_new_sealed (const char *data_dir)
{
  return library_new (data_dir, TRUE);
}
