#include "interview/facts.h"

#include <math.h>
#include <string.h>

#define MOST_VERSIONS 400
#define MOST_TEXT     (1 << 20) /* bytes of a file that is followed */

/* ---- making and freeing ---- */

/* What does not change once it was told (evidence, versions, pictures) is counted, so that a copy of the facts shares
 * it. */

static void
evidence_clear (gpointer data)
{
  GbNoticed *self = data;
  g_free (self->text);
  g_free (self->place);
}

static void
evidence_free (gpointer data)
{
  g_rc_box_release_full (data, evidence_clear);
}

static void
note_free (gpointer data)
{
  GbInterviewNote *self = data;
  g_free (self->text);
  g_free (self->says);
  g_free (self);
}

static void
item_facts_free (gpointer data)
{
  GbItemFacts *self = data;
  gb_text_clear (&self->question);
  g_free (self);
}

static void
version_clear (gpointer data)
{
  g_free (((GbTextVersion *) data)->text);
}

static void
version_free (gpointer data)
{
  g_rc_box_release_full (data, version_clear);
}

static void
text_free (gpointer data)
{
  GbInterviewText *self = data;
  g_free (self->file);
  g_free (self->origin);
  g_free (self->ink);
  g_string_free (self->text, TRUE);
  g_ptr_array_unref (self->versions);
  g_free (self);
}

static void
picture_clear (gpointer data)
{
  GbInterviewPicture *self = data;
  g_free (self->title);
  g_bytes_unref (self->png);
}

static void
picture_free (gpointer data)
{
  g_rc_box_release_full (data, picture_clear);
}

static void
state_clear (GbInterviewState *self)
{
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->moment, g_free);
  g_clear_pointer (&self->says, g_free);
}

GbFacts *
gb_facts_new (void)
{
  GbFacts *self = g_new0 (GbFacts, 1);
  self->candidate = g_strdup ("");
  self->title = g_strdup ("");
  self->begun_at = self->finished_at = self->running_since = self->asked_since = -1;
  self->items = g_ptr_array_new_with_free_func (item_facts_free);
  self->notes = g_ptr_array_new_with_free_func (note_free);
  self->evidence = g_ptr_array_new_with_free_func (evidence_free);
  self->texts = g_ptr_array_new_with_free_func (text_free);
  self->moments = g_ptr_array_new_with_free_func (note_free);
  self->pictures = g_ptr_array_new_with_free_func (picture_free);
  return self;
}

void
gb_facts_free (GbFacts *self)
{
  if (self == NULL)
    return;
  g_free (self->candidate);
  g_free (self->title);
  gb_plan_free (self->plan);
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->notes);
  g_ptr_array_unref (self->evidence);
  g_ptr_array_unref (self->texts);
  g_ptr_array_unref (self->moments);
  g_ptr_array_unref (self->pictures);
  state_clear (&self->state);
  g_free (self->front);
  gb_text_clear (&self->shown);
  g_free (self);
}

/* ---- copying ---- */

static gpointer
copy_item (gconstpointer from, gpointer data)
{
  GbItemFacts *self = g_memdup2 (from, sizeof *self);
  self->question.zh = g_strdup (self->question.zh);
  self->question.en = g_strdup (self->question.en);
  return self;
}

static gpointer
copy_note (gconstpointer from, gpointer data)
{
  GbInterviewNote *self = g_memdup2 (from, sizeof *self);
  self->text = g_strdup (self->text);
  self->says = g_strdup (self->says);
  return self;
}

static gpointer
share (gconstpointer from, gpointer data)
{
  return g_rc_box_acquire ((gpointer) from);
}

static gpointer
copy_text (gconstpointer from, gpointer data)
{
  const GbInterviewText *other = from;
  GbInterviewText *self = g_memdup2 (from, sizeof *self);
  self->file = g_strdup (other->file);
  self->origin = g_strdup (other->origin);
  self->ink = g_strdup (other->ink);
  self->text = g_string_new_len (other->text->str, (gssize) other->text->len);
  self->versions = g_ptr_array_copy (other->versions, share, NULL);
  return self;
}

