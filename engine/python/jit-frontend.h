/* The compiler of torch.jit.script: Python's ast to a graph.  It emits prim::Store and prim::Load for local
 * variables and statements for early exits; te_jit_pass_finish makes values of them.
 *
 * Expressions give a Sugar: a value of the graph, or something that only the compiler knows (a Python module,
 * a method that will be called, a tuple that is taken apart, range and its like). */
#pragma once

#include "python/jit-private.h"

typedef enum
{
  SUGAR_NONE, /* an exception is set */
  SUGAR_VAR,
  SUGAR_PYTHON,        /* object: a module, function, class or constant of Python */
  SUGAR_MODULE,        /* object: an nn.Module; var: its value */
  SUGAR_MODULES,       /* object: a ModuleList, Sequential or ModuleDict's values; var: its value */
  SUGAR_MODULE_METHOD, /* object, var, name */
  SUGAR_METHOD,        /* var.name, an op */
  SUGAR_FUNCTION,      /* function */
  SUGAR_TUPLE,         /* items */
  SUGAR_RANGE,         /* items: bounds */
  SUGAR_ENUMERATE,     /* items: what is counted, start */
  SUGAR_ZIP,
} SugarKind;

typedef struct Sugar Sugar;
struct Sugar
{
  SugarKind kind;
  TeJitVar *var;
  PyObject *object; /* borrowed; the frontend keeps it */
  bool global;      /* PYTHON: a name outside the function, whose value is none of the graph's */
  const char *name;
  TeJitFunction *function;
  Sugar *items;
  int n;
};

typedef struct
{
  const char *name;
  const TeJitType *type; /* of a variable */
  Sugar sugar;           /* of what is none */
  const char *missing;   /* why it is not defined here */
  const TeJitRange *missing_range;
} Local;

typedef struct Scope
{
  struct Scope *outer;
  bool loop;
  bool exits; /* what follows is not reached */
  Local *locals;
  int n, room;
} Scope;

typedef struct
{
  TeJitGraph *graph;
  TeJitFunction *function;
  Scope *scope;
  PyObject *lookup;   /* name -> Python value; KeyError */
  PyObject *evaluate; /* ast of an annotation -> Python value */
  PyObject *module;   /* self, of a method */
  PyObject *keep;     /* list: what sugars borrow */
  const char *file, *source;
  int file_line, indent;
  const TeJitType *returns; /* NULL: not known yet */
  bool returns_declared;
  TeJitVar *restore; /* inside with torch.no_grad (): the mode before */
} Frontend;

/* What a name or attribute access gives when there is an error. */
#define NO_SUGAR ((Sugar){ 0 })

/* ---- jit-frontend.c ---- */
const TeJitRange *te_fe_range (Frontend *self, PyObject *node);
TeJitVar *te_fe_implicit_number (Frontend *self, TeJitVar *value, const TeJitType *type, const TeJitRange *range);
void *te_fe_error (Frontend *self, const TeJitRange *range, const char *format, ...)
    __attribute__ ((format (printf, 3, 4))); /* RuntimeError with excerpt; NULL */
void *te_fe_unsupported (Frontend *self, PyObject *node, const char *what); /* UnsupportedNodeError; NULL */
bool te_fe_statements (Frontend *self, PyObject *list);
TeJitType const *te_fe_annotation (Frontend *self, PyObject *node, const TeJitRange *range);
const char *te_fe_ast_name (PyObject *node);              /* "BinOp" */
PyObject *te_fe_field (PyObject *node, const char *name); /* borrowed */

bool te_fe_is (PyObject *node, const char *kind); /* is node of the ast that kind? */
bool te_fe_assign (Frontend *self, PyObject *target, Sugar value, const TeJitRange *range);
const TeJitRange *te_fe_word_range (Frontend *self, PyObject *node, int n); /* the first n bytes of node */
void *te_fe_frontend_error (Frontend *self,
                            const char *class_name,
                            const TeJitRange *range,
                            const char *message); /* NULL */
TeJitNode *
te_fe_exit (Frontend *self, const char *kind, const TeJitRange *range); /* what follows is not reached */

/* ---- jit-branches.c ---- */
bool te_fe_if (Frontend *self, PyObject *node);
/* After an If: what its branches, compiled in these scopes, made of the variables. */
bool te_fe_merge_branches (Frontend *self, TeJitNode *node, Scope *yes, Scope *no, const TeJitRange *range);

/* ---- jit-loops.c ---- */
bool te_fe_for (Frontend *self, PyObject *node);
bool te_fe_while (Frontend *self, PyObject *node);

/* ---- jit-scope-names.c ---- */
void te_fe_scope_push (Frontend *self, Scope *scope, bool loop);
void te_fe_scope_pop (Frontend *self);
Local *te_fe_find (Frontend *self, const char *name);
const Local *te_fe_peek (Frontend *self, const Scope *scope, TeJitNode *place, const char *name);
bool te_fe_set (Frontend *self, const char *name, Sugar value, const TeJitRange *range);
Sugar te_fe_name (Frontend *self, const char *name, const TeJitRange *range);

