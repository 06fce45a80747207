#include "models/memory-model.h"

#include "models/follower.h"
#include "models/record-check.h"

#define MOST_SAMPLES 16384
#define MOST_BLOCKS  262144

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

static GbMemoryKind
kind_now (const GbMemoryBlock *block)
{
  return block->kind == GB_MEMORY_OTHER && block->n_saved ? GB_MEMORY_SAVED : block->kind;
}

static GbMemoryBlock *
find_block (GbMemory *self, guint64 storage)
{
  guint at = GPOINTER_TO_UINT (g_hash_table_lookup (self->alive, key (storage)));
  return at ? &g_array_index (self->blocks, GbMemoryBlock, at - 1) : NULL;
}

/* ---- the sums ---- */
static void
keep_larger (GbMemorySample *self, const GbMemorySample *other)
{
  if (gb_memory_total (other) > gb_memory_total (self))
    {
      memcpy (self->nbytes, other->nbytes, sizeof self->nbytes);
      self->at = other->at;
    }
  self->end = other->end;
  self->n += other->n;
}

/* Neighbours become one that shows the larger sum, so that peaks stay; from here on all are as wide. */
static void
merge_samples (GbMemory *self)
{
  GbMemorySample *samples = (GbMemorySample *) self->samples->data;
  guint kept = 0;

  for (guint i = 0; i < self->samples->len; i += 2)
    {
      samples[kept] = samples[i];
      if (i + 1 < self->samples->len)
        keep_larger (&samples[kept], &samples[i + 1]);
      kept++;
    }
  g_array_set_size (self->samples, kept);
  self->stride *= 2;
}

static void
note_sums (GbMemory *self, guint64 seq)
{
  GbMemorySample sample = { .seq = seq, .end = seq, .at = seq, .n = 1 };
  GbMemorySample *last =
      self->samples->len ? &g_array_index (self->samples, GbMemorySample, self->samples->len - 1) : NULL;
  guint64 total;

  memcpy (sample.nbytes, self->nbytes, sizeof sample.nbytes);
  total = gb_memory_total (&sample);
  if (total > self->peak_nbytes)
    {
      self->peak_nbytes = total;
      self->peak_seq = seq;
    }
  if (last && last->n < self->stride)
    {
      keep_larger (last, &sample);
      return;
    }
  if (last)
    last->end = seq - 1;
  if (self->samples->len >= MOST_SAMPLES)
    merge_samples (self);
  g_array_append_val (self->samples, sample);
}

static void
set_kind (GbMemory *self, GbMemoryBlock *block, GbMemoryKind kind, guint64 seq)
{
  GbMemoryKind before = kind_now (block);

  if (block->kind == kind)
    return;
  block->kind = kind;
  self->nbytes[before] -= block->nbytes;
  self->nbytes[kind_now (block)] += block->nbytes;
  note_sums (self, seq);
}

/* ---- births and deaths ---- */
/* Of very many, those that died long ago are forgotten: the sums keep what they were. */
static void
drop_old (GbMemory *self)
{
  guint kept = 0;

  self->forgot = TRUE;
  g_hash_table_remove_all (self->alive);
  for (guint i = 0; i < self->blocks->len; i++)
    {
      GbMemoryBlock block = g_array_index (self->blocks, GbMemoryBlock, i);
      if (block.died && i < self->blocks->len / 2)
        continue;
      g_array_index (self->blocks, GbMemoryBlock, kept++) = block;
      if (block.died == 0)
        g_hash_table_insert (self->alive, key (block.storage), GUINT_TO_POINTER (kept));
    }
  g_array_set_size (self->blocks, kept);
}

static void
take_death (GbMemory *self, const TeRecordStorage *record)
{
  GbMemoryBlock *block = find_block (self, record->storage);

  if (block == NULL)
    return;
  block->died = record->head.seq;
  self->nbytes[kind_now (block)] -= block->nbytes;
  g_hash_table_remove (self->alive, key (record->storage));
  note_sums (self, record->head.seq);
}

