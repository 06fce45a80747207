/* The graph as a widget and as a row of the registry. */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_GRAPH_VIEW (gb_graph_view_get_type ())
G_DECLARE_FINAL_TYPE (GbGraphView, gb_graph_view, GB, GRAPH_VIEW, GbView)

extern const GbViewDef gb_graph_view_def;

G_END_DECLS
