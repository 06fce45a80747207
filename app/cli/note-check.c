#include "cli/note-check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/scene-outcome.h"
#include "common/i18n.h"

typedef struct
{
  const char *note; /* name of its file */
  guint line;       /* of its first line */
  guint nth;        /* of its code among those that are run */
} Snippet;

typedef struct
{
  GbNoteOutcome *outcome;
  const GbTopic *topic;
  GArray *snippets; /* Snippet, of both notes */
  GPtrArray *codes; /* theirs, char *; what stands in both notes is run once */
  GString *ran;     /* code and output of all snippets, and what the scene told */
} Notes;

static void say (Notes *notes, const char *note, guint line, const char *format, ...) G_GNUC_PRINTF (4, 5);

/* A fault that a line has twice is told once. */
static void
say (Notes *notes, const char *note, guint line, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *text = g_strdup_printf ("%s:%u: %s", note, line, what);
  if (!g_ptr_array_find_with_equal_func (notes->outcome->problems, text, g_str_equal, NULL))
    g_ptr_array_add (notes->outcome->problems, g_steal_pointer (&text));
}

/* ---- snippets ---- */

/* "print (…)   # text": some line of the output is the text, or begins it where a word of explanation
 * follows. */
static void
check_stated_output (Notes *notes, const Snippet *snippet, const char *output)
{
  const char *code = g_ptr_array_index (notes->codes, snippet->nth);
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
        say (notes, snippet->note, snippet->line + i, _ ("says that it prints “%s”; it does not"), text);
    }
}

static void
check_outcome (Notes *notes, const Snippet *snippet, const GbSceneOutcome *outcome, const char *where)
{
  if (outcome->fault)
    say (notes, snippet->note, snippet->line, "%s: %s", where, outcome->fault);
  else
    check_stated_output (notes, snippet, outcome->output->str);
}

static void
run_snippets (Notes *notes, gboolean with_pytorch)
{
  g_autoptr (GPtrArray) theirs =
      with_pytorch && notes->codes->len ? gb_snippets_run_on_pytorch (notes->codes) : NULL;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_scene_outcome_free);
  for (guint i = 0; i < notes->snippets->len; i++)
    {
      const Snippet *snippet = &g_array_index (notes->snippets, Snippet, i);
      g_autofree char *path = g_build_filename (notes->topic->folder, snippet->note, NULL);
      const char *code = g_ptr_array_index (notes->codes, snippet->nth);
      if (snippet->nth == all->len)
        {
          GbSceneOutcome *ours = gb_snippet_run_on_engine (path, code);
          g_ptr_array_add (all, ours);
          g_string_append_printf (notes->ran, "%s\n%s\n", code, ours->output->str);
        }
      check_outcome (notes, snippet, g_ptr_array_index (all, snippet->nth), "gradboard");
      if (theirs)
        check_outcome (notes, snippet, g_ptr_array_index (theirs, snippet->nth), "pytorch");
    }
  notes->outcome->n_snippets = notes->snippets->len;
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
  const char *point = strchr (claim, '.'), *exponent = strchr (claim, 'e');
  int decimals = point ? (int) strspn (point + 1, "0123456789") : 0;
  if (exponent)
    decimals -= (int) g_ascii_strtoll (exponent + 1, NULL, 10);
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

/* "73,388" becomes 73388. */
static void
ungroup_digits (GString *text)
{
  g_autoptr (GRegex) group = g_regex_new ("(?<=\\d),(?=\\d{3}(?!\\d))", 0, 0, NULL);
  g_autofree char *plain = g_regex_replace_literal (group, text->str, (gssize) text->len, 0, "", 0, NULL);
  if (plain)
    g_string_assign (text, plain);
}

/* A paragraph that cites (a link, a year in brackets) answers for its numbers itself. */
static gboolean
cites (const char *line)
{
  return g_regex_match_simple ("\\]\\(https?://|\\((19|20)\\d\\d\\)|[(（][^)）]*(19|20)\\d\\d[)）]", line, 0,
                               0);
}

