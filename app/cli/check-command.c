/* gradboard check: runs scenes, the notes of topics, and the solutions of cases and exercises on the engine and, where it
 * is installed, on real PyTorch; says which predictions, facts, numbers and checks hold and where the two differ.  With a
 * case and a file it is the file that is checked.  --authoring looks at the material as it is written and runs nothing.  Exit status 1 when anything does not hold. */
#include <string.h>

#include "checker/pytorch.h"
#include "cli/case-check.h"
#include "cli/check-jobs.h"
#include "cli/commands.h"
#include "cli/note-check.h"
#include "cli/scene-outcome.h"
#include "cli/tally.h"
#include "common/i18n.h"
#include "library/authoring.h"
#include "paths.h"

/* Every prediction of scene.json is told by the run; every fact that the run states holds. */
static void
check_outcome (GbTally *tally, const GbScene *scene, const GbSceneOutcome *outcome, const char *where)
{
  guint told = 0;
  if (outcome->fault)
    {
      gb_tally_say (tally, FALSE, scene->id, "%s: %s", where, outcome->fault);
      return;
    }
  for (guint i = 0; i < scene->predictions->len; i++)
    {
      const GbPrediction *prediction = g_ptr_array_index (scene->predictions, i);
      if (gb_scene_outcome_told (outcome, prediction->id))
        told++;
      else
        gb_tally_say (tally, FALSE, scene->id, _ ("%s: the run never told the answer to “%s”"), where, prediction->id);
    }
  for (guint i = 0; i < outcome->failed->len; i++)
    gb_tally_say (tally, FALSE, scene->id, _ ("%s: does not hold: %s"), where,
         (char *) g_ptr_array_index (outcome->failed, i));
  if (told == scene->predictions->len && outcome->failed->len == 0)
    gb_tally_say (tally, TRUE, scene->id, _ ("%s: %u answers computed, %u facts hold, %.1f s"), where, told,
         outcome->n_checked, outcome->seconds);
}

/* What a note may quote of its scene: what it printed, and the answers it told. */
static void
add_told (GString *told, const GbSceneOutcome *outcome)
{
  g_string_append_printf (told, "%s\n", outcome->output->str);
  for (guint i = 0; i < outcome->told->len; i++)
    g_string_append_printf (told, "%s\n", ((GbTold *) g_ptr_array_index (outcome->told, i))->value);
}

static void
check_notes (GbTally *tally, const char *name, const GbTopic *topic, const char *told, gboolean with_pytorch)
{
  g_autoptr (GbNoteOutcome) outcome = gb_notes_check (topic, told, with_pytorch);
  for (guint i = 0; i < outcome->problems->len; i++)
    gb_tally_say (tally, FALSE, name, "%s", (char *) g_ptr_array_index (outcome->problems, i));
  if (!outcome->problems->len)
    gb_tally_say (tally, TRUE, name, _ ("both notes: %u snippets run, %u numbers confirmed"), outcome->n_snippets,
         outcome->n_numbers);
}

/* told: takes what the notes beside the scene may quote. */
static void
check_scene (GbTally *tally, const GbScene *scene, gboolean with_pytorch, GString *told)
{
  g_autoptr (GbSceneOutcome) ours = NULL;
  g_autoptr (GbSceneOutcome) theirs = NULL;
  g_autoptr (GPtrArray) differences = NULL;
  if (scene->error)
    {
      gb_tally_say (tally, FALSE, scene->id, "%s", scene->error);
      return;
    }
  ours = gb_scene_run_on_engine (scene);
  check_outcome (tally, scene, ours, "gradboard");
  add_told (told, ours);
  if (!with_pytorch)
    return;
  theirs = gb_scene_run_on_pytorch (scene);
  check_outcome (tally, scene, theirs, "pytorch");
  if (ours->fault || theirs->fault)
    return;
  differences = gb_scene_outcome_compare (scene, ours, theirs);
  for (guint i = 0; i < differences->len; i++)
    gb_tally_say (tally, FALSE, scene->id, "%s", (char *) g_ptr_array_index (differences, i));
  if (differences->len == 0)
    gb_tally_say (tally, TRUE, scene->id, "%s", _ ("both agree"));
}

/* A scene, then the notes that lean on it. */
static void
check_all_of_scene (GbTally *tally, GbLibrary *library, const GbScene *scene, gboolean with_pytorch)
{
  const char *const *leaves = gb_library_get_leaves (library);
  g_autoptr (GString) told = g_string_new (NULL);
  check_scene (tally, scene, with_pytorch, told);
  if (scene->own)
    check_notes (tally, scene->id, scene->own, told->str, with_pytorch);
  for (guint i = 0; leaves[i]; i++)
    {
      const GbTopic *topic = gb_library_find_topic (library, leaves[i]);
      if (g_strcmp0 (topic->scene, scene->id) == 0)
        check_notes (tally, leaves[i], topic, told->str, with_pytorch);
    }
}

/* Names of cases, of scenes, or of leaves, which stand for their scene. */
static gboolean
find_chosen (GbLibrary *library, int argc, char **argv, GHashTable *chosen)
{
  for (int i = 0; i < argc; i++)
    {
      const GbScene *scene = gb_library_find_scene (library, argv[i]);
      if (!scene && gb_library_find_topic (library, argv[i]))
        scene = gb_library_find_scene_of_leaf (library, argv[i]);
      gconstpointer found = scene ? (gconstpointer) scene : gb_library_find_case (library, argv[i]);
      if (!found)
        {
          g_printerr (_ ("There is no scene, topic, case or exercise “%s”. `gradboard topics` lists them.\n"), argv[i]);
          return FALSE;
        }
      g_hash_table_add (chosen, (gpointer) found);
    }
  return TRUE;
}

