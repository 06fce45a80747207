#include "common/paper.h"

#include "common/letters.h"

#include <pango/pangocairo.h>
#include <math.h>

/* The letters beside their glyphs.  FALSE: one of the glyphs is no letter. */
static gboolean
draw_text (const GskRenderNode *node, cairo_t *cr)
{
  PangoFont *font = gsk_text_node_get_font (node);
  const guint n = gsk_text_node_get_num_glyphs (node);
  const PangoGlyphInfo *infos = gsk_text_node_get_glyphs (node, NULL);
  const graphene_point_t *offset = gsk_text_node_get_offset (node);
  g_autofree char *text = gb_letters_read (font, infos, n);
  if (text == NULL)
    return FALSE;
  g_autofree cairo_glyph_t *glyphs = g_new (cairo_glyph_t, n);
  g_autofree cairo_text_cluster_t *clusters = g_new (cairo_text_cluster_t, n);
  g_autoptr (GString) kept = g_string_new (NULL);
  const char *letter = text;
  int x = 0, n_shown = 0;
  for (guint i = 0; i < n; i++)
    {
      const char *next = g_utf8_next_char (letter);
      const PangoGlyphGeometry *at = &infos[i].geometry;
      if (infos[i].glyph != PANGO_GLYPH_EMPTY)
        {
          glyphs[n_shown] =
              (cairo_glyph_t){ infos[i].glyph, offset->x + (x + at->x_offset) / (double) PANGO_SCALE,
                               offset->y + at->y_offset / (double) PANGO_SCALE };
          clusters[n_shown++] = (cairo_text_cluster_t){ (int) (next - letter), 1 };
          g_string_append_len (kept, letter, next - letter);
        }
      x += at->width;
      letter = next;
    }
  gdk_cairo_set_source_rgba (cr, gsk_text_node_get_color (node));
  cairo_set_scaled_font (cr, pango_cairo_font_get_scaled_font (PANGO_CAIRO_FONT (font)));
  cairo_show_text_glyphs (cr, kept->str, (int) kept->len, glyphs, n_shown, clusters, n_shown, 0);
  return TRUE;
}

static void
draw_transformed (const GskRenderNode *node, cairo_t *cr)
{
  float m[6];
  cairo_matrix_t matrix;
  gsk_transform_to_2d (gsk_transform_node_get_transform (node), &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]);
  cairo_matrix_init (&matrix, m[0], m[1], m[2], m[3], m[4], m[5]);
  cairo_transform (cr, &matrix);
  gb_paper_draw (gsk_transform_node_get_child (node), cr);
}

static void
draw_clipped (const GskRenderNode *node, cairo_t *cr)
{
  const graphene_rect_t *clip = gsk_clip_node_get_clip (node);
  cairo_rectangle (cr, clip->origin.x, clip->origin.y, clip->size.width, clip->size.height);
  cairo_clip (cr);
  gb_paper_draw (gsk_clip_node_get_child (node), cr);
}

static void
draw_rounded (const GskRenderNode *node, cairo_t *cr)
{
  const GskRoundedRect *clip = gsk_rounded_clip_node_get_clip (node);
  const float left = clip->bounds.origin.x, top = clip->bounds.origin.y,
              right = left + clip->bounds.size.width, bottom = top + clip->bounds.size.height;
  const graphene_size_t *corner = clip->corner; /* from the upper left, clockwise */
  const double middles[4][2] = { { left + corner[0].width, top + corner[0].height },
                                 { right - corner[1].width, top + corner[1].height },
                                 { right - corner[2].width, bottom - corner[2].height },
                                 { left + corner[3].width, bottom - corner[3].height } };
  for (int i = 0; i < 4; i++)
    {
      cairo_save (cr);
      cairo_translate (cr, middles[i][0], middles[i][1]);
      if (corner[i].width > 0 && corner[i].height > 0)
        {
          cairo_scale (cr, corner[i].width, corner[i].height);
          cairo_arc (cr, 0, 0, 1, M_PI + i * M_PI / 2, M_PI + (i + 1) * M_PI / 2);
        }
      else
        cairo_line_to (cr, 0, 0);
      cairo_restore (cr);
    }
  cairo_close_path (cr);
  cairo_clip (cr);
  gb_paper_draw (gsk_rounded_clip_node_get_child (node), cr);
}

static void
draw_faint (const GskRenderNode *node, cairo_t *cr)
{
  cairo_push_group (cr);
  gb_paper_draw (gsk_opacity_node_get_child (node), cr);
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, gsk_opacity_node_get_opacity (node));
}

void
gb_paper_draw (const GskRenderNode *node, cairo_t *cr)
{
  gboolean done = TRUE;
  cairo_save (cr);
  switch ((int) gsk_render_node_get_node_type ((GskRenderNode *) node))
    {
    case GSK_CONTAINER_NODE:
      for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
        gb_paper_draw (gsk_container_node_get_child (node, i), cr);
      break;
    case GSK_DEBUG_NODE:
      gb_paper_draw (gsk_debug_node_get_child (node), cr);
      break;
    case GSK_TRANSFORM_NODE:
      done =
          gsk_transform_get_category (gsk_transform_node_get_transform (node)) >= GSK_TRANSFORM_CATEGORY_2D;
      if (done)
        draw_transformed (node, cr);
      break;
    case GSK_CLIP_NODE:
      draw_clipped (node, cr);
      break;
    case GSK_ROUNDED_CLIP_NODE:
      draw_rounded (node, cr);
      break;
    case GSK_OPACITY_NODE:
      draw_faint (node, cr);
      break;
    case GSK_TEXT_NODE:
      done = draw_text (node, cr);
      break;
    default:
      done = FALSE;
    }
  cairo_restore (cr);
  if (!done)
    gsk_render_node_draw ((GskRenderNode *) node, cr);
}
