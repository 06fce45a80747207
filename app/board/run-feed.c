#include "board/run-feed.h"

#include <json-c/json.h>

#include "trace/record.h"

static struct json_object *
pair (guint64 seq, struct json_object *value)
{
  struct json_object *entry = json_object_new_array ();
  json_object_array_add (entry, json_object_new_int64 ((gint64) seq));
  json_object_array_add (entry, value);
  return entry;
}

static struct json_object *
knob_setting (GbTrace *trace, const TeRecordKnobSet *set)
{
  struct json_object *entry = json_object_new_array ();
  json_object_array_add (entry, json_object_new_string (gb_trace_get_string (trace, set->name)));
  json_object_array_add (entry, json_object_new_int64 (set->nth));
  json_object_array_add (entry, json_object_new_double (set->value));
  return entry;
}

static struct json_object *
entropy_of (GbTrace *trace)
{
  struct json_object *about = json_tokener_parse (gb_trace_get_about (trace)), *entropy = NULL;
  if (json_object_object_get_ex (about, "entropy", &entropy))
    json_object_get (entropy);
  json_object_put (about);
  return entropy;
}

/* Ops that follow each other without a line being told between them end the stretch in which somebody
 * stepped. */
#define OPS_WITHOUT_LINES 64

/* Where between two ops it is, and from which on lines are to be told again. */
static struct json_object *
place_at (GbTrace *trace, guint64 seq)
{
  struct json_object *lines = json_object_new_array (), *place = json_object_new_object ();
  GbTraceIter iter;
  const TeRecord *record;
  guint64 since = G_MAXUINT64;
  guint n_ops = 0, n_without = 0, n_steps = 0;
  gb_trace_iter_init_back (&iter, trace, seq);
  while (n_without < OPS_WITHOUT_LINES && (record = gb_trace_iter_previous (&iter)))
    {
      n_steps += !n_ops && te_record_is_step (record->type);
      if (record->type == TE_RECORD_OP)
        {
          n_ops++;
          n_without++;
        }
      else if (record->type == TE_RECORD_LINE)
        {
          n_without = 0;
          since = gb_trace_get_last_call_at (trace, record->seq);
          if (!n_ops && ((const TeRecordLine *) record)->event == 0)
            json_object_array_add (lines, json_object_new_int64 ((gint64) record->seq));
        }
    }
  json_object_object_add (place, "steps", json_object_new_int64 (n_steps));
  json_object_object_add (place, "lines", lines);
  if (since != G_MAXUINT64)
    json_object_object_add (place, "lines-since", json_object_new_int64 ((gint64) since));
  return place;
}

char *
gb_run_feed_until (GbTrace *trace, guint64 seq)
{
  struct json_object *feed = json_object_new_object (), *clock = json_object_new_array (),
                     *knobs = json_object_new_array (), *inputs = json_object_new_array (),
                     *entropy = entropy_of (trace);
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, trace, 0);
  while ((record = gb_trace_iter_next (&iter)) && record->seq <= seq)
    if (record->type == TE_RECORD_CLOCK)
      json_object_array_add (
          clock, pair (record->seq, json_object_new_int64 (((const TeRecordClock *) record)->nsec)));
    else if (record->type == TE_RECORD_KNOB_SET)
      json_object_array_add (knobs, knob_setting (trace, (const TeRecordKnobSet *) record));
    else if (record->type == TE_RECORD_PRINT && ((const TeRecordPrint *) record)->stream == 3)
      {
        const TeRecordPrint *echo = (const TeRecordPrint *) record;
        json_object_array_add (
            inputs, pair (record->seq,
                          json_object_new_string_len ((const char *) (echo + 1), (int) echo->text_nbytes)));
      }
  if (entropy)
    json_object_object_add (feed, "entropy", entropy);
  json_object_object_add (feed, "place", place_at (trace, seq));
  json_object_object_add (feed, "clock", clock);
  json_object_object_add (feed, "knobs", knobs);
  json_object_object_add (feed, "inputs", inputs);
  char *text = g_strdup (json_object_to_json_string_ext (feed, JSON_C_TO_STRING_PLAIN));
  json_object_put (feed);
  return text;
}
