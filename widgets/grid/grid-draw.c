#include "grid/grid-draw.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "core/dtype.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static GdkRGBA
from_argb (guint32 argb)
{
  return (GdkRGBA){ ((argb >> 16) & 0xff) / 255.f, ((argb >> 8) & 0xff) / 255.f, (argb & 0xff) / 255.f, 1 };
}

/* Draws what has room in the first line; returns where the next begins. */
static double
draw_part (const GbGridLayout *layout,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot,
           GbFace face,
           GbRole part,
           const char *text,
           double x)
{
  if (x + gb_draw_text_width (ctx, face, text) > layout->width - 6)
    return x;
  return x + gb_draw_text (ctx, snapshot, face, part, text, x, 16, GB_ALIGN_LEFT) + 18;
}

/* Shape first: name, shape, dtype; below what is known of the numbers. */
/* `note` stands at the right of the first line that has room for it; where neither has, it takes the second.
 */
static void
draw_header (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot, const char *note)
{
  const GbTensorValues *v = layout->values;
  const GbTensor *t = &v->tensor;
  char shape[128], exponent[24], a[32], b[32], c[32];
  double x = 14;
  g_autofree char *second = NULL;

  x += gb_draw_name (ctx, snapshot, GB_FACE_MONO_BOLD, v->label, x, 16, layout->width * 0.3) + 18;
  if (t->ndim)
    gb_shape_picture (t->ndim, t->sizes, shape, sizeof shape);
  else
    g_strlcpy (shape, _ ("scalar"), sizeof shape);
  x += gb_draw_text (ctx, snapshot, GB_FACE_HEADING, GB_ROLE_INK, shape, x, 16, GB_ALIGN_LEFT) + 18;
  gb_number_format_exponent (&layout->format, exponent, sizeof exponent);
  /* Without the exponent the numbers would be others: it goes first where there is little room. */
  double with_both = x + gb_draw_text_width (ctx, GB_FACE_MONO, te_dtype_name (t->dtype)) + 18
                     + gb_draw_text_width (ctx, GB_FACE_MONO_BOLD, exponent);
  if (exponent[0] == '\0' || with_both <= layout->width - 6)
    x = draw_part (layout, ctx, snapshot, GB_FACE_MONO, GB_ROLE_MUTED, te_dtype_name (t->dtype), x);
  if (exponent[0])
    x = draw_part (layout, ctx, snapshot, GB_FACE_MONO_BOLD, GB_ROLE_INK, exponent, x);
  if (t->flags & TE_WIRE_REQUIRES_GRAD)
    x = draw_part (layout, ctx, snapshot, GB_FACE_SMALL, GB_ROLE_LEAF, "requires_grad", x);
  if (v->stats)
    second = g_strdup_printf (
        v->is_complex ? _ ("magnitude from %s to %s, mean %s") : _ ("from %s to %s, mean %s"),
        gb_number_text (v->stats->min, 3, a, sizeof a), gb_number_text (v->stats->max, 3, b, sizeof b),
        gb_number_text (v->stats->mean, 3, c, sizeof c));
  else
    second = g_strdup_printf (ngettext_ ("%s element", "%s elements", (gulong) v->numel),
                              gb_number_count (v->numel, a, sizeof a));
  double left = note ? layout->width - 14 - gb_draw_text_width (ctx, GB_FACE_SMALL, note) : layout->width;
  double end = 14 + gb_draw_text_width (ctx, GB_FACE_SMALL, second) + 18;
  if (note)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_STALE, note, left >= end || x <= left ? left : 14,
                  x <= left ? 16 : 36, GB_ALIGN_LEFT);
  if (x <= left || end <= left)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, second, 14, 36, GB_ALIGN_LEFT);
}

/* "[3, 1, :, :]": which sheet lies on top. */
static void
draw_slice_name (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GString *text;

  if (layout->n_lead == 0)
    return;
  text = g_string_new (layout->values->label);
  g_string_append_c (text, '[');
  for (int d = 0; d < layout->n_lead; d++)
    g_string_append_printf (text, "%ld, ", layout->options.slice[d]);
  g_string_append (text, ":, :]");
  gb_draw_name (ctx, snapshot, GB_FACE_MONO, text->str, 14, 56, layout->width - 28);
  g_string_free (text, TRUE);
}

