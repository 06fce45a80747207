#include "ops/nn/conv-layout.h"

#include <string.h>

static int64_t
round_up (int64_t n, int64_t unit)
{
  return te_nn_ceil_div (n, unit) * unit;
}

/* ---- the source ---- */

/* The wide side, read by the taps of all narrow pixels. */
static TeConvSource
source_wide (const TeConvPlan *p)
{
  TeConvSource s = { .channels = p->wide_channels };
  for (int d = 0; d < 3; d++)
    {
      s.sizes[d] = p->wide[d];
      s.begin[d] = p->pad[d];
      s.step[d] = p->stride[d];
      s.extent[d] = p->narrow[d] + (p->kernel[d] - 1) * p->dilation[d] / p->stride[d];
      memset (s.phase[d], -1, sizeof s.phase[d]);
      for (int64_t t = 0; t < p->kernel[d]; t++)
        {
          int8_t *phase = &s.phase[d][t * p->dilation[d] % p->stride[d]];
          if (*phase < 0)
            *phase = (int8_t) s.n_phases[d]++;
        }
    }
  return s;
}

/* The narrow side, read backwards: place 0 is what the first wide pixel's last tap sees. */
static TeConvSource
source_narrow (const TeConvPlan *p)
{
  TeConvSource s = { .channels = p->narrow_channels };
  for (int d = 0; d < 3; d++)
    {
      int64_t reach = (p->kernel[d] - 1) * p->dilation[d] / p->stride[d], first = p->pad[d] / p->stride[d];
      s.sizes[d] = p->narrow[d];
      s.begin[d] = reach - first;
      s.step[d] = s.n_phases[d] = 1;
      s.extent[d] =
          te_nn_max ((p->wide[d] - 1 + p->pad[d]) / p->stride[d], p->narrow[d] - 1) - first + reach + 1;
    }
  return s;
}

/* Pixels x, x + step, … of a row to places from `place` on; what lies before the row or has no place is left
 * out. */
static TeConvStrip
strip_new (const TeConvSource *s, int64_t x, int64_t place)
{
  int64_t step = s->step[2], skip = te_nn_max (0, te_nn_max (te_nn_ceil_div (-x, step), -place));
  TeConvStrip strip = { x + skip * step, place + skip, 0 };
  if (strip.x < s->sizes[2])
    strip.n = te_nn_max (0, te_nn_min ((s->sizes[2] - 1 - strip.x) / step + 1, s->extent[2] - strip.place));
  return strip;
}

static void
source_finish (TeConvSource *s)
{
  s->plane = te_conv_volume (s->extent);
  s->volume = s->plane * te_conv_volume (s->n_phases);
  s->nbytes = round_up ((s->channels * s->volume + te_nn_max (0, s->begin[2]) + 2 * s->lanes) * 4, 64);
}

static void
source_fold (TeConvSource *s)
{
  int64_t zeros = s->extent[2] - s->begin[2] - s->sizes[2], step = s->step[2];
  if (step == 1 && zeros > 0) /* what a row reads behind its end may be the next one's padding */
    s->extent[2] -= te_nn_min (zeros, te_nn_max (0, s->begin[2]));
  for (int64_t r = 0; r < step; r++)
    if (s->phase[2][r] >= 0)
      {
        int64_t x = ((r - s->begin[2]) % step + step) % step;
        s->strips[s->phase[2][r]] = strip_new (s, x, (s->begin[2] + x) / step);
      }
  source_finish (s);
}

/* Rows of `width` pixels for each column of the kernel. */
static void
source_unfold (const TeConvPlan *p, bool to_wide, int64_t width, TeConvSource *s)
{
  s->unfolded = true;
  s->extent[2] = width;
  s->n_phases[2] = p->kernel[2];
  for (int64_t t = 0; t < p->kernel[2]; t++)
    {
      int64_t at = t * p->dilation[2], stride = p->stride[2];
      int64_t first =
          te_nn_max (0, te_nn_ceil_div (p->pad[2] - at % stride, stride)); /* wide pixel that sees it */
      s->strips[t] = strip_new (s, to_wide ? first - at / stride : at - p->pad[2], 0);
    }
  source_finish (s);
}

static int64_t
source_offset (const TeConvSource *s, const int64_t phase[3], const int64_t place[3])
{
  int64_t index = (phase[0] * s->n_phases[1] + phase[1]) * s->n_phases[2] + phase[2];
  return index * s->plane + (place[0] * s->extent[1] + place[1]) * s->extent[2] + place[2];
}

