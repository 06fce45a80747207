/* The forward pass that reads the points, op by op, as steps that can be done again. */
#include "models/plane-private.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/index-map/op-args.h"
#include "models/shown-tensor.h"

#define MOST_FOLLOWED 400 /* records from the data on */
#define MOST_DECIDED  8

typedef struct
{
  GbTrace *trace;
  guint64 seq; /* position */
  GbPlane *plane;
  gint64 n; /* rows of the data */
  guint n_data;
  gboolean ended;
  guint64 decided[MOST_DECIDED]; /* what argmax and comparisons made of the model's result */
  guint n_decided;
} Walk;

/* All numbers of a constant tensor in row-major order; NULL: not known. */
static double *
constant_of (Walk *walk, guint64 tensor, guint64 seq, GbTensor *t)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 }, numel = 1;
  double *values;

  if (!gb_trace_get_tensor (walk->trace, tensor, seq, t) || t->ndim > 2)
    return NULL;
  for (int d = 0; d < t->ndim; d++)
    numel *= t->sizes[d];
  if (numel < 1 || numel > GB_PLANE_MOST_COLUMNS * GB_PLANE_MOST_COLUMNS)
    return NULL;
  g_autoptr (GbTensorValues) known = gb_tensor_values_new (walk->trace, tensor, walk->seq);
  if (known && known->seq && gb_trace_find_param (walk->trace, tensor))
    {
      guint64 iteration = gb_trace_iteration_at (walk->trace, known->seq);
      if (iteration < gb_trace_iteration_at (walk->trace, walk->seq)
          && (walk->plane->weights_iteration == 0 || iteration < walk->plane->weights_iteration))
        walk->plane->weights_iteration = iteration;
    }
  values = g_new (double, numel);
  for (gint64 i = 0; i < numel; i++)
    {
      if (t->ndim == 2)
        index[0] = i / t->sizes[1], index[1] = i % t->sizes[1];
      else
        index[0] = i;
      if (known && gb_tensor_values_get (known, index, &values[i]))
        continue;
      g_free (values);
      return NULL;
    }
  return values;
}

/* Step that made a tensor: -1 the data; -2: none. */
static int
step_of (const Walk *walk, guint64 tensor)
{
  if (tensor == walk->plane->tensor)
    return -1;
  for (guint i = walk->plane->steps->len; i > 0; i--)
    if (g_array_index (walk->plane->steps, GbPlaneStep, i - 1).tensor == tensor)
      return (int) i - 1;
  return -2;
}

static guint
columns_of (const Walk *walk, int step)
{
  return step < 0 ? walk->n_data : g_array_index (walk->plane->steps, GbPlaneStep, step).columns;
}

static void
add_step (Walk *walk, GbPlaneStep step, const GbOp *op)
{
  GbTensor output;

  if (walk->plane->steps->len == GB_PLANE_MOST_STEPS || step.columns > GB_PLANE_MOST_COLUMNS
      || !gb_trace_op_output (walk->trace, op, 0, &output))
    {
      gb_plane_step_clear (&step);
      walk->ended = TRUE;
      return;
    }
  step.tensor = output.tensor;
  g_array_append_val (walk->plane->steps, step);
}

static gboolean
take_linear (Walk *walk, const GbOp *op, int from)
{
  GbPlaneStep step = { .kind = GB_PLANE_STEP_MATRIX, .from = from };
  GbTensor w, b;

  step.matrix = constant_of (walk, op->inputs[1], op->record->head.seq, &w);
  if (step.matrix == NULL || w.ndim != 2 || w.sizes[1] != columns_of (walk, from))
    {
      gb_plane_step_clear (&step);
      return FALSE;
    }
  step.columns = (guint) w.sizes[0];
  if (op->record->n_inputs > 2 && op->inputs[2])
    {
      step.bias = constant_of (walk, op->inputs[2], op->record->head.seq, &b);
      step.n_bias = step.columns;
      if (step.bias == NULL || b.ndim != 1 || b.sizes[0] != w.sizes[0])
        {
          gb_plane_step_clear (&step);
          return FALSE;
        }
    }
  add_step (walk, step, op);
  return TRUE;
}

/* data @ w */
static gboolean
take_product (Walk *walk, const GbOp *op, int from)
{
  GbPlaneStep step = { .kind = GB_PLANE_STEP_MATRIX, .from = from };
  GbTensor w;
  g_autofree double *values = constant_of (walk, op->inputs[1], op->record->head.seq, &w);
  gint64 rows, columns;

  if (values == NULL || w.ndim < 1 || w.sizes[0] != columns_of (walk, from))
    return FALSE;
  rows = w.sizes[0], columns = w.ndim == 2 ? w.sizes[1] : 1;
  step.columns = (guint) columns;
  step.matrix = g_new (double, rows *columns);
  for (gint64 r = 0; r < rows; r++)
    for (gint64 c = 0; c < columns; c++)
      step.matrix[c * rows + r] = values[r * columns + c];
  add_step (walk, step, op);
  return TRUE;
}

