/* The arithmetic of a pass, done again for any place of the plane. */
#include "models/plane-private.h"

#include <math.h>
#include <string.h>

void
gb_plane_step_clear (gpointer data)
{
  GbPlaneStep *step = data;
  g_free (step->matrix);
  g_free (step->bias);
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

static const GbPlaneUnary unaries[] = {
  { "relu", NULL, relu, 0 },
  { "relu_", NULL, relu, 0 },
  { "leaky_relu", "negative_slope", leaky, 0.01 },
  { "elu", "alpha", elu, 1 },
  { "tanh", NULL, hyperbolic, 0 },
  { "sigmoid", NULL, sigmoid, 0, .is_probability = TRUE },
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
  { "dropout", NULL, same, 0, .keeps = TRUE },
  { "squeeze", NULL, same, 0, .keeps = TRUE },
  { "view", NULL, same, 0, .keeps = TRUE },
  { "reshape", NULL, same, 0, .keeps = TRUE },
  { "flatten", NULL, same, 0, .keeps = TRUE },
  { "detach", NULL, same, 0, .keeps = TRUE },
  { "clone", NULL, same, 0, .keeps = TRUE },
  { "_to_copy", NULL, same, 0, .keeps = TRUE },
  { "contiguous", NULL, same, 0, .keeps = TRUE },
};

const GbPlaneUnary *
gb_plane_find_unary (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (unaries); i++)
    if (strcmp (name, unaries[i].name) == 0)
      return &unaries[i];
  return NULL;
}

/* ---- evaluation ---- */

static void
run_step (const GbPlaneStep *step, const double *from, guint n_from, const double *other, double *to)
{
  double most = -INFINITY, sum = 0;

  switch (step->kind)
    {
    case GB_PLANE_STEP_MATRIX:
      for (guint o = 0; o < step->columns; o++)
        {
          double total = step->bias ? step->bias[step->n_bias == 1 ? 0 : o] : 0;
          for (guint i = 0; i < n_from; i++)
            total += step->matrix[o * n_from + i] * from[i];
          to[o] = total;
        }
      return;
    case GB_PLANE_STEP_UNARY:
      for (guint i = 0; i < step->columns; i++)
        to[i] = step->unary->func (from[i], step->parameter);
      return;
    case GB_PLANE_STEP_SOFTMAX:
      for (guint i = 0; i < step->columns; i++)
        most = MAX (most, from[i]);
      for (guint i = 0; i < step->columns; i++)
        sum += exp (from[i] - most);
      for (guint i = 0; i < step->columns; i++)
        to[i] = step->is_log ? from[i] - most - log (sum) : exp (from[i] - most) / sum;
      return;
    case GB_PLANE_STEP_CONSTANT:
    case GB_PLANE_STEP_PAIR:
      for (guint i = 0; i < step->columns; i++)
        {
          double b = step->kind == GB_PLANE_STEP_PAIR ? other[i] : step->bias[step->n_bias == 1 ? 0 : i];
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
  guint starts[GB_PLANE_MOST_STEPS + 1];

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
                step->kind == GB_PLANE_STEP_PAIR ? (step->other < 0 ? data : room + starts[step->other])
                                                 : NULL,
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
        * (steps[i].kind == GB_PLANE_STEP_MATRIX && steps[i].from >= 0 ? (double) steps[steps[i].from].columns
                                                                       : 4);
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
