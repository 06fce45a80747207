/* The follow-along server as browsers, and people who mean ill, meet it: over its socket. */
#include "class/follow-request.h"
#include "class/follow-server.h"
#include "common/i18n.h"

#include <json-c/json.h>
#include <string.h>

static const char token[] = "abcdefghijklmnopqrstuv";

/* ---- what is read from bytes ---- */

static void
test_places (void)
{
  g_assert_cmpint (gb_follow_place ("/abcdefghijklmnopqrstuv/", token), ==, GB_FOLLOW_PAGE);
  g_assert_cmpint (gb_follow_place ("/abcdefghijklmnopqrstuv/follow.css", token), ==, GB_FOLLOW_STYLE);
  g_assert_cmpint (gb_follow_place ("/abcdefghijklmnopqrstuv/follow.js", token), ==, GB_FOLLOW_SCRIPT);
  g_assert_cmpint (gb_follow_place ("/abcdefghijklmnopqrstuv/events", token), ==, GB_FOLLOW_EVENTS);
  g_assert_cmpint (gb_follow_place ("/abcdefghijklmnopqrstuv/board.svg", token), ==, GB_FOLLOW_PICTURE);
  g_assert_cmpint (gb_follow_place ("/abcdefghijklmnopqrstuv/text.json", token), ==, GB_FOLLOW_TEXT);
  g_assert_cmpint (gb_follow_place ("/abcdefghijklmnopqrstuv/answer", token), ==, GB_FOLLOW_ANSWER);
  static const char *const nothing[] = { "", "/", "//", "/abcdefghijklmnopqrstuv", "/abcdefghijklmnopqrstuw/", "/abcdefghijklmnopqrstu/",
                                         "/ABCDEFGHIJKLMNOPQRSTUV/", "/abcdefghijklmnopqrstuv/../", "/abcdefghijklmnopqrstuv//events",
                                         "/abcdefghijklmnopqrstuv/events/", "abcdefghijklmnopqrstuv/events", "/events",
                                         "/abcdefghijklmnopqrstuvabcdefghijklmnopqrstuv/" };
  for (guint i = 0; i < G_N_ELEMENTS (nothing); i++)
    g_assert_cmpint (gb_follow_place (nothing[i], token), ==, GB_FOLLOW_NOTHING);
  g_assert_cmpint (gb_follow_place (NULL, token), ==, GB_FOLLOW_NOTHING);
  g_assert_cmpint (gb_follow_place ("//", ""), ==, GB_FOLLOW_NOTHING);
  g_autofree char *one = gb_follow_new_token (), *two = gb_follow_new_token ();
  g_assert_cmpuint (strlen (one), ==, 22);
  g_assert_cmpstr (one, !=, two);
  g_assert_cmpuint (strspn (one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), ==, 22);
}

static void
test_who (void)
{
  g_assert_cmphex (gb_follow_read_who ("you=0123456789abcdef"), ==, 0x0123456789abcdef);
  g_assert_cmphex (gb_follow_read_who ("n=3&you=0123456789abcdef&x=1"), ==, 0x0123456789abcdef);
  static const char *const nobody[] = { "", "you=", "you=0123456789ABCDEF", "you=0123456789abcde", "you=0123456789abcdef0", "notyou=0123456789abcdef",
                                        "you=0000000000000000", "you= 123456789abcdef", "&&&", "you=0123456789abcdeg" };
  for (guint i = 0; i < G_N_ELEMENTS (nobody); i++)
    g_assert_cmphex (gb_follow_read_who (nobody[i]), ==, 0);
  g_assert_cmphex (gb_follow_read_who (NULL), ==, 0);
}

static gboolean
read_text (const char *text)
{
  GbFollowAnswer answer;
  gboolean ok = gb_follow_answer_read (text, strlen (text), &answer);
  gb_follow_answer_clear (&answer);
  return ok;
}

static const char good[] = "{\"you\":\"0123456789abcdef\",\"id\":\"parameters\",\"answer\":\"35914\"}";

