#include "room/room.h"

#include <math.h>
#include <string.h>

#include "interview/shelf.h"

#define CHANGED_MSEC 40 /* what is shown of a replay follows a scrub at this rate */
#define TICK_SECONDS 5 /* how exactly a killed interview knows its time */

/* An event that takes another one back. */
typedef struct
{
  char *kind;
  GbJson *body;
} Undo;

struct _GbRoom
{
  GObject parent_instance;

  GbLibrary *library;
  GbSession *session;
  GbReplay *replay; /* NULL: the present is looked at */
  GPtrArray *undos; /* Undo */
  guint tick, changed_timeout;
};

enum
{
  CHANGED,
  OPENED,
  REVEAL,
  OPEN,
  TROUBLE,
  SCORED,
  REPLAY,
  MOVED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbRoom, gb_room, G_TYPE_OBJECT)

static void
undo_free (gpointer data)
{
  Undo *self = data;
  g_free (self->kind);
  json_object_put (self->body);
  g_free (self);
}

GbLibrary *
gb_room_get_library (GbRoom *self)
{
  return self->library;
}

GbSession *
gb_room_get_session (GbRoom *self)
{
  return self->session;
}

const GbFacts *
gb_room_get_facts (GbRoom *self)
{
  return self->replay ? gb_replay_get_facts (self->replay) : self->session ? gb_session_get_facts (self->session) : NULL;
}

gint64
gb_room_get_now (GbRoom *self)
{
  return self->replay ? gb_replay_get_at (self->replay) : gb_session_get_now (self->session);
}

const GbPlan *
gb_room_get_plan (GbRoom *self)
{
  return self->session ? gb_room_get_facts (self)->plan : NULL;
}

/* ---- events ---- */

static void
tell (GbRoom *self, const char *kind, GbJson *body)
{
  if (self->replay) /* what was is not changed */
    {
      json_object_put (body);
      return;
    }
  gb_session_tell (self->session, kind, body);
  g_signal_emit (self, signals[CHANGED], 0);
}

static GbJson *
body_of (guint item)
{
  GbJson *body = json_object_new_object ();
  json_object_object_add (body, "item", json_object_new_int64 (item));
  return body;
}

static GbJson *
text_json (const GbText *text)
{
  GbJson *out = json_object_new_object ();
  json_object_object_add (out, "zh", json_object_new_string (text->zh ? text->zh : ""));
  json_object_object_add (out, "en", json_object_new_string (text->en ? text->en : ""));
  return out;
}

/* Takes the body. */
static void
can_be_undone_by (GbRoom *self, const char *kind, GbJson *body)
{
  Undo *undo = g_new (Undo, 1);
  *undo = (Undo){ g_strdup (kind), body };
  if (self->replay)
    undo_free (undo);
  else
    g_ptr_array_add (self->undos, undo);
}

gboolean
gb_room_can_undo (GbRoom *self)
{
  return self->undos->len > 0 && self->replay == NULL;
}

void
gb_room_undo (GbRoom *self)
{
  Undo *undo;
  if (self->session == NULL || !gb_room_can_undo (self))
    return;
  undo = g_ptr_array_steal_index (self->undos, self->undos->len - 1);
  tell (self, undo->kind, json_object_get (undo->body));
  undo_free (undo);
}

/* ---- opening ---- */

static gboolean
on_tick (gpointer data)
{
  GbRoom *self = data;
  if (gb_session_get_facts (self->session)->running_since >= 0)
    gb_session_tell (self->session, "tick", NULL);
  return G_SOURCE_CONTINUE;
}

static void
on_trouble (GbRoom *self)
{
  g_signal_emit (self, signals[TROUBLE], 0);
}

