/* torch._C: the one binary that holds the engine. */
#include "python/python-private.h"

#include "python/jit-trace.h"
#include "python/trace-hooks.h"

/* OpenBLAS runs with one thread always: the engine's pool cuts products into tiles. */
extern void openblas_set_num_threads (int n);

static struct PyModuleDef definition = {
  PyModuleDef_HEAD_INIT,
  .m_name = "torch._C",
  .m_doc = "The engine of Gradboard.",
  .m_size = -1,
};

static bool
check_processor (void)
{
#ifdef __x86_64__
  __builtin_cpu_init ();
  if (!__builtin_cpu_supports ("avx2") || !__builtin_cpu_supports ("fma"))
    {
      PyErr_SetString (
          PyExc_ImportError,
          "Gradboard's engine needs a processor with AVX2 and FMA (x86-64-v3); this one lacks them");
      return false;
    }
#endif
  return true;
}

/* Public functions say that they are torch's, as PyTorch's do. */
static bool
name_functions (PyObject *module)
{
  PyObject *name, *function, *home = PyUnicode_InternFromString ("torch");
  Py_ssize_t at = 0;
  bool ok = home != NULL;
  while (ok && PyDict_Next (PyModule_GetDict (module), &at, &name, &function))
    if (PyCFunction_Check (function) && PyUnicode_READ_CHAR (name, 0) != '_')
      ok = PyObject_SetAttrString (function, "__module__", home) == 0;
  Py_XDECREF (home);
  return ok;
}

static bool
fill (PyObject *module)
{
  TeError err;
  te_error_clear (&err);
  if (!te_registry_init (&err))
    return te_py_raise (&err) != NULL;
  te_autograd_attach ();
  te_py_errors_attach (module);
  return te_py_size_type_init (module) && te_py_dtype_type_init (module) && te_py_number_init ()
         && te_py_tensor_type_init (module) && te_py_generator_type_init (module)
         && te_py_convert_init (module) && te_py_new_init (module) && te_py_autograd_init (module)
         && te_py_function_init (module) && te_py_copy_init (module) && te_py_missing_init (module)
         && te_py_anomaly_init () && te_py_grad_mode_init (module) && te_py_print_init (module)
         && te_py_misc_init (module) && te_py_autocast_init (module) && te_py_profiler_init (module)
         && te_py_vmap_init (module)
         && te_py_torch_function_init (module) && te_py_dlpack_init (module) && te_py_from_file_init (module) && te_py_op_init (module)
         && te_py_guarded_init (module) && te_py_modules_init (module) && te_py_jit_init (module) && te_trace_python_init (module)
         && name_functions (module);
}

PyMODINIT_FUNC PyInit__C (void);
PyMODINIT_FUNC
PyInit__C (void)
{
  if (!check_processor ())
    return NULL;
  openblas_set_num_threads (1);
  PyObject *module = PyModule_Create (&definition);
  if (module && !fill (module))
    Py_CLEAR (module);
  return module;
}
