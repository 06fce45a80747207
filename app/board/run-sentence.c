#include "board/run-sentence.h"

#include "common/i18n.h"
#include "editor/diagnostics.h"
#include "trace/frames.h"

#include <string.h>

/* The op, backward node or module that ran last at the position; NULL: none nearby. */
static const char *
find_last_step (const GbRunSentence *self)
{
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init_back (&iter, self->trace, gb_trace_cursor_get_position (self->cursor));
  for (guint n = 0; n < 400 && (record = gb_trace_iter_previous (&iter)); n++)
    {
      GbNode node;
      const GbModule *module = record->type == TE_RECORD_MODULE_LEAVE || record->type == TE_RECORD_MODULE_ENTER
                                   ? gb_trace_get_module (self->trace, ((const TeRecordModuleCall *) record)->module)
                                   : NULL;
      if (module)
        return *module->name ? module->name : module->class_name;
      if (record->type == TE_RECORD_NODE_BEGIN
          && gb_trace_get_node (self->trace, ((const TeRecordNodeRun *) record)->node, &node))
        return gb_trace_get_string (self->trace, node.record->name);
      if (record->type == TE_RECORD_OP && !(((const TeRecordOp *) record)->flags & TE_WIRE_OP_BACKWARD))
        return gb_trace_get_string (self->trace, ((const TeRecordOp *) record)->name);
    }
  return NULL;
}

/* The latest pause, or NULL. */
static const GbStateChange *
find_pause (const GbRunSentence *self)
{
  const GbStateChange *last = gb_trace_get_state (self->trace, gb_trace_cursor_get_position (self->cursor));
  return last && last->state == TE_STATE_PAUSED ? last : NULL;
}

static char *
describe_pause (const GbRunSentence *self)
{
  const GbPosition *position = gb_trace_cursor_get_source_position (self->cursor);
  const GbStateChange *pause = find_pause (self);
  if (pause && *pause->text)
    return g_strdup_printf (_ ("Paused: the breakpoint's condition failed: %s"), pause->text);
  /* It stands before the line or the op: what ran last is elsewhere. */
  gboolean stands_before = pause && (pause->unit == TE_STEP_LINE || pause->unit == TE_STEP_OP);
  const char *name = stands_before ? NULL : find_last_step (self);
  if (name && position)
    return g_strdup_printf (_ ("Paused at line %u: %s."), position->line, name);
  if (position)
    return g_strdup_printf (_ ("Paused at line %u."), position->line);
  return g_strdup (_ ("Paused."));
}

static char *
describe_end (const GbRunSentence *self)
{
  const char *reason = self->end_reason ? self->end_reason : "ended";
  if (strcmp (reason, "exception") == 0)
    {
      guint n = gb_trace_get_n_exceptions (self->trace);
      const GbException *exception = n ? gb_trace_get_exception (self->trace, n - 1) : NULL;
      if (exception)
        return gb_diagnostics_explain (exception->type_name, exception->message);
    }
  if (strcmp (reason, "interrupted") == 0)
    return g_strdup (_ ("Stopped, as asked."));
  if (strcmp (reason, "ended") != 0 && strcmp (reason, "exit") != 0)
    return gb_diagnostics_ended (reason, 0, self->end_signal);
  const TeRecordEnd *end = gb_trace_get_end (self->trace);
  if (end && end->time_nsec)
    return g_strdup_printf (_ ("Ended after %.1f s."), end->time_nsec / 1e9);
  return g_strdup (_ ("Ended."));
}

char *
gb_run_sentence (const GbRunSentence *self)
{
  guint branch = gb_trace_cursor_get_branch (self->cursor);
  if (branch)
    return g_strdup_printf (_ ("Looking at branch %u, which is over: nothing in it can be changed."), branch);
  switch (self->state)
    {
    case GB_RUN_IDLE:
      break;
    case GB_RUN_STARTING:
      return g_strdup (_ ("An interpreter is starting."));
    case GB_RUN_RUNNING:
      return g_strdup (self->is_winding ? _ ("Going back.") : _ ("Running."));
    case GB_RUN_PAUSED:
      return describe_pause (self);
    case GB_RUN_INPUT:
      return g_strdup (_ ("The program waits for a line."));
    case GB_RUN_ANSWER:
      return g_strdup (_ ("The program waits for your prediction."));
    case GB_RUN_ENDED:
      return describe_end (self);
    case GB_RUN_DEAD:
      return gb_diagnostics_ended (self->end_reason ? self->end_reason : "", 0, self->end_signal);
    }
  return g_strdup ("");
}
