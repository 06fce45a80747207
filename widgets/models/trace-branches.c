#include "models/trace-branches.h"

#include <string.h>

#include "models/trace-private.h"

/* A copy of a parameter's series is kept per branch: that of a net with hundreds of them must stay small. */
#define PARAM_BUCKETS 1024

void
gb_branch_free (gpointer data)
{
  GbBranch *self = data;
  g_clear_weak_pointer (&self->opened);
  g_object_unref (self->trace);
  g_free (self);
}

/* ---- a trace that shares another's records ---- */

static void
copy_table (GPtrArray *to, const GPtrArray *from, gsize nbytes)
{
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_memdup2 (g_ptr_array_index (from, i), nbytes));
}

static GArray *
copy_array (GArray **to, GArray *from)
{
  g_array_unref (*to);
  return *to = g_array_copy (from);
}

static void
copy_series (GbTrace *self, GbTrace *from)
{
  for (guint i = 0; i < from->params->len; i++)
    {
      GbParam *param = g_memdup2 (g_ptr_array_index (from->params, i), sizeof *param);
      param->grad_norm = gb_series_copy (param->grad_norm, PARAM_BUCKETS);
      param->param_norm = gb_series_copy (param->param_norm, PARAM_BUCKETS);
      param->update_norm = gb_series_copy (param->update_norm, PARAM_BUCKETS);
      g_ptr_array_add (self->params, param);
      g_hash_table_insert (self->param_by_tensor, GSIZE_TO_POINTER (param->tensor), param);
    }
  for (guint i = 0; i < from->logs->len; i++)
    {
      GbLog *log = g_memdup2 (g_ptr_array_index (from->logs, i), sizeof *log);
      log->series = gb_series_copy (log->series, from->open_ended ? GB_LIVE_BUCKETS : 0);
      log->other = NULL;
      log->curve = gb_curve_copy (log->curve);
      g_ptr_array_add (self->logs, log);
    }
}

static void
copy_told (GbTrace *self, GbTrace *from)
{
  for (guint i = 0; i < from->print_index->len; i++)
    g_ptr_array_add (self->print_index, g_rc_box_acquire (g_ptr_array_index (from->print_index, i)));
  self->n_prints = from->n_prints;
  self->first_print = from->first_print;
  self->print_nbytes = from->print_nbytes;
  copy_array (&self->iterations, from->iterations);
  copy_array (&self->epochs, from->epochs);
  copy_array (&self->warnings, from->warnings);
  copy_array (&self->named, from->named);
  copy_array (&self->shows, from->shows);
  copy_array (&self->gaps, from->gaps);
  copy_array (&self->states, from->states);
  for (guint i = 0; i < from->exceptions->len; i++)
    {
      GbException exception = g_array_index (from->exceptions, GbException, i);
      exception.type_name = g_strdup (exception.type_name);
      exception.message = g_strdup (exception.message);
      exception.traceback = g_strdup (exception.traceback);
      g_array_append_val (self->exceptions, exception);
    }
  self->last_batch = from->last_batch;
  self->about = from->about;
  self->name = from->name;
  self->end = from->end;
  self->meter = from->meter;
}

static void
share_segments (GbTrace *self, GbTrace *from)
{
  for (guint i = 0; i < from->segments->len; i++)
    {
      const GbSegment *segment = g_ptr_array_index (from->segments, i);
      GbSegment *shared = g_memdup2 (segment, sizeof *segment);
      shared->chunks = g_ptr_array_ref (segment->chunks);
      shared->refs = g_array_ref (segment->refs);
      shared->ops = g_array_new (FALSE, FALSE, sizeof (GbOpRef));
      g_ptr_array_add (self->segments, shared);
      self->nbytes += shared->nbytes;
    }
  self->n_segments_ever = from->n_segments_ever;
}

/* All of a trace but what finds records by id, and its branches.  Bytes of records are shared. */
static GbTrace *
trace_freeze (GbTrace *from)
{
  GbTrace *self = gb_trace_new ();
  gpointer own = g_steal_pointer (&self->texts);
  self->texts = g_rc_box_acquire (from->texts);
  g_string_chunk_free (((GbTexts *) own)->chunk);
  g_rc_box_release (own);
  self->open_ended = FALSE;
  self->budget_nbytes = from->budget_nbytes;
  self->last_seq = from->last_seq;
  self->n_rejected = from->n_rejected;
  self->generation = from->generation;
  for (guint i = 0; i < from->strings->len; i++)
    g_ptr_array_add (self->strings, g_ptr_array_index (from->strings, i));
  copy_table (self->sources, from->sources, sizeof (GbSource));
  copy_table (self->positions, from->positions, sizeof (GbPosition));
  copy_table (self->modules, from->modules, sizeof (GbModule));
  copy_table (self->knobs, from->knobs, sizeof (GbKnob));
  copy_series (self, from);
  copy_told (self, from);
  share_segments (self, from);
  return self;
}

