/* Questions about ops, nodes, tensors and facts at a position. */
#include <string.h>

#include "models/trace-private.h"

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

static gconstpointer
table_get (const GPtrArray *table, guint32 id)
{
  return id < table->len ? g_ptr_array_index (table, id) : NULL;
}

const char *
gb_trace_get_string (GbTrace *self, guint32 id)
{
  const char *text = table_get (self->strings, id);
  return text ? text : "";
}

/* Ids of files and modules count from 1. */
guint
gb_trace_get_n_sources (GbTrace *self)
{
  return self->sources->len ? self->sources->len - 1 : 0;
}

const GbSource *
gb_trace_get_source (GbTrace *self, guint32 file)
{
  return table_get (self->sources, file);
}

const GbPosition *
gb_trace_get_position (GbTrace *self, guint32 pos)
{
  return table_get (self->positions, pos);
}

guint
gb_trace_get_n_modules (GbTrace *self)
{
  return self->modules->len ? self->modules->len - 1 : 0;
}

const GbModule *
gb_trace_get_module (GbTrace *self, guint32 id)
{
  return table_get (self->modules, id);
}

guint
gb_trace_get_n_params (GbTrace *self)
{
  return self->params->len;
}

const GbParam *
gb_trace_get_param (GbTrace *self, guint nth)
{
  return table_get (self->params, nth);
}

const GbParam *
gb_trace_find_param (GbTrace *self, guint64 tensor)
{
  return g_hash_table_lookup (self->param_by_tensor, key (tensor));
}

