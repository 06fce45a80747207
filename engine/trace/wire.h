/* trace: the one stream of typed records that every picture is drawn from.  The interpreter writes it; views read
 * nothing else.  This file is the contract between writer and reader, live (rings in shared memory) and stored
 * (recordings): numbers are for ever, sizes are asserted, new fields go at the end of a record or into a new type.
 *
 * A stream is a sequence of records.  Each begins with TeRecord and is a multiple of 8 bytes long.  Integers are in
 * the machine's byte order (little endian on all supported machines; TE_RECORD_BEGIN tells).  `seq` numbers all
 * records of one interpreter run from 1 on without holes, so that a reader can merge the two rings and see gaps;
 * after TE_RECORD_RESUME it counts on from an earlier one.
 * A *position* in a trace is a seq.
 *
 * Structure records (S) are never dropped; the writer waits up to 50 ms for room, then writes TE_RECORD_GAP.
 * Detail records (D) are skipped when their ring is full and counted in TE_RECORD_GAP.  While recording or
 * stepping, the writer waits for room and nothing is dropped. */
#pragma once

#include <assert.h>
#include <stdint.h>

#define TE_WIRE_VERSION 2
#define TE_WIRE_MAGIC 0x31424447u /* "GDB1" */

typedef struct
{
  uint32_t nbytes; /* of the whole record, header included, multiple of 8 */
  uint16_t type;   /* TeRecordType */
  uint16_t flags;  /* meaning per type */
  uint64_t seq;
} TeRecord;
static_assert (sizeof (TeRecord) == 16, "wire");

