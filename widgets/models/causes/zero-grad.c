/* Forgotten zero_grad: a step used a gradient that an earlier step had used already.
 *
 * Adding up several backward() calls before a step is accumulation, and gradients that arrive but are zeroed
 * before the next step (a discriminator's, in a GAN) do nothing: neither is spoken of. */
#include <string.h>

#include "models/causes/cause.h"

typedef struct
{
  guint64 tensor, grad_storage, backward;
  guint n_backwards; /* whose sum the gradient is */
  guint n_used;      /* of them, those that a step has used */
  guint32 zero_pos;  /* of the last zero_grad, 0: never */
  guint64 zero_seq;
} Leaf;

typedef struct
{
  GHashTable *leaves;   /* tensor -> Leaf */
  GHashTable *storages; /* of gradients -> Leaf, borrowed */
} State;

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

static Leaf *
get_leaf (State *state, guint64 tensor)
{
  Leaf *leaf = g_hash_table_lookup (state->leaves, key (tensor));
  if (leaf == NULL)
    {
      leaf = g_new0 (Leaf, 1);
      leaf->tensor = tensor;
      g_hash_table_insert (state->leaves, key (tensor), leaf);
    }
  return leaf;
}

static void
zeroed (Leaf *leaf, guint32 pos, guint64 seq)
{
  leaf->n_backwards = leaf->n_used = 0;
  leaf->backward = 0;
  leaf->zero_pos = pos;
  leaf->zero_seq = seq;
}

static void
take_accumulate (GbScan *scan, State *state, const TeRecordAccumulate *accumulate)
{
  Leaf *leaf = get_leaf (state, accumulate->tensor);
  GbTensor grad;

  if (!(accumulate->head.flags & 1)) /* it was None */
    leaf->n_backwards = leaf->n_used = 0;
  if (leaf->backward != accumulate->backward || leaf->n_backwards == 0)
    leaf->n_backwards++;
  leaf->backward = accumulate->backward;
  if (gb_trace_get_tensor (scan->trace, accumulate->grad, accumulate->head.seq, &grad))
    {
      leaf->grad_storage = grad.storage;
      g_hash_table_insert (state->storages, key (grad.storage), leaf);
    }
}

/* ---- steps ---- */

static void
explain (GbScan *scan, const Leaf *leaf, guint n_others, guint32 pos, guint64 seq)
{
  g_autofree char *label = gb_scan_label (scan, leaf->tensor, seq);
  GbFinding *finding = gb_scan_find (scan, seq, label);

  gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("{0}.grad is the sum of {1} backward() calls."),
                  scan->backward_pos, seq, g_strdup (label), gb_scan_count (leaf->n_backwards), NULL)
      ->tensor = leaf->tensor;
  if (leaf->zero_pos)
    gb_finding_add (finding, GB_EVIDENCE_CHANGED, N_ ("It was zeroed last here, before the first of them."),
                    leaf->zero_pos, leaf->zero_seq, NULL);
  else
    gb_finding_add (finding, GB_EVIDENCE_CHANGED, N_ ("Last zero_grad(): line –."), 0, 0, NULL);
  gb_finding_add (finding, GB_EVIDENCE_BACKWARD,
                  N_ ("This step used {0} of them that an earlier step had used."), pos, seq,
                  gb_scan_count (leaf->n_used), NULL);
  if (n_others)
    gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("The same holds for {0} more parameters."), 0, 0,
                    gb_scan_count (n_others), NULL);
}

static void
take_step (GbScan *scan, State *state, const TeRecordStepBegin *step)
{
  const GArray *held = gb_scan_get_held (scan, step->optimizer);
  Leaf *first = NULL;
  guint n = 0;

  for (guint i = 0; held && i < held->len; i++)
    {
      Leaf *leaf = g_hash_table_lookup (state->leaves, key (g_array_index (held, guint64, i)));
      if (leaf && leaf->n_used && leaf->n_backwards > leaf->n_used && n++ == 0)
        first = leaf;
    }
  if (first)
    explain (scan, first, n - 1, step->pos, step->head.seq);
  for (guint i = 0; held && i < held->len; i++)
    {
      Leaf *leaf = g_hash_table_lookup (state->leaves, key (g_array_index (held, guint64, i)));
      if (leaf)
        leaf->n_used = leaf->n_backwards;
    }
}

