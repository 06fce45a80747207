/* Recurrent layers: one op runs one direction of one layer over a whole sequence.  The inputs' products for
 * all steps are one matrix product; each step adds the hidden state's.  Sequences of different lengths come
 * packed: step t has sizes[t] rows, never more than the step before.  A state buffer of the whole batch is
 * updated row by row, so that the final states are what it holds at the end, in either direction. */
#include <string.h>

#include "ops/linalg/gemm.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rnn-cell.h"
#include "ops/reduce/cascade.h"
#include "ops/nn/rnn-steps.h"
#include "ops/nn/rows.h"

typedef struct
{
  TeCellKind kind;
  TeDtype dtype;
  size_t nbytes; /* of an element */
  bool reverse, packed;
  int64_t steps, rows, batch, width, hidden, gates; /* rows: of all steps; gates: G * hidden */
  const int64_t *sizes;                             /* per step; NULL: batch each */
  TeTensor *in[TE_RNN_COUNT];                       /* contiguous, owned; NULL: not there */
} Sequence;

static void
sequence_clear (Sequence *s)
{
  for (int i = 0; i < TE_RNN_COUNT; i++)
    te_tensor_clear (&s->in[i]);
}

static int64_t
step_rows (const Sequence *s, int64_t t)
{
  return s->sizes ? s->sizes[t] : s->batch;
}

static bool
check_sequence (const Sequence *s, TeError *err)
{
  const TeTensor *w_ih = s->in[TE_RNN_W_IH], *w_hh = s->in[TE_RNN_W_HH], *h0 = s->in[TE_RNN_H0];
  bool fits = w_ih->ndim == 2 && w_hh->ndim == 2 && w_ih->sizes[0] == s->gates && w_ih->sizes[1] == s->width
              && w_hh->sizes[0] == s->gates && w_hh->sizes[1] == s->hidden && h0->ndim == 2
              && h0->sizes[0] == s->batch
              && (!s->in[TE_RNN_C0] || te_tensor_same_sizes (h0, s->in[TE_RNN_C0]));
  for (int i = TE_RNN_B_IH; i <= TE_RNN_B_HH && fits; i++)
    fits = !s->in[i] || s->in[i]->numel == s->gates;
  int64_t total = 0;
  for (int64_t t = 0; t < s->steps && s->sizes && fits; t++)
    {
      fits = s->sizes[t] > 0 && s->sizes[t] <= (t ? s->sizes[t - 1] : s->batch);
      total += s->sizes[t];
    }
  if (fits && (!s->sizes || total == s->rows))
    return true;
  return te_error_set (err, TE_ERR_RUNTIME,
                       "rnn: sizes of input, hidden state, weights and batch_sizes do not fit together");
}

/* Reads the eight tensors, mode and direction. */
static bool
sequence_take (Sequence *s, TeTensor *const given[TE_RNN_COUNT], const char *mode, bool reverse, TeError *err)
{
  *s = (Sequence){ .reverse = reverse };
  TeTensor *input = given[TE_RNN_INPUT];
  if (!te_rnn_read_kind (mode, &s->kind, err))
    return false;
  s->dtype = te_tensor_dtype (input);
  s->nbytes = te_dtype_nbytes (s->dtype);
  for (int i = 0; i < TE_RNN_COUNT; i++)
    {
      if (given[i] && i != TE_RNN_SIZES && te_tensor_dtype (given[i]) != s->dtype)
        {
          sequence_clear (s);
          return te_error_set (err, TE_ERR_RUNTIME, "mat1 and mat2 must have the same dtype");
        }
      if (given[i]
          && !(s->in[i] = te_contiguous_copy (given[i], i == TE_RNN_SIZES ? TE_INT64 : s->dtype, err)))
        {
          sequence_clear (s);
          return false;
        }
    }
  if (!te_nn_check_floating (input, "addmm_impl_cpu_", err))
    {
      sequence_clear (s);
      return false;
    }
  s->packed = s->in[TE_RNN_SIZES] != NULL;
  s->sizes = s->packed ? te_tensor_data (s->in[TE_RNN_SIZES]) : NULL;
  bool shaped = input->ndim == (s->packed ? 2 : 3) && s->in[TE_RNN_H0]->ndim == 2;
  if (shaped)
    {
      s->steps = s->packed ? s->in[TE_RNN_SIZES]->numel : input->sizes[0];
      s->batch = s->packed ? s->in[TE_RNN_H0]->sizes[0] : input->sizes[1];
      s->rows = s->packed ? input->sizes[0] : s->steps * s->batch;
      s->width = input->sizes[input->ndim - 1];
      s->hidden = s->in[TE_RNN_H0]->sizes[1];
      s->gates = te_cell_gates (s->kind) * s->hidden;
    }
  if (!(shaped || te_error_set (err, TE_ERR_RUNTIME, "rnn: input must have 2 or 3 dimensions"))
      || !check_sequence (s, err))
    {
      sequence_clear (s);
      return false;
    }
  return true;
}

