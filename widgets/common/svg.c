#include "common/svg.h"

#include "common/letters.h"

#include <cairo-svg.h>
#include <math.h>
#include <string.h>

#define IMAGE_SCALE 4 /* pixels of what becomes an image: enough for paper */

/* ---- images, packed when the picture is put together ---- */
typedef struct
{
  cairo_surface_t *surface; /* or */
  GdkTexture *texture;
  char *base64; /* once it is packed */
  GMutex lock;
} Image;

static void
image_clear (gpointer data)
{
  Image *self = data;
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  g_clear_object (&self->texture);
  g_mutex_clear (&self->lock);
  g_free (self->base64);
}

static Image *
image_new (cairo_surface_t *surface, GdkTexture *texture)
{
  Image *self = g_atomic_rc_box_new0 (Image);
  self->surface = surface;
  self->texture = texture ? g_object_ref (texture) : NULL;
  g_mutex_init (&self->lock);
  return self;
}

static void
image_unref (gpointer self)
{
  g_atomic_rc_box_release_full (self, image_clear);
}

typedef struct
{
  Image *image;
  guint used; /* by the picture of that number */
} Kept;

struct _GbSvgImages
{
  GHashTable *by_node; /* GskRenderNode → Kept */
  guint n_pictures;
};

static void
kept_free (gpointer data)
{
  image_unref (((Kept *) data)->image);
  g_free (data);
}

GbSvgImages *
gb_svg_images_new (void)
{
  GbSvgImages *self = g_new0 (GbSvgImages, 1);
  self->by_node = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) gsk_render_node_unref, kept_free);
  return self;
}

void
gb_svg_images_free (GbSvgImages *self)
{
  g_hash_table_unref (self->by_node);
  g_free (self);
}

static gboolean
is_old (gpointer node, gpointer kept, gpointer images)
{
  return ((Kept *) kept)->used != ((GbSvgImages *) images)->n_pictures;
}

/* ---- the writer ---- */
/* Text, then perhaps an image that stands behind it. */
typedef struct
{
  char *text;
  Image *image;
} Part;

/* What is still to be written: a node, or what closes those before it. */
typedef struct
{
  const GskRenderNode *node;
  const char *closing;
} Todo;

struct _GbSvgWriter
{
  GskRenderNode *root;
  GArray *parts, *todo;
  GString *out;
  guint n_ids;
  GbSvgImages *images; /* NULL: for paper */
};

typedef GbSvgWriter Svg;

static void
write_later (Svg *self, const GskRenderNode *node, const char *closing)
{
  Todo todo = { node, closing };
  g_array_append_val (self->todo, todo);
}

/* ---- small parts ---- */
static void
put_number (Svg *self, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (text, sizeof text, "%.3f", value);
  /* 12.500 is 12.5, 7.000 is 7. */
  char *end = text + strlen (text) - 1;
  while (*end == '0')
    *end-- = '\0';
  if (*end == '.')
    *end = '\0';
  g_string_append (self->out, strcmp (text, "-0") == 0 ? "0" : text);
}

static void
put (Svg *self, const char *name, double value)
{
  g_string_append_printf (self->out, " %s=\"", name);
  put_number (self, value);
  g_string_append_c (self->out, '"');
}

static void
put_rect (Svg *self, const graphene_rect_t *rect)
{
  put (self, "x", rect->origin.x);
  put (self, "y", rect->origin.y);
  put (self, "width", MAX (rect->size.width, 0));
  put (self, "height", MAX (rect->size.height, 0));
}

/* name: "fill" or "stroke" */
static void
put_color (Svg *self, const char *name, const GdkRGBA *color)
{
  g_string_append_printf (self->out, " %s=\"#%02x%02x%02x\"", name, (guint) lround (color->red * 255),
                          (guint) lround (color->green * 255), (guint) lround (color->blue * 255));
  if (color->alpha < 1)
    {
      g_autofree char *opacity = g_strconcat (name, "-opacity", NULL);
      put (self, opacity, color->alpha);
    }
}

static void
put_text (Svg *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  g_string_append (self->out, escaped);
}

/* ---- text ---- */

static void
put_font (Svg *self, PangoFont *font)
{
  PangoFontDescription *description = pango_font_describe_with_absolute_size (font);
  g_string_append (self->out, " font-family=\"");
  put_text (self, pango_font_description_get_family (description));
  g_string_append (self->out, ", sans-serif\"");
  put (self, "font-size", pango_font_description_get_size (description) / (double) PANGO_SCALE);
  if (pango_font_description_get_weight (description) != PANGO_WEIGHT_NORMAL)
    g_string_append_printf (self->out, " font-weight=\"%d\"",
                            pango_font_description_get_weight (description));
  if (pango_font_description_get_style (description) != PANGO_STYLE_NORMAL)
    g_string_append (self->out, " font-style=\"italic\"");
  pango_font_description_free (description);
}

