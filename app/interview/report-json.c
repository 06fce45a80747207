#include "interview/report.h"

#include <math.h>

#include "common/i18n.h"

#define VERSION 1

static void
add_text (GbJson *out, const char *key, const char *text)
{
  json_object_object_add (out, key, json_object_new_string (text ? text : ""));
}

/* null: there is none. */
static void
add_number (GbJson *out, const char *key, double number)
{
  json_object_object_add (out, key, isnan (number) ? NULL : json_object_new_double (number));
}

static void
add_seconds (GbJson *out, const char *key, gint64 msec)
{
  json_object_object_add (out, key, msec < 0 ? NULL : json_object_new_double ((double) msec / 1000));
}

static GbJson *
text_json (const GbText *text)
{
  GbJson *out = json_object_new_object ();
  add_text (out, "zh", text->zh);
  add_text (out, "en", text->en);
  return out;
}

static GbJson *
dimensions_json (const GbInterview *sums)
{
  GbJson *out = json_object_new_object ();
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    {
      GbJson *row = json_object_new_object ();
      json_object_object_add (row, "weight", json_object_new_int64 (gb_dimension_weight ((GbDimension) d)));
      add_number (row, "mean", sums->means[d]);
      json_object_object_add (row, "scores", json_object_new_int64 (sums->n_scored[d]));
      json_object_object_add (out, gb_dimension_name ((GbDimension) d), row);
    }
  return out;
}

static GbJson *
sections_json (const GbInterview *sums)
{
  GbJson *out = json_object_new_array ();
  for (guint i = 0; i < sums->sections->len; i++)
    {
      const GbInterviewSection *section = gb_interview_section (sums, i);
      GbJson *row = json_object_new_object ();
      add_text (row, "title", section->title);
      add_number (row, "planned_minutes", section->minutes);
      add_number (row, "used_minutes", section->spent);
      json_object_array_add (out, row);
    }
  return out;
}

static GbJson *
evidence_json (const GbFacts *facts, guint item)
{
  GbJson *out = json_object_new_array ();
  for (guint i = 0; i < facts->evidence->len; i++)
    {
      const GbNoticed *evidence = g_ptr_array_index (facts->evidence, i);
      GbJson *row;
      if (evidence->item != item)
        continue;
      g_autofree char *text = gb_noticed_describe (evidence);
      row = json_object_new_object ();
      add_seconds (row, "at", evidence->at - facts->begun_at);
      add_text (row, "what", text);
      json_object_array_add (out, row);
    }
  return out;
}

static GbJson *
notes_json (const GbFacts *facts, const GPtrArray *notes, guint item)
{
  GbJson *out = json_object_new_array ();
  for (guint i = 0; i < notes->len; i++)
    {
      const GbInterviewNote *note = g_ptr_array_index (notes, i);
      GbJson *row;
      if (note->is_unsaid || note->item != item)
        continue;
      row = json_object_new_object ();
      add_seconds (row, "at", note->at - facts->begun_at);
      add_text (row, "text", note->text);
      json_object_array_add (out, row);
    }
  return out;
}

static GbJson *
moments_json (const GbFacts *facts)
{
  GbJson *out = json_object_new_array ();
  for (guint i = 0; i < facts->moments->len; i++)
    {
      const GbInterviewNote *moment = g_ptr_array_index (facts->moments, i);
      GbJson *row = json_object_new_object ();
      add_seconds (row, "at", moment->at - facts->begun_at);
      json_object_object_add (row, "item", json_object_new_int64 (moment->item));
      add_text (row, "says", moment->says);
      add_text (row, "moment", moment->text);
      json_object_array_add (out, row);
    }
  return out;
}

static GbJson *
scores_json (const GbItemFacts *facts)
{
  GbJson *out = json_object_new_object ();
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    if (!isnan (facts->scores[d]))
      add_number (out, gb_dimension_name ((GbDimension) d), facts->scores[d]);
  return out;
}

