/* What the trace tells of files that hold tensors. */
#pragma once

#include "io/io-value.h"

/* On which device the storages of a file that is read were. */
#define TE_FILE_MOST_PLACES 1024
typedef struct
{
  const TeStorage *storages[TE_FILE_MOST_PLACES];
  char names[TE_FILE_MOST_PLACES][16];
  unsigned n;
} TeFilePlaces;

void te_file_places_note (TeFilePlaces *self, const TeStorage *storage, const char *location);
/* what: "torch.save" or "torch.load".  path: NULL: no file of the disk.  format: "zip", "legacy", or "safetensors", whose
 * tensors lie apart in the file.  places: NULL: here. */
void te_trace_file_told (const char *what,
                         const char *path,
                         const TeIoValue *root,
                         size_t nbytes,
                         const char *format,
                         const TeFilePlaces *places);
