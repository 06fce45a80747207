/* The computation graph of one iteration: forward ops, what they save, and the autograd nodes they made, with
 * what has run at a position.
 *
 * Structure comes from a whole iteration (the one at the position when it is complete, else the one before as
 * long as what ran so far agrees with it), so that places are stable and what has not run yet is known as a
 * ghost. Composite ops stand for the ops inside them.  When the program records gradients, only ops that made
 * autograd nodes are shown; what they read from elsewhere are leaves.  Modules fold into one box.  Of a loop, or of
 * layers that are built alike, a picture that would be too large has the first turn and a box for all others. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef enum
{
  GB_GRAPH_OP,
  GB_GRAPH_MODULE, /* folded: stands for n_ops ops */
  GB_GRAPH_INPUT,  /* a tensor that no shown op made, in the flow */
} GbGraphKind;

typedef enum
{
  GB_GRAPH_NOT_RUN, /* ghost */
  GB_GRAPH_ACTIVE,  /* begun, not ended: at the playhead */
  GB_GRAPH_DONE,
  GB_GRAPH_FAILED,
} GbGraphState;

typedef enum
{
  GB_GRAPH_LEAF_PARAMETER,
  GB_GRAPH_LEAF_BUFFER,
  GB_GRAPH_LEAF_TENSOR,
} GbGraphLeafKind;

/* A leaf that an op reads: drawn above it. */
typedef struct
{
  guint64 tensor;
  char *name;
  GbGraphLeafKind kind;
  gboolean requires_grad;
  gboolean accumulates;     /* the first op that reads it: its AccumulateGrad stands there */
  GbGraphState accumulated; /* DONE: its gradient has arrived */
  guint64 accumulate_node;
  guint64 arriving;         /* gradient that has arrived at it, 0: none yet */
  guint64 grad, grad_seq;   /* .grad behind it, and since when; 0: not yet */
  guint64 begun_seq;        /* where it began: both operands are told before it; 0: not yet */
  gboolean added;           /* to the .grad that stood there */
} GbGraphLeaf;

/* An autograd node of an op. */
typedef struct
{
  guint64 node;
  char *name; /* "AddmmBackward0" */
  GbGraphState state;
  guint64 grad;   /* tensor that arrived at it, 0 unknown */
  gboolean freed; /* its saved tensors were released */
  gboolean just_freed; /* by the node that ran last */
  char *saved;    /* names of what it saved, "self, other"; NULL: nothing */
  guint64 saved_nbytes;
  gboolean minor; /* saved nothing beside others of its op that did: not drawn, only counted */
  gboolean stale; /* a saved tensor was changed since */
  guint saved_version, stale_version;
} GbGraphGradFn;

typedef struct
{
  GbGraphKind kind;
  guint64 key;          /* the same in every iteration */
  guint64 call;         /* op call that plays this part at the position, 0: none yet */
  guint64 tensor;       /* its first output, 0: none yet */
  guint64 shape_tensor; /* tensor that tells the shape, also for ghosts */
  char shape[64];       /* "64×8×8×8"; "" for a scalar or when unknown */
  guint32 module;       /* module it runs in (folded: the module itself) */
  guint32 pos;          /* place in the source */
  char *label;          /* "conv2d", "conv1", variable name of an input */
  char *name;           /* variable the result is bound to, or NULL */
  guint n_ops;
  guint64 loop; /* of a box that stands for the other turns of a loop; 0: it does not */
  guint n_times;
  GbGraphState state;
  gboolean no_grad, inplace;
  guint32 nsec;
  GArray *grad_fns; /* GbGraphGradFn, in order of being made */
  GArray *leaves;   /* GbGraphLeaf */
} GbGraphNode;

typedef struct
{
  guint from, to;
  guint64 tensor;
  gboolean done;      /* the value has passed */
  gboolean grad_done; /* the gradient has passed back */
} GbGraphEdge;

/* An unfolded module, or a loop: a bracket over its nodes. */
typedef struct
{
  guint32 module; /* 0: a loop */
  guint64 loop;   /* its key */
  char *label;    /* of a loop "×12" */
  int depth;
  guint first, last; /* node indices, inclusive */
} GbGraphBracket;

typedef struct
{
  GArray *nodes;       /* GbGraphNode */
  GArray *edges;       /* GbGraphEdge; from < to always */
  GArray *brackets;    /* GbGraphBracket */
  guint64 iteration;   /* 0: nothing ran */
  guint n_ops, n_done; /* forward ops shown or folded, and how many have run */
  guint n_grad_fns, n_grad_done;
  gboolean in_backward;
  gboolean template_used; /* ghosts come from iteration - 1 */
  guint64 structure;      /* hash: equal structures have equal places */
  guint64 active_key;     /* node at the playhead, 0: none */
  char *failure;          /* text of the exception that a failed node raised, or NULL */
} GbGraph;

typedef struct
{
  guint most_nodes;     /* unfold modules while no more nodes than this show; 0: 24 */
  GHashTable *unfolded; /* module ids (GUINT_TO_POINTER) that are unfolded by hand, or NULL */
  GHashTable *folded;   /* folded by hand, or NULL */
  GHashTable *unrolled; /* keys of loops that are shown turn by turn, as pointers, or NULL */
} GbGraphOptions;

/* gb_graph_new: the graph at the cursor's position; never NULL.  Owned. */
GbGraph *gb_graph_new (GbTraceCursor *cursor, const GbGraphOptions *options);
void gb_graph_free (GbGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbGraph, gb_graph_free)

static inline GbGraphNode *
gb_graph_node (GbGraph *self, guint index)
{
  return &g_array_index (self->nodes, GbGraphNode, index);
}
/* Index of the node that stands for an op call, an autograd node or a tensor; -1: none. */
int gb_graph_find_call (GbGraph *self, guint64 call);
int gb_graph_find_grad_fn (GbGraph *self, guint64 node);
int gb_graph_find_tensor (GbGraph *self, guint64 tensor);
/* Is there an op or a node to show at the cursor?  Cheap. */
gboolean gb_graph_exists (GbTraceCursor *cursor);

G_END_DECLS
