/* GbInspector: the variables at the position, and everything that is known about the one that is chosen. */
#pragma once

#include <gtk/gtk.h>

#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_TYPE_INSPECTOR (gb_inspector_get_type ())
G_DECLARE_FINAL_TYPE (GbInspector, gb_inspector, GB, INSPECTOR, GtkWidget)

GtkWidget *gb_inspector_new (GbTraceCursor *cursor, GbSelection *selection);

G_END_DECLS
