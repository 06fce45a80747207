#include "ops/nn/rnn-cell.h"

#include <math.h>

#include "ops/pointwise/vector-math.h"

/* ---- activations over a run ---- */
static void
sigmoid_f32 (float *x, int64_t n)
{
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps (x + i, te_sigmoid_ps (_mm256_loadu_ps (x + i)));
  for (; i < n; i++)
    x[i] = 1 / (1 + expf (-x[i])); /* a rest of scalars is PyTorch's too */
}
static void
tanh_f32 (const float *x, float *y, int64_t n)
{
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps (y + i, te_tanh_ps (_mm256_loadu_ps (x + i)));
  float rest[8] = { 0 };
  for (int64_t k = i; k < n; k++)
    rest[k - i] = x[k];
  _mm256_storeu_ps (rest, te_tanh_ps (_mm256_loadu_ps (rest)));
  for (; i < n; i++)
    y[i] = rest[i % 8];
}
static void
sigmoid_f64 (double *x, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    x[i] = 1 / (1 + exp (-x[i]));
}
static void
tanh_f64 (const double *x, double *y, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    y[i] = tanh (x[i]);
}

#define STAMP(T, suffix, FMA)                                                                                   \
  static void lstm_##suffix (const TeCellStep *s)                                                            \
  {                                                                                                          \
    int64_t H = s->hidden;                                                                                   \
    for (int64_t r = 0; r < s->n; r++)                                                                       \
      {                                                                                                      \
        T *i = (T *) s->gates + r * 4 * H, *f = i + H, *g = f + H, *o = g + H;                               \
        const T *before = (const T *) s->c_before + r * H;                                                   \
        T *c = (T *) s->c_after + r * H, *h = (T *) s->h_after + r * H;                                      \
        sigmoid_##suffix (i, 2 * H);                                                                         \
        tanh_##suffix (g, g, H);                                                                             \
        sigmoid_##suffix (o, H);                                                                             \
        for (int64_t k = 0; k < H; k++)                                                                      \
          c[k] = f[k] * before[k] + i[k] * g[k];                                                             \
        tanh_##suffix (c, h, H);                                                                             \
        for (int64_t k = 0; k < H; k++)                                                                      \
          h[k] *= o[k];                                                                                      \
      }                                                                                                      \
  }                                                                                                          \
  static void gru_##suffix (const TeCellStep *s)                                                             \
  {                                                                                                          \
    int64_t H = s->hidden;                                                                                   \
    for (int64_t row = 0; row < s->n; row++)                                                                 \
      {                                                                                                      \
        T *r = (T *) s->gates + row * 3 * H, *z = r + H, *n = z + H;                                         \
        const T *u = (const T *) s->recurrent + row * 3 * H, *before = (const T *) s->h_before + row * H;    \
        T *h = (T *) s->h_after + row * H;                                                                   \
        for (int64_t k = 0; k < 2 * H; k++)                                                                  \
          r[k] += u[k];                                                                                      \
        sigmoid_##suffix (r, 2 * H);                                                                         \
        for (int64_t k = 0; k < H; k++)                                                                      \
          n[k] += r[k] * u[2 * H + k];                                                                       \
        tanh_##suffix (n, n, H);                                                                             \
        for (int64_t k = 0; k < H; k++)                                                                      \
          h[k] = (before[k] - n[k]) * z[k] + n[k];                                                           \
      }                                                                                                      \
  }                                                                                                          \
  static void simple_##suffix (const TeCellStep *s)                                                          \
  {                                                                                                          \
    T *g = s->gates, *h = s->h_after;                                                                        \
    int64_t n = s->n * s->hidden;                                                                            \
    if (s->kind == TE_CELL_TANH)                                                                             \
      tanh_##suffix (g, g, n);                                                                               \
    else                                                                                                     \
      for (int64_t i = 0; i < n; i++)                                                                        \
        g[i] = g[i] > 0 || g[i] != g[i] ? g[i] : 0;                                                          \
    for (int64_t i = 0; i < n; i++)                                                                          \
      h[i] = g[i];                                                                                           \
  }                                                                                                          \
  static void lstm_back_##suffix (const TeCellBackward *b)                                                   \
  {                                                                                                          \
    const TeCellStep *s = &b->step;                                                                          \
    int64_t H = s->hidden;                                                                                   \
    for (int64_t r = 0; r < s->n; r++)                                                                       \
      {                                                                                                      \
        const T *i = (const T *) s->gates + r * 4 * H, *f = i + H, *g = f + H, *o = g + H;                   \
        const T *before = (const T *) s->c_before + r * H, *d_h = (const T *) b->d_h + r * H;                \
        T *d_i = (T *) b->d_gates + r * 4 * H, *d_f = d_i + H, *d_g = d_f + H, *d_o = d_g + H;               \
        T *d_c = (T *) b->d_c + r * H;                                                                       \
        tanh_##suffix ((const T *) s->c_after + r * H, d_o, H);                                              \
        for (int64_t k = 0; k < H; k++)                                                                      \
          {                                                                                                  \
            T t = d_o[k], dc = d_c[k] + d_h[k] * o[k] * FMA (-t, t, 1);                                        \
            d_o[k] = d_h[k] * t * (1 - o[k]) * o[k];                                                         \
            d_i[k] = dc * g[k] * (1 - i[k]) * i[k];                                                          \
            d_f[k] = dc * before[k] * (1 - f[k]) * f[k];                                                     \
            d_g[k] = dc * i[k] * FMA (-g[k], g[k], 1);                                                         \
            d_c[k] = dc * f[k];                                                                              \
          }                                                                                                  \
      }                                                                                                      \
  }                                                                                                          \
  static void gru_back_##suffix (const TeCellBackward *b)                                                    \
  {                                                                                                          \
    const TeCellStep *s = &b->step;                                                                          \
    int64_t H = s->hidden;                                                                                   \
    for (int64_t row = 0; row < s->n; row++)                                                                 \
      {                                                                                                      \
        const T *r = (const T *) s->gates + row * 3 * H, *z = r + H, *n = z + H;                             \
        const T *u = (const T *) s->recurrent + row * 3 * H + 2 * H;                                         \
        const T *before = (const T *) s->h_before + row * H, *d_h = (const T *) b->d_h + row * H;            \
        T *x = (T *) b->d_gates + row * 3 * H, *y = (T *) b->d_recurrent + row * 3 * H;                      \
        T *direct = (T *) b->d_h_direct + row * H;                                                           \
        for (int64_t k = 0; k < H; k++)                                                                      \
          {                                                                                                  \
            T d_n = (d_h[k] - d_h[k] * z[k]) * FMA (-n[k], n[k], 1);                                         \
            T d_z = d_h[k] * (before[k] - n[k]) * (1 - z[k]) * z[k];                                         \
            T d_r = d_n * u[k] * (1 - r[k]) * r[k];                                                          \
            x[k] = y[k] = d_r;                                                                               \
            x[H + k] = y[H + k] = d_z;                                                                       \
            x[2 * H + k] = d_n;                                                                              \
            y[2 * H + k] = d_n * r[k];                                                                       \
            direct[k] = d_h[k] * z[k];                                                                       \
          }                                                                                                  \
      }                                                                                                      \
  }                                                                                                          \
  static void simple_back_##suffix (const TeCellBackward *b)                                                 \
  {                                                                                                          \
    const T *g = b->step.gates, *d_h = b->d_h;                                                               \
    T *d = b->d_gates;                                                                                       \
    for (int64_t i = 0; i < b->step.n * b->step.hidden; i++)                                                 \
      d[i] = b->step.kind == TE_CELL_TANH ? d_h[i] * FMA (-g[i], g[i], 1) : g[i] > 0 ? d_h[i] : 0;              \
  }
/* clang-format off */
STAMP (float, f32, fmaf)
STAMP (double, f64, fma)
/* clang-format on */

void
te_cell_forward (const TeCellStep *step)
{
  switch (step->kind)
    {
    case TE_CELL_LSTM:
      step->is_double ? lstm_f64 (step) : lstm_f32 (step);
      break;
    case TE_CELL_GRU:
      step->is_double ? gru_f64 (step) : gru_f32 (step);
      break;
    case TE_CELL_TANH:
    case TE_CELL_RELU:
      step->is_double ? simple_f64 (step) : simple_f32 (step);
      break;
    }
}

void
te_cell_backward (const TeCellBackward *b)
{
  switch (b->step.kind)
    {
    case TE_CELL_LSTM:
      b->step.is_double ? lstm_back_f64 (b) : lstm_back_f32 (b);
      break;
    case TE_CELL_GRU:
      b->step.is_double ? gru_back_f64 (b) : gru_back_f32 (b);
      break;
    case TE_CELL_TANH:
    case TE_CELL_RELU:
      b->step.is_double ? simple_back_f64 (b) : simple_back_f32 (b);
      break;
    }
}
