/* Facts: statistics, elements, hashes, the meter.  They are computed only while somebody asks, in
 * windows at display rate: one whole iteration at a time where the program has iterations, so that a picture
 * shows values of one moment. */
#include "python/trace-private.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "trace/digest.h"

#define BUDGET_NSEC            50000000u  /* of facts in one window, live */
#define RECORD_BUDGET_NSEC     400000000u /* when the writer waits anyway */
#define REST_FACTOR            50 /* a window that cost much is followed by a longer rest: 2 % in the long run */
#define SCATTERED_MAX_ELEMENTS 4096
#define OPENING_MAX_ELEMENTS   4096     /* of one tensor, while a program begins */
#define OPENING_LARGE_ELEMENTS 512      /* of one that is larger */
#define OPENING_PICTURE_ELEMENTS 16384  /* of a batch: 20 pictures of 28 by 28 */
#define OPENING_PER_TENSOR     64       /* what a tensor counts besides its elements: records cost as well */
#define OPENING_BUDGET_NSEC    60000000u
#define OPENING_AT_REST        65536 /* elements for what stands where a program stops */

/* ---- facts of one tensor ---- */

void
te_trace_tell_stats (const TeTensor *tensor)
{
  if (te_tensor_is_meta (tensor))
    return;
  TeTally t = te_trace_tally (tensor);
  double mean = t.n ? t.sum / (double) t.n : NAN;
  double spread = t.n > 1 ? (t.square - t.sum * mean) / (double) (t.n - 1) : NAN;
  TeFactStats fact = { .tensor = tensor->id,
                       .iteration = te_trace_state.iteration,
                       .version = *tensor->version,
                       .numel = tensor->numel,
                       .zeros = t.zeros,
                       .nans = t.nans,
                       .infs = t.infs,
                       .min = t.n ? t.min : NAN,
                       .max = t.n ? t.max : NAN,
                       .mean = mean,
                       .std = sqrt (spread > 0 || isnan (spread) ? spread : 0),
                       .norm = sqrt (t.square) };
  te_recorder_stats (te_trace_state.recorder, &fact);
}

/* The leading block of at most `most` elements: last dims whole as far as they fit. */
static int64_t
leading_block (const TeTensor *tensor, int64_t most, int64_t *extents)
{
  int64_t total = tensor->numel;
  for (int d = 0; d < tensor->ndim; d++)
    extents[d] = tensor->sizes[d];
  for (int d = 0; d < tensor->ndim && total > most; d++)
    {
      int64_t rest = total / extents[d], fit = rest ? most / rest : 0;
      extents[d] = fit > 0 ? (fit < extents[d] ? fit : extents[d]) : 1;
      total = rest * extents[d];
    }
  return total;
}

/* What a lazily conjugated or negated view means, not what its storage holds. */
static void
resolve (char *element, TeDtype dtype, uint32_t flags)
{
#define RESOLVE(ctype)                                                                                       \
  {                                                                                                          \
    ctype value;                                                                                             \
    memcpy (&value, element, sizeof value);                                                                  \
    value = flags & TE_TENSOR_NEG ? -value : value;                                                          \
    memcpy (element, &value, sizeof value);                                                                  \
  }
  if (dtype == TE_FLOAT32)
    RESOLVE (float)
  else if (dtype == TE_FLOAT64)
    RESOLVE (double)
  else if (te_dtype_info[dtype].category == TE_CATEGORY_COMPLEX && flags & TE_TENSOR_CONJ)
    {
      size_t half = te_dtype_nbytes (dtype) / 2;
      resolve (element + half, dtype == TE_COMPLEX64 ? TE_FLOAT32 : TE_FLOAT64, TE_TENSOR_NEG);
    }
#undef RESOLVE
}

static void
copy_block (char *out, const TeTensor *tensor, const int64_t *extents, int64_t total)
{
  int64_t element = (int64_t) te_dtype_nbytes (te_tensor_dtype (tensor)), index[TE_MAX_NDIM] = { 0 };
  const char *at = te_tensor_data (tensor);
  for (int64_t i = 0; i < total; i++, out += element)
    {
      memcpy (out, at, (size_t) element);
      if (tensor->flags & TE_TENSOR_LAZY)
        resolve (out, te_tensor_dtype (tensor), tensor->flags);
      for (int d = tensor->ndim - 1; d >= 0; d--)
        {
          at += tensor->strides[d] * element;
          if (++index[d] < extents[d])
            break;
          at -= tensor->strides[d] * element * extents[d];
          index[d] = 0;
        }
    }
}

