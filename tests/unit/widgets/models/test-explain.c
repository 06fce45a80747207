/* What the past explains, on a recording written by hand; programs that run are tests/explain. */
#include <string.h>

#include "core/dtype.h"
#include "models/explain.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "why/why-text.h"

static const GbFinding *
find (const GPtrArray *list, const char *cause)
{
  for (guint i = 0; i < list->len; i++)
    if (strcmp (((const GbFinding *) list->pdata[i])->cause, cause) == 0)
      return list->pdata[i];
  return NULL;
}

static void
assert_line (GbTrace *trace, const GbFinding *finding, guint nth, const char *number, const char *source)
{
  g_autofree char *line = gb_why_line_number (trace, &finding->evidence[nth]);
  g_autofree char *text = gb_why_source_line (trace, &finding->evidence[nth]);

  g_assert_cmpstr (line, ==, number);
  g_assert_cmpstr (text, ==, source);
}

static void
test_stale (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_STALE);
  GbExplain *explain = gb_explain_of (trace);

  g_assert_true (gb_explain_of (trace) == explain);
  g_assert_false (gb_explain_update (explain, 0));
  g_autoptr (GPtrArray) list = gb_explain_list (explain, gb_trace_get_last_seq (trace));
  g_assert_cmpuint (list->len, ==, 2);
  const GbFinding *stale = find (list, "inplace"), *twice = find (list, "second-backward");
  g_assert_nonnull (stale);
  g_assert_cmpuint (stale->n_evidence, ==, 3);
  assert_line (trace, stale, 0, "3", "y = torch.exp(x)");
  assert_line (trace, stale, 1, "6", "y += 1");
  assert_line (trace, stale, 2, "7", "y.sum().backward()");
  g_assert_nonnull (twice);
  assert_line (trace, twice, 0, "4", "z = (y * y).sum()");
  assert_line (trace, twice, 1, "5", "z.backward(inputs=[y])");
  assert_line (trace, twice, 2, "8", "z.backward()");
  g_autofree char *text = gb_why_text (&stale->evidence[1]);
  g_assert_cmpstr (text, ==, "add_ changed y in place here: version 0 became 1.");
}

/* Nothing is known before the trace says it, however the pass was cut. */
static void
test_positions (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_STALE);
  GbExplain *explain = gb_explain_of (trace);
  guint n_before = 0;

  while (gb_explain_update (explain, 1))
    ;
  for (guint64 seq = 0; seq <= gb_trace_get_last_seq (trace); seq++)
    {
      g_autoptr (GPtrArray) list = gb_explain_list (explain, seq);
      g_assert_cmpuint (list->len, >=, n_before);
      for (guint i = 0; i < list->len; i++)
        g_assert_cmpuint (((const GbFinding *) list->pdata[i])->seq, <=, seq);
      n_before = list->len;
    }
  g_assert_cmpuint (n_before, ==, 2);
}

/* Healthy recordings say nothing, and a trace that begins anew is looked at anew. */
static void
test_others (void)
{
  for (int sample = 0; sample < GB_N_SAMPLES; sample++)
    {
      g_autoptr (GbTrace) trace = gb_sample_trace_new (sample);
      gb_explain_update (gb_explain_of (trace), 0);
      g_autoptr (GPtrArray) list = gb_explain_list (gb_explain_of (trace), G_MAXUINT64);
      g_assert_cmpuint (list->len, ==, sample == GB_SAMPLE_STALE ? 2 : 0);
      gb_trace_reset (trace);
      gb_trace_flush (trace);
      gb_explain_update (gb_explain_of (trace), 0);
      g_autoptr (GPtrArray) after = gb_explain_list (gb_explain_of (trace), G_MAXUINT64);
      g_assert_cmpuint (after->len, ==, 0);
    }
}

