/* Pictures without a widget: the same drawing onto files. */
#include <cairo-pdf.h>
#include <math.h>
#include <string.h>

#include "common/element-card.h"
#include "common/i18n-private.h"
#include "common/paper.h"
#include "common/svg.h"
#include "common/view-private.h"

#define PAD    12
#define HEADER 30
#define FOOTER 30

void
gb_export_init (void)
{
  static gboolean once;
  /* Registers the types of render nodes; it may say that there is no display, which is fine. */
  if (!once)
    gtk_init_check ();
  once = TRUE;
}

static void
draw_frame (const GbViewDef *def,
            GbTraceCursor *cursor,
            GbSelection *selection,
            const char *name,
            const GbDrawContext *outer,
            GtkSnapshot *snapshot)
{
  g_autofree char *status = def->describe ? def->describe (cursor, selection) : NULL;
  double x;

  x = PAD
      + gb_draw_text (outer, snapshot, GB_FACE_UI_BOLD, GB_ROLE_INK, _ (def->title), PAD, 17, GB_ALIGN_LEFT);
  gb_draw_text (outer, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, name ? name : def->id, x + 14, 17.5,
                GB_ALIGN_LEFT);
  if (status)
    gb_draw_text_rgba (outer, snapshot, GB_FACE_SMALL, gb_theme_role (outer->theme, GB_ROLE_MUTED), status,
                       PAD, outer->height - 15, GB_ALIGN_LEFT, outer->width - 2 * PAD);
  gb_draw_hline (snapshot, gb_theme_role (outer->theme, GB_ROLE_RULE), PAD, outer->width - PAD,
                 outer->height - FOOTER, 1);
}

/* Where the pinned number came from. */
static GbElementCard *
card_below (const GbViewDef *def, GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx)
{
  GbPick element = *gb_selection_get_pin (selection);
  if (def->has_card || (def->element && !def->element (cursor, gb_selection_get_pin (selection), &element)))
    return NULL;
  return gb_element_card_new (cursor, &element, NULL, FALSE, ctx);
}

GskRenderNode *
gb_view_render (const GbViewDef *def,
                GbTraceCursor *cursor,
                GbSelection *selection,
                const GbExportOptions *options,
                double *width,
                double *height)
{
  GbExportOptions none = { 0 };
  g_autoptr (GbSelection) own = NULL;
  PangoContext *pango;
  g_autofree char *language_before = NULL;
  GbDrawContext ctx = { 0 }, outer;
  GtkSnapshot *snapshot;
  g_autoptr (GbElementCard) card = NULL;
  GskRenderNode *node;
  double extra;

  if (options == NULL)
    options = &none;
  if (selection == NULL)
    selection = own = gb_selection_new ();
  if (options->language)
    language_before = gb_i18n_use (options->language);
  pango = gb_draw_create_pango_context (gb_i18n_get_language ());
  ctx.theme = gb_theme_get (options->theme);
  ctx.language = gb_i18n_get_language ();
  ctx.scale = options->scale > 0 ? options->scale : 1;
  ctx.pango = pango;
  ctx.text = gb_text_cache_new (pango);
  gb_text_cache_set_scale (ctx.text, ctx.scale);
  ctx.options = options->options;
  ctx.t = 1;
  extra = options->frame ? HEADER + FOOTER : 0;
  ctx.width = options->width;
  ctx.height = options->height > 0 ? options->height - extra : 0;
  if (ctx.width <= 0 || ctx.height <= 0)
    {
      double w = ctx.width > 0 ? ctx.width : 640, h = 400;
      if (def->natural_size)
        def->natural_size (cursor, selection, &ctx, &w, &h);
      ctx.width = ctx.width > 0 ? ctx.width : w;
      ctx.height = ctx.height > 0 ? ctx.height : h;
    }
  card = card_below (def, cursor, selection, &ctx);
  if (card && options->height <= 0)
    extra += card->card->height + PAD; /* below the picture, where it hides nothing */
  if (card)
    card->y = ctx.height + (options->height > 0 ? -PAD - card->card->height : 0);
  outer = ctx;
  outer.height += extra;
  *width = ceil (outer.width * ctx.scale);
  *height = ceil (outer.height * ctx.scale);

  snapshot = gtk_snapshot_new ();
  gb_draw_fill (snapshot, gb_theme_role (ctx.theme, GB_ROLE_SURFACE), 0, 0, *width, *height);
  gtk_snapshot_scale (snapshot, (float) ctx.scale, (float) ctx.scale);
  if (options->frame)
    {
      draw_frame (def, cursor, selection, options->name, &outer, snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, HEADER));
    }
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) ctx.width, (float) ctx.height));
  def->draw (cursor, selection, &ctx, snapshot);
  gtk_snapshot_pop (snapshot);
  if (card)
    gb_element_card_draw (card, NULL, &ctx, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  gb_text_cache_free (ctx.text);
  g_object_unref (pango);
  if (language_before)
    g_free (gb_i18n_use (language_before));
  return node;
}

