#include "trace/comparison.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/record.h"

#define TOLERANCE  1e-3 /* relative, of a number that another processor computed */
#define RECENT_OPS 64
#define MOST_SHOWN 120 /* bytes of a text in a description */
#define FNV_OFFSET 2166136261u
#define FNV_PRIME  16777619u

typedef struct
{
  uint32_t string; /* common number of its text */
  char *text;      /* owned */
} Text;

typedef struct
{
  uint32_t key, line;
} Place;

typedef struct
{
  uint64_t call;
  uint32_t name, pos; /* ids of that side */
} Op;

typedef struct
{
  Text *texts; /* by string id */
  Place *places;
  uint32_t *sources; /* key of a file's path, by file id */
  size_t n_texts, n_places, n_sources;
  Op ops[RECENT_OPS];
  char *record; /* the present one, normalised */
  char *raw;    /* as it came */
  size_t capacity;
} Side;

struct TeComparison
{
  TeComparisonOptions options;
  Side sides[2];
  uint64_t n_events, n_values;
};

/* Where the ids and the times of a record lie.  0 ends a list: the header is there.  TENSOR and NAME are not
 * here: they are told when somebody looks. */
typedef struct
{
  uint16_t type;
  uint16_t strings[3], places[3], times[2], nsec;
  bool value; /* a number that the program computed */
} Shape;

#define AT(Type, field) offsetof (Type, field)
static const Shape shapes[] = {
  { TE_RECORD_SOURCE, .strings = { AT (TeRecordSource, path) } },
  { TE_RECORD_MODULE, .strings = { AT (TeRecordModule, name), AT (TeRecordModule, class_name) } },
  { TE_RECORD_MODULE_ENTER, .places = { AT (TeRecordModuleCall, pos) } },
  { TE_RECORD_MODULE_LEAVE, .places = { AT (TeRecordModuleCall, pos) } },
  { TE_RECORD_PARAM, .strings = { AT (TeRecordParam, name) } },
  { TE_RECORD_OP, .strings = { AT (TeRecordOp, name) },
    .places = { AT (TeRecordOp, pos), AT (TeRecordOp, caller_pos) } },
  { TE_RECORD_OP_END, .nsec = AT (TeRecordOpEnd, nsec) },
  { TE_RECORD_NODE, .strings = { AT (TeRecordNode, name) } },
  { TE_RECORD_NODE_BEGIN, .nsec = AT (TeRecordNodeRun, nsec) },
  { TE_RECORD_NODE_END, .nsec = AT (TeRecordNodeRun, nsec) },
  { TE_RECORD_ACCUMULATE, .nsec = 0 },
  { TE_RECORD_SAVED_FREED, .nsec = 0 },
  { TE_RECORD_BACKWARD_BEGIN, .places = { AT (TeRecordBackward, pos) } },
  { TE_RECORD_BACKWARD_END, .places = { AT (TeRecordBackward, pos) } },
  { TE_RECORD_STEP, .strings = { AT (TeRecordStep, name) } },
  { TE_RECORD_ITERATION, .times = { AT (TeRecordIteration, time_nsec) } },
  { TE_RECORD_BATCH, .nsec = 0 },
  { TE_RECORD_LOG, .strings = { AT (TeRecordLog, name), AT (TeRecordLog, over) }, .places = { AT (TeRecordLog, pos) },
    .value = true },
  { TE_RECORD_PRINT, .places = { AT (TeRecordPrint, pos) } },
  { TE_RECORD_EXCEPTION, .places = { AT (TeRecordException, pos) } },
  { TE_RECORD_WARNING, .strings = { AT (TeRecordWarning, category) },
    .places = { AT (TeRecordWarning, pos) } },
  { TE_RECORD_KNOB, .strings = { AT (TeRecordKnob, name) } },
  { TE_RECORD_KNOB_SET, .strings = { AT (TeRecordKnobSet, name) } },
  { TE_RECORD_MARK, .strings = { AT (TeRecordNamed, name) }, .places = { AT (TeRecordNamed, pos) } },
  { TE_RECORD_ASK, .strings = { AT (TeRecordNamed, name) }, .places = { AT (TeRecordNamed, pos) } },
  { TE_RECORD_TELL, .strings = { AT (TeRecordNamed, name) }, .places = { AT (TeRecordNamed, pos) } },
  { TE_RECORD_CHECK, .strings = { AT (TeRecordNamed, name) }, .places = { AT (TeRecordNamed, pos) } },
  { TE_RECORD_EVENT, .strings = { AT (TeRecordNamed, name) }, .places = { AT (TeRecordNamed, pos) } },
  { TE_RECORD_SHOW, .strings = { AT (TeRecordShow, view), AT (TeRecordShow, name) },
    .places = { AT (TeRecordShow, pos) } },
  { TE_RECORD_END, .times = { AT (TeRecordEnd, time_nsec) } },
  { TE_RECORD_FIGURE, .places = { AT (TeRecordFigure, pos) } },
  { TE_RECORD_CLOCK, .nsec = 0 },
  { TE_RECORD_FILE, .strings = { AT (TeRecordFile, path) } },
  { TE_RECORD_STEP_BEGIN, .places = { AT (TeRecordStepBegin, pos) } },
  { TE_RECORD_ZERO_GRAD, .places = { AT (TeRecordZeroGrad, pos) } },
  { TE_RECORD_OPTIMIZER, .strings = { AT (TeRecordOptimizer, name) },
    .places = { AT (TeRecordOptimizer, pos) } },
  { TE_RECORD_SCHEDULER, .strings = { AT (TeRecordScheduler, name), AT (TeRecordScheduler, span_name) },
    .places = { AT (TeRecordScheduler, pos) } },
  { TE_RECORD_MODE, .strings = { AT (TeRecordMode, class_name) }, .places = { AT (TeRecordMode, pos) } },
  { TE_RECORD_GRAD_NONE, .places = { AT (TeRecordGradNone, pos) } },
  { TE_RECORD_GRAPH_HELD, .strings = { AT (TeRecordGraphHeld, name) } },
  { TE_FACT_GRADIENT, .value = true },
  { TE_FACT_HASH, .value = true },
};

