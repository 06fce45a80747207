/* Recordings: what was written is read; cut and damaged files are read up to the damage and say where it is.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "trace/record.h"
#include "trace/recorder.h"
#include "trace/recording.h"
#include "trace/ring-reader.h"

#define ITERATIONS 300

static char *path;

static void
write_recording (void)
{
  TeError err;
  te_error_clear (&err);
  TeRingReader *reader = te_ring_reader_new (1 << 20, 1 << 20, &err);
  TeRecorder recorder;
  TeRingSegment *segment = te_ring_reader_get_segment (reader);
  g_assert_true (te_recorder_init (&recorder, segment, segment->nbytes, -1, &err));
  TeRecordingWriter *writer = te_recording_writer_new (path, &err);
  g_assert_nonnull (writer);
  te_recorder_begin (&recorder, "{}");
  for (int i = 1; i <= ITERATIONS; i++)
    {
      te_recorder_line (&recorder, 1, (guint32) i, 0, 0);
      te_recorder_print (&recorder, 1, "loss\n", 5, 0);
      te_recorder_iteration (&recorder, (guint64) i);
    }
  te_recorder_end (&recorder, 3, 0, 0);
  size_t nbytes;
  const void *bytes = te_ring_reader_drain (reader, SIZE_MAX, true, &nbytes, &err);
  g_assert_true (te_recording_writer_append (writer, bytes, nbytes, &err));
  g_assert_true (te_recording_writer_close (writer, &err));
  te_recorder_clear (&recorder);
  te_ring_reader_free (reader);
}

/* Number of records read before the end or the damage. */
static guint
count_records (TeError *err)
{
  te_error_clear (err);
  TeRecording *recording = te_recording_open (path, err);
  if (!recording)
    return 0;
  guint n = 0;
  size_t nbytes;
  const char *bytes;
  while ((bytes = te_recording_read (recording, &nbytes, err)) && nbytes)
    for (size_t at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
      n++;
  te_recording_free (recording);
  return n;
}

static void
test_round_trip (void)
{
  TeError err;
  write_recording ();
  g_assert_cmpuint (count_records (&err), ==, 3 * ITERATIONS + 2);
  g_assert_cmpint (err.kind, ==, TE_ERR_NONE);
  TeRecording *recording = te_recording_open (path, &err);
  g_assert_true (te_recording_has_index (recording));
  size_t n;
  const TeRecordingMark *marks = te_recording_get_marks (recording, &n);
  g_assert_cmpuint (n, ==, ITERATIONS);
  g_assert_true (te_recording_seek (recording, marks[99].offset, &err));
  size_t nbytes;
  const TeRecordIteration *record = te_recording_read (recording, &nbytes, &err);
  g_assert_cmpuint (record->head.type, ==, TE_RECORD_ITERATION);
  g_assert_cmpuint (record->iteration, ==, 100);
  g_assert_false (te_recording_seek (recording, 12, &err));
  te_recording_free (recording);
}

static void
test_truncated (void)
{
  TeError err;
  write_recording ();
  g_autofree char *contents = NULL;
  gsize nbytes;
  g_assert_true (g_file_get_contents (path, &contents, &nbytes, NULL));
  for (gsize cut = 0; cut < nbytes; cut += 977)
    {
      g_assert_true (g_file_set_contents (path, contents, (gssize) cut, NULL));
      guint n = count_records (&err);
      if (cut < sizeof (TeRecordingHeader))
        g_assert_nonnull (strstr (err.text, "not a recording"));
      else
        g_assert_cmpuint (n, <=, 3 * ITERATIONS + 2);
    }
  g_assert_true (g_file_set_contents (path, contents, 32 + 48 + 8 + 20, NULL));
  g_assert_cmpuint (count_records (&err), ==, 1);
  g_assert_nonnull (strstr (err.text, "is damaged at byte 88, after 1 records: cut off"));
}

static void
test_damaged (void)
{
  TeError err;
  write_recording ();
  g_autofree char *contents = NULL;
  gsize nbytes;
  g_assert_true (g_file_get_contents (path, &contents, &nbytes, NULL));
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  for (int round = 0; round < 200; round++)
    {
      g_autofree char *bad = g_memdup2 (contents, nbytes);
      for (int i = 0; i < 5; i++)
        bad[g_rand_int_range (rand, 32, (gint32) nbytes)] = (char) g_rand_int (rand);
      g_assert_true (g_file_set_contents (path, bad, (gssize) nbytes, NULL));
      count_records (&err);
      if (err.kind)
        g_assert_nonnull (strstr (err.text, "damaged at byte"));
    }
}

/* Notes come and go, and every record and the index stay as they are. */
static void
test_notes (void)
{
  static const char *const notes[] = { "{\"bookmarks\":[]}", "a longer text, of another length", "12345678", "" };
  TeError err;
  write_recording ();
  g_autofree char *before = NULL, *after = NULL, *cut = NULL;
  gsize nbytes, again;
  g_assert_true (g_file_get_contents (path, &before, &nbytes, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (notes); i++)
    {
      te_error_clear (&err);
      g_assert_true (te_recording_keep_notes (path, notes[i], &err));
      TeRecording *recording = te_recording_open (path, &err);
      size_t n;
      g_assert_true (te_recording_has_index (recording));
      g_assert_nonnull (te_recording_get_marks (recording, &n));
      g_assert_cmpuint (n, ==, ITERATIONS);
      g_assert_cmpstr (te_recording_get_notes (recording), ==, *notes[i] ? notes[i] : NULL);
      te_recording_free (recording);
      g_assert_cmpuint (count_records (&err), ==, 3 * ITERATIONS + 2);
      g_assert_cmpint (err.kind, ==, TE_ERR_NONE);
    }
  g_assert_true (g_file_get_contents (path, &after, &again, NULL));
  g_assert_cmpmem (before, nbytes, after, again);
  /* One whose writer died keeps what it has. */
  g_assert_true (g_file_set_contents (path, before, (gssize) nbytes / 2, NULL));
  g_assert_false (te_recording_keep_notes (path, "x", &err));
  g_assert_nonnull (strstr (err.text, "was not written to its end"));
  g_assert_true (g_file_get_contents (path, &cut, &again, NULL));
  g_assert_cmpuint (again, ==, nbytes / 2);
}

static void
test_missing (void)
{
  TeError err;
  te_error_clear (&err);
  g_assert_null (te_recording_open ("/nowhere/at/all", &err));
  g_assert_nonnull (strstr (err.text, "cannot be opened"));
  g_assert_null (te_recording_open ("/", &err));
  g_assert_null (te_recording_writer_new ("/nowhere/at/all", &err));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  path = g_strdup_printf ("%s/gradboard-test-%d.gbt", g_get_tmp_dir (), (int) getpid ());
  g_test_add_func ("/trace/recording/round-trip", test_round_trip);
  g_test_add_func ("/trace/recording/truncated", test_truncated);
  g_test_add_func ("/trace/recording/damaged", test_damaged);
  g_test_add_func ("/trace/recording/notes", test_notes);
  g_test_add_func ("/trace/recording/missing", test_missing);
  int status = g_test_run ();
  g_unlink (path);
  g_free (path);
  return status;
}