static void
source_row (const TeConvSource *s, const float *from, float *to)
{
  int64_t step = s->step[2];
  for (int64_t i = 0; i < s->n_phases[2]; i++)
    {
      const float *restrict x = from + s->strips[i].x;
      float *restrict into = to + i * s->plane + s->strips[i].place;
      if (step == 1)
        for (int64_t k = 0; k < s->strips[i].n; k++)
          into[k] = x[k];
      else if (step == 2)
        for (int64_t k = 0; k < s->strips[i].n; k++)
          into[k] = x[2 * k];
      else
        for (int64_t k = 0; k < s->strips[i].n; k++)
          into[k] = x[step * k];
    }
}

/* Where the row (z, y) of a channel begins; -1: nobody reads it. */
static int32_t
source_row_at (const TeConvSource *s, int64_t z, int64_t y)
{
  int64_t at[2] = { s->begin[0] + z, s->begin[1] + y };
  if (at[0] < 0 || at[1] < 0)
    return -1;
  int64_t phase[3] = { s->phase[0][at[0] % s->step[0]], s->phase[1][at[1] % s->step[1]], 0 };
  int64_t place[3] = { at[0] / s->step[0], at[1] / s->step[1], 0 };
  bool read = phase[0] >= 0 && phase[1] >= 0 && place[0] < s->extent[0] && place[1] < s->extent[1];
  return read ? (int32_t) source_offset (s, phase, place) : -1;
}

void
te_conv_source_take (TeConvSource *s, TeConvRoom *room)
{
  s->rows = te_conv_take (room, s->sizes[0] * s->sizes[1] * 4);
  if (room->data)
    for (int64_t z = 0; z < s->sizes[0]; z++)
      for (int64_t y = 0; y < s->sizes[1]; y++)
        s->rows[z * s->sizes[1] + y] = source_row_at (s, z, y);
}

void
te_conv_source_fill (const TeConvSource *s, const float *from, float *to)
{
  int64_t n_rows = s->sizes[0] * s->sizes[1];
  for (int64_t c = 0; c < s->channels; c++, to += s->volume)
    for (int64_t r = 0; r < n_rows; r++, from += s->sizes[2])
      if (s->rows[r] >= 0)
        source_row (s, from, to + s->rows[r]);
}

/* ---- grids ---- */
static void
grid_narrow (const TeConvPlan *p, TeConvGrid *g)
{
  *g = (TeConvGrid){ 0 };
  for (int d = 0; d < 3; d++)
    {
      g->sizes[d] = p->narrow[d];
      g->stride[d] = 1;
      g->tap_mod[d] = -1;
    }
}

/* Wide pixels of one phase. */
static void
grid_wide (const TeConvPlan *p, int64_t which, TeConvGrid *g)
{
  *g = (TeConvGrid){ 0 };
  for (int d = 2; d >= 0; d--)
    {
      int64_t s = p->stride[d], phase = which % s;
      which /= s;
      int64_t place = te_nn_max (0, te_nn_ceil_div (p->pad[d] - phase, s));
      g->tap_mod[d] = phase;
      g->first[d] = place * s + phase - p->pad[d];
      g->start[d] = place - p->pad[d] / s;
      g->stride[d] = s;
      g->sizes[d] = g->first[d] < p->wide[d] ? (p->wide[d] - 1 - g->first[d]) / s + 1 : 0;
    }
}

static bool
grid_has_tap (const TeConvPlan *p, const TeConvGrid *g, int d, int64_t tap)
{
  return g->tap_mod[d] < 0 || tap * p->dilation[d] % p->stride[d] == g->tap_mod[d];
}

/* Chooses the form of its vectors that needs fewer. */
static void
grid_measure (const TeConvSource *s, TeConvGrid *g)
{
  int64_t rows = g->sizes[0] * g->sizes[1] * te_nn_ceil_div (g->sizes[2], s->lanes);
  int64_t flat = g->sizes[0] * te_nn_ceil_div ((g->sizes[1] - 1) * s->extent[2] + g->sizes[2], s->lanes);
  g->flat = flat < rows && s->extent[2] >= g->sizes[2];
  g->n_vectors = g->flat ? flat : rows;
}

