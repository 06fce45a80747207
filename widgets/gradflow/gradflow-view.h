#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_GRADFLOW_VIEW (gb_gradflow_view_get_type ())
G_DECLARE_FINAL_TYPE (GbGradflowView, gb_gradflow_view, GB, GRADFLOW_VIEW, GbView)

extern const GbViewDef gb_gradflow_view_def;

G_END_DECLS
