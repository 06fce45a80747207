/* gradflow: all parameters by all steps in one picture.  Geometry of names, matrix, last values and legend. */
#pragma once

#include "common/draw.h"
#include "models/gradient-model.h"
#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef struct
{
  GbGradientWhat what;
  /* Decades of the colour scale, kept by the pane so that training does not flicker; low >= high: choose. */
  int low_decade, high_decade;
} GbGradflowOptions;

typedef struct
{
  GbGradientTable *table;
  double width, height;
  double x, y;                     /* of the matrix */
  double matrix_width, row_height; /* row_height includes the gap below */
  double column_width;
  double gap;
  double value_x; /* right edge of the last values */
  double legend_y;
  gboolean has_legend;
  int low_decade, high_decade;
  gboolean has_digits; /* cells are wide enough for their numbers */
  gboolean has_iterations; /* a program has run steps, so an empty table has another reason */
  guint name_stride;   /* every so many names has room */
} GbGradflowLayout;

GbGradflowLayout *gb_gradflow_layout_new (GbTraceCursor *cursor, const GbGradflowOptions *options,
                                          const GbDrawContext *ctx);
void gb_gradflow_layout_free (GbGradflowLayout *self);
/* Place of a value on the colour scale, 0 to 1; below 0: under the lowest decade. */
double gb_gradflow_layout_tone (const GbGradflowLayout *self, double value);
/* Row and column at a point; -1: beside the matrix.  FALSE: neither. */
gboolean gb_gradflow_layout_at (const GbGradflowLayout *self, double x, double y, int *row, int *column);
/* Iteration that a column stands for (its last). */
guint64 gb_gradflow_layout_iteration (const GbGradflowLayout *self, int column);
double gb_gradflow_layout_column_x (const GbGradflowLayout *self, double column);

/* Where a pick's cell, row or column is drawn; FALSE: nowhere here. */
gboolean gb_gradflow_layout_locate (const GbGradflowLayout *self, const GbPick *pick, graphene_rect_t *box);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbGradflowLayout, gb_gradflow_layout_free)

G_END_DECLS
