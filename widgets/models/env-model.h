/* An environment that a program plays in, as it told it:
 *   gb.log ("env", reward, row=…, column=…, action=…, done=…)   a step in a grid world
 *   gb.log ("env", reward, x=…, angle=…, action=…, done=…)      a step of a cart with a pole (metres,
 * radians) gb.show (cells, view="env", labels=[names])    integers (H, W): 0 free, 1 wall, 2 goal, 3 trap;
 * names are for others gb.show (values, view="env")                   numbers (H, W): the value of each cell
 *   gb.show (q, view="env", labels=["up", "right", "down", "left"])   (H, W, 4): what each action is worth
 * done ends an episode.  Actions are numbers in the order of those labels, or their names. */
#pragma once

#include "models/tensor-values.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_ENV_MOST_SIDE 64

typedef enum
{
  GB_ENV_GRID,
  GB_ENV_CART,
} GbEnvKind;

typedef enum
{
  GB_ENV_FREE,
  GB_ENV_WALL,
  GB_ENV_GOAL,
  GB_ENV_TRAP,
} GbEnvCell;

typedef struct
{
  guint64 seq;
  guint32 pos;
  guint episode;        /* from 1 */
  guint nth;            /* in it, from 1 */
  int action;           /* -1: not told */
  double reward, total; /* of the episode so far */
  double a, b;          /* row and column, or x and angle; may be NaN */
  gboolean done;
} GbEnvStep;

typedef struct
{
  GbEnvKind kind;
  GArray *steps;  /* GbEnvStep, all that were told */
  int current;    /* step at the position, -1: before the first */
  guint first, n; /* steps of its episode, as far as they are known */
  guint n_episodes;
  double best, mean;                      /* totals of the episodes that ended; NaN: none has */
  gint64 rows, columns;                   /* of a grid */
  GbTensorValues *cells, *values, *worth; /* NULL: not shown */
  guint n_actions;                        /* of worth */
} GbEnv;

/* NULL: nothing was told. */
GbEnv *gb_env_new (GbTraceCursor *cursor);
void gb_env_free (GbEnv *self);
gboolean gb_env_exists (GbTraceCursor *cursor); /* cheap */
/* Tensors that are shown for it, 0: none. */
void gb_env_tensors (GbTraceCursor *cursor, guint64 *cells, guint64 *values, guint64 *worth);
GbEnvCell gb_env_cell (const GbEnv *self, gint64 row, gint64 column);
/* What a cell is worth: its value, or that of its best action; FALSE: not known. */
gboolean gb_env_value (const GbEnv *self, gint64 row, gint64 column, double *value);
/* The best action there, -1: not known, or all are equal; what each is worth in worth[4], if not NULL. */
int gb_env_policy (const GbEnv *self, gint64 row, gint64 column, double *worth);
const GbEnvStep *gb_env_step (const GbEnv *self, int nth); /* NULL: there is no such step */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbEnv, gb_env_free)

G_END_DECLS
