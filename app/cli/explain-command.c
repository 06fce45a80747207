/* gradboard explain: what the past of a program, a scene or a recording explains, as lines of evidence.  Exit
 * status: 0 nothing asks for an explanation, 1 something does, 3 explanations are switched off or held back, as of
 * a case that is to be diagnosed, 125 Gradboard itself failed. */
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/headless.h"
#include "cli/lesson-print.h"
#include "cli/program-path.h"
#include "common/i18n.h"
#include "models/explain.h"
#include "models/trace-cursor.h"
#include "preferences.h"
#include "why/why-text.h"

enum
{
  EXIT_NOTHING = 0,
  EXIT_EXPLAINED = 1,
  EXIT_HELD_BACK = 3,
  EXIT_OWN_FAILURE = 125,
};

/* "12: sentence", and under it the line itself. */
static void
print_finding (GbTrace *trace, const GbFinding *finding)
{
  g_autofree char *title = gb_why_title (finding);

  g_print ("%s [%s]\n", title, finding->cause);
  for (guint i = 0; i < finding->n_evidence; i++)
    {
      g_autofree char *text = gb_why_text (&finding->evidence[i]);
      g_autofree char *number = gb_why_line_number (trace, &finding->evidence[i]);
      g_autofree char *source = number ? gb_why_source_line (trace, &finding->evidence[i]) : NULL;

      g_print ("%6s  %s\n", number ? number : "", text);
      if (source && source[0])
        g_print ("        | %s\n", source);
    }
}

static struct json_object *
finding_json (GbTrace *trace, const GbFinding *finding)
{
  struct json_object *object = json_object_new_object (), *evidence = json_object_new_array ();
  g_autofree char *title = gb_why_title (finding);

  json_object_object_add (object, "cause", json_object_new_string (finding->cause));
  json_object_object_add (object, "title", json_object_new_string (title));
  for (guint i = 0; i < finding->n_evidence; i++)
    {
      struct json_object *entry = json_object_new_object ();
      g_autofree char *text = gb_why_text (&finding->evidence[i]);
      g_autofree char *number = gb_why_line_number (trace, &finding->evidence[i]);
      json_object_object_add (entry, "line", number ? json_object_new_int (atoi (number)) : NULL);
      json_object_object_add (entry, "text", json_object_new_string (text));
      json_object_array_add (evidence, entry);
    }
  json_object_object_add (object, "evidence", evidence);
  return object;
}

static void
print_json (GbTrace *trace, const GPtrArray *findings, const GbLesson *lesson)
{
  struct json_object *all = json_object_new_object (), *list = json_object_new_array ();

  for (guint i = 0; i < findings->len; i++)
    json_object_array_add (list, finding_json (trace, g_ptr_array_index (findings, i)));
  json_object_object_add (all, "findings", list);
  json_object_object_add (all, "lesson", lesson ? gb_lesson_to_json (lesson, trace) : NULL);
  g_print ("%s\n", json_object_to_json_string_ext (all, JSON_C_TO_STRING_PRETTY));
  json_object_put (all);
}

/* The exception that had been raised at seq last; NULL: it teaches nothing. */
static GbLesson *
lesson_at (GbTrace *trace, guint64 seq)
{
  for (guint n = gb_trace_get_n_exceptions (trace); n-- > 0;)
    if (gb_trace_get_exception (trace, n)->seq <= seq)
      return gb_lesson_new (trace, n);
  return NULL;
}

static int
explain (const char *name, const char *at, double seconds, gboolean echo, gboolean json)
{
  /* Values bring the names of variables with them. */
  static const TeWatch watches[] = { { TE_WATCH_NONFINITE, 0, 0, 0 }, { TE_WATCH_VALUES, 0, 0, 1 } };
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GError) error = NULL;
  GbHeadlessOptions options = {
    .watches = watches, .n_watches = G_N_ELEMENTS (watches), .seconds = seconds, .echo = echo, .teach = TRUE
  };

  if (!gb_headless_fill (name, &options, "gradboard explain", trace, &error))
    {
      g_printerr ("gradboard explain: %s\n", error->message);
      return EXIT_OWN_FAILURE;
    }
  if (!gb_trace_cursor_seek (cursor, at ? at : "end", &error))
    {
      g_printerr ("gradboard explain: %s\n", error->message);
      return EXIT_OWN_FAILURE;
    }
  gb_explain_update (gb_explain_of (trace), 0);
  g_autoptr (GPtrArray) findings =
      gb_explain_list (gb_explain_of (trace), gb_trace_cursor_get_position (cursor));
  g_autoptr (GbLesson) lesson = lesson_at (trace, gb_trace_cursor_get_position (cursor));
  g_autofree char *taught = lesson ? gb_lesson_dup_text (trace) : NULL;
  if (json)
    print_json (trace, findings, lesson);
  for (guint i = 0; i < findings->len && !json; i++)
    {
      if (i)
        g_print ("\n");
      print_finding (trace, g_ptr_array_index (findings, i));
    }
  if (taught && !json)
    g_print ("%s", taught);
  if (!findings->len && !lesson && !json)
    g_print ("%s\n", _ ("Nothing up to here asks for an explanation."));
  return findings->len || lesson ? EXIT_EXPLAINED : EXIT_NOTHING;
}

int
gb_command_explain (int argc, char **argv)
{
  g_autofree char *at = NULL, *language = NULL;
  double seconds = 300;
  gboolean echo = FALSE, json = FALSE, anyway = FALSE;
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { "at", 0, 0, G_OPTION_ARG_STRING, &at, "where in the run: iter:N, op:N, line:N or end", "PLACE" },
    { "lang", 0, 0, G_OPTION_ARG_STRING, &language, "zh or en", "LANG" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "stop the program after S seconds (300)", "S" },
    { "echo", 0, 0, G_OPTION_ARG_NONE, &echo, "show what the program prints", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print for programs", NULL },
    { "anyway", 0, 0, G_OPTION_ARG_NONE, &anyway, "also a case that is to be diagnosed", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &names, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE.py|SCENE|RECORDING");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("gradboard explain: %s\n", error->message);
      return GB_EXIT_USAGE;
    }
  if (!names || !names[0] || names[1])
    {
      g_printerr (_ ("gradboard explain: which program? Name one file, scene or recording.\n"));
      return GB_EXIT_USAGE;
    }
  if (language && strcmp (language, "zh") != 0 && strcmp (language, "en") != 0)
    {
      g_printerr (_ ("gradboard explain: %s is no language of the board: zh or en\n"), language);
      return GB_EXIT_USAGE;
    }
  if (language)
    gb_i18n_set_language (language);
  if (!g_settings_get_boolean (gb_preferences_get (), "explanations"))
    {
      g_printerr (_ (
          "gradboard explain: explanations are switched off in the board's menu, as for an examination.\n"));
      return EXIT_HELD_BACK;
    }
  /* As in the window, where a right claim opens it. */
  g_autofree char *id = anyway ? NULL : gb_program_name_case (names[0]);
  if (id)
    {
      g_printerr (_ ("gradboard explain: %s is a case to diagnose, and this would give its cause away. Open it (gradboard %s) and claim a "
                     "cause; --anyway explains it now.\n"),
                  id, id);
      return EXIT_HELD_BACK;
    }
  return explain (names[0], at, seconds, echo, json);
}
