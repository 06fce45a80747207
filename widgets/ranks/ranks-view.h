#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_RANKS_VIEW (gb_ranks_view_get_type ())
G_DECLARE_FINAL_TYPE (GbRanksView, gb_ranks_view, GB, RANKS_VIEW, GbView)

extern const GbViewDef gb_ranks_view_def;

G_END_DECLS
