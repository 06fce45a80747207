/* Branches in the window: going on from an earlier place, with the code as it is now, and comparing. */
#include "board-window-private.h"

#include "board/moment.h"
#include "common/i18n.h"
#include "models/trace-branches.h"

#include <string.h>

#define ROOMY_PANES 4

/* The text in the editor is another than the one that ran; FALSE also where another program stands there. */
static gboolean
code_was_changed (GbBoardWindow *self, const char *path, const char *text)
{
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  g_autoptr (GbMoment) ran = gb_moment_new (trace, gb_trace_get_first_seq (trace), NULL);
  g_autofree char *now = g_strchomp (g_strdup (text));
  return ran && strcmp (ran->path, path) == 0 && strcmp (ran->text, now) != 0;
}

/* A program whose text is another one cannot go on in the middle: its frames run the old code.  It runs again
 * from its start, and that is said. */
void
gb_board_window_go_on (GbBoardWindow *self)
{
  g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
  g_autofree char *text = gb_board_window_dup_program (self);
  if (!gb_run_control_can_rewind (self->control))
    return;
  if (!code_was_changed (self, path, text))
    {
      gb_timeline_drop_bookmarks (self->timeline, gb_trace_cursor_get_position (self->cursor));
      gb_run_control_rewind (self->control);
      return;
    }
  gb_board_window_send_breakpoints (self);
  gb_timeline_drop_bookmarks (self->timeline, 0);
  gb_run_control_run_beside (self->control, path, text);
  guint n = gb_trace_get_n_branches (self->trace);
  g_autofree char *said = NULL;
  if (n)
    said = g_strdup_printf (
        _ ("The code was changed: it runs again from its start. What the old code did is branch %u."),
        gb_trace_get_branch (self->trace, n - 1)->id);
  gb_editor_area_show_notice (self->editor,
                              said ? said : _ ("The code was changed: it runs again from its start."));
}

static void
show_comparison (GbBoardWindow *self)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->views_stack), "views");
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self->views);
  gboolean is_shown = FALSE;
  for (guint i = 0; i < panes->len; i++)
    is_shown = is_shown || strcmp (gb_view_pane_get_view_id (g_ptr_array_index (panes, i)), "ab") == 0;
  /* Half of a pane among many is no room for two of everything. */
  if (is_shown || panes->len >= ROOMY_PANES || !gb_view_area_add (self->views, "ab"))
    gb_view_area_show (self->views, "ab");
}

void
gb_board_window_compare (GbBoardWindow *self, guint branch)
{
  if (branch && branch == gb_trace_cursor_get_branch (self->cursor))
    gb_trace_cursor_set_beside_branch (self->cursor, 0);
  else if (branch)
    gb_trace_cursor_set_beside_branch (self->cursor, branch);
  show_comparison (self);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  GbBoardWindow *self = data;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file ? g_file_get_path (file) : NULL;
  if (response == GTK_RESPONSE_ACCEPT && path)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GbTrace) trace = gb_trace_new ();
      g_autofree char *name = g_path_get_basename (path);
      if (gb_trace_load (trace, path, &error))
        {
          gb_trace_cursor_set_beside (self->cursor, trace, name);
          show_comparison (self);
        }
      else
        {
          g_autofree char *text =
              g_strdup_printf (_ ("%s cannot be read as a recording: %s"), name, error->message);
          gb_editor_area_show_notice (self->editor, text);
        }
    }
  g_object_unref (dialog);
}

void
gb_board_window_choose_comparison (GbBoardWindow *self)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("Compare with a recording"), GTK_WINDOW (self),
                                   GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Open"), _ ("Cancel"));
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ ("Recordings"));
  gtk_file_filter_add_suffix (filter, "gbt");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
