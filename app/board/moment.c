#include "board/moment.h"

#include <gio/gio.h>
#include <json-c/json.h>
#include <string.h>

#include "board/run-feed.h"
#include "common/i18n.h"

#define FORMAT       1
#define MOST_NBYTES  (64u << 20)
#define PROGRAM_FLAG 1

GbMoment *
gb_moment_new (GbTrace *trace, guint64 seq, const char *const *views)
{
  for (guint file = 1; file <= gb_trace_get_n_sources (trace); file++)
    {
      const GbSource *source = gb_trace_get_source (trace, file);
      if (!source || !(source->flags & PROGRAM_FLAG) || !source->text)
        continue;
      GbMoment *self = g_new0 (GbMoment, 1);
      self->path = g_strdup (source->path);
      self->text = g_strchomp (g_strdup (source->text));
      self->feed = gb_run_feed_until (trace, seq);
      self->place = gb_run_place_of (trace, seq);
      self->views = g_strdupv ((char **) views);
      return self;
    }
  return NULL;
}

void
gb_moment_free (GbMoment *self)
{
  if (!self)
    return;
  g_free (self->path);
  g_free (self->text);
  g_free (self->feed);
  g_strfreev (self->views);
  g_free (self->ink);
  g_free (self);
}

static struct json_object *
to_json (const GbMoment *self)
{
  struct json_object *json = json_object_new_object (), *views = json_object_new_array ();
  for (char **view = self->views; view && *view; view++)
    json_object_array_add (views, json_object_new_string (*view));
  json_object_object_add (json, "gradboard-moment", json_object_new_int (FORMAT));
  json_object_object_add (json, "path", json_object_new_string (self->path));
  json_object_object_add (json, "call", json_object_new_int64 ((gint64) self->place.call));
  json_object_object_add (json, "steps", json_object_new_int64 (self->place.steps));
  json_object_object_add (json, "lines", json_object_new_int64 (self->place.lines));
  json_object_object_add (json, "views", views);
  if (self->ink && *self->ink)
    json_object_object_add (json, "ink", json_tokener_parse (self->ink));
  json_object_object_add (json, "feed", json_tokener_parse (self->feed));
  json_object_object_add (json, "text", json_object_new_string (self->text));
  return json;
}

gboolean
gb_moment_save (const GbMoment *self, const char *path, GError **error)
{
  struct json_object *json = to_json (self);
  const char *text =
      json_object_to_json_string_ext (json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
  gboolean ok = g_file_set_contents (path, text, -1, error);
  json_object_put (json);
  return ok;
}

static const char *
string_member (struct json_object *json, const char *name)
{
  struct json_object *member;
  return json_object_object_get_ex (json, name, &member) && json_object_is_type (member, json_type_string)
             ? json_object_get_string (member)
             : NULL;
}

static char **
string_list (struct json_object *json, const char *name)
{
  struct json_object *list;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  if (json_object_object_get_ex (json, name, &list) && json_object_is_type (list, json_type_array))
    for (gsize i = 0; i < json_object_array_length (list); i++)
      if (json_object_is_type (json_object_array_get_idx (list, i), json_type_string))
        g_strv_builder_add (builder, json_object_get_string (json_object_array_get_idx (list, i)));
  return g_strv_builder_end (builder);
}

static GbMoment *
from_json (struct json_object *json)
{
  struct json_object *format, *call, *steps, *lines, *feed, *ink;
  const char *path = string_member (json, "path"), *text = string_member (json, "text");
  if (!json_object_object_get_ex (json, "gradboard-moment", &format) || json_object_get_int (format) != FORMAT
      || !path || !text || !g_utf8_validate (text, -1, NULL)
      || !json_object_object_get_ex (json, "call", &call) || !json_object_is_type (call, json_type_int)
      || json_object_get_int64 (call) < 0 || !json_object_object_get_ex (json, "steps", &steps)
      || json_object_get_int64 (steps) < 0 || !json_object_object_get_ex (json, "feed", &feed)
      || !json_object_is_type (feed, json_type_object))
    return NULL;
  GbMoment *self = g_new0 (GbMoment, 1);
  self->path = g_strdup (path);
  self->text = g_strdup (text);
  self->place.call = (guint64) json_object_get_int64 (call);
  self->place.steps = (guint) MIN (json_object_get_int64 (steps), G_MAXINT);
  if (json_object_object_get_ex (json, "lines", &lines))
    self->place.lines = (guint) CLAMP (json_object_get_int64 (lines), 0, G_MAXINT);
  self->feed = g_strdup (json_object_to_json_string_ext (feed, JSON_C_TO_STRING_PLAIN));
  self->views = string_list (json, "views");
  if (json_object_object_get_ex (json, "ink", &ink) && json_object_is_type (ink, json_type_object))
    self->ink = g_strdup (json_object_to_json_string_ext (ink, JSON_C_TO_STRING_PLAIN));
  return self;
}

static GbMoment *
parse (const char *text, gsize nbytes)
{
  struct json_object *json = nbytes <= MOST_NBYTES ? json_tokener_parse (text) : NULL;
  GbMoment *self = json_object_is_type (json, json_type_object) ? from_json (json) : NULL;
  json_object_put (json);
  return self;
}

GbMoment *
gb_moment_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize nbytes;
  if (!g_file_get_contents (path, &text, &nbytes, error))
    return NULL;
  GbMoment *self = parse (text, nbytes);
  if (!self)
    {
      g_autofree char *name = g_path_get_basename (path);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("%s is no moment that this Gradboard can open."), name);
    }
  return self;
}

