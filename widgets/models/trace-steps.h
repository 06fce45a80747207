/* Where the units of stepping stop in a trace.  A stop is a place of the trace alone: whoever steps n times
 * back and n times forward comes out where he began.  What belongs to a stop but is told behind it (facts,
 * names, the pause itself) is part of it: its position is the last record before anything else happens. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef enum
{
  GB_STEP_LINE,      /* before a line: LINE records, and where none were taken the first op of a line */
  GB_STEP_OP,        /* before an op */
  GB_STEP_NODE,      /* before a backward node, and behind the last one */
  GB_STEP_ITERATION, /* behind an iteration */
  GB_STEP_MODULE,    /* over a module: behind the next one that is called from here, or behind this one;
                        backwards: behind    the one before, or at the beginning of this one */
  GB_STEP_INTO,      /* at the beginning of the next module's forward, wherever it is called from */
  GB_N_STEPS,
} GbStepUnit;

/* The position up to which nothing happens after seq. */
guint64 gb_trace_settle (GbTrace *trace, guint64 seq);
/* The next stop after position, or (direction < 0) before it; 0: there is none. */
guint64 gb_trace_find_stop (GbTrace *trace, guint64 position, GbStepUnit unit, int direction);
/* The same, by GB_STEP_LINE, at a line of a source file. */
guint64 gb_trace_find_line (GbTrace *trace, guint64 position, guint32 file, guint32 line, int direction);

G_END_DECLS
