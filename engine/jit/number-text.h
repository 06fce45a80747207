/* Numbers as graphs, code and print show them. */
#pragma once

#include "core/tensor.h"
#include "jit/arena.h"

void te_jit_text_float (TeJitText *text, double value); /* print: shortest digits, "1." */
void te_jit_text_float_exact (TeJitText *text,
                              double value); /* graphs and code: 17 digits, "0.10000000000000001", "2." */
/* A constant tensor in a graph: {1} for one element, the printed tensor on one line up to ten, else <Tensor>.
 */
void te_jit_text_tensor (TeJitText *text, const TeTensor *tensor);
void te_jit_text_tensor_lines (TeJitText *text, const TeTensor *tensor); /* as C++ prints it */
void te_jit_text_quoted (TeJitText *text, const char *data, size_t n);   /* "text" with C's escapes */
