/* grad is None: the edge where the path from the loss to the tensor was cut, and its line.
 *
 * It speaks when the person's code reads a .grad that is None after a backward(), when an optimiser steps a
 * second time with a parameter that never had one, and when backward() refuses because nothing requires a
 * gradient; and only if the data did flow from the tensor to the loss.  A line that asks first (`if p.grad is
 * not None`) is no reading. */
#include <string.h>

#include "models/causes/cause.h"

#define MOST_ROOTS    4
#define MOST_FINDINGS 16

typedef struct
{
  guint64 tensor, seq;
  guint32 pos;
} Root;

typedef struct
{
  GHashTable *reached; /* leaves that a gradient arrived at */
  GHashTable *told;    /* tensors spoken of */
  GHashTable *steps;   /* optimiser -> times it stepped */
  Root roots[MOST_ROOTS];
  guint n_roots, n_told;
  guint64 last_scalar; /* the last result of one element */
} State;

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

static gboolean
is_integral (int dtype)
{
  /* In the order of TeDtype: uint8 int8 int16 int32 int64 float16 float32 float64 bool … */
  return dtype <= 4 || dtype == 8;
}

/* ---- the cut ---- */

static const char *
why_cut (GbScan *scan, const GbWay *step)
{
  static const char *const detaching[] = { "detach", "detach_", NULL };

  if (step->alias)
    return N_ (".data gave {1} without its history here, so no gradient goes back to {0}.");
  if (gb_op_is (scan->trace, &step->op, detaching))
    return N_ ("detach() cut the path from the loss to {0} here.");
  if (is_integral (step->output.dtype))
    return N_ ("{1} gave an integer or bool result here, so no gradient goes back to {0}.");
  if (step->op.record->flags & TE_WIRE_OP_NO_GRAD)
    return N_ ("{1} ran under no_grad() here: no edge to {0} was recorded.");
  return NULL;
}

/* The step at which the gradient's way ends, from the tensor on: its input still leads to the leaf. */
static const GbWay *
find_cut (GbScan *scan, const GArray *way)
{
  for (guint i = way->len; i-- > 0;)
    {
      const GbWay *step = &g_array_index (way, GbWay, i);
      gboolean live = (step->input.flags & TE_WIRE_REQUIRES_GRAD) || step->alias;
      if (live && (step->alias || !(step->output.flags & TE_WIRE_REQUIRES_GRAD)) && why_cut (scan, step))
        return step;
    }
  return NULL;
}

static GbFinding *
explain_cut (GbScan *scan, State *state, guint64 target, guint64 root, guint64 seq)
{
  g_autoptr (GArray) way = gb_scan_way (scan, root, seq, target);
  const GbWay *cut = way ? find_cut (scan, way) : NULL;
  g_autofree char *label = gb_scan_label (scan, target, seq);
  GbFinding *finding;
  GbEvidence *evidence;

  if (cut == NULL || !g_hash_table_add (state->told, key (target)))
    return NULL;
  finding = gb_scan_find (scan, seq, label);
  evidence =
      gb_finding_add (finding, GB_EVIDENCE_CHANGED, why_cut (scan, cut), gb_op_pos (&cut->op),
                      cut->op.record->head.seq, g_strdup (label), gb_scan_op_label (scan, &cut->op), NULL);
  evidence->tensor = target;
  return finding;
}

/* ---- who noticed ---- */

/* `if w.grad is not None:` looks first. */
static gboolean
line_asks (GbScan *scan, guint32 pos)
{
  g_autofree char *line = gb_scan_line (scan, pos);
  return strstr (line, "if ") != NULL || strstr (line, "while ") != NULL;
}

static void
explain_inner (GbScan *scan, State *state, const GbTensor *tensor, const TeRecordGradNone *read)
{
  g_autofree char *label = gb_scan_label (scan, tensor->tensor, read->head.seq);
  GbOp op;
  GbFinding *finding;

  if (!gb_scan_maker (scan, tensor->tensor, read->head.seq, &op)
      || !g_hash_table_add (state->told, key (tensor->tensor)))
    return;
  finding = gb_scan_find (scan, read->head.seq, label);
  gb_finding_add (finding, GB_EVIDENCE_FORWARD,
                  N_ ("{0} is no leaf: {1} made it here. Without retain_grad() its gradient passes through."),
                  gb_op_pos (&op), op.record->head.seq, g_strdup (label), gb_scan_op_label (scan, &op), NULL);
  gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("Here {0}.grad was read and is None."), read->pos,
                  read->head.seq, g_strdup (label), NULL);
}

