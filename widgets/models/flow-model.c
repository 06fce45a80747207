#include "models/flow-model.h"

#include <math.h>
#include <string.h>

#include "models/follower.h"

#define MOST_MARKS 40

static void
stage_clear (gpointer data)
{
  g_free (((GbFlowStage *) data)->name);
}

void
gb_flow_free (GbFlow *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->stages);
  g_array_unref (self->edges);
  g_free (self);
}

static GbFlowStage *
stage_at (const GbFlow *self, guint nth)
{
  return &g_array_index (self->stages, GbFlowStage, nth);
}

static void
add_edge (GbFlow *self, guint from, guint to, guint64 count)
{
  for (guint i = 0; i < self->edges->len; i++)
    {
      GbFlowEdge *edge = &g_array_index (self->edges, GbFlowEdge, i);
      if (edge->from == from && edge->to == to)
        {
          edge->count += count;
          return;
        }
    }
  g_array_append_val (self->edges, ((GbFlowEdge){ from, to, count }));
}

/* ---- the whole run ---- */

typedef struct
{
  GbFlowStages stages;
  gboolean is_begun;
  guint64 n_backward;
  GHashTable *packages; /* name -> GbStageTally: what was called of each */
  GHashTable *marks;    /* name -> GbStageTally: what ran behind each */
  GbStageTally *mark;   /* the latest one's, NULL: none yet */
} Run;

static void
run_clear (gpointer state)
{
  g_clear_pointer (&((Run *) state)->packages, g_hash_table_unref);
  g_clear_pointer (&((Run *) state)->marks, g_hash_table_unref);
}

/* "torch.nn.functional" of "…/torch/nn/functional.py"; NULL: no package of the library. Owned. */
static char *
dup_package (const char *path)
{
  const char *at = path ? g_strrstr (path, "/torch/") : NULL;
  const char *vision = path ? g_strrstr (path, "/torchvision/") : NULL;
  const char *depth;

  if (vision)
    return g_strdup ("torchvision");
  if (at == NULL)
    return NULL;
  at += strlen ("/torch/");
  if (g_str_has_prefix (at, "nn/functional"))
    return g_strdup ("torch.nn.functional");
  if (g_str_has_prefix (at, "utils/data"))
    return g_strdup ("torch.utils.data");
  depth = strchr (at, '/');
  return depth ? g_strdup_printf ("torch.%.*s", (int) (depth - at), at) : g_strdup ("torch");
}

static void
count_package (Run *run, char *take_name, guint64 seq, guint64 nsec, guint32 pos)
{
  GbStageTally *tally = g_hash_table_lookup (run->packages, take_name);

  if (tally == NULL)
    {
      tally = g_new0 (GbStageTally, 1);
      tally->first_seq = seq;
      g_hash_table_insert (run->packages, take_name, tally);
    }
  else
    g_free (take_name);
  tally->count++;
  tally->nsec += nsec;
  tally->pos = pos ? pos : tally->pos;
}

static void
take_package (Run *run, GbTrace *trace, const TeRecord *record)
{
  const GbPosition *place;
  const GbSource *source;
  char *name = NULL;
  GbOp op;

  if (record->type == TE_RECORD_OP_END)
    {
      const TeRecordOpEnd *end = (const TeRecordOpEnd *) record;
      if (!gb_trace_get_op (trace, end->call, &op) || op.record->parent
          || (op.record->flags & (TE_WIRE_OP_BACKWARD | TE_WIRE_OP_OPTIMIZER)))
        return;
      place = gb_trace_get_position (trace, op.record->pos);
      source = place ? gb_trace_get_source (trace, place->file) : NULL;
      if (source)
        name = dup_package (source->path);
      count_package (run, name ? name : g_strdup ("torch"), record->seq, end->nsec,
                     op.record->caller_pos ? op.record->caller_pos : op.record->pos);
    }
  else if (record->type == TE_RECORD_BACKWARD_BEGIN)
    count_package (run, g_strdup ("torch.autograd"), record->seq, 0,
                   ((const TeRecordBackward *) record)->pos);
  else if (record->type == TE_RECORD_STEP_BEGIN)
    count_package (run, g_strdup ("torch.optim"), record->seq, 0, ((const TeRecordStepBegin *) record)->pos);
  else if (record->type == TE_RECORD_BATCH)
    count_package (run, g_strdup ("torch.utils.data"), record->seq, 0, 0);
}

