/* GbTransportBar: start, back, run or pause, forward, end; stop, restart; what a step is and how fast; where
 * we are. */
#pragma once

#include <gtk/gtk.h>

#include "board/run-control.h"

G_BEGIN_DECLS

#define GB_TYPE_TRANSPORT_BAR (gb_transport_bar_get_type ())
G_DECLARE_FINAL_TYPE (GbTransportBar, gb_transport_bar, GB, TRANSPORT_BAR, GtkWidget)

/* Signal "unit-changed". */
GtkWidget *gb_transport_bar_new (GbRunControl *control);
void gb_transport_bar_set_place (GbTransportBar *self, const char *headline, const char *detail);
GbStepUnit gb_transport_bar_get_unit (GbTransportBar *self);

/* "line", "op", "node", "iteration", as actions and the kernel spell them. */
const char *gb_step_unit_get_id (GbStepUnit unit);
GbStepUnit gb_step_unit_from_id (const char *id);

G_END_DECLS
