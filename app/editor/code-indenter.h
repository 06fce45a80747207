/* GbCodeIndenter: what Enter does in Python code: the indentation of the line before, one more after a colon
 * or an open bracket, one less after return, raise, pass, break and continue. */
#pragma once

#include <gtksourceview/gtksource.h>

G_BEGIN_DECLS

#define GB_TYPE_CODE_INDENTER (gb_code_indenter_get_type ())
G_DECLARE_FINAL_TYPE (GbCodeIndenter, gb_code_indenter, GB, CODE_INDENTER, GObject)

GtkSourceIndenter *gb_code_indenter_new (void);

/* Spaces that the line after `line` begins with. */
int gb_code_indenter_next_indent (const char *line);

/* Comments `text` (whole lines) out, or in when every line that is not blank is a comment.  Owned. */
char *gb_code_toggle_comment (const char *text);

G_END_DECLS
