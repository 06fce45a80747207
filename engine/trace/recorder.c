#include "trace/recorder-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STRUCTURE           0
#define DETAIL              1
#define STRUCTURE_WAIT_USEC 50000
#define RESUME_WAIT_USEC    2000000

uint64_t
te_recorder_clock_nsec (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

static TeRing *
shared_ring (TeRecorder *self, int ring)
{
  return ring == STRUCTURE ? &self->segment->structure : &self->segment->detail;
}

bool
te_recorder_init (TeRecorder *self, void *segment, size_t nbytes, int wakeup_fd, TeError *err)
{
  memset (self, 0, sizeof *self);
  TeRingSegment *shared = segment;
  if (nbytes < sizeof *shared || shared->magic != TE_WIRE_MAGIC || shared->version != TE_WIRE_VERSION)
    return te_error_set (err, TE_ERR_VALUE, "not a trace segment of version %d", TE_WIRE_VERSION);
  for (int i = 0; i < 2; i++)
    {
      const TeRing *ring = i == STRUCTURE ? &shared->structure : &shared->detail;
      uint64_t offset = ring->offset, size = ring->nbytes;
      if (offset < sizeof *shared || offset % 64 || size % 64 || size < 4096 || offset > nbytes
          || size > nbytes - offset)
        return te_error_set (err, TE_ERR_VALUE, "a ring lies outside its segment");
      self->rings[i].bytes = (char *) segment + offset;
      self->rings[i].nbytes = size;
      self->rings[i].mask_head = ring->head;
      self->rings[i].tail = ring->tail;
    }
  self->segment = shared;
  self->segment_nbytes = nbytes;
  self->wakeup_fd = wakeup_fd;
  self->begin_nsec = te_recorder_clock_nsec ();
  return true;
}

void
te_recorder_mute (TeRecorder *self)
{
  self->segment = NULL;
  self->wakeup_fd = -1;
}

void
te_recorder_clear (TeRecorder *self)
{
  te_recorder_tables_clear (self);
  memset (self, 0, sizeof *self);
  self->wakeup_fd = -1;
}

static void
wake_reader (TeRecorder *self)
{
  if (__atomic_load_n (&self->segment->consumer_sleeps, __ATOMIC_RELAXED)
      && __atomic_exchange_n (&self->segment->consumer_sleeps, 0, __ATOMIC_ACQ_REL) && self->wakeup_fd >= 0)
    {
      uint64_t one = 1;
      ssize_t written = write (self->wakeup_fd, &one, sizeof one);
      (void) written; /* a full counter wakes as well */
    }
}

/* A reader announces its sleep, then looks at head once more; the fence here pairs with that look.  Ordinary
 * commits go without it: a reader that just fell asleep has a timer, or the next record wakes it. */
void
te_recorder_flush (TeRecorder *self)
{
  if (!self->segment)
    return;
  __atomic_thread_fence (__ATOMIC_SEQ_CST);
  wake_reader (self);
}

/* Bytes that a record of nbytes needs at head, the skip to the ring's start included. */
static uint64_t
need_at (uint64_t head, uint64_t ring_nbytes, uint64_t nbytes)
{
  uint64_t at = head % ring_nbytes;
  return ring_nbytes - at >= nbytes ? nbytes : ring_nbytes - at + nbytes;
}

static bool
wait_for_room (TeRecorder *self, int ring, uint64_t need)
{
  /* A reader that did not come back within one wait is not waited for again until it has. */
  bool waits = ring == STRUCTURE && !self->rings[STRUCTURE].gap_count;
  TeRing *shared = shared_ring (self, ring);
  uint64_t head = self->rings[ring].mask_head, size = self->rings[ring].nbytes;
  /* tail is the reader's: a value that makes no sense counts as "no room". */
#define HAS_ROOM(tail) (head - (tail) <= size && size - (head - (tail)) >= need)
  if (__builtin_expect (HAS_ROOM (self->rings[ring].tail), 1))
    return true;
  self->rings[ring].tail = __atomic_load_n (&shared->tail, __ATOMIC_ACQUIRE);
  if (HAS_ROOM (self->rings[ring].tail))
    return true;
  uint64_t waited_usec = 0;
  for (;;)
    {
      bool lossless = self->waits || __atomic_load_n (&self->segment->lossless, __ATOMIC_RELAXED);
      if (!lossless && (!waits || waited_usec >= STRUCTURE_WAIT_USEC))
        return false;
      self->n_waits++;
      te_recorder_flush (self);
      nanosleep (&(struct timespec){ 0, 100000 }, NULL);
      waited_usec += 150;
      if (HAS_ROOM (__atomic_load_n (&shared->tail, __ATOMIC_ACQUIRE)))
        return true;
    }
#undef HAS_ROOM
}

static void *
write_head (TeRecorder *self, int ring, TeRecordType type, size_t nbytes, uint64_t padded)
{
  uint64_t size = self->rings[ring].nbytes, head = self->rings[ring].mask_head, at = head % size;
  if (size - at < padded)
    {
      /* A run shorter than a header cannot hold a marker; the reader skips it by the same arithmetic. */
      if (size - at >= sizeof (TeRecord))
        *(TeRecord *) (self->rings[ring].bytes + at) = (TeRecord){ .nbytes = (uint32_t) (size - at) };
      head += size - at;
      at = 0;
    }
  TeRecord *record = (TeRecord *) (self->rings[ring].bytes + at);
  *(uint64_t *) ((char *) record + padded - 8) = 0; /* padding; overwritten where the record is full */
  (void) nbytes;
  *record = (TeRecord){ .nbytes = (uint32_t) padded, .type = (uint16_t) type, .seq = self->seq };
  self->rings[ring].pending_head = head + padded;
  self->open_ring = ring;
  return record;
}

static void
tell_gap (TeRecorder *self, int ring)
{
  uint64_t first = self->rings[ring].gap_first, count = self->rings[ring].gap_count;
  uint64_t padded = sizeof (TeRecordGap);
  if (!wait_for_room (self, STRUCTURE,
                      need_at (self->rings[STRUCTURE].mask_head, self->rings[STRUCTURE].nbytes, padded)))
    return;
  self->rings[ring].gap_count = 0;
  self->seq++;
  TeRecordGap *gap = write_head (self, STRUCTURE, TE_RECORD_GAP, padded, padded);
  gap->first_seq = first;
  gap->count = count;
  gap->ring = (uint32_t) ring;
  gap->pad = 0;
  te_recorder_commit (self);
}

static void
note_drop (TeRecorder *self, int ring)
{
  if (!self->rings[ring].gap_count++)
    self->rings[ring].gap_first = self->seq;
  TeRing *shared = shared_ring (self, ring);
  __atomic_store_n (&shared->dropped, shared->dropped + 1, __ATOMIC_RELAXED);
}

void *
te_recorder_reserve (TeRecorder *self, TeRecordType type, size_t nbytes)
{
  if (!self->segment)
    return NULL;
  int ring = te_record_is_detail (type) ? DETAIL : STRUCTURE;
  uint64_t padded = te_wire_pad (nbytes);
  if (ring == STRUCTURE
      && __builtin_expect (self->rings[STRUCTURE].gap_count || self->rings[DETAIL].gap_count, 0))
    {
      if (self->rings[STRUCTURE].gap_count)
        tell_gap (self, STRUCTURE);
      if (self->rings[DETAIL].gap_count)
        tell_gap (self, DETAIL);
    }
  self->seq++;
  self->n_steps = type == TE_RECORD_OP ? 0 : self->n_steps + te_record_is_step (type);
  if (padded > self->rings[ring].nbytes / 4
      || !wait_for_room (self, ring, need_at (self->rings[ring].mask_head, self->rings[ring].nbytes, padded)))
    {
      note_drop (self, ring);
      return NULL;
    }
  return write_head (self, ring, type, nbytes, padded);
}

void
te_recorder_commit (TeRecorder *self)
{
  int ring = self->open_ring;
  self->rings[ring].mask_head = self->rings[ring].pending_head;
  __atomic_store_n (&shared_ring (self, ring)->head, self->rings[ring].mask_head, __ATOMIC_RELEASE);
  wake_reader (self);
}

/* What the other process wrote is read first: its records and ours are not in one order. */
static bool
is_read (TeRecorder *self)
{
  for (int i = 0; i < 2; i++)
    {
      TeRing *shared = shared_ring (self, i);
      if (__atomic_load_n (&shared->tail, __ATOMIC_ACQUIRE) != self->rings[i].mask_head)
        return false;
    }
  return true;
}

void
te_recorder_resume (TeRecorder *self, uint64_t call)
{
  if (!self->segment)
    return;
  for (int i = 0; i < 2; i++)
    {
      self->rings[i].mask_head = __atomic_load_n (&shared_ring (self, i)->head, __ATOMIC_ACQUIRE);
      self->rings[i].tail = __atomic_load_n (&shared_ring (self, i)->tail, __ATOMIC_ACQUIRE);
      self->rings[i].gap_first = self->rings[i].gap_count = 0;
    }
  for (int waited_usec = 0; !is_read (self) && waited_usec < RESUME_WAIT_USEC; waited_usec += 150)
    {
      te_recorder_flush (self);
      nanosleep (&(struct timespec){ 0, 100000 }, NULL);
    }
  uint64_t after = self->seq;
  TeRecordResume *record = te_recorder_reserve (self, TE_RECORD_RESUME, sizeof *record);
  if (!record)
    return;
  record->after_seq = after;
  record->call = call;
  te_recorder_commit (self);
  te_recorder_flush (self);
}

/* ---- records ----
 * EMIT fills everything after the header, so that no byte of an earlier lap of the ring shows through. */
#define EMIT(Type, type_number, ...)                                                                         \
  Type *record = te_recorder_reserve (self, (type_number), sizeof *record);                                  \
  if (record)                                                                                                \
    {                                                                                                        \
      TeRecord head = record->head;                                                                          \
      *record = (Type){ __VA_ARGS__ };                                                                       \
      record->head = head;                                                                                   \
      te_recorder_commit (self);                                                                             \
    }

#define RESERVE_WITH_TEXT(Type, type_number, text_nbytes_value)                                              \
  Type *record = te_recorder_reserve (self, (type_number), sizeof (Type) + (size_t) (text_nbytes_value));    \
  if (!record)                                                                                               \
    return;                                                                                                  \
  memset ((char *) record + sizeof (TeRecord), 0, sizeof (Type) - sizeof (TeRecord))

void
te_recorder_begin (TeRecorder *self, const char *about_json)
{
  size_t nbytes = te_recorder_cut_text (about_json);
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  self->begin_nsec = te_recorder_clock_nsec ();
  RESERVE_WITH_TEXT (TeRecordBegin, TE_RECORD_BEGIN, nbytes);
  record->magic = TE_WIRE_MAGIC;
  record->version = TE_WIRE_VERSION;
  record->time_usec = (uint64_t) now.tv_sec * 1000000u + (uint64_t) now.tv_nsec / 1000;
  record->pid = (uint64_t) getpid ();
  record->about_nbytes = (uint32_t) nbytes;
  if (nbytes)
    memcpy (record + 1, about_json, nbytes);
  te_recorder_commit (self);
}

void
te_recorder_end (TeRecorder *self, int exit_code, int signal, uint16_t flags)
{
  RESERVE_WITH_TEXT (TeRecordEnd, TE_RECORD_END, 0);
  record->head.flags = flags;
  record->exit_code = exit_code;
  record->signal = (uint32_t) signal;
  record->time_nsec = te_recorder_clock_nsec () - self->begin_nsec;
  te_recorder_commit (self);
  te_recorder_flush (self);
}

void
te_recorder_line (TeRecorder *self, uint32_t file, uint32_t line, uint32_t depth, uint32_t event)
{
  EMIT (TeRecordLine, TE_RECORD_LINE, .file = file, .line = line, .depth = depth, .event = event)
}

void
te_recorder_module (
    TeRecorder *self, uint32_t id, uint32_t parent, const char *name, const char *class_name, uint32_t flags)
{
  uint32_t name_id = te_recorder_text (self, name), class_id = te_recorder_text (self, class_name);
  EMIT (TeRecordModule, TE_RECORD_MODULE, .id = id, .parent = parent, .name = name_id, .class_name = class_id,
        .flags = flags)
}

void
te_recorder_module_enter (TeRecorder *self, uint64_t call, uint32_t module, uint32_t pos)
{
  EMIT (TeRecordModuleCall, TE_RECORD_MODULE_ENTER, .call = call, .module = module, .pos = pos)
}

void
te_recorder_module_leave (TeRecorder *self, uint64_t call, uint32_t module, uint32_t pos, bool raised)
{
  EMIT (TeRecordModuleCall, TE_RECORD_MODULE_LEAVE, .call = call, .module = module, .pos = pos,
        .flags = raised)
}

void
te_recorder_param (
    TeRecorder *self, uint64_t tensor, const char *name, uint32_t module, uint32_t index, uint32_t flags)
{
  uint32_t name_id = te_recorder_text (self, name);
  EMIT (TeRecordParam, TE_RECORD_PARAM, .tensor = tensor, .name = name_id, .module = module, .index = index,
        .flags = flags)
}

void
te_recorder_name (TeRecorder *self, uint64_t tensor, uint32_t name, uint32_t pos, uint16_t flags)
{
  TeRecordName *record = te_recorder_reserve (self, TE_RECORD_NAME, sizeof *record);
  if (!record)
    return;
  record->head.flags = flags;
  record->tensor = tensor;
  record->name = name;
  record->pos = pos;
  te_recorder_commit (self);
}

bool
te_recorder_value (TeRecorder *self,
                   uint32_t name,
                   uint32_t type,
                   int64_t n_items,
                   const char *text,
                   size_t nbytes,
                   uint32_t pos,
                   uint16_t flags)
{
  TeRecordValue *record = te_recorder_reserve (self, TE_RECORD_VALUE, sizeof *record + nbytes);
  if (!record)
    return false;
  record->head.flags = flags;
  record->name = name;
  record->type = type;
  record->pos = pos;
  record->text_nbytes = (uint32_t) nbytes;
  record->n_items = n_items;
  memcpy (record + 1, text, nbytes);
  te_recorder_commit (self);
  return true;
}

void
te_recorder_node_begin (TeRecorder *self, uint64_t backward, uint64_t node)
{
  EMIT (TeRecordNodeRun, TE_RECORD_NODE_BEGIN, .backward = backward, .node = node)
}

void
te_recorder_node_end (TeRecorder *self,
                      uint64_t backward,
                      uint64_t node,
                      uint32_t nsec,
                      int n_grads,
                      const uint64_t *grads,
                      bool ok)
{
  if (n_grads > UINT16_MAX)
    n_grads = UINT16_MAX;
  RESERVE_WITH_TEXT (TeRecordNodeRun, TE_RECORD_NODE_END, n_grads * 8);
  record->backward = backward;
  record->node = node;
  record->nsec = nsec;
  record->n_grads = (uint16_t) n_grads;
  record->status = !ok;
  if (n_grads)
    memcpy (record + 1, grads, (size_t) n_grads * 8);
  te_recorder_commit (self);
}

void
te_recorder_accumulate (TeRecorder *self, uint64_t backward, uint64_t tensor, uint64_t grad, bool added)
{
  RESERVE_WITH_TEXT (TeRecordAccumulate, TE_RECORD_ACCUMULATE, 0);
  record->head.flags = added;
  record->backward = backward;
  record->tensor = tensor;
  record->grad = grad;
  te_recorder_commit (self);
}

void
te_recorder_saved_freed (TeRecorder *self, uint64_t node)
{
  EMIT (TeRecordSavedFreed, TE_RECORD_SAVED_FREED, .node = node)
}

void
te_recorder_backward (
    TeRecorder *self, bool begin, uint64_t backward, uint64_t root, uint32_t pos, uint32_t status)
{
  EMIT (TeRecordBackward, begin ? TE_RECORD_BACKWARD_BEGIN : TE_RECORD_BACKWARD_END, .backward = backward,
        .root_node = root, .pos = pos, .status = status)
}

void
te_recorder_storage (TeRecorder *self, bool born, uint64_t storage, uint64_t nbytes, uint64_t call)
{
  EMIT (TeRecordStorage, born ? TE_RECORD_STORAGE_NEW : TE_RECORD_STORAGE_FREE, .storage = storage,
        .nbytes = nbytes, .call = call)
}

void
te_recorder_step (TeRecorder *self, uint64_t step, uint32_t optimizer, const char *name, double lr)
{
  uint32_t name_id = te_recorder_text (self, name);
  EMIT (TeRecordStep, TE_RECORD_STEP, .step = step, .optimizer = optimizer, .name = name_id, .lr = lr)
}

void
te_recorder_iteration (TeRecorder *self, uint64_t iteration)
{
  uint64_t now = te_recorder_clock_nsec () - self->begin_nsec;
  EMIT (TeRecordIteration, TE_RECORD_ITERATION, .iteration = iteration, .time_nsec = now)
}

void
te_recorder_batch (TeRecorder *self, uint64_t batch, uint64_t epoch, uint64_t n_batches)
{
  EMIT (TeRecordBatch, TE_RECORD_BATCH, .batch = batch, .epoch = epoch, .n_batches = n_batches)
}

void
te_recorder_log (TeRecorder *self, uint64_t iteration, const char *name, double value, double x, const char *over,
                 uint32_t pos)
{
  uint32_t name_id = te_recorder_text (self, name), over_id = *over ? te_recorder_text (self, over) : 0;
  EMIT (TeRecordLog, TE_RECORD_LOG, .iteration = iteration, .value = value, .x = x, .name = name_id, .pos = pos,
        .over = over_id)
}

void
te_recorder_print (TeRecorder *self, int stream, const char *text, size_t nbytes, uint32_t pos)
{
  while (nbytes)
    {
      size_t part = nbytes > 16384 ? 16384 : nbytes;
      while (part < nbytes && part > 16000 && ((unsigned char) text[part] & 0xc0) == 0x80)
        part--; /* not inside a character */
      RESERVE_WITH_TEXT (TeRecordPrint, TE_RECORD_PRINT, part);
      record->stream = (uint32_t) stream;
      record->text_nbytes = (uint32_t) part;
      record->pos = pos;
      memcpy (record + 1, text, part);
      te_recorder_commit (self);
      text += part;
      nbytes -= part;
    }
}

void
te_recorder_figure (TeRecorder *self,
                    uint32_t number,
                    uint32_t width,
                    uint32_t height,
                    const void *png,
                    size_t nbytes,
                    uint32_t pos)
{
  for (size_t at = 0; at < nbytes;)
    {
      size_t part = nbytes - at > 16384 ? 16384 : nbytes - at;
      RESERVE_WITH_TEXT (TeRecordFigure, TE_RECORD_FIGURE, part);
      record->number = number;
      record->width = width;
      record->height = height;
      record->png_nbytes = (uint32_t) nbytes;
      record->at_nbyte = (uint32_t) at;
      record->part_nbytes = (uint32_t) part;
      record->pos = pos;
      memcpy (record + 1, (const char *) png + at, part);
      te_recorder_commit (self);
      at += part;
    }
}

void
te_recorder_exception (TeRecorder *self,
                       uint64_t call,
                       uint32_t pos,
                       const char *type,
                       const char *message,
                       const char *traceback)
{
  size_t type_nbytes = te_recorder_cut_text (type), message_nbytes = te_recorder_cut_text (message),
         traceback_nbytes = te_recorder_cut_text (traceback);
  RESERVE_WITH_TEXT (TeRecordException, TE_RECORD_EXCEPTION, type_nbytes + message_nbytes + traceback_nbytes);
  record->call = call;
  record->pos = pos;
  record->type_nbytes = (uint32_t) type_nbytes;
  record->message_nbytes = (uint32_t) message_nbytes;
  record->traceback_nbytes = (uint32_t) traceback_nbytes;
  char *at = (char *) (record + 1);
  memcpy (at, type, type_nbytes);
  memcpy (at + type_nbytes, message, message_nbytes);
  memcpy (at + type_nbytes + message_nbytes, traceback, traceback_nbytes);
  te_recorder_commit (self);
}

void
te_recorder_warning (TeRecorder *self, const char *category, const char *text, uint32_t pos)
{
  uint32_t category_id = te_recorder_text (self, category);
  size_t nbytes = te_recorder_cut_text (text);
  RESERVE_WITH_TEXT (TeRecordWarning, TE_RECORD_WARNING, nbytes);
  record->category = category_id;
  record->pos = pos;
  record->text_nbytes = (uint32_t) nbytes;
  memcpy (record + 1, text, nbytes);
  te_recorder_commit (self);
}

void
te_recorder_knob (TeRecorder *self,
                  const char *name,
                  uint32_t kind,
                  double value,
                  double default_value,
                  double low,
                  double high,
                  bool logarithmic,
                  const char *choices_json)
{
  uint32_t name_id = te_recorder_text (self, name);
  size_t nbytes = te_recorder_cut_text (choices_json);
  RESERVE_WITH_TEXT (TeRecordKnob, TE_RECORD_KNOB, nbytes);
  record->name = name_id;
  record->kind = kind;
  record->value = value;
  record->default_value = default_value;
  record->low = low;
  record->high = high;
  record->flags = logarithmic;
  record->choices_nbytes = (uint32_t) nbytes;
  if (nbytes)
    memcpy (record + 1, choices_json, nbytes);
  te_recorder_commit (self);
}

void
te_recorder_knob_set (TeRecorder *self, const char *name, double value, uint32_t nth)
{
  uint32_t name_id = te_recorder_text (self, name);
  EMIT (TeRecordKnobSet, TE_RECORD_KNOB_SET, .name = name_id, .nth = nth, .value = value)
}

void
te_recorder_file (
    TeRecorder *self, const char *path, uint64_t nbytes, uint64_t hash, const char *content, uint16_t flags)
{
  uint32_t path_id = te_recorder_text (self, path);
  RESERVE_WITH_TEXT (TeRecordFile, TE_RECORD_FILE, content ? nbytes : 0);
  record->head.flags = flags;
  record->path = path_id;
  record->nbytes = nbytes;
  record->hash = hash;
  record->content_nbytes = content ? (uint32_t) nbytes : 0;
  if (content)
    memcpy (record + 1, content, nbytes);
  te_recorder_commit (self);
}

void
te_recorder_clock_read (TeRecorder *self, uint32_t clock, int64_t nsec)
{
  EMIT (TeRecordClock, TE_RECORD_CLOCK, .nsec = nsec, .clock = clock)
}

void
te_recorder_named (
    TeRecorder *self, TeRecordType type, const char *name, const char *text, uint32_t pos, int flags)
{
  uint32_t name_id = te_recorder_text (self, name);
  size_t nbytes = te_recorder_cut_text (text);
  RESERVE_WITH_TEXT (TeRecordNamed, type, nbytes);
  record->head.flags = (uint16_t) flags;
  record->name = name_id;
  record->pos = pos;
  record->text_nbytes = (uint32_t) nbytes;
  if (nbytes)
    memcpy (record + 1, text, nbytes);
  te_recorder_commit (self);
}

void
te_recorder_show (TeRecorder *self,
                  uint64_t tensor,
                  const char *view,
                  const char *name,
                  const char *labels_json,
                  uint32_t pos)
{
  uint32_t view_id = te_recorder_text (self, view), name_id = te_recorder_text (self, name);
  size_t nbytes = te_recorder_cut_text (labels_json);
  RESERVE_WITH_TEXT (TeRecordShow, TE_RECORD_SHOW, nbytes);
  record->tensor = tensor;
  record->view = view_id;
  record->pos = pos;
  record->name = name_id;
  record->text_nbytes = (uint32_t) nbytes;
  if (nbytes)
    memcpy (record + 1, labels_json, nbytes);
  te_recorder_commit (self);
}

void
te_recorder_state (TeRecorder *self, TeState state, uint32_t pos, const char *text, uint32_t unit)
{
  size_t nbytes = te_recorder_cut_text (text);
  RESERVE_WITH_TEXT (TeRecordState, TE_RECORD_STATE, nbytes);
  record->state = state;
  record->pos = pos;
  record->text_nbytes = (uint32_t) nbytes;
  record->unit = unit;
  if (nbytes)
    memcpy (record + 1, text, nbytes);
  te_recorder_commit (self);
  te_recorder_flush (self);
}

void
te_recorder_gradient (TeRecorder *self, const TeFactGradient *fact)
{
  EMIT (TeFactGradient, TE_FACT_GRADIENT, .iteration = fact->iteration, .tensor = fact->tensor,
        .param = fact->param, .flags = fact->flags, .grad_norm = fact->grad_norm,
        .param_norm = fact->param_norm, .update_norm = fact->update_norm, .nans = fact->nans,
        .infs = fact->infs)
}

void
te_recorder_stats (TeRecorder *self, const TeFactStats *fact)
{
  TeFactStats *record = te_recorder_reserve (self, TE_FACT_STATS, sizeof *record);
  if (!record)
    return;
  memcpy ((char *) record + sizeof (TeRecord), (const char *) fact + sizeof (TeRecord),
          sizeof *fact - sizeof (TeRecord));
  te_recorder_commit (self);
}

void
te_recorder_hash (TeRecorder *self, uint64_t call, uint64_t tensor, uint32_t output_nr, uint64_t hash)
{
  EMIT (TeFactHash, TE_FACT_HASH, .call = call, .tensor = tensor, .hash = hash, .output_nr = output_nr)
}

void
te_recorder_meter (TeRecorder *self,
                   uint64_t cpu_nsec,
                   uint64_t rss_nbytes,
                   uint64_t engine_nbytes,
                   uint64_t engine_peak_nbytes,
                   double steps_per_second)
{
  uint64_t now = te_recorder_clock_nsec () - self->begin_nsec;
  EMIT (TeFactMeter, TE_FACT_METER, .time_nsec = now, .cpu_nsec = cpu_nsec, .rss_nbytes = rss_nbytes,
        .engine_nbytes = engine_nbytes, .engine_peak_nbytes = engine_peak_nbytes,
        .steps_per_second = steps_per_second)
}
