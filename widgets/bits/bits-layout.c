#include "bits/bits-layout.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"
#include "core/dtype.h"
#include "models/shown-tensor.h"

#define PAD       16
#define HEADLINE  34
#define LEGEND    18
#define ROW       23
#define NAME      74
#define CELL_MAX  11
#define CELL_MIN  2
#define FIELD_GAP 5
#define DETAIL    142
#define TEXT_ROOM 210

/* In the order of the table: floats by what they can tell, then integers. */
static const int dtypes[GB_BITS_MOST_ROWS] = { TE_FLOAT64, TE_FLOAT32, TE_BFLOAT16, TE_FLOAT16, TE_INT64,
                                               TE_INT32,   TE_INT16,   TE_INT8,     TE_UINT8,   TE_BOOL };

void
gb_bits_layout_free (GbBitsLayout *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_rows; i++)
    {
      g_free (self->rows[i].text);
      g_free (self->rows[i].fate);
    }
  g_free (self->element);
  g_free (self->formula);
  g_free (self->exact);
  g_free (self);
}

/* ---- which number ---- */

/* The bits as they were recorded; FALSE: only their value is known. */
static gboolean
recorded_bits (GbTrace *trace, const GbTensor *t, guint64 seq, const gint64 *index, guint64 *bits)
{
  const TeFactValues *fact = gb_trace_get_values (trace, t->tensor, 0, seq);
  const gint64 *starts, *extents;
  gint64 place = 0;
  gsize nbytes = te_dtype_nbytes ((TeDtype) t->dtype);

  if (fact == NULL || fact->tensor.ndim != t->ndim || fact->tensor.dtype != t->dtype || nbytes > sizeof *bits)
    return FALSE;
  starts = (const gint64 *) (fact + 1) + 2 * t->ndim;
  extents = starts + t->ndim;
  for (int d = 0; d < t->ndim; d++)
    {
      if (index[d] < starts[d] || index[d] >= starts[d] + extents[d])
        return FALSE;
      place = place * extents[d] + index[d] - starts[d];
    }
  if ((gsize) (place + 1) * nbytes > fact->data_nbytes)
    return FALSE;
  *bits = 0;
  memcpy (bits, (const guint8 *) (extents + t->ndim) + (gsize) place * nbytes, nbytes);
  return TRUE;
}

/* Complex numbers by their real part. */
static int
part_dtype (int dtype)
{
  return dtype == TE_COMPLEX64 ? TE_FLOAT32 : dtype == TE_COMPLEX128 ? TE_FLOAT64 : dtype;
}

static gboolean
picked_element (GbTrace *trace, const GbPick *pick, guint64 seq, GbTensor *tensor, gint64 *index)
{
  if (!(pick->facets & GB_PICK_ELEMENT) || !gb_trace_get_tensor (trace, pick->tensor, seq, tensor)
      || tensor->ndim != pick->ndim || tensor->ndim > GB_VALUES_MAX_NDIM)
    return FALSE;
  for (int d = 0; d < tensor->ndim; d++)
    if (pick->index[d] < 0 || pick->index[d] >= tensor->sizes[d])
      return FALSE;
  memcpy (index, pick->index, sizeof (gint64) * (gsize) tensor->ndim);
  return TRUE;
}

gboolean
gb_bits_find_number (GbTraceCursor *cursor,
                     GbSelection *selection,
                     GbBitNumber *number,
                     GbTensor *tensor,
                     gint64 *index,
                     gboolean *is_known)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), bits = 0;
  GbBitNumber from;
  double value, parts[2];

  *is_known = FALSE;
  memset (index, 0, sizeof (gint64) * GB_VALUES_MAX_NDIM);
  if (!picked_element (trace, gb_selection_get_current (selection), seq, tensor, index))
    {
      guint64 shown = gb_shown_tensor (cursor, selection);
      if (shown == 0 || !gb_trace_get_tensor (trace, shown, seq, tensor) || tensor->ndim > GB_VALUES_MAX_NDIM)
        return FALSE;
      for (int d = 0; d < tensor->ndim; d++)
        if (tensor->sizes[d] == 0)
          return FALSE;
    }
  if (recorded_bits (trace, tensor, seq, index, &bits))
    {
      *number = gb_bit_number_new (part_dtype (tensor->dtype), bits);
      return *is_known = TRUE;
    }
  g_autoptr (GbTensorValues) values = gb_tensor_values_new (trace, tensor->tensor, seq);
  *is_known = values && gb_tensor_values_get (values, index, &value);
  if (*is_known && gb_tensor_values_get_parts (values, index, parts))
    value = parts[0];
  from = (GbBitNumber){ 0 };
  gb_bit_format_of (TE_FLOAT64, &from.format);
  from.value = *is_known ? value : 0;
  *number = gb_bit_number_cast (&from, part_dtype (tensor->dtype));
  return TRUE;
}