static GbJson *
item_json (const GbFacts *facts, const GbPlanItem *item, GbLibrary *library, gboolean is_internal)
{
  const GbItemFacts *said = gb_facts_find (facts, item->id);
  g_autofree char *title = gb_plan_item_dup_title (item, library);
  GbJson *out = json_object_new_object ();

  json_object_object_add (out, "item", json_object_new_int64 (item->id));
  add_text (out, "kind", gb_plan_kind_name (item->kind));
  add_text (out, "id", item->what);
  add_text (out, "title", title);
  add_text (out, "level", gb_level_name (item->level));
  add_text (out, "dimension", gb_dimension_name (item->dimension));
  json_object_object_add (out, "question", text_json (&said->question));
  add_seconds (out, "asked_at", said->asked_at - facts->begun_at);
  add_seconds (out, "seconds", gb_facts_get_spent (facts, item->id, facts->last_at));
  if (!is_internal)
    return out;
  json_object_object_add (out, "scores", scores_json (said));
  json_object_object_add (out, "hints", json_object_new_int64 (said->n_hints));
  add_number (out, "hint_cost", said->hint_cost);
  json_object_object_add (out, "notes", notes_json (facts, facts->notes, item->id));
  json_object_object_add (out, "evidence", evidence_json (facts, item->id));
  return out;
}

static GbJson *
texts_json (const GbFacts *facts, gboolean is_internal)
{
  GbJson *out = json_object_new_array ();
  for (guint i = 0; i < facts->texts->len; i++)
    {
      const GbInterviewText *text = g_ptr_array_index (facts->texts, i);
      GbJson *row = json_object_new_object (), *versions = json_object_new_array ();
      for (guint k = 0; is_internal && k < text->versions->len; k++)
        {
          const GbTextVersion *version = g_ptr_array_index (text->versions, k);
          GbJson *one = json_object_new_object ();
          add_seconds (one, "at", version->at - facts->begun_at);
          add_text (one, "text", version->text);
          json_object_array_add (versions, one);
        }
      add_text (row, "file", text->file);
      json_object_object_add (row, "edits", json_object_new_int64 (text->n_edits));
      add_text (row, "text", text->text->str);
      json_object_object_add (row, "versions", versions);
      json_object_array_add (out, row);
    }
  return out;
}

char *
gb_report_to_json (GbSession *session, GbLibrary *library, GbReportReader reader)
{
  const GbFacts *facts = gb_session_get_facts (session);
  gboolean is_internal = reader == GB_REPORT_INTERNAL;
  g_autofree char *board = gb_facts_to_board (facts, library, facts->last_at, TRUE);
  g_autoptr (GbInterview) sums = gb_interview_new (board);
  GbJson *out = json_object_new_object (), *items = json_object_new_array ();
  char *text;

  add_text (out, "format", "gradboard-interview-report");
  json_object_object_add (out, "version", json_object_new_int (VERSION));
  add_text (out, "for", is_internal ? "internal" : "candidate");
  add_text (out, "title", facts->title);
  add_text (out, "candidate", facts->candidate);
  add_text (out, "role", facts->plan ? facts->plan->role : "");
  add_text (out, "level", gb_level_name (sums->level));
  json_object_object_add (out, "made", json_object_new_int64 (gb_session_get_made (session)));
  add_number (out, "planned_minutes", sums->minutes);
  add_number (out, "used_minutes", sums->elapsed);
  add_number (out, "points", sums->points);
  json_object_object_add (out, "scored_weight", json_object_new_int64 (sums->scored_weight));
  json_object_object_add (out, "dimensions", dimensions_json (sums));
  json_object_object_add (out, "sections", sections_json (sums));
  for (guint i = 0; facts->plan && i < gb_plan_get_n_items (facts->plan); i++)
    {
      const GbPlanItem *item = gb_plan_get_item (facts->plan, i);
      if (gb_facts_get_fate (facts, item->id) == GB_ITEM_ASKED)
        json_object_array_add (items, item_json (facts, item, library, is_internal));
    }
  json_object_object_add (out, "items", items);
  json_object_object_add (out, "texts", texts_json (facts, is_internal));
  json_object_object_add (out, "moments", moments_json (facts));
  if (is_internal)
    json_object_object_add (out, "notes", notes_json (facts, facts->notes, 0));
  text = g_strconcat (
      json_object_to_json_string_ext (out, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE), "\n",
      NULL);
  json_object_put (out);
  return text;
}
