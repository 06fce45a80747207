/* Pages of A4: a cursor goes down them, and each block takes the room that it needs or begins a new page. */
#include "paper/paper.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <pango/pangocairo.h>
#include <string.h>

/* Points. */
#define PAGE_WIDTH   595.28
#define PAGE_HEIGHT  841.89
#define MARGIN       62.0
#define TEXT_WIDTH   (PAGE_WIDTH - 2 * MARGIN)
#define LAST_LINE    (PAGE_HEIGHT - 66.0)
#define FOOT_LINE    (PAGE_HEIGHT - 46.0)
#define GAP          7.0
#define CELL_PAD     4.0
#define BAR_HEIGHT   8.0
#define LABEL_WIDTH  150.0
#define VALUE_WIDTH  130.0
#define LEAST_COLUMN 34.0

typedef struct
{
  guint8 r, g, b;
} Ink;

static const Ink ink = { 0x24, 0x1f, 0x31 }, muted = { 0x6f, 0x6b, 0x78 }, rule = { 0xdc, 0xda, 0xe0 },
                 soft = { 0xf4, 0xf3, 0xf6 }, look = { 0x1c, 0x71, 0xd8 };

typedef struct
{
  const GbPaper *paper;
  cairo_t *cr;
  double y;
  guint page;
} Sheet;

static void
use_ink (Sheet *self, Ink which)
{
  cairo_set_source_rgb (self->cr, which.r / 255.0, which.g / 255.0, which.b / 255.0);
}

