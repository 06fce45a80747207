#include "models/graph-model.h"

#include <string.h>

#include "models/graph-private.h"
#include "models/graph-roll.h"

#define DEFAULT_MOST_NODES 24

/* ---- life ---- */

static void
leaf_clear (gpointer data)
{
  g_free (((GbGraphLeaf *) data)->name);
}

static void
grad_fn_clear (gpointer data)
{
  g_free (((GbGraphGradFn *) data)->name);
  g_free (((GbGraphGradFn *) data)->saved);
}

static void
node_clear (gpointer data)
{
  GbGraphNode *node = data;
  g_free (node->label);
  g_free (node->name);
  g_array_unref (node->grad_fns);
  g_array_unref (node->leaves);
}

static void
bracket_clear (gpointer data)
{
  g_free (((GbGraphBracket *) data)->label);
}

static GbGraph *
graph_alloc (void)
{
  GbGraph *self = g_new0 (GbGraph, 1);
  self->nodes = g_array_new (FALSE, FALSE, sizeof (GbGraphNode));
  g_array_set_clear_func (self->nodes, node_clear);
  self->edges = g_array_new (FALSE, FALSE, sizeof (GbGraphEdge));
  self->brackets = g_array_new (FALSE, FALSE, sizeof (GbGraphBracket));
  g_array_set_clear_func (self->brackets, bracket_clear);
  return self;
}

void
gb_graph_free (GbGraph *self)
{
  if (!self)
    return;
  g_array_unref (self->nodes);
  g_array_unref (self->edges);
  g_array_unref (self->brackets);
  g_free (self->failure);
  g_free (self);
}

static guint
add_node (GbGraphBuilder *b, GbGraphKind kind, guint64 key)
{
  GbGraphNode node = { .kind = kind, .key = key, .n_ops = kind == GB_GRAPH_INPUT ? 0 : 1 };
  node.grad_fns = g_array_new (FALSE, FALSE, sizeof (GbGraphGradFn));
  g_array_set_clear_func (node.grad_fns, grad_fn_clear);
  node.leaves = g_array_new (FALSE, FALSE, sizeof (GbGraphLeaf));
  g_array_set_clear_func (node.leaves, leaf_clear);
  g_array_append_val (b->graph->nodes, node);
  return b->graph->nodes->len - 1;
}

static void
add_edge (GbGraphBuilder *b, guint from, guint to, guint64 tensor)
{
  GbGraphEdge edge = { .from = from, .to = to, .tensor = tensor };
  guint64 key = (guint64) from << 32 | to;
  if (from >= to || gb_graph_table_get (b->edge_seen, key))
    return;
  gb_graph_table_set (b->edge_seen, key, 1);
  g_array_append_val (b->graph->edges, edge);
}

/* ---- folding ---- */

static gboolean
listed (GHashTable *set, guint module)
{
  return set && g_hash_table_contains (set, GUINT_TO_POINTER (module));
}

/* The outermost folded frame around an op; 0: the op shows itself.  A frame of one op never folds it. */
static guint
folded_frame (GbGraphBuilder *b, guint frame)
{
  guint outermost = 0;
  for (; frame; frame = gb_scan_frame (b->scan, frame)->parent)
    if (!b->unfolded[frame] && gb_scan_frame (b->scan, frame)->n_ops > 1)
      outermost = frame;
  return outermost;
}

static guint
count_visible (GbGraphBuilder *b)
{
  guint count = 0, last = 0;
  for (guint i = 0; i < b->scan->ops->len; i++)
    if (gb_scan_op (b->scan, i)->shown)
      {
        guint frame = folded_frame (b, gb_scan_op (b->scan, i)->frame);
        count += !frame || frame != last;
        last = frame;
      }
  return count;
}

