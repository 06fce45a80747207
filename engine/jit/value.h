/* What a value of a running graph is.  Containers are counted by references and may hold one another. */
#pragma once

#include "core/tensor.h"
#include "jit/type.h"

typedef enum
{
  TE_JIT_V_NONE = 0,
  TE_JIT_V_TENSOR,
  TE_JIT_V_INT,
  TE_JIT_V_FLOAT,
  TE_JIT_V_BOOL,
  TE_JIT_V_DEVICE, /* i: 0 cpu, 1 meta */
  TE_JIT_V_STR,
  TE_JIT_V_LIST,
  TE_JIT_V_TUPLE,
  TE_JIT_V_DICT,     /* items: key, value, key, value … in order of insertion */
  TE_JIT_V_OBJECT,   /* a module: lent by whoever made it */
  TE_JIT_V_FUNCTION, /* lent: lasts as long as the process */
} TeJitTag;

typedef struct TeJitData TeJitData;
typedef struct TeJitFunction TeJitFunction;
typedef struct TeJitSchema TeJitSchema; /* what an op is called: schema.h */

typedef struct
{
  TeJitTag tag;
  union
  {
    int64_t i;
    double f;
    bool b;
    TeTensor *tensor;
    TeJitData *data;
    void *object;
    TeJitFunction *function;
  };
} TeJitAny;

struct TeJitData
{
  int64_t refcount;
  const TeJitType *type; /* LIST, TUPLE, DICT: static type where it is known, else NULL */
  int n, room;
  union
  {
    TeJitAny *items;
    char *text; /* STR: n bytes and a 0 */
  };
};

static inline TeJitAny
te_jit_none (void)
{
  return (TeJitAny){ 0 };
}
static inline TeJitAny
te_jit_int (int64_t i)
{
  return (TeJitAny){ TE_JIT_V_INT, { .i = i } };
}
static inline TeJitAny
te_jit_float (double f)
{
  return (TeJitAny){ TE_JIT_V_FLOAT, { .f = f } };
}
static inline TeJitAny
te_jit_bool (bool b)
{
  return (TeJitAny){ TE_JIT_V_BOOL, { .b = b } };
}
static inline TeJitAny
te_jit_take_tensor (TeTensor *tensor) /* takes the reference; NULL: None */
{
  return tensor ? (TeJitAny){ TE_JIT_V_TENSOR, { .tensor = tensor } } : te_jit_none ();
}
TeJitAny te_jit_str (const char *text, size_t n);
TeJitAny te_jit_container (TeJitTag tag, const TeJitType *type);
void te_jit_append (TeJitAny *container, TeJitAny item); /* takes item */
TeJitAny te_jit_ref (TeJitAny value);                    /* a new reference */
void te_jit_unref (TeJitAny value);
bool te_jit_equal (TeJitAny a, TeJitAny b);                          /* of values without tensors */
int te_jit_dict_find (TeJitAny dict, TeJitAny key);                  /* position of its value, or -1 */
void te_jit_dict_set (TeJitAny *dict, TeJitAny key, TeJitAny value); /* takes both */
double te_jit_as_double (TeJitAny value);                            /* of INT, FLOAT, BOOL */
bool te_jit_any_is (TeJitAny value,
                    const TeJitType *type); /* is it of that type?  Of containers all items are asked */
const TeJitType *te_jit_type_of (TeJitAny value);
void te_jit_text_value (TeJitText *text, TeJitAny value); /* as print shows it */
