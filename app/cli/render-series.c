#include "cli/render-series.h"

#include <string.h>

static gboolean
fail (const char *at, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "%s is no series: iter:FIRST..LAST or op:FIRST..LAST, LAST may be end, /STEP leaves some out",
               at);
  return FALSE;
}

gboolean
gb_render_series_parse (const char *at, GbRenderSeries *series, gboolean *is_series, GError **error)
{
  g_auto (GStrv) ends = at && strstr (at, "..") ? g_strsplit (at, "..", 2) : NULL;
  *is_series = ends != NULL;
  if (!*is_series)
    return TRUE;
  *series = (GbRenderSeries){ .step = 1, .last = G_MAXUINT64 };
  const char *colon = strchr (ends[0], ':');
  g_auto (GStrv) last = g_strsplit (ends[1], "/", 2);
  if (colon == NULL || (!g_str_has_prefix (at, "iter:") && !g_str_has_prefix (at, "op:")))
    return fail (at, error);
  g_strlcpy (series->kind, at, MIN (sizeof series->kind, (gsize) (colon - ends[0]) + 1));
  if (!g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT32, &series->first, NULL)
      || (g_strcmp0 (last[0], "end") != 0
          && !g_ascii_string_to_unsigned (last[0] ? last[0] : "", 10, 0, G_MAXUINT32, &series->last, NULL))
      || (last[0] && last[1]
          && !g_ascii_string_to_unsigned (last[1], 10, 1, G_MAXUINT32, &series->step, NULL))
      || series->first > series->last)
    return fail (at, error);
  return TRUE;
}

/* The last place of the kind that there is. */
static guint64
last_of (const GbRenderSeries *series, GbTrace *trace)
{
  guint n = gb_trace_get_n_iterations (trace);
  if (strcmp (series->kind, "op") == 0)
    return gb_trace_get_last_call_at (trace, G_MAXUINT64);
  return n ? gb_trace_get_iteration (trace, n - 1)->iteration : 0;
}

guint
gb_render_series_write (const GbRenderSeries *series,
                        const GbViewDef *def,
                        GbTraceCursor *cursor,
                        GbSelection *selection,
                        const char *path,
                        const GbExportOptions *options,
                        GError **error)
{
  guint64 last = MIN (series->last, last_of (series, gb_trace_cursor_get_trace (cursor)));
  GbExportOptions same = *options;
  guint n = 0;
  for (guint64 at = series->first; at <= last && n < GB_RENDER_MOST_FRAMES; at += series->step)
    {
      g_autofree char *place = g_strdup_printf ("%s:%" G_GUINT64_FORMAT, series->kind, at);
      if (!gb_trace_cursor_seek (cursor, place, NULL))
        continue;
      g_autofree char *file = gb_export_frame_path (path, n + 1, MIN (last, GB_RENDER_MOST_FRAMES));
      if (n == 0 && (same.width <= 0 || same.height <= 0))
        {
          /* The first one says how large all are, or they would not be a film. */
          double width, height, scale = same.scale > 0 ? same.scale : 1;
          GskRenderNode *node = gb_view_render (def, cursor, selection, &same, &width, &height);
          g_clear_pointer (&node, gsk_render_node_unref);
          same.width = width / scale;
          same.height = height / scale;
        }
      if (!gb_view_export (def, cursor, selection, file, &same, error))
        return 0;
      n++;
    }
  if (n == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "nothing is recorded at %s:%" G_GUINT64_FORMAT " and behind it", series->kind,
                 series->first);
  return n;
}
