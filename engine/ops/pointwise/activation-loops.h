/* The loops of activations: what one element becomes, its slope and second derivative, and the same for a vector of them,
 * whose odd elements go through C's functions as in PyTorch's loops. */
#pragma once

#include "ops/pointwise/gelu-poly.h"
#include "ops/pointwise/vector-math.h"

#include <string.h>

/* ---- slopes and second derivatives, one element, in double ---- */
static inline double
sigmoid_one (double x)
{
  return 1 / (1 + exp (-x));
}
static inline double
normal_density (double x)
{
  return exp (-0.5 * x * x) * 0.3989422804014327;
}
static inline double
normal_cdf (double x)
{
  return 0.5 * erfc (-x * M_SQRT1_2);
}

static inline double
silu_second (double x)
{
  double s = sigmoid_one (x);
  return s * (1 - s) * (2 + x * (1 - 2 * s));
}
static inline double
gelu_second (double x)
{
  return normal_density (x) * (2 - x * x);
}
#define GELU_BETA  0.7978845608028654 /* sqrt (2 / pi) */
#define GELU_KAPPA 0.044715
static inline double
gelu_tanh_second (double x)
{
  double inner = GELU_BETA * (x + GELU_KAPPA * x * x * x), d_inner = GELU_BETA * (1 + 3 * GELU_KAPPA * x * x);
  double t = tanh (inner), dt = 1 - t * t;
  return dt * d_inner + 0.5 * x * (dt * GELU_BETA * 6 * GELU_KAPPA * x - 2 * t * dt * d_inner * d_inner);
}
static inline double
mish_second (double x)
{
  double s = sigmoid_one (x), t = tanh (log1p (exp (-fabs (x))) + (x > 0 ? x : 0)), dt = 1 - t * t;
  double ds = s * (1 - s);
  return 2 * dt * s + x * (dt * ds - 2 * t * dt * s * s);
}
static inline double
softplus_second (double x, const TeParams *p)
{
  double s = sigmoid_one (x * p->f[0]);
  return x * p->f[0] > p->f[1] ? 0 : p->f[0] * s * (1 - s);
}
static inline double
elu_second (double x, const TeParams *p)
{
  return x > 0 ? 0 : p->f[0] * p->f[1] * p->f[2] * p->f[2] * exp (x * p->f[2]);
}
static inline double
log_sigmoid_second (double x)
{
  double s = sigmoid_one (x);
  return -s * (1 - s);
}

/* ---- vectors ---- */
#define SET(v)  _mm256_set1_ps ((float) (v))
#define SETD(v) _mm256_set1_pd (v)
#define MUL8    _mm256_mul_ps
#define ADD8    _mm256_add_ps
#define SUB8    _mm256_sub_ps
#define MUL4    _mm256_mul_pd
#define ADD4    _mm256_add_pd
#define SUB4    _mm256_sub_pd

