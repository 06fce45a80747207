/* What each record adds to the indexes of a trace. */
#include "models/trace-private.h"

#include <string.h>

#include "models/record-check.h"

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

/* A table by id in which holes are NULL; FALSE when the id is not to be believed. */
static gboolean
table_make_room (GPtrArray *table, guint32 id)
{
  if (id >= table->len + GB_MAX_ID_JUMP)
    return FALSE;
  if (id >= table->len)
    g_ptr_array_set_size (table, id + 1);
  return TRUE;
}

static gboolean
table_put (GPtrArray *table, guint32 id, gconstpointer value, gsize nbytes)
{
  if (id == 0 || !table_make_room (table, id))
    return FALSE;
  g_free (g_ptr_array_index (table, id));
  g_ptr_array_index (table, id) = g_memdup2 (value, nbytes);
  return TRUE;
}

static GbTensorEntry *
trace_tensor_entry (GbTrace *self, guint64 id)
{
  GbTensorEntry *entry = g_hash_table_lookup (self->tensors, key (id));
  if (entry == NULL)
    {
      entry = g_new0 (GbTensorEntry, 1);
      entry->refs = g_array_new (FALSE, FALSE, sizeof (GbTensorRef));
      g_hash_table_insert (self->tensors, key (id), entry);
    }
  return entry;
}

/* A tensor that is told once more (shown, named) as it was is still what the op made of it. */
static guint64
maker_before (const GbTensorEntry *entry, const TeWireTensor *wire)
{
  if (entry->refs->len == 0)
    return 0;
  const GbTensorRef *last = &g_array_index (entry->refs, GbTensorRef, entry->refs->len - 1);
  return last->wire->storage == wire->storage && last->wire->version == wire->version ? last->call : 0;
}

static void
trace_take_tensor (GbTrace *self, GbSegment *segment, guint64 seq, guint64 call, const TeWireTensor *wire)
{
  GbTensorEntry *entry = trace_tensor_entry (self, wire->tensor);
  GbTensorRef ref = { seq, wire, call ? call : maker_before (entry, wire) };
  GbOwners *owners;

  if (entry->refs->len == 0 && wire->storage)
    {
      owners = g_hash_table_lookup (self->storages, key (wire->storage));
      if (owners == NULL)
        {
          owners = g_new0 (GbOwners, 1);
          owners->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
          g_hash_table_insert (self->storages, key (wire->storage), owners);
        }
      g_array_append_val (owners->ids, wire->tensor);
      owners->n_alive++;
    }
  segment->nbytes += GB_TENSOR_NBYTES;
  gb_refs_insert (entry->refs, sizeof ref, seq, &ref);
}

static GbOpRef *
segment_find_op (GbSegment *segment, guint64 call)
{
  guint low = 0, high = segment->ops->len;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (g_array_index (segment->ops, GbOpRef, middle).call < call)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < segment->ops->len && g_array_index (segment->ops, GbOpRef, low).call == call)
    return &g_array_index (segment->ops, GbOpRef, low);
  return NULL;
}

static void
trace_take_op (GbTrace *self, GbSegment *segment, const TeRecordOp *op)
{
  GbOpRef ref = { op->call, op, NULL };
  guint at = segment->ops->len;

  while (at > 0 && g_array_index (segment->ops, GbOpRef, at - 1).call > op->call)
    at--;
  g_array_insert_val (segment->ops, at, ref);
}

static void
trace_take_op_end (GbTrace *self, GbSegment *segment, const TeRecordOpEnd *end)
{
  const TeWireTensor *wire = (const TeWireTensor *) (end + 1);
  GbOpRef *ref = segment_find_op (segment, end->call);

  /* An op may begin in one segment and end in a later one. */
  guint at = ref ? 0 : gb_trace_index_of_segment (self, segment);
  for (guint back = 1; ref == NULL && back <= GB_OP_SEGMENTS && back <= at; back++)
    ref = segment_find_op (g_ptr_array_index (self->segments, at - back), end->call);
  if (ref)
    ref->end = end;
  for (guint i = 0; i < end->n_outputs; i++)
    {
      trace_take_tensor (self, segment, end->head.seq, end->call, wire);
      wire = (const TeWireTensor *) ((const guint8 *) wire + te_wire_tensor_nbytes (wire));
    }
}

static GbSeries *
trace_series_new (GbTrace *self)
{
  return gb_series_new (self->open_ended ? GB_LIVE_BUCKETS : 0);
}

