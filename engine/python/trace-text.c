/* "dim=1, keepdim=True": the arguments of a call that are no tensors and not what they are by default. */
#include "python/trace-private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  char *at, *end;
} Out;

/* Texts are a few bytes long. */
static void
put_text (Out *out, const char *text)
{
  while (*text && out->at < out->end)
    *out->at++ = *text++;
}

static void
put_int (Out *out, int64_t value)
{
  char digits[24];
  int n = 0;
  uint64_t rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;
  do
    digits[n++] = (char) ('0' + rest % 10);
  while (rest /= 10);
  if (value < 0)
    digits[n++] = '-';
  while (n && out->at < out->end)
    *out->at++ = digits[--n];
}

/* A training writes the same few rates in every step. */
static const char *
float_text (double value)
{
  static struct
  {
    uint64_t bits;
    char text[40];
  } written[64];
  uint64_t bits;
  memcpy (&bits, &value, sizeof bits);
  size_t at = (size_t) (bits * 0x9e3779b97f4a7c15u >> 58);
  char *text = written[at].text;
  if (!*text || written[at].bits != bits)
    {
      snprintf (text, sizeof written[at].text, "%.6g", value);
      if (!strpbrk (text, ".e"))
        strcat (text, ".0");
      written[at].bits = bits;
    }
  return text;
}

static void
put_float (Out *out, double value)
{
  if (isnan (value) || isinf (value))
    put_text (out, isnan (value) ? "nan" : value < 0 ? "-inf" : "inf");
  else
    put_text (out, float_text (value));
}

static void
put_scalar (Out *out, TeScalar value)
{
  if (value.category == TE_CATEGORY_FLOAT)
    put_float (out, value.f);
  else if (value.category == TE_CATEGORY_BOOL)
    put_text (out, value.i ? "True" : "False");
  else
    put_int (out, value.i);
}

static void
put_list (Out *out, const TeValue *value)
{
  put_text (out, "[");
  for (int i = 0; i < value->count; i++)
    {
      if (i)
        put_text (out, ", ");
      if (value->kind == TE_VALUE_INT_LIST)
        put_int (out, value->ints[i]);
      else
        put_float (out, value->floats[i]);
    }
  put_text (out, "]");
}

static void
put_value (Out *out, const TeValue *value)
{
  switch (value->kind)
    {
    case TE_VALUE_SCALAR:
      put_scalar (out, value->scalar);
      break;
    case TE_VALUE_INT:
      put_int (out, value->i);
      break;
    case TE_VALUE_FLOAT:
      put_float (out, value->f);
      break;
    case TE_VALUE_BOOL:
      put_text (out, value->b ? "True" : "False");
      break;
    case TE_VALUE_INT_LIST:
    case TE_VALUE_FLOAT_LIST:
      put_list (out, value);
      break;
    case TE_VALUE_DTYPE:
      if (value->dtype == TE_DTYPE_NONE)
        put_text (out, "None");
      else
        {
          put_text (out, "torch.");
          put_text (out, te_dtype_name (value->dtype));
        }
      break;
    case TE_VALUE_STRING:
      put_text (out, "'");
      put_text (out, value->string ? value->string : "");
      put_text (out, "'");
      break;
    case TE_VALUE_DEVICE:
      put_text (out, value->i ? "'meta'" : "'cpu'");
      break;
    case TE_VALUE_LAYOUT:
      put_int (out, value->i);
      break;
    case TE_VALUE_TENSOR: /* a Python number */
      put_scalar (out, te_scalar_load (te_tensor_dtype (value->tensor), te_tensor_data (value->tensor)));
      break;
    case TE_VALUE_NONE:
    case TE_VALUE_TENSOR_LIST:
    case TE_VALUE_GENERATOR:
      put_text (out, "None");
      break;
    }
}

static bool
same (const TeValue *a, const TeValue *b)
{
  if (a->kind != b->kind)
    return false;
  switch (a->kind)
    {
    case TE_VALUE_SCALAR:
      return a->scalar.category == b->scalar.category && a->scalar.i == b->scalar.i;
    case TE_VALUE_BOOL:
      return a->b == b->b;
    case TE_VALUE_DTYPE:
      return a->dtype == b->dtype;
    case TE_VALUE_STRING:
      return a->string == b->string || (a->string && b->string && !strcmp (a->string, b->string));
    case TE_VALUE_INT_LIST:
      return a->count == b->count
             && (a->count == 0 || !memcmp (a->ints, b->ints, (size_t) a->count * sizeof *a->ints));
    case TE_VALUE_FLOAT_LIST:
      return a->count == b->count
             && (a->count == 0 || !memcmp (a->floats, b->floats, (size_t) a->count * sizeof *a->floats));
    case TE_VALUE_INT:
    case TE_VALUE_FLOAT:
    case TE_VALUE_DEVICE:
    case TE_VALUE_LAYOUT:
      return a->i == b->i;
    case TE_VALUE_NONE:
      return true;
    case TE_VALUE_TENSOR:
    case TE_VALUE_TENSOR_LIST:
    case TE_VALUE_GENERATOR:
      return false;
    }
  return false;
}

size_t
te_trace_argument_text (const TeOpCall *call, char *buffer, size_t nbytes)
{
  Out out = { buffer, buffer + nbytes };
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeArg *arg = &call->op->args[i];
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR ? !(value->tensor && value->tensor->flags & TE_TENSOR_WRAPPED_NUMBER)
                                         : value->kind == TE_VALUE_NONE || value->kind == TE_VALUE_TENSOR_LIST
                                               || value->kind == TE_VALUE_GENERATOR
                                               || (arg->has_default && same (value, &arg->default_value)))
        continue;
      if (out.at != buffer)
        put_text (&out, ", ");
      put_text (&out, arg->name);
      put_text (&out, "=");
      put_value (&out, value);
    }
  return (size_t) (out.at - buffer);
}
