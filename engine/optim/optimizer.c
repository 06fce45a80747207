#include "optim/optimizer-private.h"

#include "base/mem.h"
#include "iter/pool.h"
#include "iter/tensor-iter.h"

#define CHUNK         16384
#define PARALLEL_FROM (4 * CHUNK)

bool
te_optim_takes (TeDtype dtype)
{
  return dtype == TE_FLOAT32 || dtype == TE_FLOAT64;
}

double
te_optim_scalar (const TeTensor *scalar)
{
  return te_scalar_to_double (te_scalar_load (te_tensor_dtype (scalar), te_tensor_data (scalar)));
}

void
te_optim_scalar_set (TeTensor *scalar, double value)
{
  te_scalar_store (te_scalar_float (value), te_tensor_dtype (scalar), te_tensor_data (scalar));
  te_tensor_bump_version (scalar);
}

double
te_optim_scalar_mul (const TeTensor *scalar, double a, double b)
{
  return te_tensor_dtype (scalar) == TE_FLOAT64 ? a * b : (double) ((float) a * (float) b);
}

static bool
check (const TeTensor *param, const TeTensor *other, const char *what, TeError *err)
{
  char a[256], b[256];
  if (!te_tensor_same_sizes (param, other))
    return te_error_set (err, TE_ERR_RUNTIME, "optimizer: %s of size %s does not fit a parameter of size %s",
                         what, te_shape_text (other->ndim, other->sizes, a, sizeof a),
                         te_shape_text (param->ndim, param->sizes, b, sizeof b));
  if (te_tensor_dtype (param) != te_tensor_dtype (other))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "optimizer: %s of dtype %s does not fit a parameter of dtype %s", what,
                         te_dtype_name (te_tensor_dtype (other)), te_dtype_name (te_tensor_dtype (param)));
  return true;
}

static bool
check_all (const TeOptimParam *params, int64_t n, int n_state, TeError *err)
{
  for (int64_t i = 0; i < n; i++)
    {
      const TeTensor *p = params[i].param;
      TeDtype dtype = te_tensor_dtype (p);
      if (!te_optim_takes (dtype))
        return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                             "optimizer: parameters of dtype %s are not implemented", te_dtype_name (dtype));
      if (!check (p, params[i].grad, "a gradient", err))
        return false;
      for (int s = 0; s < n_state; s++)
        if (params[i].state[s] && !check (p, params[i].state[s], "state", err))
          return false;
    }
  return true;
}

static bool
same_layout (const TeTensor *a, const TeTensor *b)
{
  for (int i = 0; i < a->ndim; i++)
    if (a->sizes[i] != 1 && a->strides[i] != b->strides[i])
      return false;
  return true;
}

/* Can the parameter and its states be walked as one run of memory? */
static bool
flat (const TeOptimParam *p, int n_state)
{
  const TeTensor *t = p->param;
  if (!te_tensor_is_contiguous (t) && !te_shape_is_non_overlapping_and_dense (t->ndim, t->sizes, t->strides))
    return false;
  for (int s = 0; s < n_state; s++)
    if (p->state[s] && !same_layout (t, p->state[s]))
      return false;
  return true;
}

/* The parameter's operands as flat memory: themselves, or copies that are written back by `put_back`. */
typedef struct
{
  TeTensor *param, *grad, *state[TE_OPTIM_MAX_STATE]; /* owned copies; NULL: the original serves */
} Copies;

static bool
take (TeOptimItem *item, const TeOptimParam *p, int n_state, Copies *copies, TeError *err)
{
  *item = (TeOptimItem){ .fresh = p->fresh };
  if (te_tensor_is_meta (p->param)) /* has no numbers: only its steps are counted */
    return true;
  bool direct = flat (p, n_state);
  TeTensor *param = p->param, *grad = p->grad;
  if (!direct
      && !(param = copies->param =
               te_tensor_new (p->param->ndim, p->param->sizes, te_tensor_dtype (p->param), err)))
    return false;
  if (!direct && !te_copy (param, p->param, err))
    return false;
  if (!same_layout (param, grad))
    {
      grad = copies->grad =
          te_tensor_new_strided (param->ndim, param->sizes, param->strides, te_tensor_dtype (param), err);
      if (!grad || !te_copy (grad, p->grad, err))
        return false;
    }
  item->param = te_tensor_data (param);
  item->grad = te_tensor_data (grad);
  for (int s = 0; s < n_state; s++)
    {
      TeTensor *state = p->state[s];
      if (state && !direct)
        {
          state = copies->state[s] = te_tensor_new (param->ndim, param->sizes, te_tensor_dtype (param), err);
          if (!state || !te_copy (state, p->state[s], err))
            return false;
        }
      item->state[s] = state ? te_tensor_data (state) : NULL;
    }
  return true;
}

