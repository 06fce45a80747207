#include "cli/note-check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/scene-outcome.h"
#include "common/i18n.h"

typedef struct
{
  GbNoteOutcome *outcome;
  const char *name; /* of the file */
  GString *ran;     /* code and output of all snippets, and what the scene told */
} Note;

static void say (Note *note, guint line, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
say (Note *note, guint line, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (note->outcome->problems, g_strdup_printf ("%s:%u: %s", note->name, line, what));
}

/* ---- snippets ---- */

/* "print (…)   # text": some line of the output is the text, or begins it where a word of explanation follows. */
static void
check_stated_output (Note *note, guint first_line, const char *code, const char *output)
{
  g_autoptr (GRegex) stated = g_regex_new ("^\\s*print\\(.*\\)\\s+# (.+)$", 0, 0, NULL);
  g_auto (GStrv) lines = g_strsplit (code, "\n", -1);
  g_auto (GStrv) printed = g_strsplit (output, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      if (!g_regex_match (stated, lines[i], 0, &match))
        continue;
      g_autofree char *text = g_match_info_fetch (match, 1);
      gboolean found = FALSE;
      for (guint k = 0; printed[k] && !found; k++)
        {
          gsize n = strlen (g_strstrip (printed[k]));
          found = n && strncmp (text, printed[k], n) == 0 && !g_ascii_isalnum (text[n]);
        }
      if (!found)
        say (note, first_line + i, _ ("says that it prints “%s”; it does not"), text);
    }
}

static void
run_snippet (Note *note, const char *path, guint line, const char *code, gboolean with_pytorch)
{
  g_autoptr (GbSceneOutcome) ours = gb_snippet_run_on_engine (path, code);
  note->outcome->n_snippets++;
  g_string_append_printf (note->ran, "%s\n%s\n", code, ours->output->str);
  if (ours->fault)
    {
      say (note, line, "gradboard: %s", ours->fault);
      return;
    }
  check_stated_output (note, line, code, ours->output->str);
  if (!with_pytorch)
    return;
  g_autoptr (GbSceneOutcome) theirs = gb_snippet_run_on_pytorch (code);
  if (theirs->fault)
    say (note, line, "pytorch: %s", theirs->fault);
  else
    check_stated_output (note, line, code, theirs->output->str);
}

/* ---- numbers ---- */

/* A number a run has to confirm: with a decimal point, or of three digits and more. */
static gboolean
is_claim (const char *digits, gsize length)
{
  guint n = 0;
  gboolean has_point = FALSE;
  for (gsize i = 0; i < length; i++)
    {
      n += g_ascii_isdigit (digits[i]);
      has_point |= digits[i] == '.';
    }
  return has_point || n >= 3;
}

/* Is there a number in the text that rounds to the one claimed, or is it that of a percentage? */
static gboolean
is_confirmed (const char *claim, gboolean is_percent, const char *text)
{
  const char *point = strchr (claim, '.');
  int decimals = point ? (int) strlen (point + 1) : 0;
  double value = g_ascii_strtod (claim, NULL), slack = 0.5 * pow (10, -decimals) * (1 + 1e-9);
  for (const char *p = text; *p;)
    if (g_ascii_isdigit (*p))
      {
        char *end;
        double ran = g_ascii_strtod (p, &end);
        if (fabs (ran - value) <= slack || (is_percent && fabs (100 * ran - value) <= slack))
          return TRUE;
        p = end > p ? end : p + 1;
      }
    else
      p++;
  return FALSE;
}

/* A paragraph that cites (a link, a year in brackets) or speaks of a version answers for its numbers itself. */
static gboolean
cites (const char *line)
{
  return g_regex_match_simple ("\\]\\(https?://|\\((19|20)\\d\\d\\)|[(（][^)）]*(19|20)\\d\\d[)）]", line, 0, 0);
}

static void
check_numbers (Note *note, guint line_number, const char *line)
{
  /* Digits may be grouped: 73 388, 73,388. Versions (1.13.1, PyTorch 2.0, Python 3.11) are no measurements. */
  g_autoptr (GRegex) number = g_regex_new (
      "(?<![\\w.])(?<version>(?:PyTorch|Python|since|before|until|自|从|torch)\\s*)?"
      "(?<number>\\d{1,3}(?:[,\\x{2009}\\x{202f} ]\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)*)(?<percent>\\s*%)?",
      0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  if (cites (line))
    return;
  g_regex_match (number, line, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *version = g_match_info_fetch_named (match, "version");
      g_autofree char *percent = g_match_info_fetch_named (match, "percent");
      g_autofree char *found = g_match_info_fetch_named (match, "number");
      g_autoptr (GString) digits = g_string_new (NULL);
      for (const char *p = found; *p; p++)
        if (g_ascii_isdigit (*p) || *p == '.')
          g_string_append_c (digits, *p);
      if ((version && *version) || !is_claim (digits->str, digits->len) || strchr (digits->str, '.') != strrchr (digits->str, '.'))
        continue;
      note->outcome->n_numbers++;
      if (!is_confirmed (digits->str, percent && *percent, note->ran->str))
        say (note, line_number, _ ("no run confirms %s, and the paragraph names no source"), found);
    }
}

/* ---- the note ---- */

GbNoteOutcome *
gb_note_check (const GbTopic *topic, const char *language, const char *told, gboolean with_pytorch)
{
  GbNoteOutcome *self = g_new0 (GbNoteOutcome, 1);
  g_autofree char *name = g_strdup_printf ("note.%s.md", language);
  g_autofree char *path = g_build_filename (topic->folder, name, NULL);
  g_autofree char *text = gb_topic_load_note (topic, language);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);
  g_autoptr (GString) code = g_string_new (NULL);
  g_autoptr (GString) ran = g_string_new (told);
  Note note = { self, name, ran };
  guint begin = 0;
  gboolean is_python = FALSE;
  self->problems = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; lines[i]; i++)
    if (g_str_has_prefix (lines[i], "```"))
      {
        if (is_python)
          run_snippet (&note, path, begin + 1, code->str, with_pytorch);
        is_python = !begin && strcmp (lines[i], "```python") == 0;
        begin = begin ? 0 : i + 1;
        g_string_truncate (code, 0);
      }
    else if (begin)
      g_string_append_printf (code, "%s\n", lines[i]);
  gboolean in_code = FALSE;
  for (guint i = 0; lines[i]; i++)
    if (g_str_has_prefix (lines[i], "```"))
      in_code = !in_code;
    else if (!in_code)
      check_numbers (&note, i + 1, lines[i]);
  return self;
}

void
gb_note_outcome_free (GbNoteOutcome *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->problems);
  g_free (self);
}
