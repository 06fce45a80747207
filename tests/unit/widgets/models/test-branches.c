/* The tree of branches: what a run was wound back from is there with its records, bounded, and opens as a
 * trace. */
#include <glib/gstdio.h>
#include <string.h>

#include "models/sample-trace.h"
#include "models/trace-branches.h"
#include "models/trace-builder.h"
#include "models/trace-cursor.h"
#include "trace/recording.h"

/* Both know the same records, and find the same things in them. */
static void
assert_same_records (GbTrace *a, GbTrace *b)
{
  GbTraceIter i, k;
  const TeRecord *x, *y;
  gb_trace_iter_init (&i, a, 0);
  gb_trace_iter_init (&k, b, 0);
  do
    {
      x = gb_trace_iter_next (&i);
      y = gb_trace_iter_next (&k);
      g_assert_cmpint (x != NULL, ==, y != NULL);
      if (x)
        g_assert_cmpmem (x, x->nbytes, y, y->nbytes);
    }
  while (x);
  guint64 last = gb_trace_get_last_call_at (a, G_MAXUINT64);
  g_assert_cmpuint (last, ==, gb_trace_get_last_call_at (b, G_MAXUINT64));
  for (guint64 id = 1; id <= last + 5; id++)
    {
      GbOp p, q;
      GbTensor s, t;
      GbNode m, n;
      gboolean known = gb_trace_get_op (a, id, &p);
      g_assert_cmpint (known, ==, gb_trace_get_op (b, id, &q));
      if (known)
        {
          g_assert_cmpint (p.end != NULL, ==, q.end != NULL);
          g_assert_cmpstr (gb_trace_op_name (a, &p), ==, gb_trace_op_name (b, &q));
          g_assert_cmpuint (p.iteration, ==, q.iteration);
        }
      known = gb_trace_get_tensor (a, id, G_MAXUINT64, &s);
      g_assert_cmpint (known, ==, gb_trace_get_tensor (b, id, G_MAXUINT64, &t));
      if (known)
        {
          g_assert_cmpuint (s.seq, ==, t.seq);
          g_assert_cmpstr (gb_trace_get_tensor_name (a, id, G_MAXUINT64), ==,
                           gb_trace_get_tensor_name (b, id, G_MAXUINT64));
        }
      g_assert_cmpint (gb_trace_get_node (a, id, &m), ==, gb_trace_get_node (b, id, &n));
      const TeFactValues *v = gb_trace_get_values (a, id, 0, G_MAXUINT64),
                         *w = gb_trace_get_values (b, id, 0, G_MAXUINT64);
      g_assert_cmpuint (v ? v->head.seq : 0, ==, w ? w->head.seq : 0);
    }
  g_assert_cmpuint (gb_trace_get_n_prints (a), ==, gb_trace_get_n_prints (b));
  g_assert_cmpuint (gb_trace_get_n_iterations (a), ==, gb_trace_get_n_iterations (b));
  g_assert_cmpuint (gb_trace_get_n_sources (a), ==, gb_trace_get_n_sources (b));
  for (guint n = 0; n < gb_trace_get_n_logs (a); n++)
    {
      const GbSeries *p = gb_trace_get_log (a, n)->series, *q = gb_trace_get_log (b, n)->series;
      g_assert_cmpuint (gb_series_get_n (p), ==, gb_series_get_n (q));
      g_assert_cmpuint (gb_series_parting (p, q), ==, gb_series_get_n (q));
    }
  for (guint n = 0; n < gb_trace_get_n_params (a); n++)
    g_assert_cmpuint (gb_series_get_n (gb_trace_get_param (a, n)->param_norm), ==,
                      gb_series_get_n (gb_trace_get_param (b, n)->param_norm));
}

static GByteArray *
copy_of (GbTrace *trace, guint64 last)
{
  GByteArray *bytes = g_byte_array_new ();
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, trace, 0);
  while ((record = gb_trace_iter_next (&iter)) && record->seq <= last)
    g_byte_array_append (bytes, (const guint8 *) record, record->nbytes);
  return bytes;
}

static void
resume (GbTrace *trace, guint64 after)
{
  TeRecordResume record = { { sizeof record, TE_RECORD_RESUME, 0, after + 1 }, after, 0 };
  g_assert_true (gb_trace_append (trace, (const guint8 *) &record, sizeof record, NULL));
}

static void
pause_at (GbTrace *trace, guint64 seq)
{
  TeRecordState record = { .head = { sizeof record, TE_RECORD_STATE, 0, seq }, .state = TE_STATE_PAUSED };
  g_assert_true (gb_trace_append (trace, (const guint8 *) &record, sizeof record, NULL));
  gb_trace_flush (trace);
}

static guint64
end_of (GbTrace *trace, guint64 iteration)
{
  return gb_trace_find_iteration (trace, iteration)->last_seq;
}

