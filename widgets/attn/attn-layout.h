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

typedef struct
{
  GArray *small;      /* GbAttnSmall */
  double small_width; /* a column */
  double legend_x, legend_y;
  /* the large map: 0 columns when there is no room */
  guint layer, head; /* of the large map */
  double x, y, cell_width, cell_height, label_width;
  gboolean has_large, large_digits;
  double note_y;                 /* sentence under it */
  gboolean captions, statistics; /* under the small maps */
} GbAttnLayout;

GbAttnLayout *
gb_attn_layout_new (const GbAttention *attention, guint layer, guint head, const GbDrawContext *ctx);
void gb_attn_layout_free (GbAttnLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbAttnLayout, gb_attn_layout_free)
/* Natural size of the whole. */
void gb_attn_natural_size (const GbAttention *attention, double *width, double *height);

typedef enum
{
  GB_ATTN_NOTHING,
  GB_ATTN_SMALL, /* layer and head */
  GB_ATTN_CELL,  /* query and key of the large map */
} GbAttnHit;
/* Where a head's small map, or a cell of the one that is large, is drawn; FALSE: nowhere here. */
gboolean gb_attn_layout_locate (
    const GbAttnLayout *self, const GbAttention *attention, const GbPick *pick, graphene_rect_t *box);
GbAttnHit gb_attn_layout_pick (
    const GbAttnLayout *self, const GbAttention *attention, double x, double y, guint *a, guint *b);

G_END_DECLS
