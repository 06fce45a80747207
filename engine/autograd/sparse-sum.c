/* Sums of gradients of which one at least is sparse: what a table of embeddings gets.  Two sparse ones are merged as PyTorch merges
 * them: both are walked as if their coordinates were in order, equal ones that meet are added; where values are not contiguous, the
 * elements of the one follow those of the other. */
#include "autograd/sparse-sum.h"

#include <string.h>

#include "ops/dispatch.h"

/* <0, 0, >0: how the coordinates of element i of a lie to those of element k of b. */
static int
compare (const TeTensor *a, int64_t i, const TeTensor *b, int64_t k)
{
  const int64_t *x = te_tensor_data (a), *y = te_tensor_data (b);
  for (int64_t d = 0; d < a->sizes[0]; d++)
    if (x[d * a->sizes[1] + i] != y[d * b->sizes[1] + k])
      return x[d * a->sizes[1] + i] < y[d * b->sizes[1] + k] ? -1 : 1;
  return 0;
}

/* Where the elements of a and of b go in their sum; how many it has. */
static int64_t
merge (const TeTensor *a, const TeTensor *b, bool one_after_the_other, int64_t *to_a, int64_t *to_b)
{
  int64_t i = 0, k = 0, n = 0;
  if (one_after_the_other)
    {
      for (; i < a->sizes[1]; i++)
        to_a[i] = n++;
      for (; k < b->sizes[1]; k++)
        to_b[k] = n++;
    }
  for (; i < a->sizes[1] || k < b->sizes[1]; n++)
    {
      int order = i == a->sizes[1] ? 1 : k == b->sizes[1] ? -1 : compare (a, i, b, k);
      if (order <= 0)
        to_a[i++] = n;
      if (order >= 0)
        to_b[k++] = n;
    }
  return n;
}

/* The values of a and b at their places among the n of the sum. */
static TeTensor *
merged_values (TeTensor *a, TeTensor *to_a, TeTensor *b, TeTensor *to_b, int64_t n, TeError *err)
{
  TE_OP (add_rows, "index_add");
  int64_t sizes[TE_MAX_NDIM];
  memcpy (sizes, a->sizes, a->ndim * sizeof *sizes);
  sizes[0] = n;
  TeTensor *zeros = te_zeros (a->ndim, sizes, te_tensor_dtype (a), err);
  TeTensor *first = zeros ? te_call (add_rows, err, "TiTT", zeros, (int64_t) 0, to_a, a) : NULL;
  TeTensor *both = first ? te_call (add_rows, err, "TiTT", first, (int64_t) 0, to_b, b) : NULL;
  te_tensor_unref (zeros);
  te_tensor_unref (first);
  return both;
}

static void
put_coordinates (const TeTensor *from, const int64_t *to, TeTensor *into)
{
  const int64_t *source = te_tensor_data (from);
  int64_t *target = te_tensor_data (into);
  for (int64_t d = 0; d < from->sizes[0]; d++)
    for (int64_t i = 0; i < from->sizes[1]; i++)
      target[d * into->sizes[1] + to[i]] = source[d * from->sizes[1] + i];
}

static bool
have_same_sizes (const TeTensor *a, const TeTensor *b, TeError *err)
{
  return te_tensor_same_sizes (a, b)
         || te_error_set (err, TE_ERR_RUNTIME, "add: expected 'self' and 'other' to have same size, but they differ");
}

