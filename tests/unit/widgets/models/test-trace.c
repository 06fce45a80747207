#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/sample-trace.h"
#include "models/selection.h"
#include "models/trace-builder.h"
#include "models/trace-cursor.h"

static void
test_samples (void)
{
  for (int i = 0; i < GB_N_SAMPLES; i++)
    {
      g_autoptr (GbTrace) trace = gb_sample_trace_new (i);
      g_assert_cmpuint (gb_trace_get_n_rejected (trace), ==, 0);
      g_assert_cmpuint (gb_trace_get_last_seq (trace), >, 10);
    }
}

static void
test_digits (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  const GbIteration *it = gb_trace_find_iteration (trace, 30);
  GbTensor t;
  GbOp op;
  GbNode node;
  guint64 call;

  g_assert_cmpuint (gb_trace_get_n_iterations (trace), ==, 60);
  g_assert_cmpuint (gb_trace_get_n_params (trace), ==, 6);
  g_assert_cmpstr (gb_trace_get_param (trace, 2)->name, ==, "conv2.weight");
  g_assert_cmpuint (gb_series_get_n (gb_trace_get_param (trace, 2)->grad_norm), ==, 60);
  g_assert_cmpuint (gb_trace_get_n_logs (trace), ==, 2);
  g_assert_cmpuint (gb_trace_get_n_epochs (trace), ==, 3);
  g_assert_nonnull (it);
  g_assert_cmpuint (it->iteration, ==, 30);
  g_assert_cmpuint (gb_trace_iteration_at (trace, it->first_seq), ==, 30);
  g_assert_cmpuint (gb_trace_iteration_at (trace, it->last_seq), ==, 30);
  g_assert_cmpuint (gb_trace_iteration_first_seq (trace, 31), ==, it->last_seq + 1);

  call = gb_trace_get_last_call_at (trace, it->last_seq);
  g_assert_true (gb_trace_get_op (trace, call, &op));
  g_assert_cmpstr (gb_trace_op_name (trace, &op), ==, "cross_entropy");
  g_assert_cmpuint (op.iteration, ==, 30);
  g_assert_true (gb_trace_op_output (trace, &op, 0, &t));
  g_assert_cmpint (t.ndim, ==, 0);
  g_assert_cmpstr (gb_trace_get_tensor_name (trace, t.tensor, G_MAXUINT64), ==, "loss");
  g_assert_true (gb_trace_get_node (trace, t.node, &node));
  g_assert_cmpuint (node.record->call, ==, call);

  /* The same place one iteration later, and in the one that stopped before it: the last that ran. */
  guint64 later = gb_trace_follow_tensor (trace, t.tensor, gb_trace_find_iteration (trace, 31)->last_seq);
  g_assert_cmpuint (later, !=, t.tensor);
  g_assert_true (gb_trace_get_tensor (trace, later, G_MAXUINT64, &t));
  g_assert_true (gb_trace_get_op (trace, t.call, &op));
  g_assert_cmpuint (op.iteration, ==, 31);
  later = gb_trace_follow_tensor (trace, t.tensor, gb_trace_get_last_seq (trace));
  g_assert_true (gb_trace_get_tensor (trace, later, G_MAXUINT64, &t));
  g_assert_true (gb_trace_get_op (trace, t.call, &op));
  g_assert_cmpuint (op.iteration, ==, 60);

  /* Every kept record is found again, forwards and backwards. */
  GbTraceIter iter;
  const TeRecord *record;
  guint64 seq = 0;
  gb_trace_iter_init (&iter, trace, 1);
  while ((record = gb_trace_iter_next (&iter)) != NULL)
    {
      g_assert_cmpuint (record->seq, ==, ++seq);
      g_assert_true (gb_trace_get_record (trace, seq) == record);
    }
  g_assert_cmpuint (seq, ==, gb_trace_get_last_seq (trace));
  gb_trace_iter_init_back (&iter, trace, seq);
  while ((record = gb_trace_iter_previous (&iter)) != NULL)
    g_assert_cmpuint (record->seq, ==, seq--);
  g_assert_cmpuint (seq, ==, 0);
}

static void
test_storage (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_STRIDES);
  guint64 shown = gb_trace_find_interesting_tensor (trace, G_MAXUINT64);
  g_autoptr (GArray) owners = NULL;
  const TeFactValues *values;
  GbTensor y;

  g_assert_true (gb_trace_get_tensor (trace, shown, G_MAXUINT64, &y));
  g_assert_cmpstr (gb_trace_get_tensor_name (trace, shown, G_MAXUINT64), ==, "y");
  g_assert_cmpint (y.strides[1], ==, 4);
  owners = gb_trace_storage_owners (trace, y.storage, G_MAXUINT64);
  g_assert_cmpuint (owners->len, ==, 4);
  values = gb_trace_get_values (trace, y.storage, 1, G_MAXUINT64);
  g_assert_nonnull (values);
  g_assert_cmpint (values->count, ==, 12);
}

