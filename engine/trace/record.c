#include "trace/record.h"

#include <string.h>

/* A record is a fixed part and a tail.  The tail's length follows from counts in the fixed part; each type
 * that has a tail names a function that walks it. */
typedef struct
{
  const char *at, *end;
} Tail;

typedef bool (*TailCheck) (const TeRecord *record, Tail *tail);

typedef struct
{
  uint16_t type;
  uint16_t fixed_nbytes;
  bool detail;
  const char *name;
  TailCheck tail; /* NULL: nothing follows */
} RecordKind;

static bool
take (Tail *tail, uint64_t nbytes)
{
  if (nbytes > (uint64_t) (tail->end - tail->at))
    return false;
  tail->at += nbytes;
  return true;
}

static bool
take_text (Tail *tail, uint64_t nbytes)
{
  return take (tail, nbytes) && take (tail, (8 - (nbytes & 7)) & 7);
}

static bool
tensor_is_sane (const TeWireTensor *tensor)
{
  if (tensor->ndim > TE_WIRE_MAX_NDIM || tensor->dtype >= TE_WIRE_DTYPES)
    return false;
  const int64_t *sizes = te_wire_tensor_sizes (tensor);
  for (int i = 0; i < tensor->ndim; i++)
    if (sizes[i] < 0)
      return false;
  return true;
}

static bool
take_tensor (Tail *tail, const TeWireTensor **tensor)
{
  const TeWireTensor *at = (const TeWireTensor *) tail->at;
  if (tail->end - tail->at < (ptrdiff_t) sizeof *at || !take (tail, te_wire_tensor_nbytes (at)))
    return false;
  *tensor = at;
  return tensor_is_sane (at);
}

static bool
check_begin (const TeRecord *record, Tail *tail)
{
  const TeRecordBegin *r = (const void *) record;
  return r->magic == TE_WIRE_MAGIC && take_text (tail, r->about_nbytes);
}

static bool
check_string (const TeRecord *record, Tail *tail)
{
  const TeRecordString *r = (const void *) record;
  return r->id && take_text (tail, r->text_nbytes);
}

static bool
check_source (const TeRecord *record, Tail *tail)
{
  const TeRecordSource *r = (const void *) record;
  return r->file && take_text (tail, r->text_nbytes);
}

static bool
check_op (const TeRecord *record, Tail *tail)
{
  const TeRecordOp *r = (const void *) record;
  return take (tail, (uint64_t) r->n_inputs * 8) && take_text (tail, r->text_nbytes);
}

static bool
check_op_end (const TeRecord *record, Tail *tail)
{
  const TeRecordOpEnd *r = (const void *) record;
  const TeWireTensor *tensor;
  for (int i = 0; i < r->n_outputs; i++)
    if (!take_tensor (tail, &tensor))
      return false;
  return true;
}

static bool
check_tensor (const TeRecord *record, Tail *tail)
{
  const TeRecordTensor *r = (const void *) record;
  return r->tensor.ndim <= TE_WIRE_MAX_NDIM && take (tail, (uint64_t) r->tensor.ndim * 16)
         && tensor_is_sane (&r->tensor);
}

static bool
check_node (const TeRecord *record, Tail *tail)
{
  const TeRecordNode *r = (const void *) record;
  return take (tail, (uint64_t) r->n_edges * sizeof (TeWireEdge))
         && take (tail, (uint64_t) r->n_saved * sizeof (TeWireSaved));
}

static bool
check_node_run (const TeRecord *record, Tail *tail)
{
  return take (tail, (uint64_t) ((const TeRecordNodeRun *) record)->n_grads * 8);
}

static bool
check_zero_grad (const TeRecord *record, Tail *tail)
{
  return take (tail, (uint64_t) ((const TeRecordZeroGrad *) record)->n_tensors * 8);
}

static bool
check_optimizer (const TeRecord *record, Tail *tail)
{
  return take (tail, (uint64_t) ((const TeRecordOptimizer *) record)->n_tensors * 8);
}

static bool
check_print (const TeRecord *record, Tail *tail)
{
  return take_text (tail, ((const TeRecordPrint *) record)->text_nbytes);
}

static bool
check_figure (const TeRecord *record, Tail *tail)
{
  const TeRecordFigure *r = (const void *) record;
  return r->png_nbytes <= TE_FIGURE_MOST_NBYTES && r->at_nbyte <= r->png_nbytes
         && r->part_nbytes <= r->png_nbytes - r->at_nbyte
         && (uint64_t) r->width * r->height <= TE_FIGURE_MOST_PIXELS && take_text (tail, r->part_nbytes);
}

