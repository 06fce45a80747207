/* Connectionist temporal classification: minus the log probability of a target over all alignments with
 * blanks. Forward sums over prefixes (alpha), backward over suffixes (beta), in log space and double. Source:
 * Graves et al. 2006; the gradient takes log_probs to be normalised, as PyTorch's does. */
#include <math.h>
#include <string.h>

#include "ops/loss/rows.h"
#include "ops/nn/nn-private.h"

typedef struct
{
  int64_t steps, batch, classes, blank;
  const int64_t *input_lengths, *target_lengths;
  bool padded; /* targets (N, S); otherwise one after the other */
  int64_t target_step, longest;
  const int64_t *targets;
  const double *log_probs; /* (T, N, C) */
} Ctc;

static double
log_add (double a, double b)
{
  double high = a > b ? a : b, low = a > b ? b : a;
  return high == -INFINITY ? -INFINITY : high + log1p (exp (low - high));
}

static const int64_t *
target_of (const Ctc *c, int64_t n)
{
  int64_t start = 0;
  if (c->padded)
    return c->targets + n * c->target_step;
  for (int64_t i = 0; i < n; i++)
    start += c->target_lengths[i];
  return c->targets + start;
}

/* Label at position s of the target with blanks between: blank, l1, blank, l2 … blank. */
static int64_t
label (const Ctc *c, const int64_t *target, int64_t s)
{
  return s % 2 ? target[s / 2] : c->blank;
}
static bool
may_skip (const Ctc *c, const int64_t *target, int64_t s)
{
  return s % 2 && s >= 3 && label (c, target, s) != label (c, target, s - 2);
}
static double
log_prob (const Ctc *c, int64_t t, int64_t n, int64_t k)
{
  return c->log_probs[(t * c->batch + n) * c->classes + k];
}

/* alpha (T, 2 S + 1) of one sequence; returns minus its log probability. */
static double
forward (const Ctc *c, int64_t n, double *alpha)
{
  const int64_t *target = target_of (c, n);
  int64_t width = 2 * c->target_lengths[n] + 1, steps = c->input_lengths[n];
  if (steps == 0)
    return c->target_lengths[n] == 0 ? 0 : INFINITY;
  for (int64_t s = 0; s < width; s++)
    alpha[s] = s < 2 ? log_prob (c, 0, n, label (c, target, s)) : -INFINITY;
  for (int64_t t = 1; t < steps; t++)
    for (int64_t s = 0; s < width; s++)
      {
        const double *before = alpha + (t - 1) * width;
        double sum = before[s];
        if (s > 0)
          sum = log_add (sum, before[s - 1]);
        if (may_skip (c, target, s))
          sum = log_add (sum, before[s - 2]);
        alpha[t * width + s] = sum + log_prob (c, t, n, label (c, target, s));
      }
  const double *last = alpha + (steps - 1) * width;
  return -(width > 1 ? log_add (last[width - 1], last[width - 2]) : last[0]);
}

/* Adds the gradient of one sequence's loss, times `scale`, to grad (T, N, C). */
static void
backward (const Ctc *c,
          int64_t n,
          const double *alpha,
          double loss,
          double scale,
          double *beta,
          double *sums,
          double *grad)
{
  const int64_t *target = target_of (c, n);
  int64_t width = 2 * c->target_lengths[n] + 1, steps = c->input_lengths[n];
  for (int64_t t = steps - 1; t >= 0; t--)
    {
      double *now = beta + t * width, *after = beta + (t + 1) * width;
      for (int64_t k = 0; k < c->classes; k++)
        sums[k] = -INFINITY;
      for (int64_t s = 0; s < width; s++)
        {
          double sum = -INFINITY;
          if (t == steps - 1)
            sum = s >= width - 2 ? 0 : -INFINITY;
          else
            {
              sum = after[s];
              if (s + 1 < width)
                sum = log_add (sum, after[s + 1]);
              if (s + 2 < width && may_skip (c, target, s + 2))
                sum = log_add (sum, after[s + 2]);
            }
          int64_t k = label (c, target, s);
          now[s] = sum + log_prob (c, t, n, k);
          sums[k] = log_add (sums[k], alpha[t * width + s] + now[s]);
        }
      for (int64_t k = 0; k < c->classes; k++)
        {
          double p = log_prob (c, t, n, k);
          grad[(t * c->batch + n) * c->classes + k] = (exp (p) - exp (sums[k] + loss - p)) * scale;
        }
    }
}

static bool
check (const Ctc *c, const TeValue *inputs, const TeValue *lengths, const TeTensor *targets, TeError *err)
{
  int64_t total = 0;
  if (inputs->count != c->batch)
    return te_error_set (err, TE_ERR_RUNTIME, "input_lengths must be of size batch_size");
  if (lengths->count != c->batch)
    return te_error_set (err, TE_ERR_RUNTIME, "target_lengths must be of size batch_size");
  if (c->blank < 0 || c->blank >= c->classes)
    return te_error_set (err, TE_ERR_RUNTIME, "blank must be in label range");
  for (int64_t n = 0; n < c->batch; n++)
    {
      if (c->input_lengths[n] < 0 || c->input_lengths[n] > c->steps)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "Expected input_lengths to have value at most %lld, but got value %lld (while "
                             "checking arguments for ctc_loss_cpu)",
                             (long long) c->steps, (long long) c->input_lengths[n]);
      if (c->target_lengths[n] < 0 || (c->padded && c->target_lengths[n] > c->target_step))
        return te_error_set (err, TE_ERR_RUNTIME,
                             "Expected tensor to have size at least %lld at dimension 1, but got size %lld "
                             "for argument #2 'targets' (while checking arguments for ctc_loss_cpu)",
                             (long long) c->target_lengths[n], (long long) c->target_step);
      total += c->target_lengths[n];
    }
  if (!c->padded && total != targets->numel)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected tensor to have size %lld at dimension 0, but got size %lld for argument "
                         "#2 'targets' (while checking arguments for ctc_loss_cpu)",
                         (long long) total, (long long) targets->numel);
  for (int64_t n = 0; n < c->batch; n++)
    for (int64_t i = 0; i < c->target_lengths[n]; i++)
      if (target_of (c, n)[i] < 0 || target_of (c, n)[i] >= c->classes)
        return te_error_set (err, TE_ERR_INDEX, "ctc_loss: target %lld is out of bounds",
                             (long long) target_of (c, n)[i]);
  return true;
}

