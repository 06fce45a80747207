#include "common/view-private.h"

#include "models/pick-follow.h"

/* What stands upon a view, and where the things are that it hangs on. */

#define STEP 8 /* pixels between two places that are tried */

typedef struct
{
  GbPick pick;
  gboolean found, lost; /* lost: not there since the last refresh */
  graphene_rect_t box;
} Sought;

GArray *
gb_view_new_sought (void)
{
  return g_array_new (FALSE, FALSE, sizeof (Sought));
}

void
gb_view_set_notes (GbView *self, const GbViewNotes *notes, gpointer data)
{
  GbViewPrivate *priv = PRIV (self);
  priv->notes = notes;
  priv->notes_data = data;
  gb_view_notes_changed (self);
}

GtkWidget *
gb_view_get_canvas (GbView *self)
{
  return GTK_WIDGET (PRIV (self)->canvas);
}

gboolean
gb_view_pick_at (GbView *self, double x, double y, GbPick *pick)
{
  *pick = (GbPick){ 0 };
  /* What the view knows may point at records that are gone; the next frame knows better. */
  if (PRIV (self)->stale)
    return FALSE;
  return GB_VIEW_GET_CLASS (self)->pick && GB_VIEW_GET_CLASS (self)->pick (self, x, y, pick) && pick->facets;
}

/* ---- trying out what pick answers ---- */
static gboolean
is_at (GbView *self, double x, double y, const GbPick *wanted)
{
  GbPick pick;
  return gb_view_pick_at (self, x, y, &pick) && gb_pick_names (&pick, wanted);
}

/* How far the thing reaches from (x, y) in a direction, to a pixel. */
static double
reach (GbView *self, double x, double y, double dx, double dy, double most, const GbPick *wanted)
{
  double far = 0;
  while (far < most && is_at (self, x + dx * (far + STEP), y + dy * (far + STEP), wanted))
    far += STEP;
  for (double step = STEP / 2; step >= 1; step /= 2)
    if (far + step < most && is_at (self, x + dx * (far + step), y + dy * (far + step), wanted))
      far += step;
  return MIN (far, most);
}

static void
box_around (
    GbView *self, double x, double y, const GbDrawContext *ctx, const GbPick *wanted, graphene_rect_t *box)
{
  double left = reach (self, x, y, -1, 0, x, wanted),
         right = reach (self, x, y, 1, 0, ctx->width - x, wanted);
  double up = reach (self, x, y, 0, -1, y, wanted), down = reach (self, x, y, 0, 1, ctx->height - y, wanted);
  graphene_rect_init (box, (float) (x - left), (float) (y - up), (float) (left + right + 1),
                      (float) (up + down + 1));
}

static gboolean
search (GbView *self, const GbPick *wanted, graphene_rect_t *box)
{
  GbDrawContext ctx;
  gb_view_get_context (self, &ctx);
  for (double y = STEP / 2; y < ctx.height; y += STEP)
    for (double x = STEP / 2; x < ctx.width; x += STEP)
      if (is_at (self, x, y, wanted))
        {
          box_around (self, x, y, &ctx, wanted, box);
          return TRUE;
        }
  return FALSE;
}

void
gb_view_forget_sought (GbView *self)
{
  GArray *sought = PRIV (self)->sought;
  for (guint i = 0; i < sought->len; i++)
    {
      Sought *one = &g_array_index (sought, Sought, i);
      /* Most often everything is where it was. */
      if (one->found)
        {
          GbDrawContext ctx;
          double x = one->box.origin.x + one->box.size.width / 2,
                 y = one->box.origin.y + one->box.size.height / 2;
          gb_view_get_context (self, &ctx);
          one->found = is_at (self, x, y, &one->pick);
          if (one->found)
            box_around (self, x, y, &ctx, &one->pick, &one->box);
        }
      one->lost = FALSE;
    }
  if (sought->len > 256)
    g_array_set_size (sought, 0);
}

static gboolean
locate_by_pick (GbView *self, const GbPick *pick, graphene_rect_t *box)
{
  GArray *sought = PRIV (self)->sought;
  Sought *one = NULL;
  for (guint i = 0; i < sought->len && one == NULL; i++)
    if (gb_pick_equal (&g_array_index (sought, Sought, i).pick, pick))
      one = &g_array_index (sought, Sought, i);
  if (one == NULL)
    {
      g_array_append_val (sought, ((Sought){ .pick = *pick }));
      one = &g_array_index (sought, Sought, sought->len - 1);
    }
  if (!one->found && !one->lost)
    {
      one->found = search (self, pick, &one->box);
      one->lost = !one->found;
    }
  *box = one->box;
  return one->found;
}

gboolean
gb_view_locate (GbView *self, const GbPick *pick, graphene_rect_t *box)
{
  GbViewPrivate *priv = PRIV (self);
  GbTraceCursor *cursor = priv->cursor;
  GbPick now;
  if (pick->facets == 0 || priv->stale)
    return FALSE;
  gb_pick_follow (gb_trace_cursor_get_trace (cursor), pick, gb_trace_cursor_get_position (cursor), &now);
  if (GB_VIEW_GET_CLASS (self)->locate)
    return GB_VIEW_GET_CLASS (self)->locate (self, &now, box);
  return locate_by_pick (self, &now, box);
}
