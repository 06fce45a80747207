/* A number as its bits: sign, exponent and mantissa of a float, the weights of an integer's bits, and what
 * becomes of it as another dtype.  Pure arithmetic, rounding as PyTorch on a CPU does. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GB_CAST_EXACT,
  GB_CAST_ROUNDED,   /* to the nearest, ties to even */
  GB_CAST_OVERFLOW,  /* beyond the largest: infinity */
  GB_CAST_UNDERFLOW, /* nearer to 0 than to the smallest: 0 */
  GB_CAST_TRUNCATED, /* digits after the point cut off */
  GB_CAST_WRAPPED,   /* its higher bits are lost */
  GB_CAST_UNDEFINED, /* an integer dtype has no such number: what comes out depends on the machine */
} GbCastFate;

typedef struct
{
  int dtype;
  int n_bits, exponent_bits, mantissa_bits; /* of a float; an integer has neither of these */
  gboolean is_float, is_signed;
} GbBitFormat;

typedef struct
{
  GbBitFormat format;
  guint64 bits;
  double value;    /* as near as a double comes */
  gint64 whole;    /* of an integer dtype */
  GbCastFate fate; /* when it came from another dtype */
} GbBitNumber;

/* FALSE: the dtype has no such bits (complex numbers have two numbers). */
gboolean gb_bit_format_of (int dtype, GbBitFormat *format);
GbBitNumber gb_bit_number_new (int dtype, guint64 bits);
GbBitNumber gb_bit_number_cast (const GbBitNumber *self, int dtype);
/* The next larger (direction 1) or smaller number of the same dtype; FALSE: there is none. */
gboolean gb_bit_number_next (const GbBitNumber *self, int direction, GbBitNumber *next);
/* Fields of a float. */
guint gb_bit_number_exponent (const GbBitNumber *self); /* as stored */
guint64 gb_bit_number_mantissa (const GbBitNumber *self);
int gb_bit_format_bias (const GbBitFormat *format);
/* Shortest digits that come back to the same bits: "0.1".  buffer of at least 64; returns it. */
char *gb_bit_number_text (const GbBitNumber *self, char *buffer, gsize nbytes);

G_END_DECLS
