#include "models/index-map/map-call.h"

#include <string.h>

const GbTensor *
gb_map_input (const GbMapCall *call, guint nth)
{
  return nth < call->map->n_inputs && call->map->inputs[nth].tensor ? &call->map->inputs[nth] : NULL;
}

gboolean
gb_map_step (GbMapCall *call)
{
  return !call->broken && ++call->n_steps <= GB_MAP_MOST_STEPS;
}

static gboolean
take_element (GbMapCall *call, guint input, const gint64 *index, GbIndexMapElement *element)
{
  const GbTensor *tensor = gb_map_input (call, input);
  if (tensor == NULL)
    return FALSE;
  element->input = input;
  for (int d = 0; d < tensor->ndim; d++)
    {
      if (index[d] < 0 || index[d] >= tensor->sizes[d])
        {
          call->broken = TRUE;
          return FALSE;
        }
      element->index[d] = index[d];
    }
  return TRUE;
}

static void
keep (GbMapCall *call, const GbIndexMapTerm *term)
{
  call->map->n_terms++;
  if (call->map->terms->len < GB_INDEX_MAP_MOST_TERMS)
    g_array_append_val (call->map->terms, *term);
}

void
gb_map_add (GbMapCall *call, guint input, const gint64 *index)
{
  GbIndexMapTerm term = { .n_factors = 1 };
  if (take_element (call, input, index, &term.factors[0]))
    keep (call, &term);
}

void
gb_map_add_product (GbMapCall *call, guint a, const gint64 *index_a, guint b, const gint64 *index_b)
{
  GbIndexMapTerm term = { .n_factors = 2 };
  if (take_element (call, a, index_a, &term.factors[0]) && take_element (call, b, index_b, &term.factors[1]))
    keep (call, &term);
}

gboolean
gb_map_broadcast (const GbMapCall *call, guint nth, int ndim, const gint64 *index, gint64 *to)
{
  const GbTensor *tensor = gb_map_input (call, nth);
  if (tensor == NULL || tensor->ndim > ndim)
    return FALSE;
  for (int d = 0; d < tensor->ndim; d++)
    to[d] = tensor->sizes[d] == 1 ? 0 : index[ndim - tensor->ndim + d];
  return TRUE;
}

void
gb_map_add_broadcast (GbMapCall *call, guint nth)
{
  gint64 to[GB_MAP_NDIM];
  if (gb_map_broadcast (call, nth, call->map->output.ndim, call->map->index, to))
    gb_map_add (call, nth, to);
  else if (gb_map_input (call, nth))
    call->broken = TRUE;
}

int
gb_map_axis (GbMapCall *call, const char *name, gint64 otherwise, int ndim)
{
  gint64 axis = gb_op_args_int (&call->args, name, otherwise);
  if (ndim == 0 && (axis == 0 || axis == -1))
    return 0;
  axis += axis < 0 ? ndim : 0;
  if (axis >= 0 && axis < ndim)
    return (int) axis;
  call->broken = TRUE;
  return -1;
}

guint
gb_map_axes (GbMapCall *call, const char *name, int ndim)
{
  gint64 axes[GB_MAP_NDIM];
  int n = gb_op_args_ints (&call->args, name, axes, GB_MAP_NDIM);
  guint mask = 0;
  for (int i = 0; i < n; i++)
    {
      gint64 axis = axes[i] + (axes[i] < 0 ? ndim : 0);
      if (axis >= 0 && axis < ndim)
        mask |= 1u << axis;
      else if (ndim > 0)
        call->broken = TRUE;
    }
  return n ? mask : (1u << ndim) - 1;
}

gboolean
gb_map_next (int ndim, const gint64 *sizes, gint64 *index)
{
  for (int d = ndim - 1; d >= 0; d--)
    {
      if (++index[d] < sizes[d])
        return TRUE;
      index[d] = 0;
    }
  return FALSE;
}

gint64
gb_map_place (const GbTensor *tensor, const gint64 *index)
{
  gint64 place = 0;
  for (int d = 0; d < tensor->ndim; d++)
    place = place * tensor->sizes[d] + index[d];
  return place;
}

void
gb_map_unplace (const GbTensor *tensor, gint64 place, gint64 *index)
{
  for (int d = tensor->ndim - 1; d >= 0; d--)
    {
      gint64 size = MAX (tensor->sizes[d], 1);
      index[d] = place % size;
      place /= size;
    }
}

/* Product of sizes, as far as a number of terms makes sense. */
static gint64
count_box (const GbTensor *tensor, guint axes)
{
  double count = 1;
  for (int d = 0; d < tensor->ndim; d++)
    if (axes & (1u << d))
      count *= (double) tensor->sizes[d];
  return count > 1e15 ? (gint64) 1e15 : (gint64) count;
}

void
gb_map_add_box (GbMapCall *call, guint nth, const gint64 *index, guint axes, const gint64 *own)
{
  const GbTensor *tensor = gb_map_input (call, nth);
  gint64 at[GB_MAP_NDIM], sizes[GB_MAP_NDIM], place[GB_MAP_NDIM] = { 0 };
  if (tensor == NULL)
    return;
  gint64 before = call->map->n_terms, all = count_box (tensor, axes);
  for (int d = 0; d < tensor->ndim; d++)
    sizes[d] = axes & (1u << d) ? tensor->sizes[d] : 1;
  if (own)
    gb_map_add (call, nth, own);
  if (all > 0)
    do
      {
        for (int d = 0; d < tensor->ndim; d++)
          at[d] = axes & (1u << d) ? place[d] : index[d];
        if (own == NULL || memcmp (at, own, sizeof (gint64) * (gsize) tensor->ndim) != 0)
          gb_map_add (call, nth, at);
      }
    while (call->map->terms->len < GB_INDEX_MAP_MOST_TERMS && gb_map_step (call)
           && gb_map_next (tensor->ndim, sizes, place));
  call->map->n_terms = MAX (call->map->n_terms, before + all);
}

gboolean
gb_map_look_up (GbMapCall *call, guint nth, const gint64 *index, gint64 *value)
{
  const GbTensor *tensor = gb_map_input (call, nth);
  double number = 0;
  if (tensor && (call->looked_up == NULL || call->looked_up_nth != nth))
    {
      gb_tensor_values_free (call->looked_up);
      call->looked_up = gb_tensor_values_then (call->trace, tensor, call->before);
      call->looked_up_nth = nth;
    }
  gboolean known = tensor && call->looked_up && !call->looked_up->is_stale
                   && gb_tensor_values_get (call->looked_up, index, &number);
  if (!known)
    call->map->untold =
        N_ ("Which element it is stands in a tensor of indices whose numbers were not recorded.");
  *value = (gint64) number;
  return known;
}
