#include "lab/case-set.h"

#include <string.h>

struct _GbCaseSet
{
  GObject parent_instance;
  char *folder, *path;
  char **ids; /* never NULL */
};

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbCaseSet, gb_case_set, G_TYPE_OBJECT)

static void
take_ids (GbCaseSet *self, char **ids)
{
  g_autofree char *text = g_strjoinv ("+", ids);
  g_strfreev (self->ids);
  self->ids = ids;
  g_file_set_contents (self->path, text, -1, NULL);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- composing ---- */

static gboolean
is_set (GbLibrary *library, char **ids)
{
  guint n = g_strv_length (ids);
  for (guint i = 0; i < n; i++)
    {
      const GbCase *which = gb_library_find_case (library, ids[i]);
      if (!which || which->is_exercise || which->error)
        return FALSE;
      for (guint k = 0; k < i; k++)
        if (strcmp (ids[i], ids[k]) == 0)
          return FALSE;
    }
  return n >= 2 && n <= GB_CASE_SET_MOST;
}

gboolean
gb_case_set_take (GbCaseSet *self, GbLibrary *library, const char *ids)
{
  char **list = g_strsplit (ids, "+", GB_CASE_SET_MOST + 1);
  if (!is_set (library, list))
    {
      g_strfreev (list);
      return FALSE;
    }
  take_ids (self, list);
  return TRUE;
}

static gboolean
is_open (GbCaseSet *self, const GbCase *which)
{
  g_autoptr (GbCaseWork) work = gb_case_work_new (which, self->folder);
  return gb_case_work_is_open (work);
}

static gboolean
has_leaf (GPtrArray *chosen, const char *leaf)
{
  for (guint i = 0; i < chosen->len; i++)
    if (g_strcmp0 (((const GbCase *) g_ptr_array_index (chosen, i))->leaf, leaf) == 0)
      return TRUE;
  return FALSE;
}

/* Takes from the cases, which are in an order by chance, until there are n. */
static void
choose (GbCaseSet *self, GPtrArray *cases, GPtrArray *chosen, guint n, gboolean also_open)
{
  for (guint i = 0; i < cases->len && chosen->len < n; i++)
    {
      const GbCase *which = g_ptr_array_index (cases, i);
      if (!g_ptr_array_find (chosen, which, NULL) && !has_leaf (chosen, which->leaf)
          && (also_open || !is_open (self, which)))
        g_ptr_array_add (chosen, (gpointer) which);
    }
}

gboolean
gb_case_set_compose (GbCaseSet *self, GbLibrary *library, guint n, guint32 seed)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new (), chosen = g_ptr_array_new ();
  g_autoptr (GRand) chance = g_rand_new_with_seed (seed);
  for (guint i = 0; i < gb_library_get_n_cases (library); i++)
    {
      const GbCase *which = gb_library_get_case (library, i);
      if (!which->is_exercise && !which->error)
        g_ptr_array_insert (cases, g_rand_int_range (chance, 0, (int) cases->len + 1), (gpointer) which);
    }
  choose (self, cases, chosen, n, FALSE);
  choose (self, cases, chosen, n, TRUE);
  if (chosen->len < n || n < 2 || n > GB_CASE_SET_MOST)
    return FALSE;
  char **ids = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    ids[i] = g_strdup (((const GbCase *) g_ptr_array_index (chosen, i))->id);
  take_ids (self, ids);
  return TRUE;
}

void
gb_case_set_end (GbCaseSet *self)
{
  take_ids (self, g_new0 (char *, 1));
}

/* ---- what it is ---- */

guint
gb_case_set_get_n (GbCaseSet *self)
{
  return g_strv_length (self->ids);
}

const char *
gb_case_set_get_id (GbCaseSet *self, guint nth)
{
  return self->ids[nth];
}

gboolean
gb_case_set_has (GbCaseSet *self, const char *id)
{
  return g_strv_contains ((const char *const *) self->ids, id);
}

GbCaseWork *
gb_case_set_load_work (GbCaseSet *self, GbLibrary *library, guint nth)
{
  const GbCase *which = gb_library_find_case (library, self->ids[nth]);
  return which ? gb_case_work_new (which, self->folder) : NULL;
}

/* ---- life ---- */

GbCaseSet *
gb_case_set_new (const char *folder)
{
  GbCaseSet *self = g_object_new (GB_TYPE_CASE_SET, NULL);
  g_autofree char *text = NULL;
  self->folder = g_strdup (folder);
  self->path = g_build_filename (folder, "set.txt", NULL);
  g_mkdir_with_parents (folder, 0700);
  g_file_get_contents (self->path, &text, NULL, NULL);
  self->ids = g_strsplit (text ? text : "", "+", GB_CASE_SET_MOST);
  return self;
}

static void
gb_case_set_finalize (GObject *object)
{
  GbCaseSet *self = GB_CASE_SET (object);
  g_strfreev (self->ids);
  g_free (self->folder);
  g_free (self->path);
  G_OBJECT_CLASS (gb_case_set_parent_class)->finalize (object);
}

static void
gb_case_set_class_init (GbCaseSetClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_case_set_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_CASE_SET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_case_set_init (GbCaseSet *self)
{
}