/* One number with its mark; shared by cells of every size. */
static void
draw_number (const GbGridLayout *layout,
             const gint64 *index,
             double value,
             double x,
             double y,
             const GdkRGBA *fill,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  double w = layout->cell_width, h = layout->cell_height;
  const GdkRGBA *ink = fill ? gb_theme_digit_color (fill) : role (ctx, GB_ROLE_INK);
  char text[96];

  if (isnan (value))
    {
      gb_draw_cross (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x + 2, y + 2, w - 4, h - 4);
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_SURFACE), x + w / 2 - 13, y + h / 2 - 7, 26, 14);
      gb_draw_text (ctx, snapshot, GB_FACE_CELL_BOLD, GB_ROLE_ERROR, "nan", x + w / 2, y + h / 2,
                    GB_ALIGN_CENTER);
      return;
    }
  if (isinf (value))
    {
      gb_draw_triangle (snapshot, role (ctx, GB_ROLE_INK), x + w / 2 - 18, y + h / 2 - 4, 9, 8, value > 0);
      gb_draw_text (ctx, snapshot, GB_FACE_CELL_BOLD, GB_ROLE_INK, value > 0 ? "inf" : "-inf", x + w / 2 - 6,
                    y + h / 2, GB_ALIGN_LEFT);
      return;
    }
  gb_grid_layout_text (layout, index, value, text, sizeof text);
  if (layout->values->is_bool || (value == 0 && layout->values->is_float) || strcmp (text, "~0") == 0)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, value == 0 ? role (ctx, GB_ROLE_MUTED) : ink, text,
                       x + w / 2, y + h / 2, GB_ALIGN_CENTER, 0);
  else
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, ink, text, x + w - 6, y + h / 2, GB_ALIGN_RIGHT, 0);
}

static gboolean
value_changed (const GbGridLayout *layout, const gint64 *index, double value)
{
  double before;
  return layout->before && gb_tensor_values_get (layout->before, index, &before) && before != value
         && !(isnan (before) && isnan (value));
}

static void
draw_cell (const GbGridLayout *layout,
           const gint64 *index,
           double x,
           double y,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  double value;
  guint32 argb;
  GdkRGBA fill;
  gboolean colored;

  if (!gb_tensor_values_get (layout->values, index, &value))
    return;
  colored = gb_grid_layout_color (layout, ctx->theme, value, &argb);
  fill = from_argb (argb);
  if (layout->has_digits)
    {
      if (colored)
        gb_draw_fill (snapshot, &fill, x, y, layout->cell_width, layout->cell_height);
      draw_number (layout, index, value, x, y, colored ? &fill : NULL, ctx, snapshot);
      if (layout->options.signs && value != 0 && isfinite (value))
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_GUTTER, gb_theme_digit_color (&fill), value > 0 ? "+" : "-",
                           x + 5, y + 6, GB_ALIGN_CENTER, 0);
    }
  else if (!isfinite (value))
    gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), x, y, layout->cell_width, layout->cell_height);
  if (value_changed (layout, index, value))
    gb_draw_corner (snapshot, role (ctx, GB_ROLE_STALE), x + layout->cell_width, y,
                    MIN (7, layout->cell_height / 2));
}

#define N_TONES 1025 /* an odd number: the middle of a signed map is one of them */