static TeFactValues *
begin_values (
    const TeTensor *tensor, uint32_t kind, int64_t first, int64_t count, size_t tail_nbytes, char **tail)
{
  size_t geometry = (size_t) tensor->ndim * 16;
  size_t data_nbytes = (size_t) count * te_dtype_nbytes (te_tensor_dtype (tensor));
  TeFactValues *fact = te_recorder_reserve (te_trace_state.recorder, TE_FACT_VALUES,
                                            sizeof *fact + geometry + tail_nbytes + data_nbytes);
  if (!fact)
    return NULL;
  fact->iteration = te_trace_state.iteration;
  fact->first = first;
  fact->count = count;
  fact->kind = kind;
  fact->data_nbytes = (uint32_t) data_nbytes;
  *tail = te_trace_write_tensor (&fact->tensor, tensor);
  return fact;
}

static void
tell_values (const TeTensor *tensor, int64_t most)
{
  int64_t extents[TE_MAX_NDIM];
  if (te_tensor_is_meta (tensor) || most <= 0)
    return;
  int64_t total = leading_block (tensor, most, extents);
  size_t blocks = (size_t) tensor->ndim * 16;
  char *tail;
  if (!begin_values (tensor, 0, 0, total, blocks, &tail))
    return;
  memset (tail, 0, (size_t) tensor->ndim * 8);
  memcpy (tail + (size_t) tensor->ndim * 8, extents, (size_t) tensor->ndim * 8);
  copy_block (tail + blocks, tensor, extents, total);
  te_recorder_commit (te_trace_state.recorder);
}

static void
tell_storage (const TeTensor *tensor, int64_t most)
{
  size_t element = te_dtype_nbytes (te_tensor_dtype (tensor));
  int64_t count = (int64_t) (tensor->storage->nbytes / element);
  char *tail;
  if (te_tensor_is_meta (tensor) || !tensor->storage->data)
    return;
  /* A strip of a large storage shows its beginning; of those that are only part of a picture nothing is sent.
   */
  if (count > most)
    count = te_trace_state.iteration > 1 ? 0 : most;
  if (count <= 0 || !begin_values (tensor, 1, 0, count, 0, &tail))
    return;
  memcpy (tail, tensor->storage->data, (size_t) count * element);
  te_recorder_commit (te_trace_state.recorder);
}

typedef struct
{
  double low, scale;
  uint64_t bins[64], under, over, nans;
} Bins;

static void
bin_row (const char *row, int64_t n, int64_t stride_nbytes, TeDtype dtype, void *data)
{
  Bins *b = data;
  for (int64_t i = 0; i < n; i++)
    {
      double x = te_trace_load_element (dtype, row + i * stride_nbytes), at = (x - b->low) * b->scale;
      if (isnan (x))
        b->nans++;
      else if (at < 0)
        b->under++;
      else if (at >= 64)
        at == 64 ? b->bins[63]++ : b->over++;
      else
        b->bins[(int) at]++;
    }
}

static void
tell_histogram (const TeTensor *tensor)
{
  if (te_tensor_is_meta (tensor) || tensor->numel == 0)
    return;
  TeTally t = te_trace_tally (tensor);
  double width = t.max > t.min ? t.max - t.min : 1;
  Bins bins = { .low = t.n ? t.min : 0, .scale = 64 / width };
  te_trace_visit_rows (tensor, bin_row, &bins);
  TeFactHistogram *fact =
      te_recorder_reserve (te_trace_state.recorder, TE_FACT_HISTOGRAM, sizeof *fact + sizeof bins.bins);
  if (!fact)
    return;
  TeRecord head = fact->head;
  *fact = (TeFactHistogram){ .tensor = tensor->id,
                             .iteration = te_trace_state.iteration,
                             .low = bins.low,
                             .high = bins.low + width,
                             .n_bins = 64,
                             .version = *tensor->version,
                             .under = bins.under,
                             .over = bins.over,
                             .nans = bins.nans };
  fact->head = head;
  memcpy (fact + 1, bins.bins, sizeof bins.bins);
  te_recorder_commit (te_trace_state.recorder);
}

