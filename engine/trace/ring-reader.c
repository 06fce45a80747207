#include "trace/ring-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/record.h"

typedef struct
{
  char *bytes; /* private copy of what was taken and not yet merged */
  size_t start, end, capacity;
} Taken;

typedef struct
{
  uint64_t offset, nbytes; /* our own; those in the segment are for the writer */
  uint64_t tail;
} Geometry;

struct TeRingReader
{
  int fd;
  TeRingSegment *segment;
  size_t nbytes;
  Geometry rings[2];
  Taken taken[2];
  char *out;
  size_t out_nbytes, out_capacity;
  uint64_t last_seq;
  bool left[2];       /* more is in that ring than was taken */
  bool awaits_resume; /* the next detail record belongs behind a RESUME that has not been seen yet */
  bool broken;
  TeError error;
};

#define ROUND 65536u

static TeRing *
shared_ring (TeRingReader *self, int ring)
{
  return ring == 0 ? &self->segment->structure : &self->segment->detail;
}

void
te_ring_reader_reset (TeRingReader *self)
{
  TeRingSegment *segment = self->segment;
  segment->magic = TE_WIRE_MAGIC;
  segment->version = TE_WIRE_VERSION;
  segment->nbytes = self->nbytes;
  segment->pause = 0;
  segment->consumer_sleeps = 0;
  for (int i = 0; i < 2; i++)
    {
      TeRing *ring = shared_ring (self, i);
      ring->offset = self->rings[i].offset;
      ring->nbytes = self->rings[i].nbytes;
      ring->dropped = 0;
      self->rings[i].tail = 0;
      __atomic_store_n (&ring->head, 0, __ATOMIC_RELEASE);
      __atomic_store_n (&ring->tail, 0, __ATOMIC_RELEASE);
      self->taken[i].start = self->taken[i].end = 0;
    }
  self->last_seq = 0;
  self->broken = self->awaits_resume = false;
}

