/* Winding programs back: what a snapshot goes on with is what was, and what it does is what was done. */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board/run-feed.h"
#include "kernel/kernel-client.h"
#include "models/trace.h"

typedef struct
{
  GbKernelClient *client;
  GbTraceSource *source;
  GbTrace *trace;
  GbKernelAbout *about;
  GString *out;
  guint n_resumes, n_snapshots;
  guint state, n_pauses;
  char *exit_reason;
  GbKernelResult results[8];
  guint n_results;
  guint n_asked, n_answered; /* executions and ways back */
  char *error;
} Fixture;

static void
take (const guint8 *bytes, gsize nbytes, gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  for (gsize at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
    f->n_resumes += ((const TeRecord *) (bytes + at))->type == TE_RECORD_RESUME;
  gb_trace_append (f->trace, bytes, nbytes, &error);
  g_assert_no_error (error);
}

static void
flush (gpointer data)
{
  gb_trace_flush (((Fixture *) data)->trace);
}

static void
on_state (GbKernelClient *client, guint state, const char *detail, Fixture *f)
{
  f->state = state;
  f->n_pauses += state == TE_STATE_PAUSED;
}

static void
on_exited (GbKernelClient *client, const char *reason, int sig, const char *message, Fixture *f)
{
  g_free (f->exit_reason);
  f->exit_reason = g_strdup (reason);
}

static void
on_snapshots (GbKernelClient *client, GVariant *snapshots, Fixture *f)
{
  f->n_snapshots = (guint) g_variant_n_children (snapshots);
}

static gboolean
out_of_patience (gpointer data)
{
  g_error ("nothing happened for a minute: %s", (const char *) data);
  return G_SOURCE_REMOVE;
}

#define WAIT_UNTIL(condition)                                                                                \
  do                                                                                                         \
    {                                                                                                        \
      guint patience = g_timeout_add_seconds (60, out_of_patience, (gpointer) #condition);                   \
      while (!(condition))                                                                                   \
        g_main_context_iteration (NULL, TRUE);                                                               \
      g_source_remove (patience);                                                                            \
    }                                                                                                        \
  while (0)

static void
started (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  ((Fixture *) data)->about = gb_kernel_client_start_finish (GB_KERNEL_CLIENT (object), result, &error);
  g_assert_no_error (error);
}

/* No program here does anything that the trace could not tell. */
static void
on_failed (GbKernelClient *client, const char *message, Fixture *f)
{
  g_error ("%s", message);
}

#define SMALL_NBYTES ((guint64) 400 << 20)

static void
set_up (Fixture *f, gconstpointer variant) /* 1: with bubblewrap; 3: with little memory */
{
  g_autoptr (GError) error = NULL;
  GbKernelOptions options = { .no_bubblewrap = GPOINTER_TO_INT (variant) != 1 };
  if (GPOINTER_TO_INT (variant) == 3)
    options.memory_nbytes = SMALL_NBYTES;
  f->client = gb_kernel_client_new ();
  f->trace = gb_trace_new ();
  f->source = gb_trace_source_new (0, 0, &error);
  g_assert_no_error (error);
  gb_trace_source_set_sink (f->source, take, flush, f);
  g_signal_connect (f->client, "state", G_CALLBACK (on_state), f);
  g_signal_connect (f->client, "failed", G_CALLBACK (on_failed), f);
  g_signal_connect (f->client, "exited", G_CALLBACK (on_exited), f);
  g_signal_connect (f->client, "snapshots", G_CALLBACK (on_snapshots), f);
  gb_kernel_client_start_async (f->client, &options, f->source, NULL, started, f);
  WAIT_UNTIL (f->about);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (f->client, f);
  /* An answer that came later would be counted by the next test. */
  gb_kernel_client_stop (f->client);
  WAIT_UNTIL (f->n_answered == f->n_asked);
  gb_trace_source_set_sink (f->source, NULL, NULL, NULL);
  g_clear_object (&f->client);
  g_clear_object (&f->source);
  g_clear_object (&f->trace);
  gb_kernel_about_free (f->about);
  for (guint i = 0; i < f->n_results; i++)
    gb_kernel_result_clear (&f->results[i]);
  g_free (f->exit_reason);
  g_free (f->error);
}

static void
executed (GObject *object, GAsyncResult *result, gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  f->n_answered++;
  if (gb_kernel_client_execute_finish (GB_KERNEL_CLIENT (object), result, &f->results[f->n_results], &error))
    f->n_results++;
  else
    {
      g_free (f->error);
      f->error = g_strdup (error->message);
    }
}

static void
run (Fixture *f, const char *text)
{
  gb_trace_source_set_lossless (f->source, TRUE);
  f->n_asked++;
  gb_kernel_client_execute_async (f->client, "/nowhere/program.py", text, NULL, GB_EXECUTE_SNAPSHOTS, 0, NULL,
                                  executed, f);
  WAIT_UNTIL (f->n_results || f->error);
  g_assert_cmpstr (f->error, ==, NULL);
}

/* Until it runs. */
static void
run_beginning (Fixture *f, const char *text)
{
  f->n_asked++;
  f->state = TE_STATE_IDLE;
  gb_kernel_client_execute_async (f->client, "/nowhere/program.py", text, NULL, GB_EXECUTE_SNAPSHOTS, 0, NULL,
                                  executed, f);
  WAIT_UNTIL (f->state == TE_STATE_RUNNING);
}

static void
rewind_to (Fixture *f, guint64 call)
{
  guint pauses = f->n_pauses;
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, f->trace, 0);
  while ((record = gb_trace_iter_next (&iter))
         && !(record->type == TE_RECORD_OP && ((const TeRecordOp *) record)->call > call))
    ;
  g_autofree char *feed = gb_run_feed_until (f->trace, record ? record->seq : G_MAXUINT64);
  f->n_asked++;
  gb_kernel_client_rewind_async (f->client, call, feed, NULL, executed, f);
  WAIT_UNTIL (f->n_pauses > pauses || f->error);
  gb_trace_source_drain (f->source);
}

static void
go_on (Fixture *f)
{
  guint results = f->n_results;
  gb_kernel_client_continue (f->client);
  WAIT_UNTIL (f->n_results > results || f->error);
}

/* Checksum of all that the program printed, as the trace has it now. */
static char *
printed (Fixture *f)
{
  GString *text = g_string_new (NULL);
  for (guint64 i = gb_trace_get_first_print (f->trace); i < gb_trace_get_n_prints (f->trace); i++)
    if (gb_trace_get_print (f->trace, i)->stream == 1)
      g_string_append (text, gb_trace_get_print (f->trace, i)->text);
  char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize) text->len);
  g_string_free (text, TRUE);
  return sum;
}

