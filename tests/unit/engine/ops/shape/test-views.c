/* Random chains of views against a plain copy of what they should show, and the views' complaints. */
#include <glib.h>
#include <string.h>

#include "ops/dispatch.h"
#include "ops/shape/shape-util.h"

typedef struct
{
  TeTensor *view; /* over one storage that holds 0, 1, 2 … */
  int ndim;       /* what it should show, in order */
  int64_t sizes[16];
  int64_t *values;
  int64_t numel;
} Chain;

static int64_t
value_at (const Chain *c, const int64_t *index)
{
  int64_t at = 0;
  for (int d = 0; d < c->ndim; d++)
    at = at * c->sizes[d] + index[d];
  return c->values[at];
}

static void
check (const Chain *c)
{
  int64_t index[16] = { 0 };
  const int64_t *data = te_tensor_data (c->view);
  g_assert_cmpint (c->view->ndim, ==, c->ndim);
  for (int d = 0; d < c->ndim; d++)
    g_assert_cmpint (c->view->sizes[d], ==, c->sizes[d]);
  if (c->numel)
    do
      g_assert_cmpint (data[te_index_offset (c->ndim, index, c->view->strides)], ==, value_at (c, index));
    while (te_index_next (c->ndim, c->sizes, index));
}

/* The new shape's value at an index comes from the old shape's at old_index (index). */
typedef void (*MapIndex) (const int64_t *index, int64_t *old_index, const int64_t *args, int new_ndim);

static void
step (Chain *c, TeTensor *next, int ndim, const int64_t *sizes, MapIndex map, const int64_t *args)
{
  int64_t index[16] = { 0 }, old[16], numel = 1, at = 0;
  g_assert_nonnull (next);
  for (int d = 0; d < ndim; d++)
    numel *= sizes[d];
  int64_t *values = g_new0 (int64_t, numel + 1);
  if (numel)
    do
      {
        map (index, old, args, ndim);
        values[at++] = value_at (c, old);
      }
    while (te_index_next (ndim, sizes, index));
  te_tensor_unref (c->view);
  g_free (c->values);
  c->view = next;
  c->values = values;
  c->numel = numel;
  c->ndim = ndim;
  memcpy (c->sizes, sizes, (size_t) ndim * sizeof *sizes);
  check (c);
}

static void
map_transpose (const int64_t *index, int64_t *old, const int64_t *a, int ndim)
{
  for (int d = 0; d < ndim; d++)
    old[d] = index[d == a[0] ? a[1] : d == a[1] ? a[0] : d];
}
static void
map_slice (const int64_t *index, int64_t *old, const int64_t *a, int ndim)
{
  for (int d = 0; d < ndim; d++)
    old[d] = d == a[0] ? a[1] + index[d] * a[2] : index[d];
}
static void
map_select (const int64_t *index, int64_t *old, const int64_t *a, int ndim)
{
  for (int d = 0, from = 0; d < ndim + 1; d++)
    old[d] = d == a[0] ? a[1] : index[from++];
}
static void
map_unsqueeze (const int64_t *index, int64_t *old, const int64_t *a, int ndim)
{
  for (int d = 0, to = 0; d < ndim; d++)
    if (d != a[0])
      old[to++] = index[d];
}
static void
map_expand (const int64_t *index, int64_t *old, const int64_t *a, int ndim)
{
  for (int d = 0; d < ndim - 1; d++)
    old[d] = index[d + 1];
}
static void
map_diagonal (const int64_t *index, int64_t *old, const int64_t *a, int ndim)
{
  for (int d = 0, from = 0; d < ndim + 1; d++)
    old[d] = d == a[0] || d == a[1] ? index[ndim - 1] : index[from++];
}
static void
map_unfold (const int64_t *index, int64_t *old, const int64_t *a, int ndim)
{
  for (int d = 0; d < ndim - 1; d++)
    old[d] = d == a[0] ? index[d] * a[1] + index[ndim - 1] : index[d];
}