static void
take_mark (Run *run, GbTrace *trace, const TeRecord *record)
{
  GbOp op;

  if (record->type == TE_RECORD_MARK)
    {
      const char *name = gb_trace_get_string (trace, ((const TeRecordNamed *) record)->name);
      run->mark = g_hash_table_lookup (run->marks, name);
      if (run->mark == NULL)
        {
          run->mark = g_new0 (GbStageTally, 1);
          g_hash_table_insert (run->marks, g_strdup (name), run->mark);
        }
    }
  else if (run->mark == NULL)
    return;
  else if (record->type == TE_RECORD_NODE_END)
    run->mark->nsec += ((const TeRecordNodeRun *) record)->nsec;
  else if (record->type == TE_FACT_TOOK)
    run->mark->nsec += ((const TeFactTook *) record)->nsec;
  else if (record->type == TE_RECORD_OP_END
           && gb_trace_get_op (trace, ((const TeRecordOpEnd *) record)->call, &op) && !op.record->parent
           && !(op.record->flags & TE_WIRE_OP_BACKWARD))
    run->mark->nsec += ((const TeRecordOpEnd *) record)->nsec;
}

static void
run_take (gpointer state, GbTrace *trace, const TeRecord *record)
{
  Run *run = state;

  if (!run->is_begun)
    {
      gb_flow_stages_init (&run->stages);
      run->packages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      run->marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      run->is_begun = TRUE;
    }
  run->n_backward += record->type == TE_RECORD_BACKWARD_BEGIN;
  gb_flow_stages_take (&run->stages, trace, record);
  take_package (run, trace, record);
  take_mark (run, trace, record);
}

static const GbFollowerClass run_class = {
  .id = "gb-flow", .nbytes = sizeof (Run), .take = run_take, .clear = run_clear
};

/* ---- training ---- */

/* A round: the iteration at the position, all of it and as far as the position. */
typedef struct
{
  GbFlowStages all, so_far;
  guint64 iteration;
} Round;

static void
scan_round (Round *round, GbTraceCursor *cursor, guint64 iteration)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 position = gb_trace_cursor_get_position (cursor);
  const GbIteration *known = gb_trace_find_iteration (trace, iteration);
  guint64 last = known && known->iteration == iteration ? known->last_seq : G_MAXUINT64;
  const TeRecord *record;
  GbTraceIter iter;

  gb_flow_stages_init (&round->all);
  round->iteration = iteration;
  round->so_far = round->all;
  gb_trace_iter_init (&iter, trace, gb_trace_iteration_first_seq (trace, iteration));
  while ((record = gb_trace_iter_next (&iter)) && record->seq <= last)
    {
      gb_flow_stages_take (&round->all, trace, record);
      if (record->seq <= position)
        round->so_far = round->all;
    }
}

static gboolean
is_aside (GbStage stage)
{
  return stage == GB_STAGE_SCHEDULE || stage == GB_STAGE_VALIDATE;
}

/* What every training has, and is missed where it did not happen. */
static gboolean
is_expected (const Run *run, GbStage stage)
{
  switch (stage)
    {
    case GB_STAGE_FORWARD:
    case GB_STAGE_LOSS:
    case GB_STAGE_BACKWARD:
    case GB_STAGE_STEP:
      return TRUE;
    case GB_STAGE_ZERO_GRAD: /* by hand it may be done in ways that nobody sees */
      return run->stages.has_optimizer;
    case GB_STAGE_VALIDATE:
      return run->stages.tally[GB_STAGE_DATA].count > 0;
    case GB_STAGE_DATA:
    case GB_STAGE_CLIP:
    case GB_STAGE_SCHEDULE:
    case GB_N_STAGES:
      break;
    }
  return FALSE;
}