/* Ids that lead nowhere: a recording may say anything. */
static void
test_hostile (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  guint64 ids[4] = { 1, G_MAXUINT64, 0, 77 };

  for (guint round = 0; round < 3; round++)
    {
      TeRecordNodeRun run = { .backward = ids[round], .node = ids[round + 1], .status = 1 };
      TeRecordStepBegin step = { .optimizer = 4000000000u, .pos = 999 };
      TeRecordScheduler scheduler = {
        .scheduler = G_MAXUINT32, .name = 9999, .pos = 77, .span = -5, .lr = 0.0 / 1
      };
      TeRecordScheduler small = { .scheduler = 3, .step = G_MAXINT64, .span = 1 };
      TeRecordGradNone read = { .tensor = ids[round], .pos = 12345 };
      TeRecordGraphHeld held = { .tensor = ids[3 - round], .name = 4444, .kind = 1, .n_nodes = G_MAXUINT64 };
      TeFactNonfinite nan = {
        .tensor = ids[round], .call = ids[round + 1], .node = ids[3 - round], .nans = -1
      };
      TeRecordMode mode = { .module = 5555, .pos = 3333 };

      gb_trace_builder_record (b, TE_FACT_NONFINITE, 0, &nan.head + 1, sizeof nan - sizeof nan.head);
      gb_trace_builder_backward_begin (b, ids[round], 55);
      gb_trace_builder_accumulate (b, 1, ids[round], ids[3 - round], TRUE);
      gb_trace_builder_record (b, TE_RECORD_NODE_END, 0, &run.head + 1, sizeof run - sizeof run.head);
      gb_trace_builder_backward_end (b, ids[round], ids[3 - round], 66);
      gb_trace_builder_record (b, TE_RECORD_STEP_BEGIN, 0, &step.head + 1, sizeof step - sizeof step.head);
      gb_trace_builder_record (b, TE_RECORD_SCHEDULER, 0, &scheduler.head + 1,
                               sizeof scheduler - sizeof scheduler.head);
      gb_trace_builder_record (b, TE_RECORD_SCHEDULER, 0, &small.head + 1, sizeof small - sizeof small.head);
      gb_trace_builder_record (b, TE_RECORD_GRAD_NONE, 0, &read.head + 1, sizeof read - sizeof read.head);
      gb_trace_builder_record (b, TE_RECORD_GRAPH_HELD, 0, &held.head + 1, sizeof held - sizeof held.head);
      gb_trace_builder_record (b, TE_RECORD_MODE, 0, &mode.head + 1, sizeof mode - sizeof mode.head);
      GbBuiltTensor made = gb_trace_builder_make (b, TE_FLOAT32, 0, (const gint64[]){ 0 });
      gb_trace_builder_op (b, "argmax", 0, 0, ids, 4, "dim=1", &made);
      gb_trace_builder_op (b, "mse_loss", TE_WIRE_OP_INPLACE, 0, ids + 1, 1, "", &made);
      gb_trace_builder_op (b, "sub", 0, 0, ids, 1, "", &made);
      gb_trace_builder_op (b, "cross_entropy_loss", 0, 0, ids, 0, "", &made);
    }
  gb_trace_builder_end (b, 1);
  gb_trace_flush (trace);
  g_assert_cmpuint (gb_trace_get_n_rejected (trace), ==, 0);
  gb_explain_update (gb_explain_of (trace), 0);
  g_autoptr (GPtrArray) list = gb_explain_list (gb_explain_of (trace), G_MAXUINT64);
  for (guint i = 0; i < list->len; i++)
    for (guint k = 0; k < ((const GbFinding *) list->pdata[i])->n_evidence; k++)
      {
        const GbEvidence *evidence = &((const GbFinding *) list->pdata[i])->evidence[k];
        g_autofree char *text = gb_why_text (evidence), *line = gb_why_line_number (trace, evidence);
        g_autofree char *source = gb_why_source_line (trace, evidence);
        g_assert_cmpuint (strlen (text), >, 0);
      }
}

static void
test_table (void)
{
  for (guint i = 0; i < gb_explain_get_n_causes (); i++)
    {
      g_assert_cmpuint (strlen (gb_explain_get_cause_id (i)), >, 0);
      g_assert_cmpuint (strlen (gb_explain_get_cause_title (i)), >, 0);
      for (guint k = 0; k < i; k++)
        g_assert_cmpstr (gb_explain_get_cause_id (i), !=, gb_explain_get_cause_id (k));
    }
  g_assert_null (gb_explain_get_cause_id (gb_explain_get_n_causes ()));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/explain/stale", test_stale);
  g_test_add_func ("/explain/positions", test_positions);
  g_test_add_func ("/explain/others", test_others);
  g_test_add_func ("/explain/hostile", test_hostile);
  g_test_add_func ("/explain/table", test_table);
  return g_test_run ();
}