GbFacts *
gb_facts_copy (const GbFacts *self)
{
  GbFacts *copy = g_memdup2 (self, sizeof *self);
  copy->candidate = g_strdup (self->candidate);
  copy->title = g_strdup (self->title);
  copy->plan = self->plan ? gb_plan_copy (self->plan) : NULL;
  copy->items = g_ptr_array_copy (self->items, copy_item, NULL);
  copy->notes = g_ptr_array_copy (self->notes, copy_note, NULL);
  copy->evidence = g_ptr_array_copy (self->evidence, share, NULL);
  copy->texts = g_ptr_array_copy (self->texts, copy_text, NULL);
  copy->moments = g_ptr_array_copy (self->moments, copy_note, NULL);
  copy->pictures = g_ptr_array_copy (self->pictures, share, NULL);
  copy->state.file = g_strdup (self->state.file);
  copy->state.moment = g_strdup (self->state.moment);
  copy->state.says = g_strdup (self->state.says);
  copy->front = g_strdup (self->front);
  copy->shown = (GbText){ g_strdup (self->shown.zh), g_strdup (self->shown.en) };
  return copy;
}

/* ---- reading a body ---- */

static char *
get_text (GbJson *body, const char *key)
{
  char *text = gb_json_dup_string (body, key);
  return text ? text : g_strdup ("");
}

static double
get_number (GbJson *body, const char *key)
{
  GbJson *value = NULL;
  return json_object_object_get_ex (body, key, &value)
                 && (json_object_is_type (value, json_type_double)
                     || json_object_is_type (value, json_type_int))
             ? json_object_get_double (value)
             : NAN;
}

static guint
get_count (GbJson *body, const char *key)
{
  double number = get_number (body, key);
  return number >= 0 && number <= 1e9 ? (guint) number : 0;
}

static gboolean
get_flag (GbJson *body, const char *key)
{
  return json_object_get_boolean (gb_json_get (body, key, json_type_boolean));
}

/* ---- items ---- */

const GbItemFacts *
gb_facts_find (const GbFacts *self, guint item)
{
  for (guint i = 0; i < self->items->len; i++)
    if (((GbItemFacts *) g_ptr_array_index (self->items, i))->item == item)
      return g_ptr_array_index (self->items, i);
  return NULL;
}

static GbItemFacts *
ensure_item (GbFacts *self, guint item)
{
  GbItemFacts *facts = (GbItemFacts *) gb_facts_find (self, item);
  if (facts || item == 0)
    return facts;
  facts = g_new0 (GbItemFacts, 1);
  facts->item = item;
  facts->asked_at = -1;
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    facts->scores[d] = NAN;
  g_ptr_array_add (self->items, facts);
  return facts;
}

GbItemFate
gb_facts_get_fate (const GbFacts *self, guint item)
{
  const GbItemFacts *facts = gb_facts_find (self, item);
  return facts ? facts->fate : GB_ITEM_TO_COME;
}

/* Its item. */
static GbItemFacts *
item_of (GbFacts *self, GbJson *body)
{
  return ensure_item (self, get_count (body, "item"));
}

/* ---- time ---- */

static void
stop_item (GbFacts *self, gint64 at)
{
  GbItemFacts *facts = ensure_item (self, self->now);
  if (facts && self->asked_since >= 0)
    facts->spent += at - self->asked_since;
  self->asked_since = -1;
}

static void
stand (GbFacts *self, gint64 at)
{
  stop_item (self, at);
  if (self->running_since >= 0)
    self->ran += at - self->running_since;
  self->running_since = -1;
}

static void
run_on (GbFacts *self, gint64 at)
{
  if (self->running_since < 0)
    self->running_since = at;
  if (self->now && self->asked_since < 0)
    self->asked_since = at;
}

gint64
gb_facts_get_elapsed (const GbFacts *self, gint64 now)
{
  return self->ran + (self->running_since >= 0 ? MAX (now - self->running_since, 0) : 0);
}

gint64
gb_facts_get_spent (const GbFacts *self, guint item, gint64 now)
{
  const GbItemFacts *facts = gb_facts_find (self, item);
  if (facts == NULL)
    return 0;
  return facts->spent + (item == self->now && self->asked_since >= 0 ? MAX (now - self->asked_since, 0) : 0);
}

