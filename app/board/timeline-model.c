#include "board/timeline-model.h"

#include "common/branch-text.h"
#include "common/i18n.h"

#include <math.h>
#include <string.h>

/* More records than this in one iteration are not drawn one by one. */
#define MAX_TICKS 4000

const char *
gb_phase_get_name (GbPhase phase)
{
  switch (phase)
    {
    case GB_PHASE_FORWARD:
      return _ ("forward");
    case GB_PHASE_LOSS:
      return _ ("loss");
    case GB_PHASE_BACKWARD:
      return _ ("backward");
    case GB_PHASE_STEP:
      return _ ("step");
    case GB_N_PHASES:
      break;
    }
  return "";
}

/* A length that stays the same for a while as a run grows: 10, 20, 50, 100, … */
static guint64
round_extent (guint64 n)
{
  guint64 extent = 10;
  static const double factors[] = { 2, 2.5, 2 };
  for (guint i = 0; extent < n; i++)
    extent = extent * factors[i % 3];
  return extent;
}

static double
x_of_iteration (const GbTimelineModel *self, guint64 iteration)
{
  return CLAMP ((double) iteration / MAX (1, self->extent), 0, 1);
}

static double
x_of_seq (const GbTimelineModel *self, GbTrace *trace, guint64 seq)
{
  if (self->n_run || self->n_iterations)
    {
      guint64 at = gb_trace_iteration_at (trace, seq);
      return x_of_iteration (self, at ? at - 1 : 0);
    }
  guint64 length = self->last_seq > self->first_seq ? self->last_seq - self->first_seq : 1;
  return CLAMP ((double) (seq - MIN (seq, self->first_seq)) / length, 0, 1);
}

static void
add_mark (GbTimelineModel *self, GbTrace *trace, guint64 seq, guint32 type, const char *text)
{
  GbRunMark mark = { x_of_seq (self, trace, seq), seq, type, text };
  g_array_append_val (self->marks, mark);
}

static void
read_run (GbTimelineModel *self, GbTrace *trace)
{
  for (guint i = 0; i < gb_trace_get_n_named (trace); i++)
    {
      const GbNamed *named = gb_trace_get_named (trace, i);
      if (named->type == TE_RECORD_MARK || named->type == TE_RECORD_ASK
          || (named->type == TE_RECORD_CHECK && !named->holds))
        add_mark (self, trace, named->seq, named->type,
                  named->type == TE_RECORD_MARK && *named->text ? named->text : named->name);
    }
  for (guint i = 0; i < gb_trace_get_n_exceptions (trace); i++)
    add_mark (self, trace, gb_trace_get_exception (trace, i)->seq, TE_RECORD_EXCEPTION,
              gb_trace_get_exception (trace, i)->type_name);
  for (guint i = 0; i < gb_trace_get_n_epochs (trace); i++)
    {
      double x = x_of_seq (self, trace, gb_trace_get_epoch (trace, i)->seq);
      g_array_append_val (self->epochs, x);
    }
  for (guint i = 0; i < gb_trace_get_n_logs (trace); i++)
    {
      const GbLog *log = gb_trace_get_log (trace, i);
      if (!self->loss || strcmp (log->name, "loss") == 0)
        {
          self->loss = log->series;
          self->loss_name = log->name;
        }
    }
}

