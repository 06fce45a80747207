/* The first NaN or infinity: the op where it was born, with what went into it, forward or backward.
 *
 * It speaks when one has reached the loss of a backward() or a gradient, and follows it back from there: an
 * infinity that is only a mask says nothing. */
#include <math.h>

#include "models/causes/cause.h"

#define MOST_KEPT  65536
#define MOST_STEPS 4096

typedef struct
{
  TeFactNonfinite fact;
  guint64 running; /* backward node that ran then, 0: forward */
} Entry;

typedef struct
{
  GPtrArray *all;         /* Entry, owned */
  GHashTable *entries;    /* tensor -> Entry, the latest, borrowed */
  GHashTable *by_storage; /* storage -> Entry, the same */
  gboolean told;
} State;

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

static const Entry *
find_entry (GbScan *scan, State *state, guint64 tensor, guint64 seq)
{
  const Entry *entry = g_hash_table_lookup (state->entries, key (tensor));
  GbTensor at;

  if (entry && entry->fact.head.seq <= seq)
    return entry;
  if (!gb_trace_get_tensor (scan->trace, tensor, seq, &at))
    return NULL;
  entry = g_hash_table_lookup (state->by_storage, key (at.storage));
  return entry && entry->fact.head.seq <= seq ? entry : NULL;
}

/* Goes from result to input while an input has one, NaN before infinity. */
static const Entry *
find_birth (GbScan *scan, State *state, const Entry *from)
{
  for (guint n = 0; n < MOST_STEPS; n++)
    {
      const Entry *next = NULL;
      GbOp op;
      if (!from->fact.call || !gb_trace_get_op (scan->trace, from->fact.call, &op))
        return from;
      for (guint i = 0; i < op.record->n_inputs; i++)
        {
          const Entry *entry =
              op.inputs[i] ? find_entry (scan, state, op.inputs[i], op.record->head.seq) : NULL;
          if (entry && entry != from && entry->fact.nans && from->fact.nans)
            next = entry;
        }
      for (guint i = 0; next == NULL && from->fact.nans == 0 && i < op.record->n_inputs; i++)
        {
          const Entry *entry =
              op.inputs[i] ? find_entry (scan, state, op.inputs[i], op.record->head.seq) : NULL;
          next = entry && entry != from ? entry : NULL;
        }
      if (next == NULL)
        return from;
      from = next;
    }
  return from;
}

static char *
number (double value)
{
  return g_strdup_printf ("%.4g", value);
}

static const char *
kind_of (const TeFactNonfinite *fact)
{
  return fact->nans ? "NaN" : "Inf";
}

static void
add_input (GbScan *scan, State *state, GbFinding *finding, const GbOp *op, guint64 input)
{
  const Entry *infinite = find_entry (scan, state, input, op->record->head.seq);
  const TeFactStats *stats = (const TeFactStats *) gb_trace_get_fact (
      scan->trace, TE_FACT_STATS, input, op->end ? op->end->head.seq + 64 : op->record->head.seq);
  GbOp maker;

  if (infinite && infinite->fact.call && gb_trace_get_op (scan->trace, infinite->fact.call, &maker))
    gb_finding_add (finding, GB_EVIDENCE_NUMBER,
                    N_ ("Its input {0} held {1} infinities: {2} made them here."), gb_op_pos (&maker),
                    infinite->fact.head.seq, gb_scan_label (scan, input, finding->seq),
                    gb_scan_count (infinite->fact.infs), gb_scan_op_label (scan, &maker), NULL);
  else if (stats && (stats->nans || stats->infs))
    gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("Its input {0} came with {1} NaN and {2} infinities."),
                    0, 0, gb_scan_label (scan, input, finding->seq), gb_scan_count (stats->nans),
                    gb_scan_count (stats->infs), NULL);
  else if (stats && stats->numel && isfinite (stats->min))
    gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("Its input {0} was finite, from {1} to {2}."), 0, 0,
                    gb_scan_label (scan, input, finding->seq), number (stats->min), number (stats->max),
                    NULL);
}