/* ---- as text ---- */

/* NULL: it cannot be packed or unpacked, or is larger than a moment may be. */
static GByteArray *
convert (GConverter *converter, const guint8 *bytes, gsize nbytes)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 part[4096];
  gsize at = 0, n_read, n_written;
  GConverterResult result = G_CONVERTER_CONVERTED;
  while (result != G_CONVERTER_FINISHED)
    {
      result = g_converter_convert (converter, bytes + at, nbytes - at, part, sizeof part,
                                    G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL);
      if (result == G_CONVERTER_ERROR || out->len + n_written > MOST_NBYTES)
        return NULL;
      g_byte_array_append (out, part, (guint) n_written);
      at += n_read;
    }
  return g_steal_pointer (&out);
}

char *
gb_moment_to_text (const GbMoment *self)
{
  struct json_object *json = to_json (self);
  const char *text =
      json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 9);
  g_autoptr (GByteArray) packed = convert (G_CONVERTER (compressor), (const guint8 *) text, strlen (text));
  g_autofree char *base64 = packed ? g_base64_encode (packed->data, packed->len) : NULL;
  json_object_put (json);
  if (!base64)
    return NULL;
  for (char *at = base64; *at; at++)
    *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
  base64[strcspn (base64, "=")] = 0;
  return g_strconcat (GB_MOMENT_SCHEME, base64, NULL);
}

GbMoment *
gb_moment_from_text (const char *text, GError **error)
{
  g_autofree char *base64 = g_strstrip (
      g_strdup (g_str_has_prefix (text, GB_MOMENT_SCHEME) ? text + strlen (GB_MOMENT_SCHEME) : ""));
  gsize n = strlen (base64), nbytes = 0;
  for (char *at = base64; *at; at++)
    *at = *at == '-' ? '+' : *at == '_' ? '/' : *at;
  g_autofree char *padded = g_strconcat (base64, "===" + 3 - (4 - n % 4) % 4, NULL);
  g_autofree guchar *packed = n && n < MOST_NBYTES ? g_base64_decode (padded, &nbytes) : NULL;
  g_autoptr (GZlibDecompressor) decompressor = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW);
  g_autoptr (GByteArray) json = nbytes ? convert (G_CONVERTER (decompressor), packed, nbytes) : NULL;
  GbMoment *self = NULL;
  if (json)
    {
      g_byte_array_append (json, (const guint8 *) "", 1);
      self = parse ((const char *) json->data, json->len);
    }
  if (!self)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("This text is no moment that this Gradboard can open."));
  return self;
}