/* Unfolds modules from the outside in while the picture stays small; by hand goes before. */
static void
choose_unfolded (GbGraphBuilder *b)
{
  guint n = b->scan->frames->len,
        most = b->options && b->options->most_nodes ? b->options->most_nodes : DEFAULT_MOST_NODES;
  int deepest = 0;
  b->unfolded = g_new0 (gboolean, n + 1);
  for (guint i = 1; i < n; i++)
    {
      deepest = MAX (deepest, gb_scan_frame (b->scan, i)->depth);
      b->unfolded[i] = b->options && listed (b->options->unfolded, gb_scan_frame (b->scan, i)->module);
    }
  for (int depth = 1; depth <= deepest; depth++)
    {
      gboolean *before = g_memdup2 (b->unfolded, sizeof (gboolean) * (n + 1));
      for (guint i = 1; i < n; i++)
        {
          GbScanFrame *frame = gb_scan_frame (b->scan, i);
          gboolean kept = b->options && listed (b->options->folded, frame->module);
          if (frame->depth == depth && b->unfolded[frame->parent] | (frame->parent == 0) && !kept)
            b->unfolded[i] = TRUE;
        }
      if (count_visible (b) > most && depth > 1)
        {
          memcpy (b->unfolded, before, sizeof (gboolean) * (n + 1));
          g_free (before);
          return;
        }
      g_free (before);
    }
}

/* ---- loops ---- */

/* What is one thing in the picture: an op, or all ops of a folded module. */
typedef struct
{
  guint first, last; /* ops of scan */
  int depth;         /* of a bracket over it */
} Unit;

/* The same for things that look alike, wherever they run: the turns of a loop, layers of one class. */
static guint64
look_of (GbGraphBuilder *b, const GbScanOp *op, guint folded)
{
  if (!folded)
    return gb_scan_mix (gb_scan_mix (gb_scan_mix (1, op->op.record->name), op->op.record->pos), op->op.record->caller_pos);
  const GbScanFrame *frame = gb_scan_frame (b->scan, folded);
  const GbModule *module = gb_trace_get_module (b->trace, frame->module);
  return gb_scan_mix (gb_scan_mix (2, module ? g_str_hash (module->class_name) : 0), frame->n_ops);
}

/* A picture of more things than it should have rolls up what comes again and again. */
static void
roll_loops (GbGraphBuilder *b)
{
  guint most = b->options && b->options->most_nodes ? b->options->most_nodes : DEFAULT_MOST_NODES, before = 0;
  g_autoptr (GArray) units = g_array_new (FALSE, FALSE, sizeof (Unit));
  g_autoptr (GArray) looks = g_array_new (FALSE, FALSE, sizeof (guint64));
  b->loops = g_array_new (FALSE, FALSE, sizeof (GbGraphLoop));
  for (guint i = 0; i < b->scan->ops->len; i++)
    {
      const GbScanOp *op = gb_scan_op (b->scan, i);
      guint folded = op->shown ? folded_frame (b, op->frame) : 0;
      if (!op->shown)
        continue;
      if (folded && folded == before && units->len)
        g_array_index (units, Unit, units->len - 1).last = i;
      else
        {
          guint64 look = look_of (b, op, folded);
          g_array_append_val (looks, look);
          int depth = folded ? gb_scan_frame (b->scan, folded)->depth : gb_scan_frame (b->scan, op->frame)->depth + 1;
          g_array_append_val (units, ((Unit){ i, i, depth }));
        }
      before = folded;
    }
  if (units->len <= most)
    return;
  g_autoptr (GArray) rolls = gb_roll_find ((const guint64 *) (gpointer) looks->data, looks->len);
  if (rolls->len)
    b->loop_of_op = g_new0 (guint, b->scan->ops->len + 1);
  for (guint i = 0; i < rolls->len; i++)
    {
      const GbRoll *roll = &g_array_index (rolls, GbRoll, i);
      guint first = g_array_index (units, Unit, roll->first).first,
            second = g_array_index (units, Unit, roll->first + roll->length).first;
      GbGraphLoop loop = { .key = gb_scan_mix (gb_scan_op (b->scan, first)->key, roll->length),
                    .first = first,
                    .last = g_array_index (units, Unit, roll->first + roll->length * roll->times - 1).last,
                    .n_times = roll->times,
                    .depth = g_array_index (units, Unit, roll->first).depth,
                    .node = -1 };
      loop.is_open = b->options && b->options->unrolled
                     && g_hash_table_contains (b->options->unrolled, (gpointer) (guintptr) loop.key);
      g_array_append_val (b->loops, loop);
      for (guint k = second; k <= loop.last && !loop.is_open; k++)
        b->loop_of_op[k] = b->loops->len;
    }
}

