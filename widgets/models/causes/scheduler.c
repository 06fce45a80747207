/* A scheduler stepped in the wrong unit.  Its length tells which unit was meant:
 *  - per epoch though meant per batch: total_steps (or T_max) is the number of optimiser steps, and the
 * scheduler came nowhere near it;
 *  - per batch though meant per epoch: within one epoch a StepLR went through several periods, an
 * ExponentialLR or MultiStepLR lost nine tenths of the rate, or a CosineAnnealingLR went beyond its T_max and
 * up again.
 *
 * An epoch is a pass of a DataLoader, or of the outer of two loops around the step. */
#include <math.h>
#include <string.h>

#include "models/causes/cause.h"

typedef struct
{
  guint32 id, optimizer, name, pos, span_name;
  gint64 step, span;
  guint64 seq, made_seq;
  guint32 made_pos;
  guint n_steps;       /* without the constructor's */
  guint n_per_epoch;   /* scheduler steps in this epoch */
  guint n_optimizer;   /* optimiser steps */
  double lr, epoch_lr; /* now, and when the epoch began */
  gboolean told;
} Schedule;

typedef struct
{
  GArray *schedules; /* Schedule, by id - 1 */
  guint64 epoch;
  gboolean has_batches;
} State;

static Schedule *
get_schedule (State *state, guint32 id)
{
  if (id == 0 || id > 64)
    return NULL;
  if (state->schedules->len < id)
    g_array_set_size (state->schedules, id);
  return &g_array_index (state->schedules, Schedule, id - 1);
}

/* ---- loops: how far in a line stands ---- */

static guint
indent_of (const char *line)
{
  return (guint) strspn (line, " \t");
}

/* How many `for` and `while` stand around a line. */
static guint
loops_around (GbScan *scan, guint32 pos)
{
  const GbPosition *position = gb_trace_get_position (scan->trace, pos);
  const GbSource *source = position ? gb_trace_get_source (scan->trace, position->file) : NULL;
  g_auto (GStrv) lines = source ? g_strsplit (source->text, "\n", -1) : NULL;
  guint n = 0, indent;

  if (lines == NULL || position->line == 0 || position->line > g_strv_length (lines))
    return 0;
  indent = indent_of (lines[position->line - 1]);
  for (guint i = position->line - 1; i-- > 0 && indent > 0;)
    {
      const char *text = lines[i] + indent_of (lines[i]);
      if (*text == '\0' || *text == '#' || indent_of (lines[i]) >= indent)
        continue;
      indent = indent_of (lines[i]);
      n += g_str_has_prefix (text, "for ") || g_str_has_prefix (text, "while ");
      if (g_str_has_prefix (text, "def "))
        break;
    }
  return n;
}

/* ---- what is said ---- */

static GbFinding *
begin_finding (GbScan *scan, Schedule *schedule, guint64 seq)
{
  g_autofree char *subject = g_strdup_printf ("%u", schedule->id);
  GbFinding *finding = gb_scan_find (scan, seq, subject);

  schedule->told = TRUE;
  if (schedule->span > 0)
    gb_finding_add (finding, GB_EVIDENCE_FORWARD, N_ ("{0} was made here with {1}={2}."), schedule->made_pos,
                    schedule->made_seq, g_strdup (gb_trace_get_string (scan->trace, schedule->name)),
                    g_strdup (gb_trace_get_string (scan->trace, schedule->span_name)),
                    gb_scan_count (schedule->span), NULL);
  else
    gb_finding_add (finding, GB_EVIDENCE_FORWARD, N_ ("{0} was made here."), schedule->made_pos,
                    schedule->made_seq, g_strdup (gb_trace_get_string (scan->trace, schedule->name)), NULL);
  return finding;
}

static char *
rate (double lr)
{
  return g_strdup_printf ("%.3g", lr);
}

static void
explain_per_batch (GbScan *scan, Schedule *schedule)
{
  GbFinding *finding = begin_finding (scan, schedule, schedule->seq);

  gb_finding_add (finding, GB_EVIDENCE_CHANGED,
                  N_ ("Within one epoch it stepped {0} times here, with every step of the optimiser."),
                  schedule->pos, schedule->seq, gb_scan_count (schedule->n_per_epoch), NULL);
  gb_finding_add (finding, GB_EVIDENCE_NUMBER,
                  N_ ("The learning rate was {0} when the epoch began and is {1} now."), 0, schedule->seq,
                  rate (schedule->epoch_lr), rate (schedule->lr), NULL);
}

