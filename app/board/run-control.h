/* GbRunControl: the life of the running program as the window sees it.  It owns the kernel client, turns
 * "run", "step back", "stop" into calls that never block, and says in one sentence what the matter is.  The
 * interpreter's death is one of its states. */
#pragma once

#include "board/run-place.h"
#include "board/written-files.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef enum
{
  GB_RUN_IDLE,     /* nothing ran yet, or a recording is shown */
  GB_RUN_STARTING, /* an interpreter is on its way */
  GB_RUN_RUNNING,
  GB_RUN_PAUSED,
  GB_RUN_INPUT,  /* waits for a line */
  GB_RUN_ANSWER, /* waits for a prediction */
  GB_RUN_ENDED,
  GB_RUN_DEAD, /* the interpreter is gone; the next run starts a new one */
} GbRunState;

typedef enum
{
  GB_SPEED_FULL,
  GB_SPEED_FAST,  /* 10 steps a second */
  GB_SPEED_SLOW,  /* 2 */
  GB_SPEED_CRAWL, /* 1 every 2 seconds */
  GB_N_SPEEDS,
} GbSpeed;

#define GB_TYPE_RUN_CONTROL (gb_run_control_get_type ())
G_DECLARE_FINAL_TYPE (GbRunControl, gb_run_control, GB, RUN_CONTROL, GObject)

/* Signals: "changed": state or sentence; "ended" (reason, message, signal number): the program or the
 * interpreter is at its end; "failed" (message): something that was asked for could not be done. */
GbRunControl *gb_run_control_new (GbTrace *trace, GbTraceCursor *cursor);

/* gb_run_control_run: runs text from the top, in a fresh interpreter; ends what runs.   */
void gb_run_control_run (GbRunControl *self, const char *path, const char *text, const char *const *argv);
/* The same, fed with what it read before (JSON, run-feed.h), until it is at the place; it pauses there. */
void gb_run_control_run_to (
    GbRunControl *self, const char *path, const char *text, const char *feed, const GbRunPlace *place);
/* Runs text from the top; what the run did until now is left as a branch. */
void gb_run_control_run_beside (GbRunControl *self, const char *path, const char *text);
/* Runs text in what the last program left behind (its variables); in a fresh interpreter when there is none.
 */
void gb_run_control_run_cell (GbRunControl *self, const char *path, const char *text);
/* Pauses what runs, continues what is paused; FALSE: neither, so the caller may run something. */
gboolean gb_run_control_toggle (GbRunControl *self);
void gb_run_control_stop (GbRunControl *self);
/* A new interpreter, with nothing running. */
void gb_run_control_restart (GbRunControl *self);
/* Forward: within the trace first, beyond its end the program itself; FALSE: there is no program to step, so
 * the caller may start one (it will stop at the first unit).  Back: within the trace only. */
/* A paused program runs on by count units; FALSE: it is not paused. */
gboolean gb_run_control_step_by (GbRunControl *self, GbStepUnit unit, guint count);
gboolean gb_run_control_step (GbRunControl *self, GbStepUnit unit);
void gb_run_control_back (GbRunControl *self, GbStepUnit unit);
/* The program goes back to where the cursor is and pauses there; what came after is left as a branch.  FALSE:
 * the cursor is at the end, or nothing has run.  Where no snapshot is as old, and in a branch, the program
 * runs again from its start to that place. */
gboolean gb_run_control_rewind (GbRunControl *self);
gboolean gb_run_control_can_rewind (GbRunControl *self);
/* Iterations that snapshots are kept of, ascending (element-type guint64); borrowed.  Signal "snapshots": they changed. */
GArray *gb_run_control_get_snapshots (GbRunControl *self);
/* The next run begins paused, as if stepped to its first unit. */
void gb_run_control_start_paused (GbRunControl *self, GbStepUnit unit);

void gb_run_control_set_speed (GbRunControl *self, GbSpeed speed, GbStepUnit unit);
/* Whether runs are written to files (run-recording.h), from the next one on; one that is being written goes on to its end. */
void gb_run_control_set_recording (GbRunControl *self, gboolean wanted);
/* The whole recording of the run that is shown, or NULL; borrowed. */
const char *gb_run_control_get_recording (GbRunControl *self);
/* What is noted about the run that is shown; its recording keeps it, if it has one. */
void gb_run_control_note (GbRunControl *self, const char *text);
void gb_run_control_set_knob (GbRunControl *self, const char *name, const GbKnob *knob, double value);
GbWrittenFiles *gb_run_control_get_files (GbRunControl *self); /* borrowed */
/* A line for input(), or a prediction. */
void gb_run_control_answer (GbRunControl *self, const char *text);
/* element-type TeWatch; takes the array. */
void gb_run_control_set_watches (GbRunControl *self, GArray *watches);
/* All breakpoints of all files; called before a run and after every change. */
void gb_run_control_clear_breakpoints (GbRunControl *self);
/* condition: an expression, or "" to stop always. */
void gb_run_control_add_breakpoint (GbRunControl *self, const char *path, guint line, const char *condition);
void gb_run_control_send_breakpoints (GbRunControl *self);

GbRunState gb_run_control_get_state (GbRunControl *self);
gboolean gb_run_control_is_alive (GbRunControl *self); /* something runs, is paused or waits */
/* What the matter is, in the current language: "Paused at conv2, line 13"; borrowed, never NULL. */
const char *gb_run_control_get_sentence (GbRunControl *self);
/* Layers of the sandbox that are missing on this machine, in words, or NULL. */
const char *gb_run_control_get_sandbox_note (GbRunControl *self);

/* Has the ways out of the exception that ended the program tried; the trace tells of them when they were. */
void gb_run_control_try_ways_out (GbRunControl *self);

G_END_DECLS
