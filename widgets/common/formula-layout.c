#include "common/formula-layout.h"

#include <math.h>

/* STIX is what the packages bring; what it lacks (Han letters) comes from the others. */
#define FAMILY "STIXGeneral, Noto Serif CJK SC, serif"

typedef enum
{
  GLYPHS, /* layout, its base line at y */
  RULE,   /* x, y: top left; width, height */
  ROOT,   /* x, y: top left of the sign and its bar; width, height */
  HAT,    /* x, y: top left; width, height */
} ItemKind;

typedef struct
{
  ItemKind kind;
  double x, y, width, height;
  double stretch; /* vertical, of glyphs */
  PangoLayout *layout;
} Item;

struct _GbFormulaLayout
{
  PangoContext *pango;
  GArray *items; /* Item; y downwards, 0 is the base line */
  double size, width, ascent, descent;
};

typedef struct
{
  double width, ascent, descent;
} Extent;

/* How a part is set: the size of its letters, and whether it stands in a display. */
typedef struct
{
  double size;
  gboolean is_display;
  int level; /* of scripts */
} Style;

static Extent set_part (GbFormulaLayout *self, const GbFormula *part, Style style);

static Style
script_style (const GbFormulaLayout *self, Style style)
{
  return (Style){ self->size * (style.level ? 0.58 : 0.72), FALSE, style.level + 1 };
}

static void
item_clear (gpointer data)
{
  g_clear_object (&((Item *) data)->layout);
}

static void
shift_items (GbFormulaLayout *self, guint first, guint end, double dx, double dy)
{
  for (guint i = first; i < end; i++)
    {
      g_array_index (self->items, Item, i).x += dx;
      g_array_index (self->items, Item, i).y += dy;
    }
}

static void
shift (GbFormulaLayout *self, guint first, double dx, double dy)
{
  shift_items (self, first, self->items->len, dx, dy);
}

/* Glyphs at (0, 0): as wide as they advance, as high as their ink. */
static Extent
set_text (GbFormulaLayout *self, const char *text, double size, gboolean is_slanted)
{
  Item item = { .kind = GLYPHS, .stretch = 1, .layout = pango_layout_new (self->pango) };
  PangoFontDescription *font = pango_font_description_from_string (FAMILY);
  PangoRectangle ink, logical;

  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  if (is_slanted)
    pango_font_description_set_style (font, PANGO_STYLE_ITALIC);
  pango_layout_set_font_description (item.layout, font);
  pango_font_description_free (font);
  pango_layout_set_text (item.layout, text, -1);
  pango_layout_get_extents (item.layout, &ink, &logical);
  double base = pango_layout_get_baseline (item.layout);
  g_array_append_val (self->items, item);
  Extent extent = { logical.width / (double) PANGO_SCALE, (base - ink.y) / PANGO_SCALE,
                    (ink.y + ink.height - base) / PANGO_SCALE };
  /* A slanted letter leans over what follows. */
  if (is_slanted)
    extent.width = MAX (extent.width, (ink.x + ink.width) / (double) PANGO_SCALE) + 0.02 * size;
  return extent;
}

static Extent
set_sign (GbFormulaLayout *self, const GbFormula *sign, Style style)
{
  if (sign->sort == GB_FORMULA_SPACE)
    return (Extent){ sign->width * style.size, 0, 0 };
  if (*sign->text == '\0')
    return (Extent){ 0 };
  gboolean is_grown = sign->is_large && style.is_display;
  guint first = self->items->len;
  Extent extent = set_text (self, sign->text, style.size * (is_grown ? 1.45 : 1), sign->is_slanted);
  if (!sign->is_large)
    return extent;
  /* Its middle stands on the height of a minus. */
  double middle = (extent.descent - extent.ascent) / 2, dy = -0.25 * style.size - middle;
  shift (self, first, 0, dy);
  return (Extent){ extent.width, extent.ascent - dy, extent.descent + dy };
}

static Extent
set_row (GbFormulaLayout *self, const GbFormula *row, Style style)
{
  Extent all = { 0 };
  for (guint i = 0; i < row->parts->len; i++)
    {
      const GbFormula *part = g_ptr_array_index (row->parts, i);
      if (i && style.level == 0)
        all.width += style.size
                     * gb_formula_space (gb_formula_sort (g_ptr_array_index (row->parts, i - 1)),
                                         gb_formula_sort (part));
      guint first = self->items->len;
      Extent extent = set_part (self, part, style);
      shift (self, first, all.width, 0);
      all.width += extent.width;
      all.ascent = MAX (all.ascent, extent.ascent);
      all.descent = MAX (all.descent, extent.descent);
    }
  return all;
}

