/* What makes a record well formed.  Ring reader and file reader ask the same function, so that nothing behind
 * them has to doubt a length again.  Ids are not checked here: a reader keeps its own tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "trace/wire.h"

#define TE_RECORD_MAX_NBYTES (64u << 20)
#define TE_WIRE_MAX_NDIM     64
#define TE_WIRE_DTYPES       12

/* Whether the record may come after one of last_seq: with a larger seq, or as RESUME. */
bool te_record_follows (const TeRecord *record, uint64_t last_seq);
/* te_record_check: bytes begins with a record's header and nbytes of it may be read.  True when the whole
 * record is there and all its parts lie inside it; otherwise false with the reason in err. */
bool te_record_check (const void *bytes, size_t nbytes, TeError *err);

/* Whether the program makes such a record whoever looks on: a place in a run is an op and how many of them
 * came since. */
static inline bool
te_record_is_step (unsigned type)
{
  const uint64_t steps = 1ull << TE_RECORD_MODULE_ENTER | 1ull << TE_RECORD_MODULE_LEAVE
                         | 1ull << TE_RECORD_OP_END | 1ull << TE_RECORD_NODE_BEGIN
                         | 1ull << TE_RECORD_NODE_END | 1ull << TE_RECORD_ACCUMULATE
                         | 1ull << TE_RECORD_BACKWARD_BEGIN | 1ull << TE_RECORD_BACKWARD_END
                         | 1ull << TE_RECORD_STEP | 1ull << TE_RECORD_ITERATION | 1ull << TE_RECORD_BATCH
                         | 1ull << TE_RECORD_LOG | 1ull << TE_RECORD_PRINT;
  return type < 64 && (steps >> type & 1);
}

const char *te_record_type_name (unsigned type); /* "op", …; NULL for an unknown type */
bool te_record_is_detail (unsigned type);        /* goes through the detail ring */
unsigned te_wire_dtype_nbytes (unsigned dtype);  /* 0 for an unknown one */

/* Bytes of a tensor's geometry with its sizes and strides. */
static inline size_t
te_wire_tensor_nbytes (const TeWireTensor *tensor)
{
  return sizeof *tensor + (size_t) tensor->ndim * 16;
}
static inline const int64_t *
te_wire_tensor_sizes (const TeWireTensor *tensor)
{
  return (const int64_t *) (tensor + 1);
}
static inline const int64_t *
te_wire_tensor_strides (const TeWireTensor *tensor)
{
  return (const int64_t *) (tensor + 1) + tensor->ndim;
}
static inline const TeWireTensor *
te_wire_tensor_next (const TeWireTensor *tensor)
{
  return (const TeWireTensor *) ((const char *) tensor + te_wire_tensor_nbytes (tensor));
}
static inline size_t
te_wire_pad (size_t nbytes)
{
  return (nbytes + 7) & ~(size_t) 7;
}