static void
explain_plain (GbScan *scan, State *state, const GbTensor *tensor, const TeRecordGradNone *read)
{
  const Root *root = &state->roots[(state->n_roots - 1) % MOST_ROOTS];
  g_autoptr (GArray) way = gb_scan_way (scan, root->tensor, root->seq, tensor->tensor);
  g_autofree char *label = gb_scan_label (scan, tensor->tensor, read->head.seq);
  GbOp op = { 0 };
  GbFinding *finding;
  gboolean made = gb_scan_maker (scan, tensor->tensor, read->head.seq, &op);

  if (way == NULL || (tensor->flags & TE_WIRE_PARAMETER)
      || !g_hash_table_add (state->told, key (tensor->tensor)))
    return;
  finding = gb_scan_find (scan, read->head.seq, label);
  gb_finding_add (
      finding, GB_EVIDENCE_FORWARD,
      is_integral (tensor->dtype) ? N_ ("{0} holds integers, and only floating point tensors have gradients.")
                                  : N_ ("{0} does not require a gradient: requires_grad is False."),
      made ? gb_op_pos (&op) : 0, made ? op.record->head.seq : tensor->seq, g_strdup (label), NULL);
  gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("Here {0}.grad was read and is None."), read->pos,
                  read->head.seq, g_strdup (label), NULL);
}

static void
take_read (GbScan *scan, State *state, const TeRecordGradNone *read)
{
  GbTensor tensor;
  GbFinding *finding = NULL;

  if (state->n_roots == 0 || g_hash_table_contains (state->reached, key (read->tensor))
      || !gb_trace_get_tensor (scan->trace, read->tensor, read->head.seq, &tensor)
      || line_asks (scan, read->pos))
    return;
  if (!(tensor.flags & TE_WIRE_REQUIRES_GRAD))
    {
      explain_plain (scan, state, &tensor, read);
      return;
    }
  if (!(tensor.flags & TE_WIRE_LEAF))
    {
      explain_inner (scan, state, &tensor, read);
      return;
    }
  for (guint i = 0; i < MIN (state->n_roots, MOST_ROOTS) && finding == NULL; i++)
    {
      const Root *root = &state->roots[(state->n_roots - 1 - i) % MOST_ROOTS];
      finding = explain_cut (scan, state, read->tensor, root->tensor, read->head.seq);
    }
  if (finding)
    {
      g_autofree char *label = gb_scan_label (scan, read->tensor, read->head.seq);
      gb_finding_add (finding, GB_EVIDENCE_NUMBER, N_ ("Here {0}.grad was read and is None."), read->pos,
                      read->head.seq, g_strdup (label), NULL);
    }
}

static void
take_step (GbScan *scan, State *state, const TeRecordStepBegin *step)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (state->steps, key (step->optimizer)));
  const GArray *held = n == 1 && state->n_roots ? gb_scan_get_held (scan, step->optimizer) : NULL;
  const Root *root = &state->roots[(MAX (state->n_roots, 1) - 1) % MOST_ROOTS];

  g_hash_table_insert (state->steps, key (step->optimizer), GUINT_TO_POINTER (n + 1));
  for (guint i = 0; held && i < held->len && state->n_told < MOST_FINDINGS; i++)
    {
      guint64 tensor = g_array_index (held, guint64, i);
      GbTensor at;
      GbFinding *finding;
      if (g_hash_table_contains (state->reached, key (tensor))
          || !gb_trace_get_tensor (scan->trace, tensor, step->head.seq, &at)
          || !(at.flags & TE_WIRE_REQUIRES_GRAD))
        continue;
      finding = explain_cut (scan, state, tensor, root->tensor, root->seq);
      if (finding == NULL)
        continue;
      state->n_told++;
      finding->seq = step->head.seq;
      gb_finding_add (finding, GB_EVIDENCE_NUMBER,
                      N_ ("step() passed {0} over for the second time: {0}.grad is None."), step->pos,
                      step->head.seq, gb_scan_label (scan, tensor, step->head.seq), NULL);
    }
}

/* ---- backward() that refuses ---- */

typedef struct
{
  gboolean found;
  GbOp op;
  GbTensor output;
  guint64 input; /* that has a history, or shares its storage with the op's */
} Refused;

static gboolean
visit_refused (GbScan *scan, const GbOp *op, const GbTensor *output, gpointer data)
{
  Refused *refused = data;

  if (refused->found)
    return FALSE;
  for (guint i = 0; i < op->record->n_inputs; i++)
    {
      GbTensor input;
      GbWay step = { .op = *op, .output = *output };
      if (!op->inputs[i] || !gb_trace_get_tensor (scan->trace, op->inputs[i], op->record->head.seq, &input))
        continue;
      step.input = input;
      if (!(input.flags & TE_WIRE_REQUIRES_GRAD) && input.call == 0)
        {
          g_autoptr (GArray) owners =
              gb_trace_storage_owners (scan->trace, input.storage, op->record->head.seq);
          for (guint k = 0; k < owners->len && !step.alias; k++)
            {
              GbTensor owner;
              step.alias = gb_trace_get_tensor (scan->trace, g_array_index (owners, guint64, k),
                                                op->record->head.seq, &owner)
                           && (owner.flags & TE_WIRE_REQUIRES_GRAD);
              step.input = step.alias ? owner : input;
            }
        }
      if (((input.flags & TE_WIRE_REQUIRES_GRAD) || step.alias) && why_cut (scan, &step))
        {
          *refused = (Refused){ TRUE, *op, *output, step.input.tensor };
          return FALSE;
        }
    }
  return TRUE;
}

