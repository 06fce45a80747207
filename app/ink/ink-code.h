/* A program's text as a surface for ink: marks hang on lines and go along when lines come or go above them.
 */
#pragma once

#include "editor/code-view.h"
#include "ink/ink-hand.h"

G_BEGIN_DECLS

/* The hand belongs to the text; called again it is the same one. */
GbInkHand *gb_ink_code_attach (GbCodeView *code, GbInkKit *kit);
GbInkHand *gb_ink_code_get_hand (GbCodeView *code); /* NULL: not attached */

G_END_DECLS
