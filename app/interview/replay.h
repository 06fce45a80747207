/* GbReplay: an interview looked at again: any of its times, what it was made of by then, and what happened, step by step.
 *
 * Its time is that of the interview without the gaps: where nothing happened for longer than a few seconds (a pause, a
 * night), it goes on after those few.  A seek costs the events since the nearest of the facts that are kept on the way,
 * a frame at most. */
#pragma once

#include "interview/session.h"

G_BEGIN_DECLS

typedef enum
{
  GB_REPLAY_COURSE,    /* begun, paused, finished, planned anew */
  GB_REPLAY_ASK,
  GB_REPLAY_SCORE,
  GB_REPLAY_NOTE,
  GB_REPLAY_HINT,
  GB_REPLAY_SHOW,      /* something was sent to the board, or kept of it */
  GB_REPLAY_TYPE,      /* edits that follow each other */
  GB_REPLAY_DO,        /* run, looked at, claimed */
  GB_REPLAY_CHECK,
  GB_REPLAY_GUESS,
  GB_REPLAY_INK,
  GB_N_REPLAY_KINDS,
} GbReplayKind;

typedef struct
{
  GbReplayKind kind;
  guint event; /* its last one */
  gint64 from, to; /* msec of the replay */
  gint64 at;   /* of the session */
  guint item;  /* that was asked then */
} GbReplayMark;

typedef struct _GbReplay GbReplay;

/* The session stays as it is as long as the replay is there. */
GbReplay *gb_replay_new (GbSession *session);
void gb_replay_free (GbReplay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbReplay, gb_replay_free)

gint64 gb_replay_get_length (const GbReplay *self);   /* msec */
gint64 gb_replay_get_position (const GbReplay *self);
void gb_replay_seek (GbReplay *self, gint64 position);
/* To just after that event; counted from 0. */
void gb_replay_seek_event (GbReplay *self, guint nth);
/* One event on or back: keystroke by keystroke. */
void gb_replay_move_event (GbReplay *self, int by);
/* Where a time of the session is in the replay. */
gint64 gb_replay_find (const GbReplay *self, gint64 at);
gint64 gb_replay_get_at (const GbReplay *self); /* the time of the session that is looked at */
const GbFacts *gb_replay_get_facts (const GbReplay *self);

guint gb_replay_get_n_marks (const GbReplay *self);
const GbReplayMark *gb_replay_get_mark (const GbReplay *self, guint nth);
/* The last one that has happened by now; -1: none. */
int gb_replay_get_nth_mark (const GbReplay *self);
/* What happened, in the current language.  Private.  Owned. */
char *gb_replay_describe (const GbReplay *self, guint nth, GbLibrary *library);

G_END_DECLS
