/* GbCasePanel: the case or exercise in front: its brief, hints with their cost, what was looked at, a claim, the check with
 * progress and counter-examples, and afterwards the explanation with the failure step by step.
 *
 * Signals: "replay" (place, view): a step of the explanation is to be shown; "begin-again": the program as it was given;
 * "beside" (scene): a scene is to run while the text in front stays. */
#pragma once

#include <gtk/gtk.h>

#include "lab/set-strip.h"

G_BEGIN_DECLS

#define GB_TYPE_CASE_PANEL (gb_case_panel_get_type ())
G_DECLARE_FINAL_TYPE (GbCasePanel, gb_case_panel, GB, CASE_PANEL, GtkWidget)

/* Gives the text that is checked, owned, and the number of the caret's line. */
typedef char *(*GbCaseTextFunc) (guint *line, gpointer data);

/* set: stands at its head; taken. */
GtkWidget *gb_case_panel_new (GbSetStrip *set, GbCaseTextFunc get_text, gpointer data);
/* NULL: none is in front. */
void gb_case_panel_set_work (GbCasePanel *self, GbCaseWork *work);
/* The caret stands elsewhere. */
void gb_case_panel_update_line (GbCasePanel *self);
/* Begins the check, or cancels the one that runs. */
void gb_case_panel_check (GbCasePanel *self);

G_END_DECLS
