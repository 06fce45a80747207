#include "models/surface-model.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "models/events.h"
#include "models/follower.h"
#include "models/record-check.h"
#include "models/tensor-values.h"

#define MOST_CELLS      (1 << 20)
#define MOST_OPTIMISERS 32

static void
path_free (gpointer data)
{
  GbSurfacePath *self = data;
  g_free (self->name);
  g_array_unref (self->points);
  g_free (self);
}

void
gb_surface_free (GbSurface *self)
{
  if (self == NULL)
    return;
  g_free (self->label);
  g_free (self->z);
  g_free (self->xs);
  g_free (self->ys);
  g_free (self->x_name);
  g_free (self->y_name);
  g_ptr_array_unref (self->paths);
  g_free (self);
}

const GbSurfacePath *
gb_surface_path (const GbSurface *self, guint nth)
{
  return nth < self->paths->len ? g_ptr_array_index (self->paths, nth) : NULL;
}

/* ---- heights ---- */

/* The latest matrix that was shown as a surface. */
static const GbShow *
find_show (GbTrace *trace, guint64 seq)
{
  for (guint i = gb_trace_get_n_shows (trace); i > 0; i--)
    {
      const GbShow *show = gb_trace_get_show (trace, i - 1);
      GbTensor tensor;
      if (show->seq <= seq && g_strcmp0 (show->view, "surface") == 0
          && gb_trace_get_tensor (trace, show->tensor, show->seq, &tensor) && tensor.ndim == 2
          && tensor.sizes[0] >= 2 && tensor.sizes[1] >= 2 && tensor.sizes[0] <= MOST_CELLS / tensor.sizes[1])
        return show;
    }
  return NULL;
}

/* Numbers that rise or fall all the way; else FALSE. */
static gboolean
take_places (struct json_object *list, gint64 n, double *places, gboolean *falls)
{
  if (!json_object_is_type (list, json_type_array) || (gint64) json_object_array_length (list) != n)
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    {
      const char *text = json_object_get_string (json_object_array_get_idx (list, (size_t) i));
      char *end = NULL;
      places[i] = text ? g_ascii_strtod (text, &end) : NAN;
      if (text == NULL || end == text || *end || !isfinite (places[i]))
        return FALSE;
      if (i == 1)
        *falls = places[1] < places[0];
      if (i && !(*falls ? places[i] < places[i - 1] : places[i] > places[i - 1]))
        return FALSE;
    }
  if (*falls)
    for (gint64 i = 0; i < n / 2; i++)
      {
        double swap = places[i];
        places[i] = places[n - 1 - i];
        places[n - 1 - i] = swap;
      }
  return TRUE;
}

static void
place_cells (GbSurface *self, const char *labels)
{
  struct json_object *root = labels ? json_tokener_parse (labels) : NULL;
  gboolean told =
      json_object_is_type (root, json_type_array) && json_object_array_length (root) == 2
      && take_places (json_object_array_get_idx (root, 0), self->rows, self->ys, &self->is_flipped[0])
      && take_places (json_object_array_get_idx (root, 1), self->columns, self->xs, &self->is_flipped[1]);

  json_object_put (root);
  if (told)
    return;
  self->is_flipped[0] = self->is_flipped[1] = FALSE;
  for (gint64 i = 0; i < self->rows; i++)
    self->ys[i] = (double) i;
  for (gint64 i = 0; i < self->columns; i++)
    self->xs[i] = (double) i;
  g_free (self->x_name);
  g_free (self->y_name);
  self->x_name = g_strdup_printf ("%s[:, j]", self->label);
  self->y_name = g_strdup_printf ("%s[i, :]", self->label);
}

void
gb_surface_index (const GbSurface *self, gint64 row, gint64 column, gint64 index[2])
{
  index[0] = self->is_flipped[0] ? self->rows - 1 - row : row;
  index[1] = self->is_flipped[1] ? self->columns - 1 - column : column;
}

static gboolean
read_height (const GbSurface *self, const GbTensorValues *values, gint64 row, gint64 column, double *z)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };

  gb_surface_index (self, row, column, index);
  if (values->values && values->n_known == values->numel) /* all of it, in a block of its own: quick */
    *z = values->values[index[0] * self->columns + index[1]];
  else if (!gb_tensor_values_get (values, index, z))
    return FALSE;
  return TRUE;
}

