#include "models/graph-model.h"
#include "models/graph-roll.h"

#include <string.h>

#include "models/trace-builder.h"

#include "models/index-map/derivation.h"
#include "models/sample-trace.h"

static GbGraph *
graph_of (GbSample sample, const char *place)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (sample);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  if (place)
    g_assert_true (gb_trace_cursor_seek (cursor, place, NULL));
  return gb_graph_new (cursor, NULL);
}

static int
find_label (GbGraph *graph, const char *label)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_strcmp0 (gb_graph_node (graph, i)->label, label) == 0)
      return (int) i;
  return -1;
}

/* Stopped inside the forward of an iteration: what has not run yet is known from the one before. */
static void
test_ghosts (void)
{
  g_autoptr (GbGraph) graph = graph_of (GB_SAMPLE_DIGITS, "end");
  guint ghosts = 0;
  g_assert_true (graph->template_used);
  g_assert_cmpuint (graph->n_done, <, graph->n_ops);
  g_assert_cmpuint (graph->n_grad_done, ==, 0);
  for (guint i = 0; i < graph->nodes->len; i++)
    ghosts += gb_graph_node (graph, i)->state == GB_GRAPH_NOT_RUN;
  g_assert_cmpuint (ghosts, >, 0);
  g_assert_cmpuint (graph->active_key, !=, 0);
}

/* The same program, a whole iteration: the same structure. */
static void
test_structure_is_stable (void)
{
  g_autoptr (GbGraph) early = graph_of (GB_SAMPLE_DIGITS, "iter:10");
  g_autoptr (GbGraph) late = graph_of (GB_SAMPLE_DIGITS, "iter:40");
  g_autoptr (GbGraph) partial = graph_of (GB_SAMPLE_DIGITS, "end");
  g_assert_cmpuint (early->nodes->len, >, 3);
  g_assert_cmpuint (early->structure, ==, late->structure);
  g_assert_cmpuint (early->structure, ==, partial->structure);
  for (guint i = 0; i < early->nodes->len; i++)
    g_assert_cmpuint (gb_graph_node (early, i)->key, ==, gb_graph_node (partial, i)->key);
}

static void
test_edges_point_forward (void)
{
  for (int sample = 0; sample < GB_N_SAMPLES; sample++)
    {
      g_autoptr (GbGraph) graph = graph_of ((GbSample) sample, NULL);
      for (guint i = 0; i < graph->edges->len; i++)
        {
          const GbGraphEdge *edge = &g_array_index (graph->edges, GbGraphEdge, i);
          g_assert_cmpuint (edge->from, <, edge->to);
          g_assert_cmpuint (edge->to, <, graph->nodes->len);
        }
    }
}

/* z = sin (x * y + y).sum (), stopped inside MulBackward0, the last of four. */
static void
test_backward_half_way (void)
{
  g_autoptr (GbGraph) graph = graph_of (GB_SAMPLE_BACKWARD, NULL);
  int sum = find_label (graph, "sum"), mul = find_label (graph, "mul");
  g_assert_cmpint (sum, >=, 0);
  g_assert_cmpint (mul, >=, 0);
  g_assert_cmpuint (graph->n_grad_fns, ==, 4);
  g_assert_cmpuint (graph->n_grad_done, ==, 3);
  const GbGraphGradFn *sum_fn = &g_array_index (gb_graph_node (graph, (guint) sum)->grad_fns, GbGraphGradFn, 0);
  const GbGraphGradFn *mul_fn = &g_array_index (gb_graph_node (graph, (guint) mul)->grad_fns, GbGraphGradFn, 0);
  g_assert_cmpstr (sum_fn->name, ==, "SumBackward0");
  g_assert_cmpint (sum_fn->state, ==, GB_GRAPH_DONE);
  g_assert_cmpint (mul_fn->state, ==, GB_GRAPH_ACTIVE);
  g_assert_nonnull (mul_fn->saved);
  g_assert_cmpint (gb_graph_find_grad_fn (graph, mul_fn->node), ==, mul);
  /* y is read by mul and by add, and has one AccumulateGrad */
  guint accumulators = 0;
  for (guint i = 0; i < graph->nodes->len; i++)
    for (guint k = 0; k < gb_graph_node (graph, i)->leaves->len; k++)
      accumulators += g_array_index (gb_graph_node (graph, i)->leaves, GbGraphLeaf, k).accumulates;
  g_assert_cmpuint (accumulators, ==, 2);
}

