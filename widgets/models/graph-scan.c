#include "models/graph-scan.h"

guint64
gb_scan_mix (guint64 hash, guint64 value)
{
  hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
  hash *= 0xff51afd7ed558ccdu;
  return hash ^ (hash >> 32);
}

/* Ids are 64 bits wide and so are pointers where this runs: tables hold them without a copy. */
G_STATIC_ASSERT (sizeof (gpointer) == sizeof (guint64));

static inline gpointer
as_key (guint64 id)
{
  return (gpointer) (guintptr) id;
}

/* Counts how often a key came up, so that the n-th call of one place keeps its own key. */
static guint64
number_key (GHashTable *seen, guint64 key)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (seen, as_key (key)));
  g_hash_table_insert (seen, as_key (key), GUINT_TO_POINTER (n + 1));
  return gb_scan_mix (key, n);
}

static void
op_clear (gpointer data)
{
  GbScanOp *op = data;
  g_clear_pointer (&op->outputs, g_array_unref);
  g_clear_pointer (&op->nodes, g_array_unref);
}

static guint
index_of (GHashTable *table, guint64 id)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (table, as_key (id)));
}

static guint
enter_frame (GbScan *self, GHashTable *seen, guint parent, const TeRecordModuleCall *record)
{
  guint64 key = gb_scan_mix (gb_scan_frame (self, parent)->key, record->module);
  GbScanFrame frame = { .parent = parent,
                        .module = record->module,
                        .call = record->call,
                        .key = number_key (seen, key),
                        .depth = gb_scan_frame (self, parent)->depth + 1 };
  g_array_append_val (self->frames, frame);
  return self->frames->len - 1;
}

static void
add_op (GbScan *self, GbTrace *trace, GHashTable *seen, guint frame, const TeRecordOp *record)
{
  GbScanOp op = { .frame = frame, .top = (int) self->ops->len };
  guint parent;
  guint64 key;
  if (record->flags & (TE_WIRE_OP_BACKWARD | TE_WIRE_OP_OPTIMIZER))
    return;
  if (!gb_trace_op_from_record (trace, record, &op.op))
    return;
  parent = record->parent ? index_of (self->op_of_call, record->parent) : 0;
  if (parent)
    op.top = gb_scan_op (self, parent - 1)->top;
  else
    {
      key = gb_scan_mix (gb_scan_mix (gb_scan_frame (self, frame)->key, record->name), record->pos);
      op.key = number_key (seen, gb_scan_mix (key, record->caller_pos));
      op.outputs = g_array_new (FALSE, FALSE, sizeof (guint64));
      op.nodes = g_array_new (FALSE, FALSE, sizeof (guint));
    }
  g_array_append_val (self->ops, op);
  g_hash_table_insert (self->op_of_call, as_key (record->call), GUINT_TO_POINTER (self->ops->len));
}

static void
end_op (GbScan *self, GbTrace *trace, const TeRecordOpEnd *record)
{
  guint index = index_of (self->op_of_call, record->call);
  GbTensor tensor;
  GbScanOp *op;
  if (!index)
    return;
  op = gb_scan_op (self, index - 1);
  op->op.end = record;
  for (guint i = 0; i < record->n_outputs && record->status == 0; i++)
    if (gb_trace_op_output (trace, &op->op, i, &tensor))
      g_array_append_val (gb_scan_op (self, (guint) op->top)->outputs, tensor.tensor);
}

static void
add_node (GbScan *self, const TeRecordNode *record)
{
  GbScanNode node = { .node = record->node, .record = record };
  guint op = record->call ? index_of (self->op_of_call, record->call) : 0;
  guint index = self->nodes->len;
  g_array_append_val (self->nodes, node);
  g_hash_table_insert (self->node_of_id, as_key (record->node), GUINT_TO_POINTER (index + 1));
  if (record->tensor)
    g_hash_table_insert (self->accumulator, as_key (record->tensor), GUINT_TO_POINTER (index + 1));
  if (op)
    {
      GbScanOp *top = gb_scan_op (self, (guint) gb_scan_op (self, op - 1)->top);
      /* Graphs that the code of an autograd.Function made for itself are no part of the program's. */
      if (!(top->op.record->flags & TE_WIRE_OP_FUNCTION) || top->op.record->call == record->call)
        g_array_append_val (top->nodes, index);
    }
}