static const char training[] =
    "import random, torch\n"
    "torch.manual_seed(3); random.seed(4)\n"
    "model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Dropout(0.3), torch.nn.Linear(16, 1))\n"
    "optimizer = torch.optim.Adam(model.parameters(), 1e-2)\n"
    "for step in range(%d):\n"
    "    x = torch.randn(32, 8) * random.random()\n"
    "    loss = (model(x) - x.sum(1, keepdim=True)).pow(2).mean()\n"
    "    optimizer.zero_grad(); loss.backward(); optimizer.step()\n"
    "    if step %% 50 == 0: print(step, loss.item().hex(), random.random().hex())\n"
    "print(sum(p.double().sum() for p in model.parameters()).item().hex(), random.getrandbits(64))\n";

/* To places all over a run that has ended, and on to its end: the same numbers each time. */
static void
test_same_future (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strdup_printf (training, 3000);
  run (f, text);
  g_assert_cmpstr (f->results[0].reason, ==, "ended");
  g_autofree char *first = printed (f);
  WAIT_UNTIL (f->n_snapshots >= 1);
  guint64 last_seq = gb_trace_get_last_seq (f->trace), last = gb_trace_get_last_call_at (f->trace, last_seq);
  guint64 places[] = { 10, last / 2, last - 5, 0 };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      rewind_to (f, places[i]);
      g_assert_cmpuint (f->state, ==, TE_STATE_PAUSED);
      g_assert_cmpuint (f->n_resumes, ==, i + 1);
      g_assert_cmpuint (gb_trace_get_last_call_at (f->trace, G_MAXUINT64), ==, places[i]);
      go_on (f);
      g_assert_cmpstr (f->results[f->n_results - 1].reason, ==, "ended");
      g_autofree char *again = printed (f);
      g_assert_cmpstr (again, ==, first);
      g_assert_cmpuint (gb_trace_get_last_call_at (f->trace, G_MAXUINT64), ==, last);
    }
}

static void
inspected (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  *(char **) data = gb_kernel_client_inspect_finish (GB_KERNEL_CLIENT (object), result, &error);
  g_assert_no_error (error);
}

