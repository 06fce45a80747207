#include "models/plane-private.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/shown-tensor.h"

#define MOST_LOOKED_AT 6000 /* records before the position */
#define LEAST_POINTS   3
#define N_POWER        60 /* steps of the power iteration */
#define MOST_PASSES    4 /* that are looked at for one with labels */

void
gb_plane_free (GbPlane *self)
{
  if (self == NULL)
    return;
  g_free (self->label);
  g_free (self->x);
  g_free (self->y);
  g_free (self->target_label);
  g_free (self->target);
  g_free (self->output_label);
  g_free (self->untold);
  g_clear_pointer (&self->steps, g_array_unref);
  g_free (self);
}

/* ---- which data ---- */

/* Rows of points: a matrix that no gradient is wanted for and that is no view of a parameter. */
static gboolean
is_data (GbTrace *trace, const GbTensor *t, gint64 columns)
{
  return t->ndim == 2 && t->sizes[1] == columns && t->sizes[0] >= LEAST_POINTS
         && !(t->flags & TE_WIRE_REQUIRES_GRAD) && te_dtype_is_floating ((TeDtype) t->dtype)
         && !gb_trace_find_param (trace, t->tensor) && !(t->base && gb_trace_find_param (trace, t->base));
}

/* The latest op that multiplies data of so many columns, and whose result is of the model; its seq, 0: none. */
static guint64
find_data (GbTrace *trace, guint64 seq, gint64 columns, GbTensor *data)
{
  const TeRecord *record;
  guint looked_at = 0;
  GbTraceIter iter;
  GbOp op;

  gb_trace_iter_init_back (&iter, trace, seq);
  while ((record = gb_trace_iter_previous (&iter)) && looked_at++ < MOST_LOOKED_AT)
    {
      const char *name;
      if (record->type != TE_RECORD_OP || !gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op)
          || op.record->parent || op.record->n_inputs < 2 || (op.record->flags & TE_WIRE_OP_BACKWARD))
        continue;
      name = gb_trace_op_name (trace, &op);
      if ((strcmp (name, "linear") == 0 || strcmp (name, "mm") == 0 || strcmp (name, "matmul") == 0)
          && op.inputs[0] && gb_trace_get_tensor (trace, op.inputs[0], record->seq, data)
          && is_data (trace, data, columns))
        return record->seq;
    }
  return 0;
}

gboolean
gb_plane_peek (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);
  GbTensor data;
  return find_data (trace, seq, 2, &data) || find_data (trace, seq, 1, &data);
}

static void
take_points (GbPlane *self, GbTrace *trace, const GbTensor *data, guint64 seq)
{
  g_autoptr (GbTensorValues) values = gb_tensor_values_then (trace, data, seq);
  gint64 most = MIN (data->sizes[0], GB_PLANE_MOST_POINTS), index[GB_VALUES_MAX_NDIM] = { 0 };

  self->n_all = data->sizes[0];
  self->x = g_new0 (double, most);
  self->y = g_new0 (double, most);
  for (; values && self->n < most; self->n++)
    {
      index[0] = self->n;
      index[1] = 0;
      if (!gb_tensor_values_get (values, index, &self->x[self->n]))
        break;
      index[1] = 1;
      if (data->sizes[1] > 1 && !gb_tensor_values_get (values, index, &self->y[self->n]))
        break;
    }
}

/* Whole numbers from 0 on, few of them: classes. */
static void
look_at_targets (GbPlane *self)
{
  self->has_classes = self->target != NULL;
  for (gint64 i = 0; i < self->n && self->has_classes; i++)
    {
      double v = self->target[i];
      self->has_classes = v >= 0 && v < GB_PLANE_MOST_CLASSES && v == floor (v);
      self->n_classes = MAX (self->n_classes, self->has_classes ? (guint) v + 1 : 0);
    }
}

/* ---- principal axes ---- */