/* A node made in an earlier iteration (a leaf's accumulator lives on) becomes known when a gradient is on its way
 * to it. */
static GbScanNode *
running_node (GbScan *self, GbTrace *trace, guint64 id)
{
  guint index = index_of (self->node_of_id, id);
  GbNode node;
  if (!index && gb_trace_get_node (trace, id, &node))
    {
      add_node (self, node.record);
      index = self->nodes->len;
    }
  return index ? gb_scan_node (self, index - 1) : NULL;
}

static void
node_run (GbScan *self, GbTrace *trace, const TeRecordNodeRun *record)
{
  GbScanNode *node = running_node (self, trace, record->node);
  GbNode full;
  if (!node)
    return;
  if (record->head.type == TE_RECORD_NODE_BEGIN)
    {
      node->seq_begin = record->head.seq;
      return;
    }
  if (record->status == 0)
    node->seq_end = record->head.seq;
  if (!gb_trace_get_node (trace, record->node, &full))
    return;
  const guint64 *grads = (const guint64 *) (record + 1);
  for (guint i = 0; i < record->n_grads && i < full.record->n_edges; i++)
    {
      GbScanNode *next = grads[i] && full.edges[i].node ? running_node (self, trace, full.edges[i].node) : NULL;
      if (next)
        {
          next->grad = grads[i];
          next->grad_seq = record->head.seq;
        }
    }
}

/* Libraries make new parameters and fill them in place: that is preparation, not the computation. */
static gboolean
is_preparation (const TeRecordOp *record)
{
  gboolean in_library = record->caller_pos && record->caller_pos != record->pos;
  gboolean fills = (record->flags & TE_WIRE_OP_NO_GRAD) && (record->flags & TE_WIRE_OP_INPLACE);
  return in_library && (fills || record->n_inputs == 0);
}

/* How an op that failed got what it failed on: everything it was made from, back to the start. */
static void
show_ancestors (GbScan *self, guint failed)
{
  g_autoptr (GHashTable) maker = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < failed; i++)
    {
      const GbScanOp *op = gb_scan_op (self, i);
      for (guint k = 0; op->outputs && k < op->outputs->len; k++)
        g_hash_table_insert (maker, as_key (g_array_index (op->outputs, guint64, k)), GUINT_TO_POINTER (i + 1));
    }
  for (guint i = failed + 1; i-- > 0;)
    {
      const GbScanOp *op = gb_scan_op (self, i);
      for (guint k = 0; op->shown && op->top == (int) i && k < op->op.record->n_inputs; k++)
        {
          guint from = index_of (maker, op->op.inputs[k]);
          if (from && from - 1 < i)
            gb_scan_op (self, from - 1)->shown = TRUE;
        }
    }
}

/* Which ops the picture shows: see graph-model.h. */
static void
choose_shown (GbScan *self)
{
  gboolean any = FALSE;
  guint n = self->ops->len;
  int last_failed = -1;
  for (guint i = 0; i < n && !any; i++)
    any = gb_scan_op (self, i)->nodes && gb_scan_op (self, i)->nodes->len > 0;
  for (guint i = 0; i < n; i++)
    {
      GbScanOp *op = gb_scan_op (self, i);
      gboolean unfinished = !op->op.end || op->op.end->status;
      if (op->top != (int) i)
        continue;
      op->shown |= (!any && !is_preparation (op->op.record)) || op->nodes->len > 0 || unfinished;
      if (unfinished)
        last_failed = (int) i;
    }
  if (last_failed >= 0)
    show_ancestors (self, (guint) last_failed);
  for (guint i = 0; i < n; i++)
    {
      GbScanOp *op = gb_scan_op (self, i);
      if (!op->shown)
        continue;
      g_hash_table_insert (self->op_of_key, as_key (op->key), GUINT_TO_POINTER (i + 1));
      for (guint frame = op->frame; frame; frame = gb_scan_frame (self, frame)->parent)
        gb_scan_frame (self, frame)->n_ops++;
    }
}