static void
take_begin (GbFacts *self, gint64 at, GbJson *body)
{
  if (self->begun_at < 0)
    self->begun_at = at;
  self->finished_at = -1; /* a finished one that is gone on with */
  self->is_paused = FALSE;
  run_on (self, at);
}

static void
take_pause (GbFacts *self, gint64 at, GbJson *body)
{
  self->is_paused = self->running_since >= 0;
  stand (self, at);
}

static void
take_resume (GbFacts *self, gint64 at, GbJson *body)
{
  if (self->is_paused)
    run_on (self, at);
  self->is_paused = FALSE;
}

static void
keep_version (GbInterviewText *text, gint64 at)
{
  GbTextVersion *last =
      text->versions->len ? g_ptr_array_index (text->versions, text->versions->len - 1) : NULL;
  GbTextVersion *version;
  if ((last && strcmp (last->text, text->text->str) == 0) || text->versions->len >= MOST_VERSIONS)
    return;
  version = g_rc_box_new0 (GbTextVersion);
  version->at = at;
  version->text = g_strdup (text->text->str);
  g_ptr_array_add (text->versions, version);
}

static void
keep_versions (GbFacts *self, gint64 at)
{
  for (guint i = 0; i < self->texts->len; i++)
    keep_version (g_ptr_array_index (self->texts, i), at);
}

static void
take_finish (GbFacts *self, gint64 at, GbJson *body)
{
  stand (self, at);
  self->is_paused = FALSE;
  self->finished_at = at;
  self->now = 0;
  keep_versions (self, at);
}

/* ---- the interviewer ---- */

static void
take_made (GbFacts *self, gint64 at, GbJson *body)
{
  g_free (self->candidate);
  g_free (self->title);
  self->candidate = get_text (body, "candidate");
  self->title = get_text (body, "title");
  self->has_consent = get_flag (body, "consent");
}

static void
take_plan (GbFacts *self, gint64 at, GbJson *body)
{
  GbPlan *plan = gb_plan_from_json (body);
  if (plan == NULL)
    return;
  gb_plan_free (self->plan);
  self->plan = plan;
}

static void
take_exam (GbFacts *self, gint64 at, GbJson *body)
{
  self->is_exam = get_flag (body, "on");
}

static void
take_ask (GbFacts *self, gint64 at, GbJson *body)
{
  GbItemFacts *facts = item_of (self, body);
  if (facts == NULL)
    return;
  stop_item (self, at);
  self->now = facts->item;
  facts->fate = GB_ITEM_ASKED;
  if (facts->asked_at < 0)
    facts->asked_at = at;
  gb_text_clear (&facts->question);
  facts->question = gb_text_read (body, "question");
  if (self->running_since >= 0)
    self->asked_since = at;
  keep_versions (self, at);
}

static void
take_pass (GbFacts *self, gint64 at, GbJson *body)
{
  GbItemFacts *facts = item_of (self, body);
  if (facts == NULL)
    return;
  if (self->now == facts->item)
    {
      stop_item (self, at);
      self->now = 0;
    }
  facts->fate = GB_ITEM_PASSED;
}

static void
take_back (GbFacts *self, gint64 at, GbJson *body)
{
  GbItemFacts *facts = item_of (self, body);
  if (facts && facts->fate == GB_ITEM_PASSED)
    facts->fate = facts->asked_at >= 0 ? GB_ITEM_ASKED : GB_ITEM_TO_COME;
}

static void
take_score (GbFacts *self, gint64 at, GbJson *body)
{
  GbItemFacts *facts = item_of (self, body);
  int dimension =
      gb_dimension_from_name (json_object_get_string (gb_json_get (body, "dimension", json_type_string)));
  double score = get_number (body, "score");
  if (facts && dimension >= 0)
    facts->scores[dimension] = score >= 0 && score <= GB_INTERVIEW_MOST_SCORE ? score : NAN;
}

static void
add_note (GPtrArray *notes, gint64 at, GbJson *body)
{
  GbInterviewNote *note = g_new0 (GbInterviewNote, 1);
  note->at = at;
  note->item = get_count (body, "item");
  note->text = get_text (body, "text");
  note->says = get_text (body, "says");
  g_ptr_array_add (notes, note);
}

