/* The interview as the board may show it, and what things are called. */
#include "interview/facts.h"

#include "common/i18n.h"
#include <math.h>
#include <string.h>

char *
gb_plan_part_dup_title (const char *id, GbLibrary *library)
{
  GListModel *outline = gb_library_get_outline (library);
  for (guint i = 0; i < g_list_model_get_n_items (outline); i++)
    {
      g_autoptr (GbOutlineItem) row = g_list_model_get_item (outline, i);
      if (strcmp (gb_outline_item_get_id (row), id) == 0)
        return g_strdup (gb_outline_item_get_title (row));
    }
  return g_strdup (strcmp (id, "case") == 0   ? _ ("Diagnosis")
                   : strcmp (id, "task") == 0 ? _ ("Coding")
                   : strcmp (id, "talk") == 0 ? _ ("Open talk")
                                              : id);
}

char *
gb_plan_item_dup_title (const GbPlanItem *item, GbLibrary *library)
{
  if (item->kind == GB_PLAN_QUESTION)
    {
      GbOutlineItem *leaf = gb_library_find_leaf (library, item->what);
      return g_strdup (leaf ? gb_outline_item_get_title (leaf) : item->what);
    }
  if (item->kind == GB_PLAN_TALK)
    return g_strdup (_ ("A project of your own"));
  const GbCase *which = gb_library_find_case (library, item->what);
  return g_strdup (which ? gb_text_get (&which->title) : item->what);
}

static const char *
state_of (const GbFacts *self, guint item)
{
  GbItemFate fate = gb_facts_get_fate (self, item);
  return item == self->now        ? "now"
         : fate == GB_ITEM_ASKED  ? "done"
         : fate == GB_ITEM_PASSED ? "skipped"
                                  : "later";
}

static double
minutes_of (gint64 msec)
{
  return (double) msec / 60000;
}

static GbJson *
question_json (const GbFacts *self, const GbPlanItem *item, GbLibrary *library, gboolean is_private)
{
  GbJson *out = json_object_new_object (), *also = json_object_new_object ();
  const GbItemFacts *facts = gb_facts_find (self, item->id);
  g_autofree char *title = gb_plan_item_dup_title (item, library);

  json_object_object_add (out, "title", json_object_new_string (title));
  json_object_object_add (out, "level", json_object_new_string (gb_level_name (item->level)));
  json_object_object_add (out, "dimension", json_object_new_string (gb_dimension_name (item->dimension)));
  json_object_object_add (out, "state", json_object_new_string (state_of (self, item->id)));
  json_object_object_add (out, "hints", json_object_new_int64 (facts ? facts->n_hints : 0));
  for (int d = 0; is_private && facts && d < GB_N_DIMENSIONS; d++)
    if (!isnan (facts->scores[d]))
      json_object_object_add (d == (int) item->dimension ? out : also,
                              d == (int) item->dimension ? "score" : gb_dimension_name ((GbDimension) d),
                              json_object_new_double (facts->scores[d]));
  json_object_object_add (out, "also", also);
  return out;
}

/* A part is under way while one of its items is asked, and done when none of them is to come. */
static GbJson *
section_json (const GbFacts *self, const GbPlanPart *part, GbLibrary *library, gint64 now)
{
  GbJson *out = json_object_new_object ();
  g_autofree char *title = gb_plan_part_dup_title (part->id, library);
  double minutes = 0, spent = 0;
  guint n_to_come = 0, n_asked = 0;
  gboolean is_now = FALSE;

  for (guint i = 0; i < part->items->len; i++)
    {
      const GbPlanItem *item = g_ptr_array_index (part->items, i);
      GbItemFate fate = gb_facts_get_fate (self, item->id);
      minutes += fate == GB_ITEM_PASSED ? 0 : item->minutes;
      spent += minutes_of (gb_facts_get_spent (self, item->id, now));
      n_to_come += fate == GB_ITEM_TO_COME;
      n_asked += fate == GB_ITEM_ASKED;
      is_now |= item->id == self->now;
    }
  json_object_object_add (out, "title", json_object_new_string (title));
  json_object_object_add (out, "minutes", json_object_new_double (minutes));
  json_object_object_add (out, "spent", json_object_new_double (spent));
  json_object_object_add (out, "state",
                          json_object_new_string (is_now                 ? "now"
                                                  : n_to_come && n_asked ? "now"
                                                  : n_to_come            ? "later"
                                                  : n_asked              ? "done"
                                                                         : "skipped"));
  return out;
}

char *
gb_facts_to_board (const GbFacts *self, GbLibrary *library, gint64 now, gboolean is_private)
{
  GbJson *out = json_object_new_object (), *sections = json_object_new_array (),
         *questions = json_object_new_array ();
  char *text;

  json_object_object_add (out, "candidate", json_object_new_string (self->candidate));
  json_object_object_add (
      out, "level",
      json_object_new_string (gb_level_name (self->plan ? self->plan->level : GB_LEVEL_JUNIOR)));
  json_object_object_add (out, "minutes", json_object_new_double (self->plan ? self->plan->minutes : 0));
  json_object_object_add (out, "elapsed",
                          json_object_new_double (minutes_of (gb_facts_get_elapsed (self, now))));
  json_object_object_add (out, "hidden", json_object_new_boolean (!is_private));
  for (guint p = 0; self->plan && p < self->plan->parts->len; p++)
    {
      const GbPlanPart *part = g_ptr_array_index (self->plan->parts, p);
      if (part->items->len == 0)
        continue;
      json_object_array_add (sections, section_json (self, part, library, now));
      for (guint i = 0; i < part->items->len; i++)
        {
          const GbPlanItem *item = g_ptr_array_index (part->items, i);
          if (is_private || gb_facts_get_fate (self, item->id) == GB_ITEM_ASKED)
            json_object_array_add (questions, question_json (self, item, library, is_private));
        }
    }
  json_object_object_add (out, "sections", sections);
  json_object_object_add (out, "questions", questions);
  text = g_strdup (json_object_to_json_string_ext (out, JSON_C_TO_STRING_PLAIN));
  json_object_put (out);
  return text;
}

GbLevel
gb_facts_next_level (const GbFacts *self, GbLibrary *library)
{
  g_autofree char *json = gb_facts_to_board (self, library, 0, TRUE);
  g_autoptr (GbInterview) interview = gb_interview_new (json);
  return interview->next_level;
}

guint
gb_facts_next_item (const GbFacts *self)
{
  for (guint i = 0; self->plan && i < gb_plan_get_n_items (self->plan); i++)
    {
      const GbPlanItem *item = gb_plan_get_item (self->plan, i);
      if (gb_facts_get_fate (self, item->id) == GB_ITEM_TO_COME)
        return item->id;
    }
  return 0;
}
