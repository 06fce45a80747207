#include "cli/check-jobs.h"

#include "common/i18n.h"

#include <gio/gio.h>

/* Ids that one process checks, one after the other: PyTorch, which takes a second to start, is started once for them. */
#define MOST_IDS 6
/* So many for each that runs at once, lest one has much to do when the others have ended. */
#define LEAST_GROUPS 8

typedef struct
{
  GPtrArray *ids;
  guint n_each, n_groups;
  char **outputs; /* of the groups that are done; NULL before */
  gboolean *failed;
  const char *seed;
  guint next, n_told, n_running;
  GbTally *tally;
  GMainLoop *loop;
} Jobs;

typedef struct
{
  Jobs *jobs;
  guint nth; /* group */
} Job;

/* A job's last lines sum it up; that is done once for all of them here. */
static void
tell (Jobs *jobs, guint nth)
{
  const char *id = g_ptr_array_index (jobs->ids, nth * jobs->n_each);
  g_auto (GStrv) lines = g_strsplit (jobs->outputs[nth], "\n", -1);
  guint n_bad = 0;
  for (guint i = 0; lines[i]; i++)
    {
      gboolean good = g_str_has_prefix (lines[i], "✓ "), bad = g_str_has_prefix (lines[i], "✕ ");
      /* What stands below a line belongs to it. */
      if (!good && !bad && !g_str_has_prefix (lines[i], " "))
        continue;
      g_print ("%s\n", lines[i]);
      jobs->tally->passed += good;
      jobs->tally->failed += bad;
      n_bad += bad;
    }
  if (jobs->failed[nth] && !n_bad)
    gb_tally_say (jobs->tally, FALSE, id, "%s", _ ("its check ended before it was through"));
}

static void start_next (Jobs *jobs);

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Job *job = data;
  Jobs *jobs = job->jobs;
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  gboolean ok = g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &output, NULL, &error);
  jobs->outputs[job->nth] = output ? output : g_strdup ("");
  jobs->failed[job->nth] = !ok || !g_subprocess_get_successful (G_SUBPROCESS (source));
  jobs->n_running--;
  while (jobs->n_told < jobs->n_groups && jobs->outputs[jobs->n_told])
    tell (jobs, jobs->n_told++);
  start_next (jobs);
  if (jobs->n_told == jobs->n_groups)
    g_main_loop_quit (jobs->loop);
}

static void
start_next (Jobs *jobs)
{
  if (jobs->next == jobs->n_groups)
    return;
  g_autoptr (GError) error = NULL;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  Job *job = g_new0 (Job, 1);
  *job = (Job){ jobs, jobs->next++ };
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const fixed[] = { self, "check", "--jobs", "1", jobs->seed ? "--seed" : NULL, jobs->seed };
  for (guint i = 0; i < G_N_ELEMENTS (fixed) && fixed[i]; i++)
    g_ptr_array_add (argv, (gpointer) fixed[i]);
  for (guint i = job->nth * jobs->n_each; i < MIN ((job->nth + 1) * jobs->n_each, jobs->ids->len); i++)
    g_ptr_array_add (argv, g_ptr_array_index (jobs->ids, i));
  g_ptr_array_add (argv, NULL);
  g_autoptr (GSubprocess) process =
      g_subprocess_newv ((const char *const *) argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  if (process)
    {
      jobs->n_running++;
      g_subprocess_communicate_utf8_async (process, NULL, NULL, on_done, job);
      return;
    }
  jobs->outputs[job->nth] = g_strdup_printf ("✕ %s\n", error->message);
  g_free (job);
  start_next (jobs);
}

void
gb_check_jobs_run (GbTally *tally, GPtrArray *ids, guint n_at_once, const char *seed)
{
  Jobs jobs = { .ids = ids, .seed = seed, .tally = tally, .loop = g_main_loop_new (NULL, FALSE) };
  jobs.n_each = CLAMP (ids->len / (n_at_once * LEAST_GROUPS), 1, MOST_IDS);
  jobs.n_groups = (ids->len + jobs.n_each - 1) / jobs.n_each;
  jobs.outputs = g_new0 (char *, jobs.n_groups + 1);
  jobs.failed = g_new0 (gboolean, jobs.n_groups);
  for (guint i = 0; i < n_at_once; i++)
    start_next (&jobs);
  if (jobs.n_running)
    g_main_loop_run (jobs.loop);
  while (jobs.n_told < jobs.n_groups) /* the last ones may not have started at all */
    tell (&jobs, jobs.n_told++);
  for (guint i = 0; i < jobs.n_groups; i++)
    g_free (jobs.outputs[i]);
  g_free (jobs.outputs);
  g_free (jobs.failed);
  g_main_loop_unref (jobs.loop);
}
