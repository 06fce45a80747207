#include "stride/stride-draw.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"

#define ROW_HEIGHT 28

static const char axis_names[] = "ijklmnop";

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

char *
gb_stride_element_text (const GbStrideOwner *owner)
{
  GString *text = g_string_new (owner->label);

  if (owner->tensor.ndim)
    g_string_append_c (text, '[');
  for (int d = 0; d < owner->tensor.ndim; d++)
    g_string_append_printf (text, "%s%ld", d ? ", " : "", owner->index[d]);
  if (owner->tensor.ndim)
    g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

char *
gb_stride_sum_text (const GbTensor *tensor, const gint64 *index)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%ld", tensor->offset);
  for (int d = 0; d < tensor->ndim; d++)
    g_string_append_printf (text, " + %ld·%ld", index[d], tensor->strides[d]);
  g_string_append_printf (text, " = %ld", gb_tensor_address (tensor, index));
  return g_string_free (text, FALSE);
}

static void
draw_value (const GbStrideLayout *layout,
            gint64 address,
            double x,
            double y,
            double width,
            double height,
            gboolean strong,
            GbRole ink,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  double value;
  char text[48];
  GbFace face = strong ? GB_FACE_CELL_BOLD : GB_FACE_CELL;

  if (!gb_storage_image_get (layout->image, address, &value))
    return;
  gb_stride_layout_text (layout, value, text, sizeof text);
  gb_draw_text (ctx, snapshot, face, ink, text, x + width / 2, y + height / 2, GB_ALIGN_CENTER);
}

/* ---- grids ---- */
static void
draw_grid_title (const GbStrideOwner *owner, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  char shape[96], strides[96];
  double x = owner->x;
  g_autofree char *second = NULL, *title = gb_stride_owner_title (owner);

  gb_shape_tuple (owner->tensor.ndim, owner->tensor.sizes, shape, sizeof shape);
  gb_shape_tuple (owner->tensor.ndim, owner->tensor.strides, strides, sizeof strides);
  x += gb_draw_name (ctx, snapshot, GB_FACE_MONO_BOLD, title, x, 14, ctx->width * 0.22) + 14;
  gb_draw_text (ctx, snapshot, GB_FACE_CELL, GB_ROLE_INK, shape, x, 14.5, GB_ALIGN_LEFT);
  second = g_strdup_printf ("%s %s", _ ("strides"), strides);
  x = owner->x
      + gb_draw_text (ctx, snapshot, GB_FACE_CELL, GB_ROLE_MUTED, second, owner->x, 31, GB_ALIGN_LEFT) + 10;
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED,
                owner->is_contiguous ? _ ("contiguous") : _ ("jumps"), x, 31, GB_ALIGN_LEFT);
}

static void
draw_grid (const GbStrideLayout *layout,
           const GbStrideOwner *owner,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  gboolean shared = layout->n_owners > 1;
  char text[24];
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };

  draw_grid_title (owner, ctx, snapshot);
  for (gint64 r = 0; r < owner->shown_rows; r++)
    {
      double y = owner->y + r * ROW_HEIGHT;
      g_snprintf (text, sizeof text, "%ld", r + owner->first_row);
      if (owner->tensor.ndim >= 2)
        gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, owner->x - 7, y + ROW_HEIGHT / 2.0,
                      GB_ALIGN_RIGHT);
      for (gint64 c = 0; c < owner->shown_columns; c++)
        {
          double x = owner->x + c * owner->cell;
          gint64 address;
          gb_stride_owner_index (owner, r + owner->first_row, c + owner->first_column, index);
          address = gb_tensor_address (&owner->tensor, index);
          gb_draw_box (snapshot, role (ctx, shared ? GB_ROLE_SHARED : GB_ROLE_OWN),
                       role (ctx, GB_ROLE_RULE_STRONG), x, y, owner->cell + 1, ROW_HEIGHT + 1, 0, 1);
          draw_value (layout, address, x, y, owner->cell, ROW_HEIGHT, FALSE, GB_ROLE_INK, ctx, snapshot);
          if (r == 0)
            {
              g_snprintf (text, sizeof text, "%ld", c + owner->first_column);
              if (owner->tensor.ndim)
                gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, x + owner->cell / 2,
                              owner->y - 9, GB_ALIGN_CENTER);
            }
        }
    }
  if (owner->shown_columns < owner->n_columns || owner->shown_rows < owner->n_rows)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, "…",
                  owner->x + owner->shown_columns * owner->cell + 8,
                  owner->y + owner->shown_rows * ROW_HEIGHT / 2.0, GB_ALIGN_LEFT);
}

