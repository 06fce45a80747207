#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_FLOW_VIEW (gb_flow_view_get_type ())
G_DECLARE_FINAL_TYPE (GbFlowView, gb_flow_view, GB, FLOW_VIEW, GbView)

extern const GbViewDef gb_flow_view_def;

G_END_DECLS
