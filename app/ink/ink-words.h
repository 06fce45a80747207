/* Marks in words: for lists and screen readers. */
#pragma once

#include "models/ink.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

/* "Words “why?” at conv2d"; cursor NULL: without what things are called.  Owned. */
char *gb_ink_mark_text (const GbInkMark *mark, GbTraceCursor *cursor);
/* Path of the program whose run the trace is; NULL: none. */
const char *gb_ink_program_of (GbTrace *trace);

G_END_DECLS
