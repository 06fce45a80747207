/* Two runs of one program, record against record.  What a run may give differently (times, the order in which
 * texts got their ids, facts that are sampled by the clock) is taken out of each record; the rest has to be
 * equal, bit for bit, in the same order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trace/wire.h"

typedef enum
{
  TE_RUN_RECORDED = 0,
  TE_RUN_REPLAYED = 1,
} TeRunSide;

/* What comparing leaves out besides what always goes. */
typedef struct
{
  bool no_hashes;    /* one of the two has no hashes of outputs */
  bool no_gradients; /* the same for gradient norms */
  bool no_files;     /* recorded before FILE was told */
  bool no_training;  /* recorded before STEP_BEGIN … GRAPH_HELD were told */
  bool no_detail;    /* detail records were dropped */
  bool tolerant;     /* another kind of processor: numbers may differ by rounding, hashes do not count */
} TeComparisonOptions;

typedef struct TeComparison TeComparison;

TeComparison *te_comparison_new (const TeComparisonOptions *options, TeError *err);
void te_comparison_free (TeComparison *self); /* NULL is fine */

/* Takes the next record of a side, well formed (te_record_check).  True when it is one that is compared; it
 * is then that side's present record until the next call. */
/* A text by its id; "": none. */
const char *te_comparison_string (const TeComparison *self, TeRunSide which, uint32_t id);
bool te_comparison_take (TeComparison *self, TeRunSide side, const TeRecord *record);
/* Whether both present records say the same; counts the pair when they do. */
bool te_comparison_agrees (TeComparison *self);

uint64_t te_comparison_get_events (const TeComparison *self); /* pairs that agreed */
uint64_t
te_comparison_get_values (const TeComparison *self); /* of these: hashes, gradients, logged numbers */
/* The present record of a side in words for people, in text: "op mul, line 12: 9f3c…".  place: its line in
 * the person's code, 0 when it has none. */
void
te_comparison_describe (const TeComparison *self, TeRunSide side, char *text, size_t nbytes, uint32_t *line);
