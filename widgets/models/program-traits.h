/* What a program is about, counted once per record: which views have most to say of it depends on that. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 n_ops;      /* the person's own: not inside another op, not in a backward, not in an optimiser */
  guint64 n_jumps;    /* of those, views that are read in jumps: transposed, expanded, every other element */
  guint64 n_nodes;    /* of the autograd graph */
  guint64 n_backward; /* walks of it */
  guint64 n_steps;    /* of optimisers */
} GbProgramTraits;

/* Follows the trace; borrowed, good until the trace changes. */
const GbProgramTraits *gb_program_traits_of (GbTrace *trace);

G_END_DECLS
