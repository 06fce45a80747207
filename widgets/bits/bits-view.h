#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_BITS_VIEW (gb_bits_view_get_type ())
G_DECLARE_FINAL_TYPE (GbBitsView, gb_bits_view, GB, BITS_VIEW, GbView)

extern const GbViewDef gb_bits_view_def;

G_END_DECLS
