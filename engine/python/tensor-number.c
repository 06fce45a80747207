/* Operators: a + b and its kin go straight to their rows, without looking anything up by name. */
#include "python/jit-trace.h"

#include <string.h>

#include "ops/meta-run.h"

typedef struct
{
  const char *tensor_name; /* row for tensor with tensor */
  const char *scalar_name; /* row for tensor with number; NULL: the number becomes a wrapped tensor */
  const TeOp *tensor;
  const TeOp *scalar;
} Binary;

enum
{
  ADD,
  SUBTRACT,
  MULTIPLY,
  REMAINDER,
  TRUE_DIVIDE,
  FLOOR_DIVIDE,
  MATMUL,
  LSHIFT,
  RSHIFT,
  AND,
  OR,
  XOR,
  POWER,
  EQ,
  NE,
  LT,
  LE,
  GT,
  GE,
  N_BINARY,
};

static Binary binaries[N_BINARY] = {
  [ADD] = { "add.Tensor", NULL },
  [SUBTRACT] = { "sub.Tensor", NULL },
  [MULTIPLY] = { "mul.Tensor", NULL },
  [REMAINDER] = { "remainder.Tensor", "remainder.Scalar" },
  [TRUE_DIVIDE] = { "div.Tensor", NULL },
  [FLOOR_DIVIDE] = { "floor_divide", NULL },
  [MATMUL] = { "matmul", NULL },
  [LSHIFT] = { "bitwise_left_shift.Tensor", "bitwise_left_shift.Tensor_Scalar" },
  [RSHIFT] = { "bitwise_right_shift.Tensor", "bitwise_right_shift.Tensor_Scalar" },
  [AND] = { "bitwise_and.Tensor", "bitwise_and.Scalar" },
  [OR] = { "bitwise_or.Tensor", "bitwise_or.Scalar" },
  [XOR] = { "bitwise_xor.Tensor", "bitwise_xor.Scalar" },
  [POWER] = { "pow.Tensor_Tensor", "pow.Tensor_Scalar" },
  [EQ] = { "eq.Tensor", "eq.Scalar" },
  [NE] = { "ne.Tensor", "ne.Scalar" },
  [LT] = { "lt.Tensor", "lt.Scalar" },
  [LE] = { "le.Tensor", "le.Scalar" },
  [GT] = { "gt.Tensor", "gt.Scalar" },
  [GE] = { "ge.Tensor", "ge.Scalar" },
};

static const TeOp *neg, *positive, *absolute, *bitwise_not, *reciprocal, *rsub;

bool
te_py_number_init (void)
{
  for (int i = 0; i < N_BINARY; i++)
    {
      binaries[i].tensor = te_registry_find (binaries[i].tensor_name);
      binaries[i].scalar = binaries[i].scalar_name ? te_registry_find (binaries[i].scalar_name) : NULL;
    }
  neg = te_registry_find ("neg");
  positive = te_registry_find ("positive");
  absolute = te_registry_find ("abs");
  bitwise_not = te_registry_find ("bitwise_not");
  reciprocal = te_registry_find ("reciprocal");
  rsub = te_registry_find ("rsub.Scalar");
  return true;
}

/* Runs op on the tensors or numbers in values[0..n), the rest by default. */
static PyObject *
run (const TeOp *op, const char *name, TeValue *values, int n, bool inplace)
{
  if (!op)
    return te_py_not_implemented (name);
  for (int i = n; i < op->n_args; i++)
    values[i] = op->args[i].default_value;
  return te_py_call_values (op, values, inplace);
}

static PyObject *
tensor_op (const Binary *binary, TeTensor *a, TeTensor *b, bool inplace)
{
  TeValue values[TE_OP_MAX_ARGS];
  values[0] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = a };
  values[1] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = b };
  return run (binary->tensor, binary->tensor_name, values, 2, inplace);
}

