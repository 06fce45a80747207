/* GbOutlineMap: every leaf of the outline with how far one is with it, section by section; each is a button
 * with a mark, its count and its name.  Signal "leaf" (id): one was chosen. */
#pragma once

#include <gtk/gtk.h>

#include "study/items.h"

G_BEGIN_DECLS

#define GB_TYPE_OUTLINE_MAP (gb_outline_map_get_type ())
G_DECLARE_FINAL_TYPE (GbOutlineMap, gb_outline_map, GB, OUTLINE_MAP, GtkWidget)

GtkWidget *gb_outline_map_new (GbLibrary *library, GbProgress *progress);
/* The library or the progress may be another: reads both again. */
void gb_outline_map_update (GbOutlineMap *self);

G_END_DECLS
