#include "models/trace-private.h"

#include <string.h>

#include "trace/recording.h"

G_DEFINE_FINAL_TYPE (GbTrace, gb_trace, G_TYPE_OBJECT)
G_DEFINE_QUARK (gb - trace - error - quark, gb_trace_error)

static guint changed_signal;

/* ---- segments ---- */
GbSegment *
gb_segment_new (guint64 first_seq, guint64 ordinal)
{
  GbSegment *segment = g_new0 (GbSegment, 1);
  segment->chunks = g_ptr_array_new_with_free_func (g_free);
  segment->refs = g_array_new (FALSE, FALSE, sizeof (GbRecordRef));
  segment->ops = g_array_new (FALSE, FALSE, sizeof (GbOpRef));
  segment->first_seq = first_seq;
  segment->last_seq = first_seq;
  segment->ordinal = ordinal;
  return segment;
}

void
gb_segment_free (GbSegment *segment)
{
  g_ptr_array_unref (segment->chunks);
  g_array_unref (segment->refs);
  g_array_unref (segment->ops);
  g_free (segment);
}

const TeRecord *
gb_segment_add (GbSegment *segment, const TeRecord *record)
{
  guint8 *copy;
  GbRecordRef ref;
  guint at = segment->refs->len;

  if (segment->chunks->len == 0 || segment->chunk_nbytes - segment->chunk_used < record->nbytes)
    {
      segment->chunk_nbytes =
          MAX (segment->chunks->len ? GB_CHUNK_NBYTES : GB_CHUNK_NBYTES / 8, record->nbytes);
      segment->chunk_used = 0;
      g_ptr_array_add (segment->chunks, g_malloc (segment->chunk_nbytes));
    }
  copy = (guint8 *) g_ptr_array_index (segment->chunks, segment->chunks->len - 1) + segment->chunk_used;
  memcpy (copy, record, record->nbytes);
  segment->chunk_used += record->nbytes;
  segment->nbytes += record->nbytes + sizeof (GbRecordRef);

  /* The two rings arrive nearly in order: a late record moves back over a few. */
  ref = (GbRecordRef){ record->seq, (const TeRecord *) copy };
  while (at > 0 && g_array_index (segment->refs, GbRecordRef, at - 1).seq > record->seq)
    at--;
  if (at == segment->refs->len)
    g_array_append_val (segment->refs, ref);
  else
    g_array_insert_val (segment->refs, at, ref);
  segment->first_seq = MIN (segment->first_seq, record->seq);
  segment->last_seq = MAX (segment->last_seq, record->seq);
  return ref.record;
}

/* The record with seq, or NULL; index receives the place of the first one not before it. */
const TeRecord *
gb_segment_find (const GbSegment *segment, guint64 seq, guint *index)
{
  guint low = 0, high = segment->refs->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (g_array_index (segment->refs, GbRecordRef, middle).seq < seq)
        low = middle + 1;
      else
        high = middle;
    }
  if (index)
    *index = low;
  if (low < segment->refs->len && g_array_index (segment->refs, GbRecordRef, low).seq == seq)
    return g_array_index (segment->refs, GbRecordRef, low).record;
  return NULL;
}

int
gb_trace_find_segment (GbTrace *self, guint64 seq)
{
  guint low = 0, high = self->segments->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (((GbSegment *) g_ptr_array_index (self->segments, middle))->first_seq <= seq)
        low = middle + 1;
      else
        high = middle;
    }
  return (int) low - 1;
}

