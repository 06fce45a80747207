#include "models/figure-parts.h"

#include <string.h>

void
gb_figure_free (GbFigure *figure)
{
  g_bytes_unref (figure->png);
  g_free (figure);
}

void
gb_figure_parts_clear (GbFigureParts *self)
{
  g_clear_pointer (&self->bytes, g_byte_array_unref);
}

/* The sizes that a PNG file names must be those of its record: they are checked, the file is a stranger's. */
static gboolean
says_size (const guint8 *png, gsize nbytes, guint32 width, guint32 height)
{
  static const guint8 start[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R' };
  guint32 sizes[2];
  if (nbytes < sizeof start + sizeof sizes || memcmp (png, start, sizeof start) != 0)
    return FALSE;
  memcpy (sizes, png + sizeof start, sizeof sizes);
  return GUINT32_FROM_BE (sizes[0]) == width && GUINT32_FROM_BE (sizes[1]) == height && width && height;
}

GbFigure *
gb_figure_parts_take (GbFigureParts *self, const TeRecordFigure *record)
{
  if (record->at_nbyte == 0)
    {
      gb_figure_parts_clear (self);
      self->bytes = g_byte_array_sized_new (record->png_nbytes);
      self->number = record->number;
      self->png_nbytes = record->png_nbytes;
    }
  if (!self->bytes || self->bytes->len != record->at_nbyte || self->number != record->number
      || self->png_nbytes != record->png_nbytes)
    {
      gb_figure_parts_clear (self);
      return NULL;
    }
  g_byte_array_append (self->bytes, (const guint8 *) (record + 1), record->part_nbytes);
  if (self->bytes->len < self->png_nbytes)
    return NULL;
  gboolean fine = says_size (self->bytes->data, self->bytes->len, record->width, record->height);
  GBytes *png = g_byte_array_free_to_bytes (g_steal_pointer (&self->bytes));
  if (!fine)
    {
      g_bytes_unref (png);
      return NULL;
    }
  GbFigure *figure = g_new (GbFigure, 1);
  *figure = (GbFigure){ record->number, record->width, record->height, png };
  return figure;
}
