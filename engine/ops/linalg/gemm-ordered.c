/* Single-precision products whose sums have a fixed order: the order of OpenBLAS' kernels for a processor
 * that it does not know, which is what the recordings were made with.  So a seeded run prints PyTorch's
 * digits also where rounding grows from step to step, and the same ones on every processor.  Compiled twice,
 * as conv-lanes.c is.
 *
 * The order.  k is cut into stretches (next_stretch); the sum of a stretch is rounded after every product and
 * every sum, and added to c.  c is cut into blocks of 4, 2 and 1 rows by 8, 4, 2 and 1 columns; where a block
 * is small, whole eights of a stretch are shared out among two or four sums in turn, which are added at its
 * end (chains). */
#include "ops/linalg/gemm-ordered.h"

#include "ops/nn/lanes.h"

#define STRETCH 128
#define PANEL   (2 * TE_LANES)
#define PLAIN   400 /* a plain product has fewer multiplications, and one stretch */
#if TE_LANES == 16
#define FUNCTION te_gemm_ordered_16
#else
#define FUNCTION te_gemm_ordered_8
#endif

static int64_t
next_stretch (int64_t left)
{
  if (left >= 2 * STRETCH)
    return STRETCH;
  return left > STRETCH ? (left / 2 + 7) / 8 * 8 : left;
}

static int
chains (int rows, int cols)
{
  if (rows >= 4)
    return cols >= 4 ? 1 : 2;
  if (rows == 2)
    return cols == 8 ? 1 : 2;
  return cols == 1 ? 4 : cols == 2 ? 8 : 2;
}

typedef struct
{
  int64_t length;          /* of the stretch */
  const float *a, *b;      /* first row and first product; panel */
  int64_t a_row, a_k, b_k; /* strides */
  float alpha, beta, *c;   /* beta: of c as it stands */
  int64_t c_row;
  int cols;
} Block;

/* ROWS rows by WIDTH vectors of columns, in CHAINS sums. */
static inline __attribute__ ((always_inline)) void
block (const Block *p, const int ROWS, const int WIDTH, const int CHAINS)
{
  TeLanes sum[8][8][2] = { 0 };
  int64_t k = 0, shared = CHAINS == 8 ? p->length / 16 * 16 : CHAINS > 1 ? p->length / 8 * 8 : 0;
  const float *b = p->b;
#define STEP(chain)                                                                                          \
  for (int v = 0; v < WIDTH; v++)                                                                            \
    {                                                                                                        \
      TeLanes column = (TeLanes) * (const TeLanesU *) (b + v * TE_LANES);                                    \
      for (int i = 0; i < ROWS; i++)                                                                         \
        sum[chain][i][v] += te_lanes_all (p->a[i * p->a_row + k * p->a_k]) * column;                         \
    }                                                                                                        \
  b += p->b_k;                                                                                               \
  k++;
  while (k < shared)
#pragma GCC unroll 8
    for (int chain = 0; chain < CHAINS; chain++)
      {
        STEP (chain)
      }
  while (k < p->length)
    {
      STEP (0)
    }
#undef STEP
  for (int i = 0; i < ROWS; i++)
    for (int v = 0; v < WIDTH; v++)
      {
        int count = p->cols - v * TE_LANES;
        float *c = p->c + i * p->c_row + v * TE_LANES;
        TeLanes total = sum[0][i][v];
        if (CHAINS == 8)
          total = ((total + sum[2][i][v]) + (sum[4][i][v] + sum[6][i][v]))
                  + ((sum[1][i][v] + sum[3][i][v]) + (sum[5][i][v] + sum[7][i][v]));
        else if (CHAINS == 4)
          total = (total + sum[1][i][v]) + (sum[2][i][v] + sum[3][i][v]);
        else if (CHAINS == 2)
          total += sum[1][i][v];
        if (count <= 0)
          continue;
        total *= te_lanes_all (p->alpha);
        if (p->beta != 0)
          total += te_lanes_load (c, count) * te_lanes_all (p->beta);
        else
          total += te_lanes_all (0);
        te_lanes_store (c, total, count);
      }
}

static void
run_block (const Block *p, int rows, bool wide, int n_chains)
{
  switch (rows * 100 + wide * 10 + n_chains)
    {
#define CASE(rows, wide, n_chains)                                                                           \
  case rows * 100 + wide * 10 + n_chains:                                                                    \
    block (p, rows, 1 + wide, n_chains);                                                                     \
    break;
      CASE (8, 0, 1)
      CASE (8, 0, 2)
      CASE (4, 1, 1)
      CASE (4, 0, 1)
      CASE (4, 0, 2)
      CASE (2, 1, 1)
      CASE (2, 0, 1)
      CASE (2, 0, 2)
      CASE (1, 1, 1)
      CASE (1, 1, 2)
      CASE (1, 0, 1)
      CASE (1, 0, 2)
      CASE (1, 0, 4)
      CASE (1, 0, 8)
#undef CASE
    }
}

