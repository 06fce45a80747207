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

/* One time that it runs, from the start to the end of the last words, which it may have to say when the server is gone. */
typedef struct
{
  GbFollowServer *server; /* the window's side alone looks at it; NULL: it is ending */
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GbFollowHub *hub; /* the thread's */
} Run;

struct _GbFollowServer
{
  GObject parent_instance;

  char *pages, *link;
  guint n_followers;
  Run *run; /* NULL: nobody may follow */
};

static GPtrArray *endings; /* Run, whose threads say their last words; NULL: none.  The window's side alone looks at it. */

enum
{
  CHANGED,
  ANSWER,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbFollowServer, gb_follow_server, G_TYPE_OBJECT)

static void
run_clear (gpointer data)
{
  Run *run = data;
  g_clear_pointer (&run->loop, g_main_loop_unref);
  g_clear_pointer (&run->context, g_main_context_unref);
}

static void
run_unref (gpointer run)
{
  g_atomic_rc_box_release_full (run, run_clear);
}

/* ---- what is heard, from the thread to the window ---- */

typedef struct
{
  Run *run;
  guint64 who;
  char *id, *answer; /* NULL: the number of those who follow */
  guint n;
} Heard;

static void
heard_free (gpointer data)
{
  Heard *heard = data;
  run_unref (heard->run);
  g_free (heard->id);
  g_free (heard->answer);
  g_free (heard);
}

static gboolean
on_heard (gpointer data)
{
  Heard *heard = data;
  if (!heard->run->server)
    return G_SOURCE_REMOVE;
  g_autoptr (GbFollowServer) self = g_object_ref (heard->run->server);
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
pass_on (Run *run, guint64 who, const char *id, const char *answer, guint n)
{
  Heard *heard = g_new0 (Heard, 1);
  heard->run = g_atomic_rc_box_acquire (run);
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
  Run *run;
  GSocket *socket;
  char *token;
  GBytes *pages[3];
  GError *error;
  gboolean is_ready;
  GMutex lock;
  GCond cond;
} Start;

/* The thread has said its last words: joining it takes no time. */
static gboolean
on_ended (gpointer run)
{
  if (!endings || !g_ptr_array_remove (endings, run))
    return G_SOURCE_REMOVE; /* it was waited for */
  if (endings->len == 0)
    g_clear_pointer (&endings, g_ptr_array_unref);
  return G_SOURCE_REMOVE;
}

static gpointer
serve (gpointer data)
{
  Start *start = data;
  Run *run = g_atomic_rc_box_acquire (start->run);
  const GbFollowHeard heard = { on_hub_answer, on_hub_followers, run };
  setpriority (PRIO_PROCESS, 0, 5); /* of this thread: frames come first */
  g_main_context_push_thread_default (run->context);
  run->hub = gb_follow_hub_new (start->socket, start->token, start->pages, &heard, &start->error);
  gboolean has_begun = run->hub != NULL;
  g_mutex_lock (&start->lock);
  start->is_ready = TRUE;
  g_cond_signal (&start->cond);
  g_mutex_unlock (&start->lock); /* start is gone from here on */
  if (has_begun)
    {
      g_main_loop_run (run->loop);
      gb_follow_hub_free (g_steal_pointer (&run->hub));
      while (g_main_context_iteration (run->context, FALSE))
        ;
    }
  g_main_context_pop_thread_default (run->context);
  if (has_begun)
    g_idle_add_full (G_PRIORITY_DEFAULT, on_ended, g_atomic_rc_box_acquire (run), run_unref);
  run_unref (run);
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
  Start start = { 0 };
  if (self->run)
    return TRUE;
  if (!token)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The system gives no random numbers, so no link can be made."));
      return FALSE;
    }
  gb_follow_server_wait_for_last_words (); /* of a lesson that ended this moment, which may have the port */
  g_autoptr (GSocket) socket = listen_at (address, port, error);
  if (!socket || !load_pages (self, start.pages, error))
    return FALSE;
  Run *run = g_atomic_rc_box_new0 (Run);
  run->context = g_main_context_new ();
  run->loop = g_main_loop_new (run->context, FALSE);
  start.run = run;
  start.socket = socket;
  start.token = token;
  g_mutex_init (&start.lock);
  g_cond_init (&start.cond);
  run->thread = g_thread_new ("follow", serve, &start);
  g_mutex_lock (&start.lock);
  while (!start.is_ready)
    g_cond_wait (&start.cond, &start.lock);
  g_mutex_unlock (&start.lock);
  g_mutex_clear (&start.lock);
  g_cond_clear (&start.cond);
  if (start.error)
    {
      g_thread_join (run->thread);
      run_unref (run);
      g_propagate_error (error, start.error);
      return FALSE;
    }
  run->server = self;
  self->run = run;
  self->link = make_link (socket, token);
  g_signal_emit (self, signals[CHANGED], 0);
  return TRUE;
}

/* ---- telling, from the window to the thread ---- */

typedef struct
{
  Run *run; /* outlives its context, which has this */
  GbFollowNews which;
  GBytes *bytes; /* NULL: the lesson is over */
} News;

static gboolean
on_news (gpointer data)
{
  News *news = data;
  if (news->run->hub && news->bytes)
    gb_follow_hub_tell (news->run->hub, news->which, g_steal_pointer (&news->bytes));
  else if (news->run->hub)
    gb_follow_hub_end (news->run->hub);
  return G_SOURCE_REMOVE;
}

static void
news_free (gpointer data)
{
  g_clear_pointer (&((News *) data)->bytes, g_bytes_unref);
  g_free (data);
}

static void
send_news (Run *run, GbFollowNews which, GBytes *bytes)
{
  News *news = g_new0 (News, 1);
  *news = (News){ run, which, bytes };
  g_main_context_invoke_full (run->context, G_PRIORITY_DEFAULT, on_news, news, news_free);
}

void
gb_follow_server_tell (GbFollowServer *self, GbFollowNews which, GBytes *bytes)
{
  if (self->run)
    send_news (self->run, which, bytes);
  else
    g_bytes_unref (bytes);
}

/* ---- ending ---- */

static void
join (gpointer data)
{
  Run *run = data;
  g_thread_join (run->thread);
  run_unref (run);
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
  Run *run = g_steal_pointer (&self->run);
  if (!run)
    return;
  GSource *source = g_timeout_source_new (self->n_followers ? LAST_WORDS_MSEC : 0);
  run->server = NULL;
  send_news (run, 0, NULL);
  g_source_set_callback (source, on_last_words, g_main_loop_ref (run->loop), (GDestroyNotify) g_main_loop_unref);
  g_source_attach (source, run->context);
  g_source_unref (source);
  if (!endings)
    endings = g_ptr_array_new_with_free_func (join);
  g_ptr_array_add (endings, run);
  g_clear_pointer (&self->link, g_free);
  self->n_followers = 0;
  g_signal_emit (self, signals[CHANGED], 0);
}

void
gb_follow_server_wait_for_last_words (void)
{
  g_clear_pointer (&endings, g_ptr_array_unref);
}

gboolean
gb_follow_server_is_running (GbFollowServer *self)
{
  return self->run != NULL;
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
