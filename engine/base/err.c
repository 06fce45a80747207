#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>

volatile int te_interrupt_flag = 0;
static TeWarnHandler warn_handler = NULL;

/* te_error_set_v: stores kind and formatted text (cut at the buffer's end); always returns false, so that a
 * fallible function can `return te_error_set (...)`.  err may be NULL. */
bool
te_error_set_v (TeError *err, TeErrKind kind, const char *format, va_list args)
{
  if (err)
    {
      err->kind = kind;
      vsnprintf (err->text, sizeof err->text, format, args);
    }
  return false;
}

bool
te_error_set (TeError *err, TeErrKind kind, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  te_error_set_v (err, kind, format, args);
  va_end (args);
  return false;
}

/* te_error_no_memory: the one text for memory that could not be had. */
bool
te_error_no_memory (TeError *err)
{
  return te_error_set (err, TE_ERR_MEMORY,
                       "not enough memory for the engine: you tried to allocate more than is free");
}

void
te_warn_set_handler (TeWarnHandler handler)
{
  warn_handler = handler;
}

/* te_warn: formats a warning and hands it to the handler; returns false (err set) only when the handler
 * turned it into an exception. */
bool
te_warn (TeError *err, TeWarnKind kind, const char *format, ...)
{
  char text[2048];
  va_list args;
  va_start (args, format);
  vsnprintf (text, sizeof text, format, args);
  va_end (args);
  if (warn_handler)
    return warn_handler (kind, text, err);
  fprintf (stderr, "warning: %s\n", text);
  return true;
}

static bool always_warns;

void
te_warn_set_always (bool always)
{
  always_warns = always;
}

bool
te_warn_is_always (void)
{
  return always_warns;
}

bool
te_warn_due (bool *given)
{
  if (always_warns)
    return true;
  bool due = !*given;
  *given = true;
  return due;
}

void
te_assert_failed (const char *expression, const char *file, int line)
{
  fprintf (stderr, "%s:%d: engine invariant broken: %s\n", file, line, expression);
  abort ();
}

void
te_interrupt_set (void)
{
  te_interrupt_flag = 1;
}

void
te_interrupt_clear (void)
{
  te_interrupt_flag = 0;
}
