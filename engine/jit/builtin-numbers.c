/* Arithmetic on numbers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit/schema.h"

static bool
both_ints (const TeJitAny *in)
{
  return in[0].tag != TE_JIT_V_FLOAT && in[1].tag != TE_JIT_V_FLOAT;
}

static int64_t
int_of (TeJitAny value)
{
  return value.tag == TE_JIT_V_BOOL ? value.b : value.i;
}

/* Integers wrap, as they do in a register. */
#define ARITHMETIC(name, int_op, float_expression)                                                           \
  static bool name (const TeJitAny *in, int n, TeJitAny *out, TeError *err)                                  \
  {                                                                                                          \
    double a = te_jit_as_double (in[0]), b = te_jit_as_double (in[1]);                                       \
    out[0] = both_ints (in)                                                                                  \
                 ? te_jit_int ((int64_t) ((uint64_t) int_of (in[0]) int_op (uint64_t) int_of (in[1])))       \
                 : te_jit_float (float_expression);                                                          \
    return true;                                                                                             \
  }
ARITHMETIC (add, +, a + b)
ARITHMETIC (sub, -, a - b)
ARITHMETIC (mul, *, a *b)

static bool
divide (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  double b = te_jit_as_double (in[1]);
  if (b == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "division by zero");
  out[0] = te_jit_float (te_jit_as_double (in[0]) / b);
  return true;
}

