/* Lazy conjugation and negation.  conj() of a complex tensor is a view with TE_TENSOR_CONJ, the imaginary
 * part of such a view one with TE_TENSOR_NEG.  Kernels never meet these bits: before an op that is neither a
 * view, nor composite, nor marked TE_OP_LAZY, dispatch puts plain copies in the place of such tensors, and
 * writes results that belong into one back through it. */
#pragma once

#include "ops/op-def.h"

/* Set once the first lazy tensor is made: until then dispatch does not look for any. */
extern bool te_lazy_in_use;

bool te_lazy_needs (const TeOpCall *call);       /* whether te_lazy_run has something to replace */
bool te_lazy_run (TeOpCall *call, TeError *err); /* the call's kernel, over plain tensors */
void te_lazy_inherit (TeOpCall *call); /* after a view's kernel: results look as lazily as args[0] does */
TeTensor *te_lazy_resolve (TeTensor *self,
                           TeError *err); /* an owned plain copy with self's strides where it is dense */