typedef struct
{
  GbStage stage;
  guint64 order;
} Place;

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *x = a, *y = b;
  return x->order != y->order ? (x->order < y->order ? -1 : 1) : (int) x->stage - (int) y->stage;
}

/* In the order in which they came in a whole round; what is missing stands behind the one it should follow.
 */
static guint
order_stages (const Run *run, const Round *whole, Place *places)
{
  guint64 order = 0;
  guint n = 0;

  for (GbStage stage = 0; stage < GB_N_STAGES; stage++)
    {
      guint64 at = whole->all.tally[stage].first_seq;
      if (run->stages.tally[stage].count == 0 && !is_expected (run, stage))
        continue;
      if (at && !is_aside (stage))
        order = at;
      places[n++] = (Place){ stage, is_aside (stage) ? G_MAXUINT64 - GB_N_STAGES + stage : at ? at : order };
    }
  qsort (places, n, sizeof *places, compare_places);
  return n;
}

static void
add_stage (GbFlow *self, const Run *run, const Round *round, GbStage stage)
{
  const GbStageTally *run_tally = &run->stages.tally[stage], *so_far = &round->so_far.tally[stage];
  GbFlowStage shown = { .name = g_strdup (gb_stage_name (stage)),
                        .stage = (int) stage,
                        .count = run_tally->count,
                        .nsec = run_tally->nsec,
                        .round_count = so_far->count,
                        .round_nsec = so_far->nsec,
                        .seq = so_far->first_seq ? so_far->first_seq : run_tally->first_seq,
                        .pos = run_tally->pos,
                        .is_aside = is_aside (stage) };

  shown.state = run_tally->count == 0 ? GB_FLOW_NEVER : so_far->count ? GB_FLOW_DONE : GB_FLOW_AHEAD;
  if (self->active == (int) self->stages->len)
    shown.state = round->so_far.failed ? GB_FLOW_FAILED : GB_FLOW_ACTIVE;
  self->round_nsec += so_far->nsec;
  g_array_append_val (self->stages, shown);
}

static void
make_training (GbFlow *self, GbTraceCursor *cursor, const Run *run)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);
  gboolean is_over = gb_trace_get_end (trace) && seq >= gb_trace_get_last_seq (trace);
  guint64 iteration = MAX (gb_trace_iteration_at (trace, seq), 1);
  const GbIteration *last = gb_trace_get_n_iterations (trace)
                                ? gb_trace_get_iteration (trace, gb_trace_get_n_iterations (trace) - 1)
                                : NULL;
  Place places[GB_N_STAGES];
  Round round, whole;
  int before = -1, first = -1;
  guint n;

  scan_round (&round, cursor, iteration);
  whole = round;
  /* Behind the last step there is no round: the last one is looked back on. */
  if (iteration > 1 && round.all.tally[GB_STAGE_BACKWARD].count == 0)
    scan_round (&whole, cursor, iteration - 1);
  if (is_over && whole.iteration != round.iteration && !round.so_far.failed)
    {
      GbStageTally aside[2] = { round.so_far.tally[GB_STAGE_SCHEDULE],
                                round.so_far.tally[GB_STAGE_VALIDATE] };
      round = whole;
      round.so_far = whole.all;
      memcpy (&round.so_far.tally[GB_STAGE_SCHEDULE], aside, sizeof aside);
      iteration = whole.iteration;
    }
  n = order_stages (run, &whole, places);
  self->round = iteration;
  self->n_rounds = last ? last->iteration : 0;
  self->norm = round.so_far.limit == round.so_far.limit ? round.so_far.norm : run->stages.norm;
  self->limit = round.so_far.limit == round.so_far.limit ? round.so_far.limit : run->stages.limit;
  for (guint i = 0; i < n; i++)
    if ((!is_over || round.so_far.failed) && (int) places[i].stage == round.so_far.stage)
      self->active = (int) i;
  for (guint i = 0; i < n; i++)
    {
      add_stage (self, run, &round, places[i].stage);
      if (is_aside (places[i].stage))
        continue;
      first = first < 0 ? (int) i : first;
      if (before >= 0)
        add_edge (self, (guint) before, i, 0);
      before = (int) i;
    }
  if (before > first && self->n_rounds)
    add_edge (self, (guint) before, (guint) first, self->n_rounds);
  for (guint i = 0; i < n; i++)
    if (is_aside (places[i].stage) && before >= 0)
      add_edge (self, (guint) before, i, stage_at (self, i)->count);
}

