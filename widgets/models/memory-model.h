/* Who holds how many bytes: storages from birth to death, by what they are for, and their sum over the whole
 * run.  What a graph saved for its backward counts as such from the op that saved it until the graph let it
 * go. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef enum
{
  GB_MEMORY_PARAM, /* parameters and buffers */
  GB_MEMORY_GRAD,
  GB_MEMORY_SAVED, /* for a backward that has not come yet */
  GB_MEMORY_STATE, /* made while an optimiser stepped */
  GB_MEMORY_OTHER,
  GB_N_MEMORY_KINDS,
} GbMemoryKind;

typedef struct
{
  guint64 storage, nbytes;
  guint64 born, died;              /* seq; died 0: alive */
  guint64 call;                    /* op that made it, or 0 */
  guint64 grad_of;                 /* the tensor whose gradient it holds, or 0 */
  guint32 optimizer, pos;          /* that stepped when it was made, and from where; or 0 */
  guint64 saved_from, saved_until; /* seq; 0: never, not yet */
  guint n_saved;                   /* nodes that hold it now */
  GbMemoryKind kind;               /* but for what is saved */
} GbMemoryBlock;

/* What more of its bytes stay alive after every iteration was made by one line. */
typedef struct
{
  const GbPosition *position; /* NULL: nothing grows */
  guint64 nbytes;             /* per iteration */
  guint n_iterations;         /* for which this was so, as far back as was looked */
} GbMemoryGrowth;

/* The sums behind a record, or the greatest of several neighbours that were put together. */
typedef struct
{
  guint64 seq, end; /* the first and the last that it stands for */
  guint64 at;       /* where the sum was this */
  guint n;          /* changes that were put together */
  guint64 nbytes[GB_N_MEMORY_KINDS];
} GbMemorySample;

typedef struct
{
  GArray *blocks;  /* GbMemoryBlock, in order of birth */
  GArray *samples; /* GbMemorySample, each of up to `stride` changes */
  guint stride;
  guint64 peak_nbytes, peak_seq;
  guint64 n_skipped; /* records of births and deaths that a live run left out */
  gboolean forgot;   /* blocks that died long ago are no longer listed */
  /* private */
  GHashTable *alive, *saved_of_node, *optimizer_names;
  guint64 nbytes[GB_N_MEMORY_KINDS];
  guint32 optimizer, step_pos; /* that steps now */
} GbMemory;

/* Follows the trace; borrowed, good until the trace changes. */
const GbMemory *gb_memory_of (GbTrace *trace);
/* The sums around seq; NULL: nothing before. */
const GbMemorySample *gb_memory_at (const GbMemory *self, guint64 seq);
/* The sums at seq itself, of the blocks of a list of gb_memory_list. */
GbMemorySample gb_memory_sum (const GbMemory *self, const GArray *list, guint64 seq);
guint64 gb_memory_total (const GbMemorySample *sample);
GbMemoryKind gb_memory_kind_at (const GbMemoryBlock *block, guint64 seq);
/* Blocks that are alive at seq, the largest first (element-type guint of indices).  Owned. */
GArray *gb_memory_list (const GbMemory *self, guint64 seq);
/* What to call a block: the names of the tensors on it, else the op that made it.  Owned. */
char *gb_memory_dup_label (const GbMemory *self, GbTrace *trace, const GbMemoryBlock *block, guint64 seq);
/* Where in the source it was made; NULL: not known. */
const GbPosition *gb_memory_position (GbTrace *trace, const GbMemoryBlock *block);
/* The largest sum at or before seq, and the line that ran then (NULL: none). */
guint64
gb_memory_peak (const GbMemory *self, GbTrace *trace, guint64 seq, guint64 *at, const GbPosition **position);
/* Of what grew in each of the last iterations that ended at or before seq: the line that keeps most. */
GbMemoryGrowth gb_memory_growth (const GbMemory *self, GbTrace *trace, guint64 seq);

G_END_DECLS
