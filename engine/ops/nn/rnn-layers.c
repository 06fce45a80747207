/* lstm, gru, rnn_tanh and rnn_relu: layers and directions over whole sequences; each direction of a layer is
 * one fast op (or, with projected states, a chain of steps). */
#include <string.h>

#include "ops/expr.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"
#include "ops/nn/rnn-steps.h"

/* The arguments of either form, (L, N, I) or packed. */
typedef struct
{
  TeExpr *e;
  const char *mode;
  TeTensor *data, *sizes; /* sizes: NULL unless packed */
  TeTensor *h, *c;        /* (layers * directions, N, H); c: LSTM */
  const TeValue *params;
  bool has_biases, train, bidirectional, projected;
  int64_t layers;
  double dropout;
  TeTensor **last_h, **last_c; /* per layer and direction */
} Layers;

static TeTensor *
weight_of (const Layers *s, int64_t index, int which)
{
  int per_cell = 2 + 2 * s->has_biases + s->projected;
  if (which >= 2 && which < 4 && !s->has_biases)
    return NULL;
  int place = which < 4 ? which : 2 + 2 * s->has_biases;
  return s->params->tensors[index * per_cell + place];
}

/* One direction of one layer: its outputs. */
static TeTensor *
run_direction (Layers *s, TeTensor *input, int64_t index, bool reverse, TeError *err)
{
  TE_OP (whole, "rnn_sequence");
  TE_OP (packed, "rnn_sequence_packed");
  TE_OP (projected, "lstm_projected");
  TeTensor *h = EX (s->e, "select.int", "Tii", s->h, (int64_t) 0, index), *c = NULL, *outs[3] = { NULL };
  if (s->c)
    c = EX (s->e, "select.int", "Tii", s->c, (int64_t) 0, index);
  if (s->e->failed)
    return NULL;
  TeTensor *w[4];
  for (int i = 0; i < 4; i++)
    w[i] = weight_of (s, index, i);
  bool ok = s->projected ? te_call_multi (projected, outs, 3, err, "TTTTTTTTTb", input, h, c, w[0], w[1],
                                          w[2], w[3], s->sizes, weight_of (s, index, 4), (int) reverse)
                         : te_call_multi (s->sizes ? packed : whole, outs, 3, err, "TTTTTTTTsb", input, h, c,
                                          w[0], w[1], w[2], w[3], s->sizes, s->mode, (int) reverse);
  if (!ok)
    {
      s->e->failed = true;
      return NULL;
    }
  s->last_h[index] = te_expr_keep (s->e, outs[1]);
  if (outs[2])
    s->last_c[index] = te_expr_keep (s->e, outs[2]);
  return te_expr_keep (s->e, outs[0]);
}

static TeTensor *
run_layers (Layers *s, TeError *err)
{
  int directions = s->bidirectional ? 2 : 1;
  TeTensor *data = s->data;
  for (int64_t layer = 0; layer < s->layers && !s->e->failed; layer++)
    {
      TeTensor *both[2] = { NULL };
      for (int d = 0; d < directions && !s->e->failed; d++)
        both[d] = run_direction (s, data, layer * directions + d, d == 1, err);
      if (s->e->failed)
        return NULL;
      data = directions == 1 ? both[0] : EX (s->e, "cat", "Li", both, 2, (int64_t) -1);
      if (s->dropout != 0 && s->train && layer < s->layers - 1)
        data = EX (s->e, "dropout", "Tfb", data, s->dropout, 1);
    }
  return data;
}

static bool
take_arguments (Layers *s, const TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args, *rest;
  bool lstm = strcmp (call->op->name, "lstm") == 0, packed = strcmp (call->op->overload, "data") == 0;
  s->mode = lstm                                  ? "LSTM"
            : strcmp (call->op->name, "gru") == 0 ? "GRU"
            : strstr (call->op->name, "tanh")     ? "RNN_TANH"
                                                  : "RNN_RELU";
  s->data = v[0].tensor;
  s->sizes = packed ? v[1].tensor : NULL;
  rest = v + (packed ? 2 : 1);
  if (lstm && rest[0].count != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "lstm expects two hidden states");
  s->h = lstm ? rest[0].tensors[0] : rest[0].tensor;
  s->c = lstm ? rest[0].tensors[1] : NULL;
  s->params = &rest[1];
  s->has_biases = rest[2].b;
  s->layers = rest[3].i;
  s->dropout = rest[4].f;
  s->train = rest[5].b;
  s->bidirectional = rest[6].b;
  s->projected = lstm && s->h->ndim == 3 && s->c->ndim == 3 && s->h->sizes[2] != s->c->sizes[2];
  int64_t cells = s->layers < 0 || s->layers > INT32_MAX ? INT32_MAX : s->layers * (s->bidirectional ? 2 : 1);
  if (s->h->ndim < 1 || s->h->sizes[0] < cells || (s->c && (s->c->ndim < 1 || s->c->sizes[0] < cells))
      || s->params->count != cells * (2 + 2 * s->has_biases + s->projected))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: the number of hidden states or of weights does not fit the layers",
                         call->op->name);
  return true;
}