uint64_t
te_trace_cpu_nsec (void)
{
  struct timespec cpu;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu);
  return (uint64_t) cpu.tv_sec * 1000000000u + (uint64_t) cpu.tv_nsec;
}

static void
charge (uint64_t start_cpu)
{
  TeTraceState *s = &te_trace_state;
  uint64_t nsec = te_trace_cpu_nsec () - start_cpu;
  s->window_cost_cpu += nsec;
  if (s->opening_left > 0)
    {
      s->opening_cost_cpu += nsec;
      if (s->opening_cost_cpu > OPENING_BUDGET_NSEC && !s->recorder->segment->lossless)
        s->opening_left = 0;
    }
  uint64_t budget = s->recorder->segment->lossless ? RECORD_BUDGET_NSEC : BUDGET_NSEC;
  if (s->window_cost_cpu > budget && !s->always)
    s->facts = false;
}

bool
te_trace_wants_gradients (void)
{
  return te_trace_state.watch.gradients || te_trace_state.opening_left > 0;
}

/* Which op made which tensor, for the last so many. */
#define RECENT 16384
static uint64_t recent_id[RECENT], recent_place[RECENT];

void
te_trace_facts_made (const TeTensor *tensor, uint64_t place)
{
  recent_id[tensor->id % RECENT] = tensor->id;
  recent_place[tensor->id % RECENT] = place;
}

static uint64_t
place_of (uint64_t tensor)
{
  return recent_id[tensor % RECENT] == tensor ? recent_place[tensor % RECENT] : 0;
}

static void
tell_watched (TeTensor *tensor, const TeWatchedTensor *one)
{
  if (one->kind == TE_WATCH_STATS)
    te_trace_tell_stats (tensor);
  else if (one->kind == TE_WATCH_VALUES)
    tell_values (tensor, one->most);
  else if (one->kind == TE_WATCH_STORAGE)
    tell_storage (tensor, one->most);
  else if (one->kind == TE_WATCH_HISTOGRAM)
    tell_histogram (tensor);
}

static void
tell_ones (TeTensor *tensor)
{
  const TeWatchSet *watch = &te_trace_state.watch;
  uint64_t place = place_of (tensor->id);
  for (int i = 0; i < watch->n_one; i++)
    if (watch->one[i].tensor == tensor->id || (place && watch->one[i].place == place))
      tell_watched (tensor, &watch->one[i]);
}

/* Parameters by their table, others through Python's; what is gone is told no more. */
void
te_trace_facts_newly_watched (void)
{
  static uint64_t told[TE_TRACE_MAX_WATCHED];
  static uint32_t told_kind[TE_TRACE_MAX_WATCHED];
  static int n_told;
  TeWatchSet *watch = &te_trace_state.watch;
  for (int i = 0; i < watch->n_one; i++)
    {
      bool before = false;
      PyObject *owner = NULL;
      for (int k = 0; k < n_told; k++)
        before = before || (told[k] == watch->one[i].tensor && told_kind[k] == watch->one[i].kind);
      TeTensor *tensor = before ? NULL : te_trace_find_tensor (watch->one[i].tensor, &owner);
      if (tensor)
        tell_watched (tensor, &watch->one[i]);
      Py_XDECREF (owner);
    }
  n_told = watch->n_one;
  for (int i = 0; i < n_told; i++)
    {
      told[i] = watch->one[i].tensor;
      told_kind[i] = watch->one[i].kind;
    }
}

static bool
is_batch_of_pictures (const TeTensor *tensor)
{
  return tensor->ndim == 4 && (tensor->sizes[1] == 1 || tensor->sizes[1] == 3) && tensor->sizes[2] > 4
         && tensor->sizes[3] > 4 && !(tensor->flags & TE_TENSOR_PARAMETER);
}