/* ---- leaves and edges ---- */

static char *
leaf_name (GbGraphBuilder *b, guint64 tensor)
{
  const GbParam *param = gb_trace_find_param (b->trace, tensor);
  const char *name = param ? param->name : gb_trace_get_tensor_name (b->trace, tensor, G_MAXUINT64);
  GbTensor geometry;
  if (name)
    return g_strdup (name);
  if (gb_trace_get_tensor (b->trace, tensor, G_MAXUINT64, &geometry) && geometry.call)
    {
      GbOp op;
      if (gb_trace_get_op (b->trace, geometry.call, &op))
        return g_strdup (gb_trace_op_name (b->trace, &op));
    }
  return NULL;
}

static gboolean
worth_showing (GbGraphBuilder *b, guint64 tensor, GbTensor *geometry, const char *name)
{
  gint64 numel = 1;
  if (!gb_trace_get_tensor (b->trace, tensor, G_MAXUINT64, geometry))
    return FALSE;
  for (int i = 0; i < geometry->ndim; i++)
    numel *= geometry->sizes[i];
  return name || numel > 1 || (geometry->flags & TE_WIRE_REQUIRES_GRAD);
}

static void
add_leaf (GbGraphBuilder *b, guint index, guint64 tensor)
{
  GbGraphNode *node = gb_graph_node (b->graph, index);
  const GbParam *param = gb_trace_find_param (b->trace, tensor);
  g_autofree char *name = leaf_name (b, tensor);
  GbTensor geometry = { 0 };
  GbGraphLeaf leaf = { .tensor = tensor };
  guint accumulator = gb_graph_table_get (b->scan->accumulator, tensor);
  for (guint i = 0; i < node->leaves->len; i++)
    if (g_array_index (node->leaves, GbGraphLeaf, i).tensor == tensor)
      return;
  if (!worth_showing (b, tensor, &geometry, name))
    return;
  leaf.kind = param && !param->is_buffer           ? GB_GRAPH_LEAF_PARAMETER
              : param                              ? GB_GRAPH_LEAF_BUFFER
              : geometry.flags & TE_WIRE_PARAMETER ? GB_GRAPH_LEAF_PARAMETER
                                                   : GB_GRAPH_LEAF_TENSOR;
  leaf.requires_grad = (geometry.flags & TE_WIRE_REQUIRES_GRAD) != 0;
  leaf.accumulates = leaf.requires_grad && !gb_graph_table_get (b->leaf_seen, tensor);
  gb_graph_table_set (b->leaf_seen, tensor, 1);
  leaf.name = g_steal_pointer (&name);
  if (accumulator)
    leaf.accumulate_node = gb_scan_node (b->scan, accumulator - 1)->node;
  g_array_append_val (node->leaves, leaf);
}

static gboolean
flows_in (GbGraphBuilder *b, guint64 tensor)
{
  GbTensor geometry;
  g_autofree char *name = leaf_name (b, tensor);
  return !gb_trace_find_param (b->trace, tensor) && worth_showing (b, tensor, &geometry, name)
         && !(geometry.flags & (TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD));
}

