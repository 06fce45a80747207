#include "models/plane-model.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/index-map/op-args.h"
#include "models/shown-tensor.h"

#define MOST_LOOKED_AT 6000 /* records before the position */
#define MOST_FOLLOWED  400  /* records from the data on */
#define MOST_STEPS     64
#define LEAST_POINTS   3
#define N_POWER        60 /* steps of the power iteration */
#define MOST_DECIDED   8
#define MOST_PASSES    4 /* that are looked at for one with labels */

typedef enum
{
  STEP_MATRIX, /* times `matrix` (columns × from), plus `bias` */
  STEP_UNARY,
  STEP_SOFTMAX,
  STEP_CONSTANT, /* with `bias`: one number, or one per column */
  STEP_PAIR,     /* with another step's result */
} StepKind;

struct _GbPlaneStep
{
  StepKind kind;
  guint64 tensor;  /* its result */
  int from, other; /* steps, -1: the data */
  guint columns;
  double *matrix, *bias;
  guint n_bias;
  char sign; /* + - * / ; lower: of a constant on the left, 's' c - x, 'd' c / x */
  double (*unary) (double value, double parameter);
  double parameter;
  gboolean is_log;
};

static void
step_clear (gpointer data)
{
  GbPlaneStep *step = data;
  g_free (step->matrix);
  g_free (step->bias);
}

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

/* ---- functions of one number ---- */

static double
relu (double v, double p)
{
  return isnan (v) ? v : MAX (v, 0);
}
static double
leaky (double v, double p)
{
  return v > 0 ? v : v * p;
}
static double
elu (double v, double p)
{
  return v > 0 ? v : p * expm1 (v);
}
static double
hyperbolic (double v, double p)
{
  return tanh (v);
}
static double
sigmoid (double v, double p)
{
  return 1 / (1 + exp (-v));
}
static double
silu (double v, double p)
{
  return v / (1 + exp (-v));
}
static double
gelu (double v, double p)
{
  return v * 0.5 * erfc (-v * M_SQRT1_2);
}
static double
softplus (double v, double p)
{
  return v > 30 ? v : log1p (exp (v));
}
static double
sine (double v, double p)
{
  return sin (v);
}
static double
cosine (double v, double p)
{
  return cos (v);
}
static double
power (double v, double p)
{
  return pow (v, p);
}
static double
exponential (double v, double p)
{
  return exp (v);
}
static double
negative (double v, double p)
{
  return -v;
}
static double
clipped (double v, double p)
{
  return isnan (v) ? v : CLAMP (v, 0, 6);
}
static double
selu (double v, double p)
{
  return 1.0507009873554804934 * (v > 0 ? v : 1.6732632423543772848 * expm1 (v));
}
static double
mish (double v, double p)
{
  return v * tanh (softplus (v, p));
}
static double
square (double v, double p)
{
  return v * v;
}
static double
magnitude (double v, double p)
{
  return fabs (v);
}
static double
same (double v, double p)
{
  return v;
}

static const struct
{
  const char *name, *argument; /* NULL: none */
  double (*func) (double value, double parameter);
  double otherwise;
} unaries[] = {
  { "relu", NULL, relu, 0 },
  { "relu_", NULL, relu, 0 },
  { "leaky_relu", "negative_slope", leaky, 0.01 },
  { "elu", "alpha", elu, 1 },
  { "tanh", NULL, hyperbolic, 0 },
  { "sigmoid", NULL, sigmoid, 0 },
  { "silu", NULL, silu, 0 },
  { "gelu", NULL, gelu, 0 },
  { "softplus", NULL, softplus, 0 },
  { "relu6", NULL, clipped, 0 },
  { "selu", NULL, selu, 0 },
  { "mish", NULL, mish, 0 },
  { "square", NULL, square, 0 },
  { "abs", NULL, magnitude, 0 },
  { "sin", NULL, sine, 0 },
  { "cos", NULL, cosine, 0 },
  { "pow", "exponent", power, 1 },
  { "exp", NULL, exponential, 0 },
  { "neg", NULL, negative, 0 },
  { "dropout", NULL, same, 0 },
  { "squeeze", NULL, same, 0 },
  { "view", NULL, same, 0 },
  { "reshape", NULL, same, 0 },
  { "flatten", NULL, same, 0 },
  { "detach", NULL, same, 0 },
  { "clone", NULL, same, 0 },
  { "_to_copy", NULL, same, 0 },
  { "contiguous", NULL, same, 0 },
};

/* ---- evaluation ---- */

