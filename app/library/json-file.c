#include "library/json-file.h"

#include <stdlib.h>
#include <string.h>

/* Line and column of where a parser stopped. */
static char *
describe_offset (const char *name, const char *text, gsize offset, const char *what)
{
  guint line = 1;
  gsize start = 0;
  for (gsize i = 0; i < offset && text[i]; i++)
    if (text[i] == '\n')
      {
        line++;
        start = i + 1;
      }
  return g_strdup_printf ("%s:%u:%u: %s", name, line, (guint) (offset - start) + 1, what);
}

GbJsonFile *
gb_json_file_read (const char *path, char **fault)
{
  g_autofree char *text = NULL;
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  gsize nbytes;
  if (!g_file_get_contents (path, &text, &nbytes, &error))
    {
      *fault = g_strdup (error->message);
      return NULL;
    }
  struct json_tokener *tokener = json_tokener_new ();
  GbJson *root = json_tokener_parse_ex (tokener, text, nbytes + 1);
  if (!root)
    *fault = describe_offset (name, text, json_tokener_get_parse_end (tokener),
                              json_tokener_error_desc (json_tokener_get_error (tokener)));
  json_tokener_free (tokener);
  if (!root)
    return NULL;
  GbJsonFile *self = g_new0 (GbJsonFile, 1);
  self->name = g_steal_pointer (&name);
  self->text = g_steal_pointer (&text);
  self->root = root;
  return self;
}

void
gb_json_file_free (GbJsonFile *self)
{
  if (!self)
    return;
  json_object_put (self->root);
  g_free (self->name);
  g_free (self->text);
  g_free (self);
}

/* ---- where a field stands: the text is known to parse, so a scan by brackets and quotes is enough ---- */

static const char *
skip_space (const char *p)
{
  while (g_ascii_isspace (*p) || *p == ',' || *p == ':')
    p++;
  return p;
}

static const char *
skip_string (const char *p)
{
  for (p++; *p && *p != '"'; p++)
    if (*p == '\\' && p[1])
      p++;
  return *p ? p + 1 : p;
}

static const char *
skip_value (const char *p)
{
  guint depth = 0;
  do
    {
      if (*p == '"')
        p = skip_string (p);
      else
        {
          depth += *p == '{' || *p == '[';
          depth -= *p == '}' || *p == ']';
          p++;
        }
      if (depth)
        p = skip_space (p);
    }
  while (depth && *p);
  while (*p && !g_ascii_isspace (*p) && !strchr (",]}", *p))
    p++;
  return p;
}

/* The member of the object, or the element of the array, that begins at p; NULL when there is none. */
static const char *
find_member (const char *p, const char *key, gsize length)
{
  if (*p != '{')
    return NULL;
  for (p = skip_space (p + 1); *p == '"'; p = skip_space (skip_value (p)))
    {
      const char *after = skip_string (p);
      gboolean same = (gsize) (after - p) == length + 2 && strncmp (p + 1, key, length) == 0;
      p = skip_space (after);
      if (same)
        return p;
    }
  return NULL;
}

static const char *
find_element (const char *p, gulong nth)
{
  if (*p != '[')
    return NULL;
  for (p = skip_space (p + 1); *p && *p != ']'; p = skip_space (skip_value (p)), nth--)
    if (!nth)
      return p;
  return NULL;
}

guint
gb_json_file_get_line (const GbJsonFile *self, const char *field)
{
  const char *place = skip_space (self->text);
  while (place && *field)
    {
      const char *inner;
      if (*field == '[')
        {
          char *end;
          inner = find_element (place, strtoul (field + 1, &end, 10));
          field = *end ? end + 1 : end;
        }
      else
        {
          field += *field == '.';
          gsize length = strcspn (field, ".[");
          inner = find_member (place, field, length);
          field += length;
        }
      if (!inner)
        break;
      place = inner;
    }
  guint line = 1;
  for (const char *p = self->text; p < place; p++)
    line += *p == '\n';
  return line;
}

char *
gb_json_file_describe (const GbJsonFile *self, const char *field, const char *what)
{
  guint line = gb_json_file_get_line (self, field);
  return *field ? g_strdup_printf ("%s:%u: %s: %s", self->name, line, field, what)
                : g_strdup_printf ("%s:%u: %s", self->name, line, what);
}

/* ---- members ---- */

GbJson *
gb_json_get (GbJson *object, const char *key, enum json_type type)
{
  GbJson *value = NULL;
  if (!json_object_is_type (object, json_type_object) || !json_object_object_get_ex (object, key, &value)
      || !json_object_is_type (value, type))
    return NULL;
  return value;
}

guint
gb_json_get_length (GbJson *object, const char *key)
{
  GbJson *array = gb_json_get (object, key, json_type_array);
  return array ? json_object_array_length (array) : 0;
}

GbJson *
gb_json_get_nth (GbJson *object, const char *key, guint nth)
{
  return json_object_array_get_idx (gb_json_get (object, key, json_type_array), nth);
}

char *
gb_json_dup_string (GbJson *object, const char *key)
{
  GbJson *value = gb_json_get (object, key, json_type_string);
  return value ? g_strdup (json_object_get_string (value)) : NULL;
}

char **
gb_json_dup_strings (GbJson *object, const char *key)
{
  guint n = gb_json_get_length (object, key);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < n; i++)
    if (json_object_is_type (gb_json_get_nth (object, key, i), json_type_string))
      g_strv_builder_add (builder, json_object_get_string (gb_json_get_nth (object, key, i)));
  return g_strv_builder_end (builder);
}
