/* Adam and AdamW: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g g;
 * p -= lr / (1 - beta1^t) * m / (sqrt (v) / sqrt (1 - beta2^t) + eps).
 * Sources: Kingma and Ba 2014; Loshchilov and Hutter 2017; Reddi, Kale, Kumar 2018 (amsgrad).  The form is
 * torch.optim's. */
#include "optim/optimizer-private.h"

/* item->number: 0 step size, 1 sqrt of the second bias correction */
static void
prepare (TeOptimItem *item, const TeOptimParam *param, const void *config)
{
  const TeAdamConfig *c = config;
  item->number[0] = c->lr / (1 - pow (c->beta1, param->step));
  item->number[1] = sqrt (1 - pow (c->beta2, param->step));
}

#define STAMP(T, suffix, SQRT, FMA)                                                                          \
  static void adam_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)        \
  {                                                                                                          \
    const TeAdamConfig *c = config;                                                                          \
    const bool decays = !c->decoupled && c->weight_decay != 0, amsgrad = c->amsgrad;                         \
    T *restrict p = item->param, *restrict m = item->state[0], *restrict v = item->state[1],                 \
                *restrict top = item->state[2];                                                              \
    const T *restrict g = item->grad;                                                                        \
    T sign = c->maximize ? -1 : 1, b1 = (T) c->beta1, b2 = (T) c->beta2, a1 = (T) (1 - c->beta1),            \
      a2 = (T) (1 - c->beta2);                                                                               \
    T decay = c->decoupled ? 0 : (T) c->weight_decay,                                                        \
      shrink = c->decoupled ? (T) (1 - c->lr * c->weight_decay) : 1;                                         \
    T rate = (T) -item->number[0], correction = (T) item->number[1], eps = (T) c->eps;                       \
    if (decay == 0 && !c->amsgrad)                                                                           \
      for (int64_t i = begin; i < end; i++)                                                                  \
        {                                                                                                    \
          T d = sign * g[i];                                                                                 \
          m[i] = FMA (a1, d, m[i] * b1);                                                                     \
          v[i] = FMA (a2 * d, d, v[i] * b2);                                                                 \
          p[i] = p[i] * shrink + rate * m[i] / (SQRT (v[i]) / correction + eps);                             \
        }                                                                                                    \
    else                                                                                                     \
      for (int64_t i = begin; i < end; i++)                                                                  \
        {                                                                                                    \
          T d = !decays ? sign * g[i] : FMA (decay, p[i], sign * g[i]);                                      \
          m[i] = FMA (a1, d, m[i] * b1);                                                                     \
          v[i] = FMA (a2 * d, d, v[i] * b2);                                                                 \
          T second = v[i];                                                                                   \
          if (amsgrad)                                                                                       \
            second = top[i] = top[i] > second || top[i] != top[i] ? top[i] : second;                         \
          p[i] = p[i] * shrink + rate * m[i] / (SQRT (second) / correction + eps);                           \
        }                                                                                                    \
  }
/* clang-format off */
STAMP (float, f32, sqrtf, fmaf)
STAMP (double, f64, sqrt, fma)
/* clang-format on */

bool
te_optim_adam (const TeAdamConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { adam_f32, adam_f64 };
  return te_optim_run (params, n, 3, loops, prepare, config, config->decoupled ? 2 : 1, err);
}