/* ---- ops ---- */
/* First index in `ops` whose call is not less. */
static guint
ops_lower_bound (const GArray *ops, guint64 call)
{
  guint low = 0, high = ops->len;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (g_array_index (ops, GbOpRef, middle).call < call)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
op_fill (GbTrace *self, const GbOpRef *ref, GbOp *op)
{
  op->record = ref->record;
  op->end = ref->end;
  op->inputs = (const guint64 *) (ref->record + 1);
  op->text = (const char *) (op->inputs + ref->record->n_inputs);
  op->iteration = gb_trace_iteration_at (self, ref->record->head.seq);
}

gboolean
gb_trace_get_op (GbTrace *self, guint64 call, GbOp *op)
{
  guint low = 0, high = self->segments->len;

  /* Segments without ops repeat nothing useful: walk to the next that has some. */
  while (low < high)
    {
      guint middle = (low + high) / 2, probe = middle;
      const GbSegment *segment = NULL;
      while (probe < high && (segment = g_ptr_array_index (self->segments, probe))->ops->len == 0)
        probe++;
      if (probe == high)
        {
          high = middle;
          continue;
        }
      if (g_array_index (segment->ops, GbOpRef, segment->ops->len - 1).call < call)
        low = probe + 1;
      else if (g_array_index (segment->ops, GbOpRef, 0).call > call)
        high = middle;
      else
        {
          guint at = ops_lower_bound (segment->ops, call);
          const GbOpRef *ref = &g_array_index (segment->ops, GbOpRef, at);
          if (ref->call != call)
            return FALSE;
          op_fill (self, ref, op);
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
gb_trace_op_from_record (GbTrace *self, const TeRecordOp *record, GbOp *op)
{
  return gb_trace_get_op (self, record->call, op);
}

const char *
gb_trace_op_name (GbTrace *self, const GbOp *op)
{
  return gb_trace_get_string (self, op->record->name);
}

guint64
gb_trace_get_last_call_at (GbTrace *self, guint64 seq)
{
  for (int at = gb_trace_find_segment (self, seq); at >= 0; at--)
    {
      const GbSegment *segment = g_ptr_array_index (self->segments, at);
      guint low = 0, high = segment->ops->len;
      while (low < high)
        {
          guint middle = (low + high) / 2;
          if (g_array_index (segment->ops, GbOpRef, middle).record->head.seq <= seq)
            low = middle + 1;
          else
            high = middle;
        }
      if (low > 0)
        return g_array_index (segment->ops, GbOpRef, low - 1).call;
    }
  return 0;
}

static void
tensor_fill (const TeWireTensor *wire, guint64 seq, guint64 call, GbTensor *out)
{
  const gint64 *sizes = te_wire_tensor_sizes (wire);
  *out = (GbTensor){ .tensor = wire->tensor,
                     .storage = wire->storage,
                     .base = wire->base,
                     .node = wire->node,
                     .seq = seq,
                     .call = call,
                     .offset = wire->offset,
                     .version = wire->version,
                     .dtype = wire->dtype,
                     .ndim = wire->ndim,
                     .flags = wire->flags,
                     .output_nr = wire->output_nr,
                     .sizes = sizes,
                     .strides = sizes + wire->ndim };
}

gboolean
gb_trace_op_output (GbTrace *self, const GbOp *op, guint nth, GbTensor *tensor)
{
  const TeWireTensor *wire = op->end ? gb_record_output (op->end, nth) : NULL;
  if (wire == NULL)
    return FALSE;
  tensor_fill (wire, op->end->head.seq, op->record->call, tensor);
  return TRUE;
}

gboolean
gb_trace_get_node (GbTrace *self, guint64 node, GbNode *out)
{
  const TeRecordNode *record = g_hash_table_lookup (self->nodes, key (node));
  if (record == NULL)
    return FALSE;
  out->record = record;
  out->edges = (const TeWireEdge *) (record + 1);
  out->saved = (const TeWireSaved *) (out->edges + record->n_edges);
  return TRUE;
}

/* ---- tensors ---- */
gboolean
gb_trace_get_tensor (GbTrace *self, guint64 tensor, guint64 seq, GbTensor *out)
{
  const GbTensorEntry *entry = g_hash_table_lookup (self->tensors, key (tensor));
  const GbTensorRef *best = NULL;

  if (entry == NULL || entry->refs->len == 0)
    return FALSE;
  for (guint low = 0, high = entry->refs->len; low < high;)
    {
      guint middle = (low + high) / 2;
      const GbTensorRef *ref = &g_array_index (entry->refs, GbTensorRef, middle);
      if (ref->seq <= seq)
        best = ref, low = middle + 1;
      else
        high = middle;
    }
  if (best == NULL)
    return FALSE;
  tensor_fill (best->wire, best->seq, best->call, out);
  return TRUE;
}

const char *
gb_trace_get_tensor_name (GbTrace *self, guint64 tensor, guint64 seq)
{
  const GbTensorEntry *entry = g_hash_table_lookup (self->tensors, key (tensor));
  const GbParam *param = gb_trace_find_param (self, tensor);

  if (param)
    return param->name;
  if (entry && entry->names)
    for (guint i = entry->names->len; i > 0; i--)
      {
        const GbNameRef *ref = &g_array_index (entry->names, GbNameRef, i - 1);
        if (ref->seq <= seq)
          return gb_trace_get_string (self, ref->name);
      }
  for (guint i = self->shows->len; i > 0; i--)
    {
      const GbShow *show = &g_array_index (self->shows, GbShow, i - 1);
      if (show->tensor == tensor && show->name[0])
        return show->name;
      if (self->shows->len - i > 256)
        break;
    }
  return NULL;
}

char *
gb_trace_dup_tensor_label (GbTrace *self, guint64 tensor, guint64 seq)
{
  const char *name = gb_trace_get_tensor_name (self, tensor, seq);
  GbTensor t;
  GbOp op;

  if (name && name[0])
    return g_strdup (name);
  if (gb_trace_get_tensor (self, tensor, seq, &t) && t.call && gb_trace_get_op (self, t.call, &op))
    return g_strdup (gb_trace_op_name (self, &op));
  return g_strdup_printf ("#%" G_GUINT64_FORMAT, tensor);
}

GArray *
gb_trace_storage_owners (GbTrace *self, guint64 storage, guint64 seq)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint64));
  const GbOwners *owners = storage ? g_hash_table_lookup (self->storages, key (storage)) : NULL;
  guint n = owners ? owners->ids->len : 0;

  /* A loop may make views of one storage without end: the first and the latest are enough for any picture. */
  for (guint i = 0; i < n; i++)
    {
      guint64 tensor;
      GbTensor t;

      if (i == 64 && n > 512)
        i = n - 448;
      tensor = g_array_index (owners->ids, guint64, i);
      if (gb_trace_get_tensor (self, tensor, seq, &t) && t.storage == storage)
        g_array_append_val (found, tensor);
    }
  return found;
}

/* The op at (pos, occurrence, name) that ran in [first_seq, last_seq]. */
static guint64
trace_find_place (GbTrace *self, const GbPlace *place, guint64 first_seq, guint64 last_seq)
{
  for (int at = gb_trace_find_segment (self, last_seq); at >= 0; at--)
    {
      const GbSegment *segment = g_ptr_array_index (self->segments, at);
      for (guint i = segment->ops->len; i > 0; i--)
        {
          const GbOpRef *ref = &g_array_index (segment->ops, GbOpRef, i - 1);
          const TeWireTensor *wire;
          if (ref->record->head.seq < first_seq)
            return 0;
          if (ref->record->pos != place->pos || ref->record->occurrence != place->occurrence
              || ref->record->name != place->name || ref->end == NULL || ref->end->head.seq > last_seq)
            continue;
          wire = gb_record_output (ref->end, place->output_nr);
          if (wire)
            return wire->tensor;
        }
      if (segment->first_seq <= first_seq)
        return 0;
    }
  return 0;
}

guint64
gb_trace_follow_tensor (GbTrace *self, guint64 tensor, guint64 seq)
{
  GbPlace *place = g_hash_table_lookup (self->places, key (tensor));
  guint64 iteration = gb_trace_iteration_at (self, seq), found = 0;
  GbTensor t;
  GbOp op;

  if (tensor == 0 || gb_trace_find_param (self, tensor))
    return tensor;
  if (place == NULL)
    {
      if (!gb_trace_get_tensor (self, tensor, G_MAXUINT64, &t) || t.call == 0
          || !gb_trace_get_op (self, t.call, &op) || g_hash_table_size (self->places) > 1024)
        return tensor;
      place = g_new (GbPlace, 1);
      *place = (GbPlace){ op.record->pos, op.record->occurrence, op.record->name, 0 };
      for (guint i = 0; op.end && i < op.end->n_outputs; i++)
        if (gb_record_output (op.end, i)->tensor == tensor)
          place->output_nr = i;
      g_hash_table_insert (self->places, key (tensor), place);
    }
  /* In this iteration if it has run already, else in the one before. */
  for (int back = 0; back < 2 && found == 0 && iteration > (guint64) back; back++)
    {
      guint64 first = gb_trace_iteration_first_seq (self, iteration - back);
      found = trace_find_place (self, place, first,
                                back ? gb_trace_iteration_first_seq (self, iteration) - 1 : seq);
    }
  return found ? found : tensor;
}

/* A parameter is stable over a whole run and worth watching: the first matrix-like one. */
static guint64
trace_first_parameter (GbTrace *self, guint64 seq)
{
  guint64 first = 0;

  for (guint i = 0; i < self->params->len; i++)
    {
      const GbParam *param = g_ptr_array_index (self->params, i);
      GbTensor t;
      if (param->is_buffer || !gb_trace_get_tensor (self, param->tensor, seq, &t))
        continue;
      if (t.ndim >= 2)
        return param->tensor;
      if (first == 0)
        first = param->tensor;
    }
  return first;
}

guint64
gb_trace_find_interesting_tensor (GbTrace *self, guint64 seq)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint64 made = 0;
  guint looked = 0;
  GbTensor t;

  for (guint i = self->shows->len; i > 0; i--)
    {
      const GbShow *show = &g_array_index (self->shows, GbShow, i - 1);
      if (show->seq <= seq && gb_trace_get_tensor (self, show->tensor, seq, &t))
        return show->tensor;
    }
  made = trace_first_parameter (self, seq);
  if (made)
    return made;
  gb_trace_iter_init_back (&iter, self, seq);
  while ((record = gb_trace_iter_previous (&iter)) != NULL && looked++ < 4096)
    {
      if (record->type == TE_RECORD_NAME
          && gb_trace_get_tensor (self, ((const TeRecordName *) record)->tensor, seq, &t))
        return t.tensor;
      if (record->type == TE_RECORD_OP_END && made == 0 && ((const TeRecordOpEnd *) record)->n_outputs)
        made = gb_record_output ((const TeRecordOpEnd *) record, 0)->tensor;
      if (record->type == TE_RECORD_TENSOR && made == 0)
        made = ((const TeRecordTensor *) record)->tensor.tensor;
    }
  return made;
}

