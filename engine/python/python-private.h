/* python: the `torch` package.  C holds what runs; the .py files hold class declarations that learners read.
 *
 * Ownership: a Python tensor owns one reference to its TeTensor; TeTensor.python points back, borrowed, so
 * that one TeTensor has one Python object while that lives.  Functions named wrap consume the engine's
 * reference; functions named get lend.  Every function that may fail sets a Python exception. */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "autograd/backward.h"
#include "autograd/grad-mode.h"
#include "ops/dispatch.h"

typedef struct
{
  PyObject_HEAD TeTensor *tensor; /* owned; NULL only before __new__ is done */
  PyObject *dict;
  PyObject *weakrefs;
  PyObject *hooks; /* _backward_hooks */
} TePyTensor;

/* ---- errors.c ---- */
PyObject *te_py_raise (const TeError *err); /* always NULL */
bool te_py_pending (TeError *err);          /* the Python exception that is set becomes err; always false */
void te_py_errors_attach (PyObject *module);
#define TE_PY_TRY(expression)                                                                                \
  do                                                                                                         \
    {                                                                                                        \
      if (!(expression))                                                                                     \
        return te_py_raise (&err);                                                                           \
    }                                                                                                        \
  while (0)

/* ---- tensor-type.c ---- */
extern PyTypeObject *te_py_tensor_base_type; /* torch._C._TensorBase */
extern PyTypeObject *te_py_tensor_class;     /* torch.Tensor */
PyObject *te_py_wrap (TeTensor *tensor);     /* consumes; NULL stays NULL without an exception of its own */
PyObject *te_py_wrap_error (TeTensor *tensor, const TeError *err); /* te_py_wrap, or raises err when NULL */
PyObject *te_py_wrap_as (PyTypeObject *type, TeTensor *tensor);    /* consumes; a subclass */
static inline bool
te_py_is_tensor (PyObject *object)
{
  return Py_TYPE (object) == te_py_tensor_class || PyObject_TypeCheck (object, te_py_tensor_base_type);
}
static inline TeTensor *
te_py_tensor (PyObject *object) /* borrowed; object must be a tensor */
{
  return ((TePyTensor *) object)->tensor;
}
bool te_py_tensor_add_methods (PyMethodDef *methods);
bool te_py_tensor_type_init (PyObject *module);

/* Parts of the type in files of their own. */
extern PyGetSetDef te_py_tensor_getset[];
extern PyMethodDef te_py_tensor_methods[];
extern PyMethodDef te_py_convert_methods[];
PyObject *te_py_tensor_repr (PyObject *self);
PyObject *te_py_tensor_str_of (PyObject *self, const char *prefix);
PyObject *te_py_tensor_subscript (PyObject *self, PyObject *key);
int te_py_tensor_ass_subscript (PyObject *self, PyObject *key, PyObject *value);
PyObject *te_py_tensor_new (PyTypeObject *type, PyObject *args, PyObject *kwargs);
int te_py_tensor_getbuffer (PyObject *self, Py_buffer *view, int flags);
void te_py_tensor_releasebuffer (PyObject *self, Py_buffer *view);
bool te_py_number_init (void);
PyObject *te_py_compare (PyObject *a, PyObject *b, int how);
#define TE_PY_NUMBER_SLOTS(X)                                                                                \
  X (nb_add, add)                                                                                            \
  X (nb_subtract, subtract)                                                                                  \
  X (nb_multiply, multiply)                                                                                  \
  X (nb_remainder, remainder)                                                                                \
  X (nb_true_divide, true_divide) X (nb_floor_divide, floor_divide) X (nb_matrix_multiply, matmul)           \
      X (nb_lshift, lshift) X (nb_rshift, rshift) X (nb_and, and) X (nb_or, or) X (nb_xor, xor)              \
          X (nb_inplace_add, iadd) X (nb_inplace_subtract, isubtract) X (nb_inplace_multiply, imultiply)     \
              X (nb_inplace_remainder, iremainder) X (nb_inplace_true_divide, itrue_divide)                  \
                  X (nb_inplace_floor_divide, ifloor_divide) X (nb_inplace_lshift, ilshift)                  \
                      X (nb_inplace_rshift, irshift) X (nb_inplace_and, iand) X (nb_inplace_or, ior)         \
                          X (nb_inplace_xor, ixor)
#define TE_PY_NUMBER_DECLARE(slot, name) PyObject *te_py_nb_##name (PyObject *a, PyObject *b);
TE_PY_NUMBER_SLOTS (TE_PY_NUMBER_DECLARE)
#undef TE_PY_NUMBER_DECLARE
PyObject *te_py_nb_power (PyObject *a, PyObject *b, PyObject *modulo);
PyObject *te_py_nb_ipower (PyObject *a, PyObject *b, PyObject *modulo);
PyObject *te_py_nb_negative (PyObject *a);
PyObject *te_py_nb_positive (PyObject *a);
PyObject *te_py_nb_absolute (PyObject *a);
PyObject *te_py_nb_invert (PyObject *a);
int te_py_nb_bool (PyObject *a);
PyObject *te_py_nb_int (PyObject *a);
PyObject *te_py_nb_float (PyObject *a);
PyObject *te_py_nb_index (PyObject *a);