static void
run_step (const GbPlaneStep *step, const double *from, guint n_from, const double *other, double *to)
{
  double most = -INFINITY, sum = 0;

  switch (step->kind)
    {
    case STEP_MATRIX:
      for (guint o = 0; o < step->columns; o++)
        {
          double total = step->bias ? step->bias[step->n_bias == 1 ? 0 : o] : 0;
          for (guint i = 0; i < n_from; i++)
            total += step->matrix[o * n_from + i] * from[i];
          to[o] = total;
        }
      return;
    case STEP_UNARY:
      for (guint i = 0; i < step->columns; i++)
        to[i] = step->unary (from[i], step->parameter);
      return;
    case STEP_SOFTMAX:
      for (guint i = 0; i < step->columns; i++)
        most = MAX (most, from[i]);
      for (guint i = 0; i < step->columns; i++)
        sum += exp (from[i] - most);
      for (guint i = 0; i < step->columns; i++)
        to[i] = step->is_log ? from[i] - most - log (sum) : exp (from[i] - most) / sum;
      return;
    case STEP_CONSTANT:
    case STEP_PAIR:
      for (guint i = 0; i < step->columns; i++)
        {
          double b = step->kind == STEP_PAIR ? other[i] : step->bias[step->n_bias == 1 ? 0 : i];
          to[i] = step->sign == '+'   ? from[i] + b
                  : step->sign == '-' ? from[i] - b
                  : step->sign == '*' ? from[i] * b
                  : step->sign == 's' ? b - from[i]
                  : step->sign == 'd' ? b / from[i]
                                      : from[i] / b;
        }
      return;
    }
}

gboolean
gb_plane_evaluate (const GbPlane *self, double x, double y, double *out)
{
  double data[2] = { x, y };
  g_autofree double *room = NULL;
  const GbPlaneStep *steps = (const GbPlaneStep *) (gpointer) self->steps->data;
  guint n_data = self->kind == GB_PLANE_CURVE ? 1 : 2, place = 0;
  guint starts[MOST_STEPS + 1];

  if (self->n_columns == 0 || self->steps->len == 0)
    return FALSE;
  for (guint i = 0; i < self->steps->len; i++)
    starts[i] = place, place += steps[i].columns;
  room = g_new (double, place);
  for (guint i = 0; i < self->steps->len; i++)
    {
      const GbPlaneStep *step = &steps[i];
      run_step (step, step->from < 0 ? data : room + starts[step->from],
                step->from < 0 ? n_data : steps[step->from].columns,
                step->kind == STEP_PAIR ? (step->other < 0 ? data : room + starts[step->other]) : NULL,
                room + starts[i]);
    }
  memcpy (out, room + starts[self->steps->len - 1], sizeof (double) * self->n_columns);
  return TRUE;
}

double
gb_plane_cost (const GbPlane *self)
{
  const GbPlaneStep *steps = (const GbPlaneStep *) (gpointer) self->steps->data;
  double cost = 1;

  for (guint i = 0; i < self->steps->len; i++)
    cost +=
        steps[i].columns
        * (steps[i].kind == STEP_MATRIX && steps[i].from >= 0 ? (double) steps[steps[i].from].columns : 4);
  return cost;
}

guint
gb_plane_class (const GbPlane *self, const double *out, double *sure)
{
  guint best = 0;
  double sum = 0;

  if (self->n_columns == 1)
    {
      double p = self->is_probability ? out[0] : 1 / (1 + exp (-out[0]));
      *sure = fabs (p - 0.5) * 2;
      return p > 0.5;
    }
  for (guint i = 1; i < self->n_columns; i++)
    if (out[i] > out[best])
      best = i;
  for (guint i = 0; i < self->n_columns; i++)
    sum += exp (out[i] - out[best]);
  *sure = (1 / sum - 1.0 / self->n_columns) / (1 - 1.0 / self->n_columns);
  return best;
}

/* ---- following the forward pass ---- */

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

  if (walk->plane->steps->len == MOST_STEPS || step.columns > GB_PLANE_MOST_COLUMNS
      || !gb_trace_op_output (walk->trace, op, 0, &output))
    {
      step_clear (&step);
      walk->ended = TRUE;
      return;
    }
  step.tensor = output.tensor;
  g_array_append_val (walk->plane->steps, step);
}

