/* Two runs side by side, A and B: what both logged, the graphs of the same iteration laid over each other,
 * their parameters, and what they printed.  Everything is taken at the last iteration that both have, not
 * beyond the cursor; what was not recorded of one of them is told so, never guessed. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_AB_WINDOW 50 /* iterations that means are taken over */

typedef struct
{
  const char *name;
  const GbSeries *a, *b;
  guint64 last_shared;     /* iteration that both reach; 0: none */
  guint64 first_different; /* 0: the same as far as both go */
  guint64 from, to;        /* iterations that the means are over, after they parted; to 0: none */
  guint n;                 /* how many of them both logged */
  double mean_a, mean_b;
} GbAbMetric;

typedef enum
{
  GB_AB_BOTH,
  GB_AB_ONLY_A,
  GB_AB_ONLY_B,
} GbAbWhere;

typedef struct
{
  GbAbWhere where;
  char *label;
  char shape_a[64], shape_b[64];
  gboolean shapes_differ;
} GbAbNode;

typedef struct
{
  guint from, to; /* nodes; from < to */
  GbAbWhere where;
} GbAbEdge;

typedef struct
{
  const char *name;
  GbAbWhere where;
  double norm_a, norm_b;   /* at `iteration`; NAN: not recorded */
  guint64 first_different; /* iteration after which the norms differ; 0: never, or not recorded */
  gboolean shapes_differ;
  gboolean has_values;         /* of all elements in both, for what follows */
  guint64 values_a, values_b;  /* iterations that they are of */
  double difference, relative; /* norm of A - B; that over the norm of A */
  double largest;              /* signed: B - A */
  int ndim;
  gint64 index[8];
  char shape[64];
  gboolean is_same; /* no element differs, or with norms alone: no norm does */
} GbAbWeight;

typedef struct
{
  const char *a, *b; /* a line of each; NULL: the other has more */
  gsize a_nbytes, b_nbytes;
  gboolean is_same;
} GbAbPrint;

typedef struct
{
  GbTrace *trace_a, *trace_b; /* owned; b NULL: there is nothing to compare with */
  const char *name_b;         /* of a recording; NULL: a branch */
  guint branch_a, branch_b;   /* 0: the run that goes on */
  guint64 iteration;          /* that both are taken at; 0: none */
  guint64 last_a, last_b;     /* completed */
  guint64 parted;             /* first iteration in which a logged value or a norm differs; 0: none */
  GArray *changes;            /* GbBranchChange, from A to B */
  GArray *metrics;            /* GbAbMetric */
  GArray *nodes, *edges;      /* GbAbNode, GbAbEdge */
  guint n_ops_a, n_ops_b;
  guint n_only_a, n_only_b, n_both, n_shapes; /* nodes */
  GArray *weights;                            /* GbAbWeight: those that differ most first */
  guint n_weights_different, n_weights_known;
  guint64 first_weight; /* iteration in which the first of them differs; 0: not known */
  GArray *prints;       /* GbAbPrint */
  guint n_prints_different;
} GbAb;

GbAb *gb_ab_new (GbTraceCursor *cursor);
void gb_ab_free (GbAb *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbAb, gb_ab_free)

G_END_DECLS
