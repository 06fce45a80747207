/* GbNotePanel: the note and the questions of the scene in front; answers open when they are asked for. */
#pragma once

#include <gtk/gtk.h>

#include "library/library.h"

G_BEGIN_DECLS

#define GB_TYPE_NOTE_PANEL (gb_note_panel_get_type ())
G_DECLARE_FINAL_TYPE (GbNotePanel, gb_note_panel, GB, NOTE_PANEL, GtkWidget)

GtkWidget *gb_note_panel_new (void);
void gb_note_panel_set_scene (GbNotePanel *self, const GbScene *scene);

G_END_DECLS
