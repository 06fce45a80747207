/* The same training in turns: with nobody looking, watched as the board's views watch it, with snapshots
 * besides, and recorded with hashes as `gradboard run --trace` does.  A ratio is the median of those of the rounds, in
 * each of which every way had its turn: what else the machine does changes more slowly. */
#include "cli/bench-cost.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/headless.h"
#include "common/i18n.h"
#include "common/view.h"

#define ROUNDS    7
#define STEPS     "1500" /* that some snapshots are made in each */
#define MEGABYTES "60"   /* beside some 40 of the interpreter and the engine */
#define MILLION   "3200" /* steps that make so many records */

static const TeWatch board_watches[] = {
  { TE_WATCH_GRADIENTS, 0, 0, 0 },
  { TE_WATCH_STATS, 100, 0, 0 },
  { TE_WATCH_VALUES, 250, 0, 8 },
  { TE_WATCH_METER, 500, 0, 0 },
  { TE_WATCH_OPENING, 0, 0, GB_OPENING_ELEMENTS },
};

typedef enum
{
  ALONE,
  WATCHED,
  WITH_SNAPSHOTS,
  RECORDED,
  N_WAYS,
} Way;

static GbBenchWay
way_of (Way way)
{
  GbBenchWay ways[N_WAYS] = {
    [ALONE] = { .flags = GB_EXECUTE_UNTRACED },
    [WATCHED] = { board_watches, G_N_ELEMENTS (board_watches), GB_EXECUTE_DEFAULT, .shown = TRUE },
    [WITH_SNAPSHOTS] = { board_watches, G_N_ELEMENTS (board_watches), GB_EXECUTE_SNAPSHOTS, .shown = TRUE },
    [RECORDED] = { gb_recording_watches, gb_n_recording_watches, GB_EXECUTE_DEFAULT, .recorded = TRUE },
  };
  return ways[way];
}

static double
own_processor_msec (void)
{
  struct rusage used;
  getrusage (RUSAGE_SELF, &used);
  return (double) (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3
         + (double) (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

typedef struct
{
  double speed[N_WAYS][ROUNDS], processor[N_WAYS][ROUNDS], reader[N_WAYS][ROUNDS];
} Cost;

static void
print_row (const char *what, double values[N_WAYS])
{
  g_print ("%-24s", what);
  for (int way = 0; way < N_WAYS; way++)
    g_print (" %14.4g", values[way]);
  g_print ("\n");
}

static void
print_cost (Cost *cost)
{
  double speed[N_WAYS], processor[N_WAYS], reader[N_WAYS], by_time[N_WAYS], by_processor[N_WAYS];
  for (int way = 0; way < N_WAYS; way++)
    {
      double msec[ROUNDS], time[ROUNDS], used[ROUNDS];
      for (int round = 0; round < ROUNDS; round++)
        {
          msec[round] = 1e3 / cost->speed[way][round];
          time[round] = cost->speed[ALONE][round] / cost->speed[way][round];
          used[round] = cost->processor[way][round] / cost->processor[ALONE][round];
        }
      speed[way] = 1e3 / gb_bench_least (msec, ROUNDS);
      processor[way] = gb_bench_least (cost->processor[way], ROUNDS);
      reader[way] = gb_bench_least (cost->reader[way], ROUNDS);
      by_time[way] = gb_bench_median (time, ROUNDS);
      by_processor[way] = gb_bench_median (used, ROUNDS);
    }
  g_print ("%-24s %14s %14s %14s %14s\n", "digits-cnn", _ ("nobody looks"), _ ("watched"),
           _ ("and snapshots"), _ ("recorded"));
  print_row (_ ("steps/s"), speed);
  print_row (_ ("time, ratio"), by_time);
  print_row (_ ("processor, ms/step"), processor);
  print_row (_ ("processor, ratio"), by_processor);
  print_row (_ ("reader, ms/step"), reader);
}

void
gb_bench_cost (GbBenchRun *run)
{
  static const char *const argv[] = { STEPS, "1", NULL };
  Cost cost;
  for (int round = 0; round < ROUNDS; round++)
    for (int way = 0; way < N_WAYS; way++)
      {
        GbBenchWay how = way_of (way);
        double before = own_processor_msec ();
        if (!gb_bench_run_file (run, "rewind.py", argv, &how))
          return;
        cost.reader[way][round] = (own_processor_msec () - before) / atof (STEPS);
        cost.speed[way][round] = gb_bench_run_get_printed (run, "speed");
        cost.processor[way][round] = gb_bench_run_get_printed (run, "processor");
      }
  print_cost (&cost);
}

/* Highest resident memory since the last call, in MB; 0: the system does not say. */
static double
take_peak_mbytes (void)
{
  g_autofree char *text = NULL;
  const char *line =
      g_file_get_contents ("/proc/self/status", &text, NULL, NULL) ? strstr (text, "VmHWM:") : NULL;
  double kib = line ? g_ascii_strtod (line + strlen ("VmHWM:"), NULL) : 0;
  g_file_set_contents_full ("/proc/self/clear_refs", "5", 1, G_FILE_SET_CONTENTS_NONE, 0, NULL);
  return kib * 1024 / 1e6;
}

void
gb_bench_bounds (GbBenchRun *run)
{
  static const char *const argv[] = { MILLION, MEGABYTES, NULL };
  GbBenchWay recorded = way_of (RECORDED), snapshots = way_of (WITH_SNAPSHOTS);
  take_peak_mbytes ();
  double before = take_peak_mbytes ();
  if (!gb_bench_run_file (run, "rewind.py", argv, &recorded))
    return;
  double peak = take_peak_mbytes ();
  g_print ("\n%-32s %10" G_GUINT64_FORMAT "\n", _ ("records written"), run->n_records);
  g_print ("%-32s %10.4g\n", _ ("memory of who writes them, MB"), peak);
  g_print ("%-32s %10.4g\n", _ ("of that since the start, MB"), peak - before);
  if (!gb_bench_run_file (run, "rewind.py", argv, &snapshots))
    return;
  g_print ("%-32s %10.4g\n", _ ("resident when it is copied, MB"),
           gb_bench_run_get_printed (run, "resident"));
  g_print ("%-32s %10.4g\n", _ ("stop for a snapshot, ms"), gb_bench_run_get_printed (run, "snapshot"));
  g_print ("%-32s %10.4g\n", _ ("of that the processor's, ms"), gb_bench_run_get_printed (run, "copying"));
  g_print ("%-32s %10.4g\n", _ ("the shortest stop, ms"), gb_bench_run_get_printed (run, "quickest"));
  g_print ("%-32s %10u\n", _ ("snapshots kept"), run->n_snapshots);
}