static bool
grid_is_dense (const TeConvGrid *g)
{
  return g->stride[0] * g->stride[1] * g->stride[2] == 1;
}

/* Vectors of one line: `length` places of which the first `valid` of every `pitch` are pixels. */
static void
grid_line (const TeConvSource *s,
           TeConvGrid *g,
           int64_t start,
           int64_t length,
           int64_t pitch,
           int64_t valid,
           int64_t *v,
           int64_t *pixels)
{
  for (int64_t i = 0; i < length; i += s->lanes, (*v)++)
    {
      int32_t mask = 0;
      for (int l = 0; l < s->lanes && i + l < length; l++)
        if ((i + l) % pitch < valid)
          mask |= 1 << l;
      g->bases[*v] = (int32_t) (start + i);
      g->masks[*v] = mask;
      g->before[*v] = (int32_t) *pixels;
      *pixels += __builtin_popcount ((unsigned) mask);
    }
}

static void
grid_lists (const TeConvSource *s, TeConvGrid *g)
{
  int64_t v = 0, pixels = 0, width = g->sizes[2];
  int64_t length = g->flat ? (g->sizes[1] - 1) * s->extent[2] + width : width,
          lines = g->flat ? 1 : g->sizes[1];
  for (int64_t z = 0; z < g->sizes[0]; z++)
    for (int64_t y = 0; y < lines; y++)
      grid_line (s, g, ((g->start[0] + z) * s->extent[1] + g->start[1] + y) * s->extent[2] + g->start[2],
                 length, s->extent[2], width, &v, &pixels);
  g->bases[v] = g->bases[v - 1];
  g->masks[v] = 0;
  g->before[v] = 0;
}

/* Where the pixels go in a target of these sizes. */
static void
grid_spots (const int64_t target[3], TeConvGrid *g)
{
  int64_t i = 0;
  for (int64_t z = 0; z < g->sizes[0]; z++)
    for (int64_t y = 0; y < g->sizes[1]; y++)
      for (int64_t x = 0; x < g->sizes[2]; x++)
        g->spots[i++] =
            (int32_t) (((g->first[0] + z * g->stride[0]) * target[1] + g->first[1] + y * g->stride[1])
                           * target[2]
                       + g->first[2] + x * g->stride[2]);
}

/* Offsets of the grid's taps for `channels` source channels, and the taps' numbers in the kernel. */
static void
grid_offsets (const TeConvPlan *p,
              const TeConvSource *s,
              const TeConvGrid *g,
              int64_t channels,
              int32_t *offsets,
              int32_t *taps)
{
  bool backward = g->tap_mod[0] >= 0;
  int64_t n = 0;
  for (int64_t z = 0; z < p->kernel[0]; z++)
    for (int64_t y = 0; y < p->kernel[1]; y++)
      for (int64_t x = 0; x < p->kernel[2]; x++)
        {
          const int64_t tap[3] = { z, y, x };
          int64_t phase[3] = { 0 }, place[3];
          bool there = true;
          for (int d = 0; d < 3; d++)
            {
              int64_t reach = (p->kernel[d] - 1) * p->dilation[d] / p->stride[d];
              there = there && grid_has_tap (p, g, d, tap[d]);
              place[d] = tap[d] * p->dilation[d] / p->stride[d];
              if (backward)
                place[d] = reach - place[d];
              else if (d < 2 || !s->unfolded)
                phase[d] = s->phase[d][tap[d] * p->dilation[d] % p->stride[d]];
            }
          if (!there)
            continue;
          if (s->unfolded)
            {
              phase[2] = x;
              place[2] = 0;
            }
          taps[n] = (int32_t) ((z * p->kernel[1] + y) * p->kernel[2] + x);
          for (int64_t c = 0; c < channels; c++)
            offsets[c * g->n_taps + n] = (int32_t) (c * s->volume + source_offset (s, phase, place));
          n++;
        }
}

