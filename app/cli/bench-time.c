/* What watching, snapshots and recording cost a training (bench-cost.c); then, at the end of one with
 * snapshots, ways back over 1 to 1,000 steps; a step back in a snippet; how soon a death is known; and the
 * recording opened, with what it takes of memory and of time to move in it. */
#include "cli/bench-time.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "board/timeline-model.h"
#include "cli/bench-cost.h"
#include "common/i18n.h"

#define ROUNDS 5
#define SCRUBS 400

/* ---- ways back ---- */

static double
way_back (GbBenchRun *run, guint64 n_steps)
{
  guint64 last = gb_trace_get_iteration (run->trace, gb_trace_get_n_iterations (run->trace) - 1)->iteration;
  const GbIteration *there = gb_trace_find_iteration (run->trace, last - n_steps);
  return there ? gb_bench_run_way_back (run, gb_trace_get_last_call_at (run->trace, there->last_seq)) : NAN;
}

static void
bench_ways (GbBenchRun *run)
{
  static const guint64 steps[] = { 1, 10, 100, 500, 1000, 3000 };
  g_print ("\n%-32s %10s %10s\n", _ ("way back over steps"), "ms", _ ("shortest"));
  for (guint i = 0; i < G_N_ELEMENTS (steps) && !run->error; i++)
    {
      double msec[ROUNDS];
      for (int round = 0; round < ROUNDS && !run->error; round++)
        msec[round] = way_back (run, steps[i]);
      if (!run->error)
        g_print ("%-32" G_GUINT64_FORMAT " %10.4g %10.4g\n", steps[i], gb_bench_median (msec, ROUNDS),
                 gb_bench_least (msec, ROUNDS));
    }
}

/* One op back in a program of a few lines, which has ended. */
static void
bench_snippet (GbBenchRun *run)
{
  GbBenchWay way = { .flags = GB_EXECUTE_SNAPSHOTS, .shown = TRUE };
  double msec[2 * ROUNDS + 1];
  if (!gb_bench_run_text (run,
                          "import torch\nw = torch.ones(3, requires_grad=True)\nfor i in range(20):\n"
                          "    loss = (w * w).sum()\n    loss.backward()\n",
                          &way))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (msec) && !run->error; i++)
    {
      guint64 call = gb_trace_get_last_call_at (run->trace, gb_trace_get_last_seq (run->trace));
      msec[i] = gb_bench_run_way_back (run, call - 1);
    }
  if (!run->error)
    g_print ("\n%-32s %10.4g\n", _ ("op back in a snippet, ms"), gb_bench_median (msec, G_N_ELEMENTS (msec)));
}

/* ---- deaths ---- */

static void
on_exited (GbKernelClient *client, const char *reason, int signal, const char *message, GbBenchRun *run)
{
  g_main_loop_quit (run->loop);
}

static void
bench_deaths (GbBenchRun *run)
{
  double msec[ROUNDS];
  for (int round = 0; round < ROUNDS; round++)
    {
      if (!gb_bench_run_start (run, NULL))
        return;
      gulong exited = g_signal_connect (run->client, "exited", G_CALLBACK (on_exited), run);
      gint64 begin = g_get_monotonic_time ();
      kill ((pid_t) run->pid, SIGKILL);
      g_main_loop_run (run->loop);
      msec[round] = (double) (g_get_monotonic_time () - begin) / 1000;
      g_signal_handler_disconnect (run->client, exited);
    }
  g_print ("%-32s %10.4g\n", _ ("death known after, ms"), gb_bench_median (msec, ROUNDS));
}

/* ---- the recording ---- */

static double
resident_mbytes (void)
{
  g_autofree char *text = NULL;
  long pages = 0;
  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*d %ld", &pages);
  return (double) pages * (double) sysconf (_SC_PAGESIZE) / 1e6;
}

/* The playhead moved, and what moves with it in the window worked out anew. */
static double
scrub (GbTraceCursor *cursor, guint64 seq)
{
  gint64 here = g_get_monotonic_time ();
  gb_trace_cursor_set_position (cursor, seq);
  gb_timeline_model_free (gb_timeline_model_new (cursor));
  gb_trace_cursor_get_source_position (cursor);
  return (double) (g_get_monotonic_time () - here) / 1000;
}

static void
bench_scrubbing (GbTrace *trace)
{
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  guint64 last = gb_trace_get_last_seq (trace);
  double msec[SCRUBS];
  for (guint i = 0; i < SCRUBS; i++)
    msec[i] = scrub (cursor, last * (i * 37 % SCRUBS) / SCRUBS);
  double median = gb_bench_median (msec, SCRUBS);
  g_print ("%-32s %10.4g\n", _ ("scrubbing, ms a place"), median);
  g_print ("%-32s %10.4g\n", _ ("and of 95 in 100 less than"), msec[SCRUBS / 100 * 95]);
}

static void
bench_recording (GbBenchRun *run)
{
  GStatBuf about = { 0 };
  GError *error = NULL;
  double msec[ROUNDS], processor[ROUNDS];
  g_autoptr (GbTrace) trace = NULL;
  gb_trace_reset (run->trace);
  g_stat (run->recording, &about);
  for (int round = 0; round < ROUNDS && !run->error; round++)
    {
      g_clear_object (&trace);
      trace = gb_trace_new ();
      gint64 begin = g_get_monotonic_time ();
      clock_t ticks = clock ();
      gb_trace_load (trace, run->recording, &error);
      gb_bench_run_take_error (run, g_steal_pointer (&error));
      msec[round] = (double) (g_get_monotonic_time () - begin) / 1000;
      processor[round] = 1e3 * (double) (clock () - ticks) / CLOCKS_PER_SEC;
    }
  if (run->error)
    return;
  double mbytes = (double) about.st_size / 1e6;
  g_print ("\n%-32s %10.4g\n", _ ("recording, MB"), mbytes);
  g_print ("%-32s %10" G_GUINT64_FORMAT "\n", _ ("records in it"), gb_trace_get_last_seq (trace));
  g_print ("%-32s %10.4g\n", _ ("opening 100 MB of it, ms"), gb_bench_least (msec, ROUNDS) * 100 / mbytes);
  g_print ("%-32s %10.4g\n", _ ("of that the processor's, ms"),
           gb_bench_least (processor, ROUNDS) * 100 / mbytes);
  g_print ("%-32s %10.4g\n", _ ("resident while it is open, MB"), resident_mbytes ());
  bench_scrubbing (trace);
}

int
gb_bench_time (void)
{
  GbBenchRun run;
  static void (*const parts[]) (GbBenchRun *) = { gb_bench_cost, gb_bench_bounds, bench_ways,
                                                  bench_snippet, bench_deaths,    bench_recording };
  gb_bench_run_init (&run);
  for (guint i = 0; i < G_N_ELEMENTS (parts) && !run.error; i++)
    parts[i](&run);
  if (run.error)
    g_printerr ("%s\n", run.error);
  int status = run.error != NULL;
  gb_bench_run_clear (&run);
  return status;
}
