#include "models/trace-builder.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "core/shape.h"

struct _GbTraceBuilder
{
  GbTrace *trace;
  GHashTable *strings;
  GByteArray *bytes;
  guint64 seq, next_tensor, next_storage, next_call, next_node, next_backward, next_module_call, iteration;
  guint64 module_call;
  guint32 next_string, next_file, next_pos, next_module;
  GHashTable *occurrences; /* pos -> how often in this iteration */
  GbContent content;
  guint n_numbers;      /* of CONTENT_NAN: written so far */
  gboolean muted;       /* of CONTENT_SINGLE: its one iteration is over */
  GHashTable *told;     /* of CONTENT_SINGLE: names of events */
};

#define MANY 1000 /* times, of CONTENT_HUGE */

void
gb_trace_builder_set_content (GbTraceBuilder *self, GbContent content)
{
  self->content = content;
}

/* A number that a program would have measured. */
static double
number (GbTraceBuilder *self, double value)
{
  if (self->content == GB_CONTENT_HUGE)
    return value * 1e30;
  if (self->content != GB_CONTENT_NAN)
    return value;
  switch (self->n_numbers++ % 3)
    {
    case 0:
      return NAN;
    case 1:
      return self->n_numbers % 2 ? INFINITY : -INFINITY;
    default:
      return value;
    }
}

/* A name that the program gave. */
static guint32
given_name (GbTraceBuilder *self, const char *name)
{
  if (self->content != GB_CONTENT_LONG || name == NULL || *name == 0)
    return gb_trace_builder_string (self, name);
  g_autofree char *longer = g_strconcat (name, "_which_is_called_by_a_name_that_has_no_room_anywhere", NULL);
  return gb_trace_builder_string (self, longer);
}

/* Behind the one iteration only what others refer to is written, and that it ended. */
static gboolean
is_left_out (const GbTraceBuilder *self, guint16 type)
{
  return self->muted && type != TE_RECORD_STRING && type != TE_RECORD_SOURCE && type != TE_RECORD_POS
         && type != TE_RECORD_END && type != TE_RECORD_EVENT && type != TE_RECORD_SHOW && type != TE_RECORD_TENSOR
         && type != TE_FACT_VALUES;
}

guint64
gb_trace_builder_record (GbTraceBuilder *self, guint16 type, guint16 flags, const void *body, gsize nbytes)
{
  TeRecord head = { .nbytes = (guint32) (sizeof head + (nbytes + 7) / 8 * 8), .type = type, .flags = flags };
  static const guint8 zeros[8] = { 0 };

  if (is_left_out (self, type))
    return self->seq;
  head.seq = ++self->seq;

  g_byte_array_set_size (self->bytes, 0);
  g_byte_array_append (self->bytes, (const guint8 *) &head, sizeof head);
  g_byte_array_append (self->bytes, body, nbytes);
  g_byte_array_append (self->bytes, zeros, head.nbytes - sizeof head - nbytes);
  gb_trace_append (self->trace, self->bytes->data, self->bytes->len, NULL);
  return self->seq;
}

/* A record whose fixed part is `fixed` (with its own, unused head), followed by `more`. */
static guint64
put (GbTraceBuilder *self,
     guint16 type,
     guint16 flags,
     const void *fixed,
     gsize fixed_nbytes,
     const void *more,
     gsize more_nbytes)
{
  gsize nbytes = fixed_nbytes - sizeof (TeRecord) + more_nbytes;
  g_autofree guint8 *body = g_malloc (MAX (nbytes, 1));

  memcpy (body, (const guint8 *) fixed + sizeof (TeRecord), fixed_nbytes - sizeof (TeRecord));
  if (more_nbytes)
    memcpy (body + fixed_nbytes - sizeof (TeRecord), more, more_nbytes);
  return gb_trace_builder_record (self, type, flags, body, nbytes);
}

