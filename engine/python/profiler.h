/* The profiler: what ran, in what, for how long, with which sizes and memory.  profiler.c collects while ops
 * run, profiler-results.c makes Python's FunctionEvents, tables and traces of it. */
#pragma once

#include "python/python-private.h"

typedef enum
{
  TE_PROFILE_OP,     /* an op of the table: "aten::add" */
  TE_PROFILE_STEP,   /* what PyTorch's operator calls inside, and ours does not */
  TE_PROFILE_WALK,   /* autograd's work around a node */
  TE_PROFILE_NODE,   /* the node itself */
  TE_PROFILE_LABEL,  /* record_function */
  TE_PROFILE_MEMORY, /* memory that came or went outside any other event */
} TeProfileKind;

typedef struct
{
  PyObject *name;     /* owned str */
  PyObject *stack;    /* owned list of str, or NULL */
  int64_t start_nsec; /* since the profile's start */
  int64_t end_nsec;   /* -1 while it is open */
  int64_t nbytes;     /* allocated minus freed while it was the innermost event */
  int64_t sequence;   /* of the node that the op made, or that ran; -1 */
  int64_t flops;
  int32_t parent; /* -1: none */
  int32_t first_shape, n_shapes;
  TeProfileKind kind;
} TeProfileEvent;

/* Sizes of an input: `ndim` numbers in `sizes` from `first` on; ndim -1: no tensor. */
typedef struct
{
  int32_t first, ndim;
} TeProfileShape;

typedef struct
{
  TeProfileEvent *events;
  TeProfileShape *shapes;
  int64_t *sizes;
  int32_t n_events, n_shapes, n_sizes;
  int32_t events_room, shapes_room, sizes_room;
} TeProfile;

void te_profile_clear (TeProfile *profile);

/* profiler-steps.c.  The rows that PyTorch lists inside an op that is called inside `parent`: "name(inner) name*", where the
 * work is done in name*; "=name" is no aten::name; "name#1": its tensor is argument 1, "#o": as large as the product.  The
 * text lies in `text` or is static. */
const char *te_profile_steps (const char *name, const char *parent, const TeOpCall *call, char *text, size_t room);
/* How many arguments that are no tensors such a row shows. */
int te_profile_step_arguments (const char *name, size_t length, int *n_tensors);
/* profiler-results.c */
PyObject *te_py_profile_events (TeProfile *profile, PyObject *event_class); /* list of FunctionEvent */
PyObject *te_py_profile_table (PyObject *module, PyObject *args, PyObject *kwargs);
PyObject *te_py_profile_chrome_trace (PyObject *module, PyObject *args);
