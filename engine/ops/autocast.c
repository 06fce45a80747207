#include "ops/autocast.h"

#include "base/mem.h"
#include "ops/dispatch.h"

/* One row an op: all its overloads, but neither its in-place form nor out=. */
typedef struct
{
  const char *name;
  TeAutocastPolicy policy;
} Row;

/* The lists of PyTorch 1.13 for a CPU.  Names that the registry lacks have no effect. */
static const Row rows[] = {
  { "_convolution", TE_AUTOCAST_LOWER },
  { "addbmm", TE_AUTOCAST_LOWER },
  { "addmm", TE_AUTOCAST_LOWER },
  { "baddbmm", TE_AUTOCAST_LOWER },
  { "bmm", TE_AUTOCAST_LOWER },
  { "conv1d", TE_AUTOCAST_LOWER },
  { "conv2d", TE_AUTOCAST_LOWER },
  { "conv3d", TE_AUTOCAST_LOWER },
  { "conv_tbc", TE_AUTOCAST_LOWER },
  { "linear", TE_AUTOCAST_LOWER },
  { "matmul", TE_AUTOCAST_LOWER },
  { "mm", TE_AUTOCAST_LOWER },
  { "_grid_sampler_2d_cpu_fallback", TE_AUTOCAST_FLOAT },
  { "_lu_with_info", TE_AUTOCAST_FLOAT },
  { "adaptive_avg_pool3d", TE_AUTOCAST_FLOAT },
  { "adaptive_max_pool3d", TE_AUTOCAST_FLOAT },
  { "avg_pool3d", TE_AUTOCAST_FLOAT },
  { "binary_cross_entropy", TE_AUTOCAST_FLOAT },
  { "binary_cross_entropy_with_logits", TE_AUTOCAST_FLOAT },
  { "cdist", TE_AUTOCAST_FLOAT },
  { "cholesky", TE_AUTOCAST_FLOAT },
  { "cholesky_inverse", TE_AUTOCAST_FLOAT },
  { "cholesky_solve", TE_AUTOCAST_FLOAT },
  { "conv_transpose1d", TE_AUTOCAST_FLOAT },
  { "conv_transpose2d", TE_AUTOCAST_FLOAT },
  { "conv_transpose3d", TE_AUTOCAST_FLOAT },
  { "cosine_embedding_loss", TE_AUTOCAST_FLOAT },
  { "cross_entropy_loss", TE_AUTOCAST_FLOAT },
  { "ctc_loss", TE_AUTOCAST_FLOAT },
  { "fake_quantize_per_tensor_affine", TE_AUTOCAST_FLOAT },
  { "fft_fft", TE_AUTOCAST_FLOAT },
  { "fft_fft2", TE_AUTOCAST_FLOAT },
  { "fft_fftn", TE_AUTOCAST_FLOAT },
  { "fft_hfft", TE_AUTOCAST_FLOAT },
  { "fft_ifft", TE_AUTOCAST_FLOAT },
  { "fft_ifft2", TE_AUTOCAST_FLOAT },
  { "fft_ifftn", TE_AUTOCAST_FLOAT },
  { "fft_ihfft", TE_AUTOCAST_FLOAT },
  { "fft_irfft", TE_AUTOCAST_FLOAT },
  { "fft_irfft2", TE_AUTOCAST_FLOAT },
  { "fft_irfftn", TE_AUTOCAST_FLOAT },
  { "fft_rfft", TE_AUTOCAST_FLOAT },
  { "fft_rfft2", TE_AUTOCAST_FLOAT },
  { "fft_rfftn", TE_AUTOCAST_FLOAT },
  { "fractional_max_pool2d", TE_AUTOCAST_FLOAT },
  { "fractional_max_pool3d", TE_AUTOCAST_FLOAT },
  { "geqrf", TE_AUTOCAST_FLOAT },
  { "grid_sampler", TE_AUTOCAST_FLOAT },
  { "grid_sampler_2d", TE_AUTOCAST_FLOAT },
  { "grid_sampler_3d", TE_AUTOCAST_FLOAT },
  { "hinge_embedding_loss", TE_AUTOCAST_FLOAT },
  { "huber_loss", TE_AUTOCAST_FLOAT },
  { "inverse", TE_AUTOCAST_FLOAT },
  { "kl_div", TE_AUTOCAST_FLOAT },
  { "l1_loss", TE_AUTOCAST_FLOAT },
  { "linalg_cholesky", TE_AUTOCAST_FLOAT },
  { "linalg_cholesky_ex", TE_AUTOCAST_FLOAT },
  { "linalg_cond", TE_AUTOCAST_FLOAT },
  { "linalg_eig", TE_AUTOCAST_FLOAT },
  { "linalg_eigh", TE_AUTOCAST_FLOAT },
  { "linalg_eigvals", TE_AUTOCAST_FLOAT },
  { "linalg_eigvalsh", TE_AUTOCAST_FLOAT },
  { "linalg_householder_product", TE_AUTOCAST_FLOAT },
  { "linalg_inv", TE_AUTOCAST_FLOAT },
  { "linalg_inv_ex", TE_AUTOCAST_FLOAT },
  { "linalg_lstsq", TE_AUTOCAST_FLOAT },
  { "linalg_matrix_norm", TE_AUTOCAST_FLOAT },
  { "linalg_matrix_rank", TE_AUTOCAST_FLOAT },
  { "linalg_qr", TE_AUTOCAST_FLOAT },
  { "linalg_solve", TE_AUTOCAST_FLOAT },
  { "linalg_svd", TE_AUTOCAST_FLOAT },
  { "linalg_svdvals", TE_AUTOCAST_FLOAT },
  { "linalg_tensorinv", TE_AUTOCAST_FLOAT },
  { "linalg_tensorsolve", TE_AUTOCAST_FLOAT },
  { "lu_solve", TE_AUTOCAST_FLOAT },
  { "margin_ranking_loss", TE_AUTOCAST_FLOAT },
  { "max_pool3d", TE_AUTOCAST_FLOAT },
  { "max_unpool2d", TE_AUTOCAST_FLOAT },
  { "max_unpool3d", TE_AUTOCAST_FLOAT },
  { "mse_loss", TE_AUTOCAST_FLOAT },
  { "multi_margin_loss", TE_AUTOCAST_FLOAT },
  { "multilabel_margin_loss", TE_AUTOCAST_FLOAT },
  { "multilabel_margin_loss_forward", TE_AUTOCAST_FLOAT },
  { "nanquantile", TE_AUTOCAST_FLOAT },
  { "nll_loss", TE_AUTOCAST_FLOAT },
  { "nll_loss2d", TE_AUTOCAST_FLOAT },
  { "orgqr", TE_AUTOCAST_FLOAT },
  { "ormqr", TE_AUTOCAST_FLOAT },
  { "pinverse", TE_AUTOCAST_FLOAT },
  { "poisson_nll_loss", TE_AUTOCAST_FLOAT },
  { "polar", TE_AUTOCAST_FLOAT },
  { "prod", TE_AUTOCAST_FLOAT },
  { "qr", TE_AUTOCAST_FLOAT },
  { "quantile", TE_AUTOCAST_FLOAT },
  { "reflection_pad1d", TE_AUTOCAST_FLOAT },
  { "reflection_pad2d", TE_AUTOCAST_FLOAT },
  { "replication_pad1d", TE_AUTOCAST_FLOAT },
  { "replication_pad2d", TE_AUTOCAST_FLOAT },
  { "replication_pad3d", TE_AUTOCAST_FLOAT },
  { "smooth_l1_loss", TE_AUTOCAST_FLOAT },
  { "soft_margin_loss", TE_AUTOCAST_FLOAT },
  { "stft", TE_AUTOCAST_FLOAT },
  { "svd", TE_AUTOCAST_FLOAT },
  { "symeig", TE_AUTOCAST_FLOAT },
  { "trace", TE_AUTOCAST_FLOAT },
  { "triangular_solve", TE_AUTOCAST_FLOAT },
  { "triplet_margin_loss", TE_AUTOCAST_FLOAT },
  { "view_as_complex", TE_AUTOCAST_FLOAT },
  /* cat is in PyTorch's list too, but its rule passes over lists of this kind: cat promotes as it always
     does. */
  { "index_copy", TE_AUTOCAST_PROMOTE },
  { "stack", TE_AUTOCAST_PROMOTE },
  /* PyTorch makes these of linear layers, whose results are joined with states of the input's dtype. */
  { "gru", TE_AUTOCAST_FIRST },
  { "lstm", TE_AUTOCAST_FIRST },
  { "rnn_relu", TE_AUTOCAST_LOWER },
  { "rnn_tanh", TE_AUTOCAST_LOWER },
};

