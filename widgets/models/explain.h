/* What the trace can explain: explanations of what went wrong, found in the past of a run.  Each says what happened,
 * in the order in which it happened and with its lines; none says whose mistake it is.
 *
 * One pass over the records, in order and each once: gb_explain_update() goes on where it stopped.  What was found
 * carries the position at which the trace first said so, so that a view at an earlier position does not know it. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_EVIDENCE_MAX_ARGS 5

/* What a line of evidence is about, for its mark: a colour role is chosen by the view. */
typedef enum
{
  GB_EVIDENCE_FORWARD,
  GB_EVIDENCE_BACKWARD,
  GB_EVIDENCE_SAVED,
  GB_EVIDENCE_CHANGED, /* something stale, cut or lost */
  GB_EVIDENCE_FREED,
  GB_EVIDENCE_NUMBER, /* counts and values */
} GbEvidenceKind;

/* One sentence: text is a msgid in which {0} … {4} stand for args. */
typedef struct
{
  GbEvidenceKind kind;
  const char *text;
  char *args[GB_EVIDENCE_MAX_ARGS];
  guint32 pos;    /* place in a source, 0: none */
  guint32 file, line; /* the same where no record named the place */
  guint64 seq;    /* where in the trace it happened, 0: nowhere in particular */
  guint64 tensor; /* that it speaks of, 0: none */
} GbEvidence;

typedef struct
{
  const char *cause; /* id of its row in the table: "inplace" */
  const char *title; /* msgid */
  char *subject;     /* "W", told apart from other findings of the cause; may be "" */
  guint64 seq;       /* known from here on */
  guint n_evidence;
  GbEvidence *evidence;
} GbFinding;

typedef struct _GbExplain GbExplain;

/* All who look at a trace share what was found in it; it lives as long as the trace.  Borrowed. */
GbExplain *gb_explain_of (GbTrace *trace);
/* Looks at up to `most` further records (0: all); TRUE when there are more. */
gboolean gb_explain_update (GbExplain *self, guint most);
/* What is known at seq, by position: the latest word on each subject.  (element-type GbFinding) owned, the findings
 * borrowed until the next update. */
GPtrArray *gb_explain_list (GbExplain *self, guint64 seq);

/* Explanations can be switched off, for examinations.  changed is called with object after every switch, as long as it
 * lives. */
void gb_explain_set_enabled (gboolean enabled);
/* Held back for a while, whatever the switch says: sentence is the msgid of why, which views show; NULL: no longer. */
void gb_explain_hold (const char *sentence);
const char *gb_explain_get_hold (void);
gboolean gb_explain_get_enabled (void); /* switched on and not held */
gboolean gb_explain_is_off (void);      /* switched off, whatever is held */
/* Why there are none, a msgid. */
const char *gb_explain_get_off_sentence (void);
void gb_explain_follow_switch (GObject *object, void (*changed) (gpointer object));

/* The table, for lists of what can be explained. */
guint gb_explain_get_n_causes (void);
const char *gb_explain_get_cause_id (guint nth);
const char *gb_explain_get_cause_title (guint nth); /* msgid */

G_END_DECLS