/* ctc_loss (log_probs (T, N, C), targets, input lengths, target lengths, blank, zero_infinity) -> losses (N);
 * extra[0] keeps their gradients. */
static bool
ctc_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *input = v[0].tensor, *grad = NULL, *out = NULL;
  if (input->ndim != 3 || v[1].tensor->ndim < 1 || v[1].tensor->ndim > 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "ctc_loss: expected log_probs of 3 dimensions and targets of 1 or 2");
  if (!te_nn_check_floating (input, "ctc_loss_cpu", err))
    return false;
  Ctc c = { .steps = input->sizes[0],
            .batch = input->sizes[1],
            .classes = input->sizes[2],
            .blank = v[4].i,
            .input_lengths = v[2].ints,
            .target_lengths = v[3].ints,
            .padded = v[1].tensor->ndim == 2 };
  TeTensor *x = te_contiguous_copy (input, TE_FLOAT64, err),
           *t = x ? te_contiguous_copy (v[1].tensor, TE_INT64, err) : NULL;
  TeScratch scratch = { NULL, 0 };
  bool ok = t != NULL;
  if (ok)
    {
      c.log_probs = te_tensor_data (x);
      c.targets = te_tensor_data (t);
      c.target_step = c.padded ? t->sizes[1] : 0;
      ok = (!c.padded || t->sizes[0] == c.batch
            || te_error_set (err, TE_ERR_RUNTIME, "ctc_loss: targets must have a row per sequence"))
           && check (&c, &v[2], &v[3], t, err);
    }
  for (int64_t n = 0; ok && n < c.batch; n++)
    c.longest = te_nn_max (c.longest, c.target_lengths[n]);
  int64_t width = 2 * c.longest + 1;
  ok = ok && (out = te_tensor_new (1, &c.batch, te_tensor_dtype (input), err))
       && (!call->wants_grad || (grad = te_nn_zeros (3, input->sizes, TE_FLOAT64, err)))
       && te_nn_scratch (&scratch, (size_t) ((2 * c.steps + 2) * width + c.classes) * sizeof (double), err);
  for (int64_t n = 0; ok && n < c.batch; n++)
    {
      double *alpha = scratch.data, *beta = alpha + (c.steps + 1) * width,
             *sums = beta + (c.steps + 1) * width;
      double loss = forward (&c, n, alpha);
      bool lost = v[5].b && isinf (loss);
      if (grad && !lost)
        backward (&c, n, alpha, loss, 1, beta, sums, te_tensor_data (grad));
      te_scalar_store (te_scalar_float (lost ? 0 : loss), te_tensor_dtype (input),
                       (char *) te_tensor_data (out)
                           + (size_t) n * te_dtype_nbytes (te_tensor_dtype (input)));
    }
  te_nn_scratch_free (&scratch);
  if (ok && grad)
    ok = (call->extra[0] = te_contiguous_copy (grad, te_tensor_dtype (input), err)) != NULL;
  te_tensor_unref (grad);
  te_tensor_unref (x);
  te_tensor_unref (t);
  if (ok)
    return te_nn_out (call, 0, out);
  te_tensor_unref (out);
  return false;
}

/* _ctc_loss_backward (grad (N), gradients kept by the forward (T, N, C)): their product.  It cannot be
 * differentiated again: the kept gradients have no history. */
static bool
ctc_backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *grad = te_tensor_alias (v[0].tensor, err), *column = grad ? te_unsqueeze (grad, -1, err) : NULL;
  TeTensor *out = column ? te_mul (v[1].tensor, column, err) : NULL;
  te_tensor_unref (grad);
  te_tensor_unref (column);
  return te_nn_out (call, 0, out);
}

static bool
ctc_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_ctc_loss_backward");
  ctx->results[0] = te_call (op, err, "TTT", ctx->grads[0], ctx->extra[0], ctx->inputs[0]);
  return ctx->results[0] != NULL;
}

static const TeOpDef rows[] = {
  { .schema = "_ctc_loss(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, int "
              "blank=0, bool zero_infinity=False) -> Tensor",
    .flags = TE_OP_NN,
    .kernel = ctc_kernel,
    .backward = ctc_backward,
    .node = "CtcLossBackward",
    .saves = TE_SAVE_ARG (0),
    .constant_args = 1u << 1,
    .doc = "Minus the log probability of each target over all its alignments." },
  { .schema = "_ctc_loss_backward(Tensor grad_output, Tensor gradients, Tensor log_probs) -> Tensor",
    .kernel = ctc_backward_kernel,
    .node = "NotImplemented",
    .doc = "Gradient of _ctc_loss for log_probs." },
};

TE_OP_FAMILY (te_family_ctc_loss, rows);