static bool
put_back (const TeOptimParam *p, Copies *copies, int n_state, bool ok, TeError *err)
{
  if (ok && copies->param)
    ok = te_copy (p->param, copies->param, err);
  for (int s = 0; s < n_state; s++)
    {
      if (ok && copies->state[s])
        ok = te_copy (p->state[s], copies->state[s], err);
      te_tensor_clear (&copies->state[s]);
    }
  te_tensor_clear (&copies->param);
  te_tensor_clear (&copies->grad);
  return ok;
}

typedef struct
{
  const TeOptimItem *items;
  const TeOptimParam *params;
  const int64_t *first; /* first chunk of each item; n + 1 entries */
  int64_t n;
  const TeOptimLoop *loops;
  const void *config;
} Run;

static void
run_item (const Run *r, int64_t i, int64_t begin, int64_t end)
{
  if (te_tensor_is_meta (r->params[i].param))
    return;
  r->loops[te_tensor_dtype (r->params[i].param) == TE_FLOAT64](&r->items[i], begin, end, r->config);
}

static void
chunk_task (void *ctx, int64_t begin, int64_t end)
{
  const Run *r = ctx;
  for (int64_t c = begin; c < end; c++)
    {
      int64_t low = 0, high = r->n;
      while (high - low > 1)
        {
          int64_t middle = (low + high) / 2;
          if (r->first[middle] <= c)
            low = middle;
          else
            high = middle;
        }
      int64_t at = (c - r->first[low]) * CHUNK, numel = r->params[low].param->numel;
      run_item (r, low, at, at + CHUNK < numel ? at + CHUNK : numel);
    }
}

static void
run_all (Run *r, int64_t *first)
{
  int64_t total = 0, chunks = 0;
  for (int64_t i = 0; i < r->n; i++)
    {
      first[i] = chunks;
      total += r->params[i].param->numel;
      chunks += (r->params[i].param->numel + CHUNK - 1) / CHUNK;
    }
  first[r->n] = chunks;
  r->first = first;
  if (total >= PARALLEL_FROM)
    te_parallel_for (chunks, 1, chunk_task, r);
  else
    for (int64_t i = 0; i < r->n; i++)
      run_item (r, i, 0, r->params[i].param->numel);
}

bool
te_optim_run (TeOptimParam *params,
              int64_t n,
              int n_state,
              const TeOptimLoop loops[2],
              TeOptimPrepare prepare,
              const void *config,
              int bumps,
              TeError *err)
{
  if (n == 0)
    return true;
  if (!check_all (params, n, n_state, err))
    return false;
  size_t nbytes = (size_t) n * (sizeof (TeOptimItem) + sizeof (Copies)) + (size_t) (n + 1) * sizeof (int64_t);
  TeOptimItem *items = te_data_alloc (nbytes);
  if (!items)
    return te_error_no_memory (err);
  Copies *copies = (Copies *) (items + n);
  Run run = { items, params, NULL, n, loops, config };
  bool ok = true;
  int64_t taken = 0;
  for (; taken < n && ok; taken++)
    {
      copies[taken] = (Copies){ NULL };
      ok = take (&items[taken], &params[taken], n_state, &copies[taken], err);
      if (ok && prepare)
        prepare (&items[taken], &params[taken], config);
    }
  if (ok)
    run_all (&run, (int64_t *) (copies + n));
  for (int64_t i = 0; i < taken; i++)
    {
      ok = put_back (&params[i], &copies[i], n_state, ok, err);
      if (!ok)
        continue;
      *params[i].param->version += (uint32_t) bumps;
      for (int s = 0; s < n_state; s++)
        if (params[i].state[s])
          te_tensor_bump_version (params[i].state[s]);
    }
  te_data_free (items, nbytes);
  return ok;
}
