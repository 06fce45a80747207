/* gradboard check: runs scenes on the engine and, where it is installed, on real PyTorch; says which
 * predictions and facts hold and where the two differ.  Exit status 1 when anything does not. */
#include <string.h>

#include "cli/commands.h"
#include "cli/scene-outcome.h"
#include "common/i18n.h"
#include "paths.h"

typedef struct
{
  guint passed, failed;
} Tally;

static void say (Tally *tally, gboolean good, const char *scene, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static void
say (Tally *tally, gboolean good, const char *scene, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  *(good ? &tally->passed : &tally->failed) += 1;
  g_print ("%s %-14s %s\n", good ? "✓" : "✕", scene, text);
}

/* Every prediction of scene.json is told by the run; every fact that the run states holds. */
static void
check_outcome (Tally *tally, const GbScene *scene, const GbSceneOutcome *outcome, const char *where)
{
  guint told = 0;
  if (outcome->fault)
    {
      say (tally, FALSE, scene->id, "%s: %s", where, outcome->fault);
      return;
    }
  for (guint i = 0; i < scene->predictions->len; i++)
    {
      const GbPrediction *prediction = g_ptr_array_index (scene->predictions, i);
      if (gb_scene_outcome_told (outcome, prediction->id))
        told++;
      else
        say (tally, FALSE, scene->id, _ ("%s: the run never told the answer to “%s”"), where, prediction->id);
    }
  for (guint i = 0; i < outcome->failed->len; i++)
    say (tally, FALSE, scene->id, _ ("%s: does not hold: %s"), where,
         (char *) g_ptr_array_index (outcome->failed, i));
  if (told == scene->predictions->len && outcome->failed->len == 0)
    say (tally, TRUE, scene->id, _ ("%s: %u answers computed, %u facts hold, %.1f s"), where, told,
         outcome->n_checked, outcome->seconds);
}

static void
check_scene (Tally *tally, const GbScene *scene, gboolean with_pytorch)
{
  g_autoptr (GbSceneOutcome) ours = NULL;
  g_autoptr (GbSceneOutcome) theirs = NULL;
  g_autoptr (GPtrArray) differences = NULL;
  if (scene->error)
    {
      say (tally, FALSE, scene->id, "%s", scene->error);
      return;
    }
  ours = gb_scene_run_on_engine (scene);
  check_outcome (tally, scene, ours, "gradboard");
  if (!with_pytorch)
    return;
  theirs = gb_scene_run_on_pytorch (scene);
  check_outcome (tally, scene, theirs, "pytorch");
  if (ours->fault || theirs->fault)
    return;
  differences = gb_scene_outcome_compare (scene, ours, theirs);
  for (guint i = 0; i < differences->len; i++)
    say (tally, FALSE, scene->id, "%s", (char *) g_ptr_array_index (differences, i));
  if (differences->len == 0)
    say (tally, TRUE, scene->id, "%s", _ ("both agree"));
}

int
gb_command_check (int argc, char **argv)
{
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  gboolean with_pytorch = gb_scene_has_pytorch ();
  Tally tally = { 0 };
  for (int i = 1; i < argc; i++)
    if (!gb_library_find_scene (library, argv[i]))
      {
        g_printerr (_ ("There is no scene “%s”. `gradboard topics` lists them.\n"), argv[i]);
        return GB_EXIT_USAGE;
      }
  if (gb_library_get_error (library))
    say (&tally, FALSE, "outline.json", "%s", gb_library_get_error (library));
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    {
      const GbScene *scene = gb_library_get_scene (library, i);
      gboolean chosen = argc == 1;
      for (int k = 1; k < argc; k++)
        chosen |= strcmp (argv[k], scene->id) == 0;
      if (chosen)
        check_scene (&tally, scene, with_pytorch);
    }
  if (!with_pytorch)
    g_print ("%s\n", _ ("PyTorch is not installed (python3-torch): checked on the engine alone."));
  g_print (_ ("%u passed, %u failed\n"), tally.passed, tally.failed);
  return tally.failed ? 1 : 0;
}