/* Ops, nodes and steps of one iteration, in order. */
static GArray *
read_ticks (GbTrace *trace, guint64 first, guint64 last)
{
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (GbTick));
  GbPhase phase = GB_PHASE_FORWARD;
  guint after_module = 0; /* first tick after the outermost module call */
  int depth = 0;
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, trace, MAX (first, 1));
  while ((record = gb_trace_iter_next (&iter)) && record->seq <= last && ticks->len < MAX_TICKS)
    {
      GbTick tick = { record->seq, "", phase, FALSE };
      switch (record->type)
        {
        case TE_RECORD_OP:
          {
            const TeRecordOp *op = (const TeRecordOp *) record;
            if (op->parent || (op->flags & TE_WIRE_OP_BACKWARD))
              continue;
            tick.name = gb_trace_get_string (trace, op->name);
            if ((op->flags & TE_WIRE_OP_OPTIMIZER) || phase == GB_PHASE_BACKWARD)
              tick.phase = GB_PHASE_STEP;
            break;
          }
        case TE_RECORD_NODE_BEGIN:
          {
            GbNode node;
            tick.phase = GB_PHASE_BACKWARD;
            if (gb_trace_get_node (trace, ((const TeRecordNodeRun *) record)->node, &node))
              tick.name = gb_trace_get_string (trace, node.record->name);
            break;
          }
        case TE_RECORD_MODULE_ENTER:
          depth++;
          continue;
        case TE_RECORD_MODULE_LEAVE:
          if (depth > 0 && --depth == 0)
            after_module = ticks->len;
          continue;
        case TE_RECORD_BACKWARD_BEGIN:
          phase = GB_PHASE_BACKWARD;
          for (guint i = after_module; after_module && i < ticks->len; i++)
            if (g_array_index (ticks, GbTick, i).phase == GB_PHASE_FORWARD)
              g_array_index (ticks, GbTick, i).phase = GB_PHASE_LOSS;
          continue;
        case TE_RECORD_STEP:
          tick.phase = GB_PHASE_STEP;
          tick.name = gb_trace_get_string (trace, ((const TeRecordStep *) record)->name);
          break;
        default:
          continue;
        }
      g_array_append_val (ticks, tick);
    }
  return ticks;
}

/* The end of an iteration that still runs is drawn as the one before ended. */
static void
add_ghosts (GbTimelineModel *self, GbTrace *trace)
{
  const GbIteration *before =
      self->iteration > 1 ? gb_trace_find_iteration (trace, self->iteration - 1) : NULL;
  if (!before || !gb_trace_has_records (trace, before->first_seq, before->last_seq))
    return;
  g_autoptr (GArray) old = read_ticks (trace, before->first_seq, before->last_seq);
  for (guint i = self->ticks->len; i < old->len; i++)
    {
      g_array_index (old, GbTick, i).is_ghost = TRUE;
      g_array_append_val (self->ticks, g_array_index (old, GbTick, i));
    }
  /* Forward ops that came after the module are the loss there, as they were before. */
  for (guint i = 0; i < MIN (self->ticks->len, old->len); i++)
    if (g_array_index (old, GbTick, i).phase == GB_PHASE_LOSS)
      g_array_index (self->ticks, GbTick, i).phase = GB_PHASE_LOSS;
}

static void
read_iteration (GbTimelineModel *self, GbTraceCursor *cursor, GbTrace *trace)
{
  guint64 position = gb_trace_cursor_get_position (cursor);
  guint64 first = gb_trace_iteration_first_seq (trace, MAX (1, self->iteration));
  const GbIteration *done = gb_trace_find_iteration (trace, self->iteration);
  gboolean complete = done && done->iteration == self->iteration;
  g_array_unref (self->ticks);
  self->ticks = read_ticks (trace, first, complete ? done->last_seq : self->last_seq);
  for (guint i = 0; i < self->ticks->len; i++)
    if (g_array_index (self->ticks, GbTick, i).seq <= position)
      self->tick = i;
  if (!complete)
    add_ghosts (self, trace);
  for (guint i = 0; i < self->ticks->len; i++)
    self->n_in_phase[g_array_index (self->ticks, GbTick, i).phase]++;
}

static double
last_loss (const GbTimelineModel *self, GbTrace *trace)
{
  for (guint i = 0; self->loss_name && i < gb_trace_get_n_logs (trace); i++)
    {
      const GbLog *log = gb_trace_get_log (trace, i);
      guint n = gb_series_get_n (log->series);
      if (n && strcmp (log->name, self->loss_name) == 0)
        return gb_series_get (log->series, n - 1)->last;
    }
  return NAN;
}

