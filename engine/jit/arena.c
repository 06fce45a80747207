#include "jit/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define CHUNK_NBYTES 16384

typedef struct Chunk
{
  struct Chunk *next;
  size_t used, room;
  max_align_t data[];
} Chunk;

struct TeJitArena
{
  Chunk *chunks;
};

static TeJitArena forever;

TeJitArena *
te_jit_arena_new (void)
{
  TeJitArena *arena = te_new (TeJitArena);
  te_assert (arena);
  return arena;
}

void
te_jit_arena_free (TeJitArena *arena)
{
  if (!arena)
    return;
  for (Chunk *chunk = arena->chunks, *next; chunk; chunk = next)
    {
      next = chunk->next;
      te_free_sized (chunk, sizeof *chunk + chunk->room);
    }
  te_free (arena);
}

void *
te_jit_alloc (TeJitArena *arena, size_t nbytes)
{
  arena = arena ? arena : &forever;
  nbytes = (nbytes + sizeof (max_align_t) - 1) / sizeof (max_align_t) * sizeof (max_align_t);
  if (!arena->chunks || arena->chunks->room - arena->chunks->used < nbytes)
    {
      size_t room = nbytes > CHUNK_NBYTES / 4 ? nbytes : CHUNK_NBYTES;
      Chunk *chunk = te_new_sized (sizeof *chunk + room);
      te_assert (chunk); /* a program's own size, never a tensor's */
      chunk->room = room;
      chunk->next = arena->chunks;
      arena->chunks = chunk;
    }
  void *block = (char *) arena->chunks->data + arena->chunks->used;
  arena->chunks->used += nbytes;
  return block;
}

char *
te_jit_copy (TeJitArena *arena, const char *text, size_t n)
{
  char *copy = te_jit_alloc (arena, n + 1);
  memcpy (copy, text, n);
  return copy;
}

void *
te_jit_grow (TeJitArena *arena, void *items, int n, int *room, size_t item_nbytes)
{
  if (n < *room)
    return items;
  int more = *room ? *room * 2 : 4;
  void *bigger = te_jit_alloc (arena, (size_t) more * item_nbytes);
  if (n)
    memcpy (bigger, items, (size_t) n * item_nbytes);
  *room = more;
  return bigger;
}

/* ---- one copy of each text ---- */
static struct
{
  const char **slots;
  size_t room, n;
} names;

static size_t
slot_of (const char **slots, size_t room, const char *text, size_t n)
{
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ (unsigned char) text[i]) * 1099511628211u;
  size_t at = (size_t) hash & (room - 1);
  while (slots[at] && (strncmp (slots[at], text, n) != 0 || slots[at][n]))
    at = (at + 1) & (room - 1);
  return at;
}

const char *
te_jit_intern_n (const char *text, size_t n)
{
  if (names.n * 2 >= names.room)
    {
      size_t room = names.room ? names.room * 2 : 1024;
      const char **slots = te_jit_alloc (NULL, room * sizeof *slots);
      for (size_t i = 0; i < names.room; i++)
        if (names.slots[i])
          slots[slot_of (slots, room, names.slots[i], strlen (names.slots[i]))] = names.slots[i];
      names.slots = slots;
      names.room = room;
    }
  size_t at = slot_of (names.slots, names.room, text, n);
  if (!names.slots[at])
    {
      names.slots[at] = te_jit_copy (NULL, text, n);
      names.n++;
    }
  return names.slots[at];
}

const char *
te_jit_intern (const char *text)
{
  return te_jit_intern_n (text, strlen (text));
}

const char *
te_jit_intern_format (const char *format, ...)
{
  char text[1024];
  va_list list;
  va_start (list, format);
  vsnprintf (text, sizeof text, format, list);
  va_end (list);
  return te_jit_intern (text);
}

/* ---- text ---- */
void
te_jit_text_add_n (TeJitText *text, const char *piece, size_t n)
{
  if (text->n + n + 1 > text->room)
    {
      size_t room = (text->n + n + 1) * 2;
      char *data = realloc (text->data, room);
      te_assert (data);
      text->data = data;
      text->room = room;
    }
  memcpy (text->data + text->n, piece, n);
  text->n += n;
  text->data[text->n] = 0;
}

void
te_jit_text_add (TeJitText *text, const char *piece)
{
  te_jit_text_add_n (text, piece, strlen (piece));
}

void
te_jit_text_format (TeJitText *text, const char *format, ...)
{
  char piece[512];
  va_list list, again;
  va_start (list, format);
  va_copy (again, list);
  int n = vsnprintf (piece, sizeof piece, format, list);
  va_end (list);
  if (n >= (int) sizeof piece)
    {
      char *long_piece = malloc ((size_t) n + 1);
      te_assert (long_piece);
      vsnprintf (long_piece, (size_t) n + 1, format, again);
      te_jit_text_add_n (text, long_piece, (size_t) n);
      free (long_piece);
    }
  else if (n > 0)
    te_jit_text_add_n (text, piece, (size_t) n);
  va_end (again);
}

void
te_jit_text_spaces (TeJitText *text, int n)
{
  while (n-- > 0)
    te_jit_text_add_n (text, " ", 1);
}

void
te_jit_text_clear (TeJitText *text)
{
  free (text->data);
  *text = (TeJitText){ 0 };
}
