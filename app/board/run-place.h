/* A place in a run that is found again when the run is repeated: positions count facts too, which depend on what is
 * looked at; ops and what follows them do not. */
#pragma once

#include "models/trace-steps.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 call; /* the last op begun; 0: none */
  guint steps;  /* ends of ops and nodes, modules, prints, iterations … since */
  guint lines;  /* lines reached since */
} GbRunPlace;

GbRunPlace gb_run_place_of (GbTrace *trace, guint64 seq);
/* Its position in a trace that has come at least as far; the end of one that has not. */
guint64 gb_run_place_find (GbTrace *trace, const GbRunPlace *place);

G_END_DECLS