/* The direction in which the rows (centred, n × d) differ most, by power iteration; returns its variance. */
static double
main_axis (const double *rows, gint64 n, gint64 d, double *axis)
{
  g_autofree double *next = g_new (double, d);
  double variance = 0;

  for (gint64 j = 0; j < d; j++)
    axis[j] = cos (j * 1.7 + 0.3);
  for (int k = 0; k < N_POWER; k++)
    {
      double norm = 0;
      memset (next, 0, sizeof (double) * (gsize) d);
      for (gint64 i = 0; i < n; i++)
        {
          double dot = 0;
          for (gint64 j = 0; j < d; j++)
            dot += rows[i * d + j] * axis[j];
          for (gint64 j = 0; j < d; j++)
            next[j] += dot * rows[i * d + j];
        }
      for (gint64 j = 0; j < d; j++)
        norm += next[j] * next[j];
      norm = sqrt (norm);
      variance = norm / (double) n;
      for (gint64 j = 0; j < d; j++)
        axis[j] = norm > 0 ? next[j] / norm : 0;
    }
  return variance;
}

static gboolean
take_axes (GbPlane *self, GbTrace *trace, const GbTensor *t, guint64 seq)
{
  gint64 n = MIN (t->sizes[0], 512), d = t->sizes[1], index[GB_VALUES_MAX_NDIM] = { 0 };
  g_autoptr (GbTensorValues) values = gb_tensor_values_then (trace, t, seq);
  g_autofree double *rows = g_new (double, n *d), *axis = g_new (double, d);
  double total = 0;

  self->kind = GB_PLANE_AXES;
  self->tensor = t->tensor;
  self->n_all = t->sizes[0];
  for (gboolean known = values != NULL; known && self->n < n; self->n += known)
    for (gint64 j = 0; j < d && known; j++)
      {
        index[0] = self->n, index[1] = j;
        known =
            gb_tensor_values_get (values, index, &rows[self->n * d + j]) && isfinite (rows[self->n * d + j]);
      }
  n = self->n;
  if (n < LEAST_POINTS)
    return FALSE;
  for (gint64 j = 0; j < d; j++)
    {
      double mean = 0;
      for (gint64 i = 0; i < n; i++)
        mean += rows[i * d + j] / (double) n;
      for (gint64 i = 0; i < n; i++)
        {
          rows[i * d + j] -= mean;
          total += rows[i * d + j] * rows[i * d + j] / (double) n;
        }
    }
  self->x = g_new (double, n);
  self->y = g_new (double, n);
  for (int k = 0; k < 2; k++)
    {
      double variance = main_axis (rows, n, d, axis), *to = k ? self->y : self->x;
      self->shares[k] = total > 0 ? variance / total : 0;
      for (gint64 i = 0; i < n; i++)
        {
          to[i] = 0;
          for (gint64 j = 0; j < d; j++)
            to[i] += rows[i * d + j] * axis[j];
          for (gint64 j = 0; j < d; j++)
            rows[i * d + j] -= to[i] * axis[j];
        }
    }
  return TRUE;
}

/* A matrix of at least three columns that is worth a look: the chosen tensor, else the latest forward result.
 */
static gboolean
find_activation (GbTraceCursor *cursor, GbSelection *selection, GbTensor *t)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), chosen = gb_selection_get_tensor (selection);
  const TeRecord *record;
  guint looked_at = 0;
  GbTraceIter iter;
  GbOp op;

  if (chosen && gb_trace_get_tensor (trace, gb_shown_tensor (cursor, selection), seq, t))
    return t->ndim == 2 && t->sizes[0] >= LEAST_POINTS && t->sizes[1] >= 3
           && t->sizes[1] <= GB_PLANE_MOST_COLUMNS;
  gb_trace_iter_init_back (&iter, trace, seq);
  while ((record = gb_trace_iter_previous (&iter)) && looked_at++ < MOST_LOOKED_AT)
    if (record->type == TE_RECORD_OP && gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op)
        && !(op.record->flags & (TE_WIRE_OP_BACKWARD | TE_WIRE_OP_OPTIMIZER | TE_WIRE_OP_INPLACE))
        && op.record->parent == 0 && op.record->n_inputs && gb_trace_op_output (trace, &op, 0, t)
        && t->ndim == 2 && t->sizes[0] >= 8 && t->sizes[1] >= 3 && t->sizes[1] <= GB_PLANE_MOST_COLUMNS
        && (t->flags & TE_WIRE_REQUIRES_GRAD) && te_dtype_is_floating ((TeDtype) t->dtype)
        && !(t->base && gb_trace_find_param (trace, t->base)))
      return TRUE;
  return FALSE;
}

