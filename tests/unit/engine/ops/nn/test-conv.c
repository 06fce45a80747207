/* The three products of a convolution against the definition, for both forms and many geometries. */
#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "iter/pool.h"
#include "ops/nn/conv-plan.h"

typedef struct
{
  int64_t n, wide_channels, narrow_channels, groups;
  int64_t wide[3], kernel[3], stride[3], pad[3], dilation[3];
} Case;

static const Case cases[] = {
  { 8, 1, 16, 1, { 1, 8, 8 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 } },
  { 13, 16, 10, 1, { 1, 4, 4 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 } },
  { 8, 4, 6, 2, { 1, 9, 7 }, { 1, 3, 2 }, { 1, 2, 2 }, { 0, 1, 1 }, { 1, 1, 1 } },
  { 16, 3, 5, 1, { 1, 11, 10 }, { 1, 3, 3 }, { 1, 1, 2 }, { 0, 2, 0 }, { 1, 2, 3 } },
  { 8, 2, 3, 1, { 4, 5, 6 }, { 2, 3, 3 }, { 1, 2, 1 }, { 1, 1, 0 }, { 1, 1, 1 } },
  { 7, 6, 6, 6, { 1, 1, 20 }, { 1, 1, 5 }, { 1, 1, 1 }, { 0, 0, 2 }, { 1, 1, 1 } },
  { 2, 3, 4, 1, { 1, 8, 8 }, { 1, 1, 1 }, { 1, 1, 1 }, { 0, 0, 0 }, { 1, 1, 1 } },
  { 1, 3, 4, 1, { 1, 12, 9 }, { 1, 5, 3 }, { 1, 1, 1 }, { 0, 4, 3 }, { 1, 1, 1 } },
  { 2, 9, 17, 1, { 1, 32, 32 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 } },
  { 3, 4, 8, 1, { 1, 16, 33 }, { 1, 3, 3 }, { 1, 2, 2 }, { 0, 1, 1 }, { 1, 1, 1 } },
  { 2, 3, 6, 1, { 1, 12, 14 }, { 1, 1, 1 }, { 1, 2, 2 }, { 0, 0, 0 }, { 1, 1, 1 } },
  { 2, 2, 3, 1, { 6, 7, 8 }, { 3, 2, 3 }, { 2, 1, 3 }, { 1, 0, 4 }, { 1, 2, 2 } },
  { 3, 2, 2, 1, { 1, 9, 9 }, { 1, 2, 2 }, { 1, 3, 4 }, { 0, 3, 5 }, { 1, 1, 1 } },
  { 8, 2, 5, 1, { 1, 10, 13 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 } },
};

static TeConvPlan
plan_of (const Case *c)
{
  TeConvPlan p = { .nd = 3,
                   .batched = true,
                   .n = c->n,
                   .groups = c->groups,
                   .wide_channels = c->wide_channels,
                   .narrow_channels = c->narrow_channels };
  for (int d = 0; d < 3; d++)
    {
      p.wide[d] = c->wide[d];
      p.kernel[d] = c->kernel[d];
      p.stride[d] = c->stride[d];
      p.pad[d] = c->pad[d];
      p.dilation[d] = c->dilation[d];
      p.narrow[d] = (c->wide[d] + 2 * c->pad[d] - c->dilation[d] * (c->kernel[d] - 1) - 1) / c->stride[d] + 1;
    }
  return p;
}

static float *
random_floats (int64_t n)
{
  float *out = g_new (float, n);
  for (int64_t i = 0; i < n; i++)
    out[i] = (float) g_test_rand_double_range (-1, 1);
  return out;
}

/* Adds every product of the convolution to narrow, wide_grad and weight_grad. */
static void
naive (const TeConvPlan *p,
       const float *wide,
       const float *weight,
       const float *grad,
       double *narrow,
       double *wide_grad,
       double *weight_grad)
{
  int64_t wc = p->wide_channels / p->groups, nc = p->narrow_channels / p->groups;
  int64_t taps = te_conv_volume (p->kernel), nv = te_conv_volume (p->narrow), wv = te_conv_volume (p->wide);
  for (int64_t n = 0; n < p->n; n++)
    for (int64_t o = 0; o < p->narrow_channels; o++)
      for (int64_t i = 0; i < wc; i++)
        for (int64_t px = 0; px < nv; px++)
          for (int64_t t = 0; t < taps; t++)
            {
              int64_t x = px % p->narrow[2], y = px / p->narrow[2] % p->narrow[1],
                      z = px / p->narrow[2] / p->narrow[1];
              int64_t kx = t % p->kernel[2], ky = t / p->kernel[2] % p->kernel[1],
                      kz = t / p->kernel[2] / p->kernel[1];
              int64_t ix = x * p->stride[2] + kx * p->dilation[2] - p->pad[2],
                      iy = y * p->stride[1] + ky * p->dilation[1] - p->pad[1],
                      iz = z * p->stride[0] + kz * p->dilation[0] - p->pad[0];
              if (ix < 0 || iy < 0 || iz < 0 || ix >= p->wide[2] || iy >= p->wide[1] || iz >= p->wide[0])
                continue;
              int64_t a = (n * p->narrow_channels + o) * nv + px;
              int64_t b =
                  (n * p->wide_channels + o / nc * wc + i) * wv + (iz * p->wide[1] + iy) * p->wide[2] + ix;
              int64_t w = (o * wc + i) * taps + t;
              narrow[a] += (double) weight[w] * (double) wide[b];
              wide_grad[b] += (double) weight[w] * (double) grad[a];
              weight_grad[w] += (double) wide[b] * (double) grad[a];
            }
}

