#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_MODTREE_VIEW (gb_modtree_view_get_type ())
G_DECLARE_FINAL_TYPE (GbModtreeView, gb_modtree_view, GB, MODTREE_VIEW, GbView)

extern const GbViewDef gb_modtree_view_def;

G_END_DECLS
