/* What a program does one after the other, as stages with what leads from one to the next: the parts of
 * training, the marks that it set with gb.mark, or the packages that its lines call.  With how often, how
 * long, and where it is now. */
#pragma once

#include "models/flow-stages.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef enum
{
  GB_FLOW_NONE,
  GB_FLOW_TRAINING,
  GB_FLOW_MARKS,
  GB_FLOW_PACKAGES,
  GB_N_FLOWS,
} GbFlowKind;

typedef enum
{
  GB_FLOW_AHEAD,  /* comes, but not yet in this round */
  GB_FLOW_DONE,   /* was there in this round */
  GB_FLOW_ACTIVE, /* runs now */
  GB_FLOW_FAILED, /* raised */
  GB_FLOW_NEVER,  /* did not happen in the whole run */
} GbFlowState;

typedef struct
{
  char *name;
  int stage;           /* GbStage, -1: none */
  guint64 count;       /* in the whole run */
  guint64 nsec;        /* of its operations, in the whole run */
  guint64 round_count; /* in this round */
  guint64 round_nsec;
  guint64 seq; /* where it was entered in this round, else at all; 0: never */
  guint32 pos; /* of the person's line, 0: not known */
  GbFlowState state;
  gboolean
      is_aside; /* not part of the round: what comes once an epoch; of packages: a file of the person's */
} GbFlowStage;

typedef struct
{
  guint from, to; /* from >= to: back */
  guint64 count;
} GbFlowEdge;

typedef struct
{
  GbFlowKind kind;
  gboolean has[GB_N_FLOWS]; /* which kinds there are */
  GArray *stages;           /* GbFlowStage, in order */
  GArray *edges;            /* GbFlowEdge */
  int active;               /* index, -1: nothing runs */
  guint64 round, n_rounds;  /* iterations */
  guint64 round_nsec;       /* of all stages in this round */
  double norm, limit;       /* of the latest clip */
} GbFlow;

/* wanted: GB_FLOW_NONE lets the trace decide.  Never NULL. */
GbFlow *gb_flow_new (GbTraceCursor *cursor, GbFlowKind wanted);
void gb_flow_free (GbFlow *self);
/* Cheap: what gb_flow_new shows, and how many different marks there are (may be NULL). */
GbFlowKind gb_flow_find (GbTraceCursor *cursor, guint *n_marks);
/* Index of the stage that was entered last at or before seq in this round, -1: none. */
int gb_flow_stage_at (const GbFlow *self, guint64 seq);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbFlow, gb_flow_free)

G_END_DECLS