GskRenderNode *
gb_view_render_shown (GbView *self, const GbTheme *theme, double *width, double *height)
{
  GbViewPrivate *priv = PRIV (self);
  GbViewClass *klass = GB_VIEW_GET_CLASS (self);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GbDrawContext ctx, outer;

  if (priv->stale || priv->base == NULL)
    gb_view_refresh (self);
  gb_view_get_context (self, &ctx);
  ctx.theme = theme ? theme : ctx.theme;
  ctx.options |= GB_DRAW_STATIC;
  outer = ctx;
  outer.height += HEADER + FOOTER;
  *width = outer.width;
  *height = outer.height;
  gb_draw_fill (snapshot, gb_theme_role (ctx.theme, GB_ROLE_SURFACE), 0, 0, *width, *height);
  draw_frame (priv->def, priv->cursor, priv->selection, NULL, &outer, snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, HEADER));
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) ctx.width, (float) ctx.height));
  if (priv->base == NULL)
    { /* it has no size yet, so its model was never made */
      gtk_snapshot_pop (snapshot);
      return gtk_snapshot_free_to_node (snapshot);
    }
  if (klass->draw)
    klass->draw (self, &ctx, snapshot);
  else
    priv->def->draw (priv->cursor, priv->selection, &ctx, snapshot);
  if (klass->draw_overlay)
    klass->draw_overlay (self, &ctx, snapshot);
  gb_view_draw_card (self, &ctx, snapshot);
  if (priv->notes)
    priv->notes->draw (self, &ctx, snapshot, priv->notes_data);
  gtk_snapshot_pop (snapshot);
  return gtk_snapshot_free_to_node (snapshot);
}

static gboolean
surface_finish (cairo_surface_t *surface, const char *path, GError **error)
{
  cairo_status_t status;

  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", path, cairo_status_to_string (status));
  return FALSE;
}

char *
gb_export_frame_path (const char *path, guint64 nth, guint64 last)
{
  const char *ending = strrchr (path, '.');
  gsize stem = ending && !strchr (ending, '/') ? (gsize) (ending - path) : strlen (path);
  int digits = 1;
  for (; last >= 10; last /= 10)
    digits++;
  return g_strdup_printf ("%.*s-%0*" G_GUINT64_FORMAT "%s", (int) stem, path, digits, nth, path + stem);
}

#define MOST_SIDE   32767       /* what cairo can hold */
#define MOST_PIXELS (1u << 28) /* a GiB */

double
gb_export_shrinks (double width, double height, const char *path)
{
  const char *ending = strrchr (path, '.');
  if (ending == NULL || strcmp (ending, ".png") != 0 || width < 1 || height < 1)
    return 1;
  return MIN (MIN (1, MOST_SIDE / MAX (width, height)), sqrt (MOST_PIXELS / (width * height)));
}

gboolean
gb_export_node (GskRenderNode *node, double width, double height, const char *path, GError **error)
{
  const char *ending = strrchr (path, '.');
  cairo_surface_t *surface;
  cairo_status_t status = CAIRO_STATUS_SUCCESS;
  double shrinks = gb_export_shrinks (width, height, path);
  cairo_t *cr;

  if (ending && strcmp (ending, ".svg") == 0)
    {
      g_autofree char *svg = gb_svg_new (node, width, height);
      return g_file_set_contents (path, svg, -1, error);
    }
  if (ending && strcmp (ending, ".pdf") == 0)
    surface = cairo_pdf_surface_create (path, width * 0.75, height * 0.75);
  else if (ending && strcmp (ending, ".png") == 0)
    surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) MAX (width * shrinks, 1),
                                          (int) MAX (height * shrinks, 1));
  else
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s: the name must end in .png, .svg or .pdf",
                   path);
      return FALSE;
    }
  cr = cairo_create (surface);
  if (ending[2] == 'd')
    cairo_scale (cr, 0.75, 0.75); /* CSS pixels to points */
  else
    cairo_scale (cr, shrinks, shrinks);
  if (node && ending[2] == 'd')
    gb_paper_draw (node, cr);
  else if (node)
    gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  if (ending[2] == 'n')
    status = cairo_surface_write_to_png (surface, path);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (surface);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", path, cairo_status_to_string (status));
      return FALSE;
    }
  return surface_finish (surface, path, error);
}

gboolean
gb_view_export (const GbViewDef *def,
                GbTraceCursor *cursor,
                GbSelection *selection,
                const char *path,
                const GbExportOptions *options,
                GError **error)
{
  double width, height;
  GskRenderNode *node = gb_view_render (def, cursor, selection, options, &width, &height);
  gboolean ok = gb_export_node (node, width, height, path, error);

  g_clear_pointer (&node, gsk_render_node_unref);
  return ok;
}
