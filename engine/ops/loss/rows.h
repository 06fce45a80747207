/* The families of ops/loss, as registry.c joins them. */
#pragma once

#include "ops/registry.h"

extern const TeOpFamily te_family_pair_loss;
extern const TeOpFamily te_family_nll_loss;
extern const TeOpFamily te_family_ctc_loss;
extern const TeOpFamily te_family_composed_loss;
extern const TeOpFamily te_family_margin_loss;

/* PyTorch's codes of the reduction argument. */
typedef enum
{
  TE_REDUCE_NONE = 0,
  TE_REDUCE_MEAN = 1,
  TE_REDUCE_SUM = 2,
} TeReduction;
