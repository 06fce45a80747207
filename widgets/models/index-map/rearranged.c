/* Rules of ops that put elements elsewhere without changing them. */
#include "models/index-map/map-call.h"

#include <string.h>

void
gb_map_cat (GbMapCall *call)
{
  int axis = gb_map_axis (call, "dim", 0, call->map->output.ndim);
  gint64 at[GB_MAP_NDIM];
  if (axis < 0)
    return;
  memcpy (at, call->map->index, sizeof at);
  for (guint i = 0; i < call->map->n_inputs; i++)
    {
      const GbTensor *input = gb_map_input (call, i);
      if (input == NULL || input->ndim != call->map->output.ndim) /* cat skips empty ones of one axis */
        continue;
      if (at[axis] < input->sizes[axis])
        {
          gb_map_add (call, i, at);
          return;
        }
      at[axis] -= input->sizes[axis];
    }
  call->broken = TRUE;
}

void
gb_map_stack (GbMapCall *call)
{
  int axis = gb_map_axis (call, "dim", 0, call->map->output.ndim), n = 0;
  gint64 at[GB_MAP_NDIM];
  if (axis < 0)
    return;
  for (int d = 0; d < call->map->output.ndim; d++)
    if (d != axis)
      at[n++] = call->map->index[d];
  gb_map_add (call, (guint) call->map->index[axis], at);
}

void
gb_map_flip (GbMapCall *call)
{
  int ndim = call->map->output.ndim;
  guint axes = gb_map_axes (call, "dims", ndim);
  gint64 at[GB_MAP_NDIM];
  for (int d = 0; d < ndim; d++)
    at[d] = axes & (1u << d) ? call->map->output.sizes[d] - 1 - call->map->index[d] : call->map->index[d];
  gb_map_add (call, 0, at);
}

/* A quarter turn from dims[0] towards dims[1], k times. */
void
gb_map_rot90 (GbMapCall *call)
{
  gint64 dims[2] = { 0, 1 }, at[GB_MAP_NDIM], k = ((gb_op_args_int (&call->args, "k", 1) % 4) + 4) % 4;
  int ndim = call->map->output.ndim;
  gb_op_args_ints (&call->args, "dims", dims, 2);
  for (int i = 0; i < 2; i++)
    {
      dims[i] += dims[i] < 0 ? ndim : 0;
      if (dims[i] < 0 || dims[i] >= ndim)
        {
          call->broken = TRUE;
          return;
        }
    }
  gint64 row = call->map->index[dims[0]], column = call->map->index[dims[1]];
  gint64 last_row = call->map->output.sizes[dims[0]] - 1, last_column = call->map->output.sizes[dims[1]] - 1;
  memcpy (at, call->map->index, sizeof at);
  at[dims[0]] = k == 0 ? row : k == 1 ? column : k == 2 ? last_row - row : last_column - column;
  at[dims[1]] = k == 0 ? column : k == 1 ? last_row - row : k == 2 ? last_column - column : row;
  gb_map_add (call, 0, at);
}

static gint64
turn (gint64 index, gint64 shift, gint64 size)
{
  gint64 at = (index - shift % size) % size;
  return at < 0 ? at + size : at;
}

void
gb_map_roll (GbMapCall *call)
{
  gint64 shifts[GB_MAP_NDIM], dims[GB_MAP_NDIM], at[GB_MAP_NDIM];
  int n = gb_op_args_ints (&call->args, "shifts", shifts, GB_MAP_NDIM), ndim = call->map->output.ndim;
  int n_dims = gb_op_args_ints (&call->args, "dims", dims, GB_MAP_NDIM);
  memcpy (at, call->map->index, sizeof at);
  if (n_dims == 0 && n == 1)
    {
      gint64 numel = 1;
      for (int d = 0; d < ndim; d++)
        numel *= call->map->output.sizes[d];
      gb_map_unplace (&call->map->output, turn (gb_map_place (&call->map->output, at), shifts[0], numel), at);
    }
  for (int i = 0; i < MIN (n, n_dims); i++)
    {
      int axis = (int) (dims[i] < 0 ? dims[i] + ndim : dims[i]);
      if (axis < 0 || axis >= ndim)
        call->broken = TRUE;
      else
        at[axis] = turn (at[axis], shifts[i], call->map->output.sizes[axis]);
    }
  gb_map_add (call, 0, at);
}

