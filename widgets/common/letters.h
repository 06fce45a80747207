/* Which letters glyphs stand for, read back from the fonts, so that what is drawn can be kept as text. */
#pragma once

#include <pango/pango.h>

G_BEGIN_DECLS

/* One letter per glyph, a space for an empty one.  Owned; NULL: one of them is no letter (a ligature). */
char *gb_letters_read (PangoFont *font, const PangoGlyphInfo *glyphs, guint n);

G_END_DECLS
