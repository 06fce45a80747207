#include "models/trace-changes.h"

#include "trace/record.h"

#include <string.h>

typedef struct
{
  GbTrace *trace;
  const char *name;
  guint64 tensor, storage;
  gboolean is_param;
} Sought;

/* Whether the op wrote into the storage. */
static gboolean
is_write (const Sought *sought, const TeRecordOpEnd *end, GbChange *out)
{
  const TeWireTensor *made = (const TeWireTensor *) (end + 1);
  GbOp op;
  for (guint i = 0; i < end->n_outputs; i++, made = te_wire_tensor_next (made))
    if (made->storage == sought->storage)
      {
        if (!gb_trace_get_op (sought->trace, end->call, &op)
            || !(op.record->flags & TE_WIRE_OP_INPLACE || made->tensor == sought->tensor))
          return FALSE;
        out->what = gb_trace_get_string (sought->trace, op.record->name);
        out->pos = op.record->caller_pos ? op.record->caller_pos : op.record->pos;
        return TRUE;
      }
  return FALSE;
}

static gboolean
is_change (const Sought *sought, const TeRecord *record, GbChange *out)
{
  *out = (GbChange){ .seq = record->seq };
  switch (record->type)
    {
    case TE_RECORD_NAME:
      {
        const TeRecordName *bound = (const TeRecordName *) record;
        out->kind = GB_CHANGE_BOUND;
        out->pos = bound->pos;
        return sought->name && strcmp (gb_trace_get_string (sought->trace, bound->name), sought->name) == 0;
      }
    case TE_RECORD_OP_END:
      out->kind = GB_CHANGE_WRITTEN;
      return is_write (sought, (const TeRecordOpEnd *) record, out);
    case TE_RECORD_STEP:
      out->kind = GB_CHANGE_STEPPED;
      out->what = gb_trace_get_string (sought->trace, ((const TeRecordStep *) record)->name);
      return sought->is_param;
    default:
      return FALSE;
    }
}

gboolean
gb_trace_find_change (
    GbTrace *trace, const char *name, guint64 tensor, guint64 seq, int direction, GbChange *out)
{
  GbTensor about;
  GbTraceIter iter;
  const TeRecord *record;
  if (!gb_trace_get_tensor (trace, tensor, seq, &about))
    return FALSE;
  Sought sought = { trace, name, tensor, about.storage, gb_trace_find_param (trace, tensor) != NULL };
  direction < 0 ? gb_trace_iter_init_back (&iter, trace, seq) : gb_trace_iter_init (&iter, trace, seq + 1);
  while ((record = direction < 0 ? gb_trace_iter_previous (&iter) : gb_trace_iter_next (&iter)))
    if (is_change (&sought, record, out))
      return TRUE;
  return FALSE;
}
