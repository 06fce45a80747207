/* Rules of matrix products and of ops on whole matrices. */
#include "models/index-map/map-call.h"

#include <string.h>

/* The batch part of an operand's index, broadcast from the output's; `keeps` axes of the operand are matrix
 * axes. */
static void
batch_of (const GbMapCall *call, const GbTensor *operand, int keeps, int output_keeps, gint64 *index)
{
  int batch = operand->ndim - keeps, output_batch = call->map->output.ndim - output_keeps;
  for (int d = 0; d < batch; d++)
    {
      int from = output_batch - batch + d;
      index[d] = operand->sizes[d] == 1 || from < 0 ? 0 : call->map->index[from];
    }
}

void
gb_map_mm (GbMapCall *call)
{
  guint a = call->param == 0 ? 1 : 0, b = a + 1;
  const GbTensor *left = gb_map_input (call, a), *right = gb_map_input (call, b),
                 *output = &call->map->output;
  gint64 at_left[GB_MAP_NDIM] = { 0 }, at_right[GB_MAP_NDIM] = { 0 };
  if (left == NULL || right == NULL || left->ndim == 0 || right->ndim == 0)
    {
      call->broken = left && right;
      return;
    }
  int keeps_left = MIN (left->ndim, 2), keeps_right = MIN (right->ndim, 2);
  int keeps = (keeps_left - 1) + (keeps_right - 1);
  if (keeps > output->ndim)
    {
      call->broken = TRUE;
      return;
    }
  batch_of (call, left, keeps_left, keeps, at_left);
  batch_of (call, right, keeps_right, keeps, at_right);
  if (keeps_left == 2)
    at_left[left->ndim - 2] = call->map->index[output->ndim - keeps];
  if (keeps_right == 2)
    at_right[right->ndim - 1] = call->map->index[output->ndim - 1];
  gint64 *k_left = &at_left[left->ndim - 1], *k_right = &at_right[right->ndim - keeps_right];
  for (gint64 k = 0; k < left->sizes[left->ndim - 1] && gb_map_step (call); k++)
    {
      *k_left = *k_right = k;
      gb_map_add_product (call, a, at_left, b, at_right);
    }
  double alpha = gb_op_args_double (&call->args, "alpha", 1),
         beta = gb_op_args_double (&call->args, "beta", 1);
  if (call->param == 0 && beta != 0)
    gb_map_add_broadcast (call, 0);
  if (beta != 1 || alpha != 1)
    call->map->form = GB_INDEX_MAP_DEPENDS;
}

void
gb_map_outer (GbMapCall *call)
{
  if (call->map->output.ndim == 2)
    gb_map_add_product (call, 0, &call->map->index[0], 1, &call->map->index[1]);
}

/* A mask of the axes that a parameter of _trilinear names. */
static guint
named_axes (GbMapCall *call, const char *name, int *n)
{
  gint64 axes[GB_MAP_NDIM];
  guint mask = 0;
  *n = gb_op_args_ints (&call->args, name, axes, GB_MAP_NDIM);
  for (int i = 0; i < *n; i++)
    if (axes[i] < 0 || axes[i] >= 2 * GB_MAP_NDIM)
      call->broken = TRUE;
    else
      mask |= 1u << axes[i];
  return mask;
}

/* The product of three tensors, stretched along the axes that each lacks: of each the elements at the output's place, all of them
 * along the axes that are summed. */
void
gb_map_trilinear (GbMapCall *call)
{
  static const char *const lacks[] = { "expand1", "expand2", "expand3" };
  int n_summed, n_lacking;
  guint summed = named_axes (call, "sumdim", &n_summed);
  int n = call->map->output.ndim + n_summed;
  for (guint i = 0; i < 3 && !call->broken; i++)
    {
      const GbTensor *input = gb_map_input (call, i);
      guint lacking = named_axes (call, lacks[i], &n_lacking), free_axes = 0;
      gint64 at[GB_MAP_NDIM] = { 0 };
      int own = 0, out = 0;
      if (input == NULL)
        continue;
      call->broken = call->broken || input->ndim + n_lacking != n;
      for (int d = 0; d < n && !call->broken; d++)
        {
          gboolean is_summed = summed >> d & 1, has = !(lacking >> d & 1) && own < input->ndim;
          if (has && is_summed)
            free_axes |= 1u << own;
          else if (has && out < call->map->output.ndim)
            at[own] = call->map->index[out];
          own += has;
          out += !is_summed;
        }
      if (!call->broken)
        gb_map_add_box (call, i, at, free_axes, NULL);
    }
}

/* The last two axes of every input, in the same place of the batch. */
void
gb_map_matrices (GbMapCall *call)
{
  gint64 at[GB_MAP_NDIM] = { 0 };
  for (guint i = 0; i < call->map->n_inputs; i++)
    {
      const GbTensor *input = gb_map_input (call, i);
      if (input == NULL)
        continue;
      int batch = MAX (input->ndim - 2, 0);
      for (int d = 0; d < batch; d++)
        at[d] = d < call->map->output.ndim && input->sizes[d] > 1 ? call->map->index[d] : 0;
      gb_map_add_box (call, i, at, ~((1u << batch) - 1), NULL);
    }
}
