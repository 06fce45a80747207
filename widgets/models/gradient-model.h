/* Gradients of all parameters over iterations as one table: a row per parameter (or per module, when there are too
 * many), a column per run of iterations.  A cell holds the largest norm in its run, so that what explodes for one
 * step is seen at any width. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef enum
{
  GB_GRADIENT_NORM,  /* norm of .grad */
  GB_GRADIENT_RATIO, /* norm of the update over norm of the parameter */
} GbGradientWhat;

typedef enum
{
  GB_GRADIENT_VALUE,
  GB_GRADIENT_NONE,      /* .grad was None */
  GB_GRADIENT_NONFINITE, /* NaN or Inf */
  GB_GRADIENT_UNKNOWN,   /* nothing recorded */
} GbGradientState;

typedef enum
{
  GB_ALARM_NONE = 0,
  GB_ALARM_NONFINITE,  /* NaN or Inf in the latest steps */
  GB_ALARM_NO_GRAD,    /* None for 20 steps or more */
  GB_ALARM_VANISHING,  /* under 1e-7, or under a millionth of the median row */
  GB_ALARM_EXPLODING,  /* a hundred times its own median, or over 1e4 */
} GbAlarm;

typedef struct
{
  double value;
  GbGradientState state;
} GbGradientCell;

typedef struct
{
  char *name;
  guint64 tensor; /* of the only or the first parameter */
  guint param, n_params;
  GbGradientCell last;
  guint64 last_iteration;
  double largest;
  guint64 largest_iteration;
  GbAlarm alarm;
  guint64 alarm_steps; /* for how many steps */
} GbGradientRow;

typedef struct
{
  GbGradientWhat what;
  GArray *rows;          /* GbGradientRow, last layer first */
  GbGradientCell *cells; /* n_rows × n_columns */
  guint n_columns;
  guint64 first, last;   /* iterations shown */
  guint64 per_column;
  double least, most;    /* over values above zero; 0 when there are none */
} GbGradientTable;

/* At most max_rows rows (parameters are put together by module until they fit) and max_columns columns, over the
 * iterations up to `until` (G_MAXUINT64: all). */
GbGradientTable *gb_gradient_table_new (GbTrace *trace, GbGradientWhat what, guint max_rows, guint max_columns,
                                        guint64 until);
void gb_gradient_table_free (GbGradientTable *self);
const GbGradientCell *gb_gradient_table_get (const GbGradientTable *self, guint row, guint column);
/* Column of an iteration, or -1. */
int gb_gradient_table_column (const GbGradientTable *self, guint64 iteration);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbGradientTable, gb_gradient_table_free)

G_END_DECLS
