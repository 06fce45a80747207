#include "ink/ink-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "ink/ink-words.h"

#define HAND "gb-ink-hand"

GbInkHand *
gb_ink_view_get_hand (GbView *view)
{
  return g_object_get_data (G_OBJECT (view), HAND);
}

static gboolean
place_of (GbView *view, const GbPick *pick, GbInkPlace *place)
{
  graphene_rect_t box;
  if (!gb_view_locate (view, pick, &box) || box.size.height < 0.5f)
    return FALSE;
  *place = (GbInkPlace){ box.origin.x, box.origin.y, box.size.height };
  return TRUE;
}

/* ---- GbInkSurface ---- */
static gboolean
view_pick (gpointer surface, double x, double y, GbInkAnchor *anchor, GbInkPlace *place)
{
  *anchor = (GbInkAnchor){ .kind = GB_INK_ON_THING };
  return gb_view_pick_at (surface, x, y, &anchor->pick) && place_of (surface, &anchor->pick, place);
}

static gboolean
view_locate (gpointer surface, const GbInkAnchor *anchor, GbInkPlace *place)
{
  return anchor->kind == GB_INK_ON_THING && place_of (surface, &anchor->pick, place);
}

static void
view_to_picture (gpointer surface, double *x, double *y)
{
  double scale = gb_theme_manager_get_scale (gb_theme_manager_get_default ());
  *x /= scale;
  *y /= scale;
}

static void
view_changed (gpointer surface)
{
  gtk_widget_queue_draw (gb_view_get_canvas (surface));
}

/* The pin, and what it is compared with; without a pin what is pointed at. */
static gboolean
view_selected (gpointer surface, guint nth, GbInkAnchor *anchor, graphene_rect_t *box)
{
  GbSelection *selection = gb_view_get_selection (surface);
  const GbPick *pin = gb_selection_get_pin (selection), *compare = gb_selection_get_compare (selection);
  const GbPick *pick = nth ? compare : pin->facets ? pin : gb_selection_get_current (selection);
  if (nth && gb_pick_equal (pin, compare))
    return FALSE;
  *anchor = (GbInkAnchor){ .kind = GB_INK_ON_THING, .pick = *pick };
  return gb_view_locate (surface, pick, box) && box->size.height >= 0.5f;
}

static const GbInkSurface view_surface = { view_pick, view_locate, view_to_picture, view_changed,
                                           view_selected };

/* ---- GbViewNotes ---- */
static void
draw_notes (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot, gpointer data)
{
  gb_ink_hand_draw (data, ctx, snapshot);
}

static void
tell_notes (GbView *view, GArray *rows, gpointer data)
{
  GbInk *ink = gb_ink_kit_get_ink (g_object_get_data (data, "kit"));
  for (guint i = 0; i < gb_ink_get_n (ink); i++)
    {
      const GbInkMark *mark = gb_ink_get (ink, i);
      if (!gb_ink_hand_shows (data, mark))
        continue;
      g_autofree char *text = gb_ink_mark_text (mark, gb_view_get_cursor (view));
      gb_view_rows_add (rows, &mark->anchors[0].pick, _ ("Ink: %s"), text);
    }
}

static const GbViewNotes notes = { draw_notes, tell_notes };

static void
on_cursor (GbInkHand *hand, guint changes, GbTraceCursor *cursor)
{
  gb_ink_hand_set_program (hand, gb_ink_program_of (gb_trace_cursor_get_trace (cursor)));
}

GbInkHand *
gb_ink_view_attach (GbView *view, GbInkKit *kit)
{
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  GbInkHand *hand =
      gb_ink_hand_new (kit, &view_surface, view, gb_view_get_canvas (view), gb_view_get_def (view)->id);
  g_object_set_data_full (G_OBJECT (hand), "kit", g_object_ref (kit), g_object_unref);
  g_object_set_data_full (G_OBJECT (view), HAND, hand, g_object_unref);
  gb_view_set_notes (view, &notes, hand);
  g_signal_connect_object (cursor, "changed", G_CALLBACK (on_cursor), hand, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_ink_kit_get_ink (kit), "changed", G_CALLBACK (gb_view_notes_changed), view,
                           G_CONNECT_SWAPPED);
  on_cursor (hand, 0, cursor);
  return hand;
}