typedef enum
{
  TE_RECORD_BEGIN = 1,           /* S: start of a run */
  TE_RECORD_STRING = 2,          /* S: gives an id to a text; ids count from 1, 0 is "" */
  TE_RECORD_SOURCE = 3,          /* S: a source file as it ran */
  TE_RECORD_POS = 4,             /* S: gives an id to a place in a source: lines and columns */
  TE_RECORD_LINE = 5,            /* D: a line was reached (only while stepping or with breakpoints) */
  TE_RECORD_MODULE = 6,          /* S: an nn.Module instance: class, name, parent */
  TE_RECORD_MODULE_ENTER = 7,    /* S */
  TE_RECORD_MODULE_LEAVE = 8,    /* S */
  TE_RECORD_PARAM = 9,           /* S: names a parameter or buffer of a watched module */
  TE_RECORD_OP = 10,             /* S: an op is about to run: failed until its OP_END says otherwise */
  TE_RECORD_OP_END = 11,         /* S: it ran: outputs */
  TE_RECORD_TENSOR = 12,         /* S: a tensor that no recorded op made (leaf, data) */
  TE_RECORD_NAME = 13,           /* S: a variable of the person's code is bound to a tensor */
  TE_RECORD_NODE = 14,           /* S: an autograd node was made */
  TE_RECORD_NODE_BEGIN = 15,     /* S: a backward node is about to run (failed-first, as ops) */
  TE_RECORD_NODE_END = 16,       /* S */
  TE_RECORD_ACCUMULATE = 17,     /* S: a gradient arrived at a leaf */
  TE_RECORD_SAVED_FREED = 18,    /* S: a node's saved buffers were released */
  TE_RECORD_BACKWARD_BEGIN = 19, /* S */
  TE_RECORD_BACKWARD_END = 20,   /* S */
  TE_RECORD_STORAGE_NEW = 21,    /* D */
  TE_RECORD_STORAGE_FREE = 22,   /* D */
  TE_RECORD_STEP = 23,           /* S: optimizer.step() ran */
  TE_RECORD_ITERATION =
      24,               /* S: an iteration ended: a step, or a backward in programs without an optimiser */
  TE_RECORD_BATCH = 25, /* S: a DataLoader handed out a batch */
  TE_RECORD_LOG = 26,   /* S: gb.log */
  TE_RECORD_PRINT = 27, /* S: text to stdout or stderr */
  TE_RECORD_EXCEPTION = 28,  /* S: an exception left the person's code */
  TE_RECORD_KNOB = 29,       /* S: gb.knob declared */
  TE_RECORD_KNOB_SET = 30,   /* S: its value changed */
  TE_RECORD_MARK = 31,       /* S: gb.mark */
  TE_RECORD_ASK = 32,        /* S: gb.ask: the program waits for a prediction */
  TE_RECORD_TELL = 33,       /* S: gb.tell: the computed truth */
  TE_RECORD_CHECK = 34,      /* S: gb.check */
  TE_RECORD_SHOW = 35,       /* S: gb.show / gb.watch of a tensor */
  TE_RECORD_GAP = 36,        /* S: records that were not written */
  TE_RECORD_END = 37,        /* S: end of a run */
  TE_RECORD_WARNING = 38,    /* S */
  TE_RECORD_STATE = 39,      /* S: running, paused … */
  TE_RECORD_RESUME = 40,     /* S: the run was wound back: what came after an earlier seq did not happen */
  TE_RECORD_FIGURE = 41,     /* S: a part of a picture that the program showed */
  TE_RECORD_CLOCK = 42,      /* S: the program read a clock */
  TE_RECORD_STEP_BEGIN = 43, /* S: optimizer.step() begins */
  TE_RECORD_ZERO_GRAD = 44,  /* S: zero_grad() of an optimiser or a module */
  TE_RECORD_OPTIMIZER =
      45, /* S: the parameters that an optimiser holds: told when it is made and when they change */
  TE_RECORD_SCHEDULER = 46,  /* S: a learning rate scheduler stepped (its constructor does so as well) */
  TE_RECORD_MODE = 47,       /* S: module.train() or .eval() */
  TE_RECORD_GRAD_NONE = 48,  /* S: the person's code read a .grad that is None */
  TE_RECORD_GRAPH_HELD = 49, /* S: the graph has grown for some iterations: what keeps the old part alive */
  TE_RECORD_FILE = 50,       /* S: the program read a file; told again when its content is another one */
  TE_RECORD_EVENT = 51,      /* S: gb.log with fields */
  TE_RECORD_VALUE = 52,      /* D: a variable of the person's code has another plain value: a number, a text, a list */
  /* Facts: what was asked and answered, at its position. */
  TE_FACT_STATS = 100,     /* D: health vector of a tensor */
  TE_FACT_VALUES = 101,    /* D: elements of a tensor, or of its storage */
  TE_FACT_ATTENTION = 102, /* D: one attention map */
  TE_FACT_GRADIENT = 103,  /* S: gradient norm of a parameter at an iteration */
  TE_FACT_HASH = 104,      /* D: hash of an op's output (recordings) */
  TE_FACT_HISTOGRAM = 105, /* D */
  TE_FACT_METER = 106,     /* S: memory, processor and elapsed time of the interpreter */
  TE_FACT_NONFINITE = 107, /* S: NaN or infinity in what an op or a backward node made */
  TE_FACT_OPERAND = 108,   /* S: what stood in the expression that raised an exception */
  TE_FACT_TRIED = 109,     /* S: another wording of its statement was run, in a fork that is gone */
  TE_FACT_TOOK = 110,      /* S: how long a part of training took that is no op */
} TeRecordType;

/* Texts follow the fixed part, not terminated, padded with zero to 8 bytes; *_nbytes give their length. */

typedef struct { TeRecord head; uint32_t magic, version; uint64_t time_usec; /* since the epoch */
                 uint64_t pid; uint32_t about_nbytes, pad; /* text: JSON {"cpu":…, "blas":…, "python":…, "argv":[…], "file":…} */
} TeRecordBegin;
static_assert (sizeof (TeRecordBegin) == 48, "wire");

typedef struct { TeRecord head; uint32_t id, text_nbytes; } TeRecordString;

typedef struct { TeRecord head; uint32_t file; /* id, from 1 */ uint32_t path; /* string id */
                 uint32_t text_nbytes, flags; /* 1: the program itself, 2: a library */ } TeRecordSource;

typedef struct { TeRecord head; uint32_t id, file, function; /* string id */
                 uint32_t line, end_line; /* from 1 */ uint32_t column, end_column; /* UTF-8 bytes from 0 */ uint32_t pad;
} TeRecordPos;
static_assert (sizeof (TeRecordPos) == 48, "wire");