/* ---- values: args.c ---- */
bool te_py_is_number (PyObject *object);                /* int, float, bool, or a numpy scalar */
bool te_py_to_scalar (PyObject *object, TeScalar *out); /* raises */
bool te_py_is_int (PyObject *object);                   /* what an int argument takes: not bool */
bool te_py_to_int (PyObject *object, int64_t *out);
PyObject *te_py_from_scalar (TeScalar value);
TeTensor *te_py_number_tensor (PyObject *number); /* owned wrapped 0-dim tensor; raises */

/* What parsing borrowed or made for one call. */
#define TE_PY_INLINE_INTS 48
#define TE_PY_MAX_TEMPS   8
typedef struct
{
  int n_ints;
  int n_temps;
  int n_heaps;
  int n_kept;
  PyObject *kept[TE_OP_MAX_ARGS]; /* copies of lists: a list may change while its items are converted */
  const char *op_name; /* for errors */
  TeTensor *temps[TE_PY_MAX_TEMPS];
  void *heaps[TE_OP_MAX_ARGS];
  int64_t ints[TE_PY_INLINE_INTS];
} TePyScratch;
static inline void
te_py_scratch_init (TePyScratch *self)
{
  self->n_ints = self->n_temps = self->n_heaps = self->n_kept = 0;
}
void te_py_scratch_clear (TePyScratch *self);
void *te_py_scratch_alloc (TePyScratch *self, size_t nbytes); /* raises MemoryError */

typedef enum
{
  TE_PY_NO_MATCH, /* another overload may match; no exception */
  TE_PY_MATCH,
  TE_PY_RAISED,
} TePyMatch;
/* Converts object for an argument of that type; numbers: a Tensor argument takes Python numbers too. */
TePyMatch
te_py_convert (const TeArg *arg, bool numbers, PyObject *object, TeValue *value, TePyScratch *scratch);
const char *te_py_arg_type_name (const TeArg *arg,
                                 const char *op_name); /* as errors name it: "tuple of ints" */
/* got part of "received an invalid combination of arguments": "(str, dim=int)" */
int te_py_keyword_order (PyObject *kwnames, int *order);
PyObject *te_py_describe_given (PyObject *const *args, Py_ssize_t n, PyObject *kwnames);

/* Raises for arguments that fit none of options (a list of "(Tensor input, ...)"), and says why not. */
void te_py_raise_options (
    const char *name, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, PyObject *options);
/* ---- signatures.c ---- */
/* Raises what PyTorch says of arguments that fit no overload of space's name ("torch", "Tensor", "nn" …); self is a
 * method's tensor.  false: PyTorch takes them, or does not know the name. */
bool te_py_refuse_arguments (
    const char *space, const char *name, PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames);
bool te_py_refuse_call (const char *space, const char *name, PyObject *args, PyObject *kwargs);
PyObject *te_py_refuse_arguments_function (PyObject *module, PyObject *args); /* for Python */
/* The same for who asks often: owned, malloc'ed; NULL without memory. */
typedef struct _TePyForms TePyForms;
TePyForms *te_py_forms_load (const char *space, const char *name);
bool te_py_forms_refuse (const TePyForms *self, const char *name, PyObject *tensor, PyObject *const *args, Py_ssize_t n,
                         PyObject *kwnames);
bool te_py_guarded_init (PyObject *module); /* guarded.c */
/* Raises "name() received an invalid combination of arguments - got (...), but expected one of:" and options.
 */
PyObject *te_py_raise_combination (
    const char *name, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, const char *options);

/* ---- op-callable.c ---- */
bool te_py_op_init (PyObject *module); /* makes the callables and puts them where they belong */
/* Runs op with converted values; wraps the results. */
PyObject *te_py_call_values (const TeOp *op, const TeValue *values, bool inplace);
PyObject *te_py_wrap_outs (TeOpCall *call);
/* The result of a call in the order of arguments before PyTorch 1.5, or NULL: without exception when it is not one.  self is
 * NULL for functions: old-calls.c. */
PyObject *te_py_old_call (
    PyObject *callable, const char *name, PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames);
PyObject *te_py_op_lookup (const char *name, bool method); /* borrowed, or NULL without exception */
PyObject *te_py_not_implemented (const char *what);        /* raises NotImplementedError naming it; NULL */

/* ---- dtype-type.c ---- */
extern PyTypeObject *te_py_dtype_type, *te_py_device_type, *te_py_layout_type, *te_py_memory_format_type;
PyObject *te_py_dtype_object (TeDtype dtype);              /* new reference */
bool te_py_dtype_check (PyObject *object, TeDtype *dtype); /* false: not a dtype of ours; no exception */
/* A dtype argument; sets an exception (NotImplementedError for complex and the like) */
bool te_py_dtype_get (PyObject *object, TeDtype *dtype);
PyObject *te_py_device_object (bool meta);
TePyMatch te_py_device_get (PyObject *object, int64_t *device); /* 0 cpu, 1 meta; cuda raises */
PyObject *te_py_memory_format_object (TeMemoryFormat format);
bool te_py_memory_format_check (PyObject *object, int64_t *format);
PyObject *te_py_strided_object (void);
bool te_py_layout_check (PyObject *object);
bool te_py_dtype_type_init (PyObject *module);

