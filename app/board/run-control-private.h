/* The inside of GbRunControl, shared by run-control.c (its life), run-pace.c (how fast it goes on) and run-requests.c (what
 * it asks for). */
#pragma once

#include "board/moment.h"
#include "board/run-control.h"
#include "board/run-recording.h"
#include "kernel/kernel-client.h"

G_BEGIN_DECLS

typedef struct
{
  char *path, *text;
  char **argv;
  gboolean is_cell;
  char *feed;    /* what it is to read of the world, or NULL */
  guint64 until; /* op call to pause behind; G_MAXUINT64: none */
} Program;

struct _GbRunControl
{
  GObject parent_instance;

  GbTrace *trace;
  GbTraceCursor *cursor;
  GbKernelClient *client;
  GbWrittenFiles *files;
  GbTraceSource *source;
  GCancellable *cancellable;  /* of the start or the run that counts; older answers are dropped */
  Program *waiting;           /* what runs as soon as the interpreter is ready */
  gboolean is_ready, is_used; /* an interpreter is there; a program has run in it */
  GbRunState state, state_before; /* before: a way back was asked for */
  int first_unit;         /* unit that the next run pauses at, -1: none */
  gboolean begins_paused; /* the first pause of this run is followed by a step of first_unit */
  GbSpeed speed;
  GbStepUnit pace_unit;
  gboolean is_pacing; /* runs step by step */
  guint64 step_from;  /* the trace's end when a step of the program was asked for; 0: none was */
  GbStepUnit step_unit;
  guint pace_timeout;
  gboolean append_failed;
  gboolean is_winding; /* on its way to `place` */
  GbRunPlace place;
  GbMoment *way; /* how to come there from the start, for want of a snapshot; NULL: not at all */
  guint way_branch;      /* that the way leads along; 0: the run itself */
  guint64 way_iteration; /* of the branch, where it leads */
  GArray *watches;
  GArray *snapshots;   /* guint64: iterations */
  GArray *breakpoints; /* GbBreakpoint, with texts of its own */
  GbRunRecording recording;
  char *sentence, *sandbox_note;
  char *end_reason, *end_message; /* of the last end */
  int end_signal;
};

void gb_run_control_emit_changed (GbRunControl *self); /* with the sentence that holds now */
void gb_run_control_start_pacing (GbRunControl *self);
void gb_run_control_stop_pacing (GbRunControl *self);
void gb_run_control_send_watches (GbRunControl *self);
void gb_run_breakpoint_clear (gpointer breakpoint); /* of the array's elements */

G_END_DECLS
