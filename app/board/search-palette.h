/* GbSearchPalette: a window in which one types to find a topic, a question, a scene, a case or an exercise,
 * and goes there. Signal "chosen" (kind as gb_found_kind_get_id says, id). */
#pragma once

#include <adwaita.h>

#include "library/search.h"

G_BEGIN_DECLS

#define GB_TYPE_SEARCH_PALETTE (gb_search_palette_get_type ())
G_DECLARE_FINAL_TYPE (GbSearchPalette, gb_search_palette, GB, SEARCH_PALETTE, AdwWindow)

GbSearchPalette *gb_search_palette_new (GtkWindow *parent, GbLibrary *library);

G_END_DECLS
