/* GbPresenterWindow: for who teaches: notes and answers, the steps of the lesson, what the class sees and predicts, the time.  The
 * class looks at a board of its own (a sealed one), which gets a thing when it is revealed and not before. */
#pragma once

#include "board-window.h"
#include "class/follow-server.h"

G_BEGIN_DECLS

#define GB_TYPE_PRESENTER_WINDOW (gb_presenter_window_get_type ())
G_DECLARE_FINAL_TYPE (GbPresenterWindow, gb_presenter_window, GB, PRESENTER_WINDOW, AdwApplicationWindow)

GbPresenterWindow *gb_presenter_window_new (GtkApplication *application);
/* The board that the class sees; there is one as long as this window is open.  Borrowed. */
GbBoardWindow *gb_presenter_window_get_board (GbPresenterWindow *self);
/* Lets the class follow, as gb_follow_server_start(). */
gboolean gb_presenter_window_serve (GbPresenterWindow *self, const char *address, guint16 port, GError **error);
GbFollowServer *gb_presenter_window_get_server (GbPresenterWindow *self); /* borrowed */

G_END_DECLS
