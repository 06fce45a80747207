/* kernel: keeps the child alive and feeds the models.  GbTraceSource owns the shared segment of one
 * interpreter: it is made before the interpreter starts, drains the rings in the main loop, and hands checked
 * records on.
 *
 * Signal "corrupt" (message): the interpreter wrote nonsense; nothing more will come. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GB_TYPE_TRACE_SOURCE (gb_trace_source_get_type ())
G_DECLARE_FINAL_TYPE (GbTraceSource, gb_trace_source, GB, TRACE_SOURCE, GObject)

/* Whole records in order of seq; bytes are valid during the call. */
typedef void (*GbTraceSinkFunc) (const guint8 *bytes, gsize nbytes, gpointer data);
/* What arrived in one go is complete: the moment to tell views. */
typedef void (*GbTraceFlushFunc) (gpointer data);

/* NULL with error when there is no shared memory. 0 for the usual sizes. */
GbTraceSource *gb_trace_source_new (gsize structure_nbytes, gsize detail_nbytes, GError **error);

/* The sink must outlive the source or be taken away with NULL. */
void
gb_trace_source_set_sink (GbTraceSource *self, GbTraceSinkFunc append, GbTraceFlushFunc flush, gpointer data);
/* Writes everything into a recording as well; from then on the writer waits and nothing is dropped. */
gboolean gb_trace_source_record (GbTraceSource *self, const char *path, GError **error);
/* Recording or stepping: the writer waits for room. */
void gb_trace_source_set_lossless (GbTraceSource *self, gboolean lossless);

int gb_trace_source_get_segment_fd (GbTraceSource *self); /* borrowed */
int gb_trace_source_get_wakeup_fd (GbTraceSource *self);  /* borrowed */
guint64 gb_trace_source_get_dropped (GbTraceSource *self);
guint64 gb_trace_source_get_nbytes (GbTraceSource *self); /* that came through */

/* Drains what is there now. */
void gb_trace_source_drain (GbTraceSource *self);
/* A program ended: drains.  The interpreter is gone (died): drains everything and, when it left no END
 * record, adds one with status and signal, so that readers see an end. */
void gb_trace_source_finish (GbTraceSource *self, gboolean died, int status, int signal);
/* Closes the recording; FALSE when the disk refused part of it. */
gboolean gb_trace_source_close_recording (GbTraceSource *self, GError **error);

G_END_DECLS
