/* stride: one storage, many readings.  The tensors that read it as grids, the storage as a strip below, the way from
 * the offset to one element as arcs, and the formula in numbers. */
#pragma once

#include "common/draw.h"
#include "common/number-format.h"
#include "models/selection.h"
#include "models/tensor-values.h"
#include "models/trace-cursor.h"
#include "stride/stride-play.h"

G_BEGIN_DECLS

#define GB_STRIDE_MAX_GRIDS  4
#define GB_STRIDE_MAX_OWNERS 6
#define GB_STRIDE_MAX_HOPS   12
#define GB_STRIDE_SLIDER     20 /* px from one to the next */

/* A tensor on the storage; the first one is what the view is about. */
typedef struct
{
  GbTensor tensor;
  char *label;
  gboolean is_contiguous;
  gint64 index[GB_VALUES_MAX_NDIM]; /* of the element at the looked-at address */
  gboolean reaches;                 /* it reads that address */
  /* Grid (the first few owners only): the shown window of its last two axes. */
  gboolean has_grid;
  double x, y, cell;
  gint64 first_row, first_column, shown_rows, shown_columns, n_rows, n_columns;
  /* Bracket under the strip. */
  gint64 first_address, last_address;
  gint64 step; /* between neighbours it reads, 1: all of them */
} GbStrideOwner;

/* One arc over the strip: `count` steps along an axis. */
typedef struct
{
  gint64 from, to; /* addresses */
  int axis;
  gint64 count, stride;
} GbStrideHop;

typedef struct
{
  double width, height;
  gboolean is_empty;
  GbTensor tensor;
  gint64 index[GB_VALUES_MAX_NDIM];
  gint64 address;
  GbStorageImage *image;
  GbNumberFormat format;
  gboolean is_float, is_bool, is_complex;
  guint element_nbytes;
  GbStrideOwner owners[GB_STRIDE_MAX_OWNERS];
  guint n_owners, n_more_owners;
  GbStrideHop hops[GB_STRIDE_MAX_HOPS];
  guint n_hops;
  /* Strip. */
  double strip_x, strip_y, cell_width, cell_height, row_step;
  gint64 per_row, first_address, n_shown; /* addresses shown */
  double grids_height, formula_x, brackets_y;
  /* Playground: the first owner is what the sliders say. */
  GbStridePlay play;
  char *call;
  double sliders_x, sliders_y, slider_width; /* of the tracks */
} GbStrideLayout;

GbStrideLayout *gb_stride_layout_new (GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx);
/* With the playground on (its tensor is taken anew when another one is shown); NULL or off: without it. */
GbStrideLayout *gb_stride_layout_new_play (GbTraceCursor *cursor, GbSelection *selection, GbStridePlay *play,
                                           const GbDrawContext *ctx);
/* Slider under a point, -1: none; and the value that x stands for on it. */
int gb_stride_layout_slider_at (const GbStrideLayout *self, double x, double y);
gint64 gb_stride_layout_slider_value (const GbStrideLayout *self, int slider, double x);
/* An element's digits, "|1.41|" of a complex one: its magnitude. */
char *gb_stride_layout_text (const GbStrideLayout *self, double value, char *text, gsize size);
void gb_stride_layout_free (GbStrideLayout *self);
/* Left top of an address's cell on the strip; FALSE: not shown. */
gboolean gb_stride_layout_address_place (const GbStrideLayout *self, gint64 address, double *x, double *y);
/* Cell of an owner's grid; FALSE: not shown. */
gboolean gb_stride_layout_cell_place (const GbStrideOwner *owner, gint64 row, gint64 column, double *x, double *y);
/* Full index of a grid's cell. */
gboolean gb_stride_owner_index (const GbStrideOwner *owner, gint64 row, gint64 column, gint64 *index);
char *gb_stride_owner_title (const GbStrideOwner *owner); /* owned */
gboolean gb_stride_layout_at (const GbStrideLayout *self, double x, double y, GbPick *pick);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbStrideLayout, gb_stride_layout_free)

G_END_DECLS
