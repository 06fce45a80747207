#include "bits/bits-draw.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"
#include "core/dtype.h"

#define PAD 16

typedef enum
{
  FIELD_SIGN,
  FIELD_EXPONENT,
  FIELD_MANTISSA,
  FIELD_WHOLE,
} Field;

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static Field
field_of (const GbBitFormat *f, int bit)
{
  if (!f->is_float)
    return f->is_signed && bit == f->n_bits - 1 ? FIELD_SIGN : FIELD_WHOLE;
  return bit == f->n_bits - 1 ? FIELD_SIGN : bit >= f->mantissa_bits ? FIELD_EXPONENT : FIELD_MANTISSA;
}

static GbRole
role_of (Field field)
{
  return field == FIELD_SIGN       ? GB_ROLE_BACKWARD
         : field == FIELD_EXPONENT ? GB_ROLE_FORWARD
                                   : GB_ROLE_RULE_STRONG;
}

/* Ones are filled, zeros are not; where there is room the digit says it as well. */
static void
draw_bits (const GbBitsLayout *layout, const GbBitsRow *row, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbBitFormat *f = &row->number.format;
  double y = row->y + 3, h = layout->row_height - 6;

  for (int bit = f->n_bits - 1; bit >= 0; bit--)
    {
      double x = gb_bits_layout_bit_x (layout, f, bit);
      const GdkRGBA *color = role (ctx, role_of (field_of (f, bit)));
      gboolean one = row->number.bits >> bit & 1;

      if (layout->cell < 4)
        {
          gb_draw_fill (snapshot, one ? color : role (ctx, GB_ROLE_OWN), x, y, layout->cell, h);
          continue;
        }
      gb_draw_box (snapshot, one ? color : role (ctx, GB_ROLE_SURFACE), color, x, y, layout->cell, h, 0, 1);
      if (layout->cell >= 8)
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_GUTTER,
                           one ? gb_theme_digit_color (color) : role (ctx, GB_ROLE_INK), one ? "1" : "0",
                           x + layout->cell / 2, y + h / 2, GB_ALIGN_CENTER, 0);
    }
}

static void
draw_row (const GbBitsLayout *layout, int nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbBitsRow *row = &layout->rows[nth];
  double middle = row->y + layout->row_height / 2, x = layout->text_x;
  gboolean bad = row->number.fate == GB_CAST_OVERFLOW || row->number.fate == GB_CAST_WRAPPED
                 || row->number.fate == GB_CAST_UNDEFINED || isnan (row->number.value);

  if (nth == layout->chosen)
    gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), role (ctx, GB_ROLE_RULE), PAD - 6, row->y,
                 layout->width - 2 * PAD + 12, layout->row_height, 3, 1);
  gb_draw_text (ctx, snapshot, nth == layout->own ? GB_FACE_CELL_BOLD : GB_FACE_CELL,
                nth == layout->own ? GB_ROLE_ACCENT : GB_ROLE_INK,
                te_dtype_name ((TeDtype) row->number.format.dtype), PAD, middle, GB_ALIGN_LEFT);
  draw_bits (layout, row, ctx, snapshot);
  if (x + 40 > layout->width)
    return;
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL_BOLD, role (ctx, bad ? GB_ROLE_ERROR : GB_ROLE_INK),
                     row->text, x, middle, GB_ALIGN_LEFT, layout->width - x - 14);
  x += gb_draw_text_width (ctx, GB_FACE_CELL_BOLD, row->text) + 12;
  if (row->fate[0] && x + 40 < layout->width)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, bad ? GB_ROLE_ERROR : GB_ROLE_MUTED),
                       row->fate, x, middle, GB_ALIGN_LEFT, layout->width - x - 14);
}

static void
draw_legend (const GbBitsLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  static const char *const names[] = { N_ ("sign"), N_ ("exponent"), N_ ("mantissa") };
  double x = layout->bits_x, y = layout->rows_y - 11;

  for (int i = 0; i < 3; i++)
    {
      gb_draw_box (snapshot, role (ctx, role_of ((Field) i)), NULL, x, y - 5, 10, 10, 0, 0);
      x +=
          15
          + gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ (names[i]), x + 15, y, GB_ALIGN_LEFT)
          + 14;
    }
}

/* ---- between its neighbours ---- */

static void
draw_tick (const GbBitNumber *n,
           const char *digits,
           const char *name,
           double x,
           double y,
           gboolean strong,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  char text[64];

  gb_draw_vline (snapshot, role (ctx, strong ? GB_ROLE_INK : GB_ROLE_RULE_STRONG), x, y - 8, y + 8,
                 strong ? 2.5 : 1.5);
  gb_draw_text (ctx, snapshot, strong ? GB_FACE_CELL_BOLD : GB_FACE_CELL, GB_ROLE_INK,
                digits ? digits : gb_bit_number_text (n, text, sizeof text), x, y + 17, GB_ALIGN_CENTER);
  if (name)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, name, x, y + 32, GB_ALIGN_CENTER);
}