static int64_t
floor_div (int64_t a, int64_t b)
{
  int64_t q = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

static bool
floordiv (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (te_jit_as_double (in[1]) == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "division by 0");
  if (both_ints (in) && int_of (in[1]) == -1)
    out[0] = te_jit_int ((int64_t) - (uint64_t) int_of (in[0]));
  else if (both_ints (in))
    out[0] = te_jit_int (floor_div (int_of (in[0]), int_of (in[1])));
  else
    out[0] = te_jit_float (floor (te_jit_as_double (in[0]) / te_jit_as_double (in[1])));
  return true;
}

static bool
python_remainder (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (both_ints (in))
    {
      int64_t a = int_of (in[0]), b = int_of (in[1]);
      if (b == 0)
        return te_error_set (err, TE_ERR_RUNTIME, "modulo by zero");
      out[0] = te_jit_int (b == -1 ? 0 : a - floor_div (a, b) * b);
      return true;
    }
  double a = te_jit_as_double (in[0]), b = te_jit_as_double (in[1]);
  if (b == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "modulo by zero");
  out[0] = te_jit_float (fmod (b + fmod (a, b), b));
  return true;
}

static bool
power (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_float (pow (te_jit_as_double (in[0]), te_jit_as_double (in[1])));
  return true;
}

#define COMPARISON(name, op)                                                                                 \
  static bool name (const TeJitAny *in, int n, TeJitAny *out, TeError *err)                                  \
  {                                                                                                          \
    if (in[0].tag == TE_JIT_V_STR)                                                                           \
      out[0] = te_jit_bool (strcmp (in[0].data->text, in[1].data->text) op 0);                               \
    else                                                                                                     \
      out[0] = te_jit_bool (both_ints (in) ? int_of (in[0]) op int_of (in[1])                                \
                                           : te_jit_as_double (in[0]) op te_jit_as_double (in[1]));          \
    return true;                                                                                             \
  }
COMPARISON (lt, <)
COMPARISON (gt, >)
COMPARISON (le, <=)
COMPARISON (ge, >=)

static bool
eq (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (te_jit_equal (in[0], in[1]));
  return true;
}

static bool
ne (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (!te_jit_equal (in[0], in[1]));
  return true;
}

static bool
least (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_as_double (in[1]) < te_jit_as_double (in[0]) ? in[1] : in[0];
  if (!both_ints (in))
    out[0] = te_jit_float (te_jit_as_double (out[0]));
  return true;
}

static bool
most (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_as_double (in[1]) > te_jit_as_double (in[0]) ? in[1] : in[0];
  if (!both_ints (in))
    out[0] = te_jit_float (te_jit_as_double (out[0]));
  return true;
}

static bool
negate (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = in[0].tag == TE_JIT_V_FLOAT ? te_jit_float (-in[0].f)
                                       : te_jit_int ((int64_t) - (uint64_t) int_of (in[0]));
  return true;
}

static bool
absolute (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = in[0].tag == TE_JIT_V_FLOAT ? te_jit_float (fabs (in[0].f)) : te_jit_int (llabs (in[0].i));
  return true;
}

static bool
is_same (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  bool none = in[1].tag == TE_JIT_V_NONE || in[0].tag == TE_JIT_V_NONE;
  out[0] = te_jit_bool (none ? in[0].tag == in[1].tag : te_jit_equal (in[0], in[1]));
  return true;
}

static bool
is_not_same (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  is_same (in, n, out, err);
  out[0].b = !out[0].b;
  return true;
}

static bool not(const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (te_jit_as_double (in[0]) == 0);
  return true;
}

#define BITS(name, op)                                                                                       \
  static bool name (const TeJitAny *in, int n, TeJitAny *out, TeError *err)                                  \
  {                                                                                                          \
    int64_t value = int_of (in[0]) op int_of (in[1]);                                                        \
    out[0] = in[0].tag == TE_JIT_V_BOOL ? te_jit_bool (value) : te_jit_int (value);                          \
    return true;                                                                                             \
  }
BITS (and_bits, &)
BITS (or_bits, |)
BITS (xor_bits, ^)

static bool
shift (const TeJitAny *in, int n, TeJitAny *out, TeError *err, bool left)
{
  uint64_t by = (uint64_t) in[1].i;
  if (by > 63)
    return te_error_set (err, TE_ERR_RUNTIME, "negative shift count");
  out[0] = te_jit_int (left ? (int64_t) ((uint64_t) in[0].i << by) : in[0].i >> by);
  return true;
}

static bool
lshift (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return shift (in, n, out, err, true);
}

static bool
rshift (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return shift (in, n, out, err, false);
}

/* ---- conversions ---- */
static bool
to_int (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (in[0].tag == TE_JIT_V_FLOAT ? (int64_t) in[0].f : int_of (in[0]));
  return true;
}

static bool
to_float (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_float (te_jit_as_double (in[0]));
  return true;
}

static bool
to_bool (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (te_jit_as_double (in[0]) != 0);
  return true;
}

static bool
text_to_number (const TeJitAny *in, TeJitAny *out, bool whole, TeError *err)
{
  char *end;
  const char *text = in[0].data->text;
  out[0] = whole ? te_jit_int (strtoll (text, &end, 10)) : te_jit_float (strtod (text, &end));
  if (*end || end == text)
    return te_error_set (err, TE_ERR_RUNTIME,
                         whole ? "invalid literal for int() with base 10: '%s'"
                               : "could not convert string to float: '%s'",
                         text);
  return true;
}

static bool
text_to_int (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return text_to_number (in, out, true, err);
}

static bool
text_to_float (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return text_to_number (in, out, false, err);
}

/* ---- functions of one number ---- */
#define OF_FLOAT(name, expression)                                                                           \
  static bool name (const TeJitAny *in, int n, TeJitAny *out, TeError *err)                                  \
  {                                                                                                          \
    double x = te_jit_as_double (in[0]);                                                                     \
    out[0] = te_jit_float (expression);                                                                      \
    return true;                                                                                             \
  }
OF_FLOAT (f_sqrt, sqrt (x))
OF_FLOAT (f_exp, exp (x))
OF_FLOAT (f_log, log (x))
OF_FLOAT (f_log2, log2 (x))
OF_FLOAT (f_log10, log10 (x))
OF_FLOAT (f_log1p, log1p (x))
OF_FLOAT (f_expm1, expm1 (x))
OF_FLOAT (f_sin, sin (x))
OF_FLOAT (f_cos, cos (x))
OF_FLOAT (f_tan, tan (x))
OF_FLOAT (f_asin, asin (x))
OF_FLOAT (f_asinh, asinh (x))
OF_FLOAT (f_acosh, acosh (x))
OF_FLOAT (f_atanh, atanh (x))
OF_FLOAT (f_acos, acos (x))
OF_FLOAT (f_atan, atan (x))
OF_FLOAT (f_sinh, sinh (x))
OF_FLOAT (f_cosh, cosh (x))
OF_FLOAT (f_tanh, tanh (x))
OF_FLOAT (f_fabs, fabs (x))
OF_FLOAT (f_degrees, x * 180 / 3.14159265358979323846)
OF_FLOAT (f_radians, x * 3.14159265358979323846 / 180)
OF_FLOAT (f_gamma, tgamma (x))
OF_FLOAT (f_lgamma, lgamma (x))
OF_FLOAT (f_erf, erf (x))
OF_FLOAT (f_erfc, erfc (x))
OF_FLOAT (f_round, rint (x))

#define TO_INT(name, expression)                                                                             \
  static bool name (const TeJitAny *in, int n, TeJitAny *out, TeError *err)                                  \
  {                                                                                                          \
    double x = te_jit_as_double (in[0]);                                                                     \
    out[0] = te_jit_int ((int64_t) (expression));                                                            \
    return true;                                                                                             \
  }
TO_INT (f_floor, floor (x))
TO_INT (f_ceil, ceil (x))
TO_INT (f_trunc, trunc (x))

#define IS(name, expression)                                                                                 \
  static bool name (const TeJitAny *in, int n, TeJitAny *out, TeError *err)                                  \
  {                                                                                                          \
    double x = te_jit_as_double (in[0]);                                                                     \
    out[0] = te_jit_bool (expression);                                                                       \
    return true;                                                                                             \
  }
IS (f_isnan, isnan (x))
IS (f_isinf, isinf (x))
IS (f_isfinite, isfinite (x))

static bool
f_atan2 (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_float (atan2 (te_jit_as_double (in[0]), te_jit_as_double (in[1])));
  return true;
}

static bool
f_fmod (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_float (fmod (te_jit_as_double (in[0]), te_jit_as_double (in[1])));
  return true;
}

static bool
f_log_to_base (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_float (log (te_jit_as_double (in[0])) / log (te_jit_as_double (in[1])));
  return true;
}

static bool
f_copysign (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_float (copysign (te_jit_as_double (in[0]), te_jit_as_double (in[1])));
  return true;
}

static bool
f_divmod (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (te_jit_as_double (in[1]) == 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         both_ints (in) ? "ZeroDivisionError: integer division or modulo by zero"
                                        : "ZeroDivisionError: float divmod()");
  return floordiv (in, n, &out[0], err) && python_remainder (in, n, &out[1], err);
}

static bool
f_modf (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  double whole, rest = modf (in[0].f, &whole);
  out[0] = te_jit_float (rest);
  out[1] = te_jit_float (whole);
  return true;
}

static bool
f_frexp (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int exponent;
  out[0] = te_jit_float (frexp (in[0].f, &exponent));
  out[1] = te_jit_int (exponent);
  return true;
}

static bool
f_ldexp (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_float (ldexp (in[0].f, (int) in[1].i));
  return true;
}

static bool
f_gcd (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int64_t a = llabs (in[0].i), b = llabs (in[1].i);
  while (b)
    {
      int64_t rest = a % b;
      a = b;
      b = rest;
    }
  out[0] = te_jit_int (a);
  return true;
}

static bool
f_factorial (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (in[0].i < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "factorial() not defined for negative values");
  uint64_t product = 1;
  for (int64_t i = 2; i <= in[0].i && i < 100; i++)
    product *= (uint64_t) i;
  out[0] = te_jit_int ((int64_t) product);
  return true;
}

static bool
range_length (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int64_t from = in[0].i, to = in[1].i, step = in[2].i;
  if (step == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "range() arg 3 must not be zero");
  int64_t count =
      step > 0 ? (to > from ? (to - from - 1) / step + 1 : 0) : (from > to ? (from - to - 1) / -step + 1 : 0);
  out[0] = te_jit_int (count);
  return true;
}

static bool
derive_index (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (in[1].i + in[0].i * in[2].i);
  return true;
}

/* ---- rows ---- */
static void
add_row (const char *name, const char *overload, const char *args, const char *result, TeJitBuiltin run)
{
  te_jit_schema_add (
      te_jit_intern_format ("%s%s%s(%s) -> %s", name, *overload ? "." : "", overload, args, result), NULL,
      run);
}

/* NULL result: of the arguments' kind. */
static void
add_binary (const char *name, const char *result, TeJitBuiltin run, bool scalar)
{
  add_row (name, "int", "int a, int b", result ? result : "int", run);
  add_row (name, "float", "float a, float b", result ? result : "float", run);
  add_row (name, "int_float", "int a, float b", result ? result : "float", run);
  add_row (name, "float_int", "float a, int b", result ? result : "float", run);
  if (scalar)
    add_row (name, "", "Scalar a, Scalar b", result ? result : "Scalar", run);
}

static void
add_function (const char *name, TeJitBuiltin run)
{
  add_row (name, "int", "int a", "float", run);
  add_row (name, "float", "float a", "float", run);
  add_row (name, "Scalar", "Scalar a", "Scalar", run);
}

static const struct
{
  const char *name;
  TeJitBuiltin run;
} functions[] = { { "sqrt", f_sqrt },       { "exp", f_exp },     { "log", f_log },
                  { "log2", f_log2 },       { "log10", f_log10 }, { "log1p", f_log1p },
                  { "expm1", f_expm1 },     { "sin", f_sin },     { "cos", f_cos },
                  { "tan", f_tan },         { "asin", f_asin },   { "acos", f_acos },
                  { "atan", f_atan },       { "sinh", f_sinh },   { "cosh", f_cosh },
                  { "tanh", f_tanh },       { "fabs", f_fabs },   { "degrees", f_degrees },
                  { "radians", f_radians }, { "gamma", f_gamma }, { "lgamma", f_lgamma },
                  { "acosh", f_acosh },     { "asinh", f_asinh }, { "atanh", f_atanh },
                  { "erf", f_erf },         { "erfc", f_erfc } };

static const struct
{
  const char *text;
  TeJitBuiltin run;
} rows[] = {
  { "aten::neg.int(int a) -> int", negate },
  { "aten::neg.float(float a) -> float", negate },
  { "aten::neg.Scalar(Scalar a) -> Scalar", negate },
  { "prim::abs.int(int a) -> int", absolute },
  { "prim::abs.float(float a) -> float", absolute },
  { "prim::abs.Scalar(Scalar a) -> Scalar", absolute },
  { "aten::__is__(t1 self, t2 obj) -> bool", is_same },
  { "aten::__isnot__(t1 self, t2 obj) -> bool", is_not_same },
  { "aten::__not__(bool self) -> bool", not },
  { "aten::__and__.bool(bool a, bool b) -> bool", and_bits },
  { "aten::__and__.int(int a, int b) -> int", and_bits },
  { "aten::__or__.bool(bool a, bool b) -> bool", or_bits },
  { "aten::__or__.int(int a, int b) -> int", or_bits },
  { "aten::__xor__.bool(bool a, bool b) -> bool", xor_bits },
  { "aten::__xor__.int(int a, int b) -> int", xor_bits },
  { "aten::__lshift__.int(int a, int b) -> int", lshift },
  { "aten::__rshift__.int(int a, int b) -> int", rshift },
  { "aten::eq.bool(bool a, bool b) -> bool", eq },
  { "aten::eq.str(str a, str b) -> bool", eq },
  { "aten::eq.device(Device a, Device b) -> bool", eq },
  { "aten::ne.bool(bool a, bool b) -> bool", ne },
  { "aten::ne.str(str a, str b) -> bool", ne },
  { "aten::ne.device(Device a, Device b) -> bool", ne },
  { "aten::lt.str(str a, str b) -> bool", lt },
  { "aten::gt.str(str a, str b) -> bool", gt },
  { "aten::le.str(str a, str b) -> bool", le },
  { "aten::ge.str(str a, str b) -> bool", ge },
  { "aten::Int.bool(bool a) -> int", to_int },
  { "aten::Int.float(float a) -> int", to_int },
  { "aten::Int.Scalar(Scalar a) -> int", to_int },
  { "aten::Int.str(str a) -> int", text_to_int },
  { "aten::Float.int(int a) -> float", to_float },
  { "aten::Float.bool(bool a) -> float", to_float },
  { "aten::Float.Scalar(Scalar a) -> float", to_float },
  { "aten::Float.str(str a) -> float", text_to_float },
  { "aten::Bool.int(int a) -> bool", to_bool },
  { "aten::Bool.float(float a) -> bool", to_bool },
  { "aten::floor.int(int a) -> int", f_floor },
  { "aten::floor.float(float a) -> int", f_floor },
  { "aten::ceil.int(int a) -> int", f_ceil },
  { "aten::ceil.float(float a) -> int", f_ceil },
  { "aten::trunc.float(float a) -> int", f_trunc },
  { "aten::round.int(int a) -> float", f_round },
  { "aten::round.float(float a) -> float", f_round },
  { "aten::isnan.float(float a) -> bool", f_isnan },
  { "aten::isinf.float(float a) -> bool", f_isinf },
  { "aten::isfinite.float(float a) -> bool", f_isfinite },
  { "aten::divmod.int(int x, int y) -> (int, int)", f_divmod },
  { "aten::divmod.float(float x, float y) -> (float, float)", f_divmod },
  { "aten::modf(float a) -> (float, float)", f_modf },
  { "aten::frexp(float a) -> (float, int)", f_frexp },
  { "aten::ldexp(float x, int i) -> float", f_ldexp },
  { "aten::gcd.int(int a, int b) -> int", f_gcd },
  { "aten::factorial.int(int a) -> int", f_factorial },
  { "aten::__range_length(int lo, int hi, int step) -> int", range_length },
  { "aten::__derive_index(int index, int start, int step) -> int", derive_index },
};

/* These come before the rows for lists. */
void
te_jit_add_extreme_builtins (void)
{
  add_binary ("prim::min", NULL, least, true);
  add_binary ("prim::max", NULL, most, true);
}

void
te_jit_add_number_builtins (void)
{
  add_binary ("aten::add", NULL, add, true);
  add_binary ("aten::sub", NULL, sub, true);
  add_binary ("aten::mul", NULL, mul, true);
  add_binary ("aten::div", "float", divide, true);
  add_binary ("aten::floordiv", NULL, floordiv, true);
  add_binary ("aten::remainder", NULL, python_remainder, true);
  add_binary ("aten::pow", "float", power, true);
  add_binary ("aten::log", "float", f_log_to_base, true);
  add_binary ("aten::fmod", "float", f_fmod, true);
  add_binary ("aten::atan2", "float", f_atan2, true);
  add_binary ("aten::copysign", "float", f_copysign, true);
  add_binary ("aten::eq", "bool", eq, true);
  add_binary ("aten::ne", "bool", ne, true);
  add_binary ("aten::lt", "bool", lt, true);
  add_binary ("aten::gt", "bool", gt, true);
  add_binary ("aten::le", "bool", le, true);
  add_binary ("aten::ge", "bool", ge, true);
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    add_function (te_jit_intern_format ("aten::%s", functions[i].name), functions[i].run);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    te_jit_schema_add (rows[i].text, NULL, rows[i].run);
}