static char *
inspect (Fixture *f, const char *what)
{
  char *answer = NULL;
  gb_kernel_client_inspect_async (f->client, what, "{}", NULL, inspected, &answer);
  WAIT_UNTIL (answer);
  return answer;
}

/* While it runs, and with another future: what happens after the cut is new, what came before is not told
 * twice. */
static void
test_while_running (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strdup_printf (training, 1000000);
  gb_kernel_client_set_snapshot_interval (f->client, 100); /* also where forks cost much: on a busy machine */
  f->n_asked++;
  gb_kernel_client_execute_async (f->client, "/nowhere/program.py", text, NULL, GB_EXECUTE_SNAPSHOTS, 0, NULL,
                                  executed, f);
  WAIT_UNTIL (gb_trace_get_n_iterations (f->trace) > 300 && f->n_snapshots > 2);
  rewind_to (f, 400);
  g_assert_cmpstr (f->error, ==, NULL);
  for (guint i = 0; i < f->n_results; i++)
    g_assert_cmpstr (f->results[i].reason, ==, "rewound");
  g_assert_cmpuint (f->n_results, ==, 1);
  g_assert_cmpuint (gb_trace_get_n_iterations (f->trace), <, 50);
  g_autofree char *names = inspect (f, "names");
  g_assert_nonnull (strstr (names, "\"loss\""));
  guint n = gb_trace_get_n_iterations (f->trace);
  gb_kernel_client_step (f->client, "iteration", 3);
  guint pauses = f->n_pauses;
  WAIT_UNTIL (f->n_pauses > pauses);
  gb_trace_source_drain (f->source);
  g_assert_cmpuint (gb_trace_get_n_iterations (f->trace), ==, n + 3);
  gb_kernel_client_interrupt (f->client);
  WAIT_UNTIL (f->n_results == 2);
  g_assert_cmpstr (f->results[1].reason, ==, "interrupted");
}

/* What it read of clocks, entropy, input and knobs it reads again. */
static void
test_world (Fixture *f, gconstpointer data)
{
  gb_trace_source_set_lossless (f->source, TRUE);
  f->n_asked++;
  gb_kernel_client_execute_async (
      f->client, "/nowhere/program.py",
      "import os, time, torch, gradboard as gb\n"
      "name = input()\ngb.ask('ready')\n"
      "w = torch.ones(2, requires_grad=True); o = torch.optim.SGD([w], 0.1)\n"
      "for i in range(20):\n"
      "    k = gb.knob('k', 1.0, 0.0, 9.0)\n"
      "    (w.sum() * k).backward(); o.step()\n"
      "    if i == 10:\n"
      "        while gb.knob('k', 1.0, 0.0, 9.0) == 1.0: time.sleep(0.002)\n"
      "    print(i, k, w[0].item(), time.time(), time.perf_counter_ns(), os.urandom(4))\n"
      "print(name, input())\nw + 1\nw + 2\n",
      NULL, GB_EXECUTE_SNAPSHOTS, 0, NULL, executed, f);
  gb_kernel_client_answer (f->client, "first\n");
  WAIT_UNTIL (f->state == TE_STATE_WAITING_ANSWER);
  gb_kernel_client_answer (f->client, "");
  WAIT_UNTIL (gb_trace_get_n_iterations (f->trace) >= 11);
  gb_kernel_client_set_knob (f->client, "k", g_variant_new_double (3));
  WAIT_UNTIL (f->state == TE_STATE_WAITING_INPUT);
  gb_kernel_client_answer (f->client, "second\n");
  WAIT_UNTIL (f->n_results);
  g_autofree char *first = printed (f);
  guint64 last = gb_trace_get_last_call_at (f->trace, G_MAXUINT64);
  for (guint i = 0; i < 2; i++)
    {
      rewind_to (f, last - 1);
      g_assert_cmpuint (f->state, ==, TE_STATE_PAUSED);
      go_on (f);
      g_autofree char *again = printed (f);
      g_assert_cmpstr (again, ==, first);
    }
}

/* A way back that is asked for before any snapshot has told where it stands. */
static void
test_at_once (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    {
      guint n = f->n_results;
      run_beginning (f, "import torch\nw = torch.ones(2)\nfor i in range(10**9): w = w * 1\n");
      rewind_to (f, 0);
      g_assert_cmpstr (f->error, ==, NULL);
      g_assert_cmpuint (f->state, ==, TE_STATE_PAUSED);
      g_assert_cmpstr (f->results[n].reason, ==, "rewound");
      gb_kernel_client_interrupt (f->client);
      WAIT_UNTIL (f->n_results == n + 2);
      gb_kernel_result_clear (&f->results[n]);
      gb_kernel_result_clear (&f->results[n + 1]);
      f->n_results = n;
    }
}