/* Records that lie about their insides are counted, not believed. */
static void
test_hostile (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  TeRecordOp op = { .n_inputs = 1000 };
  TeRecordString string = { .id = 4000000000u };
  guint8 bytes[64];
  g_autoptr (GError) error = NULL;
  TeRecord head = { .nbytes = 24, .type = TE_RECORD_OP, .seq = 50 };

  gb_trace_builder_record (b, TE_RECORD_OP, 0, (guint8 *) &op + 16, sizeof op - 16);
  g_assert_cmpuint (gb_trace_get_n_rejected (trace), ==, 1);
  gb_trace_builder_record (b, TE_RECORD_STRING, 0, (guint8 *) &string + 16, sizeof string - 16);
  g_assert_cmpstr (gb_trace_get_string (trace, 4000000000u), ==, "");
  gb_trace_builder_record (b, 999, 0, bytes, 0);

  memcpy (bytes, &head, sizeof head);
  g_assert_false (gb_trace_append (trace, bytes, 20, &error));
  g_assert_error (error, GB_TRACE_ERROR, GB_TRACE_ERROR_CORRUPT);
  g_clear_error (&error);
  head.nbytes = 7;
  memcpy (bytes, &head, sizeof head);
  g_assert_false (gb_trace_append (trace, bytes, 64, NULL));

  /* A good stream with random damage: nothing may crash, and questions still have answers. */
  g_autoptr (GbTrace) good = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  for (int round = 0; round < 20; round++)
    {
      g_autoptr (GbTrace) damaged = gb_trace_new ();
      GbTraceIter iter;
      const TeRecord *record;
      gb_trace_iter_init (&iter, good, 1);
      while ((record = gb_trace_iter_next (&iter)) != NULL)
        {
          g_autofree guint8 *copy = g_memdup2 (record, record->nbytes);
          if (g_rand_int_range (rand, 0, 8) == 0)
            copy[g_rand_int_range (rand, 4, record->nbytes)] ^= 1 << g_rand_int_range (rand, 0, 8);
          gb_trace_append (damaged, copy, record->nbytes, NULL);
        }
      gb_trace_flush (damaged);
      for (guint64 id = 0; id < 2000; id += 7)
        {
          GbTensor t;
          GbOp o;
          GbNode n;
          g_autofree char *label = gb_trace_dup_tensor_label (damaged, id, G_MAXUINT64);
          gb_trace_get_tensor (damaged, id, G_MAXUINT64, &t);
          gb_trace_get_op (damaged, id, &o);
          gb_trace_get_node (damaged, id, &n);
          gb_trace_follow_tensor (damaged, id, gb_trace_get_last_seq (damaged));
        }
    }
}

