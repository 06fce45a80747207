#include "iter/reduce-plan.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "iter/pool.h"

#define GRAIN_ELEMENTS 32768 /* input elements a parallel task */
#define COLUMN_BLOCK   64
#define TILE_ROWS      256
#define SHORT_ROW      16

/* Sizes beside a 0 may be any: what has no elements may wrap. */
static int64_t
times (int64_t a, int64_t b)
{
  return (int64_t) ((uint64_t) a * (uint64_t) b);
}

void
te_reduce_plan (TeReducePlan *plan, const TeTensor *self, const bool *dims)
{
  int64_t nbytes = (int64_t) te_dtype_nbytes (te_tensor_dtype (self));
  plan->n_kept = plan->n_reduced = 0;
  plan->kept_numel = plan->reduced_numel = 1;
  plan->data = te_tensor_data (self);
  plan->element_nbytes = (size_t) nbytes;
  for (int d = 0; d < self->ndim; d++)
    {
      int64_t size = self->sizes[d], stride = size == 1 ? 0 : self->strides[d] * nbytes;
      int *n = dims[d] ? &plan->n_reduced : &plan->n_kept;
      int64_t *sizes = dims[d] ? plan->reduced_sizes : plan->kept_sizes;
      int64_t *strides = dims[d] ? plan->reduced_strides : plan->kept_strides;
      int64_t *numel = dims[d] ? &plan->reduced_numel : &plan->kept_numel;
      *numel = times (*numel, size);
      if (size == 1)
        continue;
      if (*n && strides[*n - 1] == times (stride, size))
        {
          sizes[*n - 1] = times (sizes[*n - 1], size);
          strides[*n - 1] = stride;
        }
      else
        {
          sizes[*n] = size;
          strides[*n] = stride;
          ++*n;
        }
    }
}

typedef struct
{
  const TeReducePlan *plan;
  const TeReduction *reduction;
  const void *ctx;
  char *const *outs;
  const size_t *out_nbytes;
  int n_outs;
  int64_t n_chunks; /* per result */
  char *partials;   /* n_chunks accumulators per result, when n_chunks > 1 */
} Run;

static const char *
kept_address (const TeReducePlan *plan, int64_t index)
{
  const char *data = plan->data;
  for (int d = plan->n_kept - 1; d >= 0; d--)
    {
      data += index % plan->kept_sizes[d] * plan->kept_strides[d];
      index /= plan->kept_sizes[d];
    }
  return data;
}

static void
finish_one (const Run *run, const void *acc, int64_t result)
{
  char *places[4];
  for (int i = 0; i < run->n_outs; i++)
    places[i] = run->outs[i] + (size_t) result * run->out_nbytes[i];
  run->reduction->finish (acc, places, run->ctx);
}

/* Elements begin … end of one result, whose first element is at data. */
static void
accumulate (const Run *run, void *acc, const char *data, int64_t begin, int64_t end)
{
  const TeReducePlan *plan = run->plan;
  int n = plan->n_reduced;
  if (n <= 1)
    {
      int64_t stride = n ? plan->reduced_strides[0] : 0;
      run->reduction->row (acc, data + begin * stride, stride, end - begin, begin, run->ctx);
      return;
    }
  int64_t index[TE_MAX_NDIM], rest = begin;
  for (int d = n - 1; d >= 0; d--)
    {
      index[d] = rest % plan->reduced_sizes[d];
      rest /= plan->reduced_sizes[d];
      data += index[d] * plan->reduced_strides[d];
    }
  while (begin < end)
    {
      int64_t count = plan->reduced_sizes[n - 1] - index[n - 1];
      if (count > end - begin)
        count = end - begin;
      run->reduction->row (acc, data, plan->reduced_strides[n - 1], count, begin, run->ctx);
      begin += count;
      index[n - 1] += count;
      data += count * plan->reduced_strides[n - 1];
      for (int d = n - 1; d > 0 && index[d] == plan->reduced_sizes[d]; d--)
        {
          index[d] = 0;
          index[d - 1]++;
          data += plan->reduced_strides[d - 1] - plan->reduced_sizes[d] * plan->reduced_strides[d];
        }
    }
}

/* All chunks of one result, whose first element is at data, one after the other. */
static inline void
reduce_one (const Run *run, const char *data, int64_t result)
{
  _Alignas(32) char acc[TE_REDUCE_MAX_ACC], later[TE_REDUCE_MAX_ACC];
  int64_t n = run->plan->reduced_numel;
  run->reduction->start (acc, run->ctx);
  accumulate (run, acc, data, 0, n < TE_REDUCE_CHUNK ? n : TE_REDUCE_CHUNK);
  for (int64_t begin = TE_REDUCE_CHUNK; begin < n; begin += TE_REDUCE_CHUNK)
    {
      run->reduction->start (later, run->ctx);
      accumulate (run, later, data, begin, n - begin < TE_REDUCE_CHUNK ? n : begin + TE_REDUCE_CHUNK);
      run->reduction->join (acc, later, run->ctx);
    }
  finish_one (run, acc, result);
}

