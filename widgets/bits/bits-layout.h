/* bits: the anatomy of one number: its bits by what they mean, what becomes of it as every other dtype, and
 * where it lies between the two numbers next to it. */
#pragma once

#include "common/draw.h"
#include "models/bit-number.h"
#include "models/selection.h"
#include "models/tensor-values.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_BITS_MOST_ROWS 10

typedef struct
{
  int row;       /* dtype that is explained below, nth of the table; -1: the tensor's own */
  guint64 flips; /* bits that a hand has turned over, of the tensor's own dtype */
  int cursor;    /* bit that keys turn, from the right; -1: none */
} GbBitsOptions;

typedef struct
{
  GbBitNumber number;
  char *text, *fate; /* "0.1", "0.0000244 too large" */
  double y, cell;
} GbBitsRow;

typedef struct
{
  double width, height;
  gboolean is_empty, is_unknown; /* no tensor; its number was not recorded */
  GbBitsOptions options;
  guint64 tensor;
  int ndim;
  gint64 index[GB_VALUES_MAX_NDIM];
  char *element;      /* "x[0, 2]" */
  GbBitNumber number; /* the element, flips included */
  guint n_rows;
  int own, chosen; /* rows of the tensor's dtype and of the explained one */
  GbBitsRow rows[GB_BITS_MOST_ROWS];
  double bits_x, cell, text_x, row_height, rows_y;
  double detail_y; /* 0: no room */
  char *formula, *exact;
} GbBitsLayout;

GbBitsLayout *gb_bits_layout_new (GbTraceCursor *cursor,
                                  GbSelection *selection,
                                  const GbBitsOptions *options,
                                  const GbDrawContext *ctx);
void gb_bits_layout_free (GbBitsLayout *self);
/* Left edge of a bit (from the right) of a row's number. */
double gb_bits_layout_bit_x (const GbBitsLayout *self, const GbBitFormat *format, int bit);
/* Row and bit (-1: beside the bits) under a point; FALSE: none. */
gboolean gb_bits_layout_at (const GbBitsLayout *self, double x, double y, int *row, int *bit);
/* What a bit is worth: "2^-3 of the mantissa".  Owned. */
char *gb_bits_weight_text (const GbBitFormat *format, int bit);
/* How the number comes of its fields.  Owned. */
char *gb_bits_formula_text (const GbBitNumber *number);
/* What the cast did, in words, with the difference.  Owned. */
char *gb_bits_fate_text (const GbBitNumber *from, const GbBitNumber *to);
/* The number that a pick speaks of, without the view: FALSE: no element, or not known. */
gboolean gb_bits_find_number (GbTraceCursor *cursor,
                              GbSelection *selection,
                              GbBitNumber *number,
                              GbTensor *tensor,
                              gint64 *index,
                              gboolean *is_known);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbBitsLayout, gb_bits_layout_free)

G_END_DECLS
