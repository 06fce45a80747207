/* Rules of ops that look along axes: sums, scans, softmax, norms, losses. */
#include "models/index-map/map-call.h"

#include <string.h>

/* The output's index with the reduced axes left out put back: which line of the input it was made from. */
static void
line_of (GbMapCall *call, const GbTensor *input, guint axes, gboolean keeps, gint64 *index)
{
  int from = 0;
  for (int d = 0; d < input->ndim; d++)
    {
      gboolean reduced = axes & (1u << d);
      if (reduced && !keeps)
        {
          index[d] = 0;
          continue;
        }
      index[d] = reduced || from >= call->map->output.ndim ? 0 : call->map->index[from];
      from++;
    }
}

void
gb_map_reduce (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0);
  gint64 index[GB_MAP_NDIM] = { 0 };
  if (input == NULL)
    return;
  guint axes = gb_map_axes (call, "dim", input->ndim);
  gboolean keeps = gb_op_args_bool (&call->args, "keepdim", FALSE);
  line_of (call, input, axes, keeps, index);
  if (call->output_nr > 0) /* which one it was */
    call->map->form = GB_INDEX_MAP_DEPENDS;
  if (call->map->form == GB_INDEX_MAP_NORM && gb_op_args_double (&call->args, "p", 2) != 2)
    call->map->form = GB_INDEX_MAP_DEPENDS;
  /* Of two tensors (max (a, b)) it is pointwise. */
  if (gb_map_input (call, 1))
    {
      gb_map_pointwise (call);
      return;
    }
  gb_map_add_box (call, 0, index, axes, NULL);
}

void
gb_map_scan (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0);
  int axis = input ? gb_map_axis (call, "dim", -1, input->ndim) : -1;
  gint64 at[GB_MAP_NDIM];
  if (axis < 0 || input->ndim != call->map->output.ndim)
    return;
  memcpy (at, call->map->index, sizeof at);
  if (input->ndim == 0)
    {
      gb_map_add (call, 0, at);
      return;
    }
  for (at[axis] = 0; at[axis] <= call->map->index[axis] && gb_map_step (call); at[axis]++)
    gb_map_add (call, 0, at);
}

void
gb_map_row (GbMapCall *call)
{
  gboolean first = TRUE;
  for (guint i = 0; i < call->map->n_inputs; i++)
    {
      const GbTensor *input = gb_map_input (call, i);
      if (input == NULL)
        continue;
      int axis = gb_map_axis (call, "dim", call->param, input->ndim);
      if (axis < 0 || input->ndim != call->map->output.ndim)
        {
          call->broken = TRUE;
          return;
        }
      gboolean own = first && call->map->index[axis] < input->sizes[axis] && input->ndim > 0;
      gb_map_add_box (call, i, call->map->index, input->ndim ? 1u << axis : 0, own ? call->map->index : NULL);
      first = FALSE;
    }
}

void
gb_map_pair_loss (GbMapCall *call)
{
  if (gb_op_args_int (&call->args, "reduction", 1) == 0)
    gb_map_pointwise (call);
  else
    gb_map_everything (call);
}

/* ---- negative log likelihood: input, target, weight ---- */

static void
nll_sample (GbMapCall *call, const gint64 *place)
{
  const GbTensor *input = gb_map_input (call, 0), *target = gb_map_input (call, 1);
  gint64 wanted, at[GB_MAP_NDIM];
  gint64 ignored = gb_op_args_int (&call->args, "ignore_index", -100);
  gb_map_add (call, 1, place);
  if (!gb_map_look_up (call, 1, place, &wanted) || wanted == ignored)
    return;
  int channel = input->ndim > 1 ? 1 : 0;
  for (int d = 0, from = 0; d < input->ndim; d++)
    at[d] = d == channel ? wanted : from < target->ndim ? place[from++] : 0;
  gb_map_add (call, 0, at);
  gb_map_add (call, 2, &wanted);
}

void
gb_map_nll (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0), *target = gb_map_input (call, 1);
  gint64 place[GB_MAP_NDIM] = { 0 };
  if (input == NULL || target == NULL || target->ndim + 1 != input->ndim)
    {
      call->broken = input && target;
      return;
    }
  if (gb_op_args_int (&call->args, "reduction", 1) == 0)
    nll_sample (call, call->map->index);
  else
    do
      nll_sample (call, place);
    while (gb_map_step (call) && gb_map_next (target->ndim, target->sizes, place));
}

/* grad, log-probabilities, target, weight: only the wanted class has a gradient. */
void
gb_map_nll_grad (GbMapCall *call)
{
  const GbTensor *grad = gb_map_input (call, 0), *target = gb_map_input (call, 2);
  gint64 place[GB_MAP_NDIM], wanted, none[GB_MAP_NDIM] = { 0 };
  int ndim = call->map->output.ndim, channel = ndim > 1 ? 1 : 0, n = 0;
  if (grad == NULL || target == NULL || target->ndim + 1 != ndim)
    {
      call->broken = grad && target;
      return;
    }
  for (int d = 0; d < ndim; d++)
    if (d != channel)
      place[n++] = call->map->index[d];
  gb_map_add (call, 2, place);
  if (!gb_map_look_up (call, 2, place, &wanted) || wanted != call->map->index[channel])
    return;
  gb_map_add (call, 0, grad->ndim == target->ndim ? place : none);
  gb_map_add (call, 3, &wanted);
}

