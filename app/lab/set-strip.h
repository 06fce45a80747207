/* GbSetStrip: the set at the head of a task: its brief, its score, and a way to each of its cases.
 * Signals: "case" (id): one is to be opened; "end": the set is over. */
#pragma once

#include <gtk/gtk.h>

#include "lab/case-set.h"

G_BEGIN_DECLS

#define GB_TYPE_SET_STRIP (gb_set_strip_get_type ())
G_DECLARE_FINAL_TYPE (GbSetStrip, gb_set_strip, GB, SET_STRIP, GtkWidget)

GtkWidget *gb_set_strip_new (GbCaseSet *set, GbLibrary *library);
/* work: on the case in front, or NULL.  The strip shows when that case belongs to the set. */
void gb_set_strip_update (GbSetStrip *self, GbCaseWork *work);

G_END_DECLS
