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
#define MOST_RANDOM_CROSSINGS 270 /* of the graph below */

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

/* ---- crossings, against those of Graphviz ---- */

/* One or two edges to a node from those before it; or twice as many edges as nodes, anywhere near. */
static guint
random_graph (gboolean dense, guint n, guint32 seed, GbLayoutEdge *edges)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint n_edges = 0;
  for (guint to = 1; to < n && !dense; to++)
    for (int k = g_rand_int_range (random, 0, 100) < 58 ? 2 : 1; k > 0; k--)
      edges[n_edges++] =
          (GbLayoutEdge){ .from = (guint) g_rand_int_range (random, MAX (0, (int) to - 10), (int) to), .to = to };
  for (; dense && n_edges < 2 * n; n_edges++)
    {
      guint to = (guint) g_rand_int_range (random, 1, (int) n);
      edges[n_edges] =
          (GbLayoutEdge){ .from = (guint) g_rand_int_range (random, MAX (0, (int) to - 12), (int) to), .to = to };
    }
  return n_edges;
}

/* dot 2.43 of the same graphs, left to right, boxes: pairs of its curves that meet and share no node.  What is counted here
 * has those that share one too. */
static const struct
{
  gboolean dense;
  guint n;
  guint32 seed;
  guint of_dot;
} recorded[] = {
  { FALSE, 100, 5, 40 },   { FALSE, 100, 6, 33 },   { FALSE, 100, 7, 39 },  { FALSE, 100, 8, 39 },
  { FALSE, 100, 9, 37 },   { FALSE, 100, 10, 33 },  { FALSE, 300, 5, 130 }, { FALSE, 300, 6, 116 },
  { FALSE, 300, 7, 130 },  { FALSE, 300, 8, 97 },   { FALSE, 1000, 5, 444 }, { FALSE, 1000, 6, 408 },
  { FALSE, 1000, 7, 418 }, { FALSE, 1000, 8, 425 }, { TRUE, 100, 5, 116 },  { TRUE, 100, 6, 111 },
  { TRUE, 100, 7, 125 },   { TRUE, 100, 8, 142 },   { TRUE, 100, 9, 146 },  { TRUE, 100, 10, 152 },
  { TRUE, 200, 5, 267 },   { TRUE, 200, 6, 273 },   { TRUE, 200, 7, 246 },  { TRUE, 200, 8, 254 },
  { TRUE, 1000, 5, 1487 },
};

static void
test_crossings_of_dot (void)
{
  g_autofree GbLayoutEdge *edges = g_new (GbLayoutEdge, 2000);
  double all = 0, of_dot = 0;
  for (guint i = 0; i < G_N_ELEMENTS (recorded); i++)
    {
      guint n_edges = random_graph (recorded[i].dense, recorded[i].n, recorded[i].seed, edges);
      GbLayout *layout = layout_of (recorded[i].n, edges, n_edges);
      guint n = gb_layout_count_crossings (layout);
      double limit = fmax (1.2 * recorded[i].of_dot, recorded[i].of_dot + 3);
      all += n;
      of_dot += recorded[i].of_dot;
      if (n > limit)
        {
          g_test_message ("%s graph of %u nodes, seed %u: %u crossings, %u of dot", recorded[i].dense ? "dense" : "random",
                          recorded[i].n, recorded[i].seed, n, recorded[i].of_dot);
          g_test_fail ();
        }
      gb_layout_free (layout);
    }
  g_test_message ("%.0f crossings, %.0f of dot", all, of_dot);
  g_assert_cmpfloat (all, <=, 1.1 * of_dot);
}

/* ---- lines ---- */

/* Where each node's line is, and that no point of an edge lies in a box that the edge has nothing to do with. */
static void
assert_edges_pass_by (GbLayout *layout, guint n_nodes, guint n_edges)
{
  const GbLayoutNode *nodes = gb_layout_get_nodes (layout);
  for (guint e = 0; e < n_edges; e++)
    {
      const GbLayoutEdge *edge = &gb_layout_get_edges (layout)[e];
      for (guint k = 1; k + 1 < edge->n_points; k++)
        for (guint i = 0; i < n_nodes; i++)
          {
            double x = edge->points[2 * k], y = edge->points[2 * k + 1], top = nodes[i].y - nodes[i].above;
            if (x > nodes[i].x - nodes[i].width / 2 && x < nodes[i].x + nodes[i].width / 2)
              g_assert_true (y <= top || y >= top + nodes[i].height);
          }
    }
}

