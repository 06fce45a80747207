/* Both rings, as writer and reader use them: order, waits, gaps, skips at the end, and hostile contents. */
#include <glib.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "trace/record.h"
#include "trace/recorder.h"
#include "trace/ring-reader.h"

typedef struct
{
  TeRingReader *reader;
  TeRecorder recorder;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  TeError err;
  te_error_clear (&err);
  f->reader = te_ring_reader_new (GPOINTER_TO_UINT (data), GPOINTER_TO_UINT (data), &err);
  g_assert_nonnull (f->reader);
  TeRingSegment *segment = te_ring_reader_get_segment (f->reader);
  g_assert_true (te_recorder_init (&f->recorder, segment, segment->nbytes, -1, &err));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  te_recorder_clear (&f->recorder);
  te_ring_reader_free (f->reader);
}

typedef struct
{
  guint64 n, last_seq, by_type[128], gap_count;
} Tally;

static void
tally (Tally *t, const char *bytes, size_t nbytes)
{
  for (size_t at = 0; at < nbytes;)
    {
      const TeRecord *record = (const TeRecord *) (bytes + at);
      g_assert_cmpuint (record->seq, >, t->last_seq);
      t->last_seq = record->seq;
      t->by_type[record->type]++;
      t->n++;
      if (record->type == TE_RECORD_GAP)
        t->gap_count += ((const TeRecordGap *) record)->count;
      at += record->nbytes;
    }
}

static void
drain (Fixture *f, Tally *t, gboolean last)
{
  TeError err;
  te_error_clear (&err);
  size_t nbytes;
  do
    {
      const void *bytes = te_ring_reader_drain (f->reader, 1 << 14, last, &nbytes, &err);
      if (!bytes)
        g_error ("%s", err.text);
      tally (t, bytes, nbytes);
    }
  while (nbytes);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  Tally t = { 0 };
  for (int i = 0; i < 5000; i++)
    {
      te_recorder_batch (&f->recorder, i, 0, 0);
      te_recorder_line (&f->recorder, 1, i, 0, 0);
      if (i % 3 == 0)
        te_recorder_print (&f->recorder, 1, "some text of odd length", i % 23 + 1, 0);
      if (i % 50 == 0)
        drain (f, &t, FALSE);
    }
  drain (f, &t, TRUE);
  g_assert_cmpuint (t.by_type[TE_RECORD_BATCH], ==, 5000);
  g_assert_cmpuint (t.by_type[TE_RECORD_LINE], ==, 5000);
  g_assert_cmpuint (t.by_type[TE_RECORD_PRINT], ==, 1667);
  g_assert_cmpuint (t.last_seq, ==, t.n);
  g_assert_cmpuint (te_ring_reader_get_dropped (f->reader), ==, 0);
}

/* A writer that died with more in its rings than is taken at once: all of it comes, in order. */
static void
test_left_behind (Fixture *f, gconstpointer data)
{
  Tally t = { 0 };
  for (int i = 0; i < 700; i++)
    {
      te_recorder_batch (&f->recorder, i, 0, 0);
      te_recorder_line (&f->recorder, 1, i, 0, 0);
    }
  drain (f, &t, TRUE);
  g_assert_cmpuint (t.n, ==, 1400);
  g_assert_cmpuint (t.last_seq, ==, t.n);
}

/* A run is wound back while nobody reads: both futures come whole, and nothing of the one in the other. */
static void
test_resume_unread (Fixture *f, gconstpointer data)
{
  enum
  {
    BEFORE = 64,
    AFTER = 640,
    EVERY = 8
  }; /* few details: their ring shows the new future long before the other */
  TeRecorder snapshot = { 0 };
  TeError err;
  te_error_clear (&err);
  guint64 n = 0, last_seq = 0, n_resumes = 0, after_seq = 0;
  for (int i = 0; i < AFTER; i++)
    {
      if (i == BEFORE)
        snapshot = f->recorder;
      te_recorder_batch (&f->recorder, i, 0, 0);
      if (i % EVERY == 0)
        te_recorder_line (&f->recorder, 1, i, 0, 0);
    }
  after_seq = snapshot.seq;
  te_recorder_flush (&f->recorder);
  te_recorder_resume (&snapshot, 0);
  for (int i = BEFORE; i < AFTER; i++)
    {
      if (i % EVERY == 0)
        te_recorder_line (&snapshot, 2, i, 0, 0);
      te_recorder_batch (&snapshot, i, 0, 0);
    }
  te_recorder_flush (&snapshot);
  size_t nbytes;
  do
    {
      const char *bytes = te_ring_reader_drain (f->reader, 1 << 12, FALSE, &nbytes, &err);
      if (!bytes)
        g_error ("%s", err.text);
      for (size_t at = 0; at < nbytes; n++)
        {
          const TeRecord *record = (const TeRecord *) (bytes + at);
          gboolean is_resume = record->type == TE_RECORD_RESUME;
          g_assert_cmpuint (record->seq, ==, is_resume ? after_seq + 1 : last_seq + 1);
          n_resumes += is_resume;
          if (record->type == TE_RECORD_LINE)
            g_assert_cmpuint (((const TeRecordLine *) record)->file, ==, n_resumes + 1);
          last_seq = record->seq;
          at += record->nbytes;
        }
    }
  while (nbytes);
  g_assert_cmpuint (n_resumes, ==, 1);
  g_assert_cmpuint (n, ==, 1 + (2 * AFTER - BEFORE) * (EVERY + 1) / EVERY);
}

