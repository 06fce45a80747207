#include "models/flow-stages.h"

#include <math.h>
#include <string.h>

#include "models/record-check.h"

void
gb_flow_stages_init (GbFlowStages *self)
{
  *self = (GbFlowStages){ .stage = -1, .norm = NAN, .limit = NAN };
}

const char *
gb_stage_name (GbStage stage)
{
  static const char *const names[GB_N_STAGES] = { "data", "zero_grad", "forward",  "loss",    "backward",
                                                  "clip", "step",      "schedule", "validate" };
  return names[stage];
}

static void
enter (GbFlowStages *self, GbStage stage, guint64 seq, guint32 pos)
{
  GbStageTally *tally = &self->tally[stage];

  if (self->stage != (int) stage)
    {
      tally->count++;
      if (stage == GB_STAGE_LOSS || stage == GB_STAGE_VALIDATE)
        self->tentative = (GbStageTally){ .first_seq = seq, .count = 1 };
      self->result_is_scalar = FALSE;
    }
  self->stage = (int) stage;
  if (tally->first_seq == 0)
    tally->first_seq = seq;
  if (pos)
    tally->pos = pos;
}

/* Part of what one stage was given belongs to another. */
static void
move (GbFlowStages *self, GbStage from, GbStage to, const GbStageTally *part)
{
  GbStageTally *a = &self->tally[from], *b = &self->tally[to];

  a->nsec -= MIN (part->nsec, a->nsec);
  b->nsec += part->nsec;
  if (part->count)
    a->count -= MIN (a->count, 1);
  if (a->count == 0)
    *a = (GbStageTally){ 0 };
}

static void
claim (GbFlowStages *self, GbStage to, const GbStageTally *part)
{
  GbStageTally *tally = &self->tally[to];

  tally->count++;
  if (tally->first_seq == 0 || tally->first_seq > part->first_seq)
    tally->first_seq = part->first_seq;
  if (part->pos)
    tally->pos = part->pos;
}

static gboolean
is_loader (GbTrace *trace, guint32 pos)
{
  const GbPosition *place = gb_trace_get_position (trace, pos);
  const GbSource *source = place ? gb_trace_get_source (trace, place->file) : NULL;

  return source && source->path && strstr (source->path, "/utils/data/") != NULL;
}

static guint32
caller_of (const GbOp *op)
{
  return op->record->caller_pos ? op->record->caller_pos : op->record->pos;
}

/* A program without modules: the line that a backward starts from is the loss, what leads there the forward.
 */
static void
note_line (GbFlowStages *self, GbTrace *trace, const GbOp *op)
{
  const GbPosition *place = gb_trace_get_position (trace, caller_of (op));
  guint32 line = place ? place->line : 0;

  if (line != self->line_number || self->line.count == 0)
    self->line = (GbStageTally){ .first_seq = op->record->head.seq };
  self->line_number = line;
  self->line.count++;
  self->line.nsec += op->end->nsec;
  self->line.pos = caller_of (op);
  self->last_op = (GbStageTally){ 1, op->end->nsec, op->record->head.seq, caller_of (op) };
}

static GbStage
stage_of_op (const GbFlowStages *self, GbTrace *trace, const GbOp *op, gboolean makes_graph)
{
  gboolean no_grad = op->record->flags & TE_WIRE_OP_NO_GRAD;
  gboolean evaluates = no_grad || self->evaluating;

  if (is_loader (trace, op->record->pos))
    return evaluates ? GB_STAGE_VALIDATE : GB_STAGE_DATA;
  if (self->depth)
    return evaluates ? GB_STAGE_VALIDATE : self->is_loss_module ? GB_STAGE_LOSS : GB_STAGE_FORWARD;
  if (self->stage == GB_STAGE_BACKWARD || self->stage == GB_STAGE_STEP)
    if (strcmp (gb_trace_op_name (trace, op), "zero_") == 0)
      return GB_STAGE_ZERO_GRAD;
  if (no_grad)
    {
      /* Parameters that are moved by hand. */
      gboolean by_hand = !self->has_optimizer && (op->record->flags & TE_WIRE_OP_INPLACE)
                         && (self->stage == GB_STAGE_BACKWARD || self->stage == GB_STAGE_STEP);
      return by_hand ? GB_STAGE_STEP : self->stage == GB_STAGE_VALIDATE ? GB_STAGE_VALIDATE : GB_N_STAGES;
    }
  if (!makes_graph)
    return GB_N_STAGES;
  return self->evaluating ? GB_STAGE_VALIDATE : self->module_seen ? GB_STAGE_LOSS : GB_STAGE_FORWARD;
}

static void
take_op (GbFlowStages *self, GbTrace *trace, const TeRecordOpEnd *end)
{
  const TeWireTensor *made = gb_record_output (end, 0);
  gboolean makes_graph = made && (made->flags & TE_WIRE_REQUIRES_GRAD);
  GbStage stage;
  guint64 count;
  GbOp op;

  if (self->in_backward || self->in_step || !gb_trace_get_op (trace, end->call, &op) || op.record->parent
      || op.end == NULL || (op.record->flags & (TE_WIRE_OP_BACKWARD | TE_WIRE_OP_OPTIMIZER)))
    return;
  stage = stage_of_op (self, trace, &op, makes_graph);
  if (stage == GB_N_STAGES)
    return;
  count = self->tally[stage].count;
  enter (self, stage, op.record->head.seq, caller_of (&op));
  if (stage == GB_STAGE_DATA) /* batches are counted */
    self->tally[stage].count = count;
  self->tally[stage].nsec += end->nsec;
  if (stage == GB_STAGE_LOSS || (stage == GB_STAGE_VALIDATE && makes_graph))
    {
      self->tentative.nsec += end->nsec;
      self->tentative.pos = caller_of (&op);
      self->result_is_scalar |= made && made->ndim == 0;
    }
  if (stage == GB_STAGE_FORWARD && self->depth == 0)
    note_line (self, trace, &op);
}

