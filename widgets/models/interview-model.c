#include "models/interview-model.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "models/events.h"

#define ATTACHED     "gb-interview"
#define RIGHT_FROM   3 /* scores that count as right, and as wrong */
#define WRONG_UP_TO  1
#define MOST_MINUTES 1e4

static const char *const dimension_names[GB_N_DIMENSIONS] = { "basics", "practice", "optimise", "innovate" };
static const char *const level_names[GB_N_LEVELS] = { "junior", "mid", "senior", "expert" };
static const char *const turn_names[] = { "later", "now", "done", "skipped" };

guint
gb_dimension_weight (GbDimension dimension)
{
  static const guint weights[GB_N_DIMENSIONS] = { 25, 30, 25, 20 };
  return weights[dimension];
}

static void
section_free (gpointer data)
{
  GbInterviewSection *self = data;
  g_free (self->title);
  g_free (self);
}

static void
question_free (gpointer data)
{
  GbInterviewQuestion *self = data;
  g_free (self->title);
  g_free (self);
}

void
gb_interview_free (GbInterview *self)
{
  if (self == NULL)
    return;
  g_free (self->candidate);
  g_ptr_array_unref (self->sections);
  g_ptr_array_unref (self->questions);
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    for (guint i = 0; i <= GB_INTERVIEW_MOST_SCORE; i++)
      g_free (self->anchors[d][i]);
  g_free (self);
}

const GbInterviewSection *
gb_interview_section (const GbInterview *self, guint nth)
{
  return g_ptr_array_index (self->sections, nth);
}

const GbInterviewQuestion *
gb_interview_question (const GbInterview *self, guint nth)
{
  return g_ptr_array_index (self->questions, nth);
}

int
gb_interview_now (const GbInterview *self)
{
  for (guint i = 0; i < self->questions->len; i++)
    if (gb_interview_question (self, i)->turn == GB_TURN_NOW)
      return (int) i;
  return -1;
}

/* ---- JSON ---- */

static double
number_of (struct json_object *object, const char *key, double low, double high, double otherwise)
{
  struct json_object *value = NULL;
  double number;

  if (!json_object_object_get_ex (object, key, &value)
      || (!json_object_is_type (value, json_type_double) && !json_object_is_type (value, json_type_int)))
    return otherwise;
  number = json_object_get_double (value);
  return number >= low && number <= high ? number : otherwise;
}

static char *
text_of (struct json_object *object, const char *key)
{
  struct json_object *value = NULL;

  return json_object_object_get_ex (object, key, &value) && json_object_is_type (value, json_type_string)
             ? g_utf8_make_valid (json_object_get_string (value), -1)
             : g_strdup ("");
}

/* Which of the names it is; -1: none of them. */
static int
find_name (const char *name, const char *const *names, guint n)
{
  for (guint i = 0; name && i < n; i++)
    if (strcmp (name, names[i]) == 0)
      return (int) i;
  return -1;
}

static int
name_of (struct json_object *object, const char *key, const char *const *names, guint n)
{
  g_autofree char *text = text_of (object, key);
  return find_name (text, names, n);
}

const char *
gb_dimension_name (GbDimension dimension)
{
  return dimension_names[dimension];
}

const char *
gb_level_name (GbLevel level)
{
  return level_names[level];
}

int
gb_dimension_from_name (const char *name)
{
  return find_name (name, dimension_names, GB_N_DIMENSIONS);
}

int
gb_level_from_name (const char *name)
{
  return find_name (name, level_names, GB_N_LEVELS);
}

static struct json_object *
list_of (struct json_object *object, const char *key, guint most, guint *n)
{
  struct json_object *list = NULL;

  *n = 0;
  if (!json_object_object_get_ex (object, key, &list) || !json_object_is_type (list, json_type_array))
    return NULL;
  *n = (guint) MIN (json_object_array_length (list), most);
  return list;
}

