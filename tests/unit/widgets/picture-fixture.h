/* What a test of a picture needs: a trace under a cursor, a selection and a context to draw in, without a
 * display. */
#pragma once

#include "common/draw.h"
#include "models/selection.h"
#include "models/trace-cursor.h"

typedef struct
{
  PangoContext *pango;
  GbDrawContext ctx;
  GbTrace *trace;
  GbTraceCursor *cursor;
  GbSelection *selection;
} Fixture;

/* Takes the trace; width and height in pixels. */
static inline void
fixture_open (Fixture *f, GbTrace *trace, double width, double height)
{
  f->pango = gb_draw_create_pango_context ("en");
  f->ctx = (GbDrawContext){ .theme = gb_theme_get (GB_THEME_LIGHT),
                            .language = "en",
                            .scale = 1,
                            .width = width,
                            .height = height,
                            .pango = f->pango,
                            .t = 1 };
  f->ctx.text = gb_text_cache_new (f->pango);
  f->trace = trace;
  f->cursor = gb_trace_cursor_new (f->trace);
  f->selection = gb_selection_new ();
}

static inline void
fixture_close (Fixture *f)
{
  gb_text_cache_free (f->ctx.text);
  g_object_unref (f->pango);
  g_object_unref (f->selection);
  g_object_unref (f->cursor);
  g_object_unref (f->trace);
}
