/* What the benches of time share: one interpreter at a time, a program run in it in a certain way, and what
 * the program printed about itself (`name<tab>unit<tab>value`). */
#pragma once

#include "kernel/kernel-client.h"
#include "models/trace.h"

G_BEGIN_DECLS

typedef struct
{
  GMainLoop *loop;
  GbKernelClient *client;
  GbTraceSource *source;
  GbTrace *trace;      /* of what is watched */
  GHashTable *printed; /* name -> double */
  guint64 n_records;   /* of the last run */
  guint pid;           /* of the interpreter */
  guint n_snapshots;
  gboolean waits_for_pause;
  char *recording; /* its path */
  char *error;
} GbBenchRun;

typedef struct
{
  const TeWatch *watches;
  gsize n_watches;
  GbExecuteFlags flags;
  gboolean shown;    /* into the trace, as a window does */
  gboolean recorded; /* into the file, as `gradboard run --trace` does */
} GbBenchWay;

gboolean gb_bench_run_init (GbBenchRun *run); /* FALSE: there is an error */
void gb_bench_run_clear (GbBenchRun *run);
void gb_bench_run_take_error (GbBenchRun *run, GError *error); /* NULL is fine */

gboolean gb_bench_run_start (GbBenchRun *run, const char *readable);
/* A file of data/bench, with text arguments, in an interpreter of its own. */
gboolean
gb_bench_run_file (GbBenchRun *run, const char *name, const char *const *argv, const GbBenchWay *way);
gboolean gb_bench_run_text (GbBenchRun *run, const char *text, const GbBenchWay *way);
double gb_bench_run_get_printed (GbBenchRun *run, const char *name); /* NAN: nothing */
/* Milliseconds from the asking until it is paused there; NAN: it could not.  Then it runs to its end again.
 */
double gb_bench_run_way_back (GbBenchRun *run, guint64 call);

double gb_bench_median (double *values, gsize n); /* sorts them */
double gb_bench_quantile (double *values, gsize n, double q); /* sorts them; NAN: there are none */
double gb_bench_least (const double *values, gsize n);

G_END_DECLS