static void
take_module (GbFlowStages *self, GbTrace *trace, const TeRecordModuleCall *call)
{
  const GbModule *module = gb_trace_get_module (trace, call->module);

  if (self->depth++ > 0)
    return;
  self->is_loss_module = module && g_str_has_suffix (module->class_name, "Loss");
  /* What stood between two modules led from one to the other. */
  if (!self->is_loss_module && self->stage == GB_STAGE_LOSS && !self->result_is_scalar)
    {
      move (self, GB_STAGE_LOSS, GB_STAGE_FORWARD, &self->tentative);
      self->stage = GB_STAGE_FORWARD;
    }
  self->module_seen = TRUE;
}

static void
take_backward (GbFlowStages *self, const TeRecordBackward *backward)
{
  if (self->stage == GB_STAGE_VALIDATE && self->evaluating && self->tentative.nsec)
    {
      /* It was no evaluation: a net in eval () is trained. */
      claim (self, GB_STAGE_FORWARD, &self->tentative);
      move (self, GB_STAGE_VALIDATE, GB_STAGE_FORWARD, &self->tentative);
    }
  else if (self->stage == GB_STAGE_FORWARD && !self->module_seen && self->line.count)
    {
      gboolean alone = self->line.nsec >= self->tally[GB_STAGE_FORWARD].nsec
                       || self->line.first_seq <= self->tally[GB_STAGE_FORWARD].first_seq;
      GbStageTally part = alone ? self->last_op : self->line;
      part.count = 0;
      move (self, GB_STAGE_FORWARD, GB_STAGE_LOSS, &part);
      claim (self, GB_STAGE_LOSS, &part);
    }
  enter (self, GB_STAGE_BACKWARD, backward->head.seq, backward->pos);
  self->line = (GbStageTally){ 0 };
  self->in_backward = TRUE;
  self->module_seen = FALSE;
}

static void
take_took (GbFlowStages *self, const TeFactTook *took)
{
  static const GbStage stages[] = { GB_STAGE_STEP, GB_STAGE_CLIP, GB_STAGE_ZERO_GRAD };

  if (took->kind >= G_N_ELEMENTS (stages))
    return;
  if (took->kind == TE_TOOK_CLIP)
    {
      enter (self, GB_STAGE_CLIP, took->head.seq, took->pos);
      self->norm = took->norm;
      self->limit = took->limit;
    }
  self->tally[stages[took->kind]].nsec += took->nsec;
}

void
gb_flow_stages_take (GbFlowStages *self, GbTrace *trace, const TeRecord *record)
{
  switch (record->type)
    {
    case TE_RECORD_OP_END:
      take_op (self, trace, (const TeRecordOpEnd *) record);
      break;
    case TE_RECORD_MODULE_ENTER:
      take_module (self, trace, (const TeRecordModuleCall *) record);
      break;
    case TE_RECORD_MODULE_LEAVE:
      if (self->depth && --self->depth == 0)
        self->is_loss_module = FALSE;
      break;
    case TE_RECORD_BACKWARD_BEGIN:
      take_backward (self, (const TeRecordBackward *) record);
      break;
    case TE_RECORD_BACKWARD_END:
      self->in_backward = FALSE;
      break;
    case TE_RECORD_NODE_END:
      self->tally[GB_STAGE_BACKWARD].nsec += ((const TeRecordNodeRun *) record)->nsec;
      break;
    case TE_RECORD_BATCH:
      if (self->stage == GB_STAGE_DATA)
        self->stage = -1;
      enter (self, self->evaluating || self->stage == GB_STAGE_VALIDATE ? GB_STAGE_VALIDATE : GB_STAGE_DATA,
             record->seq, 0);
      break;
    case TE_RECORD_ZERO_GRAD:
      enter (self, GB_STAGE_ZERO_GRAD, record->seq, ((const TeRecordZeroGrad *) record)->pos);
      break;
    case TE_RECORD_STEP_BEGIN:
      enter (self, GB_STAGE_STEP, record->seq, ((const TeRecordStepBegin *) record)->pos);
      self->in_step = self->has_optimizer = TRUE;
      break;
    case TE_RECORD_STEP:
      enter (self, GB_STAGE_STEP, record->seq, 0);
      self->in_step = FALSE;
      break;
    case TE_RECORD_OPTIMIZER:
      self->has_optimizer = TRUE;
      break;
    case TE_RECORD_SCHEDULER:
      if (((const TeRecordScheduler *) record)->step > 0)
        enter (self, GB_STAGE_SCHEDULE, record->seq, ((const TeRecordScheduler *) record)->pos);
      break;
    case TE_RECORD_MODE:
      self->evaluating = !((const TeRecordMode *) record)->training;
      if (!self->evaluating && self->stage == GB_STAGE_VALIDATE)
        self->stage = -1;
      break;
    case TE_FACT_TOOK:
      take_took (self, (const TeFactTook *) record);
      break;
    case TE_RECORD_EXCEPTION:
      self->failed = TRUE;
      break;
    default:
      break;
    }
}