static void
trace_take_param (GbTrace *self, const TeRecordParam *record)
{
  GbParam *param = g_hash_table_lookup (self->param_by_tensor, key (record->tensor));

  /* What is not registered is no parameter of the module: only its tree shows it. */
  if (self->params->len >= GB_MAX_ID_JUMP || (record->flags & TE_WIRE_UNREGISTERED))
    return;
  if (param == NULL)
    {
      param = g_new0 (GbParam, 1);
      param->grad_norm = trace_series_new (self);
      param->param_norm = trace_series_new (self);
      param->update_norm = trace_series_new (self);
      g_ptr_array_add (self->params, param);
      g_hash_table_insert (self->param_by_tensor, key (record->tensor), param);
    }
  param->tensor = record->tensor;
  param->name = gb_trace_get_string (self, record->name);
  param->module = record->module;
  param->index = record->index;
  param->is_buffer = (record->flags & 1) != 0;
}

static void
trace_take_gradient (GbTrace *self, const TeFactGradient *fact)
{
  GbParam *param = g_hash_table_lookup (self->param_by_tensor, key (fact->tensor));

  if (param == NULL)
    return;
  if (fact->flags & TE_WIRE_NOT_MEASURED)
    return;
  if (fact->nans || fact->infs)
    param->last_nonfinite = fact->iteration;
  if (fact->flags & 1)
    {
      if (param->none_since == 0)
        param->none_since = fact->iteration;
    }
  else
    {
      param->none_since = 0;
      gb_series_append (param->grad_norm, fact->iteration, fact->grad_norm);
      gb_series_append (param->update_norm, fact->iteration, fact->update_norm);
    }
  gb_series_append (param->param_norm, fact->iteration, fact->param_norm);
}

static void
trace_take_iteration (GbTrace *self, const TeRecordIteration *record)
{
  const GbIteration *last = self->iterations->len
                                ? &g_array_index (self->iterations, GbIteration, self->iterations->len - 1)
                                : NULL;
  GbIteration iteration = { .iteration = record->iteration,
                            .first_seq = last ? last->last_seq + 1 : 1,
                            .last_seq = record->head.seq,
                            .time_nsec = record->time_nsec,
                            .epoch = self->last_batch.epoch,
                            .batch = self->last_batch.batch };

  if (last && (record->iteration <= last->iteration || record->head.seq <= last->last_seq))
    return;
  g_array_append_val (self->iterations, iteration);
}

static void
trace_drop_unasked_logs (GbTrace *self)
{
  for (guint i = self->logs->len; i > 0; i--)
    if (((GbLog *) g_ptr_array_index (self->logs, i - 1))->unasked)
      g_ptr_array_add (self->dropped_logs, g_ptr_array_steal_index (self->logs, i - 1));
}

/* What is logged many times within one iteration runs over its own count; with the next iteration, over iterations. */
static void
trace_add_to_curve (GbTrace *self, GbLog *log, const TeRecordLog *record)
{
  log->over = record->over ? gb_trace_get_string (self, record->over) : NULL;
  if (!log->over && gb_series_get_n (log->series) > 1)
    {
      g_clear_pointer (&log->curve, gb_curve_free);
      return;
    }
  if (log->curve == NULL)
    log->curve = gb_curve_new ();
  gb_curve_add (log->curve, log->over ? record->x : gb_series_get (log->series, 0)->count, record->value,
                record->head.seq);
}

static void
trace_take_log (GbTrace *self, const TeRecordLog *record)
{
  gboolean unasked = record->head.flags & TE_WIRE_LOG_UNASKED;
  const char *name = gb_trace_get_string (self, record->name);
  GbLog *log = NULL;

  if (unasked && self->logs->len && !((GbLog *) g_ptr_array_index (self->logs, 0))->unasked)
    return;
  if (!unasked)
    trace_drop_unasked_logs (self);
  for (guint i = 0; i < self->logs->len && log == NULL; i++)
    if (strcmp (((GbLog *) g_ptr_array_index (self->logs, i))->name, name) == 0)
      log = g_ptr_array_index (self->logs, i);
  if (log == NULL)
    {
      if (self->logs->len >= 4096)
        return;
      log = g_new0 (GbLog, 1);
      log->name = name;
      log->pos = record->pos;
      log->unasked = unasked;
      log->series = trace_series_new (self);
      g_ptr_array_add (self->logs, log);
    }
  gb_series_append (log->series, record->iteration, record->value);
  trace_add_to_curve (self, log, record);
}

