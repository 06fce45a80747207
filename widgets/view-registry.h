/* All views by id: panes, the command line and tests know no other list. */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

guint gb_view_registry_get_n (void);
const GbViewDef *gb_view_registry_get (guint nth);
const GbViewDef *gb_view_registry_find (const char *id); /* NULL: no such view */
/* The view with the greatest relevance. */
const GbViewDef *gb_view_registry_best (GbTraceCursor *cursor);

G_END_DECLS
