/* One interpreter as the broker sees it: how it is started and limited, its frames, and how it ended.
 *
 * Signals: "ready" (about JSON), "frame" (type, id, payload GBytes), "output" (stream, GBytes), and last
 * "exited" (reason, signal, status, message); after it nothing of the interpreter is left running. */
#pragma once

#include <gio/gio.h>

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
/* Ends it at once; "exited" says reason and message. */
void gb_interpreter_process_kill (GbInterpreterProcess *self, const char *reason, const char *message);
/* Ends it at once and says nothing more of it. */
void gb_interpreter_process_abandon (GbInterpreterProcess *self);
gboolean gb_interpreter_process_is_ready (GbInterpreterProcess *self);
gboolean gb_interpreter_process_uses_bubblewrap (GbInterpreterProcess *self);
GPid gb_interpreter_process_get_pid (GbInterpreterProcess *self);

G_END_DECLS
