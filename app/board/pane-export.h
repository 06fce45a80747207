/* What can be taken out of a view: its picture, a series of pictures over time, its numbers. */
#pragma once

#include "board/view-pane.h"

G_BEGIN_DECLS

/* Adds the actions to the pane's group "pane", and the menu's section for them. */
void gb_pane_export_add_actions (GbViewPane *pane, GActionMap *actions);
void gb_pane_export_add_menu (GMenu *menu);

G_END_DECLS
