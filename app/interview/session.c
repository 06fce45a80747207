#include "interview/session.h"

#include <errno.h>
#include <fcntl.h>
#include "common/i18n.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

#define RETRY_MSEC 2000
#define MOST_MSEC  (G_MAXINT64 / 4) /* of any time in a file, so that sums of them are numbers */

#define APPLICATION_ID 1197623670 /* "GbIv" */

static const char *const steps[] = {
  "PRAGMA application_id = " G_STRINGIFY (
      APPLICATION_ID) ";"
                      "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
                      "CREATE TABLE event (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, "
                      "body TEXT NOT NULL);",
  NULL,
};

/* What the writer is given: an event as text. */
typedef struct
{
  gint64 seq, at;
  char *kind, *body;
} Line;

struct _GbSession
{
  GObject parent_instance;

  char *path;
  int lock; /* of the file's own lock file; -1: only read */
  gint64 made;
  GPtrArray *events; /* GbFact */
  GbFacts *facts;

  /* The writer has the store to itself; the rest is under the mutex. */
  GbStore *store;
  GThread *writer;
  GMutex mutex;
  GCond cond;
  GQueue lines;         /* Line, not yet on the disk */
  gint64 told, written; /* the last event that was told, and that is on the disk */
  guint n_tries;
  gboolean is_closing, is_urgent;
  char *failure; /* of the last try, NULL: it went well */
  guint report_idle;

  char *trouble;
};

enum
{
  CHANGED,
  TROUBLE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbSession, gb_session, G_TYPE_OBJECT)

static void
fact_free (gpointer data)
{
  GbFact *self = data;
  g_free (self->kind);
  json_object_put (self->body);
  g_free (self);
}

static void
line_free (gpointer data)
{
  Line *self = data;
  g_free (self->kind);
  g_free (self->body);
  g_free (self);
}

/* ---- the writer ---- */

static gboolean
write_line (GbStore *store, const Line *line, GError **error)
{
  return gb_store_run (store, error, "INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?)", "iiss", line->seq,
                       line->at, line->kind, line->body);
}

static gboolean
write_lines (GbStore *store, GQueue *lines, GError **error)
{
  if (!gb_store_begin (store, error))
    return FALSE;
  for (GList *at = lines->head; at; at = at->next)
    if (!write_line (store, at->data, error))
      {
        gb_store_roll_back (store);
        return FALSE;
      }
  if (gb_store_commit (store, error))
    return TRUE;
  gb_store_roll_back (store);
  return FALSE;
}

static gboolean
report (gpointer data)
{
  GbSession *self = data;
  g_mutex_lock (&self->mutex);
  g_free (self->trouble);
  self->trouble = g_strdup (self->failure);
  self->report_idle = 0;
  g_mutex_unlock (&self->mutex);
  g_signal_emit (self, signals[TROUBLE], 0);
  return G_SOURCE_REMOVE;
}

/* Under the mutex.  What could not be written waits before what has come meanwhile. */
static void
take_outcome (GbSession *self, GQueue *lines, const char *failure)
{
  gboolean is_news = g_strcmp0 (self->failure, failure) != 0;

  self->n_tries++;
  if (failure)
    while (lines->length)
      g_queue_push_head (&self->lines, g_queue_pop_tail (lines));
  else
    self->written = ((Line *) lines->tail->data)->seq;
  g_queue_clear_full (lines, line_free);
  if (!is_news)
    return;
  g_free (self->failure);
  self->failure = g_strdup (failure);
  if (self->report_idle == 0)
    self->report_idle = g_idle_add (report, self);
}

/* Under the mutex. */
static void
wait_for_lines (GbSession *self)
{
  while (self->lines.length == 0 && !self->is_closing)
    g_cond_wait (&self->cond, &self->mutex);
  if (self->failure)
    {
      gint64 until = g_get_monotonic_time () + RETRY_MSEC * 1000;
      while (!self->is_urgent && !self->is_closing && g_cond_wait_until (&self->cond, &self->mutex, until))
        ;
    }
  self->is_urgent = FALSE;
}