static void
test_answers (void)
{
  GbFollowAnswer answer;
  g_assert_true (gb_follow_answer_read (good, strlen (good), &answer));
  g_assert_cmphex (answer.who, ==, 0x0123456789abcdef);
  g_assert_cmpstr (answer.id, ==, "parameters");
  g_assert_cmpstr (answer.answer, ==, "35914");
  gb_follow_answer_clear (&answer);
  static const char *const bad[] = {
    "", "{", "[]", "1", "null", "\"x\"", "{}", "{\"you\":1,\"id\":\"a\",\"answer\":\"b\"}",
    "{\"you\":\"0123456789abcdef\",\"id\":\"a\"}", "{\"you\":\"0123456789abcdef\",\"id\":\"\",\"answer\":\"b\"}",
    "{\"you\":\"0123456789abcdef\",\"id\":\"a\",\"answer\":\"\"}", "{\"you\":\"0123456789abcdef\",\"id\":\"a\",\"answer\":7}",
    "{\"you\":\"0123456789abcdef\",\"id\":[[[[[[[[[]]]]]]]]],\"answer\":\"b\"}",
    "{\"you\":\"0123456789abcdef\",\"id\":\"a\\u0000b\",\"answer\":\"b\"}",
    "{\"you\":\"0123456789abcdef\",\"id\":\"a\",\"answer\":\"b\"} {}",
    "{\"you\":\"0123456789abcdef\",\"id\":\"a\",\"answer\":\"\xff\"}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (read_text (bad[i]));
  g_autofree char *many = g_strnfill (GB_FOLLOW_MOST_BODY, 'x'),
                  *large = g_strdup_printf ("{\"you\":\"0123456789abcdef\",\"id\":\"a\",\"answer\":\"%s\"}", many),
                  *deep = g_strnfill (1000, '[');
  g_assert_false (read_text (large));
  g_assert_false (read_text (deep));
}

/* Bytes turned over, taken out and put in: whatever is read is whole, and nothing is read past the end. */
static void
test_fuzz (void)
{
  for (guint round = 0; round < 30000; round++)
    {
      g_autoptr (GByteArray) body = g_byte_array_new ();
      GbFollowAnswer answer;
      g_byte_array_append (body, (const guint8 *) good, strlen (good));
      for (int n = g_test_rand_int_range (1, 8); n > 0 && body->len; n--)
        {
          guint at = (guint) g_test_rand_int_range (0, (int) body->len);
          guint8 byte = (guint8) g_test_rand_int_range (0, 256);
          switch (g_test_rand_int_range (0, 4))
            {
            case 0:
              body->data[at] = byte;
              break;
            case 1:
              g_byte_array_remove_index (body, at);
              break;
            case 2:
              g_byte_array_append (body, &byte, 1);
              break;
            default:
              g_byte_array_set_size (body, at);
            }
        }
      /* Of its own size, so that a sanitizer sees a byte too many. */
      g_autofree char *own = g_memdup2 (body->data, body->len);
      if (gb_follow_answer_read (own, body->len, &answer))
        {
          g_assert_true (answer.who && *answer.id && *answer.answer);
          g_assert_true (g_utf8_validate (answer.id, -1, NULL) && g_utf8_validate (answer.answer, -1, NULL));
        }
      gb_follow_answer_clear (&answer);
      g_autofree char *text = g_strndup (own ? own : "", body->len);
      gb_follow_read_who (text);
      gb_follow_place (text, token);
    }
}

/* ---- a server and its guests ---- */

typedef struct
{
  GbFollowServer *server;
  GString *heard;
  char *path; /* "/TOKEN/" */
  guint16 port;
} Room;

static void
on_answer (Room *room, guint64 who, const char *id, const char *answer)
{
  g_string_append_printf (room->heard, "%016" G_GINT64_MODIFIER "x %s=%s;", who, id, answer);
}

static void
begin (Room *room)
{
  g_autofree char *pages = g_test_build_filename (G_TEST_DIST, "../../../data/class", NULL);
  g_autoptr (GError) error = NULL;
  room->server = gb_follow_server_new (pages);
  room->heard = g_string_new (NULL);
  g_signal_connect_swapped (room->server, "answer", G_CALLBACK (on_answer), room);
  g_assert_null (gb_follow_server_get_link (room->server));
  g_assert_true (gb_follow_server_start (room->server, GB_FOLLOW_LOOPBACK, 0, &error));
  g_assert_no_error (error);
  const char *link = gb_follow_server_get_link (room->server);
  g_assert_true (g_str_has_prefix (link, "http://127.0.0.1:"));
  const char *port = strrchr (link, ':') + 1;
  room->port = (guint16) g_ascii_strtoull (port, NULL, 10);
  room->path = g_strdup (strchr (port, '/'));
}

static void
end (Room *room)
{
  gb_follow_server_stop (room->server);
  g_assert_false (gb_follow_server_is_running (room->server));
  g_object_unref (room->server);
  gb_follow_server_wait_for_last_words ();
  g_string_free (room->heard, TRUE);
  g_free (room->path);
}

static GSocketConnection *
connect_to (Room *room)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  g_socket_client_set_timeout (client, 10);
  g_socket_client_set_enable_proxy (client, FALSE);
  GSocketConnection *connection = g_socket_client_connect_to_host (client, "127.0.0.1", room->port, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
send_text (GSocketConnection *connection, const char *text)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text, strlen (text), NULL, NULL, NULL);
}

