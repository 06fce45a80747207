/* GbInkStrip: the row of tools, colours and marks while ink is out. */
#pragma once

#include "ink/ink-kit.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_TYPE_INK_STRIP (gb_ink_strip_get_type ())
G_DECLARE_FINAL_TYPE (GbInkStrip, gb_ink_strip, GB, INK_STRIP, GtkWidget)

/* Its buttons are the window's actions "win.ink-*". */
GtkWidget *gb_ink_strip_new (GbInkKit *kit, GbTraceCursor *cursor);

G_END_DECLS
