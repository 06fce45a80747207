/* A model that has to see every record once, in order: it hangs on the trace, takes what is new when it is
 * asked for, and begins again when the run was wound back or replaced. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef struct
{
  const char *id;
  gsize nbytes; /* of the state, zero at the start */
  void (*take) (gpointer state, GbTrace *trace, const TeRecord *record);
  void (*clear) (gpointer state); /* frees what the state holds; it is zeroed afterwards */
} GbFollowerClass;

/* The state, up to date with the trace; borrowed, good until the trace changes. */
gpointer gb_follower_of (GbTrace *trace, const GbFollowerClass *klass);

G_END_DECLS
