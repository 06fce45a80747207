/* Broker or interpreter killed at random moments, ten snapshots alive and the run being recorded: no process
 * stays, the window's side knows at once, and the recording opens and holds all that had been told.
 *
 *     test-kills [N [FIRST]]      N moments (20), from the FIRST seed on (0) */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/kernel-client.h"
#include "trace/recording.h"

#define SNAPSHOTS_ALIVE 10
#define SNAPSHOT_MSEC   15
/* Most deaths; and where more wants to run than there are processors, so that everybody waits for a turn. */
#define KNOWN_MSEC      50
#define KNOWN_BUSY_MSEC 150
/* One of them may have to wait; most must not. */
#define KNOWN_AT_MOST_MSEC 1500

typedef struct
{
  GbKernelClient *client;
  GbTraceSource *source;
  GbKernelAbout *about;
  char *folder, *recording;
  guint n_snapshots, n_pauses, n_results;
  guint64 last_seq, call; /* that came through the rings */
  gint64 known_usec;      /* when the death was told */
} Run;

static guint n_moments = 20, first_seed;

static void
take (const guint8 *bytes, gsize nbytes, gpointer data)
{
  Run *run = data;
  for (gsize at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
    {
      const TeRecord *record = (const TeRecord *) (bytes + at);
      run->last_seq = record->seq;
      if (record->type == TE_RECORD_OP)
        run->call = ((const TeRecordOp *) record)->call;
    }
}

static void
on_state (GbKernelClient *client, guint state, const char *detail, Run *run)
{
  run->n_pauses += state == TE_STATE_PAUSED;
}

static void
on_exited (GbKernelClient *client, const char *reason, int sig, const char *message, Run *run)
{
  run->known_usec = g_get_monotonic_time ();
}

static void
on_snapshots (GbKernelClient *client, GVariant *snapshots, Run *run)
{
  run->n_snapshots = (guint) g_variant_n_children (snapshots);
}

static void
on_corrupt (GbTraceSource *source, const char *message, Run *run)
{
  g_error ("%s", message);
}

static gboolean
out_of_patience (gpointer data)
{
  g_error ("nothing happened for 20 s: %s", (const char *) data);
  return G_SOURCE_REMOVE;
}

#define WAIT_UNTIL(condition)                                                                                \
  do                                                                                                         \
    {                                                                                                        \
      guint patience = g_timeout_add_seconds (20, out_of_patience, (gpointer) #condition);                   \
      while (!(condition))                                                                                   \
        g_main_context_iteration (NULL, TRUE);                                                               \
      g_source_remove (patience);                                                                            \
    }                                                                                                        \
  while (0)

static void
started (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  ((Run *) data)->about = gb_kernel_client_start_finish (GB_KERNEL_CLIENT (object), result, &error);
  g_assert_no_error (error);
}

static void
executed (GObject *object, GAsyncResult *result, gpointer data)
{
  GbKernelResult out = { 0 };
  gb_kernel_client_execute_finish (GB_KERNEL_CLIENT (object), result, &out, NULL);
  gb_kernel_result_clear (&out);
  ((Run *) data)->n_results++;
}

/* Tells in a file what it has printed: a record that is told there must be in the recording. */
static const char training[] =
    "import os, torch\n"
    "torch.manual_seed(3)\n"
    "model = torch.nn.Linear(64, 64)\n"
    "optimizer = torch.optim.SGD(model.parameters(), 1e-3)\n"
    "told = os.open('told', os.O_WRONLY | os.O_CREAT)\n"
    "for step in range(100000000):\n"
    "    model(torch.randn(8, 64)).pow(2).mean().backward(); optimizer.step(); optimizer.zero_grad()\n"
    "    print('step', step)\n"
    "    os.pwrite(told, b'%012d' % step, 0)\n";

static void
begin (Run *run, gboolean bubblewrap)
{
  g_autoptr (GError) error = NULL;
  run->folder = g_dir_make_tmp ("gradboard-kills-XXXXXX", &error);
  g_assert_no_error (error);
  run->recording = g_build_filename (run->folder, "run.gbt", NULL);
  GbKernelOptions options = { .no_bubblewrap = !bubblewrap, .scratch = run->folder };
  run->client = gb_kernel_client_new ();
  run->source = gb_trace_source_new (1 << 20, 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_true (gb_trace_source_record (run->source, run->recording, &error));
  gb_trace_source_set_sink (run->source, take, NULL, run);
  g_signal_connect (run->source, "corrupt", G_CALLBACK (on_corrupt), run);
  g_signal_connect (run->client, "state", G_CALLBACK (on_state), run);
  g_signal_connect (run->client, "exited", G_CALLBACK (on_exited), run);
  g_signal_connect (run->client, "snapshots", G_CALLBACK (on_snapshots), run);
  gb_kernel_client_start_async (run->client, &options, run->source, NULL, started, run);
  WAIT_UNTIL (run->about);
  gb_kernel_client_set_snapshot_interval (run->client, SNAPSHOT_MSEC);
  gb_kernel_client_execute_async (run->client, "/nowhere/program.py", training, NULL, GB_EXECUTE_SNAPSHOTS, 0,
                                  NULL, executed, run);
}

static void
end (Run *run)
{
  g_signal_handlers_disconnect_by_data (run->client, run);
  gb_trace_source_set_sink (run->source, NULL, NULL, NULL);
  g_clear_object (&run->client);
  g_clear_object (&run->source);
  gb_kernel_about_free (run->about);
  const char *name;
  GDir *dir = g_dir_open (run->folder, 0, NULL);
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (run->folder, name, NULL);
      if (g_unlink (path))
        g_rmdir (path);
    }
  g_dir_close (dir);
  g_rmdir (run->folder);
  g_free (run->folder);
  g_free (run->recording);
}

/* ---- processes ---- */

/* Those of the session that are no zombies. */
static guint
count_session (pid_t session)
{
  GDir *dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint n = 0;
  while ((name = g_dir_read_name (dir)))
    {
      pid_t pid = atoi (name);
      g_autofree char *path = g_build_filename ("/proc", name, "stat", NULL), *text = NULL;
      char state = 'Z';
      if (pid > 0 && getsid (pid) == session && g_file_get_contents (path, &text, NULL, NULL)
          && strrchr (text, ')') && sscanf (strrchr (text, ')') + 1, " %c", &state) == 1 && state != 'Z'
          && state != 'X')
        n++;
    }
  g_dir_close (dir);
  return n;
}

/* The broker leads the session of all that it started. */
static pid_t
find_broker (const Run *run)
{
  pid_t session = getsid ((pid_t) run->about->pid);
  g_assert_cmpint (session, >, 1);
  g_assert_cmpint (session, !=, getsid (0));
  return session;
}

/* ---- the recording ---- */

static gint64
told_step (const Run *run)
{
  g_autofree char *path = g_build_filename (run->folder, "told", NULL), *text = NULL;
  return g_file_get_contents (path, &text, NULL, NULL) && *text ? g_ascii_strtoll (text, NULL, 10) : -1;
}

typedef struct
{
  guint64 last_seq;
  gint64 last_step; /* the highest: a way back does not take back what was told in the file */
  gboolean has_end;
} Read;

static void
read_print (Read *out, const TeRecordPrint *print)
{
  g_autofree char *text = g_strndup ((const char *) (print + 1), print->text_nbytes);
  for (const char *at = text; (at = strstr (at, "step ")); at++)
    out->last_step = MAX (out->last_step, g_ascii_strtoll (at + 5, NULL, 10));
}

static void
check_recording (const Run *run)
{
  TeError err;
  Read out = { .last_step = -1 };
  gsize nbytes = 1;
  te_error_clear (&err);
  TeRecording *recording = te_recording_open (run->recording, &err);
  g_assert_cmpstr (err.text, ==, "");
  while (nbytes)
    {
      const char *bytes = te_recording_read (recording, &nbytes, &err);
      g_assert_cmpstr (err.text, ==, "");
      for (gsize at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
        {
          const TeRecord *record = (const TeRecord *) (bytes + at);
          out.last_seq = record->seq;
          out.has_end = out.has_end || record->type == TE_RECORD_END;
          if (record->type == TE_RECORD_PRINT)
            read_print (&out, (const TeRecordPrint *) record);
        }
    }
  te_recording_free (recording);
  g_assert_cmpuint (out.last_seq, ==, run->last_seq);
  g_assert_true (out.has_end);
  g_assert_cmpint (out.last_step, >=, told_step (run));
}

/* ---- moments ---- */

static gboolean
on_moment (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
wait_usec (guint usec)
{
  gboolean is_there = FALSE;
  if (usec >= 1000)
    {
      g_timeout_add (usec / 1000, on_moment, &is_there);
      WAIT_UNTIL (is_there);
    }
  g_usleep (usec % 1000); /* also between two turns of the loop */
}

/* Kills at one moment; milliseconds until it was known. */
static double
moment (guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  gboolean of_broker = g_rand_boolean (rand), bubblewrap = g_rand_boolean (rand);
  guint what = (guint) g_rand_int_range (rand, 0, 4);
  guint usec = (guint) g_rand_int_range (rand, 0, 60000);
  g_test_message ("seed %u: %s%s is killed %s after %u us", seed, of_broker ? "broker" : "interpreter",
                  bubblewrap ? " (bubblewrap)" : "",
                  what == 0   ? "on a way back"
                  : what == 1 ? "when asked to pause"
                              : "running",
                  usec);
  Run run = { 0 };
  begin (&run, bubblewrap);
  WAIT_UNTIL (run.n_snapshots >= SNAPSHOTS_ALIVE);
  pid_t broker = find_broker (&run);
  g_assert_cmpuint (count_session (broker), >, SNAPSHOTS_ALIVE);
  if (what == 0) /* on the way back; else while it runs */
    gb_kernel_client_rewind_async (run.client, run.call * 3 / 4, NULL, NULL, executed, &run);
  else if (what == 1)
    gb_kernel_client_pause (run.client);
  wait_usec (usec);
  gint64 killed_usec = g_get_monotonic_time ();
  g_assert_cmpint (kill (of_broker ? broker : (pid_t) run.about->pid, SIGKILL), ==, 0);
  WAIT_UNTIL (run.known_usec);
  double msec = (double) (run.known_usec - killed_usec) / 1000;
  guint waited = 0;
  while (waited++ < 500 && count_session (broker) > !of_broker)
    wait_usec (10000);
  g_assert_cmpuint (count_session (broker), ==, !of_broker);
  g_autoptr (GError) error = NULL;
  g_assert_true (gb_trace_source_close_recording (run.source, &error));
  check_recording (&run);
  g_test_message ("known after %.1f ms", msec);
  end (&run);
  return msec;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return (*(const double *) a > *(const double *) b) - (*(const double *) a < *(const double *) b);
}

static void
test_kills (void)
{
  g_autofree double *msec = g_new (double, n_moments);
  for (guint i = 0; i < n_moments; i++)
    msec[i] = moment (first_seed + i);
  qsort (msec, n_moments, sizeof *msec, compare);
  g_test_message ("known after: median %.1f ms, 90 of 100 %.1f ms, latest %.1f ms", msec[n_moments / 2],
                  msec[n_moments * 9 / 10], msec[n_moments - 1]);
  double load = 0;
  gboolean is_busy = getloadavg (&load, 1) < 1 || load > g_get_num_processors ();
  g_assert_cmpfloat (msec[n_moments / 2], <, is_busy ? KNOWN_BUSY_MSEC : KNOWN_MSEC);
  g_assert_cmpfloat (msec[n_moments - 1], <, KNOWN_AT_MOST_MSEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc > 1)
    n_moments = (guint) MAX (atoi (argv[1]), 1);
  if (argc > 2)
    first_seed = (guint) atoi (argv[2]);
  g_test_add_func ("/kernel/kills/random-moments", test_kills);
  return g_test_run ();
}
