/* Text: faces, a cache of layouts, and placing. */
#include <string.h>

#include "common/draw.h"

#define UI_FAMILY   "Adwaita Sans, Cantarell, Noto Sans CJK SC, sans-serif"
#define MONO_FAMILY "Noto Sans Mono CJK SC, Noto Sans Mono, monospace"
#define MATH_FAMILY "Noto Serif CJK SC, serif"
#define FLOOR_PX    9.0
#define MAX_CACHED  6000

static const struct
{
  const char *family;
  double px;
  PangoWeight weight;
} faces[GB_N_FACES] = {
  [GB_FACE_UI] = { UI_FAMILY, 13, PANGO_WEIGHT_NORMAL },
  [GB_FACE_UI_BOLD] = { UI_FAMILY, 13, PANGO_WEIGHT_BOLD },
  [GB_FACE_SMALL] = { UI_FAMILY, 11, PANGO_WEIGHT_NORMAL },
  [GB_FACE_SMALL_BOLD] = { UI_FAMILY, 11, PANGO_WEIGHT_BOLD },
  [GB_FACE_MONO] = { MONO_FAMILY, 14, PANGO_WEIGHT_NORMAL },
  [GB_FACE_MONO_BOLD] = { MONO_FAMILY, 14, PANGO_WEIGHT_BOLD },
  [GB_FACE_CELL] = { MONO_FAMILY, 11, PANGO_WEIGHT_NORMAL },
  [GB_FACE_CELL_BOLD] = { MONO_FAMILY, 11, PANGO_WEIGHT_BOLD },
  [GB_FACE_GUTTER] = { MONO_FAMILY, 10, PANGO_WEIGHT_NORMAL },
  [GB_FACE_HEADING] = { UI_FAMILY, 15, PANGO_WEIGHT_BOLD },
  [GB_FACE_MATH] = { MATH_FAMILY, 15, PANGO_WEIGHT_NORMAL },
  [GB_FACE_FORMULA] = { MONO_FAMILY, 20, PANGO_WEIGHT_BOLD },
};

/* Tests draw with one named face, wherever they run. */
static const char *
family_of (GbFace face)
{
  const char *given =
      face <= GB_FACE_SMALL_BOLD || face == GB_FACE_HEADING ? g_getenv ("GRADBOARD_UI_FONT") : NULL;
  return given && given[0] ? given : faces[face].family;
}

struct _GbTextCache
{
  PangoContext *context;
  GHashTable *layouts; /* key text -> PangoLayout */
  PangoFontDescription *fonts[GB_N_FACES];
  double scale;
};

PangoContext *
gb_draw_create_pango_context (const char *language)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_t *options = cairo_font_options_create ();

  /* One picture at every scale and on every machine: no hinted advances, no subpixel colours. */
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  pango_cairo_context_set_resolution (context, 96);
  pango_context_set_round_glyph_positions (context, FALSE);
  /* Han shapes are the simplified ones in both languages. */
  pango_context_set_language (context, pango_language_from_string ("zh-cn"));
  pango_context_set_base_dir (context, PANGO_DIRECTION_LTR);
  return context;
}

GbTextCache *
gb_text_cache_new (PangoContext *context)
{
  GbTextCache *self = g_new0 (GbTextCache, 1);
  self->context = g_object_ref (context);
  self->layouts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  gb_text_cache_set_scale (self, 1);
  return self;
}

void
gb_text_cache_free (GbTextCache *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < GB_N_FACES; i++)
    g_clear_pointer (&self->fonts[i], pango_font_description_free);
  g_hash_table_unref (self->layouts);
  g_object_unref (self->context);
  g_free (self);
}

void
gb_text_cache_clear (GbTextCache *self)
{
  g_hash_table_remove_all (self->layouts);
}

void
gb_text_cache_set_scale (GbTextCache *self, double scale)
{
  if (self->scale == scale)
    return;
  self->scale = scale;
  gb_text_cache_clear (self);
  for (int i = 0; i < GB_N_FACES; i++)
    {
      double px = faces[i].px;
      if (i != GB_FACE_CELL && i != GB_FACE_CELL_BOLD)
        px = MAX (px, FLOOR_PX / scale);
      g_clear_pointer (&self->fonts[i], pango_font_description_free);
      self->fonts[i] = pango_font_description_from_string (family_of (i));
      pango_font_description_set_absolute_size (self->fonts[i], px * PANGO_SCALE);
      pango_font_description_set_weight (self->fonts[i], faces[i].weight);
    }
}

static gboolean
has_han (const char *text)
{
  for (; *text; text++)
    if ((guchar) *text >= 0xe3 && (guchar) *text <= 0xe9)
      return TRUE;
  return FALSE;
}

