#include "class/follow-server.h"

#include "class/follow-request.h"
#include "common/i18n.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>

#define LAST_WORDS_MSEC 250 /* for "the lesson is over" to reach the browsers */
#define BACKLOG         128

struct _GbFollowServer
{
  GObject parent_instance;

  char *pages, *link;
  guint n_followers;
  /* While it runs: */
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GbFollowHub *hub; /* the thread's */
};

enum
{
  CHANGED,
  ANSWER,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbFollowServer, gb_follow_server, G_TYPE_OBJECT)

/* ---- what is heard, from the thread to the window ---- */

typedef struct
{
  GWeakRef server;
  guint64 who;
  char *id, *answer; /* NULL: the number of those who follow */
  guint n;
} Heard;

static void
heard_free (gpointer data)
{
  Heard *heard = data;
  g_weak_ref_clear (&heard->server);
  g_free (heard->id);
  g_free (heard->answer);
  g_free (heard);
}

static gboolean
on_heard (gpointer data)
{
  Heard *heard = data;
  g_autoptr (GbFollowServer) self = g_weak_ref_get (&heard->server);
  if (!self || !self->thread)
    return G_SOURCE_REMOVE;
  if (heard->answer)
    g_signal_emit (self, signals[ANSWER], 0, heard->who, heard->id, heard->answer);
  else if (heard->n != self->n_followers)
    {
      self->n_followers = heard->n;
      g_signal_emit (self, signals[CHANGED], 0);
    }
  return G_SOURCE_REMOVE;
}

static void
pass_on (gpointer server, guint64 who, const char *id, const char *answer, guint n)
{
  Heard *heard = g_new0 (Heard, 1);
  g_weak_ref_init (&heard->server, server);
  heard->who = who;
  heard->id = g_strdup (id);
  heard->answer = g_strdup (answer);
  heard->n = n;
  g_idle_add_full (G_PRIORITY_DEFAULT, on_heard, heard, heard_free);
}

static void
on_hub_answer (guint64 who, const char *id, const char *answer, gpointer data)
{
  pass_on (data, who, id, answer, 0);
}

static void
on_hub_followers (guint n, gpointer data)
{
  pass_on (data, 0, NULL, NULL, n);
}

/* ---- the thread ---- */

typedef struct
{
  GbFollowServer *server; /* outlives the thread, which it joins */
  GSocket *socket;
  char *token;
  GBytes *pages[3];
  GError *error;
  gboolean is_ready;
  GMutex lock;
  GCond cond;
} Start;

static gpointer
serve (gpointer data)
{
  Start *start = data;
  GbFollowServer *self = start->server;
  GMainContext *context = self->context;
  GMainLoop *loop = g_main_loop_ref (self->loop);
  const GbFollowHeard heard = { on_hub_answer, on_hub_followers, self };
  setpriority (PRIO_PROCESS, 0, 5); /* of this thread: frames come first */
  g_main_context_push_thread_default (context);
  GbFollowHub *hub = gb_follow_hub_new (start->socket, start->token, start->pages, &heard, &start->error);
  self->hub = hub;
  g_mutex_lock (&start->lock);
  start->is_ready = TRUE;
  g_cond_signal (&start->cond);
  g_mutex_unlock (&start->lock); /* start is gone from here on */
  if (hub)
    {
      g_main_loop_run (loop);
      gb_follow_hub_free (hub);
      while (g_main_context_iteration (context, FALSE))
        ;
    }
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (loop);
  return NULL;
}

/* ---- starting ---- */

static GSocket *
listen_at (const char *address, guint16 port, GError **error)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);
  if (!inet)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("%s is no address of numbers."), address);
      return NULL;
    }
  g_autoptr (GError) why = NULL;
  g_autoptr (GSocketAddress) place = g_inet_socket_address_new (inet, port);
  g_autoptr (GSocket) socket =
      g_socket_new (g_inet_address_get_family (inet), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &why);
  if (socket)
    g_socket_set_listen_backlog (socket, BACKLOG);
  /* An address that was let go a moment ago may be taken again; one that is in use may not. */
  if (socket && g_socket_bind (socket, place, TRUE, &why) && g_socket_listen (socket, &why))
    return g_steal_pointer (&socket);
  if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 _ ("Port %u is taken by another program. Choose another one, or 0 for any that is free."), port);
  else if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _ ("Port %u is reserved for the system. Choose one above 1023."), port);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Nothing can listen at %s, port %u: %s"), address, port,
                 why ? why->message : "?");
  return NULL;
}

/* One that other machines know: the first that is up and not the loop. */
static char *
dup_own_address (void)
{
  struct ifaddrs *all = NULL;
  char *found = NULL;
  if (getifaddrs (&all) != 0)
    return NULL;
  for (struct ifaddrs *one = all; one && !found; one = one->ifa_next)
    if (one->ifa_addr && one->ifa_addr->sa_family == AF_INET && one->ifa_flags & IFF_UP && !(one->ifa_flags & IFF_LOOPBACK))
      {
        const struct sockaddr_in *in = (const struct sockaddr_in *) (const void *) one->ifa_addr;
        g_autoptr (GInetAddress) inet = g_inet_address_new_from_bytes ((const guint8 *) &in->sin_addr, G_SOCKET_FAMILY_IPV4);
        found = g_inet_address_to_string (inet);
      }
  freeifaddrs (all);
  return found;
}

