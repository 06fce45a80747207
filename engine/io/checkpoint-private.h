/* What the zip and the older form of checkpoints share: storages by key, and tensors out of what pickles say. */
#pragma once

#include "io/checkpoint.h"

typedef struct
{
  char key[32];
  TeStorage *storage; /* borrowed when writing; owned by the document when reading */
  TeDtype dtype;
} TeCheckpointEntry;

typedef struct
{
  TeCheckpointEntry *entries;
  size_t n, room;
} TeCheckpointTable;

TeCheckpointEntry *te_checkpoint_table_add (TeCheckpointTable *table);
void te_checkpoint_table_clear (TeCheckpointTable *table);
/* A TePickleStorageKey over a table: numbers storages as they come. */
const char *te_checkpoint_key_of (void *table, TeStorage *storage, TeDtype dtype, TeError *err);

typedef struct TeCheckpointReader TeCheckpointReader;
struct TeCheckpointReader
{
  TeCheckpointTable storages;
  const TeCheckpointOptions *options;
  size_t n_id; /* entries of a storage's persistent id: 5 or 6 */
  /* The storage of that key, of numel elements of dtype as the pickle says; owned, NULL with err set. */
  TeStorage *(*fetch) (TeCheckpointReader *self, const char *key, TeDtype dtype, int64_t numel, TeError *err);
};

/* TePickleResolve and TePickleBuild with a TeCheckpointReader as ctx. */
TeIoValue *te_checkpoint_resolve (void *reader, TeIoDocument *doc, TeIoValue *id, TeError *err);
TeIoValue *te_checkpoint_build (void *reader, TeIoDocument *doc, TeIoValue *value, TeError *err);
