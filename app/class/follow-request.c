#include "class/follow-request.h"

#include <json-c/json.h>
#include <string.h>
#include <sys/random.h>

#define TOKEN_NBYTES 16
#define WHO_DIGITS   16
#define MOST_PATH    200
#define MOST_ID      100

char *
gb_follow_new_token (void)
{
  guchar bytes[TOKEN_NBYTES];
  if (getrandom (bytes, sizeof bytes, 0) != (gssize) sizeof bytes)
    return NULL;
  char *token = g_base64_encode (bytes, sizeof bytes);
  *strchr (token, '=') = '\0';
  return g_strdelimit (g_strdelimit (token, "+", '-'), "/", '_');
}

guint64
gb_follow_new_who (void)
{
  guint64 who = 0;
  if (getrandom (&who, sizeof who, 0) != (gssize) sizeof who)
    who = ((guint64) g_random_int () << 32) | g_random_int ();
  return who ? who : 1;
}

/* Of one length, compared to the end. */
static gboolean
is_same (const char *a, const char *b, gsize n)
{
  guchar difference = 0;
  for (gsize i = 0; i < n; i++)
    difference |= (guchar) a[i] ^ (guchar) b[i];
  return difference == 0;
}

GbFollowPlace
gb_follow_place (const char *path, const char *token)
{
  static const struct
  {
    const char *name;
    GbFollowPlace place;
  } places[] = { { "", GB_FOLLOW_PAGE },           { "follow.css", GB_FOLLOW_STYLE },    { "follow.js", GB_FOLLOW_SCRIPT },
                 { "events", GB_FOLLOW_EVENTS },   { "board.svg", GB_FOLLOW_PICTURE },   { "text.json", GB_FOLLOW_TEXT },
                 { "answer", GB_FOLLOW_ANSWER } };
  gsize n = strlen (token);
  if (!path || n == 0 || strnlen (path, MOST_PATH) == MOST_PATH || strlen (path) < n + 2 || path[0] != '/' || path[n + 1] != '/'
      || !is_same (path + 1, token, n))
    return GB_FOLLOW_NOTHING;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (strcmp (path + n + 2, places[i].name) == 0)
      return places[i].place;
  return GB_FOLLOW_NOTHING;
}

/* Exactly 16 lower-case hex digits. */
static guint64
parse_who (const char *text)
{
  guint64 who = 0;
  for (guint i = 0; i < WHO_DIGITS; i++)
    {
      int digit = g_ascii_isupper (text[i]) ? -1 : g_ascii_xdigit_value (text[i]);
      if (digit < 0)
        return 0;
      who = who << 4 | (guint64) digit;
    }
  return who;
}

guint64
gb_follow_read_who (const char *query)
{
  static const char name[] = "you=";
  for (const char *at = query; at && *at; at = strchr (at, '&'))
    {
      if (*at == '&')
        at++;
      if (strncmp (at, name, strlen (name)) == 0)
        {
          guint64 who = parse_who (at + strlen (name));
          char end = who ? at[strlen (name) + WHO_DIGITS] : 'x';
          return end == '\0' || end == '&' ? who : 0;
        }
    }
  return 0;
}

/* A string without a zero in it. */
static const char *
get_string (struct json_object *object, const char *key, gsize most)
{
  struct json_object *value;
  if (!json_object_object_get_ex (object, key, &value) || !json_object_is_type (value, json_type_string))
    return NULL;
  const char *text = json_object_get_string (value);
  gsize n = (gsize) json_object_get_string_len (value);
  return n <= most && strlen (text) == n ? text : NULL;
}

gboolean
gb_follow_answer_read (const char *body, gsize nbytes, GbFollowAnswer *answer)
{
  *answer = (GbFollowAnswer){ 0 };
  if (nbytes == 0 || nbytes > GB_FOLLOW_MOST_BODY || !g_utf8_validate_len (body, nbytes, NULL))
    return FALSE;
  struct json_tokener *tokener = json_tokener_new_ex (4);
  json_tokener_set_flags (tokener, JSON_TOKENER_STRICT);
  struct json_object *object = json_tokener_parse_ex (tokener, body, (int) nbytes);
  /* Without what might follow a value, a value is not finished: a number, or nothing at all. */
  gboolean is_whole = json_tokener_get_error (tokener) == json_tokener_success && json_object_is_type (object, json_type_object)
                      && json_tokener_get_parse_end (tokener) == nbytes;
  const char *you = is_whole ? get_string (object, "you", WHO_DIGITS) : NULL,
             *id = is_whole ? get_string (object, "id", MOST_ID) : NULL,
             *said = is_whole ? get_string (object, "answer", GB_FOLLOW_MOST_BODY) : NULL;
  guint64 who = you && strlen (you) == WHO_DIGITS ? parse_who (you) : 0;
  if (who && id && *id && said && *said)
    *answer = (GbFollowAnswer){ who, g_strdup (id), g_strdup (said) };
  json_object_put (object);
  json_tokener_free (tokener);
  return answer->who != 0;
}

void
gb_follow_answer_clear (GbFollowAnswer *answer)
{
  g_clear_pointer (&answer->id, g_free);
  g_clear_pointer (&answer->answer, g_free);
  answer->who = 0;
}
