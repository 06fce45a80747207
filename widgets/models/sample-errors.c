#include "models/sample-errors.h"

#include <string.h>

#include "core/dtype.h"
#include "trace/record.h"

static void
append (GByteArray *bytes, const void *data, gsize nbytes)
{
  g_byte_array_append (bytes, data, (guint) nbytes);
}

static guint64
finish (GbTraceBuilder *b, guint16 type, GByteArray *bytes)
{
  static const guint8 zero[8];
  append (bytes, zero, (8 - bytes->len % 8) % 8);
  guint64 seq =
      gb_trace_builder_record (b, type, 0, bytes->data + sizeof (TeRecord), bytes->len - sizeof (TeRecord));
  g_byte_array_unref (bytes);
  return seq;
}

static guint64
exception (GbTraceBuilder *b, guint32 pos, const char *type, const char *message)
{
  TeRecordException record = { .pos = pos,
                               .type_nbytes = (guint32) strlen (type),
                               .message_nbytes = (guint32) strlen (message) };
  GByteArray *bytes = g_byte_array_new ();

  append (bytes, &record, sizeof record);
  append (bytes, type, strlen (type));
  append (bytes, message, strlen (message));
  return finish (b, TE_RECORD_EXCEPTION, bytes);
}

/* name at columns begin to end of a line; tensor NULL: a plain value that reads as text. */
static void
operand (GbTraceBuilder *b,
         guint64 raised,
         TeOperandRole role,
         guint32 line,
         guint32 begin,
         guint32 end,
         const char *name,
         const char *text,
         const GbBuiltTensor *tensor,
         guint n_values)
{
  TeFactOperand fact = { .exception = raised,
                         .role = role,
                         .line = line,
                         .end_line = line,
                         .column = begin,
                         .end_column = end,
                         .has_tensor = tensor != NULL,
                         .n_values = n_values,
                         .n_storage = n_values,
                         .name_nbytes = (guint32) strlen (name),
                         .text_nbytes = (guint32) strlen (text) };
  const char *type = tensor ? "Tensor" : role == TE_OPERAND_NODE ? "Call" : "int";
  GByteArray *bytes = g_byte_array_new ();

  fact.type_nbytes = (guint32) strlen (type);
  if (tensor)
    fact.tensor = (TeWireTensor){ .storage = tensor->storage,
                                  .offset = tensor->offset,
                                  .dtype = (guint8) tensor->dtype,
                                  .ndim = (guint8) tensor->ndim };
  append (bytes, &fact, sizeof fact);
  if (tensor)
    {
      append (bytes, tensor->sizes, (gsize) tensor->ndim * 8);
      append (bytes, tensor->strides, (gsize) tensor->ndim * 8);
    }
  for (guint i = 0; i < n_values; i++)
    append (bytes, &(double){ i }, sizeof (double));
  append (bytes, name, strlen (name));
  append (bytes, type, strlen (type));
  append (bytes, text, strlen (text));
  finish (b, TE_FACT_OPERAND, bytes);
}

static void
tried (GbTraceBuilder *b,
       guint64 raised,
       guint32 line,
       guint32 begin,
       guint32 end,
       TeTriedStatus status,
       const char *text,
       const char *result)
{
  TeFactTried fact = { .exception = raised,
                       .line = line,
                       .end_line = line,
                       .column = begin,
                       .end_column = end,
                       .status = status,
                       .text_nbytes = (guint32) strlen (text),
                       .result_nbytes = (guint32) strlen (result) };
  GByteArray *bytes = g_byte_array_new ();

  append (bytes, &fact, sizeof fact);
  append (bytes, text, strlen (text));
  append (bytes, result, strlen (result));
  finish (b, TE_FACT_TRIED, bytes);
}

void
gb_sample_error_view (GbTraceBuilder *b)
{
  static const gint64 s34[] = { 3, 4 }, s43[] = { 4, 3 }, strides[] = { 1, 4 };
  GbBuiltTensor x = gb_trace_builder_make (b, TE_INT64, 2, s34), y;
  guint32 pos;
  guint64 raised;

  gb_trace_builder_source (b, "view.py",
                           "import torch\nx = torch.arange(12).reshape(3, 4)\ny = x.t()\nv = y.view(12)\n");
  pos = gb_trace_builder_pos (b, 4, 4, 14);
  y = gb_trace_builder_make_view (b, &x, 2, s43, strides, 0);
  raised = exception (
      b, pos, "RuntimeError",
      "view size is not compatible with input tensor's size and stride (at least one dimension spans "
      "across two contiguous subspaces). Use .reshape(...) instead.");
  operand (b, raised, TE_OPERAND_NODE, 4, 4, 14, "view", "", NULL, 0);
  operand (b, raised, TE_OPERAND_RECEIVER, 4, 4, 5, "y", "", &y, 12);
  operand (b, raised, TE_OPERAND_ARGUMENT, 4, 11, 13, "12", "12", NULL, 0);
  tried (b, raised, 4, 6, 10, TE_TRIED_SUCCEEDED, "reshape",
         "(12,) int64 [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]");
  tried (b, raised, 4, 5, 5, TE_TRIED_SUCCEEDED, ".contiguous()",
         "(12,) int64 [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]");
  gb_trace_builder_end (b, 1);
}

void
gb_sample_error_shapes (GbTraceBuilder *b)
{
  static const gint64 s34[] = { 3, 4 }, s43[] = { 4, 3 };
  GbBuiltTensor weights = gb_trace_builder_make (b, TE_FLOAT32, 2, s34),
                shift = gb_trace_builder_make (b, TE_FLOAT32, 2, s43);
  guint32 pos;
  guint64 raised;

  gb_trace_builder_source (b, "shapes.py", "weights, shift = load()\nmoved = torch.add(weights, shift)\n");
  pos = gb_trace_builder_pos (b, 2, 8, 33);
  raised =
      exception (b, pos, "RuntimeError",
                 "The size of tensor a (4) must match the size of tensor b (3) at non-singleton dimension 1");
  operand (b, raised, TE_OPERAND_NODE, 2, 8, 33, "add", "", NULL, 0);
  operand (b, raised, TE_OPERAND_ARGUMENT, 2, 18, 25, "weights", "", &weights, 0);
  operand (b, raised, TE_OPERAND_ARGUMENT, 2, 27, 32, "shift", "", &shift, 0);
  tried (b, raised, 2, 32, 32, TE_TRIED_SUCCEEDED, ".t()", "(3, 4) float32");
  tried (b, raised, 2, 25, 25, TE_TRIED_RAISED, ".t()", "");
  gb_trace_builder_end (b, 1);
}
