/* Files that the board keeps for the person without asking where: in Documents/Gradboard, under names that are not
 * taken. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "descent 2026-11-28 10-11-12.gbt"; the folder exists afterwards if it can.  program: a path; suffix: "gbt".  Owned. */
char *gb_kept_file_new_path (const char *program, const char *suffix);
/* Path as people write it, with ~ for their home; owned. */
char *gb_kept_file_display (const char *path);

G_END_DECLS
