/* GbTour: a strip of four sentences for who opens the board for the first time, each with the part that it speaks of framed.
 * It takes no key and no click from anybody; it can be put away at any step and taken again from the menu. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GB_TOUR_N_STEPS 4

#define GB_TYPE_TOUR (gb_tour_get_type ())
G_DECLARE_FINAL_TYPE (GbTour, gb_tour, GB, TOUR, GtkWidget)

/* targets: what the steps speak of, in their order: the text, the button that runs, the views, the timeline; they live as long
 * as the tour's window.  The tour is not shown until it is started. */
GtkWidget *gb_tour_new (GtkWidget *const targets[GB_TOUR_N_STEPS]);
void gb_tour_start (GbTour *self);

G_END_DECLS
