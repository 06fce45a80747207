/* Which views have something to show for what a program did, and which of them to open for one that nobody has laid out.
 * Pure functions of the trace at a position. */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_OFFER_PANES 4 /* that open by themselves, at most */

typedef struct
{
  const GbViewDef *def;
  int relevance; /* 0: nothing to show; 100: the program named it, by gb.show */
} GbViewOffer;

/* All views, those with most to show first; of equals the registry's order (element-type GbViewOffer).  Owned. */
GArray *gb_view_offers (GbTraceCursor *cursor);
/* Ids of the views to open, at most `most`; terminated, owned.  Of those that are open (NULL: none) every one stays, at its
 * place, that has about as much to show as what would come instead: places are stable while a program grows. */
char **gb_view_offer_choose (GbTraceCursor *cursor, const char *const *open, guint most);

G_END_DECLS
