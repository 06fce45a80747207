#include "models/broadcast-model.h"

#include <string.h>

#include "models/index-map/index-map.h"

#define MOST_LOOKED_AT 6000 /* records before the position */

void
gb_broadcast_free (GbBroadcast *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_operands; i++)
    {
      g_free (self->operands[i].label);
      gb_tensor_values_free (self->operands[i].values);
    }
  gb_tensor_values_free (self->values);
  g_free (self->op_name);
  g_free (self->output_label);
  g_free (self);
}

int
gb_broadcast_sizes (const GbTensor *const *operands, guint n, gint64 *sizes, int *failing)
{
  int ndim = 0;

  *failing = -1;
  for (guint i = 0; i < n; i++)
    ndim = MAX (ndim, operands[i]->ndim);
  if (ndim > GB_VALUES_MAX_NDIM)
    return -1;
  for (int d = 0; d < ndim; d++)
    sizes[d] = 1;
  for (guint i = 0; i < n; i++)
    for (int d = 0; d < operands[i]->ndim; d++)
      {
        int axis = ndim - operands[i]->ndim + d;
        gint64 size = operands[i]->sizes[d];
        if (size == 1 || size == sizes[axis])
          continue;
        if (sizes[axis] != 1)
          *failing = MAX (*failing, axis);
        sizes[axis] = sizes[axis] == 1 ? size : MAX (size, sizes[axis]);
      }
  return ndim;
}

gboolean
gb_broadcast_is_stretched (const GbBroadcast *self, guint operand, int axis, gboolean *missing)
{
  const GbTensor *t = &self->operands[operand].tensor;
  int own = axis - (self->ndim - t->ndim);

  *missing = own < 0;
  return own < 0 || (t->sizes[own] == 1 && self->sizes[axis] != 1);
}

void
gb_broadcast_source (const GbBroadcast *self, guint operand, const gint64 *index, gint64 *source)
{
  const GbTensor *t = &self->operands[operand].tensor;

  for (int d = 0; d < t->ndim; d++)
    source[d] = t->sizes[d] == 1 ? 0 : MIN (index[self->ndim - t->ndim + d], t->sizes[d] - 1);
}

/* ---- what kind of op it is ---- */

/* expand: a view whose result reads its input again and again. */
static gboolean
is_expanding_view (const GbTensor *input, const GbTensor *output)
{
  int lead = output->ndim - input->ndim;
  gboolean again = FALSE;

  if (input->storage != output->storage || lead < 0 || output->ndim > GB_VALUES_MAX_NDIM)
    return FALSE;
  for (int d = 0; d < output->ndim; d++)
    {
      gint64 size = d < lead ? 1 : input->sizes[d - lead];
      if (size == output->sizes[d])
        continue;
      if (size != 1 || output->strides[d] != 0)
        return FALSE;
      again = TRUE;
    }
  return again;
}

/* Operands of the call, their common shape, and what that makes of it.  -1: shapes have no say in this op. */
static int
kind_of (GbTrace *trace, const GbOp *op, GbTensor *operands, guint *n, GbTensor *output, gboolean *has_output)
{
  const GbTensor *pointers[GB_BROADCAST_MOST_OPERANDS];
  gint64 sizes[GB_VALUES_MAX_NDIM];
  int failing, ndim, kind = GB_BROADCAST_EQUAL;

  if (op->record->flags & (TE_WIRE_OP_BACKWARD | TE_WIRE_OP_OPTIMIZER) || op->record->n_inputs == 0
      || op->record->n_inputs > GB_BROADCAST_MOST_OPERANDS)
    return -1;
  *n = 0;
  for (guint i = 0; i < op->record->n_inputs; i++)
    {
      GbTensor *t = &operands[*n];
      if (op->inputs[i] == 0 || !gb_trace_get_tensor (trace, op->inputs[i], op->record->head.seq, t)
          || t->ndim > GB_VALUES_MAX_NDIM)
        return -1;
      pointers[(*n)++] = t;
    }
  *has_output = gb_trace_op_output (trace, op, 0, output);
  if (*n == 1)
    return *has_output && is_expanding_view (&operands[0], output) ? GB_BROADCAST_STRETCHED : -1;
  if (!gb_index_map_is_pointwise (gb_trace_op_name (trace, op)))
    return -1;
  ndim = gb_broadcast_sizes (pointers, *n, sizes, &failing);
  if (ndim < 0)
    return -1;
  if (failing >= 0)
    return *has_output ? -1 : GB_BROADCAST_FAILED;
  if (*has_output
      && (output->ndim != ndim || memcmp (output->sizes, sizes, sizeof (gint64) * (gsize) ndim) != 0))
    return -1;
  for (guint i = 0; i < *n; i++)
    for (int d = 0; d < ndim; d++)
      {
        int own = d - (ndim - operands[i].ndim);
        if ((own < 0 || operands[i].sizes[own] == 1) && sizes[d] != 1)
          kind = MAX (kind, operands[i].ndim == 0 ? GB_BROADCAST_SCALAR : GB_BROADCAST_STRETCHED);
      }
  return kind;
}

