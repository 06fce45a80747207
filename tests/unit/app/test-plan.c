/* Plans of interviews: by level, length and weights, changed by hand, made to fit, and broken ones. */
#include "interviews.h"

#include <math.h>
#include <string.h>

/* Each length and level: it fits, is in the weights as far as minutes can be divided, and asks nothing twice.
 */
static void
test_plans (void)
{
  static const double lengths[] = { 20, 45, 60, 90 };

  for (guint n = 0; n < G_N_ELEMENTS (lengths); n++)
    for (int level = 0; level < GB_N_LEVELS; level++)
      for (guint32 seed = 0; seed < 5; seed++)
        {
          g_autoptr (GbPlan) plan = propose ((GbLevel) level, lengths[n], seed);
          g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
          double share[GB_N_DIMENSIONS], all = gb_plan_get_minutes (plan);
          gb_plan_share (plan, NULL, NULL, share);
          g_assert_cmpfloat (all, <=, lengths[n]);
          g_assert_cmpfloat (all, >=, lengths[n] - 5);
          for (guint d = 0; d < GB_N_DIMENSIONS; d++)
            {
              double wanted = lengths[n] * gb_dimension_weight ((GbDimension) d) / 100;
              if (fabs (share[d] - wanted) > 5)
                g_error ("%g minutes, level %d, seed %u: %g minutes of %s, not %g", lengths[n], level, seed,
                         share[d], gb_dimension_name ((GbDimension) d), wanted);
            }
          for (guint i = 0; i < gb_plan_get_n_items (plan); i++)
            g_assert_true (g_hash_table_add (seen, gb_plan_get_item (plan, i)->what));
        }
}

static guint
count_kind (const GbPlan *plan, GbPlanKind kind)
{
  guint n = 0;
  for (guint i = 0; i < gb_plan_get_n_items (plan); i++)
    n += gb_plan_get_item (plan, i)->kind == kind;
  return n;
}

static void
test_plan_order (void)
{
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 1), again = propose (GB_LEVEL_MID, 60, 1),
                     other = propose (GB_LEVEL_MID, 60, 2);
  GbJson *a = gb_plan_to_json (plan), *b = gb_plan_to_json (again), *c = gb_plan_to_json (other);

  g_assert_cmpstr (json_object_to_json_string (a), ==, json_object_to_json_string (b));
  g_assert_cmpstr (json_object_to_json_string (a), !=, json_object_to_json_string (c));
  g_assert_cmpuint (count_kind (plan, GB_PLAN_CASE), ==, 1);
  g_assert_cmpuint (count_kind (plan, GB_PLAN_TASK), ==, 1);
  g_assert_cmpuint (count_kind (plan, GB_PLAN_TALK), ==, 1);
  g_assert_cmpuint (count_kind (plan, GB_PLAN_QUESTION), >=, 6);
  for (guint p = 0; p < plan->parts->len; p++)
    {
      const GbPlanPart *part = g_ptr_array_index (plan->parts, p);
      for (guint i = 1; i < part->items->len; i++)
        g_assert_cmpint (((GbPlanItem *) part->items->pdata[i - 1])->level, <=,
                         ((GbPlanItem *) part->items->pdata[i])->level);
    }
  json_object_put (a);
  json_object_put (b);
  json_object_put (c);
  /* A wish without the ways of asking has nothing of them. */
  GbPlanWish bare = { GB_LEVEL_MID, "nonsense", 60, 0, 1 };
  g_autoptr (GbPlan) plain = gb_plan_propose (library, &bare);
  g_assert_cmpstr (plain->role, ==, "deep-learning");
  g_assert_cmpuint (count_kind (plain, GB_PLAN_TASK) + count_kind (plain, GB_PLAN_TALK), ==, 0);
  for (guint i = 0; i < gb_plan_get_n_items (plain); i++)
    g_assert_null (gb_plan_get_item (plain, i)->scene);
}

