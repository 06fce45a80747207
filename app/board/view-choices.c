#include "board/view-choices.h"

#include "common/i18n.h"
#include "view-offer.h"
#include "view-registry.h"

static void
append (GMenu *menu, const GbViewDef *def, const char *action, gboolean has_something)
{
  g_autofree char *full = g_strdup_printf ("%s::%s", action, def->id);
  g_autofree char *text = has_something || def->missing == NULL
                              ? g_strdup (_ (def->title))
                              : g_strdup_printf ("%s · %s", _ (def->title), _ (def->missing));
  g_menu_append (menu, text, full);
}

GMenuModel *
gb_view_choices_new (GbTraceCursor *cursor, const char *action)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) ready = g_menu_new (), waiting = g_menu_new ();
  g_autoptr (GArray) offers = gb_view_offers (cursor);
  gboolean nothing_ran = gb_trace_get_last_seq (gb_trace_cursor_get_trace (cursor)) == 0;

  for (guint i = 0; i < offers->len; i++)
    {
      const GbViewOffer *offer = &g_array_index (offers, GbViewOffer, i);
      gboolean is_ready = nothing_ran || offer->relevance > 0;
      append (is_ready ? ready : waiting, offer->def, action, is_ready);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (ready));
  if (g_menu_model_get_n_items (G_MENU_MODEL (waiting)))
    g_menu_append_section (menu, _ ("Nothing to show yet"), G_MENU_MODEL (waiting));
  return G_MENU_MODEL (menu);
}
