/* Large graphs are laid out in another thread: with the places that they would have had at once, for whoever still wants
 * them, and for nobody who went. */
#include <string.h>

#include "core/dtype.h"
#include "graph/graph-later.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"

#define N_LARGE 1800
#define NEWS    GB_TRACE_CHANGED_STRUCTURE

/* n ops, each of which reads the one before and one of the 30 before that. */
static GbTrace *
long_program (guint n, guint32 seed)
{
  static const char *const ops[] = { "mul", "add", "sin", "relu", "matmul", "exp", "sub", "tanh" };
  static const gint64 sizes[] = { 8, 16 };
  GbTrace *trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autofree guint64 *made = g_new0 (guint64, n + 1);
  GbBuiltTensor x = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
  gb_trace_builder_source (b, "long.py", "y = net(x)\n");
  guint32 pos = gb_trace_builder_pos (b, 1, 4, 10);
  gb_trace_builder_leaf (b, &x, 0);
  made[0] = x.id;
  for (guint i = 1; i <= n; i++)
    {
      guint64 inputs[2] = { made[i - 1], made[(guint) g_rand_int_range (random, MAX (0, (int) i - 30), (int) i)] };
      GbBuiltTensor y = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
      gb_trace_builder_op (b, ops[g_rand_int_range (random, 0, G_N_ELEMENTS (ops))], 0, pos, inputs, i % 3 ? 1 : 2, "", &y);
      made[i] = y.id;
    }
  gb_trace_builder_end (b, 0);
  gb_trace_flush (trace);
  return trace;
}

static GbGraph *
graph_of (guint n, guint32 seed)
{
  g_autoptr (GbTrace) trace = long_program (n, seed);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  GbGraphOptions options = { .most_nodes = 60 };
  GbGraph *graph = gb_graph_new (cursor, &options);
  g_assert_cmpuint (graph->nodes->len, >=, n);
  return graph;
}

static guint n_ready;

static void
on_ready (gpointer data)
{
  n_ready++;
}

/* Until it is ready that often; FALSE: it is not within ten seconds. */
static gboolean
wait_ready (guint times)
{
  for (gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC; n_ready < times && g_get_monotonic_time () < end;)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  return n_ready >= times;
}

static void
assert_same (const GbGraphPicture *a, const GbGraphPicture *b)
{
  g_assert_nonnull (a->layout);
  g_assert_cmpuint (a->items->len, ==, b->items->len);
  for (guint i = 0; i < a->items->len; i++)
    {
      const GbGraphItem *x = gb_graph_picture_item (a, i), *y = gb_graph_picture_item (b, i);
      g_assert_true (x->kind == y->kind && x->node == y->node && x->sub == y->sub);
      g_assert_true (x->x == y->x && x->y == y->y && x->width == y->width && x->height == y->height);
    }
  g_assert_cmpmem (a->first_item, a->graph->nodes->len * sizeof (guint), b->first_item, b->graph->nodes->len * sizeof (guint));
  g_assert_cmpfloat (a->width, ==, b->width);
  g_assert_cmpfloat (a->height, ==, b->height);
  for (guint i = 0; i < a->graph->edges->len; i++)
    {
      const GbLayoutEdge *x = &gb_layout_get_edges (a->layout)[i], *y = &gb_layout_get_edges (b->layout)[i];
      g_assert_cmpmem (x->points, x->n_points * 2 * sizeof (double), y->points, y->n_points * 2 * sizeof (double));
    }
}

static GbGraphPicture *
placed (const Fixture *f, guint n, guint32 seed)
{
  return gb_graph_picture_new (graph_of (n, seed), NULL, &f->ctx);
}

/* First a list, in which all is that the picture will have; then the picture that would have been there at once. */
static void
test_same_places (void)
{
  Fixture f;
  fixture_open (&f, gb_trace_new (), 640, 400);
  GbGraphLater *later = gb_graph_later_new (on_ready, NULL);
  g_autoptr (GbGraphPicture) at_once = placed (&f, N_LARGE, 3);
  n_ready = 0;
  GbGraphPicture *picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), NULL, 0, &f.ctx);
  g_assert_null (picture->layout);
  g_assert_cmpuint (picture->items->len, ==, at_once->items->len);
  for (guint i = 0; i < picture->items->len; i++)
    {
      const GbGraphItem *a = gb_graph_picture_item (picture, i), *b = gb_graph_picture_item (at_once, i);
      g_assert_true (a->kind == b->kind && a->node == b->node && a->sub == b->sub);
      g_assert_cmpint (gb_graph_picture_find (picture, b->kind, b->node, b->sub), ==, (int) i);
    }
  g_assert_cmpint (gb_graph_picture_pick (picture, 12, 40), ==, -1);
  /* One step later the structure is the same: nothing begins anew. */
  picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), picture, 0, &f.ctx);
  g_assert_null (picture->layout);
  g_assert_true (wait_ready (1));
  picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), picture, 0, &f.ctx);
  assert_same (picture, at_once);
  /* and the places stay */
  picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), picture, 0, &f.ctx);
  assert_same (picture, at_once);
  g_assert_cmpuint (n_ready, ==, 1);
  gb_graph_picture_unref (picture);
  gb_graph_later_free (later);
  fixture_close (&f);
}

