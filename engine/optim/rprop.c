/* Rprop: only the sign of the gradient counts.  Each element has a step size of its own, which grows while
 * the sign stays and shrinks when it flips; after a flip the element rests for one step. Source: Riedmiller
 * and Braun 1993; the form is torch.optim's. */
#include "optim/optimizer-private.h"

#define STAMP(T, suffix)                                                                                     \
  static void rprop_##suffix (const TeOptimItem *item, int64_t begin, int64_t end, const void *config)       \
  {                                                                                                          \
    const TeRpropConfig *c = config;                                                                         \
    T *restrict p = item->param, *restrict before = item->state[0], *restrict size = item->state[1];         \
    const T *restrict g = item->grad;                                                                        \
    T sign = c->maximize ? -1 : 1, shrink = (T) c->eta_minus, grow = (T) c->eta_plus, low = (T) c->size_min, \
      high = (T) c->size_max;                                                                                \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        T d = sign * g[i], both = d * before[i];                                                             \
        T step = size[i] * (both > 0 ? grow : both < 0 ? shrink : 1);                                        \
        step = step < low ? low : step;                                                                      \
        size[i] = step = step > high ? high : step;                                                          \
        before[i] = d = both < 0 ? 0 : d;                                                                    \
        p[i] -= (T) ((d > 0) - (d < 0)) * step;                                                              \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */

bool
te_optim_rprop (const TeRpropConfig *config, TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeOptimLoop loops[2] = { rprop_f32, rprop_f64 };
  return te_optim_run (params, n, 2, loops, NULL, config, 1, err);
}