/* A short program has ended before anybody could ask: its small tensors are told from the start. */
static void
tell_opening (const TeTensor *tensor)
{
  TeTraceState *s = &te_trace_state;
  bool told = s->watch.values && s->values_on && tensor->numel <= s->watch.values_max;
  s->opening_left -= OPENING_PER_TENSOR;
  if (tensor->numel > OPENING_MAX_ELEMENTS)
    {
      /* Of what is too many to be read, the beginning, and how it is spread; layers make too much of it. */
      if (told || s->n_modules || s->backward_depth || s->iteration > 1)
        return;
      int64_t most = is_batch_of_pictures (tensor) ? OPENING_PICTURE_ELEMENTS : OPENING_LARGE_ELEMENTS;
      s->opening_left -= most;
      tell_values (tensor, most);
      tell_histogram (tensor);
    }
  else if (!told)
    {
      s->opening_left -= tensor->numel;
      tell_values (tensor, OPENING_MAX_ELEMENTS);
    }
}

static void
tell_all (TeTensor *tensor, bool stats)
{
  const TeWatchSet *watch = &te_trace_state.watch;
  uint64_t start = te_trace_cpu_nsec ();
  if (te_trace_state.opening_left > 0 && stats)
    tell_opening (tensor);
  if (stats && watch->stats && te_trace_state.stats_on)
    te_trace_tell_stats (tensor);
  if (watch->values && te_trace_state.values_on)
    tell_values (tensor, watch->values_max);
  if (watch->storage && te_trace_state.storage_on)
    tell_storage (tensor, watch->storage_max);
  if (watch->histogram && te_trace_state.histogram_on && stats)
    tell_histogram (tensor);
  if (watch->n_one)
    tell_ones (tensor);
  charge (start);
}

void
te_trace_facts_output (TeTensor *tensor, bool unfilled)
{
  /* Large and read in jumps: a view of numbers that were told where they stand.  What nobody has written yet is
   * counted by nobody. */
  tell_all (tensor, !unfilled && (tensor->numel <= SCATTERED_MAX_ELEMENTS || te_trace_is_dense (tensor)));
}

void
te_trace_facts_tensor (TeTensor *tensor)
{
  const TeWatchSet *watch = &te_trace_state.watch;
  if (watch->values || watch->storage || watch->stats || watch->n_one || te_trace_state.opening_left > 0)
    tell_all (tensor, true);
}

#define SHOWN_MAX_ELEMENTS 4096
#define SHOWN_PERIOD_NSEC  20000000u
#define SHOWN_PER_PERIOD   16

void
te_trace_facts_shown (TeTensor *tensor)
{
  static uint64_t period_start_nsec;
  static int n_in_period;
  TeTraceState *s = &te_trace_state;
  uint64_t now = te_recorder_clock_nsec ();
  if (now - period_start_nsec > SHOWN_PERIOD_NSEC)
    {
      period_start_nsec = now;
      n_in_period = 0;
    }
  /* In a tight loop not every turn is drawn. */
  if (s->iteration > 1 && n_in_period++ >= SHOWN_PER_PERIOD)
    return;
  if (s->watch.stats)
    te_trace_tell_stats (tensor);
  if (s->watch.values)
    tell_values (tensor, SHOWN_MAX_ELEMENTS);
  if (s->watch.storage)
    tell_storage (tensor, SHOWN_MAX_ELEMENTS);
}

static void
hash_row (const char *row, int64_t n, int64_t stride_nbytes, TeDtype dtype, void *data)
{
  int64_t element = (int64_t) te_dtype_nbytes (dtype);
  uint64_t *hash = data;
  if (stride_nbytes == element)
    *hash = XXH3_64bits_withSeed (row, (size_t) (n * element), *hash);
  else
    for (int64_t i = 0; i < n; i++)
      *hash = XXH3_64bits_withSeed (row + i * stride_nbytes, (size_t) element, *hash);
}

/* True: the result is finite.  False: that is to be looked at. */
bool
te_trace_facts_hash (TeTensor *tensor, uint64_t call, int output_nr)
{
  TeDtype dtype = te_tensor_dtype (tensor);
  uint64_t hash = 0;
  bool finite = false;
  if (te_tensor_is_meta (tensor))
    return true;
  if (tensor->numel && te_tensor_data (tensor) && te_trace_is_dense (tensor))
    {
      hash = te_digest (te_tensor_data (tensor), (size_t) tensor->numel * te_dtype_nbytes (dtype),
                        te_trace_numbers_of (dtype), &finite);
      finite = finite && !te_trace_is_half (dtype);
    }
  else
    te_trace_visit_rows (tensor, hash_row, &hash);
  te_recorder_hash (te_trace_state.recorder, call, tensor->id, (uint32_t) output_nr, hash);
  return finite;
}

