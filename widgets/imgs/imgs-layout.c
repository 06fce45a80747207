#include "imgs/imgs-layout.h"

#include <math.h>

#define PAD     14
#define HEADER  46
#define FOOTER  8
#define CAPTION 20
#define GAP     12
#define SIDE    76 /* px of the longer side, about */

void
gb_imgs_layout_free (GbImgsLayout *self)
{
  if (self == NULL)
    return;
  gb_images_free (self->images);
  g_free (self->pixels);
  g_free (self);
}

static guint32
pixel_of (const GbImages *images, guint nth, gint64 y, gint64 x)
{
  guint32 pixel = 0xff;

  for (int c = 0; c < 3; c++)
    {
      double value = 0;
      gboolean known = gb_images_get (images, nth, images->channels == 3 ? c : 0, y, x, &value);
      double part = images->high > images->low ? (value - images->low) / (images->high - images->low) : 0.5;
      /* What is no number has a colour that no grey picture has. */
      guint32 level =
          !known || !isfinite (part) ? (c == 1 ? 0 : 200) : (guint32) lround (CLAMP (part, 0, 1) * 255);
      pixel = pixel << 8 | level;
    }
  return pixel;
}

static void
layout_paint (GbImgsLayout *self)
{
  const GbImages *images = self->images;
  gsize each = (gsize) (images->width * images->height);
  guint first = self->first_row * self->columns;
  guint n = MIN (self->rows * self->columns, images->images->len - first);

  self->pixels = g_new (guint32, MAX (each * n, 1));
  for (guint i = 0; i < n; i++)
    {
      guint nth = g_array_index (images->images, GbImage, first + i).nth;
      guint32 *at = self->pixels + each * i;
      for (gint64 y = 0; y < images->height; y++)
        for (gint64 x = 0; x < images->width; x++)
          *at++ = pixel_of (images, nth, y, x);
    }
}

GbImgsLayout *
gb_imgs_layout_new (GbTraceCursor *cursor,
                    GbSelection *selection,
                    const GbImgsOptions *options,
                    const GbDrawContext *ctx)
{
  GbImgsLayout *self = g_new0 (GbImgsLayout, 1);
  double longer, zoom;

  self->width = ctx->width;
  self->height = ctx->height;
  self->images = gb_images_new (cursor, selection);
  if (self->images == NULL)
    return self;
  longer = (double) MAX (self->images->width, self->images->height);
  /* Whole multiples keep pixels square; what is larger than its place is made smaller. */
  zoom = longer < SIDE ? MAX (floor (SIDE / longer), 1) : SIDE / longer;
  self->picture_width = MAX (self->images->width * zoom, 1);
  self->picture_height = MAX (self->images->height * zoom, 1);
  self->step_x = MAX (self->picture_width, 62) + GAP;
  self->step_y = self->picture_height + CAPTION + GAP;
  self->x = PAD;
  self->y = HEADER;
  self->columns = (guint) MAX (floor ((ctx->width - 2 * PAD + GAP) / self->step_x), 1);
  self->n_rows = (self->images->images->len + self->columns - 1) / self->columns;
  self->rows = (guint) MAX (floor ((ctx->height - HEADER - FOOTER + GAP) / self->step_y), 1);
  self->rows = MIN (self->rows, self->n_rows);
  self->first_row = MIN (options->first_row, self->n_rows - self->rows);
  layout_paint (self);
  return self;
}

gboolean
gb_imgs_layout_place (const GbImgsLayout *self, guint at, double *x, double *y)
{
  guint row = at / self->columns;

  if (row < self->first_row || row >= self->first_row + self->rows || at >= self->images->images->len)
    return FALSE;
  *x = self->x + at % self->columns * self->step_x;
  *y = self->y + (row - self->first_row) * self->step_y;
  return TRUE;
}

int
gb_imgs_layout_at (const GbImgsLayout *self, double x, double y, gint64 *row, gint64 *column)
{
  double left, top;

  if (self->images == NULL)
    return -1;
  for (guint at = self->first_row * self->columns; gb_imgs_layout_place (self, at, &left, &top); at++)
    if (x >= left && y >= top && x < left + self->picture_width && y < top + self->picture_height)
      {
        *row = (gint64) ((y - top) / self->picture_height * self->images->height);
        *column = (gint64) ((x - left) / self->picture_width * self->images->width);
        return (int) at;
      }
  return -1;
}

int
gb_imgs_layout_find (const GbImgsLayout *self, const GbPick *pick)
{
  if (self->images == NULL || !(pick->facets & GB_PICK_ELEMENT) || pick->ndim < 1
      || pick->tensor != self->images->values->tensor.tensor)
    return -1;
  for (guint at = 0; at < self->images->images->len; at++)
    if (g_array_index (self->images->images, GbImage, at).nth == (guint) pick->index[0])
      return (int) at;
  return -1;
}

void
gb_imgs_layout_pick (const GbImgsLayout *self, guint at, gint64 row, gint64 column, GbPick *pick)
{
  const GbTensor *t = &self->images->values->tensor;

  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                    .tensor = t->tensor,
                    .storage = t->storage };
  pick->ndim = gb_images_index (self->images, g_array_index (self->images->images, GbImage, at).nth, 0, row,
                                column, pick->index);
  pick->address = gb_tensor_address (t, pick->index);
}

gboolean
gb_imgs_layout_locate (const GbImgsLayout *self, const GbPick *pick, graphene_rect_t *box)
{
  double x, y;
  int at = gb_imgs_layout_find (self, pick);
  if (at < 0 || pick->ndim < 3 || !gb_imgs_layout_place (self, (guint) at, &x, &y))
    return FALSE;
  gint64 row = pick->index[pick->ndim - 2], column = pick->index[pick->ndim - 1];
  double width = self->picture_width / self->images->width, height = self->picture_height / self->images->height;
  if (row < 0 || column < 0 || row >= self->images->height || column >= self->images->width)
    return FALSE;
  graphene_rect_init (box, (float) (x + column * width), (float) (y + row * height), (float) width, (float) height);
  return TRUE;
}
