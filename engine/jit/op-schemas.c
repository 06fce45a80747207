/* Rows where ATen's form of an op differs from the op table's: more arguments, or several ops under one name.
 */
#include <string.h>

#include "jit/schema.h"
#include "ops/dispatch.h"
#include "ops/registry.h"

static const struct
{
  const char *text, *op;
} rows[] = {
  { "aten::to.dtype(Tensor(a) self, ScalarType dtype, bool non_blocking=False, bool copy=False, "
    "MemoryFormat? "
    "memory_format=None) -> Tensor(a)",
    "to.dtype" },
  { "aten::to.device(Tensor(a) self, Device device, ScalarType dtype, bool non_blocking=False, bool "
    "copy=False, "
    "MemoryFormat? memory_format=None) -> Tensor(a)",
    "to.device" },
  { "aten::to.dtype_layout(Tensor(a) self, *, ScalarType? dtype=None, Layout? layout=None, Device? "
    "device=None, bool? "
    "pin_memory=None, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> "
    "Tensor(a)",
    "to.device" },
  { "aten::to.prim_Device(Tensor(a) self, Device? device, int? dtype=None, bool non_blocking=False, bool "
    "copy=False) -> "
    "Tensor(a)",
    "to.device" },
  { "aten::to.prim_dtype(Tensor(a) self, int? dtype=None, bool non_blocking=False, bool copy=False) -> "
    "Tensor(a)",
    "to.device" },
  { "aten::empty.memory_format(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? "
    "device=None, bool? "
    "pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
    "empty" },
  { "aten::cdist(Tensor x1, Tensor x2, float p=2., int? compute_mode=None) -> Tensor", "cdist" },
  { "aten::rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, "
    "Generator? "
    "generator=None) -> Tensor",
    "rrelu" },
};

/* aten::_convolution: what all convolutions are in a trace. */
static bool
convolution (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  static const TeJitSchema *schema;
  if (!schema)
    {
      int count;
      const TeJitSchema *const *found = te_jit_schemas_find ("aten::convolution", &count);
      schema = count ? found[0] : NULL;
    }
  if (!schema)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "aten::_convolution");
  return te_jit_schema_call (schema, in, 9, out, 1, err);
}

void
te_jit_add_op_schemas (void)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      const TeOp *op = te_registry_find (rows[i].op);
      if (op)
        te_jit_schema_add (rows[i].text, op, NULL);
    }
  te_jit_schema_add (
      "aten::_convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] "
      "dilation, bool transposed, int[] output_padding, int groups, bool benchmark, bool deterministic, bool "
      "cudnn_enabled, bool allow_tf32) -> Tensor",
      NULL, convolution);
}
