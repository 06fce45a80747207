#include "cli/case-check.h"

#include "checker/hidden-check.h"
#include "checker/submission.h"
#include "cli/commands.h"
#include "cli/scene-outcome.h"
#include "common/i18n.h"

#include <string.h>

/* ---- proving a check ---- */

static char *
failure_text (const GbVerdict *verdict)
{
  const GbVerdictRow *row = gb_verdict_get_failure (verdict);
  if (!row)
    return g_strdup (verdict->ended ? verdict->ended : _ ("it did not come to its end"));
  return row->error ? g_strdup_printf ("%s: %.80s", row->check, row->error) : g_strdup (row->check);
}

static void
say_verdict (GbTally *tally,
             const GbCase *which,
             const GbSubmission *submission,
             const char *where,
             const GbVerdict *verdict)
{
  g_autofree char *failure = failure_text (verdict);
  gboolean holds = gb_verdict_holds (verdict);
  if (gb_verdict_get_fault (verdict))
    gb_tally_say (tally, FALSE, which->id, _ ("%s: %s: the check itself is wrong: %s"), where, submission->name,
                  gb_verdict_get_fault (verdict));
  else if (holds && submission->is_right)
    gb_tally_say (tally, TRUE, which->id, _ ("%s: %s passes %u checks, %.1f s"), where, submission->name,
                  verdict->n_checks, verdict->seconds);
  else if (holds)
    gb_tally_say (tally, FALSE, which->id, _ ("%s: %s passes, and should not"), where, submission->name);
  else if (submission->is_right)
    gb_tally_say (tally, FALSE, which->id, _ ("%s: %s should pass, and does not: %s"), where, submission->name,
                  failure);
  else
    gb_tally_say (tally, TRUE, which->id, _ ("%s: %s fails as it should (%s), %.1f s"), where, submission->name,
                  failure, verdict->seconds);
}

/* A case really runs, and ends as it says. */
static void
check_run (GbTally *tally, const GbCase *which, gboolean with_pytorch)
{
  g_autofree char *program = gb_case_load_program (which);
  g_autofree char *path = g_build_filename (which->folder, gb_case_get_program_name (which), NULL);
  for (int on_pytorch = 0; program && on_pytorch <= with_pytorch; on_pytorch++)
    {
      const char *where = on_pytorch ? "pytorch" : "gradboard";
      g_autoptr (GPtrArray) outcomes = NULL;
      g_autoptr (GbSceneOutcome) mine = NULL;
      const GbSceneOutcome *outcome;
      if (on_pytorch)
        {
          g_autoptr (GPtrArray) codes = g_ptr_array_new ();
          g_ptr_array_add (codes, program);
          outcomes = gb_snippets_run_on_pytorch (codes);
          outcome = g_ptr_array_index (outcomes, 0);
        }
      else
        outcome = mine = gb_snippet_run_on_engine (path, program);
      gboolean as_said = (outcome->fault != NULL) == (g_strcmp0 (which->ends, "exception") == 0);
      gb_tally_say (tally, as_said, which->id, _ ("%s: the program ends: %s"), where,
                    outcome->fault ? outcome->fault : _ ("without an error"));
    }
}

void
gb_case_check (GbTally *tally, const GbCase *which, gboolean with_pytorch, guint seed)
{
  if (which->error)
    {
      gb_tally_say (tally, FALSE, which->id, "%s", which->error);
      return;
    }
  if (!which->is_exercise)
    check_run (tally, which, with_pytorch);
  g_autoptr (GPtrArray) submissions = gb_submissions_list (which);
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  g_autoptr (GPtrArray) theirs = NULL;
  for (guint i = 0; i < submissions->len;)
    {
      const GbSubmission *submission = g_ptr_array_index (submissions, i);
      if (submission->text)
        {
          g_ptr_array_add (texts, submission->text);
          i++;
          continue;
        }
      gb_tally_say (tally, FALSE, which->id, "%s: %s", submission->name, submission->error);
      g_ptr_array_remove_index (submissions, i);
    }
  if (with_pytorch)
    theirs = gb_hidden_check_run_on_pytorch (which, gb_case_get_program_name (which), texts, seed);
  for (guint i = 0; i < submissions->len; i++)
    {
      const GbSubmission *submission = g_ptr_array_index (submissions, i);
      g_autoptr (GbVerdict) ours =
          gb_hidden_check_run (which, gb_case_get_program_name (which), submission->text, seed);
      say_verdict (tally, which, submission, "gradboard", ours);
      if (theirs)
        say_verdict (tally, which, submission, "pytorch", g_ptr_array_index (theirs, i));
    }
}

/* ---- somebody's program ---- */

static void
print_fact (const GbVerdictRow *row, const char *key, const char *label)
{
  GbJson *value = NULL;
  if (!json_object_object_get_ex (row->facts, key, &value))
    return;
  g_autofree char *text = gb_verdict_describe (value);
  g_print ("    %s %s\n", label, text);
}

static void
print_row (const GbVerdictRow *row, const GbCase *which)
{
  g_print ("%s %s\n", row->holds ? "✓" : "✕", gb_case_get_demand (which, row->check));
  print_fact (row, "given", _ ("given:"));
  print_fact (row, "expected", _ ("expected:"));
  print_fact (row, "got", _ ("got:"));
  print_fact (row, "where", _ ("first difference at:"));
  if (row->error && row->line)
    g_print (_ ("    line %u: %s\n"), row->line, row->error);
  else if (row->error)
    g_print ("    %s\n", row->error);
  if (row->gone)
    g_print ("    %s\n", _ ("the program ended before it had answered"));
  if (row->fault)
    g_print ("    %s\n", row->fault);
}

int
gb_case_check_file (const GbCase *which, const char *path, guint seed, gboolean json)
{
  g_autofree char *text = NULL, *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  if (!g_file_get_contents (path, &text, NULL, &error) || !g_utf8_validate (text, -1, NULL))
    {
      g_printerr ("%s: %s\n", path, error ? error->message : _ ("is not UTF-8"));
      return GB_EXIT_USAGE;
    }
  g_autoptr (GbVerdict) verdict = gb_hidden_check_run (which, name, text, seed);
  if (json)
    {
      GbJson *out = gb_verdict_to_json (verdict, which);
      g_print ("%s\n", json_object_to_json_string_ext (out, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
      json_object_put (out);
    }
  else
    {
      for (guint i = 0; i < verdict->rows->len; i++)
        print_row (g_ptr_array_index (verdict->rows, i), which);
      if (verdict->ended)
        g_print ("%s\n", verdict->ended);
      if (verdict->fault)
        g_print ("%s\n", verdict->fault);
      g_print (_ ("%s, %.1f s\n"), gb_verdict_holds (verdict) ? _ ("all holds") : _ ("not yet"), verdict->seconds);
    }
  return verdict->fault ? 125 : gb_verdict_holds (verdict) ? 0 : 1;
}
