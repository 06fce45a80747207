/* GbReplayBar: below the interviewer's window while an interview is looked at again: its time, and how to move in it. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

#define GB_TYPE_REPLAY_BAR (gb_replay_bar_get_type ())
G_DECLARE_FINAL_TYPE (GbReplayBar, gb_replay_bar, GB, REPLAY_BAR, GtkWidget)

GtkWidget *gb_replay_bar_new (GbRoom *room);
/* All that happened, to be chosen from; goes beside the question.  Floating. */
GtkWidget *gb_replay_list_new (GbRoom *room);

G_END_DECLS
