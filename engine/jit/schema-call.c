/* From values of a graph to an op's arguments and back. */
#include <stdlib.h>
#include <string.h>

#include "jit/schema.h"
#include "ops/dispatch.h"

#define INLINE_ITEMS 64

/* What one call's arguments borrow. */
typedef struct
{
  int64_t ints[INLINE_ITEMS];
  int n_ints;
  void *heaps[TE_OP_MAX_ARGS];
  int n_heaps;
  TeTensor *made[TE_OP_MAX_ARGS]; /* numbers as tensors */
  int n_made;
} Room;

static void *
room_for (Room *room, int count)
{
  if (room->n_ints + count <= INLINE_ITEMS)
    {
      room->n_ints += count;
      return room->ints + room->n_ints - count;
    }
  void *heap = malloc ((size_t) count * sizeof (int64_t));
  te_assert (heap && room->n_heaps < TE_OP_MAX_ARGS);
  return room->heaps[room->n_heaps++] = heap;
}

static void
room_clear (Room *room)
{
  for (int i = 0; i < room->n_heaps; i++)
    free (room->heaps[i]);
  for (int i = 0; i < room->n_made; i++)
    te_tensor_unref (room->made[i]);
}

static bool
is_number (TeJitAny value)
{
  return value.tag == TE_JIT_V_INT || value.tag == TE_JIT_V_FLOAT || value.tag == TE_JIT_V_BOOL;
}

static TeScalar
scalar_of (TeJitAny value)
{
  return value.tag == TE_JIT_V_INT     ? te_scalar_int (value.i)
         : value.tag == TE_JIT_V_FLOAT ? te_scalar_float (value.f)
                                       : te_scalar_bool (value.b);
}

static bool
take_tensors (const TeArg *arg, TeJitAny value, TeValue *out, Room *room)
{
  if (value.tag != TE_JIT_V_LIST && value.tag != TE_JIT_V_TUPLE)
    return false;
  TeTensor **tensors = room_for (room, value.data->n);
  for (int i = 0; i < value.data->n; i++)
    {
      TeJitAny item = value.data->items[i];
      if (item.tag != TE_JIT_V_TENSOR && (item.tag != TE_JIT_V_NONE || arg->type == TE_ARG_TENSOR_LIST))
        return false;
      tensors[i] = item.tag == TE_JIT_V_TENSOR ? item.tensor : NULL;
    }
  *out = (TeValue){ .kind = TE_VALUE_TENSOR_LIST, .count = value.data->n, .tensors = tensors };
  return true;
}

static bool
take_numbers (const TeArg *arg, TeJitAny value, TeValue *out, Room *room)
{
  bool floats = arg->type == TE_ARG_FLOAT_LIST;
  bool single = value.tag == TE_JIT_V_INT && arg->list_size;
  if (!single && value.tag != TE_JIT_V_LIST && value.tag != TE_JIT_V_TUPLE)
    return false;
  int n = single ? arg->list_size : value.data->n;
  int64_t *ints = room_for (room, n);
  for (int i = 0; i < n; i++)
    {
      TeJitAny item = single ? value : value.data->items[i];
      if (item.tag != TE_JIT_V_INT && !(floats && item.tag == TE_JIT_V_FLOAT))
        return false;
      if (floats)
        ((double *) ints)[i] = te_jit_as_double (item);
      else
        ints[i] = item.i;
    }
  *out = (TeValue){ .kind = floats ? TE_VALUE_FLOAT_LIST : TE_VALUE_INT_LIST, .count = n, .ints = ints };
  return true;
}

static bool
take_tensor (TeJitAny value, TeValue *out, Room *room)
{
  if (value.tag == TE_JIT_V_TENSOR)
    *out = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = value.tensor };
  else if (is_number (value) && room)
    {
      TeError err;
      te_error_clear (&err);
      TeTensor *number = te_tensor_new_number (scalar_of (value), &err);
      if (!number)
        return false;
      room->made[room->n_made++] = number;
      *out = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = number };
    }
  else
    return false;
  return true;
}

