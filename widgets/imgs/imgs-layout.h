/* imgs: pictures of a batch side by side, each with what it is and what was guessed; the most wrong first. */
#pragma once

#include "common/draw.h"
#include "models/image-model.h"

G_BEGIN_DECLS

typedef struct
{
  guint first_row;
} GbImgsOptions;

typedef struct
{
  GbImages *images; /* NULL: nothing to show */
  double width, height;
  double x, y; /* of the first picture in sight */
  double picture_width, picture_height, step_x, step_y;
  guint columns, rows, n_rows; /* rows in sight, and of all */
  guint first_row;
  guint32 *pixels; /* of the pictures in sight, one after the other */
} GbImgsLayout;

GbImgsLayout *gb_imgs_layout_new (GbTraceCursor *cursor,
                                  GbSelection *selection,
                                  const GbImgsOptions *options,
                                  const GbDrawContext *ctx);
void gb_imgs_layout_free (GbImgsLayout *self);
/* Place of the at-th picture of the order; FALSE: not in sight. */
gboolean gb_imgs_layout_place (const GbImgsLayout *self, guint at, double *x, double *y);
/* The picture of the order at a point, -1: none; with the pixel. */
int gb_imgs_layout_at (const GbImgsLayout *self, double x, double y, gint64 *row, gint64 *column);
/* The picture of the order that a pick means, -1: none. */
int gb_imgs_layout_find (const GbImgsLayout *self, const GbPick *pick);
void gb_imgs_layout_pick (const GbImgsLayout *self, guint at, gint64 row, gint64 column, GbPick *pick);

/* The pixel of an element, where its picture is in sight; FALSE: it is not. */
gboolean gb_imgs_layout_locate (const GbImgsLayout *self, const GbPick *pick, graphene_rect_t *box);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbImgsLayout, gb_imgs_layout_free)

G_END_DECLS
