/* Rules of ops on pictures: enlarging, padding by what is there, shuffling pixels. */
#include <math.h>
#include <string.h>

#include "models/index-map/map-call.h"

#define MOST_AXES 3

void
gb_map_plane (GbMapCall *call)
{
  gint64 at[GB_MAP_NDIM];
  for (guint i = 0; i < call->map->n_inputs; i++)
    {
      const GbTensor *input = gb_map_input (call, i);
      if (input == NULL || input->ndim != call->map->output.ndim || input->ndim < call->param)
        continue;
      int lead = input->ndim - call->param;
      memcpy (at, call->map->index, sizeof at);
      gb_map_add_box (call, i, at, ~((1u << lead) - 1), NULL);
    }
}

/* ---- enlarging ---- */

typedef enum
{
  NEAREST,
  NEAREST_EXACT,
  LINEAR,
} Way;

/* The (at most two) places along one axis that place `o` is made of. */
static int
taps_of (const GbMapCall *call, Way way, gint64 o, gint64 in, gint64 out, double scale, gint64 *taps)
{
  gboolean corners = gb_op_args_bool (&call->args, "align_corners", FALSE);
  double step = scale > 0 ? 1 / scale : (double) in / (double) out;
  if (way == NEAREST || way == NEAREST_EXACT)
    {
      taps[0] = MIN (
          (gint64) floor ((double) ((float) (o + (way == NEAREST_EXACT ? 0.5f : 0)) * (float) step)), in - 1);
      return 1;
    }
  if (corners)
    step = out > 1 ? (double) (in - 1) / (double) (out - 1) : 0;
  double from = corners ? (double) o * step : fmax (((double) o + 0.5) * step - 0.5, 0);
  taps[0] = MIN ((gint64) floor (from), in - 1);
  taps[1] = MIN (taps[0] + 1, in - 1);
  return taps[1] != taps[0] && from > (double) taps[0] ? 2 : 1;
}

static void
enlarge (GbMapCall *call, Way way)
{
  static const char *const scales[][MOST_AXES] = { { "scales" },
                                                   { "scales_h", "scales_w" },
                                                   { "scales_d", "scales_h", "scales_w" } };
  const GbTensor *x = gb_map_input (call, 0), *output = &call->map->output;
  gint64 taps[MOST_AXES][2], counts[MOST_AXES], nth[MOST_AXES] = { 0 }, at[GB_MAP_NDIM];
  int n = call->param, lead = x ? x->ndim - n : -1;
  if (lead < 0 || output->ndim != x->ndim)
    {
      call->broken = x != NULL;
      return;
    }
  for (int i = 0; i < n; i++)
    counts[i] = taps_of (call, way, call->map->index[lead + i], x->sizes[lead + i], output->sizes[lead + i],
                         gb_op_args_double (&call->args, scales[n - 1][i], 0), taps[i]);
  memcpy (at, call->map->index, sizeof at);
  do
    {
      for (int i = 0; i < n; i++)
        at[lead + i] = taps[i][nth[i]];
      gb_map_add (call, 0, at);
    }
  while (gb_map_step (call) && gb_map_next (n, counts, nth));
}

void
gb_map_nearest (GbMapCall *call)
{
  enlarge (call, NEAREST);
}

void
gb_map_nearest_exact (GbMapCall *call)
{
  enlarge (call, NEAREST_EXACT);
}

void
gb_map_linear (GbMapCall *call)
{
  enlarge (call, LINEAR);
}

/* ---- padding ---- */

/* padding: pairs, the last axis first. */
static void
pad (GbMapCall *call, gboolean reflect)
{
  const GbTensor *x = gb_map_input (call, 0);
  gint64 padding[2 * MOST_AXES], at[GB_MAP_NDIM];
  int n = gb_op_args_ints (&call->args, "padding", padding, 2 * MOST_AXES) / 2;
  if (x == NULL || x->ndim != call->map->output.ndim || n > x->ndim)
    {
      call->broken = x != NULL;
      return;
    }
  memcpy (at, call->map->index, sizeof at);
  for (int i = 0; i < n; i++)
    {
      int axis = x->ndim - 1 - i;
      gint64 last = x->sizes[axis] - 1, from = at[axis] - padding[2 * i];
      if (reflect)
        from = from < 0 ? -from : from > last ? 2 * last - from : from;
      at[axis] = CLAMP (from, 0, last);
    }
  gb_map_add (call, 0, at);
}

void
gb_map_pad_reflect (GbMapCall *call)
{
  pad (call, TRUE);
}

void
gb_map_pad_replicate (GbMapCall *call)
{
  pad (call, FALSE);
}

/* ---- shuffling ---- */

/* Channels c·r² + i·r + j become pixels (i, j) of channel c. */
void
gb_map_pixel_shuffle (GbMapCall *call)
{
  const gint64 *index = call->map->index;
  gint64 r = gb_op_args_int (&call->args, "upscale_factor", 1), at[GB_MAP_NDIM];
  int channel = call->map->output.ndim - 3;
  if (channel < 0 || r < 1)
    {
      call->broken = TRUE;
      return;
    }
  memcpy (at, index, sizeof at);
  at[channel] = (index[channel] * r + index[channel + 1] % r) * r + index[channel + 2] % r;
  at[channel + 1] = index[channel + 1] / r;
  at[channel + 2] = index[channel + 2] / r;
  gb_map_add (call, 0, at);
}

void
gb_map_pixel_unshuffle (GbMapCall *call)
{
  const gint64 *index = call->map->index;
  gint64 r = gb_op_args_int (&call->args, "downscale_factor", 1), at[GB_MAP_NDIM];
  int channel = call->map->output.ndim - 3;
  if (channel < 0 || r < 1)
    {
      call->broken = TRUE;
      return;
    }
  memcpy (at, index, sizeof at);
  at[channel] = index[channel] / (r * r);
  at[channel + 1] = index[channel + 1] * r + index[channel] / r % r;
  at[channel + 2] = index[channel + 2] * r + index[channel] % r;
  gb_map_add (call, 0, at);
}

void
gb_map_channel_shuffle (GbMapCall *call)
{
  gint64 groups = gb_op_args_int (&call->args, "groups", 1), at[GB_MAP_NDIM];
  if (call->map->output.ndim < 2 || groups < 1)
    {
      call->broken = TRUE;
      return;
    }
  memcpy (at, call->map->index, sizeof at);
  at[1] = at[1] % groups * (call->map->output.sizes[1] / groups) + at[1] / groups;
  gb_map_add (call, 0, at);
}