typedef struct { TeRecord head; uint32_t file, line, depth, event; /* 0 line 1 call 2 return */ } TeRecordLine;

typedef struct { TeRecord head; uint32_t id, parent; /* module ids from 1; 0: none */
                 uint32_t name; /* dotted path from its root */ uint32_t class_name; uint32_t flags; /* 1 training, TE_WIRE_UNREGISTERED */ uint32_t pad;
} TeRecordModule;

/* A call of a module: `call` is unique per run.  LEAVE repeats it. */
typedef struct { TeRecord head; uint64_t call; uint32_t module, pos; uint32_t flags; /* LEAVE: 1 = by an exception */ uint32_t pad;
} TeRecordModuleCall;

typedef struct { TeRecord head; uint64_t tensor; uint32_t name; /* dotted */ uint32_t module; uint32_t index; /* among parameters, from 0 */
                 uint32_t flags; /* 1: buffer, TE_WIRE_UNREGISTERED */ } TeRecordParam;
#define TE_WIRE_UNREGISTERED 2u /* of MODULE and PARAM: hangs on its module, in an attribute or a list, and is not registered */

/* Geometry of a tensor. Followed by ndim sizes and ndim strides (int64). */
typedef struct
{
  uint64_t tensor, storage, base; /* base: the tensor it is a view of, or 0 */
  uint64_t node;                  /* grad_fn, or 0 */
  int64_t offset;                 /* elements */
  uint32_t version;
  uint8_t dtype;                  /* TeDtype */
  uint8_t ndim;
  uint8_t flags;                  /* TeWireTensorFlags */
  uint8_t output_nr;
} TeWireTensor;
static_assert (sizeof (TeWireTensor) == 48, "wire");
typedef enum
{
  TE_WIRE_REQUIRES_GRAD = 1, TE_WIRE_LEAF = 2, TE_WIRE_PARAMETER = 4, TE_WIRE_META = 8, TE_WIRE_BUFFER = 16,
} TeWireTensorFlags;

/* Followed by n_inputs tensor ids (uint64, 0 for None), then the text of the other arguments ("dim=1, keepdim=True"). */
typedef struct { TeRecord head; uint64_t call; /* op calls count from 1 */ uint64_t module_call; /* innermost, or 0 */
                 uint64_t parent; /* composite op call it runs inside, or 0 */
                 uint32_t name; /* string id: "add", "add_" */ uint32_t pos; uint32_t caller_pos; /* the person's line when pos is inside a library */
                 uint16_t n_inputs; uint16_t flags; /* TeWireOpFlags */ uint32_t text_nbytes; uint32_t occurrence; /* of this pos in this iteration, from 0 */
} TeRecordOp;
static_assert (sizeof (TeRecordOp) == 64, "wire");
typedef enum
{
  TE_WIRE_OP_INPLACE = 1, TE_WIRE_OP_VIEW = 2, TE_WIRE_OP_NO_GRAD = 4, TE_WIRE_OP_BACKWARD = 8, /* ran inside backward() */
  TE_WIRE_OP_RANDOM = 16, TE_WIRE_OP_COMPOSITE = 32, TE_WIRE_OP_SOFTMAX = 64, TE_WIRE_OP_PRODUCT = 128, TE_WIRE_OP_OPTIMIZER = 256,
  TE_WIRE_OP_FUNCTION = 512, /* an autograd.Function of the program: its forward; ops inside have it as their parent */
} TeWireOpFlags;

/* Followed by n_outputs TeWireTensor, each with its sizes and strides. */
typedef struct { TeRecord head; uint64_t call; uint32_t nsec; uint16_t n_outputs; uint16_t status; /* 0 ok, 1 raised */ } TeRecordOpEnd;
static_assert (sizeof (TeRecordOpEnd) == 32, "wire");

typedef struct { TeRecord head; uint32_t pos, pad; TeWireTensor tensor; /* sizes, strides follow */ } TeRecordTensor;
typedef struct { TeRecord head; uint64_t tensor; uint32_t name; uint32_t pos; } TeRecordName;