/* Until the connection ends. */
static char *
receive (GSocketConnection *connection)
{
  GString *text = g_string_new (NULL);
  char buffer[4096];
  gssize n;
  while ((n = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (text, buffer, n);
  return g_string_free (text, FALSE);
}

/* place: below the token.  The whole answer; owned. */
static char *
ask (Room *room, const char *method, const char *place, const char *heads, const char *body)
{
  g_autoptr (GSocketConnection) connection = connect_to (room);
  g_autofree char *request = g_strdup_printf ("%s %s%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n%s", method, room->path, place,
                                              heads, body);
  send_text (connection, request);
  return receive (connection);
}

static char *
answer (Room *room, const char *you, const char *text)
{
  g_autofree char *body = g_strdup_printf ("{\"you\":\"%s\",\"id\":\"q\",\"answer\":\"%s\"}", you, text);
  g_autofree char *heads = g_strdup_printf ("Content-Length: %zu\r\n", strlen (body));
  return ask (room, "POST", "answer", heads, body);
}

static void
expect (char *answer, const char *status)
{
  g_autofree char *own = answer;
  g_autofree char *begin_with = g_strdup_printf ("HTTP/1.1 %s", status);
  if (!g_str_has_prefix (own, begin_with))
    g_error ("%s instead of %s", own, begin_with);
}

/* Somebody who follows, with all that was sent to it so far. */
typedef struct
{
  GSocketConnection *connection;
  GString *text;
  char you[17];
} Guest;

static void
guest_free (Guest *guest)
{
  g_object_unref (guest->connection);
  g_string_free (guest->text, TRUE);
  g_free (guest);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Guest, guest_free)

/* Where it stands in what was sent; fails when it has not come within ten seconds. */
static const char *
hear (Guest *guest, const char *what)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (guest->connection));
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  char buffer[65536];
  gssize n = 1;
  while (!strstr (guest->text->str, what) && n > 0 && g_get_monotonic_time () < end)
    {
      n = g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL);
      g_string_append_len (guest->text, buffer, MAX (n, 0));
    }
  const char *at = strstr (guest->text->str, what);
  if (!at)
    g_error ("%s was not heard", what);
  return at;
}

static Guest *
follow (Room *room, const char *query)
{
  Guest *guest = g_new0 (Guest, 1);
  g_autofree char *request = g_strdup_printf ("GET %sevents%s HTTP/1.1\r\nHost: x\r\n\r\n", room->path, query);
  guest->connection = connect_to (room);
  guest->text = g_string_new (NULL);
  send_text (guest->connection, request);
  hear (guest, "\n\n"); /* the end of the first that is sent: the name */
  g_strlcpy (guest->you, strstr (guest->text->str, "you\ndata: ") + strlen ("you\ndata: "), 17);
  g_assert_cmpuint (strlen (guest->you), ==, 16);
  return guest;
}

static void
wait_for_followers (Room *room, guint n)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  while (gb_follow_server_get_n_followers (room->server) != n && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (gb_follow_server_get_n_followers (room->server), ==, n);
}

static void
wait_for_heard (Room *room, const char *text)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  while (!strstr (room->heard->str, text) && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_nonnull (strstr (room->heard->str, text));
}

static void
tell (Room *room, GbFollowNews which, const char *text)
{
  gb_follow_server_tell (room->server, which, g_bytes_new (text, strlen (text)));
}

/* ---- guests who behave ---- */

