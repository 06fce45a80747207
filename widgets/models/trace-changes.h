/* A variable's history: when its name was given to another tensor, and what wrote into the one that it is. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef enum
{
  GB_CHANGE_BOUND,   /* the name was given to a tensor */
  GB_CHANGE_WRITTEN, /* an op wrote into its storage, through it or through a view */
  GB_CHANGE_STEPPED, /* an optimiser stepped, and it is a parameter */
} GbChangeKind;

typedef struct
{
  GbChangeKind kind;
  guint64 seq;      /* from here on it is so */
  const char *what; /* the op, the optimiser; NULL: a name */
  guint32 pos;      /* the person's line, 0: not told */
} GbChange;

/* The change next to seq: the last at or before it (direction < 0), or the first behind it.  name: of a
 * variable, or NULL for a tensor without one.  FALSE: none that was recorded. */
gboolean gb_trace_find_change (
    GbTrace *trace, const char *name, guint64 tensor, guint64 seq, int direction, GbChange *out);

G_END_DECLS