/* ---- normalisation ---- */

void
gb_map_layer_norm (GbMapCall *call)
{
  gint64 shape[GB_MAP_NDIM];
  int n = gb_op_args_ints (&call->args, "normalized_shape", shape, GB_MAP_NDIM),
      ndim = call->map->output.ndim;
  if (n == 0 || n > ndim)
    {
      call->broken = TRUE;
      return;
    }
  guint axes = ((1u << n) - 1) << (ndim - n);
  gb_map_add_box (call, 0, call->map->index, axes, call->map->index);
  for (guint i = 1; i < 3; i++)
    if (gb_map_input (call, i))
      gb_map_add (call, i, call->map->index + ndim - n);
}

/* Channels of a group and all that lies behind them. */
void
gb_map_group_norm (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0);
  gint64 groups = gb_op_args_int (&call->args, "num_groups", 1), at[GB_MAP_NDIM];
  if (input == NULL || input->ndim < 2 || groups < 1 || groups > input->sizes[1])
    {
      call->broken = input != NULL;
      return;
    }
  gint64 each = input->sizes[1] / groups, first = call->map->index[1] / each * each;
  guint behind = ((1u << input->ndim) - 1) & ~3u;
  gb_map_add (call, 0, call->map->index);
  memcpy (at, call->map->index, sizeof at);
  for (at[1] = first; at[1] < first + each && gb_map_step (call); at[1]++)
    gb_map_add_box (call, 0, at, behind, NULL);
  for (guint i = 1; i < 3; i++)
    if (gb_map_input (call, i))
      gb_map_add (call, i, &call->map->index[1]);
}

/* Input, weight, bias, running mean, running variance. */
void
gb_map_batch_norm (GbMapCall *call)
{
  const GbTensor *input = gb_map_input (call, 0);
  if (input == NULL || input->ndim < 2)
    {
      call->broken = input != NULL;
      return;
    }
  gboolean training = gb_op_args_bool (&call->args, "training", FALSE);
  if (training)
    gb_map_add_box (call, 0, call->map->index, ((1u << input->ndim) - 1) & ~2u, call->map->index);
  else
    gb_map_add (call, 0, call->map->index);
  for (guint i = 1; i < (training ? 3 : 5); i++)
    if (gb_map_input (call, i))
      gb_map_add (call, i, &call->map->index[1]);
}

/* Which gradient the nth output is: 0 input, 1 weight, 2 bias; those that nobody needs are left out. */
static int
which_gradient (const GbMapCall *call)
{
  static const char *const needs[] = { "need_input", "need_weight", "need_bias" };
  int nth = (int) call->output_nr;
  for (int i = 0; i < 3; i++)
    if (gb_op_args_bool (&call->args, needs[i], TRUE) && nth-- == 0)
      return i;
  return -1;
}

/* Gradient, input, mean, reciprocal deviation, weight, bias: a sample's row, or a column over all samples. */
void
gb_map_layer_norm_grad (GbMapCall *call)
{
  const GbTensor *grad = gb_map_input (call, 0);
  gint64 groups = gb_op_args_int (&call->args, "groups", 0), at[GB_MAP_NDIM] = { 0 };
  int n = (int) CLAMP (gb_op_args_int (&call->args, "n", 1), 1, GB_MAP_NDIM), which = which_gradient (call);
  if (grad == NULL || n > grad->ndim || which < 0 || groups > 0)
    {
      gb_map_everything (call);
      return;
    }
  guint row = ((1u << n) - 1) << (grad->ndim - n), outer = (1u << (grad->ndim - n)) - 1;
  if (which > 0)
    memcpy (at + grad->ndim - n, call->map->index, sizeof (gint64) * (gsize) n);
  for (guint i = 0; i < (which == 2 ? 1u : 2u); i++)
    gb_map_add_box (call, i, which ? at : call->map->index, which ? outer : row, NULL);
}

void
gb_map_batch_norm_grad (GbMapCall *call)
{
  const GbTensor *grad = gb_map_input (call, 0);
  int which = which_gradient (call);
  gint64 at[GB_MAP_NDIM] = { 0 };
  if (grad == NULL || grad->ndim < 2 || which < 0)
    {
      gb_map_everything (call);
      return;
    }
  at[1] = which ? call->map->index[0] : call->map->index[1];
  guint axes = ((1u << grad->ndim) - 1) & ~2u;
  for (guint i = 0; i < (which == 2 ? 1u : 2u); i++)
    gb_map_add_box (call, i, at, axes, NULL);
}
