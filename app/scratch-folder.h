/* A scratch folder: where programs of one command or one window write. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Owned path of a new, empty folder.  What processes left that were killed is taken away on the way. */
char *gb_scratch_folder_new (GError **error);
/* Takes it away with all that is in it; links in it are not followed. */
void gb_scratch_folder_remove (const char *folder);

G_END_DECLS
