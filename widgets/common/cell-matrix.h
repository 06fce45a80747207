/* A sheet of cells: numbers as colours, and as digits where they fit.  What the cells hold is asked of a
 * function, so that any rows and columns of any tensor can be a sheet.  Geometry and drawing are pure. */
#pragma once

#include "common/draw.h"
#include "common/number-format.h"

G_BEGIN_DECLS

typedef enum
{
  GB_CELL_UNKNOWN, /* its number was not recorded */
  GB_CELL_NUMBER,
  GB_CELL_PADDING, /* no element: the margin that a window reads */
} GbCellKind;

typedef GbCellKind (*GbCellFunc) (gconstpointer data, gint64 row, gint64 column, double *value);

typedef struct
{
  gint64 rows, columns;
  double x, y, cell; /* square cells */
  GbCellFunc func;
  gconstpointer data;
  GbMap map;
  double limit; /* of the colours */
  gboolean has_digits;
  GbNumberFormat format;
} GbCellMatrix;

/* Looks at the numbers: colours, format, and whether digits fit.  Position and size are set before. */
void
gb_cell_matrix_prepare (GbCellMatrix *self, gboolean is_integer, gboolean is_bool, const GbDrawContext *ctx);
void gb_cell_matrix_draw (const GbCellMatrix *self, const GbDrawContext *ctx, GtkSnapshot *snapshot);
gboolean gb_cell_matrix_at (const GbCellMatrix *self, double x, double y, gint64 *row, gint64 *column);
/* A frame around some of its cells, clipped to the sheet. */
void gb_cell_matrix_mark (const GbCellMatrix *self,
                          gint64 row,
                          gint64 column,
                          gint64 rows,
                          gint64 columns,
                          const GdkRGBA *color,
                          double line,
                          GtkSnapshot *snapshot);
/* The cell as selected; small cells get a frame that can be seen. */
void gb_cell_matrix_select (
    const GbCellMatrix *self, gint64 row, gint64 column, const GbDrawContext *ctx, GtkSnapshot *snapshot);

G_END_DECLS