/* name, type: string ids; n_items: of a collection, -1: it is none; followed by what it reads as, cut short. */
typedef struct { TeRecord head; uint32_t name, type; uint32_t pos, text_nbytes; int64_t n_items; } TeRecordValue;
static_assert (sizeof (TeRecordValue) == 40, "wire");
/* flags of NAME's and VALUE's head 1: the line at pos did it; without it that line ran before it was seen. */
#define TE_WIRE_NAME_EXACT 1u

typedef struct { uint64_t node; uint32_t input_nr, pad; } TeWireEdge;
typedef struct { uint64_t tensor, storage; uint32_t version; uint32_t name; /* "self", "other", "result" */ uint64_t nbytes; } TeWireSaved;
/* Followed by n_edges TeWireEdge, n_saved TeWireSaved. Edge.node 0: needs no gradient. */
typedef struct { TeRecord head; uint64_t node; uint64_t call; /* op call that made it; AccumulateGrad: 0 */ uint64_t tensor; /* AccumulateGrad: its leaf */
                 uint32_t name; uint16_t n_edges, n_saved; } TeRecordNode;
static_assert (sizeof (TeRecordNode) == 48, "wire");

/* END is followed by n_grads TeWireTensor-less pairs: uint64 tensor id of each gradient that left, per edge (0: none). */
typedef struct { TeRecord head; uint64_t backward, node; uint32_t nsec; uint16_t n_grads; uint16_t status; /* 0 ok, 1 raised */ } TeRecordNodeRun;
/* flags of head: 1 = added to an existing gradient */
typedef struct { TeRecord head; uint64_t backward, tensor, grad; } TeRecordAccumulate;
typedef struct { TeRecord head; uint64_t node; } TeRecordSavedFreed;
typedef struct { TeRecord head; uint64_t backward, root_node; uint32_t pos, status; } TeRecordBackward;

typedef struct { TeRecord head; uint64_t storage, nbytes, call; } TeRecordStorage;

typedef struct { TeRecord head; uint64_t step; /* of this optimiser, from 1 */ uint32_t optimizer; /* id */ uint32_t name; double lr; } TeRecordStep;
typedef struct { TeRecord head; uint64_t iteration; /* from 1 */ uint64_t time_nsec; /* since BEGIN */ } TeRecordIteration;
typedef struct { TeRecord head; uint32_t optimizer, pos; } TeRecordStepBegin;
/* Followed by n_tensors ids.  ZERO_GRAD is told per group of parameters, by optimisers and modules alike. */
typedef struct { TeRecord head; uint32_t pos, n_tensors; } TeRecordZeroGrad;
typedef struct { TeRecord head; uint32_t optimizer, name, pos, n_tensors; } TeRecordOptimizer;
/* step: last_epoch.  span: the length that the scheduler was given, in its own steps, and the name of that argument
 * ("T_max", "total_steps", "step_size"); -1: it has none. */
typedef struct { TeRecord head; uint32_t scheduler, optimizer; uint32_t name, pos; int64_t step, span; double lr; uint32_t span_name, pad;
} TeRecordScheduler;
static_assert (sizeof (TeRecordScheduler) == 64, "wire");
typedef struct { TeRecord head; uint32_t module; /* 0: not told yet */ uint32_t class_name, pos, training; } TeRecordMode;
typedef struct { TeRecord head; uint64_t tensor; uint32_t pos, pad; } TeRecordGradNone;
/* n_nodes are alive, n_before were so at the end of the iteration in which they began to grow.  name: "losses",
 * "self.history", "total".  kind 0: one tensor whose graph reaches back; 1: a collection of n_tensors old ones, of
 * which `tensor` is the oldest. */
typedef struct { TeRecord head; uint64_t tensor, iteration, n_nodes, n_before; uint32_t name, kind, n_tensors, n_iterations;
} TeRecordGraphHeld;
static_assert (sizeof (TeRecordGraphHeld) == 64, "wire");
typedef struct { TeRecord head; uint64_t batch, epoch; uint64_t n_batches; /* 0: unknown */ } TeRecordBatch;

typedef struct { TeRecord head; uint64_t iteration; double value, x; uint32_t name, pos;
                 uint32_t over, pad; /* string id of what x is; 0: a value over iterations */ } TeRecordLog;