static inline __m256
gelu_ps (__m256 x)
{
  __m256 e = te_erf_ps (MUL8 (x, SET (M_SQRT1_2)));
  return MUL8 (MUL8 (x, SET (0.5)), ADD8 (SET (1), e));
}
static inline __m256d
gelu_pd (__m256d x)
{
  __m256d e = Sleef_erfd4_u10 (MUL4 (x, SETD (M_SQRT1_2)));
  return MUL4 (MUL4 (x, SETD (0.5)), ADD4 (SETD (1), e));
}
static inline __m256
gelu_tanh_ps (__m256 x)
{
  __m256 cube = MUL8 (MUL8 (x, x), x);
  __m256 inner = MUL8 (SET (GELU_BETA), _mm256_fmadd_ps (SET (GELU_KAPPA), cube, x));
  return MUL8 (MUL8 (x, SET (0.5)), ADD8 (SET (1), te_tanh_ps (inner)));
}
static inline __m256d
gelu_tanh_pd (__m256d x)
{
  __m256d cube = MUL4 (MUL4 (x, x), x);
  __m256d inner = MUL4 (SETD (GELU_BETA), _mm256_fmadd_pd (SETD (GELU_KAPPA), cube, x));
  return MUL4 (MUL4 (x, SETD (0.5)), ADD4 (SETD (1), Sleef_tanhd4_u10 (inner)));
}
/* x is the gradient, y the input */
static inline __m256
gelu_backward_ps (__m256 x, __m256 y)
{
  __m256 cdf = MUL8 (SET (0.5), ADD8 (SET (1), te_erf_ps (MUL8 (y, SET (M_SQRT1_2)))));
  __m256 pdf = MUL8 (SET (0.3989422804014327), te_exp_ps (MUL8 (MUL8 (y, y), SET (-0.5))));
  return MUL8 (x, _mm256_fmadd_ps (y, pdf, cdf));
}
static inline __m256d
gelu_backward_pd (__m256d x, __m256d y)
{
  __m256d cdf = MUL4 (SETD (0.5), ADD4 (SETD (1), Sleef_erfd4_u10 (MUL4 (y, SETD (M_SQRT1_2)))));
  __m256d pdf = MUL4 (SETD (0.3989422804014327), te_exp_pd (MUL4 (MUL4 (y, y), SETD (-0.5))));
  return MUL4 (x, _mm256_fmadd_pd (y, pdf, cdf));
}
static inline __m256
gelu_tanh_backward_ps (__m256 x, __m256 y)
{
  __m256 square = MUL8 (y, y);
  __m256 t = te_tanh_ps (MUL8 (SET (GELU_BETA), _mm256_fmadd_ps (SET (GELU_KAPPA), MUL8 (square, y), y)));
  __m256 slope = MUL8 (SET (GELU_BETA), _mm256_fmadd_ps (SET (3.0F * (float) GELU_KAPPA), square, SET (1)));
  __m256 right = MUL8 (MUL8 (MUL8 (SET (0.5), y), _mm256_fnmadd_ps (t, t, SET (1))), slope);
  return MUL8 (x, ADD8 (MUL8 (SET (0.5), ADD8 (SET (1), t)), right));
}
static inline __m256d
gelu_tanh_backward_pd (__m256d x, __m256d y)
{
  __m256d square = MUL4 (y, y);
  __m256d t =
      Sleef_tanhd4_u10 (MUL4 (SETD (GELU_BETA), _mm256_fmadd_pd (SETD (GELU_KAPPA), MUL4 (square, y), y)));
  __m256d slope = MUL4 (SETD (GELU_BETA), _mm256_fmadd_pd (SETD (3 * GELU_KAPPA), square, SETD (1)));
  __m256d right = MUL4 (MUL4 (MUL4 (SETD (0.5), y), _mm256_fnmadd_pd (t, t, SETD (1))), slope);
  return MUL4 (x, ADD4 (MUL4 (SETD (0.5), ADD4 (SETD (1), t)), right));
}
static inline __m256
silu_backward_ps (__m256 x, __m256 y)
{
  __m256 s = te_sigmoid_ps (y);
  return MUL8 (MUL8 (x, s), _mm256_fmadd_ps (y, SUB8 (SET (1), s), SET (1)));
}
static inline __m256d
silu_backward_pd (__m256d x, __m256d y)
{
  __m256d s = te_sigmoid_pd (y);
  return MUL4 (MUL4 (x, s), _mm256_fmadd_pd (y, SUB4 (SETD (1), s), SETD (1)));
}
static inline __m256
softplus_ps (__m256 x, const TeParams *p)
{
  __m256 scaled = MUL8 (x, SET (p->f[0]));
  __m256 soft = _mm256_div_ps (Sleef_log1pf8_u10 (te_exp_ps (scaled)), SET (p->f[0]));
  return _mm256_blendv_ps (soft, x, _mm256_cmp_ps (scaled, SET (p->f[1]), _CMP_GT_OQ));
}
static inline __m256d
softplus_pd (__m256d x, const TeParams *p)
{
  __m256d scaled = MUL4 (x, SETD (p->f[0]));
  __m256d soft = _mm256_div_pd (Sleef_log1pd4_u10 (te_exp_pd (scaled)), SETD (p->f[0]));
  return _mm256_blendv_pd (soft, x, _mm256_cmp_pd (scaled, SETD (p->f[1]), _CMP_GT_OQ));
}
static inline __m256
elu_ps (__m256 x, const TeParams *p)
{
  __m256 low = MUL8 (SUB8 (te_exp_ps (MUL8 (x, SET (p->f[2]))), SET (1)), SET (p->f[0] * p->f[1]));
  return _mm256_blendv_ps (low, MUL8 (x, SET (p->f[1])), _mm256_cmp_ps (x, SET (0), _CMP_GT_OQ));
}
static inline __m256d
elu_pd (__m256d x, const TeParams *p)
{
  __m256d low = MUL4 (SUB4 (te_exp_pd (MUL4 (x, SETD (p->f[2]))), SETD (1)), SETD (p->f[0] * p->f[1]));
  return _mm256_blendv_pd (low, MUL4 (x, SETD (p->f[1])), _mm256_cmp_pd (x, SETD (0), _CMP_GT_OQ));
}
static inline __m256
log_sigmoid_ps (__m256 x)
{
  __m256 e = te_exp_ps (_mm256_or_ps (x, SET (-0.0)));
  return SUB8 (_mm256_min_ps (x, SET (0)), Sleef_log1pf8_u10 (e));
}
static inline __m256d
log_sigmoid_pd (__m256d x)
{
  __m256d e = te_exp_pd (_mm256_or_pd (x, SETD (-0.0)));
  return SUB4 (_mm256_min_pd (x, SETD (0)), Sleef_log1pd4_u10 (e));
}
static const TeParams plain_softplus = { .f = { 1, 20 } };

