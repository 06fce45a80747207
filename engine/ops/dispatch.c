#include "ops/dispatch-tracer.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "ops/autocast.h"
#include "ops/batch-marks.h"
#include "ops/complex/refusals.h"
#include "ops/lazy.h"
#include "ops/low-precision.h"
#include "ops/meta-run.h"
#include "ops/out-rules.h"
#include "ops/widen.h"

bool te_dispatch_meta_in_use = false;
static TeDispatchObserver autograd;
static TeDispatchObserver trace;
static TeDispatchObserver profiler;
static TeDispatchObserver tracer;

void
te_dispatch_set_autograd (const TeDispatchObserver *observer)
{
  autograd = observer ? *observer : (TeDispatchObserver){ 0 };
}

void
te_dispatch_set_trace (const TeDispatchObserver *observer)
{
  trace = observer ? *observer : (TeDispatchObserver){ 0 };
}

void
te_dispatch_set_profiler (const TeDispatchObserver *observer)
{
  profiler = observer ? *observer : (TeDispatchObserver){ 0 };
}

void
te_dispatch_set_tracer (const TeDispatchObserver *observer)
{
  tracer = observer ? *observer : (TeDispatchObserver){ 0 };
}

bool
te_op_call_reserve (TeOpCall *call, int n_outs, TeError *err)
{
  if (n_outs > TE_OP_INLINE_OUTS)
    {
      TeTensor **outs = te_new_sized ((size_t) n_outs * sizeof *outs);
      if (!outs)
        return te_error_no_memory (err);
      call->outs = outs;
    }
  call->n_outs = n_outs;
  return true;
}

/* te_op_call_clear: drops results and extras; the call may be used again. */
void
te_op_call_clear (TeOpCall *call)
{
  for (int i = 0; i < call->n_outs; i++)
    te_tensor_clear (&call->outs[i]);
  for (int i = 0; i < TE_OP_MAX_EXTRA; i++)
    te_tensor_clear (&call->extra[i]);
  if (call->outs && call->outs != call->inline_outs)
    te_free_sized (call->outs, (size_t) call->n_outs * sizeof *call->outs);
  call->outs = NULL;
  call->n_outs = 0;
}

/* Takes references on the tensors that will be written. */
static bool
prepare_outs (TeOpCall *call, TeError *err)
{
  const TeOp *op = call->op;
  if (!call->outs)
    call->outs = call->inline_outs;
  if (!op->returns_list)
    call->n_outs = op->n_returns;
  if (op->def->flags & TE_OP_INPLACE_ONLY)
    call->inplace = true;
  if (call->inplace)
    {
      if (op->n_args == 0 || call->args[0].kind != TE_VALUE_TENSOR || call->n_outs == 0)
        {
          call->n_outs = 0;
          return te_error_set (err, TE_ERR_TYPE, "%s_(): argument 'self' must be Tensor", op->name);
        }
      call->outs[0] = te_tensor_ref (call->args[0].tensor);
    }
  else if (call->has_out)
    for (int i = 0; i < call->n_outs; i++)
      if (call->outs[i])
        te_tensor_ref (call->outs[i]);
  return true;
}

typedef struct
{
  bool meta;
  bool data; /* a tensor with memory and dimensions: 0-dim ones go with any device */
} Devices;

static void
note_device (Devices *self, const TeTensor *tensor)
{
  if (tensor && te_tensor_is_meta (tensor))
    self->meta = true;
  else if (tensor && tensor->ndim > 0)
    self->data = true;
}

/* Only copies go from one device to the other. */
static bool
copies (const TeOpCall *call)
{
  return strcmp (call->op->name, "copy_") == 0;
}

/* Ops whose computation of sizes does not look at devices: they take both kinds, and give what has no data. */
static bool
mixes_devices (const TeOpCall *call)
{
  static const char *const any[] = { "mm",       "bmm",    "addmm", "baddbmm", "mv",        "addmv",    "matmul",
                                     "linear",   "cat",    "stack", "gather",  "embedding", "nll_loss", "einsum",
                                     "nll_loss_nd", "cross_entropy_loss" };
  static const char *const of_meta[] = { "index", "index_select", "index_add", "masked_fill", "scatter" };
  const char *name = call->op->name;
  if (call->inplace || call->has_out)
    return false;
  for (size_t i = 0; i < sizeof any / sizeof *any; i++)
    if (strcmp (name, any[i]) == 0)
      return true;
  if (call->args[0].kind == TE_VALUE_TENSOR && te_tensor_is_meta (call->args[0].tensor))
    for (size_t i = 0; i < sizeof of_meta / sizeof *of_meta; i++)
      if (strcmp (name, of_meta[i]) == 0)
        return true;
  return false;
}

