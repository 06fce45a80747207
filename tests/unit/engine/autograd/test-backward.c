#include <string.h>

#include "autograd-fixture.h"

static void
test_product (void)
{
  TeTensor *a = vector (3, (float[]){ 1, 2, 3 }, true), *b = vector (3, (float[]){ 4, 5, 6 }, true);
  start ();
  TeTensor *c = te_mul (a, b, &err), *s = te_sum_dims (c, 0, NULL, false, &err);
  assert_fine ();
  g_assert_true (backward_from (s, false, false));
  assert_values (te_tensor_grad (a), (float[]){ 4, 5, 6 });
  assert_values (te_tensor_grad (b), (float[]){ 1, 2, 3 });
  te_tensor_unref (s);
  te_tensor_unref (c);
  te_tensor_unref (a);
  te_tensor_unref (b);
}

static void
test_second_time (void)
{
  TeTensor *a = vector (2, (float[]){ 1, 2 }, true);
  start ();
  TeTensor *c = te_mul (a, a, &err), *s = te_sum_dims (c, 0, NULL, false, &err);
  g_assert_true (backward_from (s, true, false));
  g_assert_true (backward_from (s, false, false));
  assert_values (te_tensor_grad (a), (float[]){ 4, 8 });
  g_assert_false (backward_from (s, false, false));
  g_assert_cmpint (err.kind, ==, TE_ERR_RUNTIME);
  g_assert_true (g_str_has_prefix (err.text, "Trying to backward through the graph a second time"));
  te_tensor_unref (s);
  te_tensor_unref (c);
  te_tensor_unref (a);
}

/* d2/da2 of sum (a^3) is 6a. */
static void
test_create_graph (void)
{
  TeTensor *a = vector (2, (float[]){ 2, 3 }, true), *first = NULL, *second = NULL;
  start ();
  TeTensor *square = te_mul (a, a, &err), *cube = te_mul (square, a, &err),
           *s = te_sum_dims (cube, 0, NULL, false, &err);
  g_assert_true (te_backward (&(TeBackwardRequest){ .roots = &s,
                                                    .n_roots = 1,
                                                    .retain_graph = true,
                                                    .create_graph = true,
                                                    .inputs = &a,
                                                    .n_inputs = 1,
                                                    .captures = &first },
                              &err));
  assert_values (first, (float[]){ 12, 27 });
  TeTensor *total = te_sum_dims (first, 0, NULL, false, &err);
  assert_fine ();
  g_assert_true (te_backward (
      &(TeBackwardRequest){ .roots = &total, .n_roots = 1, .inputs = &a, .n_inputs = 1, .captures = &second },
      &err));
  assert_values (second, (float[]){ 12, 18 });
  g_assert_null (te_tensor_grad (a));
  te_tensor_unref (total);
  te_tensor_unref (first);
  te_tensor_unref (second);
  te_tensor_unref (s);
  te_tensor_unref (cube);
  te_tensor_unref (square);
  te_tensor_unref (a);
}

static void
test_unused (void)
{
  TeTensor *a = vector (1, (float[]){ 1 }, true), *b = vector (1, (float[]){ 1 }, true),
           *captures[2] = { NULL };
  TeTensor *inputs[2] = { a, b };
  start ();
  TeTensor *c = te_mul (a, a, &err);
  g_assert_false (te_backward (&(TeBackwardRequest){ .roots = &c,
                                                     .n_roots = 1,
                                                     .retain_graph = true,
                                                     .inputs = inputs,
                                                     .n_inputs = 2,
                                                     .captures = captures },
                               &err));
  g_assert_nonnull (strstr (err.text, "allow_unused=True"));
  start ();
  g_assert_true (te_backward (&(TeBackwardRequest){ .roots = &c,
                                                    .n_roots = 1,
                                                    .inputs = inputs,
                                                    .n_inputs = 2,
                                                    .captures = captures,
                                                    .allow_unused = true },
                              &err));
  g_assert_null (captures[1]);
  assert_values (captures[0], (float[]){ 2 });
  te_tensor_unref (captures[0]);
  te_tensor_unref (c);
  te_tensor_unref (a);
  te_tensor_unref (b);
}

static TeTensor *
double_it (void *context, TeTensor *grad, TeError *error)
{
  ++*(int *) context;
  return te_add (grad, grad, error);
}

