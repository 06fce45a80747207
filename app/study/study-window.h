/* GbStudyWindow: what is due today, the map of the outline, and how well one knew how sure to be.
 *
 * Signals: "leaf" (id), "item" (its name, study/items.h): somebody wants to go there. */
#pragma once

#include <adwaita.h>

#include "study/items.h"

G_BEGIN_DECLS

#define GB_TYPE_STUDY_WINDOW (gb_study_window_get_type ())
G_DECLARE_FINAL_TYPE (GbStudyWindow, gb_study_window, GB, STUDY_WINDOW, AdwWindow)

GbStudyWindow *gb_study_window_new (GtkWindow *parent, GbLibrary *library, GbProgress *progress);
/* page: "due", "map" or "sure"; leaf: whose progress can be erased alone, or NULL. */
void gb_study_window_show (GbStudyWindow *self, const char *page, const char *leaf);

G_END_DECLS