/* ---- marks ---- */

static guint
mark_of (GbFlow *self, GHashTable *known, const GbNamed *mark)
{
  gpointer at = g_hash_table_lookup (known, mark->name);

  if (at == NULL && self->stages->len < MOST_MARKS)
    {
      GbFlowStage stage = { .name = g_strdup (mark->name), .stage = -1, .state = GB_FLOW_AHEAD };
      g_array_append_val (self->stages, stage);
      at = GUINT_TO_POINTER (self->stages->len);
      g_hash_table_insert (known, (gpointer) mark->name, at);
    }
  return GPOINTER_TO_UINT (at); /* from 1; 0: too many */
}

static void
make_marks (GbFlow *self, GbTraceCursor *cursor, const Run *run)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 position = gb_trace_cursor_get_position (cursor);
  gboolean is_over = gb_trace_get_end (trace) && position >= gb_trace_get_last_seq (trace);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  guint before = 0;

  for (guint i = 0; i < gb_trace_get_n_named (trace); i++)
    {
      const GbNamed *mark = gb_trace_get_named (trace, i);
      guint at = mark->type == TE_RECORD_MARK ? mark_of (self, known, mark) : 0;
      GbFlowStage *stage;
      if (at == 0)
        continue;
      stage = stage_at (self, at - 1);
      stage->count++;
      if (stage->seq == 0 || mark->seq <= position)
        {
          stage->seq = mark->seq;
          stage->pos = mark->pos;
        }
      if (mark->seq <= position)
        {
          stage->state = GB_FLOW_DONE;
          self->active = (int) at - 1;
        }
      if (before && before != at)
        add_edge (self, before - 1, at - 1, 1);
      before = at;
    }
  if (is_over && gb_trace_get_n_exceptions (trace) == 0)
    self->active = -1;
  if (self->active >= 0)
    stage_at (self, (guint) self->active)->state = is_over ? GB_FLOW_FAILED : GB_FLOW_ACTIVE;
  for (guint i = 0; i < self->stages->len; i++)
    {
      const GbStageTally *tally = g_hash_table_lookup (run->marks, stage_at (self, i)->name);
      stage_at (self, i)->nsec = tally ? tally->nsec : 0;
      self->round_nsec += stage_at (self, i)->nsec;
    }
}

/* ---- packages ---- */

static const char *const usual[] = {
  "torch", "torch.nn", "torch.nn.functional", "torch.utils.data", "torch.autograd", "torch.optim"
};

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The person's files that were read; what they call of the library is known of lines. */
static void
add_files (GbFlow *self, GbTrace *trace)
{
  for (guint32 file = 1; file <= gb_trace_get_n_sources (trace); file++)
    {
      const GbSource *source = gb_trace_get_source (trace, file);
      g_autofree char *package = source ? dup_package (source->path) : NULL;
      GbFlowStage stage = { .stage = -1, .state = GB_FLOW_DONE, .is_aside = TRUE };
      if (source == NULL || package || (source->flags & 2))
        continue;
      stage.name = g_path_get_basename (source->path);
      g_array_append_val (self->stages, stage);
      if (self->stages->len >= 12)
        break;
    }
}

