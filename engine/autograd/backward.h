/* The walk from roots to leaves. */
#pragma once

#include "autograd/autograd.h"

typedef struct
{
  TeTensor *const *roots;
  TeTensor *const *root_grads; /* entries may be NULL: ones, for tensors of one element */
  int n_roots;
  bool retain_graph;
  bool create_graph;
  /* Given: only what leads to these runs.  With captures, their gradients are stored there (owned, NULL where
   * none arrived and allow_unused) instead of in .grad; without, only these accumulate. */
  TeTensor *const *inputs;
  int n_inputs;
  TeTensor **captures;
  bool allow_unused;
} TeBackwardRequest;

bool te_backward_is_partial (void); /* while a walk runs: was it given inputs? */
bool te_backward (const TeBackwardRequest *request, TeError *err);

/* Anomaly mode: called with the node whose backward failed or gave NaN, before the error goes up. */
typedef void (*TeAnomalyReporter) (TeNode *node);
void te_anomaly_set_reporter (TeAnomalyReporter reporter);