static const void *
data (const TeTensor *t)
{
  return t ? te_tensor_data (t) : NULL;
}

static char *
row_at (const Sequence *s, const void *base, int64_t row, int64_t width)
{
  return (char *) base + (size_t) (row * width) * s->nbytes;
}

/* c = A op(B) [+ c] in the sequence's dtype. */
static void
product (const Sequence *s,
         bool trans_a,
         bool trans_b,
         int64_t m,
         int64_t n,
         int64_t k,
         const void *a,
         const void *b,
         bool add,
         void *c)
{
  TeScalar one = te_scalar_float (1), beta = te_scalar_float (add ? 1 : 0);
  te_gemm (s->dtype, trans_a, trans_b, m, n, k, one, a, trans_a ? m : k, b, trans_b ? k : n, beta, c, n);
}

/* Fills n rows with the bias (zeros where there is none). */
static void
fill_rows (const Sequence *s, void *to, int64_t n, const TeTensor *bias)
{
  if (n == 0)
    return;
  if (bias)
    memcpy (to, data (bias), (size_t) s->gates * s->nbytes);
  else
    memset (to, 0, (size_t) s->gates * s->nbytes);
  for (int64_t i = 1; i < n; i++)
    memcpy (row_at (s, to, i, s->gates), to, (size_t) s->gates * s->nbytes);
}

/* First row of step t. */
static int64_t
step_start (const Sequence *s, int64_t t)
{
  int64_t row = 0;
  if (!s->sizes)
    return t * s->batch;
  for (int64_t i = 0; i < t; i++)
    row += s->sizes[i];
  return row;
}

static void
add_into (const Sequence *s, void *to, const void *from, int64_t n)
{
  if (s->dtype == TE_FLOAT64)
    for (int64_t i = 0; i < n; i++)
      ((double *) to)[i] += ((const double *) from)[i];
  else
    for (int64_t i = 0; i < n; i++)
      ((float *) to)[i] += ((const float *) from)[i];
}

/* Runs all steps.  gates (rows, G H) holds the inputs' products; recurrent is GRU's (rows, 3 H), of the others one step's;
 * h, c: the states. */
static void
run_steps (const Sequence *s, void *gates, void *recurrent, void *output, void *cells, void *h, void *c)
{
  int64_t row = s->reverse ? s->rows : 0;
  bool gru = s->kind == TE_CELL_GRU;
  for (int64_t i = 0; i < s->steps; i++)
    {
      int64_t t = s->reverse ? s->steps - 1 - i : i, n = step_rows (s, t);
      if (s->reverse)
        row -= n;
      char *sums = row_at (s, gates, row, s->gates),
           *other = gru ? row_at (s, recurrent, row, s->gates) : NULL;
      /* the two parts are summed apart, as PyTorch's cells do it */
      char *part = gru ? other : recurrent;
      fill_rows (s, part, n, s->in[TE_RNN_B_HH]);
      product (s, false, true, n, s->gates, s->hidden, h, data (s->in[TE_RNN_W_HH]), true, part);
      if (!gru)
        add_into (s, sums, part, n * s->gates);
      TeCellStep step = { s->kind,
                          s->dtype == TE_FLOAT64,
                          n,
                          s->hidden,
                          sums,
                          other,
                          h,
                          c,
                          row_at (s, output, row, s->hidden),
                          cells ? row_at (s, cells, row, s->hidden) : NULL };
      te_cell_forward (&step);
      memcpy (h, step.h_after, (size_t) (n * s->hidden) * s->nbytes);
      if (cells)
        memcpy (c, step.c_after, (size_t) (n * s->hidden) * s->nbytes);
      if (!s->reverse)
        row += n;
    }
}

