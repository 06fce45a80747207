/* GbOutlineSidebar: scenes, and the interview outline as a tree; a leaf that a scene shows opens it. */
#pragma once

#include <gtk/gtk.h>

#include "library/library.h"

G_BEGIN_DECLS

#define GB_TYPE_OUTLINE_SIDEBAR (gb_outline_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (GbOutlineSidebar, gb_outline_sidebar, GB, OUTLINE_SIDEBAR, GtkWidget)

/* Signal "scene-chosen" (string id). */
GtkWidget *gb_outline_sidebar_new (GbLibrary *library);
void gb_outline_sidebar_focus (GbOutlineSidebar *self);

G_END_DECLS
