/* A change in place that backward() tripped over is written elsewhere: the past knows where
 * (models/causes/inplace.c). */
#include <string.h>

#include "models/explain.h"
#include "models/lessons/study.h"

/* The text of a place, and whether it is the whole line or at least begins it. */
static char *
text_at (GbTrace *trace, const GbPosition *position, gboolean *whole, gboolean *starts)
{
  const GbSource *source = gb_trace_get_source (trace, position->file);
  const char *at = source ? source->text : NULL;
  gsize nbytes;

  for (guint32 line = 1; at && line < position->line; line++)
    {
      at = strchr (at, '\n');
      at = at ? at + 1 : NULL;
    }
  nbytes = at ? strcspn (at, "\n") : 0;
  if (at == NULL || position->end_line != position->line || position->end_column > nbytes
      || position->column > position->end_column)
    return NULL;
  *starts = strspn (at, " \t") == position->column;
  *whole = *starts && position->end_column == nbytes;
  return g_strndup (at + position->column, position->end_column - position->column);
}

/* "h = h + 1" for "h += 1", "h = h.add(1)" for "h.add_(1)"; NULL: another form. */
static char *
out_of_place (const char *text)
{
  static const struct
  {
    const char *pattern, *form;
  } forms[] = {
    { "^([A-Za-z_][\\w.]*)\\s*(\\*\\*|[-+*/@])=\\s*(\\w[\\w.]*)$", "\\1 = \\1 \\2 \\3" },
    { "^([A-Za-z_][\\w.]*)\\s*(\\*\\*|[-+*/@])=\\s*(.+)$", "\\1 = \\1 \\2 (\\3)" },
    { "^([A-Za-z_][\\w.]*)\\.(\\w*[a-z0-9])_\\((.*)\\)$", "\\1 = \\1.\\2(\\3)" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GRegex) regex = g_regex_new (forms[i].pattern, 0, 0, NULL);
      if (g_regex_match (regex, text, 0, NULL))
        return g_regex_replace (regex, text, -1, 0, forms[i].form, 0, NULL);
    }
  return NULL;
}

static void
propose_at (GbStudy *study, guint32 pos)
{
  const GbPosition *position = gb_trace_get_position (study->trace, pos);
  gboolean whole = FALSE, starts = FALSE;
  g_autofree char *text =
      position && position->file == study->lesson->file ? text_at (study->trace, position, &whole, &starts) : NULL;
  char *other = text && whole ? out_of_place (text) : NULL;

  /* Elements are written into a copy. */
  g_autoptr (GRegex) element = g_regex_new ("^([A-Za-z_]\\w*)\\[.*\\]", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  if (other == NULL && text && starts && g_regex_match (element, text, 0, &match))
    {
      g_autofree char *name = g_match_info_fetch (match, 1), *indent = g_strnfill (position->column, ' ');
      gb_study_add (study, position->line, position->column, position->line, position->column,
                    g_strdup_printf ("%s = %s.clone()\n%s", name, name, indent), TRUE);
    }
  if (other)
    gb_study_add (study, position->line, position->column, position->end_line, position->end_column, other,
                  TRUE);
}

void
gb_propose_unsaved (GbStudy *study)
{
  GbExplain *explain = gb_explain_of (study->trace);

  gb_explain_update (explain, 0);
  g_autoptr (GPtrArray) findings = gb_explain_list (explain, G_MAXUINT64);
  for (guint i = 0; i < findings->len; i++)
    {
      const GbFinding *finding = g_ptr_array_index (findings, i);
      for (guint k = 0; strcmp (finding->cause, "inplace") == 0 && k < finding->n_evidence; k++)
        if (finding->evidence[k].kind == GB_EVIDENCE_CHANGED)
          propose_at (study, finding->evidence[k].pos);
    }
}
