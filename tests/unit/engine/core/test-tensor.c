/* Tensors: storage shared and counted, geometry in line and beyond it, versions, failures. */
#include <glib.h>

#include "base/mem.h"
#include "core/tensor.h"

#define SIZES(...)                                                                                           \
  (const int64_t[])                                                                                          \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }

static void
test_new (void)
{
  TeError err;
  TeTensor *self = te_tensor_new (2, SIZES (2, 3), TE_FLOAT32, &err);
  g_assert_cmpint (self->numel, ==, 6);
  g_assert_cmpint (self->strides[0], ==, 3);
  g_assert_true (te_tensor_is_contiguous (self));
  g_assert_cmpuint (self->storage->nbytes, ==, 24);
  g_assert_cmpstr (te_tensor_type_name (self), ==, "torch.FloatTensor");
  te_tensor_unref (self);
}

static void
test_views_share (void)
{
  TeError err;
  TeTensor *base = te_tensor_new (2, SIZES (2, 3), TE_INT64, &err);
  TeTensor *view = te_tensor_new_view (base->storage, TE_INT64, 1, SIZES (2), SIZES (3), 1, &err);
  g_assert_true (view->storage == base->storage);
  g_assert_cmpint (base->storage->refcount, ==, 2);
  ((int64_t *) te_tensor_data (base))[1] = 42;
  g_assert_cmpint (*(int64_t *) te_tensor_data (view), ==, 42);
  g_assert_false (te_tensor_is_contiguous (view));
  te_tensor_bump_version (view);
  g_assert_cmpuint (*base->version, ==, 1);
  te_tensor_unref (base);
  g_assert_cmpint (*(int64_t *) te_tensor_data (view), ==, 42);
  te_tensor_unref (view);
}

/* More dimensions than fit in line. */
static void
test_many_dims (void)
{
  TeError err;
  int64_t sizes[20];
  for (int i = 0; i < 20; i++)
    sizes[i] = i % 3 == 0 ? 2 : 1;
  TeTensor *self = te_tensor_new (20, sizes, TE_UINT8, &err);
  g_assert_cmpint (self->numel, ==, 128);
  g_assert_true (te_tensor_set_geometry (self, 1, SIZES (128), SIZES (1), 0, &err));
  g_assert_cmpint (self->ndim, ==, 1);
  te_tensor_unref (self);
}

/* sizes given may be the tensor's own. */
static void
test_geometry_of_itself (void)
{
  TeError err;
  TeTensor *self = te_tensor_new (2, SIZES (2, 3), TE_FLOAT32, &err);
  int64_t strides[] = { 1, 2 };
  g_assert_true (te_tensor_set_geometry (self, 2, self->sizes, strides, 0, &err));
  g_assert_cmpint (self->sizes[1], ==, 3);
  g_assert_cmpint (self->strides[0], ==, 1);
  te_tensor_unref (self);
}

static void
test_resize (void)
{
  TeError err;
  TeTensor *self = te_tensor_new (1, SIZES (2), TE_FLOAT32, &err);
  ((float *) te_tensor_data (self))[1] = 5;
  g_assert_true (te_tensor_resize (self, 2, SIZES (10, 10), &err));
  g_assert_cmpfloat (((float *) te_tensor_data (self))[1], ==, 5);
  g_assert_cmpuint (self->storage->nbytes, >=, 400);
  te_tensor_unref (self);
}

static void
test_errors (void)
{
  TeError err;
  te_error_clear (&err);
  g_assert_null (te_tensor_new (1, SIZES (-1), TE_FLOAT32, &err));
  g_assert_cmpstr (err.text, ==, "Trying to create tensor with negative dimension -1: [-1]");
  te_error_clear (&err);
  g_assert_null (te_tensor_new (1, SIZES ((int64_t) 1 << 60), TE_FLOAT32, &err));
  g_assert_cmpint (err.kind, !=, TE_ERR_NONE);
}

/* Whichever allocation fails, nothing leaks and the error says so. */
static void
test_no_memory (void)
{
  for (int nth = 1; nth < 6; nth++)
    {
      TeError err;
      te_error_clear (&err);
      guint64 live = te_mem_stats ().live_nbytes;
      te_mem_fail_after (nth);
      TeTensor *self = te_tensor_new (7, SIZES (1, 2, 1, 2, 1, 2, 1), TE_FLOAT64, &err);
      te_mem_fail_after (0);
      if (!self)
        g_assert_cmpint (err.kind, !=, TE_ERR_NONE);
      te_tensor_unref (self);
      g_assert_cmpuint (te_mem_stats ().live_nbytes, ==, live);
    }
}

static void
test_meta (void)
{
  TeError err;
  TeTensor *self = te_tensor_new_meta (2, SIZES (1000000, 1000000), NULL, TE_FLOAT64, &err);
  g_assert_true (te_tensor_is_meta (self));
  g_assert_null (te_tensor_data (self));
  te_tensor_unref (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/new", test_new);
  g_test_add_func ("/tensor/views-share", test_views_share);
  g_test_add_func ("/tensor/many-dims", test_many_dims);
  g_test_add_func ("/tensor/geometry-of-itself", test_geometry_of_itself);
  g_test_add_func ("/tensor/resize", test_resize);
  g_test_add_func ("/tensor/errors", test_errors);
  g_test_add_func ("/tensor/no-memory", test_no_memory);
  g_test_add_func ("/tensor/meta", test_meta);
  return g_test_run ();
}
