#include "models/ink-json.h"

#include <math.h>
#include <string.h>

static const char *const kinds[GB_INK_N_KINDS] = { "pen", "highlighter", "arrow", "text" };
static const char *const colors[GB_INK_N_COLORS] = { "ink", "red", "orange", "teal", "violet" };

/* What a pick has besides its facets: the member, and which facets need it. */
static const struct
{
  const char *name;
  guint facets;
  gsize offset, nbytes;
} members[] = {
#define MEMBER(name, facets)                                                                                 \
  {                                                                                                          \
#name, facets, G_STRUCT_OFFSET(GbPick, name), sizeof((GbPick *) 0)->name                                 \
  }
  MEMBER (tensor, GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_PARAM),
  MEMBER (storage, GB_PICK_STORAGE | GB_PICK_ADDRESS),
  MEMBER (call, GB_PICK_OP),
  MEMBER (node, GB_PICK_NODE),
  MEMBER (iteration, GB_PICK_ITERATION),
  MEMBER (call_key, GB_PICK_HEAD),
  MEMBER (address, GB_PICK_ADDRESS),
  MEMBER (pos, GB_PICK_POSITION),
  MEMBER (param, GB_PICK_PARAM),
  MEMBER (series, GB_PICK_SERIES),
  MEMBER (head, GB_PICK_HEAD),
  MEMBER (module, GB_PICK_MODULE),
  MEMBER (part, GB_PICK_PART),
  MEMBER (sample, GB_PICK_SAMPLE),
#undef MEMBER
};

static struct json_object *
pick_to_json (const GbPick *pick)
{
  struct json_object *json = json_object_new_object ();
  json_object_object_add (json, "facets", json_object_new_int64 (pick->facets));
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (pick->facets & members[i].facets)
      {
        const guint8 *at = (const guint8 *) pick + members[i].offset;
        guint64 value = members[i].nbytes == 8 ? *(const guint64 *) at : *(const guint32 *) at;
        json_object_object_add (json, members[i].name, json_object_new_int64 ((gint64) value));
      }
  if (pick->facets & (GB_PICK_ELEMENT | GB_PICK_HEAD))
    {
      struct json_object *index = json_object_new_array ();
      for (int d = 0; d < pick->ndim; d++)
        json_object_array_add (index, json_object_new_int64 (pick->index[d]));
      json_object_object_add (json, "index", index);
    }
  return json;
}

static struct json_object *
member_of (struct json_object *json, const char *name, enum json_type type)
{
  struct json_object *member;
  return json_object_object_get_ex (json, name, &member) && json_object_is_type (member, type) ? member
                                                                                               : NULL;
}

