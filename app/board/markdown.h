/* Markdown into a text buffer: headings, emphasis, code, lists, quotes, tables row by row, and formulas
 * in a simple readable form. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* gb_markdown_add_tags: the tags that gb_markdown_append uses; once per buffer. */
void gb_markdown_add_tags (GtkTextBuffer *buffer);
/* gb_markdown_append: renders text at the buffer's end. */
void gb_markdown_append (GtkTextBuffer *buffer, const char *text);

/* gb_markdown_formula: TeX's small words as signs: "\frac{a}{b}" to "a / b", "\alpha" to "α", "x^2" to "x²".
 * Owned. */
char *gb_markdown_formula (const char *tex, gsize nbytes);

G_END_DECLS
