#include "room/room-board.h"

#include "board-window.h"
#include "common/i18n.h"
#include "editor/completion.h"
#include "models/explain.h"
#include "room/room-picture.h"

#define PLAN_SECONDS   10   /* how often the plan of time on the board is drawn anew */
#define REVEALED_MSEC  2500 /* until what was sent to the board stands there */
#define MOST_PICTURES  120  /* of an interview */

struct _GbRoomBoard
{
  GbRoom *room;
  GtkWindow *window;
  GbBoardWindow *board;  /* weak, NULL: none is open */
  GbBoardWindow *replay; /* the same, of an interview that is looked at again */
  gboolean is_exam;
  guint timeout, picture_timeout;
};

static GbSight *
new_sight (GbRoomBoard *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  return facts ? gb_sight_new (facts, gb_room_get_library (self->room), gb_room_get_now (self->room)) : NULL;
}

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

/* Explanations are the whole program's: while an examination runs nobody can switch them on. */
static void
set_exam (GbRoomBoard *self, gboolean is_exam)
{
  GApplication *application = g_application_get_default (); /* the window may have left it */
  GAction *action = application ? g_action_map_lookup_action (G_ACTION_MAP (application), "explanations") : NULL;
  g_autoptr (GVariant) wanted = action ? g_action_get_state (action) : NULL;

  if (self->is_exam == is_exam || action == NULL)
    return;
  self->is_exam = is_exam;
  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), !is_exam);
  gb_explain_set_enabled (!is_exam && g_variant_get_boolean (wanted));
  gb_completion_set_allowed (!is_exam);
}

static void
on_changed (GbRoomBoard *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  gboolean runs = facts && facts->finished_at < 0 && gb_room_get_replay (self->room) == NULL;

  set_exam (self, runs && facts->is_exam);
  if (self->board && gb_room_get_replay (self->room) == NULL)
    gb_board_window_set_exam (self->board, runs && facts->is_exam);
  show_plan (self);
  if (self->replay && gb_room_get_replay (self->room))
    {
      g_autoptr (GbSight) sight = new_sight (self);
      gb_board_window_show_sight (self->replay, sight);
    }
}

static gboolean
on_timeout (gpointer data)
{
  show_plan (data);
  return G_SOURCE_CONTINUE;
}

/* ---- pictures ---- */

static char *
dup_title (GbRoomBoard *self, guint *item)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  const GbPlanItem *planned = facts && facts->plan ? gb_plan_find (facts->plan, facts->now, NULL, NULL) : NULL;
  *item = planned ? planned->id : 0;
  return planned ? gb_plan_item_dup_title (planned, gb_room_get_library (self->room)) : g_strdup (_ ("The board"));
}

gboolean
gb_room_board_take_picture (GbRoomBoard *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  guint item;
  g_autofree char *title = NULL;

  if (facts == NULL || facts->pictures->len >= MOST_PICTURES || self->board == NULL
      || !gtk_widget_get_mapped (GTK_WIDGET (self->board)))
    return FALSE;
  title = dup_title (self, &item);
  gb_room_picture_take (self->room, GTK_WIDGET (self->board), item, title);
  return TRUE;
}

static gboolean
on_revealed (gpointer data)
{
  GbRoomBoard *self = data;
  self->picture_timeout = 0;
  gb_room_board_take_picture (self);
  return G_SOURCE_REMOVE;
}

static void
on_scored (GbRoomBoard *self)
{
  gb_room_board_take_picture (self);
}

gboolean
gb_room_board_keep_moment (GbRoomBoard *self)
{
  g_autofree char *file = NULL, *says = NULL;
  g_autofree char *moment = self->board ? gb_board_window_dup_moment (self->board, &file, &says) : NULL;
  const GbFacts *facts = gb_room_get_facts (self->room);
  GbJson *body;

  if (moment == NULL || facts == NULL)
    return FALSE;
  body = json_object_new_object ();
  json_object_object_add (body, "item", json_object_new_int64 (facts->now));
  json_object_object_add (body, "text", json_object_new_string (moment));
  json_object_object_add (body, "says", json_object_new_string (says ? says : ""));
  gb_room_notice (self->room, "moment", body);
  return TRUE;
}

