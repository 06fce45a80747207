#include "models/record-check.h"

#include "core/shape.h"

static gboolean
tensor_is_sane (const TeWireTensor *tensor)
{
  const gint64 *sizes = te_wire_tensor_sizes (tensor), *strides = te_wire_tensor_strides (tensor);
  int64_t numel, extent;

  for (int d = 0; d < tensor->ndim; d++)
    if (strides[d] < 0)
      return FALSE;
  return tensor->offset >= 0 && te_shape_numel (tensor->ndim, sizes, &numel)
         && te_shape_extent (tensor->ndim, sizes, strides, tensor->offset, &extent);
}

gboolean
gb_record_check (const TeRecord *record, gsize nbytes)
{
  TeError err;

  te_error_clear (&err);
  if (!te_record_check (record, nbytes, &err))
    return FALSE;
  if (record->type == TE_RECORD_TENSOR)
    return tensor_is_sane (&((const TeRecordTensor *) record)->tensor);
  if (record->type == TE_FACT_OPERAND)
    return tensor_is_sane (&((const TeFactOperand *) record)->tensor);
  if (record->type == TE_RECORD_OP_END)
    {
      const TeRecordOpEnd *end = (const TeRecordOpEnd *) record;
      const TeWireTensor *wire = (const TeWireTensor *) (end + 1);
      for (guint i = 0; i < end->n_outputs; i++, wire = te_wire_tensor_next (wire))
        if (!tensor_is_sane (wire))
          return FALSE;
    }
  if (record->type == TE_FACT_VALUES)
    {
      const TeFactValues *values = (const TeFactValues *) record;
      return tensor_is_sane (&values->tensor) && values->first >= 0 && values->count >= 0
             && values->first <= G_MAXINT64 - values->count;
    }
  return TRUE;
}

const TeWireTensor *
gb_record_output (const TeRecordOpEnd *end, guint nth)
{
  const TeWireTensor *wire = (const TeWireTensor *) (end + 1);

  if (nth >= end->n_outputs)
    return NULL;
  while (nth--)
    wire = te_wire_tensor_next (wire);
  return wire;
}

const gint64 *
gb_values_starts (const TeFactValues *values)
{
  return te_wire_tensor_sizes (&values->tensor) + 2 * values->tensor.ndim;
}

const guint8 *
gb_values_data (const TeFactValues *values)
{
  const gint64 *after = gb_values_starts (values);
  return (const guint8 *) (values->kind == 0 ? after + 2 * values->tensor.ndim : after);
}
