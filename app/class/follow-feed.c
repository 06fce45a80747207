#include "class/follow-feed.h"

#include "common/i18n.h"
#include "common/theme.h"

#include <string.h>

#define TELL_MSEC 200

struct _GbFollowFeed
{
  GObject parent_instance;

  GbFollowServer *server;
  GbBoardWindow *board; /* weak */
  GbLecturer *lecturer;
  GbLivePicture *picture;
  char *last_state, *last_text; /* that were told */
  guint timeout;
};

G_DEFINE_FINAL_TYPE (GbFollowFeed, gb_follow_feed, G_TYPE_OBJECT)

/* ---- as JSON ---- */

static GbJson *
text_to_json (const GbText *text)
{
  GbJson *object = json_object_new_object ();
  json_object_object_add (object, "zh", json_object_new_string (text->zh ? text->zh : text->en ? text->en : ""));
  json_object_object_add (object, "en", json_object_new_string (text->en ? text->en : text->zh ? text->zh : ""));
  return object;
}

/* The question that may be answered, or NULL. */
static GbJson *
question_to_json (GbFollowFeed *self)
{
  const GbPrediction *prediction;
  const char *id = gb_lecturer_get_open (self->lecturer, &prediction);
  if (!id || gb_board_window_is_blank (self->board))
    return NULL;
  GbJson *object = json_object_new_object (), *choices = json_object_new_array ();
  const GbText name = { (char *) id, (char *) id };
  json_object_object_add (object, "id", json_object_new_string (id));
  json_object_object_add (object, "kind", json_object_new_string (prediction && prediction->kind ? prediction->kind : "text"));
  json_object_object_add (object, "prompt", text_to_json (prediction ? &prediction->prompt : &name));
  for (guint i = 0; prediction && i < prediction->choices->len; i++)
    {
      const GbSceneChoice *choice = g_ptr_array_index (prediction->choices, i);
      GbJson *one = json_object_new_object ();
      json_object_object_add (one, "value", json_object_new_string (choice->value));
      json_object_object_add (one, "label", text_to_json (&choice->label));
      json_object_array_add (choices, one);
    }
  json_object_object_add (object, "choices", choices);
  return object;
}

static GbJson *
answers_to_json (GbFollowFeed *self)
{
  const GbAnswers *answers = gb_lecturer_are_answers_shown (self->lecturer) ? gb_lecturer_get_answers (self->lecturer) : NULL;
  return answers ? gb_answers_to_json (answers) : NULL;
}

static void
move (GbJson *from, GbJson *to, const char *key)
{
  json_object_object_add (to, key, json_object_get (json_object_object_get (from, key)));
}

static char *
to_line (GbJson *object)
{
  char *line = g_strdup (json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
  json_object_put (object);
  return line;
}

/* ---- telling ---- */

static void
tell (GbFollowFeed *self, GbFollowNews which, char **last, char *line)
{
  g_autofree char *own = line;
  if (g_strcmp0 (own, *last) == 0)
    return;
  g_free (*last);
  *last = g_steal_pointer (&own);
  gb_follow_server_tell (self->server, which, g_bytes_new (*last, strlen (*last)));
}

static gboolean
on_timeout (gpointer data)
{
  GbFollowFeed *self = data;
  self->timeout = 0;
  if (!self->board || !gb_follow_server_is_running (self->server))
    return G_SOURCE_REMOVE;
  GbJson *shown = gb_board_window_describe (self->board), *state = json_object_new_object (), *text = json_object_new_object ();
  const GbTheme *theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ());
  move (shown, state, "title");
  move (shown, state, "subtitle");
  move (shown, state, "sentence");
  move (shown, state, "question");
  move (shown, text, "program");
  move (shown, text, "line");
  move (shown, text, "output");
  json_object_object_add (state, "blank", json_object_new_boolean (gb_board_window_is_blank (self->board)));
  json_object_object_add (state, "dark", json_object_new_boolean (theme->is_dark));
  json_object_object_add (state, "ask", question_to_json (self));
  json_object_object_add (state, "answers", answers_to_json (self));
  json_object_put (shown);
  tell (self, GB_FOLLOW_NEWS_STATE, &self->last_state, to_line (state));
  tell (self, GB_FOLLOW_NEWS_TEXT, &self->last_text, to_line (text));
  return G_SOURCE_REMOVE;
}

static void
tell_soon (GbFollowFeed *self)
{
  if (!self->timeout && gb_follow_server_is_running (self->server))
    self->timeout = g_timeout_add (TELL_MSEC, on_timeout, self);
}

static void
on_made (GbFollowFeed *self, GBytes *svg, GBytes *packed)
{
  gb_follow_server_tell (self->server, GB_FOLLOW_NEWS_PACKED_PICTURE, g_bytes_ref (packed));
  gb_follow_server_tell (self->server, GB_FOLLOW_NEWS_PICTURE, g_bytes_ref (svg));
}

/* The caret would be a new picture twice a second. */
static void
set_still (gboolean is_still)
{
  GtkSettings *settings = gtk_settings_get_default ();
  if (is_still)
    g_object_set (settings, "gtk-cursor-blink", FALSE, NULL);
  else
    gtk_settings_reset_property (settings, "gtk-cursor-blink");
}

static void
on_server_changed (GbFollowFeed *self)
{
  gboolean is_running = gb_follow_server_is_running (self->server);
  set_still (is_running);
  if (!is_running)
    {
      g_clear_pointer (&self->last_state, g_free);
      g_clear_pointer (&self->last_text, g_free);
    }
  gb_live_picture_set_on (self->picture, is_running && gb_follow_server_get_n_followers (self->server) > 0);
  tell_soon (self);
}

static void
on_answer (GbFollowFeed *self, guint64 who, const char *id, const char *answer)
{
  gb_lecturer_add_answer (self->lecturer, id, who, answer);
}

/* ---- the object ---- */

static void
gb_follow_feed_dispose (GObject *object)
{
  GbFollowFeed *self = GB_FOLLOW_FEED (object);
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->server)
    set_still (FALSE);
  g_clear_object (&self->server);
  g_clear_weak_pointer (&self->board);
  g_clear_object (&self->lecturer);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->last_state, g_free);
  g_clear_pointer (&self->last_text, g_free);
  G_OBJECT_CLASS (gb_follow_feed_parent_class)->dispose (object);
}

static void
gb_follow_feed_class_init (GbFollowFeedClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_follow_feed_dispose;
}

static void
gb_follow_feed_init (GbFollowFeed *self)
{
}

GbFollowFeed *
gb_follow_feed_new (GbFollowServer *server, GbBoardWindow *board, GbLecturer *lecturer, GbBoardWatch *watch)
{
  GbFollowFeed *self = g_object_new (GB_TYPE_FOLLOW_FEED, NULL);
  self->server = g_object_ref (server);
  self->lecturer = g_object_ref (lecturer);
  self->picture = gb_live_picture_new (watch);
  g_set_weak_pointer (&self->board, board);
  g_signal_connect_object (self->picture, "made", G_CALLBACK (on_made), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "changed", G_CALLBACK (on_server_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "answer", G_CALLBACK (on_answer), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (board, "lesson-changed", G_CALLBACK (tell_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (lecturer, "changed", G_CALLBACK (tell_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (lecturer, "answers-changed", G_CALLBACK (tell_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (tell_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (tell_soon), self, G_CONNECT_SWAPPED);
  return self;
}
