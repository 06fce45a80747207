/* Completion and help in the program text, from names.h: what is typed goes on as a known name, F1 tells what one does. */
#pragma once

#include "editor/code-view.h"

G_BEGIN_DECLS

/* Offers names in view: while one types when the preference says so, on Ctrl+Space at any time. */
void gb_completion_attach (GbCodeView *view);

/* A card at the caret with what is known of the name there: arguments, what it does, where it is.  FALSE: nothing is known. */
gboolean gb_completion_show_help (GbCodeView *view);

/* An examination takes both away, in every text of the program. */
void gb_completion_set_allowed (gboolean is_allowed);

G_END_DECLS
