#include "kernel/trace-source.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "trace/recording.h"
#include "trace/ring-reader.h"

#define STRUCTURE_NBYTES (8u << 20)
#define DETAIL_NBYTES    (32u << 20)
#define CHUNK_NBYTES     (256u << 10)
#define BUDGET_USEC      4000 /* of the main loop per turn */
#define TURN_MSEC        8    /* between turns while records keep coming */

struct _GbTraceSource
{
  GObject parent_instance;
  TeRingReader *reader;
  TeRecordingWriter *recording;
  int wakeup;
  guint wakeup_source, turn_source;
  GbTraceSinkFunc append;
  GbTraceFlushFunc flush;
  gpointer data;
  gboolean broken, ended, lossless;
  guint64 last_seq, nbytes;
  char *write_error;
};

G_DEFINE_FINAL_TYPE (GbTraceSource, gb_trace_source, G_TYPE_OBJECT)

enum
{
  CORRUPT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
hand_on (GbTraceSource *self, const guint8 *bytes, gsize nbytes)
{
  TeError err;
  te_error_clear (&err);
  for (gsize at = 0; at < nbytes;)
    {
      const TeRecord *record = (const TeRecord *) (bytes + at);
      if (record->type == TE_RECORD_BEGIN)
        self->ended = FALSE;
      else if (record->type == TE_RECORD_END)
        self->ended = TRUE;
      self->last_seq = record->seq;
      at += record->nbytes;
    }
  self->nbytes += nbytes;
  if (self->recording && !self->write_error
      && !te_recording_writer_append (self->recording, bytes, nbytes, &err))
    self->write_error = g_strdup (err.text);
  if (self->append)
    self->append (bytes, nbytes, self->data);
}

/* Drains for at most budget_usec; TRUE when the rings were found empty. */
static gboolean
drain (GbTraceSource *self, gint64 budget_usec, gboolean last)
{
  gint64 until = budget_usec < 0 ? G_MAXINT64 : g_get_monotonic_time () + budget_usec;
  gboolean any = FALSE, empty = FALSE;
  while (!self->broken)
    {
      TeError err;
      gsize nbytes;
      te_error_clear (&err);
      const guint8 *bytes = te_ring_reader_drain (self->reader, CHUNK_NBYTES, last, &nbytes, &err);
      if (!bytes)
        {
          self->broken = TRUE;
          g_signal_emit (self, signals[CORRUPT], 0, err.text);
          break;
        }
      if (!nbytes)
        {
          empty = TRUE;
          break;
        }
      any = TRUE;
      hand_on (self, bytes, nbytes);
      if (g_get_monotonic_time () > until)
        break;
    }
  if (any && self->flush)
    self->flush (self->data);
  return empty || self->broken;
}

static gboolean
on_turn (gpointer data)
{
  g_autoptr (GbTraceSource) self = g_object_ref (data);
  if (drain (self, BUDGET_USEC, FALSE) && (self->broken || te_ring_reader_sleep (self->reader)))
    {
      self->turn_source = 0;
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_wakeup (gint fd, GIOCondition condition, gpointer data)
{
  GbTraceSource *self = data;
  guint64 count;
  if (read (fd, &count, sizeof count) < 0)
    return G_SOURCE_CONTINUE;
  if (!self->turn_source && !self->broken)
    self->turn_source = g_timeout_add (TURN_MSEC, on_turn, self);
  return G_SOURCE_CONTINUE;
}

GbTraceSource *
gb_trace_source_new (gsize structure_nbytes, gsize detail_nbytes, GError **error)
{
  g_autoptr (GbTraceSource) self = g_object_new (GB_TYPE_TRACE_SOURCE, NULL);
  TeError err;
  te_error_clear (&err);
  self->reader = te_ring_reader_new (structure_nbytes ? structure_nbytes : STRUCTURE_NBYTES,
                                     detail_nbytes ? detail_nbytes : DETAIL_NBYTES, &err);
  self->wakeup = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!self->reader || self->wakeup < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                   self->reader ? "no event descriptor" : err.text);
      return NULL;
    }
  self->wakeup_source = g_unix_fd_add (self->wakeup, G_IO_IN, on_wakeup, self);
  te_ring_reader_sleep (self->reader);
  return g_steal_pointer (&self);
}

void
gb_trace_source_set_sink (GbTraceSource *self, GbTraceSinkFunc append, GbTraceFlushFunc flush, gpointer data)
{
  self->append = append;
  self->flush = flush;
  self->data = data;
}

void
gb_trace_source_set_lossless (GbTraceSource *self, gboolean lossless)
{
  self->lossless = lossless;
  te_ring_reader_get_segment (self->reader)->lossless = lossless || self->recording;
}

gboolean
gb_trace_source_record (GbTraceSource *self, const char *path, GError **error)
{
  TeError err;
  te_error_clear (&err);
  g_return_val_if_fail (!self->recording, FALSE);
  self->recording = te_recording_writer_new (path, &err);
  if (!self->recording)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", err.text);
  gb_trace_source_set_lossless (self, self->lossless);
  return self->recording != NULL;
}

gboolean
gb_trace_source_close_recording (GbTraceSource *self, GError **error)
{
  TeError err;
  te_error_clear (&err);
  if (!self->recording)
    return TRUE;
  gboolean ok = te_recording_writer_close (g_steal_pointer (&self->recording), &err) && !self->write_error;
  if (!ok)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                 self->write_error ? self->write_error : err.text);
  gb_trace_source_set_lossless (self, self->lossless);
  return ok;
}

int
gb_trace_source_get_segment_fd (GbTraceSource *self)
{
  return te_ring_reader_get_fd (self->reader);
}

int
gb_trace_source_get_wakeup_fd (GbTraceSource *self)
{
  return self->wakeup;
}

guint64
gb_trace_source_get_dropped (GbTraceSource *self)
{
  return te_ring_reader_get_dropped (self->reader);
}

guint64
gb_trace_source_get_nbytes (GbTraceSource *self)
{
  return self->nbytes;
}

void
gb_trace_source_drain (GbTraceSource *self)
{
  drain (self, -1, FALSE);
}

void
gb_trace_source_finish (GbTraceSource *self, gboolean died, int status, int signal)
{
  drain (self, -1, died);
  if (!died || self->ended)
    return;
  TeRecordEnd end = { .head = { sizeof end, TE_RECORD_END, 0, self->last_seq + 1 },
                      .exit_code = status,
                      .signal = (guint32) signal };
  hand_on (self, (const guint8 *) &end, sizeof end);
  if (self->flush)
    self->flush (self->data);
}

static void
gb_trace_source_finalize (GObject *object)
{
  GbTraceSource *self = GB_TRACE_SOURCE (object);
  g_clear_handle_id (&self->wakeup_source, g_source_remove);
  g_clear_handle_id (&self->turn_source, g_source_remove);
  if (self->reader)
    gb_trace_source_close_recording (self, NULL);
  if (self->wakeup >= 0)
    close (self->wakeup);
  te_ring_reader_free (self->reader);
  g_free (self->write_error);
  G_OBJECT_CLASS (gb_trace_source_parent_class)->finalize (object);
}

static void
gb_trace_source_class_init (GbTraceSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_trace_source_finalize;
  signals[CORRUPT] = g_signal_new ("corrupt", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gb_trace_source_init (GbTraceSource *self)
{
  self->wakeup = -1;
}
