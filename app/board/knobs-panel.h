/* GbKnobsPanel: one row per knob of the program: its label, a slider or a choice, the value.  Turning one
 * acts at once. */
#pragma once

#include <gtk/gtk.h>

#include "board/run-control.h"
#include "library/library.h"

G_BEGIN_DECLS

#define GB_TYPE_KNOBS_PANEL (gb_knobs_panel_get_type ())
G_DECLARE_FINAL_TYPE (GbKnobsPanel, gb_knobs_panel, GB, KNOBS_PANEL, GtkWidget)

GtkWidget *gb_knobs_panel_new (GbTrace *trace, GbRunControl *control);
/* Labels come from the scene; NULL: names. */
void gb_knobs_panel_set_scene (GbKnobsPanel *self, const GbScene *scene);

G_END_DECLS
