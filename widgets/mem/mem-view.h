#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_MEM_VIEW (gb_mem_view_get_type ())
G_DECLARE_FINAL_TYPE (GbMemView, gb_mem_view, GB, MEM_VIEW, GbView)

extern const GbViewDef gb_mem_view_def;

G_END_DECLS
