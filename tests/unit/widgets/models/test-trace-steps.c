/* Stepping is a walk over places of the trace: n back and n forward come out where they began, for every
 * unit. */
#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "models/trace-cursor.h"

static const char *const names[] = { "line", "op", "node", "iteration", "module", "into" };

/* All stops of a unit, in order, the trace's end included. */
static GArray *
walk (GbTraceCursor *cursor, GbStepUnit unit)
{
  GArray *stops = g_array_new (FALSE, FALSE, sizeof (guint64));
  gb_trace_cursor_set_position (cursor, gb_trace_get_first_seq (gb_trace_cursor_get_trace (cursor)));
  while (gb_trace_cursor_step (cursor, unit, 1))
    {
      guint64 at = gb_trace_cursor_get_position (cursor);
      g_array_append_val (stops, at);
      g_assert_cmpuint (stops->len, <, 100000);
    }
  return stops;
}

static void
there_and_back (GbTraceCursor *cursor, GbStepUnit unit, const GArray *stops, GRand *rand)
{
  guint from = (guint) g_rand_int_range (rand, 0, (gint32) stops->len),
        n = (guint) g_rand_int_range (rand, 0, (gint32) from + 1);
  gb_trace_cursor_set_position (cursor, g_array_index (stops, guint64, from));
  for (guint i = 1; i <= n; i++)
    {
      g_assert_true (gb_trace_cursor_step (cursor, unit, -1));
      g_assert_cmpuint (gb_trace_cursor_get_position (cursor), ==, g_array_index (stops, guint64, from - i));
    }
  for (guint i = 0; i < n; i++)
    g_assert_true (gb_trace_cursor_step (cursor, unit, 1));
  g_assert_cmpuint (gb_trace_cursor_get_position (cursor), ==, g_array_index (stops, guint64, from));
}

static void
test_samples (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  for (guint sample = 0; sample < GB_N_SAMPLES; sample++)
    {
      g_autoptr (GbTrace) trace = gb_sample_trace_new (sample);
      g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
      for (GbStepUnit unit = 0; unit < GB_N_STEPS; unit++)
        {
          if (unit == GB_STEP_MODULE) /* over: on the way back it stays at the level where it is */
            continue;
          g_autoptr (GArray) stops = walk (cursor, unit);
          g_test_message ("sample %u has %u stops by %s", sample, stops->len, names[unit]);
          for (guint i = 0; stops->len && i < 60; i++)
            there_and_back (cursor, unit, stops, rand);
        }
    }
}

/* The newest is a stop of all units, and stays the place that is followed. */
static void
test_end (void)
{
  for (GbStepUnit unit = 0; unit < GB_N_STEPS; unit++)
    {
      g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_DIGITS);
      g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
      guint64 end = gb_trace_get_last_seq (trace);
      g_assert_true (gb_trace_cursor_step (cursor, unit, -1));
      g_assert_cmpuint (gb_trace_settle (trace, gb_trace_cursor_get_position (cursor)), <, end);
      while (gb_trace_cursor_step (cursor, unit, 1))
        ;
      g_assert_cmpuint (gb_trace_cursor_get_position (cursor), ==, end);
      g_assert_true (gb_trace_cursor_get_following (cursor));
    }
}

/* ---- modules ---- */

typedef struct
{
  GbTrace *trace;
  GbTraceBuilder *b;
  guint32 net, first, second, pos[8];
} Nest;

static guint64
op (Nest *n, guint line)
{
  gint64 sizes[] = { 2 };
  GbBuiltTensor out = gb_trace_builder_make (n->b, 0, 1, sizes);
  gb_trace_builder_op (n->b, "exp", 0, n->pos[line], NULL, 0, NULL, &out);
  return gb_trace_builder_get_seq (n->b);
}

/* net ( first (op), op, second (op) ), op, net again */
static void
nest_init (Nest *n)
{
  n->trace = gb_trace_new ();
  n->b = gb_trace_builder_new (n->trace);
  gb_trace_builder_source (n->b, "/p.py", "1\n2\n3\n4\n5\n6\n7\n");
  for (guint i = 1; i < G_N_ELEMENTS (n->pos); i++)
    n->pos[i] = gb_trace_builder_pos (n->b, i, 0, 1);
  n->net = gb_trace_builder_module (n->b, 0, "", "Net");
  n->first = gb_trace_builder_module (n->b, n->net, "first", "Linear");
  n->second = gb_trace_builder_module (n->b, n->net, "second", "Linear");
}

