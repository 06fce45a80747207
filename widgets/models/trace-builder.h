/* Writes records as an interpreter would, into a GbTrace: for samples (the gallery) and for tests. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef struct _GbTraceBuilder GbTraceBuilder;

/* A tensor as the builder knows it; made by its functions, then free to be changed before the next record. */
typedef struct
{
  guint64 id, storage, base, node;
  gint64 offset;
  guint32 version;
  int dtype, ndim;
  guint8 flags;
  gint64 sizes[8], strides[8];
} GbBuiltTensor;

/* What a builder makes of what it is told to write: the same program with other things in it. */
typedef enum
{
  GB_CONTENT_ORDINARY,
  GB_CONTENT_SINGLE,  /* tensors of one element, one iteration, one event of a name */
  GB_CONTENT_HUGE,    /* a thousand times as many elements, the numbers of few of them known; numbers of 1e30 */
  GB_CONTENT_NAN,     /* NaN and infinity among the numbers */
  GB_CONTENT_STRIDED, /* tensors that lie in memory the other way round */
  GB_CONTENT_LONG,    /* names that have no room */
  GB_N_CONTENTS,
} GbContent;

GbTraceBuilder *gb_trace_builder_new (GbTrace *trace); /* writes BEGIN */
void gb_trace_builder_set_content (GbTraceBuilder *self, GbContent content); /* from now on */
void gb_trace_builder_free (GbTraceBuilder *self);
guint64 gb_trace_builder_get_seq (GbTraceBuilder *self); /* of the last record */
/* A raw record: body follows the head. */
guint64 gb_trace_builder_record (GbTraceBuilder *self, guint16 type, guint16 flags, const void *body, gsize nbytes);

guint32 gb_trace_builder_string (GbTraceBuilder *self, const char *text);
guint32 gb_trace_builder_source (GbTraceBuilder *self, const char *path, const char *text);
/* In the latest source. */
guint32 gb_trace_builder_pos (GbTraceBuilder *self, guint line, guint column, guint end_column);
guint32 gb_trace_builder_module (GbTraceBuilder *self, guint32 parent, const char *name, const char *class_name);
guint64 gb_trace_builder_module_enter (GbTraceBuilder *self, guint32 module, guint32 pos);
void gb_trace_builder_module_leave (GbTraceBuilder *self, guint64 call, guint32 module, guint32 pos);
void gb_trace_builder_param (GbTraceBuilder *self, const GbBuiltTensor *tensor, const char *name, guint32 module);

/* A new contiguous tensor with storage of its own; nothing is written. */
GbBuiltTensor gb_trace_builder_make (GbTraceBuilder *self, int dtype, int ndim, const gint64 *sizes);
/* The same elements seen through other sizes and strides; nothing is written. */
GbBuiltTensor gb_trace_builder_make_view (GbTraceBuilder *self, const GbBuiltTensor *of, int ndim,
                                          const gint64 *sizes, const gint64 *strides, gint64 offset);
void gb_trace_builder_leaf (GbTraceBuilder *self, const GbBuiltTensor *tensor, guint32 pos);
void gb_trace_builder_value (
    GbTraceBuilder *self, const char *name, const char *type, gint64 n_items, const char *text, guint32 pos);
void gb_trace_builder_name (GbTraceBuilder *self, const GbBuiltTensor *tensor, const char *name, guint32 pos);
guint64 gb_trace_builder_op_begin (GbTraceBuilder *self, const char *name, guint16 flags, guint32 pos,
                                   const guint64 *inputs, guint n_inputs, const char *text);
void gb_trace_builder_op_end (GbTraceBuilder *self, guint64 call, const GbBuiltTensor *outputs, guint n_outputs,
                              guint32 nsec, guint status);
/* Begin and end at once, one output. */
guint64 gb_trace_builder_op (GbTraceBuilder *self, const char *name, guint16 flags, guint32 pos,
                             const guint64 *inputs, guint n_inputs, const char *text, const GbBuiltTensor *output);
guint64 gb_trace_builder_new_node (GbTraceBuilder *self); /* an id */
void gb_trace_builder_node (GbTraceBuilder *self, guint64 node, guint64 call, guint64 leaf, const char *name,
                            const guint64 *next, guint n_next, const TeWireSaved *saved, guint n_saved);
guint64 gb_trace_builder_backward_begin (GbTraceBuilder *self, guint64 root, guint32 pos);
void gb_trace_builder_backward_end (GbTraceBuilder *self, guint64 backward, guint64 root, guint32 pos);
void gb_trace_builder_node_begin (GbTraceBuilder *self, guint64 backward, guint64 node);
void gb_trace_builder_node_end (GbTraceBuilder *self, guint64 backward, guint64 node, const guint64 *grads, guint n);
void gb_trace_builder_accumulate (GbTraceBuilder *self, guint64 backward, guint64 tensor, guint64 grad, gboolean added);
void gb_trace_builder_saved_freed (GbTraceBuilder *self, guint64 node);
void gb_trace_builder_step (GbTraceBuilder *self, const char *optimizer, guint64 step, double lr);
void gb_trace_builder_iteration (GbTraceBuilder *self); /* counts from 1 */
guint64 gb_trace_builder_get_iteration (GbTraceBuilder *self); /* that runs now, from 1 */
void gb_trace_builder_batch (GbTraceBuilder *self, guint64 epoch, guint64 batch, guint64 n_batches);
void gb_trace_builder_log_over (GbTraceBuilder *self, const char *name, double value, double x, const char *over);
void gb_trace_builder_log (GbTraceBuilder *self, const char *name, double value);
/* What a backward starts from, which the program logs nowhere. */
void gb_trace_builder_unasked_log (GbTraceBuilder *self, const char *name, double value);
/* gb.log with fields; json: an object. */
void gb_trace_builder_event (GbTraceBuilder *self, const char *name, const char *json);
void gb_trace_builder_print (GbTraceBuilder *self, const char *text);
void gb_trace_builder_state (GbTraceBuilder *self, TeState state, guint32 pos, const char *text);
void gb_trace_builder_show (GbTraceBuilder *self, const GbBuiltTensor *tensor, const char *view, const char *name,
                            const char *labels);
/* Facts.  values: all elements in row-major order, given as doubles. */
void gb_trace_builder_values (GbTraceBuilder *self, const GbBuiltTensor *tensor, const double *values);
void gb_trace_builder_storage_values (GbTraceBuilder *self, const GbBuiltTensor *tensor, const double *values,
                                      gint64 first, gint64 count);
void gb_trace_builder_stats (GbTraceBuilder *self, const GbBuiltTensor *tensor, double min, double max, double mean,
                             double std, double norm);
void gb_trace_builder_gradient (GbTraceBuilder *self, const GbBuiltTensor *param, guint32 index, double grad_norm,
                                double param_norm, double update_norm, guint32 nans, gboolean none);
/* Of `samples` samples of the batch the nth; they are told one after another, the first (0) last. */
void gb_trace_builder_attention (GbTraceBuilder *self, guint64 tensor, guint64 call, guint64 call_key,
                                 const char *module, guint heads, guint queries, guint keys, const float *weights,
                                 guint sample, guint samples);
void gb_trace_builder_knob (GbTraceBuilder *self, const char *name, double value, double low, double high);
void gb_trace_builder_knob_set (GbTraceBuilder *self, const char *name, double value);
/* Winds back to the end of an iteration, where the program then pauses. */
void gb_trace_builder_resume (GbTraceBuilder *self, guint64 iteration);
void gb_trace_builder_end (GbTraceBuilder *self, int exit_code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTraceBuilder, gb_trace_builder_free)

G_END_DECLS
