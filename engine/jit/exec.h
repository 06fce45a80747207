/* The executor: runs a function's graph node by node.  Ops go through dispatch. */
#pragma once

#include "jit/function.h"
#include "jit/schema.h"

/* Runs function with its params' values (borrowed); result is owned.  A failure leaves the place in
 * te_jit_failure. */
bool te_jit_run (TeJitFunction *function, const TeJitAny *args, TeJitAny *result, TeError *err);
bool te_jit_run_graph (TeJitGraph *graph, const TeJitAny *args, TeJitAny *results, TeError *err);

/* Where the last failure was: innermost first. */
#define TE_JIT_MAX_FRAMES 64
typedef struct
{
  const TeJitRange *range;
  const TeJitFunction *function;
} TeJitFrame;
typedef struct
{
  int n_frames;
  TeJitFrame frames[TE_JIT_MAX_FRAMES];
  bool raised;           /* by the program itself: raise, assert */
  const char *exception; /* its class, "builtins.ValueError"; NULL: RuntimeError */
} TeJitFailure;
extern TeJitFailure te_jit_failure;

/* What objects are is known to python alone. */
typedef struct
{
  bool (*get) (void *object, const char *name, TeJitAny *out, TeError *err);
  bool (*set) (void *object, const char *name, TeJitAny value, TeError *err);
  bool (*call) (
      TeJitFunction *function, const TeJitAny *args, int n, TeJitAny *out, TeError *err); /* ignored ones */
  bool (*print) (const char *text, TeError *err);
  bool (*tensor_text) (TeTensor *tensor, TeJitText *text, TeError *err);
  bool (*warn) (const char *text, TeError *err);
} TeJitHost;
extern TeJitHost te_jit_host;
/* te_jit_text_value with printed tensors. */
bool te_jit_print_value (TeJitText *text, TeJitAny value, TeError *err);
/* Runs one node without blocks whose inputs are constants; for passes. */
bool te_jit_run_node (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err);