/* ---- facts ---- */
static const TeRecord *
refs_find_at (const GArray *refs, guint64 seq)
{
  const TeRecord *best = NULL;

  for (guint low = 0, high = refs ? refs->len : 0; low < high;)
    {
      guint middle = (low + high) / 2;
      const GbRecordRef *ref = &g_array_index (refs, GbRecordRef, middle);
      if (ref->seq <= seq)
        best = ref->record, low = middle + 1;
      else
        high = middle;
    }
  return best;
}

const TeRecord *
gb_trace_get_fact (GbTrace *self, guint16 type, guint64 tensor, guint64 seq)
{
  return gb_trace_get_fact_of_kind (self, type, 0, tensor, seq);
}

const TeRecord *
gb_trace_get_fact_of_kind (GbTrace *self, guint16 type, guint16 kind, guint64 id, guint64 seq)
{
  return refs_find_at (gb_trace_fact_refs (self, type, kind, id, FALSE), seq);
}

const TeFactValues *
gb_trace_get_values (GbTrace *self, guint64 id, guint kind, guint64 seq)
{
  return (const TeFactValues *) refs_find_at (gb_trace_fact_refs (self, TE_FACT_VALUES, kind, id, FALSE),
                                              seq);
}

guint
gb_trace_get_n_facts (GbTrace *self, guint16 type, guint64 tensor)
{
  const GArray *refs = gb_trace_fact_refs (self, type, 0, tensor, FALSE);
  return refs ? refs->len : 0;
}