/* An op that nothing in the picture feeds gets its first plain input as a node of the flow. */
static void
add_input_node (GbGraphBuilder *b, const GbScanOp *op)
{
  for (guint i = 0; i < op->op.record->n_inputs; i++)
    if (gb_graph_table_get (b->producer, op->op.inputs[i]) || gb_graph_table_get (b->input, op->op.inputs[i]))
      return;
  for (guint i = 0; i < op->op.record->n_inputs; i++)
    {
      guint64 tensor = op->op.inputs[i];
      if (!tensor || !flows_in (b, tensor))
        continue;
      guint index = add_node (b, GB_GRAPH_INPUT, gb_scan_mix (op->key, 1 + i));
      GbGraphNode *node = gb_graph_node (b->graph, index);
      node->label = leaf_name (b, tensor);
      node->tensor = node->shape_tensor = tensor;
      node->state = GB_GRAPH_DONE;
      gb_graph_table_set (b->input, tensor, index + 1);
      return;
    }
}

static void
connect_inputs (GbGraphBuilder *b, const GbScanOp *op, guint index)
{
  for (guint i = 0; i < op->op.record->n_inputs; i++)
    {
      guint64 tensor = op->op.inputs[i];
      guint from = tensor ? gb_graph_table_get (b->producer, tensor) : 0;
      if (!tensor)
        continue;
      if (!from)
        from = gb_graph_table_get (b->input, tensor);
      if (from && from - 1 < index)
        add_edge (b, from - 1, index, tensor);
      else if (!from && gb_graph_node (b->graph, index)->kind == GB_GRAPH_OP)
        add_leaf (b, index, tensor);
    }
}

/* ---- nodes ---- */

static char *
saved_names (GbGraphBuilder *b, const GbNode *node, guint64 *nbytes)
{
  GString *names = g_string_new (NULL);
  *nbytes = 0;
  for (guint i = 0; i < node->record->n_saved; i++)
    {
      const char *name = gb_trace_get_string (b->trace, node->saved[i].name);
      if (*name && !strstr (names->str, name))
        g_string_append_printf (names, "%s%s", names->len ? ", " : "", name);
      *nbytes += node->saved[i].nbytes;
    }
  return g_string_free (names, node->record->n_saved == 0);
}

static void
add_grad_fns (GbGraphBuilder *b, guint index, const GbScanOp *op)
{
  for (guint i = 0; i < op->nodes->len; i++)
    {
      GbScanNode *scan = gb_scan_node (b->scan, g_array_index (op->nodes, guint, i));
      GbGraphGradFn fn = { .node = scan->node };
      GbNode full;
      if (!gb_trace_get_node (b->trace, scan->node, &full))
        continue;
      fn.name = g_strdup (gb_trace_get_string (b->trace, full.record->name));
      fn.saved = saved_names (b, &full, &fn.saved_nbytes);
      g_array_append_val (gb_graph_node (b->graph, index)->grad_fns, fn);
    }
}

/* matmul makes six autograd nodes, five of which only reshape: what saved something stands for them. */
static void
mark_minor (GbGraphNode *node)
{
  gboolean any = FALSE;
  for (guint i = 0; i < node->grad_fns->len; i++)
    any |= g_array_index (node->grad_fns, GbGraphGradFn, i).saved != NULL;
  for (guint i = 0; i < node->grad_fns->len; i++)
    {
      GbGraphGradFn *fn = &g_array_index (node->grad_fns, GbGraphGradFn, i);
      fn->minor = any ? fn->saved == NULL : i + 1 < node->grad_fns->len;
    }
}

/* What a module is called where it is called: one that stands in several places has the name of the last of them. */
static char *
dup_module_name (GbGraphBuilder *b, guint frame)
{
  const GbScanFrame *scan = gb_scan_frame (b->scan, frame);
  const GbModule *module = gb_trace_get_module (b->trace, scan->module), *holder;
  const char *dot;
  gsize n;
  if (!module)
    return g_strdup ("module");
  if (!*module->name)
    return g_strdup (module->class_name);
  holder = scan->parent ? gb_trace_get_module (b->trace, gb_scan_frame (b->scan, scan->parent)->module) : NULL;
  n = holder ? strlen (holder->name) : 0;
  dot = strrchr (module->name, '.');
  if (n == 0 || !dot || (strncmp (module->name, holder->name, n) == 0 && module->name[n] == '.'))
    return g_strdup (module->name);
  return g_strconcat (holder->name, dot, NULL);
}

