/* room-board: between the interviewer's window and the board window: what is revealed goes there, what is
 * noticed comes back.  An interview that is looked at again has a board of its own, which shows what it showed then. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

typedef struct _GbRoomBoard GbRoomBoard;

/* window: the interviewer's. */
GbRoomBoard *gb_room_board_new (GbRoom *room, GtkWindow *window);
void gb_room_board_free (GbRoomBoard *self);
/* Opens the board window, or brings it to the front. */
void gb_room_board_present (GbRoomBoard *self);
/* What the board shows now goes into the interview, for its report.  FALSE: there is no board, or nothing on it. */
gboolean gb_room_board_take_picture (GbRoomBoard *self);
gboolean gb_room_board_keep_moment (GbRoomBoard *self);

G_END_DECLS