void
te_conv_pack_weight (const TeConvPlan *p,
                     bool to_wide,
                     int64_t n_taps,
                     const int32_t *taps,
                     int64_t block,
                     const float *weight,
                     float *packed)
{
  int64_t wide = p->wide_channels / p->groups, narrow = p->narrow_channels / p->groups;
  int64_t volume = te_conv_volume (p->kernel), results = to_wide ? wide : narrow,
          sources = to_wide ? narrow : wide;
  int64_t blocks = te_nn_ceil_div (results, block);
  for (int64_t group = 0; group < p->groups; group++)
    for (int64_t b = 0; b < blocks; b++)
      for (int64_t s = 0; s < sources; s++)
        for (int64_t t = 0; t < n_taps; t++)
          for (int64_t r = results * b / blocks; r < results * (b + 1) / blocks; r++)
            {
              int64_t o = to_wide ? s : r, i = to_wide ? r : s;
              *packed++ = weight[((group * narrow + o) * wide + i) * volume + (taps ? taps[t] : t)];
            }
}

/* The grids of a product that have pixels; how many. */
static int
grids_new (const TeConvPlan *p, bool to_wide, TeConvGrid *grids)
{
  int64_t phases = to_wide ? te_conv_volume (p->stride) : 1;
  int n = 0;
  for (int64_t i = 0; i < phases; i++)
    {
      TeConvGrid *g = &grids[n];
      if (to_wide)
        grid_wide (p, i, g);
      else
        grid_narrow (p, g);
      g->n_pixels = te_conv_volume (g->sizes);
      g->n_taps = 1;
      for (int d = 0; d < 3; d++)
        {
          int64_t taps = 0;
          for (int64_t t = 0; t < p->kernel[d]; t++)
            taps += grid_has_tap (p, g, d, t);
          g->n_taps *= taps;
        }
      n += g->n_pixels > 0;
    }
  return n;
}

static int64_t
grids_measure (const TeConvSource *s, TeConvGrid *grids, int n)
{
  int64_t vectors = 0;
  for (int i = 0; i < n; i++)
    {
      grid_measure (s, &grids[i]);
      vectors += grids[i].n_vectors * grids[i].n_taps;
    }
  return vectors;
}

int
te_conv_layout (const TeConvPlan *p, bool to_wide, int lanes, TeConvSource *s, TeConvGrid *grids)
{
  int64_t width = 0;
  for (int d = 0; d < 3; d++)
    if (p->stride[d] > TE_CONV_MAX_STRIDE)
      return 0;
  if (te_conv_volume (p->stride) > TE_CONV_MAX_PHASES)
    return 0;
  int n = grids_new (p, to_wide, grids);
  TeConvSource folded = to_wide ? source_narrow (p) : source_wide (p), unfolded;
  folded.lanes = lanes;
  unfolded = folded;
  source_fold (&folded);
  *s = folded;
  int64_t by_folded = grids_measure (&folded, grids, n);
  if (p->kernel[2] == 1 || p->kernel[2] > TE_CONV_MAX_STRIPS)
    return n;
  for (int i = 0; i < n; i++)
    width = te_nn_max (width, grids[i].sizes[2]);
  source_unfold (p, to_wide, width, &unfolded);
  if (grids_measure (&unfolded, grids, n) * 10 > by_folded * 9)
    {
      grids_measure (&folded, grids, n);
      return n;
    }
  for (int i = 0; i < n; i++)
    grids[i].start[2] = 0;
  *s = unfolded;
  return n;
}

void *
te_conv_take (TeConvRoom *room, int64_t nbytes)
{
  void *here = room->data ? room->data + room->used : NULL;
  room->used += (size_t) round_up (nbytes, 64);
  return here;
}

void
te_conv_grid_take (
    const TeConvPlan *p, const TeConvSource *s, TeConvGrid *g, int64_t results, TeConvRoom *room)
{
  int64_t n_offsets = s->channels / p->groups * g->n_taps;
  g->bases = te_conv_take (room, (g->n_vectors + 1) * 4);
  g->masks = te_conv_take (room, (g->n_vectors + 1) * 4);
  g->before = te_conv_take (room, (g->n_vectors + 1) * 4);
  g->offsets = te_conv_take (room, n_offsets * 4);
  g->spots = grid_is_dense (g) ? NULL : te_conv_take (room, g->n_pixels * 4);
  g->weight = te_conv_take (room, n_offsets * results * 4);
}

void
te_conv_grid_fill (const TeConvPlan *p, bool to_wide, const TeConvSource *s, TeConvGrid *g, int32_t *taps)
{
  grid_lists (s, g);
  if (g->spots)
    grid_spots (to_wide ? p->wide : p->narrow, g);
  grid_offsets (p, s, g, s->channels / p->groups, g->offsets, taps);
}
