#include "interview/replay.h"

#include <math.h>
#include <string.h>

#include "board/board-layout.h"
#include "common/i18n.h"
#include "interview/report.h"

#define MOST_GAP    10000 /* msec in which nothing happens */
#define TYPING_GAP  3000  /* msec between edits that count as one mark */
#define KEEP_EVERY  500   /* events between facts that are kept */

struct _GbReplay
{
  GbSession *session;
  gint64 *times;    /* of each event, msec of the replay */
  guint n_events;
  GArray *marks;    /* GbReplayMark */
  GPtrArray *kept;  /* GbFacts: after k * KEEP_EVERY events */
  GbFacts *facts;   /* after n_taken events */
  guint n_taken;
  gint64 position;
};

/* ---- steps ---- */

/* FALSE: of no use to who looks for something. */
static gboolean
kind_of (const char *name, GbReplayKind *kind)
{
  static const struct
  {
    const char *name;
    GbReplayKind kind;
  } kinds[] = {
    { "begin", GB_REPLAY_COURSE }, { "pause", GB_REPLAY_COURSE }, { "resume", GB_REPLAY_COURSE }, { "finish", GB_REPLAY_COURSE },
    { "exam", GB_REPLAY_COURSE },  { "plan", GB_REPLAY_COURSE },  { "pass", GB_REPLAY_COURSE },   { "back", GB_REPLAY_COURSE },
    { "ask", GB_REPLAY_ASK },      { "score", GB_REPLAY_SCORE },  { "note", GB_REPLAY_NOTE },     { "unsay", GB_REPLAY_NOTE },
    { "hint", GB_REPLAY_HINT },    { "reveal", GB_REPLAY_SHOW },  { "moment", GB_REPLAY_SHOW },  
    { "guess", GB_REPLAY_GUESS },  { "look", GB_REPLAY_DO },      { "claim", GB_REPLAY_DO },      { "run", GB_REPLAY_DO },
    { "check", GB_REPLAY_CHECK },  { "type", GB_REPLAY_TYPE },    { "ink", GB_REPLAY_INK },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].name, name) == 0)
      {
        *kind = kinds[i].kind;
        return TRUE;
      }
  return FALSE;
}

static guint
item_in (const GbFact *fact)
{
  return (guint) json_object_get_int64 (gb_json_get (fact->body, "item", json_type_int));
}

static const char *
word_in (const GbFact *fact, const char *key)
{
  const char *word = json_object_get_string (gb_json_get (fact->body, key, json_type_string));
  return word ? word : "";
}

/* Edits in one file that come one after the other are one mark. */
static gboolean
goes_on (GbReplay *self, const GbReplayMark *last, GbReplayKind kind, const GbFact *fact)
{
  const GbFact *before = gb_session_get_event (self->session, last->event);
  return kind == GB_REPLAY_TYPE && last->kind == GB_REPLAY_TYPE && fact->at - before->at <= TYPING_GAP
         && strcmp (word_in (before, "file"), word_in (fact, "file")) == 0;
}

static void
add_mark (GbReplay *self, guint nth, guint *asked)
{
  const GbFact *fact = gb_session_get_event (self->session, nth);
  GbReplayMark *last = self->marks->len ? &g_array_index (self->marks, GbReplayMark, self->marks->len - 1) : NULL;
  GbReplayKind kind;

  if (!kind_of (fact->kind, &kind))
    return;
  if (kind == GB_REPLAY_ASK)
    *asked = item_in (fact);
  if (last && goes_on (self, last, kind, fact))
    {
      last->event = nth;
      last->to = self->times[nth];
      return;
    }
  GbReplayMark mark = { kind, nth, self->times[nth], self->times[nth], fact->at, *asked };
  g_array_append_val (self->marks, mark);
}

