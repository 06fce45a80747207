/* Recurrent cells, and whole sequences as a chain of them, in ops that autograd records one by one: single
 * steps for people's own loops, projected LSTMs, and the twin of the fast sequence. Packed sequences: step t
 * has sizes[t] rows, never more than the step before; rows that end leave the state, or join it when time
 * runs backwards. */
#include "ops/nn/rnn-steps.h"

#include <string.h>

#include "base/mem.h"
#include "ops/expr.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

bool
te_rnn_read_kind (const char *mode, TeCellKind *kind, TeError *err)
{
  static const char *const names[] = { "LSTM", "GRU", "RNN_TANH", "RNN_RELU" };
  for (int i = 0; i < 4; i++)
    if (strcmp (mode, names[i]) == 0)
      {
        *kind = (TeCellKind) i;
        return true;
      }
  return te_error_set (err, TE_ERR_VALUE, "Unrecognized RNN mode: %s", mode);
}

static TeTensor *
optional (const TeValue *v)
{
  return v->kind == TE_VALUE_TENSOR ? v->tensor : NULL;
}

/* The products of input and hidden state with their weights. */
static void
cell_sums (TeExpr *e, TeTensor *x, TeTensor *h, const TeValue *w, TeTensor **from_x, TeTensor **from_h)
{
  *from_x = EX (e, "linear", "TTT", x, w[0].tensor, optional (&w[2]));
  *from_h = EX (e, "linear", "TTT", h, w[1].tensor, optional (&w[3]));
}

static TeTensor *
gate (TeExpr *e, TeTensor *sums, int64_t index, int64_t hidden)
{
  return EX (e, "narrow", "Tiii", sums, (int64_t) -1, index * hidden, hidden);
}

/* PyTorch's complaints about the sizes of a single step. */
static bool
check_cell (const TeTensor *x, const TeTensor *h, int which, const TeValue *w, TeError *err)
{
  const TeTensor *w_ih = w[0].tensor, *w_hh = w[1].tensor;
  if (x->ndim != 2 || h->ndim < 1 || w_ih->ndim != 2 || w_hh->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "recurrent cells expect matrices");
  if (x->sizes[1] != w_ih->sizes[1])
    return te_error_set (err, TE_ERR_RUNTIME, "input has inconsistent input_size: got %lld expected %lld",
                         (long long) x->sizes[1], (long long) w_ih->sizes[1]);
  if (x->sizes[0] != h->sizes[0])
    return te_error_set (err, TE_ERR_RUNTIME, "Input batch size %lld doesn't match hidden%d batch size %lld",
                         (long long) x->sizes[0], which, (long long) h->sizes[0]);
  if (h->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "recurrent cells expect matrices");
  if (h->sizes[1] != w_hh->sizes[1])
    return te_error_set (err, TE_ERR_RUNTIME,
                         "hidden%d has inconsistent hidden_size: got %lld, expected %lld", which,
                         (long long) h->sizes[1], (long long) w_hh->sizes[1]);
  return true;
}

/* One step from the sums of input and of hidden state: the new h, and c in place of the old one (LSTM). */
static TeTensor *
cell_step (
    TeExpr *e, TeCellKind kind, TeTensor *from_x, TeTensor *from_h, TeTensor *h, TeTensor **c, int64_t hidden)
{
  switch (kind)
    {
    case TE_CELL_LSTM:
      {
        TeTensor *sums = ex_add (e, from_x, from_h);
        TeTensor *i = EX (e, "sigmoid", "T", gate (e, sums, 0, hidden)),
                 *f = EX (e, "sigmoid", "T", gate (e, sums, 1, hidden));
        TeTensor *g = EX (e, "tanh", "T", gate (e, sums, 2, hidden)),
                 *o = EX (e, "sigmoid", "T", gate (e, sums, 3, hidden));
        *c = ex_add (e, ex_mul (e, f, *c), ex_mul (e, i, g));
        return ex_mul (e, o, EX (e, "tanh", "T", *c));
      }
    case TE_CELL_GRU:
      {
        TeTensor *r =
            EX (e, "sigmoid", "T", ex_add (e, gate (e, from_x, 0, hidden), gate (e, from_h, 0, hidden)));
        TeTensor *z =
            EX (e, "sigmoid", "T", ex_add (e, gate (e, from_x, 1, hidden), gate (e, from_h, 1, hidden)));
        TeTensor *kept = ex_mul (e, r, gate (e, from_h, 2, hidden));
        TeTensor *n = EX (e, "tanh", "T", ex_add (e, gate (e, from_x, 2, hidden), kept));
        return ex_add (e, ex_mul (e, ex_sub (e, h, n), z), n);
      }
    case TE_CELL_TANH:
      return EX (e, "tanh", "T", ex_add (e, from_h, from_x));
    case TE_CELL_RELU:
      return EX (e, "relu", "T", ex_add (e, from_h, from_x));
    }
  return NULL;
}

