#include "imgs/imgs-view.h"

#include <math.h>
#include <string.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "imgs/imgs-draw.h"

#define MOST_WATCHED 65536 /* elements: 83 pictures of 28 by 28 */

struct _GbImgsView
{
  GbView parent_instance;
  GbImgsLayout *layout;
  GbImgsOptions options;
};

G_DEFINE_FINAL_TYPE (GbImgsView, gb_imgs_view, GB_TYPE_VIEW)

static void
imgs_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbImgsView *self = GB_IMGS_VIEW (view);

  if (changes & GB_TRACE_CHANGED_RESET)
    self->options.first_row = 0;
  gb_imgs_layout_free (self->layout);
  self->layout =
      gb_imgs_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), &self->options, ctx);
  self->options.first_row = self->layout->first_row;
}

static void
imgs_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_imgs_draw (GB_IMGS_VIEW (view)->layout, ctx, snapshot);
}

static void
imgs_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_IMGS_VIEW (view)->layout)
    gb_imgs_draw_overlay (GB_IMGS_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
imgs_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbImgsLayout *layout = GB_IMGS_VIEW (view)->layout;
  gint64 row, column;
  int at = layout ? gb_imgs_layout_at (layout, x, y, &row, &column) : -1;

  if (at >= 0)
    gb_imgs_layout_pick (layout, (guint) at, row, column, pick);
  return at >= 0;
}

static gboolean
imgs_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbImgsLayout *layout = GB_IMGS_VIEW (view)->layout;
  return layout && gb_imgs_layout_locate (layout, pick, box);
}

static void
reveal (GbImgsView *self, guint at)
{
  guint row = at / self->layout->columns, first = self->layout->first_row;

  if (row < first)
    first = row;
  else if (row >= first + self->layout->rows)
    first = row - self->layout->rows + 1;
  if (first == self->layout->first_row)
    return;
  self->options.first_row = first;
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
imgs_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbImgsView *self = GB_IMGS_VIEW (view);
  const GbImgsLayout *layout = self->layout;
  int at, last;

  if (layout == NULL || layout->images == NULL)
    return FALSE;
  at = gb_imgs_layout_find (layout, from);
  last = (int) layout->images->images->len - 1;
  switch (move)
    {
    case GB_MOVE_LEFT:
      at--;
      break;
    case GB_MOVE_RIGHT:
      at++;
      break;
    case GB_MOVE_UP:
      at -= (int) layout->columns;
      break;
    case GB_MOVE_DOWN:
      at = at < 0 ? 0 : at + (int) layout->columns;
      break;
    case GB_MOVE_HOME:
      at = 0;
      break;
    case GB_MOVE_END:
      at = last;
      break;
    }
  at = CLAMP (at, 0, last);
  reveal (self, (guint) at);
  gb_imgs_layout_pick (layout, (guint) at, 0, 0, to);
  return TRUE;
}

static gboolean
imgs_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbImgsView *self = GB_IMGS_VIEW (view);
  const GbImgsLayout *layout = self->layout;
  gint64 first;

  if (layout == NULL || layout->images == NULL)
    return FALSE;
  first = CLAMP ((gint64) layout->first_row + (dy > 0 ? 1 : -1), 0, (gint64) (layout->n_rows - layout->rows));
  if (first == layout->first_row)
    return FALSE;
  self->options.first_row = (guint) first;
  gb_view_invalidate (view);
  return TRUE;
}

static void
imgs_rows (GbView *view, GArray *rows)
{
  const GbImgsLayout *layout = GB_IMGS_VIEW (view)->layout;

  if (layout == NULL || layout->images == NULL)
    return;
  for (guint at = 0; at < layout->images->images->len; at++)
    {
      g_autofree char *text = gb_imgs_row_text (layout, at);
      GbPick pick;
      gb_imgs_layout_pick (layout, at, 0, 0, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static void
imgs_fill_menu (GbImgsView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_imgs_view_finalize (GObject *object)
{
  gb_imgs_layout_free (GB_IMGS_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_imgs_view_parent_class)->finalize (object);
}

static void
gb_imgs_view_class_init (GbImgsViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_imgs_view_finalize;
  view_class->update = imgs_update;
  view_class->draw = imgs_draw;
  view_class->draw_overlay = imgs_draw_overlay;
  view_class->pick = imgs_pick;
  view_class->locate = imgs_locate;
  view_class->move = imgs_move;
  view_class->scroll = imgs_scroll;
  view_class->rows = imgs_rows;
}

static void
gb_imgs_view_init (GbImgsView *self)
{
  imgs_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (imgs_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
imgs_relevance (GbTraceCursor *cursor)
{
  return gb_images_find (cursor, NULL) ? 55 : 0;
}

static GtkWidget *
imgs_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_IMGS_VIEW, &gb_imgs_view_def, cursor, selection);
}

static void
imgs_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 640;
  *height = 400;
}

static void
imgs_draw_static (GbTraceCursor *cursor,
                  GbSelection *selection,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  GbImgsOptions options = { 0 };
  g_autoptr (GbImgsLayout) layout = gb_imgs_layout_new (cursor, selection, &options, ctx);

  gb_imgs_draw (layout, ctx, snapshot);
  gb_imgs_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
imgs_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbImages) images = gb_images_new (cursor, selection);
  return gb_imgs_sentence (images);
}

static void
imgs_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  TeWatch wanted[] = {
    { .kind = TE_WATCH_VALUES, .period_msec = 200, .max_elements = 512 },
    { .kind = TE_WATCH_VALUES,
      .period_msec = 200,
      .max_elements = MOST_WATCHED,
      .tensor = gb_images_find (cursor, selection) },
  };
  g_array_append_vals (watches, wanted, wanted[1].tensor ? 2 : 1);
}

const GbViewDef gb_imgs_view_def = {
  .id = "imgs",
  .title = N_ ("Pictures"),
  .summary = N_ ("A batch of pictures with what each is and was taken for, the most wrong first."),
  .icon_name = "image-x-generic-symbolic",
  .missing = N_ ("No batch of pictures yet: sizes (n, 1 or 3, height, width)."),
  .relevance = imgs_relevance,
  .new_widget = imgs_new_widget,
  .natural_size = imgs_natural_size,
  .draw = imgs_draw_static,
  .describe = imgs_describe,
  .watches = imgs_watches,
};
