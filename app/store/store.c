#include "store/store.h"

#include "common/i18n.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_MSEC 2000 /* another window may be writing */

struct _GbStore
{
  sqlite3 *db;
};

G_DEFINE_QUARK (gb-store-error-quark, gb_store_error)

/* What happens to people's disks is told in their words, the rest in SQLite's. */
static gboolean
fail (GbStore *self, GError **error)
{
  const char *text = sqlite3_errmsg (self->db);
  switch (sqlite3_errcode (self->db))
    {
    case SQLITE_FULL:
      text = _ ("the disk is full");
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      text = _ ("another program has the file locked");
      break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      text = _ ("its folder cannot be written");
      break;
    case SQLITE_IOERR:
      text = _ ("the disk refuses to write, or is full");
      break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      text = _ ("the file is damaged, or was not written by Gradboard");
      break;
    default:
      break;
    }
  g_set_error_literal (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED, text);
  return FALSE;
}

static gboolean
run_text (GbStore *self, const char *sql, GError **error)
{
  return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail (self, error);
}

/* ---- statements ---- */

static void
bind_values (sqlite3_stmt *statement, const char *kinds, va_list values)
{
  for (int at = 1; *kinds; kinds++, at++)
    switch (*kinds)
      {
      case 's':
        sqlite3_bind_text (statement, at, va_arg (values, const char *), -1, SQLITE_TRANSIENT);
        break;
      case 'i':
        sqlite3_bind_int64 (statement, at, va_arg (values, gint64));
        break;
      case 'd':
        sqlite3_bind_double (statement, at, va_arg (values, double));
        break;
      case 'n':
        sqlite3_bind_null (statement, at);
        break;
      default:
        g_assert_not_reached ();
      }
}

static gboolean
go_through (GbStore *self,
            GbRowFunc func,
            gpointer data,
            GError **error,
            const char *sql,
            const char *kinds,
            va_list values)
{
  sqlite3_stmt *statement = NULL;
  int result;
  if (sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) != SQLITE_OK)
    return fail (self, error);
  g_assert ((gsize) sqlite3_bind_parameter_count (statement) == strlen (kinds));
  bind_values (statement, kinds, values);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    if (func)
      func ((GbRow *) statement, data);
  if (result != SQLITE_DONE)
    fail (self, error);
  sqlite3_finalize (statement);
  return result == SQLITE_DONE;
}

gboolean
gb_store_run (GbStore *self, GError **error, const char *sql, const char *kinds, ...)
{
  va_list values;
  va_start (values, kinds);
  gboolean ok = go_through (self, NULL, NULL, error, sql, kinds, values);
  va_end (values);
  return ok;
}

gboolean
gb_store_read (
    GbStore *self, GbRowFunc func, gpointer data, GError **error, const char *sql, const char *kinds, ...)
{
  va_list values;
  va_start (values, kinds);
  gboolean ok = go_through (self, func, data, error, sql, kinds, values);
  va_end (values);
  return ok;
}

gboolean
gb_store_begin (GbStore *self, GError **error)
{
  return run_text (self, "BEGIN IMMEDIATE", error);
}

gboolean
gb_store_commit (GbStore *self, GError **error)
{
  return run_text (self, "COMMIT", error);
}

void
gb_store_roll_back (GbStore *self)
{
  sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
}

gint64
gb_store_get_last_id (GbStore *self)
{
  return sqlite3_last_insert_rowid (self->db);
}

gboolean
gb_row_is_null (GbRow *row, guint column)
{
  return sqlite3_column_type ((sqlite3_stmt *) row, (int) column) == SQLITE_NULL;
}

gint64
gb_row_get_int (GbRow *row, guint column)
{
  return sqlite3_column_int64 ((sqlite3_stmt *) row, (int) column);
}

double
gb_row_get_double (GbRow *row, guint column)
{
  return sqlite3_column_double ((sqlite3_stmt *) row, (int) column);
}

const char *
gb_row_get_text (GbRow *row, guint column)
{
  return (const char *) sqlite3_column_text ((sqlite3_stmt *) row, (int) column);
}

/* ---- opening ---- */

static void
take_int (GbRow *row, gpointer data)
{
  *(gint64 *) data = gb_row_get_int (row, 0);
}