static void
take_note (GbFacts *self, gint64 at, GbJson *body)
{
  add_note (self->notes, at, body);
}

static void
take_moment (GbFacts *self, gint64 at, GbJson *body)
{
  add_note (self->moments, at, body);
}

static void
take_unsay (GbFacts *self, gint64 at, GbJson *body)
{
  double nth = get_number (body, "note");
  if (nth >= 0 && nth < self->notes->len)
    ((GbInterviewNote *) g_ptr_array_index (self->notes, (guint) nth))->is_unsaid = TRUE;
}

static void
show (GbFacts *self, const GbText *text)
{
  GbText shown = { g_strdup (text->zh), g_strdup (text->en) };
  gb_text_clear (&self->shown);
  self->shown = shown;
}

static void
take_hint (GbFacts *self, gint64 at, GbJson *body)
{
  GbItemFacts *facts = item_of (self, body);
  double cost = get_number (body, "cost");
  GbText text = gb_text_read (body, "text");
  show (self, &text);
  gb_text_clear (&text);
  if (facts == NULL)
    return;
  facts->n_hints++;
  facts->hint_cost += cost >= 0 ? cost : 0;
}

static void
take_reveal (GbFacts *self, gint64 at, GbJson *body)
{
  GbItemFacts *facts = item_of (self, body);
  if (facts == NULL)
    return;
  facts->is_revealed = TRUE;
  show (self, &facts->question);
}

/* ---- evidence ---- */

static GbNoticed *
add_evidence (
    GbFacts *self, gint64 at, GbNoticedKind kind, GbJson *body, const char *text, const char *place)
{
  GbNoticed *evidence = g_rc_box_new0 (GbNoticed);
  guint item = get_count (body, "item");
  evidence->at = at;
  evidence->item = item ? item : self->now;
  evidence->kind = kind;
  evidence->text = get_text (body, text);
  evidence->place = place ? get_text (body, place) : g_strdup ("");
  evidence->sure = NAN;
  g_ptr_array_add (self->evidence, evidence);
  return evidence;
}

static void
take_look (GbFacts *self, gint64 at, GbJson *body)
{
  add_evidence (self, at, GB_NOTICED_LOOK, body, "view", "place");
}

static void
take_claim (GbFacts *self, gint64 at, GbJson *body)
{
  add_evidence (self, at, GB_NOTICED_CLAIM, body, "cause", NULL)->is_right = get_flag (body, "right");
}

static void
take_guess (GbFacts *self, gint64 at, GbJson *body)
{
  GbNoticed *evidence = add_evidence (self, at, GB_NOTICED_GUESS, body, "prediction", "answer");
  double sure = get_number (body, "sure");
  evidence->is_right = get_flag (body, "right");
  evidence->sure = sure >= 0 && sure <= 1 ? sure : NAN;
}

static void
take_check (GbFacts *self, gint64 at, GbJson *body)
{
  GbNoticed *evidence = add_evidence (self, at, GB_NOTICED_CHECK, body, "what", NULL);
  evidence->is_right = get_flag (body, "holds");
  keep_versions (self, at);
}

static void
take_run (GbFacts *self, gint64 at, GbJson *body)
{
  add_evidence (self, at, GB_NOTICED_RUN, body, "file", NULL);
  keep_versions (self, at);
}

static void
take_picture (GbFacts *self, gint64 at, GbJson *body)
{
  static const guchar signature[] = { 0x89, 'P', 'N', 'G' };
  g_autofree char *text = get_text (body, "png");
  gsize length = 0;
  guchar *data = g_base64_decode (text, &length);
  GbInterviewPicture *picture;

  if (length < sizeof signature || memcmp (data, signature, sizeof signature) != 0)
    {
      g_free (data);
      return;
    }
  picture = g_rc_box_new0 (GbInterviewPicture);
  picture->at = at;
  picture->item = get_count (body, "item");
  picture->title = get_text (body, "title");
  picture->png = g_bytes_new_take (data, length);
  g_ptr_array_add (self->pictures, picture);
}

/* ---- texts ---- */

