/* models: the trace as views observe it.  Nothing here draws and nothing here runs a person's code.
 *
 * GbTrace copies the records of engine/trace/wire.h, checks every one of them, and answers questions about any
 * position.  Bytes come live from the rings or from a recording; views cannot tell.
 *
 * Memory: records live in segments of one or more iterations (64 KiB to 2 MiB).  A recording keeps them all.  A live trace
 * (open_ended) keeps the first segments, the latest ones and a sparser and sparser choice of those between, within
 * a budget; texts, modules, parameters, logged values and gradient norms are kept always, series decimated.
 * Pointers to records stay valid until the next gb_trace_flush().
 *
 * Branches: what a run was wound back from stays, with its records, within the same budget once more (trace-branches.h).
 *
 * Cost: appending copies a record once and touches at most two hash tables; listeners hear of it once per flush. */
#pragma once

#include <gio/gio.h>

#include "models/figure-parts.h"
#include "models/curve.h"
#include "models/series.h"
#include "trace/wire.h"

G_BEGIN_DECLS

#define GB_TYPE_TRACE (gb_trace_get_type ())
G_DECLARE_FINAL_TYPE (GbTrace, gb_trace, GB, TRACE, GObject)

typedef enum
{
  GB_TRACE_CHANGED_STRUCTURE = 1 << 0, /* ops, nodes, tensors, modules, names */
  GB_TRACE_CHANGED_FACTS = 1 << 1,     /* statistics, values, attention, histograms */
  GB_TRACE_CHANGED_SERIES = 1 << 2,    /* logs, gradients, iterations, meter */
  GB_TRACE_CHANGED_TEXT = 1 << 3,      /* prints, warnings, exceptions, marks, asks, checks */
  GB_TRACE_CHANGED_STATE = 1 << 4,     /* state, knobs, end of the run */
  GB_TRACE_CHANGED_RESET = 1 << 5,     /* everything before is gone */
  GB_TRACE_CHANGED_DROPPED = 1 << 6,   /* some older records are gone: pointers to records are no longer good */
} GbTraceChange;

#define GB_TRACE_ERROR (gb_trace_error_quark ())
GQuark gb_trace_error_quark (void);
typedef enum
{
  GB_TRACE_ERROR_CORRUPT, /* not a recording, or damaged */
  GB_TRACE_ERROR_VERSION, /* of another version */
} GbTraceError;

typedef struct { guint32 id; const char *path; const char *text; guint32 flags; guint64 seq; } GbSource;
/* A place in a source; lines from 1, columns in UTF-8 bytes from 0. */
typedef struct { guint32 id, file; const char *function; guint32 line, end_line, column, end_column; } GbPosition;
typedef struct { guint32 id, parent; const char *name, *class_name; gboolean training; } GbModule;
typedef struct { guint64 tensor; const char *name; guint32 module, index; gboolean is_buffer;
                 GbSeries *grad_norm, *param_norm, *update_norm; /* by iteration */
                 guint64 none_since;   /* iteration since which .grad has been None at every step; 0: it has a gradient */
                 guint64 last_nonfinite; /* iteration with the latest NaN or Inf in the gradient, 0: none */ } GbParam;
typedef struct { guint64 iteration, first_seq, last_seq, time_nsec; guint64 epoch, batch; } GbIteration;
typedef struct { const char *name; GbSeries *series; guint32 pos;
                 GbCurve *curve;   /* instead over an x, or over the count while all came in one iteration; NULL: neither */
                 const char *over; /* what the curve's x is; NULL: the count */
                 gboolean unasked; /* what a backward started from: gone as soon as the program logs by itself */
                 GbSeries *other; /* the future that the run was wound back from, NULL: none */ } GbLog;
typedef struct { const char *name; guint32 kind; double value, default_value, low, high; gboolean is_log;
                 guint64 set_iteration; /* during which it was last set, 0: never */
                 const char *choices; /* JSON or NULL */ } GbKnob;
typedef struct { guint64 seq; guint32 stream, pos; const char *text; gsize nbytes;
                 const GbFigure *figure; /* stream GB_PRINT_FIGURE: a picture, and no text */ } GbPrint;
#define GB_PRINT_FIGURE 4
typedef struct { guint64 seq, call; guint32 pos; const char *type_name, *message, *traceback; } GbException;
typedef struct { guint64 seq; guint32 pos; const char *category, *text; } GbWarning;
/* TE_RECORD_MARK, ASK, TELL, CHECK */
typedef struct { guint64 seq; guint32 type, pos; const char *name, *text; gboolean holds; } GbNamed;
typedef struct { guint64 seq, tensor; guint32 pos; const char *view, *name, *labels; } GbShow;
typedef struct { guint64 seq, first_seq, count; guint32 ring; } GbGap;
typedef struct { guint64 seq; TeState state; guint32 pos, unit; const char *text; } GbStateChange;
typedef struct { guint64 seq, batch, epoch, n_batches; } GbBatch;