/* One number, in its own type. */
#define AS(x, v) ((__typeof__ (x)) (v))
#define GELU_TANH_ONE(x)                                                                                     \
  (AS (x, 0.5) * (x)                                                                                         \
   * (1 + TE_ONE (tanh, AS (x, GELU_BETA) * TE_FMA_ONE (AS (x, GELU_KAPPA), (x) * (x) * (x), x))))
#define ELU_ONE(x)                                                                                           \
  ((x) <= 0 ? (TE_ONE (exp, (x) * AS (x, p->f[2])) - 1) * AS (x, p->f[0] * p->f[1]) : (x) * AS (x, p->f[1]))
#define SOFTPLUS_ONE(x, beta, threshold)                                                                     \
  ((x) * (beta) > (threshold) ? (x) : TE_ONE (log1p, TE_ONE (exp, (x) * (beta))) / (beta))

/* Packed floats take the polynomial, others the error function itself. */
#define GELU_ONE(x) ((x) * AS (x, 0.5) * (1 + TE_ONE (erf, (x) * AS (x, M_SQRT1_2))))
TE_VECTOR_LOOP (gelu_packed, float, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, te_gelu_poly_ps (x))
TE_VECTOR_LOOP_ODD (gelu_loose, float, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, gelu_ps (x), GELU_ONE (x))
TE_VECTOR_LOOP_ODD (gelu_f64, double, __m256d, 4, _mm256_loadu_pd, _mm256_storeu_pd, gelu_pd (x), GELU_ONE (x))
static void
gelu_f32 (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  bool packed = n > 1 && strides[0] == sizeof (float) && strides[1] == sizeof (float);
  (packed ? gelu_packed : gelu_loose) (data, strides, n, ctx);
}

TE_VECTOR_LOOP2 (gelu_backward_packed, float, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, MUL8 (x, te_gelu_slope_poly_ps (y)))
TE_VECTOR_LOOPS2 (gelu_backward_loose, gelu_backward_ps (x, y), gelu_backward_pd (x, y))
#define gelu_backward_f64 gelu_backward_loose_f64
static void
gelu_backward_f32 (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  bool packed = n > 1 && strides[0] == sizeof (float) && strides[1] == sizeof (float) && strides[2] == sizeof (float);
  (packed ? gelu_backward_packed : gelu_backward_loose_f32) (data, strides, n, ctx);
}

