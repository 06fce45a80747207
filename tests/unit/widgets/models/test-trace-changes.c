/* When did this value change? */
#include "models/trace-builder.h"
#include "models/trace-changes.h"

static void
check (GbTrace *trace,
       const GbBuiltTensor *tensor,
       guint64 from,
       int direction,
       GbChangeKind kind,
       guint64 at,
       const char *what)
{
  GbChange change;
  g_assert_true (gb_trace_find_change (trace, "y", tensor->id, from, direction, &change));
  g_assert_cmpint (change.kind, ==, kind);
  g_assert_cmpuint (change.seq, ==, at);
  g_assert_cmpstr (change.what, ==, what);
}

static void
test_changes (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceBuilder *b = gb_trace_builder_new (trace);
  const gint64 sizes[] = { 2 }, one[] = { 1 };
  gb_trace_builder_source (b, "/home/me/program.py", "1\n2\n3\n4\n5\n");
  guint32 pos = gb_trace_builder_pos (b, 1, 0, 1);
  GbBuiltTensor y = gb_trace_builder_make (b, 0, 1, sizes), other = gb_trace_builder_make (b, 0, 1, sizes);
  gb_trace_builder_op (b, "ones", 0, pos, NULL, 0, NULL, &y);
  guint64 made = gb_trace_builder_get_seq (b);
  gb_trace_builder_name (b, &y, "y", pos);
  guint64 bound = gb_trace_builder_get_seq (b);
  GbBuiltTensor row = gb_trace_builder_make_view (b, &y, 1, one, one, 0);
  gb_trace_builder_op (b, "select", TE_WIRE_OP_VIEW, pos, &y.id, 1, NULL, &row); /* a look is no change */
  gb_trace_builder_op (b, "fill_", TE_WIRE_OP_INPLACE, pos, &row.id, 1, NULL, &row);
  guint64 written = gb_trace_builder_get_seq (b);
  gb_trace_builder_op (b, "add_", TE_WIRE_OP_INPLACE, pos, &other.id, 1, NULL, &other); /* another's */
  gb_trace_builder_name (b, &other, "y", pos);
  guint64 bound_again = gb_trace_builder_get_seq (b);
  gb_trace_flush (trace);
  check (trace, &y, written + 1, -1, GB_CHANGE_WRITTEN, written, "fill_");
  check (trace, &y, written - 1, -1, GB_CHANGE_BOUND, bound, NULL);
  check (trace, &y, bound - 1, -1, GB_CHANGE_WRITTEN, made, "ones");
  check (trace, &y, bound, 1, GB_CHANGE_WRITTEN, written, "fill_");
  check (trace, &y, written, 1, GB_CHANGE_BOUND, bound_again, NULL);
  GbChange change;
  g_assert_false (gb_trace_find_change (trace, "y", other.id, bound_again, 1, &change));
  gb_trace_builder_param (b, &other, "weight", 0);
  gb_trace_builder_step (b, "SGD", 1, 0.1);
  guint64 stepped = gb_trace_builder_get_seq (b);
  gb_trace_flush (trace);
  check (trace, &other, stepped, -1, GB_CHANGE_STEPPED, stepped, "SGD");
  gb_trace_builder_free (b);
}

static void
check_value (GbTrace *trace, const char *text, guint64 from, guint64 at)
{
  GbValueTest test;
  g_assert_true (gb_value_test_parse (text, &test));
  g_assert_cmpuint (gb_trace_find_value (trace, &test, from), ==, at);
  gb_value_test_clear (&test);
}

static void
test_values (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceBuilder *b = gb_trace_builder_new (trace);
  guint64 at[4];
  gb_trace_builder_source (b, "/home/me/program.py", "1\n2\n3\n");
  guint32 pos = gb_trace_builder_pos (b, 2, 0, 1);
  static const char *const texts[] = { "0", "1", "0.25", "'a'" };
  for (guint i = 0; i < 4; i++)
    {
      gb_trace_builder_value (b, "n", "int", -1, texts[i], pos);
      at[i] = gb_trace_builder_get_seq (b);
      gb_trace_builder_value (b, "other", "list", 2, "[1, 2]", pos);
    }
  gb_trace_flush (trace);
  check_value (trace, "n = 1", 0, at[1]);
  check_value (trace, "n == 0.25", 0, at[2]);
  check_value (trace, "n > 0", 0, at[1]);
  check_value (trace, "n<1", at[0], at[2]);
  check_value (trace, "n >= 1.0", at[1], 0);
  check_value (trace, "n = 'a'", 0, at[3]);
  check_value (trace, "n != 0", 0, at[1]);
  check_value (trace, "nothing = 1", 0, 0);
  GbValueTest test;
  g_assert_false (gb_value_test_parse ("n", &test));
  g_assert_false (gb_value_test_parse ("= 3", &test));
  g_assert_false (gb_value_test_parse ("n <=", &test));
  GbChange change;
  g_assert_true (gb_trace_find_change (trace, "n", 0, at[3] - 1, -1, &change));
  g_assert_cmpuint (change.seq, ==, at[2]);
  g_assert_cmpuint (change.pos, ==, pos);
  g_assert_true (gb_trace_find_change (trace, "n", 0, at[0], 1, &change));
  g_assert_cmpuint (change.seq, ==, at[1]);
  g_assert_false (gb_trace_find_change (trace, "n", 0, at[3], 1, &change));
  gb_trace_builder_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/models/trace-changes", test_changes);
  g_test_add_func ("/models/trace-changes/values", test_values);
  return g_test_run ();
}
