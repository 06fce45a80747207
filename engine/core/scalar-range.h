/* Whether a number fits a dtype, where PyTorch asks before it writes one. */
#pragma once

#include "base/err.h"
#include "core/scalar.h"

bool te_scalar_fits (TeScalar value, TeDtype dtype);
/* RuntimeError where value does not fit.  What bool takes of a complex number is its real part. */
bool te_scalar_check (TeScalar *value, TeDtype dtype, TeError *err);