static int
check_authoring (GbLibrary *library, int argc, char **argv)
{
  guint n_problems = 0;
  for (int i = 0; i == 0 || i < argc; i++)
    {
      g_autoptr (GPtrArray) problems = gb_authoring_check (library, argc ? argv[i] : NULL);
      for (guint k = 0; k < problems->len; k++)
        g_print ("✕ %s\n", (char *) g_ptr_array_index (problems, k));
      n_problems += problems->len;
    }
  if (!n_problems)
    g_print ("✓ %s\n", _ ("the material is whole"));
  return n_problems ? 1 : 0;
}

/* ID FILE.py [--json] */
static int
check_file (GbLibrary *library, int argc, char **argv, const char *seed)
{
  gboolean json = argc == 4 && strcmp (argv[3], "--json") == 0;
  if (argc > 3 + json)
    {
      g_printerr (_ ("%s: check takes a case, a file, --json and --seed N\n"), argv[3]);
      return GB_EXIT_USAGE;
    }
  guint number = seed ? (guint) g_ascii_strtoull (seed, NULL, 10) : (guint) g_random_int_range (1, G_MAXINT32);
  return gb_case_check_file (gb_library_find_case (library, argv[1]), argv[2], number, json);
}

/* Takes "NAME VALUE" out of the arguments; VALUE, or NULL. */
static const char *
take_option (const char *name, int *argc, char **argv)
{
  const char *value = NULL;
  int n = 0;
  for (int i = 0; i < *argc; i++)
    if (strcmp (argv[i], name) == 0 && i + 1 < *argc)
      value = argv[++i];
    else
      argv[n++] = argv[i];
  *argc = n;
  return value;
}

/* Ids of the scenes and cases that are checked, in the order in which they are told. */
static GPtrArray *
list_wanted (GbLibrary *library, GHashTable *chosen, gboolean with_cases)
{
  GPtrArray *wanted = g_ptr_array_new ();
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    {
      const GbScene *scene = gb_library_get_scene (library, i);
      if (!chosen || g_hash_table_contains (chosen, scene))
        g_ptr_array_add (wanted, scene->id);
    }
  for (guint i = 0; with_cases && i < gb_library_get_n_cases (library); i++)
    {
      const GbCase *which = gb_library_get_case (library, i);
      if (!chosen || g_hash_table_contains (chosen, which))
        g_ptr_array_add (wanted, which->id);
    }
  return wanted;
}

static void
check_wanted (GbTally *tally, GbLibrary *library, GPtrArray *wanted, gboolean with_pytorch, guint seed)
{
  for (guint i = 0; i < wanted->len; i++)
    {
      const GbScene *scene = gb_library_find_scene (library, g_ptr_array_index (wanted, i));
      if (scene)
        check_all_of_scene (tally, library, scene, with_pytorch);
      else
        gb_case_check (tally, gb_library_find_case (library, g_ptr_array_index (wanted, i)), with_pytorch, seed);
    }
}

int
gb_command_check (int argc, char **argv)
{
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  g_autoptr (GHashTable) chosen = g_hash_table_new (NULL, NULL);
  const char *seed = take_option ("--seed", &argc, argv), *jobs = take_option ("--jobs", &argc, argv);
  GbTally tally = { 0 };
  gboolean authoring = argc > 1 && strcmp (argv[1], "--authoring") == 0;
  gboolean no_cases = argc > 1 && strcmp (argv[1], "--scenes") == 0;
  int n_names = argc - 1 - authoring - no_cases;
  char **names = argv + 1 + authoring + no_cases;
  guint proving_seed = seed ? (guint) g_ascii_strtoull (seed, NULL, 10) : 1;
  if (argc > 2 && gb_library_find_case (library, argv[1]) && g_str_has_suffix (argv[2], ".py"))
    return check_file (library, argc, argv, seed);
  if (!find_chosen (library, n_names, names, chosen))
    return GB_EXIT_USAGE;
  if (authoring)
    return check_authoring (library, n_names, names);
  gboolean with_pytorch = gb_pytorch_is_installed ();
  g_autoptr (GPtrArray) wanted = list_wanted (library, n_names ? chosen : NULL, !no_cases);
  guint n_jobs = jobs ? (guint) g_ascii_strtoull (jobs, NULL, 10) : g_get_num_processors ();
  if (gb_library_get_error (library))
    gb_tally_say (&tally, FALSE, "outline.json", "%s", gb_library_get_error (library));
  if (n_jobs > 1 && wanted->len > 1)
    gb_check_jobs_run (&tally, wanted, MIN (n_jobs, wanted->len), seed);
  else
    check_wanted (&tally, library, wanted, with_pytorch, proving_seed);
  if (!with_pytorch)
    g_print ("%s\n", _ ("PyTorch is not installed (python3-torch): checked on the engine alone."));
  g_print (_ ("%u passed, %u failed\n"), tally.passed, tally.failed);
  return tally.failed ? 1 : 0;
}