static void
test_plan_by_hand (void)
{
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 1);
  const GbPlanItem *first = gb_plan_get_item (plan, 0), *second = gb_plan_get_item (plan, 1);
  guint id = first->id, n = gb_plan_get_n_items (plan);
  g_autofree char *leaf = g_strdup (first->what);
  GbDimension dimension = first->dimension;

  gb_plan_move (plan, id, 1);
  g_assert_true (gb_plan_get_item (plan, 0) == second || gb_plan_get_item (plan, 0)->id == id);
  g_assert_true (gb_plan_exchange (plan, library, id));
  g_assert_cmpstr (gb_plan_find (plan, id, NULL, NULL)->what, !=, leaf);
  g_assert_cmpint (gb_plan_find (plan, id, NULL, NULL)->dimension, ==, dimension);
  g_assert_true (gb_plan_set_level (plan, library, id, GB_LEVEL_EXPERT));
  g_assert_cmpfloat (gb_plan_find (plan, id, NULL, NULL)->minutes, ==, 5);
  gb_plan_remove (plan, id);
  g_assert_null (gb_plan_find (plan, id, NULL, NULL));
  g_assert_cmpuint (gb_plan_get_n_items (plan), ==, n - 1);
  g_assert_cmpuint (
      gb_plan_add (plan, "s1", GB_PLAN_QUESTION, leaf, GB_LEVEL_MID, GB_DIMENSION_BASICS, 3)->id, >, n);
  /* Over the edges it stays in the plan. */
  for (guint i = 0; i < 60; i++)
    gb_plan_move (plan, 1 + i % n, i % 2 ? 1 : -1);
  g_assert_cmpuint (gb_plan_get_n_items (plan), ==, n);

  g_autoptr (GbPlan) copy = gb_plan_copy (plan);
  GbJson *a = gb_plan_to_json (plan), *b = gb_plan_to_json (copy);
  g_assert_cmpstr (json_object_to_json_string (a), ==, json_object_to_json_string (b));
  json_object_put (a);
  json_object_put (b);
}

static GbItemFate
first_was_asked (guint id, gpointer data)
{
  return id == GPOINTER_TO_UINT (data) ? GB_ITEM_ASKED : GB_ITEM_TO_COME;
}

/* Half of the time is gone after the first question: what is left fits and keeps the weights. */
static void
test_cut (void)
{
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 3);
  gpointer first = GUINT_TO_POINTER (gb_plan_get_item (plan, 0)->id);
  g_autoptr (GArray) gone = gb_plan_cut (plan, 30, first_was_asked, first);
  double share[GB_N_DIMENSIONS], all;

  g_assert_cmpuint (gone->len, >, 0);
  for (guint i = 0; i < gone->len; i++)
    {
      g_assert_cmpuint (g_array_index (gone, guint, i), !=, GPOINTER_TO_UINT (first));
      gb_plan_remove (plan, g_array_index (gone, guint, i));
    }
  all = gb_plan_get_minutes (plan);
  g_assert_cmpfloat (all, <=, 30 + 5);
  gb_plan_share (plan, NULL, NULL, share);
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    g_assert_cmpfloat (fabs (share[d] / all - gb_dimension_weight ((GbDimension) d) / 100.0), <, 0.12);
  g_autoptr (GArray) none = gb_plan_cut (plan, 30 + 5, first_was_asked, first);
  g_assert_cmpuint (none->len, ==, 0);
  g_autoptr (GArray) everything = gb_plan_cut (plan, 0, first_was_asked, first);
  g_assert_cmpuint (everything->len, ==, gb_plan_get_n_items (plan) - 1);
}

static void
test_broken_plans (void)
{
  static const char *const texts[] = { "[]", "3", "{}", "{\"level\": \"king\"}" };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      GbJson *json = json_tokener_parse (texts[i]);
      g_assert_null (gb_plan_from_json (json));
      json_object_put (json);
    }
  GbJson *json = json_tokener_parse ("{\"level\": \"mid\", \"minutes\": 1e30, \"last_id\": 3, \"parts\": [4, "
                                     "{}, {\"id\": \"s1\", \"items\": ["
                                     "{\"id\": 1, \"kind\": \"question\", \"what\": \"a.b\", \"level\": "
                                     "\"mid\", \"dimension\": \"basics\", \"minutes\": -4},"
                                     "{\"id\": 1, \"kind\": \"question\", \"what\": \"twice\", \"level\": "
                                     "\"mid\", \"dimension\": \"basics\"},"
                                     "{\"id\": 9, \"kind\": \"question\", \"what\": \"later\", \"level\": "
                                     "\"mid\", \"dimension\": \"basics\"},"
                                     "{\"id\": 2, \"kind\": \"dance\", \"what\": \"a\", \"level\": \"mid\", "
                                     "\"dimension\": \"basics\"}, null]}]}");
  g_autoptr (GbPlan) plan = gb_plan_from_json (json);
  json_object_put (json);
  g_assert_nonnull (plan);
  g_assert_cmpuint (gb_plan_get_n_items (plan), ==, 1);
  g_assert_cmpfloat (gb_plan_get_minutes (plan), ==, 0);
  g_assert_cmpfloat (plan->minutes, ==, 240);
}

int
main (int argc, char **argv)
{
  gb_test_interviews_init (&argc, &argv);
  g_test_add_func ("/interview/plan/weights", test_plans);
  g_test_add_func ("/interview/plan/order", test_plan_order);
  g_test_add_func ("/interview/plan/by-hand", test_plan_by_hand);
  g_test_add_func ("/interview/plan/cut", test_cut);
  g_test_add_func ("/interview/plan/broken", test_broken_plans);
  return g_test_run ();
}
