/* Places in a run that are named: bookmarks with notes, the nth iteration, the moment at which a variable had
 * a value. */
#include "board-window-private.h"

#include "board/bookmarks.h"
#include "board/line-asker.h"
#include "board/run-control.h"
#include "common/i18n.h"
#include "models/trace-changes.h"
#include "models/trace-steps.h"
#include "trace/recording.h"

#include <string.h>

/* ---- bookmarks ---- */

/* In the recording that is shown, or in that of the run. */
static void
keep_bookmarks (GbBoardWindow *self)
{
  g_autofree char *text = gb_bookmarks_to_text (gb_timeline_get_bookmarks (self->timeline));
  TeError err;
  te_error_clear (&err);
  if (!self->recording)
    gb_run_control_note (self->control, text);
  else if (!te_recording_keep_notes (self->recording, text, &err))
    {
      g_autofree char *notice = g_strdup_printf (_ ("Not saved: %s"), err.text);
      gb_editor_area_show_notice (self->editor, notice);
    }
}

void
gb_board_window_add_bookmark (GbBoardWindow *self, const char *note)
{
  gb_timeline_set_bookmark (self->timeline, gb_trace_cursor_get_position (self->cursor), note);
  keep_bookmarks (self);
}

static void
on_note (const char *text, gpointer data)
{
  gb_board_window_add_bookmark (data, strcmp (text, "-") == 0 ? NULL : text);
}

void
gb_board_window_bookmark (GbBoardWindow *self)
{
  guint64 seq = gb_trace_cursor_get_position (self->cursor);
  if (!gb_trace_get_last_seq (self->trace))
    return;
  GdkRectangle at = gb_timeline_get_playhead (self->timeline);
  gb_ask_line (GTK_WIDGET (self->timeline), &at, N_ ("Note of the bookmark"),
               N_ ("a few words; - takes the bookmark away"), gb_timeline_get_bookmark (self->timeline, seq),
               on_note, self);
}

void
gb_board_window_go_to_bookmark (GbBoardWindow *self, int direction)
{
  guint64 seq =
      gb_timeline_find_bookmark (self->timeline, gb_trace_cursor_get_position (self->cursor), direction);
  const char *note = seq ? gb_timeline_get_bookmark (self->timeline, seq) : NULL;
  if (!seq)
    {
      gb_editor_area_show_notice (self->editor, direction > 0
                                                    ? _ ("There is no bookmark behind this moment.")
                                                    : _ ("There is no bookmark before this moment."));
      return;
    }
  gb_trace_cursor_set_position (self->cursor, seq);
  if (*note)
    gb_editor_area_show_notice (self->editor, note);
}

/* What the program marked, asked, found not to hold or raised. */
void
gb_board_window_go_to_mark (GbBoardWindow *self, int direction)
{
  const GbRunMark *mark =
      gb_timeline_find_mark (self->timeline, gb_trace_cursor_get_position (self->cursor), direction);
  if (!mark)
    {
      gb_editor_area_show_notice (self->editor, direction > 0 ? _ ("There is no mark behind this moment.")
                                                              : _ ("There is no mark before this moment."));
      return;
    }
  const char *form = mark->type == TE_RECORD_EXCEPTION ? _ ("Exception: %s")
                     : mark->type == TE_RECORD_ASK     ? _ ("Question: %s")
                     : mark->type == TE_RECORD_CHECK   ? _ ("Does not hold: %s")
                                                       : _ ("Mark: %s");
  g_autofree char *notice = g_strdup_printf (form, mark->text);
  gb_trace_cursor_set_position (self->cursor, mark->seq);
  gb_editor_area_show_notice (self->editor, notice);
}

/* ---- the nth iteration, or a value ---- */

/* Of a loop that is no training: the nth time that the caret's line was reached. */
static guint64
find_nth_at_caret (GbBoardWindow *self, GbTrace *trace, guint64 n)
{
  guint32 file = gb_board_window_find_source (self);
  guint line = gb_code_view_get_caret_line (gb_editor_area_get_code (self->editor));
  guint64 at = 0;
  for (guint64 i = 0; file && i < n; i++)
    {
      at = gb_trace_find_line (trace, at, file, line, 1);
      if (!at)
        return 0;
    }
  return at;
}

static void
go_to_nth (GbBoardWindow *self, guint64 n)
{
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  guint n_iterations = gb_trace_get_n_iterations (trace);
  const GbIteration *iteration = gb_trace_find_iteration (trace, n);
  guint64 last = n_iterations ? gb_trace_get_iteration (trace, n_iterations - 1)->iteration : 0;
  guint64 at = n_iterations ? (iteration && iteration->iteration == n ? iteration->last_seq : 0)
                            : find_nth_at_caret (self, trace, n);
  g_autofree char *notice = NULL;
  if (at)
    gb_trace_cursor_set_position (self->cursor, at);
  else if (last && n > last && n - last <= G_MAXUINT32
           && gb_run_control_step_by (self->control, GB_STEP_ITERATION, (guint) (n - last)))
    return;
  else if (last)
    notice = g_strdup_printf (_ ("Iteration %lu is not recorded: the last is %lu."), n, last);
  else
    notice = g_strdup_printf (_ ("The caret's line was not reached %lu times."), n);
  if (notice)
    gb_editor_area_show_notice (self->editor, notice);
}

static void
on_place (const char *text, gpointer data)
{
  GbBoardWindow *self = data;
  char *end;
  guint64 n = g_ascii_strtoull (text, &end, 10);
  if (!*text)
    return;
  if (end != text && !*end && n)
    {
      go_to_nth (self, n);
      return;
    }
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  guint64 from = gb_trace_settle (trace, gb_trace_cursor_get_position (self->cursor));
  GbValueTest test;
  if (!gb_value_test_parse (text, &test))
    {
      gb_editor_area_show_notice (self->editor,
                                  _ ("A number, or a variable and its value: i = 57, loss < 0.1"));
      return;
    }
  guint64 at = gb_trace_find_value (trace, &test, from);
  at = at ? at : gb_trace_find_value (trace, &test, 0);
  if (at)
    gb_trace_cursor_set_position (self->cursor, gb_trace_settle (trace, at));
  else
    gb_editor_area_show_notice (self->editor, _ ("No moment is recorded at which that holds."));
  gb_value_test_clear (&test);
}

void
gb_board_window_go_to (GbBoardWindow *self)
{
  GdkRectangle at = gb_timeline_get_playhead (self->timeline);
  gb_ask_line (GTK_WIDGET (self->timeline), &at, N_ ("Go to iteration, or value"),
               N_ ("57, or i = 57, or loss < 0.1"), "", on_place, self);
}
