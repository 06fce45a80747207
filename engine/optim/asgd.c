/* ASGD: gradient descent that also keeps the mean of all its positions from step t0 on.
 * p -= lambd eta p; p -= eta g; a += mu (p - a); then eta = lr / (1 + lambd lr t)^alpha, mu = 1 / max (1, t -
 * t0). Source: Polyak and Juditsky 1992; the form is torch.optim's. */
#include "optim/optimizer-private.h"

/* item->number: 0 eta, 1 mu of this step; the parameter's scalars 0 and 1 become those of the next. */
static void
prepare (TeOptimItem *item, const TeOptimParam *param, const void *config)
{
  const TeAsgdConfig *c = config;
  item->number[0] = te_optim_scalar (param->scalar[0]);
  item->number[1] = te_optim_scalar (param->scalar[1]);
  /* PyTorch makes a float32 tensor of each before it stores it, whatever the dtype it is stored in. */
  te_optim_scalar_set (param->scalar[0],
                       (float) (c->lr / pow (1 + c->lambd * c->lr * param->step, c->alpha)));
  te_optim_scalar_set (param->scalar[1], (float) (1 / fmax (1, param->step - c->t0)));
}

#define STAMP(T, suffix, FMA)                                                                                \
  static void asgd_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)        \
  {                                                                                                          \
    const TeAsgdConfig *c = config;                                                                          \
    const bool decays = c->weight_decay != 0, averages = item->number[1] != 1;                               \
    T *restrict p = item->param, *restrict a = item->state[0];                                               \
    const T *restrict g = item->grad;                                                                        \
    T sign = c->maximize ? -1 : 1, decay = (T) c->weight_decay;                                              \
    T rate = (T) -item->number[0], shrink = (T) (1 - c->lambd * item->number[0]), mu = (T) item->number[1];  \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        T d = decays ? FMA (decay, p[i], sign * g[i]) : sign * g[i];                                         \
        p[i] = FMA (rate, d, p[i] * shrink);                                                                 \
        a[i] = averages ? a[i] + (p[i] - a[i]) * mu : p[i];                                                  \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32, fmaf)
STAMP (double, f64, fma)
/* clang-format on */

bool
te_optim_asgd (const TeAsgdConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { asgd_f32, asgd_f64 };
  return te_optim_run (params, n, 1, loops, prepare, config, 2, err);
}
