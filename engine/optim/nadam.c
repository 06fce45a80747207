/* NAdam: Adam that looks ahead as Nesterov's momentum does, with a momentum mu that warms up.
 * mu_t = beta1 (1 - 0.96^(t decay) / 2), P = mu_1 … mu_t; m and v are Adam's, s = sqrt (v / (1 - beta2^t)) +
 * eps; p -= lr (1 - mu_t) / (1 - P) * g / s; p -= lr mu_(t+1) / (1 - P mu_t mu_(t+1)) * m / s. Source: Dozat
 * 2016; the form is torch.optim's (where P's last factor stands twice, save with
 * foreach). */
#include "optim/optimizer-private.h"

static double
warm_momentum (const TeNadamConfig *c, double step)
{
  return c->beta1 * (1.0 - 0.5 * pow (0.96, step * c->momentum_decay));
}

/* item->number: 0 second bias correction, 1 rate of the gradient, 2 rate of the mean.  The product of all
 * momenta is the parameter's scalar 0, and is rounded as that tensor is. */
static void
prepare (TeOptimItem *item, const TeOptimParam *param, const void *config)
{
  const TeNadamConfig *c = config;
  double mu = warm_momentum (c, param->step), next = warm_momentum (c, param->step + 1);
  double product = te_optim_scalar_mul (param->scalar[0], te_optim_scalar (param->scalar[0]), mu);
  te_optim_scalar_set (param->scalar[0], product);
  double ahead = product * next;
  if (!c->foreach)
    ahead = te_optim_scalar_mul (param->scalar[0], te_optim_scalar_mul (param->scalar[0], product, mu), next);
  item->number[0] = 1 - pow (c->beta2, param->step);
  item->number[1] = -c->lr * (1.0 - mu) / (1.0 - product);
  item->number[2] = -c->lr * next / (1.0 - ahead);
}

#define STAMP(T, suffix, SQRT, FMA)                                                                          \
  static void nadam_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)       \
  {                                                                                                          \
    const TeNadamConfig *c = config;                                                                         \
    const bool decays = c->weight_decay != 0;                                                                \
    T *restrict p = item->param, *restrict m = item->state[0], *restrict v = item->state[1];                 \
    const T *restrict g = item->grad;                                                                        \
    T decay = (T) c->weight_decay, b1 = (T) c->beta1, b2 = (T) c->beta2, a1 = (T) (1 - c->beta1),            \
      a2 = (T) (1 - c->beta2), eps = (T) c->eps;                                                             \
    T correction = (T) item->number[0], rate_g = (T) item->number[1], rate_m = (T) item->number[2];          \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        T d = decays ? FMA (decay, p[i], g[i]) : g[i];                                                       \
        m[i] = FMA (a1, d, m[i] * b1);                                                                       \
        v[i] = FMA (a2 * d, d, v[i] * b2);                                                                   \
        T size = SQRT (v[i] / correction) + eps;                                                             \
        p[i] = p[i] + rate_g * d / size + rate_m * m[i] / size;                                              \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32, sqrtf, fmaf)
STAMP (double, f64, sqrt, fma)
/* clang-format on */

bool
te_optim_nadam (const TeNadamConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { nadam_f32, nadam_f64 };
  return te_optim_run (params, n, 2, loops, prepare, config, 2, err);
}