static void
test_page (void)
{
  Room room;
  begin (&room);
  g_autofree char *page = ask (&room, "GET", "", "", ""), *script = ask (&room, "GET", "follow.js", "", ""),
                  *head = ask (&room, "HEAD", "", "", "");
  g_assert_true (g_str_has_prefix (page, "HTTP/1.1 200"));
  g_assert_nonnull (strstr (page, "Content-Security-Policy: default-src 'none'; script-src 'self'"));
  g_assert_nonnull (strstr (page, "X-Content-Type-Options: nosniff"));
  g_assert_nonnull (strstr (page, "Cache-Control: no-store"));
  g_assert_nonnull (strstr (page, "<!doctype html>"));
  g_assert_null (strstr (page, "http://")); /* nothing from elsewhere */
  g_assert_null (strstr (page, "https://"));
  g_assert_nonnull (strstr (script, "EventSource"));
  g_assert_true (g_str_has_prefix (head, "HTTP/1.1 200"));
  g_assert_null (strstr (head, "<!doctype"));
  end (&room);
}

static void
test_news (void)
{
  Room room;
  begin (&room);
  tell (&room, GB_FOLLOW_NEWS_STATE, "{\"title\":\"before\"}");
  g_autoptr (Guest) one = follow (&room, "");
  hear (one, "event: state\ndata: {\"title\":\"before\"}\n\n");
  wait_for_followers (&room, 1);
  g_autofree char *place = g_strdup_printf ("board.svg?you=%s", one->you), *text_place = g_strdup_printf ("text.json?you=%s&n=1", one->you);
  expect (ask (&room, "GET", place, "", ""), "404");
  tell (&room, GB_FOLLOW_NEWS_PACKED_PICTURE, "packed");
  tell (&room, GB_FOLLOW_NEWS_PICTURE, "<svg/>");
  tell (&room, GB_FOLLOW_NEWS_TEXT, "{\"program\":\"x\"}");
  hear (one, "event: text\ndata: 1");
  hear (one, "event: picture\ndata: 1");
  g_autofree char *plain = ask (&room, "GET", place, "", ""), *packed = ask (&room, "GET", place, "Accept-Encoding: br, gzip\r\n", ""),
                  *text = ask (&room, "GET", text_place, "", "");
  g_assert_nonnull (strstr (plain, "\r\n\r\n<svg/>"));
  g_assert_nonnull (strstr (packed, "Content-Encoding: gzip"));
  g_assert_nonnull (strstr (packed, "\r\n\r\npacked"));
  g_assert_nonnull (strstr (text, "{\"program\":\"x\"}"));
  gb_follow_server_stop (room.server);
  hear (one, "event: over");
  end (&room);
}

/* Whoever ends a lesson does not wait until everybody has heard it; the program's end does. */
static void
test_last_words (void)
{
  gint64 least = G_MAXINT64;
  for (guint i = 0; i < 5; i++)
    {
      Room room;
      begin (&room);
      g_autoptr (Guest) one = follow (&room, "");
      wait_for_followers (&room, 1);
      gint64 before = g_get_monotonic_time ();
      gb_follow_server_stop (room.server);
      least = MIN (least, g_get_monotonic_time () - before);
      g_assert_null (gb_follow_server_get_link (room.server));
      if (i % 2)
        { /* It begins anew at once, at the same port. */
          g_autoptr (GError) error = NULL;
          g_assert_true (gb_follow_server_start (room.server, GB_FOLLOW_LOOPBACK, room.port, &error));
          g_assert_no_error (error);
        }
      hear (one, "event: over");
      end (&room);
    }
  g_assert_cmpint (least, <, 50 * G_TIME_SPAN_MILLISECOND);
}

/* The main loop joins a thread that has said its last words. */
static void
test_left_alone (void)
{
  Room room;
  begin (&room);
  g_autoptr (Guest) one = follow (&room, "");
  wait_for_followers (&room, 1);
  gb_follow_server_stop (room.server);
  g_clear_object (&room.server);
  gint64 end_usec = g_get_monotonic_time () + G_USEC_PER_SEC;
  while (g_get_monotonic_time () < end_usec)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  hear (one, "event: over");
  gb_follow_server_wait_for_last_words ();
  g_string_free (room.heard, TRUE);
  g_free (room.path);
}

