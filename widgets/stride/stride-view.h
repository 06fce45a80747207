#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_STRIDE_VIEW (gb_stride_view_get_type ())
G_DECLARE_FINAL_TYPE (GbStrideView, gb_stride_view, GB, STRIDE_VIEW, GbView)

extern const GbViewDef gb_stride_view_def;

G_END_DECLS
