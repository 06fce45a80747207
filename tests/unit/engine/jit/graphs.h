/* What the tests of this folder share: a start of the engine, and small graphs. */
#pragma once

#include <glib.h>

#include "jit/exec.h"
#include "jit/passes.h"
#include "ops/registry.h"

static inline void
graphs_start (void)
{
  TeError err;
  te_error_clear (&err);
  g_assert_true (te_registry_init (&err));
  te_jit_schemas_init ();
}

static inline TeTensor *
graphs_tensor (float first, float second)
{
  TeError err;
  const int64_t sizes[] = { 2 };
  TeTensor *tensor = te_tensor_new (1, sizes, TE_FLOAT32, &err);
  g_assert_nonnull (tensor);
  float *data = te_tensor_data (tensor);
  data[0] = first;
  data[1] = second;
  return tensor;
}

/* A graph of two named tensors x and y. */
static inline TeJitGraph *
graphs_of_two (void)
{
  TeJitGraph *graph = te_jit_graph_new ();
  const char *const names[] = { "x", "y" };
  for (int i = 0; i < 2; i++)
    te_jit_var_set_name (te_jit_block_add_input (graph->top, te_jit_type_simple (TE_JIT_TENSOR)), names[i]);
  return graph;
}

static inline TeJitVar *
graphs_binary (TeJitGraph *graph, const char *kind, TeJitVar *a, TeJitVar *b)
{
  TeJitVar *inputs[] = { a, b };
  return te_jit_emit (graph, kind, te_jit_type_simple (TE_JIT_TENSOR), 2, inputs);
}

static inline int
graphs_count (const TeJitGraph *graph)
{
  int n = 0;
  for (TeJitNode *node = te_jit_block_first (graph->top); node != graph->top->ret; node = node->next)
    n++;
  return n;
}
