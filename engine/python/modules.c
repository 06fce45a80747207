/* The parts of torch._C that other rooms bring. */
#include "python/python-private.h"

bool
te_py_modules_init (PyObject *module)
{
  return true;
}
