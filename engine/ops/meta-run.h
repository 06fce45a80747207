/* Ops on device meta whose family has no rule of its own for sizes. */
#pragma once

#include "ops/op-def.h"

/* Does the op give sizes for tensors without data, its kernel running on zeros? */
bool te_meta_runs_on_zeros (const char *family, const char *op);
/* Runs the kernel of such an op on zeros of the arguments' sizes; what is kept of the results is their sizes.
 * run is dispatch's way to a kernel. */
bool te_meta_run (TeOpCall *call, bool (*run) (TeOpCall *, TeError *), TeError *err);
/* The error of an op that has no kernel for device meta.  Always false. */
bool te_meta_refuse (const char *name, TeError *err);
