/* grid: a tensor's shape first, then its numbers in cells.  Two axes are a sheet; the others choose which
 * sheet lies on top of the pile, and small pictures of all sheets stand beside it. */
#pragma once

#include "common/derivation-card.h"
#include "common/draw.h"
#include "common/number-format.h"
#include "models/selection.h"
#include "models/show-labels.h"
#include "models/tensor-values.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 slice[GB_VALUES_MAX_NDIM]; /* of the leading axes */
  gint64 first_row, first_column;   /* scrolled to */
  double limit;                     /* of the colour scale, kept while the same tensor is shown; 0: choose */
  gboolean signs;
  gboolean no_card; /* where the pinned number came from is not shown */
} GbGridOptions;

typedef struct
{
  GbTensorValues *values, *before; /* NULL: nothing chosen; no older values */
  GbGridOptions options;
  double width, height;
  int n_lead;               /* axes before the sheet */
  gboolean is_wrapped;      /* one axis, broken into several rows */
  gint64 n_rows, n_columns; /* of the sheet; wrapped: as broken */
  gint64 shown_rows, shown_columns;
  double x, y, cell_width, cell_height; /* of the first shown cell */
  gboolean has_digits;
  GbNumberFormat format;
  double limit;
  GbMap map;
  gboolean has_colors;
  GbShowLabels labels; /* of rows and columns, as the program gave them */
  double axis_width;   /* left of the cells */
  guint n_cards; /* edges of sheets behind the top one */
  /* Small pictures of sheets. */
  gint64 n_sheets, first_sheet, shown_sheets;
  guint sheet_columns;
  double sheets_x, sheets_y, sheet_width, sheet_height, sheet_step_x, sheet_step_y;
  /* Where the pinned element came from; made when it is first drawn. */
  GbDerivation *derivation;
  GbDerivationCard *card; /* NULL: nothing is pinned */
  gint64 derived[GB_VALUES_MAX_NDIM];
  double card_x, card_y;
} GbGridLayout;

GbGridLayout *gb_grid_layout_new (GbTraceCursor *cursor,
                                  GbSelection *selection,
                                  const GbGridOptions *options,
                                  const GbDrawContext *ctx);
void gb_grid_layout_free (GbGridLayout *self);
/* "w[3, 1, 2, 4]" */
char *gb_grid_element_text (const GbGridLayout *self, const gint64 *index);
/* Brings the card up to date for the pinned element at `index` (NULL: none), beside its cell. */
void gb_grid_layout_derive (GbGridLayout *self,
                            GbTraceCursor *cursor,
                            const gint64 *index,
                            const GbDrawContext *ctx);
/* The element in the digits of this tensor, "1.00+2.00j" of a complex one whose parts are known; writes and
 * returns text. */
char *
gb_grid_layout_text (const GbGridLayout *self, const gint64 *index, double value, char *text, gsize size);
/* Full index of a cell of the sheet; FALSE: outside the tensor. */
gboolean gb_grid_layout_index (const GbGridLayout *self, gint64 row, gint64 column, gint64 *index);
/* Cell of an index on the shown part of the sheet on top; FALSE: elsewhere. */
gboolean gb_grid_layout_cell (const GbGridLayout *self, const gint64 *index, double *x, double *y);
gboolean gb_grid_layout_at (const GbGridLayout *self, double x, double y, gint64 *index);
/* Number of the sheet an index lies on, and back. */
gint64 gb_grid_layout_sheet (const GbGridLayout *self, const gint64 *index);
void gb_grid_layout_sheet_index (const GbGridLayout *self, gint64 sheet, gint64 *index);
gboolean gb_grid_layout_sheet_place (const GbGridLayout *self, gint64 sheet, double *x, double *y);
/* Place of a value on the map, 0 to 1, FALSE: cells have no colour. */
gboolean gb_grid_layout_tone (const GbGridLayout *self, double value, double *tone);
/* Colour of a value on the map, FALSE: cells have none. */
gboolean gb_grid_layout_color (const GbGridLayout *self, const GbTheme *theme, double value, guint32 *argb);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbGridLayout, gb_grid_layout_free)

G_END_DECLS
