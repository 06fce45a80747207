/* GbFigureParts: pictures of a program put together again from the records that carry their parts. */
#pragma once

#include <glib.h>

#include "trace/wire.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 number, width, height;
  GBytes *png;
} GbFigure;

typedef struct
{
  GByteArray *bytes;
  guint32 number, png_nbytes;
} GbFigureParts;

/* Takes one record; the whole figure with its last part, else NULL.  Parts that do not follow each other are dropped. */
GbFigure *gb_figure_parts_take (GbFigureParts *self, const TeRecordFigure *record);
void gb_figure_parts_clear (GbFigureParts *self);
void gb_figure_free (GbFigure *figure);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbFigure, gb_figure_free)

G_END_DECLS
