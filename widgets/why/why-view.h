/* Explanations up to the playhead: what happened, in order, with its lines (models/explain.h).  Enter or a double
 * click on a line goes to it in the past. */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_WHY_VIEW (gb_why_view_get_type ())
G_DECLARE_FINAL_TYPE (GbWhyView, gb_why_view, GB, WHY_VIEW, GbView)

extern const GbViewDef gb_why_view_def;

G_END_DECLS