static void
explain_per_epoch (GbScan *scan, Schedule *schedule, guint64 seq)
{
  GbFinding *finding = begin_finding (scan, schedule, seq);

  gb_finding_add (finding, GB_EVIDENCE_CHANGED, N_ ("It stepped {0} times in the whole run, here."),
                  schedule->pos, schedule->seq, gb_scan_count (schedule->n_steps), NULL);
  gb_finding_add (finding, GB_EVIDENCE_NUMBER,
                  N_ ("The optimiser stepped {0} times; the learning rate ended at {1}."), 0, seq,
                  gb_scan_count (schedule->n_optimizer), rate (schedule->lr), NULL);
}

/* ---- what is wrong ---- */

static gboolean
is_named (GbScan *scan, const Schedule *schedule, const char *name)
{
  return strcmp (gb_trace_get_string (scan->trace, schedule->name), name) == 0;
}

/* Stepped with each step of the optimiser, inside an epoch that can be told. */
static void
judge_per_batch (GbScan *scan, State *state, Schedule *schedule)
{
  double ratio = schedule->lr / schedule->epoch_lr;

  if (schedule->told || schedule->n_per_epoch < 2 || schedule->n_optimizer > schedule->n_steps + 1
      || (!state->has_batches && loops_around (scan, schedule->pos) < 2))
    return;
  if ((is_named (scan, schedule, "StepLR") && schedule->n_per_epoch >= 2 * schedule->span && ratio <= 0.3)
      || ((is_named (scan, schedule, "ExponentialLR") || is_named (scan, schedule, "MultiStepLR"))
          && ratio <= 0.1)
      || (is_named (scan, schedule, "CosineAnnealingLR") && schedule->step > schedule->span
          && schedule->n_per_epoch > schedule->span))
    explain_per_batch (scan, schedule);
}

static void
judge_per_epoch (GbScan *scan, Schedule *schedule, guint64 seq)
{
  guint n = schedule->n_steps, m = schedule->n_optimizer;
  double per_step = n ? (double) m / n : 0;

  if (schedule->told || n == 0 || per_step < 2 || schedule->span < 2 * (gint64) n
      || !(is_named (scan, schedule, "OneCycleLR") || is_named (scan, schedule, "CosineAnnealingLR")))
    return;
  if (fabs ((double) schedule->span - m) <= per_step)
    explain_per_epoch (scan, schedule, seq);
}

/* ---- records ---- */

static void
take_scheduler (GbScan *scan, State *state, const TeRecordScheduler *record)
{
  Schedule *schedule = get_schedule (state, record->scheduler);

  if (schedule == NULL)
    return;
  if (schedule->id == 0)
    *schedule = (Schedule){
      .id = record->scheduler, .made_seq = record->head.seq, .made_pos = record->pos, .epoch_lr = record->lr
    };
  else
    {
      schedule->n_steps++;
      schedule->n_per_epoch++;
    }
  schedule->optimizer = record->optimizer;
  schedule->name = record->name;
  schedule->pos = record->pos;
  schedule->span_name = record->span_name;
  schedule->step = record->step;
  schedule->span = record->span;
  schedule->seq = record->head.seq;
  schedule->lr = record->lr;
  judge_per_batch (scan, state, schedule);
}

static void
new_epoch (State *state)
{
  for (guint i = 0; i < state->schedules->len; i++)
    {
      Schedule *schedule = &g_array_index (state->schedules, Schedule, i);
      schedule->n_per_epoch = 0;
      schedule->epoch_lr = schedule->lr;
    }
}

static void
take (GbScan *scan, gpointer data, const TeRecord *record)
{
  State *state = data;
  const TeRecordBatch *batch = (const TeRecordBatch *) record;
  const TeRecordStepBegin *step = (const TeRecordStepBegin *) record;

  if (state->schedules == NULL)
    state->schedules = g_array_new (FALSE, TRUE, sizeof (Schedule));
  switch (record->type)
    {
    case TE_RECORD_SCHEDULER:
      take_scheduler (scan, state, (const TeRecordScheduler *) record);
      break;
    case TE_RECORD_STEP_BEGIN:
      for (guint i = 0; i < state->schedules->len; i++)
        {
          Schedule *schedule = &g_array_index (state->schedules, Schedule, i);
          schedule->n_optimizer += schedule->optimizer == step->optimizer;
        }
      break;
    case TE_RECORD_BATCH:
      state->has_batches = TRUE;
      if (batch->epoch != state->epoch || batch->batch == 0)
        new_epoch (state);
      state->epoch = batch->epoch;
      break;
    case TE_RECORD_END:
      for (guint i = 0; i < state->schedules->len; i++)
        judge_per_epoch (scan, &g_array_index (state->schedules, Schedule, i), record->seq);
      break;
    default:
      break;
    }
}

static void
clear (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->schedules, g_array_unref);
}

const GbCause gb_cause_scheduler = {
  .id = "scheduler",
  .title = N_ ("A scheduler stepped in another unit"),
  .state_nbytes = sizeof (State),
  .take = take,
  .clear = clear,
};
