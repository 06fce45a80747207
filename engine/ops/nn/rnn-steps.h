/* Recurrent layers step by step, each step recorded as the ops it is made of. */
#pragma once

#include "ops/dispatch.h"
#include "ops/nn/rnn-cell.h"

/* Arguments of rnn_sequence, in schema order. */
enum
{
  TE_RNN_INPUT,
  TE_RNN_H0,
  TE_RNN_C0,
  TE_RNN_W_IH,
  TE_RNN_W_HH,
  TE_RNN_B_IH,
  TE_RNN_B_HH,
  TE_RNN_SIZES,
  TE_RNN_COUNT,
};

/* "LSTM", "GRU", "RNN_TANH" or "RNN_RELU". */
bool te_rnn_read_kind (const char *mode, TeCellKind *kind, TeError *err);
/* rnn_sequence's arguments and results, computed in ops. */
bool te_rnn_twin (TeOpCall *call, TeError *err);
