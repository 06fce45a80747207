/* The iterator: promotion, strides of results, broadcasting, casts, in place, complaints. */
#include <glib.h>
#include <string.h>

#include "iter/pool.h"
#include "iter/tensor-iter.h"

#define SIZES(...)                                                                                           \
  (const int64_t[])                                                                                          \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }

static TeTensor *
make (int ndim, const int64_t *sizes, TeDtype dtype)
{
  TeError err;
  TeTensor *self = te_tensor_new (ndim, sizes, dtype, &err);
  for (int64_t i = 0; i < self->numel; i++)
    te_scalar_store (te_scalar_int (i), dtype,
                     (char *) te_tensor_data (self) + (size_t) i * te_dtype_nbytes (dtype));
  return self;
}

static TeTensor *
view (TeTensor *base, int ndim, const int64_t *sizes, const int64_t *strides)
{
  TeError err;
  return te_tensor_new_view (base->storage, te_tensor_dtype (base), ndim, sizes, strides, 0, &err);
}

static double
at (TeTensor *self, int64_t i, int64_t j)
{
  int64_t offset = i * self->strides[0] + (self->ndim > 1 ? j * self->strides[1] : 0);
  return te_scalar_to_double (te_scalar_load (
      te_tensor_dtype (self),
      (char *) te_tensor_data (self) + offset * (int64_t) te_dtype_nbytes (te_tensor_dtype (self))));
}

static void
loop_add (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  for (int64_t i = 0; i < n; i++)
    *(float *) (data[0] + i * strides[0]) =
        *(float *) (data[1] + i * strides[1]) + *(float *) (data[2] + i * strides[2]);
}

static bool
add (TeTensor **out, TeTensor *a, TeTensor *b, TeError *err)
{
  TeIter iter;
  TeTensor *ins[2] = { a, b };
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  te_error_clear (err);
  return te_iter_build (&iter, &config, out, 1, ins, 2, err) && te_iter_run (&iter, loop_add, NULL, err);
}

static void
test_result_type (void)
{
  TeTensor *ints = make (1, SIZES (2), TE_INT32), *zero_dim = make (0, NULL, TE_FLOAT64),
           *bytes = make (1, SIZES (2), TE_UINT8);
  TeIterNumber place;
  TeTensor *both[2] = { ints, zero_dim };
  g_assert_cmpint (te_result_type (both, 2), ==, TE_FLOAT64);
  g_assert_cmpint (te_result_type_scalar (ints, te_scalar_float (1)), ==, TE_FLOAT32);
  g_assert_cmpint (te_result_type_scalar (bytes, te_scalar_int (1000)), ==, TE_UINT8);
  both[0] = bytes;
  both[1] = te_iter_number (&place, te_scalar_bool (true));
  g_assert_cmpint (te_result_type (both, 2), ==, TE_UINT8);
  te_tensor_unref (ints);
  te_tensor_unref (zero_dim);
  te_tensor_unref (bytes);
}

static void
test_broadcast_and_cast (void)
{
  TeError err;
  TeTensor *column = make (2, SIZES (3, 1), TE_FLOAT32), *row = make (1, SIZES (4), TE_INT64), *out = NULL;
  g_assert_true (add (&out, column, row, &err));
  g_assert_cmpint (out->dtype, ==, TE_FLOAT32);
  g_assert_cmpint (out->sizes[0], ==, 3);
  g_assert_cmpint (out->sizes[1], ==, 4);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++)
      g_assert_cmpfloat (at (out, i, j), ==, i + j);
  te_tensor_unref (out);
  te_tensor_unref (column);
  te_tensor_unref (row);
}

/* The result follows the memory order of its inputs. */
static void
test_strides (void)
{
  TeError err;
  TeTensor *base = make (2, SIZES (3, 4), TE_FLOAT32), *turned = view (base, 2, SIZES (4, 3), SIZES (1, 4)),
           *out = NULL;
  g_assert_true (add (&out, turned, turned, &err));
  g_assert_cmpint (out->strides[0], ==, 1);
  g_assert_cmpint (out->strides[1], ==, 4);
  te_tensor_clear (&out);
  TeTensor *stretched = view (base, 2, SIZES (3, 4), SIZES (0, 1));
  g_assert_true (add (&out, stretched, stretched, &err));
  g_assert_cmpint (out->strides[0], ==, 4);
  te_tensor_clear (&out);
  te_tensor_unref (stretched);
  te_tensor_unref (turned);
  te_tensor_unref (base);
}

static void
test_half (void)
{
  TeError err;
  TeTensor *a = make (1, SIZES (1000), TE_FLOAT16), *b = make (1, SIZES (1000), TE_BFLOAT16), *out = NULL;
  g_assert_true (add (&out, a, a, &err));
  g_assert_cmpint (out->dtype, ==, TE_FLOAT16);
  for (int i = 0; i < 1000; i++)
    g_assert_cmpfloat (at (out, i, 0), ==, 2 * i);
  te_tensor_clear (&out);
  g_assert_true (add (&out, a, b, &err));
  g_assert_cmpint (out->dtype, ==, TE_FLOAT32);
  te_tensor_unref (out);
  te_tensor_unref (a);
  te_tensor_unref (b);
}

static void
expect (bool ok, const TeError *err, const char *text)
{
  g_assert_false (ok);
  g_assert_cmpstr (err->text, ==, text);
}

