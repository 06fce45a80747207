#include "models/bit-number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/dtype.h"

gboolean
gb_bit_format_of (int dtype, GbBitFormat *format)
{
  *format = (GbBitFormat){ .dtype = dtype };
  if (dtype < 0 || dtype >= TE_DTYPE_COUNT || te_dtype_info[dtype].category == TE_CATEGORY_COMPLEX)
    return FALSE;
  format->n_bits = dtype == TE_BOOL ? 1 : (int) te_dtype_nbytes ((TeDtype) dtype) * 8;
  format->is_float = te_dtype_info[dtype].category == TE_CATEGORY_FLOAT;
  format->is_signed = dtype != TE_UINT8 && dtype != TE_BOOL;
  format->exponent_bits = dtype == TE_FLOAT16 ? 5 : dtype == TE_FLOAT64 ? 11 : format->is_float ? 8 : 0;
  format->mantissa_bits = format->is_float ? format->n_bits - 1 - format->exponent_bits : 0;
  return TRUE;
}

int
gb_bit_format_bias (const GbBitFormat *format)
{
  return (1 << (format->exponent_bits - 1)) - 1;
}

guint
gb_bit_number_exponent (const GbBitNumber *self)
{
  return (guint) (self->bits >> self->format.mantissa_bits) & ((1u << self->format.exponent_bits) - 1);
}

guint64
gb_bit_number_mantissa (const GbBitNumber *self)
{
  return self->bits & (((guint64) 1 << self->format.mantissa_bits) - 1);
}

static double
decode_float (const GbBitNumber *self)
{
  const GbBitFormat *f = &self->format;
  guint exponent = gb_bit_number_exponent (self), last = (1u << f->exponent_bits) - 1;
  guint64 mantissa = gb_bit_number_mantissa (self);
  int bias = gb_bit_format_bias (f);
  double sign = self->bits >> (f->n_bits - 1) & 1 ? -1 : 1;

  if (exponent == last)
    return mantissa ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * ldexp ((double) mantissa, 1 - bias - f->mantissa_bits);
  return sign
         * ldexp ((double) (mantissa | (guint64) 1 << f->mantissa_bits),
                  (int) exponent - bias - f->mantissa_bits);
}

static gint64
decode_whole (const GbBitNumber *self)
{
  int n = self->format.n_bits;
  guint64 sign = (guint64) 1 << (n - 1);

  return self->format.is_signed && n < 64 ? (gint64) ((self->bits ^ sign) - sign) : (gint64) self->bits;
}

GbBitNumber
gb_bit_number_new (int dtype, guint64 bits)
{
  GbBitNumber self = { 0 };

  if (!gb_bit_format_of (dtype, &self.format))
    return self;
  self.bits = self.format.n_bits == 64 ? bits : bits & (((guint64) 1 << self.format.n_bits) - 1);
  if (self.format.is_float)
    self.value = decode_float (&self);
  else
    {
      self.whole = decode_whole (&self);
      self.value = (double) self.whole;
    }
  return self;
}

/* ---- casts ---- */

/* Bits of the nearest float of the format, ties to even.  A double goes through float32 on its way to 16
 * bits, as PyTorch's conversion does. */
static guint64
encode_float (double value, const GbBitFormat *f)
{
  union
  {
    double f64;
    float f32;
    guint64 bits;
    guint32 bits32;
  } whole = { .f64 = value };
  guint64 sign = (guint64) (signbit (value) != 0) << (f->n_bits - 1);
  guint64 infinity = (((guint64) 1 << f->exponent_bits) - 1) << f->mantissa_bits;
  int bias = gb_bit_format_bias (f), exponent;
  double scaled;

  if (f->n_bits == 64)
    return whole.bits;
  whole.bits = 0;
  whole.f32 = (float) value;
  if (f->n_bits == 32)
    return whole.bits32;
  value = fabs ((double) whole.f32);
  if (isnan (value))
    return sign | infinity | (guint64) 1 << (f->mantissa_bits - 1);
  if (isinf (value))
    return sign | infinity;
  frexp (value, &exponent);
  exponent = value > 0 ? MAX (exponent - 1, 1 - bias) : 1 - bias;
  scaled = nearbyint (ldexp (value, f->mantissa_bits - exponent));
  if (scaled >= ldexp (1, f->mantissa_bits + 1))
    scaled /= 2, exponent++;
  if (exponent > bias)
    return sign | infinity;
  if (scaled < ldexp (1, f->mantissa_bits))
    return sign | (guint64) scaled;
  return sign | (guint64) (exponent + bias) << f->mantissa_bits
         | ((guint64) scaled & (((guint64) 1 << f->mantissa_bits) - 1));
}