/* The labels, or what the result is compared with: one number per point. */
static gboolean
take_target (Walk *walk, guint64 tensor, guint64 seq)
{
  GbTensor t;

  if (walk->plane->target || !gb_trace_get_tensor (walk->trace, tensor, seq, &t)
      || !(t.ndim == 1 || (t.ndim == 2 && t.sizes[1] == 1)) || t.sizes[0] != walk->n
      || (t.flags & TE_WIRE_REQUIRES_GRAD))
    return FALSE;
  walk->plane->target = constant_of (walk, tensor, seq, &t);
  walk->plane->target_tensor = tensor;
  walk->ended = TRUE;
  return TRUE;
}

static gboolean
take_arithmetic (Walk *walk, const GbOp *op, const char *name)
{
  GbOpArgs args = { op->text, op->record->text_nbytes };
  char sign = g_str_has_prefix (name, "add")   ? '+'
              : g_str_has_prefix (name, "sub") ? '-'
              : g_str_has_prefix (name, "mul") ? '*'
                                               : '/';
  int a = op->inputs[0] ? step_of (walk, op->inputs[0]) : -2;
  int b = op->record->n_inputs > 1 && op->inputs[1] ? step_of (walk, op->inputs[1]) : -2;
  GbPlaneStep step = { .kind = GB_PLANE_STEP_PAIR, .from = a, .other = b, .sign = sign };
  GbTensor t;

  if (a >= -1 && b >= -1)
    {
      step.columns = MIN (columns_of (walk, a), columns_of (walk, b));
      if (columns_of (walk, a) != columns_of (walk, b))
        return FALSE;
      add_step (walk, step, op);
      return TRUE;
    }
  step.kind = GB_PLANE_STEP_CONSTANT;
  step.from = MAX (a, b);
  step.columns = columns_of (walk, step.from);
  if (op->record->n_inputs == 1)
    {
      step.bias = g_new (double, 1);
      step.bias[0] = gb_op_args_double (&args, "other", sign == '+' || sign == '-' ? 0 : 1);
      step.n_bias = 1;
      add_step (walk, step, op);
      return TRUE;
    }
  if (take_target (walk, op->inputs[a >= -1 ? 1 : 0], op->record->head.seq))
    return TRUE;
  step.bias = constant_of (walk, op->inputs[a >= -1 ? 1 : 0], op->record->head.seq, &t);
  step.n_bias = t.ndim ? (guint) t.sizes[t.ndim - 1] : 1;
  if (step.bias == NULL || (t.ndim == 2 && t.sizes[0] != 1)
      || (step.n_bias != 1 && step.n_bias != step.columns))
    {
      gb_plane_step_clear (&step);
      return FALSE;
    }
  if (a < -1)
    step.sign = sign == '-' ? 's' : sign == '/' ? 'd' : sign;
  add_step (walk, step, op);
  return TRUE;
}

/* Mean and variance of each column over the points, as far as the steps go. */
static gboolean
gather_moments (Walk *walk, int from, double *mean, double *variance)
{
  GbPlane *plane = walk->plane;
  guint n = columns_of (walk, from), n_before = plane->n_columns;
  g_autofree double *out = g_new (double, GB_PLANE_MOST_COLUMNS);

  if (from != (int) plane->steps->len - 1 || plane->n < walk->n || plane->n < 2)
    return FALSE;
  plane->n_columns = n;
  for (gint64 i = 0; i < plane->n; i++)
    {
      gb_plane_evaluate (plane, plane->x[i], plane->y[i], out);
      for (guint k = 0; k < n; k++)
        {
          double d = out[k] - mean[k]; /* Welford's way */
          mean[k] += d / (double) (i + 1);
          variance[k] += d * (out[k] - mean[k]);
        }
    }
  for (guint k = 0; k < n; k++)
    variance[k] /= (double) plane->n;
  plane->n_columns = n_before;
  return TRUE;
}

/* Scale and shift of each column, as a batch norm has them: running statistics, or those of the points
 * themselves. */