/* A run that never ends: memory stays within its bound, the first and the latest records stay. */
static void
test_bounded (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = NULL;
  GbBuiltTensor p;
  static const gint64 sizes[] = { 4 };
  gint64 start;

  gb_trace_set_budget_nbytes (trace, 4 << 20);
  b = gb_trace_builder_new (trace);
  p = gb_trace_builder_make (b, TE_FLOAT32, 1, sizes);
  gb_trace_builder_leaf (b, &p, 0);
  gb_trace_builder_param (b, &p, "p", 0);
  start = g_get_monotonic_time ();
  for (int i = 0; i < 20000; i++)
    {
      GbBuiltTensor t = gb_trace_builder_make (b, TE_FLOAT32, 1, sizes);
      for (int k = 0; k < 4; k++)
        {
          gb_trace_builder_op (b, "mul", 0, 0, &p.id, 1, "2", &t);
          gb_trace_builder_name (b, &t, "t", 0);
        }
      /* A view of one storage in every iteration, as a loop over a data set makes them. */
      GbBuiltTensor view = gb_trace_builder_make_view (b, &p, 1, sizes, p.strides, 0);
      gb_trace_builder_leaf (b, &view, 0);
      gb_trace_builder_stats (b, &t, 0, 1, 0.5, 0.5, 1);
      gb_trace_builder_gradient (b, &p, 0, i, i, i, 0, FALSE);
      gb_trace_builder_log (b, "loss", i);
      gb_trace_builder_iteration (b);
      if (i % 50 == 0)
        gb_trace_flush (trace);
    }
  gb_trace_flush (trace);
  g_test_message ("%.0f ns per record",
                  (g_get_monotonic_time () - start) * 1e3 / gb_trace_get_last_seq (trace));
  g_assert_cmpuint (gb_trace_get_nbytes (trace), <=, 5 << 20);
  g_assert_nonnull (gb_trace_get_record (trace, 1));
  g_assert_nonnull (gb_trace_get_record (trace, gb_trace_get_last_seq (trace)));
  GbTensor t;
  g_assert_true (gb_trace_get_tensor (trace, p.id, G_MAXUINT64, &t));
  g_assert_cmpuint (gb_series_get_n (gb_trace_get_log (trace, 0)->series), <=, 8192);
  g_assert_cmpfloat (gb_series_get (gb_trace_get_log (trace, 0)->series,
                                    gb_series_get_n (gb_trace_get_log (trace, 0)->series) - 1)
                         ->last,
                     ==, 19999);
  g_autoptr (GArray) owners = gb_trace_storage_owners (trace, p.storage, G_MAXUINT64);
  g_assert_cmpuint (owners->len, >, 100);
  g_assert_cmpuint (owners->len, <=, 512);
  g_assert_cmpuint (g_array_index (owners, guint64, 0), ==, p.id);
  /* What lies between gets sparser, but never ends. */
  guint kept = 0;
  for (guint i = 100; i < 18000; i++)
    {
      const GbIteration *it = gb_trace_find_iteration (trace, i);
      kept += gb_trace_has_records (trace, it->first_seq, it->last_seq);
    }
  g_assert_cmpuint (kept, >, 20);
}

static void
test_cursor (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GError) error = NULL;
  guint64 end = gb_trace_get_last_seq (trace);

  g_assert_cmpuint (gb_trace_cursor_get_position (cursor), ==, end);
  g_assert_cmpuint (gb_trace_cursor_get_iteration (cursor), ==, 61);
  g_assert_cmpint (gb_trace_cursor_get_source_position (cursor)->line, ==, 13);
  g_assert_true (gb_trace_cursor_step (cursor, GB_STEP_OP, -1));
  g_assert_true (gb_trace_cursor_step (cursor, GB_STEP_OP, -1));
  g_assert_cmpint (gb_trace_cursor_get_source_position (cursor)->line, ==, 12);
  g_assert_true (gb_trace_cursor_step (cursor, GB_STEP_ITERATION, -1));
  g_assert_cmpuint (gb_trace_cursor_get_iteration (cursor), ==, 60);
  g_assert_true (gb_trace_cursor_step (cursor, GB_STEP_ITERATION, 1));
  g_assert_true (gb_trace_cursor_get_following (cursor));
  g_assert_false (gb_trace_cursor_step (cursor, GB_STEP_ITERATION, 1));
  g_assert_true (gb_trace_cursor_step (cursor, GB_STEP_NODE, -1));
  g_assert_true (gb_trace_cursor_seek (cursor, "iter:12", &error));
  g_assert_cmpuint (gb_trace_cursor_get_iteration (cursor), ==, 12);
  g_assert_true (gb_trace_cursor_seek (cursor, "op:1", &error));
  g_assert_cmpuint (gb_trace_cursor_get_iteration (cursor), ==, 1);
  g_assert_true (gb_trace_cursor_seek (cursor, "line:13", &error));
  g_assert_cmpint (gb_trace_cursor_get_source_position (cursor)->line, ==, 13);
  g_assert_false (gb_trace_cursor_seek (cursor, "iter:999", &error));
  g_clear_error (&error);
  g_assert_false (gb_trace_cursor_seek (cursor, "somewhere", &error));
  gb_trace_cursor_follow (cursor);
  g_assert_true (gb_trace_cursor_get_following (cursor));
}

static void
count (gpointer object, guint *n)
{
  ++*n;
}

static void
test_selection (void)
{
  g_autoptr (GbSelection) selection = gb_selection_new ();
  GbPick pick = { .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT, .tensor = 3, .ndim = 2, .index = { 1, 2 } };
  guint n = 0;

  g_signal_connect (selection, "changed", G_CALLBACK (count), &n);
  gb_selection_set_hover (selection, &pick);
  gb_selection_set_hover (selection, &pick);
  g_assert_cmpuint (n, ==, 1);
  gb_selection_set_pin (selection, &pick);
  gb_selection_set_hover (selection, NULL);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpint (gb_selection_get_current (selection)->index[1], ==, 2);
}