/* Letters with the place of each.  FALSE, and nothing is written: one of the glyphs is no letter. */
static gboolean
write_text (Svg *self, const GskRenderNode *node)
{
  PangoFont *font = gsk_text_node_get_font (node);
  const guint n = gsk_text_node_get_num_glyphs (node);
  const PangoGlyphInfo *glyphs = gsk_text_node_get_glyphs (node, NULL);
  const graphene_point_t *offset = gsk_text_node_get_offset (node);
  g_autofree char *text = gb_letters_read (font, glyphs, n);
  int x = 0;
  if (text == NULL)
    return FALSE;
  g_string_append (self->out, "<text xml:space=\"preserve\" x=\"");
  for (guint i = 0; i < n; x += glyphs[i++].geometry.width)
    {
      if (i)
        g_string_append_c (self->out, ' ');
      put_number (self, offset->x + (x + glyphs[i].geometry.x_offset) / (double) PANGO_SCALE);
    }
  g_string_append_c (self->out, '"');
  put (self, "y", offset->y);
  put_font (self, font);
  put_color (self, "fill", gsk_text_node_get_color (node));
  g_string_append_c (self->out, '>');
  put_text (self, text);
  g_string_append (self->out, "</text>\n");
  return TRUE;
}

/* ---- what only cairo can draw ---- */
static cairo_status_t
take_bytes (void *data, const unsigned char *bytes, unsigned int n)
{
  g_string_append_len (data, (const char *) bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t
take_png (void *data, const unsigned char *bytes, unsigned int n)
{
  g_byte_array_append (data, bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

/* Names within a document that is put into another begin with a word of their own. */
static void
append_renamed (GString *out, const char *text, guint id)
{
  static const char *const before[] = { " id=\"", "href=\"#", "url(#" };
  while (*text)
    {
      guint which = 0;
      while (which < G_N_ELEMENTS (before) && !g_str_has_prefix (text, before[which]))
        which++;
      if (which == G_N_ELEMENTS (before))
        {
          g_string_append_c (out, *text++);
          continue;
        }
      g_string_append_printf (out, "%sn%u-", before[which], id);
      text += strlen (before[which]);
    }
}

static char *
pack (cairo_surface_t *surface)
{
  g_autoptr (GByteArray) png = g_byte_array_new ();
  return cairo_surface_write_to_png_stream (surface, take_png, png) == CAIRO_STATUS_SUCCESS ? g_base64_encode (png->data, png->len)
                                                                                            : g_strdup ("");
}

static const char *
image_get_base64 (Image *self)
{
  g_mutex_lock (&self->lock);
  if (!self->base64 && self->surface)
    self->base64 = pack (self->surface);
  else if (!self->base64)
    {
      g_autoptr (GBytes) png = gdk_texture_save_to_png_bytes (self->texture);
      self->base64 = g_base64_encode (g_bytes_get_data (png, NULL), g_bytes_get_size (png));
    }
  g_mutex_unlock (&self->lock);
  return self->base64;
}

/* Takes over the image. */
static void
put_image (Svg *self, Image *image, const graphene_rect_t *bounds)
{
  g_string_append (self->out, "<image preserveAspectRatio=\"none\"");
  put_rect (self, bounds);
  g_string_append (self->out, " href=\"data:image/png;base64,");
  Part part = { g_string_free (self->out, FALSE), image };
  g_array_append_val (self->parts, part);
  self->out = g_string_new ("\"/>\n");
}

static Image *
draw_image (Svg *self, const GskRenderNode *node, const graphene_rect_t *bounds)
{
  int scale = self->images ? 1 : IMAGE_SCALE;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) ceil (bounds->size.width * (float) scale),
                                                         (int) ceil (bounds->size.height * (float) scale));
  cairo_t *cr = cairo_create (surface);
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, -bounds->origin.x, -bounds->origin.y);
  gsk_render_node_draw ((GskRenderNode *) node, cr);
  cairo_destroy (cr);
  return image_new (surface, NULL);
}

/* A node that was there in the picture before has its image already. */
static Image *
find_image (Svg *self, const GskRenderNode *node, const graphene_rect_t *bounds)
{
  GdkTexture *texture = gsk_render_node_get_node_type ((GskRenderNode *) node) == GSK_TEXTURE_NODE
                            ? gsk_texture_node_get_texture (node)
                            : NULL;
  Kept *kept = self->images ? g_hash_table_lookup (self->images->by_node, node) : NULL;
  Image *image = kept      ? g_atomic_rc_box_acquire (kept->image)
                 : texture ? image_new (NULL, texture)
                           : draw_image (self, node, bounds);
  if (self->images && !kept)
    {
      kept = g_new0 (Kept, 1);
      kept->image = g_atomic_rc_box_acquire (image);
      g_hash_table_insert (self->images->by_node, gsk_render_node_ref ((GskRenderNode *) node), kept);
    }
  if (kept)
    kept->used = self->images->n_pictures;
  return image;
}

/* cairo 1.16 loses what is recorded away from 0, 0 when it writes SVG: such a part, which has no text,
 * becomes an image with enough pixels for paper. */
static void
write_image (Svg *self, const GskRenderNode *node, const graphene_rect_t *bounds)
{
  put_image (self, find_image (self, node, bounds), bounds);
}

static void
write_by_cairo (Svg *self, const GskRenderNode *node)
{
  graphene_rect_t bounds;
  g_autoptr (GString) inner = g_string_new (NULL);
  gsk_render_node_get_bounds ((GskRenderNode *) node, &bounds);
  graphene_rect_round_extents (&bounds, &bounds);
  double width = bounds.size.width, height = bounds.size.height;
  if (width < 1 || height < 1)
    return;
  if (self->images || bounds.origin.x != 0 || bounds.origin.y != 0)
    {
      write_image (self, node, &bounds);
      return;
    }
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream (take_bytes, inner, width, height);
  cairo_t *cr = cairo_create (surface);
  gsk_render_node_draw ((GskRenderNode *) node, cr);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
  char *begin = strstr (inner->str, "<svg"), *end = begin ? strchr (begin, '>') : NULL;
  char *last = strstr (inner->str, "</svg>");
  if (end == NULL || last == NULL)
    return;
  *last = '\0';
  g_string_append (self->out, "<g>");
  append_renamed (self->out, end + 1, self->n_ids++);
  g_string_append (self->out, "</g>\n");
}

/* ---- nodes ---- */
static gboolean
is_even (const GskRoundedRect *outline)
{
  const float radius = outline->corner[0].width;
  for (int i = 0; i < 4; i++)
    if (outline->corner[i].width != radius || outline->corner[i].height != radius)
      return FALSE;
  return TRUE;
}

static void
write_clipped (Svg *self, const graphene_rect_t *rect, double radius, const GskRenderNode *child)
{
  guint id = self->n_ids++;
  g_string_append_printf (self->out, "<clipPath id=\"c%u\"><rect", id);
  put_rect (self, rect);
  if (radius > 0)
    put (self, "rx", radius);
  g_string_append_printf (self->out, "/></clipPath><g clip-path=\"url(#c%u)\">\n", id);
  write_later (self, NULL, "</g>\n");
  write_later (self, child, NULL);
}

/* One line all around; FALSE: its sides differ. */
static gboolean
write_border (Svg *self, const GskRenderNode *node)
{
  const GskRoundedRect *outline = gsk_border_node_get_outline (node);
  const float *widths = gsk_border_node_get_widths (node);
  const GdkRGBA *colors = gsk_border_node_get_colors (node);
  for (int i = 1; i < 4; i++)
    if (widths[i] != widths[0] || !gdk_rgba_equal (&colors[i], &colors[0]))
      return FALSE;
  if (!is_even (outline))
    return FALSE;
  graphene_rect_t middle;
  graphene_rect_inset_r (&outline->bounds, widths[0] / 2, widths[0] / 2, &middle);
  g_string_append (self->out, "<rect");
  put_rect (self, &middle);
  if (outline->corner[0].width > 0)
    put (self, "rx", MAX (outline->corner[0].width - widths[0] / 2, 0));
  g_string_append (self->out, " fill=\"none\"");
  put_color (self, "stroke", &colors[0]);
  put (self, "stroke-width", widths[0]);
  g_string_append (self->out, "/>\n");
  return TRUE;
}

static gboolean
write_transformed (Svg *self, const GskRenderNode *node)
{
  GskTransform *transform = gsk_transform_node_get_transform (node);
  float m[6];
  if (gsk_transform_get_category (transform) < GSK_TRANSFORM_CATEGORY_2D)
    return FALSE;
  gsk_transform_to_2d (transform, &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]);
  g_string_append (self->out, "<g transform=\"matrix(");
  for (int i = 0; i < 6; i++)
    {
      if (i)
        g_string_append_c (self->out, ' ');
      /* Scales need more digits than places: they are multiplied by large numbers. */
      char text[G_ASCII_DTOSTR_BUF_SIZE];
      g_string_append (self->out, g_ascii_formatd (text, sizeof text, "%.7g", m[i]));
    }
  g_string_append (self->out, ")\">\n");
  write_later (self, NULL, "</g>\n");
  write_later (self, gsk_transform_node_get_child (node), NULL);
  return TRUE;
}

