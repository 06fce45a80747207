#include "view-registry.h"

#include <string.h>

/* One line per view, in the order in which choosers list them. */
static const GbViewDef *const views[] = {
  NULL,
};

guint
gb_view_registry_get_n (void)
{
  return G_N_ELEMENTS (views) - 1;
}

const GbViewDef *
gb_view_registry_get (guint nth)
{
  return nth < gb_view_registry_get_n () ? views[nth] : NULL;
}

const GbViewDef *
gb_view_registry_find (const char *id)
{
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    if (strcmp (views[i]->id, id) == 0)
      return views[i];
  return NULL;
}

const GbViewDef *
gb_view_registry_best (GbTraceCursor *cursor)
{
  const GbViewDef *best = NULL;
  int most = 0;

  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      int relevance = views[i]->relevance (cursor);
      if (best == NULL || relevance > most)
        best = views[i], most = relevance;
    }
  return best;
}