static gboolean
pick_from_json (struct json_object *json, GbPick *pick)
{
  struct json_object *member = member_of (json, "facets", json_type_int);
  *pick = (GbPick){ .facets = (guint) json_object_get_int64 (member) };
  if (pick->facets == 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if ((member = member_of (json, members[i].name, json_type_int)) != NULL)
      {
        guint8 *at = (guint8 *) pick + members[i].offset;
        gint64 value = json_object_get_int64 (member);
        if (members[i].nbytes == 8)
          *(guint64 *) at = (guint64) value;
        else
          *(guint32 *) at = (guint32) value;
      }
  member = member_of (json, "index", json_type_array);
  for (gsize d = 0; member && d < json_object_array_length (member) && d < GB_PICK_MAX_NDIM; d++)
    pick->index[pick->ndim++] = json_object_get_int64 (json_object_array_get_idx (member, d));
  return TRUE;
}

/* A thousandth of a unit is less than anybody sees. */
static struct json_object *
number (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (text, sizeof text, "%.3f", value);
  return json_object_new_double_s (value, text);
}

static gboolean
get_number (struct json_object *json, double *value)
{
  *value = json_object_get_double (json);
  return (json_object_is_type (json, json_type_double) || json_object_is_type (json, json_type_int))
         && isfinite (*value) && fabs (*value) < 1e6;
}

static struct json_object *
anchor_to_json (const GbInkAnchor *anchor)
{
  struct json_object *json = json_object_new_object (), *at = json_object_new_array ();
  if (anchor->kind == GB_INK_ON_THING)
    json_object_object_add (json, "thing", pick_to_json (&anchor->pick));
  else if (anchor->kind == GB_INK_ON_LINE)
    {
      json_object_object_add (json, "line", json_object_new_int64 (anchor->line));
      json_object_object_add (json, "text", json_object_new_string (anchor->text ? anchor->text : ""));
    }
  json_object_array_add (at, number (anchor->x));
  json_object_array_add (at, number (anchor->y));
  json_object_array_add (at, number (anchor->unit));
  json_object_object_add (json, "at", at);
  return json;
}

static gboolean
anchor_from_json (struct json_object *json, GbInkAnchor *anchor)
{
  struct json_object *at = member_of (json, "at", json_type_array), *member;
  *anchor = (GbInkAnchor){ 0 };
  if (at == NULL || json_object_array_length (at) != 3
      || !get_number (json_object_array_get_idx (at, 0), &anchor->x)
      || !get_number (json_object_array_get_idx (at, 1), &anchor->y)
      || !get_number (json_object_array_get_idx (at, 2), &anchor->unit) || anchor->unit <= 0)
    return FALSE;
  if ((member = member_of (json, "thing", json_type_object)) != NULL)
    {
      anchor->kind = GB_INK_ON_THING;
      return pick_from_json (member, &anchor->pick);
    }
  if ((member = member_of (json, "line", json_type_int)) != NULL)
    {
      anchor->kind = GB_INK_ON_LINE;
      anchor->line = (guint) CLAMP (json_object_get_int64 (member), 1, G_MAXINT);
      member = member_of (json, "text", json_type_string);
      anchor->text = g_strdup (member ? json_object_get_string (member) : "");
    }
  return TRUE;
}

struct json_object *
gb_ink_id_to_json (guint64 id)
{
  char text[17];
  g_snprintf (text, sizeof text, "%016" G_GINT64_MODIFIER "x", id);
  return json_object_new_string (text);
}

guint64
gb_ink_id_from_json (struct json_object *json)
{
  guint64 id = 0;
  if (json_object_is_type (json, json_type_string))
    g_ascii_string_to_unsigned (json_object_get_string (json), 16, 1, G_MAXUINT64, &id, NULL);
  return id;
}

struct json_object *
gb_ink_mark_to_json (const GbInkMark *self)
{
  struct json_object *json = json_object_new_object (), *anchors = json_object_new_array ();
  struct json_object *points = json_object_new_array ();
  json_object_object_add (json, "id", gb_ink_id_to_json (self->id));
  json_object_object_add (json, "kind", json_object_new_string (kinds[self->kind]));
  json_object_object_add (json, "on", json_object_new_string (self->surface));
  json_object_object_add (json, "color", json_object_new_string (colors[self->color]));
  json_object_object_add (json, "width", number (self->width));
  for (guint i = 0; i < self->n_anchors; i++)
    json_object_array_add (anchors, anchor_to_json (&self->anchors[i]));
  json_object_object_add (json, "anchors", anchors);
  for (guint i = 0; i < self->points->len; i++)
    {
      const GbInkPoint *point = gb_ink_mark_point (self, i);
      json_object_array_add (points, number (point->x));
      json_object_array_add (points, number (point->y));
      json_object_array_add (points, number (point->pressure));
    }
  json_object_object_add (json, "points", points);
  if (self->text)
    json_object_object_add (json, "text", json_object_new_string (self->text));
  return json;
}

/* The place of a name in a table, or n. */
static guint
find_name (struct json_object *name, const char *const *names, guint n)
{
  guint i = 0;
  while (i < n && (name == NULL || strcmp (json_object_get_string (name), names[i]) != 0))
    i++;
  return i;
}

static gboolean
read_points (GbInkMark *self, struct json_object *points)
{
  gsize n = points ? json_object_array_length (points) : 0;
  if (n == 0 || n % 3 || n / 3 > GB_INK_MOST_POINTS || (self->kind == GB_INK_ARROW && n != 6))
    return FALSE;
  for (gsize i = 0; i < n; i += 3)
    {
      double value[3];
      for (gsize k = 0; k < 3; k++)
        if (!get_number (json_object_array_get_idx (points, i + k), &value[k]))
          return FALSE;
      gb_ink_mark_add_point (self, value[0], value[1], CLAMP (value[2], 0, 1));
    }
  return TRUE;
}

GbInkMark *
gb_ink_mark_from_json (struct json_object *json, const char *program)
{
  struct json_object *on = member_of (json, "on", json_type_string), *width = NULL, *id = NULL;
  struct json_object *anchors = member_of (json, "anchors", json_type_array);
  struct json_object *text = member_of (json, "text", json_type_string);
  guint kind = find_name (member_of (json, "kind", json_type_string), kinds, GB_INK_N_KINDS);
  guint color = find_name (member_of (json, "color", json_type_string), colors, GB_INK_N_COLORS);
  gsize n = anchors ? json_object_array_length (anchors) : 0;

  json_object_object_get_ex (json, "width", &width);
  json_object_object_get_ex (json, "id", &id);
  if (kind == GB_INK_N_KINDS || color == GB_INK_N_COLORS || on == NULL || n < 1 || n > 2
      || (kind == GB_INK_TEXT && text == NULL))
    return NULL;
  g_autoptr (GbInkMark) self = gb_ink_mark_new ((GbInkKind) kind, program, json_object_get_string (on));
  self->id = gb_ink_id_from_json (id);
  self->color = (GbInkColor) color;
  if (self->id == 0 || !get_number (width, &self->width) || self->width <= 0 || self->width > 200)
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      GbInkAnchor anchor;
      gboolean ok = anchor_from_json (json_object_array_get_idx (anchors, i), &anchor);
      gb_ink_mark_take_anchor (self, &anchor);
      if (!ok)
        return NULL;
    }
  if (text)
    {
      const char *words = json_object_get_string (text);
      if (strlen (words) > GB_INK_MOST_TEXT || !g_utf8_validate (words, -1, NULL))
        return NULL;
      self->text = g_strdup (words);
    }
  return read_points (self, member_of (json, "points", json_type_array)) ? g_steal_pointer (&self) : NULL;
}