static void
test_series (void)
{
  g_autoptr (GbSeries) series = gb_series_new (16);
  guint64 count = 0;

  for (int i = 1; i <= 1000; i++)
    gb_series_append (series, i, i == 500 ? NAN : i);
  g_assert_cmpuint (gb_series_get_n (series), <=, 16);
  for (guint i = 0; i < gb_series_get_n (series); i++)
    {
      const GbBucket *bucket = gb_series_get (series, i);
      count += bucket->count;
      g_assert_cmpfloat (bucket->first, ==, bucket->min);
      g_assert_cmpfloat (bucket->last, ==, bucket->max);
    }
  g_assert_cmpuint (count, ==, 1000);
  g_assert_false (gb_series_append (series, 10, 1));
  g_assert_cmpint (gb_series_find (series, 0), ==, -1);
  g_assert_cmpint (gb_series_find (series, 5000), ==, (int) gb_series_get_n (series) - 1);
}

/* Records from first to last, with their seq moved by `shift`. */
static GByteArray *
copy_records (GbTrace *trace, guint64 first, guint64 last, guint64 shift)
{
  GByteArray *bytes = g_byte_array_new ();
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, trace, first);
  while ((record = gb_trace_iter_next (&iter)) && record->seq <= last)
    {
      guint at = bytes->len;
      g_byte_array_append (bytes, (const guint8 *) record, record->nbytes);
      ((TeRecord *) (void *) (bytes->data + at))->seq += shift;
    }
  return bytes;
}

static void
append (GbTrace *trace, GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (gb_trace_append (trace, bytes->data, bytes->len, &error));
  g_assert_no_error (error);
  gb_trace_flush (trace);
  g_byte_array_unref (bytes);
}

static void
resume (GbTrace *trace, guint64 after)
{
  TeRecordResume record = { { sizeof record, TE_RECORD_RESUME, 0, after + 1 }, after, 0 };
  GByteArray *bytes = g_byte_array_new ();
  append (trace, g_byte_array_append (bytes, (const guint8 *) &record, sizeof record));
}

static void
assert_same (GbTrace *a, GbTrace *b)
{
  g_assert_cmpuint (gb_trace_get_last_seq (a), ==, gb_trace_get_last_seq (b));
  g_assert_cmpuint (gb_trace_get_n_iterations (a), ==, gb_trace_get_n_iterations (b));
  g_assert_cmpuint (gb_trace_get_n_epochs (a), ==, gb_trace_get_n_epochs (b));
  g_assert_cmpuint (gb_trace_get_n_prints (a), ==, gb_trace_get_n_prints (b));
  guint64 last = gb_trace_get_last_call_at (a, G_MAXUINT64);
  g_assert_cmpuint (last, ==, gb_trace_get_last_call_at (b, G_MAXUINT64));
  for (guint64 call = 1; call <= last + 20; call++)
    {
      GbOp x, y;
      gboolean known = gb_trace_get_op (a, call, &x);
      g_assert_cmpint (known, ==, gb_trace_get_op (b, call, &y));
      if (known)
        g_assert_cmpint (x.end != NULL, ==, y.end != NULL);
    }
  for (guint64 id = 1; id < 6000; id++)
    {
      GbTensor x, y;
      GbNode m, n;
      gboolean known = gb_trace_get_tensor (a, id, G_MAXUINT64, &x);
      g_assert_cmpint (known, ==, gb_trace_get_tensor (b, id, G_MAXUINT64, &y));
      if (known)
        {
          g_assert_cmpuint (x.seq, ==, y.seq);
          g_assert_cmpuint (x.version, ==, y.version);
          g_autoptr (GArray) p = gb_trace_storage_owners (a, x.storage, G_MAXUINT64),
                             q = gb_trace_storage_owners (b, y.storage, G_MAXUINT64);
          g_assert_cmpuint (p->len, ==, q->len);
        }
      g_assert_cmpint (gb_trace_get_node (a, id, &m), ==, gb_trace_get_node (b, id, &n));
    }
  for (guint i = 0; i < gb_trace_get_n_logs (b); i++)
    g_assert_cmpuint (gb_series_get_n (gb_trace_get_log (a, i)->series), ==, gb_series_get_n (gb_trace_get_log (b, i)->series));
  for (guint i = 0; i < gb_trace_get_n_params (b); i++)
    g_assert_cmpuint (gb_series_get_n (gb_trace_get_param (a, i)->grad_norm), ==,
                      gb_series_get_n (gb_trace_get_param (b, i)->grad_norm));
}

