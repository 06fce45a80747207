#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_TABLE_VIEW (gb_table_view_get_type ())
G_DECLARE_FINAL_TYPE (GbTableView, gb_table_view, GB, TABLE_VIEW, GbView)

extern const GbViewDef gb_table_view_def;

G_END_DECLS