/* ---- words ---- */

char *
gb_bits_weight_text (const GbBitFormat *f, int bit)
{
  if (f->dtype == TE_BOOL)
    return g_strdup (_ ("True or False"));
  if (!f->is_float)
    return f->is_signed && bit == f->n_bits - 1 ? g_strdup_printf (_ ("bit %d counts -2^%d"), bit, bit)
                                                : g_strdup_printf (_ ("bit %d counts 2^%d"), bit, bit);
  if (bit == f->n_bits - 1)
    return g_strdup_printf (_ ("bit %d: the sign"), bit);
  if (bit >= f->mantissa_bits)
    return g_strdup_printf (_ ("bit %d: 2^%d of the exponent"), bit, bit - f->mantissa_bits);
  return g_strdup_printf (_ ("bit %d: 2^%d of the mantissa"), bit, bit - f->mantissa_bits);
}

char *
gb_bits_formula_text (const GbBitNumber *n)
{
  const GbBitFormat *f = &n->format;
  guint exponent = gb_bit_number_exponent (n);
  guint64 mantissa = gb_bit_number_mantissa (n), whole = (guint64) 1 << f->mantissa_bits;
  const char *sign = n->bits >> (f->n_bits - 1) & 1 ? "-" : "+";
  int bias;
  char text[64];

  if (f->dtype == TE_BOOL)
    return g_strdup (n->bits ? "True" : "False");
  gb_bit_number_text (n, text, sizeof text);
  if (!f->is_float && f->is_signed && n->whole < 0)
    {
      guint64 rest = n->bits & (((guint64) 1 << (f->n_bits - 1)) - 1);
      return g_strdup_printf ("-2^%d + %" G_GUINT64_FORMAT " = %s", f->n_bits - 1, rest, text);
    }
  if (!f->is_float)
    return f->is_signed
               ? g_strdup_printf (_ ("%s, between -2^%d and 2^%d - 1"), text, f->n_bits - 1, f->n_bits - 1)
               : g_strdup_printf (_ ("%s, between 0 and 2^%d - 1"), text, f->n_bits);
  bias = gb_bit_format_bias (f);
  if (exponent == (1u << f->exponent_bits) - 1)
    return g_strdup_printf (mantissa ? _ ("exponent all ones, mantissa not 0: NaN")
                                     : _ ("exponent all ones, mantissa 0: %sinfinity"),
                            sign);
  if (exponent == 0 && mantissa == 0)
    return g_strdup_printf (_ ("all fields 0: %s0"), sign);
  if (exponent == 0)
    return g_strdup_printf (
        _ ("%s 2^%d × (0 + %lu/%lu) = %s, below the smallest normal number: no leading 1"), sign, 1 - bias,
        (gulong) mantissa, (gulong) whole, text);
  return g_strdup_printf ("%s 2^(%u - %d) × (1 + %lu/%lu) = %s", sign, exponent, bias, (gulong) mantissa,
                          (gulong) whole, text);
}

char *
gb_bits_fate_text (const GbBitNumber *from, const GbBitNumber *to)
{
  char digits[48];
  /* Integers have more digits than a double. */
  long double exact = from->format.is_float ? (long double) from->value : (long double) from->whole;
  double error = (double) ((long double) to->value - exact);

  switch (to->fate)
    {
    case GB_CAST_EXACT:
      return g_strdup (from->format.dtype == to->format.dtype ? "" : _ ("exact"));
    case GB_CAST_ROUNDED:
      if (to->format.dtype == TE_BOOL)
        return g_strdup (_ ("not 0"));
      gb_number_text (fabs (error), 2, digits, sizeof digits);
      return g_strdup_printf (error > 0 ? _ ("%s too large") : _ ("%s too small"), digits);
    case GB_CAST_OVERFLOW:
      return g_strdup (_ ("beyond the largest"));
    case GB_CAST_UNDERFLOW:
      return g_strdup (_ ("below the smallest"));
    case GB_CAST_TRUNCATED:
      return g_strdup (_ ("fraction cut off"));
    case GB_CAST_WRAPPED:
      return g_strdup (_ ("wraps around"));
    case GB_CAST_UNDEFINED:
      break;
    }
  return g_strdup (_ ("not defined"));
}

/* ---- geometry ---- */

static double
fields_width (const GbBitFormat *format, double cell)
{
  return format->n_bits * cell + (format->is_float ? 2 * FIELD_GAP : 0);
}

double
gb_bits_layout_bit_x (const GbBitsLayout *self, const GbBitFormat *f, int bit)
{
  double x = self->bits_x + (f->n_bits - 1 - bit) * self->cell;

  if (f->is_float && bit < f->n_bits - 1)
    x += FIELD_GAP;
  if (f->is_float && bit < f->mantissa_bits)
    x += FIELD_GAP;
  return x;
}

