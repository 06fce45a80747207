#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_BCAST_VIEW (gb_bcast_view_get_type ())
G_DECLARE_FINAL_TYPE (GbBcastView, gb_bcast_view, GB, BCAST_VIEW, GbView)

extern const GbViewDef gb_bcast_view_def;

G_END_DECLS