static void
test_predictions (void)
{
  Room room;
  char one[17];
  begin (&room);
  Guest *first = follow (&room, "");
  g_autoptr (Guest) second = follow (&room, "");
  const char *two = second->you;
  g_strlcpy (one, first->you, sizeof one);
  g_assert_cmpstr (one, !=, two);
  expect (answer (&room, one, "12"), "204");
  expect (answer (&room, two, "(3, 4)"), "204");
  g_autofree char *wanted = g_strdup_printf ("%s q=12;", one), *wanted_too = g_strdup_printf ("%s q=(3, 4);", two);
  wait_for_heard (&room, wanted);
  wait_for_heard (&room, wanted_too);
  expect (answer (&room, "0123456789abcdef", "12"), "403");
  /* The connection breaks: the same one comes back, and may still answer. */
  guest_free (first);
  g_autofree char *query = g_strdup_printf ("?you=%s", one);
  g_autoptr (Guest) third = follow (&room, query);
  g_assert_cmpstr (third->you, ==, one);
  expect (answer (&room, third->you, "13"), "204");
  end (&room);
}

static void
test_busy (void)
{
  Room room;
  begin (&room);
  g_autofree char *pages = g_test_build_filename (G_TEST_DIST, "../../../data/class", NULL);
  g_autoptr (GbFollowServer) other = gb_follow_server_new (pages);
  g_autoptr (GError) busy = NULL, foreign = NULL, word = NULL;
  g_assert_false (gb_follow_server_start (other, GB_FOLLOW_LOOPBACK, room.port, &busy));
  g_assert_error (busy, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (strstr (busy->message, "is taken by another program"));
  g_assert_false (gb_follow_server_start (other, "203.0.113.7", 0, &foreign));
  g_assert_nonnull (foreign);
  g_assert_false (gb_follow_server_start (other, "localhost", 0, &word));
  g_assert_error (word, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_false (gb_follow_server_is_running (other));
  guint16 port = room.port;
  end (&room);
  /* What was let go may be taken at once, with another token. */
  g_autoptr (GError) error = NULL;
  g_assert_true (gb_follow_server_start (other, GB_FOLLOW_LOOPBACK, port, &error));
  gb_follow_server_stop (other);
}

/* ---- guests who do not ---- */

static void
test_refused (void)
{
  Room room;
  begin (&room);
  g_autoptr (Guest) one = follow (&room, "");
  g_autofree char *path = g_steal_pointer (&room.path);
  static const char *const others[] = { "/", "/events", "/answer", "/AAAAAAAAAAAAAAAAAAAAAA/" };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      room.path = (char *) others[i];
      expect (ask (&room, "GET", "", "", ""), "404");
    }
  room.path = g_steal_pointer (&path);
  expect (ask (&room, "POST", "", "Content-Length: 0\r\n", ""), "405");
  expect (ask (&room, "PUT", "board.svg", "Content-Length: 0\r\n", ""), "405");
  expect (ask (&room, "DELETE", "events", "", ""), "405");
  expect (ask (&room, "GET", "answer", "", ""), "405");
  expect (ask (&room, "POST", "answer", "Content-Length: 0\r\n", ""), "400");
  expect (ask (&room, "POST", "answer", "Content-Length: 5\r\n", "hello"), "400");
  expect (ask (&room, "GET", "board.svg", "", ""), "403");
  expect (ask (&room, "GET", "text.json?you=0123456789abcdef", "", ""), "403");
  g_autofree char *large = g_strnfill (5000, 'x');
  expect (ask (&room, "POST", "answer", "Content-Length: 5000\r\n", large), "413");
  expect (ask (&room, "POST", "answer", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), "411");
  g_assert_cmpuint (room.heard->len, ==, 0);
  end (&room);
}

static void
test_too_often (void)
{
  Room room;
  guint n_taken = 0;
  begin (&room);
  gint64 begin_usec = g_get_monotonic_time ();
  g_autoptr (Guest) one = follow (&room, "");
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *said = answer (&room, one->you, "1");
      g_assert_true (g_str_has_prefix (said, "HTTP/1.1 204") || g_str_has_prefix (said, "HTTP/1.1 429"));
      n_taken += g_str_has_prefix (said, "HTTP/1.1 204");
    }
  g_assert_cmpuint (n_taken, >=, 40);
  /* At once 40, then 12 a second, however slow this machine is. */
  double seconds = (double) (g_get_monotonic_time () - begin_usec) / G_USEC_PER_SEC;
  g_assert_cmpfloat (n_taken, <=, 41 + 12 * seconds);
  g_test_message ("%u taken in %.2f s", n_taken, seconds);
  end (&room);
}