static gboolean
take_batch_norm (Walk *walk, const GbOp *op, int from)
{
  GbOpArgs args = { op->text, op->record->text_nbytes };
  guint n = columns_of (walk, from), n_inputs = op->record->n_inputs;
  double eps = gb_op_args_double (&args, "eps", 1e-5);
  g_autofree double *a = NULL, *b = NULL, *c = NULL, *d = NULL; /* weight, bias, mean, variance */
  GbPlaneStep scale = { .kind = GB_PLANE_STEP_CONSTANT,
                        .from = from,
                        .columns = n,
                        .n_bias = n,
                        .sign = '*' },
              shift;
  gboolean by_batch =
      gb_op_args_bool (&args, "training", FALSE) || n_inputs < 5 || !op->inputs[3] || !op->inputs[4];
  GbTensor t;

  if (n_inputs > 1 && op->inputs[1] && !(a = constant_of (walk, op->inputs[1], op->record->head.seq, &t)))
    return FALSE;
  if (n_inputs > 2 && op->inputs[2] && !(b = constant_of (walk, op->inputs[2], op->record->head.seq, &t)))
    return FALSE;
  if (by_batch)
    {
      c = g_new0 (double, n);
      d = g_new0 (double, n);
      if (!gather_moments (walk, from, c, d))
        return FALSE;
    }
  else if (!(c = constant_of (walk, op->inputs[3], op->record->head.seq, &t)) || t.sizes[0] != n
           || !(d = constant_of (walk, op->inputs[4], op->record->head.seq, &t)) || t.sizes[0] != n)
    return FALSE;
  shift = (GbPlaneStep){
    .kind = GB_PLANE_STEP_CONSTANT, .columns = n, .n_bias = n, .sign = '+', .bias = g_new (double, n)
  };
  scale.bias = g_new (double, n);
  for (guint i = 0; i < n; i++)
    {
      scale.bias[i] = (a ? a[i] : 1) / sqrt (d[i] + eps);
      shift.bias[i] = (b ? b[i] : 0) - c[i] * scale.bias[i];
    }
  add_step (walk, scale, op);
  shift.from = (int) walk->plane->steps->len - 1;
  if (walk->ended)
    gb_plane_step_clear (&shift);
  else
    add_step (walk, shift, op);
  return TRUE;
}

