#pragma once

#include "core/sparse.h"

/* a + b, either of which may be sparse; sparse where both are. */
TeTensor *te_gradient_sum (TeTensor *a, TeTensor *b, TeError *err);
