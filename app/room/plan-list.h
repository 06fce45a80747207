/* GbPlanList: what is to be asked, part by part, with its time, its state and its score; changed by hand with
 * the buttons of the row that is selected.
 *
 * Signal "selected" (id): another item is looked at. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

#define GB_TYPE_PLAN_LIST (gb_plan_list_get_type ())
G_DECLARE_FINAL_TYPE (GbPlanList, gb_plan_list, GB, PLAN_LIST, GtkWidget)

GtkWidget *gb_plan_list_new (GbRoom *room);
void gb_plan_list_select (GbPlanList *self, guint item);
/* Another second has gone by. */
void gb_plan_list_update_time (GbPlanList *self);

G_END_DECLS