static void
take_session (GbRoom *self, GbSession *session)
{
  gb_room_end_replay (self);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_ptr_array_set_size (self->undos, 0);
  if (self->session)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  self->session = session;
  if (session)
    {
      g_signal_connect_swapped (session, "trouble", G_CALLBACK (on_trouble), self);
      self->tick = g_timeout_add_seconds (TICK_SECONDS, on_tick, self);
    }
  g_signal_emit (self, signals[OPENED], 0);
  g_signal_emit (self, signals[CHANGED], 0);
}

static GbJson *
made_json (const char *title, const char *candidate, gboolean has_consent)
{
  GbJson *body = json_object_new_object ();
  json_object_object_add (body, "title", json_object_new_string (title));
  json_object_object_add (body, "candidate", json_object_new_string (candidate));
  json_object_object_add (body, "consent", json_object_new_boolean (has_consent));
  return body;
}

gboolean
gb_room_begin_new (GbRoom *self,
                   const char *folder,
                   const char *candidate,
                   gboolean has_consent,
                   const GbPlanWish *wish,
                   GError **error)
{
  g_autofree char *path = gb_shelf_new_path (folder);
  GbSession *session = gb_session_create (path, error);
  g_autoptr (GbPlan) plan = NULL;

  if (session == NULL)
    return FALSE;
  plan = gb_plan_propose (self->library, wish);
  gb_session_tell (session, "made", made_json ("", candidate, has_consent));
  gb_session_tell (session, "plan", gb_plan_to_json (plan));
  take_session (self, session);
  return TRUE;
}

gboolean
gb_room_open (GbRoom *self, const char *path, GError **error)
{
  GbSession *session;
  if (self->session && strcmp (gb_session_get_path (self->session), path) == 0)
    return TRUE;
  session = gb_session_open (path, GB_SESSION_TO_GO_ON, error);
  if (session)
    take_session (self, session);
  return session != NULL;
}

void
gb_room_close (GbRoom *self)
{
  take_session (self, NULL);
}

void
gb_room_rename (GbRoom *self, const char *title, const char *candidate, gboolean has_consent)
{
  const GbFacts *facts = gb_room_get_facts (self);
  if (strcmp (facts->title, title) == 0 && strcmp (facts->candidate, candidate) == 0 && facts->has_consent == has_consent)
    return;
  can_be_undone_by (self, "made", made_json (facts->title, facts->candidate, facts->has_consent));
  tell (self, "made", made_json (title, candidate, has_consent));
}

/* ---- looking again ---- */

gboolean
gb_room_can_replay (GbRoom *self)
{
  const GbFacts *facts = self->session ? gb_session_get_facts (self->session) : NULL;
  return facts && facts->begun_at >= 0 && facts->running_since < 0;
}

const GbReplay *
gb_room_get_replay (GbRoom *self)
{
  return self->replay;
}