/* A tensor as one record described it; sizes and strides point into the record. */
typedef struct
{
  guint64 tensor, storage, base, node;
  guint64 seq;  /* of the record that says so */
  guint64 call; /* op that made or changed it, or 0 */
  gint64 offset;
  guint32 version;
  int dtype, ndim;
  guint8 flags, output_nr;
  const gint64 *sizes, *strides;
} GbTensor;

typedef struct
{
  const TeRecordOp *record;
  const TeRecordOpEnd *end; /* NULL: still running, or the interpreter died inside it */
  const guint64 *inputs;    /* record->n_inputs tensor ids, 0 for None */
  const char *text;         /* other arguments; not terminated, record->text_nbytes long */
  guint64 iteration;        /* during which it ran, from 1 */
} GbOp;

typedef struct
{
  const TeRecordNode *record;
  const TeWireEdge *edges;
  const TeWireSaved *saved;
} GbNode;

GbTrace *gb_trace_new (void);

/* gb_trace_append: copies whole records.  A record whose inside is wrong is skipped and counted; one whose length
 * cannot be believed ends the batch: FALSE, and error says where.  Nothing is emitted before gb_trace_flush(). */
gboolean gb_trace_append (GbTrace *self, const guint8 *bytes, gsize nbytes, GError **error);
/* Emits "changed" (GbTraceChange flags) once if anything was appended, and lets go of what exceeds the budget. */
void gb_trace_flush (GbTrace *self);
/* Forgets everything: a new run begins. */
void gb_trace_reset (GbTrace *self);
/* Loads a recording on top of an empty trace and flushes.  A damaged one is kept up to the damage: FALSE, and error
 * says where. */
gboolean gb_trace_load (GbTrace *self, const char *path, GError **error);

/* TRUE (the default): a live run of unknown length, memory bounded.  FALSE: keep everything. */
void gb_trace_set_open_ended (GbTrace *self, gboolean open_ended);
gboolean gb_trace_get_open_ended (GbTrace *self);
/* Bytes of records that a live trace keeps; default 96 MiB. */
void gb_trace_set_budget_nbytes (GbTrace *self, gsize nbytes);
gsize gb_trace_get_nbytes (GbTrace *self);

guint64 gb_trace_get_first_seq (GbTrace *self);
guint64 gb_trace_get_last_seq (GbTrace *self); /* 0: empty */
guint64 gb_trace_get_n_rejected (GbTrace *self);
guint64 gb_trace_get_generation (GbTrace *self); /* grows with every flush that had news */
const char *gb_trace_get_name (GbTrace *self);   /* of the file it was loaded from; NULL: none */
const char *gb_trace_get_about (GbTrace *self);  /* JSON of TE_RECORD_BEGIN, or "" */
const TeRecordEnd *gb_trace_get_end (GbTrace *self); /* NULL: running or never started */

/* Records by position.  NULL: never arrived or let go. */
const TeRecord *gb_trace_get_record (GbTrace *self, guint64 seq);
typedef struct { GbTrace *trace; guint segment, index; } GbTraceIter;
/* Iterates over the kept records with seq >= first_seq (or backwards, <= first_seq). */
void gb_trace_iter_init (GbTraceIter *iter, GbTrace *self, guint64 first_seq);
const TeRecord *gb_trace_iter_next (GbTraceIter *iter);
void gb_trace_iter_init_back (GbTraceIter *iter, GbTrace *self, guint64 last_seq);
const TeRecord *gb_trace_iter_previous (GbTraceIter *iter);

/* Texts and places.  Unknown ids give "" or NULL, never a crash.  All texts are valid UTF-8. */
const char *gb_trace_get_string (GbTrace *self, guint32 id);
guint gb_trace_get_n_sources (GbTrace *self);
const GbSource *gb_trace_get_source (GbTrace *self, guint32 file); /* from 1 */
const GbPosition *gb_trace_get_position (GbTrace *self, guint32 pos);
guint gb_trace_get_n_modules (GbTrace *self);
const GbModule *gb_trace_get_module (GbTrace *self, guint32 id); /* from 1 */
guint gb_trace_get_n_params (GbTrace *self);
const GbParam *gb_trace_get_param (GbTrace *self, guint nth); /* in order of arrival */
const GbParam *gb_trace_find_param (GbTrace *self, guint64 tensor);

/* Ops and nodes.  FALSE: unknown or let go. */
gboolean gb_trace_get_op (GbTrace *self, guint64 call, GbOp *op);
gboolean gb_trace_op_from_record (GbTrace *self, const TeRecordOp *record, GbOp *op);
const char *gb_trace_op_name (GbTrace *self, const GbOp *op);
guint64 gb_trace_get_last_call_at (GbTrace *self, guint64 seq); /* latest op begun at or before seq, 0: none */
gboolean gb_trace_op_output (GbTrace *self, const GbOp *op, guint nth, GbTensor *tensor);
gboolean gb_trace_get_node (GbTrace *self, guint64 node, GbNode *out);

