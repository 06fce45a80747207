#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_LANES_VIEW (gb_lanes_view_get_type ())
G_DECLARE_FINAL_TYPE (GbLanesView, gb_lanes_view, GB, LANES_VIEW, GbView)

extern const GbViewDef gb_lanes_view_def;

G_END_DECLS
