/* The file that torch.save writes and torch.load reads since PyTorch 1.6: a zip archive, uncompressed, with
 * NAME/data.pkl (a pickle), NAME/data/0, 1 … (the bytes of each storage, once) and NAME/version. */
#pragma once

#include "io/pickle.h"

/* Writes root as a whole archive into out (cleared by the caller).  name: the archive's inner folder. */
bool te_checkpoint_write (TeIoBuffer *out, TeIoValue *root, const char *name, TeError *err);

/* Reads an archive of n bytes; the value it holds, owned by doc.  Every tensor is checked to lie within its
 * storage; storages that several tensors share are shared again.
 * Errors: RuntimeError in the words of PyTorch's reader where it has some, for anything that is not such a
 * file. */
TeIoValue *te_checkpoint_read (TeIoDocument *doc, const void *data, size_t n, TeError *err);
