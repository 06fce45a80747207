/* torch.save and torch.load: Python objects to the values of io's documents, and back. */
#pragma once

#include "python/python-private.h"

/* Adds _save (obj, folder name) -> bytes and _load (bytes, weights only) -> object to torch._C. */
bool te_py_serialization_init (PyObject *module);
bool te_py_safetensors_init (PyObject *module);
