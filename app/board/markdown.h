/* Markdown into a text buffer: headings, emphasis, code, lists, quotes, tables row by row, formulas
 * within the line, and places for those in a display. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* gb_markdown_add_tags: the tags that gb_markdown_append uses; once per buffer. */
void gb_markdown_add_tags (GtkTextBuffer *buffer);
/* gb_markdown_append: renders text at the buffer's end. */
void gb_markdown_append (GtkTextBuffer *buffer, const char *text);
/* gb_markdown_trim: takes the empty lines at the end away, which would stand before what follows the text. */
void gb_markdown_trim (GtkTextBuffer *buffer);

/* Data of a child anchor: the GbFormula that a widget there is to set. */
#define GB_MARKDOWN_FORMULA "gb-formula"

G_END_DECLS