static const Shape *
shape_of (unsigned type)
{
  static const Shape *by_type[128];
  if (!by_type[TE_RECORD_SOURCE])
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
      by_type[shapes[i].type] = &shapes[i];
  return type < 128 ? by_type[type] : NULL;
}

static uint32_t
mix (uint32_t hash, const void *bytes, size_t nbytes)
{
  for (const unsigned char *at = bytes; nbytes--; at++)
    hash = (hash ^ *at) * FNV_PRIME;
  return hash;
}

TeComparison *
te_comparison_new (const TeComparisonOptions *options, TeError *err)
{
  TeComparison *self = calloc (1, sizeof *self);
  if (!self)
    {
      te_error_set (err, TE_ERR_MEMORY, "not enough memory to compare two runs");
      return NULL;
    }
  self->options = *options;
  return self;
}

void
te_comparison_free (TeComparison *self)
{
  for (int i = 0; self && i < 2; i++)
    {
      Side *side = &self->sides[i];
      for (size_t k = 0; k < side->n_texts; k++)
        free (side->texts[k].text);
      free (side->texts);
      free (side->places);
      free (side->sources);
      free (side->record);
      free (side->raw);
    }
  free (self);
}

/* ---- the tables of a side ---- */

/* Room for an id in an array of elements; ids are dense, so a wild one is damage and is left out. */
static bool
make_room (void **array, size_t *n, size_t id, size_t element_nbytes)
{
  if (id < *n)
    return true;
  if (id > *n * 2 + 1024)
    return false;
  size_t wanted = id * 2 + 64;
  char *grown = realloc (*array, wanted * element_nbytes);
  if (!grown)
    return false;
  memset (grown + *n * element_nbytes, 0, (wanted - *n) * element_nbytes);
  *array = grown;
  *n = wanted;
  return true;
}

static void
learn_string (Side *side, const TeRecordString *record)
{
  if (!make_room ((void **) &side->texts, &side->n_texts, record->id, sizeof *side->texts))
    return;
  Text *text = &side->texts[record->id];
  free (text->text);
  text->text = strndup ((const char *) (record + 1), record->text_nbytes);
  text->string = mix (FNV_OFFSET, record + 1, record->text_nbytes);
}

