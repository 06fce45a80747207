/* What an error means, in one plain sentence with this case's numbers, in the current language.  Where explanations are
 * switched off, as in an examination, it is PyTorch's own words and no more. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* gb_diagnostics_explain: type "RuntimeError" and message as raised.  A known message gives a sentence of its
 * own, any other one that says what kind of thing went wrong.  Owned, never NULL. */
char *gb_diagnostics_explain (const char *type, const char *message);

/* gb_diagnostics_way_out: the smallest change that helps, or NULL when none is known.  Owned. */
char *gb_diagnostics_way_out (const char *type, const char *message);

/* gb_diagnostics_find_line: the deepest line of path that a traceback names, 0: none. */
guint gb_diagnostics_find_line (const char *traceback, const char *path);

/* gb_diagnostics_ended: reason of Execute or Exited ("crashed", "memory", …) at a line (0: unknown) with a
 * signal's number (0: none).  Owned, never NULL. */
char *gb_diagnostics_ended (const char *reason, guint line, int signal_number);

G_END_DECLS