/* Is value what arg takes?  Then it stands in out. */
static bool
take (const TeArg *arg, TeJitAny value, TeValue *out, Room *room)
{
  *out = (TeValue){ 0 };
  if (value.tag == TE_JIT_V_NONE)
    return arg->optional || (arg->has_default && arg->default_value.kind == TE_VALUE_NONE);
  switch (arg->type)
    {
    case TE_ARG_TENSOR:
      return take_tensor (value, out, room);
    case TE_ARG_TENSOR_LIST:
    case TE_ARG_OPTIONAL_TENSOR_LIST:
      return take_tensors (arg, value, out, room);
    case TE_ARG_INT_LIST:
    case TE_ARG_FLOAT_LIST:
      return take_numbers (arg, value, out, room);
    case TE_ARG_SCALAR:
      if (!is_number (value))
        return false;
      *out = (TeValue){ .kind = TE_VALUE_SCALAR, .scalar = scalar_of (value) };
      return true;
    case TE_ARG_FLOAT:
      if (value.tag != TE_JIT_V_FLOAT && value.tag != TE_JIT_V_INT)
        return false;
      *out = (TeValue){ .kind = TE_VALUE_FLOAT, .f = te_jit_as_double (value) };
      return true;
    case TE_ARG_INT:
      *out = (TeValue){ .kind = TE_VALUE_INT, .i = value.i };
      return value.tag == TE_JIT_V_INT;
    case TE_ARG_BOOL:
      *out = (TeValue){ .kind = TE_VALUE_BOOL, .b = value.tag == TE_JIT_V_BOOL ? value.b : value.i != 0 };
      return value.tag == TE_JIT_V_BOOL || value.tag == TE_JIT_V_INT;
    case TE_ARG_DTYPE:
      *out = (TeValue){ .kind = TE_VALUE_DTYPE, .dtype = te_jit_dtype_of_number (value.i) };
      return value.tag == TE_JIT_V_INT && out->dtype != TE_DTYPE_NONE;
    case TE_ARG_STRING:
      if (value.tag != TE_JIT_V_STR)
        return false;
      *out = (TeValue){ .kind = TE_VALUE_STRING, .string = value.data->text };
      return true;
    case TE_ARG_DEVICE:
      *out = (TeValue){ .kind = TE_VALUE_DEVICE, .i = value.i };
      return value.tag == TE_JIT_V_DEVICE;
    case TE_ARG_LAYOUT:
      *out = (TeValue){ .kind = TE_VALUE_LAYOUT, .i = value.i };
      return value.tag == TE_JIT_V_INT;
    case TE_ARG_GENERATOR:
      return false;
    }
  return false;
}

static bool
take_all (const TeJitSchema *schema, const TeJitAny *in, int n, TeValue *values, Room *room)
{
  const TeOp *op = schema->op;
  for (int i = 0; i < op->n_args; i++)
    {
      int at = schema->op_args[i];
      if (at < 0 || at >= n)
        values[i] = op->args[i].default_value;
      else if (!take (&op->args[i], in[at], &values[i], room))
        return false;
    }
  return true;
}

bool
te_jit_schema_takes (const TeJitSchema *schema, const TeJitAny *in, int n)
{
  if (n > schema->n_args)
    return false;
  for (int i = n; i < schema->n_args; i++)
    if (!schema->args[i].has_default)
      return false;
  if (!schema->op)
    {
      for (int i = 0; i < n; i++)
        if (!te_jit_any_is (in[i], schema->args[i].type))
          return false;
      return true;
    }
  TeValue values[TE_OP_MAX_ARGS];
  Room room = { .n_ints = 0 };
  bool fits = take_all (schema, in, n, values, &room);
  room_clear (&room);
  return fits;
}

bool
te_jit_schema_call (
    const TeJitSchema *schema, const TeJitAny *in, int n, TeJitAny *out, int n_out, TeError *err)
{
  TeValue values[TE_OP_MAX_ARGS];
  Room room = { .n_ints = 0 };
  if (!take_all (schema, in, n, values, &room))
    {
      room_clear (&room);
      return te_error_set (err, TE_ERR_RUNTIME, "%s does not take these arguments", schema->name);
    }
  TeOpCall call = { .op = schema->op, .args = values, .inplace = schema->inplace };
  bool ok = te_dispatch (&call, err);
  room_clear (&room);
  if (!ok)
    return false;
  if (schema->op->returns_list)
    {
      out[0] = te_jit_container (TE_JIT_V_LIST, te_jit_type_list (te_jit_type_simple (TE_JIT_TENSOR)));
      for (int i = 0; i < call.n_outs; i++)
        {
          te_jit_append (&out[0], te_jit_take_tensor (call.outs[i]));
          call.outs[i] = NULL;
        }
    }
  else
    for (int i = 0; i < n_out; i++)
      {
        out[i] = i < call.n_outs ? te_jit_take_tensor (call.outs[i]) : te_jit_none ();
        if (i < call.n_outs)
          call.outs[i] = NULL;
      }
  call.args = NULL;
  te_op_call_clear (&call);
  if (n_out == 1 && schema->n_returns == 1 && schema->returns[0]->kind == TE_JIT_BOOL
      && out[0].tag == TE_JIT_V_TENSOR)
    { /* is_floating_point and the like */
      TeTensor *tensor = out[0].tensor;
      TeScalar value = te_scalar_load (te_tensor_dtype (tensor), te_tensor_data (tensor));
      te_tensor_unref (tensor);
      out[0] = te_jit_bool (te_scalar_to_double (value) != 0);
    }
  return true;
}

/* ---- slices ---- */
static int64_t
clamped (int64_t at, int64_t low, int64_t high)
{
  return at < low ? low : at > high ? high : at;
}

bool
te_jit_slice_of (const TeJitAny *bounds, int64_t n, TeJitSlice *out, TeError *err)
{
  int64_t step = bounds[2].tag == TE_JIT_V_INT ? bounds[2].i : 1;
  if (step == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "slice step cannot be zero");
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1,
          ends[2] = { step > 0 ? low : high, step > 0 ? high : low };
  for (int i = 0; i < 2; i++)
    if (bounds[i].tag == TE_JIT_V_INT)
      ends[i] = clamped (bounds[i].i < 0 ? bounds[i].i + n : bounds[i].i, low, high);
  int64_t length = step > 0 ? ends[1] - ends[0] : ends[0] - ends[1],
          size = step > 0 ? step : -(step + (step == INT64_MIN));
  *out = (TeJitSlice){ ends[0], step, length > 0 ? (length - 1) / size + 1 : 0 };
  return true;
}