static uint32_t
string_key (const Side *side, uint32_t id)
{
  return id && id < side->n_texts ? side->texts[id].string : 0;
}

static const char *
string_text (const Side *side, uint32_t id)
{
  const char *text = id < side->n_texts ? side->texts[id].text : NULL;
  return text ? text : "";
}

const char *
te_comparison_string (const TeComparison *self, TeRunSide which, uint32_t id)
{
  return string_text (&self->sides[which], id);
}

static void
learn_source (Side *side, const TeRecordSource *record)
{
  if (make_room ((void **) &side->sources, &side->n_sources, record->file, sizeof *side->sources))
    side->sources[record->file] = string_key (side, record->path);
}

static void
learn_place (Side *side, const TeRecordPos *record)
{
  if (!make_room ((void **) &side->places, &side->n_places, record->id, sizeof *side->places))
    return;
  uint32_t words[] = { record->file < side->n_sources ? side->sources[record->file] : 0,
                       string_key (side, record->function),
                       record->line,
                       record->end_line,
                       record->column,
                       record->end_column };
  side->places[record->id] = (Place){ mix (FNV_OFFSET, words, sizeof words), record->line };
}

static void
learn_op (Side *side, const TeRecordOp *record)
{
  side->ops[record->call % RECENT_OPS] =
      (Op){ record->call, record->name, record->caller_pos ? record->caller_pos : record->pos };
}

/* ---- normal form ---- */

static void
replace_string (const Side *side, char *record, size_t at)
{
  uint32_t id;
  memcpy (&id, record + at, sizeof id);
  id = string_key (side, id);
  memcpy (record + at, &id, sizeof id);
}

static void
replace_place (const Side *side, char *record, size_t at)
{
  uint32_t id;
  memcpy (&id, record + at, sizeof id);
  id = id && id < side->n_places ? side->places[id].key : 0;
  memcpy (record + at, &id, sizeof id);
}

static bool
keep (Side *side, const TeRecord *record)
{
  if (side->capacity < record->nbytes)
    {
      size_t wanted = (size_t) record->nbytes * 2;
      char *a = realloc (side->record, wanted), *b = a ? realloc (side->raw, wanted) : NULL;
      if (a)
        side->record = a;
      if (b)
        side->raw = b;
      if (!a || !b)
        return false;
      side->capacity = wanted;
    }
  memcpy (side->record, record, record->nbytes);
  memcpy (side->raw, record, record->nbytes);
  return true;
}

static void
normalise (Side *side, const Shape *shape)
{
  TeRecord *head = (TeRecord *) side->record;
  head->seq = 0;
  for (int i = 0; i < 3 && shape->strings[i]; i++)
    replace_string (side, side->record, shape->strings[i]);
  for (int i = 0; i < 3 && shape->places[i]; i++)
    replace_place (side, side->record, shape->places[i]);
  for (int i = 0; i < 2 && shape->times[i]; i++)
    memset (side->record + shape->times[i], 0, 8);
  if (shape->nsec)
    memset (side->record + shape->nsec, 0, 4);
  if (head->type == TE_RECORD_NODE)
    {
      TeRecordNode *node = (TeRecordNode *) side->record;
      TeWireSaved *saved = (TeWireSaved *) ((TeWireEdge *) (node + 1) + node->n_edges);
      for (int i = 0; i < node->n_saved; i++)
        saved[i].name = string_key (side, saved[i].name);
    }
  if (head->type == TE_RECORD_FILE)
    head->flags = 0;
  if (head->type == TE_RECORD_SOURCE)
    ((TeRecordSource *) side->record)->file = 0;
}