/* Segments come back one by one: an op's end looks for its beginning among the last of them. */
static void
trace_thaw (GbTrace *self)
{
  GPtrArray *all = self->segments;
  self->segments = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_segment_free);
  g_ptr_array_set_free_func (all, NULL);
  for (guint i = 0; i < all->len; i++)
    {
      GbSegment *segment = g_ptr_array_index (all, i);
      gsize nbytes = segment->nbytes;
      guint change;
      g_ptr_array_add (self->segments, segment);
      for (guint k = 0; k < segment->refs->len; k++)
        gb_trace_index (self, segment, g_array_index (segment->refs, GbRecordRef, k).record, &change);
      segment->nbytes = nbytes; /* its tables are counted already */
    }
  g_ptr_array_unref (all);
}

/* ---- the tree ---- */

/* Whether the run did anything after seq: what was only run again to come to a place is no future of its own.
 */
static gboolean
has_future (GbTrace *self, guint64 seq)
{
  guint64 from = MAX (seq, self->arrived_seq);
  if (self->is_winding)
    return FALSE;
  if (self->n_prints > self->first_print
      && ((const GbPrint *) g_ptr_array_index (self->print_index, self->print_index->len - 1))->seq > from)
    return TRUE;
  GbOp op;
  guint64 call = gb_trace_get_last_call_at (self, G_MAXUINT64);
  return call && gb_trace_get_op (self, call, &op) && op.record->head.seq > from;
}

static void
forget_oldest (GbTrace *self)
{
  const GbBranch *oldest = g_ptr_array_index (self->branches, 0);
  for (guint i = 1; i < self->branches->len; i++)
    {
      GbBranch *branch = g_ptr_array_index (self->branches, i);
      if (branch->parent != oldest->id)
        continue;
      branch->parent = oldest->parent;
      branch->parted_iteration = MIN (branch->parted_iteration, oldest->parted_iteration);
      branch->parted_seq = MIN (branch->parted_seq, oldest->parted_seq);
    }
  g_ptr_array_remove_index (self->branches, 0);
}

void
gb_trace_leave_branch (GbTrace *self, guint64 seq)
{
  guint64 iteration = seq ? gb_trace_iteration_at (self, seq) : 0;
  GbBranch *left = NULL;
  if (has_future (self, seq))
    {
      left = g_new0 (GbBranch, 1);
      left->id = ++self->n_branches_ever;
      left->parted_seq = seq;
      left->parted_iteration = iteration;
      left->last_iteration =
          self->iterations->len
              ? g_array_index (self->iterations, GbIteration, self->iterations->len - 1).iteration
              : 0;
      left->left_usec = g_get_real_time ();
      left->has_records = TRUE;
      left->trace = trace_freeze (self);
    }
  /* Those that parted later part from what is left now. */
  for (guint i = 0; i < self->branches->len; i++)
    {
      GbBranch *branch = g_ptr_array_index (self->branches, i);
      if (branch->parent != 0 || branch->parted_seq <= seq)
        continue;
      if (left)
        branch->parent = left->id;
      else
        {
          branch->parted_seq = seq;
          branch->parted_iteration = iteration;
        }
    }
  if (left)
    g_ptr_array_add (self->branches, left);
  if (self->branches->len > GB_BRANCHES_MOST)
    forget_oldest (self);
  self->is_winding = TRUE;
  self->resumed_seq = seq;
  self->arrived_seq = 0;
}

void
gb_trace_arrive (GbTrace *self, guint64 seq)
{
  self->is_winding = FALSE;
  self->arrived_seq = seq;
  guint64 iteration = gb_trace_iteration_at (self, seq);
  for (guint i = 0; i < self->branches->len; i++)
    {
      GbBranch *branch = g_ptr_array_index (self->branches, i);
      if (branch->parent != 0 || branch->parted_seq < self->resumed_seq)
        continue;
      branch->parted_seq = MAX (branch->parted_seq, seq);
      branch->parted_iteration = MAX (branch->parted_iteration, MIN (iteration, branch->last_iteration + 1));
    }
}

/* The way from a branch to the run is turned round: each parts from what parted from it. */
static void
turn_root (GbTrace *self, guint id, guint64 iteration)
{
  guint parent = 0;
  while (id)
    {
      GbBranch *branch = (GbBranch *) gb_trace_find_branch (self, id);
      guint above = branch->parent;
      guint64 parted = branch->parted_iteration;
      branch->parent = parent;
      branch->parted_iteration = branch->parted_seq = iteration;
      parent = id;
      id = above;
      iteration = parted;
    }
}

void
gb_trace_begin_again (GbTrace *self, gboolean repeats, guint branch, guint64 iteration)
{
  g_return_if_fail (GB_IS_TRACE (self));
  gb_trace_leave_branch (self, 0);
  turn_root (self, gb_trace_find_branch (self, branch) ? branch : 0, iteration);
  GPtrArray *branches = g_steal_pointer (&self->branches);
  guint n_ever = self->n_branches_ever;
  self->branches = g_ptr_array_new_with_free_func (gb_branch_free);
  gb_trace_clear (self);
  g_ptr_array_unref (self->branches);
  self->branches = branches;
  self->n_branches_ever = n_ever;
  self->is_winding = repeats;
  gb_trace_bound_branches (self);
  gb_trace_flush (self);
}