/* Tensors.  Geometry as it was at seq (the nearest description at or before it that is still kept). */
gboolean gb_trace_get_tensor (GbTrace *self, guint64 tensor, guint64 seq, GbTensor *out);
/* Name of a tensor at seq: a variable's, a parameter's, or NULL. */
const char *gb_trace_get_tensor_name (GbTrace *self, guint64 tensor, guint64 seq);
/* What to call it in a sentence: its name, else the op that made it, else "#12".  Owned. */
char *gb_trace_dup_tensor_label (GbTrace *self, guint64 tensor, guint64 seq);
/* Tensors (ids) that use a storage at seq, in order of appearance; each once.  (element-type guint64) owned. */
GArray *gb_trace_storage_owners (GbTrace *self, guint64 storage, guint64 seq);
/* The tensor that plays the part of `tensor` at seq: the output of the same op of the program (place and occurrence)
 * in the iteration there; itself when it was not made by an op or cannot be found. */
guint64 gb_trace_follow_tensor (GbTrace *self, guint64 tensor, guint64 seq);
/* A tensor that is worth looking at, at or before seq: the last shown by gb.show, else the first matrix among the
 * parameters, else the last named, else the last made. 0: none. */
guint64 gb_trace_find_interesting_tensor (GbTrace *self, guint64 seq);

/* Facts of (tensor) at or before seq, newest first found; NULL: none kept.  `type` is a TE_FACT_*. */
const TeRecord *gb_trace_get_fact (GbTrace *self, guint16 type, guint64 tensor, guint64 seq);
/* The same of another kind: the sample of an attention map; see gb_trace_get_values for those of elements. */
const TeRecord *gb_trace_get_fact_of_kind (GbTrace *self, guint16 type, guint16 kind, guint64 id, guint64 seq);
/* Latest values of the tensor (kind 0) or of its storage (kind 1). */
const TeFactValues *gb_trace_get_values (GbTrace *self, guint64 tensor, guint kind, guint64 seq);
/* All kept facts of (type, tensor), by position. For TE_FACT_ATTENTION `tensor` is the call_key everywhere here. */
guint gb_trace_get_n_facts (GbTrace *self, guint16 type, guint64 tensor);
const TeRecord *gb_trace_get_nth_fact (GbTrace *self, guint16 type, guint64 tensor, guint nth);
/* Ids (tensors; call_keys of attention) that have facts of a type, ascending (element-type guint64).  Owned. */
GArray *gb_trace_list_fact_ids (GbTrace *self, guint16 type);

/* Iterations, in order; sparse ones of a long live run may be missing.  lookup: the last that began at or before. */
guint gb_trace_get_n_iterations (GbTrace *self);
const GbIteration *gb_trace_get_iteration (GbTrace *self, guint nth);
const GbIteration *gb_trace_find_iteration (GbTrace *self, guint64 iteration); /* nearest at or before it, or NULL */
/* Number (from 1) of the iteration that runs at seq. */
guint64 gb_trace_iteration_at (GbTrace *self, guint64 seq);
/* First seq of iteration `iteration` (from 1), also of the one that is still running. */
guint64 gb_trace_iteration_first_seq (GbTrace *self, guint64 iteration);
gboolean gb_trace_has_records (GbTrace *self, guint64 first_seq, guint64 last_seq); /* none of them let go */
guint gb_trace_get_n_epochs (GbTrace *self);
const GbBatch *gb_trace_get_epoch (GbTrace *self, guint nth); /* first batch of each epoch */
const GbBatch *gb_trace_get_last_batch (GbTrace *self);

guint gb_trace_get_n_logs (GbTrace *self);
const GbLog *gb_trace_get_log (GbTrace *self, guint nth);
guint gb_trace_get_n_knobs (GbTrace *self);
const GbKnob *gb_trace_get_knob (GbTrace *self, guint nth);
/* Prints are bounded: the first kept one has index get_first_print. */
guint64 gb_trace_get_first_print (GbTrace *self);
guint64 gb_trace_get_n_prints (GbTrace *self); /* ever */
const GbPrint *gb_trace_get_print (GbTrace *self, guint64 nth);
guint gb_trace_get_n_exceptions (GbTrace *self);
const GbException *gb_trace_get_exception (GbTrace *self, guint nth);
guint gb_trace_get_n_warnings (GbTrace *self);
const GbWarning *gb_trace_get_warning (GbTrace *self, guint nth);
guint gb_trace_get_n_named (GbTrace *self);
const GbNamed *gb_trace_get_named (GbTrace *self, guint nth);
guint gb_trace_get_n_shows (GbTrace *self);
const GbShow *gb_trace_get_show (GbTrace *self, guint nth);
guint gb_trace_get_n_gaps (GbTrace *self);
const GbGap *gb_trace_get_gap (GbTrace *self, guint nth);
/* Latest state at or before seq (G_MAXUINT64: now); NULL: nothing ran yet. */
const GbStateChange *gb_trace_get_state (GbTrace *self, guint64 seq);
const TeFactMeter *gb_trace_get_meter (GbTrace *self); /* latest, or NULL */

G_END_DECLS
