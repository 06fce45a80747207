/* bench-layout: the layout of graphs beside Graphviz `dot`: processor time, and crossings counted in the same way. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many figures are over their limit. */
guint gb_bench_layout (void);

G_END_DECLS
