/* GbAbView: this run and another beside it: a branch of it, or a recording. */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_AB_VIEW (gb_ab_view_get_type ())
G_DECLARE_FINAL_TYPE (GbAbView, gb_ab_view, GB, AB_VIEW, GbView)

extern const GbViewDef gb_ab_view_def;

G_END_DECLS
