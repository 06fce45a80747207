#include "editor/document.h"

#include "common/i18n.h"

#define JOURNAL_DELAY_MSEC 500
/* A save raises change events of its own. */
#define OWN_CHANGE_USEC (G_USEC_PER_SEC)

struct _GbDocument
{
  GObject parent_instance;

  GtkSourceBuffer *buffer;
  GtkSourceFile *source_file;
  GFileMonitor *monitor;
  GbJournal *journal;
  char *title, *scene;
  guint journal_timeout;
  gint64 saved_usec;
  gboolean is_loading, is_covered;
};

enum
{
  TITLE_CHANGED,
  CHANGED_ON_DISK,
  NOT_KEPT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbDocument, gb_document, G_TYPE_OBJECT)

/* ---- the journal ---- */

static gboolean
on_journal (gpointer data)
{
  GbDocument *self = data;
  self->journal_timeout = 0;
  if (!gb_document_is_modified (self))
    return G_SOURCE_REMOVE;
  GbDraft *draft = g_new0 (GbDraft, 1);
  GFile *file = gb_document_get_file (self);
  draft->uri = file ? g_file_get_uri (file) : NULL;
  draft->scene = g_strdup (self->scene);
  draft->title = g_strdup (self->title);
  draft->text = gb_document_dup_text (self);
  g_object_get (self->buffer, "cursor-position", &draft->caret, NULL);
  gb_journal_write (self->journal, draft);
  return G_SOURCE_REMOVE;
}

static void
on_journal_failed (GbDocument *self, const char *why)
{
  g_signal_emit (self, signals[NOT_KEPT], 0, why);
}

static void
on_changed (GbDocument *self)
{
  if (!self->is_loading && !self->is_covered && !self->journal_timeout)
    self->journal_timeout = g_timeout_add (JOURNAL_DELAY_MSEC, on_journal, self);
}

