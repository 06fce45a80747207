#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_PLANE_VIEW (gb_plane_view_get_type ())
G_DECLARE_FINAL_TYPE (GbPlaneView, gb_plane_view, GB, PLANE_VIEW, GbView)

extern const GbViewDef gb_plane_view_def;

G_END_DECLS
