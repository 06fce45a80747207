/* What ops are called in graphs, in ATen's grammar: names, argument order, defaults, types.  Most come from
 * the op table itself; where ATen's form has more arguments, or is another name, a row of op-schemas.c says
 * so; numbers, lists and texts have rows of their own in the builtin files. */
#pragma once

#include "base/err.h"
#include "jit/value.h"
#include "ops/op-def.h"

typedef struct
{
  const char *name;
  const TeJitType *type;
  bool has_default;
  bool keyword_only;
  bool mutated;
  int list_size; /* int[2]: one number stands for two; 0: any length */
  TeJitAny default_value;
} TeJitArg;

/* Runs a builtin: n borrowed values in, owned ones out. */
typedef bool (*TeJitBuiltin) (const TeJitAny *in, int n, TeJitAny *out, TeError *err);

struct TeJitSchema
{
  const char *name;     /* "aten::add" */
  const char *overload; /* "Tensor" or "" */
  const char *text;     /* the whole, as errors list it */
  int n_args;
  TeJitArg *args;
  int n_returns;
  const TeJitType **returns;
  const char **return_names; /* of a named tuple, else NULL */
  bool mutates;
  const TeOp *op;                 /* the row that runs it, or NULL */
  bool inplace;                   /* as op_ */
  int8_t op_args[TE_OP_MAX_ARGS]; /* for each of op's arguments the schema's, or -1: its default */
  TeJitBuiltin run;
  bool random;
};

void te_jit_schemas_init (void); /* idempotent; after te_registry_init */
/* All overloads of "aten::add" in order; NULL and 0 when there are none. */
const TeJitSchema *const *te_jit_schemas_find (const char *name, int *n);
const TeJitSchema *te_jit_schema_of_op (const TeOp *op, bool inplace); /* how a trace names a call */
/* Adds a row.  text "aten::len.t(t[] a) -> int"; op and run may be NULL. */
void te_jit_schema_add (const char *text, const TeOp *op, TeJitBuiltin run);
int te_jit_schemas_count (void);
const TeJitSchema *te_jit_schemas_get (int index);

/* PyTorch's number of a dtype in graphs, and back (TE_DTYPE_NONE: none of ours). */
int te_jit_dtype_number (TeDtype dtype);
TeDtype te_jit_dtype_of_number (int64_t number);

/* Runs an op's row with values in the schema's order. */
bool te_jit_schema_call (
    const TeJitSchema *schema, const TeJitAny *in, int n, TeJitAny *out, int n_out, TeError *err);
/* Can these values be the schema's arguments? */
bool te_jit_schema_takes (const TeJitSchema *schema, const TeJitAny *in, int n);

/* x[start:end:step] of n items: n of them from `from` on. */
typedef struct
{
  int64_t from, step, n;
} TeJitSlice;
bool te_jit_slice_of (const TeJitAny *bounds,
                      int64_t n,
                      TeJitSlice *out,
                      TeError *err); /* start, end, step or None */

/* ---- families of rows ---- */
void te_jit_add_op_schemas (void);
void te_jit_add_number_builtins (void);
void te_jit_add_extreme_builtins (void);
void te_jit_add_list_builtins (void);
void te_jit_add_text_builtins (void);
void te_jit_add_tensor_builtins (void);