static gboolean
take_linear (Walk *walk, const GbOp *op, int from)
{
  GbPlaneStep step = { .kind = STEP_MATRIX, .from = from };
  GbTensor w, b;

  step.matrix = constant_of (walk, op->inputs[1], op->record->head.seq, &w);
  if (step.matrix == NULL || w.ndim != 2 || w.sizes[1] != columns_of (walk, from))
    {
      step_clear (&step);
      return FALSE;
    }
  step.columns = (guint) w.sizes[0];
  if (op->record->n_inputs > 2 && op->inputs[2])
    {
      step.bias = constant_of (walk, op->inputs[2], op->record->head.seq, &b);
      step.n_bias = step.columns;
      if (step.bias == NULL || b.ndim != 1 || b.sizes[0] != w.sizes[0])
        {
          step_clear (&step);
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
  GbPlaneStep step = { .kind = STEP_MATRIX, .from = from };
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
  GbPlaneStep step = { .kind = STEP_PAIR, .from = a, .other = b, .sign = sign };
  GbTensor t;

  if (a >= -1 && b >= -1)
    {
      step.columns = MIN (columns_of (walk, a), columns_of (walk, b));
      if (columns_of (walk, a) != columns_of (walk, b))
        return FALSE;
      add_step (walk, step, op);
      return TRUE;
    }
  step.kind = STEP_CONSTANT;
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
      step_clear (&step);
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

/* Scale and shift of each column, as a batch norm has them: running statistics, or those of the points themselves. */
static gboolean
take_batch_norm (Walk *walk, const GbOp *op, int from)
{
  GbOpArgs args = { op->text, op->record->text_nbytes };
  guint n = columns_of (walk, from), n_inputs = op->record->n_inputs;
  double eps = gb_op_args_double (&args, "eps", 1e-5);
  g_autofree double *a = NULL, *b = NULL, *c = NULL, *d = NULL; /* weight, bias, mean, variance */
  GbPlaneStep scale = { .kind = STEP_CONSTANT, .from = from, .columns = n, .n_bias = n, .sign = '*' }, shift;
  gboolean by_batch = gb_op_args_bool (&args, "training", FALSE) || n_inputs < 5 || !op->inputs[3] || !op->inputs[4];
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
  shift = (GbPlaneStep){ .kind = STEP_CONSTANT, .columns = n, .n_bias = n, .sign = '+', .bias = g_new (double, n) };
  scale.bias = g_new (double, n);
  for (guint i = 0; i < n; i++)
    {
      scale.bias[i] = (a ? a[i] : 1) / sqrt (d[i] + eps);
      shift.bias[i] = (b ? b[i] : 0) - c[i] * scale.bias[i];
    }
  add_step (walk, scale, op);
  shift.from = (int) walk->plane->steps->len - 1;
  if (walk->ended)
    step_clear (&shift);
  else
    add_step (walk, shift, op);
  return TRUE;
}

/* What makes a choice of the result is no part of it; the labels that the choice is compared with are. */
static gboolean
is_decision (const char *name)
{
  static const char *const names[] = { "argmax", "max", "topk", "argmin", "gt", "ge", "lt", "le", "round", "eq", "ne", "sign" };
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
  for (guint i = 0; i < 2 && gb_trace_op_output (walk->trace, op, i, &output) && walk->n_decided < MOST_DECIDED; i++)
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
  for (guint i = 0; i < G_N_ELEMENTS (unaries); i++)
    if (strcmp (name, unaries[i].name) == 0 && from >= -1 && op->record->n_inputs == 1)
      {
        GbPlaneStep step = {
          .kind = STEP_UNARY, .from = from, .columns = columns_of (walk, from), .unary = unaries[i].func
        };
        GbTensor output;
        gint64 numel = 1;
        step.parameter =
            unaries[i].argument ? gb_op_args_double (&args, unaries[i].argument, unaries[i].otherwise) : 0;
        for (int d = 0; gb_trace_op_output (walk->trace, op, 0, &output) && d < output.ndim; d++)
          numel *= output.sizes[d];
        if (numel != walk->n * step.columns
            || (unaries[i].func == same && output.ndim != 2 && step.columns != 1))
          return FALSE;
        add_step (walk, step, op);
        return TRUE;
      }
  if ((strcmp (name, "softmax") == 0 || strcmp (name, "log_softmax") == 0) && from >= -1)
    {
      gint64 dim = gb_op_args_int (&args, "dim", -1);
      GbPlaneStep step = {
        .kind = STEP_SOFTMAX, .from = from, .columns = columns_of (walk, from), .is_log = name[0] == 'l'
      };
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
         && !(gb_trace_get_op (trace, op->record->parent, &around) && (around.record->flags & TE_WIRE_OP_FUNCTION)
              && !around.record->parent);
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
  plane->is_probability = last->kind == STEP_UNARY && last->unary == sigmoid;
  plane->output_label = gb_trace_dup_tensor_label (walk->trace, last->tensor, walk->seq);
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
  Walk walk = { .trace = trace, .seq = seq, .plane = self, .n = self->n_all };
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
          take_target (&walk, op.inputs[i], record->seq);
}

static void
start (GbPlane *self, GbPlaneKind kind)
{
  self->steps = g_array_new (FALSE, TRUE, sizeof (GbPlaneStep));
  g_array_set_clear_func (self->steps, step_clear);
  self->kind = kind;
}

/* The pass that begins at first, whose data is known. */
static GbPlane *
plane_of_pass (GbTrace *trace, guint64 seq, guint64 first, const GbTensor *data)
{
  GbPlane *self = g_new0 (GbPlane, 1);
  Walk walk = { .trace = trace, .seq = seq, .plane = self, .n = data->sizes[0] };

  start (self, data->sizes[1] == 2 ? GB_PLANE_SURFACE : GB_PLANE_CURVE);
  walk.n_data = (guint) data->sizes[1];
  self->tensor = data->tensor;
  take_points (self, trace, data, first);
  follow (&walk, first);
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