GbReplay *
gb_replay_new (GbSession *session)
{
  GbReplay *self = g_new0 (GbReplay, 1);
  gint64 before = 0, time = 0;
  guint asked = 0;

  self->session = g_object_ref (session);
  self->n_events = gb_session_get_n_events (session);
  self->times = g_new0 (gint64, MAX (self->n_events, 1));
  self->marks = g_array_new (FALSE, FALSE, sizeof (GbReplayMark));
  self->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_facts_free);
  self->facts = gb_facts_new ();
  for (guint i = 0; i < self->n_events; i++)
    {
      const GbFact *fact = gb_session_get_event (session, i);
      time += i ? MIN (fact->at - before, MOST_GAP) : 0;
      before = fact->at;
      self->times[i] = time;
      add_mark (self, i, &asked);
    }
  return self;
}

void
gb_replay_free (GbReplay *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->kept);
  g_array_unref (self->marks);
  gb_facts_free (self->facts);
  g_free (self->times);
  g_object_unref (self->session);
  g_free (self);
}

/* ---- going somewhere ---- */

static void
take_next (GbReplay *self)
{
  const GbFact *fact = gb_session_get_event (self->session, self->n_taken);
  if (self->n_taken % KEEP_EVERY == 0 && self->n_taken / KEEP_EVERY == self->kept->len)
    g_ptr_array_add (self->kept, gb_facts_copy (self->facts));
  gb_facts_take (self->facts, fact->at, fact->kind, fact->body);
  self->n_taken++;
}

static void
take_until (GbReplay *self, guint n)
{
  guint nearest = MIN (n / KEEP_EVERY, self->kept->len ? self->kept->len - 1 : 0);

  if (self->kept->len && (n < self->n_taken || nearest * KEEP_EVERY > self->n_taken))
    {
      gb_facts_free (self->facts);
      self->facts = gb_facts_copy (g_ptr_array_index (self->kept, nearest));
      self->n_taken = nearest * KEEP_EVERY;
    }
  while (self->n_taken < n)
    take_next (self);
}

