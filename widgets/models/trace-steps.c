#include "models/trace-steps.h"

#include "trace/wire.h"

/* TeRecordLine.event */
#define LINE_REACHED 0
#define LINE_CALLED  1

/* Whether the program has gone on: everything but what describes the state that it is in. */
static gboolean
happens (const TeRecord *record)
{
  switch (record->type)
    {
    case TE_RECORD_LINE:
      return ((const TeRecordLine *) record)->event != LINE_CALLED;
    case TE_RECORD_STRING:
    case TE_RECORD_SOURCE:
    case TE_RECORD_POS:
    case TE_RECORD_MODULE:
    case TE_RECORD_PARAM:
    case TE_RECORD_TENSOR:
    case TE_RECORD_NAME:
    case TE_RECORD_NODE:
    case TE_RECORD_SAVED_FREED:
    case TE_RECORD_STORAGE_NEW:
    case TE_RECORD_STORAGE_FREE:
    case TE_RECORD_STATE:
    case TE_RECORD_GAP:
    case TE_RECORD_RESUME:
    case TE_RECORD_CLOCK:
    case TE_RECORD_FILE:
    case TE_RECORD_GRAPH_HELD:
    case TE_RECORD_VALUE:
      return FALSE;
    default:
      return record->type < TE_FACT_STATS;
    }
}

guint64
gb_trace_settle (GbTrace *trace, guint64 seq)
{
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, trace, seq + 1);
  while ((record = gb_trace_iter_next (&iter)) && !happens (record))
    seq = record->seq;
  return seq;
}

/* ---- lines ---- */

static const GbPosition *
place_of_op (GbTrace *trace, const TeRecord *record)
{
  const TeRecordOp *op = (const TeRecordOp *) record;
  return gb_trace_get_position (trace, op->caller_pos ? op->caller_pos : op->pos);
}

/* An op whose line has no record of its own, when the op before it was of another line. */
static gboolean
begins_line (GbTrace *trace, const TeRecord *op)
{
  const GbPosition *here = place_of_op (trace, op);
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init_back (&iter, trace, op->seq - 1);
  while (here && (record = gb_trace_iter_previous (&iter)))
    {
      if (record->type == TE_RECORD_LINE)
        return FALSE;
      const GbPosition *there = record->type == TE_RECORD_OP ? place_of_op (trace, record) : NULL;
      if (there)
        return there->line != here->line || there->file != here->file;
    }
  return here != NULL;
}

/* ---- all units but modules ---- */

static gboolean
is_stop (GbTrace *trace, const TeRecord *record, GbStepUnit unit)
{
  switch (unit)
    {
    case GB_STEP_OP:
      return record->type == TE_RECORD_OP;
    case GB_STEP_NODE:
      return record->type == TE_RECORD_NODE_BEGIN || record->type == TE_RECORD_BACKWARD_END;
    case GB_STEP_ITERATION:
      return record->type == TE_RECORD_ITERATION;
    case GB_STEP_LINE:
      return record->type == TE_RECORD_LINE ? ((const TeRecordLine *) record)->event == LINE_REACHED
                                            : record->type == TE_RECORD_OP && begins_line (trace, record);
    case GB_STEP_INTO:
      return record->type == TE_RECORD_MODULE_ENTER;
    case GB_STEP_MODULE:
    case GB_N_STEPS:
      break;
    }
  return FALSE;
}

/* Where a record that is a stop lets the program stand. */
static guint64
stop_position (GbTrace *trace, const TeRecord *record, GbStepUnit unit)
{
  if (unit == GB_STEP_OP || record->type == TE_RECORD_NODE_BEGIN)
    return record->seq - 1;
  /* Exactly there, for what is told next may belong to the next iteration. */
  if (record->type == TE_RECORD_ITERATION)
    return record->seq;
  guint64 settled = gb_trace_settle (trace, record->seq);
  if (record->type != TE_RECORD_MODULE_ENTER)
    return settled;
  /* Into a forward that lines are told of: at its first one. */
  const TeRecord *next = gb_trace_get_record (trace, settled + 1);
  return next && next->type == TE_RECORD_LINE ? gb_trace_settle (trace, next->seq) : settled;
}

/* ---- modules ---- */

static guint64
find_module_forward (GbTrace *trace, guint64 settled)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint depth = 0; /* modules entered on the way and not yet left */
  gb_trace_iter_init (&iter, trace, settled + 1);
  while ((record = gb_trace_iter_next (&iter)))
    {
      if (record->type == TE_RECORD_MODULE_ENTER)
        depth++;
      else if (record->type == TE_RECORD_MODULE_LEAVE && (depth == 0 || --depth == 0))
        return stop_position (trace, record, GB_STEP_MODULE);
    }
  return 0;
}

static guint64
find_module_back (GbTrace *trace, guint64 settled)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint depth = 0; /* modules whose end was passed, and not yet their beginning */
  gb_trace_iter_init_back (&iter, trace, settled);
  while ((record = gb_trace_iter_previous (&iter)))
    if (record->type == TE_RECORD_MODULE_LEAVE)
      {
        if (depth == 0 && gb_trace_settle (trace, record->seq) < settled)
          return stop_position (trace, record, GB_STEP_MODULE);
        depth++;
      }
    else if (record->type == TE_RECORD_MODULE_ENTER)
      {
        guint64 position = depth == 0 ? stop_position (trace, record, GB_STEP_MODULE) : 0;
        if (position && position < settled)
          return position;
        depth -= depth != 0;
      }
  return 0;
}

guint64
gb_trace_find_stop (GbTrace *trace, guint64 position, GbStepUnit unit, int direction)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint64 settled = gb_trace_settle (trace, position);
  if (unit == GB_STEP_MODULE)
    return direction < 0 ? find_module_back (trace, settled) : find_module_forward (trace, settled);
  if (direction < 0)
    {
      gb_trace_iter_init_back (&iter, trace, position);
      while ((record = gb_trace_iter_previous (&iter)))
        if (is_stop (trace, record, unit)
            && gb_trace_settle (trace, stop_position (trace, record, unit)) < settled)
          return stop_position (trace, record, unit);
      return 0;
    }
  gb_trace_iter_init (&iter, trace, position + 1);
  while ((record = gb_trace_iter_next (&iter)))
    if (is_stop (trace, record, unit)
        && gb_trace_settle (trace, stop_position (trace, record, unit)) > settled)
      return stop_position (trace, record, unit);
  return 0;
}

static gboolean
is_at_line (GbTrace *trace, const TeRecord *record, guint32 file, guint32 line)
{
  if (record->type == TE_RECORD_LINE)
    {
      const TeRecordLine *reached = (const TeRecordLine *) record;
      return reached->event == LINE_REACHED && reached->line == line && reached->file == file;
    }
  const GbPosition *place = record->type == TE_RECORD_OP ? place_of_op (trace, record) : NULL;
  return place && place->line == line && place->file == file && begins_line (trace, record);
}

guint64
gb_trace_find_line (GbTrace *trace, guint64 position, guint32 file, guint32 line, int direction)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint64 settled = gb_trace_settle (trace, position);
  direction < 0 ? gb_trace_iter_init_back (&iter, trace, position)
                : gb_trace_iter_init (&iter, trace, position + 1);
  while ((record = direction < 0 ? gb_trace_iter_previous (&iter) : gb_trace_iter_next (&iter)))
    if (is_at_line (trace, record, file, line)
        && (direction > 0 || gb_trace_settle (trace, record->seq) < settled))
      return stop_position (trace, record, GB_STEP_LINE);
  return 0;
}
