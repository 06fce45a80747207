#include "jit/number-text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void
add_number (TeJitText *text, const char *digits)
{
  te_jit_text_add (text, digits);
  if (!strpbrk (digits, ".ein"))
    te_jit_text_add (text, ".");
}

static void
add_special (TeJitText *text, double value)
{
  te_jit_text_add (text, isnan (value) ? "nan" : value > 0 ? "inf" : "-inf");
}

void
te_jit_text_float_exact (TeJitText *text, double value)
{
  char digits[40];
  snprintf (digits, sizeof digits, "%.17g", value);
  if (isfinite (value))
    add_number (text, digits);
  else
    add_special (text, value);
}

void
te_jit_text_float (TeJitText *text, double value)
{
  char digits[40];
  snprintf (digits, sizeof digits, "%g", value);
  if (isfinite (value))
    add_number (text, digits);
  else
    add_special (text, value);
}

void
te_jit_text_quoted (TeJitText *text, const char *data, size_t n)
{
  te_jit_text_add (text, "\"");
  for (size_t i = 0; i < n; i++)
    {
      unsigned char c = (unsigned char) data[i];
      const char *from = "\n\t\r\\\"\a\b\f\v", *to = "ntr\\\"abfv";
      const char *found = c ? strchr (from, c) : NULL;
      if (found)
        te_jit_text_format (text, "\\%c", to[found - from]);
      else if (isprint (c))
        te_jit_text_add_n (text, data + i, 1);
      else
        te_jit_text_format (text, "\\%03o", c);
    }
  te_jit_text_add (text, "\"");
}

/* ---- tensors in C++'s form, with spaces for line ends ---- */
static double
element (const TeTensor *tensor, int64_t index)
{
  int64_t offset = 0;
  for (int d = tensor->ndim; d-- > 0;)
    {
      offset += index % tensor->sizes[d] * tensor->strides[d];
      index /= tensor->sizes[d];
    }
  TeDtype dtype = te_tensor_dtype (tensor);
  return te_scalar_to_double (
      te_scalar_load (dtype, (char *) te_tensor_data (tensor) + offset * (int64_t) te_dtype_nbytes (dtype)));
}

typedef struct
{
  bool whole, exponent;
  double scale;
  int width, precision;
} Format;

/* How wide and how precise all numbers of one tensor are written. */
static Format
format_of (const TeTensor *tensor)
{
  Format format = { .whole = true, .scale = 1 };
  double least = INFINITY, most = 0;
  for (int64_t i = 0; i < tensor->numel; i++)
    {
      double value = element (tensor, i);
      if (!isfinite (value))
        continue;
      format.whole = format.whole && value == ceil (value);
      value = fabs (value);
      least = value < least ? value : least;
      most = value > most ? value : most;
    }
  int low = least > 0 && isfinite (least) ? (int) floor (log10 (least)) + 1 : 1;
  int high = most > 0 ? (int) floor (log10 (most)) + 1 : 1;
  if (format.whole)
    {
      format.exponent = high > 9;
      format.width = high > 9 ? 11 : high + 1;
      format.precision = high > 9 ? 4 : 0;
    }
  else if (high - low > 4)
    {
      format.exponent = true;
      format.width = 11;
      format.precision = 4;
      if (fabs ((double) high) > 99 || fabs ((double) low) > 99)
        format.width++;
    }
  else
    {
      format.precision = 4;
      if (high > 5 || high < 0)
        format.scale = pow (10, high - 1);
      format.width = high == 0 ? 7 : format.scale != 1 ? 7 : high + 6;
    }
  return format;
}

static void
add_row (TeJitText *text,
         const TeTensor *tensor,
         const Format *format,
         int64_t from,
         int64_t n,
         const char *end) /* of a column's lines; NULL: one row */
{
  for (int64_t i = 0; i < n; i++)
    {
      double value = element (tensor, from + i) / format->scale;
      if (i && !end)
        te_jit_text_add (text, " ");
      if (!isfinite (value))
        te_jit_text_format (text, "%*s", format->width, isnan (value) ? "nan" : value > 0 ? "inf" : "-inf");
      else
        te_jit_text_format (text, format->exponent ? "%*.*e" : "%*.*f", format->width, format->precision,
                            value);
      if (end)
        te_jit_text_add (text, end);
    }
}

static void
add_matrices (TeJitText *text, const TeTensor *tensor, const Format *format, const char *end)
{
  int64_t rows = tensor->sizes[tensor->ndim - 2], columns = tensor->sizes[tensor->ndim - 1],
          per = rows * columns;
  for (int64_t m = 0; per && m < tensor->numel / per; m++)
    {
      if (tensor->ndim > 2)
        {
          int64_t index[TE_MAX_NDIM], rest = m;
          for (int d = tensor->ndim - 2; d-- > 0; rest /= tensor->sizes[d])
            index[d] = rest % tensor->sizes[d];
          if (m)
            te_jit_text_add (text, end);
          te_jit_text_add (text, "(");
          for (int d = 0; d < tensor->ndim - 2; d++)
            te_jit_text_format (text, "%lld,", (long long) index[d] + 1);
          te_jit_text_format (text, ".,.) = %s", end);
        }
      if (format->scale != 1)
        te_jit_text_format (text, "%g *%s", format->scale, end);
      for (int64_t r = 0; r < rows; r++)
        {
          add_row (text, tensor, format, m * per + r * columns, columns, NULL);
          te_jit_text_add (text, end);
        }
    }
}

static void
add_tensor (TeJitText *text, const TeTensor *tensor, const char *end)
{
  if (tensor->numel == 1 && tensor->ndim == 0)
    {
      te_jit_text_float (text, element (tensor, 0));
      if (te_dtype_is_integral (te_tensor_dtype (tensor), true) || text->data[text->n - 1] == '.')
        text->data[--text->n] = 0; /* whole numbers have no point here */
      te_jit_text_add (text, end);
      te_jit_text_format (text, "[ CPU%sType{} ]", te_dtype_error_name (te_tensor_dtype (tensor)));
      return;
    }
  Format format = tensor->numel ? format_of (tensor) : (Format){ 0 };
  if (tensor->ndim == 1)
    {
      if (format.scale != 1 && tensor->numel)
        te_jit_text_format (text, "%g *%s", format.scale, end);
      add_row (text, tensor, &format, 0, tensor->numel, end);
    }
  else if (tensor->numel)
    add_matrices (text, tensor, &format, end);
  te_jit_text_format (text, "[ CPU%sType{", te_dtype_error_name (te_tensor_dtype (tensor)));
  for (int i = 0; i < tensor->ndim; i++)
    te_jit_text_format (text, "%s%lld", i ? "," : "", (long long) tensor->sizes[i]);
  te_jit_text_add (text, "} ]");
}

void
te_jit_text_tensor_lines (TeJitText *text, const TeTensor *tensor)
{
  if (te_tensor_is_meta (tensor))
    te_jit_text_add (text, "<Tensor>");
  else
    add_tensor (text, tensor, "\n");
}

void
te_jit_text_tensor (TeJitText *text, const TeTensor *tensor)
{
  if (te_tensor_is_meta (tensor) || tensor->numel > 10)
    te_jit_text_add (text, "<Tensor>");
  else if (tensor->numel == 1 && tensor->ndim == 0)
    te_jit_text_format (text, "{%g}", element (tensor, 0));
  else
    add_tensor (text, tensor, " ");
}
