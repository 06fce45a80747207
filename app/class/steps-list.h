/* GbStepsList: the steps of a lesson, those that are done and the one that comes next. */
#pragma once

#include <gtk/gtk.h>

#include "class/lecture.h"

G_BEGIN_DECLS

#define GB_TYPE_STEPS_LIST (gb_steps_list_get_type ())
G_DECLARE_FINAL_TYPE (GbStepsList, gb_steps_list, GB, STEPS_LIST, GtkWidget)

GtkWidget *gb_steps_list_new (void);
void gb_steps_list_show (GbStepsList *self, const GbLecture *lecture);

G_END_DECLS