TeRingReader *
te_ring_reader_new (size_t structure_nbytes, size_t detail_nbytes, TeError *err)
{
  TeRingReader *self = calloc (1, sizeof *self);
  if (!self)
    {
      te_error_no_memory (err);
      return NULL;
    }
  self->fd = -1;
  size_t sizes[2] = { (structure_nbytes + ROUND - 1) / ROUND * ROUND,
                      (detail_nbytes + ROUND - 1) / ROUND * ROUND };
  uint64_t at = (sizeof (TeRingSegment) + 4095) / 4096 * 4096;
  for (int i = 0; i < 2; i++)
    {
      self->rings[i] = (Geometry){ at, sizes[i] ? sizes[i] : ROUND, 0 };
      at += self->rings[i].nbytes;
    }
  self->nbytes = at;
  self->fd = memfd_create ("gradboard-trace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  void *map = MAP_FAILED;
  if (self->fd >= 0 && !ftruncate (self->fd, (off_t) at)
      && !fcntl (self->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
    map = mmap (NULL, at, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
  if (map == MAP_FAILED)
    {
      te_error_set (err, TE_ERR_RUNTIME, "no shared memory for the trace: %s", strerror (errno));
      te_ring_reader_free (self);
      return NULL;
    }
  self->segment = map;
  te_ring_reader_reset (self);
  return self;
}

void
te_ring_reader_free (TeRingReader *self)
{
  if (!self)
    return;
  if (self->segment)
    munmap (self->segment, self->nbytes);
  if (self->fd >= 0)
    close (self->fd);
  free (self->taken[0].bytes);
  free (self->taken[1].bytes);
  free (self->out);
  free (self);
}

int
te_ring_reader_get_fd (TeRingReader *self)
{
  return self->fd;
}

TeRingSegment *
te_ring_reader_get_segment (TeRingReader *self)
{
  return self->segment;
}

uint64_t
te_ring_reader_get_dropped (TeRingReader *self)
{
  return self->segment->structure.dropped + self->segment->detail.dropped;
}

static bool
fail (TeRingReader *self, int ring, const char *why)
{
  self->broken = true;
  return te_error_set (&self->error, TE_ERR_VALUE,
                       "the trace of this interpreter is corrupt: %s ring after record %llu: %s",
                       ring ? "detail" : "structure", (unsigned long long) self->last_seq, why);
}

static bool
grow (char **bytes, size_t *capacity, size_t need)
{
  if (need <= *capacity)
    return true;
  size_t next = *capacity ? *capacity : ROUND;
  while (next < need)
    next *= 2;
  char *grown = realloc (*bytes, next);
  if (!grown)
    return false;
  *bytes = grown;
  *capacity = next;
  return true;
}

/* Copies what lies between tail and head, skips left out, and gives the room back. */
static bool
take (TeRingReader *self, int ring, size_t max_nbytes)
{
  Geometry *geometry = &self->rings[ring];
  Taken *taken = &self->taken[ring];
  uint64_t head = __atomic_load_n (&shared_ring (self, ring)->head, __ATOMIC_ACQUIRE);
  uint64_t available = head - geometry->tail;
  if (available > geometry->nbytes || available % 8)
    return fail (self, ring, "its head makes no sense");
  if (taken->start)
    {
      memmove (taken->bytes, taken->bytes + taken->start, taken->end - taken->start);
      taken->end -= taken->start;
      taken->start = 0;
    }
  self->left[ring] = available > max_nbytes;
  if (available > max_nbytes)
    available = max_nbytes & ~(uint64_t) 7; /* a record cut here is finished by the next call */
  if (!available)
    return true;
  if (!grow (&taken->bytes, &taken->capacity, taken->end + available))
    return fail (self, ring, "no memory to copy it");
  const char *bytes = (const char *) self->segment + geometry->offset;
  uint64_t at = geometry->tail % geometry->nbytes, first = geometry->nbytes - at;
  if (first > available)
    first = available;
  memcpy (taken->bytes + taken->end, bytes + at, first);
  memcpy (taken->bytes + taken->end + first, bytes, available - first);
  taken->end += available;
  geometry->tail += available;
  __atomic_store_n (&shared_ring (self, ring)->tail, geometry->tail, __ATOMIC_RELEASE);
  return true;
}

/* The next whole record of a ring in private memory; NULL when there is none yet (ok) or it is bad (!ok). */
static const TeRecord *
peek (TeRingReader *self, int ring, bool *ok)
{
  Taken *taken = &self->taken[ring];
  TeError why;
  *ok = true;
  for (;;)
    {
      size_t left = taken->end - taken->start;
      uint64_t at = (self->rings[ring].tail - left) % self->rings[ring].nbytes;
      uint64_t run = self->rings[ring].nbytes - at;
      if (run < sizeof (TeRecord)) /* too short for a marker: skipped by arithmetic on both sides */
        {
          if (left < run)
            return NULL;
          taken->start += run;
          continue;
        }
      if (left < sizeof (TeRecord))
        return NULL;
      const TeRecord *record = (const TeRecord *) (taken->bytes + taken->start);
      if (record->type == 0)
        {
          if (record->nbytes != run)
            {
              *ok = fail (self, ring, "a skip that does not end at the ring's end");
              return NULL;
            }
          if (left < run)
            return NULL;
          taken->start += run;
          continue;
        }
      if (record->nbytes > run || record->nbytes < sizeof *record)
        {
          *ok = fail (self, ring, "a record that leaves the ring");
          return NULL;
        }
      if (record->nbytes > left)
        return NULL;
      if (!te_record_check (record, left, &why))
        {
          *ok = fail (self, ring, why.text);
          return NULL;
        }
      if (te_record_is_detail (record->type) != (ring == 1))
        {
          *ok = fail (self, ring, "a record of the other ring");
          return NULL;
        }
      return record;
    }
}

static bool
emit (TeRingReader *self, int ring, const TeRecord *record)
{
  if (!te_record_follows (record, self->last_seq))
    return fail (self, ring, "a record out of order");
  if (!grow (&self->out, &self->out_capacity, self->out_nbytes + record->nbytes))
    return fail (self, ring, "no memory to merge it");
  memcpy (self->out + self->out_nbytes, record, record->nbytes);
  self->out_nbytes += record->nbytes;
  self->last_seq = record->seq;
  self->taken[ring].start += record->nbytes;
  return true;
}

/* A RESUME ends what is wound back, and what comes behind it counts on from a smaller seq.  So details of
 * what is wound back come before it, and *waits says that some of them are still in the ring. */
static bool
emit_resume (TeRingReader *self, const TeRecord *resume, bool last, bool *waits)
{
  bool ok;
  const TeRecord *detail;
  while ((detail = peek (self, 1, &ok)) && detail->seq > self->last_seq)
    if (!emit (self, 1, detail))
      return false;
  *waits = !detail && !last && (self->left[1] || self->taken[1].end > self->taken[1].start);
  return ok && (*waits || emit (self, 0, resume));
}

/* No structure is left, and the next detail is older than what was told: the RESUME between them was
 * published before it, so that it is there when structure is looked at anew, if it ever was. */
static bool
wait_for_resume (TeRingReader *self, bool last)
{
  bool seen_all = self->awaits_resume || last;
  self->awaits_resume = !self->left[0];
  return self->left[0] || !seen_all || fail (self, 1, "a record out of order");
}

/* Structure is looked at first: a detail record older than anything visible there is visible too.  The other
 * way round that does not hold, so a detail record waits unless it is the very next one. */
static bool
merge (TeRingReader *self, bool last)
{
  bool ok, waits;
  for (;;)
    {
      const TeRecord *structure = peek (self, 0, &ok);
      if (!ok)
        return false;
      const TeRecord *detail = peek (self, 1, &ok);
      if (!ok)
        return false;
      bool is_stale = detail && detail->seq <= self->last_seq;
      if (structure && structure->type == TE_RECORD_RESUME)
        {
          self->awaits_resume = false;
          if (!emit_resume (self, structure, last, &waits))
            return false;
          if (waits)
            return true;
        }
      else if (structure && (!detail || is_stale || structure->seq < detail->seq))
        {
          bool detail_is_cut = !detail && (self->left[1] || self->taken[1].end > self->taken[1].start);
          if (detail_is_cut && !last && structure->seq != self->last_seq + 1)
            return true; /* what is missing may come first */
          if (!emit (self, 0, structure))
            return false;
        }
      else if (is_stale)
        return wait_for_resume (self, last);
      else if (detail && (structure || last || detail->seq == self->last_seq + 1))
        {
          if (!emit (self, 1, detail))
            return false;
        }
      else
        return true;
    }
}

const void *
te_ring_reader_drain (TeRingReader *self, size_t max_nbytes, bool last, size_t *nbytes, TeError *err)
{
  *nbytes = 0;
  self->out_nbytes = 0;
  if (!self->broken && take (self, 0, last ? SIZE_MAX : max_nbytes)
      && take (self, 1, last ? SIZE_MAX : max_nbytes))
    merge (self, last);
  if (self->out_nbytes || !self->broken)
    {
      *nbytes = self->out_nbytes;
      return self->out ? self->out : (const void *) self->segment;
    }
  if (err)
    *err = self->error;
  return NULL;
}

bool
te_ring_reader_sleep (TeRingReader *self)
{
  __atomic_store_n (&self->segment->consumer_sleeps, 1, __ATOMIC_SEQ_CST);
  __atomic_thread_fence (__ATOMIC_SEQ_CST);
  for (int i = 0; i < 2; i++)
    if (__atomic_load_n (&shared_ring (self, i)->head, __ATOMIC_ACQUIRE) != self->rings[i].tail)
      {
        __atomic_store_n (&self->segment->consumer_sleeps, 0, __ATOMIC_RELEASE);
        return false;
      }
  return true;
}