guint
gb_trace_index_of_segment (GbTrace *self, const GbSegment *segment)
{
  guint low = 0, high = self->segments->len;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (((GbSegment *) g_ptr_array_index (self->segments, middle))->ordinal < segment->ordinal)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* ---- object ---- */
static void
gb_trace_finalize (GObject *object)
{
  GbTrace *self = GB_TRACE (object);
  gb_trace_tables_clear (self);
  g_ptr_array_unref (self->segments);
  G_OBJECT_CLASS (gb_trace_parent_class)->finalize (object);
}

static void
gb_trace_class_init (GbTraceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_trace_finalize;
  changed_signal = g_signal_new ("changed", GB_TYPE_TRACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
gb_trace_init (GbTrace *self)
{
  self->open_ended = TRUE;
  self->budget_nbytes = 96u << 20;
  self->segments = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_segment_free);
  gb_trace_tables_init (self);
}

GbTrace *
gb_trace_new (void)
{
  return g_object_new (GB_TYPE_TRACE, NULL);
}

/* The segment that a record of this seq goes to; NULL: that part was let go. */
static GbSegment *
trace_segment_for (GbTrace *self, guint64 seq)
{
  GbSegment *last = self->segments->len ? g_ptr_array_index (self->segments, self->segments->len - 1) : NULL;

  if (last == NULL || (seq > last->last_seq && last->nbytes >= GB_SEGMENT_NBYTES))
    {
      last = gb_segment_new (seq, self->n_segments_ever++);
      g_ptr_array_add (self->segments, last);
      return last;
    }
  if (seq >= last->first_seq)
    return last;
  int at = gb_trace_find_segment (self, seq);
  if (at < 0)
    return NULL;
  GbSegment *segment = g_ptr_array_index (self->segments, at);
  GbSegment *next = g_ptr_array_index (self->segments, at + 1);
  /* Between two kept segments whose neighbours went: late and unwanted. */
  if (seq > segment->last_seq && next->ordinal != segment->ordinal + 1)
    return NULL;
  return segment;
}

gboolean
gb_trace_append (GbTrace *self, const guint8 *bytes, gsize nbytes, GError **error)
{
  gsize at = 0;

  g_return_val_if_fail (GB_IS_TRACE (self), FALSE);
  while (at < nbytes)
    {
      TeRecord head;
      const TeRecord *record = (const TeRecord *) (bytes + at);
      GbSegment *segment;

      if (nbytes - at < sizeof head)
        break;
      memcpy (&head, record, sizeof head);
      if (head.nbytes < sizeof head || head.nbytes % 8 || head.nbytes > nbytes - at)
        break;
      at += head.nbytes;
      if (head.type == 0)
        continue;
      if (head.seq == 0 || !gb_record_check (record, head.nbytes))
        {
          self->n_rejected++;
          continue;
        }
      if (head.type == TE_RECORD_RESUME)
        gb_trace_wind_back (self, ((const TeRecordResume *) record)->after_seq);
      segment = trace_segment_for (self, head.seq);
      if (segment == NULL)
        {
          self->n_rejected++;
          continue;
        }
      gsize before = segment->nbytes;
      record = gb_segment_add (segment, record);
      self->last_seq = MAX (self->last_seq, head.seq);
      gb_trace_take (self, segment, record);
      self->nbytes += segment->nbytes - before;
      /* Short iterations share a segment: each costs some hundred bytes of its own. */
      if (head.type == TE_RECORD_ITERATION && segment->nbytes >= GB_SEGMENT_LEAST_NBYTES)
        {
          segment = gb_segment_new (head.seq + 1, self->n_segments_ever++);
          g_ptr_array_add (self->segments, segment);
        }
    }
  if (at == nbytes)
    return TRUE;
  self->n_rejected++;
  g_set_error (error, GB_TRACE_ERROR, GB_TRACE_ERROR_CORRUPT,
               "record of impossible length at byte %" G_GSIZE_FORMAT, at);
  return FALSE;
}

/* The index of iterations is whole for the latest and thins out behind them. */
static void
trace_thin_iterations (GbTrace *self)
{
  guint n = self->iterations->len, out = 0;
  GbIteration *all = (GbIteration *) self->iterations->data;

  if (n <= GB_LIVE_ITERATIONS)
    return;
  for (guint i = 0; i < n; i++)
    if (i % 2 == 0 || i > n - GB_LIVE_ITERATIONS / 2)
      all[out++] = all[i];
  g_array_set_size (self->iterations, out);
}

/* Lets go of segments between the first ones and the latest until half of the budget is free again: among the
 * middle, every other one goes, so that what stays gets sparser with age. */
static void
trace_shrink (GbTrace *self)
{
  while (self->nbytes > self->budget_nbytes && self->segments->len > 8)
    {
      gsize recent = 0;
      guint first_kept = 2, last_middle = self->segments->len - 1;
      g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_segment_free);
      g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_segment_free);
      while (last_middle > first_kept && recent < self->budget_nbytes / 2)
        recent += ((GbSegment *) g_ptr_array_index (self->segments, --last_middle))->nbytes;
      if (last_middle <= first_kept + 1)
        last_middle = MIN (first_kept + (self->segments->len - first_kept) / 2, self->segments->len - 2);
      /* The oldest of several stays: else each turn would end the past one segment later. */
      gboolean drop = last_middle > first_kept + 1;
      for (guint i = 0; i < self->segments->len; i++)
        {
          GbSegment *segment = g_ptr_array_index (self->segments, i);
          if (i >= first_kept && i < last_middle && (drop = !drop))
            {
              gb_trace_drop_segment_index (self, segment, 0);
              self->nbytes -= segment->nbytes;
              g_ptr_array_add (gone, segment);
            }
          else
            g_ptr_array_add (kept, segment);
        }
      g_ptr_array_set_free_func (self->segments, NULL);
      g_ptr_array_unref (self->segments);
      self->segments = g_steal_pointer (&kept);
      if (gone->len == 0)
        break;
      self->pending |= GB_TRACE_CHANGED_DROPPED;
    }
  trace_thin_iterations (self);
}

