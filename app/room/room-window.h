/* GbRoomWindow: the interviewer's window: planning, questions with their answers, scores, notes, the report.
 * What is shared with the candidate is another window, the board, which never receives any of it. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GB_TYPE_ROOM_WINDOW (gb_room_window_get_type ())
G_DECLARE_FINAL_TYPE (GbRoomWindow, gb_room_window, GB, ROOM_WINDOW, AdwApplicationWindow)

GbRoomWindow *gb_room_window_new (GtkApplication *application);
/* An interview that is kept.  What is wrong with it is shown. */
void gb_room_window_open (GbRoomWindow *self, const char *path);
/* The same, looked at again from that time on, msec since it was made. */
void gb_room_window_replay (GbRoomWindow *self, const char *path, gint64 at);

G_END_DECLS