static guint
module_node (GbGraphBuilder *b, guint frame)
{
  if (b->node_of_frame[frame] >= 0)
    {
      gb_graph_node (b->graph, (guint) b->node_of_frame[frame])->n_ops++;
      return (guint) b->node_of_frame[frame];
    }
  GbScanFrame *scan = gb_scan_frame (b->scan, frame);
  const GbModule *module = gb_trace_get_module (b->trace, scan->module);
  guint index = add_node (b, GB_GRAPH_MODULE, scan->key);
  GbGraphNode *node = gb_graph_node (b->graph, index);
  node->label = dup_module_name (b, frame);
  node->name = g_strdup (module ? module->class_name : NULL);
  node->module = scan->module;
  b->node_of_frame[frame] = (int) index;
  return index;
}

/* The box of all turns of a loop but the first. */
static guint
loop_node (GbGraphBuilder *b, guint nth)
{
  GbGraphLoop *loop = &g_array_index (b->loops, GbGraphLoop, nth);
  if (loop->node >= 0)
    {
      gb_graph_node (b->graph, (guint) loop->node)->n_ops++;
      return (guint) loop->node;
    }
  loop->node = (int) add_node (b, GB_GRAPH_MODULE, loop->key);
  GbGraphNode *node = gb_graph_node (b->graph, (guint) loop->node);
  node->label = g_strdup_printf ("×%u", loop->n_times - 1);
  node->loop = loop->key;
  node->n_times = loop->n_times - 1;
  node->pos = gb_scan_op (b->scan, loop->first)->op.record->caller_pos;
  if (!node->pos)
    node->pos = gb_scan_op (b->scan, loop->first)->op.record->pos;
  return (guint) loop->node;
}

static guint
op_node (GbGraphBuilder *b, const GbScanOp *op)
{
  guint index = add_node (b, GB_GRAPH_OP, op->key);
  GbGraphNode *node = gb_graph_node (b->graph, index);
  node->label = g_strdup (gb_trace_op_name (b->trace, &op->op));
  node->module = gb_scan_frame (b->scan, op->frame)->module;
  node->pos = op->op.record->caller_pos ? op->op.record->caller_pos : op->op.record->pos;
  node->no_grad = (op->op.record->flags & TE_WIRE_OP_NO_GRAD) != 0;
  node->inplace = (op->op.record->flags & TE_WIRE_OP_INPLACE) != 0;
  return index;
}

static void
build_structure (GbGraphBuilder *b)
{
  guint64 structure = 0;
  for (guint i = 0; i < b->scan->ops->len; i++)
    {
      GbScanOp *op = gb_scan_op (b->scan, i);
      guint folded, index, loop = b->loop_of_op ? b->loop_of_op[i] : 0;
      if (!op->shown)
        continue;
      folded = folded_frame (b, op->frame);
      if (!loop && (!folded || b->node_of_frame[folded] < 0))
        add_input_node (b, op);
      index = loop ? loop_node (b, loop - 1) : folded ? module_node (b, folded) : op_node (b, op);
      connect_inputs (b, op, index);
      b->node_of_op[i] = (int) index;
      add_grad_fns (b, index, op);
      for (guint k = 0; k < op->outputs->len; k++)
        gb_graph_table_set (b->producer, g_array_index (op->outputs, guint64, k), index + 1);
      if (gb_graph_node (b->graph, index)->kind == GB_GRAPH_OP)
        mark_minor (gb_graph_node (b->graph, index));
      if (op->outputs->len)
        gb_graph_node (b->graph, index)->shape_tensor = gb_scan_first_output (op);
      structure = gb_scan_mix (structure, gb_graph_node (b->graph, index)->key);
      b->graph->n_ops++;
    }
  b->graph->structure = gb_scan_mix (structure, b->graph->edges->len);
}

