#include "why/why-text.h"

#include <string.h>

#include "common/i18n.h"

/* {0} … {4} of a sentence, which may stand in another order in another language. */
char *
gb_why_text (const GbEvidence *evidence)
{
  GString *out = g_string_new (NULL);

  for (const char *at = _ (evidence->text); *at; at++)
    {
      int nth = at[0] == '{' && at[1] >= '0' && at[1] < '0' + GB_EVIDENCE_MAX_ARGS && at[2] == '}'
                    ? at[1] - '0'
                    : -1;
      if (nth < 0)
        g_string_append_c (out, *at);
      else
        {
          g_string_append (out, evidence->args[nth] ? evidence->args[nth] : "");
          at += 2;
        }
    }
  return g_string_free (out, FALSE);
}

char *
gb_why_title (const GbFinding *finding)
{
  return g_strdup (_ (finding->title));
}

/* 0: no line */
static guint32
line_of (GbTrace *trace, const GbEvidence *evidence, const GbSource **source)
{
  const GbPosition *position = gb_trace_get_position (trace, evidence->pos);

  *source = gb_trace_get_source (trace, position ? position->file : evidence->file);
  return position ? position->line : evidence->line;
}

char *
gb_why_line_number (GbTrace *trace, const GbEvidence *evidence)
{
  const GbSource *source;
  guint32 line = line_of (trace, evidence, &source);
  return line ? g_strdup_printf ("%u", line) : NULL;
}

char *
gb_why_source_line (GbTrace *trace, const GbEvidence *evidence)
{
  const GbSource *source;
  guint32 wanted = line_of (trace, evidence, &source);
  const char *at = source ? source->text : NULL, *end;

  for (guint32 line = 1; at && line < wanted; line++)
    {
      at = strchr (at, '\n');
      at = at ? at + 1 : NULL;
    }
  if (at == NULL || wanted == 0)
    return NULL;
  end = strchr (at, '\n');
  return g_strstrip (end ? g_strndup (at, (gsize) (end - at)) : g_strdup (at));
}
