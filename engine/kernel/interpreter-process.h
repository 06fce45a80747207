/* One interpreter as the broker sees it: how it is started and limited, its frames, and how it ended.
 *
 * Signals: "ready" (about JSON), "frame" (type, id, payload GBytes), "output" (stream, GBytes), "snapshots" (their
 * number changed), and last
 * "exited" (reason, signal, status, message); after it nothing of the interpreter is left running. */
#pragma once

#include <gio/gio.h>

#include "kernel/snapshots.h"
#include "trace/frames.h"

G_BEGIN_DECLS

#define GB_TYPE_INTERPRETER_PROCESS (gb_interpreter_process_get_type ())
G_DECLARE_FINAL_TYPE (GbInterpreterProcess, gb_interpreter_process, GB, INTERPRETER_PROCESS, GObject)

typedef struct
{
  guint64 memory_nbytes, output_nbytes, scratch_nbytes;
  gboolean bubblewrap;
  gboolean nice; /* runs at a lower priority */
  const char *scratch; /* exists, absolute */
  const char *const *readable;
  int channel; /* a descriptor for the program itself (TE_FD_CHANNEL), duplicated; 0: none */
  gboolean door_loopback, door_exec;
} GbInterpreterPlan;

/* Starts it; segment and wakeup are duplicated.  NULL with error when it cannot be started at all. */
GbInterpreterProcess *
gb_interpreter_process_new (const GbInterpreterPlan *plan, int segment, int wakeup, GError **error);

gboolean gb_interpreter_process_send (
    GbInterpreterProcess *self, TeFrameType type, guint32 id, gconstpointer payload, gsize nbytes);
gboolean
gb_interpreter_process_send_text (GbInterpreterProcess *self, TeFrameType type, guint32 id, const char *text);
void gb_interpreter_process_interrupt (GbInterpreterProcess *self); /* SIGINT */
/* Goes back to where the program had begun its op number `call`: the nearest snapshot before it goes on in the
 * place of the present process, until there.  request: of TE_FRAME_REWIND.  *execute_id: of the execution that
 * goes on.  FALSE: no snapshot is that old. */
gboolean gb_interpreter_process_rewind (GbInterpreterProcess *self, guint64 call, const char *request, guint32 *execute_id);
GbSnapshots *gb_interpreter_process_get_snapshots (GbInterpreterProcess *self); /* borrowed */
/* Ends it at once; "exited" says reason and message. */
void gb_interpreter_process_kill (GbInterpreterProcess *self, const char *reason, const char *message);
/* Ends it at once and says nothing more of it. */
void gb_interpreter_process_abandon (GbInterpreterProcess *self);
gboolean gb_interpreter_process_is_ready (GbInterpreterProcess *self);
gboolean gb_interpreter_process_uses_bubblewrap (GbInterpreterProcess *self);
GPid gb_interpreter_process_get_pid (GbInterpreterProcess *self);

G_END_DECLS
