#include "models/histogram-model.h"

#include <math.h>

#include "core/dtype.h"
#include "models/record-check.h"
#include "models/tensor-values.h"

#define MOST_COUNTED (1 << 20) /* elements of one recording that are counted here */

static void
find_most (GbHistogram *self)
{
  self->most = 0;
  for (guint i = 0; i < GB_HISTOGRAM_N_BINS; i++)
    self->most = MAX (self->most, self->bins[i]);
}

/* The interpreter's own count; other numbers of bins than ours are spread over them. */
static gboolean
from_fact (GbHistogram *self, GbTrace *trace, const TeFactHistogram *fact)
{
  const guint64 *counts = (const guint64 *) (fact + 1);
  const TeFactStats *stats =
      (const TeFactStats *) gb_trace_get_fact (trace, TE_FACT_STATS, fact->tensor, fact->head.seq);

  *self = (GbHistogram){ .iteration = fact->iteration,
                         .seq = fact->head.seq,
                         .low = fact->low,
                         .high = fact->high,
                         .least = fact->low,
                         .greatest = fact->high,
                         .nans = (gint64) fact->nans,
                         .infs = (gint64) (fact->under + fact->over),
                         .zeros = -1,
                         .mean = NAN,
                         .std = NAN };
  if (fact->n_bins == 0 || !isfinite (fact->low) || !isfinite (fact->high) || fact->high <= fact->low)
    return FALSE;
  self->n = self->nans + self->infs;
  for (guint i = 0; i < fact->n_bins; i++)
    {
      self->bins[(guint64) i * GB_HISTOGRAM_N_BINS / fact->n_bins] += (double) counts[i];
      self->n += (gint64) counts[i];
    }
  if (stats && stats->version == fact->version)
    {
      self->mean = stats->mean;
      self->std = stats->std;
      self->zeros = stats->zeros;
      if (stats->min <= stats->max)
        {
          self->least = stats->min;
          self->greatest = stats->max;
        }
    }
  find_most (self);
  return TRUE;
}

static gboolean
from_values (GbHistogram *self, const TeFactValues *fact)
{
  gsize nbytes = te_dtype_nbytes (fact->tensor.dtype);
  const guint8 *data = gb_values_data (fact);
  gint64 n = MIN (fact->count, MOST_COUNTED), numel = 1, finite = 0;
  double sum = 0, square = 0;
  const gint64 *sizes = te_wire_tensor_sizes (&fact->tensor);

  *self = (GbHistogram){ .iteration = fact->iteration,
                         .seq = fact->head.seq,
                         .n = n,
                         .low = INFINITY,
                         .high = -INFINITY,
                         .mean = NAN,
                         .std = NAN };
  if (n <= 0 || te_dtype_is_complex (fact->tensor.dtype))
    return FALSE;
  for (int d = 0; d < fact->tensor.ndim; d++)
    numel *= sizes[d];
  self->is_part = n < numel;
  for (gint64 i = 0; i < n; i++)
    {
      double x = gb_element_value (fact->tensor.dtype, data + (gsize) i * nbytes);
      self->nans += isnan (x) != 0;
      self->infs += isinf (x) != 0;
      self->zeros += x == 0;
      if (!isfinite (x))
        continue;
      finite++;
      sum += x;
      square += x * x;
      self->low = MIN (self->low, x);
      self->high = MAX (self->high, x);
    }
  if (finite == 0)
    self->low = 0, self->high = 1;
  else
    self->mean = sum / (double) finite;
  if (finite > 1)
    self->std = sqrt (MAX (0, (square - sum * self->mean) / (double) (finite - 1)));
  self->least = self->low;
  self->greatest = self->high;
  /* All the same: one bin around the value. */
  if (self->high <= self->low)
    {
      double half = self->low == 0 ? 0.5 : fabs (self->low) * 0.5;
      self->low -= half;
      self->high += half;
    }
  for (gint64 i = 0; i < n; i++)
    {
      double x = gb_element_value (fact->tensor.dtype, data + (gsize) i * nbytes);
      if (isfinite (x))
        self->bins[MIN ((guint) ((x - self->low) / (self->high - self->low) * GB_HISTOGRAM_N_BINS),
                        GB_HISTOGRAM_N_BINS - 1)]++;
    }
  find_most (self);
  return TRUE;
}

