#include "board/run-recording.h"

#include "common/i18n.h"

#include <string.h>

/* The person's documents, or what stands for them. */
static char *
folder_path (void)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  return g_build_filename (documents ? documents : g_get_user_data_dir (), "Gradboard", NULL);
}

/* A scene's file is always called scene.py; its folder says which. */
static char *
program_name (const char *program)
{
  g_autofree char *base = g_path_get_basename (program), *folder = g_path_get_dirname (program);
  if (strcmp (base, "scene.py") == 0)
    return g_path_get_basename (folder);
  if (g_str_has_suffix (base, ".py"))
    base[strlen (base) - 3] = 0;
  return g_steal_pointer (&base);
}

/* A name that is not taken: a recording is never written over. */
static char *
new_path (const char *folder, const char *program)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d %H-%M-%S"), *name = program_name (program);
  for (guint i = 1;; i++)
    {
      g_autofree char *base = i == 1 ? g_strdup_printf ("%s %s.gbt", name, when)
                                     : g_strdup_printf ("%s %s (%u).gbt", name, when, i);
      char *path = g_build_filename (folder, base, NULL);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return path;
      g_free (path);
    }
}

gboolean
gb_run_recording_begin (GbRunRecording *self, GbTraceSource *source, const char *program, GError **error)
{
  g_clear_pointer (&self->path, g_free);
  self->writing = FALSE;
  if (!self->wanted)
    return TRUE;
  g_autofree char *folder = folder_path ();
  g_mkdir_with_parents (folder, 0777);
  g_autofree char *path = new_path (folder, program);
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
  const char *home = g_get_home_dir ();
  gsize inside = g_str_has_prefix (self->path, home) && self->path[strlen (home)] == '/' ? strlen (home) : 0;
  g_autofree char *shown = g_strconcat (inside ? "~" : "", self->path + inside, NULL);
  return g_strdup_printf (self->writing ? _ (" Recording to %s.") : _ (" Recorded: %s"), shown);
}

void
gb_run_recording_clear (GbRunRecording *self)
{
  g_clear_pointer (&self->path, g_free);
}