bool te_autocast_on = false;
bool (*te_autocast_may_keep) (const TeTensor *tensor) = NULL;
static TeDtype lower = TE_BFLOAT16;
static bool cache_enabled = true;

/* What has been cast in this region: source and result, both owned. */
typedef struct
{
  TeTensor *from, *to;
} Kept;
static Kept *kept;
static int n_kept, kept_room;

void
te_autocast_set (bool enabled)
{
  static bool marked = false;
  if (enabled && !marked)
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
      {
        int count = 0;
        const TeOp *const *ops = te_registry_overloads (rows[i].name, &count);
        for (int k = 0; k < count; k++)
          ((TeOp *) ops[k])->autocast = (uint8_t) rows[i].policy;
      }
  marked = marked || enabled;
  te_autocast_on = enabled;
}

bool
te_autocast_enabled (void)
{
  return te_autocast_on;
}

void
te_autocast_set_dtype (TeDtype dtype)
{
  lower = dtype;
}

TeDtype
te_autocast_dtype (void)
{
  return lower;
}

void
te_autocast_set_cache (bool enabled)
{
  cache_enabled = enabled;
}

bool
te_autocast_cache_enabled (void)
{
  return cache_enabled;
}

void
te_autocast_clear_cache (void)
{
  for (int i = 0; i < n_kept; i++)
    {
      te_tensor_unref (kept[i].from);
      te_tensor_unref (kept[i].to);
    }
  te_free_sized (kept, (size_t) kept_room * sizeof *kept);
  kept = NULL;
  n_kept = kept_room = 0;
}