TE_VECTOR_LOOPS_ODD (gelu_tanh, gelu_tanh_ps (x), gelu_tanh_pd (x), GELU_TANH_ONE (x))
TE_VECTOR_LOOPS2 (gelu_tanh_backward, gelu_tanh_backward_ps (x, y), gelu_tanh_backward_pd (x, y))
TE_VECTOR_LOOPS_ODD (silu,
                     _mm256_div_ps (x, ADD8 (SET (1), te_exp_ps (SUB8 (SET (0), x)))),
                     _mm256_div_pd (x, ADD4 (SETD (1), te_exp_pd (SUB4 (SETD (0), x)))),
                     x / (1 + TE_ONE (exp, -x)))
#define SILU_SLOPE(grad, y, s) ((grad) * (s) * TE_FMA_ONE (y, 1 - (s), AS (y, 1)))
TE_VECTOR_LOOPS2_ODD (silu_backward, silu_backward_ps (x, y), silu_backward_pd (x, y), SILU_SLOPE (x, y, 1 / (1 + TE_ONE (exp, -y))))
TE_VECTOR_LOOPS_ODD (elu, elu_ps (x, p), elu_pd (x, p), ELU_ONE (x))
TE_VECTOR_LOOPS (log_sigmoid, log_sigmoid_ps (x), log_sigmoid_pd (x))
TE_VECTOR_LOOPS_ODD (softplus, softplus_ps (x, p), softplus_pd (x, p), SOFTPLUS_ONE (x, AS (x, p->f[0]), AS (x, p->f[1])))
TE_VECTOR_LOOPS_ODD (mish,
                     MUL8 (x, te_tanh_ps (softplus_ps (x, &plain_softplus))),
                     MUL4 (x, Sleef_tanhd4_u10 (softplus_pd (x, &plain_softplus))),
                     x * TE_ONE (tanh, TE_ONE (log1p, TE_ONE (exp, x))))

/* ---- of two cases: both are computed, and each lane takes its own ---- */
static inline __m256
leaky_ps (__m256 x, __m256 value, const TeParams *p)
{
  return _mm256_blendv_ps (MUL8 (value, SET (p->f[0])), value, _mm256_cmp_ps (x, SET (0), _CMP_GT_OQ));
}
static inline __m256d
leaky_pd (__m256d x, __m256d value, const TeParams *p)
{
  return _mm256_blendv_pd (MUL4 (value, SETD (p->f[0])), value, _mm256_cmp_pd (x, SETD (0), _CMP_GT_OQ));
}
static inline __m256
elu_backward_ps (__m256 x, __m256 y, const TeParams *p)
{
  __m256 low = MUL8 (MUL8 (x, SET (p->f[0] * p->f[1] * p->f[2])), te_exp_ps (MUL8 (y, SET (p->f[2]))));
  return _mm256_blendv_ps (MUL8 (x, SET (p->f[1])), low, _mm256_cmp_ps (y, SET (0), _CMP_LE_OQ));
}
static inline __m256d
elu_backward_pd (__m256d x, __m256d y, const TeParams *p)
{
  __m256d low = MUL4 (MUL4 (x, SETD (p->f[0] * p->f[1] * p->f[2])), te_exp_pd (MUL4 (y, SETD (p->f[2]))));
  return _mm256_blendv_pd (MUL4 (x, SETD (p->f[1])), low, _mm256_cmp_pd (y, SETD (0), _CMP_LE_OQ));
}
/* of the result: y is elu (x) */
static inline __m256
elu_backward_result_ps (__m256 x, __m256 y, const TeParams *p)
{
  __m256 low = MUL8 (MUL8 (x, SET (p->f[2])), ADD8 (y, SET (p->f[0] * p->f[1])));
  return _mm256_blendv_ps (MUL8 (x, SET (p->f[1])), low, _mm256_cmp_ps (y, SET (0), _CMP_LE_OQ));
}
static inline __m256d
elu_backward_result_pd (__m256d x, __m256d y, const TeParams *p)
{
  __m256d low = MUL4 (MUL4 (x, SETD (p->f[2])), ADD4 (y, SETD (p->f[0] * p->f[1])));
  return _mm256_blendv_pd (MUL4 (x, SETD (p->f[1])), low, _mm256_cmp_pd (y, SETD (0), _CMP_LE_OQ));
}
static inline __m256
threshold_ps (__m256 x, const TeParams *p)
{
  return _mm256_blendv_ps (x, SET (p->f[1]), _mm256_cmp_ps (x, SET (p->f[0]), _CMP_LE_OQ));
}
static inline __m256d
threshold_pd (__m256d x, const TeParams *p)
{
  return _mm256_blendv_pd (x, SETD (p->f[1]), _mm256_cmp_pd (x, SETD (p->f[0]), _CMP_LE_OQ));
}
static inline __m256
mish_backward_ps (__m256 x, __m256 y)
{
  __m256 t = te_tanh_ps (softplus_ps (y, &plain_softplus)), s = te_sigmoid_ps (y);
  return MUL8 (x, _mm256_fmadd_ps (MUL8 (y, s), _mm256_fnmadd_ps (t, t, SET (1)), t));
}
static inline __m256d
mish_backward_pd (__m256d x, __m256d y)
{
  __m256d t = Sleef_tanhd4_u10 (softplus_pd (y, &plain_softplus)), s = te_sigmoid_pd (y);
  return MUL4 (x, _mm256_fmadd_pd (MUL4 (y, s), _mm256_fnmadd_pd (t, t, SETD (1)), t));
}

