/* How an image lies when vectors of neighbouring pixels are read from it, and which vectors they are.
 *
 * An image is laid out with its padding as [channel][phase][place]: a stride s takes every s-th pixel, so
 * pixels go to s phases in each dimension, and then every tap reads the next pixels at the next places.  In
 * the data gradient it is the results that come in phases, each with its own taps, and none is multiplied by
 * an inserted zero.
 *
 * Vectors run along a row, or, where rows would leave lanes empty, on over the padding into the next one. */
#pragma once

#include "ops/nn/conv-plan.h"

#define TE_CONV_MAX_STRIDE 4
#define TE_CONV_MAX_PHASES 16
#define TE_CONV_MAX_STRIPS 16

/* Pixels of a row that go side by side: every step-th from x on, to place. */
typedef struct
{
  int64_t x, place, n;
} TeConvStrip;

/* An image as it is read.  Pixel i of a dimension goes to phase (begin + i) % step, place (begin + i) / step.
 * "Unfolded" rows are there once for each of the kernel's columns instead, as it sees them: no padding comes
 * between two rows then. */
typedef struct
{
  int lanes; /* of the vectors that read it */
  int64_t channels, sizes[3];
  int64_t begin[3], step[3], extent[3]; /* places a phase; extent[2] is the pitch of rows */
  int8_t phase[3][TE_CONV_MAX_STRIDE];  /* among those that are read; -1: it is not */
  int64_t n_phases[3];
  bool unfolded;
  TeConvStrip strips[TE_CONV_MAX_STRIPS]; /* of each phase of a row, or of each column of the kernel */
  int32_t *rows; /* where each row of a channel begins; -1: nobody reads it */
  int64_t plane, volume;                  /* floats of a phase, of a channel */
  int64_t nbytes;                         /* of an image with what is read beyond its end */
} TeConvSource;

/* Results that share their taps. */
typedef struct
{
  int64_t sizes[3];
  int64_t start[3];         /* the place from where the first one reads */
  int64_t first[3];         /* where it goes in the target, and the others `stride` apart */
  int64_t stride[3];        /* 1: they are the target, in its order */
  int64_t tap_mod[3];       /* takes the taps with tap * dilation % stride of this */
  int64_t n_taps, n_pixels; /* taps a channel */
  int64_t n_vectors;        /* the lists have one more, of no pixels */
  bool flat;
  int32_t *bases, *masks,
      *before;      /* of a vector: where it reads, its pixels, how many lie in vectors before it */
  int32_t *spots;   /* of a pixel in the target; NULL: its number */
  int32_t *offsets; /* [source channel][tap] */
  float *weight;    /* [group][block][offset][channel] */
} TeConvGrid;

/* Memory for the parts of a call.  With data NULL it only measures: nothing may be written then. */
typedef struct
{
  char *data;
  size_t used;
} TeConvRoom;

void *te_conv_take (TeConvRoom *room, int64_t nbytes);

/* Decides how the source of a product lies for vectors of so many lanes (the narrow side to_wide, else the
 * wide one), and measures the grids of its results, up to TE_CONV_MAX_PHASES.  Returns how many; 0 where none
 * has pixels or the strides are too large. */
int te_conv_layout (const TeConvPlan *p, bool to_wide, int lanes, TeConvSource *s, TeConvGrid *grids);

/* Takes room for the list of rows and fills it. */
void te_conv_source_take (TeConvSource *s, TeConvRoom *room);
/* Lays an image out; `to` has zeros wherever no pixel goes. */
void te_conv_source_fill (const TeConvSource *s, const float *from, float *to);

/* Takes room for a grid's lists, and for its weights with `results` channels (0: none). */
void te_conv_grid_take (
    const TeConvPlan *p, const TeConvSource *s, TeConvGrid *g, int64_t results, TeConvRoom *room);
/* Fills the lists.  taps: room for the numbers in the kernel of the grid's taps. */
void
te_conv_grid_fill (const TeConvPlan *p, bool to_wide, const TeConvSource *s, TeConvGrid *g, int32_t *taps);
/* Weights (narrow, wide / groups, kernel) as [group][block][source channel][tap][result channel], for these
 * taps (NULL: all) and blocks of up to `block` result channels, as te_conv_block_begin cuts them. */
void te_conv_pack_weight (const TeConvPlan *p,
                          bool to_wide,
                          int64_t n_taps,
                          const int32_t *taps,
                          int64_t block,
                          const float *weight,
                          float *packed);
