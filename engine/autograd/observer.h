/* Who hears of the graph growing and of the walk: the trace.  One observer; NULL members are skipped.
 * pause is asked before each node, so that a person can step through backward. */
#pragma once

#include "autograd/node.h"

typedef struct
{
  void (*node_made) (TeNode *node,
                     TeOpCall *call); /* call: NULL for AccumulateGrad, CopySlices and Python functions */
  void (*backward_begin) (uint64_t backward, TeNode *root);
  void (*backward_end) (uint64_t backward, bool ok);
  bool (*node_begin) (uint64_t backward,
                      TeNode *node,
                      TeTensor *const *grads,
                      TeError *err); /* false stops the walk */
  void (*node_end) (uint64_t backward, TeNode *node, TeTensor *const *results, bool ok);
  void (*accumulated) (uint64_t backward, TeTensor *leaf, TeTensor *grad, bool added);
  void (*saved_released) (TeNode *node);
} TeAutogradObserver;

extern const TeAutogradObserver *te_autograd_observer;
void te_autograd_set_observer (const TeAutogradObserver *observer);