/* ---- windows ---- */

static int statm_fd = -1;

static void
tell_meter (void)
{
  struct timespec cpu;
  char text[128];
  unsigned long long pages = 0;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &cpu);
  ssize_t n = statm_fd >= 0 ? pread (statm_fd, text, sizeof text - 1, 0) : -1;
  if (n > 0)
    {
      text[n] = 0;
      sscanf (text, "%*u %llu", &pages);
    }
  TeMemStats mem = te_mem_stats ();
  te_recorder_meter (te_trace_state.recorder, (uint64_t) cpu.tv_sec * 1000000000u + (uint64_t) cpu.tv_nsec,
                     (uint64_t) pages * (uint64_t) sysconf (_SC_PAGESIZE), mem.live_nbytes, mem.peak_nbytes,
                     te_trace_state.steps_per_second);
}

static bool
samples (const TeWatchSet *watch)
{
  return watch->stats || watch->values || watch->storage || watch->histogram || watch->attention
         || watch->n_one || te_trace_state.opening_left > 0;
}

static bool
due (uint64_t *last_nsec, uint64_t now, uint32_t period_msec)
{
  if (*last_nsec && now - *last_nsec < (uint64_t) period_msec * 1000000u)
    return false;
  *last_nsec = now;
  return true;
}

static void
open_window (uint64_t now)
{
  TeTraceState *s = &te_trace_state;
  s->window_start_nsec = now;
  s->window_cost_cpu = 0;
  s->window_start_cpu = te_trace_cpu_nsec ();
  s->stats_on = due (&s->stats_nsec, now, s->watch.stats_msec);
  s->values_on = due (&s->values_nsec, now, s->watch.values_msec);
  s->storage_on = due (&s->storage_nsec, now, s->watch.storage_msec);
  s->histogram_on = due (&s->histogram_nsec, now, s->watch.histogram_msec);
  s->facts = samples (&s->watch);
  s->flow = s->watch.attention || s->opening_left > 0;
}

/* Parameters and buffers change without an op of their own. */
void
te_trace_facts_params (void)
{
  int n;
  TeTraceParam *params = te_trace_params (&n);
  for (int i = 0; i < n && te_trace_state.facts; i++)
    {
      TeTensor *tensor = te_trace_param_tensor (&params[i]);
      if (tensor)
        tell_all (tensor, true);
    }
  PyObject **buffers = te_trace_buffers (&n);
  for (int i = 0; i < n && te_trace_state.facts; i++)
    {
      PyObject *object = PyWeakref_GetObject (buffers[i]);
      if (te_py_is_tensor (object) && te_py_tensor (object))
        tell_all (te_py_tensor (object), true);
    }
}

