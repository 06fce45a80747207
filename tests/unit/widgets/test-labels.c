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
collect (GskRenderNode *node, double x, double y, double scale, GArray *labels)
{
  graphene_rect_t bounds;

  switch (gsk_render_node_get_node_type (node))
    {
    case GSK_TEXT_NODE:
      gsk_render_node_get_bounds (node, &bounds);
      bounds.origin.x = (float) (x + scale * bounds.origin.x);
      bounds.origin.y = (float) (y + scale * bounds.origin.y);
      bounds.size.width *= (float) scale;
      bounds.size.height *= (float) scale;
      g_array_append_val (labels, bounds);
      break;
    case GSK_CONTAINER_NODE:
      for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
        collect (gsk_container_node_get_child (node, i), x, y, scale, labels);
      break;
    case GSK_TRANSFORM_NODE:
      {
        float sx, sy, dx, dy;
        gsk_transform_to_affine (gsk_transform_node_get_transform (node), &sx, &sy, &dx, &dy);
        collect (gsk_transform_node_get_child (node), x + scale * dx, y + scale * dy, scale * sx, labels);
      }
      break;
    case GSK_OPACITY_NODE:
      collect (gsk_opacity_node_get_child (node), x, y, scale, labels);
      break;
    case GSK_CLIP_NODE:
      collect (gsk_clip_node_get_child (node), x, y, scale, labels);
      break;
    default:
      break;
    }
}

static gboolean
lie_over (const graphene_rect_t *a, const graphene_rect_t *b)
{
  return a->origin.x + a->size.width > b->origin.x + SLACK
         && b->origin.x + b->size.width > a->origin.x + SLACK
         && a->origin.y + a->size.height > b->origin.y + SLACK
         && b->origin.y + b->size.height > a->origin.y + SLACK;
}

static void
check (const GbGalleryEntry *entry, const char *language, double width, double height)
{
  g_autoptr (GbTraceCursor) cursor = gb_gallery_new_cursor (entry);
  GbExportOptions options = { .language = language, .scale = 1, .width = width, .height = height };
  g_autoptr (GArray) labels = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));
  double w, h;
  GskRenderNode *node = gb_view_render (gb_view_registry_find (entry->view), cursor, NULL, &options, &w, &h);

  collect (node, 0, 0, 1, labels);
  gsk_render_node_unref (node);
  for (guint i = 0; i < labels->len; i++)
    {
      const graphene_rect_t *a = &g_array_index (labels, graphene_rect_t, i);
      if (a->origin.x < -2 || a->origin.y < -2 || a->origin.x + a->size.width > w + 2
          || a->origin.y + a->size.height > h + 2)
        {
          g_test_message ("%s-%s, %s, %.0f by %.0f: outside at %.0f, %.0f", entry->view,
                          gb_gallery_dup_name (entry), language, w, h, a->origin.x, a->origin.y);
          g_test_fail ();
        }
      for (guint k = i + 1; k < labels->len; k++)
        if (lie_over (a, &g_array_index (labels, graphene_rect_t, k)))
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
  static const double sizes[][2] = { { 0, 0 }, { 412, 300 }, { 832, 500 }, { 320, 220 } };

  for (guint i = 0; i < gb_gallery_get_n (); i++)
    {
      GbGalleryEntry entry = gb_gallery_get (i);
      if (strcmp (entry.view, view) != 0)
        continue;
      for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
        {
          check (&entry, "en", sizes[k][0], sizes[k][1]);
          check (&entry, "zh", sizes[k][0], sizes[k][1]);
        }
    }
}

int
main (int argc, char **argv)
{
  static const char *const views[] = { "flow", "tokens", "file", "env" };

  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  gb_export_init ();
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      g_autofree char *path = g_strconcat ("/labels/", views[i], NULL);
      g_test_add_data_func (path, views[i], test_view);
    }
  return g_test_run ();
}