/* Wherever the run is cut, the branch is what the run was. */
static void
test_opened (void)
{
  static const guint cuts[] = { 3, 30, 59 };
  for (int s = 0; s < GB_SAMPLE_BRANCHES; s++)
    for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
      {
        g_autoptr (GbTrace) whole = gb_sample_trace_new (s);
        g_autoptr (GbTrace) trace = gb_sample_trace_new (s);
        guint64 last = gb_trace_get_last_seq (whole);
        resume (trace, last * cuts[i] / 60);
        gb_trace_flush (trace);
        if (gb_trace_get_n_branches (trace) == 0)
          continue; /* nothing ran after it */
        g_autoptr (GbTrace) opened = gb_trace_open_branch (trace, 1);
        assert_same_records (whole, opened);
        g_autoptr (GbTrace) again = gb_trace_open_branch (trace, 1);
        g_assert_true (again == opened);
        g_assert_cmpuint (gb_trace_get_branches_nbytes (trace), <=, gb_trace_get_nbytes (whole));
      }
}

static void
test_tree (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
  g_assert_cmpuint (gb_trace_get_n_rejected (trace), ==, 0);
  g_assert_cmpuint (gb_trace_get_n_branches (trace), ==, 2);
  const GbBranch *first = gb_trace_get_branch (trace, 0), *second = gb_trace_get_branch (trace, 1);
  g_assert_cmpuint (first->id, ==, 1);
  g_assert_cmpuint (first->parent, ==, 0);
  g_assert_cmpuint (first->parted_iteration, ==, 31);
  g_assert_cmpuint (first->last_iteration, ==, 60);
  g_assert_cmpuint (second->parent, ==, 0);
  g_assert_cmpuint (second->parted_iteration, ==, 43);
  g_assert_cmpuint (second->last_iteration, ==, 56);
  g_assert_cmpuint (gb_trace_get_n_iterations (trace), ==, 55);

  /* What was changed. */
  g_autoptr (GArray) knobs = gb_branch_changes (first->trace, trace);
  g_assert_cmpuint (knobs->len, ==, 2);
  const GbBranchChange *lr = &g_array_index (knobs, GbBranchChange, 0);
  g_assert_cmpstr (lr->name, ==, "lr");
  g_assert_cmpfloat (lr->from, ==, 0.1);
  g_assert_cmpfloat (lr->to, ==, 0.02);
  g_assert_cmpuint (lr->iteration, ==, 31);
  g_autoptr (GArray) code = gb_branch_changes (second->trace, trace);
  g_assert_cmpuint (code->len, ==, 1);
  const GbBranchChange *line = &g_array_index (code, GbBranchChange, 0);
  g_assert_cmpint (line->kind, ==, GB_CHANGE_CODE);
  g_assert_cmpuint (line->line, ==, 13);
  g_assert_cmpstr (line->before, ==, "x = F.max_pool2d(self.conv2(x).relu(), 2)");
  g_assert_cmpstr (line->after, ==, "x = F.max_pool2d(self.conv2(x), 2)");

  /* Wound back behind both: they part from what is left now, which is the third. */
  resume (trace, end_of (trace, 20));
  pause_at (trace, gb_trace_get_last_seq (trace) + 1);
  g_assert_cmpuint (gb_trace_get_n_branches (trace), ==, 3);
  g_assert_cmpuint (gb_trace_get_branch (trace, 0)->parent, ==, 3);
  g_assert_cmpuint (gb_trace_get_branch (trace, 0)->parted_iteration, ==, 31);
  g_assert_cmpuint (gb_trace_get_branch (trace, 1)->parent, ==, 3);
  g_assert_cmpuint (gb_trace_get_branch (trace, 2)->parent, ==, 0);
  /* And once more before anything ran: that is no future of its own. */
  resume (trace, end_of (trace, 10));
  pause_at (trace, gb_trace_get_last_seq (trace) + 1);
  g_assert_cmpuint (gb_trace_get_n_branches (trace), ==, 3);
  g_assert_cmpuint (gb_trace_get_branch (trace, 2)->parted_iteration, <=, 11);
  g_assert_cmpuint (gb_trace_get_n_sources (trace), ==, 1);
}

/* A program whose code was changed begins again: the run until then is a branch from the start; and a run
 * that does what a branch did parts from all else where the branch does. */