void
gb_trace_flush (GbTrace *self)
{
  guint pending;

  g_return_if_fail (GB_IS_TRACE (self));
  if (self->open_ended && self->nbytes > self->budget_nbytes)
    trace_shrink (self);
  if (self->open_ended && (self->pending & GB_TRACE_CHANGED_DROPPED))
    gb_trace_bound_branches (self);
  pending = self->pending;
  if (pending == 0)
    return;
  self->pending = 0;
  self->generation++;
  g_signal_emit (self, changed_signal, 0, pending);
}

void
gb_trace_clear (GbTrace *self)
{
  gb_trace_tables_clear (self);
  g_ptr_array_set_size (self->segments, 0);
  gb_trace_tables_init (self);
  self->nbytes = 0;
  self->n_rejected = 0;
  self->last_seq = 0;
  self->n_segments_ever = 0;
  self->pending = GB_TRACE_CHANGED_RESET;
}

void
gb_trace_reset (GbTrace *self)
{
  g_return_if_fail (GB_IS_TRACE (self));
  gb_trace_clear (self);
  gb_trace_flush (self);
}

gboolean
gb_trace_load (GbTrace *self, const char *path, GError **error)
{
  TeError err;
  TeRecording *recording;
  const void *bytes;
  gsize nbytes;

  g_return_val_if_fail (GB_IS_TRACE (self), FALSE);
  te_error_clear (&err);
  recording = te_recording_open (path, &err);
  if (recording == NULL)
    {
      g_set_error_literal (error, GB_TRACE_ERROR, GB_TRACE_ERROR_CORRUPT, err.text);
      return FALSE;
    }
  gb_trace_set_open_ended (self, FALSE);
  g_autofree char *name = g_path_get_basename (path);
  self->name = gb_trace_keep_text (self, name, strlen (name));
  while ((bytes = te_recording_read (recording, &nbytes, &err)) != NULL && nbytes > 0)
    gb_trace_append (self, bytes, nbytes, NULL);
  te_recording_free (recording);
  gb_trace_flush (self);
  if (bytes != NULL)
    return TRUE;
  g_set_error_literal (error, GB_TRACE_ERROR, GB_TRACE_ERROR_CORRUPT, err.text);
  return FALSE;
}

static void
series_set_bound (GbSeries *series, gboolean open_ended)
{
  gb_series_set_max_buckets (series, open_ended ? GB_LIVE_BUCKETS : 0);
}

void
gb_trace_set_open_ended (GbTrace *self, gboolean open_ended)
{
  g_return_if_fail (GB_IS_TRACE (self));
  self->open_ended = open_ended;
  for (guint i = 0; i < self->logs->len; i++)
    series_set_bound (((GbLog *) g_ptr_array_index (self->logs, i))->series, open_ended);
  for (guint i = 0; i < self->params->len; i++)
    {
      GbParam *param = g_ptr_array_index (self->params, i);
      series_set_bound (param->grad_norm, open_ended);
      series_set_bound (param->param_norm, open_ended);
      series_set_bound (param->update_norm, open_ended);
    }
}