static PyObject *
number_op (const Binary *binary, PyObject *a, PyObject *number, bool inplace)
{
  if (binary->scalar)
    {
      TeValue values[TE_OP_MAX_ARGS];
      TeScalar scalar;
      if (!te_py_to_scalar (number, &scalar))
        return NULL;
      values[0] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = te_py_tensor (a) };
      values[1] = (TeValue){ .kind = TE_VALUE_SCALAR, .scalar = scalar };
      return run (binary->scalar, binary->scalar_name, values, 2, inplace);
    }
  TeTensor *wrapped = te_py_number_tensor (number);
  PyObject *result = wrapped ? tensor_op (binary, te_py_tensor (a), wrapped, inplace) : NULL;
  te_tensor_unref (wrapped);
  return result;
}

/* A number on the left: as a wrapped tensor. */
static PyObject *
number_left (const Binary *binary, PyObject *number, PyObject *b)
{
  TeTensor *wrapped = te_py_number_tensor (number);
  PyObject *result = wrapped ? tensor_op (binary, wrapped, te_py_tensor (b), false) : NULL;
  te_tensor_unref (wrapped);
  return result;
}

/* A subclass of Python's that defines the reflected operator is asked first by Python itself. */
static PyObject *
binary_op (int which, PyObject *a, PyObject *b, bool inplace)
{
  const Binary *binary = &binaries[which];
  if (te_py_is_tensor (a))
    {
      if (te_py_is_tensor (b))
        {
          if (__builtin_expect (Py_TYPE (b) != te_py_tensor_class && Py_TYPE (b) != Py_TYPE (a), 0) && !inplace)
            { /* a Parameter's operator does not ask; the other's class may say itself what it does */
              PyObject *answer = te_py_function_operator (binary->tensor->name, a, b);
              if (answer != Py_NotImplemented)
                return answer;
              Py_DECREF (answer);
            }
          return tensor_op (binary, te_py_tensor (a), te_py_tensor (b), inplace);
        }
      if (which != MATMUL && te_py_is_number (b))
        return number_op (binary, a, b, inplace);
      return te_py_function_operator (binary->tensor->name, a, b);
    }
  Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
commutative (int which, PyObject *a, PyObject *b)
{
  if (!te_py_is_tensor (a) && te_py_is_number (a))
    return number_op (&binaries[which], b, a, false);
  return binary_op (which, a, b, false);
}

static PyObject *
reflected (int which, PyObject *a, PyObject *b)
{
  if (!te_py_is_tensor (a) && te_py_is_number (a))
    return number_left (&binaries[which], a, b);
  return binary_op (which, a, b, false);
}

PyObject *
te_py_nb_add (PyObject *a, PyObject *b)
{
  return commutative (ADD, a, b);
}

PyObject *
te_py_nb_multiply (PyObject *a, PyObject *b)
{
  return commutative (MULTIPLY, a, b);
}

PyObject *
te_py_nb_subtract (PyObject *a, PyObject *b)
{
  if (!te_py_is_tensor (a) && te_py_is_number (a))
    {
      TeValue values[TE_OP_MAX_ARGS];
      if (!rsub)
        return number_left (&binaries[SUBTRACT], a, b);
      values[0] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = te_py_tensor (b) };
      values[1] = (TeValue){ .kind = TE_VALUE_SCALAR };
      return te_py_to_scalar (a, &values[1].scalar) ? run (rsub, "rsub", values, 2, false) : NULL;
    }
  return binary_op (SUBTRACT, a, b, false);
}

/* 1 / t is t.reciprocal () * 1, as PyTorch records it. */
PyObject *
te_py_nb_true_divide (PyObject *a, PyObject *b)
{
  if (te_py_is_tensor (a) || !te_py_is_number (a))
    return binary_op (TRUE_DIVIDE, a, b, false);
  TeValue values[TE_OP_MAX_ARGS];
  values[0] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = te_py_tensor (b) };
  PyObject *inverse = run (reciprocal, "reciprocal", values, 1, false);
  PyObject *result = inverse ? number_op (&binaries[MULTIPLY], inverse, a, false) : NULL;
  Py_XDECREF (inverse);
  return result;
}

