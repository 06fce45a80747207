/* Two runs agree when they differ in times, ids of texts and order of looking only. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "trace/comparison.h"

typedef struct
{
  TeComparison *comparison;
  guint64 seq[2];
} Fixture;

static void
set_up (Fixture *f, gconstpointer options)
{
  static const TeComparisonOptions none;
  TeError err;
  te_error_clear (&err);
  f->comparison = te_comparison_new (options ? options : &none, &err);
  g_assert_nonnull (f->comparison);
}

static void
tear_down (Fixture *f, gconstpointer options)
{
  te_comparison_free (f->comparison);
}

static void
give_string (Fixture *f, TeRunSide side, guint32 id, const char *text)
{
  struct
  {
    TeRecordString string;
    char text[16];
  } r = { .string = { { sizeof r, TE_RECORD_STRING, 0, ++f->seq[side] }, id, (guint32) strlen (text) } };
  g_strlcpy (r.text, text, sizeof r.text);
  g_assert_false (te_comparison_take (f->comparison, side, &r.string.head));
}

static void
give_place (Fixture *f, TeRunSide side, guint32 id, guint32 line)
{
  TeRecordPos r = { .head = { sizeof r, TE_RECORD_POS, 0, ++f->seq[side] }, .id = id, .line = line };
  g_assert_false (te_comparison_take (f->comparison, side, &r.head));
}

static gboolean
give_log (Fixture *f, TeRunSide side, guint32 name, guint32 pos, double value)
{
  TeRecordLog r = {
    .head = { sizeof r, TE_RECORD_LOG, 0, ++f->seq[side] }, .value = value, .name = name, .pos = pos
  };
  return te_comparison_take (f->comparison, side, &r.head);
}

static gboolean
give_print (Fixture *f, TeRunSide side, const char *text)
{
  struct
  {
    TeRecordPrint print;
    char text[32];
  } r = { .print = { .head = { sizeof r, TE_RECORD_PRINT, 0, ++f->seq[side] }, .stream = 1 } };
  r.print.text_nbytes = (guint32) strlen (text);
  g_strlcpy (r.text, text, sizeof r.text);
  r.print.head.nbytes = (guint32) (sizeof r.print + (strlen (text) + 7) / 8 * 8);
  return te_comparison_take (f->comparison, side, &r.print.head);
}

/* The same text has another number on each side. */
static void
test_ids (Fixture *f, gconstpointer options)
{
  give_string (f, TE_RUN_RECORDED, 1, "loss");
  give_string (f, TE_RUN_RECORDED, 2, "accuracy");
  give_string (f, TE_RUN_REPLAYED, 1, "accuracy");
  give_string (f, TE_RUN_REPLAYED, 5, "loss");
  give_place (f, TE_RUN_RECORDED, 1, 12);
  give_place (f, TE_RUN_REPLAYED, 3, 12);
  give_place (f, TE_RUN_REPLAYED, 4, 13);
  g_assert_true (give_log (f, TE_RUN_RECORDED, 1, 1, 0.5));
  g_assert_true (give_log (f, TE_RUN_REPLAYED, 5, 3, 0.5));
  g_assert_true (te_comparison_agrees (f->comparison));
  g_assert_true (give_log (f, TE_RUN_REPLAYED, 1, 3, 0.5));
  g_assert_false (te_comparison_agrees (f->comparison));
  g_assert_true (give_log (f, TE_RUN_REPLAYED, 5, 4, 0.5));
  g_assert_false (te_comparison_agrees (f->comparison));
  g_assert_true (give_log (f, TE_RUN_REPLAYED, 5, 3, nextafter (0.5, 1)));
  g_assert_false (te_comparison_agrees (f->comparison));
  g_assert_cmpuint (te_comparison_get_events (f->comparison), ==, 1);
  g_assert_cmpuint (te_comparison_get_values (f->comparison), ==, 1);
  char text[64];
  guint32 line;
  te_comparison_describe (f->comparison, TE_RUN_REPLAYED, text, sizeof text, &line);
  g_assert_cmpstr (text, ==, "loss = 0.5");
  g_assert_cmpuint (line, ==, 12);
}

