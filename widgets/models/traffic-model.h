/* A service under load, as a program tells it.
 *
 *   gb.log ("request", msec, at=seconds, version="v1", ok=True)   one request, answered after msec; ok=False:
 * an error, dropped=True: never answered gb.log ("queue", length, at=seconds)                          what
 * waits gb.log ("alert", value, at=seconds, text="…")                 a rule fired; clear=True: it is over
 *   gb.log ("line", 0, at=seconds, level="warning", text="…")     a line of the service's log
 *
 * Time is the program's own; it is cut into spans of a round length. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_TRAFFIC_MOST_VERSIONS 6
#define GB_TRAFFIC_SPANS         60 /* about so many */

typedef struct
{
  guint64 seq;
  double seconds, msec; /* msec NAN: not answered */
  guint version;
  gboolean failed, dropped;
} GbRequest;

/* Of a set of requests.  Percentiles are of the answered ones: the least latency that so many do not exceed.
 */
typedef struct
{
  guint n, n_failed, n_dropped;
  double p50, p95, p99; /* msec, NAN: none was answered */
} GbTrafficSum;

typedef struct
{
  const char *name;
  GbTrafficSum sum;
} GbTrafficVersion;

typedef struct
{
  guint64 seq; /* of its first request, 0: none */
  GbTrafficSum sum;
  guint n_of[GB_TRAFFIC_MOST_VERSIONS];
  double queue; /* the longest, NAN: not told */
} GbTrafficSpan;

typedef enum
{
  GB_NOTE_LINE,
  GB_NOTE_ALERT,
  GB_NOTE_CLEARED,
} GbNoteKind;

typedef struct
{
  guint64 seq;
  GbNoteKind kind;
  double seconds, value;
  const char *text, *level; /* level "" when not told */
} GbTrafficNote;

typedef struct
{
  GArray *requests;                                    /* GbRequest */
  GArray *spans;                                       /* GbTrafficSpan */
  GArray *notes;                                       /* GbTrafficNote, alerts and lines in order */
  GbTrafficVersion versions[GB_TRAFFIC_MOST_VERSIONS]; /* the last stands for all further ones */
  guint n_versions, n_alerts;
  GbTrafficSum sum;
  double start, end, span_seconds, longest_queue; /* NAN: no queue */
} GbTraffic;

/* NULL: no request at the cursor. */
GbTraffic *gb_traffic_new (GbTraceCursor *cursor);
void gb_traffic_free (GbTraffic *self);
gboolean gb_traffic_peek (GbTraceCursor *cursor);
const GbTrafficSpan *gb_traffic_span (const GbTraffic *self, guint nth);
const GbTrafficNote *gb_traffic_note (const GbTraffic *self, guint nth);
guint gb_traffic_span_at (const GbTraffic *self, double seconds); /* the nearest */
/* Where an event is told: nth span or note, -1: it is none. */
int gb_traffic_find_span (const GbTraffic *self, guint64 seq);
int gb_traffic_find_note (const GbTraffic *self, guint64 seq);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTraffic, gb_traffic_free)

G_END_DECLS
