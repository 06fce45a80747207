/* The page of a crash: its log, to be copied or attached to a report. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A window of its own in front of parent with what is in the file at path. */
void gb_crash_page_present (GtkWindow *parent, const char *path);

G_END_DECLS