PyObject *
te_py_nb_remainder (PyObject *a, PyObject *b)
{
  return reflected (REMAINDER, a, b);
}

PyObject *
te_py_nb_floor_divide (PyObject *a, PyObject *b)
{
  return reflected (FLOOR_DIVIDE, a, b);
}

PyObject *
te_py_nb_matmul (PyObject *a, PyObject *b)
{
  return binary_op (MATMUL, a, b, false);
}

PyObject *
te_py_nb_lshift (PyObject *a, PyObject *b)
{
  return reflected (LSHIFT, a, b);
}

PyObject *
te_py_nb_rshift (PyObject *a, PyObject *b)
{
  return reflected (RSHIFT, a, b);
}

PyObject *
te_py_nb_and (PyObject *a, PyObject *b)
{
  return commutative (AND, a, b);
}

PyObject *
te_py_nb_or (PyObject *a, PyObject *b)
{
  return commutative (OR, a, b);
}

PyObject *
te_py_nb_xor (PyObject *a, PyObject *b)
{
  return commutative (XOR, a, b);
}

#define INPLACE(name, which)                                                                                 \
  PyObject *te_py_nb_##name (PyObject *a, PyObject *b)                                                       \
  {                                                                                                          \
    return binary_op (which, a, b, true);                                                                    \
  }
INPLACE (iadd, ADD)
INPLACE (isubtract, SUBTRACT)
INPLACE (imultiply, MULTIPLY)
INPLACE (iremainder, REMAINDER)
INPLACE (itrue_divide, TRUE_DIVIDE)
INPLACE (ifloor_divide, FLOOR_DIVIDE)
INPLACE (ilshift, LSHIFT)
INPLACE (irshift, RSHIFT)
INPLACE (iand, AND)
INPLACE (ior, OR)
INPLACE (ixor, XOR)

/* 2 ** t is torch.tensor (2, dtype=result_type) ** t, as PyTorch has it: a 0-dim tensor, not a wrapped
 * number. */
PyObject *
te_py_nb_power (PyObject *a, PyObject *b, PyObject *modulo)
{
  if (te_py_is_tensor (a) || !te_py_is_number (a))
    return binary_op (POWER, a, b, false);
  TeScalar base;
  TeError err;
  te_error_clear (&err);
  if (!te_py_to_scalar (a, &base))
    return NULL;
  TeDtype dtype = (TeDtype) te_py_tensor (b)->dtype;
  TeCategory category = te_dtype_info[dtype].category;
  if (base.category > category)
    dtype = te_scalar_dtype (base);
  TeTensor *left = te_tensor_new_scalar (base, dtype, &err);
  if (!left)
    return te_py_raise (&err);
  PyObject *result = tensor_op (&binaries[POWER], left, te_py_tensor (b), false);
  te_tensor_unref (left);
  return result;
}

PyObject *
te_py_nb_ipower (PyObject *a, PyObject *b, PyObject *modulo)
{
  return binary_op (POWER, a, b, true);
}

static PyObject *
unary (const TeOp *op, const char *name, PyObject *a)
{
  TeValue values[TE_OP_MAX_ARGS];
  values[0] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = te_py_tensor (a) };
  return run (op, name, values, 1, false);
}

PyObject *
te_py_nb_negative (PyObject *a)
{
  return unary (neg, "neg", a);
}

PyObject *
te_py_nb_positive (PyObject *a)
{
  if (te_py_tensor (a)->dtype == TE_BOOL)
    return PyErr_Format (PyExc_RuntimeError, "The `+` operator, on a bool tensor is not supported.");
  if (!positive)
    return Py_NewRef (a);
  return unary (positive, "positive", a);
}

PyObject *
te_py_nb_absolute (PyObject *a)
{
  return unary (absolute, "abs", a);
}