/* Does `tensor` come from the gradient within two ops?  `w -= lr * w.grad` */
static gboolean
comes_from (GbScan *scan, guint64 tensor, guint64 seq, guint64 storage, int depth)
{
  GbTensor at;
  GbOp op;

  if (tensor == 0 || !gb_trace_get_tensor (scan->trace, tensor, seq, &at))
    return FALSE;
  if (at.storage == storage)
    return TRUE;
  if (depth == 0 || !at.call || !gb_trace_get_op (scan->trace, at.call, &op))
    return FALSE;
  for (guint i = 0; i < op.record->n_inputs; i++)
    if (comes_from (scan, op.inputs[i], op.record->head.seq, storage, depth - 1))
      return TRUE;
  return FALSE;
}

static Leaf *
leaf_of_storage (GbScan *scan, State *state, const TeWireTensor *wire, guint64 seq)
{
  Leaf *leaf = g_hash_table_lookup (state->leaves, key (wire->tensor));
  g_autoptr (GArray) owners = NULL;

  if (leaf)
    return leaf;
  owners = gb_trace_storage_owners (scan->trace, wire->storage, seq);
  for (guint i = 0; i < owners->len && leaf == NULL; i++)
    leaf = g_hash_table_lookup (state->leaves, key (g_array_index (owners, guint64, i)));
  return leaf;
}

/* In-place ops by hand: they zero a gradient, or step. */
static void
take_op_end (GbScan *scan, State *state, const TeRecordOpEnd *end)
{
  static const char *const zeroing[] = { "zero_", "fill_", NULL };
  const TeWireTensor *wire = gb_record_output (end, 0);
  GbOp op;
  Leaf *leaf;

  if (wire == NULL || !gb_trace_get_op (scan->trace, end->call, &op)
      || !(op.record->flags & TE_WIRE_OP_INPLACE))
    return;
  leaf = g_hash_table_lookup (state->storages, key (wire->storage));
  if (leaf && leaf->grad_storage == wire->storage)
    {
      if (gb_op_is (scan->trace, &op, zeroing)
          || (strcmp (gb_trace_op_name (scan->trace, &op), "mul_") == 0 && op.record->text_nbytes >= 7
              && strncmp (op.text, "other=0", 7) == 0))
        zeroed (leaf, gb_op_pos (&op), end->head.seq);
      return;
    }
  if (op.record->flags & TE_WIRE_OP_OPTIMIZER)
    return;
  leaf = leaf_of_storage (scan, state, wire, end->head.seq);
  if (leaf == NULL || leaf->n_backwards == 0)
    return;
  for (guint i = 1; i < op.record->n_inputs; i++)
    if (comes_from (scan, op.inputs[i], op.record->head.seq, leaf->grad_storage, 2))
      {
        if (leaf->n_used && leaf->n_backwards > leaf->n_used)
          explain (scan, leaf, 0, gb_op_pos (&op), end->head.seq);
        leaf->n_used = leaf->n_backwards;
        return;
      }
}

static void
take (GbScan *scan, gpointer data, const TeRecord *record)
{
  State *state = data;
  const TeRecordZeroGrad *zero = (const TeRecordZeroGrad *) record;

  if (state->leaves == NULL)
    {
      state->leaves = g_hash_table_new_full (NULL, NULL, NULL, g_free);
      state->storages = g_hash_table_new (NULL, NULL);
    }
  switch (record->type)
    {
    case TE_RECORD_ACCUMULATE:
      take_accumulate (scan, state, (const TeRecordAccumulate *) record);
      break;
    case TE_RECORD_ZERO_GRAD:
      for (guint i = 0; i < zero->n_tensors; i++)
        zeroed (get_leaf (state, ((const guint64 *) (zero + 1))[i]), zero->pos, record->seq);
      break;
    case TE_RECORD_STEP_BEGIN:
      take_step (scan, state, (const TeRecordStepBegin *) record);
      break;
    case TE_RECORD_OP_END:
      if (g_hash_table_size (state->storages) && scan->backward == 0 && !scan->in_step)
        take_op_end (scan, state, (const TeRecordOpEnd *) record);
      break;
    default:
      break;
    }
}

static void
clear (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->leaves, g_hash_table_unref);
  g_clear_pointer (&state->storages, g_hash_table_unref);
}

const GbCause gb_cause_zero_grad = {
  .id = "zero-grad",
  .title = N_ ("A step used gradients of earlier steps"),
  .state_nbytes = sizeof (State),
  .take = take,
  .clear = clear,
};
