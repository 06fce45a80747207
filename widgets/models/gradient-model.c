#include "models/gradient-model.h"

#include <math.h>
#include <string.h>

#define NO_GRAD_STEPS 20

static void
row_clear (gpointer data)
{
  g_free (((GbGradientRow *) data)->name);
}

void
gb_gradient_table_free (GbGradientTable *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->rows);
  g_free (self->cells);
  g_free (self);
}

/* The first `depth` parts of a dotted name. */
static gsize
prefix_length (const char *name, guint depth)
{
  const char *at = name;
  for (guint i = 0; *at; at++)
    if (*at == '.' && ++i == depth)
      break;
  return at - name;
}

static guint
name_depth (const char *name)
{
  guint depth = 1;
  for (; *name; name++)
    depth += *name == '.';
  return depth;
}

/* Puts parameters with the same first `depth` parts together, in order; fills row_of. Returns the count. */
static guint
group_rows (GbTrace *trace, guint depth, int *row_of)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n = 0;

  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    {
      const GbParam *param = gb_trace_get_param (trace, i);
      g_autofree char *key = g_strndup (param->name, prefix_length (param->name, depth));
      gpointer row;

      row_of[i] = -1;
      if (param->is_buffer)
        continue;
      if (!g_hash_table_lookup_extended (seen, key, NULL, &row))
        {
          row = GUINT_TO_POINTER (n++);
          g_hash_table_insert (seen, g_steal_pointer (&key), row);
        }
      row_of[i] = GPOINTER_TO_INT (row);
    }
  return n;
}

/* Column of an iteration that is known to be in range. */
static guint
column_of (const GbGradientTable *self, guint64 iteration)
{
  return (guint) MIN ((iteration - self->first) / self->per_column, self->n_columns - 1);
}

static void
cell_add (GbGradientCell *cell, double square, GbGradientState state)
{
  /* NaN wins over numbers, numbers over None, None over nothing. */
  if (cell->state == GB_GRADIENT_NONFINITE)
    return;
  if (state == GB_GRADIENT_NONFINITE)
    *cell = (GbGradientCell){ NAN, state };
  else if (state == GB_GRADIENT_VALUE)
    {
      cell->value = (cell->state == GB_GRADIENT_VALUE ? cell->value : 0) + square;
      cell->state = state;
    }
  else if (state == GB_GRADIENT_NONE && cell->state == GB_GRADIENT_UNKNOWN)
    cell->state = state;
}

/* One parameter's cells: the largest of each run; squared, so that rows of several parameters can be summed.
 */
static void
param_columns (const GbGradientTable *self, const GbParam *param, GbGradientCell *cells)
{
  const GbSeries *grad = self->what == GB_GRADIENT_NORM ? param->grad_norm : param->update_norm;

  for (guint c = 0; c < self->n_columns; c++)
    cells[c] = (GbGradientCell){ 0, GB_GRADIENT_UNKNOWN };
  /* A step without a gradient is None; a step whose update nobody measured is unknown. */
  for (guint i = 0; self->what == GB_GRADIENT_NORM && i < gb_series_get_n (param->param_norm); i++)
    {
      const GbBucket *bucket = gb_series_get (param->param_norm, i);
      if (bucket->x1 < self->first || bucket->x0 > self->last)
        continue;
      for (guint c = column_of (self, MAX (bucket->x0, self->first));
           c <= column_of (self, MIN (bucket->x1, self->last)); c++)
        cells[c].state = GB_GRADIENT_NONE;
    }
  for (guint i = 0; i < gb_series_get_n (grad); i++)
    {
      const GbBucket *bucket = gb_series_get (grad, i);
      double value = bucket->max;

      if (bucket->x1 < self->first || bucket->x0 > self->last)
        continue;
      if (self->what == GB_GRADIENT_RATIO)
        {
          int at = gb_series_find (param->param_norm, bucket->x0);
          double norm = at >= 0 ? gb_bucket_mean (gb_series_get (param->param_norm, at)) : NAN;
          value = norm > 0 ? value / norm : NAN;
          if (isnan (value) && bucket->nonfinite == bucket->count)
            continue; /* no update is known */
        }
      for (guint c = column_of (self, MAX (bucket->x0, self->first));
           c <= column_of (self, MIN (bucket->x1, self->last)); c++)
        {
          GbGradientCell *cell = &cells[c];
          if (bucket->nonfinite || !isfinite (value))
            *cell = (GbGradientCell){ NAN, GB_GRADIENT_NONFINITE };
          else if (cell->state != GB_GRADIENT_NONFINITE)
            *cell = (GbGradientCell){ cell->state == GB_GRADIENT_VALUE ? MAX (cell->value, value * value)
                                                                       : value * value,
                                      GB_GRADIENT_VALUE };
        }
    }
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

static double
median (GArray *values)
{
  if (values->len == 0)
    return 0;
  g_array_sort (values, compare_doubles);
  return g_array_index (values, double, values->len / 2);
}

static void
row_finish (GbGradientTable *self, GbGradientRow *row, const GbGradientCell *cells)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  guint64 none = 0;

  row->last = (GbGradientCell){ 0, GB_GRADIENT_UNKNOWN };
  for (guint c = 0; c < self->n_columns; c++)
    {
      guint64 end = MIN (self->first + (c + 1) * self->per_column - 1, self->last);
      if (cells[c].state == GB_GRADIENT_UNKNOWN)
        continue;
      row->last = cells[c];
      row->last_iteration = end;
      none = cells[c].state == GB_GRADIENT_NONE ? none + self->per_column : 0;
      if (cells[c].state != GB_GRADIENT_VALUE)
        continue;
      g_array_append_val (values, cells[c].value);
      if (cells[c].value >= row->largest)
        {
          row->largest = cells[c].value;
          row->largest_iteration = end;
        }
      if (cells[c].value > 0)
        {
          self->least = self->least > 0 ? MIN (self->least, cells[c].value) : cells[c].value;
          self->most = MAX (self->most, cells[c].value);
        }
    }
  if (row->last.state == GB_GRADIENT_NONFINITE)
    row->alarm = GB_ALARM_NONFINITE;
  else if (none >= NO_GRAD_STEPS)
    {
      row->alarm = GB_ALARM_NO_GRAD;
      row->alarm_steps = none;
    }
  else if (self->what == GB_GRADIENT_NORM && row->last.state == GB_GRADIENT_VALUE && values->len >= 4
           && (row->last.value > 1e4 || (row->last.value > 1 && row->last.value > 100 * median (values))))
    row->alarm = GB_ALARM_EXPLODING;
}