static_assert (sizeof (TeRecordLog) == 56, "wire");
#define TE_WIRE_LOG_UNASKED 1u /* of its head: the program did not ask for it; what a backward started from */
typedef struct { TeRecord head; uint32_t stream; /* 1 stdout, 2 stderr, 3 echo of input */ uint32_t text_nbytes; uint32_t pos, pad; } TeRecordPrint;

/* A picture comes as a PNG file in parts, one after the other; number: the program's own (plt.figure (3)), or 0.
 * Followed by part_nbytes bytes of the file, from at_nbyte on. */
typedef struct { TeRecord head; uint32_t number, width, height; /* pixels */ uint32_t png_nbytes; /* of the whole file */
                 uint32_t at_nbyte, part_nbytes; uint32_t pos, pad; } TeRecordFigure;
static_assert (sizeof (TeRecordFigure) == 48, "wire");
#define TE_FIGURE_MOST_NBYTES (8u << 20)
#define TE_FIGURE_MOST_PIXELS (1u << 25)

/* Followed by type name, message, traceback as Python prints it.  call: the op that raised, or 0. */
typedef struct { TeRecord head; uint64_t call; uint32_t pos; uint32_t type_nbytes, message_nbytes, traceback_nbytes; } TeRecordException;
typedef struct { TeRecord head; uint32_t category; /* string id */ uint32_t pos; uint32_t text_nbytes, pad; } TeRecordWarning;

/* Followed by choices as JSON (or nothing). kind: 0 number, 1 integer, 2 boolean, 3 choice (value = index). */
typedef struct { TeRecord head; uint32_t name; uint32_t kind; double value, default_value, low, high; uint32_t flags; /* 1 log */ uint32_t choices_nbytes;
} TeRecordKnob;
typedef struct { TeRecord head; uint32_t name; uint32_t nth; /* call of gb.knob that took it, from 1; 0: not told */ double value; } TeRecordKnobSet;
typedef struct { TeRecord head; int64_t nsec; uint32_t clock; /* clockid_t of Linux */ uint32_t pad; } TeRecordClock;

/* path: string id, relative to the working directory where it lies in there; hash: XXH3 of all its bytes;
 * followed by content_nbytes of content: all of it, or none.  flags of head: TeWireFileFlags. */
typedef enum
{
  TE_WIRE_FILE_FED = 1,    /* a replay gave what was recorded, for the file is another one now */
  TE_WIRE_FILE_CHILD = 2,  /* a process that the program made read it: told when the program ends, by path */
} TeWireFileFlags;
typedef struct
{
  TeRecord head;
  uint64_t nbytes, hash;
  uint32_t path, content_nbytes;
} TeRecordFile;
static_assert (sizeof (TeRecordFile) == 40, "wire");
#define TE_FILE_MOST_NBYTES  (64u << 10) /* of a file that is kept */
#define TE_FILES_MOST_NBYTES (4u << 20)  /* of all that a run keeps */

/* Its own seq is after_seq + 1: the one record whose seq may not be larger than its predecessor's.  call: the last op
 * begun at after_seq. */
typedef struct { TeRecord head; uint64_t after_seq, call; } TeRecordResume;

/* MARK, ASK, TELL, CHECK, EVENT: a name and a text (TELL: the value, EVENT: an object of its fields, as JSON).
 * CHECK: flags of head 1 = holds. */
typedef struct { TeRecord head; uint32_t name, pos; uint32_t text_nbytes, pad; } TeRecordNamed;
/* view: string id or 0; followed by labels as JSON (or nothing). */
typedef struct { TeRecord head; uint64_t tensor; uint32_t view, pos; uint32_t name, text_nbytes; } TeRecordShow;

typedef struct { TeRecord head; uint64_t first_seq, count; uint32_t ring, pad; } TeRecordGap;
#define TE_END_INTERRUPTED 1 /* flags of head */
#define TE_END_THREADS     2 /* Python ran other threads, whose turns nobody recorded */
typedef struct { TeRecord head; int32_t exit_code; uint32_t signal; uint64_t time_nsec; } TeRecordEnd;

