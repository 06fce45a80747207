/* GbFollowPane: lets the class follow in its browsers, or ends it: for whom, at which port, with which link, how many do. */
#pragma once

#include <gtk/gtk.h>

#include "class/follow-server.h"

G_BEGIN_DECLS

#define GB_TYPE_FOLLOW_PANE (gb_follow_pane_get_type ())
G_DECLARE_FINAL_TYPE (GbFollowPane, gb_follow_pane, GB, FOLLOW_PANE, GtkWidget)

GtkWidget *gb_follow_pane_new (GbFollowServer *server);
/* As if somebody had chosen these and switched it on; FALSE: the pane says why not, and error too. */
gboolean gb_follow_pane_start (GbFollowPane *self, const char *address, guint16 port, GError **error);

G_END_DECLS