static void
read_heights (GbSurface *self, const GbTensorValues *values)
{
  self->low = INFINITY, self->high = -INFINITY;
  for (gint64 r = 0; r < self->rows; r++)
    for (gint64 c = 0; c < self->columns; c++)
      {
        double z;
        if (!read_height (self, values, r, c, &z))
          {
            self->is_unknown = TRUE;
            return;
          }
        self->z[r * self->columns + c] = z;
        self->n_nonfinite += !isfinite (z);
        if (isfinite (z) && z < self->low)
          self->low = z, self->low_row = r, self->low_column = c;
        if (isfinite (z) && z > self->high)
          self->high = z;
      }
}

static void
take_heights (GbSurface *self, GbTrace *trace, guint64 seq)
{
  const GbShow *show = find_show (trace, seq);
  g_autoptr (GbTensorValues) values = show ? gb_tensor_values_new (trace, show->tensor, seq) : NULL;

  if (values == NULL)
    return;
  self->tensor = show->tensor;
  self->label = g_strdup (values->label);
  self->rows = values->tensor.sizes[0];
  self->columns = values->tensor.sizes[1];
  self->z = g_new0 (double, self->rows * self->columns);
  self->xs = g_new (double, self->columns);
  self->ys = g_new (double, self->rows);
  place_cells (self, show->labels);
  read_heights (self, values);
}

/* The cell before a place, and how far on to the next it is. */
static gboolean
find_between (const double *places, gint64 n, double at, gint64 *before, double *share)
{
  gint64 low = 0, high = n - 1;

  if (!(at >= places[0] && at <= places[n - 1]))
    return FALSE;
  while (high - low > 1)
    {
      gint64 middle = (low + high) / 2;
      if (places[middle] <= at)
        low = middle;
      else
        high = middle;
    }
  *before = low;
  *share = (at - places[low]) / (places[low + 1] - places[low]);
  return TRUE;
}

double
gb_surface_height (const GbSurface *self, double x, double y)
{
  gint64 row, column;
  double down, across;
  const double *z;

  if (self->tensor == 0 || self->is_unknown || !find_between (self->xs, self->columns, x, &column, &across)
      || !find_between (self->ys, self->rows, y, &row, &down))
    return NAN;
  z = self->z + row * self->columns + column;
  return (z[0] * (1 - across) + z[1] * across) * (1 - down)
         + (z[self->columns] * (1 - across) + z[self->columns + 1] * across) * down;
}

/* ---- paths that the program tells ---- */

static GbSurfacePath *
add_path (GbSurface *self, const char *name, guint64 tensor)
{
  GbSurfacePath *path;

  if (self->paths->len >= GB_SURFACE_MOST_PATHS)
    {
      self->n_hidden++;
      return NULL;
    }
  path = g_new0 (GbSurfacePath, 1);
  path->name = g_strdup (name);
  path->tensor = tensor;
  path->points = g_array_new (FALSE, FALSE, sizeof (GbSurfacePoint));
  g_ptr_array_add (self->paths, path);
  return path;
}

static void
add_point (GbSurfacePath *self, GbSurfacePoint point)
{
  if (self->points->len >= GB_SURFACE_MOST_POINTS)
    {
      g_array_remove_range (self->points, 0, GB_SURFACE_MOST_POINTS / 2);
      self->n_before += GB_SURFACE_MOST_POINTS / 2;
    }
  g_array_append_val (self->points, point);
}

static gboolean
is_place (const GbEvent *event)
{
  return !isnan (gb_event_number (event, "x")) && !isnan (gb_event_number (event, "y"));
}

static void
take_told_paths (GbSurface *self, GbTrace *trace, guint64 seq)
{
  const GArray *events = gb_events_of (trace);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < events->len; i++)
    {
      const GbEvent *event = &g_array_index (events, GbEvent, i);
      GbSurfacePath *path;
      if (event->seq > seq)
        break;
      if (!is_place (event))
        continue;
      if (!g_hash_table_lookup_extended (by_name, event->name, NULL, (gpointer *) &path))
        g_hash_table_insert (by_name, (gpointer) event->name, path = add_path (self, event->name, 0));
      if (path)
        add_point (path, (GbSurfacePoint){ .x = gb_event_number (event, "x"),
                                           .y = gb_event_number (event, "y"),
                                           .z = gb_event_number (event, "value"),
                                           .seq = event->seq,
                                           .iteration = gb_trace_iteration_at (trace, event->seq) });
    }
}

/* ---- paths of parameters ---- */

typedef struct
{
  guint64 seq, tensors[2];
  guint32 optimizer, name;
  guint n_tensors;
} Optimiser;

typedef struct
{
  Optimiser held[MOST_OPTIMISERS];
  guint n;
} Optimisers;