GbTraceBuilder *
gb_trace_builder_new (GbTrace *trace)
{
  static const char about[] = "{\"cpu\": \"sample\"}";
  GbTraceBuilder *self = g_new0 (GbTraceBuilder, 1);
  TeRecordBegin begin = { .magic = TE_WIRE_MAGIC,
                          .version = TE_WIRE_VERSION,
                          .about_nbytes = sizeof about - 1 };

  self->trace = g_object_ref (trace);
  self->strings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->occurrences = g_hash_table_new (NULL, NULL);
  self->bytes = g_byte_array_new ();
  self->iteration = 1;
  put (self, TE_RECORD_BEGIN, 0, &begin, sizeof begin, about, sizeof about - 1);
  return self;
}

void
gb_trace_builder_free (GbTraceBuilder *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->trace);
  g_hash_table_unref (self->strings);
  g_hash_table_unref (self->occurrences);
  g_clear_pointer (&self->told, g_hash_table_unref);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

guint64
gb_trace_builder_get_seq (GbTraceBuilder *self)
{
  return self->seq;
}

guint32
gb_trace_builder_string (GbTraceBuilder *self, const char *text)
{
  gpointer id = text && text[0] ? g_hash_table_lookup (self->strings, text) : NULL;
  TeRecordString record = { 0 };

  if (text == NULL || text[0] == 0)
    return 0;
  if (id)
    return GPOINTER_TO_UINT (id);
  record.id = ++self->next_string;
  record.text_nbytes = (guint32) strlen (text);
  g_hash_table_insert (self->strings, g_strdup (text), GUINT_TO_POINTER (record.id));
  put (self, TE_RECORD_STRING, 0, &record, sizeof record, text, record.text_nbytes);
  return record.id;
}

guint32
gb_trace_builder_source (GbTraceBuilder *self, const char *path, const char *text)
{
  TeRecordSource record = { .path = gb_trace_builder_string (self, path),
                            .text_nbytes = (guint32) strlen (text),
                            .flags = 1 };
  record.file = ++self->next_file;
  put (self, TE_RECORD_SOURCE, 0, &record, sizeof record, text, record.text_nbytes);
  return record.file;
}

guint32
gb_trace_builder_pos (GbTraceBuilder *self, guint line, guint column, guint end_column)
{
  TeRecordPos record = { .id = ++self->next_pos,
                         .file = self->next_file,
                         .function = gb_trace_builder_string (self, "<module>"),
                         .line = line,
                         .end_line = line,
                         .column = column,
                         .end_column = end_column };
  put (self, TE_RECORD_POS, 0, &record, sizeof record, NULL, 0);
  return record.id;
}

guint32
gb_trace_builder_module (GbTraceBuilder *self, guint32 parent, const char *name, const char *class_name)
{
  TeRecordModule record = { .parent = parent,
                            .name = given_name (self, name),
                            .class_name = gb_trace_builder_string (self, class_name),
                            .flags = 1 };
  record.id = ++self->next_module;
  put (self, TE_RECORD_MODULE, 0, &record, sizeof record, NULL, 0);
  return record.id;
}

guint64
gb_trace_builder_module_enter (GbTraceBuilder *self, guint32 module, guint32 pos)
{
  TeRecordModuleCall record = { .call = ++self->next_module_call, .module = module, .pos = pos };
  put (self, TE_RECORD_MODULE_ENTER, 0, &record, sizeof record, NULL, 0);
  self->module_call = record.call;
  return record.call;
}

void
gb_trace_builder_module_leave (GbTraceBuilder *self, guint64 call, guint32 module, guint32 pos)
{
  TeRecordModuleCall record = { .call = call, .module = module, .pos = pos };
  put (self, TE_RECORD_MODULE_LEAVE, 0, &record, sizeof record, NULL, 0);
  self->module_call = 0;
}

void
gb_trace_builder_param (GbTraceBuilder *self, const GbBuiltTensor *tensor, const char *name, guint32 module)
{
  TeRecordParam record = { .tensor = tensor->id,
                           .name = given_name (self, name),
                           .module = module,
                           .index = gb_trace_get_n_params (self->trace),
                           .flags = (tensor->flags & TE_WIRE_BUFFER) != 0 };
  put (self, TE_RECORD_PARAM, 0, &record, sizeof record, NULL, 0);
}

