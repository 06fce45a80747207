/* Rows of columns that are drawn, not built of widgets: a head, rows of one height, a window of them in
 * sight.  Only what is in sight is touched, so that a hundred thousand rows cost as much as twenty. */
#pragma once

#include "common/draw.h"

G_BEGIN_DECLS

#define GB_ROW_HEIGHT 24

typedef struct
{
  const char *title; /* translated, or NULL */
  double least;      /* px that it needs */
  double grow;       /* its share of what is left over */
  GbAlign align;
  int drop;        /* the highest goes first when there is no room; 0: never */
  double x, width; /* found by gb_columns_fit; width 0: it found no room */
} GbColumn;

typedef struct
{
  guint n_rows;
  double y, height;       /* of the part where rows are */
  guint first_row, shown; /* in sight; the last may be cut */
} GbRowWindow;

void gb_columns_fit (GbColumn *columns, guint n, double x, double width);
/* Column at x, or -1. */
int gb_columns_at (const GbColumn *columns, guint n, double x);
/* Titles on a line whose middle is y; sorted: index of the column with an arrow, -1: none. */
void gb_columns_draw_head (const GbDrawContext *ctx,
                           GtkSnapshot *snapshot,
                           const GbColumn *columns,
                           guint n,
                           double y,
                           int sorted,
                           gboolean descending);
/* A text in a column, cut where the column ends. */
void gb_columns_draw_text (const GbDrawContext *ctx,
                           GtkSnapshot *snapshot,
                           const GbColumn *column,
                           GbFace face,
                           GbRole role,
                           const char *text,
                           double y);

/* Keeps first_row where it is as far as there are rows. */
void gb_row_window_place (GbRowWindow *self, guint n_rows, double y, double height);
double gb_row_window_y (const GbRowWindow *self, guint row); /* top of a row */
int gb_row_window_at (const GbRowWindow *self, double y);    /* row, or -1 */
/* Scrolls as little as shows the row; TRUE: something moved. */
gboolean gb_row_window_reveal (GbRowWindow *self, guint row);
gboolean gb_row_window_scroll (GbRowWindow *self, double rows);
/* What part of all rows is in sight, at the right edge; nothing when all are. */
void gb_row_window_draw_bar (const GbRowWindow *self, const GbDrawContext *ctx, GtkSnapshot *snapshot);

G_END_DECLS
