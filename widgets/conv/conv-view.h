#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_CONV_VIEW (gb_conv_view_get_type ())
G_DECLARE_FINAL_TYPE (GbConvView, gb_conv_view, GB, CONV_VIEW, GbView)

extern const GbViewDef gb_conv_view_def;

G_END_DECLS