static void
test_modules (void)
{
  Nest n;
  nest_init (&n);
  op (&n, 1);
  guint64 net = gb_trace_builder_module_enter (n.b, n.net, n.pos[1]);
  guint64 in_net = gb_trace_builder_get_seq (n.b);
  guint64 first = gb_trace_builder_module_enter (n.b, n.first, n.pos[2]);
  guint64 in_first = gb_trace_builder_get_seq (n.b);
  op (&n, 5);
  gb_trace_builder_module_leave (n.b, first, n.first, n.pos[2]);
  guint64 behind_first = gb_trace_builder_get_seq (n.b);
  op (&n, 2);
  guint64 second = gb_trace_builder_module_enter (n.b, n.second, n.pos[3]);
  guint64 in_second = gb_trace_builder_get_seq (n.b);
  guint64 deep = op (&n, 5);
  gb_trace_builder_module_leave (n.b, second, n.second, n.pos[3]);
  guint64 behind_second = gb_trace_builder_get_seq (n.b);
  gb_trace_builder_module_leave (n.b, net, n.net, n.pos[1]);
  guint64 behind_net = gb_trace_builder_get_seq (n.b);
  op (&n, 4);
  guint64 start = gb_trace_get_first_seq (n.trace);
#define STOP(from, unit, direction) gb_trace_find_stop (n.trace, from, unit, direction)
  g_assert_cmpuint (STOP (start, GB_STEP_MODULE, 1), ==, behind_net);
  g_assert_cmpuint (STOP (start, GB_STEP_INTO, 1), ==, in_net);
  g_assert_cmpuint (STOP (in_net, GB_STEP_INTO, 1), ==, in_first);
  g_assert_cmpuint (STOP (in_net, GB_STEP_MODULE, 1), ==, behind_first);
  g_assert_cmpuint (STOP (behind_first, GB_STEP_MODULE, 1), ==, behind_second);
  g_assert_cmpuint (STOP (behind_second, GB_STEP_MODULE, 1), ==, behind_net);
  g_assert_cmpuint (STOP (deep, GB_STEP_MODULE, 1), ==, behind_second);
  g_assert_cmpuint (STOP (deep, GB_STEP_MODULE, -1), ==, in_second);
  g_assert_cmpuint (STOP (behind_second, GB_STEP_MODULE, -1), ==, behind_first);
  g_assert_cmpuint (STOP (behind_first, GB_STEP_MODULE, -1), ==, in_net);
  g_assert_cmpuint (STOP (behind_net, GB_STEP_MODULE, 1), ==, 0);
  g_assert_cmpuint (STOP (behind_net, GB_STEP_INTO, -1), ==, in_second);
#undef STOP
  gb_trace_builder_free (n.b);
  g_object_unref (n.trace);
}

/* ---- what belongs to a stop ---- */

static guint64
line (Nest *n, guint number, guint32 depth, guint32 event)
{
  guint32 body[] = { 1, number, depth, event };
  return gb_trace_builder_record (n->b, TE_RECORD_LINE, 0, body, sizeof body);
}

/* Names and values that are told behind an op are seen at its stop; a line that a record tells of is one
 * stop, whatever is called on it. */
static void
test_what_belongs (void)
{
  Nest n;
  nest_init (&n);
  gint64 sizes[] = { 2 };
  double values[] = { 1, 2 };
  line (&n, 1, 1, 0);
  GbBuiltTensor out = gb_trace_builder_make (n.b, 0, 1, sizes);
  gb_trace_builder_op (n.b, "exp", 0, n.pos[1], NULL, 0, NULL, &out);
  guint64 ended = gb_trace_builder_get_seq (n.b);
  gb_trace_builder_values (n.b, &out, values);
  gb_trace_builder_name (n.b, &out, "y", n.pos[1]);
  guint64 second = line (&n, 2, 1, 0);
  line (&n, 5, 2, 1);
  guint64 inside = line (&n, 5, 2, 0);
  op (&n, 5);
  line (&n, 5, 2, 2);
  op (&n, 2);
  guint64 third = line (&n, 3, 1, 0);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (n.trace);
  gb_trace_flush (n.trace);
  guint64 start = gb_trace_get_first_seq (n.trace);
  guint64 stop = gb_trace_find_stop (n.trace, start, GB_STEP_OP, 1);
  g_assert_cmpuint (stop, <, ended); /* before the first op … */
  stop = gb_trace_find_stop (n.trace, stop, GB_STEP_OP, 1);
  g_assert_cmpuint (stop, ==, inside); /* … and before the second, on the line that it is on */
  g_assert_nonnull (gb_trace_get_values (n.trace, out.id, 0, stop));
  g_assert_cmpstr (gb_trace_get_tensor_name (n.trace, out.id, stop), ==, "y");
  guint64 at = gb_trace_find_stop (n.trace, ended, GB_STEP_LINE, 1);
  g_assert_cmpuint (at, >=, second);
  g_assert_cmpuint (at, <, inside);
  gb_trace_cursor_set_position (cursor, at);
  g_assert_cmpuint (gb_trace_cursor_get_source_position (cursor)->line, ==, 2);
  at = gb_trace_find_stop (n.trace, at, GB_STEP_LINE, 1);
  g_assert_cmpuint (at, ==, inside);
  /* Back in the caller, the line there is where it is. */
  gb_trace_cursor_set_position (cursor, third - 2);
  at = gb_trace_find_stop (n.trace, at, GB_STEP_LINE, 1);
  g_assert_cmpuint (at, ==, third);
  gb_trace_builder_free (n.b);
  g_object_unref (n.trace);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/models/steps/there-and-back", test_samples);
  g_test_add_func ("/models/steps/end", test_end);
  g_test_add_func ("/models/steps/modules", test_modules);
  g_test_add_func ("/models/steps/what-belongs", test_what_belongs);
  return g_test_run ();
}