/* How many events have happened by then. */
static guint
count_until (const GbReplay *self, gint64 position)
{
  guint low = 0, high = self->n_events;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (self->times[middle] <= position)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

gint64
gb_replay_get_length (const GbReplay *self)
{
  return self->n_events ? self->times[self->n_events - 1] : 0;
}

gint64
gb_replay_get_position (const GbReplay *self)
{
  return self->position;
}

void
gb_replay_seek (GbReplay *self, gint64 position)
{
  self->position = CLAMP (position, 0, gb_replay_get_length (self));
  take_until (self, count_until (self, self->position));
}

void
gb_replay_seek_event (GbReplay *self, guint nth)
{
  if (self->n_events == 0)
    return;
  nth = MIN (nth, self->n_events - 1);
  self->position = self->times[nth];
  take_until (self, nth + 1);
}

void
gb_replay_move_event (GbReplay *self, int by)
{
  int nth = (int) self->n_taken - 1 + by;
  gb_replay_seek_event (self, (guint) MAX (nth, 0));
}

gint64
gb_replay_find (const GbReplay *self, gint64 at)
{
  guint low = 0, high = self->n_events;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (gb_session_get_event (self->session, middle)->at <= at)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return 0;
  const GbFact *before = gb_session_get_event (self->session, low - 1);
  return MIN (self->times[low - 1] + MIN (at - before->at, MOST_GAP),
              low < self->n_events ? self->times[low] : self->times[low - 1]);
}

gint64
gb_replay_get_at (const GbReplay *self)
{
  guint n = count_until (self, self->position);
  const GbFact *last = n ? gb_session_get_event (self->session, n - 1) : NULL;
  return last ? last->at + (self->position - self->times[n - 1]) : 0;
}

const GbFacts *
gb_replay_get_facts (const GbReplay *self)
{
  return self->facts;
}

/* ---- what happened ---- */

guint
gb_replay_get_n_marks (const GbReplay *self)
{
  return self->marks->len;
}

const GbReplayMark *
gb_replay_get_mark (const GbReplay *self, guint nth)
{
  return &g_array_index (self->marks, GbReplayMark, nth);
}

int
gb_replay_get_nth_mark (const GbReplay *self)
{
  int nth = (int) self->marks->len - 1;
  while (nth >= 0 && gb_replay_get_mark (self, (guint) nth)->event >= self->n_taken)
    nth--;
  return nth;
}

static char *
title_of (const GbReplay *self, guint item, GbLibrary *library)
{
  const GbPlan *plan = gb_session_get_facts (self->session)->plan;
  const GbPlanItem *planned = plan ? gb_plan_find (plan, item, NULL, NULL) : NULL;
  return planned ? gb_plan_item_dup_title (planned, library) : g_strdup ("–");
}

static char *
describe_score (const GbFact *fact)
{
  int dimension = gb_dimension_from_name (word_in (fact, "dimension"));
  const char *name = dimension < 0 ? "" : gb_board_dimension_name ((GbDimension) dimension);
  GbJson *score = NULL;
  json_object_object_get_ex (fact->body, "score", &score);
  return score ? g_strdup_printf (_ ("score %s: %g of 4"), name, json_object_get_double (score))
               : g_strdup_printf (_ ("score %s taken back"), name);
}

static char *
describe_evidence (const GbFact *fact)
{
  g_autoptr (GbFacts) facts = gb_facts_new ();
  char *text = NULL;
  gb_facts_take (facts, fact->at, fact->kind, fact->body);
  if (facts->evidence->len)
    text = gb_noticed_describe (g_ptr_array_index (facts->evidence, 0));
  return text ? text : g_strdup (fact->kind);
}

static char *
describe_typing (const GbReplay *self, const GbReplayMark *mark)
{
  const GbFact *last = gb_session_get_event (self->session, mark->event);
  guint n = 0;
  for (int i = (int) mark->event; i >= 0 && self->times[i] >= mark->from; i--)
    n += strcmp (gb_session_get_event (self->session, (guint) i)->kind, "type") == 0;
  return g_strdup_printf (ngettext_ ("%u edit in %s", "%u edits in %s", n), n, word_in (last, "file"));
}

static char *
describe_course (const char *kind, const GbFact *fact)
{
  static const struct
  {
    const char *kind, *says;
  } says[] = {
    { "begin", N_ ("begun") },         { "pause", N_ ("paused") },        { "resume", N_ ("gone on") },
    { "finish", N_ ("finished") },     { "plan", N_ ("plan changed") },   { "pass", N_ ("a question passed over") },
    { "back", N_ ("a question fetched back") },
  };
  for (guint i = 0; i < G_N_ELEMENTS (says); i++)
    if (strcmp (says[i].kind, kind) == 0)
      return g_strdup (_ (says[i].says));
  return g_strdup (json_object_get_boolean (gb_json_get (fact->body, "on", json_type_boolean)) ? _ ("exam mode on")
                                                                                              : _ ("exam mode off"));
}

char *
gb_replay_describe (const GbReplay *self, guint nth, GbLibrary *library)
{
  const GbReplayMark *mark = gb_replay_get_mark (self, nth);
  const GbFact *fact = gb_session_get_event (self->session, mark->event);
  g_autofree char *title = NULL;

  switch (mark->kind)
    {
    case GB_REPLAY_COURSE:
      return describe_course (fact->kind, fact);
    case GB_REPLAY_ASK:
      title = title_of (self, item_in (fact), library);
      return g_strdup_printf (_ ("asked: %s"), title);
    case GB_REPLAY_SCORE:
      return describe_score (fact);
    case GB_REPLAY_NOTE:
      return strcmp (fact->kind, "note") == 0 ? g_strdup_printf (_ ("note: %s"), word_in (fact, "text"))
                                              : g_strdup (_ ("a note taken back"));
    case GB_REPLAY_HINT:
      return g_strdup (_ ("a hint was given"));
    case GB_REPLAY_SHOW:
      return g_strdup (strcmp (fact->kind, "reveal") == 0 ? _ ("the question was sent to the board")
                                                          : _ ("a moment was kept"));
    case GB_REPLAY_TYPE:
      return describe_typing (self, mark);
    case GB_REPLAY_DO:
    case GB_REPLAY_CHECK:
    case GB_REPLAY_GUESS:
      return describe_evidence (fact);
    case GB_REPLAY_INK:
      return g_strdup_printf (_ ("drew on %s"), word_in (fact, "file"));
    case GB_N_REPLAY_KINDS:
      break;
    }
  return g_strdup (fact->kind);
}
