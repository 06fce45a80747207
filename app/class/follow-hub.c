#include "class/follow-hub.h"

#include "class/follow-request.h"

#include <string.h>

#define TOO_OFTEN         429 /* libsoup has no name for it */
#define HEARTBEAT_SECONDS 10
#define REQUEST_SECONDS   15 /* until a request is there; a connection that rests is closed after it, too */
#define MOST_STUCK        3  /* heartbeats */
#define MOST_KNOWN        2000
#define BURST             40 /* requests of one who follows at once, and then so many a second: */
#define PER_SECOND        12

/* Who was here once is known when the connection breaks: an answer stays one answer. */
typedef struct
{
  guint64 who;
  double tokens;
  gint64 filled_usec;
  gboolean is_here;
} Known;

typedef struct
{
  GbFollowHub *hub;
  SoupServerMessage *message;
  Known *known;
  gboolean is_writing;
  guint n_stuck; /* heartbeats for which it took nothing */
  guint dirty; /* bits of GbFollowNews */
} Follower;

struct _GbFollowHub
{
  SoupServer *server;
  char *token;
  GBytes *pages[3];
  GBytes *news[GB_FOLLOW_N_NEWS];
  guint version[GB_FOLLOW_N_NEWS];
  GbFollowHeard heard;
  GPtrArray *followers;   /* Follower */
  GHashTable *known;      /* guint64 → Known */
  GQueue order;           /* of Known, the oldest first */
  GHashTable *open;       /* SoupServerMessage → the GSource that ends it if it does not come, or NULL */
  GSource *heartbeat;
  gboolean is_ending;
};

/* ---- who follows ---- */

static Known *
find_known (GbFollowHub *self, guint64 who)
{
  return who ? g_hash_table_lookup (self->known, &who) : NULL;
}

static Known *
make_known (GbFollowHub *self)
{
  Known *known = g_new0 (Known, 1);
  known->who = gb_follow_new_who ();
  known->tokens = BURST;
  known->filled_usec = g_get_monotonic_time ();
  for (GList *l = self->order.head, *next; l && g_hash_table_size (self->known) >= MOST_KNOWN; l = next)
    {
      Known *old = l->data;
      next = l->next;
      if (old->is_here)
        continue;
      g_queue_delete_link (&self->order, l);
      g_hash_table_remove (self->known, &old->who);
    }
  g_hash_table_insert (self->known, &known->who, known);
  g_queue_push_tail (&self->order, known);
  return known;
}

/* FALSE: too often. */
static gboolean
may_ask (Known *known)
{
  gint64 now = g_get_monotonic_time ();
  known->tokens = MIN (BURST, known->tokens + PER_SECOND * (double) (now - known->filled_usec) / G_USEC_PER_SEC);
  known->filled_usec = now;
  if (known->tokens < 1)
    return FALSE;
  known->tokens -= 1;
  return TRUE;
}

/* ---- answering ---- */

static void
set_heads (SoupServerMessage *message)
{
  static const char *const heads[][2] = {
    { "Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                                 "base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Cache-Control", "no-store" },
  };
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    soup_message_headers_replace (headers, heads[i][0], heads[i][1]);
}

static void
answer_status (SoupServerMessage *message, guint status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/plain; charset=utf-8", SOUP_MEMORY_STATIC, text, strlen (text));
}

static void
answer_bytes (SoupServerMessage *message, const char *type, GBytes *bytes)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_content_type (headers, type, NULL);
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
}

static void
answer_picture (GbFollowHub *self, SoupServerMessage *message)
{
  SoupMessageHeaders *asked = soup_server_message_get_request_headers (message);
  const char *accepted = soup_message_headers_get_list (asked, "Accept-Encoding");
  GBytes *packed = self->news[GB_FOLLOW_NEWS_PACKED_PICTURE];
  gboolean is_packed = packed && accepted && soup_header_contains (accepted, "gzip");
  GBytes *bytes = is_packed ? packed : self->news[GB_FOLLOW_NEWS_PICTURE];
  if (!bytes)
    {
      answer_status (message, SOUP_STATUS_NOT_FOUND, "There is no picture yet.\n");
      return;
    }
  answer_bytes (message, "image/svg+xml; charset=utf-8", bytes);
  if (is_packed)
    soup_message_headers_replace (soup_server_message_get_response_headers (message), "Content-Encoding", "gzip");
}

