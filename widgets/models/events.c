#include "models/events.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "models/follower.h"

typedef struct
{
  GArray *events;     /* GbEvent */
  GStringChunk *text; /* of keys and texts, each once */
} Events;

/* Numbers that JSON has no words for are told as texts. */
static gboolean
is_no_number (const char *text)
{
  return strcmp (text, "nan") == 0 || strcmp (text, "inf") == 0 || strcmp (text, "-inf") == 0;
}

static GbEventField
field_of (Events *self, const char *key, struct json_object *value)
{
  GbEventField field = { .key = g_string_chunk_insert_const (self->text, key), .number = NAN };

  if (json_object_is_type (value, json_type_double) || json_object_is_type (value, json_type_int)
      || json_object_is_type (value, json_type_boolean))
    field.number = json_object_get_double (value);
  else
    {
      const char *text = value ? json_object_get_string (value) : "None";
      if (is_no_number (text))
        field.number = g_ascii_strtod (text, NULL);
      else
        field.text = g_string_chunk_insert_const (self->text, text);
    }
  return field;
}

static void
events_take (gpointer state, GbTrace *trace, const TeRecord *record)
{
  Events *self = state;
  const TeRecordNamed *named = (const TeRecordNamed *) record;
  GbEvent event = { .seq = record->seq };
  struct json_object *fields;
  g_autofree char *text = NULL;

  if (record->type != TE_RECORD_EVENT)
    return;
  if (self->events == NULL)
    {
      self->events = g_array_new (FALSE, FALSE, sizeof (GbEvent));
      self->text = g_string_chunk_new (4096);
    }
  text = g_strndup ((const char *) (named + 1), named->text_nbytes);
  fields = json_tokener_parse (text);
  if (!json_object_is_type (fields, json_type_object))
    {
      json_object_put (fields);
      return;
    }
  event.pos = named->pos;
  event.name = gb_trace_get_string (trace, named->name);
  json_object_object_foreach (fields, key, value) if (event.n_fields < GB_EVENT_MOST_FIELDS)
      event.fields[event.n_fields++] = field_of (self, key, value);
  json_object_put (fields);
  if (self->events->len >= GB_EVENTS_MOST)
    g_array_remove_range (self->events, 0, GB_EVENTS_MOST / 2);
  g_array_append_val (self->events, event);
}

static void
events_clear (gpointer state)
{
  Events *self = state;

  g_clear_pointer (&self->events, g_array_unref);
  g_clear_pointer (&self->text, g_string_chunk_free);
}

const GArray *
gb_events_of (GbTrace *trace)
{
  static const GbFollowerClass klass = { "gb-events", sizeof (Events), events_take, events_clear };
  static GArray *none;
  const Events *self = gb_follower_of (trace, &klass);

  if (self->events)
    return self->events;
  if (none == NULL)
    none = g_array_new (FALSE, FALSE, sizeof (GbEvent));
  return none;
}

static const GbEventField *
find (const GbEvent *self, const char *key)
{
  for (guint i = 0; i < self->n_fields; i++)
    if (strcmp (self->fields[i].key, key) == 0)
      return &self->fields[i];
  return NULL;
}

double
gb_event_number (const GbEvent *self, const char *key)
{
  const GbEventField *field = find (self, key);
  return field ? field->number : NAN;
}

const char *
gb_event_text (const GbEvent *self, const char *key)
{
  const GbEventField *field = find (self, key);
  return field ? field->text : NULL;
}