static void
draw_grid_element (const GbStrideLayout *layout,
                   const GbStrideOwner *owner,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  const GbTensor *t = &owner->tensor;
  gint64 row = t->ndim >= 2 ? owner->index[t->ndim - 2] : 0,
         column = t->ndim >= 1 ? owner->index[t->ndim - 1] : 0;
  double x, y;

  if (!owner->reaches || !gb_stride_layout_cell_place (owner, row, column, &x, &y))
    return;
  gb_draw_box (snapshot, role (ctx, GB_ROLE_SELECTION), role (ctx, GB_ROLE_ACCENT), x - 1, y - 1,
               owner->cell + 3, ROW_HEIGHT + 3, 0, 2.5);
  draw_value (layout, layout->address, x, y, owner->cell, ROW_HEIGHT, TRUE, GB_ROLE_INK, ctx, snapshot);
}

/* ---- formula ---- */
static void
draw_formula (const GbStrideLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbStrideOwner *owner = &layout->owners[0];
  double x = layout->formula_x, y = 16, width = layout->width - x - 14;
  g_autofree char *element = gb_stride_element_text (owner),
                  *sum = gb_stride_sum_text (&owner->tensor, owner->index);
  g_autofree char *said = g_strdup_printf (_ ("%s is read at"), element);
  GString *formula = g_string_new ("offset");
  const char *note = NULL;

  if (width < 150)
    {
      g_string_free (formula, TRUE);
      return;
    }
  for (int d = 0; d < owner->tensor.ndim; d++)
    g_string_append_printf (formula, " + %c·stride[%d]", axis_names[d], d);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_UI, role (ctx, GB_ROLE_MUTED), said, x, y, GB_ALIGN_LEFT, width);
  y += 21;
  y += gb_draw_paragraph (ctx, snapshot, GB_FACE_CELL, GB_ROLE_INK, formula->str, x, y - 7, width);
  y += 8;
  /* The one number that matters is large; a long sum takes the smaller face. */
  if (gb_draw_text_width (ctx, GB_FACE_FORMULA, sum) <= width)
    {
      gb_draw_text (ctx, snapshot, GB_FACE_FORMULA, GB_ROLE_ACCENT, sum, x, y + 3, GB_ALIGN_LEFT);
      y += 22;
    }
  else
    y += gb_draw_paragraph (ctx, snapshot, GB_FACE_MONO_BOLD, GB_ROLE_ACCENT, sum, x, y - 8, width) + 2;
  for (guint i = 1; i < layout->n_owners; i++)
    {
      g_autofree char *other = NULL, *other_sum = NULL, *text = NULL;
      if (!layout->owners[i].reaches)
        continue;
      other = gb_stride_element_text (&layout->owners[i]);
      other_sum = gb_stride_sum_text (&layout->owners[i].tensor, layout->owners[i].index);
      text =
          g_strdup_printf (_ ("%s is read at %s: the same cell. Write one, both change."), other, other_sum);
      if (y < layout->grids_height + 6)
        y += gb_draw_paragraph (ctx, snapshot, GB_FACE_UI, GB_ROLE_INK, text, x, y, width) + 4;
      break;
    }
  for (int d = 0; d < owner->tensor.ndim; d++)
    if (owner->tensor.strides[d] == 0 && owner->tensor.sizes[d] > 1)
      note = _ ("A stride of 0 reads the same cell again: nothing is copied.");
  if (note == NULL && !owner->is_contiguous)
    note = _ ("Neighbours here are not neighbours in memory: it is read in jumps.");
  else if (note == NULL && layout->n_owners == 1)
    note = _ ("No other tensor reads this storage.");
  if (note && y < layout->grids_height + 6)
    gb_draw_paragraph (ctx, snapshot, GB_FACE_UI, GB_ROLE_MUTED, note, x, y, width);
  g_string_free (formula, TRUE);
}