GbBuiltTensor
gb_trace_builder_make (GbTraceBuilder *self, int dtype, int ndim, const gint64 *sizes)
{
  GbBuiltTensor tensor = {
    .id = ++self->next_tensor, .storage = ++self->next_storage, .dtype = dtype, .ndim = ndim
  };

  g_assert (ndim <= (int) G_N_ELEMENTS (tensor.sizes));
  if (ndim)
    memcpy (tensor.sizes, sizes, sizeof (gint64) * ndim);
  te_shape_contiguous_strides (ndim, tensor.sizes, tensor.strides);
  return tensor;
}

GbBuiltTensor
gb_trace_builder_make_view (GbTraceBuilder *self,
                            const GbBuiltTensor *of,
                            int ndim,
                            const gint64 *sizes,
                            const gint64 *strides,
                            gint64 offset)
{
  GbBuiltTensor tensor = { .id = ++self->next_tensor,
                           .storage = of->storage,
                           .base = of->base ? of->base : of->id,
                           .offset = offset,
                           .dtype = of->dtype,
                           .ndim = ndim,
                           .version = of->version };

  g_assert (ndim <= (int) G_N_ELEMENTS (tensor.sizes));
  memcpy (tensor.sizes, sizes, sizeof (gint64) * ndim);
  memcpy (tensor.strides, strides, sizeof (gint64) * ndim);
  return tensor;
}

/* Whoever tells of a tensor knows it as it would ordinarily be; this is what is written of it. */
static GbBuiltTensor
as_written (const GbTraceBuilder *self, const GbBuiltTensor *told)
{
  GbBuiltTensor tensor = *told;

  if (self->content == GB_CONTENT_SINGLE)
    {
      tensor.offset = 0;
      for (int d = 0; d < tensor.ndim; d++)
        tensor.sizes[d] = MIN (tensor.sizes[d], 1);
    }
  if (tensor.base || tensor.offset)
    return tensor;
  if (self->content == GB_CONTENT_HUGE && tensor.ndim)
    {
      tensor.sizes[tensor.ndim - 1] *= MANY;
      te_shape_contiguous_strides (tensor.ndim, tensor.sizes, tensor.strides);
    }
  if (self->content == GB_CONTENT_STRIDED)
    for (gint64 d = 0, stride = 1; d < tensor.ndim; stride *= MAX (tensor.sizes[d++], 1))
      tensor.strides[d] = stride;
  return tensor;
}

static void
wire_append (const GbTraceBuilder *self, GByteArray *out, const GbBuiltTensor *told, guint nth)
{
  const GbBuiltTensor written = as_written (self, told), *tensor = &written;
  TeWireTensor wire = { .tensor = tensor->id,
                        .storage = tensor->storage,
                        .base = tensor->base,
                        .node = tensor->node,
                        .offset = tensor->offset,
                        .version = tensor->version,
                        .dtype = (guint8) tensor->dtype,
                        .ndim = (guint8) tensor->ndim,
                        .flags = tensor->flags,
                        .output_nr = (guint8) nth };
  g_byte_array_append (out, (const guint8 *) &wire, sizeof wire);
  g_byte_array_append (out, (const guint8 *) tensor->sizes, 8 * tensor->ndim);
  g_byte_array_append (out, (const guint8 *) tensor->strides, 8 * tensor->ndim);
}

void
gb_trace_builder_leaf (GbTraceBuilder *self, const GbBuiltTensor *tensor, guint32 pos)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  guint32 fixed[2] = { pos, 0 };

  g_byte_array_append (body, (const guint8 *) fixed, sizeof fixed);
  wire_append (self, body, tensor, 0);
  gb_trace_builder_record (self, TE_RECORD_TENSOR, 0, body->data, body->len);
}