/* Wound back, a trace is what it was; gone on with, what it would have been. */
static void
test_wound_back (void)
{
  for (guint sample = 0; sample < GB_N_SAMPLES; sample++)
    {
      g_autoptr (GbTrace) whole = gb_sample_trace_new (sample);
      guint64 last = gb_trace_get_last_seq (whole), cuts[] = { last / 2, last - 1, 5, last / 3 };
      for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
        {
          g_autoptr (GbTrace) trace = gb_sample_trace_new (sample);
          g_autoptr (GbTrace) prefix = gb_trace_new ();
          g_autoptr (GbTrace) other = gb_trace_new ();
          append (prefix, copy_records (whole, 1, cuts[i], 0));
          resume (prefix, cuts[i]);
          resume (trace, cuts[i]);
          assert_same (trace, prefix);
          append (trace, copy_records (whole, cuts[i] + 1, last, 1));
          append (prefix, copy_records (whole, cuts[i] + 1, last, 1));
          assert_same (trace, prefix);
          append (other, copy_records (whole, 1, last, 0));
          resume (other, cuts[i]);
          append (other, copy_records (whole, cuts[i] + 1, last, 1));
          assert_same (other, prefix);
        }
    }
  /* What was logged after the cut is there to compare with. */
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  g_assert_null (gb_trace_get_log (trace, 0)->other);
  resume (trace, gb_trace_find_iteration (trace, 30)->last_seq);
  g_assert_cmpuint (gb_series_get_n (gb_trace_get_log (trace, 0)->series), ==, 30);
  g_assert_cmpuint (gb_series_get_n (gb_trace_get_log (trace, 0)->other), ==, 30);
  g_assert_cmpuint (gb_series_get (gb_trace_get_log (trace, 0)->other, 0)->x0, ==, 31);
}

/* An op that was open where the run was taken back to, time after time: its end goes with the segment that it came in. */
static void
test_open_op (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  TeRecordOp begin = { .head = { .nbytes = sizeof begin, .type = TE_RECORD_OP, .seq = 1 }, .call = 1 };
  GbOp op;
  g_assert_true (gb_trace_append (trace, (const guint8 *) &begin, sizeof begin, NULL));
  for (guint i = 0; i < 8; i++)
    {
      resume (trace, 1);
      TeRecordOpEnd end = { .head = { .nbytes = sizeof end, .type = TE_RECORD_OP_END, .seq = gb_trace_get_last_seq (trace) + 1 },
                            .call = 1 };
      g_assert_true (gb_trace_get_op (trace, 1, &op));
      g_assert_null (op.end);
      g_assert_true (gb_trace_append (trace, (const guint8 *) &end, sizeof end, NULL));
      g_assert_true (gb_trace_get_op (trace, 1, &op));
      g_assert_nonnull (op.end);
    }
  g_assert_cmpuint (gb_trace_get_n_rejected (trace), ==, 0);
}

/* The curve that nobody asked for goes with the first one that somebody logs; a picture that still holds it can
 * be drawn once more. */
static void
test_unasked_log (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceBuilder *b = gb_trace_builder_new (trace);
  gb_trace_builder_unasked_log (b, "loss", 3);
  gb_trace_builder_iteration (b);
  gb_trace_builder_unasked_log (b, "loss", 2);
  gb_trace_flush (trace);
  g_assert_cmpuint (gb_trace_get_n_logs (trace), ==, 1);
  const GbSeries *held = gb_trace_get_log (trace, 0)->series;
  gb_trace_builder_log (b, "accuracy", 0.5);
  gb_trace_builder_unasked_log (b, "loss", 1);
  gb_trace_flush (trace);
  g_assert_cmpuint (gb_trace_get_n_logs (trace), ==, 1);
  g_assert_cmpstr (gb_trace_get_log (trace, 0)->name, ==, "accuracy");
  g_assert_cmpuint (gb_series_get_n (held), ==, 2);
  g_assert_cmpfloat (gb_series_get (held, 0)->last, ==, 3);
  gb_trace_builder_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/models/samples", test_samples);
  g_test_add_func ("/models/digits", test_digits);
  g_test_add_func ("/models/unasked-log", test_unasked_log);
  g_test_add_func ("/models/storage", test_storage);
  g_test_add_func ("/models/hostile", test_hostile);
  g_test_add_func ("/models/wound-back", test_wound_back);
  g_test_add_func ("/models/open-op", test_open_op);
  g_test_add_func ("/models/bounded", test_bounded);
  g_test_add_func ("/models/cursor", test_cursor);
  g_test_add_func ("/models/selection", test_selection);
  g_test_add_func ("/models/series", test_series);
  return g_test_run ();
}