/* Short rows (up to SHORT_ROW elements) of neighbouring results, turned into columns of a small tile. */
static void
reduce_short_rows (const Run *run, const char *data, int64_t step, int64_t count, int64_t result)
{
  _Alignas(32) char tile[SHORT_ROW * COLUMN_BLOCK * TE_DTYPE_MAX_NBYTES], accs[COLUMN_BLOCK * TE_REDUCE_MAX_ACC];
  const TeReducePlan *plan = run->plan;
  int64_t n = plan->reduced_numel, stride = plan->n_reduced ? plan->reduced_strides[0] : 0;
  size_t nbytes = plan->element_nbytes, acc_nbytes = run->reduction->acc_nbytes;
  for (int64_t begin = 0; begin < count; begin += COLUMN_BLOCK, data += COLUMN_BLOCK * step)
    {
      int64_t columns = count - begin < COLUMN_BLOCK ? count - begin : COLUMN_BLOCK;
      for (int64_t r = 0; r < n; r++)
        for (int64_t c = 0; c < columns; c++)
          {
            const char *from = data + c * step + r * stride;
            if (nbytes == 4)
              ((uint32_t *) tile)[r * COLUMN_BLOCK + c] = *(const uint32_t *) from;
            else if (nbytes == 8)
              ((uint64_t *) tile)[r * COLUMN_BLOCK + c] = *(const uint64_t *) from;
            else
              memcpy (tile + (size_t) (r * COLUMN_BLOCK + c) * nbytes, from, nbytes);
          }
      for (int64_t c = 0; c < columns; c++)
        run->reduction->start (accs + (size_t) c * acc_nbytes, run->ctx);
      run->reduction->columns (accs, tile, (int64_t) (COLUMN_BLOCK * nbytes), n, columns, run->ctx);
      for (int64_t c = 0; c < columns; c++)
        finish_one (run, accs + (size_t) c * acc_nbytes, result + begin + c);
    }
}

static void
reduce_results (void *pointer, int64_t begin, int64_t end)
{
  const Run *run = pointer;
  const TeReducePlan *plan = run->plan;
  int64_t width = plan->n_kept ? plan->kept_sizes[plan->n_kept - 1] : 1;
  int64_t step = plan->n_kept ? plan->kept_strides[plan->n_kept - 1] : 0;
  bool short_rows = run->reduction->columns && plan->n_reduced <= 1 && plan->reduced_numel <= SHORT_ROW
                    && (plan->element_nbytes == 4 || plan->element_nbytes == 8);
  while (begin < end)
    {
      int64_t count = width - begin % width;
      if (count > end - begin)
        count = end - begin;
      const char *data = kept_address (plan, begin);
      if (short_rows && count >= 8)
        reduce_short_rows (run, data, step, count, begin);
      else
        for (int64_t i = 0; i < count; i++)
          reduce_one (run, data + i * step, begin + i);
      begin += count;
    }
}

/* One chunk of one result, into its own accumulator. */
static void
reduce_chunks (void *pointer, int64_t begin, int64_t end)
{
  const Run *run = pointer;
  for (int64_t i = begin; i < end; i++)
    {
      int64_t first = i % run->n_chunks * TE_REDUCE_CHUNK, n = run->plan->reduced_numel;
      char *acc = run->partials + (size_t) i * TE_REDUCE_MAX_ACC;
      run->reduction->start (acc, run->ctx);
      accumulate (run, acc, kept_address (run->plan, i / run->n_chunks), first,
                  n - first < TE_REDUCE_CHUNK ? n : first + TE_REDUCE_CHUNK);
    }
}

static bool
run_chunked (Run *run, TeError *err)
{
  int64_t tasks = run->plan->kept_numel * run->n_chunks;
  size_t nbytes = (size_t) tasks * TE_REDUCE_MAX_ACC;
  run->partials = te_data_alloc (nbytes);
  if (!run->partials)
    return te_error_no_memory (err);
  bool ok = te_parallel_for (tasks, GRAIN_ELEMENTS / TE_REDUCE_CHUNK, reduce_chunks, run)
            || te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
  for (int64_t i = 0; ok && i < run->plan->kept_numel; i++)
    {
      char *acc = run->partials + (size_t) (i * run->n_chunks) * TE_REDUCE_MAX_ACC;
      for (int64_t k = 1; k < run->n_chunks; k++)
        run->reduction->join (acc, acc + (size_t) k * TE_REDUCE_MAX_ACC, run->ctx);
      finish_one (run, acc, i);
    }
  te_data_free (run->partials, nbytes);
  return ok;
}

