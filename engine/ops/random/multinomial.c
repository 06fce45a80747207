/* multinomial: samples of indices with given weights. */
#include "ops/dispatch.h"
#include "ops/random/draw.h"
#include "ops/registry.h"

#include <math.h>

#include "base/mem.h"
#include "iter/tensor-iter.h"

static bool
check_weights (const double *weights, int64_t rows, int64_t n, TeError *err)
{
  for (int64_t r = 0; r < rows; r++)
    {
      double total = 0;
      for (int64_t i = 0; i < n; i++)
        {
          double w = weights[r * n + i];
          if (!(w >= 0) || isinf (w))
            return te_error_set (err, TE_ERR_RUNTIME,
                                 "probability tensor contains either `inf`, `nan` or element < 0");
          total += w;
        }
      if (total == 0)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "invalid multinomial distribution (sum of probabilities <= 0)");
    }
  return true;
}

/* With replacement: binary search of a draw in the running sums. */
static void
sample_rows (const double *weights,
             int64_t rows,
             int64_t n,
             int64_t samples,
             int64_t *out,
             double *sums,
             bool single,
             TeGenerator *generator)
{
  for (int64_t r = 0; r < rows; r++)
    {
      double total = 0;
      for (int64_t i = 0; i < n; i++)
        {
          total += weights[r * n + i];
          if (single)
            total = (float) total;
          sums[i] = total;
        }
      for (int64_t i = 0; i < n; i++)
        sums[i] = single ? (float) (sums[i] / total) : sums[i] / total;
      sums[n - 1] = 1;
      for (int64_t s = 0; s < samples; s++)
        {
          double u = (double) (int64_t) (te_generator_random64 (generator) & ((1ull << 53) - 1)) * 0x1p-53;
          int64_t left = 0, right = n;
          while (right - left > 0)
            {
              int64_t middle = left + (right - left) / 2;
              if (sums[middle] < u)
                left = middle + 1;
              else
                right = middle;
            }
          out[r * samples + s] = left;
        }
    }
}

/* Without: the largest of weight / exponential draw, which are as likely as drawing one by one. */
static bool
sample_by_race (TeOpCall *call, TeTensor *self, int64_t samples, TeGenerator *generator, TeError *err)
{
  TE_OP (empty_like, "empty_like");
  TE_OP (divide, "div.Tensor");
  TE_OP (argmax, "argmax");
  TE_OP (topk, "topk");
  TeTensor *draws = te_call (empty_like, err, "T", self), *race = NULL, *best[2] = { NULL, NULL };
  TeDrawArgs args = { .f = { 1 } };
  bool ok = draws && te_draw_into (draws, &te_draw_exponential, generator, &args, err)
            && (race = te_call (divide, err, "TT", self, draws));
  if (ok && samples == 1)
    ok = (best[1] = te_call (argmax, err, "Tib", race, (int64_t) -1, 1)) != NULL;
  else if (ok)
    ok = te_call_multi (topk, best, 2, err, "Ti", race, samples);
  if (ok && call->outs[0])
    ok = te_output (&call->outs[0], self, best[1]->ndim, best[1]->sizes, NULL, TE_INT64, err)
         && te_copy (call->outs[0], best[1], err);
  else if (ok)
    call->outs[0] = te_tensor_ref (best[1]);
  te_tensor_unref (best[0]);
  te_tensor_unref (best[1]);
  te_tensor_unref (draws);
  te_tensor_unref (race);
  return ok;
}

static bool
kernel_multinomial (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  int64_t samples = call->args[1].i;
  bool replacement = call->args[2].b;
  TeGenerator *generator = te_value_generator (&call->args[3]);
  if (!te_dtype_is_floating (te_tensor_dtype (self)))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "multinomial only supports floating-point dtypes for input, got: %s",
                         te_dtype_error_name (te_tensor_dtype (self)));
  if (self->ndim < 1 || self->ndim > 2)
    return te_error_set (err, TE_ERR_RUNTIME, "prob_dist must be 1 or 2 dim");
  int64_t n = self->sizes[self->ndim - 1], rows = self->ndim == 2 ? self->sizes[0] : 1;
  if (samples <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "cannot sample n_sample <= 0 samples");
  if (!replacement && samples > n)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  TeTensor *weights = te_contiguous_copy (self, TE_FLOAT64, err);
  bool ok = weights && (te_tensor_is_meta (self) || check_weights (te_tensor_data (weights), rows, n, err));
  if (ok && !replacement && !te_tensor_is_meta (self))
    ok = sample_by_race (call, self, samples, generator, err);
  else if (ok)
    {
      int64_t sizes[2] = { rows, samples };
      ok = te_output (&call->outs[0], self, self->ndim, self->ndim == 2 ? sizes : sizes + 1, NULL, TE_INT64,
                      err);
      TeTensor *out = ok && !te_tensor_is_meta (self) ? te_tensor_new (2, sizes, TE_INT64, err) : NULL;
      double *sums = out ? te_data_alloc ((size_t) n * sizeof *sums) : NULL;
      if (ok && !te_tensor_is_meta (self))
        {
          ok = sums != NULL || (out && te_error_no_memory (err));
          if (ok)
            {
              sample_rows (te_tensor_data (weights), rows, n, samples, te_tensor_data (out), sums,
                           self->dtype != TE_FLOAT64, generator);
              ok = te_tensor_set_geometry (out, call->outs[0]->ndim, call->outs[0]->sizes,
                                           self->ndim == 2 ? out->strides : out->strides + 1, 0, err)
                   && te_copy (call->outs[0], out, err);
            }
          te_data_free (sums, (size_t) n * sizeof *sums);
        }
      te_tensor_unref (out);
    }
  te_tensor_unref (weights);
  return ok;
}

static const TeOpDef rows[] = {
  { .schema = "multinomial(Tensor self, int num_samples, bool replacement=False, *, Generator? "
              "generator=None) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_OUT | TE_OP_NONDIFF | TE_OP_RANDOM,
    .kernel = kernel_multinomial,
    .doc = "Indices of the last dimension, drawn with the weights that self holds." },
};
TE_OP_FAMILY (te_family_multinomial, rows);
