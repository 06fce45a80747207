#include "room/room-board.h"

#include "board-window.h"

#define PLAN_SECONDS 10 /* how often the plan of time on the board is drawn anew */

struct _GbRoomBoard
{
  GbRoom *room;
  GtkWindow *window;
  GbBoardWindow *board; /* weak, NULL: none is open */
  guint timeout;
};

/* The board gets what anybody may see, as text. */
static void
show_plan (GbRoomBoard *self)
{
  GbSession *session = gb_room_get_session (self->room);
  g_autofree char *json =
      session ? gb_facts_to_board (gb_session_get_facts (session), gb_room_get_library (self->room),
                                   gb_session_get_now (session), FALSE)
              : NULL;
  if (self->board)
    gb_board_window_show_interview (self->board, json);
}

static gboolean
on_timeout (gpointer data)
{
  show_plan (data);
  return G_SOURCE_CONTINUE;
}

static void
on_reveal (GbRoomBoard *self, const char *zh, const char *en)
{
  if (self->board)
    gb_board_window_show_question (self->board, zh, en);
}

static void
on_open (GbRoomBoard *self, const char *what, const char *id)
{
  if (self->board == NULL)
    return;
  if (g_strcmp0 (what, "case") == 0)
    gb_board_window_open_case (self->board, id);
  else
    gb_board_window_open_scene (self->board, id);
}

static void
on_noticed (GbRoomBoard *self, const char *kind, gpointer body)
{
  gb_room_notice (self->room, kind, json_object_get (body));
}

void
gb_room_board_present (GbRoomBoard *self)
{
  if (self->board == NULL)
    {
      self->board = gb_board_window_new_sealed (gtk_window_get_application (self->window));
      g_object_add_weak_pointer (G_OBJECT (self->board), (gpointer *) &self->board);
      g_signal_connect_swapped (self->board, "noticed", G_CALLBACK (on_noticed), self);
      gb_board_window_open_initial (self->board);
      show_plan (self);
    }
  gtk_window_present (GTK_WINDOW (self->board));
}

GbRoomBoard *
gb_room_board_new (GbRoom *room, GtkWindow *window)
{
  GbRoomBoard *self = g_new0 (GbRoomBoard, 1);
  self->room = room;
  self->window = window;
  g_signal_connect_swapped (room, "reveal", G_CALLBACK (on_reveal), self);
  g_signal_connect_swapped (room, "open", G_CALLBACK (on_open), self);
  g_signal_connect_swapped (room, "changed", G_CALLBACK (show_plan), self);
  self->timeout = g_timeout_add_seconds (PLAN_SECONDS, on_timeout, self);
  return self;
}

void
gb_room_board_free (GbRoomBoard *self)
{
  g_signal_handlers_disconnect_by_data (self->room, self);
  g_source_remove (self->timeout);
  if (self->board)
    {
      g_signal_handlers_disconnect_by_data (self->board, self);
      g_object_remove_weak_pointer (G_OBJECT (self->board), (gpointer *) &self->board);
    }
  g_free (self);
}
