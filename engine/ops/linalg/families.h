/* The families of this folder. */
#pragma once

#include "ops/registry.h"

extern const TeOpFamily te_family_linalg_products;
extern const TeOpFamily te_family_linalg_matmul;
extern const TeOpFamily te_family_linalg_eigen;
extern const TeOpFamily te_family_linalg_einsum;
extern const TeOpFamily te_family_linalg_distance;
extern const TeOpFamily te_family_linalg_solve;
extern const TeOpFamily te_family_linalg_factor;
extern const TeOpFamily te_family_linalg_lu;
extern const TeOpFamily te_family_linalg_lstsq;
extern const TeOpFamily te_family_linalg_reflectors;
extern const TeOpFamily te_family_linalg_renorm;
