/* GbNotesPane: the interviewer's notes and what the board has noticed, by the interview's clock. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

#define GB_TYPE_NOTES_PANE (gb_notes_pane_get_type ())
G_DECLARE_FINAL_TYPE (GbNotesPane, gb_notes_pane, GB, NOTES_PANE, GtkWidget)

GtkWidget *gb_notes_pane_new (GbRoom *room);
void gb_notes_pane_focus (GbNotesPane *self); /* where a note is written */

G_END_DECLS