/* Small graphs, and what is put on paper, have their places at once; what was being made is not wanted any more. */
static void
test_at_once (void)
{
  Fixture f;
  fixture_open (&f, gb_trace_new (), 640, 400);
  GbGraphLater *later = gb_graph_later_new (on_ready, NULL);
  g_autoptr (GbGraphPicture) small = placed (&f, 200, 4), large = placed (&f, N_LARGE, 3);
  n_ready = 0;
  GbGraphPicture *picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), NULL, 0, &f.ctx);
  picture = gb_graph_later_picture (later, graph_of (200, 4), picture, 0, &f.ctx);
  assert_same (picture, small);
  gb_graph_picture_unref (picture);
  picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), NULL, 0, &f.ctx);
  g_assert_null (picture->layout);
  gb_graph_later_settle (later, picture, &f.ctx);
  assert_same (picture, large);
  for (int i = 0; i < 200; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (n_ready, ==, 0);
  gb_graph_picture_unref (picture);
  gb_graph_later_free (later);
  fixture_close (&f);
}

/* What is in sight stays until the next one is there.  Of two that are asked for after each other only the second is shown;
 * of a program that grows the first is, too. */
static void
test_outdated (void)
{
  Fixture f;
  fixture_open (&f, gb_trace_new (), 640, 400);
  GbGraphLater *later = gb_graph_later_new (on_ready, NULL);
  g_autoptr (GbGraphPicture) a = placed (&f, N_LARGE, 3), b = placed (&f, N_LARGE + 50, 3), c = placed (&f, N_LARGE + 90, 3);
  n_ready = 0;
  GbGraphPicture *picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), NULL, 0, &f.ctx);
  g_assert_true (wait_ready (1));
  picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), picture, 0, &f.ctx);
  assert_same (picture, a);
  picture = gb_graph_later_picture (later, graph_of (N_LARGE + 50, 3), picture, 0, &f.ctx);
  assert_same (picture, a);
  picture = gb_graph_later_picture (later, graph_of (N_LARGE + 90, 3), picture, 0, &f.ctx);
  assert_same (picture, a);
  for (guint turn = 2; picture->graph->nodes->len == a->graph->nodes->len; turn++)
    {
      g_assert_true (wait_ready (turn));
      picture = gb_graph_later_picture (later, graph_of (N_LARGE + 90, 3), picture, 0, &f.ctx);
    }
  assert_same (picture, c);
  gb_graph_picture_unref (picture);

  n_ready = 0;
  picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), NULL, GB_TRACE_CHANGED_RESET, &f.ctx);
  picture = gb_graph_later_picture (later, graph_of (N_LARGE + 50, 3), picture, NEWS, &f.ctx);
  g_assert_true (wait_ready (1));
  picture = gb_graph_later_picture (later, graph_of (N_LARGE + 50, 3), picture, NEWS, &f.ctx);
  assert_same (picture, a);
  g_assert_true (wait_ready (2));
  picture = gb_graph_later_picture (later, graph_of (N_LARGE + 50, 3), picture, NEWS, &f.ctx);
  assert_same (picture, b);
  gb_graph_picture_unref (picture);
  gb_graph_later_free (later);
  fixture_close (&f);
}

/* Who went while it was being made is not told, and nothing of it is left. */
static void
test_gone (void)
{
  Fixture f;
  fixture_open (&f, gb_trace_new (), 640, 400);
  n_ready = 0;
  for (int round = 0; round < 6; round++)
    {
      GbGraphLater *later = gb_graph_later_new (on_ready, NULL);
      GbGraphPicture *picture = gb_graph_later_picture (later, graph_of (N_LARGE, 3), NULL, 0, &f.ctx);
      g_usleep (round * 2000);
      if (round % 2) /* the picture may outlive it */
        gb_graph_later_free (later);
      gb_graph_picture_unref (picture);
      if (round % 2 == 0)
        gb_graph_later_free (later);
    }
  for (int i = 0; i < 400; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (n_ready, ==, 0);
  fixture_close (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph-later/same-places", test_same_places);
  g_test_add_func ("/graph-later/at-once", test_at_once);
  g_test_add_func ("/graph-later/outdated", test_outdated);
  g_test_add_func ("/graph-later/gone", test_gone);
  return g_test_run ();
}
