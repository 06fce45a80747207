/* The parts of torch._C that other rooms bring. */
#include "python/nn-module.h"
#include "python/optim-module.h"
#include "python/python-private.h"
#include "python/serialization.h"

bool
te_py_modules_init (PyObject *module)
{
  return te_py_data_init (module) && te_py_nn_module_init (module) && te_py_optim_init (module)
         && te_py_serialization_init (module) && te_py_safetensors_init (module) && te_py_npy_init (module);
}
