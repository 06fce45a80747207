/* Edits on another line than the one that failed.  A program with such an edit is run from its beginning, so a proposal
 * may be a guess: only what makes the line that failed succeed is offered. */
#include <string.h>

#include "models/lessons/study.h"

/* Line and column of a byte of the source. */
static void
place_of (GbStudy *study, gsize at, guint32 *line, guint32 *column)
{
  const char *start = study->source;

  *line = 1;
  for (const char *p = study->source; p < study->source + at; p++)
    if (*p == '\n')
      {
        ++*line;
        start = p + 1;
      }
  *column = (guint32) (study->source + at - start);
}

static void
replace_bytes (GbStudy *study, gsize begin, gsize end, char *text)
{
  guint32 line, column, end_line, end_column;

  place_of (study, begin, &line, &column);
  place_of (study, end, &end_line, &end_column);
  gb_study_add (study, line, column, end_line, end_column, text, TRUE);
}

/* Every match of pattern with what its group matched replaced. */
static void
replace_matches (GbStudy *study, const char *pattern, int group, const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  for (g_regex_match (regex, study->source, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      int begin, end;
      g_match_info_fetch_pos (match, group, &begin, &end);
      replace_bytes (study, (gsize) begin, (gsize) end, g_strdup (text));
    }
}

/* Where an argument ends that begins here: the comma or bracket that is not within brackets. */
static const char *
argument_end (const char *at)
{
  int depth = 0;

  for (; *at && *at != '\n' && *at != '#' && *at != '\'' && *at != '"'; at++)
    if (*at == '(' || *at == '[')
      depth++;
    else if ((*at == ')' || *at == ']') && depth-- == 0)
      return at;
    else if (*at == ',' && depth == 0)
      return at;
  return NULL;
}

/* The size that a layer is made for: a number that is it, or an expression, which may be. */
void
gb_propose_made (GbStudy *study, const char *classes, gint64 old, gint64 wanted)
{
  g_autofree char *pattern = g_strdup_printf (
      "\\b(?:%s)\\w*\\s*\\(\\s*(?:(?:in_features|in_channels|num_embeddings|num_features|input_size|normalized_shape|"
      "embed_dim)\\s*=\\s*)?(?=[\\w(])",
      classes);
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (old <= 0 || wanted <= 0 || study->source == NULL)
    return;
  for (g_regex_match (regex, study->source, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      int begin;
      g_match_info_fetch_pos (match, 0, NULL, &begin);
      const char *from = study->source + begin, *end = argument_end (from);
      g_autofree char *own = end ? g_strndup (from, (gsize) (end - from)) : NULL;
      char *rest;
      if (own == NULL || strstr (own, "self") || strchr (own, '='))
        continue;
      gint64 value = g_ascii_strtoll (own, &rest, 10);
      if ((rest > own && *rest == 0) ? value == old : !g_regex_match_simple ("^[A-Za-z_]\\w*$", own, 0, 0))
        replace_bytes (study, (gsize) begin, (gsize) begin + strlen (own), g_strdup_printf ("%" G_GINT64_FORMAT, wanted));
    }
}

/* Any number of any layer that is it. */
void
gb_propose_model (GbStudy *study)
{
  g_autofree char *there = g_match_info_fetch (study->match, 3), *here = g_match_info_fetch (study->match, 4);
  g_auto (GStrv) old = g_strsplit (here, ", ", 0), wanted = g_strsplit (there, ", ", 0);

  for (guint d = 0; old[d] && wanted[d]; d++)
    if (strcmp (old[d], wanted[d]) != 0)
      {
        g_autofree char *pattern = g_strdup_printf ("\\bnn\\.\\w+\\([^()\\n]*?\\b(?<![.\\d])(%s)(?![.\\d])", old[d]);
        replace_matches (study, pattern, 1, wanted[d]);
      }
}

/* A loop that counts too far. */
void
gb_propose_range (GbStudy *study, gint64 old, gint64 wanted)
{
  g_autofree char *pattern = g_strdup_printf ("\\brange\\(\\s*(?:0\\s*,\\s*)?(%" G_GINT64_FORMAT ")\\s*\\)", old);
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, wanted);

  if (study->source && wanted > 0)
    replace_matches (study, pattern, 1, text);
}

/* The numbers in the line that gives an operand its value: all that are `old`. */
void
gb_propose_defined (GbStudy *study, const GbOperand *operand, gint64 old, gint64 wanted)
{
  g_autofree char *text_there = gb_study_text (study, operand);
  const char *name = text_there ? text_there + strspn (text_there, "~(") : NULL;
  g_autoptr (GRegex) line = NULL, number = NULL;
  g_autoptr (GMatchInfo) match = NULL;

  if (name == NULL || !g_regex_match_simple ("^[A-Za-z_]\\w*$", name, 0, 0) || wanted <= 0 || study->source == NULL)
    return;
  g_autofree char *pattern = g_strdup_printf ("^[ \\t]*%s *= *(.*)$", name);
  g_autofree char *digits = g_strdup_printf ("(?<![\\w.])%" G_GINT64_FORMAT "(?![\\w.])", old);
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, wanted);
  line = g_regex_new (pattern, G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
  number = g_regex_new (digits, G_REGEX_RAW, 0, NULL);
  for (g_regex_match (line, study->source, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      int begin, end;
      g_match_info_fetch_pos (match, 1, &begin, &end);
      g_autofree char *own = g_match_info_fetch (match, 1), *other = g_regex_replace_literal (number, own, -1, 0, text, 0, NULL);
      if (other && strcmp (own, other) != 0)
        replace_bytes (study, (gsize) begin, (gsize) end, g_steal_pointer (&other));
    }
}

/* A mask that is told to be too small or too large: group 1 is its sizes, group 2 those that are needed. */
void
gb_propose_mask (GbStudy *study)
{
  g_autofree char *is = g_match_info_fetch (study->match, 1), *should = g_match_info_fetch (study->match, 2);
  gint64 old = g_ascii_strtoll (is, NULL, 10), wanted = g_ascii_strtoll (should, NULL, 10);

  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (o->has_tensor && o->ndim == 2 && o->sizes[0] == old)
        gb_propose_defined (study, o, old, wanted);
    }
}

/* The first backward() that comes before the one that failed, or that one itself in a loop. */
void
gb_propose_retain (GbStudy *study)
{
  guint32 line = 1;
  const char *start = study->source;

  for (const char *at = study->source; at && *at && line <= study->lesson->line; at++)
    if (*at == '\n')
      {
        line++;
        start = at + 1;
      }
    else if (g_str_has_prefix (at, ".backward("))
      {
        guint32 column = (guint32) (at - start) + (guint32) strlen (".backward(");
        gb_study_add (study, line, column, line, column,
             g_strdup (at[strlen (".backward(")] == ')' ? "retain_graph=True" : "retain_graph=True, "), TRUE);
        return;
      }
}

/* The one tensor that a program makes of numbers asks for its gradient.  Of several it cannot be known which. */
void
gb_propose_leaf (GbStudy *study)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("\\btorch\\.(?:randn|rand|ones|zeros|tensor|full|linspace)\\(", G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  const char *close = NULL;
  guint n = 0;

  for (g_regex_match (regex, study->source, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL), n++)
    {
      int begin;
      g_match_info_fetch_pos (match, 0, NULL, &begin);
      for (close = argument_end (study->source + begin); close && *close == ',';)
        close = argument_end (close + 1);
    }
  if (n == 1 && close)
    replace_bytes (study, (gsize) (close - study->source), (gsize) (close - study->source), g_strdup (", requires_grad=True"));
}

/* A statement of its own before the one that failed. */
static void
add_before (GbStudy *study, const char *text)
{
  const GbOperand *s = study->statement;
  g_autofree char *indent = s ? g_strnfill (s->column, ' ') : NULL;

  if (s)
    gb_study_add (study, s->line, s->column, s->line, s->column, g_strdup_printf ("%s\n%s", text, indent), TRUE);
}

void
gb_propose_before (GbStudy *study)
{
  add_before (study, study->options);
}

/* The module that was called no longer trains. */
void
gb_propose_eval (GbStudy *study)
{
  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      g_autofree char *text = NULL;
      if (o->role != TE_OPERAND_FUNCTION || !g_regex_match_simple ("^[a-z_]\\w*$", o->name, G_REGEX_CASELESS, 0))
        continue;
      text = g_strdup_printf ("%s.eval()", o->name);
      add_before (study, text);
    }
}

