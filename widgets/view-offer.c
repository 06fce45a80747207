#include "view-offer.h"

#include <string.h>

#include "view-registry.h"

#define OPEN_FROM   30 /* relevance of a view that is worth a pane */
#define CROWDED     3  /* from the fourth on, panes are small: more must be in it */
#define CROWD_FROM  50
#define CLEARLY     15 /* better by as much: takes the place of one that is open */
#define LATE_SHOWS  256

/* How late gb.show named the view: 0: never. */
static guint
named_at (GbTrace *trace, const GbViewDef *def)
{
  guint n = gb_trace_get_n_shows (trace);

  for (guint i = n; i > 0 && i + LATE_SHOWS > n; i--)
    if (strcmp (gb_trace_get_show (trace, i - 1)->view, def->id) == 0)
      return i;
  return 0;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return ((const GbViewOffer *) b)->relevance - ((const GbViewOffer *) a)->relevance;
}

GArray *
gb_view_offers (GbTraceCursor *cursor)
{
  GArray *offers = g_array_new (FALSE, FALSE, sizeof (GbViewOffer));
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);

  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      GbViewOffer offer = { .def = gb_view_registry_get (i) };
      int own = offer.def->relevance (cursor);
      offer.relevance = named_at (trace, offer.def) ? 100 : CLAMP (own, 0, 99);
      g_array_append_val (offers, offer);
    }
  /* g_array_sort is stable. */
  g_array_sort (offers, compare);
  return offers;
}

static int
relevance_of (const GArray *offers, const char *id)
{
  for (guint i = 0; i < offers->len; i++)
    if (strcmp (g_array_index (offers, GbViewOffer, i).def->id, id) == 0)
      return g_array_index (offers, GbViewOffer, i).relevance;
  return 0;
}

static gboolean
has (const GPtrArray *ids, const char *id)
{
  for (guint i = 0; i < ids->len; i++)
    if (strcmp (g_ptr_array_index (ids, i), id) == 0)
      return TRUE;
  return FALSE;
}

/* The best that is not among them yet and worth a pane; NULL: none. */
static const GbViewOffer *
next_best (const GArray *offers, const GPtrArray *ids, gboolean crowded)
{
  for (guint i = 0; i < offers->len; i++)
    {
      const GbViewOffer *offer = &g_array_index (offers, GbViewOffer, i);
      if (offer->relevance < (crowded ? CROWD_FROM : OPEN_FROM))
        return NULL;
      if (!has (ids, offer->def->id))
        return offer;
    }
  return NULL;
}

/* The one with least to show; -1: there is none. */
static int
weakest (const GArray *offers, const GPtrArray *ids)
{
  int found = -1;

  for (guint i = 0; i < ids->len; i++)
    if (found < 0
        || relevance_of (offers, g_ptr_array_index (ids, i)) < relevance_of (offers, g_ptr_array_index (ids, found)))
      found = (int) i;
  return found;
}

char **
gb_view_offer_choose (GbTraceCursor *cursor, const char *const *open, guint most)
{
  g_autoptr (GArray) offers = gb_view_offers (cursor);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  const GbViewOffer *better;
  int place;

  for (guint i = 0; open && open[i] && ids->len < most; i++)
    if (relevance_of (offers, open[i]) > 0 && !has (ids, open[i]))
      g_ptr_array_add (ids, (gpointer) open[i]);
  while (ids->len < most && (better = next_best (offers, ids, ids->len >= CROWDED)) != NULL)
    g_ptr_array_add (ids, (gpointer) better->def->id);
  while ((better = next_best (offers, ids, FALSE)) != NULL && (place = weakest (offers, ids)) >= 0
         && better->relevance >= relevance_of (offers, g_ptr_array_index (ids, place)) + CLEARLY)
    ids->pdata[place] = (gpointer) better->def->id;
  /* What little there is, is shown when there is nothing else. */
  if (ids->len == 0 && offers->len && g_array_index (offers, GbViewOffer, 0).relevance > 0)
    g_ptr_array_add (ids, (gpointer) g_array_index (offers, GbViewOffer, 0).def->id);
  g_ptr_array_add (ids, NULL);
  return g_strdupv ((char **) ids->pdata);
}
