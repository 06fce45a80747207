/* GbFollowServer: lets a class follow a lesson in its browsers.  Off until it is started, on this machine alone unless another address
 * is chosen, read-only but for an answer, known to nobody without the link.  Browsers are talked to by a thread of its own
 * (follow-hub.h), so that the window's frames never wait for them. */
#pragma once

#include <gio/gio.h>

#include "class/follow-hub.h"

G_BEGIN_DECLS

#define GB_FOLLOW_LOOPBACK "127.0.0.1"
#define GB_FOLLOW_EVERYBODY "0.0.0.0"

#define GB_TYPE_FOLLOW_SERVER (gb_follow_server_get_type ())
G_DECLARE_FINAL_TYPE (GbFollowServer, gb_follow_server, GB, FOLLOW_SERVER, GObject)

/* Signals: "changed": it runs or not, or another number follows; "answer" (guint64 who, string id, string answer).
 * pages: the folder with the page. */
GbFollowServer *gb_follow_server_new (const char *pages);
/* port 0: any that is free.  FALSE with a sentence in error: the port is taken, the address is not this machine's. */
gboolean gb_follow_server_start (GbFollowServer *self, const char *address, guint16 port, GError **error);
/* Those who follow are told that the lesson is over, which takes a moment that nobody waits for here. */
void gb_follow_server_stop (GbFollowServer *self);
/* That moment of every server that was stopped: before the program ends. */
void gb_follow_server_wait_for_last_words (void);
gboolean gb_follow_server_is_running (GbFollowServer *self);
const char *gb_follow_server_get_link (GbFollowServer *self); /* NULL: it does not run */
guint gb_follow_server_get_n_followers (GbFollowServer *self);
/* Takes the bytes over; the newest of each kind is kept for who comes later. */
void gb_follow_server_tell (GbFollowServer *self, GbFollowNews which, GBytes *bytes);

G_END_DECLS