/* Wherever the program names a GPU. */
void
gb_propose_cpu (GbStudy *study)
{
  replace_matches (study, "\\.(cuda)\\(\\)", 1, "cpu");
  replace_matches (study, "['\"](cuda(?::\\d+)?)['\"]", 1, "cpu");
}

/* Samples of several lengths are filled up where the loader joins them. */
void
gb_propose_collate (GbStudy *study)
{
  g_autoptr (GRegex) regex = g_regex_new ("\\bDataLoader\\(", G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  for (g_regex_match (regex, study->source, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      int begin;
      const char *close;
      g_match_info_fetch_pos (match, 0, NULL, &begin);
      for (close = argument_end (study->source + begin); close && *close == ',';)
        close = argument_end (close + 1);
      if (close)
        replace_bytes (study, (gsize) (close - study->source), (gsize) (close - study->source),
                       g_strdup (", collate_fn=lambda rows: torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)"));
    }
}

/* Keys that differ by a prefix of all of them. */
void
gb_propose_keys (GbStudy *study)
{
  g_autofree char *missing = g_match_info_fetch (study->match, 2), *unexpected = g_match_info_fetch (study->match, 3);
  const GbOperand *given = NULL;

  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (o->role == TE_OPERAND_ARGUMENT && o->index == 0)
        given = o;
    }
  if (given == NULL || given->name == NULL || *given->name == 0 || missing == NULL || unexpected == NULL)
    return;
  gboolean adds = strlen (missing) > strlen (unexpected);
  const char *longer = adds ? missing : unexpected, *shorter = adds ? unexpected : missing;
  if (!g_str_has_suffix (longer, shorter))
    return;
  g_autofree char *prefix = g_strndup (longer, strlen (longer) - strlen (shorter));
  gb_study_add (study, given->line, given->column, given->end_line, given->end_column,
                g_strdup_printf (adds ? "{'%s' + name: t for name, t in %s.items()}"
                                      : "{name.removeprefix('%s'): t for name, t in %s.items()}",
                                 prefix, given->name),
                FALSE);
}
