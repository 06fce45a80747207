/* Small parts that the interviewer's pages share. */
#pragma once

#include <adwaita.h>

#include "interview/facts.h"

G_BEGIN_DECLS

/* A text that wraps and can be selected; css_class may be NULL.  Floating. */
GtkWidget *gb_room_text (const char *text, const char *css_class);
/* The heading of a part, in the current language; msgid is marked with N_().  Floating. */
GtkWidget *gb_room_heading (const char *msgid);
/* A button with words; action: "room.pause" and the like, or NULL.  Floating. */
GtkWidget *gb_room_button (const char *msgid, const char *action);
void gb_room_clear (GtkWidget *box); /* removes all children of a GtkBox or GtkListBox */
/* A scroller with the child, as high as it gets.  Floating. */
GtkWidget *gb_room_scroller (GtkWidget *child);
/* "12:05"; below 0 with a minus.  Owned. */
char *gb_room_clock (gint64 msec);

G_END_DECLS
