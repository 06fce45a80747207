#include "common/number-format.h"

#include <math.h>
#include <string.h>

/* Exponent of the first significant digit: 0.043 → -2, 12 → 1. */
static int
decade (double value)
{
  return (int) floor (log10 (fabs (value)) + 1e-12);
}

GbNumberFormat
gb_number_format_for (const double *values, gsize n, int significant, gboolean is_integer, gboolean is_bool)
{
  GbNumberFormat format = { .is_integer = is_integer, .is_bool = is_bool, .significant = significant };
  double max = 0, min = INFINITY;

  for (gsize i = 0; i < n; i++)
    {
      double a = fabs (values[i]);
      if (signbit (values[i]) && !isnan (values[i]))
        format.has_sign = TRUE;
      if (!isfinite (a) || a == 0)
        continue;
      max = MAX (max, a);
      min = MIN (min, a);
    }
  if (is_integer || is_bool || max == 0)
    return format;
  /* Whole numbers of moderate size stay whole. */
  gboolean whole = max < 1e6;
  for (gsize i = 0; whole && i < n; i++)
    whole = !isfinite (values[i]) || values[i] == floor (values[i]);
  if (whole)
    return format;
  /* One exponent when the values span much or are all far from 1. */
  if (max / min > 1e4 || max >= 1e5 || max < 1e-3)
    {
      int top = decade (max);
      if (top < -1 || top > 3)
        format.exponent = top;
    }
  format.decimals = CLAMP (significant - 1 - (decade (max) - format.exponent), 0, 12);
  return format;
}

static char *
put (char *buffer, gsize nbytes, const char *text)
{
  g_strlcpy (buffer, text, nbytes);
  return buffer;
}

/* Drops nothing but the sign of "-0.00": who sees a minus must see a digit. */
static gboolean
is_all_zero (const char *text)
{
  return strpbrk (text, "123456789") == NULL;
}

char *
gb_number_format (const GbNumberFormat *format, double value, char *buffer, gsize nbytes)
{
  if (isnan (value))
    return put (buffer, nbytes, "nan");
  if (isinf (value))
    return put (buffer, nbytes, value > 0 ? "inf" : "-inf");
  if (format->is_bool)
    return put (buffer, nbytes, value != 0 ? "T" : "F");
  if (value == 0)
    return put (buffer, nbytes, signbit (value) ? "-0" : "0");
  if (format->is_integer)
    {
      g_snprintf (buffer, nbytes, "%.0f", value);
      return buffer;
    }
  g_snprintf (buffer, nbytes, "%.*f", format->decimals, value * pow (10, -format->exponent));
  if (is_all_zero (buffer))
    return put (buffer, nbytes, "~0");
  return buffer;
}

const char *
gb_number_format_exponent (const GbNumberFormat *format, char *buffer, gsize nbytes)
{
  if (format->exponent == 0)
    return put (buffer, nbytes, "");
  g_snprintf (buffer, nbytes, "×1e%d", format->exponent);
  return buffer;
}

char *
gb_number_text (double value, int significant, char *buffer, gsize nbytes)
{
  double a = fabs (value);

  if (isnan (value) || isinf (value))
    return put (buffer, nbytes, isnan (value) ? "nan" : value > 0 ? "inf" : "-inf");
  if (value == 0)
    return put (buffer, nbytes, signbit (value) ? "-0" : "0");
  if (a == floor (a) && a < 1e6)
    {
      if (a >= 1e5)
        return gb_number_count ((gint64) value, buffer, nbytes);
      g_snprintf (buffer, nbytes, "%.0f", value);
    }
  else if (a >= 1e6 || a < 1e-4)
    g_snprintf (buffer, nbytes, "%.*e", MAX (significant - 1, 0), value);
  else
    g_snprintf (buffer, nbytes, "%.*f", CLAMP (significant - 1 - decade (value), 0, 8), value);
  return buffer;
}

char *
gb_number_count (gint64 value, char *buffer, gsize nbytes)
{
  char digits[32];
  GString *out = g_string_new (NULL);
  gsize n;

  g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, value);
  n = strlen (digits);
  for (gsize i = 0; i < n; i++)
    {
      gsize left = n - i;
      if (i > 0 && digits[i - 1] != '-' && left % 3 == 0 && n > 4 + (digits[0] == '-'))
        g_string_append (out, "\u2009");
      g_string_append_c (out, digits[i]);
    }
  g_strlcpy (buffer, out->str, nbytes);
  g_string_free (out, TRUE);
  return buffer;
}

char *
gb_number_bytes (guint64 value, char *buffer, gsize nbytes)
{
  static const char *units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
  double v = value;
  guint unit = 0;

  while (v >= 1000 && unit + 1 < G_N_ELEMENTS (units))
    {
      v /= 1024;
      unit++;
    }
  if (unit == 0)
    g_snprintf (buffer, nbytes, "%.0f B", v);
  else
    g_snprintf (buffer, nbytes, "%.*f %s",
                v >= 100 || fabs (v - round (v)) < 1e-9 ? 0
                : v >= 10                               ? 1
                                                        : 2,
                v, units[unit]);
  return buffer;
}

char *
gb_number_duration (guint64 nsec, char *buffer, gsize nbytes)
{
  double v = nsec;

  if (nsec < 1000)
    g_snprintf (buffer, nbytes, "%.0f ns", v);
  else if (nsec < 100000)
    g_snprintf (buffer, nbytes, "%.*f µs", nsec < 10000 ? 1 : 0, v / 1e3);
  else if (nsec < 1000000000u)
    g_snprintf (buffer, nbytes, "%.*f ms", nsec < 10000000 ? 1 : 0, v / 1e6);
  else
    g_snprintf (buffer, nbytes, "%.*f s", v < 1e10 ? 1 : 0, v / 1e9);
  return buffer;
}

static char *
shape_join (int ndim,
            const gint64 *sizes,
            const char *between,
            const char *open,
            const char *close,
            char *buffer,
            gsize nbytes)
{
  GString *out = g_string_new (open);

  for (int d = 0; d < ndim; d++)
    g_string_append_printf (out, "%s%" G_GINT64_FORMAT, d ? between : "", sizes[d]);
  if (ndim == 1 && close[0] == ')')
    g_string_append_c (out, ',');
  g_string_append (out, close);
  g_strlcpy (buffer, out->str, nbytes);
  g_string_free (out, TRUE);
  return buffer;
}

char *
gb_shape_picture (int ndim, const gint64 *sizes, char *buffer, gsize nbytes)
{
  return shape_join (ndim, sizes, "×", "", "", buffer, nbytes);
}

char *
gb_shape_tuple (int ndim, const gint64 *sizes, char *buffer, gsize nbytes)
{
  return shape_join (ndim, sizes, ", ", "(", ")", buffer, nbytes);
}