/* Colours of a sheet's shown part (or of all of it, for a small picture) as one surface. */
static void
draw_heat (const GbGridLayout *layout,
           gint64 *index,
           gint64 rows,
           gint64 columns,
           gint64 first_row,
           gint64 first_column,
           double x,
           double y,
           double width,
           double height,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  const GbTensor *t = &layout->values->tensor;
  /* A small picture of a large sheet takes every so manieth element. */
  gint64 step_row = MAX (1, rows / 512), step_column = MAX (1, columns / 512);
  int n_rows = (int) ((rows + step_row - 1) / step_row),
      n_columns = (int) ((columns + step_column - 1) / step_column);
  g_autofree guint32 *pixels = g_new (guint32, (gsize) n_rows * n_columns);
  const GdkRGBA *surface = role (ctx, layout->has_colors ? GB_ROLE_SURFACE : GB_ROLE_OWN);
  guint32 blank = 0xff000000u | (guint32) lround (surface->red * 255) << 16
                  | (guint32) lround (surface->green * 255) << 8 | (guint32) lround (surface->blue * 255);

  guint32 colors[N_TONES];
  if (layout->has_colors)
    for (int i = 0; i < N_TONES; i++)
      colors[i] = gb_theme_map_argb (ctx->theme, layout->map, i / (N_TONES - 1.0));
  for (int r = 0; r < n_rows; r++)
    {
      guint32 *pixel = &pixels[(gsize) r * n_columns];
      index[t->ndim - 2] = first_row + r * step_row;
      index[t->ndim - 1] = first_column;
      const double *run = gb_tensor_values_get_run (layout->values, index, (n_columns - 1) * step_column + 1);
      for (int c = 0; c < n_columns; c++)
        {
          double value, tone;
          index[t->ndim - 1] = first_column + c * step_column;
          pixel[c] = blank;
          if (run)
            value = run[c * step_column];
          else if (!gb_tensor_values_get (layout->values, index, &value))
            continue;
          if (gb_grid_layout_tone (layout, value, &tone))
            pixel[c] = colors[(int) (tone * (N_TONES - 1) + 0.5)];
        }
    }
  gb_draw_pixels (snapshot, pixels, n_columns, n_rows, x, y, width, height);
}

/* NULL: it has no name. */
static const char *
name_at (char *const *names, guint n, gint64 nth)
{
  return names && nth >= 0 && nth < n && *names[nth] ? names[nth] : NULL;
}

static void
draw_axes (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gint64 row_stride = MAX (1, (gint64) ceil (14 / layout->cell_height));
  gint64 column_stride = MAX (1, (gint64) ceil (26 / layout->cell_width));
  char text[24];

  if (layout->values->tensor.ndim == 0)
    return;
  for (gint64 r = 0; r < layout->shown_rows; r++)
    {
      gint64 row = r + layout->options.first_row;
      if (row % row_stride)
        continue;
      const char *name = name_at (layout->labels.rows, layout->labels.n_rows, layout->is_wrapped ? -1 : row);
      g_snprintf (text, sizeof text, "%ld", layout->is_wrapped ? row * layout->n_columns : row);
      if (name)
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_GUTTER, role (ctx, GB_ROLE_INK), name, layout->x - 8,
                           layout->y + (r + 0.5) * layout->cell_height, GB_ALIGN_RIGHT, layout->axis_width - 10);
      else if (layout->values->tensor.ndim >= 2 || layout->n_rows > 1)
        gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, layout->x - 8,
                      layout->y + (r + 0.5) * layout->cell_height, GB_ALIGN_RIGHT);
    }
  for (gint64 c = 0; c < layout->shown_columns; c++)
    {
      gint64 column = c + layout->options.first_column;
      if (column % column_stride)
        continue;
      const char *name = name_at (layout->labels.columns, layout->labels.n_columns,
                                  layout->is_wrapped && layout->n_rows > 1 ? -1 : column);
      double x = layout->x + (c + 0.5) * layout->cell_width, y = layout->y - 9 - layout->n_cards * 5;
      g_snprintf (text, sizeof text, layout->is_wrapped && layout->n_rows > 1 ? "+%ld" : "%ld", column);
      if (name)
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_GUTTER, role (ctx, GB_ROLE_INK), name, x, y, GB_ALIGN_CENTER,
                           layout->cell_width * (double) column_stride - 4);
      else
        gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, x, y, GB_ALIGN_CENTER);
    }
}

#define LEGEND_WIDTH 200 /* px from the left edge */

/* Edges of the sheets behind, the grid's lines, and where it goes on. */
static void
draw_sheet_frame (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = layout->shown_columns * layout->cell_width,
         height = layout->shown_rows * layout->cell_height;
  const GdkRGBA *strong = role (ctx, GB_ROLE_RULE_STRONG);
  g_autofree char *more = NULL;

  for (guint i = layout->n_cards; i > 0; i--)
    gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), strong, layout->x + i * 5, layout->y - i * 5, width,
                 height, 0, 1);
  gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), NULL, layout->x, layout->y, width, height, 0, 0);
  if (layout->shown_rows < layout->n_rows || layout->shown_columns < layout->n_columns)
    {
      more = g_strdup_printf (_ ("rows %ld–%ld of %ld, columns %ld–%ld of %ld"), layout->options.first_row,
                              layout->options.first_row + layout->shown_rows - 1, layout->n_rows,
                              layout->options.first_column,
                              layout->options.first_column + layout->shown_columns - 1, layout->n_columns);
      /* Below the cells, or beside the legend where that has taken the place. */
      if (!layout->has_colors || layout->y + height + 24 < layout->height - 30)
        gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, more, layout->x, layout->y + height + 14,
                      GB_ALIGN_LEFT);
      else if (layout->width - LEGEND_WIDTH - 14 > 60 && layout->before == NULL)
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), more, LEGEND_WIDTH,
                           layout->height - 22, GB_ALIGN_LEFT, layout->width - LEGEND_WIDTH - 14);
    }
}