static gboolean
speaks_of_versions (const char *line)
{
  return strstr (line, "As of ") || strstr (line, "截至");
}

static void
check_numbers (Notes *notes, const char *note, guint line_number, const char *line)
{
  /* Digits may be grouped: 73 388, 73,388; 1.5e-10 is one number.  Versions (1.13.1, PyTorch 2.0, Python 3.11) are
   * no measurements. */
  g_autoptr (GRegex) number = g_regex_new (
      "(?<![\\w.])(?<version>(?:PyTorch|Python|since|before|until|自|从|torch)\\s*)?"
      "(?<number>\\d{1,3}(?:[,\\x{2009}\\x{202f} ]\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)*(?:e[+-]?\\d+)?)(?<percent>\\s*%)?",
      0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  if (cites (line) || speaks_of_versions (line))
    return;
  g_regex_match (number, line, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *version = g_match_info_fetch_named (match, "version");
      g_autofree char *percent = g_match_info_fetch_named (match, "percent");
      g_autofree char *found = g_match_info_fetch_named (match, "number");
      g_autoptr (GString) digits = g_string_new (NULL);
      for (const char *p = found; *p; p++)
        if (g_ascii_isdigit (*p) || strchr (".e+-", *p))
          g_string_append_c (digits, *p);
      if ((version && *version) || !is_claim (digits->str, digits->len)
          || strchr (digits->str, '.') != strrchr (digits->str, '.'))
        continue;
      notes->outcome->n_numbers++;
      if (!is_confirmed (digits->str, percent && *percent, notes->ran->str))
        say (notes, note, line_number, _ ("no run confirms %s, and the paragraph names no source"), found);
    }
}

/* ---- the notes ---- */

/* Collects the Python of a note, or checks the numbers of all that is not code. */
static void
walk (Notes *notes, const char *note, const char *text, gboolean collect)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) code = g_string_new (NULL);
  gboolean in_code = FALSE, is_python = FALSE;
  guint begin = 0;
  for (guint i = 0; lines[i]; i++)
    if (g_str_has_prefix (lines[i], "```"))
      {
        if (in_code && is_python && collect)
          {
            Snippet snippet = { note, begin, notes->codes->len };
            if (!g_ptr_array_find_with_equal_func (notes->codes, code->str, g_str_equal, &snippet.nth))
              g_ptr_array_add (notes->codes, g_strdup (code->str));
            g_array_append_val (notes->snippets, snippet);
          }
        in_code = !in_code;
        is_python = strcmp (lines[i], "```python") == 0;
        begin = i + 2;
        g_string_truncate (code, 0);
      }
    else if (in_code)
      g_string_append_printf (code, "%s\n", lines[i]);
    else if (!collect)
      check_numbers (notes, note, i + 1, lines[i]);
}

GbNoteOutcome *
gb_notes_check (const GbTopic *topic, const char *told, gboolean with_pytorch)
{
  static const char *const languages[] = { "zh", "en" }, *const names[] = { "note.zh.md", "note.en.md" };
  char *texts[G_N_ELEMENTS (languages)];
  GbNoteOutcome *self = g_new0 (GbNoteOutcome, 1);
  g_autoptr (GArray) snippets = g_array_new (FALSE, FALSE, sizeof (Snippet));
  g_autoptr (GPtrArray) codes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) ran = g_string_new (told);
  Notes notes = { self, topic, snippets, codes, ran };
  self->problems = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      texts[i] = gb_topic_load_note (topic, languages[i]);
      walk (&notes, names[i], texts[i] ? texts[i] : "", TRUE);
    }
  run_snippets (&notes, with_pytorch);
  ungroup_digits (ran);
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      walk (&notes, names[i], texts[i] ? texts[i] : "", FALSE);
      g_free (texts[i]);
    }
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
