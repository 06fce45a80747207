/* GbStartPage: who is to be interviewed, for what and how long, and the interviews that are kept. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

#define GB_TYPE_START_PAGE (gb_start_page_get_type ())
G_DECLARE_FINAL_TYPE (GbStartPage, gb_start_page, GB, START_PAGE, GtkWidget)

GtkWidget *gb_start_page_new (GbRoom *room);
void gb_start_page_refresh (GbStartPage *self);
/* Puts the caret where the name goes. */
void gb_start_page_focus (GbStartPage *self);

G_END_DECLS