static void
test_strings (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (te_recorder_text (&f->recorder, ""), ==, 0);
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 700; i++)
      {
        char text[16];
        g_snprintf (text, sizeof text, "name %d", i);
        g_assert_cmpuint (te_recorder_text (&f->recorder, text), ==, i + 1);
      }
  Tally t = { 0 };
  drain (f, &t, TRUE);
  g_assert_cmpuint (t.by_type[TE_RECORD_STRING], ==, 700);
}

/* Detail is skipped at once, structure after its wait; both are told by a GAP that counts them. */
static void
test_gap (Fixture *f, gconstpointer data)
{
  Tally t = { 0 };
  for (int i = 0; i < 10000; i++)
    te_recorder_line (&f->recorder, 1, i, 0, 0);
  guint64 dropped = te_ring_reader_get_dropped (f->reader);
  g_assert_cmpuint (dropped, >, 0);
  gint64 start = g_get_monotonic_time ();
  for (int i = 0; i < 3000; i++)
    te_recorder_batch (&f->recorder, i, 0, 0);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 45000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 1000000);
  drain (f, &t, FALSE);
  te_recorder_batch (&f->recorder, 0, 0, 0);
  drain (f, &t, TRUE);
  g_assert_cmpuint (t.gap_count, ==, te_ring_reader_get_dropped (f->reader));
  g_assert_cmpuint (t.by_type[TE_RECORD_LINE] + t.by_type[TE_RECORD_BATCH] + t.gap_count, ==, 13001);
}

static void *
write_much (void *data)
{
  Fixture *f = data;
  for (int i = 0; i < 200000; i++)
    {
      te_recorder_line (&f->recorder, 1, i, 0, 0);
      te_recorder_node_begin (&f->recorder, 1, i);
    }
  return NULL;
}

static void
test_lossless_threads (Fixture *f, gconstpointer data)
{
  te_ring_reader_get_segment (f->reader)->lossless = 1;
  pthread_t writer;
  pthread_create (&writer, NULL, write_much, f);
  Tally t = { 0 };
  while (t.n < 400000)
    drain (f, &t, FALSE);
  pthread_join (writer, NULL);
  drain (f, &t, TRUE);
  g_assert_cmpuint (t.n, ==, 400000);
  g_assert_cmpuint (t.last_seq, ==, 400000);
  g_assert_cmpuint (t.gap_count, ==, 0);
}

static void
test_sleep (Fixture *f, gconstpointer data)
{
  g_assert_true (te_ring_reader_sleep (f->reader));
  te_recorder_batch (&f->recorder, 0, 0, 0);
  g_assert_cmpuint (te_ring_reader_get_segment (f->reader)->consumer_sleeps, ==, 0);
  g_assert_false (te_ring_reader_sleep (f->reader));
}

/* Whatever bytes stand in the segment, the reader ends with an error or with well-formed records. */
static void
test_hostile (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  TeRingSegment *segment = te_ring_reader_get_segment (f->reader);
  char *rings = (char *) segment + segment->structure.offset;
  size_t rings_nbytes = segment->nbytes - segment->structure.offset;
  for (int round = 0; round < 400; round++)
    {
      te_ring_reader_reset (f->reader);
      te_recorder_clear (&f->recorder);
      TeError err;
      te_error_clear (&err);
      g_assert_true (te_recorder_init (&f->recorder, segment, segment->nbytes, -1, &err));
      for (int i = 0; i < 200; i++)
        {
          te_recorder_line (&f->recorder, 1, i, 0, 0);
          te_recorder_print (&f->recorder, 1, "hello", 5, 0);
          te_recorder_exception (&f->recorder, 0, 0, "Error", "message", "trace");
        }
      for (int i = 0; i < 1 + round % 40; i++)
        rings[g_rand_int_range (rand, 0, round % 2 ? 4096 : (gint32) rings_nbytes)] =
            (char) g_rand_int (rand);
      if (round % 7 == 0)
        segment->structure.head = g_rand_int (rand);
      if (round % 11 == 0)
        segment->detail.head = ~(guint64) 0 - g_rand_int (rand);
      segment->structure.offset = g_rand_int (rand); /* ours alone counts */
      for (int i = 0; i < 10; i++)
        {
          size_t nbytes;
          const char *bytes = te_ring_reader_drain (f->reader, 5000, i > 5, &nbytes, &err);
          if (!bytes)
            {
              g_assert_nonnull (strstr (err.text, "corrupt"));
              break;
            }
          Tally t = { 0 };
          tally (&t, bytes, nbytes);
        }
    }
}

static void
test_sealed (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (ftruncate (te_ring_reader_get_fd (f->reader), 0), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, nbytes, function)                                                                          \
  g_test_add (path, Fixture, GUINT_TO_POINTER (nbytes), set_up, function, tear_down)
  ADD ("/trace/ring/order", 65536, test_order);
  ADD ("/trace/ring/left-behind", 65536, test_left_behind);
  ADD ("/trace/ring/resume-unread", 131072, test_resume_unread);
  ADD ("/trace/ring/strings", 65536, test_strings);
  ADD ("/trace/ring/gap", 65536, test_gap);
  ADD ("/trace/ring/lossless-threads", 65536, test_lossless_threads);
  ADD ("/trace/ring/sleep", 65536, test_sleep);
  ADD ("/trace/ring/hostile", 65536, test_hostile);
  ADD ("/trace/ring/sealed", 65536, test_sealed);
  return g_test_run ();
}
