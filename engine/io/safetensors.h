/* safetensors files: a length, a JSON header that names each tensor's dtype, sizes and place, then the elements.
 * Source: the format's description, github.com/huggingface/safetensors. */
#pragma once

#include "io/pickle.h"

/* tensors: a DICT of name and contiguous TENSOR; metadata: a DICT of text and text, or NULL. The bytes are those that
 * the format's own library writes. Errors: RuntimeError, a dtype or a key that the format has not. */
bool te_safetensors_write (TeIoBuffer *out, const TeIoValue *tensors, const TeIoValue *metadata, TeError *err);

/* The DICT of tensors that n bytes hold, and *metadata (a DICT, empty without any), both owned by doc. All tensors lie
 * in one storage of their own. Errors: RuntimeError in the format's words for what is malformed. */
TeIoValue *
te_safetensors_read (TeIoDocument *doc, const void *data, size_t n, TeIoValue **metadata, TeError *err);
