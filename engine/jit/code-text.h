/* A function as TorchScript code: what .code shows and archives hold. */
#pragma once

#include "jit/function.h"

/* Tensors that the code names CONSTANTS.c0, CONSTANTS.c1 … */
typedef struct
{
  TeTensor **tensors; /* borrowed from graphs that stay */
  int n, room;
} TeJitConstants;
void te_jit_constants_clear (TeJitConstants *constants);

/* constants may be NULL: numbers are then given for this text alone. */
void te_jit_code_text (TeJitText *text, const TeJitFunction *function, TeJitConstants *constants);
bool te_jit_is_identifier (const char *name);
/* A constant as code shows it. */
void te_jit_code_constant (TeJitText *text, TeJitAny value, const TeJitType *type, TeJitConstants *constants);
