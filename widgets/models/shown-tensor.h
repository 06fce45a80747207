/* Which tensor grids and strips show. */
#pragma once

#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

/* The tensor that element views show at the cursor: the chosen one where it is now, else the most interesting.
 * 0: none. */
guint64 gb_shown_tensor (GbTraceCursor *cursor, GbSelection *selection);

G_END_DECLS