/* ---- kept dimension innermost in memory: blocks of neighbouring results ---- */

#define COPY_TILE(T)                                                                                         \
  for (int64_t c = 0; c < columns; c++)                                                                      \
    for (int64_t r = 0; r < rows; r++)                                                                       \
      ((T *) tile)[c * TILE_ROWS + r] = *(const T *) (data + r * row_stride + c * (int64_t) sizeof (T));

/* Rows of one reduced dimension for a block of columns: taken in by `columns`, or through a transposed tile.
 */
static void
accumulate_columns (const Run *run,
                    char *accs,
                    const char *data,
                    int64_t row_stride,
                    int64_t rows_total,
                    int64_t columns,
                    int64_t index)
{
  const TeReduction *reduction = run->reduction;
  if (reduction->columns)
    {
      reduction->columns (accs, data, row_stride, rows_total, columns, run->ctx);
      return;
    }
  _Alignas(32) char tile[COLUMN_BLOCK * TILE_ROWS * TE_DTYPE_MAX_NBYTES];
  size_t nbytes = run->plan->element_nbytes;
  for (int64_t begin = 0; begin < rows_total; begin += TILE_ROWS, data += TILE_ROWS * row_stride)
    {
      int64_t rows = rows_total - begin < TILE_ROWS ? rows_total - begin : TILE_ROWS;
      switch (nbytes)
        {
        case 1:
          COPY_TILE (uint8_t)
          break;
        case 2:
          COPY_TILE (uint16_t)
          break;
        case 4:
          COPY_TILE (uint32_t)
          break;
        case 8:
          COPY_TILE (uint64_t)
          break;
        default:
          COPY_TILE (TeComplex128)
        }
      for (int64_t c = 0; c < columns; c++)
        reduction->row (accs + (size_t) c * reduction->acc_nbytes, tile + (size_t) (c * TILE_ROWS) * nbytes,
                        (int64_t) nbytes, rows, index + begin, run->ctx);
    }
}

static void
reduce_column_blocks (void *pointer, int64_t begin, int64_t end)
{
  const Run *run = pointer;
  const TeReducePlan *plan = run->plan;
  int64_t width = plan->kept_sizes[plan->n_kept - 1], blocks = (width + COLUMN_BLOCK - 1) / COLUMN_BLOCK;
  size_t acc_nbytes = run->reduction->acc_nbytes;
  _Alignas(32) char accs[COLUMN_BLOCK * TE_REDUCE_MAX_ACC];
  _Alignas(32) char later[COLUMN_BLOCK * TE_REDUCE_MAX_ACC];
  for (int64_t i = begin; i < end; i++)
    {
      int64_t first = i / blocks * width + i % blocks * COLUMN_BLOCK;
      int64_t left = width - i % blocks * COLUMN_BLOCK, columns = left < COLUMN_BLOCK ? left : COLUMN_BLOCK;
      const char *data = kept_address (plan, first);
      int64_t row_stride = plan->reduced_strides[0], n = plan->reduced_numel;
      for (int64_t row = 0; row < n; row += TE_REDUCE_CHUNK)
        {
          char *place = row ? later : accs;
          for (int64_t c = 0; c < columns; c++)
            run->reduction->start (place + (size_t) c * acc_nbytes, run->ctx);
          accumulate_columns (run, place, data + row * row_stride, row_stride,
                              n - row < TE_REDUCE_CHUNK ? n - row : TE_REDUCE_CHUNK, columns, row);
          for (int64_t c = 0; row && c < columns; c++)
            run->reduction->join (accs + (size_t) c * acc_nbytes, later + (size_t) c * acc_nbytes, run->ctx);
        }
      for (int64_t c = 0; c < columns; c++)
        finish_one (run, accs + (size_t) c * acc_nbytes, first + c);
    }
}

static bool
columns_pay (const TeReducePlan *plan)
{
  return plan->n_reduced == 1 && plan->n_kept && plan->reduced_numel > 1
         && plan->kept_strides[plan->n_kept - 1] == (int64_t) plan->element_nbytes
         && plan->reduced_strides[0] != (int64_t) plan->element_nbytes
         && plan->kept_sizes[plan->n_kept - 1] >= 8;
}

