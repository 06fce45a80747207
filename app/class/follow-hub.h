/* follow-hub: the side of the follow-along server that talks to browsers.  It lives in a thread of its own with a loop of its own and
 * is given bytes that do not change; nothing of the window is known here.
 *
 * Those who follow hear of news by server-sent events: "state" (small JSON), "picture" and "text" (a number each, to be fetched).
 * What a slow one has not taken yet is not queued: it gets the newest when it has taken the last.  Everything is bounded: how many
 * follow, how many connections are open, how long a request may take to come, how often one may ask. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define GB_FOLLOW_MOST_FOLLOWERS   150
#define GB_FOLLOW_MOST_CONNECTIONS 600

typedef struct _GbFollowHub GbFollowHub;

typedef struct
{
  /* Both in the hub's thread. */
  void (*answer) (guint64 who, const char *id, const char *answer, gpointer data);
  void (*followers) (guint n, gpointer data);
  gpointer data;
} GbFollowHeard;

/* pages: the page, its style, its script, in this order; owned by the hub from now on, as is the socket, which listens.  In the thread
 * whose context it is to live in. */
GbFollowHub *gb_follow_hub_new (GSocket *socket, const char *token, GBytes *const pages[3], const GbFollowHeard *heard, GError **error);
/* Says that the lesson is over; what was said is on its way when it returns. */
void gb_follow_hub_end (GbFollowHub *self);
void gb_follow_hub_free (GbFollowHub *self);

typedef enum
{
  GB_FOLLOW_NEWS_STATE,
  GB_FOLLOW_NEWS_PICTURE,
  GB_FOLLOW_NEWS_PACKED_PICTURE, /* the same with gzip; comes before it */
  GB_FOLLOW_NEWS_TEXT, /* program and output as JSON */
  GB_FOLLOW_N_NEWS,
} GbFollowNews;

/* Takes the bytes over. */
void gb_follow_hub_tell (GbFollowHub *self, GbFollowNews which, GBytes *bytes);

G_END_DECLS
