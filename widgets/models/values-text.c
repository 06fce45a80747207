#include "models/values-text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/dtype.h"

#define MOST_ELEMENTS (1 << 20)

const char *const gb_values_suffix[GB_N_VALUES_FORMS] = { "py", "csv", "txt" };

/* ---- one number ---- */

/* As few digits as give the same bits when they are read as the dtype. */
static void
put_real (GString *out, double value, int dtype, gboolean is_python)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE], format[8];
  gboolean is_single = dtype != TE_FLOAT64 && dtype != TE_COMPLEX128;
  if (isnan (value) || isinf (value))
    {
      const char *name = isnan (value) ? "nan" : value > 0 ? "inf" : "-inf";
      g_string_append_printf (out, is_python ? "float('%s')" : "%s", name);
      return;
    }
  for (int digits = 1; digits <= 17; digits++)
    {
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, value);
      double read = g_ascii_strtod (text, NULL);
      if (is_single ? (float) read == (float) value : read == value)
        break;
    }
  g_string_append (out, text);
  if (is_python && strcspn (text, ".e") == strlen (text))
    g_string_append (out, ".0");
}

static void
put_number (GString *out, const GbTensorValues *values, const gint64 *index, gboolean is_python)
{
  double value = NAN, parts[2];
  int dtype = values->tensor.dtype;
  if (values->is_complex && gb_tensor_values_get_parts (values, index, parts))
    {
      g_string_append (out, is_python ? "complex(" : "");
      put_real (out, parts[0], dtype, is_python);
      g_string_append (out, is_python ? ", " : parts[1] < 0 || isnan (parts[1]) ? "" : "+");
      put_real (out, parts[1], dtype, is_python);
      g_string_append (out, is_python ? ")" : "j");
      return;
    }
  if (!gb_tensor_values_get (values, index, &value))
    g_string_append (out, is_python ? "float('nan')" : "?");
  else if (values->is_bool)
    g_string_append (out, value != 0 ? "True" : "False");
  else if (te_dtype_is_integral ((TeDtype) dtype, false))
    g_string_append_printf (out, "%.0f", value);
  else
    put_real (out, value, dtype, is_python);
}

/* ---- which part ---- */
typedef struct
{
  const GbTensorValues *values;
  int ndim;
  gint64 start[GB_VALUES_MAX_NDIM], size[GB_VALUES_MAX_NDIM];
  gboolean is_whole;
} Part;

static gboolean
knows_all (const Part *part)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  double value;
  for (gint64 i = 0; i < part->values->numel; i++)
    {
      if (!gb_tensor_values_get (part->values, index, &value))
        return FALSE;
      for (int d = part->ndim - 1; d >= 0 && ++index[d] == part->size[d]; d--)
        index[d] = 0;
    }
  return TRUE;
}

static gboolean
find_part (const GbTensorValues *values, Part *part)
{
  *part = (Part){ .values = values, .ndim = values->tensor.ndim };
  for (int d = 0; d < part->ndim; d++)
    part->size[d] = values->tensor.sizes[d];
  part->is_whole = values->numel <= MOST_ELEMENTS && knows_all (part);
  if (part->is_whole)
    return TRUE;
  for (int d = 0; d < part->ndim; d++)
    {
      part->start[d] = values->starts[d];
      part->size[d] = values->extents[d];
    }
  return values->values != NULL && values->n_known <= MOST_ELEMENTS;
}

static void
put_shape (GString *out, const gint64 *sizes, int ndim)
{
  g_string_append_c (out, '(');
  for (int d = 0; d < ndim; d++)
    g_string_append_printf (out, "%s%" G_GINT64_FORMAT, d ? ", " : "", sizes[d]);
  g_string_append (out, ndim == 1 ? ",)" : ")");
}

static void
put_which (GString *out, const Part *part)
{
  g_string_append_printf (out, "# %s[", part->values->label);
  for (int d = 0; d < part->ndim; d++)
    g_string_append_printf (out, "%s%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, d ? ", " : "", part->start[d],
                            part->start[d] + part->size[d]);
  g_string_append (out, "] of ");
  put_shape (out, part->values->tensor.sizes, part->ndim);
  g_string_append (out, ": the part that was recorded\n");
}

/* ---- Python ---- */
static void
put_nested (GString *out, const Part *part, int d, gint64 *index, int indent)
{
  if (d == part->ndim)
    {
      put_number (out, part->values, index, TRUE);
      return;
    }
  g_string_append_c (out, '[');
  for (gint64 i = 0; i < part->size[d]; i++)
    {
      index[d] = part->start[d] + i;
      if (i)
        g_string_append (out, d + 1 == part->ndim ? ", " : ",\n");
      if (i && d + 1 < part->ndim)
        g_string_append_printf (out, "%*s", indent + d + 1, "");
      put_nested (out, part, d + 1, index, indent);
    }
  g_string_append_c (out, ']');
}

