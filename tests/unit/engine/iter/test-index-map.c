/* Index maps against the definition: every element of every result. */
#include <glib.h>

#include "iter/index-map.h"

static bool
next (int ndim, const int64_t *sizes, int64_t *index)
{
  for (int d = ndim - 1; d >= 0; d--)
    {
      if (++index[d] < sizes[d])
        return true;
      index[d] = 0;
    }
  return false;
}

/* Every element of geometries of many kinds is found again at its place, and no other place is. */
static void
test_find (void)
{
  static const TeGeometry cases[] = {
    { 3, 0, { 2, 3, 4 }, { 12, 4, 1 } },
    { 3, 5, { 4, 2, 3 }, { 1, 12, 4 } },
    { 2, 1, { 3, 4 }, { 10, 2 } },
    { 2, 0, { 3, 4 }, { 0, 1 } },
    { 2, 2, { 4, 3 }, { 1, 1 } },
    { 2, 0, { 4, 3 }, { 2, 3 } },
    { 0, 7, { 0 }, { 0 } },
    { 3, 0, { 2, 1, 3 }, { 3, 99, 1 } },
    { 3, 3, { 3, 3, 2 }, { 6, 4, 3 } },
  };
  for (gsize c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      const TeGeometry *g = &cases[c];
      int64_t index[TE_MAX_NDIM] = { 0 }, found[TE_MAX_NDIM];
      bool used[64] = { false };
      do
        {
          int64_t place = te_geometry_place (g, index);
          used[place] = true;
          g_assert_true (te_geometry_find (g, place, found));
          g_assert_cmpint (te_geometry_place (g, found), ==, place);
          for (int d = 0; d < g->ndim; d++)
            g_assert_true (found[d] >= 0 && found[d] < g->sizes[d]);
        }
      while (next (g->ndim, g->sizes, index));
      for (int64_t place = 0; place < 64; place++)
        g_assert_true (te_geometry_find (g, place, found) == used[place]);
    }
  int64_t found[1];
  const TeGeometry empty = { 1, 0, { 0 }, { 1 } };
  g_assert_false (te_geometry_find (&empty, 0, found));
}

static void
test_view (void)
{
  const TeGeometry base = { 2, 0, { 3, 4 }, { 4, 1 } }, column = { 1, 2, { 3 }, { 4 } };
  int64_t index[] = { 2 }, found[2];
  g_assert_true (te_index_map_view (&column, &base, index, found));
  g_assert_cmpint (found[0], ==, 2);
  g_assert_cmpint (found[1], ==, 2);
}

static void
test_broadcast_and_reduce (void)
{
  const int64_t sizes[] = { 3, 1 }, out[] = { 4, 2, 5 };
  int64_t in[2];
  te_index_map_broadcast (3, out, 2, sizes, in);
  g_assert_cmpint (in[0], ==, 2);
  g_assert_cmpint (in[1], ==, 0);
  const int64_t whole[] = { 2, 3, 4 }, at[] = { 1, 3 }, kept[] = { 1, 0, 3 };
  const int dims[] = { 1 };
  TeIndexBox box, same;
  te_index_map_reduce (3, whole, 1, dims, false, at, &box);
  te_index_map_reduce (3, whole, 1, dims, true, kept, &same);
  g_assert_cmpint (te_index_box_numel (&box), ==, 3);
  for (int d = 0; d < 3; d++)
    g_assert_true (box.start[d] == same.start[d] && box.count[d] == same.count[d]);
  g_assert_cmpint (box.start[0], ==, 1);
  g_assert_cmpint (box.start[2], ==, 3);
  te_index_map_reduce (3, whole, 0, NULL, false, NULL, &box);
  g_assert_cmpint (te_index_box_numel (&box), ==, 24);
}

static void
test_matmul (void)
{
  TeIndexBox a, b;
  const int64_t am[] = { 5, 1, 2, 3 }, bm[] = { 4, 3, 6 }, at[] = { 2, 3, 1, 5 }; /* (5, 4, 2, 6) */
  g_assert_true (te_index_map_matmul (4, am, 3, bm, at, &a, &b));
  const int64_t a_start[] = { 2, 0, 1, 0 }, a_count[] = { 1, 1, 1, 3 }, b_start[] = { 3, 0, 5 },
                b_count[] = { 1, 3, 1 };
  for (int d = 0; d < 4; d++)
    g_assert_true (a.start[d] == a_start[d] && a.count[d] == a_count[d]);
  for (int d = 0; d < 3; d++)
    g_assert_true (b.start[d] == b_start[d] && b.count[d] == b_count[d]);
  const int64_t v[] = { 3 }, m[] = { 2, 3 }, row[] = { 1 };
  g_assert_true (te_index_map_matmul (2, m, 1, v, row, &a, &b)); /* matrix times vector */
  g_assert_true (a.start[0] == 1 && a.count[0] == 1 && a.count[1] == 3 && b.count[0] == 3);
  g_assert_true (te_index_map_matmul (1, v, 1, v, NULL, &a, &b)); /* dot */
  g_assert_true (a.count[0] == 3 && b.count[0] == 3);
  g_assert_false (te_index_map_matmul (2, m, 2, m, at, &a, &b));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/iter/index-map/find", test_find);
  g_test_add_func ("/iter/index-map/view", test_view);
  g_test_add_func ("/iter/index-map/broadcast-and-reduce", test_broadcast_and_reduce);
  g_test_add_func ("/iter/index-map/matmul", test_matmul);
  return g_test_run ();
}