static bool
lstm_cell_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *from_x, *from_h;
  if (v[1].count != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "lstm_cell expects two hidden states");
  for (int i = 0; i < 2; i++)
    if (!check_cell (v[0].tensor, v[1].tensors[i], 0, v + 2, err))
      return false;
  TeTensor *h = v[1].tensors[0], *c = v[1].tensors[1];
  cell_sums (&e, v[0].tensor, h, v + 2, &from_x, &from_h);
  te_expr_put (&e, cell_step (&e, TE_CELL_LSTM, from_x, from_h, h, &c, c->sizes[1]), &call->outs[0]);
  te_expr_put (&e, c, &call->outs[1]);
  return te_expr_close (&e);
}

static bool
single_cell_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  const char *name = call->op->name;
  TeCellKind kind = strstr (name, "gru") ? TE_CELL_GRU : strstr (name, "tanh") ? TE_CELL_TANH : TE_CELL_RELU;
  TeExpr e = TE_EXPR (err);
  TeTensor *h = v[1].tensor, *from_x, *from_h;
  if (!check_cell (v[0].tensor, h, 0, v + 2, err))
    return false;
  cell_sums (&e, v[0].tensor, h, v + 2, &from_x, &from_h);
  return te_expr_end (&e, cell_step (&e, kind, from_x, from_h, h, NULL, h->sizes[1]), &call->outs[0]);
}

/* ---- sequences ---- */
typedef struct
{
  TeExpr *e;
  const TeValue *args;
  TeCellKind kind;
  bool reverse;
  const int64_t *sizes; /* NULL: every step has the whole batch */
  TeTensor *projection; /* LSTM with proj_size, or NULL */
  int64_t steps, batch, hidden;
  TeTensor *h, *c;
  TeTensor **outputs;            /* per step */
  TeTensor **ended_h, **ended_c; /* final states of rows that have ended, the last ones first */
  int n_ended;
} Steps;

/* The rows of a state that step t works on: some have ended, or some begin. */
static TeTensor *
fit_rows (Steps *s, TeTensor *state, TeTensor *first, int64_t n, TeTensor **ended)
{
  TeExpr *e = s->e;
  if (e->failed || state->sizes[0] == n)
    return state;
  int64_t now = state->sizes[0];
  if (n < now)
    {
      *ended = EX (e, "narrow", "Tiii", state, (int64_t) 0, n, now - n);
      return EX (e, "narrow", "Tiii", state, (int64_t) 0, (int64_t) 0, n);
    }
  TeTensor *both[2] = { state, EX (e, "narrow", "Tiii", first, (int64_t) 0, now, n - now) };
  return e->failed ? NULL : EX (e, "cat", "Li", both, 2, (int64_t) 0);
}

static void
run_step (Steps *s, TeTensor *sums, int64_t t, int64_t row)
{
  TeExpr *e = s->e;
  const TeValue *v = s->args;
  int64_t n = s->sizes ? s->sizes[t] : s->batch;
  bool ends = !e->failed && n < s->h->sizes[0];
  int at = s->steps > 0 ? (int) (s->steps - 1 - s->n_ended) : 0;
  s->h = fit_rows (s, s->h, v[TE_RNN_H0].tensor, n, &s->ended_h[at]);
  if (s->c)
    s->c = fit_rows (s, s->c, v[TE_RNN_C0].tensor, n, &s->ended_c[at]);
  s->n_ended += ends;
  TeTensor *from_x = s->sizes ? EX (e, "narrow", "Tiii", sums, (int64_t) 0, row, n)
                              : EX (e, "select.int", "Tii", sums, (int64_t) 0, t);
  TeTensor *from_h = EX (e, "linear", "TTT", s->h, v[TE_RNN_W_HH].tensor, optional (&v[TE_RNN_B_HH]));
  s->h = cell_step (e, s->kind, from_x, from_h, s->h, &s->c, s->hidden);
  if (s->projection)
    s->h = EX (e, "linear", "TT", s->h, s->projection);
  s->outputs[t] = s->h;
}

static TeTensor *
final_state (Steps *s, TeTensor *state, TeTensor **ended)
{
  if (s->e->failed || !s->n_ended)
    return state;
  int first =
      (int) s->steps - 1 - s->n_ended; /* its slot is free: the last state goes before those that ended */
  ended[first] = state;
  return EX (s->e, "cat", "Li", ended + first, s->n_ended + 1, (int64_t) 0);
}

