/* GbReplayTrack: the time of an interview that is looked at again, to be dragged: questions as spans, what happened as marks
 * of a shape per kind, edits as a strip.
 *
 * Keys: left, right: the mark before, after; with Shift an event (a keystroke); up, down: a question; Home, End; Space: play. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

#define GB_TYPE_REPLAY_TRACK (gb_replay_track_get_type ())
G_DECLARE_FINAL_TYPE (GbReplayTrack, gb_replay_track, GB, REPLAY_TRACK, GtkWidget)

/* Signal "play": to be begun, or stopped. */
GtkWidget *gb_replay_track_new (GbRoom *room);
/* direction 1, -1: to the mark after or before; a question's when is_question. */
void gb_replay_track_go (GbReplayTrack *self, int direction, gboolean is_question);

G_END_DECLS