/* ---- choosing ---- */
static guint
count_until (GbTrace *trace, guint16 type, guint64 tensor, guint64 seq)
{
  guint low = 0, high = gb_trace_get_n_facts (trace, type, tensor);

  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (gb_trace_get_nth_fact (trace, type, tensor, middle)->seq <= seq)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static gboolean
has_some (GbTrace *trace, guint64 tensor, guint64 seq)
{
  GbTensor t;
  return tensor && gb_trace_get_tensor (trace, tensor, seq, &t) && t.ndim <= 8
         && !te_dtype_is_complex (t.dtype) && t.dtype != TE_BOOL
         && (count_until (trace, TE_FACT_HISTOGRAM, tensor, seq)
             || count_until (trace, TE_FACT_VALUES, tensor, seq));
}

static gint64
count_elements (GbTrace *trace, guint64 tensor, guint64 seq)
{
  GbTensor t;
  gint64 n = 1;

  if (!has_some (trace, tensor, seq) || !gb_trace_get_tensor (trace, tensor, seq, &t))
    return 0;
  for (int d = 0; d < t.ndim; d++)
    n *= t.sizes[d];
  return n;
}

/* Of what was counted, the largest. */
static guint64
find_largest (GbTrace *trace, guint64 seq)
{
  static const guint16 types[] = { TE_FACT_HISTOGRAM, TE_FACT_VALUES };
  guint64 best = 0;
  gint64 most = 0;

  for (guint k = 0; k < G_N_ELEMENTS (types) && best == 0; k++)
    {
      g_autoptr (GArray) ids = gb_trace_list_fact_ids (trace, types[k]);
      for (guint i = 0; i < MIN (ids->len, 4096); i++)
        {
          gint64 n = count_elements (trace, g_array_index (ids, guint64, i), seq);
          if (n > most)
            best = g_array_index (ids, guint64, i), most = n;
        }
    }
  return best;
}

#define FEW 32 /* elements: whoever wants to see these reads them */

guint64
gb_histograms_find (GbTrace *trace, guint64 wanted, guint64 seq)
{
  guint64 interesting, largest;

  if (has_some (trace, wanted, seq))
    return wanted;
  interesting = gb_trace_find_interesting_tensor (trace, seq);
  if (count_elements (trace, interesting, seq) >= FEW)
    return interesting;
  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    if (has_some (trace, gb_trace_get_param (trace, i)->tensor, seq))
      return gb_trace_get_param (trace, i)->tensor;
  largest = find_largest (trace, seq);
  return has_some (trace, interesting, seq)
                 && count_elements (trace, interesting, seq) >= count_elements (trace, largest, seq)
             ? interesting
             : largest;
}

static void
add (GbHistograms *self, const GbHistogram *one)
{
  g_array_append_val (self->all, *one);
  self->low = MIN (self->low, one->low);
  self->high = MAX (self->high, one->high);
}

/* The newest one that its own facts tell. */
static gboolean
newest (GbTrace *trace, guint64 tensor, guint64 seq, GbHistogram *one)
{
  guint n = count_until (trace, TE_FACT_HISTOGRAM, tensor, seq);

  if (n
      && from_fact (
          one, trace,
          (const TeFactHistogram *) gb_trace_get_nth_fact (trace, TE_FACT_HISTOGRAM, tensor, n - 1)))
    return TRUE;
  n = count_until (trace, TE_FACT_VALUES, tensor, seq);
  return n
         && from_values (one,
                         (const TeFactValues *) gb_trace_get_nth_fact (trace, TE_FACT_VALUES, tensor, n - 1));
}

static guint64
iteration_of (guint16 type, const TeRecord *fact)
{
  return type == TE_FACT_HISTOGRAM ? ((const TeFactHistogram *) fact)->iteration
                                   : ((const TeFactValues *) fact)->iteration;
}

/* A tensor that lives on: what it was when a step ended, evenly over the steps.  While a step runs it may be
 * anything: memory that nobody has written yet, or half of an update. */
static void
add_own (GbHistograms *self, GbTrace *trace, guint16 type, guint n, guint most)
{
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint));
  guint shown;

  for (guint i = 0; i < n; i++)
    if (i + 1 == n
        || iteration_of (type, gb_trace_get_nth_fact (trace, type, self->tensor, i))
               != iteration_of (type, gb_trace_get_nth_fact (trace, type, self->tensor, i + 1)))
      g_array_append_val (ends, i);
  shown = MIN (ends->len, most);
  for (guint i = 0; i < shown; i++)
    {
      guint at = shown > 1 ? (guint) ((guint64) i * (ends->len - 1) / (shown - 1)) : ends->len - 1;
      const TeRecord *fact =
          gb_trace_get_nth_fact (trace, type, self->tensor, g_array_index (ends, guint, at));
      GbHistogram one;
      if (type == TE_FACT_HISTOGRAM ? from_fact (&one, trace, (const TeFactHistogram *) fact)
                                    : from_values (&one, (const TeFactValues *) fact))
        add (self, &one);
    }
}