static gboolean
is_identifier (const char *text)
{
  gboolean ok = g_ascii_isalpha (*text) || *text == '_';
  for (; ok && *text; text++)
    ok = g_ascii_isalnum (*text) || *text == '_';
  return ok;
}

static void
put_python (GString *out, const Part *part)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  const char *name = is_identifier (part->values->label) ? part->values->label : "tensor";
  gboolean is_empty = FALSE;
  g_string_append (out, "import torch\n\n");
  if (!part->is_whole)
    put_which (out, part);
  g_string_append_printf (out, "%s = torch.tensor(", name);
  put_nested (out, part, 0, index, (int) strlen (name) + (int) strlen (" = torch.tensor("));
  g_string_append_printf (out, ", dtype=torch.%s)", te_dtype_name ((TeDtype) part->values->tensor.dtype));
  for (int d = 0; d < part->ndim; d++)
    is_empty |= part->size[d] == 0;
  /* Brackets alone do not say how many nothings there are. */
  if (is_empty)
    {
      g_string_append (out, ".reshape");
      put_shape (out, part->size, part->ndim);
    }
  g_string_append_c (out, '\n');
}

/* ---- rows ---- */

/* The next index over the leading axes. */
static gboolean
next_sheet (const Part *part, int n_lead, gint64 *index)
{
  for (int d = n_lead - 1; d >= 0; d--)
    {
      if (++index[d] < part->start[d] + part->size[d])
        return TRUE;
      index[d] = part->start[d];
    }
  return FALSE;
}

/* Matrices as rows of numbers; more axes as one line per element, its index first. */
static void
put_csv (GString *out, const Part *part)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  int n_lead = MAX (part->ndim - (part->ndim > 2 ? 0 : 1), 0);
  for (int d = 0; d < part->ndim; d++)
    {
      index[d] = part->start[d];
      if (part->size[d] == 0)
        return;
      if (part->ndim > 2)
        g_string_append_printf (out, "dim%d,", d);
    }
  if (part->ndim > 2)
    g_string_append (out, "value\r\n");
  do
    {
      for (int d = 0; part->ndim > 2 && d < part->ndim; d++)
        g_string_append_printf (out, "%" G_GINT64_FORMAT ",", index[d]);
      for (gint64 i = 0; part->ndim && part->ndim <= 2 && i < part->size[part->ndim - 1]; i++)
        {
          index[part->ndim - 1] = part->start[part->ndim - 1] + i;
          g_string_append (out, i ? "," : "");
          put_number (out, part->values, index, FALSE);
        }
      if (part->ndim == 0 || part->ndim > 2)
        put_number (out, part->values, index, FALSE);
      g_string_append (out, "\r\n");
    }
  while (next_sheet (part, n_lead, index));
}

/* Lines of cells, each column as wide as its widest. */
static void
put_aligned (GString *out, const GPtrArray *cells, guint n_columns, gboolean texts_left)
{
  g_autofree glong *widths = g_new0 (glong, n_columns);
  for (guint i = 0; i < cells->len; i++)
    widths[i % n_columns] = MAX (widths[i % n_columns], g_utf8_strlen (cells->pdata[i], -1));
  for (guint i = 0; i < cells->len; i++)
    {
      const char *text = cells->pdata[i];
      guint column = i % n_columns;
      int room = (int) (widths[column] - g_utf8_strlen (text, -1));
      char *end;
      gboolean is_number = *text == '\0' || (g_ascii_strtod (text, &end), *end == '\0' || *end == 'j');
      if (texts_left && !is_number)
        g_string_append_printf (out, "%s%*s", text, column + 1 < n_columns ? room : 0, "");
      else
        g_string_append_printf (out, "%*s%s", room, "", text);
      g_string_append (out, column + 1 < n_columns ? "  " : "\n");
    }
}

static void
put_sheet (GString *out, const Part *part, gint64 *index)
{
  int ndim = part->ndim;
  gint64 n_rows = ndim > 1 ? part->size[ndim - 2] : 1, n_columns = ndim > 0 ? part->size[ndim - 1] : 1;
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  for (gint64 row = 0; row < n_rows; row++)
    for (gint64 column = 0; column < n_columns; column++)
      {
        GString *text = g_string_new (NULL);
        if (ndim > 1)
          index[ndim - 2] = part->start[ndim - 2] + row;
        if (ndim > 0)
          index[ndim - 1] = part->start[ndim - 1] + column;
        put_number (text, part->values, index, FALSE);
        g_ptr_array_add (cells, g_string_free (text, FALSE));
      }
  put_aligned (out, cells, (guint) MAX (n_columns, 1), FALSE);
}