static char *
make_link (GSocket *socket, const char *token)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (local))
    return NULL;
  GInetAddress *inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
  g_autofree char *own = g_inet_address_get_is_any (inet) ? dup_own_address () : NULL;
  g_autofree char *host = own ? g_steal_pointer (&own)
                          : g_inet_address_get_is_any (inet) ? g_strdup (GB_FOLLOW_LOOPBACK)
                                                             : g_inet_address_to_string (inet);
  gboolean is_long = strchr (host, ':') != NULL;
  return g_strdup_printf ("http://%s%s%s:%u/%s/", is_long ? "[" : "", host, is_long ? "]" : "",
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local)), token);
}

static gboolean
load_pages (GbFollowServer *self, GBytes *pages[3], GError **error)
{
  static const char *const names[] = { "follow.html", "follow.css", "follow.js" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->pages, names[i], NULL);
      char *text;
      gsize nbytes;
      if (!g_file_get_contents (path, &text, &nbytes, error))
        {
          while (i-- > 0)
            g_clear_pointer (&pages[i], g_bytes_unref);
          return FALSE;
        }
      pages[i] = g_bytes_new_take (text, nbytes);
    }
  return TRUE;
}

gboolean
gb_follow_server_start (GbFollowServer *self, const char *address, guint16 port, GError **error)
{
  g_autofree char *token = gb_follow_new_token ();
  Start start = { .server = self };
  if (self->thread)
    return TRUE;
  if (!token)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The system gives no random numbers, so no link can be made."));
      return FALSE;
    }
  g_autoptr (GSocket) socket = listen_at (address, port, error);
  if (!socket || !load_pages (self, start.pages, error))
    return FALSE;
  start.socket = socket;
  start.token = token;
  g_mutex_init (&start.lock);
  g_cond_init (&start.cond);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->link = make_link (socket, token);
  self->thread = g_thread_new ("follow", serve, &start);
  g_mutex_lock (&start.lock);
  while (!start.is_ready)
    g_cond_wait (&start.cond, &start.lock);
  g_mutex_unlock (&start.lock);
  g_mutex_clear (&start.lock);
  g_cond_clear (&start.cond);
  if (!self->hub)
    {
      gb_follow_server_stop (self);
      g_propagate_error (error, start.error);
      return FALSE;
    }
  g_signal_emit (self, signals[CHANGED], 0);
  return TRUE;
}

/* ---- telling, from the window to the thread ---- */

typedef struct
{
  GbFollowServer *server;
  GbFollowNews which;
  GBytes *bytes; /* NULL: the lesson is over */
} News;

static gboolean
on_news (gpointer data)
{
  News *news = data;
  if (news->bytes)
    gb_follow_hub_tell (news->server->hub, news->which, g_steal_pointer (&news->bytes));
  else
    gb_follow_hub_end (news->server->hub);
  return G_SOURCE_REMOVE;
}

static void
news_free (gpointer data)
{
  g_clear_pointer (&((News *) data)->bytes, g_bytes_unref);
  g_free (data);
}

static void
send_news (GbFollowServer *self, GbFollowNews which, GBytes *bytes)
{
  News *news = g_new0 (News, 1);
  *news = (News){ self, which, bytes };
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, on_news, news, news_free);
}

void
gb_follow_server_tell (GbFollowServer *self, GbFollowNews which, GBytes *bytes)
{
  if (self->thread)
    send_news (self, which, bytes);
  else
    g_bytes_unref (bytes);
}

static gboolean
on_last_words (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

void
gb_follow_server_stop (GbFollowServer *self)
{
  if (!self->thread)
    return;
  if (self->hub)
    {
      GSource *source = g_timeout_source_new (self->n_followers ? LAST_WORDS_MSEC : 0);
      send_news (self, 0, NULL);
      g_source_set_callback (source, on_last_words, g_main_loop_ref (self->loop), (GDestroyNotify) g_main_loop_unref);
      g_source_attach (source, self->context);
      g_source_unref (source);
    }
  g_thread_join (g_steal_pointer (&self->thread));
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->link, g_free);
  self->hub = NULL;
  self->n_followers = 0;
  g_signal_emit (self, signals[CHANGED], 0);
}

gboolean
gb_follow_server_is_running (GbFollowServer *self)
{
  return self->thread != NULL;
}

const char *
gb_follow_server_get_link (GbFollowServer *self)
{
  return self->link;
}

guint
gb_follow_server_get_n_followers (GbFollowServer *self)
{
  return self->n_followers;
}

/* ---- the object ---- */

static void
gb_follow_server_dispose (GObject *object)
{
  gb_follow_server_stop (GB_FOLLOW_SERVER (object));
  G_OBJECT_CLASS (gb_follow_server_parent_class)->dispose (object);
}

static void
gb_follow_server_finalize (GObject *object)
{
  g_free (GB_FOLLOW_SERVER (object)->pages);
  G_OBJECT_CLASS (gb_follow_server_parent_class)->finalize (object);
}

static void
gb_follow_server_class_init (GbFollowServerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_follow_server_dispose;
  G_OBJECT_CLASS (klass)->finalize = gb_follow_server_finalize;
  signals[CHANGED] = g_signal_new ("changed", GB_TYPE_FOLLOW_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ANSWER] = g_signal_new ("answer", GB_TYPE_FOLLOW_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                  G_TYPE_UINT64, G_TYPE_STRING, G_TYPE_STRING);
}

static void
gb_follow_server_init (GbFollowServer *self)
{
}

GbFollowServer *
gb_follow_server_new (const char *pages)
{
  GbFollowServer *self = g_object_new (GB_TYPE_FOLLOW_SERVER, NULL);
  self->pages = g_strdup (pages);
  return self;
}