static void
draw_lines (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = layout->shown_columns * layout->cell_width,
         height = layout->shown_rows * layout->cell_height;
  const GdkRGBA *rule = role (ctx, GB_ROLE_RULE), *strong = role (ctx, GB_ROLE_RULE_STRONG);

  if (layout->cell_width >= 12 && layout->cell_height >= 12)
    {
      for (gint64 r = 1; r < layout->shown_rows; r++)
        gb_draw_hline (snapshot, rule, layout->x, layout->x + width, layout->y + r * layout->cell_height, 1);
      for (gint64 c = 1; c < layout->shown_columns; c++)
        gb_draw_vline (snapshot, rule, layout->x + c * layout->cell_width, layout->y, layout->y + height, 1);
    }
  gb_draw_box (snapshot, NULL, strong, layout->x - 1, layout->y - 1, width + 2, height + 2, 0, 1);
}

static void
draw_sheets (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 }, top;

  if (layout->shown_sheets == 0)
    return;
  top = gb_grid_layout_sheet (layout, layout->options.slice);
  for (gint64 nth = 0; nth < layout->shown_sheets; nth++)
    {
      gint64 sheet = layout->first_sheet + nth;
      GString *name = g_string_new (NULL);
      double x = 0, y = 0;

      gb_grid_layout_sheet_place (layout, sheet, &x, &y);
      gb_grid_layout_sheet_index (layout, sheet, index);
      draw_heat (layout, index, layout->n_rows, layout->n_columns, 0, 0, x, y, layout->sheet_width,
                 layout->sheet_height, ctx, snapshot);
      gb_draw_box (snapshot, NULL, role (ctx, sheet == top ? GB_ROLE_ACCENT : GB_ROLE_RULE),
                   x - (sheet == top ? 2.5 : 1), y - (sheet == top ? 2.5 : 1),
                   layout->sheet_width + (sheet == top ? 5 : 2),
                   layout->sheet_height + (sheet == top ? 5 : 2), 0, sheet == top ? 2 : 1);
      for (int d = 0; d < layout->n_lead; d++)
        g_string_append_printf (name, "%s%ld", d ? "," : "", index[d]);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_GUTTER,
                         role (ctx, sheet == top ? GB_ROLE_ACCENT : GB_ROLE_MUTED), name->str,
                         x + layout->sheet_width / 2, y + layout->sheet_height + 8, GB_ALIGN_CENTER, 0);
      g_string_free (name, TRUE);
    }
  if (layout->n_sheets > 1)
    {
      char count[32];
      g_autofree char *more =
          g_strdup_printf (_ ("%s sheets"), gb_number_count (layout->n_sheets, count, sizeof count));
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, more, layout->width - 14, 36,
                    GB_ALIGN_RIGHT);
    }
}

static void
draw_legend (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  static const double sign_ticks[] = { 0, 0.5, 1 };
  static const double sea_ticks[] = { 0, 1 };
  double y = layout->height - 28, x = 14;
  char low[24], high[24];
  const char *labels[3];

  if (!layout->has_colors || layout->values->is_bool || y < layout->y + layout->shown_rows * layout->cell_height)
    return;
  gb_number_text (-layout->limit, 2, low, sizeof low);
  gb_number_text (layout->limit, 2, high, sizeof high);
  x += 8;
  if (layout->map == GB_MAP_SIGN)
    {
      labels[0] = low, labels[1] = "0", labels[2] = high;
      gb_draw_map_legend (ctx, snapshot, GB_MAP_SIGN, x, y, 150, sign_ticks, labels, 3);
    }
  else
    {
      labels[0] = "0", labels[1] = high;
      gb_draw_map_legend (ctx, snapshot, GB_MAP_SEA, x, y, 150, sea_ticks, labels, 2);
    }
  if (layout->before)
    {
      gb_draw_corner (snapshot, role (ctx, GB_ROLE_STALE), x + 190, y + 2, 8);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), _ ("changed by the last write"),
                         x + 196, y + 6, GB_ALIGN_LEFT, MAX (layout->width - x - 200, 1));
    }
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double w = MIN (ctx->width - 60, 360), h = MIN (ctx->height - 60, 168), x = (ctx->width - w) / 2,
         y = (ctx->height - h) / 2;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int r = 0; r <= 7; r++)
    gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, x + w, y + h * r / 7, 1);
  for (int c = 0; c <= 8; c++)
    gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x + w * c / 8, y, y + h, 1);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Choose a tensor."));
}

