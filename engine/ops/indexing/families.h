/* The families of this folder. */
#pragma once

#include "ops/registry.h"

extern const TeOpFamily te_family_index;
extern const TeOpFamily te_family_index_dim;
extern const TeOpFamily te_family_scatter;
extern const TeOpFamily te_family_mask;
