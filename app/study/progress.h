/* study: what somebody has answered, how well, and what comes back when.
 *
 * GbProgress keeps answers, one row each, as they are given (store/store.h); everything else is computed from
 * them: taking the last one back, or erasing some, leaves no trace in what is computed.  What was missed once
 * comes back (study/fsrs.h); what was right at the first try does not.  Days are those of the calendar here.
 * Signal "changed". */
#pragma once

#include <glib-object.h>

#include "study/fsrs.h"

G_BEGIN_DECLS

#define GB_TYPE_PROGRESS (gb_progress_get_type ())
G_DECLARE_FINAL_TYPE (GbProgress, gb_progress, GB, PROGRESS, GObject)

#define GB_WANTED_RECALL 0.9

/* How sure somebody may say to be, in per cent; 0: did not say. */
#define GB_N_CONFIDENCES 4
extern const int gb_confidences[GB_N_CONFIDENCES];

typedef struct
{
  guint n_answers;
  GbRating last;       /* 0: never answered */
  gboolean was_missed; /* ever */
  GbMemory memory;
  gint64 last_day, due_day; /* due_day: G_MAXINT64 for what does not come back */
} GbItemState;

/* Of the answers with one confidence, the first of each item and day. */
typedef struct
{
  guint n, n_right;
} GbCalibration;

/* path: of the file.  What cannot be read is told by get_trouble; answers then live as long as the object. */
GbProgress *gb_progress_new (const char *path);
/* A sentence, or NULL. */
const char *gb_progress_get_trouble (GbProgress *self);

/* item: as study/items.h names them.  said: what was answered, or NULL.  at: seconds since 1970.  FALSE: it
 * is not kept, get_trouble says why. */
gboolean gb_progress_add (
    GbProgress *self, const char *item, GbRating rating, int confidence, const char *said, gint64 at);
/* The item of the last answer, or NULL; and that answer taken back. */
const char *gb_progress_get_last (GbProgress *self);
void gb_progress_undo (GbProgress *self);
/* All answers to these items (char *); NULL: all there are. */
void gb_progress_erase (GbProgress *self, GPtrArray *items);

guint gb_progress_get_n_answers (GbProgress *self);
GbItemState gb_progress_get_item (GbProgress *self, const char *item);
/* Items that are due on a day, the longest due first.  (element-type char *), owned. */
GPtrArray *gb_progress_list_due (GbProgress *self, gint64 day);
/* The next day after this one on which something is due; G_MAXINT64: none. */
gint64 gb_progress_get_next_day (GbProgress *self, gint64 day);
/* By gb_confidences. */
void gb_progress_get_calibration (GbProgress *self, GbCalibration rows[GB_N_CONFIDENCES]);
/* Brier's score of them: the mean square of what was said minus what came out, 0 where all is known; NAN: no answers. */
double gb_calibration_score (const GbCalibration rows[GB_N_CONFIDENCES]);

/* The number of a day of the local calendar. */
gint64 gb_study_day (gint64 at);
gint64 gb_study_today (void);

G_END_DECLS
