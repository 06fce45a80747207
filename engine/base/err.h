/* base: what every room of the engine leans on: errors as values, the one door to memory, checked
 * arithmetic on sizes.  Knows nothing of tensors.  Strict C11, libc and pthreads only. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>

/* One kind per Python exception that PyTorch raises; `python` maps them one to one. */
typedef enum
{
  TE_ERR_NONE = 0,
  TE_ERR_RUNTIME,
  TE_ERR_INDEX,
  TE_ERR_TYPE,
  TE_ERR_VALUE,
  TE_ERR_MEMORY,
  TE_ERR_NOT_IMPLEMENTED,
  TE_ERR_ATTRIBUTE,
  TE_ERR_KEY,
  TE_ERR_OVERFLOW,
  TE_ERR_ZERO_DIVISION,
  TE_ERR_LINALG,
  TE_ERR_INTERRUPT,
  TE_ERR_PENDING, /* a callback into Python raised; the exception is already set there */
} TeErrKind;

/* An error is a value with room for its text, so that reporting needs no memory.  Callers pass
 * `TeError err; te_error_clear (&err);` or `TeError err = TE_ERROR_INIT;`. */
typedef struct
{
  TeErrKind kind;
  char text[2044];
} TeError;

/* te_error_clear: makes err say "no error".  Only the kind is touched: an error costs nothing until set. */
static inline void
te_error_clear (TeError *err)
{
  err->kind = TE_ERR_NONE;
  err->text[0] = 0;
}

bool te_error_set (TeError *err, TeErrKind kind, const char *format, ...)
    __attribute__ ((format (printf, 3, 4), cold));
bool te_error_set_v (TeError *err, TeErrKind kind, const char *format, va_list args) __attribute__ ((cold));
bool te_error_no_memory (TeError *err) __attribute__ ((cold));

/* Warnings go to one handler (Python's warnings module once `python` is attached, stderr before). */
typedef enum
{
  TE_WARN_USER,
  TE_WARN_DEPRECATION,
} TeWarnKind;

/* A handler returns false after setting err when the warning was turned into an exception. */
typedef bool (*TeWarnHandler) (TeWarnKind kind, const char *text, TeError *err);

void te_warn_set_handler (TeWarnHandler handler);
bool te_warn (TeError *err, TeWarnKind kind, const char *format, ...)
    __attribute__ ((format (printf, 3, 4), cold));

/* Is a warning that is given once due?  Marks it as given; after te_warn_set_always (true)
 * it always is. */
bool te_warn_due (bool *given);
void te_warn_set_always (bool always);
bool te_warn_is_always (void);

/* te_assert: for our own mistakes only, never for what a Python program can cause. */
void te_assert_failed (const char *expression, const char *file, int line) __attribute__ ((noreturn, cold));
#define te_assert(expression) ((expression) ? (void) 0 : te_assert_failed (#expression, __FILE__, __LINE__))

/* Interrupt: a flag that is set from a signal handler or another thread and polled between ops and in
 * long loops.  te_interrupted clears nothing; whoever reports the interrupt calls te_interrupt_clear. */
extern volatile int te_interrupt_flag;
static inline bool
te_interrupted (void)
{
  return __builtin_expect (te_interrupt_flag, 0);
}
void te_interrupt_set (void);
void te_interrupt_clear (void);
