#include "imgs/imgs-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

const char *
gb_imgs_empty_text (void)
{
  return _ ("No batch of pictures yet: sizes (n, 1 or 3, height, width).");
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double side = 46, step = side + 14, columns = MAX (floor (MIN (ctx->width - 60, 380) / step), 1);
  double x = (ctx->width - columns * step + 14) / 2, y = MAX (ctx->height / 2 - step, 10);

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 2 * (int) columns; i++)
    {
      double left = x + i % (int) columns * step, top = y + i / (int) columns * step;
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), left, top, side, side, 0, 1);
      gb_draw_box (snapshot, role (ctx, GB_ROLE_RULE), NULL, left + 14, top + 14, side - 28, side - 28, 9, 0);
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, gb_imgs_empty_text ());
}

static const GbImage *
image_at (const GbImages *images, guint at)
{
  return &g_array_index (images->images, GbImage, at);
}

static guint
count_right (const GbImages *images)
{
  guint right = 0;
  for (guint i = 0; i < images->images->len; i++)
    right += image_at (images, i)->label >= 0 && image_at (images, i)->label == image_at (images, i)->best;
  return right;
}

/* "24×1×28×28" */
static char *
dup_shape (const GbTensor *tensor)
{
  GString *out = g_string_new (NULL);
  for (int d = 0; d < tensor->ndim; d++)
    g_string_append_printf (out, "%s%ld", d ? "×" : "", tensor->sizes[d]);
  return g_string_free (out, FALSE);
}

static void
draw_header (const GbImgsLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbImages *images = layout->images;
  g_autofree char *text = NULL;
  g_autofree char *shape = dup_shape (&images->values->tensor);
  char low[32], high[32];
  double x = 14;

  x += gb_draw_name (ctx, snapshot, GB_FACE_UI_BOLD, images->values->label, x, 14, layout->width * 0.4) + 10;
  x += gb_draw_text (ctx, snapshot, GB_FACE_MONO, GB_ROLE_INK, shape, x, 14, GB_ALIGN_LEFT) + 12;
  if (images->judged)
    {
      text = g_strdup_printf (_ ("%u of %u right, the most wrong first"), count_right (images),
                              images->images->len);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), text, x, 15, GB_ALIGN_LEFT,
                         MAX (layout->width - x - 14, 1));
      g_clear_pointer (&text, g_free);
    }
  gb_number_text (images->low, 3, low, sizeof low);
  gb_number_text (images->high, 3, high, sizeof high);
  text = images->images->len < images->n ? g_strdup_printf (_ ("black %s, white %s; %u of %ld are recorded"),
                                                            low, high, images->images->len, images->n)
                                         : g_strdup_printf (_ ("black %s, white %s"), low, high);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), text, 14, 33, GB_ALIGN_LEFT,
                     MAX (layout->width - 28, 1));
}

/* Right: its class and a tick.  Wrong: what it is, what it was taken for, and a cross. */
static void
draw_caption (
    const GbImgsLayout *layout, guint at, double x, double y, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbImage *image = image_at (layout->images, at);
  gboolean wrong = image->label >= 0 && image->label != image->best;
  g_autofree char *text = NULL;

  if (image->label < 0)
    text = g_strdup_printf ("#%u", image->nth);
  else if (wrong) /* taken for the first number */
    text = g_strdup_printf (_ ("✕ %d, is %d"), image->best, image->label);
  else
    text = g_strdup_printf ("✓ %d", image->label);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL,
                     role (ctx, wrong              ? GB_ROLE_ERROR
                                : image->label < 0 ? GB_ROLE_MUTED
                                                   : GB_ROLE_INK),
                     text, x, y, GB_ALIGN_LEFT, layout->step_x - 4);
}

