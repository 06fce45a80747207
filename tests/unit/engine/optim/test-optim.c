/* One step over many parameters is the same bits as a step for each, at any thread count and for any layout.
 */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "iter/pool.h"
#include "optim/optimizer.h"

static TeTensor *
floats (int ndim, const int64_t *sizes, double first)
{
  TeError err;
  TeTensor *t = te_tensor_new (ndim, sizes, TE_FLOAT32, &err);
  for (int64_t i = 0; i < t->numel; i++)
    ((float *) te_tensor_data (t))[i] = (float) sin (first + (double) i);
  return t;
}

typedef struct
{
  TeOptimParam params[3];
} Setup;

static Setup
setup_new (void)
{
  static const int64_t sizes[3] = { 5, 40000, 33 };
  Setup s = { 0 };
  for (int i = 0; i < 3; i++)
    {
      s.params[i] = (TeOptimParam){ .param = floats (1, &sizes[i], i),
                                    .grad = floats (1, &sizes[i], 7 + i),
                                    .step = 3 };
      for (int k = 0; k < 3; k++)
        {
          s.params[i].state[k] = floats (1, &sizes[i], 11 + k);
          for (int64_t j = 0; j < sizes[i]; j++)
            ((float *) te_tensor_data (s.params[i].state[k]))[j] =
                fabsf (((float *) te_tensor_data (s.params[i].state[k]))[j]);
        }
    }
  return s;
}

static void
setup_free (Setup *s)
{
  for (int i = 0; i < 3; i++)
    {
      te_tensor_unref (s->params[i].param);
      te_tensor_unref (s->params[i].grad);
      for (int k = 0; k < 3; k++)
        te_tensor_unref (s->params[i].state[k]);
    }
}

static void
assert_same (const Setup *a, const Setup *b)
{
  for (int i = 0; i < 3; i++)
    g_assert_cmpmem (te_tensor_data (a->params[i].param), (gsize) a->params[i].param->numel * 4,
                     te_tensor_data (b->params[i].param), (gsize) b->params[i].param->numel * 4);
}

static const TeAdamConfig adam = {
  .lr = 0.1, .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8, .weight_decay = 0.1, .amsgrad = true
};

static void
test_together (void)
{
  TeError err;
  Setup all = setup_new (), each = setup_new ();
  te_set_num_threads (3);
  g_assert_true (te_optim_adam (&adam, all.params, 3, &err));
  te_set_num_threads (1);
  for (int i = 0; i < 3; i++)
    g_assert_true (te_optim_adam (&adam, &each.params[i], 1, &err));
  assert_same (&all, &each);
  g_assert_cmpuint (*all.params[0].param->version, ==, 1);
  setup_free (&all);
  setup_free (&each);
}

static bool
step_adamax (TeOptimParam *params, int64_t n, TeError *err)
{
  return te_optim_adamax (&adam, params, n, err);
}

static bool
step_radam (TeOptimParam *params, int64_t n, TeError *err)
{
  return te_optim_radam (&adam, params, n, err);
}

static bool
step_nadam (TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeNadamConfig config = {
    .lr = 0.1, .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8, .weight_decay = 0.1, .momentum_decay = 4e-3
  };
  return te_optim_nadam (&config, params, n, err);
}

static bool
step_asgd (TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeAsgdConfig config = {
    .lr = 0.1, .lambd = 0.01, .alpha = 0.75, .t0 = 1, .weight_decay = 0.1
  };
  return te_optim_asgd (&config, params, n, err);
}

static bool
step_rprop (TeOptimParam *params, int64_t n, TeError *err)
{
  static const TeRpropConfig config = { .eta_minus = 0.5, .eta_plus = 1.2, .size_min = 1e-6, .size_max = 50 };
  return te_optim_rprop (&config, params, n, err);
}

static void
set_scalars (Setup *s, TeTensor *const scalars[2])
{
  for (int i = 0; i < 3; i++)
    memcpy (s->params[i].scalar, scalars + 2 * i, 2 * sizeof *scalars);
}

/* Each algorithm steps, gives finite numbers, and the same bits for all parameters at once as one by one. */
static void
test_kin (void)
{
  static bool (*const steps[]) (TeOptimParam *, int64_t, TeError *) = { step_adamax, step_radam, step_nadam,
                                                                        step_asgd, step_rprop };
  TeError err;
  for (gsize k = 0; k < G_N_ELEMENTS (steps); k++)
    {
      Setup all = setup_new (), each = setup_new (), before = setup_new ();
      TeTensor *scalars[12];
      for (int i = 0; i < 12; i++)
        scalars[i] = te_tensor_new_scalar (te_scalar_float (0.5), TE_FLOAT32, &err);
      set_scalars (&all, scalars);
      set_scalars (&each, scalars + 6);
      te_set_num_threads (3);
      g_assert_true (steps[k](all.params, 3, &err));
      te_set_num_threads (1);
      for (int i = 0; i < 3; i++)
        g_assert_true (steps[k](&each.params[i], 1, &err));
      assert_same (&all, &each);
      int moved = 0; /* rprop rests where the sign flips */
      for (int i = 0; i < 33; i++)
        {
          float now = ((float *) te_tensor_data (all.params[2].param))[i];
          g_assert_true (isfinite (now));
          moved += now != ((float *) te_tensor_data (before.params[2].param))[i];
        }
      g_assert_cmpint (moved, >, 8);
      for (int i = 0; i < 12; i++)
        te_tensor_unref (scalars[i]);
      setup_free (&all);
      setup_free (&each);
      setup_free (&before);
    }
}