/* While snapshots are made one upon another, so that one is being made when the way back is asked for. */
static void
test_while_forking (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strdup_printf (training, 1000000);
  gb_kernel_client_set_snapshot_interval (f->client, 1);
  f->n_asked++;
  gb_kernel_client_execute_async (f->client, "/nowhere/program.py", text, NULL, GB_EXECUTE_SNAPSHOTS, 0, NULL,
                                  executed, f);
  for (guint i = 0; i < 6; i++)
    {
      WAIT_UNTIL (gb_trace_get_n_iterations (f->trace) > 20 && f->n_snapshots > 2);
      rewind_to (f, 30);
      g_assert_cmpstr (f->error, ==, NULL);
      g_assert_cmpstr (f->exit_reason, ==, NULL);
      g_assert_cmpuint (f->n_results, ==, i + 1);
      g_assert_cmpstr (f->results[i].reason, ==, "rewound");
      gb_kernel_client_continue (f->client);
    }
  gb_kernel_client_interrupt (f->client);
  WAIT_UNTIL (f->n_results == 7);
}

/* How a program ends that is a snapshot's: the broker is not its parent. */
static void
test_death_of_a_successor (Fixture *f, gconstpointer data)
{
  run (f, "import torch, os\nx = torch.ones(3)\nfor i in range(3): x = x + 1\n"
          "if os.path.exists('again'): os.kill(os.getpid(), 11)\nopen('again', 'w').close()\nx + 1\n");
  g_assert_cmpstr (f->results[0].reason, ==, "ended");
  rewind_to (f, 2);
  g_assert_cmpstr (f->error, ==, NULL);
  gb_kernel_client_continue (f->client);
  WAIT_UNTIL (f->exit_reason);
  g_assert_cmpuint (f->n_results, ==, 2);
  g_assert_cmpstr (f->results[1].reason, ==, data ? "killed" : "crashed");
  g_assert_cmpuint (f->n_snapshots, ==, 0);
}

/* A program with a thread is left alone, and one without snapshots says so. */
static void
test_company (Fixture *f, gconstpointer data)
{
  run (
      f,
      "import threading, torch\nstop = threading.Event()\nt = threading.Thread(target=stop.wait); t.start()\n"
      "w = torch.ones(2, requires_grad=True)\no = torch.optim.SGD([w], 0.1)\n"
      "import time\nend = time.monotonic() + 0.8\n"
      "while time.monotonic() < end: w.sum().backward(); o.step()\n"
      "stop.set(); t.join()\n");
  g_assert_cmpuint (f->n_snapshots, ==, 1); /* that of the start */
  rewind_to (f, 0);
  g_assert_cmpuint (f->state, ==, TE_STATE_PAUSED);
  go_on (f);
  f->n_results = 0;
  f->n_asked++;
  gb_kernel_client_execute_async (f->client, "/nowhere/program.py", "1\n", NULL, GB_EXECUTE_DEFAULT, 0, NULL,
                                  executed, f);
  WAIT_UNTIL (f->n_results);
  rewind_to (f, 0);
  g_assert_cmpstr (f->error, ==, "no snapshot is as old as this position");
}

/* What is written into memory that forks share would stand in the past of all of them: the way back runs again from before. */
static void
test_shared_memory (Fixture *f, gconstpointer data)
{
  run (f, "import torch\nw = torch.ones(2, requires_grad=True)\no = torch.optim.SGD([w], 0.1)\nt = torch.zeros(1).share_memory_()\n"
          "import time\nend = time.monotonic() + 1.5\n"
          "while time.monotonic() < end: w.sum().backward(); o.step(); t.add_(1)\n");
  g_assert_cmpuint (f->n_snapshots, ==, 1); /* that of the start */
}

/* Processes whose folder is the interpreter's; parent: of the one with this pid. */
static guint
count_processes (const char *scratch, pid_t of, pid_t *parent)
{
  GDir *dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint n = 0;
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *link = g_build_filename ("/proc", name, "cwd", NULL),
                      *stat = g_build_filename ("/proc", name, "stat", NULL), *text = NULL;
      g_autofree char *folder = g_ascii_isdigit (*name) ? g_file_read_link (link, NULL) : NULL;
      if (!folder || !g_str_has_prefix (folder, scratch) || !g_file_get_contents (stat, &text, NULL, NULL))
        continue;
      char state = 'Z';
      int its_parent = 0;
      if (strrchr (text, ')') && sscanf (strrchr (text, ')') + 1, " %c %d", &state, &its_parent) == 2
          && state != 'Z')
        n++;
      if (atoi (name) == of && parent)
        *parent = its_parent;
    }
  g_dir_close (dir);
  return n;
}