static bool
check_exception (const TeRecord *record, Tail *tail)
{
  const TeRecordException *r = (const void *) record;
  return take_text (tail, (uint64_t) r->type_nbytes + r->message_nbytes + r->traceback_nbytes);
}

static bool
check_warning (const TeRecord *record, Tail *tail)
{
  return take_text (tail, ((const TeRecordWarning *) record)->text_nbytes);
}

static bool
check_knob (const TeRecord *record, Tail *tail)
{
  const TeRecordKnob *r = (const void *) record;
  return r->kind <= 3 && take_text (tail, r->choices_nbytes);
}

static bool
check_resume (const TeRecord *record, Tail *tail)
{
  return record->seq == ((const TeRecordResume *) record)->after_seq + 1;
}

static bool
check_named (const TeRecord *record, Tail *tail)
{
  return take_text (tail, ((const TeRecordNamed *) record)->text_nbytes);
}

static bool
check_file (const TeRecord *record, Tail *tail)
{
  const TeRecordFile *file = (const TeRecordFile *) record;
  return (!file->content_nbytes || file->content_nbytes == file->nbytes)
         && take_text (tail, file->content_nbytes);
}

static bool
check_show (const TeRecord *record, Tail *tail)
{
  return take_text (tail, ((const TeRecordShow *) record)->text_nbytes);
}

static bool
check_value (const TeRecord *record, Tail *tail)
{
  const TeRecordValue *r = (const void *) record;
  return r->n_items >= -1 && take_text (tail, r->text_nbytes);
}

static bool
check_state (const TeRecord *record, Tail *tail)
{
  const TeRecordState *r = (const void *) record;
  return r->state <= TE_STATE_ENDED && take_text (tail, r->text_nbytes);
}

/* A block's extents lie inside the tensor and its bytes are as many as extents or count say. */
static bool
check_values (const TeRecord *record, Tail *tail)
{
  const TeFactValues *r = (const void *) record;
  if (r->tensor.ndim > TE_WIRE_MAX_NDIM || !take (tail, (uint64_t) r->tensor.ndim * 16)
      || !tensor_is_sane (&r->tensor))
    return false;
  uint64_t nbytes = te_wire_dtype_nbytes (r->tensor.dtype);
  if (r->kind == 0)
    {
      const int64_t *starts = (const int64_t *) tail->at;
      if (!take (tail, (uint64_t) r->tensor.ndim * 16))
        return false;
      const int64_t *extents = starts + r->tensor.ndim, *sizes = te_wire_tensor_sizes (&r->tensor);
      for (int i = 0; i < r->tensor.ndim; i++)
        if (starts[i] < 0 || extents[i] < 0 || extents[i] > sizes[i] || starts[i] > sizes[i] - extents[i]
            || __builtin_mul_overflow (nbytes, (uint64_t) extents[i], &nbytes))
          return false;
    }
  else if (r->kind != 1 || r->first < 0 || r->count < 0
           || __builtin_mul_overflow (nbytes, (uint64_t) r->count, &nbytes))
    return false;
  return nbytes == r->data_nbytes && take_text (tail, r->data_nbytes);
}

static bool
check_attention (const TeRecord *record, Tail *tail)
{
  const TeFactAttention *r = (const void *) record;
  uint64_t nbytes = 4;
  return !__builtin_mul_overflow (nbytes, (uint64_t) r->heads, &nbytes)
         && !__builtin_mul_overflow (nbytes, (uint64_t) r->queries, &nbytes)
         && !__builtin_mul_overflow (nbytes, (uint64_t) r->keys, &nbytes) && take_text (tail, nbytes);
}

static bool
check_histogram (const TeRecord *record, Tail *tail)
{
  return take (tail, (uint64_t) ((const TeFactHistogram *) record)->n_bins * 8);
}

static bool
check_operand (const TeRecord *record, Tail *tail)
{
  const TeFactOperand *r = (const void *) record;
  return r->role < TE_OPERAND_ROLES && r->tensor.ndim <= TE_WIRE_MAX_NDIM
         && take (tail, (uint64_t) r->tensor.ndim * 16) && tensor_is_sane (&r->tensor)
         && take (tail, (uint64_t) r->n_values * 8)
         && take_text (tail, (uint64_t) r->name_nbytes + r->type_nbytes + r->text_nbytes);
}

static bool
check_tried (const TeRecord *record, Tail *tail)
{
  const TeFactTried *r = (const void *) record;
  return r->status <= TE_TRIED_NOT_POSSIBLE && take_text (tail, (uint64_t) r->text_nbytes + r->result_nbytes);
}

