/* GbFollowFeed: tells a follow-along server what the board shows, what the program asks and what the presenter reveals of the answers,
 * when it changes and not more often than anybody can read; and brings answers to the lecturer.  All of it is read from the board that
 * the class sees and from what is revealed: nothing else goes out. */
#pragma once

#include "class/follow-server.h"
#include "class/lecturer.h"
#include "class/live-picture.h"

G_BEGIN_DECLS

#define GB_TYPE_FOLLOW_FEED (gb_follow_feed_get_type ())
G_DECLARE_FINAL_TYPE (GbFollowFeed, gb_follow_feed, GB, FOLLOW_FEED, GObject)

GbFollowFeed *gb_follow_feed_new (GbFollowServer *server, GbBoardWindow *board, GbLecturer *lecturer, GbBoardWatch *watch);

G_END_DECLS
