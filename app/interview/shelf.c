#include "interview/shelf.h"

#include <errno.h>
#include "common/i18n.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>

#include "paths.h"
#include "preferences.h"
#include "store/store.h"

#define SUFFIX ".interview"
#define THROWN ".thrown-away"

void
gb_shelf_row_free (GbShelfRow *self)
{
  g_free (self->path);
  g_free (self->title);
  g_free (self->candidate);
  g_free (self->error);
  g_free (self);
}

static char *folder; /* that is used */

const char *
gb_shelf_get_folder (void)
{
  if (folder == NULL)
    folder = g_settings_get_string (gb_preferences_get (), "interview-folder");
  if (folder == NULL || !*folder)
    {
      g_free (folder);
      folder = g_build_filename (gb_paths_get_state_dir (), "interviews", NULL);
    }
  g_mkdir_with_parents (folder, 0700);
  return folder;
}

gboolean
gb_shelf_set_folder (const char *other, GError **error)
{
  if (g_mkdir_with_parents (other, 0700) != 0 || g_access (other, W_OK) != 0)
    {
      g_set_error (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED,
                   _ ("Nothing can be written in %s (%s). Choose another place for interviews."), other, g_strerror (errno));
      return FALSE;
    }
  g_free (folder);
  folder = g_strdup (other);
  g_settings_set_string (gb_preferences_get (), "interview-folder", other);
  return TRUE;
}

char *
gb_shelf_display_folder (void)
{
  const char *path = gb_shelf_get_folder (), *home = g_get_home_dir ();
  gsize n = strlen (home);
  return g_str_has_prefix (path, home) && (path[n] == '/' || path[n] == '\0') ? g_strconcat ("~", path + n, NULL) : g_strdup (path);
}

char *
gb_shelf_new_path (const char *folder)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stem = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  for (guint i = 0;; i++)
    {
      g_autofree char *name =
          i ? g_strdup_printf ("%s-%u" SUFFIX, stem, i) : g_strconcat (stem, SUFFIX, NULL);
      char *path = g_build_filename (folder, name, NULL);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return path;
      g_free (path);
    }
}

/* ---- listing ---- */

static gboolean
stands_in (const char *text, const char *words)
{
  g_autofree char *folded = text ? g_utf8_casefold (text, -1) : NULL;
  return folded && strstr (folded, words);
}

static gboolean
matches (const GbFacts *facts, const char *words)
{
  g_autofree char *folded = words ? g_utf8_casefold (words, -1) : NULL;
  if (folded == NULL || *folded == '\0' || stands_in (facts->title, folded)
      || stands_in (facts->candidate, folded))
    return TRUE;
  for (guint i = 0; i < facts->notes->len; i++)
    {
      const GbInterviewNote *note = g_ptr_array_index (facts->notes, i);
      if (!note->is_unsaid && stands_in (note->text, folded))
        return TRUE;
    }
  for (guint i = 0; i < facts->items->len; i++)
    {
      const GbItemFacts *item = g_ptr_array_index (facts->items, i);
      if (stands_in (item->question.zh, folded) || stands_in (item->question.en, folded))
        return TRUE;
    }
  return FALSE;
}

static GbShelfRow *
read_row (const char *path, GbLibrary *library, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session = gb_session_open (path, GB_SESSION_TO_GLANCE, &error);
  GbShelfRow *row;

  if (session && !matches (gb_session_get_facts (session), words))
    return NULL;
  row = g_new0 (GbShelfRow, 1);
  row->path = g_strdup (path);
  row->points = NAN;
  if (session == NULL)
    {
      row->title = g_path_get_basename (path);
      row->candidate = g_strdup ("");
      row->error = g_strdup (error->message);
      return row;
    }
  const GbFacts *facts = gb_session_get_facts (session);
  g_autofree char *json = gb_facts_to_board (facts, library, facts->last_at, TRUE);
  g_autoptr (GbInterview) interview = gb_interview_new (json);
  row->title = g_strdup (facts->title);
  row->candidate = g_strdup (facts->candidate);
  row->made = gb_session_get_made (session);
  row->elapsed = gb_facts_get_elapsed (facts, facts->last_at);
  row->level = interview->level;
  row->is_begun = facts->begun_at >= 0;
  row->is_finished = facts->finished_at >= 0;
  row->points = interview->points;
  return row;
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const GbShelfRow *x = *(GbShelfRow *const *) a, *y = *(GbShelfRow *const *) b;
  return x->made == y->made ? strcmp (y->path, x->path) : x->made < y->made ? 1 : -1;
}

GPtrArray *
gb_shelf_list (const char *folder, GbLibrary *library, const char *words)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_shelf_row_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GbShelfRow *row = g_str_has_suffix (name, SUFFIX) ? read_row (path, library, words) : NULL;
      if (row)
        g_ptr_array_add (rows, row);
    }
  g_ptr_array_sort (rows, newest_first);
  return rows;
}