static void
test_complaints (void)
{
  TeError err;
  TeTensor *three = make (1, SIZES (3), TE_FLOAT32), *four = make (1, SIZES (4), TE_FLOAT32),
           *ints = make (1, SIZES (3), TE_INT64);
  TeTensor *matrix = make (2, SIZES (2, 3), TE_FLOAT32), *same = view (three, 2, SIZES (2, 3), SIZES (0, 1)),
           *out = NULL;
  expect (add (&out, three, four, &err), &err,
          "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0");
  TeTensor *place = three;
  expect (add (&place, three, matrix, &err), &err,
          "output with shape [3] doesn't match the broadcast shape [2, 3]");
  place = ints;
  expect (add (&place, ints, three, &err), &err,
          "result type Float can't be cast to the desired output type Long");
  place = same;
  expect (add (&place, same, matrix, &err), &err,
          "unsupported operation: more than one element of the written-to tensor refers to a single memory "
          "location. "
          "Please clone() the tensor before performing the operation.");
  TeTensor *head = te_tensor_new_view (four->storage, TE_FLOAT32, 1, SIZES (3), SIZES (1), 0, &err);
  TeTensor *tail = te_tensor_new_view (four->storage, TE_FLOAT32, 1, SIZES (3), SIZES (1), 1, &err);
  place = tail;
  expect (add (&place, tail, head, &err), &err,
          "unsupported operation: some elements of the input tensor and the written-to tensor refer to a "
          "single memory "
          "location. Please clone() the tensor before performing the operation.");
  TeTensor *all[] = { three, four, ints, matrix, same, head, tail };
  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    te_tensor_unref (all[i]);
}

static void
test_in_place (void)
{
  TeError err;
  TeTensor *self = make (2, SIZES (3, 4), TE_FLOAT64), *row = make (1, SIZES (4), TE_FLOAT32), *place = self;
  TeTensor *wide = make (2, SIZES (3, 4), TE_FLOAT32);
  place = wide;
  g_assert_true (add (&place, wide, row, &err));
  g_assert_true (place == wide);
  g_assert_cmpfloat (at (wide, 2, 3), ==, 11 + 3);
  te_tensor_unref (self);
  te_tensor_unref (row);
  te_tensor_unref (wide);
}

/* Large enough for tiles and threads: the same at any number of threads. */
static void
test_large (void)
{
  TeError err;
  TeTensor *base = make (2, SIZES (700, 500), TE_FLOAT32),
           *turned = view (base, 2, SIZES (500, 700), SIZES (1, 500));
  TeTensor *plain = make (2, SIZES (500, 700), TE_FLOAT32);
  for (int threads = 1; threads <= 3; threads++)
    {
      TeTensor *out = NULL;
      te_set_num_threads (threads);
      g_assert_true (add (&out, plain, turned, &err));
      for (int i = 0; i < 500; i += 7)
        for (int j = 0; j < 700; j++)
          g_assert_cmpfloat (at (out, i, j), ==, (float) (i * 700 + j) + (float) (j * 500 + i));
      te_tensor_unref (out);
    }
  te_tensor_unref (base);
  te_tensor_unref (turned);
  te_tensor_unref (plain);
}

/* Copies between all pairs of dtypes and through odd strides. */
static void
test_copy (void)
{
  TeError err;
  for (int from = 0; from < TE_DTYPE_COUNT; from++)
    for (int to = 0; to < TE_DTYPE_COUNT; to++)
      {
        TeTensor *source = make (2, SIZES (5, 7), (TeDtype) from),
                 *target = te_tensor_new (2, SIZES (7, 5), (TeDtype) to, &err);
        TeTensor *turned = view (source, 2, SIZES (7, 5), SIZES (1, 7));
        g_assert_true (te_copy (target, turned, &err));
        for (int i = 0; i < 7; i++)
          for (int j = 0; j < 5; j++)
            {
              int value = j * 7 + i;
              double expected = from == TE_BOOL || to == TE_BOOL ? value != 0 : value;
              g_assert_cmpfloat (at (target, i, j), ==, expected);
            }
        te_tensor_unref (turned);
        te_tensor_unref (source);
        te_tensor_unref (target);
      }
}

static void
test_fill (void)
{
  TeError err;
  TeTensor *self = make (2, SIZES (4, 6), TE_INT16),
           *every_second = view (self, 2, SIZES (4, 3), SIZES (6, 2));
  g_assert_true (te_fill (every_second, te_scalar_float (-3.7), &err));
  g_assert_cmpfloat (at (self, 1, 2), ==, -3);
  g_assert_cmpfloat (at (self, 1, 3), ==, 9);
  te_tensor_unref (every_second);
  te_tensor_unref (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor-iter/result-type", test_result_type);
  g_test_add_func ("/tensor-iter/broadcast-and-cast", test_broadcast_and_cast);
  g_test_add_func ("/tensor-iter/strides", test_strides);
  g_test_add_func ("/tensor-iter/half", test_half);
  g_test_add_func ("/tensor-iter/complaints", test_complaints);
  g_test_add_func ("/tensor-iter/in-place", test_in_place);
  g_test_add_func ("/tensor-iter/large", test_large);
  g_test_add_func ("/tensor-iter/copy", test_copy);
  g_test_add_func ("/tensor-iter/fill", test_fill);
  return g_test_run ();
}
