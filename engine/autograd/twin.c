/* Twins: what a fast kernel computes, written in other ops.  Where a row names one, its derivative can be had
 * by recording the twin and walking back through that: so a hand-written gradient kernel can be
 * differentiated again without a second hand-written kernel. The inputs pass an alias first, so that the
 * inner walk stops there and what it returns still hangs on their history. */
#include "autograd/backward.h"
#include "autograd/node-private.h"

#include "base/mem.h"
#include "ops/dispatch.h"

typedef struct
{
  TeValue args[TE_OP_MAX_ARGS];
  TeTensor **inputs; /* flat; owned aliases, NULL where there was none */
  int *target;       /* per capture: its flat input */
  TeTensor **wanted; /* borrowed from inputs */
  TeTensor **captures;
  int n_inputs, n_wanted;
} Twin;

static void
twin_close (Twin *twin)
{
  for (int i = 0; twin->inputs && i < twin->n_inputs; i++)
    te_tensor_unref (twin->inputs[i]);
  size_t n = (size_t) twin->n_inputs + 1;
  if (twin->inputs)
    te_free_sized (twin->inputs, n * sizeof *twin->inputs);
  if (twin->wanted)
    te_free_sized (twin->wanted, n * sizeof *twin->wanted);
  if (twin->captures)
    te_free_sized (twin->captures, n * sizeof *twin->captures);
  if (twin->target)
    te_free_sized (twin->target, n * sizeof *twin->target);
}

/* An alias that the inner graph starts from.  Under create_graph it is itself recorded. */
static TeTensor *
twin_input (TeTensor *input, bool needed, bool create_graph, TeError *err)
{
  TE_OP (alias, "alias");
  if (needed && create_graph && te_tensor_requires_grad (input))
    return te_call (alias, err, "T", input);
  TeTensor *copy = te_tensor_alias (input, err);
  if (copy && needed && !te_tensor_set_requires_grad (copy, true, err))
    te_tensor_clear (&copy);
  return copy;
}

static bool
twin_open (Twin *twin, const TeBackward *ctx, bool create_graph, TeError *err)
{
  size_t n = (size_t) ctx->n_inputs + 1;
  *twin = (Twin){ .n_inputs = ctx->n_inputs };
  twin->inputs = te_new_sized (n * sizeof *twin->inputs);
  twin->wanted = te_new_sized (n * sizeof *twin->wanted);
  twin->captures = te_new_sized (n * sizeof *twin->captures);
  twin->target = te_new_sized (n * sizeof *twin->target);
  if (!twin->inputs || !twin->wanted || !twin->captures || !twin->target)
    return te_error_no_memory (err);
  for (int i = 0; i < ctx->n_inputs; i++)
    {
      if (!ctx->inputs[i])
        continue;
      twin->inputs[i] = twin_input (ctx->inputs[i], ctx->needs[i], create_graph, err);
      if (!twin->inputs[i])
        return false;
      if (ctx->needs[i])
        {
          twin->target[twin->n_wanted] = i;
          twin->wanted[twin->n_wanted++] = twin->inputs[i];
        }
    }
  int at = 0;
  for (int i = 0; i < ctx->op->n_args; i++)
    {
      TeArgType type = ctx->op->args[i].type;
      twin->args[i] = ctx->args[i];
      if (type == TE_ARG_TENSOR)
        {
          if (twin->args[i].kind == TE_VALUE_TENSOR)
            twin->args[i].tensor = twin->inputs[at];
          at++;
        }
      else if ((type == TE_ARG_TENSOR_LIST || type == TE_ARG_OPTIONAL_TENSOR_LIST)
               && twin->args[i].kind == TE_VALUE_TENSOR_LIST)
        {
          twin->args[i].tensors = twin->inputs + at;
          at += twin->args[i].count;
        }
    }
  return true;
}

/* The inner walk: from those results that a gradient arrived for to the aliases. */
static bool
twin_walk (Twin *twin, const TeBackward *ctx, const TeOpCall *call, bool create_graph, TeError *err)
{
  TeTensor *roots[TE_OP_INLINE_OUTS], *grads[TE_OP_INLINE_OUTS];
  int n = 0;
  for (int i = 0; i < ctx->n_outs; i++)
    if (ctx->grads[i] && call->outs[i] && te_tensor_requires_grad (call->outs[i]))
      {
        roots[n] = call->outs[i];
        grads[n++] = ctx->grads[i];
      }
  TeBackwardRequest request = { .roots = roots,
                                .root_grads = grads,
                                .n_roots = n,
                                .retain_graph = create_graph,
                                .create_graph = create_graph,
                                .inputs = twin->wanted,
                                .n_inputs = twin->n_wanted,
                                .captures = twin->captures,
                                .allow_unused = true };
  return n == 0 || te_backward (&request, err);
}

bool
te_twin_backward (TeBackward *ctx, TeError *err)
{
  bool create_graph = te_grad_mode_set (true);
  Twin twin;
  TeOpCall call = { .op = ctx->op, .n_outs = ctx->n_outs };
  call.outs = call.inline_outs;
  bool ok = twin_open (&twin, ctx, create_graph, err);
  if (ok && twin.n_wanted)
    {
      call.args = twin.args;
      ok = ctx->op->def->twin (&call, err) && twin_walk (&twin, ctx, &call, create_graph, err);
    }
  for (int i = 0; ok && i < twin.n_wanted; i++)
    {
      ctx->results[twin.target[i]] = twin.captures[i];
      twin.captures[i] = NULL;
    }
  te_grad_mode_set (create_graph);
  te_op_call_clear (&call);
  twin_close (&twin);
  return ok;
}
