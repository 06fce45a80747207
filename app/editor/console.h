/* GbConsole: what the program printed, bounded and searchable, with a line for input().  It reads the trace's
 * prints, so a recording fills it in the same way. */
#pragma once

#include <gtk/gtk.h>

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_TYPE_CONSOLE (gb_console_get_type ())
G_DECLARE_FINAL_TYPE (GbConsole, gb_console, GB, CONSOLE, GtkWidget)

/* Signal "input" (string): a line for the program. */
GtkWidget *gb_console_new (GbTrace *trace);
/* prompt: what input() asks, "" for nothing; NULL: the program does not wait. */
void gb_console_set_prompt (GbConsole *self, const char *prompt);
/* A line of the board's own, between those of the program. */
void gb_console_append_notice (GbConsole *self, const char *text);
/* What it shows at its end, at most so many characters; owned. */
char *gb_console_dup_tail (GbConsole *self, int most_chars);
void gb_console_clear (GbConsole *self);
void gb_console_focus (GbConsole *self);
void gb_console_open_search (GbConsole *self);
gboolean gb_console_has_focus (GbConsole *self);

G_END_DECLS