static GHashTable *
table_new (void)
{
  return g_hash_table_new (NULL, NULL);
}

static void
take_record (GbScan *self, GbTrace *trace, GHashTable *seen, guint *frame, const TeRecord *record)
{
  switch (record->type)
    {
    case TE_RECORD_MODULE_ENTER:
      *frame = enter_frame (self, seen, *frame, (const TeRecordModuleCall *) record);
      break;
    case TE_RECORD_MODULE_LEAVE:
      /* a call that an exception left may have lost its LEAVE: go up to the one that is named */
      for (guint up = *frame; up; up = gb_scan_frame (self, up)->parent)
        if (gb_scan_frame (self, up)->call == ((const TeRecordModuleCall *) record)->call)
          *frame = gb_scan_frame (self, up)->parent;
      break;
    case TE_RECORD_OP:
      add_op (self, trace, seen, *frame, (const TeRecordOp *) record);
      break;
    case TE_RECORD_OP_END:
      end_op (self, trace, (const TeRecordOpEnd *) record);
      break;
    case TE_RECORD_NODE:
      add_node (self, (const TeRecordNode *) record);
      break;
    case TE_RECORD_BACKWARD_BEGIN:
      self->has_backward = TRUE;
      break;
    case TE_RECORD_NODE_BEGIN:
    case TE_RECORD_NODE_END:
      node_run (self, trace, (const TeRecordNodeRun *) record);
      break;
    case TE_RECORD_ACCUMULATE:
      {
        const TeRecordAccumulate *r = (const TeRecordAccumulate *) record;
        guint index = index_of (self->accumulator, r->tensor);
        if (index)
          {
            GbScanNode *node = gb_scan_node (self, index - 1);
            node->accumulated_seq = record->seq;
            node->accumulated = r->grad;
            node->added = record->flags & 1;
          }
        break;
      }
    case TE_RECORD_SAVED_FREED:
      {
        guint index = index_of (self->node_of_id, ((const TeRecordSavedFreed *) record)->node);
        if (index)
          gb_scan_node (self, index - 1)->freed_seq = record->seq;
        break;
      }
    default:
      break;
    }
}

GbScan *
gb_scan_new (GbTrace *trace, guint64 first_seq, guint64 end_seq)
{
  GbScan *self = g_new0 (GbScan, 1);
  g_autoptr (GHashTable) seen = table_new ();
  GbTraceIter iter;
  const TeRecord *record;
  GbScanFrame program = { 0 };
  guint frame = 0;

  self->ops = g_array_new (FALSE, FALSE, sizeof (GbScanOp));
  g_array_set_clear_func (self->ops, op_clear);
  self->nodes = g_array_new (FALSE, FALSE, sizeof (GbScanNode));
  self->frames = g_array_new (FALSE, FALSE, sizeof (GbScanFrame));
  self->op_of_call = table_new ();
  self->node_of_id = table_new ();
  self->accumulator = table_new ();
  self->op_of_key = table_new ();
  g_array_append_val (self->frames, program);

  gb_trace_iter_init (&iter, trace, first_seq);
  while ((record = gb_trace_iter_next (&iter)) && record->seq < end_seq)
    take_record (self, trace, seen, &frame, record);
  choose_shown (self);
  return self;
}

void
gb_scan_free (GbScan *self)
{
  g_array_unref (self->ops);
  g_array_unref (self->nodes);
  g_array_unref (self->frames);
  g_hash_table_unref (self->op_of_call);
  g_hash_table_unref (self->node_of_id);
  g_hash_table_unref (self->accumulator);
  g_hash_table_unref (self->op_of_key);
  g_free (self);
}