/* A vector's width of columns of a stretch of b as rows of TE_LANES floats, step apart; what is over is zero.
 */
static void
pack (const float *b, bool trans, int64_t ldb, int64_t length, int cols, float *panel, int64_t step)
{
  if (!trans)
    {
      for (int64_t k = 0; k < length; k++)
        *(TeLanesU *) (panel + k * step) = (TeLanesU) te_lanes_load (b + k * ldb, cols);
      return;
    }
  if (cols <= 2)
    {
      for (int64_t k = 0; k < length; k++)
        {
          TeLanes column = { 0 };
          column[0] = b[k];
          column[1] = cols == 2 ? b[ldb + k] : 0;
          *(TeLanesU *) (panel + k * step) = (TeLanesU) column;
        }
      return;
    }
  int64_t k = 0;
  if (cols == TE_LANES)
    for (; k + TE_LANES <= length; k += TE_LANES)
      {
        TeLanes square[TE_LANES];
        for (int i = 0; i < TE_LANES; i++)
          square[i] = (TeLanes) * (const TeLanesU *) (b + i * ldb + k);
        te_lanes_transpose (square);
        for (int i = 0; i < TE_LANES; i++)
          *(TeLanesU *) (panel + (k + i) * step) = (TeLanesU) square[i];
      }
  for (; k < length; k += TE_LANES)
    {
      TeLanes square[TE_LANES] = { 0 };
      int count = length - k < TE_LANES ? (int) (length - k) : TE_LANES;
      for (int i = 0; i < cols; i++)
        square[i] = te_lanes_load (b + i * ldb + k, count);
      te_lanes_transpose (square);
      for (int i = 0; i < count; i++)
        *(TeLanesU *) (panel + (k + i) * step) = (TeLanesU) square[i];
    }
}

/* All rows of one panel: cols is a multiple of 8, or 4, 2 or 1. */
static void
run_panel (Block p, int64_t m, int cols, bool plain)
{
  int kind = cols >= 8 ? 8 : cols;
  const float *a = p.a;
  float *c = p.c;
  p.cols = cols;
  for (int64_t row = 0; row < m;)
    {
      /* two blocks of four rows at a time keep the adders busy where a panel is narrow */
      int rows = m - row >= 8 && cols <= TE_LANES ? 8 : m - row >= 4 ? 4 : m - row >= 2 ? 2 : 1;
      p.a = a + row * p.a_row;
      p.c = c + row * p.c_row;
      run_block (&p, rows, cols > TE_LANES, plain ? 1 : chains (rows, kind));
      row += rows;
    }
}

void
FUNCTION (const TeOrderedProduct *q)
{
  float panel[(PLAIN + TE_LANES) * TE_LANES > (STRETCH + TE_LANES) * PANEL ? (PLAIN + TE_LANES) * TE_LANES
                                                                           : (STRETCH + TE_LANES) * PANEL]
      __attribute__ ((aligned (64)));
  Block p = { .a_row = q->trans_a ? 1 : q->lda,
              .a_k = q->trans_a ? q->lda : 1,
              .alpha = q->alpha,
              .beta = q->beta,
              .c_row = q->ldc };
  for (int64_t k = 0; k < q->k; k += p.length)
    {
      p.length = q->plain ? q->k : next_stretch (q->k - k);
      p.a = q->a + k * p.a_k;
      for (int64_t col = 0; col < q->n;)
        {
          int64_t left = q->n - col;
          int cols = left >= PANEL ? PANEL
                     : left >= 8   ? (int) (left / 8 * 8)
                     : left >= 4   ? 4
                     : left >= 2   ? 2
                                   : 1;
          const float *b = q->b + (q->trans_b ? col * q->ldb + k : k * q->ldb + col);
          bool direct = !q->trans_b && cols == PANEL && q->m <= 16;
          int64_t step = cols > TE_LANES ? PANEL : TE_LANES, next = q->trans_b ? TE_LANES * q->ldb : TE_LANES;
          if (!direct)
            pack (b, q->trans_b, q->ldb, p.length, cols < TE_LANES ? cols : TE_LANES, panel, step);
          if (!direct && cols > TE_LANES)
            pack (b + next, q->trans_b, q->ldb, p.length, cols - TE_LANES, panel + TE_LANES, step);
          p.b = direct ? b : panel;
          p.b_k = direct ? q->ldb : step;
          p.c = q->c + col;
          run_panel (p, q->m, cols, q->plain);
          col += cols;
        }
      p.beta = 1;
    }
}
