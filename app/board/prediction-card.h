/* GbPredictionCard: what the program asks before it shows the truth, how sure one is, and what came out, which is kept. */
#pragma once

#include <gtk/gtk.h>

#include "board/run-control.h"
#include "library/library.h"
#include "study/progress.h"

G_BEGIN_DECLS

#define GB_TYPE_PREDICTION_CARD (gb_prediction_card_get_type ())
G_DECLARE_FINAL_TYPE (GbPredictionCard, gb_prediction_card, GB, PREDICTION_CARD, GtkWidget)

GtkWidget *gb_prediction_card_new (GbTrace *trace, GbRunControl *control, GbProgress *progress);
void gb_prediction_card_set_scene (GbPredictionCard *self, const GbScene *scene);
void gb_prediction_card_focus (GbPredictionCard *self);
/* Signal "asked": another question is open, or none.  Its id, borrowed; NULL: the program waits for none. */
const char *gb_prediction_card_get_open (GbPredictionCard *self);
/* The run has asked it and gone on. */
gboolean gb_prediction_card_has_passed (GbPredictionCard *self, const char *asked);
void gb_prediction_card_skip (GbPredictionCard *self); /* the run goes on and tells */

G_END_DECLS