/* TRUE: written, or nothing to write. */
static gboolean
write_known (Svg *self, const GskRenderNode *node)
{
  graphene_rect_t bounds;
  switch ((int) gsk_render_node_get_node_type ((GskRenderNode *) node))
    {
    case GSK_CONTAINER_NODE:
      for (guint i = gsk_container_node_get_n_children (node); i-- > 0;)
        write_later (self, gsk_container_node_get_child (node, i), NULL);
      return TRUE;
    case GSK_TRANSFORM_NODE:
      return write_transformed (self, node);
    case GSK_DEBUG_NODE:
      write_later (self, gsk_debug_node_get_child (node), NULL);
      return TRUE;
    case GSK_CLIP_NODE:
      write_clipped (self, gsk_clip_node_get_clip (node), 0, gsk_clip_node_get_child (node));
      return TRUE;
    case GSK_ROUNDED_CLIP_NODE:
      if (!is_even (gsk_rounded_clip_node_get_clip (node)))
        return FALSE;
      write_clipped (self, &gsk_rounded_clip_node_get_clip (node)->bounds,
                     gsk_rounded_clip_node_get_clip (node)->corner[0].width,
                     gsk_rounded_clip_node_get_child (node));
      return TRUE;
    case GSK_OPACITY_NODE:
      g_string_append (self->out, "<g");
      put (self, "opacity", gsk_opacity_node_get_opacity (node));
      g_string_append (self->out, ">\n");
      write_later (self, NULL, "</g>\n");
      write_later (self, gsk_opacity_node_get_child (node), NULL);
      return TRUE;
    case GSK_COLOR_NODE:
      gsk_render_node_get_bounds ((GskRenderNode *) node, &bounds);
      g_string_append (self->out, "<rect");
      put_rect (self, &bounds);
      put_color (self, "fill", gsk_color_node_get_color (node));
      g_string_append (self->out, "/>\n");
      return TRUE;
    case GSK_BORDER_NODE:
      return write_border (self, node);
    case GSK_TEXT_NODE:
      return write_text (self, node);
    case GSK_TEXTURE_NODE:
      gsk_render_node_get_bounds ((GskRenderNode *) node, &bounds);
      write_image (self, node, &bounds);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
part_clear (gpointer data)
{
  g_free (((Part *) data)->text);
  g_clear_pointer (&((Part *) data)->image, image_unref);
}

GbSvgWriter *
gb_svg_writer_new (GskRenderNode *node, double width, double height, GbSvgImages *images)
{
  GbSvgWriter *self = g_new0 (GbSvgWriter, 1);
  self->root = node ? gsk_render_node_ref (node) : NULL;
  self->images = images;
  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  g_array_set_clear_func (self->parts, part_clear);
  self->todo = g_array_new (FALSE, FALSE, sizeof (Todo));
  self->out = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
                            "xmlns:xlink=\"http://www.w3.org/1999/xlink\"");
  put (self, "width", width);
  put (self, "height", height);
  g_string_append (self->out, " viewBox=\"0 0 ");
  put_number (self, width);
  g_string_append_c (self->out, ' ');
  put_number (self, height);
  g_string_append (self->out, "\">\n");
  write_later (self, NULL, "</svg>\n");
  if (node)
    write_later (self, node, NULL);
  if (images)
    images->n_pictures++;
  return self;
}

gboolean
gb_svg_writer_work (GbSvgWriter *self, gint64 most_usec)
{
  gint64 end = g_get_monotonic_time () + most_usec;
  while (self->todo->len)
    {
      Todo todo = g_array_index (self->todo, Todo, self->todo->len - 1);
      g_array_set_size (self->todo, self->todo->len - 1);
      if (todo.closing)
        g_string_append (self->out, todo.closing);
      else if (!write_known (self, todo.node))
        write_by_cairo (self, todo.node);
      if (most_usec && g_get_monotonic_time () >= end)
        break;
    }
  if (self->todo->len)
    return FALSE;
  if (self->images)
    g_hash_table_foreach_remove (self->images->by_node, is_old, self->images);
  g_clear_pointer (&self->root, gsk_render_node_unref);
  self->images = NULL;
  return TRUE;
}

char *
gb_svg_writer_finish (GbSvgWriter *self)
{
  GString *all = g_string_new (NULL);
  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);
      g_string_append (all, part->text);
      g_string_append (all, image_get_base64 (part->image));
    }
  g_string_append_len (all, self->out->str, (gssize) self->out->len);
  gb_svg_writer_free (self);
  return g_string_free (all, FALSE);
}

void
gb_svg_writer_free (GbSvgWriter *self)
{
  g_clear_pointer (&self->root, gsk_render_node_unref);
  g_array_unref (self->parts);
  g_array_unref (self->todo);
  g_string_free (self->out, TRUE);
  g_free (self);
}

char *
gb_svg_new (GskRenderNode *node, double width, double height)
{
  GbSvgWriter *writer = gb_svg_writer_new (node, width, height, NULL);
  gb_svg_writer_work (writer, 0);
  return gb_svg_writer_finish (writer);
}