static int
kind_of_call (GbTrace *trace, guint64 call)
{
  GbTensor operands[GB_BROADCAST_MOST_OPERANDS], output;
  gboolean has_output;
  GbOp op;
  guint n;

  return call && gb_trace_get_op (trace, call, &op) ? kind_of (trace, &op, operands, &n, &output, &has_output)
                                                    : -1;
}

/* The latest call at or before seq whose shapes had to be put together; *kind: what became of it. */
static guint64
search (GbTrace *trace, guint64 seq, int *kind)
{
  GbTensor operands[GB_BROADCAST_MOST_OPERANDS], output;
  const TeRecord *record;
  gboolean has_output;
  guint64 best = 0;
  guint n, looked_at = 0;
  GbTraceIter iter;
  GbOp op;

  *kind = -1;
  gb_trace_iter_init_back (&iter, trace, seq);
  while ((record = gb_trace_iter_previous (&iter)) && looked_at++ < MOST_LOOKED_AT)
    if (record->type == TE_RECORD_OP && gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op))
      {
        int this = kind_of (trace, &op, operands, &n, &output, &has_output);
        if (this > *kind)
          *kind = this, best = op.record->call;
        if (this >= GB_BROADCAST_STRETCHED)
          break;
      }
  return best;
}

/* ---- the op that is looked at ---- */

static guint64
find_call (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), chosen = gb_selection_get_tensor (selection), last;
  const GbPick *pin = gb_selection_get_pin (selection);
  GbTensor tensor;
  int kind;

  if ((pin->facets & GB_PICK_OP) && kind_of_call (trace, pin->call) >= 0)
    return pin->call;
  if (chosen && gb_trace_get_tensor (trace, gb_trace_follow_tensor (trace, chosen, seq), seq, &tensor)
      && kind_of_call (trace, tensor.call) >= 0)
    return tensor.call;
  last = gb_trace_get_last_call_at (trace, seq);
  if (!gb_trace_cursor_get_following (cursor) && kind_of_call (trace, last) >= 0)
    return last;
  return search (trace, seq, &kind);
}

int
gb_broadcast_peek (GbTraceCursor *cursor)
{
  int kind;
  search (gb_trace_cursor_get_trace (cursor), gb_trace_cursor_get_position (cursor), &kind);
  return kind;
}

static void
fill_strides (GbBroadcast *self)
{
  gboolean missing;

  for (guint i = 0; i < self->n_operands; i++)
    for (int d = 0; d < self->ndim; d++)
      self->operands[i].read[d] =
          gb_broadcast_is_stretched (self, i, d, &missing)
              ? 0
              : self->operands[i].tensor.strides[d - (self->ndim - self->operands[i].tensor.ndim)];
}

GbBroadcast *
gb_broadcast_new (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  GbTensor operands[GB_BROADCAST_MOST_OPERANDS] = { 0 };
  const GbTensor *pointers[GB_BROADCAST_MOST_OPERANDS];
  guint64 call = find_call (cursor, selection);
  GbBroadcast *self;
  guint n = 0;
  GbOp op;

  if (call == 0 || !gb_trace_get_op (trace, call, &op))
    return NULL;
  self = g_new0 (GbBroadcast, 1);
  self->kind = (GbBroadcastKind) kind_of (trace, &op, operands, &n, &self->output, &self->has_output);
  self->call = call;
  self->seq = op.record->head.seq;
  self->pos = op.record->caller_pos ? op.record->caller_pos : op.record->pos;
  self->op_name = g_strdup (gb_trace_op_name (trace, &op));
  self->pattern = gb_index_map_pattern (self->op_name);
  self->n_operands = n;
  for (guint i = 0; i < n; i++)
    {
      GbBroadcastOperand *o = &self->operands[i];
      o->tensor = operands[i];
      pointers[i] = &o->tensor;
      o->label = gb_trace_dup_tensor_label (trace, o->tensor.tensor,
                                            MAX (self->seq, gb_trace_cursor_get_position (cursor)));
      o->values = gb_tensor_values_then (trace, &o->tensor, self->seq);
    }
  if (n == 1)
    {
      self->ndim = self->output.ndim;
      memcpy (self->sizes, self->output.sizes, sizeof (gint64) * (gsize) self->ndim);
      self->failing_axis = -1;
    }
  else
    self->ndim = gb_broadcast_sizes (pointers, n, self->sizes, &self->failing_axis);
  if (self->has_output)
    {
      self->output_label =
          gb_trace_dup_tensor_label (trace, self->output.tensor, gb_trace_cursor_get_position (cursor));
      self->values = gb_tensor_values_then (trace, &self->output, op.end->head.seq);
    }
  fill_strides (self);
  return self;
}
