#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_HIST_VIEW (gb_hist_view_get_type ())
G_DECLARE_FINAL_TYPE (GbHistView, gb_hist_view, GB, HIST_VIEW, GbView)

extern const GbViewDef gb_hist_view_def;

G_END_DECLS
