#include "board/bookmarks.h"

#include <json-c/json.h>

#include "trace/recording.h"

#define MOST_BOOKMARKS 1000
#define MOST_CHARS     400

static void
bookmark_clear (gpointer data)
{
  g_free (((GbBookmark *) data)->note);
}

GArray *
gb_bookmarks_new (void)
{
  GArray *self = g_array_new (FALSE, FALSE, sizeof (GbBookmark));
  g_array_set_clear_func (self, bookmark_clear);
  return self;
}

char *
gb_bookmarks_to_text (const GArray *bookmarks)
{
  struct json_object *all = json_object_new_object (), *list = json_object_new_array ();
  for (guint i = 0; i < bookmarks->len && i < MOST_BOOKMARKS; i++)
    {
      const GbBookmark *bookmark = &g_array_index (bookmarks, GbBookmark, i);
      struct json_object *one = json_object_new_object ();
      json_object_object_add (one, "seq", json_object_new_uint64 (bookmark->seq));
      json_object_object_add (one, "note", json_object_new_string (bookmark->note));
      json_object_array_add (list, one);
    }
  json_object_object_add (all, "bookmarks", list);
  char *text = g_strdup (bookmarks->len ? json_object_to_json_string_ext (all, JSON_C_TO_STRING_PLAIN) : "");
  json_object_put (all);
  return text;
}

static void
take_one (GArray *self, struct json_object *one)
{
  struct json_object *seq, *note;
  guint64 last = self->len ? g_array_index (self, GbBookmark, self->len - 1).seq : 0;
  if (!json_object_object_get_ex (one, "seq", &seq) || !json_object_object_get_ex (one, "note", &note)
      || !json_object_is_type (seq, json_type_int) || !json_object_is_type (note, json_type_string)
      || json_object_get_uint64 (seq) <= last)
    return;
  g_autofree char *valid =
      g_utf8_make_valid (json_object_get_string (note), json_object_get_string_len (note));
  GbBookmark bookmark = { json_object_get_uint64 (seq),
                          g_utf8_substring (valid, 0, MIN (MOST_CHARS, g_utf8_strlen (valid, -1))) };
  g_array_append_val (self, bookmark);
}

GArray *
gb_bookmarks_from_text (const char *text)
{
  GArray *self = gb_bookmarks_new ();
  struct json_object *all = text ? json_tokener_parse (text) : NULL, *list;
  if (json_object_is_type (all, json_type_object) && json_object_object_get_ex (all, "bookmarks", &list)
      && json_object_is_type (list, json_type_array))
    for (size_t i = 0; i < json_object_array_length (list) && i < MOST_BOOKMARKS; i++)
      if (json_object_is_type (json_object_array_get_idx (list, i), json_type_object))
        take_one (self, json_object_array_get_idx (list, i));
  json_object_put (all);
  return self;
}

GArray *
gb_bookmarks_load (const char *path)
{
  TeError err;
  te_error_clear (&err);
  TeRecording *recording = te_recording_open (path, &err);
  GArray *self = gb_bookmarks_from_text (recording ? te_recording_get_notes (recording) : NULL);
  te_recording_free (recording);
  return self;
}