static void
random_step (Chain *c)
{
  TeError err = { 0 };
  int64_t sizes[16], a[3] = { 0 };
  int n = c->ndim, d = n ? g_test_rand_int_range (0, n) : 0, e = n ? g_test_rand_int_range (0, n) : 0;
  memcpy (sizes, c->sizes, sizeof sizes);
  switch (g_test_rand_int_range (0, 7))
    {
    case 0:
      if (n < 2)
        return;
      a[0] = d;
      a[1] = e;
      sizes[d] = c->sizes[e];
      sizes[e] = c->sizes[d];
      step (c, te_transpose (c->view, d, e, &err), n, sizes, map_transpose, a);
      break;
    case 1:
      if (n < 1)
        return;
      a[0] = d;
      a[1] = g_test_rand_int_range (0, (int) c->sizes[d] + 1);
      a[2] = g_test_rand_int_range (1, 4);
      sizes[d] = (c->sizes[d] - a[1] + a[2] - 1) / a[2];
      step (c, te_call (te_registry_find ("slice"), &err, "Tiiii", c->view, a[0], a[1], (int64_t) 99, a[2]),
            n, sizes, map_slice, a);
      break;
    case 2:
      if (n < 1 || c->sizes[d] == 0)
        return;
      a[0] = d;
      a[1] = g_test_rand_int_range (0, (int) c->sizes[d]);
      for (int k = d; k + 1 < n; k++)
        sizes[k] = c->sizes[k + 1];
      step (c, te_call (te_registry_find ("select"), &err, "Tii", c->view, a[0], a[1]), n - 1, sizes,
            map_select, a);
      break;
    case 3:
      if (n > 6)
        return;
      a[0] = d;
      for (int k = n; k > d; k--)
        sizes[k] = c->sizes[k - 1];
      sizes[d] = 1;
      step (c, te_unsqueeze (c->view, d, &err), n + 1, sizes, map_unsqueeze, a);
      break;
    case 4:
      if (n > 5 || c->numel > 200)
        return;
      for (int k = n; k > 0; k--)
        sizes[k] = c->sizes[k - 1];
      sizes[0] = 2;
      step (c, te_expand (c->view, n + 1, sizes, &err), n + 1, sizes, map_expand, a);
      break;
    case 5:
      if (n < 2 || d == e)
        return;
      a[0] = d;
      a[1] = e;
      int to = 0;
      for (int k = 0; k < n; k++)
        if (k != d && k != e)
          sizes[to++] = c->sizes[k];
      sizes[to++] = MIN (c->sizes[d], c->sizes[e]);
      step (c, te_call (te_registry_find ("diagonal"), &err, "Tiii", c->view, (int64_t) 0, a[0], a[1]), to,
            sizes, map_diagonal, a);
      break;
    default:
      if (n < 1 || n > 5 || c->sizes[d] < 2)
        return;
      a[0] = d;
      a[1] = g_test_rand_int_range (1, 3);
      sizes[d] = (c->sizes[d] - 2) / a[1] + 1;
      sizes[n] = 2;
      step (c, te_call (te_registry_find ("unfold"), &err, "Tiii", c->view, a[0], (int64_t) 2, a[1]), n + 1,
            sizes, map_unfold, a);
    }
}

static void
test_chains (void)
{
  for (int round = 0; round < 300; round++)
    {
      TeError err = { 0 };
      Chain c = { .ndim = 3, .sizes = { 3, 4, 5 }, .numel = 60, .values = g_new (int64_t, 60) };
      c.view = te_tensor_new (3, c.sizes, TE_INT64, &err);
      for (int64_t i = 0; i < 60; i++)
        c.values[i] = ((int64_t *) te_tensor_data (c.view))[i] = i;
      TeStorage *storage = c.view->storage;
      for (int k = 0; k < 8; k++)
        random_step (&c);
      g_assert_true (c.view->storage == storage);
      TeTensor *dense = te_input_contiguous (c.view, &err); /* and the copy shows the same */
      te_tensor_unref (c.view);
      c.view = dense;
      check (&c);
      te_tensor_unref (c.view);
      g_free (c.values);
    }
}

static void
complains (const char *op, TeErrKind kind, const char *text, TeTensor *t, int n, const int64_t *sizes)
{
  TeError err = { 0 };
  g_assert_null (te_call (te_registry_find (op), &err, "TI", t, sizes, n));
  g_assert_cmpint (err.kind, ==, kind);
  g_assert_cmpstr (err.text, ==, text);
}

static void
test_complaints (void)
{
  TeError err = { 0 };
  const int64_t sizes[] = { 2, 3 };
  TeTensor *t = te_tensor_new (2, sizes, TE_FLOAT32, &err), *turned = te_transpose (t, 0, 1, &err);
  complains ("view", TE_ERR_RUNTIME, "shape '[4, 2]' is invalid for input of size 6", t, 2,
             (const int64_t[]){ 4, 2 });
  complains ("view", TE_ERR_RUNTIME, "only one dimension can be inferred", t, 2, (const int64_t[]){ -1, -1 });
  complains ("view", TE_ERR_RUNTIME,
             "view size is not compatible with input tensor's size and stride (at least one dimension spans "
             "across two "
             "contiguous subspaces). Use .reshape(...) instead.",
             turned, 1, (const int64_t[]){ 6 });
  complains ("expand", TE_ERR_RUNTIME,
             "The expanded size of the tensor (4) must match the existing size (3) at non-singleton "
             "dimension 1.  Target "
             "sizes: [2, 4].  Tensor sizes: [2, 3]",
             t, 2, (const int64_t[]){ 2, 4 });
  complains ("permute", TE_ERR_RUNTIME, "permute(): duplicate dims are not allowed.", t, 2,
             (const int64_t[]){ 0, 0 });
  te_tensor_unref (turned);
  te_tensor_unref (t);
}

static void
test_meta (void)
{
  TeError err = { 0 };
  const int64_t sizes[] = { 1 << 20, 1 << 20 }, back[] = { 1LL << 40 };
  TeTensor *t = te_tensor_new_meta (2, sizes, NULL, TE_FLOAT32, &err); /* 4 TiB that are never touched */
  TeTensor *turned = te_transpose (t, 0, 1, &err),
           *flat = te_call (te_registry_find ("view"), &err, "TI", t, back, 1);
  g_assert_cmpint (turned->strides[1], ==, 1 << 20);
  g_assert_cmpint (flat->numel, ==, 1LL << 40);
  te_tensor_unref (flat);
  te_tensor_unref (turned);
  te_tensor_unref (t);
}

int
main (int argc, char **argv)
{
  TeError err = { 0 };
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/shape/views/chains", test_chains);
  g_test_add_func ("/shape/views/complaints", test_complaints);
  g_test_add_func ("/shape/views/meta", test_meta);
  return g_test_run ();
}
