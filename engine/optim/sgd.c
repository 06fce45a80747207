/* SGD with momentum: g += weight_decay * p; b = momentum * b + (1 - dampening) * g; p -= lr * (nesterov ? g +
 * momentum * b : b). Source: Sutskever et al. 2013; the form is torch.optim.SGD's. */
#include "optim/optimizer-private.h"

#define STAMP(T, suffix, FMA)                                                                                \
  static void sgd_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)         \
  {                                                                                                          \
    const TeSgdConfig *c = config;                                                                           \
    const bool decays = c->weight_decay != 0, nesterov = c->nesterov, fresh = item->fresh;                   \
    T *restrict p = item->param, *restrict b = item->state[0];                                               \
    const T *restrict g = item->grad;                                                                        \
    T sign = c->maximize ? -1 : 1, decay = (T) c->weight_decay, rate = (T) -c->lr;                           \
    T momentum = (T) c->momentum, take = (T) (1 - c->dampening);                                             \
    if (!b && !c->weight_decay)                                                                              \
      for (int64_t i = begin; i < end; i++)                                                                  \
        p[i] = FMA (rate, sign * g[i], p[i]);                                                                \
    else if (!b)                                                                                             \
      for (int64_t i = begin; i < end; i++)                                                                  \
        p[i] = FMA (rate, FMA (decay, p[i], sign * g[i]), p[i]);                                             \
    else                                                                                                     \
      for (int64_t i = begin; i < end; i++)                                                                  \
        {                                                                                                    \
          T d = sign * g[i];                                                                                 \
          if (decays)                                                                                        \
            d = FMA (decay, p[i], d);                                                                        \
          b[i] = fresh ? d : FMA (take, d, b[i] * momentum);                                                 \
          p[i] = FMA (rate, nesterov ? FMA (momentum, b[i], d) : b[i], p[i]);                                \
        }                                                                                                    \
  }
/* clang-format off */
STAMP (float, f32, fmaf)
STAMP (double, f64, fma)
/* clang-format on */

bool
te_optim_sgd (const TeSgdConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { sgd_f32, sgd_f64 };
  return te_optim_run (params, n, 1, loops, NULL, config, 1, err);
}
