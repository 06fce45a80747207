/* bench-views: what the views cost on this machine, figure by figure, beside what they may cost. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* only: the id of a view, NULL: all of them.  Exit status: 1 when a figure is over its limit, so that it can be a check.
 * With a display frames of a window are measured, else only what is drawn by itself. */
int gb_bench_views (const char *only);

G_END_DECLS
