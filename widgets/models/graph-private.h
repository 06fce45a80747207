/* What the parts of the graph model share while a graph is made. */
#pragma once

#include "models/graph-scan.h"

typedef struct
{
  GbTrace *trace;
  guint64 position, last_begun; /* the latest backward node that began before it */
  const GbGraphOptions *options;
  GbScan *scan; /* structure */
  GbScan *now;  /* what has run; may be the same scan */
  GbGraph *graph;
  gboolean *unfolded;    /* per frame */
  int *node_of_frame;    /* folded frames: node index, -1 */
  int *node_of_op;       /* ops of scan: node index, -1 */
  GArray *loops;         /* GbGraphLoop */
  guint *loop_of_op;     /* ops of scan that a loop's box stands for: index + 1 into loops; NULL: none is rolled up */
  GHashTable *producer;  /* tensor -> node index + 1 */
  GHashTable *input;     /* tensor -> input node index + 1 */
  GHashTable *leaf_seen; /* leaves that some op has shown */
  GHashTable *edge_seen; /* from << 32 | to */
} GbGraphBuilder;

typedef struct
{
  guint64 key;
  guint first, last; /* ops of scan: the first of all turns, the last of them */
  guint n_times;
  int depth; /* of its bracket */
  int node;  /* its box, -1: not yet, or unrolled */
  gboolean is_open;
} GbGraphLoop;

/* Ids as keys, without a copy: see graph-scan.c. */
static inline void
gb_graph_table_set (GHashTable *table, guint64 key, guint value)
{
  g_hash_table_insert (table, (gpointer) (guintptr) key, GUINT_TO_POINTER (value));
}

static inline guint
gb_graph_table_get (GHashTable *table, guint64 key)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (table, (gpointer) (guintptr) key));
}

/* Puts what has run by the position upon the structure. */
void gb_graph_overlay (GbGraphBuilder *b);
