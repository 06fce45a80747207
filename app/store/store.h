/* store: what must outlive the window, in an SQLite file of its own.
 *
 * Every change is one transaction that is on the disk when the call returns: whoever kills the program
 * afterwards takes nothing away.  The file carries its version (user_version); an older one is brought up to
 * date step by step, one that a later Gradboard has written is left alone, and a damaged one is set aside
 * beside the new one.
 *
 * A statement's values follow it by kind, one letter each: 's' text or NULL, 'i' gint64, 'd' double, 'n' none
 * (NULL). */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GB_STORE_ERROR (gb_store_error_quark ())
GQuark gb_store_error_quark (void);

typedef enum
{
  GB_STORE_ERROR_FAILED,
  GB_STORE_ERROR_NEWER, /* written by a later version */
} GbStoreError;

typedef struct _GbStore GbStore;

/* A row that is being read; it lives as long as the call. */
typedef struct _GbRow GbRow;
typedef void (*GbRowFunc) (GbRow *row, gpointer data);

/* steps: SQL that makes version 1 of an empty file, 2 of 1, …; ends with NULL; a step is never changed once
 * it was given to people.  set_aside (optional) takes the path of a damaged file that was set aside, or NULL.
 * ":memory:" is a store without a file. */
GbStore *gb_store_open (const char *path, const char *const *steps, char **set_aside, GError **error);
/* A file that is there already and stays what it is: a damaged one is told of and left where it is, one of another program too.
 * for_reading: of this version, and never written; otherwise it must be made ready before anything is. */
GbStore *
gb_store_open_as_is (const char *path, const char *const *steps, gboolean for_reading, GError **error);
/* Brings one that was opened as it is up to date: only once it is known to be ours. */
gboolean gb_store_make_ready (GbStore *self, const char *const *steps, GError **error);
void gb_store_close (GbStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbStore, gb_store_close)

gboolean gb_store_run (GbStore *self, GError **error, const char *sql, const char *kinds, ...);
gboolean gb_store_read (
    GbStore *self, GbRowFunc func, gpointer data, GError **error, const char *sql, const char *kinds, ...);
/* Several changes that come all or not at all.  May not be nested. */
gboolean gb_store_begin (GbStore *self, GError **error);
gboolean gb_store_commit (GbStore *self, GError **error);
void gb_store_roll_back (GbStore *self);
gint64 gb_store_get_last_id (GbStore *self); /* of the row that was put in last */

gboolean gb_row_is_null (GbRow *row, guint column);
gint64 gb_row_get_int (GbRow *row, guint column);
double gb_row_get_double (GbRow *row, guint column);
const char *gb_row_get_text (GbRow *row, guint column); /* NULL: none */

G_END_DECLS