/* Above and below their base, centred. */
static Extent
set_limits (GbFormulaLayout *self, const GbFormula *const parts[3], Style style)
{
  const double gap = 0.12 * style.size;
  guint at_base = self->items->len;
  Extent base = set_part (self, parts[0], style), all = base;
  guint at[3] = { at_base, self->items->len, 0 };
  Extent extents[3] = { base };
  for (int i = 1; i < 3; i++)
    {
      at[i] = self->items->len;
      extents[i] = parts[i] ? set_part (self, parts[i], script_style (self, style)) : (Extent){ 0 };
      all.width = MAX (all.width, extents[i].width);
    }
  const double ys[3] = { 0, base.descent + gap + extents[1].ascent,
                         -(base.ascent + gap + extents[2].descent) };
  for (int i = 0; i < 3; i++)
    shift_items (self, at[i], i < 2 ? at[i + 1] : self->items->len, (all.width - extents[i].width) / 2,
                 ys[i]);
  if (parts[1])
    all.descent = ys[1] + extents[1].descent;
  if (parts[2])
    all.ascent = -ys[2] + extents[2].ascent;
  return all;
}

static Extent
set_beside (GbFormulaLayout *self, const GbFormula *const parts[3], Style style)
{
  Style small = script_style (self, style);
  Extent base = set_part (self, parts[0], style), all = base;
  double x = base.width + 0.03 * style.size, below = 0.18 * style.size, above = 0.36 * style.size;

  /* High and deep bases carry their scripts at their corners. */
  below = MAX (below, base.descent - 0.05 * style.size);
  above = MAX (above, base.ascent - 0.42 * style.size);
  for (int i = 1; i < 3; i++)
    {
      if (parts[i] == NULL)
        continue;
      guint first = self->items->len;
      Extent extent = set_part (self, parts[i], small);
      double y = i == 1 ? MAX (below, extent.ascent - 0.35 * style.size)
                        : -MAX (above, extent.descent + 0.2 * style.size);
      shift (self, first, x, y);
      all.width = MAX (all.width, x + extent.width + 0.04 * style.size);
      all.ascent = MAX (all.ascent, extent.ascent - y);
      all.descent = MAX (all.descent, extent.descent + y);
    }
  return all;
}

static Extent
set_scripts (GbFormulaLayout *self, const GbFormula *part, Style style)
{
  const GbFormula *parts[3];
  for (guint i = 0; i < 3; i++)
    parts[i] = g_ptr_array_index (part->parts, i);
  if (style.is_display && parts[0]->kind == GB_FORMULA_SIGN && parts[0]->has_limits)
    return set_limits (self, parts, style);
  return set_beside (self, parts, style);
}

static Extent
set_fraction (GbFormulaLayout *self, const GbFormula *part, Style style)
{
  Style inner = style;
  if (style.is_display)
    inner.is_display = FALSE;
  else
    inner = script_style (self, style);
  const double axis = 0.25 * style.size, thick = MAX (1, 0.05 * style.size), gap = 0.16 * style.size;
  guint at_top = self->items->len;
  Extent top = set_part (self, g_ptr_array_index (part->parts, 0), inner);
  guint at_bottom = self->items->len;
  Extent bottom = set_part (self, g_ptr_array_index (part->parts, 1), inner);
  double width = MAX (top.width, bottom.width) + 0.24 * style.size,
         bottom_y = -axis + thick / 2 + gap + bottom.ascent, top_y = -axis - thick / 2 - gap - top.descent;

  shift (self, at_bottom, (width - bottom.width) / 2, bottom_y);
  shift_items (self, at_top, at_bottom, (width - top.width) / 2, top_y);
  Item bar = { RULE, 0.05 * style.size, -axis - thick / 2, width - 0.1 * style.size, thick, 1, NULL };
  g_array_append_val (self->items, bar);
  return (Extent){ width, top.ascent - top_y, bottom.descent + bottom_y };
}

static Extent
set_root (GbFormulaLayout *self, const GbFormula *part, Style style)
{
  const double sign = 0.6 * style.size, gap = 0.14 * style.size;
  guint first = self->items->len;
  Extent inside = set_part (self, g_ptr_array_index (part->parts, 0), style);
  double ascent = inside.ascent + gap, descent = MAX (inside.descent, 0.05 * style.size);

  shift (self, first, sign, 0);
  Item root = { ROOT, 0, -ascent, sign + inside.width + 0.08 * style.size, ascent + descent, 1, NULL };
  g_array_append_val (self->items, root);
  return (Extent){ root.width, ascent + 0.05 * style.size, descent };
}

