/* Attention as a widget and as a row of the registry. */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_ATTN_VIEW (gb_attn_view_get_type ())
G_DECLARE_FINAL_TYPE (GbAttnView, gb_attn_view, GB, ATTN_VIEW, GbView)

extern const GbViewDef gb_attn_view_def;

G_END_DECLS
