/* RMSprop, Adagrad and Adadelta: steps divided by a running size of the gradient.
 * Sources: Tieleman and Hinton 2012, lecture 6.5; Duchi, Hazan, Singer 2011; Zeiler 2012.  The forms are
 * torch.optim's. */
#include "optim/optimizer-private.h"

/* adagrad: number[0] is the decayed rate */
static void
prepare_adagrad (TeOptimItem *item, const TeOptimParam *param, const void *config)
{
  const TeAdagradConfig *c = config;
  item->number[0] = c->lr / (1 + (param->step - 1) * c->lr_decay);
}

#define STAMP(T, suffix, SQRT, FMA)                                                                          \
  static void rmsprop_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)     \
  {                                                                                                          \
    const TeRmspropConfig *c = config;                                                                       \
    const bool decays = c->weight_decay != 0, centered = c->centered, rolls = c->momentum > 0;               \
    T *restrict p = item->param, *restrict s = item->state[0], *restrict b = item->state[1],                 \
                *restrict a = item->state[2];                                                                \
    const T *restrict g = item->grad;                                                                        \
    T sign = c->maximize ? -1 : 1, decay = (T) c->weight_decay, keep = (T) c->alpha,                         \
      take = (T) (1 - c->alpha);                                                                             \
    T rate = (T) -c->lr, eps = (T) c->eps, momentum = (T) c->momentum;                                       \
    if (!centered && !rolls)                                                                                 \
      for (int64_t i = begin; i < end; i++)                                                                  \
        {                                                                                                    \
          T d = decays ? FMA (decay, p[i], sign * g[i]) : sign * g[i];                                       \
          s[i] = FMA (take * d, d, s[i] * keep);                                                             \
          p[i] += rate * d / (SQRT (s[i]) + eps);                                                            \
        }                                                                                                    \
    for (int64_t i = (centered || rolls) ? begin : end; i < end; i++)                                        \
      {                                                                                                      \
        T d = sign * g[i];                                                                                   \
        if (decays)                                                                                          \
          d = FMA (decay, p[i], d);                                                                          \
        s[i] = FMA (take * d, d, s[i] * keep);                                                               \
        T size = s[i];                                                                                       \
        if (centered)                                                                                        \
          {                                                                                                  \
            a[i] = FMA (take, d, a[i] * keep);                                                               \
            size = FMA (-a[i], a[i], s[i]);                                                                  \
          }                                                                                                  \
        T root = SQRT (size) + eps;                                                                          \
        if (rolls)                                                                                           \
          {                                                                                                  \
            b[i] = b[i] * momentum + d / root;                                                               \
            p[i] = FMA (rate, b[i], p[i]);                                                                   \
          }                                                                                                  \
        else                                                                                                 \
          p[i] += rate * d / root;                                                                           \
      }                                                                                                      \
  }                                                                                                          \
  static void adagrad_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)     \
  {                                                                                                          \
    const TeAdagradConfig *c = config;                                                                       \
    const bool decays = c->weight_decay != 0;                                                                \
    T *restrict p = item->param, *restrict s = item->state[0];                                               \
    const T *restrict g = item->grad;                                                                        \
    T sign = c->maximize ? -1 : 1, decay = (T) c->weight_decay, rate = (T) -item->number[0],                 \
      eps = (T) c->eps;                                                                                      \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        T d = sign * g[i];                                                                                   \
        if (decays)                                                                                          \
          d = FMA (decay, p[i], d);                                                                          \
        s[i] = FMA (d, d, s[i]);                                                                             \
        p[i] += rate * d / (SQRT (s[i]) + eps);                                                              \
      }                                                                                                      \
  }                                                                                                          \
  static void adadelta_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)    \
  {                                                                                                          \
    const TeAdadeltaConfig *c = config;                                                                      \
    const bool decays = c->weight_decay != 0;                                                                \
    T *restrict p = item->param, *restrict s = item->state[0], *restrict a = item->state[1];                 \
    const T *restrict g = item->grad;                                                                        \
    T sign = c->maximize ? -1 : 1, decay = (T) c->weight_decay, keep = (T) c->rho, take = (T) (1 - c->rho);  \
    T rate = (T) -c->lr, eps = (T) c->eps;                                                                   \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        T d = sign * g[i];                                                                                   \
        if (decays)                                                                                          \
          d = FMA (decay, p[i], d);                                                                          \
        s[i] = FMA (take * d, d, s[i] * keep);                                                               \
        T delta = SQRT (a[i] + eps) / SQRT (s[i] + eps) * d;                                                 \
        a[i] = FMA (take * delta, delta, a[i] * keep);                                                       \
        p[i] = FMA (rate, delta, p[i]);                                                                      \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32, sqrtf, fmaf)
STAMP (double, f64, sqrt, fma)
/* clang-format on */

bool
te_optim_rmsprop (const TeRmspropConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { rmsprop_f32, rmsprop_f64 };
  return te_optim_run (params, n, 3, loops, NULL, config, 1, err);
}

bool
te_optim_adagrad (const TeAdagradConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { adagrad_f32, adagrad_f64 };
  return te_optim_run (params, n, 1, loops, prepare_adagrad, config, 1, err);
}

bool
te_optim_adadelta (const TeAdadeltaConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { adadelta_f32, adadelta_f64 };
  return te_optim_run (params, n, 2, loops, NULL, config, 1, err);
}
