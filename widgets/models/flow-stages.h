/* Which part of training each record belongs to: from the records alone, so that it works on any program.
 * What cannot be told at once is corrected when it can: operations behind the last module are the loss once a
 * backward starts from them. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef enum
{
  GB_STAGE_DATA,
  GB_STAGE_ZERO_GRAD,
  GB_STAGE_FORWARD,
  GB_STAGE_LOSS,
  GB_STAGE_BACKWARD,
  GB_STAGE_CLIP,
  GB_STAGE_STEP,
  GB_STAGE_SCHEDULE,
  GB_STAGE_VALIDATE,
  GB_N_STAGES,
} GbStage;

typedef struct
{
  guint64 count, nsec; /* how often it was entered; of its operations, or of itself where it has none */
  guint64 first_seq;   /* where it was first entered, 0: never */
  guint32 pos;         /* the person's line that was last in it */
} GbStageTally;

typedef struct
{
  GbStageTally tally[GB_N_STAGES];
  int stage; /* that runs, -1: none */
  gboolean failed;
  double norm, limit; /* of the latest clip; NaN: by value, or none */
  /* what it takes to tell */
  guint depth;
  gboolean is_loss_module, module_seen, in_backward, in_step, evaluating, has_optimizer, result_is_scalar;
  GbStageTally tentative; /* of the loss, or of an evaluation that keeps its graph */
  GbStageTally line;      /* operations of the latest line, of a program without modules */
  guint32 line_number;
  GbStageTally last_op;
} GbFlowStages;

void gb_flow_stages_init (GbFlowStages *self);
void gb_flow_stages_take (GbFlowStages *self, GbTrace *trace, const TeRecord *record);
/* Untranslated: they are names of calls, or the field's words. */
const char *gb_stage_name (GbStage stage);

G_END_DECLS