static void
on_modified_changed (GbDocument *self)
{
  if (!gb_document_is_modified (self))
    gb_journal_clear (self->journal);
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

void
gb_document_discard (GbDocument *self)
{
  g_clear_handle_id (&self->journal_timeout, g_source_remove);
  gtk_text_buffer_set_modified (GTK_TEXT_BUFFER (self->buffer), FALSE);
  gb_journal_clear (self->journal);
}

/* ---- the file ---- */

static void
on_reloaded (GObject *source, GAsyncResult *result, gpointer data)
{
  gb_document_load_finish (GB_DOCUMENT (source), result, NULL);
}

/* What was told may be of another file: whoever writes by renaming moves one over ours, and the one that is gone is told first. */
static void
on_disk_changed (GFileMonitor *monitor, GFile *told, GFile *other, GFileMonitorEvent event, gpointer data)
{
  GbDocument *self = data;
  GFile *file = gb_document_get_file (self);
  if (g_get_monotonic_time () - self->saved_usec < OWN_CHANGE_USEC || self->is_loading || self->is_covered)
    return;
  if (event != G_FILE_MONITOR_EVENT_DELETED && event != G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT
      && event != G_FILE_MONITOR_EVENT_CREATED)
    return;
  if (!g_file_query_exists (file, NULL))
    {
      /* The text here is now the only copy. */
      gtk_text_buffer_set_modified (GTK_TEXT_BUFFER (self->buffer), TRUE);
      g_signal_emit (self, signals[CHANGED_ON_DISK], 0, TRUE);
    }
  else if (gb_document_is_modified (self))
    g_signal_emit (self, signals[CHANGED_ON_DISK], 0, FALSE);
  else
    gb_document_load_async (self, file, on_reloaded, NULL);
}

static void
set_file (GbDocument *self, GFile *file)
{
  gtk_source_file_set_location (self->source_file, file);
  g_clear_object (&self->monitor);
  g_free (self->title);
  self->title = g_file_get_basename (file);
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (on_disk_changed), self, 0);
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GbDocument *self = g_task_get_source_object (task);
  GError *error = NULL;
  self->is_loading = FALSE;
  if (!gtk_source_file_loader_load_finish (GTK_SOURCE_FILE_LOADER (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  set_file (self, gtk_source_file_loader_get_location (GTK_SOURCE_FILE_LOADER (source)));
  GtkTextIter start;
  gtk_text_buffer_get_start_iter (GTK_TEXT_BUFFER (self->buffer), &start);
  gtk_text_buffer_place_cursor (GTK_TEXT_BUFFER (self->buffer), &start);
  gtk_text_buffer_set_modified (GTK_TEXT_BUFFER (self->buffer), FALSE);
  g_task_return_boolean (task, TRUE);
}

void
gb_document_load_async (GbDocument *self, GFile *file, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  g_autoptr (GtkSourceFile) source_file = gtk_source_file_new ();
  gtk_source_file_set_location (source_file, file);
  g_autoptr (GtkSourceFileLoader) loader = gtk_source_file_loader_new (self->buffer, source_file);
  self->is_loading = TRUE;
  gtk_source_file_loader_load_async (loader, G_PRIORITY_DEFAULT, NULL, NULL, NULL, NULL, on_loaded, task);
}

gboolean
gb_document_load_finish (GbDocument *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GbDocument *self = g_task_get_source_object (task);
  GError *error = NULL;
  self->saved_usec = g_get_monotonic_time ();
  if (!gtk_source_file_saver_save_finish (GTK_SOURCE_FILE_SAVER (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_pointer (&self->scene, g_free);
  gtk_text_buffer_set_modified (GTK_TEXT_BUFFER (self->buffer), FALSE);
  set_file (self, gtk_source_file_saver_get_location (GTK_SOURCE_FILE_SAVER (source)));
  g_task_return_boolean (task, TRUE);
}

void
gb_document_save_async (GbDocument *self, GFile *file, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  g_autoptr (GtkSourceFile) target = gtk_source_file_new ();
  gtk_source_file_set_location (target, file ? file : gb_document_get_file (self));
  g_autoptr (GtkSourceFileSaver) saver = gtk_source_file_saver_new (self->buffer, target);
  gtk_source_file_saver_set_flags (saver, GTK_SOURCE_FILE_SAVER_FLAGS_IGNORE_MODIFICATION_TIME);
  self->saved_usec = g_get_monotonic_time ();
  gtk_source_file_saver_save_async (saver, G_PRIORITY_DEFAULT, NULL, NULL, NULL, NULL, on_saved, task);
}

gboolean
gb_document_save_finish (GbDocument *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- shown in parts ---- */

char *
gb_document_cover (GbDocument *self)
{
  char *text = gb_document_dup_text (self);
  gb_document_discard (self); /* who covers it has it now */
  self->is_covered = TRUE;
  gb_document_show_part (self, "");
  return text;
}

void
gb_document_show_part (GbDocument *self, const char *text)
{
  /* Not by undo, either. */
  gtk_text_buffer_begin_irreversible_action (GTK_TEXT_BUFFER (self->buffer));
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (self->buffer), text, -1);
  gtk_text_buffer_end_irreversible_action (GTK_TEXT_BUFFER (self->buffer));
  gtk_text_buffer_set_modified (GTK_TEXT_BUFFER (self->buffer), FALSE);
}

void
gb_document_uncover (GbDocument *self, const char *text)
{
  gb_document_show_part (self, text);
  self->is_covered = FALSE;
}

gboolean
gb_document_is_covered (GbDocument *self)
{
  return self->is_covered;
}

/* ---- what it is ---- */

GtkSourceBuffer *
gb_document_get_buffer (GbDocument *self)
{
  return self->buffer;
}

GFile *
gb_document_get_file (GbDocument *self)
{
  return gtk_source_file_get_location (self->source_file);
}

const char *
gb_document_get_title (GbDocument *self)
{
  return self->title ? self->title : _ ("untitled.py");
}

char *
gb_document_dup_path (GbDocument *self)
{
  GFile *file = gb_document_get_file (self);
  char *path = file ? g_file_get_path (file) : NULL;
  return path ? path : g_strdup ("untitled.py");
}

char *
gb_document_dup_text (GbDocument *self)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (self->buffer), &start, &end);
  return gtk_text_buffer_get_text (GTK_TEXT_BUFFER (self->buffer), &start, &end, TRUE);
}

gboolean
gb_document_is_modified (GbDocument *self)
{
  return gtk_text_buffer_get_modified (GTK_TEXT_BUFFER (self->buffer));
}

gboolean
gb_document_is_loading (GbDocument *self)
{
  return self->is_loading;
}

gboolean
gb_document_is_untouched (GbDocument *self)
{
  return !gb_document_get_file (self) && !self->is_loading && !self->is_covered
         && gtk_text_buffer_get_char_count (GTK_TEXT_BUFFER (self->buffer)) == 0;
}

const char *
gb_document_get_scene (GbDocument *self)
{
  return self->scene;
}

void
gb_document_set_scene (GbDocument *self, const char *scene)
{
  g_free (self->scene);
  self->scene = g_strdup (scene);
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

static void
gb_document_dispose (GObject *object)
{
  GbDocument *self = GB_DOCUMENT (object);
  if (self->journal_timeout)
    {
      g_clear_handle_id (&self->journal_timeout, g_source_remove);
      on_journal (self);
    }
  g_clear_object (&self->monitor);
  g_clear_object (&self->buffer);
  g_clear_object (&self->source_file);
  g_clear_object (&self->journal);
  G_OBJECT_CLASS (gb_document_parent_class)->dispose (object);
}

static void
gb_document_finalize (GObject *object)
{
  GbDocument *self = GB_DOCUMENT (object);
  g_free (self->title);
  g_free (self->scene);
  G_OBJECT_CLASS (gb_document_parent_class)->finalize (object);
}

static void
gb_document_class_init (GbDocumentClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_document_dispose;
  G_OBJECT_CLASS (klass)->finalize = gb_document_finalize;
  signals[TITLE_CHANGED] = g_signal_new ("title-changed", GB_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 0);
  signals[CHANGED_ON_DISK] = g_signal_new ("changed-on-disk", GB_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[NOT_KEPT] = g_signal_new ("not-kept", GB_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                    G_TYPE_STRING);
}

static void
gb_document_init (GbDocument *self)
{
  GtkSourceLanguage *python =
      gtk_source_language_manager_get_language (gtk_source_language_manager_get_default (), "python3");
  self->buffer = python ? gtk_source_buffer_new_with_language (python) : gtk_source_buffer_new (NULL);
  self->source_file = gtk_source_file_new ();
  self->journal = gb_journal_new ();
  g_signal_connect_object (self->journal, "failed", G_CALLBACK (on_journal_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->buffer, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->buffer, "modified-changed", G_CALLBACK (on_modified_changed), self,
                           G_CONNECT_SWAPPED);
}

GbDocument *
gb_document_new (void)
{
  return g_object_new (GB_TYPE_DOCUMENT, NULL);
}

GbDocument *
gb_document_new_for_draft (const GbDraft *draft)
{
  GbDocument *self = gb_document_new ();
  if (draft->uri)
    {
      g_autoptr (GFile) file = g_file_new_for_uri (draft->uri);
      set_file (self, file);
    }
  self->scene = g_strdup (draft->scene);
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (self->buffer), draft->text, -1);
  GtkTextIter caret;
  gtk_text_buffer_get_iter_at_offset (GTK_TEXT_BUFFER (self->buffer), &caret, draft->caret);
  gtk_text_buffer_place_cursor (GTK_TEXT_BUFFER (self->buffer), &caret);
  gtk_text_buffer_set_modified (GTK_TEXT_BUFFER (self->buffer), TRUE);
  gb_journal_adopt (self->journal, draft);
  return self;
}