/* Each step and its number in one transaction: what is killed between two steps goes on there. */
static gboolean
bring_up_to_date (GbStore *self, const char *const *steps, GError **error)
{
  gint64 version = 0, last = (gint64) g_strv_length ((char **) steps);
  if (!gb_store_begin (self, error))
    return FALSE;
  if (!gb_store_read (self, take_int, &version, error, "PRAGMA user_version", ""))
    goto back;
  if (version > last)
    {
      g_set_error_literal (error, GB_STORE_ERROR, GB_STORE_ERROR_NEWER,
                           _ ("It was written by a later version of Gradboard, and is left as it is."));
      goto back;
    }
  for (; version < last; version++)
    {
      g_autofree char *number = g_strdup_printf ("PRAGMA user_version = %d", (int) version + 1);
      if (!run_text (self, steps[version], error) || !run_text (self, number, error))
        goto back;
    }
  return gb_store_commit (self, error);
back:
  gb_store_roll_back (self);
  return FALSE;
}

/* Is the whole file sound?  Costs a walk over it, which is short for what is kept here. */
static void
take_soundness (GbRow *row, gpointer data)
{
  *(gboolean *) data = g_strcmp0 (gb_row_get_text (row, 0), "ok") == 0;
}

/* Opens it and walks over it.  damaged: whether it is no sound SQLite file. */
static GbStore *
open_sound (const char *path, int flags, gboolean *damaged, GError **error)
{
  g_autoptr (GbStore) self = g_new0 (GbStore, 1);
  gboolean sound = FALSE;
  int result = sqlite3_open_v2 (path, &self->db, flags | SQLITE_OPEN_FULLMUTEX, NULL);
  *damaged = FALSE;
  if (result != SQLITE_OK)
    {
      fail (self, error);
      return NULL;
    }
  sqlite3_busy_timeout (self->db, PATIENCE_MSEC);
  if (gb_store_read (self, take_soundness, &sound, error, "PRAGMA quick_check (1)", "") && sound)
    return g_steal_pointer (&self);
  int code = sqlite3_errcode (self->db);
  *damaged =
      code == SQLITE_NOTADB || code == SQLITE_CORRUPT || (code == SQLITE_OK && !sound) || code == SQLITE_DONE;
  if (error && !*error)
    fail (self, error);
  return NULL;
}

gboolean
gb_store_make_ready (GbStore *self, const char *const *steps, GError **error)
{
  return run_text (self, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON",
                   error)
         && bring_up_to_date (self, steps, error);
}

static GbStore *
open_file (const char *path, const char *const *steps, gboolean *damaged, GError **error)
{
  g_autoptr (GbStore) self = open_sound (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, damaged, error);
  return self && gb_store_make_ready (self, steps, error) ? g_steal_pointer (&self) : NULL;
}

GbStore *
gb_store_open_as_is (const char *path, const char *const *steps, gboolean for_reading, GError **error)
{
  gboolean damaged;
  gint64 version = 0, last = (gint64) g_strv_length ((char **) steps);
  g_autoptr (GbStore) self =
      open_sound (path, for_reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, &damaged, error);

  if (self == NULL)
    return NULL;
  if (!gb_store_read (self, take_int, &version, error, "PRAGMA user_version", ""))
    return NULL;
  if (version == last || (!for_reading && version > 0 && version < last))
    return g_steal_pointer (&self);
  g_set_error_literal (error, GB_STORE_ERROR, GB_STORE_ERROR_NEWER,
                       version == 0
                           ? _ ("It was not written by Gradboard.")
                           : _ ("It was written by another version of Gradboard, and is left as it is."));
  return NULL;
}

static char *
move_aside (const char *path)
{
  g_autofree char *to = NULL;
  for (guint i = 1; i < 1000; i++)
    {
      g_free (to);
      to = g_strdup_printf ("%s.damaged-%u", path, i);
      if (!g_file_test (to, G_FILE_TEST_EXISTS))
        break;
    }
  static const char *const beside[] = { "-wal", "-shm" };
  for (guint i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *from = g_strconcat (path, beside[i], NULL), *there = g_strconcat (to, beside[i], NULL);
      rename (from, there);
    }
  return rename (path, to) == 0 ? g_steal_pointer (&to) : NULL;
}

GbStore *
gb_store_open (const char *path, const char *const *steps, char **set_aside, GError **error)
{
  g_autoptr (GError) first = NULL;
  gboolean damaged;
  if (set_aside)
    *set_aside = NULL;
  GbStore *self = open_file (path, steps, &damaged, &first);
  g_autofree char *moved = self || !damaged ? NULL : move_aside (path);
  if (moved)
    {
      g_clear_error (&first);
      self = open_file (path, steps, &damaged, &first);
      if (set_aside)
        *set_aside = g_steal_pointer (&moved);
    }
  if (!self)
    g_propagate_error (error, g_steal_pointer (&first));
  return self;
}

void
gb_store_close (GbStore *self)
{
  if (self)
    sqlite3_close_v2 (self->db);
  g_free (self);
}