static bool
refuse_mixed (const TeOpCall *call, TeError *err)
{
  const char *name = call->op->name;
  if (strcmp (name, "index") == 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "indices should be either on cpu or on the same device as the indexed tensor (cpu)");
  return te_error_set (
      err, TE_ERR_RUNTIME,
      "Expected all tensors to be on the same device, but found at least two devices, meta and cpu!");
}

/* May the kernel run?  *zeros: only on zeros in place of tensors without data. */
static bool
check_meta (const TeOpCall *call, bool *zeros, TeError *err)
{
  Devices devices = { false, false };
  bool any = false;
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR)
        note_device (&devices, value->tensor);
      for (int k = 0; value->kind == TE_VALUE_TENSOR_LIST && k < value->count; k++)
        note_device (&devices, value->tensors[k]);
      any = any || value->kind == TE_VALUE_TENSOR || value->kind == TE_VALUE_TENSOR_LIST;
    }
  /* What is written has the device of what is read, 0-dim or not: a kernel looks at one of the two. */
  bool meta = devices.meta;
  for (int i = 0; any && i < call->n_outs; i++)
    if (call->outs[i] && call->outs[i]->ndim == 0 && te_tensor_is_meta (call->outs[i]) != meta
        && !copies (call))
      return te_error_set (err, TE_ERR_RUNTIME, "Expected out tensor to have device %s, but got %s instead",
                           meta ? "meta" : "cpu", meta ? "cpu" : "meta");
  for (int i = 0; i < call->n_outs; i++)
    note_device (&devices, call->outs[i]);
  if (!devices.meta)
    return true;
  if (devices.data && !copies (call))
    {
      *zeros = !(call->op->def->flags & TE_OP_COMPOSITE); /* the ops inside are asked themselves */
      return mixes_devices (call) || refuse_mixed (call, err);
    }
  *zeros = !call->op->on_meta && call->op->on_meta_as_zeros;
  return call->op->on_meta || *zeros || te_meta_refuse (call->op->name, err);
}

static bool
run_kernel (TeOpCall *call, TeError *err)
{
  if (te_interrupted ())
    return te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
  bool zeros = false;
  if (__builtin_expect (te_dispatch_meta_in_use, 0) && !check_meta (call, &zeros, err))
    return false;
  if (__builtin_expect (zeros, 0))
    return te_meta_run (call, run_kernel, err);
  if (__builtin_expect (te_tensor_complex_in_use, 0) && call->op->refuses_complex
      && !te_complex_check (call, err))
    return false;
  if (__builtin_expect (call->op->low_precision != NULL, 0) && !te_low_precision_check (call, err))
    return false;
  if (__builtin_expect (te_lazy_in_use, 0) && te_lazy_needs (call))
    return te_lazy_run (call, err);
  if ((call->op->def->flags & TE_OP_WIDENS_ANY) && call->args[0].kind == TE_VALUE_TENSOR && !call->has_out)
    {
      TeDtype first = te_tensor_dtype (call->args[0].tensor), wide = te_widened (call->op, first);
      if (wide != TE_DTYPE_NONE)
        return te_widen_kernel (call, first, wide, err);
    }
  if (!call->op->def->kernel (call, err))
    return false;
  /* Loops end early at an interrupt: what they made may be half done, and is nobody's result. */
  if (__builtin_expect (te_interrupted (), 0))
    return te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
  if (__builtin_expect (te_lazy_in_use, 0)
      && (call->op->def->flags & (TE_OP_VIEW | TE_OP_LAZY)) == TE_OP_VIEW)
    te_lazy_inherit (call);
  return true;
}