/* The leaf in a graph of one product, at a position. */
static GbGraphLeaf
leaf_at (GbTrace *trace, guint64 seq, gboolean *just_freed)
{
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  gb_trace_cursor_set_position (cursor, seq);
  g_autoptr (GbGraph) graph = gb_graph_new (cursor, NULL);
  g_assert_cmpuint (graph->nodes->len, ==, 1);
  GbGraphNode *node = gb_graph_node (graph, 0);
  g_assert_cmpuint (node->leaves->len, ==, 1);
  *just_freed = g_array_index (node->grad_fns, GbGraphGradFn, 0).just_freed;
  return g_array_index (node->leaves, GbGraphLeaf, 0);
}

/* w * 2, backward in a second iteration: what arrives is known before the AccumulateGrad runs, though that was made
 * in the first; what it is added to when it has run; and what was freed just now. */
static void
test_accumulate (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceBuilder *b = gb_trace_builder_new (trace);
  const gint64 sizes[] = { 2 };
  gboolean just_freed;
  gb_trace_builder_source (b, "/home/me/program.py", "1\n2\n");
  guint32 pos = gb_trace_builder_pos (b, 1, 0, 1);
  GbBuiltTensor w = gb_trace_builder_make (b, 0, 1, sizes), arrives = gb_trace_builder_make (b, 0, 1, sizes);
  GbBuiltTensor grad = gb_trace_builder_make (b, 0, 1, sizes);
  w.flags = TE_WIRE_REQUIRES_GRAD | TE_WIRE_LEAF;
  gb_trace_builder_leaf (b, &w, pos);
  gb_trace_builder_name (b, &w, "w", pos);
  guint64 accumulate = gb_trace_builder_new_node (b), mul = gb_trace_builder_new_node (b);
  gb_trace_builder_node (b, accumulate, 0, w.id, "AccumulateGrad", NULL, 0, NULL, 0);
  gb_trace_builder_iteration (b);
  GbBuiltTensor y = gb_trace_builder_make (b, 0, 1, sizes);
  guint64 call = gb_trace_builder_op_begin (b, "mul", 0, pos, &w.id, 1, NULL);
  TeWireSaved saved = { .tensor = w.id, .storage = w.id, .nbytes = 8 };
  gb_trace_builder_node (b, mul, call, 0, "MulBackward0", &accumulate, 1, &saved, 1);
  gb_trace_builder_op_end (b, call, &y, 1, 100, 0);
  guint64 backward = gb_trace_builder_backward_begin (b, mul, pos);
  gb_trace_builder_node_begin (b, backward, mul);
  guint64 begun = gb_trace_builder_get_seq (b);
  gb_trace_builder_node_end (b, backward, mul, &arrives.id, 1);
  gb_trace_builder_saved_freed (b, mul);
  guint64 sent = gb_trace_builder_get_seq (b);
  gb_trace_builder_node_begin (b, backward, accumulate);
  gb_trace_builder_accumulate (b, backward, w.id, grad.id, TRUE);
  guint64 added = gb_trace_builder_get_seq (b);
  gb_trace_builder_node_end (b, backward, accumulate, NULL, 0);
  guint64 ended = gb_trace_builder_get_seq (b);
  gb_trace_builder_backward_end (b, backward, mul, pos);
  gb_trace_flush (trace);

  GbGraphLeaf leaf = leaf_at (trace, begun, &just_freed);
  g_assert_cmpuint (leaf.arriving, ==, 0);
  g_assert_false (just_freed);
  leaf = leaf_at (trace, sent, &just_freed);
  g_assert_cmpuint (leaf.arriving, ==, arrives.id);
  g_assert_cmpuint (leaf.grad, ==, 0);
  g_assert_cmpint (leaf.accumulated, ==, GB_GRAPH_NOT_RUN);
  g_assert_true (just_freed);
  leaf = leaf_at (trace, ended, &just_freed);
  g_assert_cmpuint (leaf.grad, ==, grad.id);
  g_assert_cmpuint (leaf.grad_seq, ==, added);
  g_assert_true (leaf.added);
  g_assert_cmpint (leaf.accumulated, ==, GB_GRAPH_DONE);
  g_assert_false (just_freed);
  gb_trace_builder_free (b);
}

