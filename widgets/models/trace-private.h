/* How GbTrace keeps records: see trace.h for the promises. */
#pragma once

#include "models/record-check.h"
#include "models/trace.h"

G_BEGIN_DECLS

#define GB_SEGMENT_NBYTES (2u << 20)
#define GB_SEGMENT_LEAST_NBYTES (64u << 10)
#define GB_CHUNK_NBYTES (64u << 10)
#define GB_LIVE_BUCKETS 8192
#define GB_LIVE_ITERATIONS (1u << 17)
#define GB_PRINT_NBYTES (16u << 20)
/* What a tensor and a node cost in the tables beside their records, measured. */
#define GB_TENSOR_NBYTES 320
#define GB_NODE_NBYTES   48
#define GB_N_FACTS (TE_FACT_METER - TE_FACT_STATS + 1)
#define GB_MAX_ID_JUMP 65536u

typedef struct
{
  guint64 seq;
  const TeRecord *record;
} GbRecordRef;

typedef struct
{
  guint64 call;
  const TeRecordOp *record;
  const TeRecordOpEnd *end;
} GbOpRef;

/* A run of records.  Chunks never move, so pointers into them live as long as the segment. */
typedef struct
{
  GPtrArray *chunks; /* guint8* */
  gsize chunk_used, chunk_nbytes;
  gsize nbytes;
  GArray *refs;           /* GbRecordRef, ascending */
  GArray *ops;            /* GbOpRef, ascending by call */
  guint64 first_seq, last_seq;
  guint64 ordinal;        /* how many segments came before it */
} GbSegment;

typedef struct
{
  guint64 seq;
  const TeWireTensor *wire;
  guint64 call;
} GbTensorRef;

typedef struct
{
  guint64 seq;
  guint32 name;
} GbNameRef;

typedef struct
{
  GArray *refs;  /* GbTensorRef, ascending */
  GArray *names; /* GbNameRef, ascending; NULL: none */
  guint64 storage; /* that still counts it, when only names are left */
} GbTensorEntry;

/* Tensors on a storage, in order of appearance; those that were let go stay in the list until it is mostly theirs. */
typedef struct
{
  GArray *ids; /* guint64 */
  guint n_alive;
} GbOwners;

typedef struct
{
  guint16 type;
  guint16 kind;
  guint64 id;
} GbFactKey;

typedef struct
{
  guint32 pos, occurrence, name, output_nr;
} GbPlace;

/* Reference counted (GRcBox). */
typedef struct
{
  GStringChunk *chunk;
} GbTexts;

struct _GbTrace
{
  GObject parent_instance;

  gboolean open_ended;
  gsize budget_nbytes, nbytes;
  guint64 n_rejected, generation, last_seq, n_segments_ever;
  guint pending; /* GbTraceChange not yet told */

  GPtrArray *segments; /* GbSegment, ascending */
  GHashTable *tensors; /* id -> GbTensorEntry */
  GHashTable *storages; /* id -> GbOwners */
  GHashTable *nodes;   /* id -> const TeRecordNode* */
  GHashTable *facts[GB_N_FACTS]; /* by type: GbFactKey -> GArray of GbRecordRef */
  GHashTable *places;  /* tensor id -> GbPlace, of those once asked for */

