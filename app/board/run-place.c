#include "board/run-place.h"

/* Whether the program makes the record whoever looks on. */
static gboolean
counts (const TeRecord *record)
{
  switch (record->type)
    {
    case TE_RECORD_MODULE_ENTER:
    case TE_RECORD_MODULE_LEAVE:
    case TE_RECORD_OP_END:
    case TE_RECORD_NODE_BEGIN:
    case TE_RECORD_NODE_END:
    case TE_RECORD_ACCUMULATE:
    case TE_RECORD_BACKWARD_BEGIN:
    case TE_RECORD_BACKWARD_END:
    case TE_RECORD_STEP:
    case TE_RECORD_ITERATION:
    case TE_RECORD_BATCH:
    case TE_RECORD_LOG:
    case TE_RECORD_PRINT:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Behind the op's record, or at the run's start. */
static void
begin_behind (GbTraceIter *iter, GbTrace *trace, guint64 call)
{
  GbOp op;
  gb_trace_iter_init (iter, trace, call && gb_trace_get_op (trace, call, &op) ? op.record->head.seq + 1 : 0);
}

GbRunPlace
gb_run_place_of (GbTrace *trace, guint64 seq)
{
  GbRunPlace place = { gb_trace_get_last_call_at (trace, seq), 0 };
  GbTraceIter iter;
  const TeRecord *record;
  begin_behind (&iter, trace, place.call);
  while ((record = gb_trace_iter_next (&iter)) && record->seq <= seq)
    place.steps += counts (record);
  return place;
}

guint64
gb_run_place_find (GbTrace *trace, const GbRunPlace *place)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint64 seq = 0;
  guint steps = 0;
  begin_behind (&iter, trace, place->call);
  if (place->call)
    {
      GbOp op;
      seq = gb_trace_get_op (trace, place->call, &op) ? op.record->head.seq : 0;
    }
  while (steps < place->steps && (record = gb_trace_iter_next (&iter)))
    {
      steps += counts (record);
      seq = record->seq;
    }
  return steps == place->steps && seq ? seq : gb_trace_get_last_seq (trace);
}