/* x is the gradient, y the input; from the side where exp is small. */
static inline __m256
log_sigmoid_backward_ps (__m256 x, __m256 y)
{
  __m256 z = te_exp_ps (_mm256_or_ps (y, SET (-0.0))), part = _mm256_div_ps (z, ADD8 (SET (1), z));
  __m256 below = _mm256_cmp_ps (y, SET (0), _CMP_LT_OQ);
  return MUL8 (x, _mm256_blendv_ps (part, SUB8 (SET (1), part), below));
}
static inline __m256d
log_sigmoid_backward_pd (__m256d x, __m256d y)
{
  __m256d z = te_exp_pd (_mm256_or_pd (y, SETD (-0.0))), part = _mm256_div_pd (z, ADD4 (SETD (1), z));
  __m256d below = _mm256_cmp_pd (y, SETD (0), _CMP_LT_OQ);
  return MUL4 (x, _mm256_blendv_pd (part, SUB4 (SETD (1), part), below));
}
static inline __m256
softplus_backward_ps (__m256 x, __m256 y, const TeParams *p)
{
  __m256 scaled = MUL8 (y, SET (p->f[0])), z = te_exp_ps (scaled);
  __m256 soft = _mm256_div_ps (MUL8 (x, z), ADD8 (z, SET (1)));
  return _mm256_blendv_ps (soft, x, _mm256_cmp_ps (scaled, SET (p->f[1]), _CMP_GT_OQ));
}
static inline __m256d
softplus_backward_pd (__m256d x, __m256d y, const TeParams *p)
{
  __m256d scaled = MUL4 (y, SETD (p->f[0])), z = te_exp_pd (scaled);
  __m256d soft = _mm256_div_pd (MUL4 (x, z), ADD4 (z, SETD (1)));
  return _mm256_blendv_pd (soft, x, _mm256_cmp_pd (scaled, SETD (p->f[1]), _CMP_GT_OQ));
}

#define SOFTPLUS_SLOPE(grad, scaled, z) ((scaled) > AS (grad, p->f[1]) ? (grad) : (grad) * (z) / ((z) + 1))
#define MISH_SLOPE(grad, y, s, t) ((grad) * TE_FMA_ONE ((y) * (s), TE_FMA_ONE (-(t), t, AS (y, 1)), t))
#define LOG_SIGMOID_SLOPE(grad, y, z) ((grad) * ((y) < 0 ? 1 - (z) / (1 + (z)) : (z) / (1 + (z))))
/* self comes first: the gradient gets its memory order. */
TE_VECTOR_LOOPS2 (leaky_relu_backward, leaky_ps (x, y, p), leaky_pd (x, y, p))
TE_VECTOR_LOOPS (leaky_relu, leaky_ps (x, x, p), leaky_pd (x, x, p))
TE_VECTOR_LOOPS2_ODD (elu_backward, elu_backward_ps (x, y, p), elu_backward_pd (x, y, p),
                      y <= 0 ? x * AS (x, p->f[0] * p->f[1] * p->f[2]) * TE_ONE (exp, y * AS (x, p->f[2])) : x * AS (x, p->f[1]))
