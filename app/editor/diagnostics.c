#include "editor/diagnostics.h"

#include "common/i18n.h"
#include "error/error-text.h"
#include "models/explain.h"

#include <string.h>

/* What torch raises has rows of its own (models/lessons).  pattern: what the message must match; its groups fill the %s of
 * the sentence in order. */
typedef struct
{
  const char *type; /* NULL: any */
  const char *pattern;
  const char *sentence, *way_out; /* msgids; way_out may be NULL */
} Known;

static const Known known[] = {
  { "NameError", "name '(.+?)' is not defined",
    N_ ("%s has no value here: misspelt, or used before its line ran."), NULL },
  { "AttributeError", "module 'torch(\\.?\\w*)' has no attribute '(.+?)'",
    N_ ("torch%s has nothing called %s."), NULL },
  { "AttributeError", "'(.+?)' object has no attribute '(.+?)'", N_ ("A %s has no %s."), NULL },
  { "ModuleNotFoundError", "No module named '(.+?)'", N_ ("There is no module %s here."), NULL },
  { "NotImplementedError", "(\\S+)", N_ ("Not in this version: %s."), NULL },
  { "FileNotFoundError", NULL, N_ ("There is no such file where this program can look."),
    N_ ("A program sees its own folder and the system's libraries; homes and /etc are not shown to it.") },
  /* Landlock refuses a file with "Permission denied", seccomp everything else with "not permitted". */
  { "PermissionError", "Operation not permitted",
    N_ ("The sandbox lets a program open no network, start no other program and signal no process but its own."),
    N_ ("Data comes from files beside the program; what another program would do is done in Python here.") },
  { "BlockingIOError", "Resource temporarily unavailable",
    N_ ("This program has as many processes as it may have at once."),
    N_ ("Wait for the ones that were started before starting more; at most 24 live at a time.") },
  { "PermissionError", NULL, N_ ("The sandbox keeps programs to their own scratch folder."),
    N_ ("Write to a relative path; what is written there can be saved from the window.") },
  { "KeyError", "(.+)", N_ ("There is no entry %s."), NULL },
  { "ZeroDivisionError", NULL, N_ ("A number was divided by zero."), NULL },
  { "RecursionError", NULL, N_ ("The function calls itself without an end."), NULL },
  { "MemoryError", NULL, N_ ("The program asked for more memory than its limit."), NULL },
  { "KeyboardInterrupt", NULL, N_ ("Stopped, as asked."), NULL },
  { "AssertionError", NULL, N_ ("A condition that was claimed here does not hold."), NULL },
  { "IndentationError", NULL, N_ ("The indentation does not fit the lines around it."), NULL },
  { "SyntaxError", NULL, N_ ("Python cannot read this line."), NULL },
};

static const Known *
find_known (const char *type, const char *message, GMatchInfo **match)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (known[i].type && strcmp (known[i].type, type) != 0)
        continue;
      g_clear_pointer (match, g_match_info_unref);
      if (!known[i].pattern)
        return &known[i];
      g_autoptr (GRegex) regex = g_regex_new (known[i].pattern, 0, 0, NULL);
      if (regex && g_regex_match (regex, message, 0, match))
        return &known[i];
    }
  g_clear_pointer (match, g_match_info_unref);
  return NULL;
}

/* Puts the groups of a match in place of the %s of a sentence. */
static char *
fill (const char *sentence, GMatchInfo *match)
{
  GString *text = g_string_new (NULL);
  int group = 1;
  for (const char *p = sentence; *p; p++)
    if (p[0] == '%' && p[1] == 's')
      {
        g_autofree char *value = match ? g_match_info_fetch (match, group++) : NULL;
        g_string_append (text, value ? value : "");
        p++;
      }
    else
      g_string_append_c (text, *p);
  return g_string_free (text, FALSE);
}

char *
gb_diagnostics_explain (const char *type, const char *message)
{
  if (gb_explain_is_off ())
    return *message ? g_strdup_printf ("%s: %s", type, message) : g_strdup (type);
  char *args[GB_LESSON_MAX_ARGS + 1];
  const char *taught = gb_lesson_explain (type, message, args);
  char *sentence = taught ? gb_error_fill (taught, args) : NULL;
  for (char **arg = args; *arg; arg++)
    g_free (*arg);
  if (sentence)
    return sentence;
  g_autoptr (GMatchInfo) match = NULL;
  const Known *found = find_known (type, message, &match);
  if (found)
    return fill (_ (found->sentence), match);
  return g_strdup_printf (_ ("This line raised %s."), type);
}

char *
gb_diagnostics_way_out (const char *type, const char *message)
{
  g_autoptr (GMatchInfo) match = NULL;
  const Known *found = gb_explain_is_off () ? NULL : find_known (type, message, &match);
  return found && found->way_out ? g_strdup (_ (found->way_out)) : NULL;
}

guint
gb_diagnostics_find_line (const char *traceback, const char *path)
{
  g_autofree char *place = g_strdup_printf ("File \"%s\", line ", path);
  guint line = 0;
  for (const char *at = traceback; at && (at = strstr (at, place)); at += strlen (place))
    line = (guint) g_ascii_strtoull (at + strlen (place), NULL, 10);
  return line;
}

char *
gb_diagnostics_ended (const char *reason, guint line, int signal_number)
{
  static const struct
  {
    const char *reason, *cause;
  } causes[] = {
    { "memory", N_ ("out of memory") },
    { "output", N_ ("it printed more than its limit") },
    { "time", N_ ("its time was used up") },
    { "killed", N_ ("it did not answer the interrupt") },
  };
  g_autofree char *cause = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (causes); i++)
    if (strcmp (causes[i].reason, reason) == 0)
      cause = g_strdup (_ (causes[i].cause));
  if (!cause && signal_number)
    cause = g_strdup_printf (_ ("signal %d, %s"), signal_number, g_strsignal (signal_number));
  if (!cause)
    cause = g_strdup (_ ("it crashed"));
  if (line)
    return g_strdup_printf (_ ("The interpreter stopped at line %u (%s). Your code is safe."), line, cause);
  return g_strdup_printf (_ ("The interpreter stopped (%s). Your code is safe."), cause);
}