static gpointer
write_on (gpointer data)
{
  GbSession *self = data;

  g_mutex_lock (&self->mutex);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      GQueue lines;
      wait_for_lines (self);
      if (self->lines.length == 0)
        break;
      lines = self->lines;
      g_queue_init (&self->lines);
      g_mutex_unlock (&self->mutex);
      write_lines (self->store, &lines, &error);
      g_mutex_lock (&self->mutex);
      take_outcome (self, &lines, error ? error->message : NULL);
      g_cond_broadcast (&self->cond);
      if (self->is_closing && error)
        break;
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

gboolean
gb_session_flush (GbSession *self, GError **error)
{
  gboolean ok;
  guint n_tries;

  g_mutex_lock (&self->mutex);
  n_tries = self->n_tries;
  self->is_urgent = TRUE;
  g_cond_broadcast (&self->cond);
  while (self->writer && self->written < self->told && !(self->failure && self->n_tries != n_tries))
    g_cond_wait (&self->cond, &self->mutex);
  ok = self->written == self->told;
  if (!ok)
    g_set_error_literal (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED, self->failure ? self->failure : "");
  g_mutex_unlock (&self->mutex);
  return ok;
}

const char *
gb_session_get_trouble (GbSession *self)
{
  return self->trouble;
}

/* ---- telling ---- */

gint64
gb_session_get_made (GbSession *self)
{
  return self->made;
}

gint64
gb_session_get_now (GbSession *self)
{
  return MAX (g_get_real_time () / 1000 - self->made, self->facts->last_at);
}

const char *
gb_session_get_path (GbSession *self)
{
  return self->path;
}

const GbFacts *
gb_session_get_facts (GbSession *self)
{
  return self->facts;
}

guint
gb_session_get_n_events (GbSession *self)
{
  return self->events->len;
}

const GbFact *
gb_session_get_event (GbSession *self, guint nth)
{
  return g_ptr_array_index (self->events, nth);
}

/* Takes the body. */
static void
add_event (GbSession *self, gint64 at, const char *kind, GbJson *body)
{
  GbFact *fact = g_new0 (GbFact, 1);
  fact->at = MAX (at, self->facts->last_at);
  fact->kind = g_strdup (kind);
  fact->body = body;
  g_ptr_array_add (self->events, fact);
  gb_facts_take (self->facts, fact->at, fact->kind, fact->body);
}

static void
tell_at (GbSession *self, gint64 at, const char *kind, GbJson *body)
{
  Line *line = g_new0 (Line, 1);

  g_return_if_fail (self->lock >= 0);
  add_event (self, at, kind, body ? body : json_object_new_object ());
  line->seq = self->events->len;
  line->at = self->facts->last_at;
  line->kind = g_strdup (kind);
  line->body = g_strdup (json_object_to_json_string_ext (
      ((GbFact *) g_ptr_array_index (self->events, line->seq - 1))->body, JSON_C_TO_STRING_PLAIN));
  g_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->lines, line);
  self->told = line->seq;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

void
gb_session_tell (GbSession *self, const char *kind, GbJson *body)
{
  tell_at (self, gb_session_get_now (self), kind, body);
  g_signal_emit (self, signals[CHANGED], 0);
}

GbFacts *
gb_session_facts_at (GbSession *self, gint64 at)
{
  GbFacts *facts = gb_facts_new ();
  for (guint i = 0; i < self->events->len; i++)
    {
      const GbFact *fact = gb_session_get_event (self, i);
      if (fact->at > at)
        break;
      gb_facts_take (facts, fact->at, fact->kind, fact->body);
    }
  return facts;
}

/* ---- the file ---- */

static void
take_number (GbRow *row, gpointer data)
{
  const char *text = gb_row_get_text (row, 0);
  *(gint64 *) data = text ? CLAMP (g_ascii_strtoll (text, NULL, 10), 0, MOST_MSEC) : 0;
}

static void
take_event (GbRow *row, gpointer data)
{
  GbSession *self = data;
  const char *kind = gb_row_get_text (row, 1), *text = gb_row_get_text (row, 2);
  GbJson *body = text ? json_tokener_parse (text) : NULL;
  if (kind)
    add_event (self, CLAMP (gb_row_get_int (row, 0), 0, MOST_MSEC), kind, body ? body : json_object_new_object ());
}

/* One window has it: a lock that goes with the process. */
static gboolean
lock_file (GbSession *self, GError **error)
{
  g_autofree char *path = g_strconcat (self->path, ".lock", NULL);
  int lock = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (lock >= 0 && flock (lock, LOCK_EX | LOCK_NB) == 0)
    {
      struct stat mine, there;
      if (fstat (lock, &mine) == 0 && stat (path, &there) == 0 && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev)
        {
          self->lock = lock;
          return TRUE;
        }
      /* Whoever had it removed it between the two calls: what was locked is nobody's any more. */
      close (lock);
      return lock_file (self, error);
    }
  if (lock >= 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                         _ ("This interview is open in another window. Close it there first."));
  else
    {
      g_autofree char *folder = g_path_get_dirname (self->path);
      g_set_error (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED,
                   _ ("Nothing can be written in %s (%s). Choose another place for interviews."), folder,
                   g_strerror (errno));
    }
  if (lock >= 0)
    close (lock);
  return FALSE;
}

static GbSession *
session_new (const char *path)
{
  GbSession *self = g_object_new (GB_TYPE_SESSION, NULL);
  self->path = g_strdup (path);
  return self;
}

static void
begin_writing (GbSession *self)
{
  self->told = self->written = self->events->len;
  self->writer = g_thread_new ("interview", write_on, self);
}

GbSession *
gb_session_create (const char *path, GError **error)
{
  g_autoptr (GbSession) self = session_new (path);
  g_autofree char *made = g_strdup_printf ("%" G_GINT64_FORMAT, self->made = g_get_real_time () / 1000);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED, _ ("There is a file %s already."), path);
      return NULL;
    }
  if (!lock_file (self, error))
    return NULL;
  self->store = gb_store_open (path, steps, NULL, error);
  if (self->store == NULL
      || !gb_store_run (self->store, error, "INSERT INTO about VALUES ('made', ?)", "s", made))
    return NULL;
  begin_writing (self);
  return g_steal_pointer (&self);
}