static bool
is_compared (const TeComparison *self, const TeRecord *record)
{
  const TeComparisonOptions *o = &self->options;
  switch (record->type)
    {
    case TE_FACT_HASH:
      return !o->no_hashes && !o->no_detail && !o->tolerant;
    case TE_FACT_GRADIENT:
      return !o->no_gradients;
    case TE_RECORD_STEP_BEGIN:
    case TE_RECORD_ZERO_GRAD:
    case TE_RECORD_OPTIMIZER:
    case TE_RECORD_SCHEDULER:
    case TE_RECORD_MODE:
    case TE_RECORD_GRAD_NONE:
    case TE_RECORD_GRAPH_HELD:
      return !o->no_training;
    case TE_RECORD_FILE: /* how far a worker read ahead depends on when it was stopped */
      return !o->no_files && !(record->flags & TE_WIRE_FILE_CHILD);
    case TE_RECORD_SOURCE: /* a library is told by the versions in BEGIN */
      return !(((const TeRecordSource *) record)->flags & 2);
    default: /* what lies in shapes */
      return shape_of (record->type) && !(o->no_detail && te_record_is_detail (record->type));
    }
}

bool
te_comparison_take (TeComparison *self, TeRunSide which, const TeRecord *record)
{
  Side *side = &self->sides[which];
  switch (record->type)
    {
    case TE_RECORD_STRING:
      learn_string (side, (const TeRecordString *) record);
      break;
    case TE_RECORD_SOURCE:
      learn_source (side, (const TeRecordSource *) record);
      break;
    case TE_RECORD_POS:
      learn_place (side, (const TeRecordPos *) record);
      break;
    case TE_RECORD_OP:
      learn_op (side, (const TeRecordOp *) record);
      break;
    default:
      break;
    }
  if (!is_compared (self, record) || !keep (side, record))
    return false;
  normalise (side, shape_of (record->type));
  return true;
}

/* ---- agreement ---- */

static bool
near (double a, double b)
{
  double size = fabs (a) > fabs (b) ? fabs (a) : fabs (b);
  return a == b || (isnan (a) && isnan (b)) || fabs (a - b) <= TOLERANCE * (size > 1 ? size : 1);
}

/* Texts whose numbers are near each other. */
static bool
near_text (const char *a, size_t na, const char *b, size_t nb)
{
  char *x = strndup (a, na), *y = strndup (b, nb);
  const char *p = x, *q = y;
  bool same = x && y;
  while (same && (*p || *q))
    {
      bool digits = strchr ("0123456789", *p) && *p && strchr ("0123456789", *q) && *q;
      if (digits)
        same = near (strtod (p, (char **) &p), strtod (q, (char **) &q));
      else
        same = *p++ == *q++;
    }
  free (x);
  free (y);
  return same;
}

static bool
near_record (const TeRecord *a, const TeRecord *b)
{
  switch (a->type)
    {
    case TE_RECORD_LOG:
      return near (((const TeRecordLog *) a)->value, ((const TeRecordLog *) b)->value)
             && near (((const TeRecordLog *) a)->x, ((const TeRecordLog *) b)->x);
    case TE_FACT_GRADIENT:
      {
        const TeFactGradient *x = (const void *) a, *y = (const void *) b;
        return x->tensor == y->tensor && near (x->grad_norm, y->grad_norm)
               && near (x->param_norm, y->param_norm) && near (x->update_norm, y->update_norm);
      }
    case TE_RECORD_PRINT:
      {
        const TeRecordPrint *x = (const void *) a, *y = (const void *) b;
        return x->stream == y->stream
               && near_text ((const char *) (x + 1), x->text_nbytes, (const char *) (y + 1), y->text_nbytes);
      }
    case TE_RECORD_FIGURE: /* pixels follow the numbers */
    case TE_RECORD_TELL:
      return true;
    default:
      return false;
    }
}

/* Norms, and the sizes of updates, are told where there was time to measure them: a side that does not tell one does
 * not differ. */
static void
level_gradients (TeFactGradient *a, TeFactGradient *b)
{
  if ((a->flags | b->flags) & TE_WIRE_NOT_MEASURED)
    {
      a->grad_norm = b->grad_norm = a->param_norm = b->param_norm = a->update_norm = b->update_norm = NAN;
      a->nans = b->nans = a->infs = b->infs = 0;
      a->flags |= TE_WIRE_NOT_MEASURED;
      b->flags |= TE_WIRE_NOT_MEASURED;
    }
  if (isnan (a->update_norm) || isnan (b->update_norm))
    a->update_norm = b->update_norm = NAN;
}