void
gb_imgs_draw (const GbImgsLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbImages *images = layout->images;
  gsize each;
  double x, y;

  if (images == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  each = (gsize) (images->width * images->height);
  draw_header (layout, ctx, snapshot);
  for (guint at = layout->first_row * layout->columns, i = 0; gb_imgs_layout_place (layout, at, &x, &y);
       at++, i++)
    {
      const GbImage *image = image_at (images, at);
      gb_draw_box (
          snapshot, NULL,
          role (ctx, image->label >= 0 && image->label != image->best ? GB_ROLE_ERROR : GB_ROLE_RULE), x - 1,
          y - 1, layout->picture_width + 2, layout->picture_height + 2, 0, 1);
      gb_draw_pixels (snapshot, layout->pixels + each * i, (int) images->width, (int) images->height, x, y,
                      layout->picture_width, layout->picture_height);
      draw_caption (layout, at, x, y + layout->picture_height + 11, ctx, snapshot);
    }
}

char *
gb_imgs_row_text (const GbImgsLayout *layout, guint at)
{
  const GbImage *image = image_at (layout->images, at);

  if (image->label < 0)
    return g_strdup_printf (_ ("picture %u"), image->nth);
  return g_strdup_printf (_ ("picture %u: is %d, taken for %d; %d was given %.0f %%"), image->nth,
                          image->label, image->best, image->label, 100 * image->share);
}

char *
gb_imgs_sentence (const GbImages *images)
{
  if (images == NULL)
    return g_strdup (gb_imgs_empty_text ());
  if (images->judged)
    return g_strdup_printf (_ ("%ld pictures of %ld by %ld; %u of %u are taken for what they are."),
                            images->n, images->height, images->width, count_right (images),
                            images->images->len);
  return g_strdup_printf (_ ("%ld pictures of %ld by %ld."), images->n, images->height, images->width);
}

/* ---- overlay ---- */
static void
draw_frame (const GbImgsLayout *layout,
            const GbPick *pick,
            GbRole color,
            double line,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  int at = gb_imgs_layout_find (layout, pick);
  double x, y;

  if (at >= 0 && gb_imgs_layout_place (layout, (guint) at, &x, &y))
    gb_draw_box (snapshot, NULL, role (ctx, color), x - line - 1, y - line - 1,
                 layout->picture_width + 2 * line + 2, layout->picture_height + 2 * line + 2, 0, line);
}

static void
draw_element (const GbImgsLayout *layout, const GbPick *pick, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbImages *images = layout->images;
  int at = gb_imgs_layout_find (layout, pick);
  gint64 row = pick->index[pick->ndim - 2], column = pick->index[pick->ndim - 1];
  double x, y, width = layout->picture_width / images->width,
               height = layout->picture_height / images->height;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  if (at < 0 || !gb_imgs_layout_place (layout, (guint) at, &x, &y))
    return;
  gb_draw_selection (ctx, snapshot, x + column * width, y + row * height, width, height);
  if (ctx->options & GB_DRAW_STATIC)
    return;
  g_ptr_array_add (lines, gb_imgs_row_text (layout, (guint) at));
  for (gint64 c = 0; c < images->channels; c++)
    {
      char number[32];
      double value;
      if (gb_images_get (images, image_at (images, (guint) at)->nth, c, row, column, &value))
        g_ptr_array_add (lines,
                         g_strdup_printf ("[%u, %ld, %ld, %ld]\t%s", image_at (images, (guint) at)->nth, c,
                                          row, column, gb_number_text (value, 4, number, sizeof number)));
    }
  gb_draw_tip (ctx, snapshot, x + (column + 1) * width, y + (row + 1) * height,
               (const char *const *) lines->pdata, lines->len);
}

void
gb_imgs_draw_overlay (const GbImgsLayout *layout,
                      GbSelection *selection,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot)
{
  const GbPick *hover = gb_selection_get_hover (selection);

  if (layout->images == NULL)
    return;
  draw_frame (layout, gb_selection_get_pin (selection), GB_ROLE_ACCENT, 2, ctx, snapshot);
  draw_frame (layout, hover, GB_ROLE_RULE_STRONG, 1, ctx, snapshot);
  if (gb_imgs_layout_find (layout, hover) >= 0 && hover->ndim >= 3)
    draw_element (layout, hover, ctx, snapshot);
}
