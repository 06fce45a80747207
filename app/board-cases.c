/* Cases and exercises in the window: the file somebody works in, what was looked at, and the failure shown again. */
#include "board-window-private.h"

#include "common/i18n.h"
#include "models/explain.h"

#include <string.h>

#define PROGRAM_FLAG 1 /* of a source that is the program */

static char *
lab_folder (GbBoardWindow *self)
{
  g_autofree char *folder = gb_board_window_dup_state_folder (self);
  return g_build_filename (folder, "lab", NULL);
}

/* What the past of a run explains would give the cause away. */
static void
update_hold (GbBoardWindow *self)
{
  gboolean seeks = self->work && !gb_case_work_is_diagnosed (self->work) && !gb_case_work_is_open (self->work);
  const char *before = gb_explain_get_hold ();
  gb_explain_hold (seeks ? N_ ("A case is open: what happened is explained after the right claim.") : NULL);
  if (before != gb_explain_get_hold ())
    gb_board_window_taught (self);
}

char *
gb_board_window_dup_case_path (GbBoardWindow *self, const GbCase *which)
{
  g_autofree char *folder = lab_folder (self);
  return gb_case_work_prepare_file (which, folder, NULL);
}

gboolean
gb_board_window_open_case (GbBoardWindow *self, const char *id)
{
  const GbCase *which = gb_library_find_case (self->library, id);
  g_autofree char *folder = lab_folder (self);
  g_autoptr (GError) error = NULL;
  if (!which)
    return FALSE;
  g_autofree char *path = gb_case_work_prepare_file (which, folder, &error);
  if (path)
    {
      g_autoptr (GFile) file = g_file_new_for_path (path);
      gb_editor_area_open_file (self->editor, file, NULL);
    }
  else
    gb_editor_area_show_notice (self->editor, error->message);
  return TRUE;
}

void
gb_board_window_take_case (GbBoardWindow *self)
{
  g_autofree char *folder = lab_folder (self);
  g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
  const GbCase *which = gb_case_work_find_case (self->library, folder, path);
  const GbCase *before = self->work ? gb_case_work_get_case (self->work) : NULL;
  if (which == before)
    return;
  if (which && before && strcmp (which->id, before->id) == 0)
    {
      gb_case_work_set_case (self->work, which); /* the same one, read again */
      return;
    }
  g_clear_object (&self->work);
  g_clear_pointer (&self->replay_at, g_free);
  self->work = which ? gb_case_work_new (which, folder) : NULL;
  if (which)
    {
      gb_board_window_study_case (self);
      g_signal_connect_object (self->work, "changed", G_CALLBACK (update_hold), self, G_CONNECT_SWAPPED);
      gb_board_window_notice_work (self);
    }
  update_hold (self);
  gb_case_panel_set_work (self->case_panel, self->work);
  gtk_widget_set_visible (self->case_tab, which != NULL);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.lower", "s", which ? "case" : "console");
  /* The task is read as much as the program. */
  int height = gtk_widget_get_height (self->left);
  if (which && height > 0)
    gtk_paned_set_position (GTK_PANED (self->left), height * 42 / 100);
}

char *
gb_board_window_dup_case_text (guint *line, gpointer data)
{
  GbBoardWindow *self = data;
  *line = gb_code_view_get_caret_line (gb_editor_area_get_code (self->editor));
  return gb_document_dup_text (gb_editor_area_get_document (self->editor));
}

/* ---- sets ---- */

static void
on_set_case (GbBoardWindow *self, const char *id)
{
  g_autofree char *which = g_strdup (id);
  gb_board_window_open_case (self, which);
}

static void
on_set_end (GbBoardWindow *self)
{
  gb_case_set_end (self->set);
}

static void
on_set_changed (GbBoardWindow *self)
{
  gb_set_strip_update (self->set_strip, self->work);
}

void
gb_board_window_set_up_set (GbBoardWindow *self)
{
  g_autofree char *folder = lab_folder (self);
  self->set = gb_case_set_new (folder);
  self->set_strip = GB_SET_STRIP (gb_set_strip_new (self->set, self->library));
  g_signal_connect_object (self->set_strip, "case", G_CALLBACK (on_set_case), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->set_strip, "end", G_CALLBACK (on_set_end), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->set, "changed", G_CALLBACK (on_set_changed), self, G_CONNECT_SWAPPED);
}