static int
row_of (const GbTimelineModel *self, guint id)
{
  for (guint i = 0; i < self->branches->len; i++)
    if (g_array_index (self->branches, GbTimelineBranch, i).id == id)
      return (int) i;
  return -1;
}

static void
branch_clear (gpointer branch)
{
  g_free (((GbTimelineBranch *) branch)->changes);
}

/* The latest, and the one that is looked at, have rows. */
static void
read_branches (GbTimelineModel *self, GbTraceCursor *cursor, GbTrace *run)
{
  self->n_branches = gb_trace_get_n_branches (run);
  self->branch = gb_trace_cursor_get_branch (cursor);
  guint beside = 0;
  const char *name = NULL;
  gboolean compares = gb_trace_cursor_peek_beside (cursor, &beside, &name) && !name;
  for (guint i = self->n_branches; i-- > 0;)
    {
      const GbBranch *branch = gb_trace_get_branch (run, i);
      guint room = GB_TIMELINE_MOST_BRANCHES - (self->branch && row_of (self, self->branch) < 0 ? 1 : 0);
      if (branch->id != self->branch && self->branches->len >= room)
        continue;
      g_autoptr (GArray) changes = gb_branch_changes (branch->trace, run);
      GbTimelineBranch row = { .id = branch->id,
                               .row = (int) self->branches->len,
                               .is_shown = branch->id == self->branch,
                               .is_beside = compares && branch->id == beside,
                               .parted_iteration = branch->parted_iteration,
                               .last_iteration = branch->last_iteration,
                               .loss = last_loss (self, branch->trace),
                               .changes = gb_branch_changes_text (changes) };
      guint64 parted = branch->parted_iteration ? branch->parted_iteration - 1 : 0;
      row.x0 = self->n_run || branch->last_iteration ? x_of_iteration (self, parted)
                                                     : x_of_seq (self, run, branch->parted_seq);
      row.x1 = branch->last_iteration ? x_of_iteration (self, branch->last_iteration) : 1;
      row.x1 = MAX (row.x1, row.x0);
      g_array_append_val (self->branches, row);
    }
  for (guint i = 0; i < self->branches->len; i++)
    {
      GbTimelineBranch *row = &g_array_index (self->branches, GbTimelineBranch, i);
      const GbBranch *branch = gb_trace_find_branch (run, row->id);
      row->parent = branch->parent ? row_of (self, branch->parent) : -1;
    }
}

static guint64
last_iteration_of (GbTrace *trace)
{
  guint n = gb_trace_get_n_iterations (trace);
  return n ? gb_trace_get_iteration (trace, n - 1)->iteration : 0;
}

GbTimelineModel *
gb_timeline_model_new (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor), *run = gb_trace_cursor_get_run (cursor);
  GbTimelineModel *self = g_new0 (GbTimelineModel, 1);
  self->branches = g_array_new (FALSE, FALSE, sizeof (GbTimelineBranch));
  g_array_set_clear_func (self->branches, branch_clear);
  self->marks = g_array_new (FALSE, FALSE, sizeof (GbRunMark));
  self->epochs = g_array_new (FALSE, FALSE, sizeof (double));
  self->ticks = g_array_new (FALSE, FALSE, sizeof (GbTick));
  self->tick = -1;
  self->first_seq = gb_trace_get_first_seq (trace);
  self->last_seq = gb_trace_get_last_seq (trace);
  self->n_iterations = last_iteration_of (trace);
  self->n_run = last_iteration_of (run);
  guint64 longest = MAX (self->n_run, self->n_iterations);
  for (guint i = 0; i < gb_trace_get_n_branches (run); i++)
    longest = MAX (longest, gb_trace_get_branch (run, i)->last_iteration);
  gboolean ended = gb_trace_get_end (run) != NULL;
  self->extent = ended ? MAX (1, longest) : round_extent (longest);
  self->iteration = gb_trace_cursor_get_iteration (cursor);
  if (self->last_seq)
    {
      read_run (self, run);
      read_iteration (self, cursor, trace);
    }
  read_branches (self, cursor, run);
  double within = self->ticks->len ? (double) (self->tick + 1) / self->ticks->len : 1;
  self->playhead = self->n_iterations ? CLAMP ((self->iteration - 1 + within) / self->extent, 0, 1)
                                      : x_of_seq (self, trace, gb_trace_cursor_get_position (cursor));
  return self;
}

