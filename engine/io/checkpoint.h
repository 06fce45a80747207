/* The file that torch.save writes and torch.load reads since PyTorch 1.6: a zip archive, uncompressed, with
 * NAME/data.pkl (a pickle), NAME/data/0, 1 … (the bytes of each storage, once) and NAME/version. */
#pragma once

#include "io/pickle.h"

/* Writes root as a whole archive into out (cleared by the caller).  name: the archive's inner folder. */
bool te_checkpoint_write (TeIoBuffer *out, TeIoValue *root, const char *name, TeError *err);

/* A file of a program's archive: its code, or something beside it. */
typedef struct
{
  const char *name; /* below the archive's folder */
  const char *data;
  size_t n;
} TeCheckpointFile;
/* The archive of torch.jit.save: the module, the tensors that its code names, and n files. */
bool te_checkpoint_write_program (TeIoBuffer *out,
                                  TeIoValue *root,
                                  TeIoValue *constants,
                                  const TeCheckpointFile *files,
                                  int n,
                                  const char *name,
                                  TeError *err);

typedef struct
{
  bool weights_only; /* tensors and plain containers, nothing else: the only way in which the window reads */
  /* Asked for every storage, with the name of the device it was on; false with err set: it cannot be here. */
  bool (*placed) (void *ctx, TeStorage *storage, const char *location, TeError *err);
  void *ctx;
} TeCheckpointOptions;

/* Reads an archive of n bytes; the value it holds, owned by doc.  Every tensor is checked to lie within its
 * storage; storages that several tensors share are shared again.
 * Errors: RuntimeError in the words of PyTorch's reader where it has some, for anything that is not such a
 * file; with weights_only, its words for what the restricted reader does not know. */
TeIoValue *te_checkpoint_read (
    TeIoDocument *doc, const void *data, size_t n, const TeCheckpointOptions *options, TeError *err);

/* The form before PyTorch 1.6: a magic number, a version, facts about the machine, the object, the keys of its
 * storages (pickles, one after the other), then each storage's length and bytes. */
bool te_checkpoint_write_legacy (TeIoBuffer *out, TeIoValue *root, TeError *err);
/* *used: how many of the n bytes were the file (another may follow). */
TeIoValue *te_checkpoint_read_legacy (TeIoDocument *doc,
                                      const void *data,
                                      size_t n,
                                      const TeCheckpointOptions *options,
                                      size_t *used,
                                      TeError *err);
