/* Breakpoints of a program's text: marks in the gutter that move with their lines.  One with a condition stops only
 * where the condition, an expression of Python, holds; one that cannot be evaluated stops and says why. */
#pragma once

#include "editor/code-view.h"

G_BEGIN_DECLS

typedef struct
{
  guint line;      /* from 1 */
  char *condition; /* "": none */
  gboolean anywhere; /* the condition is asked at every line of the program */
} GbTextBreakpoint;

/* Marks, clicks and tooltips in the gutter of a new code view. */
void gb_breakpoints_install (GbCodeView *code);
/* Makes one without a condition, or takes away the one that is there. */
void gb_breakpoints_toggle (GbCodeView *code, guint line);
/* Makes one where there is none.  condition "": stops always. */
void gb_breakpoints_set_condition (GbCodeView *code, guint line, const char *condition, gboolean anywhere);
/* All, ascending (element-type GbTextBreakpoint); owned. */
GPtrArray *gb_breakpoints_get (GbCodeView *code);
/* Asks for the condition, in a popover at the line. */
void gb_breakpoints_edit (GbCodeView *code, guint line);

G_END_DECLS
