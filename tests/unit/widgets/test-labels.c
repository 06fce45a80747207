/* No label lies over another one or outside of the picture: every sample of a view, in both languages and in
 * panes of several sizes.  Labels are the text nodes of what was drawn, so that a view needs no help to be
 * tested. */
#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "gallery.h"
#include "view-registry.h"

/* px by which labels may reach into one another: bounds are whole lines, and texts of two scripts are two
 * nodes */
#define SLACK 4

static void
collect (GskRenderNode *node, double x, double y, double scale, const graphene_rect_t *clip, GArray *labels)
{
  graphene_rect_t bounds, inner;

  switch (gsk_render_node_get_node_type (node))
    {
    case GSK_TEXT_NODE:
      gsk_render_node_get_bounds (node, &bounds);
      bounds.origin.x = (float) (x + scale * bounds.origin.x);
      bounds.origin.y = (float) (y + scale * bounds.origin.y);
      bounds.size.width *= (float) scale;
      bounds.size.height *= (float) scale;
      if (clip == NULL || graphene_rect_intersection (&bounds, clip, &bounds))
        g_array_append_val (labels, bounds);
      break;
    case GSK_CONTAINER_NODE:
      for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
        collect (gsk_container_node_get_child (node, i), x, y, scale, clip, labels);
      break;
    case GSK_TRANSFORM_NODE:
      {
        float sx, sy, dx, dy;
        gsk_transform_to_affine (gsk_transform_node_get_transform (node), &sx, &sy, &dx, &dy);
        collect (gsk_transform_node_get_child (node), x + scale * dx, y + scale * dy, scale * sx, clip, labels);
      }
      break;
    case GSK_OPACITY_NODE:
      collect (gsk_opacity_node_get_child (node), x, y, scale, clip, labels);
      break;
    case GSK_CLIP_NODE:
      inner = *gsk_clip_node_get_clip (node);
      graphene_rect_init (&inner, (float) (x + scale * inner.origin.x), (float) (y + scale * inner.origin.y),
                          (float) scale * inner.size.width, (float) scale * inner.size.height);
      if (clip && !graphene_rect_intersection (&inner, clip, &inner))
        break;
      collect (gsk_clip_node_get_child (node), x, y, scale, &inner, labels);
      break;
    default:
      break;
    }
}

static gboolean
lie_over (const graphene_rect_t *a, const graphene_rect_t *b, double zoom)
{
  float slack = (float) (SLACK * zoom);
  /* The same label once more, on the fill that marks it. */
  if (fabsf (a->origin.x + a->size.width / 2 - b->origin.x - b->size.width / 2) < slack
      && fabsf (a->origin.y + a->size.height / 2 - b->origin.y - b->size.height / 2) < slack)
    return FALSE;
  return a->origin.x + a->size.width > b->origin.x + slack
         && b->origin.x + b->size.width > a->origin.x + slack
         && a->origin.y + a->size.height > b->origin.y + slack
         && b->origin.y + b->size.height > a->origin.y + slack;
}

/* They are scrolled: what has no room stands below the edge. */
static gboolean
goes_on_below (const char *view)
{
  static const char *const views[] = { "ab", "error", "mem", "why", NULL };
  return g_strv_contains (views, view);
}

static void
check (const GbGalleryEntry *entry, const char *language, double width, double height, double zoom)
{
  g_autoptr (GbTraceCursor) cursor = gb_gallery_new_cursor (entry);
  GbExportOptions options = { .language = language, .scale = zoom, .width = width, .height = height };
  g_autoptr (GArray) labels = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));
  double w, h;
  GskRenderNode *node = gb_view_render (gb_view_registry_find (entry->view), cursor, NULL, &options, &w, &h);

  collect (node, 0, 0, 1, NULL, labels);
  gsk_render_node_unref (node);
  for (guint i = 0; i < labels->len; i++)
    {
      const graphene_rect_t *a = &g_array_index (labels, graphene_rect_t, i);
      if (goes_on_below (entry->view) && a->origin.y + a->size.height > h)
        continue;
      if (a->origin.x < -4 || a->origin.y < -2 || a->origin.x + a->size.width > w + 2
          || a->origin.y + a->size.height > h + 2)
        {
          g_test_message ("%s, %s, %.0f by %.0f: outside at %.0f, %.0f",
                          gb_gallery_dup_name (entry), language, w, h, a->origin.x, a->origin.y);
          g_test_fail ();
        }
      for (guint k = i + 1; k < labels->len; k++)
        if (lie_over (a, &g_array_index (labels, graphene_rect_t, k), zoom))
          {
            g_test_message ("%s, %s, %.0f by %.0f: one over another at %.0f, %.0f",
                            gb_gallery_dup_name (entry), language, w, h, a->origin.x, a->origin.y);
            g_test_fail ();
          }
    }
}

static void
test_view (gconstpointer view)
{
  /* The last two are a pane of 832 × 500 at 75 % and at 250 %. */
  static const double sizes[][3] = { { 0, 0, 1 },     { 412, 300, 1 },    { 832, 500, 1 },
                                     { 320, 220, 1 }, { 1109, 667, 0.75 }, { 333, 200, 2.5 } };

  for (guint i = 0; i < gb_gallery_get_n (); i++)
    {
      GbGalleryEntry entry = gb_gallery_get (i);
      if (strcmp (entry.view, view) != 0)
        continue;
      /* A kernel of three thousand columns goes on beyond the edge. */
      if (strcmp (view, "conv") == 0 && entry.content == GB_CONTENT_HUGE)
        continue;
      for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
        {
          check (&entry, "en", sizes[k][0], sizes[k][1], sizes[k][2]);
          check (&entry, "zh", sizes[k][0], sizes[k][1], sizes[k][2]);
        }
    }
}

int
main (int argc, char **argv)
{
  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  gb_export_init ();
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      const char *view = gb_view_registry_get (i)->id;
      g_autofree char *path = g_strconcat ("/labels/", view, NULL);
      g_test_add_data_func (path, view, test_view);
    }
  return g_test_run ();
}
