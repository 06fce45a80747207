/* room: the interviewer's side.
 *
 * GbRoom: an interview that is planned, run or looked at again: what the interviewer does becomes events of
 * its session, and can be taken back.  The board hears of it by signals that carry nothing private.
 *
 * Signals: "changed"; "opened": another session, or none; "reveal" (zh, en): this is to be shown;
 * "open" (what, id): the board is to open a "scene" or a "case"; "trouble": see gb_session_get_trouble;
 * "scored": a score was given; "replay": it began or ended; "moved": another time of it is looked at.
 *
 * While an interview is looked at again, its facts are those of the time that is looked at, and nothing is told. */
#pragma once

#include "interview/replay.h"

G_BEGIN_DECLS

#define GB_TYPE_ROOM (gb_room_get_type ())
G_DECLARE_FINAL_TYPE (GbRoom, gb_room, GB, ROOM, GObject)

/* library: the whole one, which the board must not have. */
GbRoom *gb_room_new (GbLibrary *library);
GbLibrary *gb_room_get_library (GbRoom *self);
GbSession *gb_room_get_session (GbRoom *self); /* NULL: none is open */
const GbFacts *gb_room_get_facts (GbRoom *self);
const GbPlan *gb_room_get_plan (GbRoom *self); /* NULL: none yet */
/* msec since the session was made: now, or the time that is looked at. */
gint64 gb_room_get_now (GbRoom *self);

/* A new interview in the folder, with a plan for the wish. */
gboolean gb_room_begin_new (GbRoom *self,
                            const char *folder,
                            const char *candidate,
                            gboolean has_consent,
                            const GbPlanWish *wish,
                            GError **error);
gboolean gb_room_open (GbRoom *self, const char *path, GError **error);
void gb_room_close (GbRoom *self);

/* Looking at it again: not while it runs. */
gboolean gb_room_can_replay (GbRoom *self);
void gb_room_begin_replay (GbRoom *self, gint64 at); /* msec of the session; 0: from the beginning */
void gb_room_end_replay (GbRoom *self);
const GbReplay *gb_room_get_replay (GbRoom *self); /* NULL: none */
void gb_room_seek (GbRoom *self, gint64 position); /* msec of the replay */
void gb_room_seek_mark (GbRoom *self, guint nth);
void gb_room_move_event (GbRoom *self, int by);

/* Whose interview it is, and what it is called; can be taken back. */
void gb_room_rename (GbRoom *self, const char *title, const char *candidate, gboolean has_consent);

/* Planning.  Takes the plan. */
void gb_room_set_plan (GbRoom *self, GbPlan *plan);
/* Each question that is to come one level up or down, where its topic has one. */
void gb_room_shift_depth (GbRoom *self, int by);
/* Minutes that what is to come wants beyond those that are left; below 0: there is room. */
double gb_room_get_shortage (GbRoom *self);
/* Passes over what finds no room, by the weights.  The number of items. */
guint gb_room_replan (GbRoom *self);

/* Running. */
void gb_room_begin (GbRoom *self);
void gb_room_toggle_pause (GbRoom *self);
void gb_room_finish (GbRoom *self);
void gb_room_ask (GbRoom *self, guint item);
/* The next of the plan, at the level that the last scores say. */
void gb_room_ask_next (GbRoom *self);
void gb_room_pass (GbRoom *self, guint item);                                       /* or fetches it back */
void gb_room_score (GbRoom *self, guint item, GbDimension dimension, double score); /* NAN: none */
void gb_room_note (GbRoom *self, const char *text);
/* The next hint of the case that is asked; what it says, borrowed, or NULL: there is none. */
const GbCaseHint *gb_room_hint (GbRoom *self);
void gb_room_reveal (GbRoom *self);
void gb_room_set_exam (GbRoom *self, gboolean is_exam);
/* What the board has noticed; a claim is judged here.  Takes the body. */
void gb_room_notice (GbRoom *self, const char *kind, GbJson *body);

gboolean gb_room_can_undo (GbRoom *self);
void gb_room_undo (GbRoom *self);

G_END_DECLS
