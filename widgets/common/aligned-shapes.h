/* Shapes one below the other, aligned on the right: what broadcasting makes of them, or the axis at which
 * they do not meet.  Every length is drawn to scale within its axis, what is read again as a ghost.  A pure
 * picture of sizes: any view or error card can show the shapes of any operands. */
#pragma once

#include "common/draw.h"

G_BEGIN_DECLS

#define GB_ALIGNED_MOST_ROWS 4
#define GB_ALIGNED_MOST_AXES 8

typedef struct
{
  const char *label; /* "a" */
  int ndim;
  const gint64 *sizes;
  const gint64 *strides; /* NULL: not told */
} GbAlignedOperand;

/* How the axes are put together: operands' own axes that are at odds, when it is not broadcasting that says
 * so (the inner sizes of a matrix product). */
typedef struct
{
  int axis[GB_ALIGNED_MOST_ROWS]; /* of each operand, -1: none */
} GbAlignedMarks;

typedef struct
{
  gboolean exists, stretched, fails, has_stride;
  gint64 size, stride;
} GbAlignedCell;

typedef struct
{
  guint n_rows;
  int ndim; /* of the result */
  gboolean has_strides, has_result, fails;
  char *labels[GB_ALIGNED_MOST_ROWS + 1]; /* the last: of the result */
  GbAlignedCell cells[GB_ALIGNED_MOST_ROWS][GB_ALIGNED_MOST_AXES];
  gint64 result[GB_ALIGNED_MOST_AXES], longest[GB_ALIGNED_MOST_AXES];
  gboolean fails_at[GB_ALIGNED_MOST_AXES];
  double label_width, column_width, row_height, width, height;
} GbAlignedShapes;

/* For at most max_width.  marks NULL: by the rule of broadcasting; result_label NULL: no row for the result.
 * More operands or axes than there is room for are left out. */
GbAlignedShapes *gb_aligned_shapes_new (const GbAlignedOperand *operands,
                                        guint n,
                                        const GbAlignedMarks *marks,
                                        const char *result_label,
                                        const GbDrawContext *ctx,
                                        double max_width);
void gb_aligned_shapes_free (GbAlignedShapes *self);
/* At t: 0 as written, aligned on the left; to 1/3 they move to the right; to 2/3 they stretch; to 1 the
 * result comes. */
void gb_aligned_shapes_draw (const GbAlignedShapes *self,
                             double t,
                             const GbDrawContext *ctx,
                             GtkSnapshot *snapshot,
                             double x,
                             double y);
/* "axis 1: 1 stretched to 3 in a".  Owned; NULL: the axis has the same length everywhere. */
char *gb_aligned_shapes_axis_text (const GbAlignedShapes *self, int axis);
/* What became of them, in one sentence.  Owned. */
char *gb_aligned_shapes_sentence (const GbAlignedShapes *self);
/* Left edge of an axis's column, from the picture's corner. */
double gb_aligned_shapes_column_x (const GbAlignedShapes *self, int axis);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbAlignedShapes, gb_aligned_shapes_free)

G_END_DECLS
