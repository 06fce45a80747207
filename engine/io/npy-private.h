/* The header of an npy file: a magic number, a version, a length, and a dict written as Python writes it. */
#pragma once

#include "io/npy.h"

typedef struct
{
  TeDtype dtype;
  bool swapped; /* the bytes of a number are in the other order than this machine's */
  bool fortran; /* the first dimension changes fastest */
  int ndim;
  int64_t sizes[TE_MAX_NDIM];
  size_t begin; /* where the elements start */
} TeNpyHeader;

bool te_npy_header_read (TeNpyHeader *self, const char *data, size_t n, TeError *err);
bool te_npy_header_write (const TeNpyHeader *self, TeIoBuffer *out, TeError *err); /* swapped, begin: not looked at */