bool
te_comparison_agrees (TeComparison *self)
{
  if (((TeRecord *) self->sides[0].record)->type == TE_FACT_GRADIENT
      && ((TeRecord *) self->sides[1].record)->type == TE_FACT_GRADIENT)
    level_gradients ((TeFactGradient *) self->sides[0].record, (TeFactGradient *) self->sides[1].record);
  const TeRecord *a = (const TeRecord *) self->sides[0].record, *b = (const TeRecord *) self->sides[1].record;
  bool same = a->type == b->type
              && ((a->nbytes == b->nbytes && !memcmp (a, b, a->nbytes))
                  || (self->options.tolerant && near_record (a, b)));
  if (same)
    {
      self->n_events++;
      bool measured = a->type != TE_FACT_GRADIENT || !(((const TeFactGradient *) a)->flags & TE_WIRE_NOT_MEASURED);
      self->n_values += shape_of (a->type)->value && measured;
    }
  return same;
}

uint64_t
te_comparison_get_events (const TeComparison *self)
{
  return self->n_events;
}

uint64_t
te_comparison_get_values (const TeComparison *self)
{
  return self->n_values;
}

/* ---- in words ---- */

static uint32_t
line_of (const Side *side, uint32_t pos)
{
  return pos && pos < side->n_places ? side->places[pos].line : 0;
}

static const Op *
op_of (const Side *side, uint64_t call)
{
  const Op *op = &side->ops[call % RECENT_OPS];
  return op->call == call ? op : NULL;
}

static void
describe_named (const Side *side, const Shape *shape, char *text, size_t nbytes, uint32_t *line)
{
  uint32_t id = 0, pos = 0;
  const char *type = te_record_type_name (shape->type);
  if (shape->strings[0])
    memcpy (&id, side->raw + shape->strings[0], sizeof id);
  if (shape->places[0])
    memcpy (&pos, side->raw + shape->places[0], sizeof pos);
  *line = line_of (side, pos);
  snprintf (text, nbytes, "%s %s", type, string_text (side, id));
}

void
te_comparison_describe (const TeComparison *self, TeRunSide which, char *text, size_t nbytes, uint32_t *line)
{
  const Side *side = &self->sides[which];
  const TeRecord *head = (const TeRecord *) side->raw;
  const Op *op = NULL;
  *line = 0;
  switch (head->type)
    {
    case TE_RECORD_PRINT:
      {
        const TeRecordPrint *print = (const void *) head;
        const char *said = (const char *) (print + 1);
        size_t shown = print->text_nbytes < MOST_SHOWN ? print->text_nbytes : MOST_SHOWN;
        const char *end = memchr (said, '\n', shown);
        *line = line_of (side, print->pos);
        snprintf (text, nbytes, "print \"%.*s\"", (int) (end ? (size_t) (end - said) : shown), said);
        break;
      }
    case TE_FACT_HASH:
      op = op_of (side, ((const TeFactHash *) head)->call);
      *line = op ? line_of (side, op->pos) : 0;
      snprintf (text, nbytes, "%s = %016" PRIx64, op ? string_text (side, op->name) : "op",
                ((const TeFactHash *) head)->hash);
      break;
    case TE_RECORD_OP_END:
      op = op_of (side, ((const TeRecordOpEnd *) head)->call);
      *line = op ? line_of (side, op->pos) : 0;
      snprintf (text, nbytes, "op-end %s", op ? string_text (side, op->name) : "");
      break;
    case TE_RECORD_FILE:
      {
        const TeRecordFile *file = (const void *) head;
        snprintf (text, nbytes, "reads %.120s: %" PRIu64 " bytes, hash %016" PRIx64,
                  string_text (side, file->path), file->nbytes, file->hash);
        break;
      }
    case TE_RECORD_LOG:
      *line = line_of (side, ((const TeRecordLog *) head)->pos);
      snprintf (text, nbytes, "%s = %.9g", string_text (side, ((const TeRecordLog *) head)->name),
                ((const TeRecordLog *) head)->value);
      break;
    case TE_FACT_GRADIENT:
      snprintf (text, nbytes, "gradient of parameter %u: norm %.9g", ((const TeFactGradient *) head)->param,
                ((const TeFactGradient *) head)->grad_norm);
      break;
    default:
      describe_named (side, shape_of (head->type), text, nbytes, line);
      break;
    }
}
