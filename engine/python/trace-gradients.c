/* Gradients as facts: measured when an optimiser begins its step, told when it ends with what the step
 * changed; or after each backward() where there is no optimiser. */
#include "python/trace-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UPDATE_MAX_ELEMENTS ((int64_t) 8 << 20) /* of all parameters together, to keep the old values */

typedef struct
{
  double grad_norm;
  uint32_t nans, infs, flags;
  size_t before; /* offset of the copy taken before the step, in elements; SIZE_MAX: none */
} PendingGradient;

static PendingGradient *pending;
static int pending_capacity, n_measured;
static float *before;
static size_t before_capacity;

/* Large parameters take a few hundredths of a program's time; small ones are measured in every iteration: to ask what
 * that took would take as long. */
#define SMALL_ELEMENTS 16384
#define REST_FACTOR    50
static struct
{
  bool on;
  uint64_t begin_cpu, end_cpu, cost_cpu; /* of this iteration; of the last that was measured */
} measuring;

TeTensor *
te_trace_param_tensor (TeTraceParam *param)
{
  PyObject *object = PyWeakref_GetObject (param->object);
  return object != Py_None && te_py_is_tensor (object) ? te_py_tensor (object) : NULL;
}

static bool
reserve_pending (int n, size_t elements)
{
  if (n > pending_capacity)
    {
      PendingGradient *grown = realloc (pending, (size_t) n * 2 * sizeof *grown);
      if (!grown)
        return false;
      pending = grown;
      pending_capacity = n * 2;
    }
  if (elements > before_capacity)
    {
      float *grown = realloc (before, elements * sizeof *grown);
      if (!grown)
        return false;
      before = grown;
      before_capacity = elements;
    }
  return true;
}

static void
begin_measuring (int64_t elements)
{
  const TeTraceState *s = &te_trace_state;
  bool anyway = elements <= SMALL_ELEMENTS || s->facts || s->always || te_trace_must_look ();
  measuring.begin_cpu = elements > SMALL_ELEMENTS ? te_trace_cpu_nsec () : 0;
  measuring.on = anyway || measuring.begin_cpu - measuring.end_cpu >= REST_FACTOR * measuring.cost_cpu;
}

/* Between the two the optimiser takes its step, which is not counted. */
static void
pause_measuring (void)
{
  if (measuring.begin_cpu && measuring.on)
    measuring.begin_cpu = te_trace_cpu_nsec () - measuring.begin_cpu;
}

static void
end_measuring (uint64_t resumed_cpu)
{
  if (!measuring.begin_cpu || !measuring.on)
    return;
  measuring.end_cpu = te_trace_cpu_nsec ();
  measuring.cost_cpu = measuring.begin_cpu + measuring.end_cpu - resumed_cpu;
}

static void
measure_gradients (bool keep_before)
{
  int n;
  TeTraceParam *params = te_trace_params (&n);
  int64_t elements = 0;
  for (int i = 0; i < n; i++)
    {
      TeTensor *tensor = te_trace_param_tensor (&params[i]);
      elements += tensor ? tensor->numel : 0;
    }
  begin_measuring (elements);
  keep_before = keep_before && elements <= UPDATE_MAX_ELEMENTS;
  if (!reserve_pending (n, keep_before ? (size_t) elements : 0))
    return;
  n_measured = n;
  size_t at = 0;
  for (int i = 0; i < n; i++)
    {
      TeTensor *tensor = te_trace_param_tensor (&params[i]), *grad = tensor ? te_tensor_grad (tensor) : NULL;
      pending[i] = (PendingGradient){ .grad_norm = NAN, .flags = grad ? 0 : 1, .before = SIZE_MAX };
      if (!measuring.on)
        pending[i].flags |= TE_WIRE_NOT_MEASURED;
      else if (grad)
        te_trace_norm (grad, &pending[i].grad_norm, &pending[i].nans, &pending[i].infs);
      if (keep_before && tensor && te_tensor_dtype (tensor) == TE_FLOAT32 && te_tensor_is_contiguous (tensor)
          && te_tensor_data (tensor))
        {
          pending[i].before = at;
          memcpy (before + at, te_tensor_data (tensor), (size_t) tensor->numel * sizeof *before);
          at += (size_t) tensor->numel;
        }
    }
  pause_measuring ();
}

static double
update_norm (const TeTensor *tensor, const float *old)
{
  const float *now = te_tensor_data (tensor);
  double square = 0;
  for (int64_t i = 0; i < tensor->numel; i++)
    square += ((double) now[i] - old[i]) * ((double) now[i] - old[i]);
  return sqrt (square);
}

static void
tell_gradients (bool stepped)
{
  int n;
  TeTraceParam *params = te_trace_params (&n);
  uint64_t resumed_cpu = measuring.on && measuring.begin_cpu ? te_trace_cpu_nsec () : 0;
  for (int i = 0; i < n && i < n_measured; i++)
    {
      TeTensor *tensor = te_trace_param_tensor (&params[i]);
      uint32_t nans, infs;
      if (!tensor)
        continue;
      TeFactGradient fact = { .iteration = te_trace_state.iteration,
                              .tensor = tensor->id,
                              .param = params[i].index,
                              .flags = pending[i].flags,
                              .grad_norm = pending[i].grad_norm,
                              .param_norm = NAN,
                              .update_norm = NAN,
                              .nans = pending[i].nans,
                              .infs = pending[i].infs };
      if (measuring.on)
        te_trace_norm (tensor, &fact.param_norm, &nans, &infs);
      if (stepped && pending[i].before != SIZE_MAX)
        fact.update_norm = update_norm (tensor, before + pending[i].before);
      te_recorder_gradient (te_trace_state.recorder, &fact);
    }
  n_measured = 0;
  end_measuring (resumed_cpu);
}

void
te_trace_facts_step_begin (void)
{
  measure_gradients (te_trace_state.facts || te_trace_state.always);
}

void
te_trace_facts_step_end (void)
{
  tell_gradients (true);
}

void
te_trace_facts_gradients (void)
{
  if (!te_trace_wants_gradients ())
    return;
  measure_gradients (false);
  tell_gradients (false);
}
