/* Numbers as LOOK.md section 6 writes them: significant digits by room, one exponent and one count of decimals per
 * tensor so that points align, "~0" for what is not zero but rounds to it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean is_integer, is_bool;
  int exponent;  /* values are shown divided by 10^exponent; 0: as they are */
  int decimals;  /* after the point */
  int significant;
  gboolean has_sign; /* some value is negative: a column for signs */
} GbNumberFormat;

/* Looks at all values (finite ones count) and chooses.  significant: 4 in inspectors, 3 in cells, 2 in narrow ones. */
GbNumberFormat gb_number_format_for (const double *values, gsize n, int significant, gboolean is_integer,
                                     gboolean is_bool);
/* One value; buffer of at least 32 bytes. "T" "F", "nan", "inf", "-inf", "0", "-0", "~0". Returns buffer. */
char *gb_number_format (const GbNumberFormat *format, double value, char *buffer, gsize nbytes);
/* "×1e-5" for a header, "" when the exponent is 0. */
const char *gb_number_format_exponent (const GbNumberFormat *format, char *buffer, gsize nbytes);

/* A single number with so many significant digits: 0.430, 3.97, 12 300, 1.2e-07. */
char *gb_number_text (double value, int significant, char *buffer, gsize nbytes);
/* 61584 → "61 584" with thin spaces. */
char *gb_number_count (gint64 value, char *buffer, gsize nbytes);
/* 16696 → "16.3 KiB". */
char *gb_number_bytes (guint64 nbytes_value, char *buffer, gsize nbytes);
/* "0.8 ms" */
char *gb_number_duration (guint64 nsec, char *buffer, gsize nbytes);
/* "64×1×8×8" in pictures ("scalar" for 0-d is the caller's), "(64, 1, 8, 8)" in text. */
char *gb_shape_picture (int ndim, const gint64 *sizes, char *buffer, gsize nbytes);
char *gb_shape_tuple (int ndim, const gint64 *sizes, char *buffer, gsize nbytes);

G_END_DECLS