static Extent
set_accent (GbFormulaLayout *self, const GbFormula *part, Style style)
{
  Extent base = set_part (self, g_ptr_array_index (part->parts, 0), style);
  const double height = *part->text == '-' ? MAX (1, 0.05 * style.size) : 0.16 * style.size,
               width = CLAMP (base.width * 0.8, 0.3 * style.size, base.width),
               y = -base.ascent - 0.08 * style.size - height;

  if (*part->text == '~')
    {
      guint first = self->items->len;
      Extent tilde = set_text (self, "~", style.size * 0.8, FALSE);
      shift (self, first, (base.width - tilde.width) / 2, -base.ascent + tilde.descent - 0.02 * style.size);
    }
  else
    {
      Item mark = { *part->text == '-' ? RULE : HAT,
                    (base.width - width) / 2 + 0.04 * style.size,
                    y,
                    width,
                    height,
                    1,
                    NULL };
      g_array_append_val (self->items, mark);
    }
  base.ascent = -y + height;
  return base;
}

/* A fence around what reaches from -ascent to descent, at x. */
static double
set_fence (GbFormulaLayout *self, const char *text, double ascent, double descent, Style style)
{
  if (*text == '\0')
    return 0;
  guint first = self->items->len;
  Extent fence = set_text (self, text, style.size, FALSE);
  double height = fence.ascent + fence.descent, wanted = ascent + descent + 0.1 * style.size;
  Item *glyphs = &g_array_index (self->items, Item, first);
  if (wanted > height)
    {
      glyphs->stretch = wanted / height;
      /* Scaled about its base line; its ink has to end where the inside ends. */
      glyphs->y = descent + 0.05 * style.size - fence.descent * glyphs->stretch;
    }
  return fence.width;
}

/* Fences left and right of the items since `first`, which are moved between them. */
static Extent
enclose (GbFormulaLayout *self, guint first, Extent inside, const GbFormula *part, Style style)
{
  guint n = self->items->len;
  double left = set_fence (self, part->text, inside.ascent, inside.descent, style);
  shift_items (self, first, n, left, 0);
  n = self->items->len;
  double right = set_fence (self, part->right, inside.ascent, inside.descent, style);
  shift (self, n, left + inside.width, 0);
  return (Extent){ left + inside.width + right, inside.ascent + 0.05 * style.size,
                   inside.descent + 0.05 * style.size };
}

static Extent
set_table (GbFormulaLayout *self, const GbFormula *part, Style style)
{
  const double column_gap = 0.9 * style.size, line_gap = 0.35 * style.size;
  gboolean is_equation = *part->text == '\0' && *part->right == '\0', is_cases = *part->text == '{';
  guint first = self->items->len, n_columns = 0;
  for (guint i = 0; i < part->parts->len; i++)
    n_columns = MAX (n_columns, ((GbFormula *) g_ptr_array_index (part->parts, i))->parts->len);
  g_autofree double *widths = g_new0 (double, n_columns + 1);
  g_autofree guint *starts = g_new0 (guint, part->parts->len * n_columns + 1);
  g_autofree Extent *cells = g_new0 (Extent, part->parts->len * n_columns + 1);
  double y = 0;

  style.is_display = FALSE;
  for (guint i = 0; i < part->parts->len; i++)
    {
      const GbFormula *line = g_ptr_array_index (part->parts, i);
      Extent all = { 0, 0.7 * style.size, 0.2 * style.size };
      guint at = self->items->len;
      for (guint k = 0; k < n_columns; k++)
        {
          Extent *cell = &cells[i * n_columns + k];
          starts[i * n_columns + k] = self->items->len;
          if (k < line->parts->len)
            *cell = set_part (self, g_ptr_array_index (line->parts, k), style);
          widths[k] = MAX (widths[k], cell->width);
          all.ascent = MAX (all.ascent, cell->ascent);
          all.descent = MAX (all.descent, cell->descent);
        }
      y += (i ? line_gap : 0) + all.ascent;
      shift (self, at, 0, y);
      y += all.descent;
    }
  starts[part->parts->len * n_columns] = self->items->len;
  double width = 0;
  for (guint k = 0; k < n_columns; k++)
    {
      for (guint i = 0; i < part->parts->len; i++)
        {
          guint cell = i * n_columns + k;
          double slack = widths[k] - cells[cell].width, dx = width
                                                             + (is_cases      ? 0
                                                                : is_equation ? (k % 2 ? 0 : slack)
                                                                              : slack / 2);
          shift_items (self, starts[cell], starts[cell + 1], dx, 0);
        }
      width += widths[k] + (k + 1 < n_columns ? (is_equation ? 0.28 * style.size : column_gap) : 0);
    }
  /* Its middle on the height of a minus. */
  double up = y / 2 + 0.25 * style.size;
  shift (self, first, 0, -up);
  return enclose (self, first, (Extent){ width, up, y - up }, part, style);
}

