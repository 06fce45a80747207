/* Points of a program in the plane, and what its model makes of every place there.
 *
 * The latest forward pass that begins with data of one or two columns is followed op by op; its weights are
 * recorded, so that the same arithmetic can be done here for any place: a decision surface or a fitted curve
 * without running a person's code.  Data of more columns, or a pass with an op that this arithmetic lacks, is
 * shown by the two largest principal axes of an activation. */
#pragma once

#include "models/selection.h"
#include "models/tensor-values.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_PLANE_MOST_POINTS  4096
#define GB_PLANE_MOST_COLUMNS 512
#define GB_PLANE_MOST_CLASSES 32

typedef enum
{
  GB_PLANE_SURFACE, /* two columns of data */
  GB_PLANE_CURVE,   /* one: x against the target */
  GB_PLANE_AXES,    /* principal axes */
} GbPlaneKind;

typedef struct _GbPlaneStep GbPlaneStep;

typedef struct
{
  GbPlaneKind kind;
  guint64 tensor; /* whose rows are the points */
  char *label;
  gint64 n; /* points known */
  gint64 n_all;
  double *x, *y;         /* y of a curve: the target, NAN where there is none */
  guint64 target_tensor; /* 0: no labels */
  char *target_label;
  double *target;       /* per point, or NULL */
  gboolean has_classes; /* targets are whole numbers from 0 on, few of them */
  guint n_classes;
  double shares[2]; /* of the variance, of principal axes */
  /* The model. */
  GArray *steps;           /* GbPlaneStep */
  guint n_columns;         /* of what it makes; 0: there is no model to tell */
  gboolean is_probability; /* its last op was a sigmoid */
  char *output_label;
  guint64 weights_iteration; /* whose weights these are, where later ones were not recorded; 0: those of the
                                position */
  char *untold;              /* the op that the arithmetic lacks, or NULL */
} GbPlane;

/* NULL: the program has no such points at the cursor. */
GbPlane *gb_plane_new (GbTraceCursor *cursor, GbSelection *selection);
/* Whether the program multiplies data of one or two columns at the cursor: cheap. */
gboolean gb_plane_peek (GbTraceCursor *cursor);
void gb_plane_free (GbPlane *self);
/* What the model makes of a place: n_columns numbers into `out`.  FALSE: there is no model. */
gboolean gb_plane_evaluate (const GbPlane *self, double x, double y, double *out);
/* Products in one evaluation, at least 1. */
double gb_plane_cost (const GbPlane *self);
/* The class of a result, and how sure: 0 to 1. */
guint gb_plane_class (const GbPlane *self, const double *out, double *sure);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbPlane, gb_plane_free)

G_END_DECLS
