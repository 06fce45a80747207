/* What the three parts of the plane's model share: plane-model.c finds the points, plane-follow.c follows the pass that
 * reads them, plane-steps.c does its arithmetic again. */
#pragma once

#include "models/plane-model.h"

G_BEGIN_DECLS

#define GB_PLANE_MOST_STEPS 64

/* An op on one number. */
typedef struct
{
  const char *name, *argument; /* NULL: none */
  double (*func) (double value, double parameter);
  double otherwise; /* the argument where the op was called without it */
  gboolean keeps;   /* its result is what it was given */
  gboolean is_probability;
} GbPlaneUnary;

typedef enum
{
  GB_PLANE_STEP_MATRIX, /* times `matrix` (columns × from), plus `bias` */
  GB_PLANE_STEP_UNARY,
  GB_PLANE_STEP_SOFTMAX,
  GB_PLANE_STEP_CONSTANT, /* with `bias`: one number, or one per column */
  GB_PLANE_STEP_PAIR,     /* with another step's result */
} GbPlaneStepKind;

struct _GbPlaneStep
{
  GbPlaneStepKind kind;
  guint64 tensor;  /* its result */
  int from, other; /* steps, -1: the data */
  guint columns;
  double *matrix, *bias;
  guint n_bias;
  char sign; /* + - * / ; lower: of a constant on the left, 's' c - x, 'd' c / x */
  const GbPlaneUnary *unary;
  double parameter;
  gboolean is_log;
};
/* NULL: there is no such op. */
const GbPlaneUnary *gb_plane_find_unary (const char *name);
void gb_plane_step_clear (gpointer step); /* for a GArray */

/* Follows the pass of n rows of n_data columns from the op at `first` on, up to seq: fills the model and the targets. */
void gb_plane_follow (GbPlane *self, GbTrace *trace, guint64 seq, gint64 n, guint n_data, guint64 first);
/* Takes a tensor for the labels: one number per row, no gradient wanted.  FALSE: it cannot be, or there are some. */
gboolean gb_plane_take_target (GbPlane *self, GbTrace *trace, gint64 n, guint64 tensor, guint64 seq);

G_END_DECLS