/* A result is another tensor in every iteration: what the same op made in some of them. */
static void
add_followed (GbHistograms *self, GbTrace *trace, guint64 seq, guint most)
{
  guint64 last = gb_trace_iteration_at (trace, seq), first = 1;
  guint64 seen = 0;

  for (guint i = 0; i < most; i++)
    {
      guint64 iteration = first + (last - first) * i / MAX (most - 1, 1), end, tensor;
      const GbIteration *it = gb_trace_find_iteration (trace, iteration);
      GbHistogram one;
      end = it && it->iteration == iteration ? MIN (it->last_seq, seq) : seq;
      tensor = i + 1 == most ? self->tensor : gb_trace_follow_tensor (trace, self->tensor, end);
      if (tensor == seen || !newest (trace, tensor, end, &one))
        continue;
      seen = tensor;
      add (self, &one);
    }
}

GbHistograms *
gb_histograms_new (GbTrace *trace, guint64 tensor, guint64 seq, guint most)
{
  GbHistograms *self = g_new0 (GbHistograms, 1);
  guint n_counted = count_until (trace, TE_FACT_HISTOGRAM, tensor, seq),
        n_values = count_until (trace, TE_FACT_VALUES, tensor, seq);
  GbTensor t;

  self->tensor = tensor;
  self->all = g_array_new (FALSE, FALSE, sizeof (GbHistogram));
  self->low = INFINITY;
  self->high = -INFINITY;
  self->label = gb_trace_dup_tensor_label (trace, tensor, seq);
  if (gb_trace_get_tensor (trace, tensor, seq, &t) && t.ndim <= 8)
    {
      self->dtype = t.dtype;
      self->ndim = t.ndim;
      for (int d = 0; d < t.ndim; d++)
        self->sizes[d] = t.sizes[d];
      if (n_counted > 1 || n_values > 1 || t.call == 0)
        add_own (self, trace, n_counted ? TE_FACT_HISTOGRAM : TE_FACT_VALUES,
                 n_counted ? n_counted : n_values, most);
      else
        add_followed (self, trace, seq, most);
    }
  if (self->all->len)
    return self;
  gb_histograms_free (self);
  return NULL;
}

void
gb_histograms_free (GbHistograms *self)
{
  if (self == NULL)
    return;
  g_free (self->label);
  g_array_unref (self->all);
  g_free (self);
}
