/* A case or an exercise: its JSON against its programs, its check and the rest of the board. */
#include "library/authoring-private.h"

#include "checker/submission.h"
#include "common/i18n.h"
#include "view-registry.h"

#include <string.h>

#define LEAST_SOLUTIONS 3 /* right ones, and as many wrong */

/* Brief and explanation are Markdown. */
static void
check_markup (GbAuthoring *self, const char *place, const char *field, const GbText *text)
{
  const char *const texts[][2] = { { "zh", text->zh }, { "en", text->en } };
  gb_authoring_check_text (self, place, field, text);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *full = g_strdup_printf ("%s.%s", field, texts[i][0]);
      if (texts[i][1])
        gb_authoring_check_markup (self, place, full, texts[i][1]);
    }
}

static void
check_texts (GbAuthoring *self, const GbCase *which, const char *place)
{
  gb_authoring_check_text (self, place, "title", &which->title);
  check_markup (self, place, which->is_exercise ? "task" : "brief", &which->brief);
  check_markup (self, place, "explanation", &which->explanation);
  for (guint i = 0; i < which->hints->len; i++)
    {
      const GbCaseHint *hint = g_ptr_array_index (which->hints, i);
      g_autofree char *field = g_strdup_printf ("hints[%u].text", i);
      gb_authoring_check_text (self, place, field, &hint->text);
      if (i && hint->cost < ((GbCaseHint *) g_ptr_array_index (which->hints, i - 1))->cost)
        gb_authoring_say (self, place, _ ("hints[%u].cost: is less than that of the hint before"), i);
    }
  for (guint i = 0; i < which->checks->len; i++)
    {
      g_autofree char *field = g_strdup_printf ("checks[%u].says", i);
      gb_authoring_check_text (self, place, field, &((GbCaseCheck *) g_ptr_array_index (which->checks, i))->says);
    }
}

static void
check_view (GbAuthoring *self, const char *place, const char *field, guint nth, const char *view)
{
  if (view && !gb_view_registry_find (view))
    gb_authoring_say (self, place, _ ("%s[%u]: there is no view %s"), field, nth, view);
}

static void
check_names (GbAuthoring *self, const GbCase *which, const char *place)
{
  if (which->leaf && !gb_outline_find_leaf (gb_library_get_outline (self->library), which->leaf))
    gb_authoring_say (self, place, _ ("leaf: the outline has no leaf %s"), which->leaf);
  for (guint i = 0; which->views && which->views[i]; i++)
    check_view (self, place, "views", i, which->views[i]);
  for (guint i = 0; i < which->evidence->len; i++)
    check_view (self, place, "evidence", i, ((GbCaseEvidence *) g_ptr_array_index (which->evidence, i))->view);
  for (guint i = 0; i < which->replay->len; i++)
    check_view (self, place, "replay", i, ((GbReplayStep *) g_ptr_array_index (which->replay, i))->view);
}

