/* autograd: what is remembered for backward, and the walk.
 *
 * Who may hold whom: tensor -> grad_fn -> next nodes -> … -> AccumulateGrad -> leaf.  The graph points
 * backwards only.  A node that saves its own output saves the data without its grad_fn; a leaf knows its
 * accumulator weakly. Neither the walk nor freeing recurses: a chain of a million nodes costs no stack. */
#pragma once

#include "ops/op-def.h"

typedef struct TeNode TeNode;

typedef struct
{
  TeNode *node;     /* owned; NULL: this input needs no gradient */
  int32_t input_nr; /* which of node's inputs (= outputs of the forward op) the gradient goes to */
} TeEdge;

/* What kinds of node there are: recorded ops, AccumulateGrad, CopySlices, Python functions … */
typedef struct
{
  /* grads: n_inputs entries, borrowed, NULL = zero.  results: n_edges entries, all NULL at first; owned, NULL
   * = none. */
  bool (*apply) (TeNode *self, TeTensor *const *grads, TeTensor **results, TeError *err);
  void (*release_saved) (TeNode *self); /* frees buffers (retain_graph=False); may be NULL */
  void (*finalize) (TeNode *self);      /* frees what the class hung on the node; may be NULL */
  bool only_results; /* apply has no other effect, and is left out where no result is wanted */
} TeNodeClass;

/* A tensor kept for backward: autograd/saved.h. */
typedef struct TePacked TePacked;
typedef struct
{
  TeTensor *tensor; /* owned; NULL: nothing was kept, or packed has it */
  TePacked *packed; /* owned: what a pack hook made of it */
  uint32_t version; /* of the tensor when it was kept */
  int16_t output_nr;
  bool is_output;
} TeSaved;

typedef enum
{
  TE_HOOK_TENSOR, /* tensor hook: sees and may replace the gradient of one input of the node */
  TE_HOOK_RETAIN, /* retain_grad: context is the tensor, weak */
  TE_HOOK_NODE,   /* Node.register_hook: after the node ran */
  TE_HOOK_BEFORE, /* Node.register_prehook: its `results` are the gradients that arrive, grads is NULL */
} TeHookKind;

typedef struct TeHook TeHook;
struct TeHook
{
  TeHook *next;
  int64_t refcount; /* its list, and each walk over the list that is under way */
  int64_t id;
  TeHookKind kind;
  int32_t input_nr;
  void *context;
  /* Returns a new reference that replaces the gradient, or NULL to leave it (err tells failure). */
  TeTensor *(*tensor) (void *context, TeTensor *grad, TeError *err);
  /* May replace entries of results (owned references). */
  bool (*node) (
      void *context, TeTensor **results, int n_results, TeTensor *const *grads, int n_grads, TeError *err);
  void (*release) (void *context);
};

struct TeNode
{
  int64_t refcount;
  uint64_t id; /* never reused; names the node in the trace */
  const TeNodeClass *klass;
  const char *name;  /* "AddBackward0"; static, or freed by the class */
  uint64_t sequence; /* later nodes run first; UINT64_MAX: at once */
  int32_t n_inputs;  /* gradients that arrive: outputs of the forward op */
  int32_t n_edges;   /* gradients that leave */
  TeEdge *edges;
  TeMeta *input_metas; /* n_inputs: sizes and dtype of each forward output */
  TeHook *pre_hooks;
  TeHook *post_hooks;
  void *python;        /* borrowed wrapper object */
  void *data;          /* of the class */
  uint64_t trace_call; /* the op call that made it, 0 if unknown */
  uint32_t block_nbytes;
  bool saved_released;
  /* recorded ops */
  const TeOp *op;
  TeValue *args;  /* deep copy; tensors are NULL in it */
  TeMeta *metas;  /* n_edges: the flat inputs */
  TeSaved *saved; /* flat inputs, outputs, extra in that order */
  int32_t n_saved;
  /* owned by a walk that is under way */
  uint64_t walk;
  int32_t slot;
};

TeNode *te_node_new (const TeNodeClass *klass, const char *name, int n_inputs, int n_edges, TeError *err);
static inline TeNode *
te_node_ref (TeNode *self)
{
  self->refcount++;
  return self;
}
void te_node_unref (TeNode *self); /* NULL is fine; frees without recursion */
uint64_t te_node_last_id (void);    /* of the newest: ids grow */
uint64_t te_node_count (void);      /* how many are alive */
void te_node_release_saved (TeNode *self);
bool te_node_is_recorded_op (const TeNode *self);
/* The place of an edge among those that next_functions shows, which leaves out arguments without derivative;
 * -1 for one of these. */
int te_node_shown_edge (const TeNode *self, int index);
bool te_node_is_accumulate_grad (const TeNode *self);
TeTensor *te_node_accumulate_grad_leaf (const TeNode *self); /* borrowed */
/* Stores the edge along which a gradient for `tensor` flows; an empty edge when it needs none. */
bool te_node_set_edge (TeNode *self, int index, TeTensor *tensor, TeError *err);
bool te_node_set_input_meta (TeNode *self, int index, const TeTensor *tensor, TeError *err);
/* The saved tensor `index` as an owned reference, its version checked; NULL with err on failure, or without
 * err when nothing was kept there. */
TeTensor *te_node_unpack (TeNode *self, int index, TeError *err);
int64_t te_node_add_hook (TeNode *self,
                          TeHookKind kind,
                          const TeHook *hook,
                          TeError *err); /* id, 0 on failure; takes context over on success */
void te_node_remove_hook (TeNode *self, int64_t id);

bool te_meta_set (TeMeta *meta, const TeTensor *tensor, TeError *err);
void te_meta_clear (TeMeta *meta);
void te_hooks_free (TeHook *hooks);