static void
take_sections (GbInterview *self, struct json_object *root)
{
  guint n;
  struct json_object *list = list_of (root, "sections", GB_INTERVIEW_MOST_SECTIONS, &n);

  for (guint i = 0; i < n; i++)
    {
      struct json_object *item = json_object_array_get_idx (list, i);
      GbInterviewSection *section;
      if (!json_object_is_type (item, json_type_object))
        continue;
      section = g_new0 (GbInterviewSection, 1);
      section->title = text_of (item, "title");
      section->minutes = number_of (item, "minutes", 0, MOST_MINUTES, 0);
      section->spent = number_of (item, "spent", 0, MOST_MINUTES, 0);
      section->turn = (GbTurn) MAX (name_of (item, "state", turn_names, G_N_ELEMENTS (turn_names)), 0);
      g_ptr_array_add (self->sections, section);
    }
}

static void
take_also (GbInterviewQuestion *question, struct json_object *item)
{
  struct json_object *also = NULL;

  if (!json_object_object_get_ex (item, "also", &also) || !json_object_is_type (also, json_type_object))
    also = NULL;
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    question->also[d] = also && d != question->dimension
                            ? number_of (also, dimension_names[d], 0, GB_INTERVIEW_MOST_SCORE, NAN)
                            : NAN;
}

static void
take_questions (GbInterview *self, struct json_object *root)
{
  guint n;
  struct json_object *list = list_of (root, "questions", GB_INTERVIEW_MOST_QUESTIONS, &n);

  for (guint i = 0; i < n; i++)
    {
      struct json_object *item = json_object_array_get_idx (list, i);
      int level, dimension;
      GbInterviewQuestion *question;
      if (!json_object_is_type (item, json_type_object))
        continue;
      level = name_of (item, "level", level_names, GB_N_LEVELS);
      dimension = name_of (item, "dimension", dimension_names, GB_N_DIMENSIONS);
      if (level < 0 || dimension < 0)
        continue;
      question = g_new0 (GbInterviewQuestion, 1);
      question->title = text_of (item, "title");
      question->level = (GbLevel) level;
      question->dimension = (GbDimension) dimension;
      question->turn = (GbTurn) MAX (name_of (item, "state", turn_names, G_N_ELEMENTS (turn_names)), 0);
      question->score = number_of (item, "score", 0, GB_INTERVIEW_MOST_SCORE, NAN);
      question->hints = (guint) number_of (item, "hints", 0, 99, 0);
      take_also (question, item);
      g_ptr_array_add (self->questions, question);
    }
}

static void
take_rubric (GbInterview *self, struct json_object *root)
{
  struct json_object *rubric = NULL;

  if (!json_object_object_get_ex (root, "rubric", &rubric) || !json_object_is_type (rubric, json_type_object))
    return;
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    {
      guint n;
      struct json_object *list = list_of (rubric, dimension_names[d], GB_INTERVIEW_MOST_SCORE + 1, &n);
      for (guint i = 0; i < n; i++)
        if (json_object_is_type (json_object_array_get_idx (list, i), json_type_string))
          self->anchors[d][i] =
              g_utf8_make_valid (json_object_get_string (json_object_array_get_idx (list, i)), -1);
    }
}

/* ---- what follows ---- */

static void
add_up (GbInterview *self)
{
  double sums[GB_N_DIMENSIONS] = { 0 }, points = 0;

  for (guint i = 0; i < self->questions->len; i++)
    {
      const GbInterviewQuestion *question = gb_interview_question (self, i);
      if (question->turn == GB_TURN_SKIPPED)
        continue;
      for (guint d = 0; d < GB_N_DIMENSIONS; d++)
        {
          double score = d == question->dimension ? question->score : question->also[d];
          if (isnan (score))
            continue;
          sums[d] += score;
          self->n_scored[d]++;
        }
    }
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    {
      guint weight = gb_dimension_weight ((GbDimension) d);
      self->means[d] = self->n_scored[d] ? sums[d] / self->n_scored[d] : NAN;
      if (self->n_scored[d] == 0)
        continue;
      points += weight * self->means[d] / GB_INTERVIEW_MOST_SCORE;
      self->scored_weight += weight;
    }
  self->points = self->scored_weight ? 100 * points / self->scored_weight : NAN;
  for (guint i = 0; i < self->sections->len; i++)
    {
      const GbInterviewSection *section = gb_interview_section (self, i);
      if (section->turn == GB_TURN_LATER || section->turn == GB_TURN_NOW)
        self->planned_left += MAX (section->minutes - section->spent, 0);
    }
}

