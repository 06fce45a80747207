/* GbInkKeep: ink on disk.  A program's marks are STATE/ink/NAME.ink: a line that says whose they are, then
 * every change as it happened, written before the next frame; a line that was cut off by the end of the
 * process is left out when they are read.  NAME is made of the program's path. */
#pragma once

#include "models/ink.h"

G_BEGIN_DECLS

#define GB_TYPE_INK_KEEP (gb_ink_keep_get_type ())
G_DECLARE_FINAL_TYPE (GbInkKeep, gb_ink_keep, GB, INK_KEEP, GObject)

/* Signal "failed" (message): once, when marks cannot be written. */
GbInkKeep *gb_ink_keep_new (GbInk *ink, const char *state_dir);
/* Reads the marks of a program, unless they have been read. */
void gb_ink_keep_open (GbInkKeep *self, const char *program);
/* Forgets what is kept of a program that nobody has open. */
void gb_ink_keep_drop (GbInkKeep *self, const char *program);
char *gb_ink_keep_dup_path (GbInkKeep *self, const char *program);

G_END_DECLS
