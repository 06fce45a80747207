/* plane: points with their classes on what the model makes of the plane, a fitted curve through points, or an
 * activation along its two largest principal axes. */
#pragma once

#include "common/axis.h"
#include "common/draw.h"
#include "models/plane-model.h"

G_BEGIN_DECLS

typedef struct
{
  double width, height;
  GbPlane *model; /* NULL: nothing to show */
  double x, y, plot_width, plot_height;
  GbAxis x_axis, y_axis;
  /* What the model makes of the plane: classes and how sure, row after row from the top; or one number. */
  guint columns, rows;
  guint8 *classes;
  float *sure, *numbers;
  double limit;  /* of numbers */
  double *curve; /* one per column, of a curve */
  guint8 *wrong; /* per point, or NULL */
  guint n_wrong;
  double error; /* mean of squares, of a curve; NAN: not known */
} GbPlaneLayout;

GbPlaneLayout *gb_plane_layout_new (GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx);
void gb_plane_layout_free (GbPlaneLayout *self);
void gb_plane_layout_place (const GbPlaneLayout *self, gint64 nth, double *x, double *y);
/* The nearest point, -1: none is near. */
gint64 gb_plane_layout_at (const GbPlaneLayout *self, double x, double y);
/* Class of a point by its target, -1: none. */
int gb_plane_layout_class (const GbPlaneLayout *self, gint64 nth);
/* What the picture shows, in one sentence.  Owned. */
char *gb_plane_layout_sentence (const GbPlaneLayout *self);
/* "X[12] = (0.31, -1.2), y = 1, the model says 0".  Owned. */
char *gb_plane_layout_point_text (const GbPlaneLayout *self, gint64 nth);
void gb_plane_layout_pick (const GbPlaneLayout *self, gint64 nth, GbPick *pick);
gint64 gb_plane_layout_picked (const GbPlaneLayout *self, const GbPick *pick); /* -1: none */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbPlaneLayout, gb_plane_layout_free)

G_END_DECLS