static void
climb (GbInterview *self)
{
  int level = (int) self->level, run = 0; /* right ones in a row, or (below 0) wrong ones */

  for (guint i = 0; i < self->questions->len; i++)
    {
      const GbInterviewQuestion *question = gb_interview_question (self, i);
      if (isnan (question->score) || question->turn == GB_TURN_SKIPPED)
        continue;
      if (question->score >= RIGHT_FROM)
        run = MAX (run, 0) + 1;
      else if (question->score <= WRONG_UP_TO)
        run = MIN (run, 0) - 1;
      else
        run = 0;
      level = (int) question->level;
      if (ABS (run) >= 2)
        {
          level = CLAMP (level + (run > 0 ? 1 : -1), GB_LEVEL_JUNIOR, GB_LEVEL_EXPERT);
          run = 0;
        }
    }
  self->next_level = (GbLevel) level;
}

GbInterview *
gb_interview_new (const char *json)
{
  struct json_object *root = json_tokener_parse (json), *hidden = NULL;
  GbInterview *self;

  if (!json_object_is_type (root, json_type_object))
    {
      json_object_put (root);
      return NULL;
    }
  self = g_new0 (GbInterview, 1);
  self->sections = g_ptr_array_new_with_free_func (section_free);
  self->questions = g_ptr_array_new_with_free_func (question_free);
  self->candidate = text_of (root, "candidate");
  self->level = (GbLevel) MAX (name_of (root, "level", level_names, GB_N_LEVELS), 0);
  self->minutes = number_of (root, "minutes", 0, MOST_MINUTES, 0);
  self->elapsed = number_of (root, "elapsed", 0, MOST_MINUTES, 0);
  self->hidden = json_object_object_get_ex (root, "hidden", &hidden) && json_object_get_boolean (hidden);
  take_sections (self, root);
  take_questions (self, root);
  take_rubric (self, root);
  json_object_put (root);
  add_up (self);
  climb (self);
  return self;
}

/* ---- where it comes from ---- */

static const char *
find_json (GbTraceCursor *cursor)
{
  const char *attached = g_object_get_data (G_OBJECT (cursor), ATTACHED);
  const GArray *events = gb_events_of (gb_trace_cursor_get_trace (cursor));
  guint64 seq = gb_trace_cursor_get_position (cursor);

  if (attached)
    return attached;
  for (guint i = events->len; i > 0; i--)
    {
      const GbEvent *event = &g_array_index (events, GbEvent, i - 1);
      if (event->seq <= seq && strcmp (event->name, "interview") == 0 && gb_event_text (event, "session"))
        return gb_event_text (event, "session");
    }
  return NULL;
}

GbInterview *
gb_interview_at (GbTraceCursor *cursor)
{
  const char *json = find_json (cursor);
  return json ? gb_interview_new (json) : NULL;
}

gboolean
gb_interview_peek (GbTraceCursor *cursor)
{
  return find_json (cursor) != NULL;
}

void
gb_interview_attach (GbTraceCursor *cursor, const char *json)
{
  g_object_set_data_full (G_OBJECT (cursor), ATTACHED, g_strdup (json), g_free);
  g_signal_emit_by_name (cursor, "changed", GB_TRACE_CHANGED_TEXT);
}
