/* The adapter between the engine's observers and the recorder: one per process, active while an interpreter
 * has attached it.  All of it runs in the thread that holds the GIL. */
#pragma once

#include "python/python-private.h"
#include "python/trace-api.h"
#include "python/trace-hooks.h"

#include "autograd/observer.h"
#include "trace/digest.h"
#include "trace/ticks.h"

/* ---- TeTensor.trace_role: what the data flow says of a tensor, and what the trace knows of it ---- */
typedef enum
{
  TE_FLOW_NONE = 0,
  TE_FLOW_EXP,     /* exp (…): detail is an entry of the flow table */
  TE_FLOW_EXP_SUM, /* its sum along a dim */
  TE_FLOW_LOG_SUM,
  TE_FLOW_LOG_PROB,
  TE_FLOW_PROB,    /* normalised along entry.dim */
  TE_FLOW_WEIGHED, /* a PROB times something, element by element */
} TeFlow;
#define TE_ROLE_FLOW_MASK 0x0000000fu
#define TE_ROLE_DIM_SHIFT 4 /* 8 bits: the dim of this tensor along which it is normalised */
#define TE_ROLE_DIM_MASK  0x00000ff0u
#define TE_ROLE_KNOWN     0x80000000u /* a record has told its geometry */
#define TE_ROLE_TOLD_GRAD 0x40000000u /* and that it requires a gradient */
#define TE_ROLE_BUFFER    0x20000000u /* te_trace_facts_params looks at it */
#define TE_ROLE_KEPT      (TE_ROLE_KNOWN | TE_ROLE_TOLD_GRAD | TE_ROLE_BUFFER) /* whatever flows through it */

#define TE_TRACE_MAX_DEPTH 64

typedef struct
{
  uint64_t call;
  uint64_t begin; /* te_ticks_now */
  uint64_t place; /* position and occurrence */
} TeOpenCall;

typedef struct
{
  uint64_t call;
  uint32_t module, pos;
  uint32_t name; /* string id of the dotted path */
} TeOpenModule;

#define TE_TRACE_MAX_WATCHED 32

/* One tensor that somebody looks at.  Results of ops are new tensors every time: what the op at the same
 * place makes next counts as the same. */
typedef struct
{
  uint64_t tensor, place; /* place 0: no op made it, or too long ago */
  int64_t most;
  uint32_t kind; /* TeWatchKind */
} TeWatchedTensor;

typedef struct
{
  bool stats, values, storage, attention, gradients, hashes, histogram, meter, nonfinite;
  uint32_t period_msec; /* the shortest of those that sample */
  uint32_t stats_msec, values_msec, storage_msec, histogram_msec;
  int64_t values_max, storage_max;
  int64_t opening; /* elements that the beginning of a program may cost */
  uint32_t meter_msec;
  TeWatchedTensor one[TE_TRACE_MAX_WATCHED]; /* asked for by id */
  int n_one;
} TeWatchSet;

typedef struct
{
  TeRecorder *recorder; /* NULL: nothing is attached */
  TeControl *control;
  PyThreadState *main_thread;
  PyObject *globals; /* of the program, borrowed */
  bool program;      /* one runs */

  uint64_t last_call, failed_call;
  TeOpenCall open[TE_TRACE_MAX_DEPTH];
  int depth;

  TeOpenModule *modules;
  int n_modules, modules_capacity;
  uint64_t last_module_call;
  uint32_t last_module;
  int64_t root_batch; /* size 0 of the first input of the outermost module, 0: unknown */

  uint64_t iteration; /* that runs now, from 1 */
  bool has_optimizer, iteration_pending, after_iteration;
  int step_modules; /* how many were open when the program was last told to go on */
  bool into_module; /* a step into a module has entered it */
  bool stop_due; /* a backward ended its iteration: a step by iterations stops before the next op */
  uint64_t last_iteration_nsec;
  double steps_per_second;
  uint64_t batch;

  int backward_depth;
  uint64_t backward;
  uint64_t node_begin[TE_TRACE_MAX_DEPTH]; /* te_ticks_now */
  int node_depth;
  bool in_optimizer;
  uint64_t step_begin_nsec; /* when the latest optimizer.step () began */

  TeWatchSet watch;
  uint32_t watch_version;
  bool facts;                         /* facts of op outputs are wanted now */
  bool flow;                          /* attention is looked for now */
  bool stats_on, values_on, storage_on, histogram_on; /* in this window */
  uint64_t stats_nsec, values_nsec, storage_nsec, histogram_nsec; /* start of the last window with them */
  bool always;                        /* facts never pause (recording every op, or period 0) */
  uint64_t window_start_nsec, next_meter_nsec;
  uint64_t window_start_cpu, window_cost_cpu; /* nanoseconds of this thread */
  int64_t opening_left; /* of watch.opening, in this program */
  uint64_t opening_cost_cpu;

  uint32_t knob_version;
  bool lines_on;
  uint32_t n_ops_since_look;
} TeTraceState;

extern TeTraceState te_trace_state;

