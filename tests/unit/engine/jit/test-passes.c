/* Each pass on a graph of its own: what goes, what stays, what the graph gives before and after. */
#include "graphs.h"

static void
check (TeJitGraph *graph)
{
  TeError err;
  te_error_clear (&err);
  g_assert_true (te_jit_pass_lint (graph, &err));
}

static void
test_dce (void)
{
  TeJitGraph *graph = graphs_of_two ();
  TeJitVar *x = te_jit_graph_input (graph, 0), *y = te_jit_graph_input (graph, 1);
  graphs_binary (graph, "aten::mul", x, y); /* nobody's */
  te_jit_block_add_output (graph->top, graphs_binary (graph, "aten::mul", x, x));
  te_jit_pass_dce (graph);
  g_assert_cmpint (graphs_count (graph), ==, 1);
  check (graph);
  te_jit_graph_unref (graph);
}

static void
test_effects_stay (void)
{
  TeJitGraph *graph = graphs_of_two ();
  TeJitVar *x = te_jit_graph_input (graph, 0);
  te_jit_emit (graph, "prim::Print", NULL, 1, &x);
  te_jit_block_add_output (graph->top, x);
  te_jit_pass_dce (graph);
  g_assert_cmpint (graphs_count (graph), ==, 1);
  te_jit_graph_unref (graph);
}

static void
test_cse (void)
{
  TeJitGraph *graph = graphs_of_two ();
  TeJitVar *x = te_jit_graph_input (graph, 0), *y = te_jit_graph_input (graph, 1);
  TeJitVar *a = graphs_binary (graph, "aten::mul", x, y), *b = graphs_binary (graph, "aten::mul", x, y);
  te_jit_block_add_output (graph->top, graphs_binary (graph, "aten::mul", a, b));
  te_jit_pass_cse (graph);
  te_jit_pass_dce (graph);
  g_assert_cmpint (graphs_count (graph), ==, 2);
  check (graph);
  te_jit_graph_unref (graph);
}

static void
test_constants (void)
{
  TeJitGraph *graph = te_jit_graph_new ();
  TeJitVar *sum[2];
  for (int i = 0; i < 2; i++)
    {
      TeJitVar *inputs[] = { te_jit_constant (graph, te_jit_int (2), NULL),
                             te_jit_constant (graph, te_jit_int (3), NULL) };
      sum[i] = te_jit_emit (graph, "aten::mul", te_jit_type_simple (TE_JIT_INT), 2, inputs);
      te_jit_block_add_output (graph->top, sum[i]);
    }
  te_jit_pass_constant_pooling (graph);
  g_assert_cmpint (graphs_count (graph), ==, 4); /* 2, 3 and two products */
  te_jit_pass_constant_propagation (graph, true);
  te_jit_pass_dce (graph);
  TeJitAny value;
  g_assert_true (te_jit_var_constant (graph->top->ret->inputs[0], &value));
  g_assert_cmpint (value.i, ==, 6);
  check (graph);
  te_jit_graph_unref (graph);
}

static void
test_copy_and_canonicalize (void)
{
  TeJitGraph *graph = graphs_of_two (), *copy, *anew;
  TeJitVar *x = te_jit_graph_input (graph, 0);
  te_jit_block_add_output (graph->top, graphs_binary (graph, "aten::mul", x, x));
  copy = te_jit_graph_copy (graph);
  anew = te_jit_graph_canonicalize (graph, false);
  te_jit_graph_unref (graph); /* the others live on */
  g_assert_cmpstr (te_jit_var_name (te_jit_graph_input (copy, 0)), ==, "x");
  g_assert_cmpstr (te_jit_var_name (te_jit_graph_input (anew, 0)), ==, "0");
  check (copy);
  check (anew);
  te_jit_graph_unref (copy);
  te_jit_graph_unref (anew);
}

static void
test_lint (void)
{
  TeJitGraph *graph = graphs_of_two ();
  TeJitVar *x = te_jit_graph_input (graph, 0);
  TeJitVar *a = graphs_binary (graph, "aten::mul", x, x), *b = graphs_binary (graph, "aten::mul", a, a);
  te_jit_block_add_output (graph->top, b);
  te_jit_node_unlink (a->node);
  te_jit_node_insert_before (a->node, graph->top->ret); /* after its use */
  TeError err;
  te_error_clear (&err);
  g_assert_false (te_jit_pass_lint (graph, &err));
  te_jit_graph_unref (graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  graphs_start ();
  g_test_add_func ("/jit/passes/dce", test_dce);
  g_test_add_func ("/jit/passes/effects-stay", test_effects_stay);
  g_test_add_func ("/jit/passes/cse", test_cse);
  g_test_add_func ("/jit/passes/constants", test_constants);
  g_test_add_func ("/jit/passes/copy", test_copy_and_canonicalize);
  g_test_add_func ("/jit/passes/lint", test_lint);
  return g_test_run ();
}