/* ---- casting ---- */
static TeTensor *
find_kept (const TeTensor *tensor)
{
  for (int i = 0; i < n_kept; i++)
    if (kept[i].from == tensor)
      return kept[i].to;
  return NULL;
}

/* Remembers a cast; where there is no memory for that it is only made anew. */
static void
keep (TeTensor *from, TeTensor *to)
{
  if (n_kept == kept_room)
    {
      int room = kept_room ? 2 * kept_room : 16;
      Kept *grown = te_new_sized ((size_t) room * sizeof *grown);
      if (!grown)
        return;
      for (int i = 0; i < n_kept; i++)
        grown[i] = kept[i];
      te_free_sized (kept, (size_t) kept_room * sizeof *kept);
      kept = grown;
      kept_room = room;
    }
  kept[n_kept++] = (Kept){ te_tensor_ref (from), te_tensor_ref (to) };
}

static bool
is_eligible (const TeTensor *tensor)
{
  TeDtype dtype = te_tensor_dtype (tensor);
  return te_dtype_is_floating (dtype) && dtype != TE_FLOAT64 && !te_tensor_is_meta (tensor);
}

/* The tensor in a dtype: a new reference; itself where there is nothing to cast. */
static TeTensor *
cast (TeTensor *tensor, TeDtype dtype, TeError *err)
{
  if (!tensor || !is_eligible (tensor) || te_tensor_dtype (tensor) == dtype)
    return tensor ? te_tensor_ref (tensor) : NULL;
  bool keeps = cache_enabled && dtype == lower && te_tensor_dtype (tensor) == TE_FLOAT32
               && te_tensor_requires_grad (tensor) && te_autocast_may_keep && te_autocast_may_keep (tensor);
  TeTensor *found = keeps ? find_kept (tensor) : NULL;
  if (found)
    return te_tensor_ref (found);
  TeTensor *made = te_to_dtype (tensor, dtype, err);
  if (made && keeps)
    keep (tensor, made);
  return made;
}

