/* Memory that grows: who holds old graphs alive, from which line.  The interpreter searched for it
 * (TE_RECORD_GRAPH_HELD); here the lines are found: the op that made what is held, and the line that keeps
 * it. */
#include <string.h>

#include "models/causes/cause.h"

/* `logged ["loss"].append (`, `logged.setdefault ("loss", {})[step] =`: kept in something inside it. */
static gboolean
keeps_inside (const char *rest)
{
  static const char *const ways[] = { ".append(", ".extend(", ".add(", ".insert(", "] =", "]=", NULL };
  for (guint w = 0; ways[w] && (*rest == '[' || g_str_has_prefix (rest, ".setdefault(")); w++)
    if (strstr (rest, ways[w]))
      return TRUE;
  return FALSE;
}

/* `losses.append (`, `losses +=` … in the program; the first, 0: none. */
static guint
find_keeping_line (const GbSource *source, const char *name)
{
  static const char *const ways[] = { ".append(", ".extend(", ".add(", ".insert(", " +=", "+=", "", NULL };
  g_auto (GStrv) lines = source ? g_strsplit (source->text, "\n", -1) : NULL;
  /* "self.history" of a variable "trainer" is "trainer.history" to the search: the last part tells. */
  const char *dot = strrchr (name, '.'), *last = dot ? dot + 1 : name;

  for (guint w = 0; ways[w] && lines; w++)
    for (guint i = 0; lines[i]; i++)
      {
        const char *at = strstr (lines[i], last);
        for (; at; at = strstr (at + 1, last))
          if ((at == lines[i] || !(g_ascii_isalnum (at[-1]) || at[-1] == '_'))
              && g_str_has_prefix (at + strlen (last), ways[w])
              && (*ways[w] || keeps_inside (at + strlen (last))))
            return i + 1;
      }
  return 0;
}

static void
take (GbScan *scan, gpointer state, const TeRecord *record)
{
  const TeRecordGraphHeld *held = (const TeRecordGraphHeld *) record;
  const char *name;
  const GbPosition *position = NULL;
  GbFinding *finding;
  GbOp op = { 0 };
  gboolean made;
  guint keeping = 0;

  if (record->type != TE_RECORD_GRAPH_HELD)
    return;
  name = gb_trace_get_string (scan->trace, held->name);
  finding = gb_scan_find (scan, record->seq, name);
  made = gb_scan_maker (scan, held->tensor, record->seq, &op);
  position = made ? gb_trace_get_position (scan->trace, gb_op_pos (&op)) : NULL;
  if (held->kind == 1 && position)
    keeping = find_keeping_line (gb_trace_get_source (scan->trace, position->file), name);
  if (held->kind == 1)
    {
      GbEvidence *keeps =
          gb_finding_add (finding, GB_EVIDENCE_SAVED,
                          N_ ("{0} holds {1} results of past iterations, each with the graph behind it."), 0,
                          record->seq, g_strdup (name), gb_scan_count (held->n_tensors), NULL);
      keeps->file = keeping ? position->file : 0;
      keeps->line = keeping;
      gb_finding_add (finding, GB_EVIDENCE_FORWARD, N_ ("They were made here, by {0}."),
                      made ? gb_op_pos (&op) : 0, made ? op.record->head.seq : 0,
                      made ? gb_scan_op_label (scan, &op) : g_strdup ("–"), NULL);
    }
  else
    gb_finding_add (finding, GB_EVIDENCE_SAVED,
                    N_ ("{0}, made by {1} here, reaches back through the graphs of past iterations."),
                    made ? gb_op_pos (&op) : 0, made ? op.record->head.seq : 0, g_strdup (name),
                    made ? gb_scan_op_label (scan, &op) : g_strdup ("–"), NULL);
  gb_finding_add (finding, GB_EVIDENCE_NUMBER,
                  N_ ("Nodes of the graph that are alive: {0} then, {1} now, {2} iterations of growth."), 0,
                  record->seq, gb_scan_count ((gint64) held->n_before),
                  gb_scan_count ((gint64) held->n_nodes), gb_scan_count (held->n_iterations), NULL);
}

const GbCause gb_cause_held_graph = {
  .id = "held-graph",
  .title = N_ ("Memory grows: old graphs are held"),
  .take = take,
};