/* Runs the steps and stores outputs, last h and last c. */
static bool
run_steps (Steps *s, TeOpCall *call, TeError *err)
{
  TeExpr *e = s->e;
  const TeValue *v = s->args;
  TeTensor *sums =
      EX (e, "linear", "TTT", v[TE_RNN_INPUT].tensor, v[TE_RNN_W_IH].tensor, optional (&v[TE_RNN_B_IH]));
  int64_t row = s->reverse && s->sizes ? v[TE_RNN_INPUT].tensor->sizes[0] : 0;
  s->h = v[TE_RNN_H0].tensor;
  s->c = s->kind == TE_CELL_LSTM ? optional (&v[TE_RNN_C0]) : NULL;
  if (s->sizes && s->reverse && s->steps)
    {
      int64_t n = s->sizes[s->steps - 1];
      s->h = EX (e, "narrow", "Tiii", s->h, (int64_t) 0, (int64_t) 0, n);
      s->c = s->c ? EX (e, "narrow", "Tiii", s->c, (int64_t) 0, (int64_t) 0, n) : NULL;
    }
  for (int64_t i = 0; i < s->steps && !e->failed; i++)
    {
      int64_t t = s->reverse ? s->steps - 1 - i : i;
      row -= s->reverse && s->sizes ? s->sizes[t] : 0;
      run_step (s, sums, t, row);
      row += !s->reverse && s->sizes ? s->sizes[t] : 0;
    }
  if (!e->failed)
    te_expr_put (e,
                 s->sizes ? EX (e, "cat", "Li", s->outputs, (int) s->steps, (int64_t) 0)
                          : EX (e, "stack", "Li", s->outputs, (int) s->steps, (int64_t) 0),
                 &call->outs[0]);
  te_expr_put (e, final_state (s, s->h, s->ended_h), &call->outs[1]);
  if (s->c)
    te_expr_put (e, final_state (s, s->c, s->ended_c), &call->outs[2]);
  return te_expr_close (e);
}

static bool
sequence_in_steps (TeOpCall *call, const char *mode, bool reverse, TeTensor *projection, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *sizes = optional (&v[TE_RNN_SIZES]), *counts = NULL;
  TeExpr e = TE_EXPR (err);
  Steps s = { .e = &e, .args = v, .reverse = reverse, .projection = projection };
  if (!te_rnn_read_kind (mode, &s.kind, err)
      || (sizes && !(counts = te_contiguous_copy (sizes, TE_INT64, err))))
    return false;
  s.sizes = counts ? te_tensor_data (counts) : NULL;
  s.steps = counts ? counts->numel : v[TE_RNN_INPUT].tensor->sizes[0];
  s.batch = v[TE_RNN_H0].tensor->sizes[0];
  s.hidden = v[TE_RNN_W_HH].tensor->sizes[0] / te_cell_gates (s.kind);
  size_t nbytes = (size_t) (s.steps + 1) * sizeof *s.outputs;
  TeTensor **room = te_new_sized (3 * nbytes);
  bool ok = room != NULL || te_error_no_memory (err);
  if (ok)
    {
      s.outputs = room;
      s.ended_h = room + s.steps + 1;
      s.ended_c = room + 2 * (s.steps + 1);
      ok = run_steps (&s, call, err);
      te_free_sized (room, 3 * nbytes);
    }
  te_tensor_unref (counts);
  return ok;
}

bool
te_rnn_twin (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  return sequence_in_steps (call, v[TE_RNN_COUNT].string, v[TE_RNN_COUNT + 1].b, NULL, err);
}

/* lstm_projected (…, w_hr, reverse): an LSTM whose hidden state is projected after each step. */
static bool
projected_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  return sequence_in_steps (call, "LSTM", v[TE_RNN_COUNT + 1].b, v[TE_RNN_COUNT].tensor, err);
}

#define CELL_ARGS ", Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None)"

static const TeOpDef rows[] = {
  { .schema =
        "lstm_projected(Tensor input, Tensor h0, Tensor c0, Tensor w_ih, Tensor w_hh, Tensor? b_ih, Tensor? "
        "b_hh, Tensor? batch_sizes, Tensor w_hr, bool reverse) -> (Tensor, Tensor, Tensor)",
    .flags = TE_OP_NN | TE_OP_COMPOSITE,
    .kernel = projected_kernel,
    .doc = "One direction of one LSTM layer whose hidden states are projected by w_hr: outputs, last h, last "
           "c." },
  { .schema = "lstm_cell(Tensor input, Tensor[] hx" CELL_ARGS " -> (Tensor, Tensor)",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = lstm_cell_kernel,
    .doc = "One step of an LSTM: h and c." },
  { .schema = "gru_cell(Tensor input, Tensor hx" CELL_ARGS " -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = single_cell_kernel,
    .doc = "One step of a GRU." },
  { .schema = "rnn_tanh_cell(Tensor input, Tensor hx" CELL_ARGS " -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = single_cell_kernel,
    .doc = "One step of an Elman network." },
  { .schema = "rnn_relu_cell(Tensor input, Tensor hx" CELL_ARGS " -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = single_cell_kernel,
    .doc = "One step of an Elman network with relu." },
};

TE_OP_FAMILY (te_family_rnn_steps, rows);
