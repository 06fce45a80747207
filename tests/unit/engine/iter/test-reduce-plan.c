/* Reductions see every element once, in order, whatever the layout; bits do not depend on threads. */
#include <glib.h>
#include <string.h>

#include "iter/pool.h"
#include "iter/reduce-plan.h"

#define SIZES(...)                                                                                           \
  (const int64_t[])                                                                                          \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }

/* An accumulator that notices order: value = value * 31 + element, modulo 2^64, and the count. */
typedef struct
{
  uint64_t hash, count;
} Order;

static void
start (void *acc, const void *ctx)
{
  memset (acc, 0, sizeof (Order));
}

static void
row (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)
{
  Order *order = acc;
  for (int64_t i = 0; i < n; i++)
    order->hash = order->hash * 31 + (uint64_t) * (const int32_t *) (data + i * stride);
  order->count += (uint64_t) n;
}

static void
join (void *acc, const void *later_pointer, const void *ctx)
{
  Order *order = acc;
  const Order *later = later_pointer;
  uint64_t scale = 1;
  for (uint64_t i = 0; i < later->count; i++)
    scale *= 31;
  order->hash = order->hash * scale + later->hash;
  order->count += later->count;
}

static void
finish (const void *acc, char *const *results, const void *ctx)
{
  const Order *order = acc;
  *(uint64_t *) results[0] = order->hash;
  *(uint64_t *) results[1] = order->count;
}

static const TeReduction reduction = { sizeof (Order), start, row, join, finish, NULL };

static void
check (TeTensor *self, const bool *dims, int64_t n_results)
{
  TeError err;
  g_autofree uint64_t *hashes = g_new0 (uint64_t, (gsize) n_results),
                      *counts = g_new0 (uint64_t, (gsize) n_results);
  char *outs[2] = { (char *) hashes, (char *) counts };
  size_t nbytes[2] = { 8, 8 };
  TeReducePlan plan;
  te_reduce_plan (&plan, self, dims);
  g_assert_cmpint (plan.kept_numel, ==, n_results);
  g_assert_true (te_reduce_run (&plan, &reduction, NULL, outs, nbytes, 2, &err));
  g_autofree uint64_t *expected = g_new0 (uint64_t, (gsize) n_results);
  int64_t index[8] = { 0 };
  for (int64_t i = 0; i < self->numel; i++)
    {
      int64_t offset = 0, result = 0;
      for (int d = 0; d < self->ndim; d++)
        {
          offset += index[d] * self->strides[d];
          if (!dims[d])
            result = result * self->sizes[d] + index[d];
        }
      expected[result] = expected[result] * 31 + (uint64_t) ((int32_t *) te_tensor_data (self))[offset];
      for (int d = self->ndim - 1; d >= 0 && ++index[d] == self->sizes[d]; d--)
        index[d] = 0;
    }
  for (int64_t i = 0; i < n_results; i++)
    {
      g_assert_cmpuint (counts[i], ==, (guint64) (self->numel / n_results));
      g_assert_cmpuint (hashes[i], ==, expected[i]);
    }
}

static void
test_orders (void)
{
  TeError err;
  TeTensor *self = te_tensor_new (3, SIZES (6, 70, 90), TE_INT32, &err);
  for (int64_t i = 0; i < self->numel; i++)
    ((int32_t *) te_tensor_data (self))[i] = (int32_t) (i * 2654435761u >> 7);
  TeTensor *turned =
      te_tensor_new_view (self->storage, TE_INT32, 3, SIZES (90, 6, 70), SIZES (1, 6300, 90), 0, &err);
  TeTensor *gaps =
      te_tensor_new_view (self->storage, TE_INT32, 3, SIZES (3, 35, 30), SIZES (12600, 180, 3), 0, &err);
  TeTensor *all[] = { self, turned, gaps };
  for (int threads = 1; threads <= 3; threads++)
    {
      te_set_num_threads (threads);
      for (size_t t = 0; t < G_N_ELEMENTS (all); t++)
        for (int mask = 0; mask < 8; mask++)
          {
            bool dims[3] = { mask & 1, mask & 2, mask & 4 };
            int64_t results = 1;
            for (int d = 0; d < 3; d++)
              results *= dims[d] ? 1 : all[t]->sizes[d];
            check (all[t], dims, results);
          }
    }
  te_tensor_unref (gaps);
  te_tensor_unref (turned);
  te_tensor_unref (self);
}

static void
test_chunks (void)
{
  TeError err;
  TeTensor *self = te_tensor_new (2, SIZES (2, 100000), TE_INT32, &err);
  for (int64_t i = 0; i < self->numel; i++)
    ((int32_t *) te_tensor_data (self))[i] = (int32_t) i;
  for (int threads = 1; threads <= 2; threads++)
    {
      te_set_num_threads (threads);
      check (self, (bool[]){ false, true }, 2);
      check (self, (bool[]){ true, true }, 1);
      check (self, (bool[]){ true, false }, 100000);
    }
  te_tensor_unref (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reduce-plan/orders", test_orders);
  g_test_add_func ("/reduce-plan/chunks", test_chunks);
  return g_test_run ();
}
