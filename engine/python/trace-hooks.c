#include "python/trace-hooks.h"

const TeTraceHooks *te_trace_hooks;
uint32_t *(*te_module_trace_slot) (PyObject *module);
