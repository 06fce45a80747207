/* The one door to memory.  Two kinds of blocks:
 *   data blocks   te_data_alloc/te_data_free: tensor contents, 64-byte aligned, not cleared, cached by size
 *                 class so that steady training asks the system for nothing;
 *   small blocks  te_new/te_free: structs, cached in per-size lists.
 * Both are used by the one thread that owns tensors (the GIL's holder); neither takes a lock.
 * Invariant: a cached block is never handed out twice; te_mem_trim gives all cached blocks back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *te_data_alloc (size_t nbytes);             /* NULL without memory; nbytes 0 gives a valid block */
void te_data_free (void *block, size_t nbytes);  /* nbytes as it was asked for; NULL is fine */
void *te_new_sized (size_t nbytes);              /* cleared; NULL without memory */
void te_free_sized (void *block, size_t nbytes); /* NULL is fine */
#define te_new(Type)     ((Type *) te_new_sized (sizeof (Type)))
#define te_free(pointer) te_free_sized ((pointer), sizeof *(pointer))

void te_mem_trim (void);

typedef struct
{
  uint64_t live_nbytes;   /* data blocks handed out */
  uint64_t peak_nbytes;   /* highest live_nbytes since te_mem_reset_peak */
  uint64_t cached_nbytes; /* kept for reuse */
  uint64_t system_calls;  /* how often the system was asked for data blocks */
} TeMemStats;
TeMemStats te_mem_stats (void);
void te_mem_reset_peak (void);

/* For tests: the n-th allocation from now fails (1 = the next); 0 switches it off. */
void te_mem_fail_after (int64_t n);
