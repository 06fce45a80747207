/* conv: a window that slides.  The input with its padding, the weights of the channel at hand, the result,
 * and the place that is looked at; the arithmetic of the sizes written out, and how far back one number sees.
 */
#pragma once

#include "common/cell-matrix.h"
#include "models/index-map/window.h"
#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_CONV_MOST_LINES 5

typedef enum
{
  GB_CONV_INPUT,
  GB_CONV_WEIGHT,
  GB_CONV_OUTPUT,
  GB_CONV_N_PARTS,
} GbConvPart;

typedef struct
{
  guint64 call;   /* chosen among the windows of the program; 0: the view chooses */
  gint64 channel; /* of the input, counted within its group */
} GbConvOptions;

typedef struct _GbConvLayout GbConvLayout;

typedef struct
{
  const GbConvLayout *layout;
  GbConvPart part;
  const GbTensorValues *values;     /* NULL: nothing is known */
  gint64 index[GB_VALUES_MAX_NDIM]; /* its sheet */
  gint64 first_row, first_column;   /* of the tensor, negative: in the padding */
  GbCellMatrix cells;
  char *title, *shape;
} GbConvSheet;

struct _GbConvLayout
{
  double width, height;
  gboolean is_empty;
  GbConvOptions options;
  GbWindow window;
  guint64 call;
  char *labels[GB_CONV_N_PARTS];
  char *headline;
  GbTensorValues *values[GB_CONV_N_PARTS];
  GbTensorValues *bias;
  gint64 index[GB_VALUES_MAX_NDIM]; /* of the result: looked at */
  gint64 n_channels;                /* of the input that one channel of the result sees */
  GbConvSheet sheets[GB_CONV_N_PARTS];
  guint n_lines;
  char *lines[GB_CONV_MOST_LINES];
  double lines_y, line_y; /* of those, and of the arithmetic of the place */
};

GbConvLayout *gb_conv_layout_new (GbTraceCursor *cursor,
                                  GbSelection *selection,
                                  const GbConvOptions *options,
                                  const GbDrawContext *ctx);
void gb_conv_layout_free (GbConvLayout *self);
/* The op that is looked at: the picked one, the chosen tensor's maker, the one at the position, that of what the program
 * showed last for this view, else the latest convolution, else the latest pool.  0: none. */
guint64 gb_conv_find (GbTraceCursor *cursor, GbSelection *selection);
/* The next or previous window of the program from `call`; 0: there is none. */
guint64 gb_conv_neighbour (GbTrace *trace, guint64 call, int direction);
/* Index of a cell in its tensor; FALSE: padding. */
gboolean gb_conv_sheet_index (const GbConvSheet *self, gint64 row, gint64 column, gint64 *index);
/* Cell of an index on the sheet; FALSE: on another one, or outside what is shown. */
gboolean gb_conv_sheet_cell (const GbConvSheet *self, const gint64 *index, gint64 *row, gint64 *column);
gboolean gb_conv_layout_at (const GbConvLayout *self, double x, double y, GbPick *pick);
/* Place in the result that a pick names; FALSE: none. */
gboolean gb_conv_layout_place (const GbConvLayout *self, const GbPick *pick, gint64 *index);
/* Element of the input that a pick names. */
gboolean gb_conv_layout_source (const GbConvLayout *self, const GbPick *pick, gint64 *index);
/* Largest element of the pool's window at a place; FALSE: not a pool of the largest, or not known. */
gboolean gb_conv_winner (const GbConvLayout *self, const gint64 *place, gint64 *winner, double *value);
/* "rows: (28 + 2·1 - 1·(3 - 1) - 1) ÷ 1 + 1 = 28".  axis of the window; owned. */
char *gb_conv_size_text (const GbWindow *window, int axis);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbConvLayout, gb_conv_layout_free)

G_END_DECLS
