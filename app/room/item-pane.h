/* GbItemPane: a question of the plan as the interviewer has it: what to ask, what a good answer says, the
 * commonest wrong one and what it reveals, what a score means, hints, and the scores. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

#define GB_TYPE_ITEM_PANE (gb_item_pane_get_type ())
G_DECLARE_FINAL_TYPE (GbItemPane, gb_item_pane, GB, ITEM_PANE, GtkWidget)

GtkWidget *gb_item_pane_new (GbRoom *room);
void gb_item_pane_show (GbItemPane *self, guint item); /* 0: none */
guint gb_item_pane_get_shown (GbItemPane *self);

G_END_DECLS
