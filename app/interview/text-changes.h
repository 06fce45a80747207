/* text-changes: what became of a program between two times, line by line. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The lines that differ, "- " before those that went and "+ " before those that came, with a line around each
 * place as it stayed; "…" where lines are left out.  "" when nothing differs.  Owned. */
char *gb_text_changes (const char *before, const char *after);

G_END_DECLS
