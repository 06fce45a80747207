/* facts: an interview as it stands, made of its events in their order.  Nothing else is kept: the state at
 * any earlier time is what its events up to then make.  Pure; times are milliseconds since the interview was
 * made.
 *
 * Events (kind: fields of the body; what is missing or of a wrong type is left out, an unknown kind is passed
 * over): made: candidate, title, consent    plan: a plan (plan.h)             exam: on begin, pause, resume,
 * finish       ask: item, question {zh, en}      pass: item (passed over), back: item score: item, dimension,
 * score 0-4 or null       note: text, item     unsay: note (its number) hint: item, text {zh, en}, cost
 * reveal: item, what (to the board) moment: text, item, says guess: item, prediction, answer, sure (0-1), right
 *   look: item, view, place            claim: item, cause, right         check: item, what, holds
 *   text: file, text, origin            type: file, offset, removed, inserted (characters)
 *   run: file                          picture: item, title, png (base64)
 *   front: file                        state: file, moment (app/board/moment.h, as text), says
 *   ink: file, marks (a line of models/ink.h)
 *
 * "text", "type", "front", "state" and "ink" are what the board looked like: from them sight.h makes it again.
 * origin: "case:B01", "scene:digits-cnn" or "": what a text was opened as. */
#pragma once

#include "interview/plan.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 at;
  char *kind;
  GbJson *body;
} GbFact;

/* What was noticed while an item was asked: from the program, not from the interviewer. */
typedef enum
{
  GB_NOTICED_LOOK,
  GB_NOTICED_CLAIM,
  GB_NOTICED_CHECK,
  GB_NOTICED_GUESS,
  GB_NOTICED_RUN,
} GbNoticedKind;

typedef struct
{
  gint64 at;
  guint item; /* 0: none was asked */
  GbNoticedKind kind;
  char *text;        /* view, cause, prediction, file; as it is named */
  char *place;       /* "iter:2", or the answer to a prediction; "" */
  gboolean is_right; /* claims, checks, guesses */
  double sure;       /* guesses: 0 to 1; NAN: not said */
} GbNoticed;

typedef struct
{
  gint64 at;
  guint item;
  char *text;
  char *says; /* of a moment: where that is, in words; else "" */
  gboolean is_unsaid;
} GbInterviewNote;

typedef struct
{
  guint item;
  GbItemFate fate;
  gint64 asked_at;                /* -1: not yet */
  gint64 spent;                   /* while it was the one that is asked, without pauses */
  GbText question;                /* as it was asked */
  double scores[GB_N_DIMENSIONS]; /* NAN: none */
  guint n_hints;
  double hint_cost;
  gboolean is_revealed; /* its question, on the board */
} GbItemFacts;

/* What the board showed. */
typedef struct
{
  gint64 at;
  guint item;
  char *title;
  GBytes *png;
} GbInterviewPicture;

/* A file of the candidate's: as it is, and as it was when it was run, checked or left. */
typedef struct
{
  gint64 at;
  char *text;
} GbTextVersion;

typedef struct
{
  char *file, *origin;
  GString *text;
  GPtrArray *versions; /* GbTextVersion, of which none equals the one before */
  guint n_edits;
  char *ink; /* its marks, or NULL */
} GbInterviewText;

/* Where a program stood. */
typedef struct
{
  gint64 at;
  char *file, *moment;
  char *says; /* where that is, in words */
} GbInterviewState;

typedef struct
{
  char *candidate, *title;
  gboolean has_consent, is_exam;
  GbPlan *plan;                 /* NULL: none yet */
  gint64 begun_at, finished_at; /* -1: not yet */
  gboolean is_paused;
  guint now;                 /* the item that is asked, 0: none */
  GPtrArray *items;          /* GbItemFacts, in the order in which they were met */
  GPtrArray *notes;          /* GbInterviewNote */
  GPtrArray *evidence;       /* GbNoticed */
  GPtrArray *texts;          /* GbInterviewText */
  GPtrArray *moments;        /* GbInterviewNote */
  GPtrArray *pictures;       /* GbInterviewPicture */
  GbInterviewState state;    /* the last one; moment NULL: nothing ran yet */
  char *front;               /* the file that is looked at, or NULL */
  GbText shown;              /* the words above the board: a question or a hint */
  gint64 last_at;            /* of the last event */
  gint64 running_since, ran; /* of the whole: running_since -1: it stands */
  gint64 asked_since;        /* of the item, -1: it stands */
} GbFacts;

GbFacts *gb_facts_new (void);
GbFacts *gb_facts_copy (const GbFacts *self); /* shares what never changes */
void gb_facts_free (GbFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbFacts, gb_facts_free)

/* Takes the next event; at is not before the last one's, else it counts as that. */
void gb_facts_take (GbFacts *self, gint64 at, const char *kind, GbJson *body);

/* NULL: nothing was said of it. */
const GbItemFacts *gb_facts_find (const GbFacts *self, guint item);
GbItemFate gb_facts_get_fate (const GbFacts *self, guint item);
gint64 gb_facts_get_elapsed (const GbFacts *self, gint64 now); /* without pauses */
gint64 gb_facts_get_spent (const GbFacts *self, guint item, gint64 now);
const GbInterviewText *gb_facts_find_text (const GbFacts *self, const char *file);

/* The level of the next question: two right in a row one up, two wrong one down. */
GbLevel gb_facts_next_level (const GbFacts *self, GbLibrary *library);
/* The next item of the plan that is to come; 0: none. */
guint gb_facts_next_item (const GbFacts *self);
/* The interview as widgets/models/interview-model.h reads it, titles in the current language.  is_private:
 * for the interviewer; else for the board: without scores, and without a word of what was not asked yet.
 * Owned. */
char *gb_facts_to_board (const GbFacts *self, GbLibrary *library, gint64 now, gboolean is_private);

/* What to call an item, in the current language.  Owned. */
char *gb_plan_item_dup_title (const GbPlanItem *item, GbLibrary *library);
/* What to call a part: the outline's section, or "Diagnosis".  Owned. */
char *gb_plan_part_dup_title (const char *id, GbLibrary *library);

G_END_DECLS