static void
take_answer (GbFollowHub *self, SoupServerMessage *message)
{
  g_autoptr (GBytes) body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  gsize nbytes;
  const char *text = g_bytes_get_data (body, &nbytes);
  GbFollowAnswer answer;
  if (!gb_follow_answer_read (text, nbytes, &answer))
    {
      answer_status (message, SOUP_STATUS_BAD_REQUEST, "This is no answer.\n");
      return;
    }
  Known *known = find_known (self, answer.who);
  if (!known)
    answer_status (message, SOUP_STATUS_FORBIDDEN, "Nobody who follows has this name.\n");
  else if (!may_ask (known))
    answer_status (message, TOO_OFTEN, "Too often.\n");
  else
    {
      soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
      self->heard.answer (answer.who, answer.id, answer.answer, self->heard.data);
    }
  gb_follow_answer_clear (&answer);
}

/* ---- events ---- */

static void
append_news (GbFollowHub *self, GString *text, GbFollowNews which)
{
  static const char *const names[GB_FOLLOW_N_NEWS] = { "state", "picture", NULL, "text" };
  if (!names[which] || !self->news[which])
    return;
  if (which == GB_FOLLOW_NEWS_STATE)
    {
      gsize nbytes;
      const char *json = g_bytes_get_data (self->news[which], &nbytes);
      g_string_append (text, "event: state\ndata: ");
      g_string_append_len (text, json, (gssize) nbytes);
      g_string_append (text, "\n\n");
    }
  else
    g_string_append_printf (text, "event: %s\ndata: %u\n\n", names[which], self->version[which]);
}

static void
write_text (Follower *follower, GString *text)
{
  SoupMessageBody *body = soup_server_message_get_response_body (follower->message);
  gsize nbytes = text->len;
  follower->is_writing = TRUE;
  soup_message_body_append_take (body, (guchar *) g_string_free (text, FALSE), nbytes);
  soup_server_message_unpause (follower->message);
}

static void
write_news (Follower *follower)
{
  if (follower->is_writing || !follower->dirty)
    return;
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < GB_FOLLOW_N_NEWS; i++)
    if (follower->dirty & 1u << i)
      append_news (follower->hub, text, i);
  follower->dirty = 0;
  if (text->len)
    write_text (follower, text);
  else
    g_string_free (text, TRUE);
}

static void
on_wrote_chunk (Follower *follower)
{
  follower->is_writing = FALSE;
  follower->n_stuck = 0;
  write_news (follower);
}

static void
tell_followers (GbFollowHub *self)
{
  self->heard.followers (self->followers->len, self->heard.data);
}

static void
on_left (Follower *follower)
{
  GbFollowHub *self = follower->hub;
  follower->known->is_here = FALSE;
  for (guint i = 0; i < self->followers->len; i++) /* another connection of the same one may be here */
    if (g_ptr_array_index (self->followers, i) != follower
        && ((Follower *) g_ptr_array_index (self->followers, i))->known == follower->known)
      follower->known->is_here = TRUE;
  g_signal_handlers_disconnect_by_data (follower->message, follower);
  g_ptr_array_remove (self->followers, follower);
  if (!self->is_ending)
    tell_followers (self);
}

static void
follower_free (gpointer data)
{
  Follower *follower = data;
  g_object_unref (follower->message);
  g_free (follower);
}

static void
begin_events (GbFollowHub *self, SoupServerMessage *message, const char *query)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  if (self->followers->len >= GB_FOLLOW_MOST_FOLLOWERS || self->is_ending)
    {
      answer_status (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "The room is full.\n");
      return;
    }
  Known *known = find_known (self, gb_follow_read_who (query));
  if (known && !may_ask (known))
    {
      answer_status (message, TOO_OFTEN, "Too often.\n");
      return;
    }
  Follower *follower = g_new0 (Follower, 1);
  follower->hub = self;
  follower->message = g_object_ref (message);
  follower->known = known ? known : make_known (self);
  follower->known->is_here = TRUE;
  follower->dirty = (1u << GB_FOLLOW_N_NEWS) - 1;
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_content_type (headers, "text/event-stream", NULL);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_signal_connect_swapped (message, "wrote-chunk", G_CALLBACK (on_wrote_chunk), follower);
  g_signal_connect_swapped (message, "finished", G_CALLBACK (on_left), follower);
  g_ptr_array_add (self->followers, follower);
  GString *hello = g_string_new (NULL);
  g_string_printf (hello, "retry: 2000\nevent: you\ndata: %016" G_GINT64_MODIFIER "x\n\n", follower->known->who);
  write_text (follower, hello);
  tell_followers (self);
}

