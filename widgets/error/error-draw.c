#include "error/error-draw.h"

#include <math.h>

static void
draw_texts (const GbErrorLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  for (guint i = 0; i < layout->texts->len; i++)
    {
      const GbErrorText *item = &g_array_index (layout->texts, GbErrorText, i);
      if (item->width > 0)
        gb_draw_paragraph (ctx, snapshot, item->face, item->role, item->text, item->x, item->y, item->width);
      else
        gb_draw_text_rgba (ctx, snapshot, item->face, gb_theme_role (ctx->theme, item->role), item->text,
                           item->x, item->y, GB_ALIGN_LEFT, MAX (20, layout->width - item->x - 4));
    }
}

static void
draw_boxes (const GbErrorLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const GbErrorBox *box = &g_array_index (layout->boxes, GbErrorBox, i);
      char text[32];
      g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, box->size);
      if (box->asked)
        gb_draw_dashed_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), box->x, box->y,
                            box->width, box->height, 3, 1.5);
      else
        gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_OWN),
                     gb_theme_role (ctx->theme, box->marked ? GB_ROLE_ERROR : GB_ROLE_FORWARD), box->x,
                     box->y, box->width, box->height, 3, box->marked ? 2.5 : 1.5);
      gb_draw_text (ctx, snapshot, box->marked ? GB_FACE_MONO_BOLD : GB_FACE_MONO,
                    box->marked ? GB_ROLE_ERROR : GB_ROLE_INK, box->size < 0 ? "any" : text,
                    box->x + box->width / 2, box->y + box->height / 2, GB_ALIGN_CENTER);
    }
  if (layout->mark_width > 0)
    {
      const GdkRGBA *error = gb_theme_role (ctx->theme, GB_ROLE_ERROR);
      double middle = layout->mark_x + layout->mark_width / 2;
      gb_draw_dashed_line (snapshot, error, layout->mark_x - 4, layout->mark_top, layout->mark_x - 4,
                           layout->mark_bottom, 1, 3, 3);
      gb_draw_dashed_line (snapshot, error, layout->mark_x + layout->mark_width + 4, layout->mark_top,
                           layout->mark_x + layout->mark_width + 4, layout->mark_bottom, 1, 3, 3);
      gb_draw_cross (snapshot, error, middle - 5, layout->mark_bottom + 1, 10, 10);
    }
}

static void
draw_cells (const GbErrorLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  for (guint i = 0; i < layout->cells->len; i++)
    {
      const GbErrorCell *cell = &g_array_index (layout->cells, GbErrorCell, i);
      char text[32];
      gb_draw_box (snapshot, gb_theme_role (ctx->theme, cell->order >= 0 ? GB_ROLE_SHARED : GB_ROLE_OWN),
                   gb_theme_role (ctx->theme, cell->jump ? GB_ROLE_ERROR : GB_ROLE_RULE_STRONG), cell->x,
                   cell->y, cell->width, cell->height, 0, cell->jump ? 2 : 1);
      if (cell->text && cell->width >= 20)
        gb_draw_text (ctx, snapshot, GB_FACE_CELL, GB_ROLE_INK, cell->text, cell->x + cell->width / 2,
                      cell->y + cell->height / 2, GB_ALIGN_CENTER);
      if (cell->order >= 0 && cell->width >= 16)
        {
          g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, cell->order);
          gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, cell->x + cell->width / 2,
                        cell->y - 8, GB_ALIGN_CENTER);
        }
      g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, cell->address);
      if (cell->width >= 16)
        gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, cell->jump ? GB_ROLE_ERROR : GB_ROLE_MUTED, text,
                      cell->x + cell->width / 2, cell->y + cell->height + 8, GB_ALIGN_CENTER);
    }
}

static void
draw_arc (const GbErrorArc *arc, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GdkRGBA *color = gb_theme_role (ctx->theme, arc->jump ? GB_ROLE_ERROR : GB_ROLE_MUTED);
  double left = MIN (arc->x0, arc->x1), right = MAX (arc->x0, arc->x1);
  double base = arc->above ? arc->y - 14 : arc->y + 15, bend = arc->above ? base - 16 : base + 20;
  cairo_t *cr =
      gb_draw_cairo (snapshot, left - 6, MIN (base, bend) - 4, right - left + 12, fabs (bend - base) + 8);

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, arc->jump ? 2.4 : 1.4);
  cairo_move_to (cr, arc->x0, base);
  cairo_curve_to (cr, arc->x0, bend, arc->x1, bend, arc->x1, base);
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_draw_arrow_head (snapshot, color, arc->x1, base, arc->above ? G_PI / 2 : -G_PI / 2, 6);
  if (right - left > 24)
    gb_draw_text (ctx, snapshot, arc->jump ? GB_FACE_CELL_BOLD : GB_FACE_GUTTER,
                  arc->jump ? GB_ROLE_ERROR : GB_ROLE_MUTED, arc->label, (left + right) / 2,
                  arc->above ? base - 20 : base + 23, GB_ALIGN_CENTER);
}

static void
draw_wave (const GbErrorLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  cairo_t *cr;

  if (layout->wave_width <= 0)
    return;
  cr = gb_draw_cairo (snapshot, layout->wave_x, layout->wave_y - 3, layout->wave_width, 7);
  gdk_cairo_set_source_rgba (cr, gb_theme_role (ctx->theme, GB_ROLE_ERROR));
  cairo_set_line_width (cr, 1.6);
  cairo_move_to (cr, layout->wave_x, layout->wave_y);
  for (double x = 0; x + 3 <= layout->wave_width; x += 3)
    cairo_rel_line_to (cr, 3, ((int) (x / 3)) % 2 ? 3 : -3);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

void
gb_error_draw (const GbErrorLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  draw_texts (layout, ctx, snapshot);
  draw_boxes (layout, ctx, snapshot);
  draw_cells (layout, ctx, snapshot);
  for (guint i = 0; i < layout->arcs->len; i++)
    draw_arc (&g_array_index (layout->arcs, GbErrorArc, i), ctx, snapshot);
  draw_wave (layout, ctx, snapshot);
}
