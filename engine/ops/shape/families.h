/* The families of this folder and what its files share. */
#pragma once

#include "ops/registry.h"

extern const TeOpFamily te_family_shape_views;
extern const TeOpFamily te_family_shape_storage_views;
extern const TeOpFamily te_family_shape_view_backward;
extern const TeOpFamily te_family_shape_reshape;
extern const TeOpFamily te_family_shape_split;
extern const TeOpFamily te_family_shape_join;
extern const TeOpFamily te_family_shape_part_scatter;
extern const TeOpFamily te_family_shape_repeat;
extern const TeOpFamily te_family_shape_flip;
extern const TeOpFamily te_family_shape_triangle;