static void
drop (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);
  if (socket)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

static gboolean
on_heartbeat (gpointer data)
{
  GbFollowHub *self = data;
  for (guint i = 0; i < self->followers->len; i++)
    {
      Follower *follower = g_ptr_array_index (self->followers, i);
      if (!follower->is_writing)
        write_text (follower, g_string_new (": still here\n\n"));
      else if (++follower->n_stuck > MOST_STUCK)
        drop (follower->message);
    }
  return G_SOURCE_CONTINUE;
}

/* ---- requests ---- */

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *form, gpointer data)
{
  static const char *const types[] = { "text/html; charset=utf-8", "text/css; charset=utf-8", "text/javascript; charset=utf-8" };
  GbFollowHub *self = data;
  GUri *uri = soup_server_message_get_uri (message);
  const char *method = soup_server_message_get_method (message), *query = uri ? g_uri_get_query (uri) : NULL;
  GbFollowPlace place = gb_follow_place (path, self->token);
  gboolean is_post = strcmp (method, "POST") == 0;
  set_heads (message);
  if (soup_server_message_get_status (message) != 0) /* refused at its head */
    return;
  if (place == GB_FOLLOW_NOTHING)
    answer_status (message, SOUP_STATUS_NOT_FOUND, "There is nothing here.\n");
  else if (is_post != (place == GB_FOLLOW_ANSWER) || (!is_post && strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0))
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow",
                                    place == GB_FOLLOW_ANSWER ? "POST" : "GET, HEAD");
      answer_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "Not in this way.\n");
    }
  else if (place == GB_FOLLOW_ANSWER)
    take_answer (self, message);
  else if (place == GB_FOLLOW_EVENTS)
    begin_events (self, message, query);
  else if (place <= GB_FOLLOW_SCRIPT)
    answer_bytes (message, types[place - GB_FOLLOW_PAGE], self->pages[place - GB_FOLLOW_PAGE]);
  else
    {
      Known *known = find_known (self, gb_follow_read_who (query));
      if (!known || !known->is_here)
        answer_status (message, SOUP_STATUS_FORBIDDEN, "Nobody who follows has this name.\n");
      else if (!may_ask (known))
        answer_status (message, TOO_OFTEN, "Too often.\n");
      else if (place == GB_FOLLOW_PICTURE)
        answer_picture (self, message);
      else if (self->news[GB_FOLLOW_NEWS_TEXT])
        answer_bytes (message, "application/json; charset=utf-8", self->news[GB_FOLLOW_NEWS_TEXT]);
      else
        answer_status (message, SOUP_STATUS_NOT_FOUND, "There is no text yet.\n");
    }
}

/* ---- connections ---- */

static gboolean
on_too_slow (gpointer message)
{
  drop (message);
  return G_SOURCE_REMOVE;
}

static void
stop_waiting (gpointer source)
{
  if (!source)
    return;
  g_source_destroy (source);
  g_source_unref (source);
}

/* A body that is too large, or of which nobody says how large it is, is not waited for. */
static void
on_got_headers (SoupServerMessage *message, GbFollowHub *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  goffset nbytes = soup_message_headers_get_content_length (headers);
  gboolean is_chunked = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED;
  if (!is_chunked && nbytes <= GB_FOLLOW_MOST_BODY)
    return;
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection", "close");
  answer_status (message, is_chunked ? SOUP_STATUS_LENGTH_REQUIRED : SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "Too much.\n");
}

static void
on_got_body (SoupServerMessage *message, GbFollowHub *self)
{
  g_hash_table_insert (self->open, message, NULL);
}

/* A connection that ends before a request has come is told of by nobody. */
static void
on_gone (gpointer data, GObject *message)
{
  g_hash_table_remove (((GbFollowHub *) data)->open, message);
}

