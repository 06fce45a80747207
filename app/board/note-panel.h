/* GbNotePanel: the note and the questions of the topic in front; answers open when they are asked for, and how one's own
 * were is kept. */
#pragma once

#include <gtk/gtk.h>

#include "library/library.h"
#include "study/progress.h"

G_BEGIN_DECLS

#define GB_TYPE_NOTE_PANEL (gb_note_panel_get_type ())
G_DECLARE_FINAL_TYPE (GbNotePanel, gb_note_panel, GB, NOTE_PANEL, GtkWidget)

GtkWidget *gb_note_panel_new (GbProgress *progress);
/* Either may be NULL: without a topic the scene's own summary is shown. */
void gb_note_panel_set_topic (GbNotePanel *self, const GbScene *scene, const GbTopic *topic);

G_END_DECLS
