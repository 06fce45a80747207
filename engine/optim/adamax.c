/* Adamax: Adam with the largest recent gradient in the place of the mean square.
 * m = beta1 m + (1 - beta1) g; u = max (beta2 u, |g| + eps); p -= lr / (1 - beta1^t) * m / u.
 * Source: Kingma and Ba 2014, section 7.1; the form is torch.optim's. */
#include "optim/optimizer-private.h"

/* item->number: 0 step size */
static void
prepare (TeOptimItem *item, const TeOptimParam *param, const void *config)
{
  const TeAdamConfig *c = config;
  item->number[0] = c->lr / (1 - pow (c->beta1, param->step));
}

#define STAMP(T, suffix, FABS, FMA)                                                                          \
  static void adamax_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)      \
  {                                                                                                          \
    const TeAdamConfig *c = config;                                                                          \
    const bool decays = c->weight_decay != 0;                                                                \
    T *restrict p = item->param, *restrict m = item->state[0], *restrict u = item->state[1];                 \
    const T *restrict g = item->grad;                                                                        \
    T sign = c->maximize ? -1 : 1, decay = (T) c->weight_decay, b1 = (T) c->beta1, b2 = (T) c->beta2,        \
      a1 = (T) (1 - c->beta1), rate = (T) -item->number[0], eps = (T) c->eps;                                \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        T d = decays ? FMA (decay, p[i], sign * g[i]) : sign * g[i];                                         \
        m[i] = FMA (a1, d, m[i] * b1);                                                                       \
        T kept = u[i] * b2, now = FABS (d) + eps;                                                            \
        u[i] = kept > now || kept != kept ? kept : now;                                                      \
        p[i] += rate * m[i] / u[i];                                                                          \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32, fabsf, fmaf)
STAMP (double, f64, fabs, fma)
/* clang-format on */

bool
te_optim_adamax (const TeAdamConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { adamax_f32, adamax_f64 };
  return te_optim_run (params, n, 2, loops, prepare, config, 1, err);
}
