/* Pictures as SVG whose text is text: it can be searched, selected and read aloud.  Cairo would write
 * outlines. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A whole document of width × height pixels; node may be NULL.  Owned. */
char *gb_svg_new (GskRenderNode *node, double width, double height);

G_END_DECLS
