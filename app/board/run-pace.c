/* How fast a program goes on: at full speed, step by step in a rhythm, or one step when it is asked for. */
#include "board/run-control-private.h"

#include "board/transport-bar.h"

/* ---- pace ---- */

static gboolean
on_pace (gpointer data)
{
  GbRunControl *self = data;
  if (self->is_pacing && self->state == GB_RUN_PAUSED)
    gb_kernel_client_step (self->client, gb_step_unit_get_id (self->pace_unit), 1);
  return G_SOURCE_CONTINUE;
}

void
gb_run_control_stop_pacing (GbRunControl *self)
{
  self->is_pacing = FALSE;
  g_clear_handle_id (&self->pace_timeout, g_source_remove);
}

void
gb_run_control_start_pacing (GbRunControl *self)
{
  static const guint period_msec[GB_N_SPEEDS] = { 0, 100, 500, 2000 };
  gb_run_control_stop_pacing (self);
  self->is_pacing = TRUE;
  self->pace_timeout = g_timeout_add (period_msec[self->speed], on_pace, self);
}

void
gb_run_control_set_speed (GbRunControl *self, GbSpeed speed, GbStepUnit unit)
{
  self->speed = speed;
  self->pace_unit = unit;
  if (!gb_run_control_is_alive (self))
    return;
  if (speed != GB_SPEED_FULL && gb_run_control_get_state (self) == GB_RUN_RUNNING)
    {
      gb_run_control_start_pacing (self);
      if (self->state == GB_RUN_RUNNING)
        gb_kernel_client_pause (self->client);
    }
  else if (speed == GB_SPEED_FULL && self->is_pacing)
    {
      gb_run_control_stop_pacing (self);
      if (self->state == GB_RUN_PAUSED)
        gb_kernel_client_continue (self->client);
    }
  gb_run_control_emit_changed (self);
}

gboolean
gb_run_control_toggle (GbRunControl *self)
{
  switch (gb_run_control_get_state (self))
    {
    case GB_RUN_RUNNING:
      if (self->is_pacing)
        {
          gb_run_control_stop_pacing (self);
          gb_run_control_emit_changed (self);
        }
      if (self->state == GB_RUN_RUNNING)
        gb_kernel_client_pause (self->client);
      return TRUE;
    case GB_RUN_PAUSED:
      gb_trace_cursor_show_branch (self->cursor, 0);
      gb_trace_cursor_follow (self->cursor);
      if (self->speed != GB_SPEED_FULL)
        {
          gb_run_control_start_pacing (self);
          gb_run_control_emit_changed (self);
        }
      else
        {
          gb_trace_source_set_lossless (self->source, FALSE);
          gb_kernel_client_continue (self->client);
        }
      return TRUE;
    case GB_RUN_STARTING:
      return self->waiting != NULL;
    default:
      return FALSE;
    }
}

/* ---- steps ---- */

gboolean
gb_run_control_step_by (GbRunControl *self, GbStepUnit unit, guint count)
{
  if (gb_run_control_get_state (self) != GB_RUN_PAUSED || gb_trace_cursor_get_branch (self->cursor))
    return FALSE;
  gb_trace_cursor_follow (self->cursor);
  gb_trace_source_set_lossless (self->source, TRUE);
  self->step_from = gb_trace_get_last_seq (self->trace);
  self->step_unit = unit;
  gb_kernel_client_step (self->client, gb_step_unit_get_id (unit), count);
  return TRUE;
}

gboolean
gb_run_control_step (GbRunControl *self, GbStepUnit unit)
{
  GbRunState state = gb_run_control_get_state (self);
  if (gb_trace_cursor_get_branch (self->cursor))
    {
      gb_trace_cursor_step (self->cursor, unit, 1); /* it has no program that could go beyond its end */
      return TRUE;
    }
  if (state == GB_RUN_RUNNING)
    {
      gb_run_control_toggle (self);
      return TRUE;
    }
  gboolean at_end = gb_trace_cursor_get_following (self->cursor)
                    || gb_trace_cursor_get_position (self->cursor) >= gb_trace_get_last_seq (self->trace);
  if (!at_end && gb_trace_cursor_step (self->cursor, unit, 1))
    {
      gb_run_control_emit_changed (self);
      return TRUE;
    }
  if (gb_run_control_step_by (self, unit, 1))
    return TRUE;
  /* A program that has ended stays where it ended; a step would not be one. */
  return gb_run_control_is_alive (self) || gb_trace_get_last_seq (self->trace) != 0;
}

void
gb_run_control_back (GbRunControl *self, GbStepUnit unit)
{
  if (gb_run_control_get_state (self) == GB_RUN_RUNNING)
    gb_run_control_toggle (self);
  if (gb_trace_cursor_step (self->cursor, unit, -1))
    gb_run_control_emit_changed (self);
}