PyObject *
te_py_nb_invert (PyObject *a)
{
  if (te_dtype_is_inexact (te_tensor_dtype (te_py_tensor (a))))
    return PyErr_Format (PyExc_TypeError,
                         "~ (operator.invert) is only implemented on integer and Boolean-type tensors");
  return unary (bitwise_not, "bitwise_not", a);
}

/* ---- numbers out of tensors ---- */
static bool
one_element (PyObject *a, TeScalar *value)
{
  TeTensor *tensor = te_py_tensor (a);
  if (!te_py_batch_refuse (tensor, TE_PY_BATCH_NUMBER))
    return false;
  if (tensor->numel != 1)
    {
      PyErr_SetString (PyExc_ValueError, "only one element tensors can be converted to Python scalars");
      return false;
    }
  if (te_tensor_is_meta (tensor))
    {
      TeError err;
      te_meta_refuse ("_local_scalar_dense", &err);
      te_py_raise (&err);
      return false;
    }
  *value = te_tensor_first (tensor);
  return true;
}

int
te_py_nb_bool (PyObject *a)
{
  TeTensor *tensor = te_py_tensor (a);
  TeScalar value;
  if (!te_py_batch_refuse (tensor, TE_PY_BATCH_TRUTH))
    return -1;
  if (tensor->numel > 1)
    {
      PyErr_SetString (PyExc_RuntimeError, "Boolean value of Tensor with more than one value is ambiguous");
      return -1;
    }
  if (tensor->numel == 0)
    {
      PyErr_SetString (PyExc_RuntimeError, "Boolean value of Tensor with no values is ambiguous");
      return -1;
    }
  if (__builtin_expect (te_py_tracing, 0) && !te_py_trace_warn_python ("boolean"))
    return -1;
  if (!one_element (a, &value))
    return -1;
  return value.category == TE_CATEGORY_INT || value.category == TE_CATEGORY_BOOL
             ? value.i != 0
             : value.f != 0 || te_scalar_imag (value) != 0;
}

/* A complex number with an imaginary part is no real number. */
static bool
real_element (PyObject *a, TeScalar *value, const char *type)
{
  if (!one_element (a, value))
    return false;
  if (te_scalar_imag (*value) == 0)
    return true;
  PyErr_Format (PyExc_RuntimeError, "value cannot be converted to type %s without overflow", type);
  return false;
}

PyObject *
te_py_nb_int (PyObject *a)
{
  TeScalar value;
  if (__builtin_expect (te_py_tracing, 0) && !te_py_trace_warn_python ("integer"))
    return NULL;
  if (!real_element (a, &value, "int64_t"))
    return NULL;
  return value.category >= TE_CATEGORY_FLOAT ? PyLong_FromDouble (value.f) : PyLong_FromLongLong (value.i);
}

PyObject *
te_py_nb_float (PyObject *a)
{
  TeScalar value;
  if (__builtin_expect (te_py_tracing, 0) && !te_py_trace_warn_python ("float"))
    return NULL;
  return real_element (a, &value, "double") ? PyFloat_FromDouble (te_scalar_to_double (value)) : NULL;
}

PyObject *
te_py_nb_index (PyObject *a)
{
  TeTensor *tensor = te_py_tensor (a);
  TeScalar value;
  if (tensor->numel != 1 || !te_dtype_is_integral (te_tensor_dtype (tensor), true))
    return PyErr_Format (PyExc_TypeError,
                         "only integer tensors of a single element can be converted to an index");
  return one_element (a, &value) ? PyLong_FromLongLong (value.i) : NULL;
}

/* ---- comparisons ---- */
PyObject *
te_py_compare (PyObject *a, PyObject *b, int how)
{
  static const int rows[] = {
    [Py_LT] = LT, [Py_LE] = LE, [Py_EQ] = EQ, [Py_NE] = NE, [Py_GT] = GT, [Py_GE] = GE
  };
  return binary_op (rows[how], a, b, false);
}
