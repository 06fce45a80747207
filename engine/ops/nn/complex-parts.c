/* Layers of complex numbers through their real and imaginary parts: what is linear in one argument, or in two. */
#include "ops/nn/complex-parts.h"

#include <string.h>

/* The same op of other tensors; results in outs. */
static bool
again (const TeOpCall *call, const TeValue *args, TeTensor **outs, TeError *err)
{
  TeOpCall inner = { .op = call->op, .args = args, .outs = NULL, .n_outs = call->n_outs };
  inner.outs = inner.inline_outs;
  if (!te_dispatch (&inner, err))
    return false;
  for (int i = 0; i < call->n_outs; i++)
    {
      outs[i] = inner.outs[i];
      inner.outs[i] = NULL;
    }
  te_op_call_clear (&inner);
  return true;
}

static TeTensor *
part_of (TeTensor *t, bool imaginary, TeError *err)
{
  TE_OP (real, "real");
  TE_OP (imag, "imag");
  return te_dtype_is_complex (te_tensor_dtype (t)) ? te_call (imaginary ? imag : real, err, "T", t)
         : imaginary                               ? te_zeros (t->ndim, t->sizes, te_tensor_dtype (t), err)
                                                   : te_tensor_ref (t);
}

/* real + i imag of what calls of real tensors gave; NULL where there was nothing. */
static bool
joined (TeOpCall *call, TeTensor *const *real, TeTensor *const *imag, TeError *err)
{
  TE_OP (complex, "complex");
  for (int i = 0; i < call->n_outs; i++)
    if (real[i] && !(call->outs[i] = te_call (complex, err, "TT", real[i], imag[i])))
      return false;
  return true;
}

static void
drop (TeTensor **tensors, int n)
{
  for (int i = 0; i < n; i++)
    te_tensor_clear (&tensors[i]);
}

/* a += sign * b, for all results that there are; b is dropped. */
static bool
gather (TeTensor **a, TeTensor **b, int n, bool minus, TeError *err)
{
  bool ok = true;
  for (int i = 0; i < n; i++)
    if (a[i] && b[i] && ok)
      {
        TeTensor *sum = minus ? te_sub (a[i], b[i], err) : te_add (a[i], b[i], err);
        te_tensor_unref (a[i]);
        a[i] = sum;
        ok = sum != NULL;
      }
  drop (b, n);
  return ok;
}

bool
te_complex_linear (TeOpCall *call, int which, TeError *err)
{
  TeValue args[TE_OP_MAX_ARGS];
  TeTensor *real[TE_OP_INLINE_OUTS] = { NULL }, *imag[TE_OP_INLINE_OUTS] = { NULL };
  bool ok = true;
  memcpy (args, call->args, call->op->n_args * sizeof *args);
  for (int k = 0; ok && k < 2; k++)
    {
      args[which].tensor = part_of (call->args[which].tensor, k, err);
      ok = args[which].tensor && again (call, args, k ? imag : real, err);
      te_tensor_unref (args[which].tensor);
    }
  ok = ok && joined (call, real, imag, err);
  drop (real, call->n_outs);
  drop (imag, call->n_outs);
  return ok;
}

bool
te_complex_bilinear (TeOpCall *call, int n_factors, int with_first, TeError *err)
{
  TeTensor *parts[3][2] = { { NULL } }, *results[4][TE_OP_INLINE_OUTS] = { { NULL } };
  bool ok = true;
  for (int i = 0; ok && i < 3; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR)
      for (int k = 0; ok && k < 2; k++)
        ok = (parts[i][k] = part_of (call->args[i].tensor, k, err)) != NULL;
  /* real: (r, r) and (i, i); imaginary: (i, r) and (r, i); the first of each pair has what is linear in the first alone */
  static const int first[4] = { 0, 1, 1, 0 }, second[4] = { 0, 1, 0, 1 };
  for (int r = 0; ok && r < 4; r++)
    {
      TeValue args[TE_OP_MAX_ARGS];
      memcpy (args, call->args, call->op->n_args * sizeof *args);
      for (int i = 0; i < n_factors; i++)
        args[i].tensor = parts[i][i ? second[r] : first[r]];
      if (n_factors == 2 && args[2].kind == TE_VALUE_TENSOR)
        { /* a bias is added once to each part */
          args[2].tensor = parts[2][r >= 2];
          if (r % 2)
            args[2] = (TeValue){ .kind = TE_VALUE_NONE };
        }
      if (with_first >= 0 && r % 2)
        args[with_first].b = false;
      ok = again (call, args, results[r], err);
    }
  ok = ok && gather (results[0], results[1], call->n_outs, true, err)
       && gather (results[2], results[3], call->n_outs, false, err) && joined (call, results[0], results[2], err);
  for (int r = 0; r < 4; r++)
    drop (results[r], call->n_outs);
  for (int i = 0; i < 3; i++)
    drop (parts[i], 2);
  return ok;
}
