/* Discrete Fourier transforms of contiguous memory by FFTW, on one thread.  Plans are estimated, never
 * measured: the same sizes give the same bits. */
#pragma once

#include "core/tensor.h"

/* in and out: contiguous, complex of one dtype, same sizes, not the same memory.  Transforms the n dims. */
bool te_fft_complex (const TeTensor *in, TeTensor *out, int n, const int *dims, bool forward, TeError *err);
/* in real, out complex with n / 2 + 1 elements along dim: the forward transform's first half. */
bool te_fft_real_to_half (const TeTensor *in, TeTensor *out, int dim, TeError *err);
/* in complex with n / 2 + 1 elements along dim (changed on the way), out real with n: the inverse transform
 * of what the half stands for, times n. */
bool te_fft_half_to_real (TeTensor *in, TeTensor *out, int dim, TeError *err);
