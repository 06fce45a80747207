/* torch.save and torch.load: Python objects to the values of io's documents, and back. */
#pragma once

#include "io/io-value.h"
#include "python/python-private.h"

/* Adds _save (obj, folder name) -> bytes and _load (bytes, weights only) -> object to torch._C. */
bool te_py_serialization_init (PyObject *module);
bool te_py_safetensors_init (PyObject *module);
bool te_py_npy_init (PyObject *module);

/* A dict of str and what `of` makes values of, as a DICT; NULL with a Python error set. */
TeIoValue *te_py_io_dict_value (TeIoDocument *doc, PyObject *dict, TeIoValue *(*of) (TeIoDocument *, PyObject *));
TeIoValue *te_py_io_tensor_value (TeIoDocument *doc, PyObject *tensor);
PyObject *te_py_io_dict_object (const TeIoValue *dict); /* of STR and TENSOR or STR */