typedef enum { TE_STATE_IDLE = 0, TE_STATE_RUNNING = 1, TE_STATE_PAUSED = 2, TE_STATE_WAITING_INPUT = 3, TE_STATE_WAITING_ANSWER = 4, TE_STATE_ENDED = 5 } TeState;
/* Followed by a text: the reason, or the prompt. */
typedef struct { TeRecord head; uint32_t state; uint32_t pos; uint32_t text_nbytes, unit; /* the TeStepUnit that ended, when paused by a step */ } TeRecordState;

/* ---- facts ---- */
/* iteration: the one it belongs to (current, from 1; 0 before any).  Means over finite elements. */
typedef struct { TeRecord head; uint64_t tensor, iteration; uint32_t version, pad; int64_t numel, zeros, nans, infs;
                 double min, max, mean, std, norm; } TeFactStats;
static_assert (sizeof (TeFactStats) == 112, "wire");

/* Elements, raw, in dtype.  kind 0: a block of the tensor in row-major order, `ndim` starts and extents follow
 * (int64 each), then the elements.  kind 1: `count` elements of its storage from `first` on (no starts or extents). */
typedef struct { TeRecord head; uint64_t iteration; int64_t first, count; uint32_t kind, data_nbytes; TeWireTensor tensor; /* sizes, strides follow, then starts, extents, data */
} TeFactValues;

/* One softmax result that a product consumed, of one sample: heads × queries × keys float32 follow.
 * call_key: stable per place in the program: hash of (pos, occurrence). batch: which sample it is; samples: how many of the
 * batch are told, a record for each, the first one last; 0: the first alone. */
typedef struct { TeRecord head; uint64_t iteration, tensor, call; uint64_t call_key; uint32_t heads, queries, keys; uint32_t module; /* string id of the dotted path */
                 uint32_t batch, samples; } TeFactAttention;

/* norm of .grad, norm of the parameter, norm of the update (NaN if unknown) at `iteration`. param: index of TE_RECORD_PARAM */
typedef struct { TeRecord head; uint64_t iteration, tensor; uint32_t param; uint32_t flags; /* 1: grad is None, TE_WIRE_NOT_MEASURED */ double grad_norm, param_norm, update_norm;
                 uint32_t nans, infs; } TeFactGradient;
static_assert (sizeof (TeFactGradient) == 72, "wire");
#define TE_WIRE_NOT_MEASURED 2u /* large parameters are measured as often as a few hundredths of the time allow: nothing is known here */

typedef struct { TeRecord head; uint64_t call, tensor, hash; uint32_t output_nr, pad; } TeFactHash;
/* n_bins counts (uint64) follow. */
typedef struct { TeRecord head; uint64_t iteration, tensor; double low, high; uint32_t n_bins, version; uint64_t under, over, nans; } TeFactHistogram;
/* call: the op that made it, or 0; node: the backward node whose result it is, or 0. */
typedef struct { TeRecord head; uint64_t tensor, call, node; int64_t numel, nans, infs; } TeFactNonfinite;
static_assert (sizeof (TeFactNonfinite) == 64, "wire");
typedef struct { TeRecord head; uint64_t time_nsec, cpu_nsec; uint64_t rss_nbytes, engine_nbytes, engine_peak_nbytes; double steps_per_second; } TeFactMeter;

/* exception: seq of its record.  name: as it is written there, or a keyword's; type: of the value; text: what a plain
 * value reads as.  has_tensor: the value is one, or a module whose weight it is.  Followed by sizes and strides, the
 * first n_values elements of its storage of n_storage as doubles, then name, type and text. */
typedef enum
{
  TE_OPERAND_NODE = 0, /* the expression itself: name is what is called, or the operator */
  TE_OPERAND_RECEIVER = 1, TE_OPERAND_ARGUMENT = 2, TE_OPERAND_KEYWORD = 3,
  TE_OPERAND_ELEMENT = 4, /* of the list or tuple before it */
  TE_OPERAND_LEFT = 5, TE_OPERAND_RIGHT = 6, TE_OPERAND_INDEX = 7,
  TE_OPERAND_VALUE = 8, /* the expression's, or what is assigned */
  TE_OPERAND_FUNCTION = 9, /* a module that is called */
  TE_OPERAND_MODULE = 10, /* the one inside it that failed */
  TE_OPERAND_INPUT = 11, /* what that one was given */
  TE_OPERAND_STATEMENT = 12, /* that the expression stands in */
} TeOperandRole;
#define TE_OPERAND_ROLES 13u
typedef struct { TeRecord head; uint64_t exception; uint32_t role, index; uint32_t line, end_line, column, end_column;
                 uint32_t has_tensor, n_values, name_nbytes, type_nbytes, text_nbytes, pad; int64_t n_storage; TeWireTensor tensor;
} TeFactOperand;
static_assert (sizeof (TeFactOperand) == 128, "wire");