/* A kernel that knows nothing of out=: it makes its results, which are then written into what was given. */
static bool
run_and_copy (TeOpCall *call, TeError *err)
{
  TeTensor *given[TE_OP_INLINE_OUTS] = { 0 };
  for (int i = 0; i < call->n_outs; i++)
    {
      given[i] = call->outs[i];
      call->outs[i] = NULL;
    }
  call->has_out = false;
  bool ok = run_kernel (call, err);
  call->has_out = true;
  for (int i = 0; i < call->n_outs; i++)
    {
      ok = ok && te_out_take (given[i], call->outs[i], TE_OUT_SAME, err);
      te_tensor_clear (&call->outs[i]);
      call->outs[i] = given[i];
    }
  return ok;
}

/* Runs the kernel under the op's own rule about out=, if it was called so. */
static bool
run_ruled (TeOpCall *call, TeError *err)
{
  const TeOutRule *outer = te_out_rule, *own = call->has_out ? call->op->out_rule : NULL;
  if (__builtin_expect (!outer && !own, 1))
    return run_kernel (call, err);
  te_out_rule = own;
  bool ok = own && (own->flags & TE_OUT_COPIES) ? run_and_copy (call, err) : run_kernel (call, err);
  te_out_rule = outer;
  return ok;
}

static bool
dispatch_observed (TeOpCall *call, TeError *err)
{
  bool autograd_began = !autograd.before || autograd.before (call, err);
  bool ok = autograd_began;
  bool trace_began = false;
  if (trace.before)
    {
      TeError ignored;
      trace_began = trace.before (call, ok ? err : &ignored);
      ok = ok && trace_began;
    }
  ok = ok && run_ruled (call, err);
  bool copied = call->has_out && call->op->out_rule && (call->op->out_rule->flags & TE_OUT_COPIES);
  if (ok && (call->inplace || call->has_out)
      && (copied || !(call->op->def->flags & TE_OP_COMPOSITE))) /* its inner ops did */
    for (int i = 0; i < call->n_outs; i++)
      te_tensor_bump_version (call->outs[i]);
  if (autograd.after && autograd_began)
    ok = autograd.after (call, ok, err) && ok;
  if (trace_began && trace.after)
    ok = trace.after (call, ok, err) && ok;
  return ok;
}

/* The tracer of torch.jit is outermost: ops inside this one, of autograd too, are none of its own. */
static bool
dispatch_traced (TeOpCall *call, TeError *err)
{
  bool ok = tracer.before (call, err) && dispatch_observed (call, err);
  return tracer.after (call, ok, err) && ok;
}

bool
te_dispatch (TeOpCall *call, TeError *err)
{
  if (__builtin_expect (te_autocast_on, 0) && call->op->autocast && !call->inplace && !call->has_out)
    return te_autocast_dispatch (call, err);
  bool profiled = __builtin_expect (profiler.before != NULL, 0) && profiler.before (call, err);
  bool ok = prepare_outs (call, err)
            && (__builtin_expect (te_batch_marks_in_use == 0, 1) || te_batch_marks_check (call, err))
            && (__builtin_expect (tracer.before != NULL, 0) ? dispatch_traced (call, err)
                                                            : dispatch_observed (call, err));
  if (__builtin_expect (te_batch_marks_in_use > 0, 0) && ok)
    te_batch_marks_inherit (call);
  if (profiled && profiler.after)
    ok = profiler.after (call, ok, err) && ok;
  if (!ok)
    te_op_call_clear (call);
  return ok;
}

/* ---- calls from C ---- */
static void
set_number (TeValue *value, TeArgType type, TeScalar number)
{
  switch (type)
    {
    case TE_ARG_SCALAR:
    case TE_ARG_TENSOR: /* a number in a tensor's place */
      value->kind = TE_VALUE_SCALAR;
      value->scalar = number;
      break;
    case TE_ARG_FLOAT:
      value->kind = TE_VALUE_FLOAT;
      value->f = te_scalar_to_double (number);
      break;
    case TE_ARG_BOOL:
      value->kind = TE_VALUE_BOOL;
      value->b = te_scalar_to_double (number) != 0;
      break;
    case TE_ARG_DEVICE:
    case TE_ARG_LAYOUT:
      value->kind = type == TE_ARG_DEVICE ? TE_VALUE_DEVICE : TE_VALUE_LAYOUT;
      value->i = te_scalar_to_int (number);
      break;
    case TE_ARG_INT:
    case TE_ARG_TENSOR_LIST:
    case TE_ARG_OPTIONAL_TENSOR_LIST:
    case TE_ARG_INT_LIST:
    case TE_ARG_FLOAT_LIST:
    case TE_ARG_DTYPE:
    case TE_ARG_STRING:
    case TE_ARG_GENERATOR:
      value->kind = TE_VALUE_INT;
      value->i = te_scalar_to_int (number);
      break;
    }
}

