/* Where in the trace everybody looks: a position (a seq), or "live", which follows the newest record.
 * All panes of a board share one cursor.  "changed" is emitted when the position moved or the trace has news
 * (flags: GbTraceChange of the trace, 0 when only the position moved). */
#pragma once

#include "models/trace-steps.h"

G_BEGIN_DECLS

#define GB_TYPE_TRACE_CURSOR (gb_trace_cursor_get_type ())
G_DECLARE_FINAL_TYPE (GbTraceCursor, gb_trace_cursor, GB, TRACE_CURSOR, GObject)

GbTraceCursor *gb_trace_cursor_new (GbTrace *run);
/* That is looked at: the run, or one of its branches. */
GbTrace *gb_trace_cursor_get_trace (GbTraceCursor *self);
GbTrace *gb_trace_cursor_get_run (GbTraceCursor *self);
guint gb_trace_cursor_get_branch (GbTraceCursor *self); /* 0: the run */
/* Looks at a branch of the run (0: at the run again), at the iteration that was looked at, or the end of the shorter one;
 * "changed" with RESET.  FALSE: no such branch. */
gboolean gb_trace_cursor_show_branch (GbTraceCursor *self, guint id);
/* What the trace is compared with: a branch (0: the run), or another trace with a name of its own.  By default the
 * latest branch, or the run beside a branch.  "changed" with RESET. */
gboolean gb_trace_cursor_set_beside_branch (GbTraceCursor *self, guint id);
void gb_trace_cursor_set_beside (GbTraceCursor *self, GbTrace *trace, const char *name);
/* Borrowed; NULL: there is nothing to compare with.  branch and name (NULL: a branch) say what it is. */
GbTrace *gb_trace_cursor_get_beside (GbTraceCursor *self, guint *branch, const char **name);
gboolean gb_trace_cursor_has_beside (GbTraceCursor *self); /* cheap */
/* The same, but FALSE instead of opening it. */
gboolean gb_trace_cursor_peek_beside (GbTraceCursor *self, guint *branch, const char **name);
guint64 gb_trace_cursor_get_position (GbTraceCursor *self); /* the newest seq while following */
void gb_trace_cursor_set_position (GbTraceCursor *self, guint64 seq); /* stops following */
gboolean gb_trace_cursor_get_following (GbTraceCursor *self);
void gb_trace_cursor_follow (GbTraceCursor *self);
guint64 gb_trace_cursor_get_iteration (GbTraceCursor *self); /* that runs at the position, from 1; 0: none */
/* Moves by one unit within what is recorded, whose newest record is a stop of every unit; FALSE at either end (a step beyond the end is the interpreter's). */
gboolean gb_trace_cursor_step (GbTraceCursor *self, GbStepUnit unit, int direction);
/* "iter:N", "op:N" (Nth op call), "line:N" (last time the line was run), "end"; FALSE and error for anything else. */
gboolean gb_trace_cursor_seek (GbTraceCursor *self, const char *place, GError **error);
/* Source place of the op or node at the position; NULL: none. */
const GbPosition *gb_trace_cursor_get_source_position (GbTraceCursor *self);

G_END_DECLS
