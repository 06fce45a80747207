/* Pictures of a view at many places of a run: out-001.png, out-002.png … */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_RENDER_MOST_FRAMES 10000

/* "iter:1..60", "op:1..end", "iter:1..60/5" */
typedef struct
{
  char kind[8];
  guint64 first, last, step; /* last G_MAXUINT64: to the end */
} GbRenderSeries;

/* FALSE with error for what begins like one and is none; is_series FALSE: it is one place. */
gboolean gb_render_series_parse (const char *at, GbRenderSeries *series, gboolean *is_series, GError **error);
/* Returns how many were written, 0 with error.  Places that were not recorded are left out. */
guint gb_render_series_write (const GbRenderSeries *series,
                              const GbViewDef *def,
                              GbTraceCursor *cursor,
                              GbSelection *selection,
                              const char *path,
                              const GbExportOptions *options,
                              GError **error);

G_END_DECLS