static void
make_packages (GbFlow *self, GbTraceCursor *cursor, const Run *run)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;
  guint n_files;

  add_files (self, trace);
  n_files = self->stages->len;
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    g_ptr_array_add (names, (gpointer) usual[i]);
  g_hash_table_iter_init (&iter, run->packages);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (usual, name))
      g_ptr_array_add (names, name);
  if (names->len > G_N_ELEMENTS (usual))
    qsort (names->pdata + G_N_ELEMENTS (usual), names->len - G_N_ELEMENTS (usual), sizeof (gpointer),
           compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      const GbStageTally *tally = g_hash_table_lookup (run->packages, names->pdata[i]);
      const GbPosition *place = tally ? gb_trace_get_position (trace, tally->pos) : NULL;
      const GbSource *source = place ? gb_trace_get_source (trace, place->file) : NULL;
      GbFlowStage stage = { .name = g_strdup (names->pdata[i]), .stage = -1, .state = GB_FLOW_NEVER };
      if (tally)
        {
          stage.state = GB_FLOW_DONE;
          stage.count = tally->count;
          stage.nsec = tally->nsec;
          stage.seq = tally->first_seq;
          stage.pos = tally->pos;
        }
      self->round_nsec += stage.nsec;
      g_array_append_val (self->stages, stage);
      for (guint f = 0; tally && f < n_files; f++)
        {
          g_autofree char *file = source ? g_path_get_basename (source->path) : NULL;
          if (n_files == 1 || (file && strcmp (file, stage_at (self, f)->name) == 0))
            add_edge (self, f, self->stages->len - 1, tally->count);
        }
    }
}

/* ---- all of them ---- */

static guint
count_marks (GbTrace *trace)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < gb_trace_get_n_named (trace) && g_hash_table_size (names) < MOST_MARKS; i++)
    if (gb_trace_get_named (trace, i)->type == TE_RECORD_MARK)
      g_hash_table_add (names, (gpointer) gb_trace_get_named (trace, i)->name);
  return g_hash_table_size (names);
}

GbFlowKind
gb_flow_find (GbTraceCursor *cursor, guint *n_marks)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  const Run *run = gb_follower_of (trace, &run_class);
  guint marks = count_marks (trace);
  gboolean trains = run->n_backward > 1 || (run->n_backward && run->stages.tally[GB_STAGE_STEP].count);

  if (n_marks)
    *n_marks = marks;
  if (marks >= 2)
    return GB_FLOW_MARKS;
  if (trains)
    return GB_FLOW_TRAINING;
  return run->packages && g_hash_table_size (run->packages) ? GB_FLOW_PACKAGES : GB_FLOW_NONE;
}

GbFlow *
gb_flow_new (GbTraceCursor *cursor, GbFlowKind wanted)
{
  GbFlow *self = g_new0 (GbFlow, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  const Run *run = gb_follower_of (trace, &run_class);
  guint n_marks;

  self->stages = g_array_new (FALSE, TRUE, sizeof (GbFlowStage));
  g_array_set_clear_func (self->stages, stage_clear);
  self->edges = g_array_new (FALSE, TRUE, sizeof (GbFlowEdge));
  self->active = -1;
  self->norm = self->limit = NAN;
  self->kind = gb_flow_find (cursor, &n_marks);
  self->has[GB_FLOW_TRAINING] = run->n_backward > 0;
  self->has[GB_FLOW_MARKS] = n_marks > 0;
  self->has[GB_FLOW_PACKAGES] = run->packages && g_hash_table_size (run->packages);
  if (wanted < GB_N_FLOWS && self->has[wanted])
    self->kind = wanted;
  if (self->kind == GB_FLOW_TRAINING)
    make_training (self, cursor, run);
  else if (self->kind == GB_FLOW_MARKS)
    make_marks (self, cursor, run);
  else if (self->kind == GB_FLOW_PACKAGES)
    make_packages (self, cursor, run);
  return self;
}

int
gb_flow_stage_at (const GbFlow *self, guint64 seq)
{
  int found = -1;

  for (guint i = 0; i < self->stages->len; i++)
    {
      guint64 at = stage_at (self, i)->seq;
      if (at && at <= seq && (found < 0 || at > stage_at (self, (guint) found)->seq))
        found = (int) i;
    }
  return found;
}
