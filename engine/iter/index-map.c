#include "iter/index-map.h"

int64_t
te_index_box_numel (const TeIndexBox *box)
{
  int64_t n = 1;
  for (int d = 0; d < box->ndim; d++)
    n *= box->count[d];
  return n;
}

int64_t
te_geometry_place (const TeGeometry *geometry, const int64_t *index)
{
  int64_t place = geometry->offset;
  for (int d = 0; d < geometry->ndim; d++)
    place += index[d] * geometry->strides[d];
  return place;
}

/* Dimensions by stride, largest first: what is left of the distance after one is smaller than its stride
 * wherever elements do not overlap; where they do (windows), the walk goes back and tries fewer steps. */
bool
te_geometry_find (const TeGeometry *geometry, int64_t place, int64_t *index)
{
  int order[TE_MAX_NDIM], n = 0;
  int64_t rest[TE_MAX_NDIM + 1], reach[TE_MAX_NDIM + 1], tried[TE_MAX_NDIM];
  for (int d = 0; d < geometry->ndim; d++)
    {
      index[d] = 0;
      if (geometry->sizes[d] == 0)
        return false;
      if (geometry->sizes[d] == 1 || geometry->strides[d] == 0)
        continue;
      int at = n++;
      for (; at > 0 && geometry->strides[order[at - 1]] < geometry->strides[d]; at--)
        order[at] = order[at - 1];
      order[at] = d;
    }
  reach[n] = 0;
  for (int k = n - 1; k >= 0; k--)
    reach[k] = reach[k + 1] + (geometry->sizes[order[k]] - 1) * geometry->strides[order[k]];
  rest[0] = place - geometry->offset;
  if (rest[0] < 0 || rest[0] > reach[0])
    return false;
  int k = 0;
  tried[0] = -1;
  while (k >= 0 && k < n)
    {
      int64_t stride = geometry->strides[order[k]], most = geometry->sizes[order[k]] - 1;
      int64_t steps = tried[k] >= 0 ? tried[k] - 1 : rest[k] / stride < most ? rest[k] / stride : most;
      if (steps < 0 || rest[k] - steps * stride > reach[k + 1])
        {
          k--; /* even this leaves too much for the smaller strides */
          continue;
        }
      tried[k] = index[order[k]] = steps;
      rest[k + 1] = rest[k] - steps * stride;
      k++;
      if (k < n)
        tried[k] = -1;
      else if (rest[k] != 0)
        k--;
    }
  return k == n && rest[n] == 0;
}

bool
te_index_map_view (const TeGeometry *view, const TeGeometry *base, const int64_t *index, int64_t *base_index)
{
  return te_geometry_find (base, te_geometry_place (view, index), base_index);
}

void
te_index_map_broadcast (
    int out_ndim, const int64_t *index, int in_ndim, const int64_t *in_sizes, int64_t *in_index)
{
  for (int d = 0; d < in_ndim; d++)
    in_index[d] = in_sizes[d] == 1 ? 0 : index[out_ndim - in_ndim + d];
}

void
te_index_map_reduce (int in_ndim,
                     const int64_t *in_sizes,
                     int n_dims,
                     const int *dims,
                     bool keepdim,
                     const int64_t *index,
                     TeIndexBox *box)
{
  bool summed[TE_MAX_NDIM] = { false };
  for (int i = 0; i < n_dims; i++)
    summed[dims[i]] = true;
  box->ndim = in_ndim;
  for (int d = 0, at = 0; d < in_ndim; d++)
    {
      bool all = n_dims == 0 || summed[d];
      box->start[d] = all ? 0 : index[at];
      box->count[d] = all ? in_sizes[d] : 1;
      at += !all || keepdim;
    }
}

/* One operand of a product: its batch dimensions follow the output's last ones before the matrix. */
static void
operand_box (int ndim,
             const int64_t *sizes,
             int batch_ndim,
             const int64_t *index,
             int kept,
             int64_t kept_index,
             TeIndexBox *box)
{
  box->ndim = ndim;
  for (int d = 0; d < ndim; d++)
    {
      int from = batch_ndim - (ndim - 2) + d; /* where the batch dimension stands in the output */
      bool matrix = d >= ndim - 2 || ndim == 1;
      box->start[d] = matrix || sizes[d] == 1 ? 0 : index[from];
      box->count[d] = matrix ? sizes[d] : 1;
    }
  if (ndim > 1)
    {
      int d = ndim - 2 + kept;
      box->start[d] = kept_index;
      box->count[d] = 1;
    }
}

bool
te_index_map_matmul (int a_ndim,
                     const int64_t *a_sizes,
                     int b_ndim,
                     const int64_t *b_sizes,
                     const int64_t *index,
                     TeIndexBox *a_box,
                     TeIndexBox *b_box)
{
  if (a_ndim < 1 || b_ndim < 1 || a_sizes[a_ndim - 1] != b_sizes[b_ndim > 1 ? b_ndim - 2 : 0])
    return false;
  int a_batch = a_ndim > 2 ? a_ndim - 2 : 0, b_batch = b_ndim > 2 ? b_ndim - 2 : 0;
  int batch = a_batch > b_batch ? a_batch : b_batch, at = batch;
  int64_t row = a_ndim > 1 ? index[at++] : 0, col = b_ndim > 1 ? index[at] : 0;
  operand_box (a_ndim, a_sizes, batch, index, 0, row, a_box);
  operand_box (b_ndim, b_sizes, batch, index, 1, col, b_box);
  return true;
}