/* ---- size-type.c ---- */
extern PyTypeObject *te_py_size_type;
PyObject *te_py_size_new (int ndim, const int64_t *sizes); /* torch.Size */
PyObject *te_py_ints (int n, const int64_t *ints);         /* plain tuple */
bool te_py_size_type_init (PyObject *module);

/* ---- generator-type.c ---- */
extern PyTypeObject *te_py_generator_type;
TeGenerator *te_py_generator_get (PyObject *object); /* borrowed */
bool te_py_generator_type_init (PyObject *module);

/* ---- tensor-new.c ---- */
typedef struct
{
  PyObject *dtype; /* or NULL */
  PyObject *device;
  bool copy; /* torch.tensor: always; as_tensor: only where needed */
  bool warn; /* torch.tensor on a tensor warns */
} TePyTensorOptions;
bool te_py_infer_dtype (PyObject *data, TeDtype *dtype); /* that torch.tensor (data) would have; raises */
TeTensor *te_py_tensor_from_data (PyObject *data,
                                  const TePyTensorOptions *options,
                                  TeDtype fallback); /* owned; raises */
/* requires_grad=True of a factory: says "Only" where the attribute says "only". */
bool te_py_start_requires_grad (TeTensor *tensor, TeError *err);
bool te_py_new_init (PyObject *module);

/* ---- tensor-convert.c ---- */
PyObject *te_py_tensor_item (TeTensor *self);
PyObject *te_py_tensor_tolist (TeTensor *self);
TeTensor *te_py_from_array_interface (PyObject *object,
                                      bool share); /* numpy arrays and scalars; owned; raises */
bool te_py_convert_init (PyObject *module);

/* ---- print.c ---- */
bool te_py_print_init (PyObject *module);

/* ---- grad-mode.c, autograd-type.c, autograd-function.c ---- */
bool te_py_grad_mode_init (PyObject *module);
bool te_py_autograd_init (PyObject *module);
PyObject *te_py_node_wrap (TeNode *node); /* borrows node; None for NULL */
int te_py_visit_graph (TeTensor *tensor, visitproc visit, void *arg);
void te_py_clear_graph (TeTensor *tensor);
bool te_py_function_init (PyObject *module);
PyObject *te_py_function_context (TeNode *node); /* borrowed ctx of a Python function's node, or NULL */
PyObject *te_py_tensor_register_hook (PyObject *self, PyObject *hook);
PyObject *te_py_tensor_backward (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames);

/* ---- modules.c ---- */
bool te_py_modules_init (PyObject *module);

/* ---- saved-hooks.c ---- */
bool te_py_saved_hooks_init (PyObject *module);

/* ---- forward-mode.c ---- */
bool te_py_forward_init (PyObject *module);
void te_py_function_show (PyObject *context, PyObject *tensors); /* as ctx.saved_tensors, while jvp runs; NULL: no longer */
/* Gives the outputs of a Function of one's own their tangents, by its jvp, where an argument has one. */
bool te_py_forward_function (PyObject *context, PyObject *class, PyObject *args, PyObject *outputs);
PyObject *te_py_saved_tensor_object (TeNode *node, int index); /* grad_fn._raw_saved_NAME */

/* ---- anomaly.c ---- */
bool te_py_anomaly_init (void);
void te_py_anomaly_note (TeTensor *tensor);
int te_py_warn_in_backward (PyObject *text); /* 0, or -1 where the warning became an exception */
void te_py_anomaly_forget (void);

/* ---- missing.c ---- */
bool te_py_missing_init (PyObject *module);

/* ---- copy.c ---- */
bool te_py_copy_init (PyObject *module);

/* ---- misc.c ---- */
bool te_py_misc_init (PyObject *module);
bool te_py_autocast_init (PyObject *module);
bool te_py_profiler_init (PyObject *module);
bool te_py_vmap_init (PyObject *module);
/* vmap.c.  false, with PyTorch's error: the tensor is spread over the calls of a vmap, and has no one value. */
typedef enum
{
  TE_PY_BATCH_NUMBER,
  TE_PY_BATCH_TRUTH,
  TE_PY_BATCH_POINTER,
} TePyBatchUse;
bool te_py_batch_refuse (const TeTensor *tensor, TePyBatchUse use);

/* ---- torch-function.c ---- */
extern bool te_py_function_watch; /* somebody may have to be asked */
bool te_py_function_ask (PyObject *function, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, PyObject **result);
PyObject *te_py_function_operator (const char *name, PyObject *a, PyObject *b); /* a tensor, b a stranger */
bool te_py_function_adopt (PyTypeObject *type);
bool te_py_torch_function_init (PyObject *module);

/* ---- dlpack.c, from-file.c ---- */
bool te_py_dlpack_init (PyObject *module);
bool te_py_from_file_init (PyObject *module);

/* ---- data.c ---- */
bool te_py_data_init (PyObject *module);