/* Labels of an activation's rows: the latest whole numbers that a loss read, one per row. */
static void
find_labels (GbPlane *self, GbTrace *trace, guint64 seq)
{
  const TeRecord *record;
  guint looked_at = 0;
  GbTraceIter iter;
  GbTensor t;
  GbOp op;

  gb_trace_iter_init_back (&iter, trace, seq);
  while ((record = gb_trace_iter_previous (&iter)) && looked_at++ < MOST_LOOKED_AT && self->target == NULL)
    if (record->type == TE_RECORD_OP && gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op)
        && op.record->n_inputs >= 2)
      for (guint i = 1; i < op.record->n_inputs && self->target == NULL; i++)
        if (op.inputs[i] && gb_trace_get_tensor (trace, op.inputs[i], record->seq, &t) && t.dtype == TE_INT64)
          gb_plane_take_target (self, trace, self->n_all, op.inputs[i], record->seq);
}

static void
start (GbPlane *self, GbPlaneKind kind)
{
  self->steps = g_array_new (FALSE, TRUE, sizeof (GbPlaneStep));
  g_array_set_clear_func (self->steps, gb_plane_step_clear);
  self->kind = kind;
}

/* The pass that begins at first, whose data is known. */
static GbPlane *
plane_of_pass (GbTrace *trace, guint64 seq, guint64 first, const GbTensor *data)
{
  GbPlane *self = g_new0 (GbPlane, 1);

  start (self, data->sizes[1] == 2 ? GB_PLANE_SURFACE : GB_PLANE_CURVE);
  self->tensor = data->tensor;
  take_points (self, trace, data, first);
  gb_plane_follow (self, trace, seq, data->sizes[0], (guint) data->sizes[1], first);
  if (self->kind == GB_PLANE_CURVE)
    for (gint64 i = 0; i < self->n; i++)
      self->y[i] = self->target ? self->target[i] : NAN;
  return self;
}

/* The latest pass, or one shortly before it that says what is right: at its end a program often asks its model about
 * places that have no labels, to draw them. */
static GbPlane *
plane_of_latest (GbTrace *trace, guint64 seq)
{
  for (gint64 columns = 2; columns >= 1; columns--)
    {
      g_autoptr (GbPlane) latest = NULL;
      guint64 first = seq + 1;
      GbTensor data;
      for (int i = 0; i < MOST_PASSES && (first = find_data (trace, first - 1, columns, &data)); i++)
        {
          g_autoptr (GbPlane) pass = plane_of_pass (trace, seq, first, &data);
          if (pass->target)
            return g_steal_pointer (&pass);
          if (latest == NULL)
            latest = g_steal_pointer (&pass);
        }
      if (latest)
        return g_steal_pointer (&latest);
    }
  return NULL;
}

GbPlane *
gb_plane_new (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);
  g_autoptr (GbPlane) self = NULL;
  GbTensor data;

  if (gb_selection_get_tensor (selection) == 0 || !find_activation (cursor, selection, &data))
    self = plane_of_latest (trace, seq);
  if (self == NULL)
    {
      self = g_new0 (GbPlane, 1);
      start (self, GB_PLANE_AXES);
      if (!find_activation (cursor, selection, &data) || !take_axes (self, trace, &data, seq))
        return NULL;
      find_labels (self, trace, seq);
    }
  self->label = gb_trace_dup_tensor_label (trace, self->tensor, seq);
  if (self->target_tensor)
    self->target_label = gb_trace_dup_tensor_label (trace, self->target_tensor, seq);
  look_at_targets (self);
  return g_steal_pointer (&self);
}