static void
optimisers_take (gpointer state, GbTrace *trace, const TeRecord *record)
{
  Optimisers *self = state;
  const TeRecordOptimizer *r = (const TeRecordOptimizer *) record;
  Optimiser *place = NULL;

  if (record->type != TE_RECORD_OPTIMIZER)
    return;
  for (guint i = 0; i < self->n; i++)
    if (self->held[i].optimizer == r->optimizer)
      place = &self->held[i];
  if (place == NULL && self->n < MOST_OPTIMISERS)
    place = &self->held[self->n++];
  if (place == NULL)
    return;
  *place = (Optimiser){
    .seq = record->seq, .optimizer = r->optimizer, .name = r->name, .n_tensors = r->n_tensors
  };
  memcpy (place->tensors, r + 1, MIN (r->n_tensors, 2) * sizeof (guint64));
}

static const Optimisers *
optimisers_of (GbTrace *trace)
{
  static const GbFollowerClass klass = { "gb-surface-optimisers", sizeof (Optimisers), optimisers_take,
                                         NULL };
  return gb_follower_of (trace, &klass);
}

static gint64
numel (GbTrace *trace, guint64 id, guint64 seq)
{
  GbTensor tensor;
  gint64 n = 1;

  if (!gb_trace_get_tensor (trace, id, seq, &tensor))
    return 0;
  for (int d = 0; d < tensor.ndim; d++)
    n *= MIN (tensor.sizes[d], 3);
  return n;
}

static gboolean
holds_two_numbers (GbTrace *trace, const Optimiser *self, guint64 seq)
{
  if (self->seq > seq || self->n_tensors == 0 || self->n_tensors > 2)
    return FALSE;
  return self->n_tensors == 1
             ? numel (trace, self->tensors[0], seq) == 2
             : numel (trace, self->tensors[0], seq) == 1 && numel (trace, self->tensors[1], seq) == 1;
}

/* The first fact for a version of the tensor at or after nth; NULL: none up to seq. */
static const TeFactValues *
next_version (GbTrace *trace, guint64 tensor, guint64 seq, guint *nth, gint64 after_version)
{
  for (guint n = gb_trace_get_n_facts (trace, TE_FACT_VALUES, tensor); *nth < n;)
    {
      const TeFactValues *fact =
          (const TeFactValues *) gb_trace_get_nth_fact (trace, TE_FACT_VALUES, tensor, (*nth)++);
      if (fact == NULL || fact->head.seq > seq)
        return NULL;
      if (fact->kind == 0 && (gint64) fact->tensor.version > after_version)
        return fact;
    }
  return NULL;
}

static double
element (const TeFactValues *fact, guint nth)
{
  gsize nbytes = te_wire_dtype_nbytes (fact->tensor.dtype);
  return nbytes * (nth + 1) <= fact->data_nbytes
             ? gb_element_value (fact->tensor.dtype, gb_values_data (fact) + nbytes * nth)
             : NAN;
}

/* What the loss was before the step of this iteration. */
static double
loss_at (GbTrace *trace, guint64 iteration)
{
  const GbLog *log = gb_trace_get_n_logs (trace) ? gb_trace_get_log (trace, 0) : NULL;
  int nth = log ? gb_series_find (log->series, iteration) : -1;
  const GbBucket *bucket = nth >= 0 ? gb_series_get (log->series, (guint) nth) : NULL;
  return bucket && bucket->x0 == iteration && bucket->x1 == iteration && bucket->count == 1 ? bucket->last
                                                                                            : NAN;
}

static void
follow_parameters (GbSurfacePath *path, GbTrace *trace, const Optimiser *optimiser, guint64 seq)
{
  const TeFactValues *a, *b;
  guint at_a = 0, at_b = 0;
  gint64 version = -1;

  while ((a = next_version (trace, optimiser->tensors[0], seq, &at_a, version)) != NULL)
    {
      GbSurfacePoint point = {
        .x = element (a, 0), .y = element (a, 1), .z = NAN, .seq = a->head.seq, .iteration = a->iteration
      };
      version = a->tensor.version;
      if (optimiser->n_tensors == 2)
        {
          b = next_version (trace, optimiser->tensors[1], seq, &at_b, version - 1);
          if (b == NULL)
            return;
          if ((gint64) b->tensor.version != version)
            continue; /* not every version was recorded */
          point.y = element (b, 0);
          point.seq = MAX (point.seq, b->head.seq);
        }
      point.z = loss_at (trace, point.iteration);
      add_point (path, point);
    }
}

