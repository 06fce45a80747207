#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_SURFACE_VIEW (gb_surface_view_get_type ())
G_DECLARE_FINAL_TYPE (GbSurfaceView, gb_surface_view, GB, SURFACE_VIEW, GbView)

extern const GbViewDef gb_surface_view_def;

G_END_DECLS
