/* GbUpright: one child whose width never depends on the height that there is.  GTK's labels that wrap would else ask
 * for all their text in one line as soon as a paned gives them little height.  What is tall scrolls where there is no room. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GB_TYPE_UPRIGHT (gb_upright_get_type ())
G_DECLARE_FINAL_TYPE (GbUpright, gb_upright, GB, UPRIGHT, GtkWidget)

GtkWidget *gb_upright_new (GtkWidget *child);

G_END_DECLS