static void
set_list (TeValue *value, TeValueKind kind, const void *items, int count)
{
  value->kind = kind;
  value->count = count;
  if (kind == TE_VALUE_TENSOR_LIST)
    value->tensors = items;
  else
    value->ints = items;
}

static void
take_value (TeValue *value, const TeArg *arg, char letter, va_list *list)
{
  const void *items;
  *value = (TeValue){ 0 };
  switch (letter)
    {
    case 'T':
      value->tensor = va_arg (*list, TeTensor *);
      value->kind = value->tensor ? TE_VALUE_TENSOR : TE_VALUE_NONE;
      break;
    case 'L':
      items = va_arg (*list, TeTensor *const *);
      set_list (value, TE_VALUE_TENSOR_LIST, items, va_arg (*list, int));
      break;
    case 'I':
      items = va_arg (*list, const int64_t *);
      set_list (value, TE_VALUE_INT_LIST, items, va_arg (*list, int));
      break;
    case 'S':
      set_number (value, arg->type, va_arg (*list, TeScalar));
      break;
    case 'i':
      set_number (value, arg->type, te_scalar_int (va_arg (*list, int64_t)));
      break;
    case 'f':
      set_number (value, arg->type, te_scalar_float (va_arg (*list, double)));
      break;
    case 'b':
      set_number (value, arg->type, te_scalar_bool (va_arg (*list, int)));
      break;
    case 'd':
      value->dtype = (TeDtype) va_arg (*list, int);
      value->kind = value->dtype == TE_DTYPE_NONE ? TE_VALUE_NONE : TE_VALUE_DTYPE;
      break;
    case 's':
      value->string = va_arg (*list, const char *);
      value->kind = value->string ? TE_VALUE_STRING : TE_VALUE_NONE;
      break;
    case 'g':
      value->generator = va_arg (*list, TeGenerator *);
      value->kind = value->generator ? TE_VALUE_GENERATOR : TE_VALUE_NONE;
      break;
    case 'n':
      break;
    default:
      te_assert (letter == '-');
      *value = arg->default_value;
    }
}

static bool
call_v (TeOpCall *call, const TeOp *op, bool inplace, TeError *err, const char *format, va_list *list)
{
  TeValue args[TE_OP_MAX_ARGS];
  bool missing = false;
  int n = 0;
  for (; format[n]; n++)
    {
      te_assert (n < op->n_args);
      take_value (&args[n], &op->args[n], format[n], list);
      missing = missing || (format[n] == 'T' && args[n].kind == TE_VALUE_NONE && !op->args[n].optional);
    }
  for (; n < op->n_args; n++)
    args[n] = op->args[n].default_value;
  *call = (TeOpCall){ .op = op, .args = args, .inplace = inplace };
  if (__builtin_expect (missing, 0)) /* the call that should have given it failed: its error stands */
    return err->kind ? false
                     : te_error_set (err, TE_ERR_RUNTIME, "%s() was called without a tensor", op->name);
  bool ok = te_dispatch (call, err);
  call->args = NULL;
  return ok;
}

TeTensor *
te_call (const TeOp *op, TeError *err, const char *format, ...)
{
  TeOpCall call;
  va_list list;
  va_start (list, format);
  bool ok = call_v (&call, op, false, err, format, &list);
  va_end (list);
  if (!ok)
    return NULL;
  TeTensor *result = call.n_outs > 0 ? call.outs[0] : NULL;
  if (result)
    call.outs[0] = NULL;
  else
    te_error_set (err, TE_ERR_RUNTIME, "%s returned nothing", op->name);
  te_op_call_clear (&call);
  return result;
}