static void
take_birth (GbMemory *self, const TeRecordStorage *record)
{
  GbMemoryBlock block = { .storage = record->storage,
                          .nbytes = record->nbytes,
                          .born = record->head.seq,
                          .call = record->call,
                          .optimizer = self->optimizer,
                          .pos = self->step_pos,
                          .kind = self->optimizer ? GB_MEMORY_STATE : GB_MEMORY_OTHER };

  if (record->nbytes == 0)
    return;
  /* Its death was not told. */
  if (find_block (self, record->storage))
    take_death (self, record);
  if (self->blocks->len >= MOST_BLOCKS)
    drop_old (self);
  g_array_append_val (self->blocks, block);
  g_hash_table_insert (self->alive, key (record->storage), GUINT_TO_POINTER (self->blocks->len));
  self->nbytes[block.kind] += block.nbytes;
  note_sums (self, block.born);
}

/* ---- what they are for ---- */
static GbMemoryBlock *
mark_tensor (GbMemory *self, GbTrace *trace, guint64 tensor, GbMemoryKind kind, guint64 seq)
{
  GbTensor t;
  GbMemoryBlock *block = gb_trace_get_tensor (trace, tensor, seq, &t) ? find_block (self, t.storage) : NULL;
  if (block)
    set_kind (self, block, kind, seq);
  return block;
}

static void
take_gradient (GbMemory *self, GbTrace *trace, const TeRecordAccumulate *record)
{
  GbMemoryBlock *block = mark_tensor (self, trace, record->grad, GB_MEMORY_GRAD, record->head.seq);
  if (block)
    block->grad_of = record->tensor;
}

static void
take_saved (GbMemory *self, const TeRecordNode *record)
{
  const TeWireEdge *edges = (const TeWireEdge *) (record + 1);
  const TeWireSaved *saved = (const TeWireSaved *) (edges + record->n_edges);
  g_autoptr (GArray) ids = NULL;

  for (guint i = 0; i < record->n_saved; i++)
    {
      GbMemoryBlock *block = find_block (self, saved[i].storage);
      GbMemoryKind before;
      if (block == NULL)
        continue;
      before = kind_now (block);
      if (block->n_saved++ == 0)
        block->saved_from = record->head.seq, block->saved_until = 0;
      if (ids == NULL)
        ids = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_array_append_val (ids, saved[i].storage);
      if (kind_now (block) == before)
        continue;
      self->nbytes[before] -= block->nbytes;
      self->nbytes[kind_now (block)] += block->nbytes;
      note_sums (self, record->head.seq);
    }
  if (ids && g_hash_table_size (self->saved_of_node) < MOST_BLOCKS)
    g_hash_table_insert (self->saved_of_node, key (record->node), g_steal_pointer (&ids));
}

static void
take_freed (GbMemory *self, const TeRecordSavedFreed *record)
{
  const GArray *ids = g_hash_table_lookup (self->saved_of_node, key (record->node));

  for (guint i = 0; ids && i < ids->len; i++)
    {
      GbMemoryBlock *block = find_block (self, g_array_index (ids, guint64, i));
      GbMemoryKind before;
      if (block == NULL || block->n_saved == 0)
        continue;
      before = kind_now (block);
      if (--block->n_saved == 0)
        block->saved_until = record->head.seq;
      if (kind_now (block) == before)
        continue;
      self->nbytes[before] -= block->nbytes;
      self->nbytes[kind_now (block)] += block->nbytes;
      note_sums (self, record->head.seq);
    }
  if (ids)
    g_hash_table_remove (self->saved_of_node, key (record->node));
}

static void
take_param_outputs (GbMemory *self, const TeRecordOpEnd *end)
{
  for (guint i = 0; i < end->n_outputs; i++)
    {
      const TeWireTensor *wire = gb_record_output (end, i);
      GbMemoryBlock *block = wire->flags & TE_WIRE_PARAMETER ? find_block (self, wire->storage) : NULL;
      if (block)
        set_kind (self, block, GB_MEMORY_PARAM, end->head.seq);
    }
}