static void
test_times (Fixture *f, gconstpointer options)
{
  for (int side = 0; side < 2; side++)
    {
      TeRecordIteration r = { { sizeof r, TE_RECORD_ITERATION, 0, 7 + (guint64) side },
                              3,
                              1000 + (guint64) side };
      g_assert_true (te_comparison_take (f->comparison, (TeRunSide) side, &r.head));
    }
  g_assert_true (te_comparison_agrees (f->comparison));
  TeFactMeter meter = { .head = { sizeof meter, TE_FACT_METER, 0, 9 } };
  g_assert_false (te_comparison_take (f->comparison, TE_RUN_REPLAYED, &meter.head));
}

static void
test_hashes (Fixture *f, gconstpointer options)
{
  TeFactHash a = { { sizeof a, TE_FACT_HASH, 0, 1 }, 1, 1, 0x1234, 0, 0 }, b = a;
  gboolean compared = te_comparison_take (f->comparison, TE_RUN_RECORDED, &a.head);
  g_assert_true (compared == (options == NULL));
  if (!compared)
    return;
  b.hash ^= 1;
  te_comparison_take (f->comparison, TE_RUN_REPLAYED, &b.head);
  g_assert_false (te_comparison_agrees (f->comparison));
}

static const TeComparisonOptions tolerant = { .tolerant = true };

static void
test_tolerance (Fixture *f, gconstpointer options)
{
  g_assert_true (give_print (f, TE_RUN_RECORDED, "loss 0.1234 of 10"));
  g_assert_true (give_print (f, TE_RUN_REPLAYED, "loss 0.12341 of 10"));
  g_assert_true (te_comparison_agrees (f->comparison));
  g_assert_true (give_print (f, TE_RUN_REPLAYED, "loss 0.1334 of 10"));
  g_assert_false (te_comparison_agrees (f->comparison));
  g_assert_true (give_print (f, TE_RUN_REPLAYED, "lost 0.1234 of 10"));
  g_assert_false (te_comparison_agrees (f->comparison));
  g_assert_true (give_print (f, TE_RUN_REPLAYED, "loss 0.1234 of"));
  g_assert_false (te_comparison_agrees (f->comparison));
}

static void
give_gradient (Fixture *f, TeRunSide side, guint32 flags, double norm)
{
  TeFactGradient r = { .head = { sizeof r, TE_FACT_GRADIENT, 0, ++f->seq[side] },
                       .flags = flags,
                       .grad_norm = norm,
                       .param_norm = 1,
                       .update_norm = NAN };
  g_assert_true (te_comparison_take (f->comparison, side, &r.head));
}

/* What one side had no time to measure is no difference, and no value that was compared. */
static void
test_not_measured (Fixture *f, gconstpointer options)
{
  give_gradient (f, TE_RUN_RECORDED, 0, 2);
  give_gradient (f, TE_RUN_REPLAYED, TE_WIRE_NOT_MEASURED, NAN);
  g_assert_true (te_comparison_agrees (f->comparison));
  g_assert_cmpuint (te_comparison_get_values (f->comparison), ==, 0);
  give_gradient (f, TE_RUN_REPLAYED, 0, 2);
  give_gradient (f, TE_RUN_RECORDED, 0, 2);
  g_assert_true (te_comparison_agrees (f->comparison));
  g_assert_cmpuint (te_comparison_get_values (f->comparison), ==, 1);
  give_gradient (f, TE_RUN_REPLAYED, 0, 3);
  g_assert_false (te_comparison_agrees (f->comparison));
  give_gradient (f, TE_RUN_RECORDED, TE_WIRE_NOT_MEASURED | 1, NAN); /* but whether there is one is known */
  g_assert_false (te_comparison_agrees (f->comparison));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/comparison/ids", Fixture, NULL, set_up, test_ids, tear_down);
  g_test_add ("/comparison/times", Fixture, NULL, set_up, test_times, tear_down);
  g_test_add ("/comparison/hashes", Fixture, NULL, set_up, test_hashes, tear_down);
  g_test_add ("/comparison/hashes-elsewhere", Fixture, &tolerant, set_up, test_hashes, tear_down);
  g_test_add ("/comparison/tolerance", Fixture, &tolerant, set_up, test_tolerance, tear_down);
  g_test_add ("/comparison/not-measured", Fixture, NULL, set_up, test_not_measured, tear_down);
  return g_test_run ();
}