const TeRecord *
gb_trace_get_nth_fact (GbTrace *self, guint16 type, guint64 tensor, guint nth)
{
  const GArray *refs = gb_trace_fact_refs (self, type, 0, tensor, FALSE);
  return refs && nth < refs->len ? g_array_index (refs, GbRecordRef, nth).record : NULL;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;
  return x < y ? -1 : x > y;
}

GArray *
gb_trace_list_fact_ids (GbTrace *self, guint16 type)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer fact;

  if (gb_trace_facts_of (self, type) == NULL)
    return ids;
  g_hash_table_iter_init (&iter, gb_trace_facts_of (self, type));
  while (g_hash_table_iter_next (&iter, &fact, NULL))
    if (((const GbFactKey *) fact)->kind == 0)
      g_array_append_val (ids, ((const GbFactKey *) fact)->id);
  g_array_sort (ids, compare_ids);
  return ids;
}

/* ---- iterations ---- */
guint
gb_trace_get_n_iterations (GbTrace *self)
{
  return self->iterations->len;
}

const GbIteration *
gb_trace_get_iteration (GbTrace *self, guint nth)
{
  return nth < self->iterations->len ? &g_array_index (self->iterations, GbIteration, nth) : NULL;
}

const GbIteration *
gb_trace_find_iteration (GbTrace *self, guint64 iteration)
{
  const GbIteration *best = NULL;

  for (guint low = 0, high = self->iterations->len; low < high;)
    {
      guint middle = (low + high) / 2;
      const GbIteration *it = &g_array_index (self->iterations, GbIteration, middle);
      if (it->iteration <= iteration)
        best = it, low = middle + 1;
      else
        high = middle;
    }
  return best;
}