/* The widest dtype among the lower precision and the tensor's; doubles do not count. */
static bool
widen (const TeTensor *tensor, TeDtype *widest, TeError *err)
{
  if (!tensor || !is_eligible (tensor))
    return true;
  TeDtype dtype = te_tensor_dtype (tensor);
  if (dtype == TE_FLOAT32)
    *widest = TE_FLOAT32;
  else if (dtype != lower && *widest != TE_FLOAT32)
    return te_error_set (err, TE_ERR_RUNTIME, "Unexpected floating ScalarType in at::autocast::prioritize");
  return true;
}

static bool
widest_of (const TeOpCall *call, TeDtype *widest, TeError *err)
{
  bool ok = true;
  *widest = lower;
  for (int i = 0; i < call->op->n_args && ok; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR)
        ok = widen (value->tensor, widest, err);
      for (int k = 0; value->kind == TE_VALUE_TENSOR_LIST && k < value->count && ok; k++)
        ok = widen (value->tensors[k], widest, err);
    }
  return ok;
}

/* A list argument cast item by item; the array is owned, as are its references. */
static bool
cast_list (TeValue *value, TeDtype dtype, TeError *err)
{
  TeTensor **list = te_new_sized ((size_t) (value->count + 1) * sizeof *list);
  if (!list)
    return te_error_no_memory (err);
  bool ok = true;
  for (int k = 0; k < value->count; k++)
    {
      list[k] = ok ? cast (value->tensors[k], dtype, err) : NULL;
      ok = ok && (list[k] || !value->tensors[k]);
    }
  value->tensors = list;
  return ok;
}

static void
drop (const TeOpCall *call, TeValue *values, int n)
{
  for (int i = 0; i < n; i++)
    if (values[i].kind == TE_VALUE_TENSOR)
      te_tensor_unref (values[i].tensor);
    else if (values[i].kind == TE_VALUE_TENSOR_LIST && values[i].tensors != call->args[i].tensors)
      {
        for (int k = 0; k < values[i].count; k++)
          te_tensor_unref (values[i].tensors[k]);
        te_free_sized ((void *) values[i].tensors, (size_t) (values[i].count + 1) * sizeof (TeTensor *));
      }
}

bool
te_autocast_dispatch (TeOpCall *call, TeError *err)
{
  const TeValue *given = call->args;
  TeValue values[TE_OP_MAX_ARGS];
  TeDtype dtype = call->op->autocast == TE_AUTOCAST_FLOAT ? TE_FLOAT32 : lower;
  if (call->op->autocast == TE_AUTOCAST_FIRST)
    dtype = given[0].kind == TE_VALUE_TENSOR ? te_tensor_dtype (given[0].tensor) : lower;
  bool ok = call->op->autocast != TE_AUTOCAST_PROMOTE || widest_of (call, &dtype, err);
  int n = 0;
  te_autocast_on = false;
  for (; n < call->op->n_args && ok; n++)
    {
      values[n] = given[n];
      if (given[n].kind == TE_VALUE_TENSOR)
        ok = (values[n].tensor = cast (given[n].tensor, dtype, err)) != NULL;
      else if (given[n].kind == TE_VALUE_TENSOR_LIST)
        ok = cast_list (&values[n], dtype, err);
    }
  call->args = values;
  ok = ok && te_dispatch (call, err);
  call->args = given;
  te_autocast_on = true;
  drop (call, values, n);
  return ok;
}