/* ---- what the board is told ---- */

static void
on_reveal (GbRoomBoard *self, const char *zh, const char *en)
{
  if (self->board == NULL)
    return;
  gb_board_window_show_question (self->board, zh, en);
  g_clear_handle_id (&self->picture_timeout, g_source_remove);
  self->picture_timeout = g_timeout_add (REVEALED_MSEC, on_revealed, self);
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

/* ---- windows ---- */

/* Two interviews never share a board, nor an interview and its replay. */
static char *
dup_name (GbRoomBoard *self, const char *ending)
{
  g_autofree char *name = g_path_get_basename (gb_session_get_path (gb_room_get_session (self->room)));
  return g_strconcat (name, ending, NULL);
}

static void
close_window (GbBoardWindow **window)
{
  GbBoardWindow *open = *window;
  if (open == NULL)
    return;
  g_object_remove_weak_pointer (G_OBJECT (open), (gpointer *) window);
  *window = NULL;
  gtk_window_destroy (GTK_WINDOW (open));
}

static void
on_opened (GbRoomBoard *self)
{
  g_clear_handle_id (&self->picture_timeout, g_source_remove);
  close_window (&self->board);
  close_window (&self->replay);
}

static void
on_replay (GbRoomBoard *self)
{
  g_autofree char *name = NULL;

  if (gb_room_get_replay (self->room) == NULL)
    {
      close_window (&self->replay);
      return;
    }
  name = dup_name (self, ".replay");
  self->replay = gb_board_window_new_replay (gtk_window_get_application (self->window), name);
  g_object_add_weak_pointer (G_OBJECT (self->replay), (gpointer *) &self->replay);
  gtk_window_present (GTK_WINDOW (self->replay));
  gtk_window_present (self->window);
}

/* An interview that goes on begins with what stood on its board. */
static void
open_board (GbRoomBoard *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  g_autofree char *name = dup_name (self, "");

  self->board = gb_board_window_new_sealed (gtk_window_get_application (self->window), name);
  g_object_add_weak_pointer (G_OBJECT (self->board), (gpointer *) &self->board);
  g_signal_connect_swapped (self->board, "noticed", G_CALLBACK (on_noticed), self);
  if (facts->begun_at >= 0 && facts->texts->len)
    {
      g_autoptr (GbSight) sight = new_sight (self);
      gb_board_window_show_sight (self->board, sight);
    }
  else
    gb_board_window_open_initial (self->board);
  on_changed (self);
}

void
gb_room_board_present (GbRoomBoard *self)
{
  if (gb_room_get_replay (self->room))
    {
      if (self->replay)
        gtk_window_present (GTK_WINDOW (self->replay));
      else
        {
          on_replay (self);
          on_changed (self);
        }
      return;
    }
  if (self->board == NULL)
    open_board (self);
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
  g_signal_connect_swapped (room, "opened", G_CALLBACK (on_opened), self);
  g_signal_connect_swapped (room, "replay", G_CALLBACK (on_replay), self);
  g_signal_connect_swapped (room, "scored", G_CALLBACK (on_scored), self);
  g_signal_connect_swapped (room, "changed", G_CALLBACK (on_changed), self);
  self->timeout = g_timeout_add_seconds (PLAN_SECONDS, on_timeout, self);
  return self;
}

void
gb_room_board_free (GbRoomBoard *self)
{
  g_signal_handlers_disconnect_by_data (self->room, self);
  g_source_remove (self->timeout);
  g_clear_handle_id (&self->picture_timeout, g_source_remove);
  set_exam (self, FALSE);
  if (self->board)
    {
      g_signal_handlers_disconnect_by_data (self->board, self);
      g_object_remove_weak_pointer (G_OBJECT (self->board), (gpointer *) &self->board);
    }
  if (self->replay)
    g_object_remove_weak_pointer (G_OBJECT (self->replay), (gpointer *) &self->replay);
  g_free (self);
}
