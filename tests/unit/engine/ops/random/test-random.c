/* A seed gives PyTorch's numbers: a few of each kind, recorded from PyTorch 1.13.1 on a CPU with seed 0. */
#include <glib.h>
#include <math.h>

#include "ops/dispatch.h"
#include "ops/random/draw.h"

#define SIZES(...)                                                                                           \
  (const int64_t[])                                                                                          \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }

static TeError err;

static const TeOp *
op (const char *name)
{
  const TeOp *found = te_registry_find (name);
  g_assert_nonnull (found);
  return found;
}

static void
expect (TeTensor *self, int64_t index, double expected)
{
  double got = te_scalar_to_double (te_scalar_load (
      te_tensor_dtype (self),
      (char *) te_tensor_data (self) + (size_t) index * te_dtype_nbytes (te_tensor_dtype (self))));
  g_assert_cmpfloat (fabs (got - expected), <=, 2e-6 * fabs (expected) + 1e-9);
}

static void
seed (void)
{
  te_generator_seed (te_generator_default (), 0);
}

static void
test_uniform (void)
{
  seed ();
  TeTensor *x = te_call (op ("rand"), &err, "I", SIZES (3), 1);
  expect (x, 0, 0.49625658988952637);
  expect (x, 2, 0.08847743272781372);
  te_tensor_unref (x);
}

/* Fewer than 16 are drawn one by one in double, more in blocks; the spare of a pair is kept. */
static void
test_normal (void)
{
  seed ();
  TeTensor *few = te_call (op ("randn"), &err, "I", SIZES (3), 1),
           *many = te_call (op ("randn"), &err, "I", SIZES (17), 1);
  TeTensor *last = te_call (op ("randn"), &err, "I", SIZES (2), 1);
  expect (few, 0, 1.5409960746765137);
  expect (few, 1, -0.293428897857666);
  expect (few, 2, -2.1787893772125244);
  expect (many, 0, -0.35612836480140686);
  expect (many, 15, -2.316041946411133);
  expect (many, 16, -0.10230965167284012);
  expect (last, 0, 0.5684312582015991);
  expect (last, 1, 0.7455421090126038);
  te_tensor_unref (few);
  te_tensor_unref (many);
  te_tensor_unref (last);
}

static void
test_others (void)
{
  static const double perm[] = { 2, 5, 3, 0, 1, 4 }, ints[] = { 79, 27, 3, 97 },
                      coins[] = { 1, 1, 0, 1, 0, 1 };
  seed ();
  TeTensor *order = te_call (op ("randperm"), &err, "i", (int64_t) 6);
  for (int i = 0; i < 6; i++)
    expect (order, i, perm[i]);
  TeTensor *whole = te_call (op ("randint"), &err, "iI", (int64_t) 100, SIZES (4), 1);
  for (int i = 0; i < 4; i++)
    expect (whole, i, ints[i]);
  TeTensor *mask = te_tensor_new (1, SIZES (6), TE_FLOAT32, &err);
  g_assert_true (te_call_inplace (op ("bernoulli_.float"), &err, "Tf", mask, 0.3));
  for (int i = 0; i < 6; i++)
    expect (mask, i, coins[i]);
  TeTensor *wide = te_call (op ("rand"), &err, "I-d", SIZES (2), 1, (int) TE_FLOAT64);
  expect (wide, 0, 0.3215520519709213);
  expect (wide, 1, 0.9932473030302829);
  te_tensor_unref (order);
  te_tensor_unref (whole);
  te_tensor_unref (mask);
  te_tensor_unref (wide);
}

/* Words in bulk are the words one by one, at every offset from the state's renewal. */
static void
test_bulk (void)
{
  TeGenerator *bulk = te_generator_new (11), *single = te_generator_new (11);
  uint32_t words[2000];
  for (int n = 1; n < 2000; n = n * 3 / 2 + 1)
    {
      te_draw_words (bulk, words, n);
      for (int i = 0; i < n; i++)
        g_assert_cmpuint (words[i], ==, te_generator_random (single));
      g_assert_cmpuint (te_generator_random (bulk), ==, te_generator_random (single));
    }
  te_generator_unref (bulk);
  te_generator_unref (single);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/random/uniform", test_uniform);
  g_test_add_func ("/random/normal", test_normal);
  g_test_add_func ("/random/others", test_others);
  g_test_add_func ("/random/bulk", test_bulk);
  return g_test_run ();
}
