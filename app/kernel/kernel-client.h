/* GbKernelClient: the broker's methods as the window calls them.  Nothing blocks; the broker is started when
 * the first interpreter is, and started again (at most 5 times in 10 s) when it died.
 *
 * Signals:
 *   "state" (TeState, detail)                 what the program does
 *   "exited" (reason, signal number, message) the interpreter is gone; pending calls have failed
 *   "raw-output" (stream, GBytes)             what reached the real stdout or stderr
 *   "snapshots" (a(tt): op call and iteration of each) where a rewind is quick
 *   "file-written" (path in the scratch folder, nbytes)
 *   "failed" (message)                        a request without a callback could not be carried out */
#pragma once

#include <gio/gio.h>

#include "kernel/trace-source.h"
#include "trace/wire.h"

G_BEGIN_DECLS

#define GB_TYPE_KERNEL_CLIENT (gb_kernel_client_get_type ())
G_DECLARE_FINAL_TYPE (GbKernelClient, gb_kernel_client, GB, KERNEL_CLIENT, GObject)

typedef struct
{
  guint64 memory_nbytes, output_nbytes; /* 0: the usual */
  gboolean no_bubblewrap;
  gboolean nice;               /* gives way to the window that shows it, when both want a processor */
  const char *scratch;         /* an existing folder, or NULL: the broker makes one and takes it away */
  const char *const *readable; /* folders and files besides the system's; may be NULL */
  const char *const *doors;    /* "loopback", "exec"; may be NULL */
  int channel;                 /* a descriptor for the program itself, duplicated at the call; 0: none */
} GbKernelOptions;

/* What an interpreter says of itself when it is ready. */
typedef struct
{
  guint pid;
  gboolean bubblewrap;
  gint64 ready_usec; /* from Start to ready */
  char *scratch;     /* its folder */
  char *json;        /* versions and sandbox layers */
} GbKernelAbout;
void gb_kernel_about_free (GbKernelAbout *about);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbKernelAbout, gb_kernel_about_free)

typedef struct
{
  int status;
  char *reason, *message; /* as Execute in the interface says */
} GbKernelResult;
void gb_kernel_result_clear (GbKernelResult *result);

typedef enum
{
  GB_EXECUTE_DEFAULT = 0,
  GB_EXECUTE_CELL = 1 << 0,     /* go on in the present __main__ */
  GB_EXECUTE_PAUSE = 1 << 1,    /* stop at the first line */
  GB_EXECUTE_SNAPSHOTS = 1 << 3, /* so that gb_kernel_client_rewind_async can wind it back */
  GB_EXECUTE_UNTRACED = 1 << 2, /* only what it prints, logs and checks is recorded */
} GbExecuteFlags;

GbKernelClient *gb_kernel_client_new (void);

/* A new interpreter in place of the present one, writing into source (kept until the next start). */
void gb_kernel_client_start_async (GbKernelClient *self,
                                   const GbKernelOptions *options,
                                   GbTraceSource *source,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer data);
GbKernelAbout *gb_kernel_client_start_finish (GbKernelClient *self, GAsyncResult *result, GError **error);

/* What the next program reads of the world (pins.h): a file in the scratch folder, or NULL. */
void gb_kernel_client_set_feed (GbKernelClient *self, const char *path);
/* The next program pauses before the first op after `call`; G_MAXUINT64: it does not. */
void gb_kernel_client_set_until (GbKernelClient *self, guint64 call);
/* Running time between two snapshots of the programs from the next one on; 0: the usual.  What is asked for is kept
 * whatever forks cost. */
void gb_kernel_client_set_snapshot_interval (GbKernelClient *self, guint msec);

/* Runs text (NULL: what is in the file) as path; ends with the program.  seconds 0: no limit.  The trace has
 * been drained to its end before the callback. */
void gb_kernel_client_execute_async (GbKernelClient *self,
                                     const char *path,
                                     const char *text,
                                     const char *const *argv,
                                     GbExecuteFlags flags,
                                     double seconds,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer data);
gboolean gb_kernel_client_execute_finish (GbKernelClient *self,
                                          GAsyncResult *result,
                                          GbKernelResult *out,
                                          GError **error);

/* Winds the program back to where it had begun its op number `call`, and pauses there.  feed: what it read of the world
 * until then (JSON, pins.h), or NULL.  Ends as an execution does, and so does the one that it takes
 * the place of, with reason "rewound". */
void gb_kernel_client_rewind_async (GbKernelClient *self,
                                    guint64 call,
                                    const char *feed,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer data);
void gb_kernel_client_interrupt (GbKernelClient *self);
void gb_kernel_client_stop (GbKernelClient *self); /* ends the interpreter */
void gb_kernel_client_pause (GbKernelClient *self);
void gb_kernel_client_continue (GbKernelClient *self);
void
gb_kernel_client_step (GbKernelClient *self, const char *unit, guint count); /* as Step says */
void gb_kernel_client_set_knob (GbKernelClient *self,
                                const char *name,
                                GVariant *value); /* b i x d s; sinks value */
void gb_kernel_client_answer (GbKernelClient *self,
                              const char *text); /* a line with its newline; "": end of input */
void gb_kernel_client_watch (GbKernelClient *self, const TeWatch *watches, gsize n);
typedef struct
{
  const char *path, *condition;
  guint line;
} GbBreakpoint;
void gb_kernel_client_set_breakpoints (GbKernelClient *self, const GbBreakpoint *breakpoints, gsize n);

void gb_kernel_client_inspect_async (GbKernelClient *self,
                                     const char *what,
                                     const char *arguments_json,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer data);
char *gb_kernel_client_inspect_finish (GbKernelClient *self, GAsyncResult *result, GError **error); /* JSON */

gboolean gb_kernel_client_has_interpreter (GbKernelClient *self);
GbTraceSource *gb_kernel_client_get_source (GbKernelClient *self); /* borrowed, may be NULL */

G_END_DECLS