/* The rows that there is room for; the tensor's own dtype is always among them. */
static void
make_rows (GbBitsLayout *self, guint room)
{
  int own = 0;

  for (int i = 0; i < GB_BITS_MOST_ROWS; i++)
    if (dtypes[i] == self->number.format.dtype)
      own = i;
  for (int i = 0; i < GB_BITS_MOST_ROWS && self->n_rows < room; i++)
    {
      GbBitsRow *row = &self->rows[self->n_rows];
      char text[64];
      if (self->n_rows + 1 == room && i < own)
        i = own;
      if (i == own)
        self->own = (int) self->n_rows;
      row->number = gb_bit_number_cast (&self->number, dtypes[i]);
      if (row->number.fate == GB_CAST_ROUNDED && row->number.format.is_float)
        g_snprintf (text, sizeof text, "%.9g",
                    row->number.value); /* not the digits that it was rounded from */
      else
        gb_bit_number_text (&row->number, text, sizeof text);
      row->text = g_strdup (row->number.fate == GB_CAST_UNDEFINED ? "?" : text);
      row->fate = gb_bits_fate_text (&self->number, &row->number);
      row->y = self->rows_y + self->n_rows * self->row_height;
      self->n_rows++;
    }
  self->chosen =
      self->options.row >= 0 && self->options.row < (int) self->n_rows ? self->options.row : self->own;
}

static char *
element_text (GbTrace *trace, const GbTensor *t, const gint64 *index, guint64 seq)
{
  g_autofree char *label = gb_trace_dup_tensor_label (trace, t->tensor, seq);
  GString *text = g_string_new (label);

  for (int d = 0; d < t->ndim; d++)
    g_string_append_printf (text, "%s%ld", d ? ", " : "[", index[d]);
  if (t->ndim)
    g_string_append_c (text, ']');
  if (te_dtype_info[t->dtype].category == TE_CATEGORY_COMPLEX)
    g_string_append (text, ".real");
  return g_string_free (text, FALSE);
}

GbBitsLayout *
gb_bits_layout_new (GbTraceCursor *cursor,
                    GbSelection *selection,
                    const GbBitsOptions *options,
                    const GbDrawContext *ctx)
{
  GbBitsLayout *self = g_new0 (GbBitsLayout, 1);
  GbTensor tensor;
  gboolean known;
  double room;

  self->width = ctx->width;
  self->height = ctx->height;
  self->options = *options;
  self->is_empty = !gb_bits_find_number (cursor, selection, &self->number, &tensor, self->index, &known);
  if (self->is_empty)
    return self;
  self->tensor = tensor.tensor;
  self->ndim = tensor.ndim;
  self->element = element_text (gb_trace_cursor_get_trace (cursor), &tensor, self->index,
                                gb_trace_cursor_get_position (cursor));
  self->is_unknown = !known;
  if (self->is_unknown)
    return self;
  self->number = gb_bit_number_new (self->number.format.dtype, self->number.bits ^ options->flips);
  self->row_height = ROW;
  self->rows_y = HEADLINE + LEGEND;
  room = ctx->height - self->rows_y;
  self->detail_y = room >= DETAIL + 4 * ROW ? ctx->height - DETAIL : 0;
  make_rows (self, (guint) CLAMP ((room - (self->detail_y > 0 ? DETAIL : 0)) / ROW, 1, GB_BITS_MOST_ROWS));
  if (self->detail_y > 0)
    self->detail_y = self->rows_y + self->n_rows * ROW + 10;
  self->bits_x = PAD + NAME;
  self->cell = CLAMP ((ctx->width - self->bits_x - TEXT_ROOM - 2 * FIELD_GAP) / 64, CELL_MIN, CELL_MAX);
  if (self->cell > 6)
    self->cell = floor (self->cell * 2) / 2;
  self->text_x = 0;
  for (guint i = 0; i < self->n_rows; i++)
    self->text_x =
        MAX (self->text_x, self->bits_x + fields_width (&self->rows[i].number.format, self->cell) + 14);
  self->formula = gb_bits_formula_text (&self->rows[self->chosen].number);
  return self;
}

gboolean
gb_bits_layout_at (const GbBitsLayout *self, double x, double y, int *row, int *bit)
{
  if (self->is_empty || self->is_unknown || y < self->rows_y
      || y >= self->rows_y + self->n_rows * self->row_height)
    return FALSE;
  *row = (int) ((y - self->rows_y) / self->row_height);
  *bit = -1;
  for (int b = 0; b < self->rows[*row].number.format.n_bits; b++)
    {
      double left = gb_bits_layout_bit_x (self, &self->rows[*row].number.format, b);
      if (x >= left && x < left + self->cell)
        *bit = b;
    }
  return TRUE;
}
