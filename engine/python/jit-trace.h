/* What other files tell the tracer while torch.jit.trace records. */
#pragma once

#include "python/python-private.h"

extern bool te_py_tracing; /* only then are these called */

/* Warns that a value leaves the graph: "Converting a tensor to a Python " what "…".  false: it became an
 * exception. */
bool te_py_trace_warn_python (const char *what);
bool te_py_trace_warn (const char *text);
extern const char te_py_trace_len_text[], te_py_trace_iterate_text[], te_py_trace_constant_text[];

/* A tensor stood where op's argument arg wants an int (at place index of a list; arg NULL: in an index). */
void te_py_trace_stash (const TeArg *arg, int index, TeTensor *tensor);
/* x.size (dim) and x.shape as tensors that belong to the graph; new references. */
PyObject *te_py_trace_size (TeTensor *self, int64_t dim);
PyObject *te_py_trace_shape (TeTensor *self);
/* torch.tensor made a constant. */
bool te_py_trace_constant (TeTensor *tensor);
/* A module's forward begins and ends. */
void te_py_trace_enter (PyObject *module);
void te_py_trace_leave (PyObject *module, PyObject *result);

bool te_py_jit_init (PyObject *module);
