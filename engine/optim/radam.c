/* RAdam: Adam whose adaptive part sets in only when enough steps have been seen for its variance to be
 * bounded. rho_inf = 2 / (1 - beta2) - 1, rho = rho_inf - 2 t beta2^t / (1 - beta2^t); with m, v as Adam's
 * and M = m / (1 - beta1^t):  p -= lr M r sqrt (1 - beta2^t) / (sqrt (v) + eps) where rho > 5, else p -= lr
 * M. Source: Liu et al. 2019; the form is torch.optim's. */
#include "optim/optimizer-private.h"

/* item->number: 0 first bias correction, 1 sqrt of the second, 2 rectification (0: too early for it) */
static void
prepare (TeOptimItem *item, const TeOptimParam *param, const void *config)
{
  const TeAdamConfig *c = config;
  double power = pow (c->beta2, param->step), second = 1 - power;
  double limit = 2 / (1 - c->beta2) - 1, rho = limit - 2 * param->step * power / second;
  item->number[0] = 1 - pow (c->beta1, param->step);
  item->number[1] = sqrt (second);
  item->number[2] = rho > 5 ? sqrt ((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)) : 0;
}

#define STAMP(T, suffix, SQRT, FMA)                                                                          \
  static void radam_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)       \
  {                                                                                                          \
    const TeAdamConfig *c = config;                                                                          \
    const bool decays = c->weight_decay != 0, adaptive = item->number[2] != 0;                               \
    T *restrict p = item->param, *restrict m = item->state[0], *restrict v = item->state[1];                 \
    const T *restrict g = item->grad;                                                                        \
    T decay = (T) c->weight_decay, b1 = (T) c->beta1, b2 = (T) c->beta2, a1 = (T) (1 - c->beta1),            \
      a2 = (T) (1 - c->beta2), eps = (T) c->eps, rate = (T) c->lr;                                           \
    T first = (T) item->number[0], second = (T) item->number[1], rect = (T) item->number[2];                 \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        T d = decays ? FMA (decay, p[i], g[i]) : g[i];                                                       \
        m[i] = FMA (a1, d, m[i] * b1);                                                                       \
        v[i] = FMA (a2 * d, d, v[i] * b2);                                                                   \
        T step = m[i] / first * rate;                                                                        \
        if (adaptive)                                                                                        \
          step = step * (1 / (SQRT (v[i]) + eps) * second) * rect;                                           \
        p[i] -= step;                                                                                        \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32, sqrtf, fmaf)
STAMP (double, f64, sqrt, fma)
/* clang-format on */

bool
te_optim_radam (const TeAdamConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { radam_f32, radam_f64 };
  return te_optim_run (params, n, 2, loops, prepare, config, 1, err);
}
