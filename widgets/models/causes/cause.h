/* causes: one file per cause, one row per file in the table of explain.c.
 *
 * A cause hears every record once, in order, and may keep what it needs in a state of its own; what it needs seldom
 * it looks up when it has something to say.  It speaks by gb_scan_find() and adds evidence in order of time. */
#pragma once

#include "models/explain.h"
#include "models/record-check.h"

G_BEGIN_DECLS

typedef struct _GbScan GbScan;

typedef struct
{
  const char *id;
  const char *title; /* msgid */
  gsize state_nbytes;
  void (*take) (GbScan *scan, gpointer state, const TeRecord *record);
  void (*clear) (gpointer state); /* frees what the state holds; may be NULL */
} GbCause;

#define N_(text) (text)

extern const GbCause gb_cause_inplace, gb_cause_second_backward, gb_cause_no_gradient, gb_cause_nonfinite,
    gb_cause_held_graph, gb_cause_zero_grad, gb_cause_double_softmax, gb_cause_training_mode, gb_cause_loss_shapes,
    gb_cause_unheld, gb_cause_scheduler;

/* What all causes ask for is kept once. */
struct _GbScan
{
  GbTrace *trace;
  const GbCause *cause; /* that hears the record now */
  GPtrArray *findings;  /* GbFinding, by position */
  GHashTable *held;     /* optimiser id -> GArray of guint64 tensors (scan.c) */
  guint64 backward, node; /* that run now, 0: none */
  guint32 backward_pos;
  guint n_steps;        /* of all optimisers */
  guint64 last_root;    /* root node of the last backward() that began */
  gboolean in_step;
  guint64 call; /* op begun last */
};

void gb_scan_begin (GbScan *self, const TeRecord *record); /* before the causes hear it */
void gb_scan_end (GbScan *self, const TeRecord *record);   /* and after */

/* A new finding at this record.  Arguments of evidence are taken over. */
GbFinding *gb_scan_find (GbScan *self, guint64 seq, const char *subject);
GbEvidence *gb_finding_add (GbFinding *self, GbEvidenceKind kind, const char *text, guint32 pos, guint64 seq, ...)
    G_GNUC_NULL_TERMINATED; /* char *, NULL at the end */
void gb_finding_free (GbFinding *self);

/* Tensors that an optimiser holds now; NULL: none told. */
const GArray *gb_scan_get_held (GbScan *self, guint32 optimizer);
gboolean gb_scan_is_held (GbScan *self, guint64 tensor); /* by any of them */

/* The person's line of an op. */
guint32 gb_op_pos (const GbOp *op);
gboolean gb_op_is (GbTrace *trace, const GbOp *op, const char *const *names);
/* The op whose output `tensor` was at seq, as it was then. */
gboolean gb_scan_maker (GbScan *self, guint64 tensor, guint64 seq, GbOp *op);
gboolean gb_scan_node_op (GbScan *self, guint64 node, GbOp *op);
/* The tensor of which the node is the grad_fn: output of its op.  0: unknown. */
guint64 gb_scan_node_tensor (GbScan *self, guint64 node);
char *gb_scan_label (GbScan *self, guint64 tensor, guint64 seq);
char *gb_scan_saved_label (GbScan *self, const TeWireSaved *saved, guint64 seq); /* as it is known outside */
char *gb_scan_op_label (GbScan *self, const GbOp *op);
char *gb_scan_shape (const GbTensor *tensor); /* "(4, 1)" */
char *gb_scan_count (gint64 n);
/* Text of the line at pos, stripped; owned, "" when it is not known. */
char *gb_scan_line (GbScan *self, guint32 pos);

/* Walks from a tensor to what it was computed from, nearest first, also where no gradient goes: visit is called for
 * every op met; FALSE from it does not go on behind this op.  Bounded. */
typedef gboolean (*GbWalkVisit) (GbScan *scan, const GbOp *op, const GbTensor *output, gpointer data);
void gb_scan_walk (GbScan *self, guint64 tensor, guint64 seq, GbWalkVisit visit, gpointer data);
/* The way from `tensor` back to `target` (a leaf, or what shares its storage): ops from the tensor on.  NULL: none. */
typedef struct { GbOp op; GbTensor output, input; gboolean alias; /* input is another tensor on the target's storage */ } GbWay;
GArray *gb_scan_way (GbScan *self, guint64 tensor, guint64 seq, guint64 target);

G_END_DECLS
