#include "editor/journal.h"

#include "paths.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUP "draft"

struct _GbJournal
{
  GObject parent_instance;

  char *path;
  GbDraft *waiting;
  gboolean is_writing, clear_after, has_failed;
};

enum
{
  FAILED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbJournal, gb_journal, G_TYPE_OBJECT)

void
gb_draft_free (GbDraft *self)
{
  if (!self)
    return;
  g_free (self->uri);
  g_free (self->scene);
  g_free (self->title);
  g_free (self->text);
  g_free (self->path);
  g_free (self);
}

static GBytes *
draft_to_bytes (const GbDraft *draft)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_key_file_set_integer (file, GROUP, "pid", getpid ());
  g_key_file_set_int64 (file, GROUP, "time", g_get_real_time ());
  if (draft->uri)
    g_key_file_set_string (file, GROUP, "uri", draft->uri);
  if (draft->scene)
    g_key_file_set_string (file, GROUP, "scene", draft->scene);
  g_key_file_set_string (file, GROUP, "title", draft->title ? draft->title : "");
  g_key_file_set_integer (file, GROUP, "caret", draft->caret);
  g_key_file_set_string (file, GROUP, "text", draft->text);
  gsize nbytes;
  char *data = g_key_file_to_data (file, &nbytes, NULL);
  return g_bytes_new_take (data, nbytes);
}

static void write_waiting (GbJournal *self);

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbJournal) self = data;
  g_autoptr (GError) error = NULL;
  self->is_writing = FALSE;
  gboolean ok = g_file_replace_contents_finish (G_FILE (source), result, NULL, &error);
  if (!ok && !self->has_failed)
    g_signal_emit (self, signals[FAILED], 0, error->message);
  self->has_failed = !ok;
  if (self->clear_after)
    {
      self->clear_after = FALSE;
      g_unlink (self->path);
    }
  write_waiting (self);
}

static void
write_waiting (GbJournal *self)
{
  if (self->is_writing || !self->waiting)
    return;
  g_autoptr (GbDraft) draft = g_steal_pointer (&self->waiting);
  g_autoptr (GBytes) bytes = draft_to_bytes (draft);
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  self->is_writing = TRUE;
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, on_written,
                                       g_object_ref (self));
}

void
gb_journal_write (GbJournal *self, GbDraft *draft)
{
  g_clear_pointer (&self->waiting, gb_draft_free);
  self->waiting = draft;
  self->clear_after = FALSE;
  write_waiting (self);
}

void
gb_journal_adopt (GbJournal *self, const GbDraft *draft)
{
  if (draft->path)
    g_rename (draft->path, self->path);
}

void
gb_journal_clear (GbJournal *self)
{
  g_clear_pointer (&self->waiting, gb_draft_free);
  if (self->is_writing)
    self->clear_after = TRUE;
  else
    g_unlink (self->path);
}

/* Is this the process that wrote the draft, or another program that got its number since? */
static gboolean
is_gradboard (int pid)
{
  if (pid <= 0 || pid == getpid () || (kill (pid, 0) != 0 && errno == ESRCH))
    return FALSE;
  g_autofree char *link = g_strdup_printf ("/proc/%d/exe", pid);
  g_autofree char *theirs = g_file_read_link (link, NULL);
  g_autofree char *ours = g_file_read_link ("/proc/self/exe", NULL);
  return theirs && ours && strcmp (theirs, ours) == 0;
}

static GbDraft *
take_orphan (const char *path)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return NULL;
  g_autofree char *text = g_key_file_get_string (file, GROUP, "text", NULL);
  if (!text || is_gradboard (g_key_file_get_integer (file, GROUP, "pid", NULL)))
    return NULL;
  GbDraft *draft = g_new0 (GbDraft, 1);
  draft->uri = g_key_file_get_string (file, GROUP, "uri", NULL);
  draft->scene = g_key_file_get_string (file, GROUP, "scene", NULL);
  draft->title = g_key_file_get_string (file, GROUP, "title", NULL);
  draft->caret = g_key_file_get_integer (file, GROUP, "caret", NULL);
  draft->text = g_steal_pointer (&text);
  return draft;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

GPtrArray *
gb_journal_take_orphans (const char *state_dir)
{
  GPtrArray *drafts = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_draft_free);
  g_autofree char *folder = g_build_filename (state_dir, "journal", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".draft"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);
      GbDraft *draft = take_orphan (path);
      if (draft)
        {
          draft->path = g_steal_pointer (&path);
          g_ptr_array_add (drafts, draft);
        }
    }
  return drafts;
}

static void
gb_journal_finalize (GObject *object)
{
  GbJournal *self = GB_JOURNAL (object);
  g_clear_pointer (&self->waiting, gb_draft_free);
  g_free (self->path);
  G_OBJECT_CLASS (gb_journal_parent_class)->finalize (object);
}

static void
gb_journal_class_init (GbJournalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_journal_finalize;
  signals[FAILED] = g_signal_new ("failed", GB_TYPE_JOURNAL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_STRING);
}

static void
gb_journal_init (GbJournal *self)
{
  static guint n = 0;
  g_autofree char *folder = g_build_filename (gb_paths_get_state_dir (), "journal", NULL);
  g_mkdir_with_parents (folder, 0700);
  self->path =
      g_strdup_printf ("%s/%" G_GINT64_FORMAT "-%d-%u.draft", folder, g_get_real_time (), getpid (), n++);
}

GbJournal *
gb_journal_new (void)
{
  return g_object_new (GB_TYPE_JOURNAL, NULL);
}
