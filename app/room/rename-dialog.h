/* rename-dialog: what an interview is called, whose it is, and whether they have agreed to be recorded. */
#pragma once

#include <gtk/gtk.h>

#include "room/room.h"

G_BEGIN_DECLS

/* An AdwMessageDialog, which is shown; borrowed. */
GtkWidget *gb_rename_dialog_present (GtkWindow *parent, GbRoom *room);

G_END_DECLS
