/* A view as a surface for ink. */
#pragma once

#include "common/view.h"
#include "ink/ink-hand.h"

G_BEGIN_DECLS

/* The hand belongs to the view. */
GbInkHand *gb_ink_view_attach (GbView *view, GbInkKit *kit);
GbInkHand *gb_ink_view_get_hand (GbView *view); /* NULL: not attached */

G_END_DECLS