static void
compare (const float *got, const double *expected, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon ((double) got[i], expected[i], 1e-4 * (1 + fabs (expected[i])));
}

static void
run_case (const Case *c)
{
  TeError err;
  te_error_clear (&err);
  TeConvPlan p = plan_of (c);
  int64_t n_wide = p.n * p.wide_channels * te_conv_volume (p.wide),
          n_narrow = p.n * p.narrow_channels * te_conv_volume (p.narrow);
  int64_t n_weight = p.narrow_channels * p.wide_channels / p.groups * te_conv_volume (p.kernel);
  float *wide = random_floats (n_wide), *grad = random_floats (n_narrow), *weight = random_floats (n_weight);
  float *narrow = g_new (float, n_narrow), *wide_grad = g_new (float, n_wide),
        *weight_grad = g_new (float, n_weight);
  double *e_narrow = g_new0 (double, n_narrow), *e_wide = g_new0 (double, n_wide),
         *e_weight = g_new0 (double, n_weight);
  naive (&p, wide, weight, grad, e_narrow, e_wide, e_weight);
  g_assert_true (te_conv_to_narrow (&p, TE_FLOAT32, wide, weight, NULL, narrow, &err));
  compare (narrow, e_narrow, n_narrow);
  g_assert_true (te_conv_to_wide (&p, TE_FLOAT32, grad, weight, NULL, wide_grad, &err));
  compare (wide_grad, e_wide, n_wide);
  g_assert_true (te_conv_to_weight (&p, TE_FLOAT32, wide, grad, weight_grad, &err));
  compare (weight_grad, e_weight, n_weight);
  /* The processor's choice was compared above; forms with eight lanes run everywhere. */
  const TeConvDirect *forms[] = { &te_conv_lanes_8, &te_conv_rows_8, &te_conv_rows_16 };
  for (int i = 0; i < (__builtin_cpu_supports ("avx512f") ? 3 : 2); i++)
    if (isfinite (forms[i]->cost (&p, false)) && isfinite (forms[i]->cost (&p, true)))
      {
        g_assert_true (forms[i]->to_narrow (&p, wide, weight, NULL, narrow, &err));
        compare (narrow, e_narrow, n_narrow);
        g_assert_true (forms[i]->to_wide (&p, grad, weight, NULL, wide_grad, &err));
        compare (wide_grad, e_wide, n_wide);
        g_assert_true (forms[i]->to_weight (&p, wide, grad, weight_grad, &err));
        compare (weight_grad, e_weight, n_weight);
      }
  g_free (wide), g_free (grad), g_free (weight), g_free (narrow), g_free (wide_grad), g_free (weight_grad);
  g_free (e_narrow), g_free (e_wide), g_free (e_weight);
}

static void
test_products (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    run_case (&cases[i]);
}

/* The same bits with one thread, two and three. */
static void
test_threads (void)
{
  TeError err;
  te_error_clear (&err);
  for (gsize which = 0; which < G_N_ELEMENTS (cases); which++)
    {
      TeConvPlan p = plan_of (&cases[which]);
      int64_t n_wide = p.n * p.wide_channels * te_conv_volume (p.wide),
              n_narrow = p.n * p.narrow_channels * te_conv_volume (p.narrow);
      int64_t n_weight = p.narrow_channels * p.wide_channels / p.groups * te_conv_volume (p.kernel);
      int64_t n = n_wide + n_narrow + n_weight;
      float *wide = random_floats (n_wide), *grad = random_floats (n_narrow), *weight = random_floats (n_weight);
      float *one = g_new (float, n), *more = g_new (float, n);
      for (int threads = 1; threads <= 3; threads++)
        {
          float *into = threads == 1 ? one : more;
          te_set_num_threads (threads);
          g_assert_true (te_conv_to_narrow (&p, TE_FLOAT32, wide, weight, NULL, into, &err));
          g_assert_true (te_conv_to_wide (&p, TE_FLOAT32, grad, weight, NULL, into + n_narrow, &err));
          g_assert_true (te_conv_to_weight (&p, TE_FLOAT32, wide, grad, into + n_narrow + n_wide, &err));
          g_assert_cmpmem (one, (gsize) n * 4, into, (gsize) n * 4);
        }
      g_free (wide), g_free (grad), g_free (weight), g_free (one), g_free (more);
    }
}

/* A pixel that is not finite spoils what looks at it and nothing else: lanes between rows hold no pixels. */
static void
test_not_finite (void)
{
  TeError err;
  te_error_clear (&err);
  static const Case edge = { 4, 2, 3, 1, { 1, 9, 9 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 0, 0 }, { 1, 1, 1 } };
  const TeConvDirect *forms[] = { &te_conv_rows_8, &te_conv_rows_16 };
  TeConvPlan p = plan_of (&edge);
  float *wide = random_floats (4 * 2 * 81), *grad = random_floats (4 * 3 * 49), weight_grad[3 * 2 * 9];
  wide[8] = NAN; /* the end of the first row: only a row's last tap sees it */
  for (int i = 0; i < (__builtin_cpu_supports ("avx512f") ? 2 : 1); i++)
    {
      g_assert_true (forms[i]->to_weight (&p, wide, grad, weight_grad, &err));
      for (int j = 0; j < 3 * 2 * 9; j++)
        g_assert_cmpint (isnan (weight_grad[j]) != 0, ==, j % 18 == 2);
    }
  g_free (wide), g_free (grad);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/conv/products", test_products);
  g_test_add_func ("/nn/conv/threads", test_threads);
  g_test_add_func ("/nn/conv/not-finite", test_not_finite);
  return g_test_run ();
}
