/* (N, 1) against (N,) in a loss: broadcasting made a table of N × N differences.
 *
 * A loss function says enough; a difference by hand is spoken of only when it is a loss: exactly one side is
 * computed from parameters, the other is data, and the result is squared or made absolute,
 * and then summed up to one number. */
#include "models/causes/cause.h"

typedef struct
{
  guint64 call, output, power; /* of a difference that may be a loss, and its power */
} Difference;

static const char *const losses[] = { "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", NULL };
static const char *const stretches[] = { "broadcast_tensors", "expand", "broadcast_to", NULL };
static const char *const differences[] = { "sub", "rsub", NULL };
static const char *const powers[] = { "pow", "abs", "square", "mul", NULL };
static const char *const sums[] = { "mean", "sum", NULL };

/* (N, 1) and (N,), N more than one. */
static gboolean
is_column_and_row (const GbTensor *a, const GbTensor *b)
{
  return a->ndim == 2 && b->ndim == 1 && a->sizes[1] == 1 && a->sizes[0] == b->sizes[0] && a->sizes[0] > 1;
}

/* An operand as it was before a loss function stretched it to the common size. */
static gboolean
get_side (GbScan *scan, guint64 tensor, guint64 seq, GbTensor *side)
{
  GbTensor stretched;
  GbOp maker;

  if (gb_scan_maker (scan, tensor, seq, &maker) && gb_op_is (scan->trace, &maker, stretches))
    for (guint i = 0; i < maker.record->n_inputs; i++)
      if (gb_trace_op_output (scan->trace, &maker, i, &stretched) && stretched.tensor == tensor)
        return gb_trace_get_tensor (scan->trace, maker.inputs[i], seq, side);
  return gb_trace_get_tensor (scan->trace, tensor, seq, side);
}

static gboolean
get_sides (GbScan *scan, const GbOp *op, GbTensor *a, GbTensor *b)
{
  guint64 seq = op->record->head.seq;

  return op->record->n_inputs >= 2 && get_side (scan, op->inputs[0], seq, a)
         && get_side (scan, op->inputs[1], seq, b) && (is_column_and_row (a, b) || is_column_and_row (b, a));
}

static void
explain (GbScan *scan, const GbOp *op, const GbTensor *a, const GbTensor *b, guint64 seq)
{
  g_autofree char *subject = g_strdup_printf ("%u", gb_op_pos (op));
  gint64 n = a->sizes[0];
  GbTensor sides[2] = { *a, *b };
  GbFinding *finding;
  GbOp maker;

  for (guint k = 0; k < scan->findings->len; k++)
    {
      const GbFinding *other = g_ptr_array_index (scan->findings, k);
      if (other->cause == scan->cause->id && strcmp (other->subject, subject) == 0)
        return;
    }
  finding = gb_scan_find (scan, seq, subject);
  for (guint i = 0; i < 2; i++)
    {
      gboolean made = gb_scan_maker (scan, sides[i].tensor, op->record->head.seq, &maker);
      gb_finding_add (finding, GB_EVIDENCE_FORWARD, N_ ("{0} has shape {1}."), made ? gb_op_pos (&maker) : 0,
                      made ? maker.record->head.seq : sides[i].seq,
                      gb_scan_label (scan, sides[i].tensor, seq), gb_scan_shape (&sides[i]), NULL)
          ->tensor = sides[i].tensor;
    }
  gb_finding_add (finding, GB_EVIDENCE_CHANGED,
                  N_ ("{0} broadcast them to ({1}, {1}) here: {2} differences instead of {1}."),
                  gb_op_pos (op), op->record->head.seq, gb_scan_op_label (scan, op), gb_scan_count (n),
                  gb_scan_count (n * n), NULL);
}

static void
take_difference (GbScan *scan, Difference *state, const GbOp *op)
{
  GbTensor a, b, output;

  if (!get_sides (scan, op, &a, &b) || !gb_trace_op_output (scan->trace, op, 0, &output)
      || !(a.flags & TE_WIRE_REQUIRES_GRAD) == !(b.flags & TE_WIRE_REQUIRES_GRAD) || a.storage == b.storage)
    return;
  *state = (Difference){ op->record->call, output.tensor, 0 };
}

/* sub, then a power of it, then the sum of that. */
static void
follow_difference (GbScan *scan, Difference *state, const GbOp *op, guint64 seq)
{
  GbTensor a, b, output;
  GbOp difference;

  if (!gb_trace_op_output (scan->trace, op, 0, &output))
    return;
  if (op->inputs[0] == state->output && gb_op_is (scan->trace, op, powers)
      && (op->record->n_inputs < 2 || op->inputs[1] == 0 || op->inputs[1] == state->output))
    state->power = output.tensor;
  else if (op->inputs[0] == state->power && output.ndim == 0 && gb_op_is (scan->trace, op, sums)
           && gb_trace_get_op (scan->trace, state->call, &difference)
           && get_sides (scan, &difference, &a, &b))
    {
      explain (scan, &difference, &a, &b, seq);
      *state = (Difference){ 0 };
    }
}

static void
take (GbScan *scan, gpointer data, const TeRecord *record)
{
  Difference *state = data;
  GbOp op;
  GbTensor a, b;

  if (record->type != TE_RECORD_OP_END || scan->backward || scan->in_step
      || !gb_trace_get_op (scan->trace, ((const TeRecordOpEnd *) record)->call, &op)
      || op.record->n_inputs == 0)
    return;
  if (gb_op_is (scan->trace, &op, losses))
    {
      if (get_sides (scan, &op, &a, &b))
        explain (scan, &op, &a, &b, record->seq);
    }
  else if (gb_op_is (scan->trace, &op, differences))
    take_difference (scan, state, &op);
  else if (state->output)
    follow_difference (scan, state, &op, record->seq);
}

const GbCause gb_cause_loss_shapes = {
  .id = "loss-shapes",
  .title = N_ ("A loss of (N, 1) against (N,)"),
  .state_nbytes = sizeof (Difference),
  .take = take,
};
