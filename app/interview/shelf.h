/* shelf: the interviews that are kept, a file each in one folder: listed, searched, given away and taken in,
 * thrown away and fetched back. */
#pragma once

#include "interview/session.h"

G_BEGIN_DECLS

typedef struct
{
  char *path, *title, *candidate;
  gint64 made;    /* msec since 1970 */
  gint64 elapsed; /* msec */
  GbLevel level;
  gboolean is_begun, is_finished;
  double points; /* of 100, NAN: none */
  char *error;   /* why it cannot be read, or NULL */
} GbShelfRow;

void gb_shelf_row_free (GbShelfRow *self);

/* GbShelfRow, newest first; words: only those in whose title, name, notes and questions it stands, NULL: all.
 */
GPtrArray *gb_shelf_list (const char *folder, GbLibrary *library, const char *words);
/* Where they are: the place that was chosen, else below the state folder; made when missing. */
const char *gb_shelf_get_folder (void);
/* Another place from now on: where the home folder cannot be written.  FALSE: nothing can be written there. */
gboolean gb_shelf_set_folder (const char *folder, GError **error);
char *gb_shelf_display_folder (void); /* with "~" for the home folder.  Owned. */
/* A name for one that begins now.  Owned. */
char *gb_shelf_new_path (const char *folder);
/* Takes a copy of a file in.  Owned path, or NULL with error: it is none, or it is there already. */
char *gb_shelf_import (const char *folder, const char *file, GError **error);
/* Thrown away: it is listed no more, and can be put back until it is emptied. */
gboolean gb_shelf_throw_away (const char *path, GError **error);
gboolean gb_shelf_put_back (const char *path, GError **error);
/* Erases what was thrown away more than so many days ago (0: all of it). */
void gb_shelf_empty (const char *folder, guint days);
/* Throws away what ended more than so many days ago (0: nothing). */
void gb_shelf_expire (const char *folder, guint days);
/* Erases every interview in the folder, thrown away or not.  FALSE: one is open, or cannot be erased. */
gboolean gb_shelf_erase_all (const char *folder, GError **error);

G_END_DECLS
