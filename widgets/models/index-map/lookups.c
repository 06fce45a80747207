/* Rules of ops that find elements by numbers in a tensor of indices. */
#include "models/index-map/map-call.h"

#include <string.h>

#include "core/dtype.h"

static gint64
wrap (gint64 index, gint64 size)
{
  return index < 0 ? index + size : index;
}

void
gb_map_gather (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0);
  int axis = x ? gb_map_axis (call, "dim", 0, x->ndim) : -1;
  gint64 at[GB_MAP_NDIM], found;
  if (axis < 0 || gb_map_input (call, 1) == NULL || x->ndim != call->map->output.ndim)
    return;
  gb_map_add (call, 1, call->map->index);
  if (!gb_map_look_up (call, 1, call->map->index, &found))
    return;
  memcpy (at, call->map->index, sizeof at);
  if (x->ndim)
    at[axis] = wrap (found, x->sizes[axis]);
  gb_map_add (call, 0, at);
}

void
gb_map_index_select (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0);
  int axis = x ? gb_map_axis (call, "dim", 0, x->ndim) : -1;
  gint64 at[GB_MAP_NDIM], found, place = axis >= 0 && x->ndim ? call->map->index[axis] : 0;
  if (axis < 0 || gb_map_input (call, 1) == NULL || x->ndim != call->map->output.ndim)
    return;
  gb_map_add (call, 1, &place);
  if (!gb_map_look_up (call, 1, &place, &found))
    return;
  memcpy (at, call->map->index, sizeof at);
  if (x->ndim)
    at[axis] = found;
  gb_map_add (call, 0, at);
}

/* weight, indices */
void
gb_map_embedding (GbMapCall *call)
{
  const GbTensor *indices = gb_map_input (call, 1);
  gint64 at[2] = { 0, 0 };
  if (indices == NULL || indices->ndim + 1 != call->map->output.ndim)
    {
      call->broken = indices != NULL;
      return;
    }
  gb_map_add (call, 1, call->map->index);
  if (!gb_map_look_up (call, 1, call->map->index, &at[0]))
    return;
  at[1] = call->map->index[indices->ndim];
  gb_map_add (call, 0, at);
}

/* Gradient, indices: a row of the weight gets the gradients of all places that looked it up. */
void
gb_map_embedding_grad (GbMapCall *call)
{
  const GbTensor *indices = gb_map_input (call, 1), *grad = gb_map_input (call, 0);
  gint64 at[GB_MAP_NDIM] = { 0 }, found, skipped = gb_op_args_int (&call->args, "padding_idx", -1);
  if (indices == NULL || grad == NULL || grad->ndim != indices->ndim + 1)
    {
      call->broken = indices && grad;
      return;
    }
  if (skipped == call->map->index[0])
    return;
  at[indices->ndim] = call->map->index[1];
  do
    if (!gb_map_look_up (call, 1, at, &found))
      return;
    else if (found == call->map->index[0])
      {
        gb_map_add (call, 1, at);
        gb_map_add (call, 0, at);
      }
  while (gb_map_step (call) && gb_map_next (indices->ndim, indices->sizes, at));
}

void
gb_map_take (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0);
  gint64 at[GB_MAP_NDIM] = { 0 }, found;
  if (x == NULL || gb_map_input (call, 1) == NULL)
    return;
  gb_map_add (call, 1, call->map->index);
  if (!gb_map_look_up (call, 1, call->map->index, &found))
    return;
  gint64 numel = 1;
  for (int d = 0; d < x->ndim; d++)
    numel *= x->sizes[d];
  gb_map_unplace (x, wrap (found, numel), at);
  gb_map_add (call, 0, at);
}

/* ---- x[i, :, j]: index tensors broadcast against each other ---- */

typedef struct
{
  int n;                    /* axes of the broadcast indices */
  int first, last, n_given; /* axes of x that have one */
  gboolean together;
} Indices;