static void
on_started (SoupServer *server, SoupServerMessage *message, GbFollowHub *self)
{
  GSource *source = g_timeout_source_new_seconds (REQUEST_SECONDS);
  g_source_set_callback (source, on_too_slow, message, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_hash_table_insert (self->open, message, source);
  g_object_weak_ref (G_OBJECT (message), on_gone, self);
  g_signal_connect (message, "got-headers", G_CALLBACK (on_got_headers), self);
  g_signal_connect (message, "got-body", G_CALLBACK (on_got_body), self);
  if (g_hash_table_size (self->open) > GB_FOLLOW_MOST_CONNECTIONS)
    drop (message);
}

static void
on_finished (SoupServer *server, SoupServerMessage *message, GbFollowHub *self)
{
  if (!g_hash_table_contains (self->open, message))
    return;
  g_object_weak_unref (G_OBJECT (message), on_gone, self);
  g_signal_handlers_disconnect_by_data (message, self);
  g_hash_table_remove (self->open, message);
}

/* ---- the hub ---- */

void
gb_follow_hub_tell (GbFollowHub *self, GbFollowNews which, GBytes *bytes)
{
  g_clear_pointer (&self->news[which], g_bytes_unref);
  self->news[which] = bytes;
  self->version[which]++;
  if (which == GB_FOLLOW_NEWS_PACKED_PICTURE)
    return;
  for (guint i = 0; i < self->followers->len; i++)
    {
      Follower *follower = g_ptr_array_index (self->followers, i);
      follower->dirty |= 1u << which;
      write_news (follower);
    }
}

GbFollowHub *
gb_follow_hub_new (GSocket *socket, const char *token, GBytes *const pages[3], const GbFollowHeard *heard, GError **error)
{
  GbFollowHub *self = g_new0 (GbFollowHub, 1);
  self->server = soup_server_new ("server-header", "Gradboard", NULL);
  self->token = g_strdup (token);
  self->heard = *heard;
  self->followers = g_ptr_array_new_with_free_func (follower_free);
  self->known = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->open = g_hash_table_new_full (NULL, NULL, NULL, stop_waiting);
  for (guint i = 0; i < 3; i++)
    self->pages[i] = pages[i];
  g_signal_connect (self->server, "request-started", G_CALLBACK (on_started), self);
  g_signal_connect (self->server, "request-finished", G_CALLBACK (on_finished), self);
  g_signal_connect (self->server, "request-aborted", G_CALLBACK (on_finished), self);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  self->heartbeat = g_timeout_source_new_seconds (HEARTBEAT_SECONDS);
  g_source_set_callback (self->heartbeat, on_heartbeat, self, NULL);
  g_source_attach (self->heartbeat, g_main_context_get_thread_default ());
  if (soup_server_listen_socket (self->server, socket, 0, error))
    return self;
  gb_follow_hub_free (self);
  return NULL;
}

void
gb_follow_hub_end (GbFollowHub *self)
{
  self->is_ending = TRUE;
  for (guint i = 0; i < self->followers->len; i++)
    {
      Follower *follower = g_ptr_array_index (self->followers, i);
      write_text (follower, g_string_new ("event: over\ndata: 1\n\n"));
      soup_message_body_complete (soup_server_message_get_response_body (follower->message));
    }
}

void
gb_follow_hub_free (GbFollowHub *self)
{
  self->is_ending = TRUE;
  for (guint i = 0; i < self->followers->len; i++)
    {
      Follower *follower = g_ptr_array_index (self->followers, i);
      g_signal_handlers_disconnect_by_data (follower->message, follower);
    }
  g_ptr_array_set_size (self->followers, 0);
  g_signal_handlers_disconnect_by_data (self->server, self);
  GHashTableIter iter;
  gpointer message;
  g_hash_table_iter_init (&iter, self->open);
  while (g_hash_table_iter_next (&iter, &message, NULL))
    {
      g_object_weak_unref (message, on_gone, self);
      g_signal_handlers_disconnect_by_data (message, self);
    }
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_source_destroy (self->heartbeat);
  g_source_unref (self->heartbeat);
  g_hash_table_unref (self->open);
  g_queue_clear (&self->order);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->followers);
  for (guint i = 0; i < GB_FOLLOW_N_NEWS; i++)
    g_clear_pointer (&self->news[i], g_bytes_unref);
  for (guint i = 0; i < 3; i++)
    g_clear_pointer (&self->pages[i], g_bytes_unref);
  g_free (self->token);
  g_free (self);
}
