/* gradboard bench: the engine and the views on this machine, as ratios side by side in one run.
 * The workloads are data/bench/workloads.py; real PyTorch runs the same file in turns with the engine, where
 * it is installed.  Nothing here passes or fails. */
#include <gio/gio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench-class.h"
#include "cli/bench-layout.h"
#include "cli/bench-time.h"
#include "cli/bench-topics.h"
#include "cli/bench-views.h"
#include "cli/bench-window.h"
#include "cli/commands.h"
#include "base/places.h"
#include "checker/pytorch.h"
#include "common/i18n.h"
#include "paths.h"

#define ROUNDS 2

typedef struct
{
  char *name, *unit;
  double ours, theirs; /* best so far; NaN: not measured */
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;
  g_free (row->name);
  g_free (row->unit);
  g_free (row);
}

static gboolean
more_is_better (const Row *row)
{
  return g_str_has_suffix (row->unit, "/s");
}

/* ---- the engine beside PyTorch ---- */

static Row *
find_row (GPtrArray *rows, const char *name, const char *unit)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (((Row *) g_ptr_array_index (rows, i))->name, name))
      return g_ptr_array_index (rows, i);
  Row *row = g_new0 (Row, 1);
  row->name = g_strdup (name);
  row->unit = g_strdup (unit);
  row->ours = row->theirs = NAN;
  g_ptr_array_add (rows, row);
  return row;
}

static void
take_line (GPtrArray *rows, const char *line, gboolean ours)
{
  g_auto (GStrv) field = g_strsplit (line, "\t", 3);
  if (g_strv_length (field) != 3)
    return;
  Row *row = find_row (rows, field[0], field[1]);
  double value = g_ascii_strtod (field[2], NULL), *place = ours ? &row->ours : &row->theirs;
  if (isnan (*place) || (more_is_better (row) ? value > *place : value < *place))
    *place = value;
}

/* Runs a file of data/bench on the engine or on PyTorch and takes its lines. */
static gboolean
run_workloads (GPtrArray *rows, const char *file, char **names, gboolean ours, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *script = g_build_filename (gb_paths_get_data_dir (), "bench", file, NULL);
  g_autofree char *output = NULL;

  g_subprocess_launcher_setenv (launcher, "PYTHONDONTWRITEBYTECODE", "1", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "PYTHONPATH");
  if (ours)
    g_subprocess_launcher_setenv (launcher, "PYTHONPATH", te_place_get (TE_PLACE_TORCH), TRUE);
  g_ptr_array_add (argv, (gpointer) "/usr/bin/python3");
  g_ptr_array_add (argv, script);
  for (guint i = 0; names && names[i]; i++)
    g_ptr_array_add (argv, names[i]);
  g_ptr_array_add (argv, NULL);
  g_autoptr (GSubprocess) child =
      g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, error);
  if (!child || !g_subprocess_communicate_utf8 (child, NULL, NULL, &output, NULL, error))
    return FALSE;
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    take_line (rows, lines[i], ours);
  return g_subprocess_wait_check (child, NULL, error);
}

static void
print_rows (GPtrArray *rows, gboolean with_rival)
{
  g_print ("%-20s %10s %12s %12s %8s\n", "engine", "unit", "gradboard", with_rival ? "pytorch" : "",
           with_rival ? "faster" : "");
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = g_ptr_array_index (rows, i);
      double ratio = more_is_better (row) ? row->ours / row->theirs : row->theirs / row->ours;
      g_print ("%-20s %10s %12.4g", row->name, row->unit, row->ours);
      if (!isnan (row->theirs))
        g_print (" %12.4g %7.2fx", row->theirs, ratio);
      g_print ("\n");
    }
}

static int
bench_engine (char **names)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (row_free);
  gboolean rival = gb_pytorch_is_installed ();
  for (int round = 0; round < ROUNDS; round++)
    for (int side = 0; side <= rival; side++)
      {
        g_autoptr (GError) error = NULL;
        if (!run_workloads (rows, "workloads.py", names, side == 0, &error))
          {
            g_printerr (_ ("%s: the workloads did not run: %s\n"), side == 0 ? "gradboard" : "pytorch",
                        error->message);
            if (side == 0)
              return 1;
          }
      }
  print_rows (rows, rival);
  if (!rival)
    g_print ("%s\n", _ ("PyTorch is not installed (python3-torch): no ratios."));
  return 0;
}

/* The train step with one and all threads, alone and beside a process that never rests. */
static void
bench_beside_busy (void)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (row_free);
  g_autoptr (GError) error = NULL;
  if (!run_workloads (rows, "beside_busy.py", NULL, TRUE, &error))
    {
      g_printerr (_ ("%s: the workloads did not run: %s\n"), "gradboard", error->message);
      return;
    }
  g_print ("\n%-20s %10s %12s %8s\n", _ ("digits CNN"), "unit", "gradboard", _ ("ratio"));
  const Row *alone = g_ptr_array_index (rows, 0);
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = g_ptr_array_index (rows, i);
      g_print ("%-20s %10s %12.4g %7.2fx\n", row->name, row->unit, row->ours, row->ours / alone->ours);
    }
}

int
gb_command_bench (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "window") == 0)
    return gb_bench_window ();
  if (argc == 2 && strcmp (argv[1], "class") == 0)
    return gb_bench_class ();
  if (argc >= 2 && strcmp (argv[1], "topics") == 0)
    return gb_bench_topics (argc > 2 ? argv + 2 : NULL);
  if (argc >= 2 && strcmp (argv[1], "scenes") == 0)
    return gb_bench_scenes (argc > 2 ? argv + 2 : NULL);
  if (argc == 2 && strcmp (argv[1], "time") == 0)
    return gb_bench_time ();
  if (argc >= 2 && strcmp (argv[1], "views") == 0)
    {
      int status = gb_bench_views (argc > 2 ? argv[2] : NULL);
      if ((argc == 2 || strcmp (argv[2], "graph") == 0) && gb_bench_layout ())
        status = 1;
      return status;
    }
  g_auto (GStrv) names = argc > 1 ? g_strdupv (argv + 1) : NULL;
  int status = bench_engine (names);
  if (argc > 1)
    return status;
  bench_beside_busy ();
  gb_bench_interpreter ();
  gb_bench_views (NULL);
  gb_bench_layout ();
  return status;
}
