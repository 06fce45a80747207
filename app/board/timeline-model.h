/* What the timeline shows, as numbers: the whole run in one row, the iteration at the position in another.
 * Pure: the widget, tests and pictures share it. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef enum
{
  GB_PHASE_FORWARD,
  GB_PHASE_LOSS, /* ops between the last module call and backward */
  GB_PHASE_BACKWARD,
  GB_PHASE_STEP,
  GB_N_PHASES,
} GbPhase;

/* One op, node or optimiser step of the iteration. */
typedef struct
{
  guint64 seq;
  const char *name;
  GbPhase phase;
  gboolean is_ghost; /* did not run yet; the iteration before had it here */
} GbTick;

typedef struct
{
  double x; /* in [0, 1] of the run */
  guint64 seq;
  guint32 type; /* TE_RECORD_MARK, ASK, CHECK or EXCEPTION */
  const char *text;
} GbRunMark;

/* What the run was wound back from: a thin row below it, or below the branch that it parts from. */
typedef struct
{
  guint id;
  double x0, x1;   /* where it parts and where it ends, in [0, 1] of the run */
  int row, parent; /* rows from 0; parent -1: the run itself */
  gboolean is_shown, is_beside;
  guint64 parted_iteration, last_iteration;
  double loss;   /* the last logged, NAN: none */
  char *changes; /* from it to the run; NULL: none that is known */
} GbTimelineBranch;

#define GB_TIMELINE_MOST_BRANCHES 4

typedef struct
{
  guint64 n_iterations, iteration; /* that what is looked at ran; at the position (0: none) */
  guint64 n_run;                   /* that the run itself ran */
  guint64 extent;                  /* iterations that the row is long */
  guint64 first_seq, last_seq;     /* of the run; the row's ends when there are no iterations */
  double playhead;                 /* in [0, 1] */
  GArray *marks;                   /* GbRunMark */
  GArray *epochs;                  /* double: where each begins, in [0, 1] */
  GArray *ticks;                   /* GbTick */
  int tick;                        /* at the position; -1: none */
  guint n_in_phase[GB_N_PHASES];
  GArray *branches;     /* GbTimelineBranch, the latest first */
  guint n_branches;     /* with those that have no row */
  guint branch;         /* that is looked at, 0: the run */
  const GbSeries *loss; /* of the run; NULL: nothing is logged */
  const char *loss_name;
} GbTimelineModel;

GbTimelineModel *gb_timeline_model_new (GbTraceCursor *cursor);
void gb_timeline_model_free (GbTimelineModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTimelineModel, gb_timeline_model_free)

/* Where a position of the trace stands in [0, 1] of the run. */
double gb_timeline_model_x_of (const GbTimelineModel *self, GbTrace *trace, guint64 seq);
/* The position that stands at x in [0, 1] of the run, or at the nth tick of the iteration. */
guint64 gb_timeline_model_seq_at (const GbTimelineModel *self, GbTrace *trace, double x);
/* Row of the branch that is looked at, -1: the run. */
int gb_timeline_model_shown_row (const GbTimelineModel *self);
/* One sentence about all branches, NULL: there are none; owned. */
char *gb_timeline_model_describe_branches (const GbTimelineModel *self);
/* What the transport says in two lines: "iteration 61 of 138" and "forward · op 4 of 9"; both owned. */
void gb_timeline_model_describe (const GbTimelineModel *self, char **headline, char **detail);
/* Name of a phase in the current language. */
const char *gb_phase_get_name (GbPhase phase);

G_END_DECLS
