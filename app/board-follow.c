#include "board-window-private.h"

#include "common/number-format.h"
#include "editor/diagnostics.h"
#include "editor/error-card.h"

#include <string.h>

/* What the window shows beside the views when the trace grows or its cursor moves: the current line, the error, the
 * meter; and what the views want to know. */

#define WATCH_DELAY_MSEC 60
#define OFFER_DELAY_MSEC 300

void
gb_board_window_show_place (GbBoardWindow *self)
{
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  const GbPosition *position = gb_trace_cursor_get_source_position (self->cursor);
  GbRunState state = gb_run_control_get_state (self->control);
  /* While the program runs freely a jumping line would only distract. */
  gboolean show = position
                  && !(gb_trace_cursor_get_following (self->cursor)
                       && (state == GB_RUN_RUNNING || state == GB_RUN_ENDED || state == GB_RUN_STARTING));
  GbCodeView *shown = NULL;
  if (show)
    {
      const GbSource *source = gb_trace_get_source (trace, position->file);
      shown = source ? gb_editor_area_find_code (self->editor, source->path) : NULL;
    }
  GbCodeView *front = gb_editor_area_get_code (self->editor);
  if (shown != front)
    gb_code_view_set_current (front, NULL, FALSE);
  if (!shown)
    return;
  GbPlace place = { position->line, position->end_line, position->column, position->end_column };
  gb_code_view_set_current (shown, &place, TRUE);
  GbOp op;
  guint64 call = gb_trace_get_last_call_at (trace, gb_trace_cursor_get_position (self->cursor));
  char buffer[32];
  gboolean timed = call && gb_trace_get_op (trace, call, &op) && op.end;
  if (timed)
    {
      /* Paused before a line, the op that ran last is another line's. */
      const GbPosition *of_op =
          gb_trace_get_position (trace, op.record->caller_pos ? op.record->caller_pos : op.record->pos);
      timed = of_op && of_op->line == position->line && of_op->file == position->file;
    }
  gb_code_view_set_current_note (shown,
                                 timed ? gb_number_duration (op.end->nsec, buffer, sizeof buffer) : NULL);
}

/* An exception belongs to the line of the person's text that it came from. */
static void
show_exceptions (GbBoardWindow *self)
{
  guint n = gb_trace_get_n_exceptions (self->trace);
  if (n <= self->n_exceptions)
    return;
  self->n_exceptions = n;
  const GbException *exception = gb_trace_get_exception (self->trace, n - 1);
  if (strcmp (exception->type_name, "KeyboardInterrupt") == 0
      || strcmp (exception->type_name, "SystemExit") == 0)
    return;
  const GbPosition *position = gb_trace_get_position (self->trace, exception->pos);
  const GbSource *source = position ? gb_trace_get_source (self->trace, position->file) : NULL;
  GbCodeView *code = source ? gb_editor_area_find_code (self->editor, source->path) : NULL;
  GbPlace place = { 0 };
  if (code)
    place = (GbPlace){ position->line, position->end_line, position->column, position->end_column };
  else
    {
      /* No op was at fault: the traceback knows the line. */
      code = gb_editor_area_get_code (self->editor);
      g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
      place.line = gb_diagnostics_find_line (exception->traceback, path);
    }
  guint line = place.line;
  place.line = MAX (line, 1);
  GtkWidget *card = gb_error_card_new (exception->type_name, exception->message, exception->traceback, line);
  gb_code_view_set_error (code, &place, card);
  gb_board_window_teach (self, code, card);
}

static void
clear_errors (GbDocument *document, GbCodeView *code, gpointer data)
{
  gb_code_view_set_error (code, NULL, NULL);
  gb_code_view_set_current (code, NULL, FALSE);
}

static void
update_meter (GbBoardWindow *self)
{
  const TeFactMeter *meter = gb_trace_get_meter (self->trace);
  if (!meter)
    {
      gtk_label_set_label (GTK_LABEL (self->meter), "");
      return;
    }
  char memory[32];
  double seconds = meter->time_nsec / 1e9;
  gb_number_bytes (meter->rss_nbytes, memory, sizeof memory);
  /* The share of a moment says nothing. */
  g_autofree char *text = seconds < 0.5
                              ? g_strdup_printf ("%s · %.1f s", memory, seconds)
                              : g_strdup_printf ("%s · %.0f %% · %.1f s", memory,
                                                 100.0 * meter->cpu_nsec / meter->time_nsec, seconds);
  gtk_label_set_label (GTK_LABEL (self->meter), text);
}

static gboolean
on_offer (gpointer data)
{
  GbBoardWindow *self = data;
  self->offer_timeout = 0;
  gb_view_area_offer (self->views);
  return G_SOURCE_REMOVE;
}

void
gb_board_window_follow (GbBoardWindow *self, guint changes)
{
  if (changes && !self->offer_timeout)
    self->offer_timeout = g_timeout_add (OFFER_DELAY_MSEC, on_offer, self);
  if (changes & GB_TRACE_CHANGED_RESET)
    {
      self->n_exceptions = 0;
      gb_editor_area_foreach (self->editor, clear_errors, NULL);
    }
  if (changes & (GB_TRACE_CHANGED_TEXT | GB_TRACE_CHANGED_RESET))
    show_exceptions (self);
  if (changes & (GB_TRACE_CHANGED_TEXT | GB_TRACE_CHANGED_STATE))
    gb_board_window_taught (self);
  if (changes & (GB_TRACE_CHANGED_SERIES | GB_TRACE_CHANGED_RESET))
    update_meter (self);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), "rewind")),
                               gb_run_control_can_rewind (self->control));
  if (gb_trace_get_last_seq (self->trace))
    gtk_stack_set_visible_child_name (GTK_STACK (self->views_stack), "views");
  gb_board_window_show_place (self);
  if (!changes && !gb_trace_cursor_get_following (self->cursor))
    gb_board_window_looked_at_all (self);
}

void
gb_board_window_send_watches (GbBoardWindow *self)
{
  g_clear_handle_id (&self->watch_timeout, g_source_remove);
  GArray *watches = gb_view_area_get_watches (self->views, self->cursor, self->selection);
  TeWatch meter = { .kind = TE_WATCH_METER, .period_msec = 500 };
  TeWatch opening = { .kind = TE_WATCH_OPENING, .max_elements = GB_OPENING_ELEMENTS };
  TeWatch names = { .kind = TE_WATCH_VALUES, .period_msec = 250, .max_elements = 8 };
  g_array_append_val (watches, meter);
  g_array_append_val (watches, opening);
  gboolean has_values = FALSE;
  for (guint i = 0; i < watches->len; i++)
    has_values = has_values
                 || (g_array_index (watches, TeWatch, i).kind == TE_WATCH_VALUES
                     && !g_array_index (watches, TeWatch, i).tensor);
  if (!has_values
      && strcmp (gtk_stack_get_visible_child_name (GTK_STACK (self->lower_stack)), "variables") == 0)
    g_array_append_val (watches, names);
  gb_run_control_set_watches (self->control, watches);
}

static gboolean
on_send_watches (gpointer data)
{
  GbBoardWindow *self = data;
  self->watch_timeout = 0;
  gb_board_window_send_watches (self);
  return G_SOURCE_REMOVE;
}

void
gb_board_window_queue_watches (GbBoardWindow *self)
{
  if (!self->watch_timeout)
    self->watch_timeout = g_timeout_add (WATCH_DELAY_MSEC, on_send_watches, self);
}
