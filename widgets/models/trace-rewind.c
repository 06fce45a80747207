/* Winding back: what came after a position did not happen in this run.  It is left as a branch (trace-branches.c);
 * its logged values are also kept as the other future of their series.  Texts, places, modules and parameters stay: their ids are given again, in the
 * same order or with another meaning that replaces the old one. */
#include "models/trace-private.h"

/* Everything that begins with the seq it came at, ascending. */
static void
cut_array (GArray *array, gsize nbytes, guint64 seq)
{
  g_array_set_size (array, gb_refs_lower_bound (array, nbytes, seq + 1));
}

static void
cut_segments (GbTrace *self, guint64 seq)
{
  while (self->segments->len)
    {
      GbSegment *last = g_ptr_array_index (self->segments, self->segments->len - 1);
      if (last->last_seq <= seq)
        break;
      gb_trace_drop_segment_index (self, last, seq + 1);
      if (last->first_seq > seq)
        {
          self->nbytes -= last->nbytes;
          g_ptr_array_set_size (self->segments, (gint) self->segments->len - 1);
          continue;
        }
      /* The branch shares the records: this part gets a list of its own, and nothing is added behind it. */
      guint n_refs = gb_refs_lower_bound (last->refs, sizeof (GbRecordRef), seq + 1);
      GArray *refs = g_array_sized_new (FALSE, FALSE, sizeof (GbRecordRef), n_refs);
      g_array_append_vals (refs, last->refs->data, n_refs);
      g_array_unref (last->refs);
      last->refs = refs;
      last->chunk_used = last->chunk_nbytes;
      guint n = last->ops->len;
      while (n && g_array_index (last->ops, GbOpRef, n - 1).record->head.seq > seq)
        n--;
      g_array_set_size (last->ops, n);
      last->last_seq = seq;
    }
  /* The next record begins a segment of its own: chunks and sizes of this one count what was cut. */
  if (self->segments->len)
    g_ptr_array_add (self->segments, gb_segment_new (seq + 1, self->n_segments_ever++));
}

static void
cut_series (GbTrace *self, guint64 iteration, guint64 seq)
{
  for (guint i = 0; i < self->logs->len; i++)
    {
      GbLog *log = g_ptr_array_index (self->logs, i);
      if (log->curve)
        gb_curve_cut (log->curve, seq);
      GbSeries *future = gb_series_cut (log->series, iteration);
      if (!future)
        continue;
      gb_series_free (log->other);
      log->other = future;
    }
  for (guint i = 0; i < self->params->len; i++)
    {
      GbParam *param = g_ptr_array_index (self->params, i);
      gb_series_free (gb_series_cut (param->grad_norm, iteration));
      gb_series_free (gb_series_cut (param->param_norm, iteration));
      gb_series_free (gb_series_cut (param->update_norm, iteration));
      if (param->none_since > iteration)
        param->none_since = 0;
      param->last_nonfinite = MIN (param->last_nonfinite, iteration);
    }
}

/* A text that was told since is one that the program did not have. */
static void
cut_sources (GbTrace *self, guint64 seq)
{
  for (guint i = self->sources->len; i-- > 0;)
    {
      GbSource *source = g_ptr_array_index (self->sources, i);
      if (source && source->seq > seq)
        g_clear_pointer (&g_ptr_array_index (self->sources, i), g_free);
      if (i + 1 == self->sources->len && !g_ptr_array_index (self->sources, i))
        g_ptr_array_set_size (self->sources, (gint) i);
    }
}

static void
cut_prints (GbTrace *self, guint64 seq)
{
  while (self->print_index->len)
    {
      const GbPrint *print = g_ptr_array_index (self->print_index, self->print_index->len - 1);
      if (print->seq <= seq)
        return;
      self->print_nbytes -= gb_print_cost (print);
      self->n_prints--;
      g_ptr_array_set_size (self->print_index, (gint) self->print_index->len - 1);
    }
}

/* Knobs are where the settings until then left them; a node that was told once more since is known by what
 * was told before. */
static void
tell_again (GbTrace *self)
{
  GbTraceIter iter;
  const TeRecord *record;
  for (guint i = 0; i < self->knobs->len; i++)
    {
      GbKnob *knob = g_ptr_array_index (self->knobs, i);
      knob->value = knob->default_value;
      knob->set_iteration = 0;
    }
  gb_trace_iter_init (&iter, self, 0);
  while ((record = gb_trace_iter_next (&iter)))
    if (record->type == TE_RECORD_KNOB_SET)
      gb_trace_take_knob_set (self, (const TeRecordKnobSet *) record);
    else if (record->type == TE_RECORD_NODE)
      g_hash_table_insert (self->nodes, GSIZE_TO_POINTER (((const TeRecordNode *) record)->node),
                           (gpointer) record);
}

void
gb_trace_wind_back (GbTrace *self, guint64 seq)
{
  gb_trace_leave_branch (self, seq);
  cut_segments (self, seq);
  guint n = self->iterations->len;
  while (n && g_array_index (self->iterations, GbIteration, n - 1).last_seq > seq)
    n--;
  g_array_set_size (self->iterations, n);
  cut_series (self, n ? g_array_index (self->iterations, GbIteration, n - 1).iteration : 0, seq);
  cut_prints (self, seq);
  cut_sources (self, seq);
  cut_array (self->epochs, sizeof (GbBatch), seq);
  if (self->last_batch.seq > seq)
    self->last_batch =
        self->epochs->len ? g_array_index (self->epochs, GbBatch, self->epochs->len - 1) : (GbBatch){ 0 };
  cut_array (self->exceptions, sizeof (GbException), seq);
  cut_array (self->warnings, sizeof (GbWarning), seq);
  cut_array (self->named, sizeof (GbNamed), seq);
  cut_array (self->shows, sizeof (GbShow), seq);
  cut_array (self->gaps, sizeof (GbGap), seq);
  cut_array (self->states, sizeof (GbStateChange), seq);
  GHashTableIter storages;
  gpointer owners;
  g_hash_table_iter_init (&storages, self->storages);
  while (g_hash_table_iter_next (&storages, NULL, &owners))
    gb_owners_clean (self, owners); /* ids are given again */
  g_hash_table_remove_all (self->places);
  self->end = (TeRecordEnd){ 0 };
  self->last_seq = seq;
  tell_again (self);
  gb_trace_bound_branches (self);
  self->pending |= GB_TRACE_CHANGED_RESET | GB_TRACE_CHANGED_DROPPED;
}