static bool
layers_kernel (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  Layers s = { .e = &e };
  TeScratch room;
  if (!take_arguments (&s, call, err))
    return false;
  int cells = (int) s.layers * (s.bidirectional ? 2 : 1);
  bool first = !s.sizes && call->args[8].b;
  if (!s.sizes && s.data->ndim == 3 && !s.data->sizes[first])
    return te_error_set (err, TE_ERR_RUNTIME, "Expected sequence length to be larger than 0 in RNN");
  if (!te_nn_scratch (&room, 2 * (size_t) cells * sizeof *s.last_h, err))
    return false;
  s.last_h = room.data;
  s.last_c = s.last_h + cells;
  if (first)
    s.data = EX (&e, "transpose.int", "Tii", s.data, (int64_t) 0, (int64_t) 1);
  TeTensor *out = run_layers (&s, err);
  if (first && out)
    out = s.c ? EX (&e, "transpose.int", "Tii", out, (int64_t) 0, (int64_t) 1)
              : EX (&e, "_batch_first", "T", out);
  te_expr_put (&e, out, &call->outs[0]);
  if (!e.failed)
    te_expr_put (&e, EX (&e, "stack", "Li", s.last_h, cells, (int64_t) 0), &call->outs[1]);
  if (s.c && !e.failed)
    te_expr_put (&e, EX (&e, "stack", "Li", s.last_c, cells, (int64_t) 0), &call->outs[2]);
  te_nn_scratch_free (&room);
  return te_expr_close (&e);
}

/* PyTorch turns the outputs of gru and rnn in place, which shows in the name of their node; here the
 * sequence's backward still needs them as they are. */
static bool
batch_first_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  const int64_t sizes[3] = { self->sizes[1], self->sizes[0], self->sizes[2] };
  const int64_t strides[3] = { self->strides[1], self->strides[0], self->strides[2] };
  return te_nn_out (
      call, 0,
      te_tensor_new_view (self->storage, te_tensor_dtype (self), 3, sizes, strides, self->offset, err));
}

static bool
batch_first_backward (TeBackward *ctx, TeError *err)
{
  return (ctx->results[0] = te_transpose (ctx->grads[0], 0, 1, err)) != NULL;
}

#define LAYERS_ROWS(NAME, HX, RETURNS)                                                                       \
  { .schema = NAME ".input(Tensor input, " HX ", Tensor[] params, bool has_biases, int num_layers, float "   \
                   "dropout, bool train, bool bidirectional, bool batch_first) -> " RETURNS,                 \
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,                                                               \
    .kernel = layers_kernel,                                                                                 \
    .doc = "Recurrent layers over (L, N, I), or (N, L, I) with batch_first: outputs and last states." },     \
  {                                                                                                          \
    .schema = NAME ".data(Tensor data, Tensor batch_sizes, " HX ", Tensor[] params, bool has_biases, int "   \
                   "num_layers, float dropout, bool train, bool bidirectional) -> " RETURNS,                 \
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE, .kernel = layers_kernel,                                      \
    .doc = "Recurrent layers over a packed sequence: outputs and last states."                               \
  }

static const TeOpDef rows[] = {
  LAYERS_ROWS ("lstm", "Tensor[] hx", "(Tensor, Tensor, Tensor)"),
  LAYERS_ROWS ("gru", "Tensor hx", "(Tensor, Tensor)"),
  LAYERS_ROWS ("rnn_tanh", "Tensor hx", "(Tensor, Tensor)"),
  LAYERS_ROWS ("rnn_relu", "Tensor hx", "(Tensor, Tensor)"),
  { .schema = "_batch_first(Tensor(a) self) -> Tensor(a)",
    .flags = TE_OP_VIEW,
    .kernel = batch_first_kernel,
    .backward = batch_first_backward,
    .node = "TransposeBackward1",
    .doc = "(L, N, H) as (N, L, H)." },
};

TE_OP_FAMILY (te_family_rnn_layers, rows);