gsize
gb_print_cost (const GbPrint *print)
{
  return sizeof *print + print->nbytes + (print->figure ? g_bytes_get_size (print->figure->png) : 0);
}

static void
trace_add_print (GbTrace *self, GbPrint *print)
{
  guint drop = 0;

  g_ptr_array_add (self->print_index, print);
  self->n_prints++;
  self->print_nbytes += gb_print_cost (print);
  if (self->print_nbytes <= GB_PRINT_NBYTES)
    return;
  /* A quarter goes at once, so that this is rare. */
  while (self->print_nbytes > GB_PRINT_NBYTES / 4 * 3 && drop + 1 < self->print_index->len)
    self->print_nbytes -= gb_print_cost (g_ptr_array_index (self->print_index, drop++));
  g_ptr_array_remove_range (self->print_index, 0, drop);
  self->first_print += drop;
}

static void
trace_take_print (GbTrace *self, const TeRecordPrint *record)
{
  GbPrint *print = g_rc_box_new0 (GbPrint);

  print->seq = record->head.seq;
  print->stream = record->stream;
  print->pos = record->pos;
  print->text = g_utf8_make_valid ((const char *) (record + 1), record->text_nbytes);
  print->nbytes = strlen (print->text);
  trace_add_print (self, print);
}

static void
trace_take_figure (GbTrace *self, const TeRecordFigure *record)
{
  GbFigure *figure = gb_figure_parts_take (&self->figure_parts, record);

  if (!figure)
    return;
  GbPrint *print = g_rc_box_new0 (GbPrint);
  print->seq = record->head.seq;
  print->stream = GB_PRINT_FIGURE;
  print->pos = record->pos;
  print->text = g_strdup ("");
  print->figure = figure;
  trace_add_print (self, print);
}

static void
trace_take_exception (GbTrace *self, const TeRecordException *record)
{
  const char *text = (const char *) (record + 1);
  GbException exception = { .seq = record->head.seq, .call = record->call, .pos = record->pos };

  if (self->exceptions->len >= 1024)
    return;
  exception.type_name = g_utf8_make_valid (text, record->type_nbytes);
  exception.message = g_utf8_make_valid (text + record->type_nbytes, record->message_nbytes);
  exception.traceback =
      g_utf8_make_valid (text + record->type_nbytes + record->message_nbytes, record->traceback_nbytes);
  g_array_append_val (self->exceptions, exception);
}

static void
trace_take_knob (GbTrace *self, const TeRecordKnob *record)
{
  const char *name = gb_trace_get_string (self, record->name);
  GbKnob *knob = NULL;

  for (guint i = 0; i < self->knobs->len && knob == NULL; i++)
    if (strcmp (((GbKnob *) g_ptr_array_index (self->knobs, i))->name, name) == 0)
      knob = g_ptr_array_index (self->knobs, i);
  if (knob == NULL)
    {
      if (self->knobs->len >= 256)
        return;
      g_ptr_array_add (self->knobs, knob = g_new0 (GbKnob, 1));
    }
  knob->name = name;
  knob->kind = record->kind;
  knob->value = record->value;
  knob->default_value = record->default_value;
  knob->low = record->low;
  knob->high = record->high;
  knob->is_log = (record->flags & 1) != 0;
  knob->choices =
      record->choices_nbytes ? gb_trace_keep_text (self, record + 1, record->choices_nbytes) : NULL;
}

void
gb_trace_take_knob_set (GbTrace *self, const TeRecordKnobSet *record)
{
  const char *name = gb_trace_get_string (self, record->name);
  for (guint i = 0; i < self->knobs->len; i++)
    {
      GbKnob *knob = g_ptr_array_index (self->knobs, i);
      if (strcmp (knob->name, name) != 0)
        continue;
      knob->value = record->value;
      knob->set_iteration = gb_trace_iteration_at (self, record->head.seq);
    }
}

static void
trace_take_batch (GbTrace *self, const TeRecordBatch *record)
{
  GbBatch batch = { record->head.seq, record->batch, record->epoch, record->n_batches };
  if (self->last_batch.seq == 0 || self->last_batch.epoch != record->epoch)
    if (self->epochs->len < 65536)
      g_array_append_val (self->epochs, batch);
  self->last_batch = batch;
}

static void
trace_take_state (GbTrace *self, const TeRecordState *record)
{
  const char *text = (const char *) (record + 1);
  GbStateChange change = { record->head.seq, record->state, record->pos, record->unit, "" };

  if (record->state > TE_STATE_ENDED)
    return;
  change.text = gb_trace_keep_text (self, text, MIN (record->text_nbytes, 4096));
  if (self->states->len >= 65536)
    g_array_remove_range (self->states, 0, 32768);
  g_array_append_val (self->states, change);
  if (record->state == TE_STATE_PAUSED && self->is_winding)
    gb_trace_arrive (self, record->head.seq);
}

