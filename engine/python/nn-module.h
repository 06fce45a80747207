/* torch._C.ModuleBase, the C half of torch.nn.Module. */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

/* Adds ModuleBase and its functions to torch._C; false with a Python exception. */
bool te_py_nn_module_init (PyObject *module);