  GbTexts *texts; /* shared with branches */
  GPtrArray *strings;   /* id -> const char* */
  GPtrArray *sources;   /* file -> GbSource* */
  GPtrArray *positions; /* id -> GbPosition* */
  GPtrArray *modules;   /* id -> GbModule* */
  GPtrArray *params;    /* GbParam* */
  GHashTable *param_by_tensor;
  GArray *iterations; /* GbIteration */
  GArray *epochs;     /* GbBatch */
  GbBatch last_batch;
  GPtrArray *logs;  /* GbLog* */
  GPtrArray *dropped_logs; /* of them: not shown any more, but a picture may still hold them */
  GPtrArray *knobs; /* GbKnob* */
  GPtrArray *print_index; /* GbPrint*, reference counted (GRcBox) */
  guint64 n_prints, first_print;
  gsize print_nbytes;
  GbFigureParts figure_parts;
  GArray *exceptions, *warnings, *named, *shows, *gaps, *states;
  const char *about, *name;
  GPtrArray *branches;      /* GbBranch*, oldest first */
  guint n_branches_ever;
  gboolean is_winding;      /* the last way back has not yet come to where it leads */
  guint64 resumed_seq;      /* it began here; 0: there was none */
  guint64 arrived_seq;      /* and led to here */
  TeRecordEnd end;
  TeFactMeter meter;
};

GbSegment *gb_segment_new (guint64 first_seq, guint64 ordinal);
void gb_segment_free (GbSegment *segment);
const TeRecord *gb_segment_add (GbSegment *segment, const TeRecord *record);
const TeRecord *gb_segment_find (const GbSegment *segment, guint64 seq, guint *index);
/* Index of the last segment with first_seq <= seq, or -1. */
int gb_trace_find_segment (GbTrace *self, guint64 seq);
/* Where a segment stands among those that are kept, or would stand if it has gone. */
guint gb_trace_index_of_segment (GbTrace *self, const GbSegment *segment);
#define GB_OP_SEGMENTS 4 /* an op's end is looked for in its segment and in so many before it */

/* Forgets everything, its branches too, and tells nobody yet. */
void gb_trace_clear (GbTrace *self);
/* Takes in one checked record that was stored in a segment (trace-intake.c). */
void gb_trace_take (GbTrace *self, GbSegment *segment, const TeRecord *record);
/* Forgets what points to the records of a segment from first_seq on, which go. */
void gb_trace_drop_segment_index (GbTrace *self, GbSegment *segment, guint64 first_seq);
/* Takes tensors that were let go out of the list. */
void gb_owners_clean (GbTrace *self, GbOwners *owners);
/* Forgets all that came after seq (trace-rewind.c), which becomes a branch (trace-branches.c). */
void gb_trace_wind_back (GbTrace *self, guint64 seq);
/* Before anything after seq is forgotten. */
void gb_trace_leave_branch (GbTrace *self, guint64 seq);
/* The first pause after a way back is where it led to: there the branch that was left parts. */
void gb_trace_arrive (GbTrace *self, guint64 seq);
/* Lets go of records of the oldest branches until what only branches hold is within the budget. */
void gb_trace_bound_branches (GbTrace *self);
void gb_branch_free (gpointer branch);
/* What finds records by id: ops, tensors, nodes, facts.  FALSE: the record is none of these. */
gboolean gb_trace_index (GbTrace *self, GbSegment *segment, const TeRecord *record, guint *change);
void gb_trace_take_knob_set (GbTrace *self, const TeRecordKnobSet *record);
gsize gb_print_cost (const GbPrint *print);
void gb_trace_tables_init (GbTrace *self);
void gb_trace_tables_clear (GbTrace *self);
/* Copies text into the trace's own memory as valid UTF-8. */
const char *gb_trace_keep_text (GbTrace *self, const void *text, gsize nbytes);
/* Arrays of things that begin with a guint64 seq, ascending. */
guint gb_refs_lower_bound (const GArray *refs, gsize nbytes, guint64 seq);
void gb_refs_insert (GArray *refs, gsize nbytes, guint64 seq, gconstpointer item);
void gb_refs_remove (GArray *refs, gsize nbytes, guint64 seq);
/* FALSE: not a fact that is found by id. */
gboolean gb_fact_key_of (const TeRecord *record, GbFactKey *fact);
/* NULL for a type that is no fact. */
GHashTable *gb_trace_facts_of (GbTrace *self, guint16 type);
GArray *gb_trace_fact_refs (GbTrace *self, guint16 type, guint16 kind, guint64 id, gboolean create);

G_END_DECLS
