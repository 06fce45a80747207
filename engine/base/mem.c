#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define TE_MEM_CACHES 0
#else
#define TE_MEM_CACHES 1
#endif

/* Data classes: below 1 KiB steps of 64 bytes; above, 8 steps per power of two.  The cache keeps at most
 * CACHE_LIMIT bytes in all, so that a program which freed much gives it back. */
#define ALIGNMENT     64
#define SMALL_CLASSES 16
#define CLASSES       (SMALL_CLASSES + 8 * 40)
#define CACHE_LIMIT   ((uint64_t) 512 << 20)
#define TINY_CLASSES  33 /* structs of up to 512 bytes in steps of 16 */

typedef struct Block
{
  struct Block *next;
} Block;

static Block *data_cache[CLASSES];
static Block *tiny_cache[TINY_CLASSES];
static TeMemStats stats;
static int64_t fail_countdown;

static bool
must_fail (void)
{
  return __builtin_expect (fail_countdown > 0, 0) && --fail_countdown == 0;
}

static int
class_of (size_t nbytes, size_t *rounded)
{
  if (nbytes <= SMALL_CLASSES * ALIGNMENT)
    {
      int index = nbytes ? (int) ((nbytes - 1) / ALIGNMENT) : 0;
      *rounded = (size_t) (index + 1) * ALIGNMENT;
      return index;
    }
  int power = 63 - __builtin_clzll (nbytes - 1); /* 2^power <= nbytes - 1 */
  size_t step = (size_t) 1 << (power - 3);
  size_t up = (nbytes + step - 1) / step * step;
  int eighth = (int) ((up - ((size_t) 1 << power)) / step); /* 1 … 8 */
  *rounded = up;
  return SMALL_CLASSES + (power - 10) * 8 + eighth - 1;
}

/* te_data_alloc: 64-byte aligned block of at least nbytes, contents undefined. */
void *
te_data_alloc (size_t nbytes)
{
  if (must_fail () || nbytes > ((size_t) 1 << 46))
    return NULL;
  size_t rounded;
  int index = class_of (nbytes, &rounded);
  void *block;
  if (data_cache[index])
    {
      block = data_cache[index];
      data_cache[index] = data_cache[index]->next;
      stats.cached_nbytes -= rounded;
    }
  else
    {
      stats.system_calls++;
      block = aligned_alloc (ALIGNMENT, rounded);
      if (!block)
        {
          te_mem_trim ();
          block = aligned_alloc (ALIGNMENT, rounded);
        }
      if (!block)
        return NULL;
    }
  stats.live_nbytes += nbytes;
  if (stats.live_nbytes > stats.peak_nbytes)
    stats.peak_nbytes = stats.live_nbytes;
  return block;
}

void
te_data_free (void *block, size_t nbytes)
{
  if (!block)
    return;
  size_t rounded;
  int index = class_of (nbytes, &rounded);
  stats.live_nbytes -= nbytes;
  if (!TE_MEM_CACHES || stats.cached_nbytes + rounded > CACHE_LIMIT)
    {
      free (block);
      return;
    }
  ((Block *) block)->next = data_cache[index];
  data_cache[index] = block;
  stats.cached_nbytes += rounded;
}

/* te_new_sized: a cleared small block; goes back with te_free_sized and the same size. */
void *
te_new_sized (size_t nbytes)
{
  if (must_fail ())
    return NULL;
  size_t index = (nbytes + 15) / 16;
  if (TE_MEM_CACHES && index < TINY_CLASSES && tiny_cache[index])
    {
      Block *block = tiny_cache[index];
      tiny_cache[index] = block->next;
      memset (block, 0, nbytes);
      return block;
    }
  return calloc (1, index < TINY_CLASSES ? index * 16 + !index * 16 : nbytes);
}

void
te_free_sized (void *block, size_t nbytes)
{
  if (!block)
    return;
  size_t index = (nbytes + 15) / 16;
  if (!TE_MEM_CACHES || index >= TINY_CLASSES)
    {
      free (block);
      return;
    }
  ((Block *) block)->next = tiny_cache[index];
  tiny_cache[index] = block;
}

/* te_mem_trim: hands every cached data block back to the system. */
void
te_mem_trim (void)
{
  for (int i = 0; i < CLASSES; i++)
    while (data_cache[i])
      {
        Block *next = data_cache[i]->next;
        free (data_cache[i]);
        data_cache[i] = next;
      }
  stats.cached_nbytes = 0;
}

TeMemStats
te_mem_stats (void)
{
  return stats;
}

void
te_mem_reset_peak (void)
{
  stats.peak_nbytes = stats.live_nbytes;
}

void
te_mem_fail_after (int64_t n)
{
  fail_countdown = n;
}