#define S false
#define D true
static const RecordKind kinds[] = {
  { TE_RECORD_BEGIN, sizeof (TeRecordBegin), S, "begin", check_begin },
  { TE_RECORD_STRING, sizeof (TeRecordString), S, "string", check_string },
  { TE_RECORD_SOURCE, sizeof (TeRecordSource), S, "source", check_source },
  { TE_RECORD_POS, sizeof (TeRecordPos), S, "position", NULL },
  { TE_RECORD_LINE, sizeof (TeRecordLine), D, "line", NULL },
  { TE_RECORD_MODULE, sizeof (TeRecordModule), S, "module", NULL },
  { TE_RECORD_MODULE_ENTER, sizeof (TeRecordModuleCall), S, "module-enter", NULL },
  { TE_RECORD_MODULE_LEAVE, sizeof (TeRecordModuleCall), S, "module-leave", NULL },
  { TE_RECORD_PARAM, sizeof (TeRecordParam), S, "param", NULL },
  { TE_RECORD_OP, sizeof (TeRecordOp), S, "op", check_op },
  { TE_RECORD_OP_END, sizeof (TeRecordOpEnd), S, "op-end", check_op_end },
  { TE_RECORD_TENSOR, sizeof (TeRecordTensor), S, "tensor", check_tensor },
  { TE_RECORD_NAME, sizeof (TeRecordName), S, "name", NULL },
  { TE_RECORD_NODE, sizeof (TeRecordNode), S, "node", check_node },
  { TE_RECORD_NODE_BEGIN, sizeof (TeRecordNodeRun), S, "node-begin", check_node_run },
  { TE_RECORD_NODE_END, sizeof (TeRecordNodeRun), S, "node-end", check_node_run },
  { TE_RECORD_ACCUMULATE, sizeof (TeRecordAccumulate), S, "accumulate", NULL },
  { TE_RECORD_SAVED_FREED, sizeof (TeRecordSavedFreed), S, "saved-freed", NULL },
  { TE_RECORD_BACKWARD_BEGIN, sizeof (TeRecordBackward), S, "backward-begin", NULL },
  { TE_RECORD_BACKWARD_END, sizeof (TeRecordBackward), S, "backward-end", NULL },
  { TE_RECORD_STORAGE_NEW, sizeof (TeRecordStorage), D, "storage-new", NULL },
  { TE_RECORD_STORAGE_FREE, sizeof (TeRecordStorage), D, "storage-free", NULL },
  { TE_RECORD_STEP, sizeof (TeRecordStep), S, "step", NULL },
  { TE_RECORD_ITERATION, sizeof (TeRecordIteration), S, "iteration", NULL },
  { TE_RECORD_BATCH, sizeof (TeRecordBatch), S, "batch", NULL },
  { TE_RECORD_LOG, sizeof (TeRecordLog), S, "log", NULL },
  { TE_RECORD_PRINT, sizeof (TeRecordPrint), S, "print", check_print },
  { TE_RECORD_EXCEPTION, sizeof (TeRecordException), S, "exception", check_exception },
  { TE_RECORD_KNOB, sizeof (TeRecordKnob), S, "knob", check_knob },
  { TE_RECORD_KNOB_SET, sizeof (TeRecordKnobSet), S, "knob-set", NULL },
  { TE_RECORD_MARK, sizeof (TeRecordNamed), S, "mark", check_named },
  { TE_RECORD_ASK, sizeof (TeRecordNamed), S, "ask", check_named },
  { TE_RECORD_TELL, sizeof (TeRecordNamed), S, "tell", check_named },
  { TE_RECORD_CHECK, sizeof (TeRecordNamed), S, "check", check_named },
  { TE_RECORD_SHOW, sizeof (TeRecordShow), S, "show", check_show },
  { TE_RECORD_GAP, sizeof (TeRecordGap), S, "gap", NULL },
  { TE_RECORD_END, sizeof (TeRecordEnd), S, "end", NULL },
  { TE_RECORD_WARNING, sizeof (TeRecordWarning), S, "warning", check_warning },
  { TE_RECORD_STATE, sizeof (TeRecordState), S, "state", check_state },
  { TE_RECORD_RESUME, sizeof (TeRecordResume), S, "resume", check_resume },
  { TE_RECORD_FIGURE, sizeof (TeRecordFigure), S, "figure", check_figure },
  { TE_RECORD_CLOCK, sizeof (TeRecordClock), S, "clock", NULL },
  { TE_RECORD_STEP_BEGIN, sizeof (TeRecordStepBegin), S, "step-begin", NULL },
  { TE_RECORD_ZERO_GRAD, sizeof (TeRecordZeroGrad), S, "zero-grad", check_zero_grad },
  { TE_RECORD_OPTIMIZER, sizeof (TeRecordOptimizer), S, "optimizer", check_optimizer },
  { TE_RECORD_SCHEDULER, sizeof (TeRecordScheduler), S, "scheduler", NULL },
  { TE_RECORD_MODE, sizeof (TeRecordMode), S, "mode", NULL },
  { TE_RECORD_GRAD_NONE, sizeof (TeRecordGradNone), S, "grad-none", NULL },
  { TE_RECORD_FILE, sizeof (TeRecordFile), S, "file", check_file },
  { TE_RECORD_EVENT, sizeof (TeRecordNamed), S, "event", check_named },
  { TE_RECORD_GRAPH_HELD, sizeof (TeRecordGraphHeld), S, "graph-held", NULL },
  { TE_RECORD_VALUE, sizeof (TeRecordValue), D, "value", check_value },
  { TE_FACT_STATS, sizeof (TeFactStats), D, "stats", NULL },
  { TE_FACT_VALUES, sizeof (TeFactValues), D, "values", check_values },
  { TE_FACT_ATTENTION, sizeof (TeFactAttention), D, "attention", check_attention },
  { TE_FACT_GRADIENT, sizeof (TeFactGradient), S, "gradient", NULL },
  { TE_FACT_HASH, sizeof (TeFactHash), D, "hash", NULL },
  { TE_FACT_HISTOGRAM, sizeof (TeFactHistogram), D, "histogram", check_histogram },
  { TE_FACT_METER, sizeof (TeFactMeter), S, "meter", NULL },
  { TE_FACT_NONFINITE, sizeof (TeFactNonfinite), S, "nonfinite", NULL },
  { TE_FACT_OPERAND, sizeof (TeFactOperand), S, "operand", check_operand },
  { TE_FACT_TRIED, sizeof (TeFactTried), S, "tried", check_tried },
  { TE_FACT_TOOK, sizeof (TeFactTook), S, "took", NULL },
};
#undef S
#undef D

