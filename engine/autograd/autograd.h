/* A tensor's part in autograd, and how recording is switched on. */
#pragma once

#include "autograd/node.h"

typedef enum
{
  TE_VIEW_DEFAULT,
  TE_VIEW_NO_GRAD,      /* made in no_grad mode */
  TE_VIEW_INFERENCE,    /* made in inference mode */
  TE_VIEW_MULTI_OUTPUT, /* split, unbind … */
  TE_VIEW_CUSTOM,       /* made by a Python Function */
} TeViewCreation;

struct TeAutogradMeta
{
  TeTensor *grad;  /* owned */
  TeNode *grad_fn; /* owned; NULL for leaves.  Read it through te_tensor_grad_fn: views may be stale */
  int32_t output_nr;
  bool retains_grad;
  uint8_t creation;      /* TeViewCreation */
  TeNode *accumulator;   /* weak: cleared by the accumulator's end */
  TeHook *hooks;         /* tensor hooks of a leaf */
  TeTensor *base;        /* owned: the tensor this one is a view of (never itself a view) */
  uint32_t view_version; /* version when grad_fn was made */
  char *name;
  TeTensor *tangent;      /* owned: of the forward mode's level tangent_level (forward.h) */
  uint64_t tangent_level;
};

/* Hooks autograd into dispatch; idempotent. */
void te_autograd_attach (void);

TeAutogradMeta *te_tensor_autograd_meta (TeTensor *self, TeError *err); /* makes it when missing */
static inline TeTensor *
te_tensor_base (const TeTensor *self) /* borrowed, or NULL */
{
  return self->autograd ? self->autograd->base : NULL;
}
static inline TeTensor *
te_tensor_grad (const TeTensor *self) /* borrowed, or NULL */
{
  return self->autograd ? self->autograd->grad : NULL;
}
bool te_tensor_set_grad (TeTensor *self,
                         TeTensor *grad,
                         TeError *err); /* grad may be NULL; takes its own reference; no checks */
bool te_tensor_grad_fn (TeTensor *self,
                        TeNode **node,
                        TeError *err); /* borrowed, NULL for leaves; regenerates a stale view's */
static inline int
te_tensor_output_nr (const TeTensor *self)
{
  return self->autograd ? self->autograd->output_nr : 0;
}
static inline bool
te_tensor_is_leaf (const TeTensor *self) /* of a stale view: as it was before its base changed */
{
  return !self->autograd || !self->autograd->grad_fn;
}
/* PyTorch's errors: only floating dtypes; only leaves may be switched off. */
bool te_tensor_set_requires_grad (TeTensor *self, bool requires_grad, TeError *err);
bool te_tensor_retain_grad (TeTensor *self, TeError *err);
static inline bool
te_tensor_retains_grad (const TeTensor *self)
{
  return self->autograd && self->autograd->retains_grad;
}
/* hook->tensor is called with each gradient of self; id for te_tensor_remove_hook, 0 on failure. */
int64_t te_tensor_add_hook (TeTensor *self, const TeHook *hook, TeError *err);
void te_tensor_remove_hook (TeTensor *self, int64_t id);
/* Where a gradient for self goes: (grad_fn, output_nr), a leaf's accumulator, or nothing.  node is owned. */
bool te_tensor_gradient_edge (TeTensor *self, TeEdge *edge, TeError *err);
/* Makes self the output `output_nr` of node (takes its own reference) and requires_grad true. */
bool te_tensor_set_history (TeTensor *self, TeNode *node, int output_nr, TeError *err);
/* After an in-place change recorded by node: for views the base gets CopySlices. */
bool te_tensor_rebase_history (TeTensor *self, TeNode *node, TeError *err);
bool te_tensor_mark_view (TeTensor *view, TeTensor *of, TeViewCreation creation, TeError *err);
/* May self be changed in place now?  records: by an op of which an input requires grad. */
bool te_tensor_check_inplace (TeTensor *self, bool records, TeError *err);
/* self leaves its graph in place: detach_(). */
bool te_tensor_detach_inplace (TeTensor *self, TeError *err);