const GbInterviewText *
gb_facts_find_text (const GbFacts *self, const char *file)
{
  for (guint i = 0; i < self->texts->len; i++)
    if (strcmp (((GbInterviewText *) g_ptr_array_index (self->texts, i))->file, file) == 0)
      return g_ptr_array_index (self->texts, i);
  return NULL;
}

static GbInterviewText *
ensure_text (GbFacts *self, const char *file)
{
  GbInterviewText *text = (GbInterviewText *) gb_facts_find_text (self, file);
  if (text)
    return text;
  text = g_new0 (GbInterviewText, 1);
  text->file = g_strdup (file);
  text->origin = g_strdup ("");
  text->text = g_string_new (NULL);
  text->versions = g_ptr_array_new_with_free_func (version_free);
  g_ptr_array_add (self->texts, text);
  return text;
}

static void
take_text (GbFacts *self, gint64 at, GbJson *body)
{
  g_autofree char *file = get_text (body, "file");
  g_autofree char *whole = get_text (body, "text");
  GbInterviewText *text = ensure_text (self, file);
  g_autofree char *origin = get_text (body, "origin");
  if (*origin)
    {
      g_free (text->origin);
      text->origin = g_steal_pointer (&origin);
    }
  keep_version (text, at);
  g_string_truncate (g_string_assign (text->text, whole), MOST_TEXT);
  keep_version (text, at);
}

/* An edit that does not fit the text is left out: what follows brings the whole text again. */
static void
take_type (GbFacts *self, gint64 at, GbJson *body)
{
  g_autofree char *file = get_text (body, "file");
  g_autofree char *inserted = get_text (body, "inserted");
  GbInterviewText *text = ensure_text (self, file);
  double offset = get_number (body, "offset"), removed = get_number (body, "removed");
  glong length = g_utf8_strlen (text->text->str, -1);
  const char *from, *to;

  if (!(offset >= 0 && offset <= length) || (removed > 0 && offset + removed > length)
      || text->text->len + strlen (inserted) > MOST_TEXT)
    return;
  from = g_utf8_offset_to_pointer (text->text->str, (glong) offset);
  to = g_utf8_offset_to_pointer (from, removed > 0 ? (glong) removed : 0);
  length = from - text->text->str;
  g_string_erase (text->text, length, to - from);
  g_string_insert (text->text, length, inserted);
  text->n_edits++;
}

static void
take_front (GbFacts *self, gint64 at, GbJson *body)
{
  g_free (self->front);
  self->front = get_text (body, "file");
}

static void
take_state (GbFacts *self, gint64 at, GbJson *body)
{
  state_clear (&self->state);
  self->state = (GbInterviewState){ at, get_text (body, "file"), get_text (body, "moment"),
                                    get_text (body, "says") };
}

static void
take_ink (GbFacts *self, gint64 at, GbJson *body)
{
  g_autofree char *file = get_text (body, "file");
  GbInterviewText *text = ensure_text (self, file);
  g_free (text->ink);
  text->ink = get_text (body, "marks");
}

/* ---- one event after the other ---- */

void
gb_facts_take (GbFacts *self, gint64 at, const char *kind, GbJson *body)
{
  static const struct
  {
    const char *kind;
    void (*take) (GbFacts *self, gint64 at, GbJson *body);
  } kinds[] = {
    { "made", take_made },     { "plan", take_plan },   { "exam", take_exam },
    { "begin", take_begin },   { "pause", take_pause }, { "resume", take_resume },
    { "finish", take_finish }, { "ask", take_ask },     { "pass", take_pass },
    { "back", take_back },     { "score", take_score }, { "note", take_note },
    { "unsay", take_unsay },   { "hint", take_hint },   { "reveal", take_reveal },
    { "moment", take_moment }, { "guess", take_guess }, { "look", take_look },
    { "claim", take_claim },   { "check", take_check }, { "text", take_text },
    { "type", take_type },     { "run", take_run },     { "picture", take_picture },
    { "front", take_front },   { "state", take_state }, { "ink", take_ink },
  };

  at = MAX (at, self->last_at);
  self->last_at = at;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].kind, kind) == 0)
      kinds[i].take (self, at, body);
}
