/* What has run of a graph at a position: states, gradients, what was freed, and the playhead. */
#include "models/graph-private.h"

static GbGraphState
op_state (GbGraphBuilder *b, const GbScanOp *op)
{
  if (op->op.record->head.seq > b->position)
    return GB_GRAPH_NOT_RUN;
  if (op->op.end && op->op.end->head.seq <= b->position)
    return op->op.end->status ? GB_GRAPH_FAILED : GB_GRAPH_DONE;
  if (op->op.end)
    return GB_GRAPH_ACTIVE;
  return gb_trace_get_end (b->trace) ? GB_GRAPH_FAILED : GB_GRAPH_ACTIVE;
}

static GbGraphState
node_state (GbGraphBuilder *b, const GbScanNode *node)
{
  if (!node->seq_begin || node->seq_begin > b->position)
    return GB_GRAPH_NOT_RUN;
  if (node->seq_end && node->seq_end <= b->position)
    return GB_GRAPH_DONE;
  return node->seq_end || !gb_trace_get_end (b->trace) ? GB_GRAPH_ACTIVE : GB_GRAPH_FAILED;
}

/* A saved tensor that was changed after it was saved makes its node fail when it runs. */
static void
check_stale (GbGraphBuilder *b, GbGraphGradFn *fn, const GbNode *node)
{
  GbTensor now;
  for (guint i = 0; i < node->record->n_saved && !fn->freed; i++)
    if (gb_trace_get_tensor (b->trace, node->saved[i].tensor, b->position, &now)
        && now.version > node->saved[i].version)
      {
        fn->stale = TRUE;
        fn->saved_version = node->saved[i].version;
        fn->stale_version = now.version;
      }
}

static void
overlay_grad_fns (GbGraphBuilder *b, GbGraphNode *target, guint first, const GbScanOp *op)
{
  for (guint i = 0; i < op->nodes->len && first + i < target->grad_fns->len; i++)
    {
      GbScanNode *scan = gb_scan_node (b->now, g_array_index (op->nodes, guint, i));
      GbGraphGradFn *fn = &g_array_index (target->grad_fns, GbGraphGradFn, first + i);
      GbNode full;
      fn->node = scan->node;
      fn->grad = scan->grad_seq <= b->position ? scan->grad : 0;
      fn->state = node_state (b, scan);
      fn->freed = scan->freed_seq && scan->freed_seq <= b->position;
      fn->just_freed = fn->freed && scan->freed_seq > b->last_begun;
      if (gb_trace_get_node (b->trace, scan->node, &full))
        check_stale (b, fn, &full);
      if (fn->state == GB_GRAPH_ACTIVE)
        b->graph->active_key = target->key;
      b->graph->n_grad_done += fn->state == GB_GRAPH_DONE;
    }
}

static void
overlay_leaves (GbGraphBuilder *b, GbGraphNode *node)
{
  for (guint i = 0; i < node->leaves->len; i++)
    {
      GbGraphLeaf *leaf = &g_array_index (node->leaves, GbGraphLeaf, i);
      guint index = gb_graph_table_get (b->now->accumulator, leaf->tensor);
      leaf->accumulated = index ? node_state (b, gb_scan_node (b->now, index - 1)) : GB_GRAPH_NOT_RUN;
      if (!index)
        continue;
      const GbScanNode *scan = gb_scan_node (b->now, index - 1);
      leaf->arriving = scan->grad_seq <= b->position ? scan->grad : 0;
      if (!scan->accumulated_seq || scan->accumulated_seq > b->position)
        continue;
      leaf->grad = scan->accumulated;
      leaf->begun_seq = scan->seq_begin;
      leaf->grad_seq = scan->accumulated_seq;
      leaf->added = scan->added;
    }
}

/* A folded module has run as far as its ops have. */
static void
merge_state (GbGraphNode *node, GbGraphState state, gboolean first)
{
  if (first)
    node->state = state;
  else if (state == GB_GRAPH_FAILED || node->state == GB_GRAPH_FAILED)
    node->state = GB_GRAPH_FAILED;
  else if (node->state != state)
    node->state = GB_GRAPH_ACTIVE;
}