static void
put_text (GString *out, const Part *part)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  int n_lead = MAX (part->ndim - 2, 0);
  g_string_append_printf (out, "%s  %s  ", part->values->label,
                          te_dtype_name ((TeDtype) part->values->tensor.dtype));
  put_shape (out, part->values->tensor.sizes, part->ndim);
  g_string_append_c (out, '\n');
  if (!part->is_whole)
    put_which (out, part);
  for (int d = 0; d < part->ndim; d++)
    {
      index[d] = part->start[d];
      if (part->size[d] == 0)
        return;
    }
  do
    {
      if (n_lead)
        {
          g_string_append (out, "\n[");
          for (int d = 0; d < n_lead; d++)
            g_string_append_printf (out, "%" G_GINT64_FORMAT ", ", index[d]);
          g_string_append (out, ":, :]\n");
        }
      put_sheet (out, part, index);
    }
  while (next_sheet (part, n_lead, index));
}

char *
gb_values_text_of_tensor (const GbTensorValues *values, GbValuesForm form)
{
  Part part;
  if (values == NULL || !find_part (values, &part))
    return NULL;
  GString *out = g_string_new (NULL);
  if (form == GB_VALUES_PYTHON)
    put_python (out, &part);
  else if (form == GB_VALUES_CSV)
    put_csv (out, &part);
  else
    put_text (out, &part);
  return g_string_free (out, FALSE);
}

/* ---- tables ---- */
static char *
cell_text (const GbTable *table, guint row, guint column)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  double value = gb_table_number (table, row, column);
  if (table->columns[column].texts)
    return g_strdup (gb_table_text (table, row, column));
  return g_strdup (value == GB_TABLE_NOTHING ? "" : g_ascii_dtostr (buffer, sizeof buffer, value));
}

static void
put_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (; *text; text++)
    {
      if (*text == '"' || *text == '\\')
        g_string_append_c (out, '\\');
      if (*text == '\n')
        g_string_append (out, "\\n");
      else
        g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
}

static const char *
title_of (const GbTable *table, guint column, const char *(*translate) (const char *msgid))
{
  const char *title = table->columns[column].title;
  return translate && !table->columns[column].is_name ? translate (title) : title;
}

/* A list of dictionaries; None where a cell is empty. */
static void
put_table_python (GString *out, const GbTable *table, const char *(*translate) (const char *msgid))
{
  g_string_append (out, "rows = [\n");
  for (guint i = 0; i < table->n_rows; i++)
    {
      guint row = gb_table_row (table, i);
      g_string_append (out, "    {");
      for (guint c = 0; c < table->n_columns; c++)
        {
          double value = gb_table_number (table, row, c);
          g_string_append (out, c ? ", " : "");
          put_quoted (out, title_of (table, c, translate));
          g_string_append (out, ": ");
          if (table->columns[c].texts)
            put_quoted (out, gb_table_text (table, row, c));
          else if (value == GB_TABLE_NOTHING)
            g_string_append (out, "None");
          else if (isfinite (value) && value == floor (value) && fabs (value) < 1e15
                   && table->columns[c].kind != GB_CELL_NUMBER)
            g_string_append_printf (out, "%.0f", value);
          else
            put_real (out, value, TE_FLOAT64, TRUE);
        }
      g_string_append (out, "},\n");
    }
  g_string_append (out, "]\n");
}

char *
gb_values_text_of_table (const GbTable *table,
                         GbValuesForm form,
                         const char *(*translate) (const char *msgid))
{
  if (form == GB_VALUES_CSV)
    return gb_table_dup_csv (table, translate);
  GString *out = g_string_new (NULL);
  if (form == GB_VALUES_PYTHON)
    put_table_python (out, table, translate);
  else if (table->n_columns)
    {
      g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
      for (guint c = 0; c < table->n_columns; c++)
        g_ptr_array_add (cells, g_strdup (title_of (table, c, translate)));
      for (guint i = 0; i < table->n_rows; i++)
        for (guint c = 0; c < table->n_columns; c++)
          g_ptr_array_add (cells, cell_text (table, gb_table_row (table, i), c));
      put_aligned (out, cells, table->n_columns, TRUE);
    }
  return g_string_free (out, FALSE);
}
