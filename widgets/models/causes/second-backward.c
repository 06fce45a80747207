/* "backward through the graph a second time": which saved tensor, freed by which call. */
#include "models/causes/cause.h"

/* The backward() during which the node's buffers were freed; pos 0: never. */
static const TeRecordBackward *
find_freeing (GbScan *scan, guint64 node, guint64 until, guint64 *freed_seq)
{
  GbTraceIter iter;
  const TeRecord *record;
  const TeRecordBackward *running = NULL;
  GbNode made;

  if (!gb_trace_get_node (scan->trace, node, &made))
    return NULL;
  gb_trace_iter_init (&iter, scan->trace, made.record->head.seq);
  while ((record = gb_trace_iter_next (&iter)) != NULL && record->seq < until)
    if (record->type == TE_RECORD_BACKWARD_BEGIN)
      running = (const TeRecordBackward *) record;
    else if (record->type == TE_RECORD_SAVED_FREED && ((const TeRecordSavedFreed *) record)->node == node)
      {
        *freed_seq = record->seq;
        return running;
      }
  return NULL;
}

static void
take (GbScan *scan, gpointer state, const TeRecord *record)
{
  const TeRecordNodeRun *run = (const TeRecordNodeRun *) record;
  const TeRecordBackward *first;
  g_autofree char *label = NULL;
  guint64 freed = 0;
  const char *name;
  GbFinding *finding;
  GbNode node;
  GbOp op;

  if (record->type != TE_RECORD_NODE_END || run->status == 0
      || !gb_trace_get_node (scan->trace, run->node, &node))
    return;
  first = find_freeing (scan, run->node, record->seq, &freed);
  if (first == NULL)
    return;
  name = gb_trace_get_string (scan->trace, node.record->name);
  label = node.record->n_saved ? gb_scan_saved_label (scan, &node.saved[0], record->seq) : g_strdup ("–");
  finding = gb_scan_find (scan, record->seq, name);
  if (gb_scan_node_op (scan, run->node, &op))
    gb_finding_add (finding, GB_EVIDENCE_SAVED, N_ ("{0} kept {1} for {2} here."), gb_op_pos (&op),
                    node.record->head.seq, gb_scan_op_label (scan, &op), g_strdup (label), g_strdup (name),
                    NULL);
  gb_finding_add (finding, GB_EVIDENCE_FREED,
                  N_ ("This backward() ran {0} and freed {1}: retain_graph was not set."), first->pos, freed,
                  g_strdup (name), g_strdup (label), NULL);
  gb_finding_add (finding, GB_EVIDENCE_BACKWARD,
                  N_ ("This backward() came to {0} again, with nothing left to compute from."),
                  scan->backward_pos, record->seq, g_strdup (name), NULL);
}

const GbCause gb_cause_second_backward = {
  .id = "second-backward",
  .title = N_ ("The graph was walked a second time"),
  .take = take,
};