TE_VECTOR_LOOPS2 (elu_backward_result, elu_backward_result_ps (x, y, p), elu_backward_result_pd (x, y, p))
TE_VECTOR_LOOPS (threshold, threshold_ps (x, p), threshold_pd (x, p))
TE_VECTOR_LOOPS2_ODD (log_sigmoid_backward, log_sigmoid_backward_ps (x, y), log_sigmoid_backward_pd (x, y),
                      LOG_SIGMOID_SLOPE (x, y, TE_ONE (exp, -TE_ONE (fabs, y))))
TE_VECTOR_LOOPS2_ODD (softplus_backward, softplus_backward_ps (x, y, p), softplus_backward_pd (x, y, p),
                      SOFTPLUS_SLOPE (x, y * AS (x, p->f[0]), TE_ONE (exp, y * AS (x, p->f[0]))))
TE_VECTOR_LOOPS2_ODD (mish_backward, mish_backward_ps (x, y), mish_backward_pd (x, y),
                      MISH_SLOPE (x, y, 1 / (1 + TE_ONE (exp, -y)), TE_ONE (tanh, TE_ONE (log1p, TE_ONE (exp, y)))))

/* ---- scalars ---- */
/* The upper bound wins where the bounds are exchanged.  Here and below | and & rather than || and &&: both sides are
 * evaluated, so that the loop becomes one of vectors. */
TE_LOOPS_INT (TE_UNARY_LOOP,
              hardtanh,
              T,
              (x > p->i[1]) | (p->i[0] > p->i[1]) ? (T) p->i[1]
              : x < p->i[0]                    ? (T) p->i[0]
                                               : x)
TE_LOOPS_FLOAT (TE_UNARY_LOOP,
                hardtanh,
                T,
                (x > (T) p->f[1]) | (p->f[0] > p->f[1]) ? (T) p->f[1]
                : x < (T) p->f[0]                    ? (T) p->f[0]
                                                     : x)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, hardtanh_backward, T, (y <= (T) p->f[0]) | (y >= (T) p->f[1]) ? 0 : x)
TE_LOOPS_FLOAT (TE_UNARY_LOOP, hardsigmoid, T, (x < -3 ? 0 : x > 3 ? 6 : x + 3) / 6)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, hardsigmoid_backward, T, (y > -3) & (y < 3) ? x * (1 / (T) 6) : 0)
TE_LOOPS_FLOAT (TE_UNARY_LOOP, hardswish, T, x *(x<-3 ? 0 : x> 3 ? 6 : x + 3) / 6)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, hardswish_backward, T, y < -3 ? 0 : y <= 3 ? x * (y / 3 + (T) 0.5) : x)
TE_LOOPS_INT (TE_UNARY_LOOP, threshold, T, x <= p->i[0] ? (T) p->i[1] : x)
TE_LOOPS_INT (TE_BINARY_LOOP, threshold_backward, T, y <= p->i[0] ? 0 : x)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, threshold_backward, T, y <= (T) p->f[0] ? 0 : x)
TE_LOOPS_FLOAT (TE_UNARY_LOOP, hardshrink, T, (x >= (T) -p->f[0]) & (x <= (T) p->f[0]) ? 0 : x)
TE_LOOPS_FLOAT (TE_UNARY_LOOP,
                softshrink,
                T,
                x > (T) p->f[0]    ? x - (T) p->f[0]
                : x < (T) -p->f[0] ? x + (T) p->f[0]
                                   : 0)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, shrink_backward, T, (y >= (T) -p->f[0]) & (y <= (T) p->f[0]) ? 0 : x)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, prelu, T, x > 0 ? x : x * y)
