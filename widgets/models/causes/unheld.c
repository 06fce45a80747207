/* Parameters that no optimiser holds: they receive gradients, and no step changes them.
 *
 * It speaks at the second step after which a parameter had gradients in vain, and only if the same backward()
 * also reached a parameter of a module that the stepping optimiser holds: a picture that is optimised through
 * a network leaves the network alone. */
#include "models/causes/cause.h"

typedef struct
{
  GHashTable *fresh; /* parameters with a gradient since the last step */
  GHashTable *vain;  /* unheld parameter -> steps without it */
  GHashTable *told;
} State;

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

static void
explain (GbScan *scan, const GArray *names, const TeRecordStepBegin *step)
{
  guint64 first = g_array_index (names, guint64, 0);
  g_autofree char *label = gb_scan_label (scan, first, step->head.seq);
  GbFinding *finding = gb_scan_find (scan, step->head.seq, label);
  GbTraceIter iter;
  const TeRecord *record;

  gb_finding_add (finding, GB_EVIDENCE_BACKWARD, N_ ("{0} receives a gradient from backward() here."),
                  scan->backward_pos, 0, g_strdup (label), NULL)
      ->tensor = first;
  gb_trace_iter_init (&iter, scan->trace, 0);
  while ((record = gb_trace_iter_next (&iter)) != NULL && record->seq < step->head.seq)
    if (record->type == TE_RECORD_OPTIMIZER
        && ((const TeRecordOptimizer *) record)->optimizer == step->optimizer)
      {
        const TeRecordOptimizer *made = (const TeRecordOptimizer *) record;
        gb_finding_add (finding, GB_EVIDENCE_CHANGED,
                        N_ ("{0} was given {1} tensors here; {2} is not among them."), made->pos, record->seq,
                        g_strdup (gb_trace_get_string (scan->trace, made->name)),
                        gb_scan_count (made->n_tensors), g_strdup (label), NULL);
        break;
      }
  gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("step() here has left {0} as it was twice."), step->pos,
                  step->head.seq, g_strdup (label), NULL);
  if (names->len > 1)
    gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("The same holds for {0} more parameters."), 0, 0,
                    gb_scan_count (names->len - 1), NULL);
}

static gboolean
is_of_a_module (GbScan *scan, guint64 tensor)
{
  const GbParam *param = gb_trace_find_param (scan->trace, tensor);
  return param && param->module;
}

static void
take_step (GbScan *scan, State *state, const TeRecordStepBegin *step)
{
  const GArray *held = gb_scan_get_held (scan, step->optimizer);
  g_autoptr (GArray) names = g_array_new (FALSE, FALSE, sizeof (guint64));
  gboolean moves_a_module = FALSE;
  GHashTableIter iter;
  gpointer item;

  for (guint i = 0; held && i < held->len && !moves_a_module; i++)
    moves_a_module = g_hash_table_contains (state->fresh, key (g_array_index (held, guint64, i)))
                     && is_of_a_module (scan, g_array_index (held, guint64, i));
  if (!moves_a_module)
    return;
  g_hash_table_iter_init (&iter, state->fresh);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    {
      guint64 tensor = GPOINTER_TO_SIZE (item);
      guint n;
      if (g_hash_table_contains (state->told, item) || gb_scan_is_held (scan, tensor))
        continue;
      n = GPOINTER_TO_UINT (g_hash_table_lookup (state->vain, item)) + 1;
      g_hash_table_insert (state->vain, item, GUINT_TO_POINTER (n));
      if (n >= 2)
        {
          g_hash_table_add (state->told, item);
          g_array_append_val (names, tensor);
        }
    }
  if (names->len)
    explain (scan, names, step);
}

static void
take (GbScan *scan, gpointer data, const TeRecord *record)
{
  State *state = data;
  const TeRecordAccumulate *accumulate = (const TeRecordAccumulate *) record;
  GbTensor tensor;

  if (state->fresh == NULL)
    {
      state->fresh = g_hash_table_new (NULL, NULL);
      state->vain = g_hash_table_new (NULL, NULL);
      state->told = g_hash_table_new (NULL, NULL);
    }
  if (record->type == TE_RECORD_ACCUMULATE)
    {
      if (gb_trace_get_tensor (scan->trace, accumulate->tensor, record->seq, &tensor)
          && (tensor.flags & TE_WIRE_PARAMETER))
        g_hash_table_add (state->fresh, key (accumulate->tensor));
    }
  else if (record->type == TE_RECORD_STEP_BEGIN)
    take_step (scan, state, (const TeRecordStepBegin *) record);
  else if (record->type == TE_RECORD_STEP)
    g_hash_table_remove_all (state->fresh);
}

static void
clear (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->fresh, g_hash_table_unref);
  g_clear_pointer (&state->vain, g_hash_table_unref);
  g_clear_pointer (&state->told, g_hash_table_unref);
}

const GbCause gb_cause_unheld = {
  .id = "unheld",
  .title = N_ ("Parameters that no optimiser holds"),
  .state_nbytes = sizeof (State),
  .take = take,
  .clear = clear,
};
