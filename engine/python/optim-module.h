/* torch._C._optim: optimisers' arithmetic over Python's parameter lists. */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

/* Adds torch._C._optim; false with a Python exception. */
bool te_py_optim_init (PyObject *module);