/* ---- moving ---- */

static gboolean
fail (GError **error, const char *path)
{
  g_set_error (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
  return FALSE;
}

/* With what SQLite has beside it. */
static gboolean
move_file (const char *from, const char *to, GError **error)
{
  static const char *const beside[] = { "-wal", "-shm" };
  if (g_rename (from, to) != 0)
    return fail (error, from);
  for (guint i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *a = g_strconcat (from, beside[i], NULL), *b = g_strconcat (to, beside[i], NULL);
      g_rename (a, b);
    }
  return TRUE;
}

gboolean
gb_shelf_throw_away (const char *path, GError **error)
{
  g_autofree char *to = g_strconcat (path, THROWN, NULL);
  g_autoptr (GError) busy = NULL;
  g_autoptr (GbSession) mine = gb_session_open (path, GB_SESSION_TO_GO_ON, &busy);

  /* One that cannot be read may go. */
  if (g_error_matches (busy, G_IO_ERROR, G_IO_ERROR_BUSY))
    {
      g_propagate_error (error, g_steal_pointer (&busy));
      return FALSE;
    }
  g_clear_object (&mine);
  if (!move_file (path, to, error))
    return FALSE;
  utime (to, NULL); /* when it was thrown away */
  return TRUE;
}

gboolean
gb_shelf_put_back (const char *path, GError **error)
{
  g_autofree char *from = g_strconcat (path, THROWN, NULL);
  if (g_file_test (path, G_FILE_TEST_EXISTS)) /* taken in again meanwhile */
    {
      g_set_error (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED, _ ("There is a file %s already."), path);
      return FALSE;
    }
  return move_file (from, path, error);
}

static void
erase_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);
      if (g_file_test (inside, G_FILE_TEST_IS_DIR) && !g_file_test (inside, G_FILE_TEST_IS_SYMLINK))
        erase_folder (inside);
      else
        g_unlink (inside);
    }
  g_rmdir (path);
}

/* The folder is anybody's choice: of what lies there, only what was thrown away here is erased. */
static gboolean
is_thrown (const char *name)
{
  return g_str_has_suffix (name, SUFFIX THROWN) && strlen (name) > strlen (SUFFIX THROWN);
}

/* What the candidate wrote and drew on the boards of that interview, of which the path is the one it was thrown away to. */
static void
erase_boards (const char *path)
{
  static const char *const endings[] = { "", ".replay" };
  g_autofree char *name = g_path_get_basename (path);
  name[strlen (name) - strlen (THROWN)] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *board = g_strconcat (gb_paths_get_state_dir (), "/boards/", name, endings[i], NULL);
      erase_folder (board);
    }
}

static gboolean
erase (const char *path, GError **error)
{
  static const char *const beside[] = { "-wal", "-shm" };
  if (g_unlink (path) != 0)
    return fail (error, path);
  erase_boards (path);
  for (guint i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *file = g_strconcat (path, beside[i], NULL);
      g_unlink (file);
    }
  return TRUE;
}

void
gb_shelf_empty (const char *folder, guint days)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gint64 since = g_get_real_time () / G_USEC_PER_SEC - (gint64) days * 24 * 3600;
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;
      if (is_thrown (name) && g_stat (path, &info) == 0
          && (days == 0 || info.st_mtime < since))
        erase (path, NULL);
    }
}

void
gb_shelf_expire (const char *folder, guint days)
{
  g_autoptr (GDir) dir = days ? g_dir_open (folder, 0, NULL) : NULL;
  gint64 since = g_get_real_time () / 1000 - (gint64) days * 24 * 3600 * 1000;
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GbSession) session =
          g_str_has_suffix (name, SUFFIX) ? gb_session_open (path, GB_SESSION_TO_GLANCE, NULL) : NULL;
      const GbFacts *facts = session ? gb_session_get_facts (session) : NULL;
      gboolean is_old = facts && facts->finished_at >= 0 && gb_session_get_made (session) + facts->finished_at < since;
      g_clear_object (&session);
      if (is_old)
        gb_shelf_throw_away (path, NULL);
    }
}

gboolean
gb_shelf_erase_all (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (g_str_has_suffix (name, SUFFIX) && !gb_shelf_throw_away (path, error))
        return FALSE;
    }
  gb_shelf_empty (folder, 0);
  return TRUE;
}

char *
gb_shelf_import (const char *folder, const char *file, GError **error)
{
  g_autoptr (GbSession) session = gb_session_open (file, GB_SESSION_TO_READ, error);
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *named =
      g_str_has_suffix (name, SUFFIX) ? g_strdup (name) : g_strconcat (name, SUFFIX, NULL);
  g_autofree char *path = g_build_filename (folder, named, NULL);

  if (session == NULL)
    return NULL;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_free (path);
      path = gb_shelf_new_path (folder);
    }
  return gb_session_export (session, path, error) ? g_steal_pointer (&path) : NULL;
}
