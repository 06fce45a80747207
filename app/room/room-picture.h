/* room-picture: a picture of the board as an event of the interview: drawn after the next frame, packed by a thread, of a
 * bounded size. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

/* It comes a moment later; one of an interview that is no longer open is thrown away. */
void gb_room_picture_take (GbRoom *room, GtkWidget *board, guint item, const char *title);
/* A PNG of at most so many bytes, with fewer pixels if need be.  Owned; NULL: it cannot be.  Any thread. */
GBytes *gb_room_picture_pack (cairo_surface_t *surface, gsize most_nbytes);

G_END_DECLS