static Extent
set_part (GbFormulaLayout *self, const GbFormula *part, Style style)
{
  guint first = self->items->len;
  switch (part->kind)
    {
    case GB_FORMULA_ROW:
      return set_row (self, part, style);
    case GB_FORMULA_SIGN:
      return set_sign (self, part, style);
    case GB_FORMULA_SCRIPTS:
      return set_scripts (self, part, style);
    case GB_FORMULA_FRACTION:
      return set_fraction (self, part, style);
    case GB_FORMULA_ROOT:
      return set_root (self, part, style);
    case GB_FORMULA_ACCENT:
      return set_accent (self, part, style);
    case GB_FORMULA_FENCED:
      return enclose (self, first, set_part (self, g_ptr_array_index (part->parts, 0), style), part, style);
    case GB_FORMULA_TABLE:
      return set_table (self, part, style);
    }
  return (Extent){ 0 };
}

GbFormulaLayout *
gb_formula_layout_new (const GbFormula *formula, PangoContext *pango, double size)
{
  GbFormulaLayout *self = g_new0 (GbFormulaLayout, 1);
  self->pango = g_object_ref (pango);
  self->items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_array_set_clear_func (self->items, item_clear);
  self->size = size;
  Extent extent = set_part (self, formula, (Style){ size, TRUE, 0 });
  self->width = extent.width;
  self->ascent = MAX (extent.ascent, 0.7 * size);
  self->descent = MAX (extent.descent, 0.2 * size);
  return self;
}

void
gb_formula_layout_free (GbFormulaLayout *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->items);
  g_object_unref (self->pango);
  g_free (self);
}

void
gb_formula_layout_get_size (const GbFormulaLayout *self, double *width, double *ascent, double *descent)
{
  *width = self->width;
  *ascent = self->ascent;
  *descent = self->descent;
}

/* ---- drawing ---- */

static void
draw_root (const Item *item, double size, cairo_t *cr)
{
  const double foot = 0.6 * size, top = item->y, bottom = item->y + item->height;
  cairo_set_line_width (cr, MAX (1, 0.05 * size));
  cairo_move_to (cr, item->x + 0.06 * size, bottom - 0.36 * item->height);
  cairo_line_to (cr, item->x + 0.16 * size, bottom - 0.42 * item->height);
  cairo_line_to (cr, item->x + 0.32 * size, bottom);
  cairo_line_to (cr, item->x + foot - 0.04 * size, top);
  cairo_line_to (cr, item->x + item->width, top);
  cairo_stroke (cr);
}

static void
draw_item (const Item *item, double size, cairo_t *cr)
{
  switch (item->kind)
    {
    case GLYPHS:
      cairo_save (cr);
      cairo_translate (cr, item->x, item->y);
      cairo_scale (cr, 1, item->stretch);
      cairo_move_to (cr, 0, -pango_layout_get_baseline (item->layout) / (double) PANGO_SCALE);
      pango_cairo_show_layout (cr, item->layout);
      cairo_restore (cr);
      break;
    case RULE:
      cairo_rectangle (cr, item->x, item->y, item->width, item->height);
      cairo_fill (cr);
      break;
    case ROOT:
      draw_root (item, size, cr);
      break;
    case HAT:
      cairo_set_line_width (cr, MAX (1, 0.055 * size));
      cairo_move_to (cr, item->x, item->y + item->height);
      cairo_line_to (cr, item->x + item->width / 2, item->y);
      cairo_line_to (cr, item->x + item->width, item->y + item->height);
      cairo_stroke (cr);
      break;
    }
}

void
gb_formula_layout_draw (const GbFormulaLayout *self, cairo_t *cr, double x, double y)
{
  cairo_save (cr);
  cairo_translate (cr, x, y + self->ascent);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_BEVEL);
  for (guint i = 0; i < self->items->len; i++)
    draw_item (&g_array_index (self->items, Item, i), self->size, cr);
  cairo_restore (cr);
}