static void
take (gpointer data, GbTrace *trace, const TeRecord *record)
{
  GbMemory *self = data;

  if (self->blocks == NULL)
    {
      self->blocks = g_array_new (FALSE, FALSE, sizeof (GbMemoryBlock));
      self->samples = g_array_new (FALSE, FALSE, sizeof (GbMemorySample));
      self->stride = 1;
      self->alive = g_hash_table_new (NULL, NULL);
      self->optimizer_names = g_hash_table_new (NULL, NULL);
      self->saved_of_node = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
    }
  switch (record->type)
    {
    case TE_RECORD_STORAGE_NEW:
      take_birth (self, (const TeRecordStorage *) record);
      break;
    case TE_RECORD_STORAGE_FREE:
      take_death (self, (const TeRecordStorage *) record);
      break;
    case TE_RECORD_PARAM:
      if (!(((const TeRecordParam *) record)->flags & TE_WIRE_UNREGISTERED))
        mark_tensor (self, trace, ((const TeRecordParam *) record)->tensor, GB_MEMORY_PARAM, record->seq);
      break;
    case TE_RECORD_TENSOR:
      if (((const TeRecordTensor *) record)->tensor.flags & TE_WIRE_PARAMETER)
        mark_tensor (self, trace, ((const TeRecordTensor *) record)->tensor.tensor, GB_MEMORY_PARAM,
                     record->seq);
      break;
    case TE_RECORD_OP_END:
      take_param_outputs (self, (const TeRecordOpEnd *) record);
      break;
    case TE_RECORD_ACCUMULATE:
      take_gradient (self, trace, (const TeRecordAccumulate *) record);
      break;
    case TE_RECORD_NODE:
      take_saved (self, (const TeRecordNode *) record);
      break;
    case TE_RECORD_SAVED_FREED:
      take_freed (self, (const TeRecordSavedFreed *) record);
      break;
    case TE_RECORD_OPTIMIZER:
      g_hash_table_insert (self->optimizer_names,
                           GUINT_TO_POINTER (((const TeRecordOptimizer *) record)->optimizer),
                           GUINT_TO_POINTER (((const TeRecordOptimizer *) record)->name));
      break;
    case TE_RECORD_STEP_BEGIN:
      self->optimizer = ((const TeRecordStepBegin *) record)->optimizer;
      self->step_pos = ((const TeRecordStepBegin *) record)->pos;
      break;
    case TE_RECORD_STEP:
      self->optimizer = self->step_pos = 0;
      break;
    case TE_RECORD_GAP:
      self->n_skipped += ((const TeRecordGap *) record)->count;
      break;
    default:
      break;
    }
}

static void
clear (gpointer data)
{
  GbMemory *self = data;
  g_clear_pointer (&self->blocks, g_array_unref);
  g_clear_pointer (&self->samples, g_array_unref);
  g_clear_pointer (&self->alive, g_hash_table_unref);
  g_clear_pointer (&self->saved_of_node, g_hash_table_unref);
  g_clear_pointer (&self->optimizer_names, g_hash_table_unref);
}

static const GbFollowerClass follower = { "memory", sizeof (GbMemory), take, clear };

/* ---- questions ---- */
const GbMemory *
gb_memory_of (GbTrace *trace)
{
  return gb_follower_of (trace, &follower);
}

guint64
gb_memory_total (const GbMemorySample *sample)
{
  guint64 sum = 0;
  for (guint i = 0; i < GB_N_MEMORY_KINDS; i++)
    sum += sample->nbytes[i];
  return sum;
}

const GbMemorySample *
gb_memory_at (const GbMemory *self, guint64 seq)
{
  const GbMemorySample *best = NULL;

  for (guint low = 0, high = self->samples ? self->samples->len : 0; low < high;)
    {
      guint middle = (low + high) / 2;
      const GbMemorySample *sample = &g_array_index (self->samples, GbMemorySample, middle);
      if (sample->seq <= seq)
        best = sample, low = middle + 1;
      else
        high = middle;
    }
  return best;
}