/* ---- jit-expr.c ---- */
Sugar te_fe_expr (Frontend *self, PyObject *node, const TeJitType *hint);
TeJitVar *
te_fe_value (Frontend *self, PyObject *node, const TeJitType *hint); /* te_fe_expr as a value of the graph */
TeJitVar *te_fe_as_var (Frontend *self, Sugar sugar, const TeJitRange *range);
TeJitVar *te_fe_condition (Frontend *self, PyObject *node);
/* The 0 that a cast makes in case it is to compare a length with it. */
void te_fe_zero_of_cast (Frontend *self, const TeJitRange *range);
void te_fe_range_bounds (Frontend *self, Sugar *items, int n, const TeJitRange *range);
TeJitVar *te_fe_emit (Frontend *self,
                      const TeJitRange *range,
                      const char *kind,
                      const TeJitType *type,
                      int n,
                      TeJitVar *const *in);
TeJitVar *te_fe_int (Frontend *self,
                     int64_t value,
                     const TeJitRange *range); /* literals stand at the graph's beginning */
TeJitVar *te_fe_constant (Frontend *self, TeJitAny value, const TeJitRange *range);
TeJitVar *te_fe_list (Frontend *self, TeJitVar **items, int n, const TeJitType *element);
TeJitVar *te_fe_tuple (Frontend *self, TeJitVar **items, int n);
/* The parts of a tuple value; n gets their number. */
TeJitVar **te_fe_unpack (Frontend *self, TeJitVar *tuple, int *n);

/* Appends element to a list, or puts it in a dict under key, for each item of a comprehension. */
bool te_fe_comprehend (Frontend *self,
                       TeJitVar *made,
                       PyObject *generator,
                       PyObject *key,
                       PyObject *element,
                       const TeJitRange *range);
TeJitVar *te_fe_collect (Frontend *self, Sugar iterable, const TeJitRange *range); /* list (range (n)) */

/* ---- jit-subscripts.c ---- */
Sugar te_fe_subscript (Frontend *self, PyObject *node);
TeJitVar *te_fe_select (Frontend *self, TeJitVar *value, PyObject *slice, const TeJitRange *range);
enum
{
  TE_FE_MAX_INDICES = 64
};
TeJitVar *te_fe_view (Frontend *self, TeJitVar *value, PyObject *slice, TeJitVar *tensors[TE_FE_MAX_INDICES],
                      int *n_tensors, const TeJitRange *range);
TeJitVar *te_fe_indices (Frontend *self, TeJitVar **tensors, int n);

/* ---- jit-names.c ---- */
bool te_fe_is_layer (PyObject *object, const char *class_name);
Sugar te_fe_attribute (Frontend *self, Sugar base, const char *name, const TeJitRange *range);
Sugar te_fe_of_python (Frontend *self,
                       PyObject *object,
                       const TeJitRange *range); /* a Python value that a name stands for */
TeJitVar *te_fe_python_constant (Frontend *self,
                                 PyObject *object,
                                 const TeJitRange *range); /* NULL without exception: none */
Sugar te_fe_modules (Frontend *self, Sugar modules, const TeJitRange *range); /* as a tuple of modules */
bool
te_fe_set_attribute (Frontend *self, Sugar base, const char *name, TeJitVar *value, const TeJitRange *range);
TeJitFunction *te_fe_function (PyObject *function); /* compiles it, or finds it compiled */
TeJitFunction *
te_fe_method (PyObject *module, TeJitClass *class, const char *name); /* compiles it on first use */

/* ---- jit-match.c ---- */
typedef struct
{
  int n, n_keywords;
  TeJitVar *args[64];
  const char *names[16];
  TeJitVar *keywords[16];
} Arguments;
/* The call of an op: the first overload that fits. */
Sugar te_fe_call_op (Frontend *self, const char *kind, Arguments *arguments, const TeJitRange *range);
TeJitVar *te_fe_op (Frontend *self,
                    const TeJitRange *range,
                    const char *kind,
                    int n,
                    TeJitVar *const *in); /* its one result */
TeJitVar *te_fe_call_function (
    Frontend *self, TeJitFunction *function, TeJitVar *object, Arguments *arguments, const TeJitRange *range);
/* value as one of type, converted where a call would; NULL: it does not fit. */
TeJitVar *te_fe_convert (Frontend *self,
                         TeJitVar *value,
                         const TeJitType *type,
                         int list_size,
                         bool implicit,
                         const TeJitRange *range);

/* ---- jit-refine.c ---- */
/* 1 and 0 for conditions that are known while compiling; -1 for others. */
int te_fe_static_condition (Frontend *self, PyObject *node);
/* PyTorch emits a known condition too: nothing needs its values, but they take numbers. */
void te_fe_spend_condition (Frontend *self, PyObject *node);
/* Variables become what node being true (or false) says of them: x is not None. */
bool te_fe_refine (Frontend *self, PyObject *node, bool truth);
bool
te_fe_is_call_of (Frontend *self, PyObject *func, const char *name); /* is func that function of Python? */
TeJitVar *te_fe_isinstance (Frontend *self, PyObject *node);         /* the call as a value */

/* ---- jit-special.c ---- */
bool te_fe_is_cast (const char *name); /* x.float () */
Sugar te_fe_call (Frontend *self, PyObject *node, const TeJitType *hint);
