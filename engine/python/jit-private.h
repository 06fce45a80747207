/* torch.jit: what its files share. */
#pragma once

#include "jit/exec.h"
#include "python/jit-trace.h"

/* ---- jit-convert.c ---- */
/* A Python object as a value of type (NULL: of its own).  false: an exception is set only for what broke on
 * the way; what does not fit leaves none. */
bool te_py_jit_from (PyObject *object, const TeJitType *type, TeJitAny *out);
PyObject *te_py_jit_to (TeJitAny value, const TeJitType *type);
/* The type of a Python value; NULL without exception when graphs have none. */
const TeJitType *te_py_jit_type_of (PyObject *object);
bool te_py_jit_host_init (void);

/* ---- jit-types.c ---- */
PyObject *te_py_jit_function (TeJitFunction *function);   /* torch.jit.ScriptFunction */
PyObject *te_py_jit_graph (TeJitGraph *graph);            /* torch._C.Graph; takes a reference of its own */
TeJitFunction *te_py_jit_function_get (PyObject *object); /* NULL: not a ScriptFunction */
PyObject *te_py_jit_class (TeJitClass *class);
TeJitClass *te_py_jit_class_get (PyObject *object);
PyObject *te_py_jit_call (
    TeJitFunction *function, PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames);
/* function gets graph (consumed), with params from its inputs. */
void te_py_jit_function_from_graph (TeJitFunction *function, TeJitGraph *graph);
TeJitGraph *te_py_jit_graph_get (PyObject *object); /* borrowed; raises TypeError */
TeJitNode *te_py_jit_node_get (PyObject *object);
PyObject *te_py_jit_take_text (TeJitText *text); /* as a string; empties text */
bool te_py_jit_types_init (PyObject *module);
bool te_py_jit_objects_init (PyObject *module); /* jit-objects.c */
bool te_py_jit_passes_init (PyObject *module);  /* jit-passes.c */
/* Raises what a failed run left, in the words of TorchScript's interpreter. */
PyObject *te_py_jit_raise (const TeError *err);

/* ---- jit-names.c, jit-frontend.c ---- */
const TeJitType *
te_py_jit_annotation (PyObject *object); /* typing.List[int] …; NULL without exception: not known */
bool te_py_jit_frontend_init (PyObject *module);
bool te_py_jit_save_init (PyObject *module);   /* jit-save.c */
bool te_py_jit_freeze_init (PyObject *module); /* jit-freeze.c */

/* ---- jit-trace.c ---- */
bool te_py_jit_trace_init (PyObject *module);
/* Runs a compiled function; while a trace is recorded, as one node of it. */
bool te_py_trace_call (
    TeJitFunction *function, PyObject *module, const TeJitAny *values, TeJitAny *result, TeError *err);

/* ---- jit-class.c ---- */
TeJitClass *
te_py_jit_class_of_module (PyObject *module); /* the class of a scripted or traced module, or NULL */
