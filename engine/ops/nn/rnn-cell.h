/* The element-wise part of recurrent cells, over rows of one time step. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/dtype.h"

typedef enum
{
  TE_CELL_LSTM,
  TE_CELL_GRU,
  TE_CELL_TANH,
  TE_CELL_RELU,
} TeCellKind;

static inline int64_t
te_cell_gates (TeCellKind kind)
{
  return kind == TE_CELL_LSTM ? 4 : kind == TE_CELL_GRU ? 3 : 1;
}

/* n rows of width `hidden`.  gates (n, G hidden): sums of products on the way in, activations on the way out;
 * for GRU `recurrent` (n, 3 hidden) holds the hidden state's products, of which the last third is kept for
 * backward. state: h before, h after; cell: c before, c after (LSTM). */
typedef struct
{
  TeCellKind kind;
  bool is_double;
  int64_t n, hidden;
  void *gates, *recurrent;
  const void *h_before, *c_before;
  void *h_after, *c_after;
} TeCellStep;
void te_cell_forward (const TeCellStep *step);

/* Backward of one step.  d_h (n, hidden): gradient of h after; d_c: of c after (LSTM), replaced by that of c
 * before. d_gates (n, G hidden): gradient of the sums; GRU: d_recurrent likewise for the hidden state's
 * products. d_h_direct: what flows to h before without passing a product (GRU), else untouched. */
typedef struct
{
  TeCellStep step;
  const void *d_h;
  void *d_c, *d_gates, *d_recurrent, *d_h_direct;
} TeCellBackward;
void te_cell_backward (const TeCellBackward *backward);
