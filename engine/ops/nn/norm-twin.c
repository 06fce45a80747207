/* Ioffe and Szegedy 2015, section 3: with n = (x - m) r and g = grad * weight,
 * grad_x = r (g - mean (g) - n mean (g n)). */
#include "ops/nn/norm-twin.h"

static TeTensor *
mean_over (TeNormTwin *self, TeTensor *t)
{
  return EX (self->e, "mean.dim", "TIb", t, self->dims, self->n_dims, 1);
}

void
te_norm_twin_run (TeNormTwin *self)
{
  TeExpr *e = self->e;
  TeTensor *centred;
  if (self->trains)
    {
      self->mean = mean_over (self, self->x);
      centred = ex_sub (e, self->x, self->mean);
      TeTensor *var = mean_over (self, ex_mul (e, centred, centred));
      self->rstd = EX (e, "rsqrt", "T", ex_add_scalar (e, var, self->eps));
    }
  else
    centred = ex_sub (e, self->x, self->mean);
  TeTensor *normal = ex_mul (e, centred, self->rstd);
  TeTensor *g = self->weight ? ex_mul (e, self->grad, self->weight) : self->grad;
  self->along = ex_mul (e, self->grad, normal);
  TeTensor *rest = g;
  if (self->trains)
    {
      TeTensor *turn = ex_mul (e, normal, mean_over (self, ex_mul (e, g, normal)));
      rest = ex_sub (e, ex_sub (e, g, mean_over (self, g)), turn);
    }
  self->grad_x = ex_mul (e, rest, self->rstd);
}
