/* Running graphs: ops, branches, loops, isinstance, what fails and where. */
#include "graphs.h"

static TeJitAny
run (TeJitGraph *graph, TeJitAny *args, bool ok)
{
  TeError err;
  te_error_clear (&err);
  TeJitAny result = te_jit_none ();
  g_assert_true (te_jit_run_graph (graph, args, &result, &err) == ok);
  return result;
}

static void
test_ops (void)
{
  TeJitGraph *graph = graphs_of_two ();
  TeJitVar *x = te_jit_graph_input (graph, 0), *y = te_jit_graph_input (graph, 1);
  te_jit_block_add_output (graph->top, graphs_binary (graph, "aten::mul", x, y));
  TeTensor *a = graphs_tensor (2, 3), *b = graphs_tensor (4, 5);
  TeJitAny args[] = { { TE_JIT_V_TENSOR, { .tensor = a } }, { TE_JIT_V_TENSOR, { .tensor = b } } };
  TeJitAny result = run (graph, args, true);
  g_assert_cmpfloat (((float *) te_tensor_data (result.tensor))[1], ==, 15);
  te_jit_unref (result);
  args[1] = te_jit_none (); /* mul takes no None */
  run (graph, args, false);
  te_tensor_unref (a);
  te_tensor_unref (b);
  te_jit_graph_unref (graph);
}

/* if flag: 1 else: 2 */
static void
test_if (void)
{
  TeJitGraph *graph = te_jit_graph_new ();
  TeJitVar *flag = te_jit_block_add_input (graph->top, te_jit_type_simple (TE_JIT_BOOL));
  TeJitNode *node = te_jit_node_new (graph, "prim::If");
  te_jit_node_add_input (node, flag);
  te_jit_node_insert (node);
  TeJitNode *point = graph->point;
  for (int i = 0; i < 2; i++)
    {
      TeJitBlock *block = te_jit_node_add_block (node);
      graph->point = block->ret;
      te_jit_block_add_output (block, te_jit_constant (graph, te_jit_int (i + 1), NULL));
    }
  graph->point = point;
  te_jit_block_add_output (graph->top, te_jit_node_add_output (node, te_jit_type_simple (TE_JIT_INT)));
  for (int i = 0; i < 2; i++)
    {
      TeJitAny args[] = { te_jit_bool (i == 0) };
      g_assert_cmpint (run (graph, args, true).i, ==, i + 1);
    }
  te_jit_graph_unref (graph);
}

/* for i in range (n): total = total + i */
static void
test_loop (void)
{
  TeJitGraph *graph = te_jit_graph_new ();
  const TeJitType *whole = te_jit_type_simple (TE_JIT_INT);
  TeJitVar *n = te_jit_block_add_input (graph->top, whole);
  TeJitVar *inputs[] = { n, te_jit_constant (graph, te_jit_bool (true), NULL),
                         te_jit_constant (graph, te_jit_int (0), NULL) };
  TeJitVar *total = te_jit_emit (graph, "prim::Loop", whole, 3, inputs);
  TeJitBlock *body = te_jit_node_add_block (total->node);
  TeJitVar *parts[] = { te_jit_block_add_input (body, whole), te_jit_block_add_input (body, whole) };
  TeJitNode *point = graph->point;
  graph->point = body->ret;
  TeJitVar *sum = te_jit_emit (graph, "aten::add", whole, 2, parts);
  te_jit_block_add_output (body, inputs[1]);
  te_jit_block_add_output (body, sum);
  graph->point = point;
  te_jit_block_add_output (graph->top, total);
  TeJitAny args[] = { te_jit_int (5) };
  g_assert_cmpint (run (graph, args, true).i, ==, 10);
  args[0] = te_jit_int (0);
  g_assert_cmpint (run (graph, args, true).i, ==, 0);
  te_jit_graph_unref (graph);
}

static void
test_isinstance (void)
{
  TeJitGraph *graph = te_jit_graph_new ();
  TeJitVar *value = te_jit_block_add_input (graph->top, te_jit_type_simple (TE_JIT_ANY));
  const TeJitType *asked[] = { te_jit_type_simple (TE_JIT_INT), te_jit_type_simple (TE_JIT_STR) };
  TeJitVar *is = te_jit_emit (graph, "prim::isinstance", te_jit_type_simple (TE_JIT_BOOL), 1, &value);
  is->node->types = te_jit_type_tuple (2, asked, NULL, NULL);
  te_jit_block_add_output (graph->top, is);
  TeJitAny args[] = { te_jit_int (3) };
  g_assert_true (run (graph, args, true).b);
  args[0] = te_jit_float (3);
  g_assert_false (run (graph, args, true).b);
  te_jit_graph_unref (graph);
}

static void
test_raise (void)
{
  TeJitGraph *graph = te_jit_graph_new ();
  TeJitVar *inputs[] = { te_jit_constant (graph, te_jit_str ("bad", 3), NULL),
                         te_jit_constant (graph, te_jit_none (), NULL) };
  te_jit_emit (graph, "prim::RaiseException", NULL, 2, inputs);
  te_jit_block_add_output (graph->top, inputs[1]);
  TeError err;
  TeJitAny result;
  te_error_clear (&err);
  g_assert_false (te_jit_run_graph (graph, NULL, &result, &err));
  g_assert_cmpstr (err.text, ==, "bad");
  g_assert_true (te_jit_failure.raised);
  te_jit_graph_unref (graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  graphs_start ();
  g_test_add_func ("/jit/exec/ops", test_ops);
  g_test_add_func ("/jit/exec/if", test_if);
  g_test_add_func ("/jit/exec/loop", test_loop);
  g_test_add_func ("/jit/exec/isinstance", test_isinstance);
  g_test_add_func ("/jit/exec/raise", test_raise);
  return g_test_run ();
}