/* An op that the open one runs. */
static guint64
op_inside (GbTraceBuilder *b, guint64 parent, const char *name, guint32 pos, guint64 input, const GbBuiltTensor *output)
{
  struct
  {
    TeRecordOp op;
    guint64 input;
  } record = { .op = { .call = parent + 1000, /* the builder counts its own */
                       .parent = parent,
                       .name = gb_trace_builder_string (b, name),
                       .pos = pos,
                       .n_inputs = 1,
                       .flags = TE_WIRE_OP_NO_GRAD },
               .input = input };
  gb_trace_builder_record (b, TE_RECORD_OP, 0, (const guint8 *) &record + sizeof (TeRecord),
                           sizeof record - sizeof (TeRecord));
  gb_trace_builder_op_end (b, record.op.call, output, 1, 10, 0);
  return record.op.call;
}

/* An autograd.Function is one node of its class's name with its own grad_fn; where its numbers came from is known by
 * the ops that its code ran, and said not to be known when it ran none. */
static void
test_function (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceBuilder *b = gb_trace_builder_new (trace);
  const gint64 sizes[] = { 2 }, index[] = { 1 };
  const char *why = NULL;
  gb_trace_builder_source (b, "/home/me/program.py", "1\n2\n3\n");
  guint32 pos = gb_trace_builder_pos (b, 1, 0, 1);
  GbBuiltTensor x = gb_trace_builder_make (b, 0, 1, sizes), y = gb_trace_builder_make (b, 0, 1, sizes),
                z = gb_trace_builder_make (b, 0, 1, sizes);
  gb_trace_builder_leaf (b, &x, pos);
  for (int with_ops = 1; with_ops >= 0; with_ops--)
    {
      GbBuiltTensor *output = with_ops ? &y : &z;
      guint64 node = gb_trace_builder_new_node (b);
      /* A class may be called as an op is: its map is not that op's. */
      guint64 call = gb_trace_builder_op_begin (b, with_ops ? "Swish" : "exp", TE_WIRE_OP_FUNCTION, pos, &x.id, 1, "");
      if (with_ops)
        op_inside (b, call, "neg", gb_trace_builder_pos (b, 2, 0, 1), x.id, output);
      /* A graph that its code made for itself, and a second result: the first tells the shape. */
      GbBuiltTensor results[] = { *output, gb_trace_builder_make (b, 0, 0, sizes) };
      if (with_ops)
        gb_trace_builder_node (b, gb_trace_builder_new_node (b), call + 1000, 0, "NegBackward0", NULL, 0, NULL, 0);
      gb_trace_builder_node (b, node, call, 0, with_ops ? "SwishBackward" : "expBackward", NULL, 0, NULL, 0);
      gb_trace_builder_op_end (b, call, results, 2, 100, 0);
    }
  gb_trace_flush (trace);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbGraph) graph = gb_graph_new (cursor, NULL);
  int swish = find_label (graph, "Swish");
  g_assert_cmpint (swish, >=, 0);
  g_assert_cmpint (find_label (graph, "neg"), ==, -1);
  const GArray *fns = gb_graph_node (graph, (guint) swish)->grad_fns;
  g_assert_cmpuint (fns->len, ==, 1);
  g_assert_cmpstr (g_array_index (fns, GbGraphGradFn, 0).name, ==, "SwishBackward");
  g_assert_cmpstr (gb_graph_node (graph, (guint) swish)->shape, ==, "2");

  g_autoptr (GbDerivation) inside = gb_derivation_new (trace, y.id, G_MAXUINT64, index, &why);
  g_assert_nonnull (inside);
  g_assert_cmpstr (inside->op_name, ==, "neg");
  g_assert_cmpstr (inside->function_name, ==, "Swish");
  g_assert_cmpuint (inside->map->terms->len, ==, 1);
  g_autoptr (GbDerivation) untold = gb_derivation_new (trace, z.id, G_MAXUINT64, index, &why);
  g_assert_null (untold);
  g_assert_nonnull (strstr (why, "autograd.Function"));
  gb_trace_builder_free (b);
}

