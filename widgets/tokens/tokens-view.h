#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_TOKENS_VIEW (gb_tokens_view_get_type ())
G_DECLARE_FINAL_TYPE (GbTokensView, gb_tokens_view, GB, TOKENS_VIEW, GbView)

extern const GbViewDef gb_tokens_view_def;

G_END_DECLS