static gboolean
on_changed (gpointer data)
{
  GbRoom *self = data;
  self->changed_timeout = 0;
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
moved (GbRoom *self)
{
  g_signal_emit (self, signals[MOVED], 0);
  if (self->changed_timeout == 0)
    self->changed_timeout = g_timeout_add (CHANGED_MSEC, on_changed, self);
}

void
gb_room_seek (GbRoom *self, gint64 position)
{
  if (self->replay == NULL)
    return;
  gb_replay_seek (self->replay, position);
  moved (self);
}

void
gb_room_seek_mark (GbRoom *self, guint nth)
{
  if (self->replay == NULL || nth >= gb_replay_get_n_marks (self->replay))
    return;
  gb_replay_seek_event (self->replay, gb_replay_get_mark (self->replay, nth)->event);
  moved (self);
}

void
gb_room_move_event (GbRoom *self, int by)
{
  if (self->replay == NULL)
    return;
  gb_replay_move_event (self->replay, by);
  moved (self);
}

void
gb_room_begin_replay (GbRoom *self, gint64 at)
{
  if (!gb_room_can_replay (self) || self->replay)
    return;
  self->replay = gb_replay_new (self->session);
  gb_replay_seek (self->replay, gb_replay_find (self->replay, at));
  g_signal_emit (self, signals[REPLAY], 0);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
gb_room_end_replay (GbRoom *self)
{
  if (self->replay == NULL)
    return;
  g_clear_handle_id (&self->changed_timeout, g_source_remove);
  g_clear_pointer (&self->replay, gb_replay_free);
  g_signal_emit (self, signals[REPLAY], 0);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- planning ---- */

void
gb_room_set_plan (GbRoom *self, GbPlan *plan)
{
  if (gb_room_get_plan (self))
    can_be_undone_by (self, "plan", gb_plan_to_json (gb_room_get_plan (self)));
  tell (self, "plan", gb_plan_to_json (plan));
  gb_plan_free (plan);
}

void
gb_room_shift_depth (GbRoom *self, int by)
{
  GbPlan *plan = gb_plan_copy (gb_room_get_plan (self));
  gboolean is_first = TRUE;
  for (guint i = 0; i < gb_plan_get_n_items (plan); i++)
    {
      GbPlanItem *item = gb_plan_find (plan, gb_plan_get_item (plan, i)->id, NULL, NULL);
      int level = CLAMP ((int) item->level + by, GB_LEVEL_JUNIOR, GB_LEVEL_EXPERT);
      if (gb_facts_get_fate (gb_room_get_facts (self), item->id) != GB_ITEM_TO_COME)
        continue;
      /* The ladder goes on from where the next question stands. */
      if (gb_plan_set_level (plan, self->library, item->id, (GbLevel) level) && is_first)
        item->is_fixed = TRUE;
      is_first = is_first && item->kind != GB_PLAN_QUESTION;
    }
  gb_room_set_plan (self, plan);
}

static GbItemFate
fate_of (guint id, gpointer data)
{
  return gb_facts_get_fate (data, id);
}

static double
minutes_left (GbRoom *self)
{
  const GbFacts *facts = gb_room_get_facts (self);
  gint64 now = gb_room_get_now (self);
  const GbPlanItem *item = gb_plan_find (facts->plan, facts->now, NULL, NULL);
  double left = facts->plan->minutes - (double) gb_facts_get_elapsed (facts, now) / 60000;

  /* What is asked has the rest of its own time. */
  if (item)
    left -= MAX (item->minutes - (double) gb_facts_get_spent (facts, item->id, now) / 60000, 0);
  return left;
}

double
gb_room_get_shortage (GbRoom *self)
{
  const GbFacts *facts = gb_room_get_facts (self);
  double wanted = 0;
  for (guint i = 0; facts->plan && i < gb_plan_get_n_items (facts->plan); i++)
    {
      const GbPlanItem *item = gb_plan_get_item (facts->plan, i);
      if (gb_facts_get_fate (facts, item->id) == GB_ITEM_TO_COME)
        wanted += item->minutes;
    }
  return facts->plan ? wanted - minutes_left (self) : 0;
}

guint
gb_room_replan (GbRoom *self)
{
  const GbFacts *facts = gb_room_get_facts (self);
  g_autoptr (GArray) gone =
      gb_plan_cut (facts->plan, MAX (minutes_left (self), 0), fate_of, (gpointer) facts);
  for (guint i = 0; i < gone->len; i++)
    gb_room_pass (self, g_array_index (gone, guint, i));
  return gone->len;
}

/* ---- running ---- */

void
gb_room_begin (GbRoom *self)
{
  tell (self, "begin", NULL);
  if (gb_room_get_facts (self)->now == 0)
    gb_room_ask_next (self);
}

void
gb_room_toggle_pause (GbRoom *self)
{
  tell (self, gb_room_get_facts (self)->is_paused ? "resume" : "pause", NULL);
}

void
gb_room_finish (GbRoom *self)
{
  tell (self, "finish", NULL);
}

void
gb_room_ask (GbRoom *self, guint item)
{
  if (self->replay)
    return;
  const GbPlanItem *planned = gb_plan_find (gb_room_get_plan (self), item, NULL, NULL);
  GbJson *body = body_of (item);

  if (planned && planned->kind == GB_PLAN_QUESTION)
    {
      const GbQuestion *question = gb_plan_question (self->library, planned->what, planned->level);
      if (question)
        json_object_object_add (body, "question", text_json (&question->question));
    }
  else if (planned && planned->kind != GB_PLAN_TALK)
    {
      const GbCase *which = gb_library_find_case (self->library, planned->what);
      if (which)
        json_object_object_add (body, "question", text_json (&which->brief));
    }
  tell (self, "ask", body);
}

void
gb_room_ask_next (GbRoom *self)
{
  const GbFacts *facts = gb_room_get_facts (self);
  guint next = gb_facts_next_item (facts);
  const GbPlanItem *item = gb_plan_find (facts->plan, next, NULL, NULL);

  if (item == NULL)
    return;
  if (facts->plan->ways & GB_WAY_PROGRESSIVE && item->kind == GB_PLAN_QUESTION && !item->is_fixed && facts->items->len)
    {
      GbLevel level = gb_facts_next_level (facts, self->library);
      g_autoptr (GbPlan) plan = gb_plan_copy (facts->plan);
      if (level != item->level && gb_plan_set_level (plan, self->library, next, level))
        tell (self, "plan", gb_plan_to_json (plan));
    }
  gb_room_ask (self, next);
}

void
gb_room_pass (GbRoom *self, guint item)
{
  gboolean is_passed = gb_facts_get_fate (gb_room_get_facts (self), item) == GB_ITEM_PASSED;
  can_be_undone_by (self, is_passed ? "pass" : "back", body_of (item));
  tell (self, is_passed ? "back" : "pass", body_of (item));
}

static GbJson *
score_json (guint item, GbDimension dimension, double score)
{
  GbJson *body = body_of (item);
  json_object_object_add (body, "dimension", json_object_new_string (gb_dimension_name (dimension)));
  json_object_object_add (body, "score", isnan (score) ? NULL : json_object_new_double (score));
  return body;
}

void
gb_room_score (GbRoom *self, guint item, GbDimension dimension, double score)
{
  const GbItemFacts *facts = gb_facts_find (gb_room_get_facts (self), item);
  can_be_undone_by (self, "score", score_json (item, dimension, facts ? facts->scores[dimension] : NAN));
  tell (self, "score", score_json (item, dimension, score));
  if (!isnan (score) && self->replay == NULL)
    g_signal_emit (self, signals[SCORED], 0);
}

void
gb_room_note (GbRoom *self, const char *text)
{
  const GbFacts *facts = gb_room_get_facts (self);
  GbJson *body = body_of (facts->now), *back = json_object_new_object ();
  json_object_object_add (back, "note", json_object_new_int64 (facts->notes->len));
  can_be_undone_by (self, "unsay", back);
  json_object_object_add (body, "text", json_object_new_string (text));
  tell (self, "note", body);
}

static const GbCase *
case_asked (GbRoom *self)
{
  const GbFacts *facts = gb_room_get_facts (self);
  const GbPlanItem *item = facts && facts->plan ? gb_plan_find (facts->plan, facts->now, NULL, NULL) : NULL;
  return item && (item->kind == GB_PLAN_CASE || item->kind == GB_PLAN_TASK)
             ? gb_library_find_case (self->library, item->what)
             : NULL;
}

const GbCaseHint *
gb_room_hint (GbRoom *self)
{
  const GbCase *which = case_asked (self);
  const GbFacts *facts = gb_room_get_facts (self);
  const GbItemFacts *item = which ? gb_facts_find (facts, facts->now) : NULL;
  const GbCaseHint *hint;
  GbJson *body;

  if (self->replay || item == NULL || item->n_hints >= which->hints->len)
    return NULL;
  hint = g_ptr_array_index (which->hints, item->n_hints);
  body = body_of (facts->now);
  json_object_object_add (body, "text", text_json (&hint->text));
  json_object_object_add (body, "cost", json_object_new_double (hint->cost));
  tell (self, "hint", body);
  g_signal_emit (self, signals[REVEAL], 0, hint->text.zh, hint->text.en);
  return hint;
}

void
gb_room_reveal (GbRoom *self)
{
  const GbFacts *facts = gb_room_get_facts (self);
  const GbItemFacts *said = gb_facts_find (facts, facts->now);
  const GbPlanItem *item = gb_plan_find (facts->plan, facts->now, NULL, NULL);

  if (item == NULL || said == NULL || self->replay)
    return;
  tell (self, "reveal", body_of (item->id));
  g_signal_emit (self, signals[REVEAL], 0, said->question.zh ? said->question.zh : "",
                 said->question.en ? said->question.en : "");
  if (item->kind == GB_PLAN_CASE || item->kind == GB_PLAN_TASK)
    g_signal_emit (self, signals[OPEN], 0, "case", item->what);
  else if (item->scene)
    g_signal_emit (self, signals[OPEN], 0, "scene", item->scene);
}

void
gb_room_set_exam (GbRoom *self, gboolean is_exam)
{
  GbJson *body;
  if (gb_room_get_facts (self)->is_exam == is_exam)
    return;
  body = json_object_new_object ();
  json_object_object_add (body, "on", json_object_new_boolean (is_exam));
  tell (self, "exam", body);
}

/* ---- what the board notices ---- */

/* The board does not know which cause is right, so it is said here. */
static void
judge_claim (GbRoom *self, GbJson *body)
{
  const GbCase *which = case_asked (self);
  const char *id = json_object_get_string (gb_json_get (body, "cause", json_type_string));
  for (guint i = 0; which && i < which->causes->len; i++)
    {
      const GbCaseCause *cause = g_ptr_array_index (which->causes, i);
      if (g_strcmp0 (cause->id, id) == 0)
        json_object_object_add (body, "right", json_object_new_boolean (cause->is_right));
    }
}

void
gb_room_notice (GbRoom *self, const char *kind, GbJson *body)
{
  const GbFacts *facts = gb_room_get_facts (self);
  if (self->replay || facts == NULL || facts->begun_at < 0 || facts->finished_at >= 0)
    {
      json_object_put (body);
      return;
    }
  if (strcmp (kind, "claim") == 0)
    judge_claim (self, body);
  tell (self, kind, body);
}

/* ---- the object ---- */

static void
gb_room_finalize (GObject *object)
{
  GbRoom *self = GB_ROOM (object);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_handle_id (&self->changed_timeout, g_source_remove);
  g_clear_pointer (&self->replay, gb_replay_free);
  if (self->session)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_object (&self->library);
  g_ptr_array_unref (self->undos);
  G_OBJECT_CLASS (gb_room_parent_class)->finalize (object);
}

static void
gb_room_class_init (GbRoomClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_room_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_ROOM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[OPENED] =
      g_signal_new ("opened", GB_TYPE_ROOM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[REVEAL] = g_signal_new ("reveal", GB_TYPE_ROOM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                  2, G_TYPE_STRING, G_TYPE_STRING);
  signals[OPEN] = g_signal_new ("open", GB_TYPE_ROOM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                G_TYPE_STRING, G_TYPE_STRING);
  signals[SCORED] =
      g_signal_new ("scored", GB_TYPE_ROOM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[REPLAY] =
      g_signal_new ("replay", GB_TYPE_ROOM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MOVED] =
      g_signal_new ("moved", GB_TYPE_ROOM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[TROUBLE] =
      g_signal_new ("trouble", GB_TYPE_ROOM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_room_init (GbRoom *self)
{
  self->undos = g_ptr_array_new_with_free_func (undo_free);
}

GbRoom *
gb_room_new (GbLibrary *library)
{
  GbRoom *self = g_object_new (GB_TYPE_ROOM, NULL);
  self->library = g_object_ref (library);
  return self;
}