/* How many lines of the program are this text, leaving out the space around. */
static guint
count_lines (const char *program, const char *text)
{
  guint n = 0;
  g_auto (GStrv) lines = g_strsplit (program, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    n += strcmp (g_strstrip (lines[i]), text) == 0;
  return n;
}

/* A claim: causes to choose from, of which one or more are right, each with its line. */
static void
check_causes (GbAuthoring *self, const GbCase *which, const char *place, const char *program)
{
  guint n_right = 0;
  for (guint i = 0; i < which->causes->len; i++)
    {
      const GbCaseCause *cause = g_ptr_array_index (which->causes, i);
      n_right += cause->is_right;
      if (cause->is_right && !cause->line)
        gb_authoring_say (self, place, _ ("causes[%u].line: says no line of the program"), i);
      else if (cause->line && count_lines (program, cause->line) != 1)
        gb_authoring_say (self, place, _ ("causes[%u].line: does not stand exactly once in the program"), i);
    }
  if (!which->is_exercise && !n_right)
    gb_authoring_say (self, place, _ ("causes: none of them is right"));
}

static gboolean
has_part (const char *program, const char *part)
{
  const char *dot = strrchr (part, '.');
  g_autofree char *name = g_regex_escape_string (dot ? dot + 1 : part, -1);
  g_autofree char *pattern = g_strdup_printf ("^%s((def|class) )?%s\\b", dot ? "\\s+" : "", name);
  return g_regex_match_simple (pattern, program, G_REGEX_MULTILINE, 0);
}

/* The coding task and the scenes that it names are there. */
static void
check_beside (GbAuthoring *self, const GbCase *which, const char *place)
{
  if (which->coding_task
      && !gb_outline_find_leaf (gb_library_get_coding_tasks (self->library), which->coding_task))
    gb_authoring_say (self, place, _ ("coding_task: the outline has no “%s”"), which->coding_task);
  for (guint i = 0; which->scenes && which->scenes[i]; i++)
    if (!gb_library_find_scene (self->library, which->scenes[i]))
      gb_authoring_say (self, place, _ ("scenes[%u]: there is no scene “%s”"), i, which->scenes[i]);
}

/* check.py makes just the checks that are listed. */
static void
check_checks (GbAuthoring *self, const GbCase *which, const char *place)
{
  g_autofree char *path = g_build_filename (which->folder, "check.py", NULL);
  g_autofree char *code = NULL;
  g_autoptr (GRegex) regex = g_regex_new ("^@check\\(\"([^\"]+)\"\\)", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  guint n = 0;
  if (!g_file_get_contents (path, &code, NULL, NULL))
    {
      gb_authoring_say (self, place, _ ("there is no check.py beside it"));
      return;
    }
  g_regex_match (regex, code, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL), n++)
    {
      g_autofree char *id = g_match_info_fetch (match, 1);
      const GbCaseCheck *listed = n < which->checks->len ? g_ptr_array_index (which->checks, n) : NULL;
      if (!listed || g_strcmp0 (listed->id, id) != 0)
        gb_authoring_say (self, place, _ ("checks[%u]: check.py has @check(\"%s\") here"), n, id);
    }
  if (n < which->checks->len)
    gb_authoring_say (self, place, _ ("checks: check.py makes %u of them"), n);
}

static void
check_solutions (GbAuthoring *self, const GbCase *which, const char *place)
{
  g_autoptr (GPtrArray) list = gb_submissions_list (which);
  guint n_right = 0, n_wrong = 0;
  for (guint i = 0; i < list->len; i++)
    {
      const GbSubmission *at = g_ptr_array_index (list, i);
      gboolean is_given = strcmp (at->name, gb_case_get_program_name (which)) == 0;
      if (at->error)
        gb_authoring_say (self, place, "%s: %s", at->name, at->error);
      if (is_given)
        continue;
      *(at->is_right ? &n_right : &n_wrong) += 1;
      if (!at->why.en || !at->why.zh)
        gb_authoring_say (self, place, _ ("%s: does not say why in both languages"), at->name);
      gb_authoring_check_text (self, place, at->name, &at->why);
    }
  if (n_right < LEAST_SOLUTIONS || n_wrong < LEAST_SOLUTIONS)
    gb_authoring_say (self, place, _ ("%s: has %u right and %u wrong ones; at least %u of each are needed"),
                      gb_case_get_solutions_name (which), n_right, n_wrong, LEAST_SOLUTIONS);
}

void
gb_authoring_check_case (GbAuthoring *self, const GbCase *which)
{
  g_autofree char *folder = g_build_filename (which->is_exercise ? "exercises" : "cases", which->id, NULL);
  g_autofree char *place = g_build_filename (folder, gb_case_get_json_name (which), NULL);
  g_autofree char *program = gb_case_load_program (which);
  g_autoptr (GbJsonFile) file =
      gb_authoring_load (self, folder, gb_case_get_json_name (which), which->is_exercise ? "exercise" : "case");
  if (!file)
    return;
  if (!program)
    {
      gb_authoring_say (self, place, _ ("there is no %s beside it"), gb_case_get_program_name (which));
      return;
    }
  g_autofree char *id = gb_json_dup_string (file->root, "id");
  if (g_strcmp0 (id, which->id) != 0)
    gb_authoring_say (self, place, _ ("id: is not the folder's name"));
  check_texts (self, which, place);
  check_names (self, which, place);
  check_causes (self, which, place, program);
  for (guint i = 0; which->fixed && which->fixed[i]; i++)
    if (!has_part (program, which->fixed[i]))
      gb_authoring_say (self, place, _ ("fixed[%u]: the program has no %s"), i, which->fixed[i]);
  check_beside (self, which, place);
  check_checks (self, which, place);
  check_solutions (self, which, place);
}