/* Whoever dies while snapshots sleep, none of them is left behind. */
static void
test_deaths (Fixture *f, gconstpointer variant)
{
  pid_t broker = 0;
  g_autofree char *text = g_strdup_printf (training, 100000000);
  f->n_asked++;
  gb_kernel_client_execute_async (f->client, "/nowhere/program.py", text, NULL, GB_EXECUTE_SNAPSHOTS, 0, NULL,
                                  executed, f);
  WAIT_UNTIL (f->n_snapshots > 2);
  g_assert_cmpuint (count_processes (f->about->scratch, (pid_t) f->about->pid, &broker), >=, 4);
  guint64 recorded = gb_trace_get_last_seq (f->trace);
  g_assert_cmpint (kill (variant ? broker : (pid_t) f->about->pid, SIGKILL), ==, 0);
  WAIT_UNTIL (f->exit_reason && (f->n_results || f->error));
  for (int i = 0; i < 500 && count_processes (f->about->scratch, 0, NULL); i++)
    g_usleep (10000);
  g_assert_cmpuint (count_processes (f->about->scratch, 0, NULL), ==, 0);
  g_assert_cmpuint (gb_trace_get_last_seq (f->trace), >=, recorded);
}

/* Of all processes in the scratch folder, with what they share counted for each. */
static guint64
sum_rss (const char *scratch)
{
  guint64 total = 0;
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *link = g_build_filename ("/proc", name, "cwd", NULL),
                      *path = g_build_filename ("/proc", name, "statm", NULL), *text = NULL;
      g_autofree char *folder = g_ascii_isdigit (*name) ? g_file_read_link (link, NULL) : NULL;
      guint64 pages;
      if (folder && g_str_has_prefix (folder, scratch) && g_file_get_contents (path, &text, NULL, NULL)
          && sscanf (text, "%*u %" G_GUINT64_FORMAT, &pages) == 1)
        total += pages * (guint64) sysconf (_SC_PAGESIZE);
    }
  return total;
}

/* What a program and its snapshots have in common counts once: together they seem to be far beyond the limit,
 * and nobody is stopped for it. */
static void
test_memory_in_common (Fixture *f, gconstpointer data)
{
  f->n_asked++;
  gb_kernel_client_execute_async (f->client, "/nowhere/program.py",
                                  "import torch\n"
                                  "big = torch.ones(30_000_000)\n"
                                  "w = torch.ones(3, requires_grad=True)\n"
                                  "optimizer = torch.optim.SGD([w], 0.1)\n"
                                  "while True:\n"
                                  "    (w * w).sum().backward()\n"
                                  "    optimizer.step()\n",
                                  NULL, GB_EXECUTE_SNAPSHOTS, 0, NULL, executed, f);
  WAIT_UNTIL (f->n_snapshots >= 4 || f->n_results || f->error);
  for (gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
  g_assert_cmpuint (sum_rss (f->about->scratch), >, SMALL_NBYTES / 4 * 5);
  g_assert_cmpuint (f->n_results, ==, 0);
  g_assert_cmpstr (f->exit_reason, ==, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                                  \
  g_test_add ("/kernel/rewind/" name, Fixture, NULL, set_up, function, tear_down);                           \
  g_test_add ("/kernel/rewind/" name "/bubblewrap", Fixture, GINT_TO_POINTER (1), set_up, function, tear_down)
  ADD ("same-future", test_same_future);
  ADD ("while-running", test_while_running);
  ADD ("while-forking", test_while_forking);
  ADD ("world", test_world);
  ADD ("at-once", test_at_once);
  ADD ("death-of-a-successor", test_death_of_a_successor);
  ADD ("company", test_company);
  ADD ("shared-memory", test_shared_memory);
  g_test_add ("/kernel/rewind/interpreter-dies", Fixture, NULL, set_up, test_deaths, tear_down);
  g_test_add ("/kernel/rewind/broker-dies", Fixture, GINT_TO_POINTER (2), set_up, test_deaths, tear_down);
  g_test_add ("/kernel/rewind/memory-in-common", Fixture, GINT_TO_POINTER (3), set_up, test_memory_in_common,
              tear_down);
  return g_test_run ();
}
