/* Reading one iteration's records into ops, autograd nodes and module calls.  Private to the graph model. */
#pragma once

#include "models/graph-model.h"

/* A module call; frames form a tree.  Frame 0 is the program itself. */
typedef struct
{
  guint parent, module;
  guint64 call, key;
  guint n_ops; /* shown ones, in it and below */
  int depth;
} GbScanFrame;

typedef struct
{
  guint64 node, seq_begin, seq_end; /* 0: has not begun, ended */
  const TeRecordNode *record;
  guint64 grad, grad_seq, freed_seq; /* the gradient that arrived last, and when */
  guint64 accumulated_seq, accumulated; /* of an AccumulateGrad: the .grad behind it */
  gboolean added;                       /* to one that was there */
} GbScanNode;

typedef struct
{
  GbOp op;
  guint64 key;
  guint frame;
  int top; /* index of the outermost composite it runs in; itself when none */
  gboolean shown;
  GArray *outputs; /* tensor ids of this and inner ops (guint64); only for top ops */
  GArray *nodes;   /* indices into GbScan.nodes (guint); only for top ops */
} GbScanOp;

typedef struct
{
  GArray *ops, *nodes, *frames;
  GHashTable *op_of_call;  /* call -> index + 1 */
  GHashTable *node_of_id;  /* autograd node -> index + 1 */
  GHashTable *accumulator; /* leaf tensor -> index + 1 into nodes */
  GHashTable *op_of_key;   /* key -> index + 1, shown ones */
  gboolean has_backward;
} GbScan;

/* Records with first_seq <= seq < end_seq. */
GbScan *gb_scan_new (GbTrace *trace, guint64 first_seq, guint64 end_seq);
void gb_scan_free (GbScan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbScan, gb_scan_free)
static inline GbScanOp *
gb_scan_op (GbScan *self, guint index)
{
  return &g_array_index (self->ops, GbScanOp, index);
}
static inline GbScanNode *
gb_scan_node (GbScan *self, guint index)
{
  return &g_array_index (self->nodes, GbScanNode, index);
}
static inline GbScanFrame *
gb_scan_frame (GbScan *self, guint index)
{
  return &g_array_index (self->frames, GbScanFrame, index);
}
/* The first of what it gave itself, not ops inside it; 0: nothing. */
static inline guint64
gb_scan_first_output (const GbScanOp *op)
{
  guint n = op->op.end && !op->op.end->status ? op->op.end->n_outputs : 0;
  if (!op->outputs || !op->outputs->len)
    return 0;
  return g_array_index (op->outputs, guint64, op->outputs->len - CLAMP (n, 1, op->outputs->len));
}
guint64 gb_scan_mix (guint64 hash, guint64 value);