static bool
sequence_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *given[TE_RNN_COUNT], *gates = NULL, *kept = NULL, *out = NULL, *h = NULL, *c = NULL, *part = NULL;
  Sequence s;
  for (int i = 0; i < TE_RNN_COUNT; i++)
    given[i] = v[i].kind == TE_VALUE_TENSOR ? v[i].tensor : NULL;
  if (!sequence_take (&s, given, v[8].string, v[9].b, err))
    return false;
  bool lstm = s.kind == TE_CELL_LSTM, gru = s.kind == TE_CELL_GRU;
  int64_t out_sizes[3] = { s.packed ? s.rows : s.steps, s.packed ? s.hidden : s.batch, s.hidden };
  int64_t gate_sizes[2] = { s.rows, s.gates }, cell_sizes[2] = { s.rows, s.hidden },
          state_sizes[2] = { s.batch, s.hidden }, step_sizes[2] = { s.batch, gru ? 0 : s.gates };
  bool ok = (gates = te_tensor_new (2, gate_sizes, s.dtype, err))
            && (out = te_tensor_new (s.packed ? 2 : 3, out_sizes, s.dtype, err))
            && (h = te_tensor_new (2, state_sizes, s.dtype, err))
            && (part = te_tensor_new (2, step_sizes, s.dtype, err))
            && (!lstm
                || ((kept = te_tensor_new (2, cell_sizes, s.dtype, err))
                    && (c = te_tensor_new (2, state_sizes, s.dtype, err))))
            && (!gru || (kept = te_tensor_new (2, gate_sizes, s.dtype, err)));
  if (ok)
    {
      size_t state = (size_t) (s.batch * s.hidden) * s.nbytes;
      memcpy (te_tensor_data (h), data (s.in[TE_RNN_H0]), state);
      if (lstm && s.in[TE_RNN_C0])
        memcpy (te_tensor_data (c), data (s.in[TE_RNN_C0]), state);
      else if (lstm)
        memset (te_tensor_data (c), 0, state);
      fill_rows (&s, te_tensor_data (gates), s.rows, s.in[TE_RNN_B_IH]);
      product (&s, false, true, s.rows, s.gates, s.width, data (s.in[TE_RNN_INPUT]), data (s.in[TE_RNN_W_IH]),
               true, te_tensor_data (gates));
      run_steps (&s, te_tensor_data (gates), te_tensor_data (gru ? kept : part), te_tensor_data (out),
                 lstm ? te_tensor_data (kept) : NULL, te_tensor_data (h), lstm ? te_tensor_data (c) : NULL);
      call->outs[0] = te_tensor_ref (out);
      call->outs[1] = te_tensor_ref (h);
      call->outs[2] = c ? te_tensor_ref (c) : te_tensor_ref (h);
      if (!c
          && !(call->outs[2] = (te_tensor_unref (call->outs[2]), te_nn_zeros (2, state_sizes, s.dtype, err))))
        ok = false;
      if (call->wants_grad)
        {
          call->extra[0] = te_tensor_ref (gates);
          call->extra[1] = kept ? te_tensor_ref (kept) : NULL;
        }
    }
  te_tensor_unref (gates);
  te_tensor_unref (part);
  te_tensor_unref (kept);
  te_tensor_unref (out);
  te_tensor_unref (h);
  te_tensor_unref (c);
  sequence_clear (&s);
  return ok;
}

