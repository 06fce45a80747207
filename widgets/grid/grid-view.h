#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_GRID_VIEW (gb_grid_view_get_type ())
G_DECLARE_FINAL_TYPE (GbGridView, gb_grid_view, GB, GRID_VIEW, GbView)

extern const GbViewDef gb_grid_view_def;

G_END_DECLS
