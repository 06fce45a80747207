#include "ops/fft/transform.h"

#include <fftw3.h>

/* FFTW's description of the loops around a transform: every dimension that is not transformed. */
typedef struct
{
  int rank, loops_rank;
  fftw_iodim64 dims[TE_MAX_NDIM], loops[TE_MAX_NDIM];
} Layout;

static fftw_iodim64
dim_of (const TeTensor *in, const TeTensor *out, int d, int64_t size)
{
  return (fftw_iodim64){ .n = size, .is = in->strides[d], .os = out->strides[d] };
}

/* sizes: of the logical transform, which a half has not. */
static void
layout_init (
    Layout *self, const TeTensor *in, const TeTensor *out, int n, const int *dims, const int64_t *sizes)
{
  bool transformed[TE_MAX_NDIM] = { false };
  self->rank = 0;
  self->loops_rank = 0;
  for (int i = 0; i < n; i++)
    {
      transformed[dims[i]] = true;
      self->dims[self->rank++] = dim_of (in, out, dims[i], sizes[dims[i]]);
    }
  for (int d = 0; d < in->ndim; d++)
    if (!transformed[d])
      self->loops[self->loops_rank++] = dim_of (in, out, d, in->sizes[d]);
}

static bool
no_plan (TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "FFTW has no plan for these sizes");
}

/* fftw_ and fftwf_ differ in their letter alone. */
#define RUN(PREFIX, PLAN)                                                                                    \
  {                                                                                                          \
    PREFIX##_plan plan = PLAN;                                                                               \
    if (!plan)                                                                                               \
      return no_plan (err);                                                                                  \
    PREFIX##_execute (plan);                                                                                 \
    PREFIX##_destroy_plan (plan);                                                                            \
    return true;                                                                                             \
  }

bool
te_fft_complex (const TeTensor *in, TeTensor *out, int n, const int *dims, bool forward, TeError *err)
{
  Layout l;
  int sign = forward ? FFTW_FORWARD : FFTW_BACKWARD;
  layout_init (&l, in, out, n, dims, in->sizes);
  if (!in->numel)
    return true;
  if (in->dtype == TE_COMPLEX128)
    RUN (fftw, fftw_plan_guru64_dft (l.rank, l.dims, l.loops_rank, l.loops, te_tensor_data (in),
                                     te_tensor_data (out), sign, FFTW_ESTIMATE))
  RUN (fftwf, fftwf_plan_guru64_dft (l.rank, l.dims, l.loops_rank, l.loops, te_tensor_data (in),
                                     te_tensor_data (out), sign, FFTW_ESTIMATE))
}

bool
te_fft_real_to_half (const TeTensor *in, TeTensor *out, int dim, TeError *err)
{
  Layout l;
  layout_init (&l, in, out, 1, &dim, in->sizes);
  if (!in->numel)
    return true;
  if (in->dtype == TE_FLOAT64)
    RUN (fftw, fftw_plan_guru64_dft_r2c (1, l.dims, l.loops_rank, l.loops, te_tensor_data (in),
                                         te_tensor_data (out), FFTW_ESTIMATE))
  RUN (fftwf, fftwf_plan_guru64_dft_r2c (1, l.dims, l.loops_rank, l.loops, te_tensor_data (in),
                                         te_tensor_data (out), FFTW_ESTIMATE))
}

bool
te_fft_half_to_real (TeTensor *in, TeTensor *out, int dim, TeError *err)
{
  Layout l;
  layout_init (&l, in, out, 1, &dim, out->sizes);
  if (!out->numel)
    return true;
  if (out->dtype == TE_FLOAT64)
    RUN (fftw, fftw_plan_guru64_dft_c2r (1, l.dims, l.loops_rank, l.loops, te_tensor_data (in),
                                         te_tensor_data (out), FFTW_ESTIMATE))
  RUN (fftwf, fftwf_plan_guru64_dft_c2r (1, l.dims, l.loops_rank, l.loops, te_tensor_data (in),
                                         te_tensor_data (out), FFTW_ESTIMATE))
}