/* ---- backward ---- */
/* What each row started from: the output (or cells) of the step that ran before it, or the first state. */
static void
gather_before (const Sequence *s, const void *first, const void *after, void *before)
{
  for (int64_t i = 0; i < s->steps; i++)
    {
      int64_t t = s->reverse ? s->steps - 1 - i : i, n = step_rows (s, t), m = 0;
      int64_t row = step_start (s, t), width = s->hidden;
      if (i > 0)
        {
          int64_t u = s->reverse ? t + 1 : t - 1;
          m = te_nn_min (n, step_rows (s, u));
          memcpy (row_at (s, before, row, width), row_at (s, after, step_start (s, u), width),
                  (size_t) (m * width) * s->nbytes);
        }
      if (m < n && first)
        memcpy (row_at (s, before, row + m, width), row_at (s, first, m, width),
                (size_t) ((n - m) * width) * s->nbytes);
      else if (m < n)
        memset (row_at (s, before, row + m, width), 0, (size_t) ((n - m) * width) * s->nbytes);
    }
}

/* Sums over n rows of gates, in the order of a tensor's sum. */
static void
column_sums (const Sequence *s, const void *from, int64_t n, void *to)
{
  TeReducePlan plan = { .n_kept = 1, .n_reduced = 1, .kept_numel = s->gates, .reduced_numel = n, .kept_sizes = { s->gates },
                        .kept_strides = { (int64_t) s->nbytes }, .reduced_sizes = { n },
                        .reduced_strides = { s->gates * (int64_t) s->nbytes }, .data = from, .element_nbytes = s->nbytes };
  char *outs[1] = { to };
  const double one = 1;
  if (s->dtype == TE_FLOAT64 ? te_cascade_f64 (&plan, &one, outs) : te_cascade_f32 (&plan, &one, outs))
    return;
  memset (to, 0, (size_t) s->gates * s->nbytes);
  for (int64_t i = 0; i < n; i++)
    add_into (s, to, row_at (s, from, i, s->gates), s->gates);
}

/* Buffers of one backward run. */
typedef struct
{
  const void *gates, *kept, *output, *grad_out;
  char *h_before, *c_before, *d_gates, *d_recurrent, *d_h, *d_c, *d_direct;
} Buffers;

static void
steps_backward (const Sequence *s, const Buffers *b)
{
  bool gru = s->kind == TE_CELL_GRU, lstm = s->kind == TE_CELL_LSTM;
  bool later = gru && !s->sizes; /* the way past the gates is added when the step before is reached */
  for (int64_t i = s->steps - 1; i >= 0; i--)
    {
      int64_t t = s->reverse ? s->steps - 1 - i : i, n = step_rows (s, t), row = step_start (s, t);
      if (b->grad_out && later && i < s->steps - 1)
        { /* the output's gradient came first, then the way past the gates, then the one through them */
          add_into (s, b->d_direct, row_at (s, b->grad_out, row, s->hidden), n * s->hidden);
          add_into (s, b->d_h, b->d_direct, n * s->hidden);
        }
      else if (b->grad_out)
        add_into (s, b->d_h, row_at (s, b->grad_out, row, s->hidden), n * s->hidden);
      else if (later && i < s->steps - 1)
        add_into (s, b->d_h, b->d_direct, n * s->hidden);
      TeCellBackward back = {
        { s->kind, s->dtype == TE_FLOAT64, n, s->hidden, row_at (s, b->gates, row, s->gates),
          gru ? row_at (s, b->kept, row, s->gates) : NULL, row_at (s, b->h_before, row, s->hidden),
          lstm ? row_at (s, b->c_before, row, s->hidden) : NULL, NULL,
          lstm ? row_at (s, b->kept, row, s->hidden) : NULL },
        b->d_h,
        b->d_c,
        row_at (s, b->d_gates, row, s->gates),
        gru ? row_at (s, b->d_recurrent, row, s->gates) : NULL,
        b->d_direct
      };
      te_cell_backward (&back);
      product (s, false, false, n, s->hidden, s->gates, gru ? back.d_recurrent : back.d_gates,
               data (s->in[TE_RNN_W_HH]), false, b->d_h);
      if (gru && (!later || i == 0))
        add_into (s, b->d_h, b->d_direct, n * s->hidden);
    }
}