static inline bool
te_trace_on (void)
{
  return te_trace_state.recorder && te_trace_state.recorder->segment;
}

/* ---- trace-position.c ---- */
typedef struct
{
  uint32_t pos;    /* exact */
  uint32_t caller; /* of the innermost frame that is the person's, 0 when there is none */
} TeWhere;
TeWhere te_trace_where (void);
uint32_t te_trace_person_position (void);
uint32_t te_trace_code_position (PyCodeObject *code, int instruction_offset);
uint32_t te_trace_place_position (
    const char *path, uint32_t line, uint32_t end_line, uint32_t column, uint32_t end_column);
bool te_trace_is_person (PyCodeObject *code);
uint32_t te_trace_file_of (PyCodeObject *code);
uint32_t te_trace_occurrence (uint32_t pos); /* counts within the iteration */
bool te_trace_position_attach (void);
void te_trace_position_detach (void);
/* Calls visit for the innermost frame of the person (and its globals): names and their objects, borrowed. */
typedef void (*TeNameVisit) (PyObject *name, PyObject *value, void *data);
void te_trace_visit_person_frame (TeNameVisit visit, void *data);
/* The same for all frames of the person, and for their globals. */
void te_trace_visit_all_names (TeNameVisit visit, void *data);

/* ---- trace-names.c ---- */
void te_trace_names_scan (void);            /* of the person's frame */
void te_trace_names_ran (uint32_t pos);     /* the same: the line there has run; 0: which one is not known */
void te_trace_names_line (uint32_t caller); /* the same when the line changed */
void te_trace_names_program_end (PyObject *globals);
void te_trace_names_reset (void);

/* ---- trace-attributes.c ---- */
/* quiet: what it is at first is not worth telling, only what it becomes. */
typedef void (*TeAttributeVisit) (PyObject *name, PyObject *value, bool quiet, void *data);
/* Those of an object that has some, and of objects in them, with names like "self.lr". */
void te_trace_attributes_visit (PyObject *name, PyObject *object, TeAttributeVisit visit, void *data);
void te_trace_attributes_reset (void);

/* ---- trace-values.c ---- */
bool te_trace_value_seen (PyObject *name, PyObject *value, uint32_t pos, uint16_t flags); /* true: it is news */
bool te_trace_value_note (PyObject *name, PyObject *value); /* the first is not told; false: it is no first */
void te_trace_value_gone (PyObject *name); /* it stands for something else */
void te_trace_value_generator (uint32_t pos, uint16_t flags);
void te_trace_values_reset (void);

/* ---- trace-loss.c ---- */
void te_trace_loss_reset (void);

/* ---- trace-adapter.c ---- */
void te_trace_know_tensor (TeTensor *tensor, uint32_t pos); /* writes TENSOR unless it is known */
void te_trace_tell_tensor (TeTensor *tensor, uint32_t pos); /* writes it anyway */
size_t te_trace_wire_tensor_nbytes (const TeTensor *tensor);
void *te_trace_write_tensor (void *at, const TeTensor *tensor); /* returns what follows */
/* What begins as OP, whoever runs it.  May it (false: an exception is set)?  It did: its call is open until it ends. */
#define TE_TRACE_MOST_SAVED 64
typedef struct
{
  uint32_t name; /* string id */
  uint16_t flags; /* TeWireOpFlags */
  TeTensor *const *inputs; /* NULL: None */
  int n_inputs;
  const char *text; /* of the other arguments */
  size_t text_nbytes;
} TeToldOp;
typedef struct
{
  const TeTensor *tensor;
  uint32_t version, name;
} TeToldSaved;
bool te_trace_op_may_begin (void);
uint64_t te_trace_op_begins (const TeToldOp *op);
void te_trace_op_ends (uint64_t call, TeTensor *const *outs, int n_outs, bool ok);
/* leaf: of an AccumulateGrad. */
void te_trace_node_made (TeNode *node, uint64_t call, TeTensor *leaf, const TeToldSaved *kept, int n_kept);
bool te_trace_observers_attach (void);
void te_trace_observers_detach (void);
/* The other arguments of a call as text; returns its length. */
size_t te_trace_argument_text (const TeOpCall *call, char *buffer, size_t nbytes);

/* ---- trace-modules.c ---- */
void te_trace_modules_attach (void);
void te_trace_modules_detach (void);
void te_trace_modules_mute (void);
void te_trace_module_tell (PyObject *module); /* registers a tree of modules */
void te_trace_iteration_end (void);
void te_trace_forward_begins (void); /* something of the next iteration runs */
uint64_t te_trace_log_iteration (void);
bool te_trace_hears (void); /* what classes of the package tell is written */
uint32_t te_trace_optimizer_id (PyObject *optimizer); /* from 1; 0: no memory */
/* Parameters in order of their index. */
typedef struct
{
  TeTensor *tensor; /* borrowed through a weak reference: may be gone */
  PyObject *object; /* owned weak reference to the Python tensor */
  uint64_t id;
  uint32_t index;
} TeTraceParam;
TeTraceParam *te_trace_params (int *n);
void te_trace_param_tell (PyObject *object, const char *name, uint32_t module);
PyObject **te_trace_buffers (int *n); /* weak references to tensors; they change without an op of the person's */