/* Steps of an unrolled loop: every one leaves its line twice and comes back, and the line stays one. */
static void
test_line_does_not_drift (void)
{
  enum { STEPS = 12, SIZE = 6 };
  GbLayoutEdge edges[STEPS * 8];
  guint n_edges = 0;
  for (guint step = 0; step < STEPS; step++)
    {
      /* a fork into three, which meet two by two; one edge skips all of it */
      static const guint from[] = { 0, 0, 0, 1, 2, 4, 3, 0 }, to[] = { 1, 2, 3, 4, 4, 5, 5, 6 };
      for (guint k = 0; k < 8; k++)
        edges[n_edges++] = (GbLayoutEdge){ .from = step * SIZE + from[k], .to = step * SIZE + to[k] };
      edges[n_edges - 1].from = step * SIZE + 4; /* past node 5 */
    }
  for (guint step = 0; step < STEPS; step++)
    edges[step * 8 + 6].to = step * SIZE + 5;
  GbLayout *layout = layout_of (STEPS * SIZE + 1, edges, n_edges);
  const GbLayoutNode *nodes = gb_layout_get_nodes (layout);
  double least = G_MAXDOUBLE, most = 0;
  for (guint step = 0; step < STEPS; step++)
    {
      least = MIN (least, nodes[step * SIZE + 4].y);
      most = MAX (most, nodes[step * SIZE + 4].y);
    }
  g_assert_cmpfloat (most - least, <, 1);
  g_assert_cmpfloat (gb_layout_get_height (layout), <, 4 * (48 + options.node_gap) + 1);
  assert_no_overlap (layout, STEPS * SIZE + 1);
  assert_edges_pass_by (layout, STEPS * SIZE + 1, n_edges);
  gb_layout_free (layout);
}

/* An input that is read late stands by its reader with all that leads there: nothing is dragged along the whole picture. */
static void
test_side_chain_stands_by_its_reader (void)
{
  GbLayoutEdge edges[] = { { .from = 0, .to = 1 }, { .from = 1, .to = 2 }, { .from = 2, .to = 3 }, { .from = 3, .to = 6 },
                           { .from = 4, .to = 5 }, { .from = 5, .to = 6 } };
  GbLayout *layout = layout_of (7, edges, 6);
  g_assert_cmpint (gb_layout_get_nodes (layout)[4].layer, ==, 2);
  g_assert_cmpint (gb_layout_get_nodes (layout)[5].layer, ==, 3);
  g_assert_cmpfloat (gb_layout_get_nodes (layout)[0].y, ==, gb_layout_get_nodes (layout)[6].y);
  gb_layout_free (layout);
}

/* Boxes with much above the point where their edges meet and little below keep their distances with both. */
static void
test_uneven_boxes (void)
{
  GbLayoutEdge edges[160];
  GbLayoutNode boxes[80];
  guint n_edges = random_graph (FALSE, 80, 3, edges);
  for (guint i = 0; i < 80; i++)
    boxes[i] = (GbLayoutNode){ .width = 60, .height = 60 + (i % 3) * 30, .above = 20 + (i % 3) * 25 };
  GbLayout *layout = gb_layout_new (boxes, 80, edges, n_edges, &options);
  const GbLayoutNode *nodes = gb_layout_get_nodes (layout);
  for (guint i = 0; i < 80; i++)
    for (guint j = 0; j < 80; j++)
      if (nodes[i].layer == nodes[j].layer && nodes[i].y < nodes[j].y)
        g_assert_cmpfloat (nodes[j].y - nodes[j].above, >=,
                           nodes[i].y - nodes[i].above + nodes[i].height + options.node_gap - 1e-6);
  assert_edges_pass_by (layout, 80, n_edges);
  gb_layout_free (layout);
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
  g_test_add_func ("/layered-layout/crossings-of-dot", test_crossings_of_dot);
  g_test_add_func ("/layered-layout/line-does-not-drift", test_line_does_not_drift);
  g_test_add_func ("/layered-layout/side-chain-stands-by-its-reader", test_side_chain_stands_by_its_reader);
  g_test_add_func ("/layered-layout/uneven-boxes", test_uneven_boxes);
  return g_test_run ();
}