/* What makes a choice of the result is no part of it; the labels that the choice is compared with are. */
static gboolean
is_decision (const char *name)
{
  static const char *const names[] = { "argmax", "max", "topk",  "argmin", "gt", "ge",
                                       "lt",     "le",  "round", "eq",     "ne", "sign" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_decided (const Walk *walk, guint64 tensor)
{
  for (guint i = 0; tensor && i < walk->n_decided; i++)
    if (walk->decided[i] == tensor)
      return TRUE;
  return FALSE;
}

static gboolean
reads_decided (const Walk *walk, const GbOp *op)
{
  for (guint i = 0; i < op->record->n_inputs; i++)
    if (is_decided (walk, op->inputs[i]))
      return TRUE;
  return FALSE;
}

static void
take_decision (Walk *walk, const GbOp *op)
{
  GbTensor output;
  for (guint i = 0; i < op->record->n_inputs; i++)
    if (op->inputs[i] && !is_decided (walk, op->inputs[i]) && step_of (walk, op->inputs[i]) < -1
        && take_target (walk, op->inputs[i], op->record->head.seq))
      return;
  for (guint i = 0;
       i < 2 && gb_trace_op_output (walk->trace, op, i, &output) && walk->n_decided < MOST_DECIDED; i++)
    walk->decided[walk->n_decided++] = output.tensor;
}

/* One op of the pass; FALSE: the arithmetic lacks it. */
static gboolean
take_op (Walk *walk, const GbOp *op)
{
  const char *name = gb_trace_op_name (walk->trace, op);
  GbOpArgs args = { op->text, op->record->text_nbytes };
  int from = op->record->n_inputs && op->inputs[0] ? step_of (walk, op->inputs[0]) : -2;

  if (strcmp (name, "linear") == 0)
    return from >= -1 && take_linear (walk, op, from);
  if (strcmp (name, "batch_norm") == 0)
    return from >= 0 && take_batch_norm (walk, op, from);
  if (reads_decided (walk, op) || (walk->plane->steps->len && from >= 0 && is_decision (name)))
    {
      take_decision (walk, op);
      return TRUE;
    }
  if (strcmp (name, "mm") == 0 || strcmp (name, "matmul") == 0)
    return from >= -1 && op->record->n_inputs == 2 && take_product (walk, op, from);
  const GbPlaneUnary *unary = gb_plane_find_unary (name);
  if (unary && from >= -1 && op->record->n_inputs == 1)
    {
      GbPlaneStep step = {
        .kind = GB_PLANE_STEP_UNARY, .from = from, .columns = columns_of (walk, from), .unary = unary
      };
      GbTensor output;
      gint64 numel = 1;
      step.parameter = unary->argument ? gb_op_args_double (&args, unary->argument, unary->otherwise) : 0;
      for (int d = 0; gb_trace_op_output (walk->trace, op, 0, &output) && d < output.ndim; d++)
        numel *= output.sizes[d];
      if (numel != walk->n * step.columns || (unary->keeps && output.ndim != 2 && step.columns != 1))
        return FALSE;
      add_step (walk, step, op);
      return TRUE;
    }
  if ((strcmp (name, "softmax") == 0 || strcmp (name, "log_softmax") == 0) && from >= -1)
    {
      gint64 dim = gb_op_args_int (&args, "dim", -1);
      GbPlaneStep step = { .kind = GB_PLANE_STEP_SOFTMAX,
                           .from = from,
                           .columns = columns_of (walk, from),
                           .is_log = name[0] == 'l' };
      if (dim != 1 && dim != -1)
        return FALSE;
      add_step (walk, step, op);
      return TRUE;
    }
  for (guint i = 0; i < op->record->n_inputs; i++)
    if (op->inputs[i] && step_of (walk, op->inputs[i]) < -1
        && take_target (walk, op->inputs[i], op->record->head.seq))
      return TRUE;
  if (strcmp (name, "add") == 0 || strcmp (name, "sub") == 0 || strcmp (name, "mul") == 0
      || strcmp (name, "div") == 0)
    return take_arithmetic (walk, op, name);
  return FALSE;
}

static gboolean
depends (const Walk *walk, const GbOp *op)
{
  for (guint i = 0; i < op->record->n_inputs; i++)
    if (op->inputs[i] && (step_of (walk, op->inputs[i]) >= -1 || is_decided (walk, op->inputs[i])))
      return TRUE;
  return FALSE;
}

/* Inside another op that is told as a whole: the code of an autograd.Function is followed. */
static gboolean
is_inside (GbTrace *trace, const GbOp *op)
{
  GbOp around;
  return op->record->parent
         && !(gb_trace_get_op (trace, op->record->parent, &around)
              && (around.record->flags & TE_WIRE_OP_FUNCTION) && !around.record->parent);
}

/* From the op that reads the data on. */
static void
follow (Walk *walk, guint64 first_seq)
{
  GbPlane *plane = walk->plane;
  const TeRecord *record;
  guint n_looked_at = 0;
  GbTensor output;
  GbTraceIter iter;
  GbOp op;

  gb_trace_iter_init (&iter, walk->trace, first_seq);
  while (!walk->ended && (record = gb_trace_iter_next (&iter)) && record->seq <= walk->seq
         && n_looked_at++ < MOST_FOLLOWED)
    {
      if (record->type != TE_RECORD_OP
          || !gb_trace_op_from_record (walk->trace, (const TeRecordOp *) record, &op))
        continue;
      if (op.record->flags & TE_WIRE_OP_BACKWARD)
        break;
      if (is_inside (walk->trace, &op) || (op.record->flags & TE_WIRE_OP_FUNCTION) || !depends (walk, &op))
        continue;
      if (!take_op (walk, &op))
        {
          /* What keeps the points apart belongs to the model; a loss that does not ends it. */
          if (plane->target == NULL && gb_trace_op_output (walk->trace, &op, 0, &output) && output.ndim
              && output.sizes[0] == walk->n)
            {
              plane->untold = g_strdup (gb_trace_op_name (walk->trace, &op));
              return;
            }
          break;
        }
    }
  if (plane->steps->len == 0)
    return;
  const GbPlaneStep *last = &g_array_index (plane->steps, GbPlaneStep, plane->steps->len - 1);
  plane->n_columns = last->columns;
  plane->is_probability = last->kind == GB_PLANE_STEP_UNARY && last->unary->is_probability;
  plane->output_label = gb_trace_dup_tensor_label (walk->trace, last->tensor, walk->seq);
}

void
gb_plane_follow (GbPlane *self, GbTrace *trace, guint64 seq, gint64 n, guint n_data, guint64 first)
{
  Walk walk = { .trace = trace, .seq = seq, .plane = self, .n = n, .n_data = n_data };
  follow (&walk, first);
}

gboolean
gb_plane_take_target (GbPlane *self, GbTrace *trace, gint64 n, guint64 tensor, guint64 seq)
{
  Walk walk = { .trace = trace, .seq = seq, .plane = self, .n = n };
  return take_target (&walk, tensor, seq);
}
