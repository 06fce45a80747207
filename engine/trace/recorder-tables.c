/* Strings, sources and positions: told once each, by a number that records refer to. */
#include "trace/recorder-private.h"

#include <stdlib.h>

typedef struct TeStringSlot
{
  uint64_t hash; /* 0: free */
  uint32_t id;
  uint32_t nbytes;
  char *text; /* owned */
} TeStringSlot;

static uint64_t
hash_text (const char *text, size_t nbytes)
{
  uint64_t hash = 1469598103934665603u; /* FNV-1a */
  for (size_t i = 0; i < nbytes; i++)
    hash = (hash ^ (unsigned char) text[i]) * 1099511628211u;
  return hash | 1;
}

static bool
grow_strings (TeRecorder *self)
{
  uint32_t capacity = self->strings_capacity ? self->strings_capacity * 2 : 256;
  TeStringSlot *slots = calloc (capacity, sizeof *slots);
  if (!slots)
    return false;
  for (uint32_t i = 0; i < self->strings_capacity; i++)
    if (self->strings[i].hash)
      {
        uint32_t at = (uint32_t) self->strings[i].hash & (capacity - 1);
        while (slots[at].hash)
          at = (at + 1) & (capacity - 1);
        slots[at] = self->strings[i];
      }
  free (self->strings);
  self->strings = slots;
  self->strings_capacity = capacity;
  return true;
}

void
te_recorder_tables_clear (TeRecorder *self)
{
  for (uint32_t i = 0; i < self->strings_capacity; i++)
    free (self->strings[i].text);
  free (self->strings);
}

uint32_t
te_recorder_string (TeRecorder *self, const char *text, size_t nbytes)
{
  if (!self->segment || !nbytes)
    return 0;
  if (nbytes > TEXT_MAX_NBYTES)
    nbytes = TEXT_MAX_NBYTES;
  if (self->n_strings * 2 >= self->strings_capacity && !grow_strings (self))
    return 0;
  uint64_t hash = hash_text (text, nbytes);
  uint32_t at = (uint32_t) hash & (self->strings_capacity - 1);
  for (; self->strings[at].hash; at = (at + 1) & (self->strings_capacity - 1))
    if (self->strings[at].hash == hash && self->strings[at].nbytes == nbytes
        && !memcmp (self->strings[at].text, text, nbytes))
      return self->strings[at].id;
  char *copy = malloc (nbytes);
  if (!copy)
    return 0;
  memcpy (copy, text, nbytes);
  TeRecordString *record = te_recorder_reserve (self, TE_RECORD_STRING, sizeof *record + nbytes);
  if (!record) /* told as a gap; the next use tries again */
    {
      free (copy);
      return 0;
    }
  self->strings[at] = (TeStringSlot){ hash, ++self->n_strings, (uint32_t) nbytes, copy };
  record->id = self->n_strings;
  record->text_nbytes = (uint32_t) nbytes;
  memcpy (record + 1, text, nbytes);
  te_recorder_commit (self);
  return self->n_strings;
}

uint32_t
te_recorder_text (TeRecorder *self, const char *text)
{
  return text ? te_recorder_string (self, text, strlen (text)) : 0;
}

uint32_t
te_recorder_source (TeRecorder *self, const char *path, const char *text, size_t nbytes, uint32_t flags)
{
  uint32_t path_id = te_recorder_text (self, path);
  nbytes = te_recorder_cut (nbytes);
  TeRecordSource *record = te_recorder_reserve (self, TE_RECORD_SOURCE, sizeof *record + nbytes);
  if (!record)
    return 0;
  record->file = ++self->n_files;
  record->path = path_id;
  record->text_nbytes = (uint32_t) nbytes;
  record->flags = flags;
  memcpy (record + 1, text, nbytes);
  te_recorder_commit (self);
  return self->n_files;
}

uint32_t
te_recorder_position (TeRecorder *self,
                      uint32_t file,
                      const char *function,
                      uint32_t line,
                      uint32_t end_line,
                      uint32_t column,
                      uint32_t end_column)
{
  uint32_t function_id = te_recorder_text (self, function);
  TeRecordPos *record = te_recorder_reserve (self, TE_RECORD_POS, sizeof *record);
  if (!record)
    return 0;
  record->id = ++self->n_positions;
  record->file = file;
  record->function = function_id;
  record->line = line;
  record->end_line = end_line;
  record->column = column;
  record->end_column = end_column;
  record->pad = 0;
  te_recorder_commit (self);
  return self->n_positions;
}