/* The tensor of `loss.backward ()`: its name stands on the line; else the last result of one element. */
static guint64
find_root (GbScan *scan, const State *state, const TeRecordException *exception)
{
  g_autofree char *line = gb_scan_line (scan, exception->pos);
  char *end = strstr (line, ".backward"), *name = end;
  GbTraceIter iter;
  const TeRecord *record;

  while (name && name > line && (g_ascii_isalnum (name[-1]) || name[-1] == '_'))
    name--;
  if (name == NULL || name == end)
    return state->last_scalar;
  *end = '\0';
  gb_trace_iter_init_back (&iter, scan->trace, exception->head.seq);
  while ((record = gb_trace_iter_previous (&iter)) != NULL)
    if (record->type == TE_RECORD_NAME
        && strcmp (gb_trace_get_string (scan->trace, ((const TeRecordName *) record)->name), name) == 0)
      return ((const TeRecordName *) record)->tensor;
  return state->last_scalar;
}

static void
take_exception (GbScan *scan, State *state, const TeRecordException *exception)
{
  const char *message = (const char *) (exception + 1) + exception->type_nbytes;
  g_autofree char *text = g_strndup (message, exception->message_nbytes);
  Refused refused = { 0 };
  gboolean direct = FALSE;
  GbFinding *finding;
  GbWay step;

  if (strstr (text, "does not require grad and does not have a grad_fn") == NULL)
    return;
  gb_scan_walk (scan, find_root (scan, state, exception), exception->head.seq, visit_refused, &refused);
  if (!refused.found)
    return;
  step = (GbWay){ .op = refused.op, .output = refused.output };
  for (guint i = 0; i < refused.op.record->n_inputs; i++)
    direct = direct || refused.op.inputs[i] == refused.input;
  step.alias = !direct;
  finding = gb_scan_find (scan, exception->head.seq, "backward");
  gb_finding_add (finding, GB_EVIDENCE_CHANGED, why_cut (scan, &step), gb_op_pos (&refused.op),
                  refused.op.record->head.seq, gb_scan_label (scan, refused.input, exception->head.seq),
                  gb_scan_op_label (scan, &refused.op), NULL);
  gb_finding_add (finding, GB_EVIDENCE_BACKWARD, N_ ("This backward() found no edge to begin with."),
                  exception->pos, exception->head.seq, NULL);
}

/* ---- records ---- */

static void
take_backward_end (GbScan *scan, State *state, const TeRecordBackward *backward)
{
  guint64 tensor = backward->status == 0 ? gb_scan_node_tensor (scan, scan->last_root) : 0;

  if (tensor)
    state->roots[state->n_roots++ % MOST_ROOTS] = (Root){ tensor, backward->head.seq, backward->pos };
}

static void
take_op_end (State *state, const TeRecordOpEnd *end)
{
  const TeWireTensor *wire = end->n_outputs == 1 ? gb_record_output (end, 0) : NULL;
  gint64 numel = 1;

  for (int d = 0; wire && d < wire->ndim; d++)
    numel *= te_wire_tensor_sizes (wire)[d];
  if (wire && numel == 1 && !is_integral (wire->dtype))
    state->last_scalar = wire->tensor;
}

static void
take (GbScan *scan, gpointer data, const TeRecord *record)
{
  State *state = data;

  if (state->reached == NULL)
    {
      state->reached = g_hash_table_new (NULL, NULL);
      state->told = g_hash_table_new (NULL, NULL);
      state->steps = g_hash_table_new (NULL, NULL);
    }
  switch (record->type)
    {
    case TE_RECORD_ACCUMULATE:
      g_hash_table_add (state->reached, key (((const TeRecordAccumulate *) record)->tensor));
      break;
    case TE_RECORD_BACKWARD_END:
      take_backward_end (scan, state, (const TeRecordBackward *) record);
      break;
    case TE_RECORD_OP_END:
      if (scan->backward == 0 && !scan->in_step)
        take_op_end (state, (const TeRecordOpEnd *) record);
      break;
    case TE_RECORD_GRAD_NONE:
      take_read (scan, state, (const TeRecordGradNone *) record);
      break;
    case TE_RECORD_STEP_BEGIN:
      take_step (scan, state, (const TeRecordStepBegin *) record);
      break;
    case TE_RECORD_EXCEPTION:
      take_exception (scan, state, (const TeRecordException *) record);
      break;
    default:
      break;
    }
}

static void
clear (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->reached, g_hash_table_unref);
  g_clear_pointer (&state->told, g_hash_table_unref);
  g_clear_pointer (&state->steps, g_hash_table_unref);
}

const GbCause gb_cause_no_gradient = {
  .id = "no-gradient",
  .title = N_ ("A gradient is None: the path was cut"),
  .state_nbytes = sizeof (State),
  .take = take,
  .clear = clear,
};
