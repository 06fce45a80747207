/* The families of this folder. */
#pragma once

#include "ops/registry.h"

extern const TeOpFamily te_family_sort;
extern const TeOpFamily te_family_unique;
extern const TeOpFamily te_family_search;