bool
te_reduce_run (const TeReducePlan *plan,
               const TeReduction *reduction,
               const void *ctx,
               char *const *outs,
               const size_t *out_nbytes,
               int n_outs,
               TeError *err)
{
  Run run = { plan, reduction, ctx, outs, out_nbytes, n_outs, 1, NULL };
  te_assert (reduction->acc_nbytes <= TE_REDUCE_MAX_ACC && n_outs <= 4);
  if (!plan->kept_numel)
    return true;
  if (!plan->reduced_numel)
    {
      _Alignas(32) char acc[TE_REDUCE_MAX_ACC];
      for (int64_t i = 0; i < plan->kept_numel; i++)
        {
          reduction->start (acc, ctx);
          finish_one (&run, acc, i);
        }
      return true;
    }
  if (reduction->whole && reduction->whole (plan, ctx, outs))
    return true;
  int64_t numel = plan->kept_numel * plan->reduced_numel;
  if (columns_pay (plan))
    {
      int64_t width = plan->kept_sizes[plan->n_kept - 1], blocks = (width + COLUMN_BLOCK - 1) / COLUMN_BLOCK;
      int64_t tasks = plan->kept_numel / width * blocks;
      int64_t grain = GRAIN_ELEMENTS / (plan->reduced_numel * COLUMN_BLOCK);
      return te_parallel_for (tasks,
                              numel < 2 * GRAIN_ELEMENTS ? tasks
                              : grain < 1                ? 1
                                                         : grain,
                              reduce_column_blocks, &run)
             || te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
    }
  run.n_chunks = (plan->reduced_numel + TE_REDUCE_CHUNK - 1) / TE_REDUCE_CHUNK;
  if (run.n_chunks > 1 && plan->kept_numel < 64 && numel >= 2 * GRAIN_ELEMENTS)
    return run_chunked (&run, err);
  int64_t grain = GRAIN_ELEMENTS / plan->reduced_numel;
  return te_parallel_for (plan->kept_numel,
                          numel < 2 * GRAIN_ELEMENTS ? plan->kept_numel
                          : grain < 1                ? 1
                                                     : grain,
                          reduce_results, &run)
         || te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
}

/* ---- lanes ---- */

typedef struct
{
  TeTensor *const *operands;
  int n_operands, dim;
  TeLaneFn fn;
  const void *ctx;
} LaneRun;

/* Lanes follow each other in the order of the dimensions but dim; addresses move along, they are not worked
 * out anew. */
static void
run_some_lanes (void *pointer, int64_t begin, int64_t end)
{
  const LaneRun *run = pointer;
  const TeTensor *self = run->operands[0];
  TeLane lane = { .n = self->ndim ? self->sizes[run->dim] : 1 };
  int64_t index[TE_MAX_NDIM], steps[TE_LANE_MAX_OPERANDS][TE_MAX_NDIM], rest = begin;
  for (int k = 0; k < run->n_operands; k++)
    {
      const TeTensor *operand = run->operands[k];
      int64_t nbytes = (int64_t) te_dtype_nbytes (te_tensor_dtype (operand));
      lane.data[k] = te_tensor_data (operand);
      lane.strides[k] = self->ndim ? operand->strides[run->dim] * nbytes : 0;
      for (int d = 0; d < self->ndim; d++)
        steps[k][d] = operand->strides[d] * nbytes;
    }
  for (int d = self->ndim - 1; d >= 0; d--)
    {
      index[d] = 0;
      if (d == run->dim)
        continue;
      index[d] = rest % self->sizes[d];
      rest /= self->sizes[d];
      for (int k = 0; k < run->n_operands; k++)
        lane.data[k] += index[d] * steps[k][d];
    }
  for (int64_t i = begin; i < end; i++)
    {
      run->fn (&lane, run->ctx);
      for (int d = self->ndim - 1; d >= 0; d--)
        {
          if (d == run->dim)
            continue;
          for (int k = 0; k < run->n_operands; k++)
            lane.data[k] += steps[k][d];
          if (++index[d] < self->sizes[d])
            break;
          for (int k = 0; k < run->n_operands; k++)
            lane.data[k] -= self->sizes[d] * steps[k][d];
          index[d] = 0;
        }
    }
}

bool
te_run_lanes (TeTensor *const *operands, int n_operands, int dim, TeLaneFn fn, const void *ctx, TeError *err)
{
  const TeTensor *self = operands[0];
  LaneRun run = { operands, n_operands, dim, fn, ctx };
  if (!self->numel || te_tensor_is_meta (self))
    return true;
  int64_t n = self->ndim ? self->sizes[dim] : 1, lanes = self->numel / n;
  int64_t grain = 8192 / n;
  return te_parallel_for (lanes,
                          self->numel < 16384 ? lanes
                          : grain < 1         ? 1
                                              : grain,
                          run_some_lanes, &run)
         || te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
}