/* ---- playground ---- */

/* The call that the sliders stand for, the way to the element, and a slider per offset, size and stride. */
static void
draw_sliders (const GbStrideLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double left = layout->formula_x, width = layout->width - left - 14;
  g_autofree char *sum = gb_stride_sum_text (&layout->tensor, layout->index);

  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL_BOLD, role (ctx, GB_ROLE_INK), layout->call, left, 16, GB_ALIGN_LEFT, width);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO_BOLD, role (ctx, GB_ROLE_ACCENT), sum, left, 37, GB_ALIGN_LEFT, width);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), _ (gb_stride_play_meaning (&layout->play)), left,
                     57, GB_ALIGN_LEFT, width);
  for (int i = 0; i < gb_stride_play_n_sliders (&layout->play); i++)
    {
      double y = layout->sliders_y + i * GB_STRIDE_SLIDER, x = layout->sliders_x, at;
      gint64 least, most, value = gb_stride_play_get (&layout->play, i);
      gboolean chosen = layout->play.chosen == i;
      g_autofree char *name = gb_stride_play_name (i);
      char text[64];

      gb_stride_play_limits (&layout->play, layout->image->extent, i, &least, &most);
      at = most > least ? (double) (value - least) / (double) (most - least) : 0;
      gb_draw_text (ctx, snapshot, chosen ? GB_FACE_CELL_BOLD : GB_FACE_CELL, chosen ? GB_ROLE_ACCENT : GB_ROLE_INK, name, left,
                    y, GB_ALIGN_LEFT);
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, x + layout->slider_width, y, 2);
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_ACCENT), x, x + at * layout->slider_width, y, 3);
      gb_draw_box (snapshot, role (ctx, most > least ? GB_ROLE_SURFACE : GB_ROLE_PANEL),
                   role (ctx, most > least ? GB_ROLE_ACCENT : GB_ROLE_RULE_STRONG), x + at * layout->slider_width - 5, y - 5, 10,
                   10, 5, 2);
      g_snprintf (text, sizeof text, "%ld ≤ %ld", (long) value, (long) most);
      gb_draw_text (ctx, snapshot, GB_FACE_CELL, value == most ? GB_ROLE_STALE : GB_ROLE_MUTED, text, x + layout->slider_width + 12,
                    y, GB_ALIGN_LEFT);
    }
}

/* ---- strip ---- */
static void
draw_strip (const GbStrideLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree guint8 *readers = g_new0 (guint8, layout->n_shown);
  gint64 offset_stride = MAX (1, (gint64) ceil (44 / layout->cell_width));
  char text[32];

  for (guint i = 0; i < layout->n_owners; i++)
    for (gint64 k = 0; k < layout->n_shown; k++)
      {
        gint64 index[GB_VALUES_MAX_NDIM];
        if (gb_tensor_find_address (&layout->owners[i].tensor, layout->first_address + k, index))
          readers[k] |= 1 << i;
      }
  for (gint64 k = 0; k < layout->n_shown; k++)
    {
      gint64 address = layout->first_address + k;
      gboolean mine = readers[k] & 1;
      double x = 0, y = 0;

      gb_stride_layout_address_place (layout, address, &x, &y);
      gb_draw_box (snapshot,
                   role (ctx, !mine                             ? GB_ROLE_SURFACE
                              : (readers[k] & (readers[k] - 1)) ? GB_ROLE_SHARED
                                                                : GB_ROLE_OWN),
                   role (ctx, GB_ROLE_RULE_STRONG), x, y, layout->cell_width + 1, layout->cell_height + 1, 0,
                   1);
      draw_value (layout, address, x, y, layout->cell_width, layout->cell_height, FALSE,
                  mine ? GB_ROLE_INK : GB_ROLE_MUTED, ctx, snapshot);
      if (k % offset_stride == 0)
        {
          g_snprintf (text, sizeof text, "%ld B", address * layout->element_nbytes);
          gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, x + 3,
                        y + layout->cell_height + 10, GB_ALIGN_LEFT);
        }
    }
}