static TeTensor *
sum_of_sparse (TeTensor *a, TeTensor *b, TeError *err)
{
  const TeSparse *x = te_tensor_sparse (a), *y = te_tensor_sparse (b);
  if (!have_same_sizes (a, b, err))
    return NULL;
  if (x->indices->sizes[1] == 0 || y->indices->sizes[1] == 0)
    {
      const TeSparse *one = x->indices->sizes[1] == 0 ? y : x;
      TeTensor *indices = te_clone (one->indices, err), *values = indices ? te_clone (one->values, err) : NULL;
      TeTensor *copy = values ? te_tensor_new_sparse (a->ndim, a->sizes, indices, values, one->coalesced, err) : NULL;
      te_tensor_unref (indices);
      te_tensor_unref (values);
      return copy;
    }
  if (x->indices->sizes[0] != y->indices->sizes[0])
    {
      te_error_set (err, TE_ERR_RUNTIME, "add: expected 'self' and 'other' to have same density, but 'self' has %lld sparse "
                                         "dimensions while 'other' has %lld sparse dimensions",
                    (long long) x->indices->sizes[0], (long long) y->indices->sizes[0]);
      return NULL;
    }
  TeTensor *at_a = te_contiguous (x->indices, err), *at_b = at_a ? te_contiguous (y->indices, err) : NULL;
  TeTensor *to_a = at_b ? te_tensor_new (1, &at_a->sizes[1], TE_INT64, err) : NULL;
  TeTensor *to_b = to_a ? te_tensor_new (1, &at_b->sizes[1], TE_INT64, err) : NULL;
  bool apart = false;
  TeTensor *indices = NULL, *values = NULL, *sum = NULL;
  if (to_b)
    {
      apart = !te_tensor_is_contiguous (x->values) || !te_tensor_is_contiguous (y->values);
      int64_t n = merge (at_a, at_b, apart, te_tensor_data (to_a), te_tensor_data (to_b));
      indices = te_tensor_new (2, (int64_t[]){ at_a->sizes[0], n }, TE_INT64, err);
      values = indices ? merged_values (x->values, to_a, y->values, to_b, n, err) : NULL;
    }
  if (values)
    {
      put_coordinates (at_a, te_tensor_data (to_a), indices);
      put_coordinates (at_b, te_tensor_data (to_b), indices);
      sum = te_tensor_new_sparse (a->ndim, a->sizes, indices, values, x->coalesced && y->coalesced && !apart, err);
    }
  for (int i = 0; i < 6; i++)
    te_tensor_unref ((TeTensor *[]){ at_a, at_b, to_a, to_b, indices, values }[i]);
  return sum;
}

/* A new dense tensor: dense, and the elements of sparse where they belong. */
static TeTensor *
sum_with_dense (TeTensor *dense, TeTensor *sparse, TeError *err)
{
  TE_OP (add_rows, "index_add");
  const TeSparse *parts = te_tensor_sparse (sparse);
  if (!have_same_sizes (dense, sparse, err))
    return NULL;
  TeTensor *at = te_contiguous (parts->indices, err);
  TeTensor *places = at ? te_tensor_new (1, &at->sizes[1], TE_INT64, err) : NULL, *rows = NULL, *added = NULL, *sum = NULL;
  if (places)
    {
      const int64_t *source = te_tensor_data (at);
      int64_t *place = te_tensor_data (places), sizes[TE_MAX_NDIM], n = 1, kept = at->sizes[1];
      for (int64_t i = 0; i < kept; i++)
        place[i] = 0;
      for (int64_t d = 0; d < at->sizes[0]; n *= dense->sizes[d++])
        for (int64_t i = 0; i < kept; i++)
          place[i] = place[i] * dense->sizes[d] + source[d * kept + i];
      sizes[0] = n;
      for (int d = 1; d < parts->values->ndim; d++)
        sizes[d] = parts->values->sizes[d];
      rows = te_reshape (dense, parts->values->ndim, sizes, err);
    }
  added = rows ? te_call (add_rows, err, "TiTT", rows, (int64_t) 0, places, parts->values) : NULL;
  sum = added ? te_reshape (added, dense->ndim, dense->sizes, err) : NULL;
  for (int i = 0; i < 4; i++)
    te_tensor_unref ((TeTensor *[]){ at, places, rows, added }[i]);
  return sum;
}

TeTensor *
te_gradient_sum (TeTensor *a, TeTensor *b, TeError *err)
{
  bool first = te_tensor_sparse (a), second = te_tensor_sparse (b);
  if (!first && !second)
    return te_add (a, b, err);
  if (first && second)
    return sum_of_sparse (a, b, err);
  return first ? sum_with_dense (b, a, err) : sum_with_dense (a, b, err);
}
