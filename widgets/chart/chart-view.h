#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_CHART_VIEW (gb_chart_view_get_type ())
G_DECLARE_FINAL_TYPE (GbChartView, gb_chart_view, GB, CHART_VIEW, GbView)

extern const GbViewDef gb_chart_view_def;

G_END_DECLS