static uint32_t
shorter (uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

void
te_trace_facts_refresh (void)
{
  TeTraceState *s = &te_trace_state;
  TeControl *control = s->control;
  TeWatchSet set = { .period_msec = 1000, .meter_msec = 500 };
  pthread_mutex_lock (&control->mutex);
  s->watch_version = control->watch_version;
  for (size_t i = 0; i < control->n_watches; i++)
    {
      const TeWatch *w = &control->watches[i];
      int64_t most = w->max_elements > 0 ? w->max_elements : 256;
      bool sampled = true;
      bool by_id = w->tensor
                   && (w->kind == TE_WATCH_STATS || w->kind == TE_WATCH_VALUES || w->kind == TE_WATCH_STORAGE
                       || w->kind == TE_WATCH_HISTOGRAM);
      if (by_id)
        {
          if (set.n_one < TE_TRACE_MAX_WATCHED)
            set.one[set.n_one++] = (TeWatchedTensor){ w->tensor, place_of (w->tensor), most, w->kind };
          if (w->period_msec < set.period_msec)
            set.period_msec = w->period_msec;
          continue;
        }
      switch ((TeWatchKind) w->kind)
        {
        case TE_WATCH_STATS:
          set.stats_msec = set.stats ? shorter (set.stats_msec, w->period_msec) : w->period_msec;
          set.stats = true;
          break;
        case TE_WATCH_VALUES:
          set.values_msec = set.values ? shorter (set.values_msec, w->period_msec) : w->period_msec;
          set.values = true;
          set.values_max = most > set.values_max ? most : set.values_max;
          break;
        case TE_WATCH_STORAGE:
          set.storage_msec = set.storage ? shorter (set.storage_msec, w->period_msec) : w->period_msec;
          set.storage = true;
          set.storage_max = most > set.storage_max ? most : set.storage_max;
          break;
        case TE_WATCH_ATTENTION:
          set.attention = true;
          break;
        case TE_WATCH_HISTOGRAM:
          set.histogram_msec = set.histogram ? shorter (set.histogram_msec, w->period_msec) : w->period_msec;
          set.histogram = true;
          break;
        case TE_WATCH_GRADIENTS:
          set.gradients = true;
          sampled = false;
          break;
        case TE_WATCH_HASHES:
          set.hashes = true;
          sampled = false;
          break;
        case TE_WATCH_NONFINITE:
          set.nonfinite = true;
          sampled = false;
          break;
        case TE_WATCH_OPENING:
          set.opening = most;
          sampled = false;
          break;
        case TE_WATCH_METER:
          set.meter = true;
          set.meter_msec = w->period_msec ? w->period_msec : 500;
          sampled = false;
          break;
        }
      if (sampled && w->period_msec < set.period_msec)
        set.period_msec = w->period_msec;
    }
  pthread_mutex_unlock (&control->mutex);
  s->watch = set;
  s->stats_nsec = s->values_nsec = s->storage_nsec = s->histogram_nsec = 0;
  s->always = samples (&set) && set.period_msec == 0;
  open_window (te_recorder_clock_nsec ());
}

/* Facts take a few hundredths of a program's time: a window that cost much puts the next one off. */
static bool
has_rested (uint64_t now, uint64_t times)
{
  const TeTraceState *s = &te_trace_state;
  return now - s->window_start_nsec >= times * s->watch.period_msec * 1000000u
         && (!s->window_cost_cpu
             || te_trace_cpu_nsec () - s->window_start_cpu >= times * REST_FACTOR * s->window_cost_cpu);
}

void
te_trace_facts_iteration (void)
{
  TeTraceState *s = &te_trace_state;
  uint64_t now = te_recorder_clock_nsec ();
  te_trace_flow_reset ();
  if (s->always || s->opening_left > 0 || has_rested (now, 1))
    {
      open_window (now);
      te_trace_facts_params ();
    }
  else
    s->facts = s->flow = false;
}

/* Programs without iterations, and long ones between two: a window opens by time and closes by cost. */
void
te_trace_facts_look (uint64_t now)
{
  TeTraceState *s = &te_trace_state;
  if (s->watch_version != __atomic_load_n (&s->control->watch_version, __ATOMIC_ACQUIRE))
    {
      te_trace_facts_refresh ();
      if (s->watch.n_one && s->program)
        te_trace_facts_newly_watched ();
    }
  if (!s->facts && !s->n_modules && !s->backward_depth && has_rested (now, 4))
    open_window (now);
  if (s->watch.meter && now >= s->next_meter_nsec)
    {
      s->next_meter_nsec = now + (uint64_t) s->watch.meter_msec * 1000000u;
      tell_meter ();
    }
}

void
te_trace_facts_at_rest (void)
{
  TeTraceState *s = &te_trace_state;
  if (s->watch.opening > 0 && s->opening_left < OPENING_AT_REST)
    s->opening_left = OPENING_AT_REST;
  s->opening_cost_cpu = 0;
  s->facts = s->watch.values || s->watch.storage || s->watch.stats || s->watch.n_one || s->opening_left > 0;
  s->stats_on = s->values_on = s->storage_on = true;
}

void
te_trace_facts_stepping (void)
{
  TeTraceState *s = &te_trace_state;
  te_trace_facts_at_rest ();
  s->facts = samples (&s->watch);
  s->flow = s->watch.attention || s->opening_left > 0;
  s->histogram_on = true;
  s->window_cost_cpu = 0;
}

void
te_trace_facts_begin (void)
{
  if (statm_fd < 0)
    statm_fd = open ("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  te_trace_state.next_meter_nsec = 0;
  te_trace_state.opening_left = 0;
  te_trace_state.opening_cost_cpu = 0;
  te_trace_facts_refresh ();
  te_trace_state.opening_left = te_trace_state.watch.opening;
  open_window (te_recorder_clock_nsec ());
}