void
gb_board_window_compose_set (GbBoardWindow *self, guint n)
{
  if (gb_case_set_compose (self->set, self->library, n, g_random_int ()))
    gb_board_window_open_case (self, gb_case_set_get_id (self->set, 0));
}

gboolean
gb_board_window_open_set (GbBoardWindow *self, const char *ids)
{
  return gb_case_set_take (self->set, self->library, ids)
         && gb_board_window_open_case (self, gb_case_set_get_id (self->set, 0));
}

/* ---- what was looked at ---- */

void
gb_board_window_looked (GbBoardWindow *self, const char *view)
{
  gb_board_window_notice_look (self, view);
  if (self->work && gb_trace_get_last_seq (self->trace))
    gb_case_work_look (self->work, view, gb_trace_cursor_get_iteration (self->cursor));
}

void
gb_board_window_looked_at_all (GbBoardWindow *self)
{
  g_autoptr (GPtrArray) panes = self->work || self->is_sealed ? gb_view_area_get_panes (self->views) : NULL;
  for (guint i = 0; panes && i < panes->len; i++)
    if (gtk_widget_get_visible (g_ptr_array_index (panes, i)))
      gb_board_window_looked (self, gb_view_pane_get_view_id (g_ptr_array_index (panes, i)));
}

/* ---- the failure again ---- */

/* Is what the trace shows the program as it was given? */
static gboolean
shows_given_program (GbBoardWindow *self, const char *program)
{
  for (guint file = 1; file <= gb_trace_get_n_sources (self->trace); file++)
    {
      const GbSource *source = gb_trace_get_source (self->trace, file);
      if (!source || !(source->flags & PROGRAM_FLAG) || !source->text)
        continue;
      g_autofree char *ran = g_strchomp (g_strdup (source->text)), *given = g_strchomp (g_strdup (program));
      return strcmp (ran, given) == 0;
    }
  return FALSE;
}

static void
seek (GbBoardWindow *self, const char *at)
{
  g_autoptr (GError) error = NULL;
  if (!gb_trace_cursor_seek (self->cursor, at, &error))
    gb_editor_area_show_notice (self->editor, error->message);
}

void
gb_board_window_replay (GbBoardWindow *self, const char *at, const char *view)
{
  static const char *const no_arguments[] = { NULL };
  const GbCase *which = gb_case_work_get_case (self->work);
  g_autofree char *program = gb_case_load_program (which);
  g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
  gtk_stack_set_visible_child_name (GTK_STACK (self->views_stack), "views");
  gb_view_area_show (self->views, view);
  g_clear_pointer (&self->replay_at, g_free);
  if (!program)
    return;
  if (shows_given_program (self, program) && !gb_run_control_is_alive (self->control))
    {
      seek (self, at);
      return;
    }
  self->replay_at = g_strdup (at);
  gb_trace_cursor_follow (self->cursor);
  gb_run_control_run (self->control, path, program, no_arguments);
}

void
gb_board_window_replayed (GbBoardWindow *self)
{
  g_autofree char *at = g_steal_pointer (&self->replay_at);
  if (at)
    seek (self, at);
}

void
gb_board_window_run_beside (GbBoardWindow *self, const char *id)
{
  static const char *const no_arguments[] = { NULL };
  const GbScene *scene = gb_library_find_scene (self->library, id);
  g_autofree char *path = scene ? g_build_filename (scene->folder, "scene.py", NULL) : NULL, *program = NULL;
  if (!path || !g_file_get_contents (path, &program, NULL, NULL))
    return;
  gb_knobs_panel_set_scene (self->knobs, scene);
  gb_prediction_card_set_scene (self->prediction, scene);
  gtk_stack_set_visible_child_name (GTK_STACK (self->views_stack), "views");
  gb_view_area_set_views (self->views, (const char *const *) scene->views);
  gb_trace_cursor_follow (self->cursor);
  gb_run_control_run (self->control, path, program, no_arguments);
}

void
gb_board_window_begin_case_again (GbBoardWindow *self)
{
  g_autofree char *program = gb_case_load_program (gb_case_work_get_case (self->work));
  GtkTextBuffer *buffer =
      GTK_TEXT_BUFFER (gb_document_get_buffer (gb_editor_area_get_document (self->editor)));
  if (program)
    gtk_text_buffer_set_text (buffer, program, -1);
}