static void
test_full (void)
{
  Room room;
  begin (&room);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) guest_free);
  for (guint i = 0; i < GB_FOLLOW_MOST_FOLLOWERS; i++)
    g_ptr_array_add (all, follow (&room, ""));
  wait_for_followers (&room, GB_FOLLOW_MOST_FOLLOWERS);
  expect (ask (&room, "GET", "events", "", ""), "503");
  g_ptr_array_set_size (all, GB_FOLLOW_MOST_FOLLOWERS - 1); /* one leaves, and one may come */
  tell (&room, GB_FOLLOW_NEWS_STATE, "{}");
  wait_for_followers (&room, GB_FOLLOW_MOST_FOLLOWERS - 1);
  g_ptr_array_add (all, follow (&room, ""));
  end (&room);
}

/* Who takes nothing costs nothing: the newest is kept for it, not all of it. */
static void
test_one_who_does_not_read (void)
{
  Room room;
  begin (&room);
  g_autoptr (Guest) sleeper = follow (&room, ""), reader = follow (&room, "");
  g_autofree char *much = g_strnfill (100000, 'x');
  for (guint i = 0; i < 400; i++)
    {
      g_autofree char *state = g_strdup_printf ("{\"n\":%u,\"much\":\"%s\"}", i, much);
      tell (&room, GB_FOLLOW_NEWS_STATE, state);
    }
  hear (reader, "{\"n\":399,");
  hear (sleeper, "{\"n\":399,");
  g_assert_cmpuint (sleeper->text->len, <, 20u << 20); /* of 40 MB that were told */
  end (&room);
}

/* Noise, halves of requests, heads without an end; afterwards a guest is served as if nothing had been. */
static void
test_noise (void)
{
  static const char *const halves[] = { "", "G", "GET", "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost", "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                                        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "\r\n\r\n\r\n", "GET \r\n\r\n",
                                        "GET / HTTP/9.9\r\n\r\n", "GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /%00%ff HTTP/1.1\r\nHost: x\r\n\r\n",
                                        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n" };
  Room room;
  begin (&room);
  for (guint i = 0; i < G_N_ELEMENTS (halves); i++)
    {
      g_autoptr (GSocketConnection) connection = connect_to (&room);
      send_text (connection, halves[i]);
    }
  for (guint i = 0; i < 150; i++)
    {
      g_autoptr (GSocketConnection) connection = connect_to (&room);
      guint8 noise[512];
      for (guint k = 0; k < sizeof noise; k++)
        noise[k] = (guint8) g_test_rand_int_range (0, 256);
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), noise, sizeof noise, NULL, NULL, NULL);
    }
  {
    g_autoptr (GSocketConnection) connection = connect_to (&room);
    g_autofree char *head = g_strnfill (300000, 'a');
    send_text (connection, "GET / HTTP/1.1\r\nX: ");
    send_text (connection, head);
  }
  g_autoptr (Guest) one = follow (&room, "");
  expect (answer (&room, one->you, "still here"), "204");
  end (&room);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_i18n_init (NULL);
  g_test_add_func ("/follow/places", test_places);
  g_test_add_func ("/follow/who", test_who);
  g_test_add_func ("/follow/answers", test_answers);
  g_test_add_func ("/follow/fuzz", test_fuzz);
  g_test_add_func ("/follow/page", test_page);
  g_test_add_func ("/follow/news", test_news);
  g_test_add_func ("/follow/last-words", test_last_words);
  g_test_add_func ("/follow/left-alone", test_left_alone);
  g_test_add_func ("/follow/predictions", test_predictions);
  g_test_add_func ("/follow/busy", test_busy);
  g_test_add_func ("/follow/refused", test_refused);
  g_test_add_func ("/follow/too-often", test_too_often);
  g_test_add_func ("/follow/full", test_full);
  g_test_add_func ("/follow/one-who-does-not-read", test_one_who_does_not_read);
  g_test_add_func ("/follow/noise", test_noise);
  return g_test_run ();
}