/* One module called within two others is named by where it is called, though it is told of the last place. */
static void
test_shared_module (void)
{
  const gint64 sizes[] = { 2 };
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceBuilder *b = gb_trace_builder_new (trace);
  gb_trace_builder_source (b, "/home/me/program.py", "1\n2\n");
  guint32 pos = gb_trace_builder_pos (b, 1, 0, 1), root = gb_trace_builder_module (b, 0, "", "Net"),
          blocks[] = { gb_trace_builder_module (b, root, "blocks.0", "Block"), gb_trace_builder_module (b, root, "blocks.1", "Block") },
          core = gb_trace_builder_module (b, blocks[1], "blocks.1.core", "Sequential");
  GbBuiltTensor x = gb_trace_builder_make (b, 0, 1, sizes);
  gb_trace_builder_leaf (b, &x, pos);
  guint64 whole = gb_trace_builder_module_enter (b, root, pos);
  for (int i = 0; i < 2; i++)
    {
      guint64 block = gb_trace_builder_module_enter (b, blocks[i], pos), inner = gb_trace_builder_module_enter (b, core, pos);
      for (int k = 0; k < 2; k++)
        {
          GbBuiltTensor y = gb_trace_builder_make (b, 0, 1, sizes);
          gb_trace_builder_op (b, k ? "tanh" : "exp", 0, pos, &x.id, 1, "", &y);
          x = y;
        }
      gb_trace_builder_module_leave (b, inner, core, pos);
      gb_trace_builder_module_leave (b, block, blocks[i], pos);
    }
  gb_trace_builder_module_leave (b, whole, root, pos);
  gb_trace_flush (trace);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbGraph) graph = gb_graph_new (cursor, NULL);
  guint n[2] = { 0 };
  for (guint i = 0; i < graph->brackets->len; i++)
    {
      const char *label = g_array_index (graph->brackets, GbGraphBracket, i).label;
      n[0] += g_str_equal (label, "blocks.0.core  Sequential");
      n[1] += g_str_equal (label, "blocks.1.core  Sequential");
    }
  g_assert_cmpuint (n[0], ==, 1);
  g_assert_cmpuint (n[1], ==, 1);
  gb_trace_builder_free (b);
}