static char *
path_name (GbTrace *trace, const Optimiser *optimiser, guint64 seq, gboolean with_class)
{
  g_autofree char *first = gb_trace_dup_tensor_label (trace, optimiser->tensors[0], seq),
                  *second = optimiser->n_tensors == 2
                                ? gb_trace_dup_tensor_label (trace, optimiser->tensors[1], seq)
                                : NULL;

  g_autofree char *names = second ? g_strdup_printf ("%s, %s", first, second) : g_strdup (first);

  return with_class ? g_strdup_printf ("%s %s", gb_trace_get_string (trace, optimiser->name), names)
                    : g_steal_pointer (&names);
}

static void
name_axes (GbSurface *self, GbTrace *trace, const Optimiser *optimiser, guint64 seq)
{
  g_autofree char *first = gb_trace_dup_tensor_label (trace, optimiser->tensors[0], seq);

  g_clear_pointer (&self->x_name, g_free);
  g_clear_pointer (&self->y_name, g_free);
  self->x_name = optimiser->n_tensors == 2 ? g_strdup (first) : g_strdup_printf ("%s[0]", first);
  self->y_name = optimiser->n_tensors == 2 ? gb_trace_dup_tensor_label (trace, optimiser->tensors[1], seq)
                                           : g_strdup_printf ("%s[1]", first);
}

static void
take_parameter_paths (GbSurface *self, GbTrace *trace, guint64 seq)
{
  const Optimisers *optimisers = optimisers_of (trace);
  const Optimiser *first = NULL;
  guint n = 0;

  for (guint i = 0; i < optimisers->n; i++)
    n += holds_two_numbers (trace, &optimisers->held[i], seq);
  for (guint i = 0; i < optimisers->n; i++)
    {
      const Optimiser *optimiser = &optimisers->held[i];
      g_autofree char *name = NULL;
      GbSurfacePath *path;
      if (!holds_two_numbers (trace, optimiser, seq))
        continue;
      name = path_name (trace, optimiser, seq, n > 1);
      path = add_path (self, name, optimiser->tensors[0]);
      if (path == NULL)
        continue;
      follow_parameters (path, trace, optimiser, seq);
      if (path->points->len == 0)
        g_ptr_array_remove (self->paths, path);
      else if (first == NULL)
        first = optimiser;
    }
  if (first && self->tensor == 0)
    name_axes (self, trace, first, seq);
}

/* Of a parameter it is the surface's; the loss is a path's only when there is no other. */
static void
complete_heights (GbSurface *self)
{
  for (guint p = 0; p < self->paths->len; p++)
    {
      const GbSurfacePath *path = gb_surface_path (self, p);
      for (guint i = 0; i < path->points->len; i++)
        {
          GbSurfacePoint *point = &g_array_index (path->points, GbSurfacePoint, i);
          if (path->tensor && (self->tensor || self->paths->len > 1))
            point->z = gb_surface_height (self, point->x, point->y);
        }
    }
}

GbSurface *
gb_surface_new (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);
  GbSurface *self = g_new0 (GbSurface, 1);

  self->paths = g_ptr_array_new_with_free_func (path_free);
  self->x_name = g_strdup ("x");
  self->y_name = g_strdup ("y");
  take_heights (self, trace, seq);
  take_told_paths (self, trace, seq);
  if (self->paths->len == 0) /* who tells paths tells those he means */
    take_parameter_paths (self, trace, seq);
  complete_heights (self);
  if (self->tensor || self->paths->len)
    return self;
  gb_surface_free (self);
  return NULL;
}

gboolean
gb_surface_peek (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);
  const GArray *events = gb_events_of (trace);
  const Optimisers *optimisers = optimisers_of (trace);
  guint n_places = 0;

  if (find_show (trace, seq))
    return TRUE;
  for (guint i = 0; i < events->len && n_places < 3; i++)
    n_places +=
        g_array_index (events, GbEvent, i).seq <= seq && is_place (&g_array_index (events, GbEvent, i));
  if (n_places >= 3)
    return TRUE;
  for (guint i = 0; i < optimisers->n; i++)
    if (holds_two_numbers (trace, &optimisers->held[i], seq)
        && gb_trace_get_n_facts (trace, TE_FACT_VALUES, optimisers->held[i].tensors[0]) >= 3)
      return TRUE;
  return FALSE;
}

guint
gb_surface_tensors (GbTraceCursor *cursor, guint64 *tensors, guint most)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  const GbShow *show = find_show (trace, G_MAXUINT64);
  const Optimisers *optimisers = optimisers_of (trace);
  guint n = 0;

  if (show && n < most)
    tensors[n++] = show->tensor;
  for (guint i = 0; i < optimisers->n; i++)
    for (guint k = 0; k < optimisers->held[i].n_tensors && n < most; k++)
      if (holds_two_numbers (trace, &optimisers->held[i], G_MAXUINT64))
        tensors[n++] = optimisers->held[i].tensors[k];
  return n;
}