static void
test_begin_again (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
  g_autoptr (GbTrace) whole = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
  gb_trace_begin_again (trace, FALSE, 0, 0);
  g_assert_cmpuint (gb_trace_get_last_seq (trace), ==, 0);
  g_assert_cmpuint (gb_trace_get_n_branches (trace), ==, 3);
  g_assert_cmpuint (gb_trace_get_branch (trace, 2)->parted_iteration, ==, 0);
  g_assert_cmpuint (gb_trace_get_branch (trace, 0)->parent, ==, 3);
  g_autoptr (GbTrace) opened = gb_trace_open_branch (trace, 3);
  assert_same_records (whole, opened);

  g_autoptr (GbTrace) other = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
  gb_trace_begin_again (other, TRUE, 1, 50);
  g_assert_cmpuint (gb_trace_find_branch (other, 1)->parent, ==, 0);
  g_assert_cmpuint (gb_trace_find_branch (other, 1)->parted_iteration, ==, 50);
  g_assert_cmpuint (gb_trace_find_branch (other, 3)->parent, ==, 1);
  g_assert_cmpuint (gb_trace_find_branch (other, 3)->parted_iteration, ==, 31);
  gb_trace_reset (other);
  g_assert_cmpuint (gb_trace_get_n_branches (other), ==, 0);
}

/* Records of branches stay within the budget, the oldest go first; their series stay.  Bytes are shared. */
static void
test_bounded (void)
{
  g_autoptr (GbTrace) sample = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  g_autoptr (GByteArray) bytes = copy_of (sample, gb_trace_get_last_seq (sample));
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_assert_true (gb_trace_append (trace, bytes->data, bytes->len, NULL));
  gb_trace_flush (trace);
  gsize whole = gb_trace_get_nbytes (trace);
  guint64 cut = end_of (trace, 10);
  g_autoptr (GByteArray) past = copy_of (sample, cut);
  gb_trace_set_budget_nbytes (trace, whole * 2);
  for (guint n = 1; n <= 20; n++)
    {
      resume (trace, cut);
      pause_at (trace, cut + 2);
      /* The same future again. */
      g_autoptr (GByteArray) future = g_byte_array_new ();
      g_byte_array_append (future, bytes->data + past->len, bytes->len - past->len);
      for (guint at = 0; at < future->len; at += ((TeRecord *) (void *) (future->data + at))->nbytes)
        ((TeRecord *) (void *) (future->data + at))->seq += 2;
      g_assert_true (gb_trace_append (trace, future->data, future->len, NULL));
      gb_trace_flush (trace);
      g_assert_cmpuint (gb_trace_get_n_branches (trace), ==, MIN (n, GB_BRANCHES_MOST));
      g_assert_cmpuint (gb_trace_get_branches_nbytes (trace), <=, whole * 2);
    }
  const GbBranch *oldest = gb_trace_get_branch (trace, 0),
                 *newest = gb_trace_get_branch (trace, GB_BRANCHES_MOST - 1);
  g_assert_cmpuint (newest->id, ==, 20);
  g_assert_true (newest->has_records);
  g_assert_false (oldest->has_records);
  g_assert_cmpuint (gb_series_get_n (gb_trace_get_log (oldest->trace, 0)->series), ==, 60);
  g_autoptr (GbTrace) opened = gb_trace_open_branch (trace, oldest->id);
  g_assert_null (gb_trace_get_record (opened, cut));
  g_assert_cmpuint (gb_trace_get_n_prints (opened), ==, 2);
  /* An opened branch outlives the run that it was left by. */
  g_autoptr (GbTrace) held = gb_trace_open_branch (trace, newest->id);
  gb_trace_reset (trace);
  g_assert_nonnull (gb_trace_get_record (held, cut));
  g_assert_cmpstr (gb_trace_get_source (held, 1)->path, ==, "digits_cnn.py");
}

/* A recording with ways back loads into the same tree. */
static void
test_recording (void)
{
  g_autofree char *folder = g_dir_make_tmp ("branches-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "ways.gbt", NULL);
  g_autoptr (GbTrace) sample = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  TeError err;
  te_error_clear (&err);
  TeRecordingWriter *writer = te_recording_writer_new (path, &err);
  g_assert_nonnull (writer);
  g_autoptr (GByteArray) bytes = copy_of (sample, gb_trace_get_last_seq (sample));
  TeRecordResume back = { { sizeof back, TE_RECORD_RESUME, 0, end_of (sample, 30) + 1 },
                          end_of (sample, 30),
                          0 };
  g_byte_array_append (bytes, (const guint8 *) &back, sizeof back);
  g_assert_true (te_recording_writer_append (writer, bytes->data, bytes->len, &err));
  g_assert_true (te_recording_writer_close (writer, &err));
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_assert_true (gb_trace_load (trace, path, NULL));
  g_assert_cmpuint (gb_trace_get_n_branches (trace), ==, 1);
  g_autoptr (GbTrace) opened = gb_trace_open_branch (trace, 1);
  assert_same_records (sample, opened);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/branches/opened", test_opened);
  g_test_add_func ("/branches/tree", test_tree);
  g_test_add_func ("/branches/begin-again", test_begin_again);
  g_test_add_func ("/branches/bounded", test_bounded);
  g_test_add_func ("/branches/recording", test_recording);
  return g_test_run ();
}