/* The recurrent weights' gradients, step by step from the last one, as they arrive. */
static bool
recurrent_gradients (const Sequence *s, const Buffers *b, const void *d_gates, void *weight, void *bias, TeError *err)
{
  TeScratch scratch;
  if (!te_nn_scratch (&scratch, (size_t) (s->gates * (s->hidden + 1)) * s->nbytes, err))
    return false;
  char *part = scratch.data;
  if (!s->steps && weight)
    memset (weight, 0, (size_t) (s->gates * s->hidden) * s->nbytes);
  if (!s->steps && bias)
    memset (bias, 0, (size_t) s->gates * s->nbytes);
  for (int64_t i = s->steps - 1; i >= 0; i--)
    {
      int64_t t = s->reverse ? s->steps - 1 - i : i, n = step_rows (s, t), row = step_start (s, t);
      bool first = i == s->steps - 1;
      char *d = row_at (s, d_gates, row, s->gates);
      if (weight)
        product (s, true, false, s->gates, s->hidden, n, d, row_at (s, b->h_before, row, s->hidden), false, first ? weight : part);
      if (weight && !first)
        add_into (s, weight, part, s->gates * s->hidden);
      if (bias)
        column_sums (s, d, n, first ? bias : part);
      if (bias && !first)
        add_into (s, bias, part, s->gates);
    }
  te_nn_scratch_free (&scratch);
  return true;
}

/* Makes results[i] with the sizes of input i and hands its memory out; NULL where it is not needed. */
static bool
result (TeBackward *ctx, const Sequence *s, int i, void **memory, TeError *err)
{
  *memory = NULL;
  if (!ctx->needs[i])
    return true;
  const TeMeta *m = &ctx->metas[i];
  ctx->results[i] = te_tensor_new (m->ndim, te_nn_meta_sizes (m), s->dtype, err);
  *memory = ctx->results[i] ? te_tensor_data (ctx->results[i]) : NULL;
  return ctx->results[i] != NULL;
}

static bool
gather_results (TeBackward *ctx, const Sequence *s, const Buffers *b, TeError *err)
{
  void *memory[TE_RNN_COUNT] = { NULL };
  size_t state = (size_t) (s->batch * s->hidden) * s->nbytes;
  const void *recurrent = s->kind == TE_CELL_GRU ? b->d_recurrent : b->d_gates;
  for (int i = 0; i < TE_RNN_SIZES; i++)
    if (!result (ctx, s, i, &memory[i], err))
      return false;
  if (memory[TE_RNN_INPUT])
    product (s, false, false, s->rows, s->width, s->gates, b->d_gates, data (s->in[TE_RNN_W_IH]), false,
             memory[TE_RNN_INPUT]);
  if (memory[TE_RNN_H0])
    memcpy (memory[TE_RNN_H0], b->d_h, state);
  if (memory[TE_RNN_C0])
    memcpy (memory[TE_RNN_C0], b->d_c, state);
  if (memory[TE_RNN_W_IH])
    product (s, true, false, s->gates, s->width, s->rows, b->d_gates, data (s->in[TE_RNN_INPUT]), false,
             memory[TE_RNN_W_IH]);
  if (memory[TE_RNN_B_IH])
    column_sums (s, b->d_gates, s->rows, memory[TE_RNN_B_IH]);
  return !(memory[TE_RNN_W_HH] || memory[TE_RNN_B_HH])
         || recurrent_gradients (s, b, recurrent, memory[TE_RNN_W_HH], memory[TE_RNN_B_HH], err);
}