static PangoLayout *
lay_out (Sheet *self, const char *text, const char *font, double width)
{
  PangoLayout *layout = pango_cairo_create_layout (self->cr);
  PangoFontDescription *description = pango_font_description_from_string (font);
  /* A Latin face first: numbers alone would else be set in the Chinese one. */
  g_autofree char *families =
      g_strdup_printf ("%s, Noto Sans CJK SC", pango_font_description_get_family (description));
  pango_font_description_set_family (description, families);
  pango_context_set_language (pango_layout_get_context (layout), pango_language_from_string ("zh-cn"));
  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  if (width > 0)
    pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_line_spacing (layout, 1.25f);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

static double
height_of (PangoLayout *layout)
{
  int height;
  pango_layout_get_size (layout, NULL, &height);
  return (double) height / PANGO_SCALE;
}

static void
show (Sheet *self, PangoLayout *layout, double x, double y, Ink which)
{
  use_ink (self, which);
  cairo_move_to (self->cr, x, y);
  pango_cairo_show_layout (self->cr, layout);
}

/* uri NULL: leads nowhere.  What the tag would read as its own end is escaped. */
static void
begin_link (Sheet *self, const char *uri)
{
  g_autoptr (GString) attributes = g_string_new ("uri='");
  for (const char *at = uri; at && *at; at++)
    {
      if (*at == '\'' || *at == '\\')
        g_string_append_c (attributes, '\\');
      g_string_append_c (attributes, *at);
    }
  g_string_append_c (attributes, '\'');
  if (uri)
    cairo_tag_begin (self->cr, CAIRO_TAG_LINK, attributes->str);
}

static void
end_link (Sheet *self, const char *uri)
{
  if (uri)
    cairo_tag_end (self->cr, CAIRO_TAG_LINK);
}

static void
draw_rule (Sheet *self, double y)
{
  use_ink (self, rule);
  cairo_rectangle (self->cr, MARGIN, y, TEXT_WIDTH, 0.6);
  cairo_fill (self->cr);
}

static void
end_page (Sheet *self)
{
  g_autofree char *number = g_strdup_printf ("%u", self->page);
  g_autoptr (PangoLayout) foot =
      lay_out (self, self->paper->foot, "Noto Sans, DejaVu Sans 8", TEXT_WIDTH - 40);
  g_autoptr (PangoLayout) count = lay_out (self, number, "Noto Sans, DejaVu Sans 8", 0);
  int width;

  pango_layout_set_ellipsize (foot, PANGO_ELLIPSIZE_END);
  pango_layout_get_pixel_size (count, &width, NULL);
  draw_rule (self, FOOT_LINE - 6);
  show (self, foot, MARGIN, FOOT_LINE, muted);
  show (self, count, PAGE_WIDTH - MARGIN - width, FOOT_LINE, muted);
  cairo_show_page (self->cr);
}

static void
new_page (Sheet *self)
{
  end_page (self);
  self->page++;
  self->y = MARGIN;
}

static void
need (Sheet *self, double height)
{
  if (self->y > MARGIN && self->y + height > LAST_LINE)
    new_page (self);
}

/* Text of any length: line by line over the pages; on_line (optional) draws behind each. */
static void
flow (Sheet *self, PangoLayout *layout, double x, Ink which, void (*on_line) (Sheet *self, double height))
{
  PangoLayoutIter *iter = pango_layout_get_iter (layout);
  do
    {
      PangoRectangle box;
      double height;
      pango_layout_iter_get_line_extents (iter, NULL, &box);
      height = (double) box.height / PANGO_SCALE;
      need (self, height);
      if (on_line)
        on_line (self, height);
      use_ink (self, which);
      cairo_move_to (self->cr, x + (double) box.x / PANGO_SCALE,
                     self->y + (double) (pango_layout_iter_get_baseline (iter) - box.y) / PANGO_SCALE);
      pango_cairo_show_layout_line (self->cr, pango_layout_iter_get_line_readonly (iter));
      self->y += height;
    }
  while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
}

static void
draw_text (Sheet *self, const char *text, const char *font, Ink which)
{
  g_autoptr (PangoLayout) layout = lay_out (self, text, font, TEXT_WIDTH);
  flow (self, layout, MARGIN, which, NULL);
  self->y += GAP;
}

/* A heading stays with what follows it. */
static void
draw_heading (Sheet *self, guint level, const char *text)
{
  static const char *const fonts[] = { "Noto Sans, DejaVu Sans Bold 21", "Noto Sans, DejaVu Sans Bold 14",
                                       "Noto Sans, DejaVu Sans Bold 11", "Noto Sans, DejaVu Sans Bold 10" };
  g_autoptr (PangoLayout) layout = lay_out (self, text, fonts[MIN (level, 3)], TEXT_WIDTH);

  if (self->y > MARGIN && level)
    self->y += level == 1 ? 16 : 8;
  need (self, height_of (layout) + (level == 1 ? 70 : 50));
  show (self, layout, MARGIN, self->y, ink);
  self->y += height_of (layout) + 4;
  if (level == 1)
    {
      draw_rule (self, self->y);
      self->y += 4;
    }
  self->y += 3;
}

static void
draw_bar_beside (Sheet *self, double height)
{
  use_ink (self, rule);
  cairo_rectangle (self->cr, MARGIN, self->y, 2, height);
  cairo_fill (self->cr);
}

static void
draw_quote (Sheet *self, const char *text)
{
  g_autoptr (PangoLayout) layout = lay_out (self, text, "Noto Sans, DejaVu Sans 10", TEXT_WIDTH - 12);
  flow (self, layout, MARGIN + 12, ink, draw_bar_beside);
  self->y += GAP;
}

static void
draw_ground (Sheet *self, double height)
{
  use_ink (self, soft);
  cairo_rectangle (self->cr, MARGIN, self->y - 0.3, TEXT_WIDTH, height + 0.6);
  cairo_fill (self->cr);
}

static void
draw_code (Sheet *self, const char *text)
{
  g_autoptr (PangoLayout) layout = lay_out (self, text, "DejaVu Sans Mono 8.5", TEXT_WIDTH - 16);
  flow (self, layout, MARGIN + 8, ink, draw_ground);
  self->y += GAP + 2;
}

static void
draw_facts (Sheet *self, const GbBlock *block)
{
  for (guint i = 0; i + 1 < block->cells->len; i += 2)
    {
      g_autoptr (PangoLayout) name =
          lay_out (self, g_ptr_array_index (block->cells, i), "Noto Sans, DejaVu Sans 10", LABEL_WIDTH - 8);
      g_autoptr (PangoLayout) value = lay_out (self, g_ptr_array_index (block->cells, i + 1),
                                               "Noto Sans, DejaVu Sans 10", TEXT_WIDTH - LABEL_WIDTH);
      double height = MAX (height_of (name), height_of (value));
      need (self, height);
      show (self, name, MARGIN, self->y, muted);
      show (self, value, MARGIN + LABEL_WIDTH, self->y, ink);
      self->y += height + 2;
    }
  self->y += GAP;
}

/* Columns as wide as their longest cell where there is room, the long ones narrower where there is not. */
static void
measure_columns (Sheet *self, const GbBlock *block, double *widths)
{
  double all = 0, spare = TEXT_WIDTH - LEAST_COLUMN * block->n_columns;
  for (guint k = 0; k < block->n_columns; k++)
    {
      widths[k] = 0;
      for (guint i = k; i < block->cells->len; i += block->n_columns)
        {
          g_autoptr (PangoLayout) layout =
              lay_out (self, g_ptr_array_index (block->cells, i), "Noto Sans, DejaVu Sans Bold 9", 0);
          int width;
          pango_layout_get_pixel_size (layout, &width, NULL);
          widths[k] = MAX (widths[k], width + 3 * CELL_PAD);
        }
      widths[k] = MAX (widths[k] - LEAST_COLUMN, 0);
      all += widths[k];
    }
  for (guint k = 0; k < block->n_columns; k++)
    widths[k] = LEAST_COLUMN + (all > 0 ? widths[k] * spare / all : spare / block->n_columns);
}

static void
draw_row (Sheet *self, const GbBlock *block, guint from, const double *widths)
{
  g_autoptr (GPtrArray) layouts = g_ptr_array_new_with_free_func (g_object_unref);
  double x = MARGIN, height = 0;

  for (guint k = 0; k < block->n_columns && from + k < block->cells->len; k++)
    {
      g_ptr_array_add (layouts, lay_out (self, g_ptr_array_index (block->cells, from + k),
                                         from ? "Noto Sans, DejaVu Sans 9" : "Noto Sans, DejaVu Sans Bold 9",
                                         widths[k] - 2 * CELL_PAD));
      height = MAX (height, height_of (layouts->pdata[k]));
    }
  need (self, height + 2 * CELL_PAD);
  for (guint k = 0; k < layouts->len; x += widths[k++])
    {
      const char *uri = gb_block_get_uri (block, from + k);
      begin_link (self, uri);
      show (self, layouts->pdata[k], x, self->y + CELL_PAD, uri ? look : from ? ink : muted);
      end_link (self, uri);
    }
  self->y += height + 2 * CELL_PAD;
  draw_rule (self, self->y);
}

static void
draw_table (Sheet *self, const GbBlock *block)
{
  g_autofree double *widths = g_new (double, block->n_columns);
  measure_columns (self, block, widths);
  need (self, 60);
  for (guint i = 0; i < block->cells->len; i += block->n_columns)
    draw_row (self, block, i, widths);
  self->y += GAP + 3;
}

static void
draw_bar (Sheet *self, double x, double y, double width, double value)
{
  use_ink (self, soft);
  cairo_rectangle (self->cr, x, y, width, BAR_HEIGHT);
  cairo_fill (self->cr);
  use_ink (self, look);
  cairo_rectangle (self->cr, x, y, width * value, BAR_HEIGHT);
  cairo_fill (self->cr);
}

static void
draw_bars (Sheet *self, const GbBlock *block)
{
  double width = TEXT_WIDTH - LABEL_WIDTH - VALUE_WIDTH - 10;
  for (guint i = 0; i + 2 < block->cells->len; i += 3)
    {
      const char *value = g_ptr_array_index (block->cells, i + 1);
      g_autoptr (PangoLayout) label =
          lay_out (self, g_ptr_array_index (block->cells, i), "Noto Sans, DejaVu Sans 10", LABEL_WIDTH - 8);
      g_autoptr (PangoLayout) text =
          lay_out (self, g_ptr_array_index (block->cells, i + 2), "Noto Sans, DejaVu Sans 10", VALUE_WIDTH);
      double height = MAX (MAX (height_of (label), height_of (text)), BAR_HEIGHT);
      need (self, height);
      show (self, label, MARGIN, self->y, ink);
      draw_bar (self, MARGIN + LABEL_WIDTH, self->y + (height - BAR_HEIGHT) / 2, width,
                CLAMP (g_ascii_strtod (value, NULL), 0, 1));
      show (self, text, MARGIN + LABEL_WIDTH + width + 10, self->y, ink);
      self->y += height + 5;
    }
  self->y += GAP;
}

typedef struct
{
  const guchar *data;
  gsize left;
} Reader;

static cairo_status_t
read_png (void *closure, unsigned char *data, unsigned int length)
{
  Reader *self = closure;
  if (length > self->left)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (data, self->data, length);
  self->data += length;
  self->left -= length;
  return CAIRO_STATUS_SUCCESS;
}

/* One that is no picture leaves its text. */
static void
draw_picture (Sheet *self, const GbBlock *block)
{
  Reader reader;
  cairo_surface_t *image;
  double scale, width, height;

  reader.data = g_bytes_get_data (block->png, &reader.left);
  image = cairo_image_surface_create_from_png_stream (read_png, &reader);
  width = cairo_image_surface_get_width (image);
  height = cairo_image_surface_get_height (image);
  if (cairo_surface_status (image) == CAIRO_STATUS_SUCCESS && width > 0 && height > 0)
    {
      scale = MIN (MIN (TEXT_WIDTH / width, (LAST_LINE - MARGIN - 40) / height), 0.75);
      need (self, height * scale + 20);
      cairo_save (self->cr);
      cairo_translate (self->cr, MARGIN, self->y);
      cairo_scale (self->cr, scale, scale);
      cairo_set_source_surface (self->cr, image, 0, 0);
      cairo_paint (self->cr);
      cairo_restore (self->cr);
      self->y += height * scale + 4;
    }
  cairo_surface_destroy (image);
  draw_text (self, block->text, "Noto Sans, DejaVu Sans 9", muted);
}

/* On one line: a link does not go over the edge of a page. */
static void
draw_link (Sheet *self, const GbBlock *block)
{
  g_autoptr (PangoLayout) layout = lay_out (self, block->text, "Noto Sans, DejaVu Sans 9", TEXT_WIDTH);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  need (self, height_of (layout));
  begin_link (self, gb_block_get_uri (block, 0));
  show (self, layout, MARGIN, self->y, look);
  end_link (self, gb_block_get_uri (block, 0));
  self->y += height_of (layout) + GAP;
}

static void
draw_block (Sheet *self, const GbBlock *block)
{
  switch (block->kind)
    {
    case GB_BLOCK_HEADING:
      draw_heading (self, block->level, block->text);
      break;
    case GB_BLOCK_PARAGRAPH:
      draw_text (self, block->text, "Noto Sans, DejaVu Sans 10", ink);
      break;
    case GB_BLOCK_MUTED:
      draw_text (self, block->text, "Noto Sans, DejaVu Sans 9", muted);
      break;
    case GB_BLOCK_QUOTE:
      draw_quote (self, block->text);
      break;
    case GB_BLOCK_CODE:
      draw_code (self, block->text);
      break;
    case GB_BLOCK_FACTS:
      draw_facts (self, block);
      break;
    case GB_BLOCK_TABLE:
      draw_table (self, block);
      break;
    case GB_BLOCK_BARS:
      draw_bars (self, block);
      break;
    case GB_BLOCK_PICTURE:
      draw_picture (self, block);
      break;
    case GB_BLOCK_LINK:
      draw_link (self, block);
      break;
    }
}

gboolean
gb_paper_write_pdf (const GbPaper *self, const char *path, GError **error)
{
  cairo_surface_t *surface = cairo_pdf_surface_create (path, PAGE_WIDTH, PAGE_HEIGHT);
  Sheet sheet = { self, cairo_create (surface), MARGIN, 1 };
  cairo_status_t status;

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, self->title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Gradboard");
  draw_heading (&sheet, 0, self->title);
  for (guint i = 0; i < self->blocks->len; i++)
    draw_block (&sheet, g_ptr_array_index (self->blocks, i));
  end_page (&sheet);
  cairo_destroy (sheet.cr);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", path, cairo_status_to_string (status));
  return FALSE;
}
