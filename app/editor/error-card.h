/* GbErrorCard: opens under the failing line: a plain sentence, the text as raised, a way out.  Esc folds it.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* gb_error_card_new: where is what stands at the right ("RuntimeError, line 4") without its line when line is
 * 0; traceback may be NULL.  Texts follow the language.  Floating. */
GtkWidget *gb_error_card_new (const char *type, const char *message, const char *traceback, guint line);

G_END_DECLS