/* The gradient of a final state, or zeros. */
static bool
start_state (const Sequence *s, TeTensor *grad, char *to, TeError *err)
{
  size_t nbytes = (size_t) (s->batch * s->hidden) * s->nbytes;
  if (!grad)
    {
      memset (to, 0, nbytes);
      return true;
    }
  TeTensor *g = te_contiguous_copy (grad, s->dtype, err);
  if (g)
    memcpy (to, te_tensor_data (g), nbytes);
  te_tensor_unref (g);
  return g != NULL;
}

static bool
sequence_backward (TeBackward *ctx, TeError *err)
{
  Sequence s;
  TeTensor *given[TE_RNN_COUNT], *grad_out = NULL, *output = NULL;
  memcpy (given, ctx->inputs, sizeof given);
  if (!sequence_take (&s, given, ctx->args[8].string, ctx->args[9].b, err))
    return false;
  bool gru = s.kind == TE_CELL_GRU, lstm = s.kind == TE_CELL_LSTM;
  size_t states = (size_t) (s.rows * s.hidden) * s.nbytes, gates = (size_t) (s.rows * s.gates) * s.nbytes;
  size_t state = (size_t) (s.batch * s.hidden) * s.nbytes;
  TeScratch scratch;
  if (!te_nn_scratch (&scratch, states * (lstm ? 2 : 1) + gates * (gru ? 2 : 1) + 3 * state, err))
    {
      sequence_clear (&s);
      return false;
    }
  char *at = scratch.data;
  Buffers b = { .gates = data (ctx->extra[0]), .kept = data (ctx->extra[1]) };
  b.h_before = at;
  b.c_before = lstm ? at + states : NULL;
  at += states * (lstm ? 2 : 1);
  b.d_gates = at;
  b.d_recurrent = gru ? at + gates : NULL;
  at += gates * (gru ? 2 : 1);
  b.d_h = at;
  b.d_c = at + state;
  b.d_direct = at + 2 * state;
  bool ok = (!ctx->grads[0] || (grad_out = te_contiguous_copy (ctx->grads[0], s.dtype, err)))
            && (output = te_nn_contiguous (ctx->outs[0], err)) && start_state (&s, ctx->grads[1], b.d_h, err)
            && start_state (&s, lstm ? ctx->grads[2] : NULL, b.d_c, err);
  if (ok)
    {
      b.grad_out = data (grad_out);
      b.output = data (output);
      gather_before (&s, data (s.in[TE_RNN_H0]), b.output, b.h_before);
      if (lstm)
        gather_before (&s, data (s.in[TE_RNN_C0]), b.kept, b.c_before);
      steps_backward (&s, &b);
      ok = gather_results (ctx, &s, &b, err);
    }
  te_nn_scratch_free (&scratch);
  te_tensor_unref (grad_out);
  te_tensor_unref (output);
  sequence_clear (&s);
  return ok;
}

/* What PyTorch calls the node of a whole sequence: it stacks the steps' outputs, or joins packed ones. */
#define SEQUENCE_ROW(NAME, NODE)                                                                             \
  {                                                                                                          \
    .schema = NAME "(Tensor input, Tensor h0, Tensor? c0, Tensor w_ih, Tensor w_hh, Tensor? b_ih, "          \
                   "Tensor? b_hh, Tensor? batch_sizes, str mode, bool reverse) -> (Tensor, Tensor, Tensor)", \
    .flags = TE_OP_NN | TE_OP_WIDENS, .kernel = sequence_kernel, .backward = sequence_backward, .twin = te_rnn_twin,        \
    .node = NODE,                                                                                            \
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2) | TE_SAVE_ARG (3) | TE_SAVE_ARG (4)         \
             | TE_SAVE_ARG (5) | TE_SAVE_ARG (6) | TE_SAVE_ARG (7) | TE_SAVE_OUT (0),                        \
    .doc = "One direction of one recurrent layer over (L, N, I), or over a packed sequence: outputs, last "  \
           "h, last c."                                                                                      \
  }

static const TeOpDef rows[] = {
  SEQUENCE_ROW ("rnn_sequence", "StackBackward"),
  SEQUENCE_ROW ("rnn_sequence_packed", "CatBackward"),
};

TE_OP_FAMILY (te_family_rnn, rows);