static void
draw_strip_element (const GbStrideLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x, y;

  if (!gb_stride_layout_address_place (layout, layout->address, &x, &y))
    return;
  gb_draw_box (snapshot, role (ctx, GB_ROLE_SELECTION), role (ctx, GB_ROLE_ACCENT), x - 1, y - 1,
               layout->cell_width + 3, layout->cell_height + 3, 0, 2.5);
  draw_value (layout, layout->address, x, y, layout->cell_width, layout->cell_height, TRUE, GB_ROLE_INK, ctx,
              snapshot);
}

static void
draw_hop (const GbStrideLayout *layout,
          const GbStrideHop *hop,
          gboolean is_last,
          guint level,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot)
{
  const GdkRGBA *color = role (ctx, is_last ? GB_ROLE_ACCENT : GB_ROLE_INK);
  double x0, y0, x1, y1, top, width = 2;
  g_autofree char *label = NULL;
  cairo_t *cr;

  if (!gb_stride_layout_address_place (layout, hop->from, &x0, &y0)
      || !gb_stride_layout_address_place (layout, hop->to, &x1, &y1))
    return;
  x0 += layout->cell_width / 2;
  x1 += layout->cell_width / 2;
  top = MIN (y0, y1) - 17 - (level % 2) * 3;
  cr = gb_draw_cairo (snapshot, MIN (x0, x1) - 8, MIN (top, MIN (y0, y1)) - 6, fabs (x1 - x0) + 16,
                      MAX (y0, y1) - top + 12);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, width);
  cairo_move_to (cr, x0, y0 - 2);
  cairo_curve_to (cr, x0 + (x1 > x0 ? 6 : -6), top, x1 - (x1 > x0 ? 6 : -6), top, x1, y1 - 7);
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_draw_arrow_head (snapshot, color, x1, y1 - 1, G_PI / 2, 8);
  label = hop->count == 1 ? g_strdup_printf ("%c: +%ld", axis_names[hop->axis], hop->stride)
                          : g_strdup_printf ("%c: %ld×+%ld", axis_names[hop->axis], hop->count, hop->stride);
  /* A narrow hop goes without words, so that those of its neighbour are read; the last one keeps them longest. */
  if (fabs (x1 - x0) >= gb_draw_text_width (ctx, GB_FACE_CELL_BOLD, label) + (is_last ? -2 : 4))
    gb_draw_text (ctx, snapshot, GB_FACE_CELL_BOLD, is_last ? GB_ROLE_ACCENT : GB_ROLE_INK, label,
                  (x0 + x1) / 2, top - 9, GB_ALIGN_CENTER);
}

/* Where the storage is longer than what is shown. */
static void
draw_ends (const GbStrideLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree char *text = NULL;
  double x, y, right;
  char count[32];

  if (layout->first_address > 0)
    gb_draw_text (ctx, snapshot, GB_FACE_UI, GB_ROLE_MUTED, "…", layout->strip_x - 4, layout->strip_y + 16,
                  GB_ALIGN_RIGHT);
  if (layout->first_address + layout->n_shown >= layout->image->extent)
    return;
  gb_stride_layout_address_place (layout, layout->first_address + layout->n_shown - 1, &x, &y);
  right = x + layout->cell_width + 5;
  gb_draw_text (ctx, snapshot, GB_FACE_UI, GB_ROLE_MUTED, "…", MIN (right, layout->width - 14), y + 16,
                GB_ALIGN_LEFT);
  if (layout->brackets_y + 12 > layout->height - 18)
    return;
  text = g_strdup_printf (_ ("%s elements in all"),
                          gb_number_count (layout->image->extent, count, sizeof count));
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, layout->width - 14, layout->height - 10,
                GB_ALIGN_RIGHT);
}

/* Who shares: a bracket per tensor from the first to the last address it reads, with a tick at each when it
 * jumps. */
