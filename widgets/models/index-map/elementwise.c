/* Rules of ops that put one element of each input, or none, into an element of the result. */
#include "models/index-map/map-call.h"

#include <string.h>

void
gb_map_nothing (GbMapCall *call)
{
}

void
gb_map_pointwise (GbMapCall *call)
{
  for (guint i = 0; i < call->map->n_inputs; i++)
    gb_map_add_broadcast (call, i);
}

void
gb_map_same_place (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0);
  gint64 to[GB_MAP_NDIM];
  if (input == NULL)
    return;
  gb_map_unplace (input, gb_map_place (&call->map->output, call->map->index), to);
  gb_map_add (call, 0, to);
}

/* A view of a storage shows its elements; one that had to copy keeps their order. */
void
gb_map_alias (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0), *output = &call->map->output;
  gint64 to[GB_MAP_NDIM];
  if (input == NULL)
    return;
  if (input->storage != output->storage)
    gb_map_same_place (call);
  else if (gb_tensor_find_address (input, gb_tensor_address (output, call->map->index), to))
    gb_map_add (call, 0, to);
  else
    call->broken = TRUE;
}

void
gb_map_everything (GbMapCall *call)
{
  gint64 origin[GB_MAP_NDIM] = { 0 };
  for (guint i = 0; i < call->map->n_inputs; i++)
    gb_map_add_box (call, i, origin, ~0u, NULL);
}

void
gb_map_triangle (GbMapCall *call)
{
  int ndim = call->map->output.ndim;
  gint64 diagonal = gb_op_args_int (&call->args, "diagonal", 0);
  if (ndim < 2)
    {
      call->broken = TRUE;
      return;
    }
  gint64 off = call->map->index[ndim - 1] - call->map->index[ndim - 2];
  if (call->param ? off <= diagonal : off >= diagonal)
    gb_map_add_broadcast (call, 0);
  else
    call->map->form = GB_INDEX_MAP_NOTHING;
}

/* The slope is one for all, or one per channel. */
void
gb_map_prelu (GbMapCall *call)
{
  const GbTensor *slope = gb_map_input (call, 1);
  gint64 to[GB_MAP_NDIM] = { 0 };
  gb_map_add_broadcast (call, 0);
  if (slope && slope->ndim == 1 && slope->sizes[0] > 1)
    to[0] = call->map->output.ndim > 1 ? call->map->index[1] : call->map->index[0];
  if (slope)
    gb_map_add (call, 1, to);
}

void
gb_map_glu (GbMapCall *call)
{
  int axis = gb_map_axis (call, "dim", -1, call->map->output.ndim);
  gint64 to[GB_MAP_NDIM];
  if (axis < 0)
    return;
  memcpy (to, call->map->index, sizeof to);
  gb_map_add (call, 0, to);
  to[axis] += call->map->output.sizes[axis];
  gb_map_add (call, 0, to);
}
