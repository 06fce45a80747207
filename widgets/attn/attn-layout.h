/* attn: all heads as small maps, layer by layer, and one of them large with its digits.  Pure geometry. */
#pragma once

#include "common/draw.h"
#include "models/attention-model.h"
#include "models/selection.h"

G_BEGIN_DECLS

typedef struct
{
  guint layer, head;
  double x, y, size; /* the small map, without its captions */
} GbAttnSmall;

/* What can be chosen with a pair of arrows above the large map. */
typedef enum
{
  GB_ATTN_SAMPLE,
  GB_ATTN_LAYER,
  GB_ATTN_HEAD,
  GB_ATTN_N_CHOICES,
} GbAttnChoice;

typedef struct
{
  GbAttnChoice choice;
  guint now, n;
  double x, width; /* with both arrows, each GB_ATTN_ARROW wide */
} GbAttnStepper;
#define GB_ATTN_ARROW 20

typedef struct
{
  GArray *small;      /* GbAttnSmall */
  double small_width; /* a column */
  double legend_x, legend_y;
  /* the large map: 0 columns when there is no room */
  guint layer, head; /* of the large map */
  double x, y, cell_width, cell_height, label_width;
  gboolean has_large, large_digits;
  GbAttnStepper steppers[GB_ATTN_N_CHOICES];
  guint n_steppers;
  double stepper_y; /* top */
  double title_x;   /* of the head's name, right of them */
  double note_y;                 /* sentence under it */
  gboolean captions, statistics; /* under the small maps */
} GbAttnLayout;

GbAttnLayout *
gb_attn_layout_new (const GbAttention *attention, guint layer, guint head, const GbDrawContext *ctx);
/* "head 2 of 4"; owned. */
char *gb_attn_stepper_text (const GbAttnStepper *stepper);
void gb_attn_layout_free (GbAttnLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbAttnLayout, gb_attn_layout_free)
/* Natural size of the whole. */
void gb_attn_natural_size (const GbAttention *attention, double *width, double *height);

typedef enum
{
  GB_ATTN_NOTHING,
  GB_ATTN_SMALL, /* layer and head */
  GB_ATTN_CELL,  /* query and key of the large map */
  GB_ATTN_STEP,  /* a choice, and 0 back or 1 on */
} GbAttnHit;
/* Where a head's small map, or a cell of the one that is large, is drawn; FALSE: nowhere here. */
gboolean gb_attn_layout_locate (
    const GbAttnLayout *self, const GbAttention *attention, const GbPick *pick, graphene_rect_t *box);
GbAttnHit gb_attn_layout_pick (
    const GbAttnLayout *self, const GbAttention *attention, double x, double y, guint *a, guint *b);

G_END_DECLS