static void
draw_brackets (const GbStrideLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  guint room = (guint) MAX (0, floor ((layout->height - layout->brackets_y) / 19));
  guint n = MIN (layout->n_owners, room);

  if (layout->n_shown > layout->per_row)
    {
      /* Several rows: names only. */
      GString *names = g_string_new (NULL);
      for (guint i = 0; i < layout->n_owners; i++)
        g_string_append_printf (names, "%s%s", i ? ", " : "", layout->owners[i].label);
      if (room > 0 && layout->n_owners > 1)
        {
          g_autofree char *text = g_strdup_printf (_ ("shared by %s"), names->str);
          gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, layout->strip_x,
                        layout->brackets_y + 10, GB_ALIGN_LEFT);
        }
      g_string_free (names, TRUE);
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      const GbStrideOwner *owner = &layout->owners[i];
      gint64 last_shown = layout->first_address + layout->n_shown - 1, index[GB_VALUES_MAX_NDIM];
      gint64 from = MAX (owner->first_address, layout->first_address),
             to = MIN (owner->last_address, last_shown);
      double x0, x1, y, y_strip, label_width;
      const GdkRGBA *color = role (ctx, i == 0 ? GB_ROLE_INK : GB_ROLE_RULE_STRONG);

      if (from > to)
        continue;
      gb_stride_layout_address_place (layout, from, &x0, &y_strip);
      gb_stride_layout_address_place (layout, to, &x1, &y_strip);
      x1 += layout->cell_width;
      y = layout->brackets_y + 8 + i * 19;
      gb_draw_hline (snapshot, color, x0 + 2, x1 - 1, y, 1.5);
      for (gint64 a = from; a <= to; a++)
        if (a == from || a == to
            || (!owner->is_contiguous && gb_tensor_find_address (&owner->tensor, a, index)))
          {
            double x, unused;
            gb_stride_layout_address_place (layout, a, &x, &unused);
            gb_draw_vline (snapshot, color,
                           x
                               + (a == from ? 2
                                  : a == to ? layout->cell_width - 1
                                            : layout->cell_width / 2),
                           y - 5, y, 1.5);
          }
      label_width = gb_draw_text_width (ctx, GB_FACE_CELL_BOLD, owner->label) + 12;
      if (label_width < x1 - x0)
        {
          gb_draw_fill (snapshot, role (ctx, GB_ROLE_SURFACE), (x0 + x1 - label_width) / 2, y - 7,
                        label_width, 14);
          gb_draw_text (ctx, snapshot, i == 0 ? GB_FACE_CELL_BOLD : GB_FACE_CELL,
                        i == 0 ? GB_ROLE_INK : GB_ROLE_MUTED, owner->label, (x0 + x1) / 2, y,
                        GB_ALIGN_CENTER);
        }
      else if (x1 + 16 < ctx->width)
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, role (ctx, GB_ROLE_MUTED), owner->label, x1 + 4, y, GB_ALIGN_LEFT,
                           ctx->width - x1 - 8);
    }
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double w = MAX (ctx->width - 60, 100), y = ctx->height * 0.62;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 12; i++)
    gb_draw_box (snapshot, role (ctx, GB_ROLE_SHARED), role (ctx, GB_ROLE_RULE_STRONG), 30 + w * i / 12, y,
                 w / 12 + 1, 30, 0, 1);
  for (int i = 0; i < 12; i++)
    gb_draw_box (snapshot, role (ctx, GB_ROLE_SHARED), role (ctx, GB_ROLE_RULE_STRONG), 40 + (i % 4) * 30,
                 20 + (i / 4) * 26, 31, 27, 0, 1);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Choose a tensor."));
}

void
gb_stride_draw (const GbStrideLayout *layout,
                GbSelection *selection,
                const GbDrawContext *ctx,
                GtkSnapshot *snapshot)
{
  if (layout->is_empty)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  for (guint i = 0; i < layout->n_owners; i++)
    if (layout->owners[i].has_grid)
      {
        draw_grid (layout, &layout->owners[i], ctx, snapshot);
        draw_grid_element (layout, &layout->owners[i], ctx, snapshot);
      }
  if (layout->play.on)
    draw_sliders (layout, ctx, snapshot);
  else
    draw_formula (layout, ctx, snapshot);
  draw_strip (layout, ctx, snapshot);
  for (guint i = 0; i < layout->n_hops; i++)
    draw_hop (layout, &layout->hops[i], i + 1 == layout->n_hops, i, ctx, snapshot);
  draw_strip_element (layout, ctx, snapshot);
  draw_ends (layout, ctx, snapshot);
  draw_brackets (layout, ctx, snapshot);
}
