/* Square brackets: which view or copy an index gives, what assignment writes, and what out of bounds says. */
#include <glib.h>

#include "ops/dispatch.h"
#include "ops/indexing/index-language.h"
#include "ops/shape/shape-util.h"

static TeTensor *
numbers (int ndim, const int64_t *sizes)
{
  TeError err = { 0 };
  TeTensor *t = te_tensor_new (ndim, sizes, TE_FLOAT32, &err);
  for (int64_t i = 0; i < t->numel; i++)
    ((float *) te_tensor_data (t))[i] = (float) i;
  return t;
}

static TeTensor *
integers (int64_t n, const int64_t *values)
{
  TeError err = { 0 };
  TeTensor *t = te_tensor_new (1, &n, TE_INT64, &err);
  for (int64_t i = 0; i < n; i++)
    ((int64_t *) te_tensor_data (t))[i] = values[i];
  return t;
}

static float
at (TeTensor *t, int64_t i, int64_t j)
{
  return ((float *) te_tensor_data (
      t))[(t->ndim > 0 ? i * t->strides[0] : 0) + (t->ndim > 1 ? j * t->strides[1] : 0)];
}

#define INT(i)                                                                                               \
  {                                                                                                          \
    .kind = TE_INDEX_INT, .integer = (i)                                                                     \
  }
#define ALL                                                                                                  \
  {                                                                                                          \
    .kind = TE_INDEX_SLICE                                                                                   \
  }
#define NONE                                                                                                 \
  {                                                                                                          \
    .kind = TE_INDEX_NONE                                                                                    \
  }
#define REST                                                                                                 \
  {                                                                                                          \
    .kind = TE_INDEX_ELLIPSIS                                                                                \
  }
#define TENSOR(t)                                                                                            \
  {                                                                                                          \
    .kind = TE_INDEX_TENSOR, .tensor = (t)                                                                   \
  }

static void
test_views (void)
{
  TeError err = { 0 };
  TeTensor *t = numbers (3, (const int64_t[]){ 2, 3, 4 });
  TeIndexItem pair[] = { INT (1), INT (-1) };
  TeTensor *row = te_index_get (t, pair, 2, &err);
  g_assert_true (row->storage == t->storage);
  g_assert_cmpint (row->ndim, ==, 1);
  g_assert_cmpfloat (at (row, 0, 0), ==, 20);
  te_tensor_unref (row);
  TeIndexItem mixed[] = {
    NONE, REST, { .kind = TE_INDEX_SLICE, .has_start = true, .start = 1, .has_step = true, .step = 2 }
  };
  TeTensor *part = te_index_get (t, mixed, 3, &err);
  g_assert_cmpint (part->ndim, ==, 4);
  g_assert_cmpint (part->sizes[3], ==, 2);
  g_assert_cmpint (part->strides[3], ==, 2);
  g_assert_cmpint (part->offset, ==, 1);
  te_tensor_unref (part);
  te_tensor_unref (t);
}

static void
test_gather (void)
{
  TeError err = { 0 };
  TeTensor *t = numbers (3, (const int64_t[]){ 2, 3, 4 }), *i = integers (2, (const int64_t[]){ 0, -1 });
  TeIndexItem apart[] = { TENSOR (i), ALL,
                                TENSOR (i) }; /* not side by side: the new dimension comes first */
  TeTensor *picked = te_index_get (t, apart, 3, &err);
  g_assert_cmpint (picked->ndim, ==, 2);
  g_assert_cmpint (picked->sizes[0], ==, 2);
  g_assert_cmpint (picked->sizes[1], ==, 3);
  g_assert_cmpfloat (at (picked, 1, 2), ==, 23);
  te_tensor_unref (picked);
  TeIndexItem middle[] = { ALL, TENSOR (i) };
  picked = te_index_get (t, middle, 2, &err);
  g_assert_cmpint (picked->ndim, ==, 3);
  g_assert_cmpint (picked->sizes[1], ==, 2);
  te_tensor_unref (picked);
  te_tensor_unref (i);
  te_tensor_unref (t);
}

static void
test_bounds (void)
{
  TeTensor *t = numbers (2, (const int64_t[]){ 3, 4 }), *far = integers (1, (const int64_t[]){ 5 });
  struct
  {
    TeIndexItem items[3];
    int n;
    TeErrKind kind;
    const char *text;
  } cases[] = {
    { { INT (3) }, 1, TE_ERR_INDEX, "index 3 is out of bounds for dimension 0 with size 3" },
    { { ALL, INT (-5) }, 2, TE_ERR_INDEX, "index -5 is out of bounds for dimension 1 with size 4" },
    { { INT (0), INT (0), INT (0) }, 3, TE_ERR_INDEX, "too many indices for tensor of dimension 2" },
    { { TENSOR (far) }, 1, TE_ERR_INDEX, "index 5 is out of bounds for dimension 0 with size 3" },
    { { { .kind = TE_INDEX_SLICE, .has_step = true, .step = -1 } },
      1,
      TE_ERR_VALUE,
      "step must be greater than zero" },
  };
  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      TeError err = { 0 };
      g_assert_null (te_index_get (t, cases[k].items, cases[k].n, &err));
      g_assert_cmpint (err.kind, ==, cases[k].kind);
      g_assert_cmpstr (err.text, ==, cases[k].text);
      err.kind = TE_ERR_NONE;
      TeTensor *wrapped = te_tensor_new_number (te_scalar_int (1), &err), *one = te_index_number (t, wrapped, &err);
      te_tensor_unref (wrapped);
      g_assert_false (te_index_set (t, cases[k].items, cases[k].n, one, &err));
      g_assert_cmpstr (err.text, ==, cases[k].text);
      te_tensor_unref (one);
    }
  for (int64_t i = 0; i < t->numel; i++) /* nothing was written */
    g_assert_cmpfloat (((float *) te_tensor_data (t))[i], ==, (float) i);
  te_tensor_unref (far);
  te_tensor_unref (t);
}

static void
test_assign (void)
{
  TeError err = { 0 };
  TeTensor *t = numbers (2, (const int64_t[]){ 3, 4 }), *row = numbers (1, (const int64_t[]){ 4 });
  TeTensor *wrapped = te_tensor_new_number (te_scalar_float (2.5), &err), *number = te_index_number (t, wrapped, &err),
           *i = integers (2, (const int64_t[]){ 2, 0 });
  TeIndexItem first[] = { INT (0) }, picked[] = { TENSOR (i), INT (3) };
  g_assert_true (te_index_set (t, first, 1, number, &err));
  g_assert_cmpfloat (at (t, 0, 3), ==, 2.5);
  TeIndexItem all[] = { REST };
  g_assert_true (te_index_set (t, all, 1, row, &err));
  g_assert_cmpfloat (at (t, 2, 3), ==, 3);
  uint32_t version = *t->version;
  g_assert_true (te_index_set (t, picked, 2, number, &err));
  g_assert_cmpfloat (at (t, 2, 3), ==, 2.5);
  g_assert_cmpfloat (at (t, 1, 3), ==, 3);
  g_assert_cmpuint (*t->version, >, version);
  te_tensor_unref (i);
  te_tensor_unref (wrapped);
  te_tensor_unref (number);
  te_tensor_unref (row);
  te_tensor_unref (t);
}

int
main (int argc, char **argv)
{
  TeError err = { 0 };
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/indexing/language/views", test_views);
  g_test_add_func ("/indexing/language/gather", test_gather);
  g_test_add_func ("/indexing/language/bounds", test_bounds);
  g_test_add_func ("/indexing/language/assign", test_assign);
  return g_test_run ();
}
