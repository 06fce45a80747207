#include "board-window-private.h"

#include "common/i18n.h"
#include "editor/breakpoints.h"

#include <string.h>

/* Running to the caret, and going back to it: first within what is recorded, then the program itself, which
 * stops at that line once. */

guint32
gb_board_window_find_source (GbBoardWindow *self)
{
  g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
  for (guint32 file = gb_trace_get_n_sources (self->trace); file; file--)
    {
      const GbSource *source = gb_trace_get_source (self->trace, file);
      if (source && strcmp (source->path, path) == 0)
        return file;
    }
  return 0;
}

static gboolean
go_in_trace (GbBoardWindow *self, int direction)
{
  guint line = gb_code_view_get_caret_line (gb_editor_area_get_code (self->editor));
  guint32 file = gb_board_window_find_source (self);
  guint64 at = file ? gb_trace_find_line (self->trace, gb_trace_cursor_get_position (self->cursor), file,
                                          line, direction)
                    : 0;
  if (at)
    gb_trace_cursor_set_position (self->cursor, at);
  return at != 0;
}

void
gb_board_window_run_to_caret (GbBoardWindow *self)
{
  if (!gb_trace_cursor_get_following (self->cursor) && go_in_trace (self, 1))
    return;
  g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
  self->caret_stop = GB_CARET_ASKED;
  gb_board_window_collect_breakpoints (self);
  gb_run_control_add_breakpoint (self->control, path,
                                 gb_code_view_get_caret_line (gb_editor_area_get_code (self->editor)), "");
  gb_run_control_send_breakpoints (self->control);
  gb_trace_cursor_follow (self->cursor);
  if (gb_run_control_get_state (self->control) == GB_RUN_PAUSED)
    gb_run_control_toggle (self->control);
  else
    {
      static const char *const no_arguments[] = { NULL };
      g_autofree char *text = gb_board_window_dup_program (self);
      gb_run_control_run (self->control, path, text, no_arguments);
    }
}

void
gb_board_window_back_to_caret (GbBoardWindow *self)
{
  if (!go_in_trace (self, -1))
    gb_editor_area_show_notice (self->editor, _ ("This line has not run before this moment."));
}

void
gb_board_window_caret_reached (GbBoardWindow *self)
{
  GbRunState state = gb_run_control_get_state (self->control);
  if (self->caret_stop == GB_CARET_ASKED && state == GB_RUN_RUNNING)
    self->caret_stop = GB_CARET_RUNNING;
  else if (self->caret_stop == GB_CARET_RUNNING && state != GB_RUN_RUNNING && state != GB_RUN_STARTING)
    {
      self->caret_stop = GB_CARET_NONE;
      gb_board_window_send_breakpoints (self);
    }
}