PangoLayout *
gb_text_cache_get (GbTextCache *self, GbFace face, const char *text, double max_width)
{
  g_autofree char *key = NULL;
  PangoLayout *layout;

  /* Small Han characters are not emboldened: their counters close. */
  if (face == GB_FACE_SMALL_BOLD && has_han (text))
    face = GB_FACE_SMALL;
  else if (face == GB_FACE_CELL_BOLD && has_han (text))
    face = GB_FACE_CELL;
  key = g_strdup_printf ("%d %d %s", face, max_width > 0 ? (int) max_width : 0, text);
  layout = g_hash_table_lookup (self->layouts, key);
  if (layout)
    return layout;
  if (g_hash_table_size (self->layouts) > MAX_CACHED)
    gb_text_cache_clear (self);
  layout = pango_layout_new (self->context);
  pango_layout_set_font_description (layout, self->fonts[face]);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  if (face <= GB_FACE_SMALL_BOLD) /* the interface's face: digits of one width */
    {
      PangoAttrList *attributes = pango_attr_list_new ();
      pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
      pango_layout_set_attributes (layout, attributes);
      pango_attr_list_unref (attributes);
    }
  if (max_width > 0)
    {
      pango_layout_set_width (layout, (int) (max_width * PANGO_SCALE));
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
    }
  g_hash_table_insert (self->layouts, g_steal_pointer (&key), layout);
  return layout;
}

static double
face_px (const GbDrawContext *ctx, GbFace face)
{
  if (face == GB_FACE_CELL || face == GB_FACE_CELL_BOLD)
    return faces[face].px;
  return MAX (faces[face].px, FLOOR_PX / ctx->scale);
}

gboolean
gb_draw_face_visible (const GbDrawContext *ctx, GbFace face)
{
  return face_px (ctx, face) * ctx->scale >= FLOOR_PX - 1e-6;
}

double
gb_draw_line_height (const GbDrawContext *ctx, GbFace face)
{
  return face_px (ctx, face) * (g_str_has_prefix (ctx->language, "zh") ? 1.5 : 1.35);
}

double
gb_draw_text_width (const GbDrawContext *ctx, GbFace face, const char *text)
{
  PangoRectangle ink, logical;
  pango_layout_get_extents (gb_text_cache_get (ctx->text, face, text, 0), &ink, &logical);
  return (double) logical.width / PANGO_SCALE;
}

double
gb_draw_text_rgba (const GbDrawContext *ctx,
                   GtkSnapshot *snapshot,
                   GbFace face,
                   const GdkRGBA *color,
                   const char *text,
                   double x,
                   double y,
                   GbAlign align,
                   double max_width)
{
  PangoLayout *layout;
  PangoRectangle logical;
  double width, baseline;

  if (text == NULL || text[0] == 0 || !gb_draw_face_visible (ctx, face))
    return 0;
  layout = gb_text_cache_get (ctx->text, face, text, max_width);
  pango_layout_get_extents (layout, NULL, &logical);
  width = (double) logical.width / PANGO_SCALE;
  baseline = (double) pango_layout_get_baseline (layout) / PANGO_SCALE;
  if (align == GB_ALIGN_CENTER)
    x -= width / 2;
  else if (align == GB_ALIGN_RIGHT)
    x -= width;
  gtk_snapshot_save (snapshot);
  /* Digits and capitals are centred on y: their middle is 0.36 em above the baseline in all our faces. */
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) (y + 0.36 * face_px (ctx, face) - baseline)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
  return width;
}

double
gb_draw_name (const GbDrawContext *ctx,
              GtkSnapshot *snapshot,
              GbFace face,
              const char *name,
              double x,
              double y,
              double most)
{
  double width = gb_draw_text_width (ctx, face, name);

  gb_draw_text_rgba (ctx, snapshot, face, gb_theme_role (ctx->theme, GB_ROLE_INK), name, x, y, GB_ALIGN_LEFT,
                     width > most ? most : 0);
  return MIN (width, most);
}

double
gb_draw_text (const GbDrawContext *ctx,
              GtkSnapshot *snapshot,
              GbFace face,
              GbRole role,
              const char *text,
              double x,
              double y,
              GbAlign align)
{
  return gb_draw_text_rgba (ctx, snapshot, face, gb_theme_role (ctx->theme, role), text, x, y, align, 0);
}

double
gb_draw_paragraph (const GbDrawContext *ctx,
                   GtkSnapshot *snapshot,
                   GbFace face,
                   GbRole role,
                   const char *text,
                   double x,
                   double y,
                   double width)
{
  PangoLayout *layout = pango_layout_copy (gb_text_cache_get (ctx->text, face, text, 0));
  int height;

  pango_layout_set_single_paragraph_mode (layout, FALSE);
  pango_layout_set_width (layout, (int) (MAX (width, 20) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_line_spacing (layout, g_str_has_prefix (ctx->language, "zh") ? 1.15f : 1.05f);
  pango_layout_get_size (layout, NULL, &height);
  if (snapshot)
    {
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
      gtk_snapshot_append_layout (snapshot, layout, gb_theme_role (ctx->theme, role));
      gtk_snapshot_restore (snapshot);
    }
  g_object_unref (layout);
  return (double) height / PANGO_SCALE;
}
