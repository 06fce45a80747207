/* What classes of the `torch` package tell the trace.  Nobody listens: te_trace_hooks is NULL, and a call
 * site pays one load and one branch.
 *
 *     uint64_t call = te_trace_hooks ? te_trace_hooks->module_enter (module) : 0;
 *     … forward …
 *     if (call)
 *       te_trace_hooks->module_leave (module, call, result == NULL);
 *
 * The same doors are open to Python code of the package as functions of torch._C._trace: step_begin
 * (optimizer), step_end (optimizer), batch (index, epoch, n_batches), epoch (loader). */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

struct TeTensor;
struct TeNode;

typedef struct
{
  /* An nn.Module is about to run its forward; returns the number of this call, never 0.  Raises nothing. */
  uint64_t (*module_enter) (PyObject *module);
  void (*module_leave) (PyObject *module, uint64_t call, bool raised);
  /* optimizer.step (): before parameters change, and after.  The trace reads type (optimizer).__name__ and
   * optimizer.param_groups (params, lr). */
  void (*step_begin) (PyObject *optimizer);
  void (*step_end) (PyObject *optimizer);
  /* A DataLoader is about to hand out batch `batch` (from 0) of pass `epoch` (from 0); n_batches 0: unknown.
   */
  void (*batch) (uint64_t batch, uint64_t epoch, uint64_t n_batches);
} TeTraceHooks;

extern const TeTraceHooks *te_trace_hooks;

/* The gradients of these parameters (a list or tuple) were zeroed or dropped; .grad of a tensor was read and is None. */
void te_trace_grads_zeroed (PyObject *parameters);
void te_trace_grad_none_read (struct TeTensor *tensor);
/* A part of training that began at start_nsec of te_recorder_clock_nsec is over (TeTookKind). */
void te_trace_took (unsigned kind, uint64_t start_nsec, double norm, double limit);
/* A backward is about to start from this tensor. */
void te_trace_loss (const struct TeTensor *root);

/* An autograd.Function runs its forward, told as one op of the class's name around the ops inside it.  *call is 0 when
 * nobody listens; records: a gradient will go through it.  False: an exception is set, and nothing has begun. */
bool te_trace_function_begin (PyObject *class, PyObject *args, bool records, uint64_t *call);
/* Its node is made and is about to keep `saved` (a tuple, or NULL), some of which are its arguments or results. */
void te_trace_function_node (
    uint64_t call, struct TeNode *node, PyObject *class, PyObject *args, PyObject *saved, PyObject *results);
/* results: NULL when it raised. */
void te_trace_function_end (uint64_t call, PyObject *results);

/* Where an nn.Module keeps the trace's number for it (0 at first): a field of the C type's instances.  Set
 * once by the Module type; the function returns NULL for an object that is no module.  While it is NULL the
 * trace numbers modules through weak references. */
extern uint32_t *(*te_module_trace_slot) (PyObject *module);

/* Adds torch._C._trace, torch._C._board and the capsule torch._C._trace_api.  Called once while torch._C is
 * made, after the tensor type is ready.  False with a Python exception set. */
bool te_trace_python_init (PyObject *module);