guint64
gb_trace_iteration_at (GbTrace *self, guint64 seq)
{
  guint low = 0, high = self->iterations->len;

  if (self->last_seq == 0)
    return 0;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (g_array_index (self->iterations, GbIteration, middle).last_seq < seq)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < self->iterations->len)
    return g_array_index (self->iterations, GbIteration, low).iteration;
  return low ? g_array_index (self->iterations, GbIteration, low - 1).iteration + 1 : 1;
}

guint64
gb_trace_iteration_first_seq (GbTrace *self, guint64 iteration)
{
  const GbIteration *it = gb_trace_find_iteration (self, iteration);
  if (it == NULL)
    return gb_trace_get_first_seq (self);
  return it->iteration == iteration ? it->first_seq : it->last_seq + 1;
}

guint
gb_trace_get_n_epochs (GbTrace *self)
{
  return self->epochs->len;
}

const GbBatch *
gb_trace_get_epoch (GbTrace *self, guint nth)
{
  return nth < self->epochs->len ? &g_array_index (self->epochs, GbBatch, nth) : NULL;
}

const GbBatch *
gb_trace_get_last_batch (GbTrace *self)
{
  return self->last_batch.seq ? &self->last_batch : NULL;
}

/* ---- lists ---- */
guint
gb_trace_get_n_logs (GbTrace *self)
{
  return self->logs->len;
}

const GbLog *
gb_trace_get_log (GbTrace *self, guint nth)
{
  return table_get (self->logs, nth);
}

guint
gb_trace_get_n_knobs (GbTrace *self)
{
  return self->knobs->len;
}

const GbKnob *
gb_trace_get_knob (GbTrace *self, guint nth)
{
  return table_get (self->knobs, nth);
}

guint64
gb_trace_get_first_print (GbTrace *self)
{
  return self->first_print;
}

guint64
gb_trace_get_n_prints (GbTrace *self)
{
  return self->n_prints;
}

const GbPrint *
gb_trace_get_print (GbTrace *self, guint64 nth)
{
  if (nth < self->first_print || nth >= self->n_prints)
    return NULL;
  return g_ptr_array_index (self->print_index, nth - self->first_print);
}

#define LIST(Type, one, many, array)                                                                         \
  guint gb_trace_get_n_##many (GbTrace *self)                                                                \
  {                                                                                                          \
    return self->array->len;                                                                                 \
  }                                                                                                          \
  const Type *gb_trace_get_##one (GbTrace *self, guint nth)                                                  \
  {                                                                                                          \
    return nth < self->array->len ? &g_array_index (self->array, Type, nth) : NULL;                          \
  }

/* clang-format off */
LIST (GbException, exception, exceptions, exceptions)
LIST (GbWarning, warning, warnings, warnings)
LIST (GbNamed, named, named, named)
LIST (GbShow, show, shows, shows)
LIST (GbGap, gap, gaps, gaps)
/* clang-format on */
#undef LIST

const GbStateChange *
gb_trace_get_state (GbTrace *self, guint64 seq)
{
  for (guint i = self->states->len; i > 0; i--)
    {
      const GbStateChange *change = &g_array_index (self->states, GbStateChange, i - 1);
      if (change->seq <= seq)
        return change;
    }
  return NULL;
}

const TeFactMeter *
gb_trace_get_meter (GbTrace *self)
{
  return self->meter.head.type == TE_FACT_METER ? &self->meter : NULL;
}
