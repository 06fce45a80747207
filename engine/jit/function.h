/* Functions and classes of programs. */
#pragma once

#include "base/err.h"
#include "jit/graph.h"

typedef struct
{
  const char *name;
  const TeJitType *type;
  int list_size; /* int[2]: one number stands for two; 0: any length */
  bool has_default;
  TeJitAny default_value;
} TeJitParam;

struct TeJitFunction
{
  const char *name;      /* "relu" */
  const char *qualified; /* "__torch__.torch.nn.functional.relu" */
  TeJitGraph *graph;     /* owned; NULL while it is being made */
  TeJitGraph *optimized; /* what runs: graph with calls in place; NULL: graph */
  int n_params, params_room;
  TeJitParam *params;
  const TeJitType *returns;
  TeJitClass *class; /* of a method */
  bool ignored;      /* stands for Python: calls python */
  bool unused;       /* calls of it only raise */
  void *python;
  void *compile; /* frontend: what is yet to be compiled, or NULL */
};

typedef struct
{
  const char *name;
  const TeJitType *type;
  bool parameter, buffer;
} TeJitField;

struct TeJitClass
{
  const TeJitType *type;
  int n_fields, fields_room;
  TeJitField *fields;
  int n_methods, methods_room;
  TeJitFunction **methods;
  int n_constants, constants_room;
  TeJitField *constants; /* names and types; values lie in constant_values */
  TeJitAny *constant_values;
  int values_room, n_values;
  bool is_interface;
  void *python; /* frontend: the Python class whose code it is */
};

TeJitFunction *te_jit_function_new (const char *qualified); /* lasts as long as the process */
const char *
te_jit_function_declaration (const TeJitFunction *function); /* "r1(Tensor x, Tensor y) -> Tensor" */

/* A class with a name of its own: "__torch__.M", or with ___torch_mangle_N in it when that is taken. */
TeJitClass *te_jit_class_new (const char *qualified);
const TeJitField *te_jit_class_field (const TeJitClass *class, const char *name);
void te_jit_class_add_field (
    TeJitClass *class, const char *name, const TeJitType *type, bool parameter, bool buffer);
TeJitFunction *te_jit_class_method (const TeJitClass *class, const char *name);
