#include "models/layered-layout.h"

#include <math.h>

static const GbLayoutOptions options = { .layer_gap = 26, .node_gap = 20, .lane_gap = 10 };

static GbLayout *
layout_of (guint n, const GbLayoutEdge *edges, guint n_edges)
{
  g_autofree GbLayoutNode *nodes = g_new0 (GbLayoutNode, n + 1);
  for (guint i = 0; i < n; i++)
    {
      nodes[i].width = 80;
      nodes[i].height = 48;
    }
  return gb_layout_new (nodes, n, edges, n_edges, &options);
}

static void
assert_no_overlap (GbLayout *layout, guint n)
{
  const GbLayoutNode *nodes = gb_layout_get_nodes (layout);
  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      if (fabs (nodes[i].x - nodes[j].x) < 80)
        g_assert_cmpfloat (fabs (nodes[i].y - nodes[j].y), >=, 48 + options.node_gap - 1e-6);
}

static void
test_chain (void)
{
  GbLayoutEdge edges[9];
  for (guint i = 0; i < 9; i++)
    edges[i] = (GbLayoutEdge){ .from = i, .to = i + 1 };
  GbLayout *layout = layout_of (10, edges, 9);
  const GbLayoutNode *nodes = gb_layout_get_nodes (layout);
  g_assert_cmpuint (gb_layout_get_n_layers (layout), ==, 10);
  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpint (nodes[i].layer, ==, (int) i);
      g_assert_cmpfloat_with_epsilon (nodes[i].y, 24, 1e-6);
    }
  g_assert_cmpfloat_with_epsilon (gb_layout_get_width (layout), 10 * 80 + 9 * 26, 1e-6);
  gb_layout_free (layout);
}

/* A residual block: the skip edge has a lane of its own beside the boxes it passes. */
static void
test_skip (void)
{
  GbLayoutEdge edges[] = { { .from = 0, .to = 1 }, { .from = 1, .to = 2 }, { .from = 2, .to = 3 }, { .from = 0, .to = 3 } };
  GbLayout *layout = layout_of (4, edges, 4);
  const GbLayoutNode *nodes = gb_layout_get_nodes (layout);
  const GbLayoutEdge *skip = &gb_layout_get_edges (layout)[3];
  g_assert_cmpuint (skip->n_points, ==, 6);
  for (guint k = 1; k + 1 < skip->n_points; k++)
    g_assert_cmpfloat (fabs (skip->points[2 * k + 1] - nodes[1].y), >=, 24);
  g_assert_cmpuint (gb_layout_count_crossings (layout), ==, 0);
  gb_layout_free (layout);
}

/* Two chains whose readers are swapped: the order within layers undoes the crossing. */
static void
test_crossing_removed (void)
{
  GbLayoutEdge edges[] = { { .from = 0, .to = 3 }, { .from = 1, .to = 2 }, { .from = 2, .to = 4 }, { .from = 3, .to = 5 } };
  GbLayout *layout = layout_of (6, edges, 4);
  g_assert_cmpuint (gb_layout_count_crossings (layout), ==, 0);
  assert_no_overlap (layout, 6);
  gb_layout_free (layout);
}

static void
test_source_stands_by_its_reader (void)
{
  GbLayoutEdge edges[] = { { .from = 0, .to = 1 }, { .from = 1, .to = 2 }, { .from = 2, .to = 4 }, { .from = 3, .to = 4 } };
  GbLayout *layout = layout_of (5, edges, 4);
  g_assert_cmpint (gb_layout_get_nodes (layout)[3].layer, ==, 2);
  gb_layout_free (layout);
}

/* Nothing connects them: they stand side by side in rows, in their order, and no two share a place. */
static void
test_unconnected (void)
{
  GbLayoutEdge edge = { .from = 3, .to = 4 };
  GbLayout *layout = layout_of (12, &edge, 1);
  const GbLayoutNode *nodes = gb_layout_get_nodes (layout);
  g_assert_cmpfloat (nodes[0].y, ==, nodes[1].y);
  g_assert_cmpfloat (nodes[0].x, <, nodes[1].x);
  g_assert_cmpfloat (nodes[11].y, >, nodes[0].y);
  g_assert_cmpfloat (gb_layout_get_width (layout), >, gb_layout_get_height (layout));
  for (guint i = 0; i < 12; i++)
    for (guint j = i + 1; j < 12; j++)
      g_assert_true (fabs (nodes[i].x - nodes[j].x) >= 80 || fabs (nodes[i].y - nodes[j].y) >= 48);
  g_assert_cmpuint (gb_layout_get_edges (layout)[0].n_points, ==, 2);
  gb_layout_free (layout);
}

static void
test_hostile (void)
{
  GbLayoutEdge edges[] = { { .from = 1, .to = 1 }, { .from = 2, .to = 0 }, { .from = 0, .to = 99 }, { .from = 0, .to = 1 } };
  GbLayout *layout = layout_of (3, edges, 4);
  g_assert_cmpuint (gb_layout_get_edges (layout)[0].n_points, ==, 0);
  g_assert_cmpuint (gb_layout_get_edges (layout)[2].n_points, ==, 0);
  g_assert_cmpuint (gb_layout_get_edges (layout)[3].n_points, ==, 2);
  gb_layout_free (layout);
  layout = layout_of (0, NULL, 0);
  g_assert_cmpfloat (gb_layout_get_height (layout), ==, 0);
  gb_layout_free (layout);
}

/* Same input, same places; boxes of one layer keep their distance. */
#define MOST_RANDOM_CROSSINGS 385 /* of the graph below */

static void
test_random_is_deterministic (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  GbLayoutEdge edges[400];
  for (guint i = 0; i < 400; i++)
    {
      guint to = (guint) g_rand_int_range (random, 1, 200);
      edges[i] = (GbLayoutEdge){ .from = (guint) g_rand_int_range (random, MAX (0, (int) to - 12), (int) to), .to = to };
    }
  GbLayout *a = layout_of (200, edges, 400), *b = layout_of (200, edges, 400);
  for (guint i = 0; i < 200; i++)
    {
      g_assert_cmpfloat (gb_layout_get_nodes (a)[i].x, ==, gb_layout_get_nodes (b)[i].x);
      g_assert_cmpfloat (gb_layout_get_nodes (a)[i].y, ==, gb_layout_get_nodes (b)[i].y);
    }
  assert_no_overlap (a, 200);
  g_test_message ("%u crossings", gb_layout_count_crossings (a));
  g_assert_cmpuint (gb_layout_count_crossings (a), <=, MOST_RANDOM_CROSSINGS);
  gb_layout_free (a);
  gb_layout_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layered-layout/chain", test_chain);
  g_test_add_func ("/layered-layout/skip", test_skip);
  g_test_add_func ("/layered-layout/crossing-removed", test_crossing_removed);
  g_test_add_func ("/layered-layout/source-stands-by-its-reader", test_source_stands_by_its_reader);
  g_test_add_func ("/layered-layout/unconnected", test_unconnected);
  g_test_add_func ("/layered-layout/hostile", test_hostile);
  g_test_add_func ("/layered-layout/random-is-deterministic", test_random_is_deterministic);
  return g_test_run ();
}