GbMemoryKind
gb_memory_kind_at (const GbMemoryBlock *block, guint64 seq)
{
  if (block->kind != GB_MEMORY_OTHER)
    return block->kind;
  return block->saved_from && block->saved_from <= seq
                 && (block->saved_until == 0 || block->saved_until > seq)
             ? GB_MEMORY_SAVED
             : GB_MEMORY_OTHER;
}

static int
compare_blocks (gconstpointer a, gconstpointer b, gpointer data)
{
  const GArray *blocks = data;
  guint i = *(const guint *) a, k = *(const guint *) b;
  guint64 x = g_array_index (blocks, GbMemoryBlock, i).nbytes,
          y = g_array_index (blocks, GbMemoryBlock, k).nbytes;
  return x > y ? -1 : x < y ? 1 : i < k ? -1 : i > k;
}

GArray *
gb_memory_list (const GbMemory *self, guint64 seq)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; self->blocks && i < self->blocks->len; i++)
    {
      const GbMemoryBlock *block = &g_array_index (self->blocks, GbMemoryBlock, i);
      if (block->born <= seq && (block->died == 0 || block->died > seq))
        g_array_append_val (list, i);
    }
  if (list->len)
    g_array_sort_with_data (list, compare_blocks, self->blocks);
  return list;
}

GbMemorySample
gb_memory_sum (const GbMemory *self, const GArray *list, guint64 seq)
{
  GbMemorySample sum = { .seq = seq, .end = seq, .at = seq, .n = 1 };

  for (guint i = 0; i < list->len; i++)
    {
      const GbMemoryBlock *block =
          &g_array_index (self->blocks, GbMemoryBlock, g_array_index (list, guint, i));
      sum.nbytes[gb_memory_kind_at (block, seq)] += block->nbytes;
    }
  return sum;
}

static gboolean
has_word (const char *list, const char *name)
{
  g_auto (GStrv) words = g_strsplit (list, ", ", -1);
  return g_strv_contains ((const char *const *) words, name);
}

char *
gb_memory_dup_label (const GbMemory *self, GbTrace *trace, const GbMemoryBlock *block, guint64 seq)
{
  g_autoptr (GArray) owners = gb_trace_storage_owners (trace, block->storage, seq);
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = 0;
  GbOp op;

  for (guint i = 0; i < owners->len && n < 3; i++)
    {
      const char *name = gb_trace_get_tensor_name (trace, g_array_index (owners, guint64, i), seq);
      if (name == NULL || name[0] == 0 || has_word (names->str, name))
        continue;
      g_string_append_printf (names, "%s%s", n ? ", " : "", name);
      n++;
    }
  if (n)
    return g_strdup (names->str);
  if (block->grad_of)
    {
      g_autofree char *of = gb_trace_dup_tensor_label (trace, block->grad_of, seq);
      return g_strconcat (of, ".grad", NULL);
    }
  if (block->call && gb_trace_get_op (trace, block->call, &op))
    return g_strdup (gb_trace_op_name (trace, &op));
  if (block->optimizer)
    return g_strconcat (
        gb_trace_get_string (trace, GPOINTER_TO_UINT (g_hash_table_lookup (
                                        self->optimizer_names, GUINT_TO_POINTER (block->optimizer)))),
        ".state", NULL);
  if (owners->len)
    return gb_trace_dup_tensor_label (trace, g_array_index (owners, guint64, 0), seq);
  return g_strdup_printf ("#%" G_GUINT64_FORMAT, block->storage);
}

static const GbPosition *
op_position (GbTrace *trace, guint64 call)
{
  GbOp op;
  if (call == 0 || !gb_trace_get_op (trace, call, &op))
    return NULL;
  return gb_trace_get_position (trace, op.record->caller_pos ? op.record->caller_pos : op.record->pos);
}

const GbPosition *
gb_memory_position (GbTrace *trace, const GbMemoryBlock *block)
{
  const GbPosition *position = op_position (trace, block->call);
  return position ? position : gb_trace_get_position (trace, block->pos);
}