static void
test_rolls (void)
{
  static const struct
  {
    const char *row;
    guint n, first, length, times;
  } cases[] = {
    { "abcabcabcabcx", 1, 0, 3, 4 }, { "xxyabababababz", 1, 3, 2, 5 }, { "abcabcabc", 0 }, { "aaaaaaaa", 1, 0, 1, 8 },
    { "pqpqpqpqrrrr", 2, 0, 2, 4 }, { "", 0 },      { "abcdefgh", 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 keys[32];
      guint n = (guint) strlen (cases[i].row);
      for (guint k = 0; k < n; k++)
        keys[k] = (guint64) cases[i].row[k];
      g_autoptr (GArray) rolls = gb_roll_find (keys, n);
      g_assert_cmpuint (rolls->len, ==, cases[i].n);
      if (rolls->len == 0)
        continue;
      const GbRoll *roll = &g_array_index (rolls, GbRoll, 0);
      g_assert_cmpuint (roll->first, ==, cases[i].first);
      g_assert_cmpuint (roll->length, ==, cases[i].length);
      g_assert_cmpuint (roll->times, ==, cases[i].times);
    }
}

/* 300 turns of mul and tanh, then a sum: the first turn, a box for the others, the sum; turn by turn when it is asked
 * for, and a short loop stays as it is. */
static void
test_loop (void)
{
  const gint64 sizes[] = { 2 };
  for (int turns = 3; turns <= 300; turns += 297)
    {
      g_autoptr (GbTrace) trace = gb_trace_new ();
      GbTraceBuilder *b = gb_trace_builder_new (trace);
      gb_trace_builder_source (b, "/home/me/program.py", "1\n2\n3\n");
      guint32 at[] = { gb_trace_builder_pos (b, 1, 0, 1), gb_trace_builder_pos (b, 2, 0, 1), gb_trace_builder_pos (b, 3, 0, 1) };
      GbBuiltTensor x = gb_trace_builder_make (b, 0, 1, sizes);
      guint64 node = 0;
      gb_trace_builder_leaf (b, &x, at[0]);
      for (int i = 0; i <= 2 * turns; i++)
        {
          gboolean last = i == 2 * turns;
          GbBuiltTensor y = gb_trace_builder_make (b, 0, 1, sizes);
          guint64 next = gb_trace_builder_new_node (b);
          guint64 call = gb_trace_builder_op_begin (b, last ? "sum" : i % 2 ? "tanh" : "mul", 0, at[last ? 2 : i % 2], &x.id, 1, "");
          gb_trace_builder_node (b, next, call, 0, "MulBackward0", &node, node ? 1 : 0, NULL, 0);
          gb_trace_builder_op_end (b, call, &y, 1, 100, 0);
          x = y;
          node = next;
        }
      gb_trace_flush (trace);
      g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
      g_autoptr (GbGraph) graph = gb_graph_new (cursor, NULL);
      if (turns == 3)
        {
          g_assert_cmpuint (graph->nodes->len, ==, 8); /* with the input */
          g_assert_cmpuint (graph->brackets->len, ==, 0);
          gb_trace_builder_free (b);
          continue;
        }
      g_assert_cmpuint (graph->nodes->len, ==, 5);
      GbGraphNode *others = gb_graph_node (graph, (guint) find_label (graph, "×299"));
      g_assert_cmpuint (others->n_times, ==, 299);
      g_assert_cmpuint (others->n_ops, ==, 598);
      g_assert_cmpuint (others->grad_fns->len, ==, 598);
      g_assert_cmpuint (others->nsec, ==, 59800);
      g_assert_cmpint (others->state, ==, GB_GRAPH_DONE);
      g_assert_cmpuint (graph->n_ops, ==, 601);
      g_assert_cmpuint (graph->n_done, ==, 601);
      g_assert_cmpuint (graph->edges->len, ==, 4);
      g_assert_cmpuint (graph->brackets->len, ==, 1);
      const GbGraphBracket *bracket = &g_array_index (graph->brackets, GbGraphBracket, 0);
      g_assert_cmpstr (bracket->label, ==, "×300");
      g_assert_cmpuint (bracket->loop, ==, others->loop);
      g_autoptr (GHashTable) unrolled = g_hash_table_new (NULL, NULL);
      GbGraphOptions options = { .unrolled = unrolled };
      g_hash_table_add (unrolled, (gpointer) (guintptr) others->loop);
      g_autoptr (GbGraph) all = gb_graph_new (cursor, &options);
      g_assert_cmpuint (all->nodes->len, ==, 602);
      g_assert_cmpuint (all->brackets->len, ==, 1);
      gb_trace_builder_free (b);
    }
}

static void
test_empty (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbGraph) graph = gb_graph_new (cursor, NULL);
  g_assert_cmpuint (graph->nodes->len, ==, 0);
  g_assert_false (gb_graph_exists (cursor));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph-model/ghosts", test_ghosts);
  g_test_add_func ("/graph-model/structure-is-stable", test_structure_is_stable);
  g_test_add_func ("/graph-model/edges-point-forward", test_edges_point_forward);
  g_test_add_func ("/graph-model/backward-half-way", test_backward_half_way);
  g_test_add_func ("/graph-model/accumulate", test_accumulate);
  g_test_add_func ("/graph-model/function", test_function);
  g_test_add_func ("/graph-model/shared-module", test_shared_module);
  g_test_add_func ("/graph-model/rolls", test_rolls);
  g_test_add_func ("/graph-model/loop", test_loop);
  g_test_add_func ("/graph-model/empty", test_empty);
  return g_test_run ();
}
