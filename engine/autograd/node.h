/* autograd: what is remembered for backward, and the walk.
 *
 * Who may hold whom: tensor -> grad_fn -> next nodes -> … -> AccumulateGrad -> leaf.  The graph points backwards
 * only.  A node that saves its own output saves the data without its grad_fn; a leaf knows its accumulator weakly.
 * Neither the walk nor freeing recurses: a chain of a million nodes costs no stack. */
#pragma once

#include "ops/op-def.h"

typedef struct TeNode TeNode;

typedef struct
{
  TeNode *node; /* owned; NULL: this input needs no gradient */
  int32_t input_nr; /* which of node's inputs (= outputs of the forward op) the gradient goes to */
} TeEdge;

/* What kinds of node there are: recorded ops, AccumulateGrad, CopySlices, Python functions … */
typedef struct
{
  /* grads: n_inputs entries, borrowed, NULL = zero.  results: n_edges entries, owned, NULL = none. */
  bool (*apply) (TeNode *self, TeTensor *const *grads, TeTensor **results, TeError *err);
  void (*release_saved) (TeNode *self);  /* frees buffers (retain_graph=False) */
  void (*finalize) (TeNode *self);       /* frees the rest, not the edges */
} TeNodeClass;

typedef struct TeSaved TeSaved;

struct TeNode
{
  int64_t refcount;
  uint64_t id; /* never reused; names the node in the trace */
  const TeNodeClass *klass;
  const char *name;      /* "AddBackward0"; static or owned by the class's data */
  uint64_t sequence;     /* later nodes run first */
  int32_t n_inputs;      /* gradients that arrive: outputs of the forward op */
  int32_t n_edges;       /* gradients that leave */
  TeEdge *edges;
  TeMeta *input_metas;   /* sizes and dtype of each forward output */
  bool saved_released;
  uint64_t trace_call;   /* the op call that made it, 0 if unknown */
  uint32_t flags;
  struct TeHook *pre_hooks;  /* tensor hooks, by input_nr */
  struct TeHook *post_hooks; /* node.register_hook */
  void *python;          /* borrowed wrapper */
  /* recorded ops */
  const TeOp *op;
  TeValue *args;         /* deep copy without tensors */
  TeSaved *saved;        /* inputs, outputs, extra in that order */
  int32_t n_saved;
  void *data;            /* other classes */
};

struct TeAutogradMeta
{
  TeTensor *grad;     /* owned */
  TeNode *grad_fn;    /* owned; NULL for leaves */
  int32_t output_nr;
  bool retains_grad;
  TeNode *accumulator; /* weak: cleared by the accumulator's finalize */
  struct TeHook *hooks; /* tensor hooks of a leaf */
  TeTensor *base;      /* owned: the tensor this one is a view of */
  uint32_t view_version; /* attr version when grad_fn was made */
  uint8_t creation;    /* TeViewCreation: how a view may be changed in place */
  char *name;          /* Tensor.name */
};

static inline TeNode *
te_node_ref (TeNode *self)
{
  self->refcount++;
  return self;
}
void te_node_unref (TeNode *self); /* NULL is fine; iterative */
