/* GbShelfList: the interviews that are kept: searched, opened, named, copied, thrown away and fetched back; where they lie, for
 * how long, and how all of them are erased. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

#define GB_TYPE_SHELF_LIST (gb_shelf_list_get_type ())
G_DECLARE_FINAL_TYPE (GbShelfList, gb_shelf_list, GB, SHELF_LIST, GtkWidget)

GtkWidget *gb_shelf_list_new (GbRoom *room);
void gb_shelf_list_refresh (GbShelfList *self);

G_END_DECLS