typedef enum { TE_TRIED_SUCCEEDED = 0, TE_TRIED_RAISED = 1, TE_TRIED_TIME = 2, TE_TRIED_NOT_POSSIBLE = 3 } TeTriedStatus;
/* The text that takes the place of what stands between the two places, then what the statement gave or raised. */
typedef struct { TeRecord head; uint64_t exception; uint32_t line, end_line, column, end_column; uint32_t status, msec;
                 uint32_t text_nbytes, result_nbytes; } TeFactTried;
static_assert (sizeof (TeFactTried) == 56, "wire");

/* norm: of all gradients, before they were clipped to limit; NaN: not clipped by norm. */
typedef enum { TE_TOOK_STEP = 0, TE_TOOK_CLIP = 1, TE_TOOK_ZERO_GRAD = 2 } TeTookKind;
typedef struct { TeRecord head; uint64_t nsec; uint32_t kind, pos; double norm, limit; } TeFactTook;
static_assert (sizeof (TeFactTook) == 48, "wire");

/* ---- the shared segment: rings ----
 * One segment per interpreter, created and sealed by the reader's side: TeRingSegment, then the structure ring's
 * bytes, then the detail ring's.  Single producer, single consumer; head and tail are free-running byte counts;
 * a record never wraps: before the end of the buffer the writer puts a TeRecord with type 0 and skips to the start. */
typedef struct
{
  _Alignas (64) uint64_t head; /* written by the producer, release */
  uint64_t dropped;            /* records not written, by the producer */
  _Alignas (64) uint64_t tail; /* written by the consumer, release */
  _Alignas (64) uint64_t offset, nbytes; /* of the bytes in the segment; set at creation */
} TeRing;

typedef struct
{
  uint32_t magic, version;
  uint64_t nbytes; /* of the whole segment */
  /* Requests of the window that must act at once, without a message: polled between ops. */
  _Alignas (64) uint32_t pause;      /* non-zero: stop at the next op, line or node */
  uint32_t consumer_sleeps;          /* the producer writes the eventfd when set */
  uint32_t lossless;                 /* writer waits for room: recording or stepping */
  uint32_t knob_version;             /* bumped when a knob is set from outside */
  TeRing structure;
  TeRing detail;
} TeRingSegment;

/* ---- subscription to facts: sent to the interpreter as a frame ---- */
typedef enum
{
  TE_WATCH_STATS = 1,      /* health vectors of op outputs (tensor 0: all), once per period */
  TE_WATCH_VALUES = 2,     /* elements: of tensor, or (tensor 0) of all outputs of at most max_elements */
  TE_WATCH_STORAGE = 3,    /* storage contents, the same */
  TE_WATCH_ATTENTION = 4,  /* all attention maps */
  TE_WATCH_GRADIENTS = 5,  /* all parameters, every iteration */
  TE_WATCH_HASHES = 6,
  TE_WATCH_HISTOGRAM = 7,
  TE_WATCH_METER = 8,
  TE_WATCH_NONFINITE = 9, /* results with NaN or infinity, all of them */
  TE_WATCH_OPENING = 10,  /* how a program begins: elements of small results, gradients and attention of every
                           * iteration, until max_elements were told; and what stands where it stops */
} TeWatchKind;
typedef struct
{
  uint32_t kind;         /* TeWatchKind */
  uint32_t period_msec;  /* at most once per period; 0: every time */
  uint64_t tensor;       /* 0: all */
  int64_t max_elements;  /* larger tensors give a leading block of at most this many */
} TeWatch;