static GbBitNumber
cast_to_float (const GbBitNumber *from, const GbBitFormat *f)
{
  GbBitNumber to;

  /* int64 to float32 rounds once; the double in between would round twice. */
  if (!from->format.is_float && f->n_bits == 32)
    to = gb_bit_number_new (f->dtype, encode_float ((double) (float) from->whole, f));
  else
    to = gb_bit_number_new (f->dtype, encode_float (from->value, f));
  if (isnan (from->value) || to.value == from->value)
    to.fate = !from->format.is_float && fabs (from->value) >= 0x1p53
                      && (fabs (to.value) >= 0x1p63 || (gint64) to.value != from->whole)
                  ? GB_CAST_ROUNDED
                  : GB_CAST_EXACT;
  else if (isinf (to.value))
    to.fate = GB_CAST_OVERFLOW;
  else
    to.fate = to.value == 0 ? GB_CAST_UNDERFLOW : GB_CAST_ROUNDED;
  return to;
}

static GbBitNumber
cast_to_whole (const GbBitNumber *from, const GbBitFormat *f)
{
  GbBitNumber to;
  gint64 whole = from->whole;

  if (f->dtype == TE_BOOL)
    {
      to = gb_bit_number_new (TE_BOOL, from->format.is_float ? from->value != 0 : from->whole != 0);
      to.fate = to.value == from->value ? GB_CAST_EXACT : GB_CAST_ROUNDED;
      return to;
    }
  if (from->format.is_float && !(fabs (from->value) < 0x1p63))
    {
      to = gb_bit_number_new (f->dtype, 0);
      to.fate = GB_CAST_UNDEFINED;
      return to;
    }
  if (from->format.is_float)
    whole = (gint64) trunc (from->value);
  to = gb_bit_number_new (f->dtype, (guint64) whole);
  if (to.whole != whole)
    to.fate = from->format.is_float && (f->n_bits >= 32 || whole != (gint32) whole) ? GB_CAST_UNDEFINED
                                                                                    : GB_CAST_WRAPPED;
  else
    to.fate = from->format.is_float && trunc (from->value) != from->value ? GB_CAST_TRUNCATED : GB_CAST_EXACT;
  return to;
}

GbBitNumber
gb_bit_number_cast (const GbBitNumber *self, int dtype)
{
  GbBitFormat format;

  if (!gb_bit_format_of (dtype, &format))
    return (GbBitNumber){ 0 };
  if (dtype == self->format.dtype)
    {
      GbBitNumber same = *self;
      same.fate = GB_CAST_EXACT;
      return same;
    }
  return format.is_float ? cast_to_float (self, &format) : cast_to_whole (self, &format);
}

/* ---- neighbours ---- */

gboolean
gb_bit_number_next (const GbBitNumber *self, int direction, GbBitNumber *next)
{
  const GbBitFormat *f = &self->format;
  guint64 sign = (guint64) 1 << (f->n_bits - 1), bits = self->bits;
  gboolean negative = f->is_float && (bits & sign);

  if (!f->is_float)
    {
      gint64 low = !f->is_signed ? 0 : f->n_bits == 64 ? G_MININT64 : -((gint64) 1 << (f->n_bits - 1));
      gint64 high =
          f->n_bits == 64 ? G_MAXINT64 : ((gint64) 1 << (f->is_signed ? f->n_bits - 1 : f->n_bits)) - 1;
      if (self->whole == (direction > 0 ? high : low))
        return FALSE;
      *next = gb_bit_number_new (f->dtype, (guint64) (self->whole + direction));
      return TRUE;
    }
  if (isnan (self->value) || (isinf (self->value) && (self->value > 0) == (direction > 0)))
    return FALSE;
  if ((bits & ~sign) == 0)
    bits = direction > 0 ? 1 : sign | 1;
  else
    bits += (direction > 0) != negative ? 1 : -1;
  *next = gb_bit_number_new (f->dtype, bits);
  return TRUE;
}

char *
gb_bit_number_text (const GbBitNumber *self, char *buffer, gsize nbytes)
{
  if (self->format.dtype == TE_BOOL)
    g_snprintf (buffer, nbytes, "%s", self->bits ? "True" : "False");
  else if (!self->format.is_float)
    g_snprintf (buffer, nbytes, "%" G_GINT64_FORMAT, self->whole);
  else
    for (int digits = 1; digits <= 17; digits++)
      {
        double size = fabs (self->value);
        g_snprintf (buffer, nbytes, "%.*g", digits, self->value);
        if (encode_float (strtod (buffer, NULL), &self->format) != self->bits && !isnan (self->value)
            && digits < 17)
          continue;
        /* 70000, not 7e+04. */
        if (size >= 1e-4 && size < 1e15)
          g_snprintf (buffer, nbytes, "%.*f", MAX (digits - 1 - (int) floor (log10 (size)), 0),
                      strtod (buffer, NULL));
        break;
      }
  return buffer;
}
