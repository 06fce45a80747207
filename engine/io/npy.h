/* numpy's npy files (one array) and npz files (a zip archive of them), versions 1.0 to 3.0.
 * Source: the format's description, NEP 1, and numpy.lib.format's documentation. */
#pragma once

#include "io/pickle.h"

/* The bytes that numpy.save writes, little-endian; what is contiguous in Fortran's order stays so, anything else is
 * written in C's order. Errors: TypeError, bfloat16 (which numpy has not) or device meta; RuntimeError, a lazy bit. */
bool te_npy_write (TeIoBuffer *out, const TeTensor *tensor, TeError *err);

/* The tensor that n bytes hold, in storage of its own, strided as numpy.load strides it; bytes after it are not looked at.
 * Either byte order is read; bools other than 0 are True. Nothing but a tensor is ever made.
 * Errors: ValueError, no such file, or object arrays (pickles); TypeError, a dtype that the engine has not. */
TeTensor *te_npy_read (const void *data, size_t n, TeError *err);

/* tensors: a DICT of name and TENSOR, as numpy.savez writes them: NAME.npy, uncompressed. */
bool te_npz_write (TeIoBuffer *out, const TeIoValue *tensors, TeError *err);

/* The DICT of tensors in an archive, compressed or not, owned by doc. Errors: as above, with the member's name. */
TeIoValue *te_npz_read (TeIoDocument *doc, const void *data, size_t n, TeError *err);