static gboolean
look_at_indices (GbMapCall *call, const GbTensor *x, Indices *self)
{
  *self = (Indices){ .first = -1 };
  for (guint i = 1; i < call->map->n_inputs && (int) i <= x->ndim; i++)
    {
      const GbTensor *index = gb_map_input (call, i);
      if (index == NULL)
        continue;
      if (index->dtype == TE_BOOL || index->dtype == TE_UINT8 /* masks take as many axes as they have */)
        return FALSE;
      self->n = MAX (self->n, index->ndim);
      self->first = self->first < 0 ? (int) i - 1 : self->first;
      self->last = (int) i - 1;
      self->n_given++;
    }
  self->together = self->last - self->first + 1 == self->n_given;
  return self->n_given > 0;
}

/* The result's axes of the indices stand where the first index stood, or first when they were apart. */
void
gb_map_index (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0);
  gint64 at[GB_MAP_NDIM] = { 0 }, place[GB_MAP_NDIM] = { 0 };
  Indices indices;
  if (x == NULL)
    return;
  if (!look_at_indices (call, x, &indices))
    {
      call->map->form = GB_INDEX_MAP_DEPENDS;
      gb_map_everything (call);
      return;
    }
  int start = indices.together ? indices.first : 0, from = 0;
  const gint64 *index = call->map->index;
  if (start + indices.n > call->map->output.ndim)
    {
      call->broken = TRUE;
      return;
    }
  for (int d = 0; d < x->ndim; d++)
    {
      if (from == start)
        from += indices.n;
      guint nth = (guint) d + 1;
      if (!gb_map_input (call, nth))
        {
          if (from >= call->map->output.ndim)
            call->broken = TRUE;
          else
            at[d] = index[from++];
          continue;
        }
      if (!gb_map_broadcast (call, nth, indices.n, index + start, place))
        {
          call->broken = TRUE;
          return;
        }
      gb_map_add (call, nth, place);
      if (!gb_map_look_up (call, nth, place, &at[d]))
        return;
      at[d] = wrap (at[d], x->sizes[d]);
    }
  gb_map_add (call, 0, at);
}

/* ---- written by index: x, indices, source ---- */

static void
written (GbMapCall *call, gboolean any)
{
  if (!any || call->param)
    gb_map_add (call, 0, call->map->index);
  if (!any)
    call->map->form = GB_INDEX_MAP_COPY;
}

void
gb_map_scatter (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0), *indices = gb_map_input (call, 1);
  int axis = x ? gb_map_axis (call, "dim", 0, x->ndim) : -1;
  gint64 at[GB_MAP_NDIM], found;
  gboolean any = FALSE;
  if (axis < 0 || indices == NULL || indices->ndim != x->ndim || x->ndim == 0)
    return;
  memcpy (at, call->map->index, sizeof at);
  for (int d = 0; d < x->ndim; d++)
    if (d != axis && at[d] >= indices->sizes[d])
      {
        written (call, FALSE);
        return;
      }
  for (at[axis] = 0; at[axis] < indices->sizes[axis] && gb_map_step (call); at[axis]++)
    if (!gb_map_look_up (call, 1, at, &found))
      return;
    else if (found == call->map->index[axis])
      {
        any = TRUE;
        gb_map_add (call, 2, at);
      }
  written (call, any);
}

void
gb_map_index_add (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0), *indices = gb_map_input (call, 1);
  int axis = x ? gb_map_axis (call, "dim", 0, x->ndim) : -1;
  gint64 at[GB_MAP_NDIM], found;
  gboolean any = FALSE;
  if (axis < 0 || indices == NULL || indices->ndim != 1 || x->ndim == 0)
    return;
  memcpy (at, call->map->index, sizeof at);
  for (gint64 i = 0; i < indices->sizes[0] && gb_map_step (call); i++)
    if (!gb_map_look_up (call, 1, &i, &found))
      return;
    else if (found == call->map->index[axis])
      {
        any = TRUE;
        at[axis] = i;
        if (gb_map_input (call, 2) && gb_map_input (call, 2)->ndim == x->ndim)
          gb_map_add (call, 2, at);
      }
  written (call, any);
}
