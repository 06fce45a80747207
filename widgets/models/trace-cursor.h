/* Where in the trace everybody looks: a position (a seq), or "live", which follows the newest record.
 * All panes of a board share one cursor.  "changed" is emitted when the position moved or the trace has news
 * (flags: GbTraceChange of the trace, 0 when only the position moved). */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_TYPE_TRACE_CURSOR (gb_trace_cursor_get_type ())
G_DECLARE_FINAL_TYPE (GbTraceCursor, gb_trace_cursor, GB, TRACE_CURSOR, GObject)

typedef enum
{
  GB_STEP_LINE,
  GB_STEP_OP,
  GB_STEP_NODE,
  GB_STEP_ITERATION,
} GbStepUnit;

GbTraceCursor *gb_trace_cursor_new (GbTrace *trace);
GbTrace *gb_trace_cursor_get_trace (GbTraceCursor *self);
guint64 gb_trace_cursor_get_position (GbTraceCursor *self); /* the newest seq while following */
void gb_trace_cursor_set_position (GbTraceCursor *self, guint64 seq); /* stops following */
gboolean gb_trace_cursor_get_following (GbTraceCursor *self);
void gb_trace_cursor_follow (GbTraceCursor *self);
guint64 gb_trace_cursor_get_iteration (GbTraceCursor *self); /* that runs at the position, from 1; 0: none */
/* Moves by one unit within what is recorded; FALSE at either end (a step beyond the end is the interpreter's). */
gboolean gb_trace_cursor_step (GbTraceCursor *self, GbStepUnit unit, int direction);
/* "iter:N", "op:N" (Nth op call), "line:N" (last time the line was run), "end"; FALSE and error for anything else. */
gboolean gb_trace_cursor_seek (GbTraceCursor *self, const char *place, GError **error);
/* Source place of the op or node at the position; NULL: none. */
const GbPosition *gb_trace_cursor_get_source_position (GbTraceCursor *self);

G_END_DECLS
