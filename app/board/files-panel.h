/* GbFilesPanel: what the program wrote, a row a file, each with "Save as…". */
#pragma once

#include <gtk/gtk.h>

#include "board/written-files.h"

G_BEGIN_DECLS

#define GB_TYPE_FILES_PANEL (gb_files_panel_get_type ())
G_DECLARE_FINAL_TYPE (GbFilesPanel, gb_files_panel, GB, FILES_PANEL, GtkWidget)

/* Signal "failed" (message): a file could not be saved. */
GtkWidget *gb_files_panel_new (GbWrittenFiles *files);

G_END_DECLS