void
gb_map_repeat (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0);
  int off = input ? call->map->output.ndim - input->ndim : -1;
  gint64 at[GB_MAP_NDIM];
  if (off < 0)
    {
      call->broken = input != NULL;
      return;
    }
  for (int d = 0; d < input->ndim; d++)
    at[d] = input->sizes[d] ? call->map->index[off + d] % input->sizes[d] : 0;
  gb_map_add (call, 0, at);
}

/* pad: pairs, the last axis first. */
void
gb_map_pad (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0);
  gint64 pad[2 * GB_MAP_NDIM], at[GB_MAP_NDIM];
  int n = gb_op_args_ints (&call->args, "pad", pad, 2 * GB_MAP_NDIM);
  if (input == NULL || input->ndim != call->map->output.ndim || n > 2 * input->ndim)
    {
      call->broken = input != NULL;
      return;
    }
  memcpy (at, call->map->index, sizeof at);
  for (int i = 0; i < n / 2; i++)
    at[input->ndim - 1 - i] -= pad[2 * i];
  for (int d = 0; d < input->ndim; d++)
    if (at[d] < 0 || at[d] >= input->sizes[d])
      {
        call->map->form = GB_INDEX_MAP_NOTHING;
        return;
      }
  gb_map_add (call, 0, at);
}

/* A vector on the diagonal of a matrix of zeros, or the diagonal of a matrix. */
void
gb_map_diag (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0);
  gint64 diagonal = gb_op_args_int (&call->args, "diagonal", 0);
  gint64 down = diagonal < 0 ? -diagonal : 0, right = diagonal > 0 ? diagonal : 0;
  const gint64 *index = call->map->index;
  if (input == NULL)
    return;
  if (input->ndim == 2 && call->map->output.ndim == 1)
    gb_map_add (call, 0, (gint64[]){ index[0] + down, index[0] + right });
  else if (input->ndim != 1 || call->map->output.ndim != 2)
    call->broken = TRUE;
  else if (index[1] - index[0] == diagonal)
    gb_map_add (call, 0, (gint64[]){ index[0] - down });
  else
    call->map->form = GB_INDEX_MAP_NOTHING;
}

void
gb_map_narrow (GbMapCall *call)
{
  int axis = gb_map_axis (call, "dim", 0, call->map->output.ndim);
  gint64 at[GB_MAP_NDIM], start = gb_op_args_int (&call->args, "start", 0);
  const GbTensor *input = gb_map_input (call, 0);
  if (axis < 0 || input == NULL)
    return;
  memcpy (at, call->map->index, sizeof at);
  at[axis] += start < 0 ? start + input->sizes[axis] : start;
  gb_map_add (call, 0, at);
}

/* The gradient of a part goes where the part was; elsewhere it is zero. */
void
gb_map_put_back (GbMapCall *call)
{
  const GbTensor *grad = gb_map_input (call, 0);
  int ndim = call->map->output.ndim, axis = grad ? gb_map_axis (call, "dim", 0, ndim) : -1, n = 0;
  gint64 at[GB_MAP_NDIM];
  if (axis < 0)
    return;
  gint64 here = call->map->index[axis], size = call->map->output.sizes[axis];
  gboolean inside;
  if (call->param == 0)
    {
      gint64 wanted = gb_op_args_int (&call->args, "index", 0);
      inside = here == (wanted < 0 ? wanted + size : wanted);
      for (int d = 0; d < ndim; d++)
        if (d != axis)
          at[n++] = call->map->index[d];
    }
  else
    {
      gint64 step = MAX (gb_op_args_int (&call->args, "step", 1), 1),
             start = gb_op_args_int (&call->args, "start", 0);
      start = CLAMP (start < 0 ? start + size : start, 0, size);
      memcpy (at, call->map->index, sizeof at);
      at[axis] = (here - start) / step;
      inside =
          here >= start && (here - start) % step == 0 && axis < grad->ndim && at[axis] < grad->sizes[axis];
    }
  if (inside)
    gb_map_add (call, 0, at);
  else
    call->map->form = GB_INDEX_MAP_NOTHING;
}
