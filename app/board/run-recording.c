#include "board/run-recording.h"

#include "board/kept-file.h"
#include "common/i18n.h"

gboolean
gb_run_recording_begin (GbRunRecording *self, GbTraceSource *source, const char *program, GError **error)
{
  g_clear_pointer (&self->path, g_free);
  self->writing = FALSE;
  if (!self->wanted)
    return TRUE;
  g_autofree char *path = gb_kept_file_new_path (program, "gbt");
  if (!gb_trace_source_record (source, path, error))
    return FALSE;
  self->path = g_steal_pointer (&path);
  self->writing = TRUE;
  return TRUE;
}

gboolean
gb_run_recording_end (GbRunRecording *self, GbTraceSource *source, GError **error)
{
  if (!self->writing)
    return TRUE;
  self->writing = FALSE;
  return gb_trace_source_close_recording (source, error);
}

char *
gb_run_recording_describe (const GbRunRecording *self)
{
  if (!self->path)
    return g_strdup (self->wanted ? _ (" The next run will be recorded.") : "");
  g_autofree char *shown = gb_kept_file_display (self->path);
  return g_strdup_printf (self->writing ? _ (" Recording to %s.") : _ (" Recorded: %s"), shown);
}

void
gb_run_recording_clear (GbRunRecording *self)
{
  g_clear_pointer (&self->path, g_free);
}