static gboolean
is_interview (GbSession *self, GError **error)
{
  gint64 id = 0;
  if (!gb_store_read (self->store, take_number, &id, error, "PRAGMA application_id", ""))
    return FALSE;
  if (id == APPLICATION_ID)
    return TRUE;
  g_set_error (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED, _ ("%s is no interview."), self->path);
  return FALSE;
}

GbSession *
gb_session_open (const char *path, GbSessionUse use, GError **error)
{
  g_autoptr (GbSession) self = session_new (path);
  const char *events =
      use == GB_SESSION_TO_GLANCE
          ? "SELECT at, kind, body FROM event WHERE kind NOT IN ('type', 'text', 'picture') ORDER BY seq"
          : "SELECT at, kind, body FROM event ORDER BY seq";

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED, _ ("There is no interview %s."), path);
      return NULL;
    }
  if (use == GB_SESSION_TO_GO_ON && !lock_file (self, error))
    return NULL;
  self->store = gb_store_open_as_is (path, steps, use != GB_SESSION_TO_GO_ON, error);
  if (self->store == NULL || !is_interview (self, error)
      || (use == GB_SESSION_TO_GO_ON && !gb_store_make_ready (self->store, steps, error))
      || !gb_store_read (self->store, take_number, &self->made, error,
                         "SELECT value FROM about WHERE key = 'made'", "")
      || !gb_store_read (self->store, take_event, self, error, events, ""))
    return NULL;
  if (use != GB_SESSION_TO_GO_ON)
    return g_steal_pointer (&self);
  begin_writing (self);
  if (self->facts->running_since >= 0)
    tell_at (self, self->facts->last_at, "pause", NULL);
  return g_steal_pointer (&self);
}

/* The events are all here, so a copy needs nothing of the file. */
gboolean
gb_session_export (GbSession *self, const char *path, GError **error)
{
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  g_autofree char *made = g_strdup_printf ("%" G_GINT64_FORMAT, self->made);
  gboolean ok;
  GbStore *store;

  g_unlink (part);
  store = gb_store_open (part, steps, NULL, error);
  ok = store && gb_store_begin (store, error)
       && gb_store_run (store, error, "INSERT INTO about VALUES ('made', ?)", "s", made);
  for (guint i = 0; ok && i < self->events->len; i++)
    {
      const GbFact *fact = gb_session_get_event (self, i);
      Line line = { i + 1, fact->at, fact->kind,
                    (char *) json_object_to_json_string_ext (fact->body, JSON_C_TO_STRING_PLAIN) };
      ok = write_line (store, &line, error);
    }
  /* One file: what stands in the log beside it goes into it. */
  ok =
      ok && gb_store_commit (store, error) && gb_store_run (store, error, "PRAGMA journal_mode = DELETE", "");
  gb_store_close (store);
  if (ok && g_rename (part, path) != 0)
    {
      g_set_error_literal (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED, g_strerror (errno));
      ok = FALSE;
    }
  if (!ok)
    g_unlink (part);
  return ok;
}

/* ---- the object ---- */

static void
gb_session_finalize (GObject *object)
{
  GbSession *self = GB_SESSION (object);

  if (self->writer)
    {
      g_mutex_lock (&self->mutex);
      self->is_closing = TRUE;
      g_cond_broadcast (&self->cond);
      g_mutex_unlock (&self->mutex);
      g_thread_join (self->writer);
    }
  g_clear_handle_id (&self->report_idle, g_source_remove);
  gb_store_close (self->store);
  if (self->lock >= 0)
    {
      g_autofree char *lock = g_strconcat (self->path, ".lock", NULL);
      g_unlink (lock);
      close (self->lock);
    }
  g_queue_clear_full (&self->lines, line_free);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_ptr_array_unref (self->events);
  gb_facts_free (self->facts);
  g_free (self->failure);
  g_free (self->trouble);
  g_free (self->path);
  G_OBJECT_CLASS (gb_session_parent_class)->finalize (object);
}

static void
gb_session_class_init (GbSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_session_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[TROUBLE] =
      g_signal_new ("trouble", GB_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_session_init (GbSession *self)
{
  self->lock = -1;
  self->events = g_ptr_array_new_with_free_func (fact_free);
  self->facts = gb_facts_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
}
