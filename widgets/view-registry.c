#include "view-registry.h"

#include <string.h>

#include "view-list.h" /* made of the list in meson.build */

#define V(id) extern const GbViewDef gb_##id##_view_def;
GB_VIEW_LIST
#undef V

#define V(id) &gb_##id##_view_def,
static const GbViewDef *const views[] = { GB_VIEW_LIST };
#undef V

guint
gb_view_registry_get_n (void)
{
  return G_N_ELEMENTS (views);
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