guint
gb_trace_get_n_branches (GbTrace *self)
{
  return self->branches->len;
}

const GbBranch *
gb_trace_get_branch (GbTrace *self, guint nth)
{
  return nth < self->branches->len ? g_ptr_array_index (self->branches, nth) : NULL;
}

const GbBranch *
gb_trace_find_branch (GbTrace *self, guint id)
{
  for (guint i = 0; i < self->branches->len; i++)
    if (gb_trace_get_branch (self, i)->id == id)
      return gb_trace_get_branch (self, i);
  return NULL;
}

GbTrace *
gb_trace_open_branch (GbTrace *self, guint id)
{
  GbBranch *branch = (GbBranch *) gb_trace_find_branch (self, id);
  if (!branch)
    return NULL;
  if (branch->opened)
    return g_object_ref (branch->opened);
  GbTrace *opened = trace_freeze (branch->trace);
  trace_thaw (opened);
  g_set_weak_pointer (&branch->opened, opened);
  return opened;
}

/* ---- memory ---- */

static void
note_segments (GHashTable *seen, GbTrace *trace, gsize *nbytes)
{
  for (guint i = 0; i < trace->segments->len; i++)
    {
      const GbSegment *segment = g_ptr_array_index (trace->segments, i);
      if (g_hash_table_add (seen, segment->chunks) && nbytes)
        *nbytes += segment->nbytes;
    }
}

gsize
gb_trace_get_branches_nbytes (GbTrace *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  gsize nbytes = 0;
  note_segments (seen, self, NULL);
  for (guint i = 0; i < self->branches->len; i++)
    note_segments (seen, gb_trace_get_branch (self, i)->trace, &nbytes);
  return nbytes;
}

void
gb_trace_bound_branches (GbTrace *self)
{
  if (!self->open_ended)
    return;
  for (guint i = 0; i < self->branches->len && gb_trace_get_branches_nbytes (self) > self->budget_nbytes; i++)
    {
      GbBranch *branch = g_ptr_array_index (self->branches, i);
      branch->has_records = FALSE;
      branch->trace->nbytes = 0;
      g_ptr_array_set_size (branch->trace->segments, 0);
    }
}

/* ---- what was changed ---- */

static void
change_clear (gpointer data)
{
  GbBranchChange *change = data;
  g_free (change->before);
  g_free (change->after);
}

static const GbKnob *
find_knob (GbTrace *trace, const char *name)
{
  for (guint i = 0; i < gb_trace_get_n_knobs (trace); i++)
    if (strcmp (gb_trace_get_knob (trace, i)->name, name) == 0)
      return gb_trace_get_knob (trace, i);
  return NULL;
}

static const GbSource *
program_of (GbTrace *trace)
{
  for (guint file = gb_trace_get_n_sources (trace); file > 0; file--)
    {
      const GbSource *source = gb_trace_get_source (trace, file);
      if (source && (source->flags & 1) && source->text)
        return source;
    }
  return NULL;
}

static char *
dup_line (char *const *lines, guint first, guint n)
{
  return n ? g_strstrip (g_strdup (lines[first])) : NULL;
}

static void
compare_code (GArray *changes, const GbSource *a, const GbSource *b)
{
  g_autofree char *text_a = g_strchomp (g_strdup (a->text)), *text_b = g_strchomp (g_strdup (b->text));
  if (strcmp (text_a, text_b) == 0)
    return;
  g_auto (GStrv) x = g_strsplit (text_a, "\n", -1), y = g_strsplit (text_b, "\n", -1);
  guint n_x = g_strv_length (x), n_y = g_strv_length (y), head = 0, tail = 0, n = MIN (n_x, n_y);
  while (head < n && strcmp (x[head], y[head]) == 0)
    head++;
  while (head + tail < n && strcmp (x[n_x - 1 - tail], y[n_y - 1 - tail]) == 0)
    tail++;
  GbBranchChange change = { .kind = GB_CHANGE_CODE,
                            .name = b->path,
                            .line = head + 1,
                            .n_before = n_x - head - tail,
                            .n_after = n_y - head - tail };
  change.before = dup_line (x, head, change.n_before);
  change.after = dup_line (y, head, change.n_after);
  g_array_append_val (changes, change);
}

GArray *
gb_branch_changes (GbTrace *a, GbTrace *b)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (GbBranchChange));
  g_array_set_clear_func (changes, change_clear);
  for (guint i = 0; i < gb_trace_get_n_knobs (b); i++)
    {
      const GbKnob *knob = gb_trace_get_knob (b, i), *before = find_knob (a, knob->name);
      if (!before || before->value == knob->value)
        continue;
      GbBranchChange change = { .kind = GB_CHANGE_KNOB,
                                .name = knob->name,
                                .from = before->value,
                                .to = knob->value,
                                .iteration =
                                    knob->set_iteration ? knob->set_iteration : before->set_iteration };
      g_array_append_val (changes, change);
    }
  const GbSource *source_a = program_of (a), *source_b = program_of (b);
  if (source_a && source_b)
    compare_code (changes, source_a, source_b);
  return changes;
}
