/* class: a lesson before many people: what a projector needs, the presenter's window, and who follows along.
 * This file: the size that a projector gets. */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* Per cent for a screen of so many lines: 24 px letters on 1080 lines, the same share of the height on fewer. */
int gb_projector_scale_for (int height_px);
/* The same for the lowest of the screens: what fits there fits everywhere. */
int gb_projector_scale (GdkDisplay *display);

G_END_DECLS