static void
add_birth (GbScan *scan, State *state, GbFinding *finding, const Entry *birth)
{
  GbNode node;
  GbOp op, forward;
  gboolean known = birth->fact.call && gb_trace_get_op (scan->trace, birth->fact.call, &op);
  guint64 running = birth->running ? birth->running : birth->fact.node;
  gboolean backward = running && gb_trace_get_node (scan->trace, running, &node);

  if (!backward && known)
    gb_finding_add (finding, GB_EVIDENCE_FORWARD,
                    N_ ("Forward: {0} made the first {1} here, in {2} of {3} elements."), gb_op_pos (&op),
                    birth->fact.head.seq, gb_scan_op_label (scan, &op), g_strdup (kind_of (&birth->fact)),
                    gb_scan_count (birth->fact.nans ? birth->fact.nans : birth->fact.infs),
                    gb_scan_count (birth->fact.numel), NULL);
  if (backward)
    {
      gboolean placed = gb_scan_node_op (scan, running, &forward);
      gb_finding_add (finding, GB_EVIDENCE_BACKWARD,
                      N_ ("Backward: {0}, the node of {1} here, made the first {2}, in {3} of {4} elements."),
                      placed ? gb_op_pos (&forward) : 0, birth->fact.head.seq,
                      g_strdup (gb_trace_get_string (scan->trace, node.record->name)),
                      placed ? gb_scan_op_label (scan, &forward) : g_strdup ("–"),
                      g_strdup (kind_of (&birth->fact)),
                      gb_scan_count (birth->fact.nans ? birth->fact.nans : birth->fact.infs),
                      gb_scan_count (birth->fact.numel), NULL);
    }
  for (guint i = 0; known && i < op.record->n_inputs && i < 3; i++)
    if (op.inputs[i])
      add_input (scan, state, finding, &op, op.inputs[i]);
}

static void
explain (GbScan *scan, State *state, guint64 tensor, guint64 leaf, guint64 seq)
{
  const Entry *entry = find_entry (scan, state, tensor, seq);
  GbFinding *finding;

  if (entry == NULL || state->told)
    return;
  state->told = TRUE;
  finding = gb_scan_find (scan, seq, "");
  add_birth (scan, state, finding, find_birth (scan, state, entry));
  if (leaf)
    gb_finding_add (finding, GB_EVIDENCE_BACKWARD, N_ ("With this backward() it reached {0}.grad."),
                    scan->backward_pos, seq, gb_scan_label (scan, leaf, seq), NULL);
  else
    gb_finding_add (finding, GB_EVIDENCE_BACKWARD, N_ ("It had reached {0} when this backward() began."),
                    scan->backward_pos, seq, gb_scan_label (scan, tensor, seq), NULL);
}

static void
keep (GbScan *scan, State *state, const TeFactNonfinite *fact)
{
  GbTensor at;
  Entry *entry;

  if (state->all->len >= MOST_KEPT)
    return;
  entry = g_new (Entry, 1);
  *entry = (Entry){ *fact, scan->backward ? scan->node : 0 };
  g_ptr_array_add (state->all, entry);
  g_hash_table_insert (state->entries, key (fact->tensor), entry);
  if (gb_trace_get_tensor (scan->trace, fact->tensor, fact->head.seq, &at))
    g_hash_table_insert (state->by_storage, key (at.storage), entry);
}

static void
take (GbScan *scan, gpointer data, const TeRecord *record)
{
  State *state = data;
  const TeRecordAccumulate *accumulate = (const TeRecordAccumulate *) record;

  if (state->told)
    return;
  if (record->type == TE_FACT_NONFINITE)
    {
      if (state->entries == NULL)
        {
          state->all = g_ptr_array_new_with_free_func (g_free);
          state->entries = g_hash_table_new (NULL, NULL);
          state->by_storage = g_hash_table_new (NULL, NULL);
        }
      keep (scan, state, (const TeFactNonfinite *) record);
    }
  else if (state->entries && record->type == TE_RECORD_BACKWARD_BEGIN)
    explain (scan, state, gb_scan_node_tensor (scan, scan->last_root), 0, record->seq);
  else if (state->entries && record->type == TE_RECORD_ACCUMULATE)
    explain (scan, state, accumulate->grad, accumulate->tensor, record->seq);
}

static void
clear (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->all, g_ptr_array_unref);
  g_clear_pointer (&state->entries, g_hash_table_unref);
  g_clear_pointer (&state->by_storage, g_hash_table_unref);
}

const GbCause gb_cause_nonfinite = {
  .id = "nonfinite",
  .title = N_ ("The first NaN or infinity"),
  .state_nbytes = sizeof (State),
  .take = take,
  .clear = clear,
};