/* The dtype's numbers around the one at hand, and where the exact number fell between them. */
static void
draw_line (const GbBitsLayout *layout, double y, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbBitsRow *row = &layout->rows[layout->chosen];
  GbBitNumber below, above;
  gboolean has_below = gb_bit_number_next (&row->number, -1, &below),
           has_above = gb_bit_number_next (&row->number, 1, &above);
  double left = PAD + 40, right = MIN (layout->width - PAD - 40, 640), x[3], exact = layout->number.value,
         low, high;
  char text[48];

  if (right - left < 160 || row->number.format.dtype == TE_BOOL || row->number.fate == GB_CAST_UNDEFINED
      || (!has_below && !has_above))
    return;
  low = has_below && isfinite (below.value) ? below.value : row->number.value;
  high = has_above && isfinite (above.value) ? above.value : row->number.value;
  x[0] = left + 30, x[1] = (left + right) / 2, x[2] = right - 30;
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), left, right, y, 1.5);
  if (has_below)
    draw_tick (&below, NULL, _ ("next below"), x[0], y, FALSE, ctx, snapshot);
  if (has_above)
    draw_tick (&above, NULL, _ ("next above"), x[2], y, FALSE, ctx, snapshot);
  draw_tick (&row->number, row->text, NULL, x[1], y, TRUE, ctx, snapshot);
  for (int side = 0; side < 2; side++)
    if (side ? has_above && isfinite (above.value) : has_below && isfinite (below.value))
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED,
                    !row->number.format.is_float
                        ? "1"
                        : gb_number_text (side ? high - row->number.value : row->number.value - low, 3, text,
                                          sizeof text),
                    (x[side] + x[side + 1]) / 2, y - 9, GB_ALIGN_CENTER);
  if (row->number.fate != GB_CAST_ROUNDED && row->number.fate != GB_CAST_UNDERFLOW
      && row->number.fate != GB_CAST_TRUNCATED)
    return;
  if (exact < row->number.value && low < row->number.value)
    exact = x[1] - (x[1] - x[0]) * MIN ((row->number.value - exact) / (row->number.value - low), 1);
  else if (exact > row->number.value && high > row->number.value)
    exact = x[1] + (x[2] - x[1]) * MIN ((exact - row->number.value) / (high - row->number.value), 1);
  else
    return;
  gb_draw_vline (snapshot, role (ctx, GB_ROLE_ACCENT), exact, y - 20, y, 2);
  gb_draw_arrow_head (snapshot, role (ctx, GB_ROLE_ACCENT), exact, y, G_PI / 2, 7);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_ACCENT, layout->element, exact, y - 27,
                GB_ALIGN_CENTER);
}

static void
draw_detail (const GbBitsLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y = layout->detail_y;
  g_autofree char *name = NULL;

  if (y <= 0)
    return;
  name = g_strdup_printf (
      "%s:  %s", te_dtype_name ((TeDtype) layout->rows[layout->chosen].number.format.dtype), layout->formula);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO, role (ctx, GB_ROLE_INK), name, PAD, y + 10, GB_ALIGN_LEFT,
                     layout->width - 2 * PAD);
  draw_line (layout, y + 68, ctx, snapshot);
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double cell = CLAMP ((ctx->width - 60) / 34, 4, 16), x = (ctx->width - 34 * cell) / 2,
         y = ctx->height / 2 - 12;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 32; i++)
    gb_draw_box (snapshot, role (ctx, i % 3 ? GB_ROLE_SURFACE : GB_ROLE_SHARED),
                 role (ctx, GB_ROLE_RULE_STRONG), x + (i + (i > 0) + (i > 8)) * cell, y, cell, 24, 0, 1);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Point at a number of any tensor."));
}

void
gb_bits_draw (const GbBitsLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x = PAD;
  char text[64];

  if (layout->is_empty)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  x += gb_draw_name (ctx, snapshot, GB_FACE_MONO_BOLD, layout->element, x, 16, ctx->width * 0.35)
       + 14;
  if (layout->is_unknown)
    {
      gb_draw_empty (ctx, snapshot, _ ("Its numbers were not recorded here. Pause or step to see them."));
      return;
    }
  x += gb_draw_text (ctx, snapshot, GB_FACE_HEADING, GB_ROLE_INK,
                     gb_bit_number_text (&layout->number, text, sizeof text), x, 16, GB_ALIGN_LEFT)
       + 14;
  x += gb_draw_text (ctx, snapshot, GB_FACE_MONO, GB_ROLE_MUTED,
                     te_dtype_name ((TeDtype) layout->number.format.dtype), x, 16, GB_ALIGN_LEFT)
       + 14;
  if (layout->options.flips)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_STALE),
                       _ ("bits turned by hand, not in the program"), x, 16, GB_ALIGN_LEFT,
                       MAX (layout->width - x - 14, 20));
  draw_legend (layout, ctx, snapshot);
  for (guint i = 0; i < layout->n_rows; i++)
    draw_row (layout, (int) i, ctx, snapshot);
  draw_detail (layout, ctx, snapshot);
}

void
gb_bits_draw_overlay (
    const GbBitsLayout *layout, int row, int bit, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->is_empty || layout->is_unknown)
    return;
  if (layout->options.cursor >= 0 && layout->options.cursor < layout->number.format.n_bits)
    gb_draw_selection (ctx, snapshot,
                       gb_bits_layout_bit_x (layout, &layout->number.format, layout->options.cursor) - 1,
                       layout->rows[layout->own].y + 2, layout->cell + 2, layout->row_height - 4);
  if (row < 0 || row >= (int) layout->n_rows || bit < 0 || bit >= layout->rows[row].number.format.n_bits)
    return;
  const GbBitFormat *f = &layout->rows[row].number.format;
  g_autofree char *weight = gb_bits_weight_text (f, bit);
  const char *lines[] = { weight };
  gb_draw_tip (ctx, snapshot, gb_bits_layout_bit_x (layout, f, bit) + layout->cell, layout->rows[row].y,
               lines, 1);
}
