#include "models/traffic-model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/events.h"

void
gb_traffic_free (GbTraffic *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->requests);
  g_array_unref (self->spans);
  g_array_unref (self->notes);
  g_free (self);
}

const GbTrafficSpan *
gb_traffic_span (const GbTraffic *self, guint nth)
{
  return &g_array_index (self->spans, GbTrafficSpan, nth);
}

const GbTrafficNote *
gb_traffic_note (const GbTraffic *self, guint nth)
{
  return &g_array_index (self->notes, GbTrafficNote, nth);
}

/* ---- events ---- */

static gboolean
is_at (const GbEvent *event, const char *name)
{
  return strcmp (event->name, name) == 0 && isfinite (gb_event_number (event, "at"));
}

static guint
version_of (GbTraffic *self, const char *name)
{
  for (guint i = 0; i < self->n_versions; i++)
    if (strcmp (self->versions[i].name, name) == 0)
      return i;
  if (self->n_versions == GB_TRAFFIC_MOST_VERSIONS)
    return self->n_versions - 1;
  self->versions[self->n_versions].name = name;
  return self->n_versions++;
}

static void
take_request (GbTraffic *self, const GbEvent *event)
{
  const char *version = gb_event_text (event, "version");
  double ok = gb_event_number (event, "ok"), msec = gb_event_number (event, "value");
  GbRequest request = { .seq = event->seq,
                        .seconds = gb_event_number (event, "at"),
                        .msec = isfinite (msec) && msec >= 0 ? msec : NAN,
                        .version = version_of (self, version ? version : ""),
                        .failed = !isnan (ok) && ok == 0,
                        .dropped = gb_event_number (event, "dropped") > 0 };

  if (request.dropped)
    request.msec = NAN, request.failed = FALSE;
  g_array_append_val (self->requests, request);
}

static void
take_note (GbTraffic *self, const GbEvent *event, gboolean is_alert)
{
  const char *text = gb_event_text (event, "text"), *level = gb_event_text (event, "level");
  gboolean clears = is_alert && gb_event_number (event, "clear") > 0;
  GbTrafficNote note = { .seq = event->seq,
                         .kind = clears     ? GB_NOTE_CLEARED
                                 : is_alert ? GB_NOTE_ALERT
                                            : GB_NOTE_LINE,
                         .seconds = gb_event_number (event, "at"),
                         .value = gb_event_number (event, "value"),
                         .text = text ? text : "",
                         .level = level ? level : "" };

  self->n_alerts += note.kind == GB_NOTE_ALERT;
  g_array_append_val (self->notes, note);
}

/* ---- sums ---- */

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static double
percentile (const GArray *sorted, double share)
{
  guint nth = (guint) MAX (ceil (share * sorted->len) - 1, 0);
  return sorted->len ? g_array_index (sorted, double, nth) : NAN;
}

/* Requests first to end - 1; of one version, or (-1) of all. */
static GbTrafficSum
sum_of (const GbTraffic *self, guint first, guint end, int version, GArray *latencies)
{
  GbTrafficSum sum = { 0 };

  g_array_set_size (latencies, 0);
  for (guint i = first; i < end; i++)
    {
      const GbRequest *request = &g_array_index (self->requests, GbRequest, i);
      if (version >= 0 && request->version != (guint) version)
        continue;
      sum.n++;
      sum.n_failed += request->failed;
      sum.n_dropped += request->dropped;
      if (!isnan (request->msec))
        g_array_append_val (latencies, request->msec);
    }
  if (latencies->len)
    qsort (latencies->data, latencies->len, sizeof (double), compare_doubles);
  sum.p50 = percentile (latencies, 0.5);
  sum.p95 = percentile (latencies, 0.95);
  sum.p99 = percentile (latencies, 0.99);
  return sum;
}

guint
gb_traffic_span_at (const GbTraffic *self, double seconds)
{
  return (guint) CLAMP (floor ((seconds - self->start) / self->span_seconds), 0, self->spans->len - 1.0);
}

