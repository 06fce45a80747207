/* The tracer's state, shared by jit-trace.c (recording) and jit-scope.c (beginning, modules, end). */
#pragma once

#include "python/jit-private.h"

#define TE_PY_MAX_STASH 64

typedef struct
{
  TeTensor *tensor; /* owned */
  TeJitVar *value;
} TePyTraced;

typedef struct
{
  const TeArg *arg;
  int index;
  TeJitVar *value; /* NULL: used */
  int64_t number;
} TePyStashed;

typedef struct TePyTracer
{
  struct TePyTracer *outer;
  TeJitGraph *graph;
  TePyTraced *entries; /* hashed by tensor */
  size_t n, room;
  int depth;       /* of ops inside ops */
  TeJitNode *open; /* of the op that runs */
  bool indexing;
  TeDtype assigned_dtype; /* of the tensor that copy_ changes */
  int n_stashed;
  TePyStashed stash[TE_PY_MAX_STASH];
  const TeJitRange *last_range;
  void *last_code, *last_frame;
  bool strict;
  PyObject *modules; /* dict: module -> name, of those that have a scope; NULL when a function is traced */
  TeJitVar *
      *attributes; /* of the traced module and those in it: outputs of prim::TracedAttr, named by paths */
  int n_attributes, attributes_room;
} TePyTracer;

void te_py_tracer_start (TePyTracer *self);
void te_py_tracer_stop (TePyTracer *self);
TePyTracer *te_py_tracer_now (void);
void te_py_tracer_set (TePyTracer *self, TeTensor *tensor, TeJitVar *value);
TeJitVar *te_py_tracer_find (const TePyTracer *self, const TeTensor *tensor);
/* The value of a tensor; one that is not known becomes a constant. */
TeJitVar *te_py_tracer_value (TePyTracer *self, TeTensor *tensor, const TeJitRange *range, TeError *err);
void te_py_tracer_clear (TePyTracer *self);

/* ---- jit-scope.c ---- */
TeJitVar *te_py_tracer_attribute (const TePyTracer *self, const char *path); /* NULL: there is none */

/* ---- jit-lift.c ---- */
/* Makes methods of what was recorded, of the classes by path; the traced method. */
TeJitFunction *te_py_trace_lift (TePyTracer *tracer, PyObject *classes);