/* Brackets over unfolded modules: frames in which at least two nodes show. */
static void
add_brackets (GbGraphBuilder *b)
{
  guint n = b->scan->frames->len;
  int *first = g_new (int, n), *last = g_new (int, n);
  for (guint i = 0; i < n; i++)
    first[i] = last[i] = -1;
  for (guint i = 0; i < b->scan->ops->len; i++)
    {
      GbScanOp *op = gb_scan_op (b->scan, i);
      int index = b->node_of_op[i];
      if (!op->shown)
        continue;
      for (guint frame = op->frame; frame && index >= 0; frame = gb_scan_frame (b->scan, frame)->parent)
        if (b->unfolded[frame])
          {
            first[frame] = first[frame] < 0 ? index : MIN (first[frame], index);
            last[frame] = MAX (last[frame], index);
          }
    }
  for (guint i = 1; i < n; i++)
    {
      const GbModule *module = gb_trace_get_module (b->trace, gb_scan_frame (b->scan, i)->module);
      if (first[i] < 0 || last[i] <= first[i] || !module)
        continue;
      GbGraphBracket bracket = { .module = module->id,
                                 .depth = gb_scan_frame (b->scan, i)->depth,
                                 .first = (guint) first[i],
                                 .last = (guint) last[i] };
      g_autofree char *name = dup_module_name (b, i);
      bracket.label = *module->name ? g_strdup_printf ("%s  %s", name, module->class_name) : g_strdup (name);
      g_array_append_val (b->graph->brackets, bracket);
    }
  g_free (first);
  g_free (last);
  for (guint i = 0; i < b->loops->len; i++)
    {
      const GbGraphLoop *loop = &g_array_index (b->loops, GbGraphLoop, i);
      GbGraphBracket bracket = { .loop = loop->key,
                                 .depth = loop->depth,
                                 .first = (guint) b->node_of_op[loop->first],
                                 .last = (guint) b->node_of_op[loop->last] };
      bracket.label = g_strdup_printf ("×%u", loop->n_times);
      g_array_append_val (b->graph->brackets, bracket);
    }
}

/* ---- which iteration ---- */

static guint64
end_of (GbTrace *trace, guint64 iteration)
{
  guint64 next = gb_trace_iteration_first_seq (trace, iteration + 1);
  return next && next > gb_trace_iteration_first_seq (trace, iteration) ? next : G_MAXUINT64;
}

static gboolean
is_complete (GbTrace *trace, guint64 iteration)
{
  return iteration <= gb_trace_get_n_iterations (trace) && end_of (trace, iteration) != G_MAXUINT64;
}

/* Has everything that ran so far its place in the template? */
static gboolean
agrees (GbScan *now, GbScan *template)
{
  for (guint i = 0; i < now->ops->len; i++)
    if (gb_scan_op (now, i)->shown && !gb_graph_table_get (template->op_of_key, gb_scan_op (now, i)->key))
      return FALSE;
  return TRUE;
}

static GbScan *
scan_iteration (GbTrace *trace, guint64 iteration)
{
  return gb_scan_new (trace, gb_trace_iteration_first_seq (trace, iteration), end_of (trace, iteration));
}

static guint
count_shown (GbScan *scan)
{
  return g_hash_table_size (scan->op_of_key);
}

/* While a program runs freely the last whole iteration is shown: half of one would only flicker. */
static guint64
iteration_to_show (GbTraceCursor *cursor, GbTrace *trace, guint64 *position)
{
  const GbStateChange *state = gb_trace_get_state (trace, *position);
  guint64 iteration = gb_trace_iteration_at (trace, *position);
  gboolean running = state && state->state == TE_STATE_RUNNING && !gb_trace_get_end (trace);
  if (gb_trace_cursor_get_following (cursor) && running && iteration > 1 && !is_complete (trace, iteration)
      && is_complete (trace, iteration - 1))
    {
      iteration--;
      *position = end_of (trace, iteration) - 1;
    }
  return iteration;
}

