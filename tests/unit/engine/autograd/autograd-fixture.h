/* What the autograd tests share: tensors of given values, and looking at results. */
#pragma once

#include <glib.h>
#include <sys/resource.h>

#include "autograd/backward.h"
#include "autograd/grad-mode.h"
#include "ops/dispatch.h"

static TeError err;

static inline void
assert_fine (void)
{
  if (err.kind != TE_ERR_NONE)
    g_error ("%s", err.text);
}

/* A float32 vector. */
static inline TeTensor *
vector (int64_t n, const float *values, bool requires_grad)
{
  te_error_clear (&err);
  TeTensor *tensor = te_tensor_new (1, &n, TE_FLOAT32, &err);
  assert_fine ();
  memcpy (te_tensor_data (tensor), values, (size_t) n * sizeof (float));
  te_tensor_set_requires_grad (tensor, requires_grad, &err);
  assert_fine ();
  return tensor;
}

static inline void
assert_values (TeTensor *tensor, const float *expected)
{
  te_error_clear (&err);
  TeTensor *flat = te_contiguous (tensor, &err);
  assert_fine ();
  for (int64_t i = 0; i < flat->numel; i++)
    g_assert_cmpfloat_with_epsilon (((float *) te_tensor_data (flat))[i], expected[i], 1e-5);
  te_tensor_unref (flat);
}

static inline bool
backward_from (TeTensor *root, bool retain_graph, bool create_graph)
{
  return te_backward (
      &(TeBackwardRequest){
          .roots = &root, .n_roots = 1, .retain_graph = retain_graph, .create_graph = create_graph },
      &err);
}

static inline void
start (void)
{
  te_error_clear (&err);
  te_grad_mode_set (true);
}

/* Registers the tests between and runs them with a small stack: nothing in autograd may lean on it. */
static inline int
run_tests (void)
{
  return g_test_run ();
}

static inline void
open_engine (void)
{
  TeError first = { 0 };
  struct rlimit stack = { 1 << 20, RLIM_INFINITY };
  setrlimit (RLIMIT_STACK, &stack);
  if (!te_registry_init (&first))
    g_error ("%s", first.text);
  te_autograd_attach ();
}
