/* jit: programs as static graphs: types, graph, passes, text, executor.  Graphs are made by `python` (tracer,
 * frontend); this room knows no Python.  Ops of a graph run through dispatch, so autograd and the trace see
 * them.
 *
 * This header: memory.  What belongs to a graph lies in its arena and goes with it; names and types are made
 * once and stay, so that equal ones have equal addresses. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TeJitArena TeJitArena;

TeJitArena *te_jit_arena_new (void);
void te_jit_arena_free (TeJitArena *arena);            /* NULL is fine */
void *te_jit_alloc (TeJitArena *arena, size_t nbytes); /* cleared; NULL arena: lasts as long as the process */
char *te_jit_copy (TeJitArena *arena, const char *text, size_t n);

/* Makes room for one more item in an array that lies in an arena. */
void *te_jit_grow (TeJitArena *arena, void *items, int n, int *room, size_t item_nbytes);
#define TE_JIT_PUSH(arena, array, n, room, item)                                                             \
  do                                                                                                         \
    {                                                                                                        \
      (array) = te_jit_grow ((arena), (array), (n), &(room), sizeof *(array));                               \
      (array)[(n)++] = (item);                                                                               \
    }                                                                                                        \
  while (0)

/* The one copy of a text: texts are equal exactly if the addresses are. */
const char *te_jit_intern (const char *text);
const char *te_jit_intern_n (const char *text, size_t n);
const char *te_jit_intern_format (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/* Text that grows. */
typedef struct
{
  char *data; /* 0-terminated; NULL while empty */
  size_t n, room;
} TeJitText;
void te_jit_text_add (TeJitText *text, const char *piece);
void te_jit_text_add_n (TeJitText *text, const char *piece, size_t n);
void te_jit_text_format (TeJitText *text, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void te_jit_text_spaces (TeJitText *text, int n);
void te_jit_text_clear (TeJitText *text);
static inline const char *
te_jit_text_get (const TeJitText *text)
{
  return text->data ? text->data : "";
}