/* Numbers are for ever and dense from 1 and from 100; a table by number answers without searching. */
static const RecordKind *
kind_of (unsigned type)
{
  static const RecordKind *by_type[128];
  if (type == 0 || type >= 128)
    return NULL;
  if (!by_type[TE_RECORD_BEGIN])
    for (size_t i = sizeof kinds / sizeof kinds[0]; i-- > 0;)
      by_type[kinds[i].type] = &kinds[i];
  return by_type[type];
}

const char *
te_record_type_name (unsigned type)
{
  const RecordKind *kind = kind_of (type);
  return kind ? kind->name : NULL;
}

bool
te_record_is_detail (unsigned type)
{
  const RecordKind *kind = kind_of (type);
  return kind && kind->detail;
}

unsigned
te_wire_dtype_nbytes (unsigned dtype)
{
  /* In the order of TeDtype: uint8 int8 int16 int32 int64 float16 float32 float64 bool bfloat16 complex64 complex128. */
  static const uint8_t nbytes[TE_WIRE_DTYPES] = { 1, 1, 2, 4, 8, 2, 4, 8, 1, 2, 8, 16 };
  return dtype < TE_WIRE_DTYPES ? nbytes[dtype] : 0;
}

bool
te_record_follows (const TeRecord *record, uint64_t last_seq)
{
  return record->seq > last_seq || (record->type == TE_RECORD_RESUME && record->seq);
}

bool
te_record_check (const void *bytes, size_t nbytes, TeError *err)
{
  const TeRecord *record = bytes;
  if (nbytes < sizeof *record)
    return te_error_set (err, TE_ERR_VALUE, "cut off inside a record's header");
  if (record->nbytes < sizeof *record || record->nbytes % 8 || record->nbytes > TE_RECORD_MAX_NBYTES)
    return te_error_set (err, TE_ERR_VALUE, "a record cannot have %u bytes", record->nbytes);
  const RecordKind *kind = kind_of (record->type);
  if (!kind)
    return te_error_set (err, TE_ERR_VALUE, "unknown record type %u", record->type);
  if (record->nbytes > nbytes)
    return te_error_set (err, TE_ERR_VALUE, "cut off inside a record of type '%s'", kind->name);
  Tail tail = { (const char *) bytes + kind->fixed_nbytes, (const char *) bytes + record->nbytes };
  if (record->nbytes < kind->fixed_nbytes || (kind->tail ? !kind->tail (record, &tail) : false)
      || tail.at != tail.end)
    return te_error_set (err, TE_ERR_VALUE, "malformed record of type '%s' (%u bytes)", kind->name,
                         record->nbytes);
  return true;
}