/* TRUE: of what is in sight at least one number is known. */
static gboolean
has_numbers (const GbGridLayout *layout)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  double value;

  for (gint64 r = 0; r < layout->shown_rows; r++)
    for (gint64 c = 0; c < layout->shown_columns; c++)
      if (gb_grid_layout_index (layout, r + layout->options.first_row, c + layout->options.first_column, index)
          && gb_tensor_values_get (layout->values, index, &value))
        return TRUE;
  return FALSE;
}

/* Of a row without digits: colours say all of it. */
static gboolean
row_is_plain (const GbGridLayout *layout, gint64 row)
{
  gint64 index[GB_VALUES_MAX_NDIM];
  const double *run;

  if (layout->has_digits || layout->before || layout->values->tensor.ndim < 2
      || !gb_grid_layout_index (layout, row + layout->options.first_row, layout->options.first_column, index))
    return FALSE;
  run = gb_tensor_values_get_run (layout->values, index, layout->shown_columns);
  for (gint64 c = 0; run && c < layout->shown_columns; c++)
    if (!isfinite (run[c]))
      return FALSE;
  return run != NULL;
}

void
gb_grid_draw (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };

  if (layout->values == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  gboolean stale = layout->values->is_stale && layout->values->values && layout->values->numel;
  draw_header (layout, ctx, snapshot, stale ? _ ("numbers from before the last write") : NULL);
  if (layout->values->numel == 0)
    {
      gb_draw_empty (ctx, snapshot, _ ("This tensor has no elements: one of its sizes is 0."));
      return;
    }
  draw_slice_name (layout, ctx, snapshot);
  draw_sheet_frame (layout, ctx, snapshot);
  if (!has_numbers (layout))
    {
      draw_axes (layout, ctx, snapshot);
      gb_draw_empty (ctx, snapshot, _ ("Its numbers were not recorded here. Pause or step to see them."));
      return;
    }
  if (!layout->has_digits && layout->values->tensor.ndim >= 2)
    {
      gb_grid_layout_index (layout, 0, 0, index);
      draw_heat (layout, index, layout->shown_rows, layout->shown_columns, layout->options.first_row,
                 layout->options.first_column, layout->x, layout->y,
                 layout->shown_columns * layout->cell_width, layout->shown_rows * layout->cell_height, ctx,
                 snapshot);
    }
  for (gint64 r = 0; r < layout->shown_rows; r++)
    for (gint64 c = row_is_plain (layout, r) ? layout->shown_columns : 0; c < layout->shown_columns; c++)
      {
        if (!gb_grid_layout_index (layout, r + layout->options.first_row, c + layout->options.first_column,
                                   index))
          continue;
        draw_cell (layout, index, layout->x + c * layout->cell_width, layout->y + r * layout->cell_height,
                   ctx, snapshot);
      }
  draw_lines (layout, ctx, snapshot);
  draw_axes (layout, ctx, snapshot);
  draw_sheets (layout, ctx, snapshot);
  draw_legend (layout, ctx, snapshot);
}

