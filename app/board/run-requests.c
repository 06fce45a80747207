/* What the window asks of the interpreter besides running: watches, breakpoints, knobs, answers. */
#include "board/run-control-private.h"

#include <string.h>

#include "lesson-trial.h"

void
gb_run_breakpoint_clear (gpointer data)
{
  GbBreakpoint *breakpoint = data;
  g_free ((char *) breakpoint->path);
  g_free ((char *) breakpoint->condition);
}

void
gb_run_control_send_watches (GbRunControl *self)
{
  /* What a replay compares, besides what is looked at. */
  static const TeWatch recorded[] = { { TE_WATCH_GRADIENTS, 0, 0, 0 }, { TE_WATCH_HASHES, 0, 0, 0 } };
  if (!self->is_ready || (!self->watches && !self->recording.writing))
    return;
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (TeWatch));
  if (self->watches)
    g_array_append_vals (all, self->watches->data, self->watches->len);
  if (self->recording.writing)
    g_array_append_vals (all, recorded, G_N_ELEMENTS (recorded));
  gb_kernel_client_watch (self->client, (const TeWatch *) all->data, all->len);
}

void
gb_run_control_note (GbRunControl *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  if (!gb_run_recording_note (&self->recording, text, &error))
    g_signal_emit_by_name (self, "failed", error->message);
}

void
gb_run_control_set_watches (GbRunControl *self, GArray *watches)
{
  gboolean same = self->watches && self->watches->len == watches->len
                  && memcmp (self->watches->data, watches->data, watches->len * sizeof (TeWatch)) == 0;
  g_clear_pointer (&self->watches, g_array_unref);
  self->watches = watches;
  if (!same)
    gb_run_control_send_watches (self);
}

void
gb_run_control_clear_breakpoints (GbRunControl *self)
{
  g_array_set_size (self->breakpoints, 0);
}

void
gb_run_control_add_breakpoint (GbRunControl *self, const char *path, guint line, const char *condition)
{
  GbBreakpoint breakpoint = { g_strdup (path), g_strdup (condition), line };
  g_array_append_val (self->breakpoints, breakpoint);
}

void
gb_run_control_send_breakpoints (GbRunControl *self)
{
  if (!self->is_ready)
    return;
  gb_kernel_client_set_breakpoints (self->client, (const GbBreakpoint *) self->breakpoints->data,
                                    self->breakpoints->len);
}

void
gb_run_control_set_knob (GbRunControl *self, const char *name, const GbKnob *knob, double value)
{
  if (self->is_ready)
    gb_kernel_client_set_knob (self->client, name, g_variant_new_double (value));
}

void
gb_run_control_answer (GbRunControl *self, const char *text)
{
  if (self->state == GB_RUN_INPUT)
    {
      g_autofree char *line = g_strconcat (text, "\n", NULL);
      gb_kernel_client_answer (self->client, line);
    }
  else if (self->state == GB_RUN_ANSWER)
    gb_kernel_client_answer (self->client, text);
}

static void
ways_tried (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbRunControl) self = data;
  gb_lesson_trial_finish (result, NULL); /* what could not be tried is not offered */
}

void
gb_run_control_try_ways_out (GbRunControl *self)
{
  if (self->is_ready && self->state == GB_RUN_ENDED)
    gb_lesson_trial_async (self->client, self->trace, NULL, ways_tried, g_object_ref (self));
}
