#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_BOARD_VIEW (gb_board_view_get_type ())
G_DECLARE_FINAL_TYPE (GbBoardView, gb_board_view, GB, BOARD_VIEW, GbView)

extern const GbViewDef gb_board_view_def;

G_END_DECLS