static void
overlay (GbGraphBuilder *b)
{
  guint n = b->graph->nodes->len;
  guint *grad_fns_seen = g_new0 (guint, n + 1), *ops_seen = g_new0 (guint, n + 1);
  for (guint i = 0; i < b->now->nodes->len; i++)
    if (gb_scan_node (b->now, i)->seq_begin <= b->position)
      b->last_begun = MAX (b->last_begun, gb_scan_node (b->now, i)->seq_begin);
  for (guint i = 0; i < b->scan->ops->len; i++)
    {
      GbScanOp *op = gb_scan_op (b->scan, i), *now;
      guint found = op->shown ? gb_graph_table_get (b->now->op_of_key, op->key) : 0, index = (guint) b->node_of_op[i];
      GbGraphState state = GB_GRAPH_NOT_RUN;
      if (!op->shown)
        continue;
      GbGraphNode *node = gb_graph_node (b->graph, index);
      if (found)
        {
          now = gb_scan_op (b->now, found - 1);
          state = op_state (b, now);
          overlay_grad_fns (b, node, grad_fns_seen[index], now);
          if (state != GB_GRAPH_NOT_RUN)
            {
              node->call = now->op.record->call;
              if (now->op.end)
                node->nsec += now->op.end->nsec;
              if (state == GB_GRAPH_DONE && now->outputs->len)
                node->tensor = node->shape_tensor = gb_scan_first_output (now);
            }
        }
      merge_state (node, state, ops_seen[index]++ == 0);
      grad_fns_seen[index] += op->nodes->len;
      b->graph->n_grad_fns += op->nodes->len;
      b->graph->n_done += state == GB_GRAPH_DONE;
      if (state == GB_GRAPH_ACTIVE || state == GB_GRAPH_FAILED)
        b->graph->active_key = node->key;
    }
  g_free (grad_fns_seen);
  g_free (ops_seen);
}

static gboolean
grad_has_run (const GbGraphNode *node)
{
  if (!node->grad_fns->len)
    return FALSE;
  for (guint i = 0; i < node->grad_fns->len; i++)
    if (g_array_index (node->grad_fns, GbGraphGradFn, i).state != GB_GRAPH_DONE)
      return FALSE;
  return TRUE;
}

static void
write_shape (GbGraphBuilder *b, GbGraphNode *node)
{
  GbTensor tensor;
  gsize at = 0;
  if (!node->shape_tensor || !gb_trace_get_tensor (b->trace, node->shape_tensor, G_MAXUINT64, &tensor))
    return;
  for (int i = 0; i < tensor.ndim && at < sizeof node->shape; i++)
    at += (gsize) g_snprintf (node->shape + at, sizeof node->shape - at, "%s%" G_GINT64_FORMAT, i ? "×" : "",
                              tensor.sizes[i]);
}

/* Names, edges that values and gradients have passed, and the newest op while nothing is in between. */
static void
finish (GbGraphBuilder *b)
{
  int newest = -1;
  for (guint i = 0; i < b->graph->nodes->len; i++)
    {
      GbGraphNode *node = gb_graph_node (b->graph, i);
      const char *name = node->kind == GB_GRAPH_OP && node->shape_tensor
                             ? gb_trace_get_tensor_name (b->trace, node->shape_tensor, G_MAXUINT64)
                             : NULL;
      if (name)
        node->name = g_strdup (name);
      write_shape (b, node);
      overlay_leaves (b, node);
      if (node->kind != GB_GRAPH_INPUT && node->state == GB_GRAPH_DONE)
        newest = (int) i;
    }
  for (guint i = 0; i < b->graph->edges->len; i++)
    {
      GbGraphEdge *edge = &g_array_index (b->graph->edges, GbGraphEdge, i);
      edge->done = gb_graph_node (b->graph, edge->from)->state == GB_GRAPH_DONE
                   && gb_graph_node (b->graph, edge->to)->state != GB_GRAPH_NOT_RUN;
      edge->grad_done = grad_has_run (gb_graph_node (b->graph, edge->to));
    }
  b->graph->in_backward = b->graph->n_grad_done > 0;
  if (!b->graph->active_key && newest >= 0 && b->graph->n_done < b->graph->n_ops)
    b->graph->active_key = gb_graph_node (b->graph, (guint) newest)->key;
  for (guint i = gb_trace_get_n_exceptions (b->trace); i-- > 0;)
    {
      const GbException *exception = gb_trace_get_exception (b->trace, i);
      if (exception->seq <= b->position && exception->call)
        {
          b->graph->failure = g_strdup_printf ("%s: %s", exception->type_name, exception->message);
          break;
        }
    }
}

void
gb_graph_overlay (GbGraphBuilder *b)
{
  overlay (b);
  finish (b);
}