/* sgd against its definition. */
static void
test_sgd (void)
{
  TeError err;
  Setup s = setup_new (), before = setup_new ();
  const TeSgdConfig config = { .lr = 0.5, .momentum = 0.25, .dampening = 0.5, .weight_decay = 2 };
  g_assert_true (te_optim_sgd (&config, s.params, 3, &err));
  for (int64_t i = 0; i < 33; i++)
    {
      const TeOptimParam *b = &before.params[2];
      float p = ((float *) te_tensor_data (b->param))[i], g = ((float *) te_tensor_data (b->grad))[i];
      float m = 0.25f * ((float *) te_tensor_data (b->state[0]))[i] + 0.5f * (g + 2 * p);
      g_assert_cmpfloat_with_epsilon (((float *) te_tensor_data (s.params[2].param))[i], p - 0.5f * m, 1e-6);
    }
  setup_free (&s);
  setup_free (&before);
}

/* A transposed gradient and a parameter with gaps give what contiguous ones give. */
static void
test_layouts (void)
{
  TeError err;
  const int64_t sizes[2] = { 4, 6 }, turned[2] = { 1, 4 }, gaps[2] = { 12, 2 }, wide[2] = { 4, 12 };
  const TeSgdConfig config = { .lr = 1 };
  TeTensor *plain = floats (2, sizes, 0), *grad = floats (2, sizes, 3), *room = floats (2, wide, 9);
  TeTensor *holder = te_tensor_new (2, sizes, TE_FLOAT32, &err);
  TeTensor *turned_grad = te_tensor_new_view (holder->storage, TE_FLOAT32, 2, sizes, turned, 0, &err);
  TeTensor *spaced = te_tensor_new_view (room->storage, TE_FLOAT32, 2, sizes, gaps, 0, &err);
  float *from = te_tensor_data (plain), *to = te_tensor_data (room), *g = te_tensor_data (grad),
        *t = te_tensor_data (holder);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 6; j++)
      {
        to[i * 12 + j * 2] = from[i * 6 + j];
        t[j * 4 + i] = g[i * 6 + j];
      }
  TeOptimParam a = { .param = plain, .grad = grad }, b = { .param = spaced, .grad = turned_grad };
  g_assert_true (te_optim_sgd (&config, &a, 1, &err));
  g_assert_true (te_optim_sgd (&config, &b, 1, &err));
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 6; j++)
      g_assert_cmpfloat (to[i * 12 + j * 2], ==, from[i * 6 + j]);
  te_tensor_unref (plain), te_tensor_unref (grad), te_tensor_unref (room), te_tensor_unref (holder);
  te_tensor_unref (turned_grad), te_tensor_unref (spaced);
}

/* A gradient that does not fit stops the step before anything has changed. */
static void
test_refusal (void)
{
  TeError err;
  const int64_t other = 7;
  Setup s = setup_new (), before = setup_new ();
  te_tensor_unref (s.params[2].grad);
  s.params[2].grad = floats (1, &other, 0);
  g_assert_false (te_optim_adam (&adam, s.params, 3, &err));
  g_assert_cmpint (err.kind, ==, TE_ERR_RUNTIME);
  assert_same (&s, &before);
  setup_free (&s);
  setup_free (&before);
}

static void
test_clipping (void)
{
  TeError err;
  const int64_t sizes[1] = { 2 };
  TeTensor *g[2] = { floats (1, sizes, 0), floats (1, sizes, 0) };
  float values[4] = { 3, 0, 0, -4 };
  double norm;
  memcpy (te_tensor_data (g[0]), values, 8);
  memcpy (te_tensor_data (g[1]), values + 2, 8);
  g_assert_true (te_optim_total_norm (g, 2, 2, &norm, &err));
  g_assert_cmpfloat (norm, ==, 5);
  g_assert_true (te_optim_total_norm (g, 2, INFINITY, &norm, &err));
  g_assert_cmpfloat (norm, ==, 4);
  g_assert_true (te_optim_scale (g, 2, 0.5, &err));
  g_assert_true (te_optim_clamp (g, 2, 1.75, &err));
  g_assert_cmpfloat (((float *) te_tensor_data (g[0]))[0], ==, 1.5);
  g_assert_cmpfloat (((float *) te_tensor_data (g[1]))[1], ==, -1.75);
  te_tensor_unref (g[0]);
  te_tensor_unref (g[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/optim/together", test_together);
  g_test_add_func ("/optim/kin", test_kin);
  g_test_add_func ("/optim/sgd", test_sgd);
  g_test_add_func ("/optim/layouts", test_layouts);
  g_test_add_func ("/optim/refusal", test_refusal);
  g_test_add_func ("/optim/clipping", test_clipping);
  return g_test_run ();
}