void
gb_timeline_model_free (GbTimelineModel *self)
{
  g_array_unref (self->marks);
  g_array_unref (self->epochs);
  g_array_unref (self->ticks);
  g_array_unref (self->branches);
  g_free (self);
}

int
gb_timeline_model_shown_row (const GbTimelineModel *self)
{
  return self->branch ? row_of (self, self->branch) : -1;
}

char *
gb_timeline_model_describe_branches (const GbTimelineModel *self)
{
  if (!self->n_branches)
    return NULL;
  GString *all = g_string_new (NULL);
  g_string_append_printf (all, ngettext_ ("%u branch", "%u branches", self->n_branches), self->n_branches);
  for (guint i = 0; i < self->branches->len; i++)
    {
      const GbTimelineBranch *row = &g_array_index (self->branches, GbTimelineBranch, i);
      g_string_append_printf (all, _ ("; branch %u parts in iteration %lu and has %lu"), row->id,
                              row->parted_iteration, row->last_iteration);
    }
  return g_string_free (all, FALSE);
}

double
gb_timeline_model_x_of (const GbTimelineModel *self, GbTrace *trace, guint64 seq)
{
  guint64 at = MAX (1, gb_trace_iteration_at (trace, seq));
  if (!self->n_iterations)
    return x_of_seq (self, trace, seq);
  guint64 first = gb_trace_iteration_first_seq (trace, at);
  const GbIteration *iteration = gb_trace_find_iteration (trace, at);
  guint64 last = iteration && iteration->iteration == at ? iteration->last_seq : self->last_seq;
  double within = last > first ? (double) (seq - MIN (seq, first)) / (last - first) : 1;
  return CLAMP ((at - 1 + within) / self->extent, 0, 1);
}

guint64
gb_timeline_model_seq_at (const GbTimelineModel *self, GbTrace *trace, double x)
{
  x = CLAMP (x, 0, 1);
  if (!self->n_iterations)
    return self->first_seq + (guint64) llround (x * (self->last_seq - self->first_seq));
  guint64 wanted = (guint64) (x * self->extent) + 1;
  if (wanted > self->n_iterations)
    return self->last_seq;
  const GbIteration *iteration = gb_trace_find_iteration (trace, wanted);
  return iteration ? iteration->last_seq : self->first_seq;
}

void
gb_timeline_model_describe (const GbTimelineModel *self, char **headline, char **detail)
{
  *detail = NULL;
  if (self->n_iterations && self->iteration > self->n_iterations)
    *headline = g_strdup_printf (_ ("iteration %lu, not ended"), self->iteration);
  else if (self->n_iterations)
    *headline = g_strdup_printf (_ ("iteration %lu of %lu"), self->iteration, self->n_iterations);
  else
    *headline = g_strdup (self->last_seq ? _ ("run") : _ ("nothing ran yet"));
  if (self->tick < 0)
    {
      *detail = g_strdup ("");
      return;
    }
  if (self->branch)
    {
      *detail = g_strdup_printf (_ ("branch %u · read only"), self->branch);
      return;
    }
  const GbTick *tick = &g_array_index (self->ticks, GbTick, self->tick);
  guint nth = 0;
  for (int i = 0; i <= self->tick; i++)
    nth += g_array_index (self->ticks, GbTick, i).phase == tick->phase;
  *detail = g_strdup_printf (tick->phase == GB_PHASE_BACKWARD ? _ ("%s · node %u of %u · %s")
                                                              : _ ("%s · op %u of %u · %s"),
                             gb_phase_get_name (tick->phase), nth, self->n_in_phase[tick->phase], tick->name);
}
