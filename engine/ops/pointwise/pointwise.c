#include "ops/pointwise/pointwise-private.h"

#include "base/err.h"

TeTensor *
te_operand (const TeValue *value, TeIterNumber *place)
{
  if (value->kind == TE_VALUE_TENSOR)
    return value->tensor;
  return te_iter_number (place, te_value_scalar (value));
}

TeScalar
te_value_scalar (const TeValue *value)
{
  switch (value->kind)
    {
    case TE_VALUE_SCALAR:
      return value->scalar;
    case TE_VALUE_INT:
      return te_scalar_int (value->i);
    case TE_VALUE_FLOAT:
      return te_scalar_float (value->f);
    case TE_VALUE_BOOL:
      return te_scalar_bool (value->b);
    case TE_VALUE_NONE:
    case TE_VALUE_TENSOR:
    case TE_VALUE_TENSOR_LIST:
    case TE_VALUE_INT_LIST:
    case TE_VALUE_FLOAT_LIST:
    case TE_VALUE_DTYPE:
    case TE_VALUE_STRING:
    case TE_VALUE_GENERATOR:
    case TE_VALUE_DEVICE:
    case TE_VALUE_LAYOUT:
      break;
    }
  return te_scalar_int (0);
}

TeComplex128
te_scalar_to_complex (TeScalar value)
{
  return te_cmake (te_scalar_to_double (value), te_scalar_imag (value));
}

double
te_value_double (const TeValue *value, double otherwise)
{
  return value->kind == TE_VALUE_NONE ? otherwise : te_scalar_to_double (te_value_scalar (value));
}

bool
te_not_implemented_for (const char *kernel, TeDtype dtype, TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", kernel,
                       te_dtype_error_name (dtype));
}

bool
te_run_loops (TeOpCall *call,
              const TeLoops *loops,
              const TeIterConfig *config,
              TeTensor *const *ins,
              int n_ins,
              const TeParams *params,
              TeError *err)
{
  TeIter iter;
  if (!te_iter_build (&iter, config, call->outs, 1, ins, n_ins, err))
    return false;
  TeLoop loop = loops->loops[iter.compute];
  if (!loop)
    return te_not_implemented_for (loops->name, iter.common, err);
  return te_iter_run (&iter, loop, params, err);
}

bool
te_run_unary (TeOpCall *call, const TeLoops *loops, uint32_t flags, const TeParams *params, TeError *err)
{
  TeIterConfig config = { .flags = flags | TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  return te_run_loops (call, loops, &config, &call->args[0].tensor, 1, params, err);
}

bool
te_run_binary (TeOpCall *call, const TeLoops *loops, uint32_t flags, const TeParams *params, TeError *err)
{
  TeIterNumber numbers[2];
  TeTensor *ins[2] = { te_operand (&call->args[0], &numbers[0]), te_operand (&call->args[1], &numbers[1]) };
  TeIterConfig config = { .flags = flags | TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  return te_run_loops (call, loops, &config, ins, 2, params, err);
}

bool
te_run_compare (TeOpCall *call, const TeLoops *loops, TeError *err)
{
  TeIterNumber numbers[2];
  TeTensor *ins[2] = { te_operand (&call->args[0], &numbers[0]), te_operand (&call->args[1], &numbers[1]) };
  TeIterConfig config = { .flags = TE_ITER_PROMOTE | TE_ITER_NO_CAST_CHECK, .out_dtype = TE_BOOL };
  return te_run_loops (call, loops, &config, ins, 2, NULL, err);
}
