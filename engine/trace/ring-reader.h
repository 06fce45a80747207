/* The reader's side of the rings: makes the shared segment, copies what was written, checks it, and merges
 * both rings into one stream in order of seq.  What is on the other side may be hostile: every index is read
 * once, bounds are checked against our own copy of the geometry, and records are judged only in private
 * memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trace/wire.h"

typedef struct TeRingReader TeRingReader;

/* Makes a memfd of both rings, sealed against resizing, mapped here.  Sizes are rounded up to 64 KiB. */
TeRingReader *te_ring_reader_new (size_t structure_nbytes, size_t detail_nbytes, TeError *err);
void te_ring_reader_free (TeRingReader *self); /* NULL is fine */

int te_ring_reader_get_fd (TeRingReader *self);                 /* of the segment, borrowed */
TeRingSegment *te_ring_reader_get_segment (TeRingReader *self); /* for pause, lossless … */

/* Starts over for a new writer: empties the rings; the old writer must be gone. */
void te_ring_reader_reset (TeRingReader *self);

/* Takes what has been written, at most about max_nbytes, and returns it merged and checked; the bytes are
 * valid until the next call.  *nbytes 0: nothing new.  NULL with err set (once, then for ever) when the
 * contents are corrupt. last: the writer is gone, so nothing is held back for the sake of order. */
const void *
te_ring_reader_drain (TeRingReader *self, size_t max_nbytes, bool last, size_t *nbytes, TeError *err);

/* Announces that nobody looks until the eventfd is written; false when there is already something to read. */
bool te_ring_reader_sleep (TeRingReader *self);
uint64_t te_ring_reader_get_dropped (TeRingReader *self);