bool
te_call_multi (const TeOp *op, TeTensor **outs, int n_outs, TeError *err, const char *format, ...)
{
  TeOpCall call;
  va_list list;
  va_start (list, format);
  bool ok = call_v (&call, op, false, err, format, &list);
  va_end (list);
  for (int i = 0; i < n_outs; i++)
    {
      outs[i] = ok && i < call.n_outs ? call.outs[i] : NULL;
      if (outs[i])
        call.outs[i] = NULL;
    }
  if (ok)
    te_op_call_clear (&call);
  return ok;
}

bool
te_call_inplace (const TeOp *op, TeError *err, const char *format, ...)
{
  TeOpCall call;
  va_list list;
  va_start (list, format);
  bool ok = call_v (&call, op, true, err, format, &list);
  va_end (list);
  if (ok)
    te_op_call_clear (&call);
  return ok;
}

/* ---- the ops that backward rules use most ---- */
TeTensor *
te_add (TeTensor *a, TeTensor *b, TeError *err)
{
  TE_OP (op, "add.Tensor");
  return te_call (op, err, "TT", a, b);
}

TeTensor *
te_sub (TeTensor *a, TeTensor *b, TeError *err)
{
  TE_OP (op, "sub.Tensor");
  return te_call (op, err, "TT", a, b);
}

TeTensor *
te_mul (TeTensor *a, TeTensor *b, TeError *err)
{
  TE_OP (op, "mul.Tensor");
  return te_call (op, err, "TT", a, b);
}

TeTensor *
te_div (TeTensor *a, TeTensor *b, TeError *err)
{
  TE_OP (op, "div.Tensor");
  return te_call (op, err, "TT", a, b);
}

TeTensor *
te_neg (TeTensor *a, TeError *err)
{
  TE_OP (op, "neg");
  return te_call (op, err, "T", a);
}

/* A number takes part as a wrapped 0-dim tensor, as it does in Python. */
static TeTensor *
with_number (TeTensor *a, double value, TeTensor *(*binary) (TeTensor *, TeTensor *, TeError *), TeError *err)
{
  TeTensor *number = te_tensor_new_number (te_scalar_float (value), err);
  TeTensor *result = number ? binary (a, number, err) : NULL;
  te_tensor_unref (number);
  return result;
}

TeTensor *
te_mul_scalar (TeTensor *a, double value, TeError *err)
{
  return with_number (a, value, te_mul, err);
}

TeTensor *
te_add_scalar (TeTensor *a, double value, TeError *err)
{
  return with_number (a, value, te_add, err);
}

TeTensor *
te_pow_scalar (TeTensor *a, double exponent, TeError *err)
{
  TE_OP (op, "pow.Tensor_Scalar");
  return te_call (op, err, "TS", a, te_scalar_float (exponent));
}

TeTensor *
te_sum_dims (TeTensor *a, int n, const int64_t *dims, bool keepdim, TeError *err)
{
  TE_OP (op, "sum.dim_IntList");
  int64_t all[TE_MAX_NDIM];
  if (n == 0)
    {
      for (; n < a->ndim; n++)
        all[n] = n;
      dims = all;
    }
  return te_call (op, err, "TIb", a, dims, n, (int) keepdim);
}

TeTensor *
te_matmul2 (TeTensor *a, TeTensor *b, TeError *err)
{
  TE_OP (mm, "mm");
  TE_OP (bmm, "bmm");
  return te_call (a->ndim == 2 ? mm : bmm, err, "TT", a, b);
}

TeTensor *
te_transpose (TeTensor *a, int64_t dim0, int64_t dim1, TeError *err)
{
  TE_OP (op, "transpose");
  return te_call (op, err, "Tii", a, dim0, dim1);
}

TeTensor *
te_reshape (TeTensor *a, int ndim, const int64_t *sizes, TeError *err)
{
  TE_OP (op, "reshape");
  return te_call (op, err, "TI", a, sizes, ndim);
}

TeTensor *
te_expand (TeTensor *a, int ndim, const int64_t *sizes, TeError *err)
{
  TE_OP (op, "expand");
  return te_call (op, err, "TI", a, sizes, ndim);
}

TeTensor *
te_unsqueeze (TeTensor *a, int64_t dim, TeError *err)
{
  TE_OP (op, "unsqueeze");
  return te_call (op, err, "Ti", a, dim);
}

TeTensor *
te_squeeze_dim (TeTensor *a, int64_t dim, TeError *err)
{
  TE_OP (op, "squeeze.dim");
  return te_call (op, err, "Ti", a, dim);
}