gboolean
gb_trace_get_open_ended (GbTrace *self)
{
  return self->open_ended;
}

void
gb_trace_set_budget_nbytes (GbTrace *self, gsize nbytes)
{
  self->budget_nbytes = nbytes;
}

gsize
gb_trace_get_nbytes (GbTrace *self)
{
  return self->nbytes;
}

guint64
gb_trace_get_first_seq (GbTrace *self)
{
  return self->segments->len ? ((GbSegment *) g_ptr_array_index (self->segments, 0))->first_seq : 0;
}

guint64
gb_trace_get_last_seq (GbTrace *self)
{
  return self->last_seq;
}

guint64
gb_trace_get_n_rejected (GbTrace *self)
{
  return self->n_rejected;
}

guint64
gb_trace_get_generation (GbTrace *self)
{
  return self->generation;
}

const char *
gb_trace_get_about (GbTrace *self)
{
  return self->about ? self->about : "";
}

const char *
gb_trace_get_name (GbTrace *self)
{
  return self->name;
}

const TeRecordEnd *
gb_trace_get_end (GbTrace *self)
{
  return self->end.head.type == TE_RECORD_END ? &self->end : NULL;
}

/* ---- records by position ---- */
const TeRecord *
gb_trace_get_record (GbTrace *self, guint64 seq)
{
  int at = gb_trace_find_segment (self, seq);
  return at < 0 ? NULL : gb_segment_find (g_ptr_array_index (self->segments, at), seq, NULL);
}

gboolean
gb_trace_has_records (GbTrace *self, guint64 first_seq, guint64 last_seq)
{
  int at = gb_trace_find_segment (self, first_seq), end = gb_trace_find_segment (self, last_seq);

  if (at < 0)
    return FALSE;
  const GbSegment *first = g_ptr_array_index (self->segments, at),
                  *last = g_ptr_array_index (self->segments, end);
  return last->ordinal - first->ordinal == (guint64) (end - at) && last_seq <= last->last_seq
         && first_seq <= first->last_seq;
}

void
gb_trace_iter_init (GbTraceIter *iter, GbTrace *self, guint64 first_seq)
{
  int at = gb_trace_find_segment (self, first_seq);

  *iter = (GbTraceIter){ .trace = self, .segment = at < 0 ? 0 : at };
  if (at >= 0)
    gb_segment_find (g_ptr_array_index (self->segments, at), first_seq, &iter->index);
}

const TeRecord *
gb_trace_iter_next (GbTraceIter *iter)
{
  while (iter->segment < iter->trace->segments->len)
    {
      const GbSegment *segment = g_ptr_array_index (iter->trace->segments, iter->segment);
      if (iter->index < segment->refs->len)
        return g_array_index (segment->refs, GbRecordRef, iter->index++).record;
      iter->segment++;
      iter->index = 0;
    }
  return NULL;
}

/* Backwards, `index` counts the records of the segment that are still to come. */
void
gb_trace_iter_init_back (GbTraceIter *iter, GbTrace *self, guint64 last_seq)
{
  int at = gb_trace_find_segment (self, last_seq);

  *iter = (GbTraceIter){ .trace = self, .segment = at < 0 ? 0 : at };
  if (at >= 0 && gb_segment_find (g_ptr_array_index (self->segments, at), last_seq, &iter->index) != NULL)
    iter->index++;
}

const TeRecord *
gb_trace_iter_previous (GbTraceIter *iter)
{
  if (iter->trace->segments->len == 0)
    return NULL;
  for (;;)
    {
      const GbSegment *segment = g_ptr_array_index (iter->trace->segments, iter->segment);
      if (iter->index > 0)
        return g_array_index (segment->refs, GbRecordRef, --iter->index).record;
      if (iter->segment == 0)
        return NULL;
      segment = g_ptr_array_index (iter->trace->segments, --iter->segment);
      iter->index = segment->refs->len;
    }
}
