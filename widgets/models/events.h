/* What a program tells with gb.log (name, value, key=…): a place of a path, a request, what a rank did.  Each
 * event is read once; the models of the views that tell events pick theirs by name and fields. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_EVENT_MOST_FIELDS 10
#define GB_EVENTS_MOST       65536 /* of a run; of more the older half is let go */

typedef struct
{
  const char *key;
  const char *text; /* NULL: a number */
  double number;    /* NAN of a text */
} GbEventField;

typedef struct
{
  guint64 seq;
  guint32 pos;
  const char *name;
  guint n_fields;
  GbEventField fields[GB_EVENT_MOST_FIELDS]; /* "value" among them */
} GbEvent;

/* All of a trace, in order (element-type GbEvent).  Borrowed, good until the trace changes. */
const GArray *gb_events_of (GbTrace *trace);
/* NAN, NULL: there is no such field of that kind. */
double gb_event_number (const GbEvent *self, const char *key);
const char *gb_event_text (const GbEvent *self, const char *key);

G_END_DECLS
