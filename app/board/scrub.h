/* scrub: a strip of time that is pressed and dragged along. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* x, y: where the pointer is, as things are drawn at 100 %; begins: it was pressed there just now. */
typedef void (*GbScrubFunc) (GtkWidget *widget, double x, double y, gboolean begins);

/* Pressed, the widget takes the focus; at is called then and while the pointer is dragged. */
void gb_scrub_install (GtkWidget *widget, GbScrubFunc at);

G_END_DECLS