static int
compare_requests (gconstpointer a, gconstpointer b)
{
  const GbRequest *x = a, *y = b;
  return (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

/* Spans of 1, 2 or 5 times a power of ten, from a round one on. */
static void
cut_time (GbTraffic *self)
{
  double low = INFINITY, high = -INFINITY, least, power;

  for (guint i = 0; i < self->requests->len; i++)
    {
      const GbRequest *request = &g_array_index (self->requests, GbRequest, i);
      low = MIN (low, request->seconds), high = MAX (high, request->seconds);
    }
  high = MIN (high, low + 1e9);
  least = MAX ((high - low) / GB_TRAFFIC_SPANS, 1e-3);
  power = pow (10, floor (log10 (least)));
  self->span_seconds = power
                       * (least <= power * 1.001 ? 1
                          : least <= 2 * power   ? 2
                          : least <= 5 * power   ? 5
                                                 : 10);
  self->start = floor (low / self->span_seconds) * self->span_seconds;
  g_array_set_size (self->spans, (guint) CLAMP (floor ((high - self->start) / self->span_seconds) + 1, 1,
                                                2 * GB_TRAFFIC_SPANS));
  self->end = self->start + self->span_seconds * self->spans->len;
  for (guint i = 0; i < self->spans->len; i++)
    g_array_index (self->spans, GbTrafficSpan, i) = (GbTrafficSpan){ .queue = NAN };
}

static void
sum_spans (GbTraffic *self)
{
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (double));
  guint first = 0;

  g_array_sort (self->requests, compare_requests);
  self->sum = sum_of (self, 0, self->requests->len, -1, latencies);
  for (guint i = 0; i < self->n_versions; i++)
    self->versions[i].sum = sum_of (self, 0, self->requests->len, (int) i, latencies);
  /* Sorted by time: the requests of a span stand together. */
  for (guint nth = 0; nth < self->spans->len; nth++)
    {
      GbTrafficSpan *span = &g_array_index (self->spans, GbTrafficSpan, nth);
      guint end = first;
      while (end < self->requests->len
             && gb_traffic_span_at (self, g_array_index (self->requests, GbRequest, end).seconds) == nth)
        {
          const GbRequest *request = &g_array_index (self->requests, GbRequest, end++);
          span->n_of[request->version]++;
          span->seq = span->seq ? span->seq : request->seq;
        }
      span->sum = sum_of (self, first, end, -1, latencies);
      first = end;
    }
}

static void
take_queue (GbTraffic *self, const GArray *events, guint64 seq)
{
  self->longest_queue = NAN;
  for (guint i = 0; i < events->len && g_array_index (events, GbEvent, i).seq <= seq; i++)
    {
      const GbEvent *event = &g_array_index (events, GbEvent, i);
      double at = gb_event_number (event, "at"), length = gb_event_number (event, "value");
      if (!is_at (event, "queue") || !isfinite (length) || at < self->start || at > self->end)
        continue;
      GbTrafficSpan *span = &g_array_index (self->spans, GbTrafficSpan, gb_traffic_span_at (self, at));
      span->queue = isnan (span->queue) ? length : MAX (span->queue, length);
      self->longest_queue = isnan (self->longest_queue) ? length : MAX (self->longest_queue, length);
    }
}

GbTraffic *
gb_traffic_new (GbTraceCursor *cursor)
{
  const GArray *events = gb_events_of (gb_trace_cursor_get_trace (cursor));
  guint64 seq = gb_trace_cursor_get_position (cursor);
  GbTraffic *self = g_new0 (GbTraffic, 1);

  self->requests = g_array_new (FALSE, FALSE, sizeof (GbRequest));
  self->spans = g_array_new (FALSE, TRUE, sizeof (GbTrafficSpan));
  self->notes = g_array_new (FALSE, FALSE, sizeof (GbTrafficNote));
  for (guint i = 0; i < events->len && g_array_index (events, GbEvent, i).seq <= seq; i++)
    {
      const GbEvent *event = &g_array_index (events, GbEvent, i);
      if (is_at (event, "request"))
        take_request (self, event);
      else if (is_at (event, "alert") || is_at (event, "line"))
        take_note (self, event, strcmp (event->name, "alert") == 0);
    }
  if (self->requests->len == 0)
    {
      gb_traffic_free (self);
      return NULL;
    }
  cut_time (self);
  sum_spans (self);
  take_queue (self, events, seq);
  return self;
}

gboolean
gb_traffic_peek (GbTraceCursor *cursor)
{
  const GArray *events = gb_events_of (gb_trace_cursor_get_trace (cursor));
  guint64 seq = gb_trace_cursor_get_position (cursor);

  for (guint i = 0; i < events->len && g_array_index (events, GbEvent, i).seq <= seq; i++)
    if (is_at (&g_array_index (events, GbEvent, i), "request"))
      return TRUE;
  return FALSE;
}

int
gb_traffic_find_note (const GbTraffic *self, guint64 seq)
{
  for (guint i = 0; i < self->notes->len; i++)
    if (gb_traffic_note (self, i)->seq == seq)
      return (int) i;
  return -1;
}

int
gb_traffic_find_span (const GbTraffic *self, guint64 seq)
{
  for (guint i = 0; i < self->requests->len; i++)
    if (g_array_index (self->requests, GbRequest, i).seq == seq)
      return (int) gb_traffic_span_at (self, g_array_index (self->requests, GbRequest, i).seconds);
  return -1;
}