/* Names, texts and other things that are kept for good. TRUE: was one of them. */
static gboolean
trace_take_static (GbTrace *self, const TeRecord *record)
{
  switch (record->type)
    {
    case TE_RECORD_BEGIN:
      {
        const TeRecordBegin *begin = (const TeRecordBegin *) record;
        self->about = gb_trace_keep_text (self, begin + 1, begin->about_nbytes);
        self->end = (TeRecordEnd){ 0 };
        return TRUE;
      }
    case TE_RECORD_STRING:
      {
        const TeRecordString *string = (const TeRecordString *) record;
        if (string->id && table_make_room (self->strings, string->id))
          g_ptr_array_index (self->strings, string->id) =
              (char *) gb_trace_keep_text (self, string + 1, string->text_nbytes);
        return TRUE;
      }
    case TE_RECORD_SOURCE:
      {
        const TeRecordSource *r = (const TeRecordSource *) record;
        GbSource source = { r->file, gb_trace_get_string (self, r->path),
                            gb_trace_keep_text (self, r + 1, r->text_nbytes), r->flags, record->seq };
        table_put (self->sources, r->file, &source, sizeof source);
        return TRUE;
      }
    case TE_RECORD_POS:
      {
        const TeRecordPos *r = (const TeRecordPos *) record;
        GbPosition position = { r->id,        r->file,     gb_trace_get_string (self, r->function),
                                r->line,      r->end_line, r->column,
                                r->end_column };
        table_put (self->positions, r->id, &position, sizeof position);
        return TRUE;
      }
    case TE_RECORD_MODULE:
      {
        const TeRecordModule *r = (const TeRecordModule *) record;
        GbModule module = { r->id, r->parent, gb_trace_get_string (self, r->name),
                            gb_trace_get_string (self, r->class_name), (r->flags & 1) != 0 };
        table_put (self->modules, r->id, &module, sizeof module);
        return TRUE;
      }
    case TE_RECORD_PARAM:
      trace_take_param (self, (const TeRecordParam *) record);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
trace_take_text (GbTrace *self, const TeRecord *record)
{
  switch (record->type)
    {
    case TE_RECORD_PRINT:
      trace_take_print (self, (const TeRecordPrint *) record);
      return TRUE;
    case TE_RECORD_FIGURE:
      trace_take_figure (self, (const TeRecordFigure *) record);
      return TRUE;
    case TE_RECORD_EXCEPTION:
      trace_take_exception (self, (const TeRecordException *) record);
      return TRUE;
    case TE_RECORD_WARNING:
      {
        const TeRecordWarning *r = (const TeRecordWarning *) record;
        GbWarning warning = { r->head.seq, r->pos, gb_trace_get_string (self, r->category), "" };
        if (self->warnings->len >= 4096)
          return TRUE;
        warning.text = gb_trace_keep_text (self, r + 1, r->text_nbytes);
        g_array_append_val (self->warnings, warning);
        return TRUE;
      }
    case TE_RECORD_MARK:
    case TE_RECORD_ASK:
    case TE_RECORD_TELL:
    case TE_RECORD_CHECK:
      {
        const TeRecordNamed *r = (const TeRecordNamed *) record;
        GbNamed named = { r->head.seq, r->head.type,
                          r->pos,      gb_trace_get_string (self, r->name),
                          "",          (r->head.flags & 1) != 0 };
        if (self->named->len >= 65536)
          return TRUE;
        named.text = gb_trace_keep_text (self, r + 1, r->text_nbytes);
        g_array_append_val (self->named, named);
        return TRUE;
      }
    case TE_FACT_OPERAND:
    case TE_FACT_TRIED:
      return TRUE; /* read where an exception is explained (lesson.c) */
    case TE_RECORD_GAP:
      {
        const TeRecordGap *r = (const TeRecordGap *) record;
        GbGap gap = { r->head.seq, r->first_seq, r->count, r->ring };
        if (self->gaps->len >= 65536)
          g_array_remove_range (self->gaps, 0, 32768);
        g_array_append_val (self->gaps, gap);
        return TRUE;
      }
    default:
      return FALSE;
    }
}

gboolean
gb_trace_index (GbTrace *self, GbSegment *segment, const TeRecord *record, guint *change)
{
  GbFactKey fact;

  *change = GB_TRACE_CHANGED_STRUCTURE;
  switch (record->type)
    {
    case TE_RECORD_OP:
      trace_take_op (self, segment, (const TeRecordOp *) record);
      return TRUE;
    case TE_RECORD_OP_END:
      trace_take_op_end (self, segment, (const TeRecordOpEnd *) record);
      return TRUE;
    case TE_RECORD_TENSOR:
      trace_take_tensor (self, segment, record->seq, 0, &((const TeRecordTensor *) record)->tensor);
      return TRUE;
    case TE_RECORD_NAME:
      {
        const TeRecordName *r = (const TeRecordName *) record;
        GbTensorEntry *entry = trace_tensor_entry (self, r->tensor);
        GbNameRef ref = { record->seq, r->name };
        if (entry->names == NULL)
          entry->names = g_array_new (FALSE, FALSE, sizeof ref);
        gb_refs_insert (entry->names, sizeof ref, record->seq, &ref);
        return TRUE;
      }
    case TE_RECORD_NODE:
      segment->nbytes += GB_NODE_NBYTES;
      g_hash_table_insert (self->nodes, key (((const TeRecordNode *) record)->node), (gpointer) record);
      return TRUE;
    default:
      if (gb_fact_key_of (record, &fact))
        {
          GbRecordRef ref = { record->seq, record };
          gb_refs_insert (gb_trace_fact_refs (self, fact.type, fact.kind, fact.id, TRUE), sizeof ref,
                          record->seq, &ref);
          *change = GB_TRACE_CHANGED_FACTS;
          return TRUE;
        }
      return FALSE;
    }
}

static guint
trace_take_rest (GbTrace *self, GbSegment *segment, const TeRecord *record)
{
  guint change;

  if (gb_trace_index (self, segment, record, &change))
    return change;
  switch (record->type)
    {
    case TE_RECORD_SHOW:
      {
        const TeRecordShow *r = (const TeRecordShow *) record;
        GbShow show = { record->seq,
                        r->tensor,
                        r->pos,
                        gb_trace_get_string (self, r->view),
                        gb_trace_get_string (self, r->name),
                        NULL };
        if (self->shows->len >= 16384)
          g_array_remove_range (self->shows, 0, 8192);
        if (r->text_nbytes)
          show.labels = gb_trace_keep_text (self, r + 1, r->text_nbytes);
        g_array_append_val (self->shows, show);
        return GB_TRACE_CHANGED_STRUCTURE;
      }
    case TE_RECORD_ITERATION:
      trace_take_iteration (self, (const TeRecordIteration *) record);
      return GB_TRACE_CHANGED_SERIES;
    case TE_RECORD_BATCH:
      trace_take_batch (self, (const TeRecordBatch *) record);
      return GB_TRACE_CHANGED_SERIES;
    case TE_RECORD_LOG:
      trace_take_log (self, (const TeRecordLog *) record);
      return GB_TRACE_CHANGED_SERIES;
    case TE_FACT_GRADIENT:
      trace_take_gradient (self, (const TeFactGradient *) record);
      return GB_TRACE_CHANGED_SERIES;
    case TE_FACT_METER:
      self->meter = *(const TeFactMeter *) record;
      return GB_TRACE_CHANGED_SERIES;
    case TE_RECORD_KNOB:
      trace_take_knob (self, (const TeRecordKnob *) record);
      return GB_TRACE_CHANGED_STATE;
    case TE_RECORD_KNOB_SET:
      gb_trace_take_knob_set (self, (const TeRecordKnobSet *) record);
      return GB_TRACE_CHANGED_STATE;
    case TE_RECORD_STATE:
      trace_take_state (self, (const TeRecordState *) record);
      return GB_TRACE_CHANGED_STATE;
    case TE_FACT_HASH: /* a replay compares them; no picture looks for one */
      return 0;
    case TE_RECORD_END:
      self->end = *(const TeRecordEnd *) record;
      return GB_TRACE_CHANGED_STATE;
    default:
      return GB_TRACE_CHANGED_STRUCTURE;
    }
}

void
gb_trace_take (GbTrace *self, GbSegment *segment, const TeRecord *record)
{
  if (trace_take_static (self, record))
    self->pending |= GB_TRACE_CHANGED_STRUCTURE;
  else if (trace_take_text (self, record))
    self->pending |= GB_TRACE_CHANGED_TEXT;
  else
    self->pending |= trace_take_rest (self, segment, record);
}