static gboolean
is_at_the_end (GbTraceCursor *cursor, GbTrace *trace)
{
  return gb_trace_cursor_get_following (cursor)
         || gb_trace_get_last_call_at (trace, gb_trace_cursor_get_position (cursor))
                == gb_trace_get_last_call_at (trace, G_MAXUINT64);
}

GbGraph *
gb_graph_new (GbTraceCursor *cursor, const GbGraphOptions *options)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  GbGraphBuilder b = { .trace = trace, .position = gb_trace_cursor_get_position (cursor), .options = options };
  guint64 iteration = iteration_to_show (cursor, trace, &b.position);
  g_autoptr (GbScan) now = NULL;
  g_autoptr (GbScan) template = NULL;

  b.graph = graph_alloc ();
  if (!iteration)
    return b.graph;
  now = scan_iteration (trace, iteration);
  /* Programs often end with a few ops after the last iteration: with nothing recorded there, show what came
   * before. */
  if (!count_shown (now)
      || (!now->has_backward && gb_trace_get_end (trace) && iteration > 1
          && iteration > gb_trace_get_n_iterations (trace)))
    {
      if (iteration > 1 && is_at_the_end (cursor, trace))
        {
          b.position = end_of (trace, --iteration) - 1;
          gb_scan_free (now);
          now = scan_iteration (trace, iteration);
        }
    }
  else if (!is_complete (trace, iteration) && iteration > 1 && !gb_trace_get_end (trace))
    template = scan_iteration (trace, iteration - 1);
  b.now = now;
  b.scan = template && agrees (now, template) && count_shown (template) ? template : now;
  b.graph->template_used = b.scan == template;
  b.graph->iteration = iteration;
  b.producer = g_hash_table_new (NULL, NULL);
  b.input = g_hash_table_new (NULL, NULL);
  b.leaf_seen = g_hash_table_new (NULL, NULL);
  b.edge_seen = g_hash_table_new (NULL, NULL);
  b.node_of_frame = g_new (int, b.scan->frames->len + 1);
  for (guint i = 0; i < b.scan->frames->len; i++)
    b.node_of_frame[i] = -1;
  b.node_of_op = g_new (int, b.scan->ops->len + 1);
  for (guint i = 0; i < b.scan->ops->len; i++)
    b.node_of_op[i] = -1;
  choose_unfolded (&b);
  roll_loops (&b);
  build_structure (&b);
  add_brackets (&b);
  gb_graph_overlay (&b);
  g_hash_table_unref (b.producer);
  g_hash_table_unref (b.input);
  g_hash_table_unref (b.leaf_seen);
  g_hash_table_unref (b.edge_seen);
  g_free (b.node_of_frame);
  g_free (b.node_of_op);
  g_free (b.unfolded);
  g_free (b.loop_of_op);
  g_array_unref (b.loops);
  return b.graph;
}

int
gb_graph_find_call (GbGraph *self, guint64 call)
{
  for (guint i = 0; i < self->nodes->len && call; i++)
    if (gb_graph_node (self, i)->call == call)
      return (int) i;
  return -1;
}

int
gb_graph_find_grad_fn (GbGraph *self, guint64 node)
{
  for (guint i = 0; i < self->nodes->len && node; i++)
    {
      GArray *fns = gb_graph_node (self, i)->grad_fns;
      for (guint k = 0; k < fns->len; k++)
        if (g_array_index (fns, GbGraphGradFn, k).node == node)
          return (int) i;
    }
  return -1;
}

int
gb_graph_find_tensor (GbGraph *self, guint64 tensor)
{
  for (guint i = 0; i < self->nodes->len && tensor; i++)
    if (gb_graph_node (self, i)->tensor == tensor)
      return (int) i;
  return -1;
}

gboolean
gb_graph_exists (GbTraceCursor *cursor)
{
  return gb_trace_get_last_call_at (gb_trace_cursor_get_trace (cursor), gb_trace_cursor_get_position (cursor))
         != 0;
}
