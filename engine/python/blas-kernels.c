/* torch._blas: says to OpenBLAS which of its kernels this processor runs best, before OpenBLAS is loaded.
 *
 * OpenBLAS looks its processor up by model number, and takes kernels for SSE3 where it does not know the number: on every
 * processor that came after it.  Debian 12's 0.3.21 is then a quarter as fast as it could be.  What a processor can do is
 * told by its feature bits, so they choose; for the models that OpenBLAS knows the choice is the same as its own.
 * OpenBLAS reads the variable when it is loaded, which is why this is a module of its own, without OpenBLAS: torch
 * imports it before torch._C. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>

static const char *
find_kernels (void)
{
#if defined(__x86_64__)
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512dq")
      && __builtin_cpu_supports ("avx512vl"))
    return __builtin_cpu_supports ("avx512bf16") ? "Cooperlake" : "SkylakeX";
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    return __builtin_cpu_is ("amd") ? "Zen" : "Haswell";
#endif
  return NULL;
}

static struct PyModuleDef blas_module = { PyModuleDef_HEAD_INIT, .m_name = "torch._blas", .m_size = 0 };

PyMODINIT_FUNC PyInit__blas (void);

PyMODINIT_FUNC
PyInit__blas (void)
{
  const char *kernels = find_kernels ();
  if (kernels)
    setenv ("OPENBLAS_CORETYPE", kernels, 0);
  /* Its own threads are never used: our pool calls it.  They would be made when it is loaded, and spin for a while. */
  setenv ("OPENBLAS_NUM_THREADS", "1", 0);
  return PyModule_Create (&blas_module);
}