TeTensor *
te_contiguous (TeTensor *a, TeError *err)
{
  TE_OP (op, "contiguous");
  return te_call (op, err, "T", a);
}

TeTensor *
te_to_dtype (TeTensor *a, TeDtype dtype, TeError *err)
{
  TE_OP (op, "to.dtype");
  return te_call (op, err, "Td", a, (int) dtype);
}

TeTensor *
te_conj (TeTensor *a, TeError *err)
{
  TE_OP (op, "conj");
  return te_dtype_is_complex (te_tensor_dtype (a)) ? te_call (op, err, "T", a) : te_tensor_ref (a);
}

TeTensor *
te_gradient_as (TeTensor *grad, TeDtype dtype, TeError *err)
{
  TE_OP (op, "real");
  if (!te_dtype_is_complex (te_tensor_dtype (grad)) || te_dtype_is_complex (dtype))
    return te_to_dtype (grad, dtype, err);
  TeTensor *part = te_call (op, err, "T", grad);
  TeTensor *cast = part ? te_to_dtype (part, dtype, err) : NULL;
  te_tensor_unref (part);
  return cast;
}

TeTensor *
te_where (TeTensor *condition, TeTensor *a, TeTensor *b, TeError *err)
{
  TE_OP (op, "where.self");
  return te_call (op, err, "TTT", condition, a, b);
}

TeTensor *
te_zeros_like (TeTensor *a, TeError *err)
{
  TE_OP (op, "zeros_like");
  return te_call (op, err, "T", a);
}

TeTensor *
te_ones_like (TeTensor *a, TeError *err)
{
  TE_OP (op, "ones_like");
  return te_call (op, err, "T", a);
}

TeTensor *
te_zeros (int ndim, const int64_t *sizes, TeDtype dtype, TeError *err)
{
  TE_OP (op, "zeros");
  return te_call (op, err, "Id", sizes, ndim, (int) dtype);
}

TeTensor *
te_clone (TeTensor *a, TeError *err)
{
  TE_OP (op, "clone");
  return te_call (op, err, "T", a);
}

/* te_sum_to_meta: sums the leading and the stretched dimensions of grad away, then casts.
 * Errors: RuntimeError when meta's sizes do not broadcast to grad's. */
TeTensor *
te_sum_to_meta (TeTensor *grad, const TeMeta *meta, TeError *err)
{
  const int64_t *sizes = meta->sizes ? meta->sizes : meta->inline_sizes;
  int64_t dims[TE_MAX_NDIM];
  int n = 0, lead = grad->ndim - meta->ndim;
  if (lead < 0)
    {
      te_error_set (err, TE_ERR_RUNTIME, "a gradient of %d dimensions cannot be summed to %d", grad->ndim,
                    meta->ndim);
      return NULL;
    }
  for (int i = 0; i < grad->ndim; i++)
    if (i < lead || (sizes[i - lead] == 1 && grad->sizes[i] != 1))
      dims[n++] = i;
  TeTensor *result = te_tensor_ref (grad);
  if (n > 0)
    {
      /* where the graph of this is kept, it has PyTorch's two steps */
      bool keepdim = lead == 0 || (meta->ndim && te_tensor_requires_grad (grad));
      TE_OP (all, "sum");
      TeTensor *summed = meta->ndim == 0 && grad->ndim ? te_call (all, err, "T", result)
                                                       : te_sum_dims (result, n, dims, keepdim, err);
      te_tensor_unref (result);
      result = summed;
    }
  if (result && n > 0 && lead > 0)
    {
      TE_OP (view, "view");
      bool same = result->ndim == meta->ndim;
      for (int i = 0; same && i < meta->ndim; i++)
        same = result->sizes[i] == sizes[i];
      TeTensor *shaped =
          same ? te_tensor_ref (result) : te_call (view, err, "TI", result, sizes, (int) meta->ndim);
      te_tensor_unref (result);
      result = shaped;
    }
  if (result && meta->dtype != TE_DTYPE_NONE && result->dtype != meta->dtype)
    {
      TeTensor *cast = te_gradient_as (result, (TeDtype) meta->dtype, err);
      te_tensor_unref (result);
      result = cast;
    }
  return result;
}