/* ---- trace-facts.c ---- */
uint64_t te_trace_cpu_nsec (void); /* of this thread: what facts cost, whoever else runs */
void te_trace_facts_refresh (void); /* takes over a changed subscription */
void te_trace_facts_output (TeTensor *tensor, bool unfilled);
void te_trace_facts_shown (TeTensor *tensor); /* a program points at it: more of it than of others */
void te_trace_facts_made (const TeTensor *tensor, uint64_t place); /* an op at that place made it */
void te_trace_facts_newly_watched (void); /* tells those that were not watched before and still live */
TeTensor *te_trace_find_tensor (uint64_t id, PyObject **owner); /* borrowed from *owner (owned), or NULL */
void te_trace_facts_tensor (TeTensor *tensor); /* what is asked of a tensor that no op made */
bool te_trace_facts_hash (TeTensor *tensor, uint64_t call, int output_nr); /* true: all of it is finite */
void te_trace_facts_params (void);
void te_trace_facts_iteration (void);
void te_trace_facts_look (uint64_t now_nsec); /* every so many ops: windows and the meter */
/* Where a program stops: what is told now is told for somebody who looks. */
void te_trace_facts_at_rest (void);
bool te_trace_wants_gradients (void);
void te_trace_facts_stepping (void);  /* somebody looks at every op: facts of all that runs */
void te_trace_facts_begin (void);

void te_trace_tell_stats (const TeTensor *tensor);

/* ---- trace-training.c: what training does beside computing ---- */
void te_trace_optimizer_told (PyObject *optimizer); /* what it holds, when that is news */
void te_trace_step_begins (PyObject *optimizer);
void te_trace_scheduler_stepped (PyObject *scheduler);
void te_trace_mode_set (PyObject *module, bool training);
void te_trace_training_reset (void);

/* ---- trace-nonfinite.c ---- */
void te_trace_nonfinite_op (const TeOpCall *call);
TeNumbers te_trace_numbers_of (TeDtype dtype);
bool te_trace_is_half (TeDtype dtype);
void te_trace_nonfinite_result (TeTensor *tensor, uint64_t node); /* of a backward node */
void te_trace_nonfinite_iteration (void);

/* ---- trace-held.c ---- */
void te_trace_held_iteration (void); /* an iteration ends: does the graph grow? */
void te_trace_held_reset (void);

/* ---- trace-gradients.c ---- */
void te_trace_facts_step_begin (void);
void te_trace_facts_step_end (void);
TeTensor *te_trace_param_tensor (TeTraceParam *param); /* borrowed; NULL when it is gone */
void te_trace_facts_gradients (void); /* programs without an optimiser */

/* ---- trace-elements.c: elements as numbers, complex ones by their magnitude ---- */
typedef struct
{
  int64_t n, zeros, nans, infs; /* n: finite ones */
  double min, max, sum, square; /* of the finite ones */
} TeTally;
/* Rows along the last dim, or everything at once when the memory has no holes: nobody here asks for an order. */
typedef void (*TeRowVisit) (const char *row, int64_t n, int64_t stride_nbytes, TeDtype dtype, void *data);
double te_trace_load_element (TeDtype dtype, const char *at);
bool te_trace_is_dense (const TeTensor *tensor); /* its memory has no holes */
double te_trace_get_element (const TeTensor *tensor, int64_t flat);
void te_trace_visit_rows (const TeTensor *tensor, TeRowVisit visit, void *data);
TeTally te_trace_tally (const TeTensor *tensor);
bool te_trace_norm (const TeTensor *tensor, double *norm, uint32_t *nans, uint32_t *infs); /* false: no data */

/* ---- trace-attention.c ---- */
void te_trace_flow (const TeOpCall *call);
void te_trace_flow_reset (void);

/* ---- trace-pause.c ---- */
bool te_trace_point (TeStepUnit unit); /* false with an exception set */
bool te_trace_point_slow (TeStepUnit unit);
/* In a hook that cannot raise: an interrupt during the pause is raised by the next instruction. */
void te_trace_stop_in_hook (TeStepUnit unit);
void te_trace_lines (bool on);
static inline bool
te_trace_must_look (void)
{
  return __builtin_expect (te_trace_state.control->attention | te_trace_state.recorder->segment->pause, 0);
}

/* ---- trace-breakpoints.c ---- */
bool te_trace_at_breakpoint (PyFrameObject *frame, PyCodeObject *code, int line);
const char *te_trace_breakpoint_note (void); /* why a condition could not be evaluated, "" */
void te_trace_breakpoint_note_clear (void);

/* ---- trace-inspect.c ---- */
char *te_trace_inspect (const char *question_json);

/* ---- board-hook.c ---- */
PyObject *te_board_module_new (void);
void te_board_reset (void);
