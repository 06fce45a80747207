#include "board/run-place.h"

#include "trace/record.h"

/* Behind the op's record, or at the run's start. */
static void
begin_behind (GbTraceIter *iter, GbTrace *trace, guint64 call)
{
  GbOp op;
  gb_trace_iter_init (iter, trace, call && gb_trace_get_op (trace, call, &op) ? op.record->head.seq + 1 : 0);
}

/* Lines are told only while somebody steps. */
static gboolean
reaches_line (const TeRecord *record)
{
  return record->type == TE_RECORD_LINE && ((const TeRecordLine *) record)->event == 0;
}

GbRunPlace
gb_run_place_of (GbTrace *trace, guint64 seq)
{
  GbRunPlace place = { gb_trace_get_last_call_at (trace, seq), 0, 0 };
  GbTraceIter iter;
  const TeRecord *record;
  begin_behind (&iter, trace, place.call);
  while ((record = gb_trace_iter_next (&iter)) && record->seq <= seq)
    {
      place.steps += te_record_is_step (record->type);
      place.lines += reaches_line (record);
    }
  return place;
}

guint64
gb_run_place_find (GbTrace *trace, const GbRunPlace *place)
{
  GbTraceIter iter;
  const TeRecord *record;
  GbOp op;
  guint64 seq = place->call && gb_trace_get_op (trace, place->call, &op) ? op.record->head.seq : 0;
  guint steps = 0, lines = 0;
  begin_behind (&iter, trace, place->call);
  while ((steps < place->steps || lines < place->lines) && (record = gb_trace_iter_next (&iter)))
    {
      steps += te_record_is_step (record->type);
      lines += reaches_line (record);
      seq = record->seq;
    }
  return steps >= place->steps && lines >= place->lines && seq ? gb_trace_settle (trace, seq)
                                                               : gb_trace_get_last_seq (trace);
}
