/* Zip archives in memory, as checkpoints and npz files use them. */
#pragma once

#include <zip.h>

#include "io/pickle.h"

typedef struct
{
  zip_t *zip;
  zip_source_t *memory; /* of what is written */
  size_t nbytes, taken; /* of what is read: its length, and how much was made of it */
} TeArchive;

/* Writing. What te_archive_add is given must stay until te_archive_finish, which puts the whole archive into out: the
 * same bytes for the same content. te_archive_clear comes last in any case. */
bool te_archive_create (TeArchive *self, TeError *err);
bool te_archive_add (TeArchive *self, const char *path, const void *data, size_t n, TeError *err);
bool te_archive_finish (TeArchive *self, TeIoBuffer *out, TeError *err);

/* Reading. false without an error set: the bytes are no archive. */
bool te_archive_open (TeArchive *self, const void *data, size_t n);
/* The bytes of a file, checked against its checksum, as a new storage; NULL with err set when the file does not read, or
 * when the files so far claim to be more than deflate could have made of the archive. name: as errors call it. */
TeStorage *te_archive_read (TeArchive *self, zip_uint64_t index, const char *name, TeError *err);

void te_archive_clear (TeArchive *self);