static void
test_hooks (void)
{
  int leaf_calls = 0, inner_calls = 0;
  TeTensor *a = vector (1, (float[]){ 3 }, true);
  start ();
  TeTensor *b = te_mul (a, a, &err), *c = te_mul (b, b, &err);
  TeHook on_leaf = { .context = &leaf_calls, .tensor = double_it },
         on_inner = { .context = &inner_calls, .tensor = double_it };
  g_assert_cmpint (te_tensor_add_hook (a, &on_leaf, &err), >, 0);
  int64_t id = te_tensor_add_hook (b, &on_inner, &err);
  g_assert_cmpint (id, >, 0);
  g_assert_true (te_tensor_retain_grad (b, &err));
  g_assert_true (backward_from (c, true, false));
  g_assert_cmpint (leaf_calls, ==, 1);
  g_assert_cmpint (inner_calls, ==, 1);
  assert_values (te_tensor_grad (b), (float[]){ 36 });         /* 2 * 9, doubled */
  assert_values (te_tensor_grad (a), (float[]){ 36 * 6 * 2 }); /* 36 * 2 * 3, doubled */
  te_tensor_remove_hook (b, id);
  g_assert_true (backward_from (c, false, false));
  g_assert_cmpint (inner_calls, ==, 1);
  te_tensor_unref (b);
  te_tensor_unref (c);
  te_tensor_unref (a);
}

static void
test_roots (void)
{
  TeTensor *a = vector (2, (float[]){ 1, 2 }, true), *plain = vector (1, (float[]){ 1 }, false);
  start ();
  TeTensor *c = te_mul (a, a, &err);
  g_assert_false (backward_from (c, false, false));
  g_assert_cmpstr (err.text, ==, "grad can be implicitly created only for scalar outputs");
  g_assert_false (backward_from (plain, false, false));
  g_assert_cmpstr (err.text, ==, "element 0 of tensors does not require grad and does not have a grad_fn");
  te_tensor_unref (c);
  te_tensor_unref (a);
  te_tensor_unref (plain);
}

/* A million nodes: neither the walk nor freeing recurses (the stack is small here, see open_engine). */
static void
test_long_chain (void)
{
  TeTensor *leaf = vector (1, (float[]){ 0 }, true), *x = te_tensor_ref (leaf);
  start ();
  for (int i = 0; i < 1000000; i++)
    {
      TeTensor *next = te_add_scalar (x, 1, &err);
      assert_fine ();
      te_tensor_unref (x);
      x = next;
    }
  assert_values (x, (float[]){ 1000000 });
  g_assert_true (backward_from (x, true, false));
  assert_values (te_tensor_grad (leaf), (float[]){ 1 });
  te_tensor_unref (x);
  te_tensor_unref (leaf);
}

/* The same with saved tensors, which hold the nodes they come from. */
static void
test_long_chain_of_saved (void)
{
  TeTensor *leaf = vector (1, (float[]){ 1 }, true), *x = te_tensor_ref (leaf);
  start ();
  for (int i = 0; i < 200000; i++)
    {
      TeTensor *next = te_mul (x, leaf, &err);
      assert_fine ();
      te_tensor_unref (x);
      x = next;
    }
  te_tensor_unref (x);
  te_tensor_unref (leaf);
}

static void
test_diamond (void)
{
  TeTensor *a = vector (1, (float[]){ 2 }, true);
  start ();
  TeTensor *b = te_mul (a, a, &err), *c = te_add (b, a, &err), *d = te_mul (b, c, &err),
           *e = te_add (d, b, &err);
  g_assert_true (backward_from (e, false, false)); /* e = a^4 + a^3 + a^2 */
  assert_values (te_tensor_grad (a), (float[]){ 4 * 8 + 3 * 4 + 2 * 2 });
  te_tensor_unref (b);
  te_tensor_unref (c);
  te_tensor_unref (d);
  te_tensor_unref (e);
  te_tensor_unref (a);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  open_engine ();
  g_test_add_func ("/backward/product", test_product);
  g_test_add_func ("/backward/second-time", test_second_time);
  g_test_add_func ("/backward/create-graph", test_create_graph);
  g_test_add_func ("/backward/unused", test_unused);
  g_test_add_func ("/backward/hooks", test_hooks);
  g_test_add_func ("/backward/roots", test_roots);
  g_test_add_func ("/backward/diamond", test_diamond);
  g_test_add_func ("/backward/long-chain", test_long_chain);
  g_test_add_func ("/backward/long-chain-of-saved", test_long_chain_of_saved);
  return run_tests ();
}
