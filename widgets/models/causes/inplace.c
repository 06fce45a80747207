/* "modified by an inplace operation": who kept the tensor, who changed it, who found it changed.
 *
 * A node that fails is asked for what it keeps; the first record behind its making that leaves one of these
 * storages with a newer version changed it.  An optimiser changes its parameters without ops. */
#include "models/causes/cause.h"

typedef struct
{
  const TeWireSaved *saved;
  guint64 seq, call; /* of the op that changed it; call 0: a step of an optimiser */
  guint32 pos, version, last_version;
} Change;

static const TeWireSaved *
find_saved (const GbNode *node, guint64 storage)
{
  for (guint i = 0; i < node->record->n_saved; i++)
    if (node->saved[i].storage == storage)
      return &node->saved[i];
  return NULL;
}

static void
look_at_op (GbScan *scan, const GbNode *node, const TeRecordOpEnd *end, Change *change)
{
  GbOp op;

  for (guint i = 0; i < end->n_outputs; i++)
    {
      const TeWireTensor *wire = gb_record_output (end, i);
      const TeWireSaved *saved = find_saved (node, wire->storage);
      if (saved == NULL || wire->version <= saved->version || (change->saved && change->saved != saved)
          || !gb_trace_get_op (scan->trace, end->call, &op))
        continue;
      if (change->saved == NULL)
        {
          change->saved = saved;
          change->seq = op.record->head.seq;
          change->call = op.record->call;
          change->pos = gb_op_pos (&op);
          change->version = wire->version;
        }
      change->last_version = wire->version;
    }
}

static void
look_at_step (GbScan *scan, const GbNode *node, const TeRecordStepBegin *step, Change *change)
{
  const GArray *held = gb_scan_get_held (scan, step->optimizer);
  GbTensor param;

  for (guint i = 0; held && i < held->len && change->saved == NULL; i++)
    if (gb_trace_get_tensor (scan->trace, g_array_index (held, guint64, i), step->head.seq, &param)
        && find_saved (node, param.storage))
      {
        change->saved = find_saved (node, param.storage);
        change->seq = step->head.seq;
        change->pos = step->pos;
        change->version = change->last_version = change->saved->version + 1;
      }
}

static Change
find_change (GbScan *scan, const GbNode *node, guint64 until)
{
  Change change = { 0 };
  GbTraceIter iter;
  const TeRecord *record;

  gb_trace_iter_init (&iter, scan->trace, node->record->head.seq);
  while ((record = gb_trace_iter_next (&iter)) != NULL && record->seq < until)
    if (record->type == TE_RECORD_OP_END)
      look_at_op (scan, node, (const TeRecordOpEnd *) record, &change);
    else if (record->type == TE_RECORD_STEP_BEGIN)
      look_at_step (scan, node, (const TeRecordStepBegin *) record, &change);
  return change;
}

static void
explain (GbScan *scan, const GbNode *node, const Change *change, guint64 seq)
{
  g_autofree char *label = gb_scan_saved_label (scan, change->saved, seq);
  GbFinding *finding = gb_scan_find (scan, seq, label);
  GbEvidence *evidence;
  GbOp op;

  if (gb_scan_node_op (scan, node->record->node, &op))
    {
      evidence = gb_finding_add (
          finding, GB_EVIDENCE_SAVED, N_ ("{0} kept {1} for backward here, as its “{2}”, at version {3}."),
          gb_op_pos (&op), node->record->head.seq, gb_scan_op_label (scan, &op), g_strdup (label),
          g_strdup (gb_trace_get_string (scan->trace, change->saved->name)),
          gb_scan_count (change->saved->version), NULL);
      evidence->tensor = change->saved->tensor;
    }
  evidence = gb_finding_add (
      finding, GB_EVIDENCE_CHANGED, N_ ("{0} changed {1} in place here: version {2} became {3}."),
      change->pos, change->seq,
      change->call && gb_trace_get_op (scan->trace, change->call, &op) ? gb_scan_op_label (scan, &op)
                                                                       : g_strdup ("optimizer.step()"),
      g_strdup (label), gb_scan_count (change->version - 1), gb_scan_count (change->version), NULL);
  evidence->tensor = change->saved->tensor;
  gb_finding_add (finding, GB_EVIDENCE_BACKWARD,
                  N_ ("{0} needed version {1} in this backward() and found version {2}."), scan->backward_pos,
                  seq, g_strdup (gb_trace_get_string (scan->trace, node->record->name)),
                  gb_scan_count (change->saved->version), gb_scan_count (change->last_version), NULL);
}

/* Saved buffers that were freed are another story. */
static gboolean
was_freed (GbScan *scan, const GbNode *node, guint64 until)
{
  GbTraceIter iter;
  const TeRecord *record;

  gb_trace_iter_init (&iter, scan->trace, node->record->head.seq);
  while ((record = gb_trace_iter_next (&iter)) != NULL && record->seq < until)
    if (record->type == TE_RECORD_SAVED_FREED
        && ((const TeRecordSavedFreed *) record)->node == node->record->node)
      return TRUE;
  return FALSE;
}

static void
take (GbScan *scan, gpointer state, const TeRecord *record)
{
  const TeRecordNodeRun *run = (const TeRecordNodeRun *) record;
  GbNode node;
  Change change;

  if (record->type != TE_RECORD_NODE_END || run->status == 0
      || !gb_trace_get_node (scan->trace, run->node, &node) || was_freed (scan, &node, record->seq))
    return;
  change = find_change (scan, &node, record->seq);
  if (change.saved)
    explain (scan, &node, &change, record->seq);
}

const GbCause gb_cause_inplace = {
  .id = "inplace",
  .title = N_ ("A saved tensor was changed in place"),
  .take = take,
};
