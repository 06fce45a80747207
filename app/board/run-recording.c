#include "board/run-recording.h"

#include "board/kept-file.h"
#include "common/i18n.h"
#include "trace/recording.h"

static gboolean
keep_notes (GbRunRecording *self, const char *text, GError **error)
{
  TeError err;
  te_error_clear (&err);
  if (te_recording_keep_notes (self->written, text, &err))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, err.text);
  return FALSE;
}

gboolean
gb_run_recording_note (GbRunRecording *self, const char *text, GError **error)
{
  if (self->written)
    return keep_notes (self, text, error);
  g_free (self->notes);
  self->notes = g_strdup (text);
  return TRUE;
}

gboolean
gb_run_recording_begin (GbRunRecording *self, GbTraceSource *source, const char *program, GError **error)
{
  gb_run_recording_clear (self);
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
  g_autofree char *notes = g_steal_pointer (&self->notes);
  if (!gb_trace_source_close_recording (source, error))
    return FALSE;
  self->written = g_strdup (self->path);
  return !notes || keep_notes (self, notes, error);
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
gb_run_recording_forget (GbRunRecording *self)
{
  g_clear_pointer (&self->path, g_free);
}

void
gb_run_recording_clear (GbRunRecording *self)
{
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->notes, g_free);
  g_clear_pointer (&self->written, g_free);
}
