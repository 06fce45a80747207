#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_TRAFFIC_VIEW (gb_traffic_view_get_type ())
G_DECLARE_FINAL_TYPE (GbTrafficView, gb_traffic_view, GB, TRAFFIC_VIEW, GbView)

extern const GbViewDef gb_traffic_view_def;

G_END_DECLS