/* ---- overlay ---- */
gboolean
gb_grid_picked_index (const GbGridLayout *layout, GbTrace *trace, const GbPick *pick, gint64 *index)
{
  const GbTensor *t = &layout->values->tensor;
  gint64 address;

  if (!(pick->facets & (GB_PICK_ELEMENT | GB_PICK_ADDRESS)))
    return FALSE;
  if ((pick->facets & GB_PICK_ELEMENT) && pick->tensor == t->tensor && pick->ndim == t->ndim)
    {
      for (int d = 0; d < t->ndim; d++)
        if (pick->index[d] < 0 || pick->index[d] >= t->sizes[d])
          return FALSE;
      memcpy (index, pick->index, sizeof (gint64) * t->ndim);
      return TRUE;
    }
  if (pick->facets & GB_PICK_ADDRESS)
    address = pick->address;
  else
    {
      GbTensor other;
      if (!gb_trace_get_tensor (trace, pick->tensor, G_MAXUINT64, &other) || other.ndim != pick->ndim
          || other.storage != t->storage)
        return FALSE;
      address = gb_tensor_address (&other, pick->index);
    }
  return (!(pick->facets & GB_PICK_ADDRESS) || pick->storage == t->storage)
         && gb_tensor_find_address (t, address, index);
}

static void
draw_element_tip (const GbGridLayout *layout,
                  const gint64 *index,
                  double x,
                  double y,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  g_autofree char *name = gb_grid_element_text (layout, index);
  g_autofree char *value_line = NULL, *address_line = NULL, *before_line = NULL;
  const char *lines[4];
  guint n = 0;
  double value, before;
  char text[96];

  lines[n++] = name;
  if (gb_tensor_values_get (layout->values, index, &value))
    {
      if (layout->values->is_float && !layout->values->parts)
        gb_number_text (value, 5, text, sizeof text);
      else
        gb_grid_layout_text (layout, index, value, text, sizeof text);
      lines[n++] = value_line = g_strdup_printf ("%s\t%s", _ ("value"), text);
      if (layout->before && gb_tensor_values_get (layout->before, index, &before) && before != value)
        lines[n++] = before_line =
            g_strdup_printf ("%s\t%s", _ ("before"), gb_number_text (before, 5, text, sizeof text));
    }
  lines[n++] = address_line =
      g_strdup_printf ("%s\t%ld", _ ("storage"), gb_tensor_address (&layout->values->tensor, index));
  gb_draw_tip (ctx, snapshot, x + layout->cell_width, y + layout->cell_height / 2, lines, n);
}

void
gb_grid_draw_overlay (GbGridLayout *layout,
                      GbTraceCursor *cursor,
                      GbSelection *selection,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  double x, y;

  if (layout->values == NULL || layout->values->numel == 0)
    return;
  gboolean pinned = gb_grid_picked_index (layout, trace, gb_selection_get_pin (selection), index);
  gb_grid_layout_derive (layout, cursor, pinned && !layout->options.no_card ? index : NULL, ctx);
  if (pinned && gb_grid_layout_cell (layout, index, &x, &y))
    gb_draw_selection (ctx, snapshot, x, y, layout->cell_width, layout->cell_height);
  if (gb_grid_picked_index (layout, trace, gb_selection_get_current (selection), index)
      && gb_grid_layout_cell (layout, index, &x, &y))
    {
      GdkRGBA faint = *role (ctx, GB_ROLE_ACCENT);
      faint.alpha = 0.55f;
      /* The row and the column that the element lies in. */
      gb_draw_box (snapshot, NULL, &faint, layout->x, y, layout->shown_columns * layout->cell_width,
                   layout->cell_height, 0, 1);
      gb_draw_box (snapshot, NULL, &faint, x, layout->y, layout->cell_width,
                   layout->shown_rows * layout->cell_height, 0, 1);
      gb_draw_selection (ctx, snapshot, x, y, layout->cell_width, layout->cell_height);
      /* A pinned element's number stands in its cell; a tip would only hide its neighbours. */
      if (!(ctx->options & GB_DRAW_STATIC)
          && (gb_selection_get_hover (selection)->facets || !layout->has_digits)
          && !gb_pick_equal (gb_selection_get_hover (selection), gb_selection_get_pin (selection))
          && gb_selection_get_current (selection)->tensor == layout->values->tensor.tensor)
        draw_element_tip (layout, index, x, y, ctx, snapshot);
    }
  if (layout->card)
    {
      gb_derivation_card_draw (layout->card, ctx, snapshot, layout->card_x, layout->card_y);
      if (layout->derivation)
        gb_derivation_card_draw_hover (layout->card, gb_selection_get_hover (selection), ctx, snapshot,
                                       layout->card_x, layout->card_y);
    }
}