void
gb_trace_builder_name (GbTraceBuilder *self, const GbBuiltTensor *tensor, const char *name, guint32 pos)
{
  TeRecordName record = { .tensor = tensor->id, .name = given_name (self, name), .pos = pos };
  put (self, TE_RECORD_NAME, 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_value (
    GbTraceBuilder *self, const char *name, const char *type, gint64 n_items, const char *text, guint32 pos)
{
  TeRecordValue record = { .name = gb_trace_builder_string (self, name),
                           .type = gb_trace_builder_string (self, type),
                           .n_items = n_items,
                           .text_nbytes = (guint32) strlen (text),
                           .pos = pos };
  put (self, TE_RECORD_VALUE, 0, &record, sizeof record, text, strlen (text));
}

guint64
gb_trace_builder_op_begin (GbTraceBuilder *self,
                           const char *name,
                           guint16 flags,
                           guint32 pos,
                           const guint64 *inputs,
                           guint n_inputs,
                           const char *text)
{
  g_autoptr (GByteArray) more = g_byte_array_new ();
  gpointer occurrence = g_hash_table_lookup (self->occurrences, GUINT_TO_POINTER (pos));
  TeRecordOp record = { .call = ++self->next_call,
                        .module_call = self->module_call,
                        .name = gb_trace_builder_string (self, name),
                        .pos = pos,
                        .n_inputs = (guint16) n_inputs,
                        .flags = flags,
                        .text_nbytes = text ? (guint32) strlen (text) : 0,
                        .occurrence = GPOINTER_TO_UINT (occurrence) };

  g_hash_table_insert (self->occurrences, GUINT_TO_POINTER (pos), GUINT_TO_POINTER (record.occurrence + 1));
  g_byte_array_append (more, (const guint8 *) inputs, 8 * n_inputs);
  if (text)
    g_byte_array_append (more, (const guint8 *) text, record.text_nbytes);
  put (self, TE_RECORD_OP, 0, &record, sizeof record, more->data, more->len);
  return record.call;
}

void
gb_trace_builder_op_end (GbTraceBuilder *self,
                         guint64 call,
                         const GbBuiltTensor *outputs,
                         guint n_outputs,
                         guint32 nsec,
                         guint status)
{
  g_autoptr (GByteArray) more = g_byte_array_new ();
  TeRecordOpEnd record = {
    .call = call, .nsec = nsec, .n_outputs = (guint16) n_outputs, .status = (guint16) status
  };

  for (guint i = 0; i < n_outputs; i++)
    wire_append (self, more, &outputs[i], i);
  put (self, TE_RECORD_OP_END, 0, &record, sizeof record, more->data, more->len);
}

guint64
gb_trace_builder_op (GbTraceBuilder *self,
                     const char *name,
                     guint16 flags,
                     guint32 pos,
                     const guint64 *inputs,
                     guint n_inputs,
                     const char *text,
                     const GbBuiltTensor *output)
{
  guint64 call = gb_trace_builder_op_begin (self, name, flags, pos, inputs, n_inputs, text);
  gb_trace_builder_op_end (self, call, output, 1, 5000, 0);
  return call;
}

guint64
gb_trace_builder_new_node (GbTraceBuilder *self)
{
  return ++self->next_node;
}

void
gb_trace_builder_node (GbTraceBuilder *self,
                       guint64 node,
                       guint64 call,
                       guint64 leaf,
                       const char *name,
                       const guint64 *next,
                       guint n_next,
                       const TeWireSaved *saved,
                       guint n_saved)
{
  g_autoptr (GByteArray) more = g_byte_array_new ();
  TeRecordNode record = { .node = node,
                          .call = call,
                          .tensor = leaf,
                          .name = gb_trace_builder_string (self, name),
                          .n_edges = (guint16) n_next,
                          .n_saved = (guint16) n_saved };

  for (guint i = 0; i < n_next; i++)
    {
      TeWireEdge edge = { .node = next[i] };
      g_byte_array_append (more, (const guint8 *) &edge, sizeof edge);
    }
  g_byte_array_append (more, (const guint8 *) saved, sizeof *saved * n_saved);
  put (self, TE_RECORD_NODE, 0, &record, sizeof record, more->data, more->len);
}

guint64
gb_trace_builder_backward_begin (GbTraceBuilder *self, guint64 root, guint32 pos)
{
  TeRecordBackward record = { .backward = ++self->next_backward, .root_node = root, .pos = pos };
  put (self, TE_RECORD_BACKWARD_BEGIN, 0, &record, sizeof record, NULL, 0);
  return record.backward;
}

void
gb_trace_builder_backward_end (GbTraceBuilder *self, guint64 backward, guint64 root, guint32 pos)
{
  TeRecordBackward record = { .backward = backward, .root_node = root, .pos = pos };
  put (self, TE_RECORD_BACKWARD_END, 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_node_begin (GbTraceBuilder *self, guint64 backward, guint64 node)
{
  TeRecordNodeRun record = { .backward = backward, .node = node };
  put (self, TE_RECORD_NODE_BEGIN, 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_node_end (
    GbTraceBuilder *self, guint64 backward, guint64 node, const guint64 *grads, guint n)
{
  TeRecordNodeRun record = { .backward = backward, .node = node, .nsec = 3000, .n_grads = (guint16) n };
  put (self, TE_RECORD_NODE_END, 0, &record, sizeof record, grads, 8 * n);
}

void
gb_trace_builder_accumulate (
    GbTraceBuilder *self, guint64 backward, guint64 tensor, guint64 grad, gboolean added)
{
  TeRecordAccumulate record = { .backward = backward, .tensor = tensor, .grad = grad };
  put (self, TE_RECORD_ACCUMULATE, added ? 1 : 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_saved_freed (GbTraceBuilder *self, guint64 node)
{
  TeRecordSavedFreed record = { .node = node };
  put (self, TE_RECORD_SAVED_FREED, 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_step (GbTraceBuilder *self, const char *optimizer, guint64 step, double lr)
{
  TeRecordStep record = {
    .step = step, .optimizer = 1, .name = gb_trace_builder_string (self, optimizer), .lr = lr
  };
  put (self, TE_RECORD_STEP, 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_iteration (GbTraceBuilder *self)
{
  TeRecordIteration record = { .iteration = self->iteration++, .time_nsec = self->iteration * 40000000 };
  put (self, TE_RECORD_ITERATION, 0, &record, sizeof record, NULL, 0);
  g_hash_table_remove_all (self->occurrences);
  self->muted = self->content == GB_CONTENT_SINGLE;
}

guint64
gb_trace_builder_get_iteration (GbTraceBuilder *self)
{
  return self->iteration;
}

void
gb_trace_builder_batch (GbTraceBuilder *self, guint64 epoch, guint64 batch, guint64 n_batches)
{
  TeRecordBatch record = { .batch = batch, .epoch = epoch, .n_batches = n_batches };
  put (self, TE_RECORD_BATCH, 0, &record, sizeof record, NULL, 0);
}

static void
put_log (GbTraceBuilder *self, const char *name, double value, guint16 flags)
{
  TeRecordLog record = { .iteration = self->iteration,
                         .value = number (self, value),
                         .name = given_name (self, name) };
  put (self, TE_RECORD_LOG, flags, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_log_over (GbTraceBuilder *self, const char *name, double value, double x, const char *over)
{
  TeRecordLog record = { .iteration = self->iteration,
                         .value = number (self, value),
                         .x = x,
                         .name = gb_trace_builder_string (self, name),
                         .over = gb_trace_builder_string (self, over) };
  put (self, TE_RECORD_LOG, 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_log (GbTraceBuilder *self, const char *name, double value)
{
  put_log (self, name, value, 0);
}

void
gb_trace_builder_unasked_log (GbTraceBuilder *self, const char *name, double value)
{
  put_log (self, name, value, TE_WIRE_LOG_UNASKED);
}

void
gb_trace_builder_event (GbTraceBuilder *self, const char *name, const char *json)
{
  TeRecordNamed record = { .name = gb_trace_builder_string (self, name), .text_nbytes = (guint32) strlen (json) };
  if (self->content == GB_CONTENT_SINGLE)
    {
      if (self->told == NULL)
        self->told = g_hash_table_new (NULL, NULL);
      if (!g_hash_table_add (self->told, GUINT_TO_POINTER (record.name)))
        return;
    }
  put (self, TE_RECORD_EVENT, 0, &record, sizeof record, json, record.text_nbytes);
}

void
gb_trace_builder_print (GbTraceBuilder *self, const char *text)
{
  TeRecordPrint record = { .stream = 1, .text_nbytes = (guint32) strlen (text) };
  put (self, TE_RECORD_PRINT, 0, &record, sizeof record, text, record.text_nbytes);
}

void
gb_trace_builder_state (GbTraceBuilder *self, TeState state, guint32 pos, const char *text)
{
  TeRecordState record = { .state = state, .pos = pos, .text_nbytes = text ? (guint32) strlen (text) : 0 };
  put (self, TE_RECORD_STATE, 0, &record, sizeof record, text, record.text_nbytes);
}

void
gb_trace_builder_show (
    GbTraceBuilder *self, const GbBuiltTensor *tensor, const char *view, const char *name, const char *labels)
{
  TeRecordShow record = { .tensor = tensor->id,
                          .view = gb_trace_builder_string (self, view),
                          .name = gb_trace_builder_string (self, name),
                          .text_nbytes = labels ? (guint32) strlen (labels) : 0 };
  put (self, TE_RECORD_SHOW, 0, &record, sizeof record, labels, record.text_nbytes);
}

static void
element_append (GByteArray *out, int dtype, double value)
{
  union
  {
    guint8 u8;
    gint8 i8;
    gint16 i16;
    gint32 i32;
    gint64 i64;
    float f32;
    double f64;
    float c64[2];
    double c128[2];
    TeHalf half;
    TeBFloat16 bfloat16;
  } e = { 0 };

  switch ((TeDtype) dtype)
    {
    case TE_UINT8:
      e.u8 = (guint8) value;
      break;
    case TE_INT8:
      e.i8 = (gint8) value;
      break;
    case TE_INT16:
      e.i16 = (gint16) value;
      break;
    case TE_INT32:
      e.i32 = (gint32) value;
      break;
    case TE_INT64:
      e.i64 = (gint64) value;
      break;
    case TE_FLOAT16:
      e.half = te_half_from_float ((float) value);
      break;
    case TE_FLOAT32:
      e.f32 = (float) value;
      break;
    case TE_FLOAT64:
      e.f64 = value;
      break;
    case TE_BOOL:
      e.u8 = value != 0;
      break;
    case TE_BFLOAT16:
      e.bfloat16 = te_bfloat16_from_float ((float) value);
      break;
    case TE_COMPLEX64:
      e.c64[0] = (float) value;
      break;
    case TE_COMPLEX128:
      e.c128[0] = value;
      break;
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      return;
    }
  g_byte_array_append (out, (const guint8 *) &e, te_dtype_nbytes (dtype));
}

static void
put_values (GbTraceBuilder *self,
            guint kind,
            const GbBuiltTensor *tensor,
            const double *values,
            gint64 first,
            gint64 count)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autoptr (GByteArray) body = g_byte_array_new ();
  TeFactValues fact = { .iteration = self->iteration, .kind = kind };
  static const gint64 starts[8] = { 0 };
  gint64 extents[8]; /* of a huge tensor: as far as its numbers were told */

  memcpy (extents, tensor->sizes, sizeof extents);
  for (int d = 0; d < tensor->ndim && self->content == GB_CONTENT_SINGLE; d++)
    extents[d] = MIN (extents[d], 1);
  if (self->content == GB_CONTENT_SINGLE)
    {
      first = 0;
      count = MIN (count, 1);
    }
  for (gint64 i = 0; i < count; i++)
    element_append (data, tensor->dtype, te_dtype_is_floating (tensor->dtype) ? number (self, values[i]) : values[i]);
  fact.first = first;
  fact.count = count;
  fact.data_nbytes = data->len;
  g_byte_array_append (body, (const guint8 *) &fact + sizeof (TeRecord),
                       G_STRUCT_OFFSET (TeFactValues, tensor) - sizeof (TeRecord));
  wire_append (self, body, tensor, 0);
  if (kind == 0)
    {
      g_byte_array_append (body, (const guint8 *) starts, 8 * tensor->ndim);
      g_byte_array_append (body, (const guint8 *) extents, 8 * tensor->ndim);
    }
  g_byte_array_append (body, data->data, data->len);
  gb_trace_builder_record (self, TE_FACT_VALUES, 0, body->data, body->len);
}

void
gb_trace_builder_values (GbTraceBuilder *self, const GbBuiltTensor *tensor, const double *values)
{
  int64_t numel = 0;
  te_shape_numel (tensor->ndim, tensor->sizes, &numel);
  put_values (self, 0, tensor, values, 0, numel);
}

void
gb_trace_builder_storage_values (
    GbTraceBuilder *self, const GbBuiltTensor *tensor, const double *values, gint64 first, gint64 count)
{
  put_values (self, 1, tensor, values, first, count);
}

void
gb_trace_builder_stats (GbTraceBuilder *self,
                        const GbBuiltTensor *tensor,
                        double min,
                        double max,
                        double mean,
                        double std,
                        double norm)
{
  TeFactStats fact = { .tensor = tensor->id,
                       .iteration = self->iteration,
                       .version = tensor->version,
                       .min = number (self, min),
                       .max = number (self, max),
                       .mean = number (self, mean),
                       .std = number (self, std),
                       .norm = number (self, norm) };
  int64_t numel = 0;
  GbBuiltTensor written = as_written (self, tensor);
  te_shape_numel (written.ndim, written.sizes, &numel);
  fact.numel = numel;
  put (self, TE_FACT_STATS, 0, &fact, sizeof fact, NULL, 0);
}

void
gb_trace_builder_gradient (GbTraceBuilder *self,
                           const GbBuiltTensor *param,
                           guint32 index,
                           double grad_norm,
                           double param_norm,
                           double update_norm,
                           guint32 nans,
                           gboolean none)
{
  TeFactGradient fact = { .iteration = self->iteration,
                          .tensor = param->id,
                          .param = index,
                          .flags = none ? 1 : 0,
                          .grad_norm = number (self, grad_norm),
                          .param_norm = number (self, param_norm),
                          .update_norm = number (self, update_norm),
                          .nans = nans };
  put (self, TE_FACT_GRADIENT, 0, &fact, sizeof fact, NULL, 0);
}

void
gb_trace_builder_attention (GbTraceBuilder *self,
                            guint64 tensor,
                            guint64 call,
                            guint64 call_key,
                            const char *module,
                            guint heads,
                            guint queries,
                            guint keys,
                            const float *weights,
                            guint sample,
                            guint samples)
{
  g_autofree float *some = g_memdup2 (weights, sizeof (float) * heads * queries * keys);
  gboolean single = self->content == GB_CONTENT_SINGLE;
  TeFactAttention fact = { .iteration = self->iteration,
                           .tensor = tensor,
                           .call = call,
                           .call_key = call_key,
                           .heads = single ? 1 : heads,
                           .queries = single ? 1 : queries,
                           .keys = single ? 1 : keys,
                           .module = given_name (self, module),
                           .batch = sample,
                           .samples = samples };
  for (guint i = 0; i < heads * queries * keys && self->content == GB_CONTENT_NAN; i++)
    some[i] = (float) number (self, some[i]);
  put (self, TE_FACT_ATTENTION, 0, &fact, sizeof fact, some, sizeof (float) * fact.heads * fact.queries * fact.keys);
}

void
gb_trace_builder_knob (GbTraceBuilder *self, const char *name, double value, double low, double high)
{
  TeRecordKnob record = { .name = gb_trace_builder_string (self, name),
                          .value = value,
                          .default_value = value,
                          .low = low,
                          .high = high };
  put (self, TE_RECORD_KNOB, 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_knob_set (GbTraceBuilder *self, const char *name, double value)
{
  TeRecordKnobSet record = { .name = gb_trace_builder_string (self, name), .value = value };
  put (self, TE_RECORD_KNOB_SET, 0, &record, sizeof record, NULL, 0);
}

void
gb_trace_builder_resume (GbTraceBuilder *self, guint64 iteration)
{
  const GbIteration *at = gb_trace_find_iteration (self->trace, iteration);
  TeRecordResume record = { 0 };
  if (at == NULL || self->muted)
    return;
  record.after_seq = at->last_seq;
  self->seq = at->last_seq;
  self->iteration = iteration + 1;
  put (self, TE_RECORD_RESUME, 0, &record, sizeof record, NULL, 0);
  gb_trace_builder_state (self, TE_STATE_PAUSED, 0, "iteration");
}

void
gb_trace_builder_end (GbTraceBuilder *self, int exit_code)
{
  TeRecordEnd record = { .exit_code = exit_code, .time_nsec = self->iteration * 40000000 };
  put (self, TE_RECORD_END, 0, &record, sizeof record, NULL, 0);
}