static void
table_find_vanishing (GbGradientTable *self)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  double middle;

  if (self->what != GB_GRADIENT_NORM)
    return;
  for (guint r = 0; r < self->rows->len; r++)
    {
      const GbGradientRow *row = &g_array_index (self->rows, GbGradientRow, r);
      if (row->last.state == GB_GRADIENT_VALUE)
        g_array_append_val (values, row->last.value);
    }
  middle = median (values);
  for (guint r = 0; r < self->rows->len; r++)
    {
      GbGradientRow *row = &g_array_index (self->rows, GbGradientRow, r);
      if (row->alarm == GB_ALARM_NONE && row->last.state == GB_GRADIENT_VALUE
          && (row->last.value < 1e-7 || row->last.value < middle * 1e-6))
        row->alarm = GB_ALARM_VANISHING;
    }
}

static gboolean
table_find_range (GbGradientTable *self, GbTrace *trace, guint64 until)
{
  self->first = G_MAXUINT64;
  self->last = 0;
  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    {
      const GbParam *param = gb_trace_get_param (trace, i);
      guint n = gb_series_get_n (param->param_norm);
      if (n == 0 || param->is_buffer)
        continue;
      self->first = MIN (self->first, gb_series_get (param->param_norm, 0)->x0);
      self->last = MAX (self->last, gb_series_get (param->param_norm, n - 1)->x1);
    }
  self->last = MIN (self->last, until);
  return self->first <= self->last;
}

GbGradientTable *
gb_gradient_table_new (GbTrace *trace, GbGradientWhat what, guint max_rows, guint max_columns, guint64 until)
{
  GbGradientTable *self = g_new0 (GbGradientTable, 1);
  guint n_params = gb_trace_get_n_params (trace), depth = 1, n_rows;
  g_autofree int *row_of = g_new (int, MAX (n_params, 1));
  g_autofree GbGradientCell *cells = NULL;
  guint64 span;

  self->what = what;
  self->rows = g_array_new (FALSE, TRUE, sizeof (GbGradientRow));
  g_array_set_clear_func (self->rows, row_clear);
  if (!table_find_range (self, trace, until))
    return self;
  for (guint i = 0; i < n_params; i++)
    depth = MAX (depth, name_depth (gb_trace_get_param (trace, i)->name));
  while ((n_rows = group_rows (trace, depth, row_of)) > max_rows && depth > 1)
    depth--;
  span = self->last - self->first + 1;
  self->per_column = (span + MAX (max_columns, 1) - 1) / MAX (max_columns, 1);
  self->n_columns = (guint) ((span + self->per_column - 1) / self->per_column);
  self->cells = g_new0 (GbGradientCell, (gsize) n_rows * self->n_columns);
  for (gsize i = 0; i < (gsize) n_rows * self->n_columns; i++)
    self->cells[i].state = GB_GRADIENT_UNKNOWN;
  g_array_set_size (self->rows, n_rows);
  cells = g_new (GbGradientCell, self->n_columns);
  for (guint i = 0; i < n_params; i++)
    {
      const GbParam *param = gb_trace_get_param (trace, i);
      /* The last layer is the first that the gradient reaches: it stands on top. */
      guint r = n_rows - 1 - row_of[i];
      GbGradientRow *row;

      if (row_of[i] < 0)
        continue;
      row = &g_array_index (self->rows, GbGradientRow, r);
      if (row->n_params++ == 0)
        {
          row->name = g_strndup (param->name, prefix_length (param->name, depth));
          row->tensor = param->tensor;
          row->param = i;
        }
      param_columns (self, param, cells);
      for (guint c = 0; c < self->n_columns; c++)
        cell_add (&self->cells[(gsize) r * self->n_columns + c], cells[c].value, cells[c].state);
    }
  for (gsize i = 0; i < (gsize) n_rows * self->n_columns; i++)
    if (self->cells[i].state == GB_GRADIENT_VALUE)
      self->cells[i].value = sqrt (self->cells[i].value);
  for (guint r = 0; r < n_rows; r++)
    row_finish (self, &g_array_index (self->rows, GbGradientRow, r),
                self->cells + (gsize) r * self->n_columns);
  table_find_vanishing (self);
  return self;
}

const GbGradientCell *
gb_gradient_table_get (const GbGradientTable *self, guint row, guint column)
{
  g_return_val_if_fail (row < self->rows->len && column < self->n_columns, NULL);
  return &self->cells[(gsize) row * self->n_columns + column];
}

int
gb_gradient_table_column (const GbGradientTable *self, guint64 iteration)
{
  if (self->n_columns == 0 || iteration < self->first || iteration > self->last)
    return -1;
  return (int) column_of (self, iteration);
}
