/* Graphs and functions as text, in PyTorch's form. */
#include "graphs.h"
#include "jit/code-text.h"
#include "jit/number-text.h"

static TeJitGraph *
sample (void)
{
  TeJitGraph *graph = graphs_of_two ();
  TeJitVar *x = te_jit_graph_input (graph, 0), *y = te_jit_graph_input (graph, 1);
  TeJitVar *inputs[] = { graphs_binary (graph, "aten::mul", x, y), x,
                         te_jit_constant (graph, te_jit_int (1), NULL) };
  te_jit_block_add_output (graph->top,
                           te_jit_emit (graph, "aten::add", te_jit_type_simple (TE_JIT_TENSOR), 3, inputs));
  return graph;
}

static void
test_graph (void)
{
  TeJitGraph *graph = sample ();
  TeJitText text = { 0 };
  te_jit_graph_text (&text, graph);
  g_assert_cmpstr (te_jit_text_get (&text), ==,
                   "graph(%x : Tensor,\n"
                   "      %y : Tensor):\n"
                   "  %2 : Tensor = aten::mul(%x, %y)\n"
                   "  %3 : int = prim::Constant[value=1]()\n"
                   "  %4 : Tensor = aten::add(%2, %x, %3)\n"
                   "  return (%4)\n");
  te_jit_text_clear (&text);
  te_jit_graph_unref (graph);
}

static void
test_code (void)
{
  TeJitFunction *function = te_jit_function_new ("__torch__.f");
  function->graph = sample ();
  function->returns = te_jit_type_simple (TE_JIT_TENSOR);
  const char *const names[] = { "x", "y" };
  for (int i = 0; i < 2; i++)
    {
      TeJitParam param = { .name = te_jit_intern (names[i]), .type = te_jit_type_simple (TE_JIT_TENSOR) };
      TE_JIT_PUSH (NULL, function->params, function->n_params, function->params_room, param);
    }
  TeJitText text = { 0 };
  te_jit_code_text (&text, function, NULL);
  g_assert_cmpstr (te_jit_text_get (&text), ==,
                   "def f(x: Tensor,\n"
                   "    y: Tensor) -> Tensor:\n"
                   "  return torch.add(torch.mul(x, y), x)\n"); /* alpha is its default */
  te_jit_text_clear (&text);
  g_assert_cmpstr (te_jit_function_declaration (function), ==, "f(Tensor x, Tensor y) -> Tensor");
}

static void
test_numbers (void)
{
  static const struct
  {
    double value;
    const char *shown, *exact;
  } rows[] = { { 1, "1.", "1." },
               { 0.1, "0.10000000000000001", "0.10000000000000001" },
               { 0.5, "0.5", "0.5" } };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TeJitText text = { 0 };
      te_jit_text_float_exact (&text, rows[i].value);
      g_assert_cmpstr (te_jit_text_get (&text), ==, rows[i].exact);
      te_jit_text_clear (&text);
    }
  TeJitText text = { 0 };
  te_jit_text_quoted (&text, "a\"\n", 3);
  g_assert_cmpstr (te_jit_text_get (&text), ==, "\"a\\\"\\n\"");
  te_jit_text_clear (&text);
}

static void
test_excerpt (void)
{
  const TeJitRange range = { .file = "f.py",
                             .source = "def f(x):\n    return g(x)\n",
                             .line = 2,
                             .column = 11,
                             .end_line = 2,
                             .end_column = 12 };
  TeJitText text = { 0 };
  te_jit_range_text (&text, &range);
  g_assert_cmpstr (te_jit_text_get (&text), ==,
                   "  File \"f.py\", line 2\n"
                   "def f(x):\n"
                   "    return g(x)\n"
                   "           ~ <--- HERE\n");
  te_jit_text_clear (&text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  graphs_start ();
  g_test_add_func ("/jit/text/graph", test_graph);
  g_test_add_func ("/jit/text/code", test_code);
  g_test_add_func ("/jit/text/numbers", test_numbers);
  g_test_add_func ("/jit/text/excerpt", test_excerpt);
  return g_test_run ();
}