guint64
gb_memory_peak (const GbMemory *self, GbTrace *trace, guint64 seq, guint64 *at, const GbPosition **position)
{
  guint64 most = 0;

  *at = 0;
  *position = NULL;
  for (guint i = 0; self->samples && i < self->samples->len; i++)
    {
      const GbMemorySample *sample = &g_array_index (self->samples, GbMemorySample, i);
      if (sample->seq > seq)
        break;
      if (gb_memory_total (sample) > most)
        most = gb_memory_total (sample), *at = sample->at;
    }
  if (*at)
    *position = op_position (trace, gb_trace_get_last_call_at (trace, *at));
  return most;
}

/* ---- what grows ---- */
/* Fewer iterations than this prove nothing: a short queue fills, an optimiser makes its state. */
#define GROWN_FOR 4

typedef struct
{
  gint64 nbytes; /* alive at the end more than at the beginning */
  guint born_in; /* a bit per iteration that left something alive */
} LineGrowth;

static gboolean
is_alive (const GbMemoryBlock *block, guint64 seq)
{
  return block->born <= seq && (block->died == 0 || block->died > seq);
}

/* Ends of the last GROWN_FOR + 1 iterations, the oldest first; FALSE: there are not as many on end. */
static gboolean
last_ends (GbTrace *trace, guint64 seq, guint64 *ends)
{
  guint n = gb_trace_get_n_iterations (trace);

  while (n > 0 && gb_trace_get_iteration (trace, n - 1)->last_seq > seq)
    n--;
  if (n <= GROWN_FOR
      || gb_trace_get_iteration (trace, n - 1)->iteration
                 - gb_trace_get_iteration (trace, n - 1 - GROWN_FOR)->iteration
             != GROWN_FOR)
    return FALSE;
  for (guint i = 0; i <= GROWN_FOR; i++)
    ends[i] = gb_trace_get_iteration (trace, n - 1 - GROWN_FOR + i)->last_seq;
  return TRUE;
}

static void
grow_line (GHashTable *lines, const GbPosition *position, const GbMemoryBlock *block, const guint64 *ends)
{
  gpointer line = GUINT_TO_POINTER (position->line);
  LineGrowth *one = g_hash_table_lookup (lines, line);

  if (one == NULL)
    g_hash_table_insert (lines, line, one = g_new0 (LineGrowth, 1));
  if (is_alive (block, ends[0]))
    one->nbytes -= (gint64) block->nbytes;
  if (!is_alive (block, ends[GROWN_FOR]))
    return;
  one->nbytes += (gint64) block->nbytes;
  for (guint i = 0; i < GROWN_FOR; i++)
    if (block->born > ends[i] && block->born <= ends[i + 1])
      one->born_in |= 1u << i;
}

GbMemoryGrowth
gb_memory_growth (const GbMemory *self, GbTrace *trace, guint64 seq)
{
  g_autoptr (GHashTable) lines = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  GbMemoryGrowth most = { .n_iterations = GROWN_FOR };
  guint64 ends[GROWN_FOR + 1];

  if (self->blocks == NULL || !last_ends (trace, seq, ends))
    return most;
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const GbMemoryBlock *block = &g_array_index (self->blocks, GbMemoryBlock, i);
      const GbPosition *position = NULL;
      if (is_alive (block, ends[0]) || is_alive (block, ends[GROWN_FOR]))
        position = gb_memory_position (trace, block);
      if (position)
        grow_line (lines, position, block, ends);
    }
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const GbMemoryBlock *block = &g_array_index (self->blocks, GbMemoryBlock, i);
      const GbPosition *position =
          is_alive (block, ends[GROWN_FOR]) ? gb_memory_position (trace, block) : NULL;
      const LineGrowth *one =
          position ? g_hash_table_lookup (lines, GUINT_TO_POINTER (position->line)) : NULL;
      if (one == NULL || one->born_in != (1u << GROWN_FOR) - 1
          || one->nbytes / GROWN_FOR <= (gint64) most.nbytes)
        continue;
      most.position = position;
      most.nbytes = (guint64) one->nbytes / GROWN_FOR;
    }
  return most;
}
