/* GbInkHand: the hand over one surface, a view or a text: takes the pointer while ink is out, draws the marks
 * of that surface, and places marks from the keyboard on what is selected there. */
#pragma once

#include "common/ink-draw.h"
#include "ink/ink-kit.h"

G_BEGIN_DECLS

/* What a surface answers.  Coordinates are of its picture, at scale 1. */
typedef struct
{
  GbInkPick pick;
  gboolean (*locate) (gpointer surface, const GbInkAnchor *anchor, GbInkPlace *place);
  void (*to_picture) (gpointer surface, double *x, double *y); /* from pixels of the widget */
  void (*changed) (gpointer surface);                          /* to be drawn again */
  /* The nth selected thing: 0 and, where two are compared, 1. */
  gboolean (*selected) (gpointer surface, guint nth, GbInkAnchor *anchor, graphene_rect_t *box);
} GbInkSurface;

#define GB_TYPE_INK_HAND (gb_ink_hand_get_type ())
G_DECLARE_FINAL_TYPE (GbInkHand, gb_ink_hand, GB, INK_HAND, GObject)

/* widget takes the pointer; surface and widget are not owned and live as long.  name: GbInkMark.surface. */
GbInkHand *gb_ink_hand_new (
    GbInkKit *kit, const GbInkSurface *klass, gpointer surface, GtkWidget *widget, const char *name);
void gb_ink_hand_set_program (GbInkHand *self, const char *program); /* whose marks are shown; NULL: none */
const char *gb_ink_hand_get_program (GbInkHand *self);
void gb_ink_hand_draw (GbInkHand *self, const GbDrawContext *ctx, GtkSnapshot *snapshot);
gboolean gb_ink_hand_shows (GbInkHand *self, const GbInkMark *mark);
/* What the tool in hand makes of the selected thing: words and an arrow at it, a ring around it, light on it,
 * or no mark on it any more.  FALSE: nothing is selected. */
gboolean gb_ink_hand_place (GbInkHand *self);

G_END_DECLS
