/* paper: render nodes onto PDF and printers. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* As gsk_render_node_draw(), and the letters of a text go along with its glyphs: it can be found and copied,
 * also where figures have glyphs of their own that no letter leads to. */
void gb_paper_draw (const GskRenderNode *node, cairo_t *cr);

G_END_DECLS
