/* The menu of views: those that have something to show for what ran, the most first, then the others with what they wait
 * for. */
#pragma once

#include <gio/gio.h>

#include "models/trace-cursor.h"

G_BEGIN_DECLS

/* action takes an id: "pane.view".  Owned. */
GMenuModel *gb_view_choices_new (GbTraceCursor *cursor, const char *action);

G_END_DECLS
