/* Python's pickle as far as checkpoints use it: a reader for protocols 0 to 5 that calls nothing, and a
 * writer of protocol 2.  Source: CPython's Lib/pickletools.py, which states each opcode's meaning. */
#pragma once

#include "io/io-value.h"

/* Finds the value that a persistent id stands for (torch: a storage); NULL with err set when it is unknown.
 */
typedef TeIoValue *(*TePickleResolve) (void *ctx, TeIoDocument *doc, TeIoValue *id, TeError *err);
/* Gives an object that was just made another form (torch: tensors); returns value itself where it has none,
 * NULL with err set for arguments that make no sense. */
typedef TeIoValue *(*TePickleBuild) (void *ctx, TeIoDocument *doc, TeIoValue *value, TeError *err);

typedef struct
{
  void *ctx;
  TePickleResolve resolve;
  TePickleBuild build;
  bool weights_only; /* only the opcodes and names that PyTorch's restricted reader knows */
} TePickleHooks;

/* The value that a pickle holds; *used: its length (NULL is fine).
 * Errors: RuntimeError saying what is malformed and where, never a crash. */
TeIoValue *te_pickle_read (
    TeIoDocument *doc, const char *data, size_t n, const TePickleHooks *hooks, size_t *used, TeError *err);

/* Bytes that grow. */
typedef struct
{
  char *data;
  size_t n, room;
  bool failed; /* no memory */
} TeIoBuffer;
void te_io_buffer_add (TeIoBuffer *buffer, const void *data, size_t n);
void te_io_buffer_clear (TeIoBuffer *buffer);

/* Writes tensors and storages by their persistent ids: asks for the number under which a storage is kept. */
typedef const char *(*TePickleStorageKey) (void *ctx, TeStorage *storage, TeDtype dtype, TeError *err);
/* legacy: persistent ids have a sixth entry, as in files before PyTorch 1.6. */
bool te_pickle_write (
    TeIoBuffer *out, TeIoValue *root, TePickleStorageKey key, void *ctx, bool legacy, TeError *err);

/* "FloatStorage" for float32, and back; TE_DTYPE_NONE for an unknown name. */
const char *te_storage_class_name (TeDtype dtype);
TeDtype te_storage_class_dtype (const char *name);
