/* Types of values in a graph.  Each type is made once: equal types have equal addresses. */
#pragma once

#include "core/tensor.h"
#include "jit/arena.h"

typedef enum
{
  TE_JIT_TENSOR,
  TE_JIT_INT,
  TE_JIT_FLOAT,
  TE_JIT_BOOL,
  TE_JIT_STR,
  TE_JIT_NONE,
  TE_JIT_NUMBER, /* Scalar: int, float or bool */
  TE_JIT_DEVICE,
  TE_JIT_GENERATOR,
  TE_JIT_ANY,
  TE_JIT_VAR, /* "t" in a schema: any type, the same wherever it stands */
  TE_JIT_LIST,
  TE_JIT_TUPLE,
  TE_JIT_DICT,
  TE_JIT_OPTIONAL,
  TE_JIT_UNION, /* two or more types, of which a value is one */
  TE_JIT_CLASS,
  TE_JIT_FUNCTION,
} TeJitKind;

typedef struct TeJitType TeJitType;
typedef struct TeJitClass TeJitClass;

struct TeJitType
{
  TeJitKind kind;
  const char
      *text; /* as graphs show it: "int[]", "Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)" */
  const char *annotation; /* as code shows it: "List[int]" */
  int n;                  /* parts: element; members; key and value */
  const TeJitType **items;
  const char *name;    /* VAR, CLASS, a named tuple's class */
  const char **fields; /* of a named tuple */
  TeJitClass *class;   /* CLASS */
  bool inferred;       /* TENSOR only because nothing else was said */
  /* TENSOR with what a trace saw: dtype TE_DTYPE_NONE when nothing is known */
  TeDtype dtype;
  bool has_sizes;
  int ndim;
};

const TeJitType *te_jit_type_simple (TeJitKind kind);
const TeJitType *te_jit_type_inferred_tensor (void);
const TeJitType *
te_jit_type_of_tensor (const TeTensor *tensor); /* dtype, sizes, strides, requires_grad, device */
const TeJitType *te_jit_type_of_number_tensor (TeDtype dtype); /* "Long(device=cpu)" */
const TeJitType *te_jit_type_list (const TeJitType *element);
const TeJitType *te_jit_type_optional (const TeJitType *element);
const TeJitType *te_jit_type_dict (const TeJitType *key, const TeJitType *value);
const TeJitType *
te_jit_type_tuple (int n, const TeJitType *const *items, const char *name, const char *const *fields);
const TeJitType *te_jit_type_union (int n,
                                    const TeJitType *const *items); /* of two with None: the Optional */
int te_jit_type_order (const void *a,
                       const void *b); /* of two const TeJitType *: for sorting as PyTorch does */
const TeJitType *te_jit_type_var (const char *name);
const TeJitType *te_jit_type_class (const char *name, TeJitClass *class);
const TeJitType *
te_jit_type_plain (const TeJitType *type); /* tensors without what a trace saw, at any depth */

bool te_jit_type_is (const TeJitType *type, const TeJitType *other); /* type is a kind of other */
/* type without those of the union's or optional's members that are kinds of the given ones; NULL when none is
 * left. */
const TeJitType *te_jit_type_without (const TeJitType *type, int n, const TeJitType *const *items);
/* The type of a value that is of one or of the other; NULL when there is none. */
const TeJitType *te_jit_type_unify (const TeJitType *a, const TeJitType *b);
static inline bool
te_jit_type_is_number (const TeJitType *type)
{
  return type->kind == TE_JIT_INT || type->kind == TE_JIT_FLOAT || type->kind == TE_JIT_BOOL
         || type->kind == TE_JIT_NUMBER;
}
/* "List[int]" in errors: the annotation, where an inferred tensor says so. */
const char *te_jit_type_error_text (const TeJitType *type);
