/* Attention by data flow: something normalised along a dim (a softmax; exp of a log-softmax; exp divided by
 * its sum), seen through views, dropout, masks and casts, and consumed by a product or a weighted sum that
 * contracts that dim. What variables, functions or modules are called plays no part.
 *
 * A tensor carries its role in trace_role (TeFlow and the dim) and the number of its entry here in
 * trace_detail. Entries are few and overwritten in turn; a number that is no longer there means nothing. */
#include "python/trace-private.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define ENTRIES     512
#define MOST_HEADS  32
#define MOST_CELLS  256
#define MOST_PLACES 256
#define MOST_SAMPLES 8        /* of a batch */
#define MOST_TOLD    (1 << 14) /* cells of all of them */

typedef struct
{
  uint32_t number; /* 0: free */
  uint64_t tensor, call, key;
  TeTensor *kept; /* owned; the normalised tensor until its product is seen */
  uint32_t module;
  int dim;
} Entry;

/* What an op does to roles; found once per op. */
typedef enum
{
  KIND_UNKNOWN = 0,
  KIND_OTHER,
  KIND_SOFTMAX,
  KIND_LOG_SOFTMAX,
  KIND_EXP,
  KIND_LOG,
  KIND_LOG_SUM_EXP,
  KIND_SUM,
  KIND_DIV,
  KIND_MUL,
  KIND_ADD,
  KIND_SUB,
  KIND_KEEP, /* the same role with the same dims */
  KIND_PASS,
  KIND_PRODUCT_01, /* the first two arguments are the operands */
  KIND_PRODUCT_12,
  KIND_LINEAR,
} Kind;

static Entry entries[ENTRIES];
static uint32_t last_number;
static uint8_t *kinds;
static int n_kinds;
static uint64_t places[MOST_PLACES], places_of_call;
static int n_places;

/* ---- roles ---- */

static TeFlow
flow_of (const TeTensor *tensor)
{
  return tensor ? (TeFlow) (tensor->trace_role & TE_ROLE_FLOW_MASK) : TE_FLOW_NONE;
}

static int
dim_of (const TeTensor *tensor)
{
  return (int) ((tensor->trace_role & TE_ROLE_DIM_MASK) >> TE_ROLE_DIM_SHIFT);
}

static void
set_flow (TeTensor *tensor, TeFlow flow, int dim, uint32_t number)
{
  tensor->trace_role = (tensor->trace_role & TE_ROLE_KEPT) | flow | (uint32_t) dim << TE_ROLE_DIM_SHIFT;
  tensor->trace_detail = number;
}

static void
forget (TeTensor *tensor)
{
  tensor->trace_role &= TE_ROLE_KEPT;
}

static Entry *
entry_of (const TeTensor *tensor)
{
  Entry *entry = &entries[tensor->trace_detail % ENTRIES];
  return tensor->trace_detail && entry->number == tensor->trace_detail ? entry : NULL;
}

static Entry *
new_entry (void)
{
  if (++last_number == 0)
    last_number = 1;
  Entry *entry = &entries[last_number % ENTRIES];
  te_tensor_unref (entry->kept);
  *entry = (Entry){ .number = last_number };
  return entry;
}

/* The dim of `out` that is dim `dim` of `in`; -1 when it is gone.  Views keep size and stride, copies the
 * order. */
static int
map_dim (const TeTensor *in, int dim, const TeTensor *out)
{
  if (in->storage == out->storage)
    {
      for (int d = out->ndim - 1; d >= 0; d--)
        if (out->sizes[d] == in->sizes[dim] && out->strides[d] == in->strides[dim])
          return d;
      return -1;
    }
  return in->ndim == out->ndim && in->sizes[dim] == out->sizes[dim] ? dim : -1;
}

/* Under broadcasting dims align at the right. */
static int
align_dim (const TeTensor *in, int dim, const TeTensor *out)
{
  int d = dim + out->ndim - in->ndim;
  return d >= 0 && out->sizes[d] == in->sizes[dim] ? d : -1;
}

static void
carry (const TeTensor *in, TeFlow flow, TeTensor *out, int dim)
{
  if (dim >= 0)
    set_flow (out, flow, dim, in->trace_detail);
  else
    forget (out);
}

/* ---- arguments ---- */

static TeTensor *
tensor_at (const TeOpCall *call, int i)
{
  return i < call->op->n_args && call->args[i].kind == TE_VALUE_TENSOR ? call->args[i].tensor : NULL;
}

static bool
is_number (const TeTensor *tensor)
{
  return !tensor || tensor->ndim == 0;
}

/* The one dim that an op reduces or normalises; -1: none or several. */
static int
dim_argument (const TeOpCall *call, int ndim)
{
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      int64_t dim;
      if (strcmp (call->op->args[i].name, "dim"))
        continue;
      if (value->kind == TE_VALUE_INT)
        dim = value->i;
      else if (value->kind == TE_VALUE_INT_LIST && value->count == 1)
        dim = value->ints[0];
      else
        return -1;
      if (dim < 0)
        dim += ndim;
      return dim >= 0 && dim < ndim ? (int) dim : -1;
    }
  return ndim == 1 ? 0 : -1;
}

static bool
reduces (const TeOpCall *call, int ndim, int dim)
{
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (strcmp (call->op->args[i].name, "dim"))
        continue;
      if (value->kind == TE_VALUE_INT)
        return (value->i < 0 ? value->i + ndim : value->i) == dim;
      if (value->kind != TE_VALUE_INT_LIST || value->count == 0)
        return true; /* everything */
      for (int k = 0; k < value->count; k++)
        if ((value->ints[k] < 0 ? value->ints[k] + ndim : value->ints[k]) == dim)
          return true;
      return false;
    }
  return true;
}

static Kind
classify (const TeOp *op)
{
  static const struct
  {
    const char *name;
    Kind kind;
  } table[] = {
    { "log_softmax", KIND_LOG_SOFTMAX },
    { "_log_softmax", KIND_LOG_SOFTMAX },
    { "exp", KIND_EXP },
    { "log", KIND_LOG },
    { "logsumexp", KIND_LOG_SUM_EXP },
    { "sum", KIND_SUM },
    { "div", KIND_DIV },
    { "true_divide", KIND_DIV },
    { "divide", KIND_DIV },
    { "mul", KIND_MUL },
    { "multiply", KIND_MUL },
    { "add", KIND_ADD },
    { "sub", KIND_SUB },
    { "subtract", KIND_SUB },
    { "reciprocal", KIND_KEEP },
    { "clamp", KIND_KEEP },
    { "clamp_min", KIND_KEEP },
    { "nan_to_num", KIND_KEEP },
    { "dropout", KIND_PASS },
    { "native_dropout", KIND_PASS },
    { "masked_fill", KIND_PASS },
    { "where", KIND_PASS },
    { "mm", KIND_PRODUCT_01 },
    { "bmm", KIND_PRODUCT_01 },
    { "matmul", KIND_PRODUCT_01 },
    { "mv", KIND_PRODUCT_01 },
    { "dot", KIND_PRODUCT_01 },
    { "addmm", KIND_PRODUCT_12 },
    { "baddbmm", KIND_PRODUCT_12 },
    { "addbmm", KIND_PRODUCT_12 },
    { "addmv", KIND_PRODUCT_12 },
    { "linear", KIND_LINEAR },
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (!strcmp (op->name, table[i].name))
      return table[i].kind;
  if (op->def->flags & TE_OP_ROLE_SOFTMAX)
    return KIND_SOFTMAX;
  return op->def->flags & TE_OP_ROLE_PASS ? KIND_PASS : KIND_OTHER;
}

static Kind
kind_of (const TeOp *op)
{
  if (!kinds)
    {
      n_kinds = te_registry_count ();
      kinds = calloc ((size_t) n_kinds, 1);
    }
  if (!kinds || op->index >= n_kinds)
    return KIND_OTHER;
  if (!kinds[op->index])
    kinds[op->index] = (uint8_t) classify (op);
  return (Kind) kinds[op->index];
}

/* ---- the fact ---- */

typedef struct
{
  int batch_dim, key_dim, query_dim; /* -1: none */
  int64_t heads, queries, keys;
  int64_t samples;
} Shape;

/* Which dims are heads, queries and keys of a sample, and how many samples there are. */
static Shape
shape_of (const TeTensor *t, int dim)
{
  int rest[TE_MAX_NDIM], n = 0;
  int64_t samples = te_trace_state.root_batch;
  Shape shape = { -1, dim, -1, 1, 1, t->sizes[dim], 1 };
  for (int d = 0; d < t->ndim; d++)
    if (d != dim)
      rest[n++] = d;
  if (n == 0)
    return shape;
  shape.query_dim = rest[n - 1];
  shape.queries = t->sizes[shape.query_dim];
  if (n == 1)
    {
      /* (samples, keys) of one query each, unless it is a square of tokens by tokens */
      if (samples > 1 && shape.queries == samples && shape.queries != shape.keys)
        {
          shape.batch_dim = shape.query_dim;
          shape.query_dim = -1;
          shape.queries = 1;
          shape.samples = samples;
        }
      return shape;
    }
  if (n == 2)
    {
      int64_t leading = t->sizes[rest[0]];
      shape.samples = samples > 0 && leading % samples == 0 ? samples : 1;
      shape.heads = leading / shape.samples;
      return shape;
    }
  shape.batch_dim =
      samples > 0 && t->sizes[rest[0]] != samples && t->sizes[rest[1]] == samples ? rest[1] : rest[0];
  shape.samples = t->sizes[shape.batch_dim];
  for (int i = 0; i < n - 1; i++)
    if (rest[i] != shape.batch_dim)
      shape.heads *= t->sizes[rest[i]];
  return shape;
}

/* Flat row-major number of the element (head, query, key) of a sample.  Without a dim of their own samples come before
 * heads. */
static int64_t
flat_index (const TeTensor *t, const Shape *shape, int64_t sample, int64_t head, int64_t query, int64_t key)
{
  int64_t index[TE_MAX_NDIM] = { 0 }, flat = 0;
  if (shape->batch_dim >= 0)
    index[shape->batch_dim] = sample;
  else
    head += sample * shape->heads;
  index[shape->key_dim] = key;
  if (shape->query_dim >= 0)
    index[shape->query_dim] = query;
  for (int d = t->ndim - 1; d >= 0; d--)
    if (d != shape->key_dim && d != shape->query_dim && d != shape->batch_dim)
      {
        index[d] = head % t->sizes[d];
        head /= t->sizes[d];
      }
  for (int d = 0; d < t->ndim; d++)
    flat = flat * t->sizes[d] + index[d];
  return flat;
}

static uint32_t
at_most (int64_t n, int64_t most)
{
  return (uint32_t) (n < most ? n : most);
}

static void
tell_sample (const Entry *entry, const Shape *shape, uint32_t sample, uint32_t samples)
{
  const TeTensor *t = entry->kept;
  uint32_t heads = at_most (shape->heads, MOST_HEADS), queries = at_most (shape->queries, MOST_CELLS),
           keys = at_most (shape->keys, MOST_CELLS);
  TeFactAttention *fact =
      te_recorder_reserve (te_trace_state.recorder, TE_FACT_ATTENTION,
                           sizeof *fact + (size_t) heads * queries * keys * sizeof (float));
  if (!fact)
    return;
  TeRecord head = fact->head;
  *fact = (TeFactAttention){ .iteration = te_trace_state.iteration,
                             .tensor = entry->tensor,
                             .call = entry->call,
                             .call_key = entry->key,
                             .heads = heads,
                             .queries = queries,
                             .keys = keys,
                             .module = entry->module,
                             .batch = sample,
                             .samples = samples };
  fact->head = head;
  float *cells = (float *) (fact + 1);
  for (uint32_t h = 0; h < heads; h++)
    for (uint32_t q = 0; q < queries; q++)
      for (uint32_t k = 0; k < keys; k++)
        *cells++ = (float) te_trace_get_element (t, flat_index (t, shape, sample, h, q, k));
  te_recorder_commit (te_trace_state.recorder);
}

/* As many samples as are cheap to tell.  The first one comes last: who asks for none in particular finds it. */
static void
tell_map (const Entry *entry)
{
  Shape shape = shape_of (entry->kept, entry->dim);
  int64_t cells = (int64_t) at_most (shape.heads, MOST_HEADS) * at_most (shape.queries, MOST_CELLS)
                  * at_most (shape.keys, MOST_CELLS);
  if (!cells || !shape.samples)
    return;
  uint32_t samples = at_most (shape.samples, MOST_SAMPLES);
  if (samples * cells > MOST_TOLD)
    samples = cells < MOST_TOLD ? (uint32_t) (MOST_TOLD / cells) : 1;
  for (uint32_t sample = samples; sample-- > 0;)
    tell_sample (entry, &shape, sample, samples);
}

static void
consume (const TeTensor *tensor)
{
  Entry *entry = entry_of (tensor);
  if (!entry || !entry->kept)
    return;
  tell_map (entry);
  te_tensor_clear (&entry->kept);
}

/* Stable per place of the program: where the code stands, in which module, and how often it came by in this
 * call of the outermost module. */
static uint64_t
place_key (const TeOpCall *call, uint32_t module)
{
  TeTraceState *s = &te_trace_state;
  uint64_t root = s->n_modules ? s->modules[0].call : s->iteration << 32;
  TeWhere where = te_trace_where ();
  uint64_t parts[3] = { (uint64_t) where.pos << 32 | where.caller, module, 0 };
  uint64_t place = XXH3_64bits (parts, 16);
  if (root != places_of_call)
    {
      places_of_call = root;
      n_places = 0;
    }
  for (int i = 0; i < n_places; i++)
    parts[2] += places[i] == place;
  if (n_places < MOST_PLACES)
    places[n_places++] = place;
  return XXH3_64bits (parts, sizeof parts);
}

static void
normalised (const TeOpCall *call, TeTensor *out, int dim)
{
  TeTraceState *s = &te_trace_state;
  Entry *entry = new_entry ();
  entry->tensor = out->id;
  entry->call = call->trace_call;
  entry->module = s->n_modules ? s->modules[s->n_modules - 1].name : 0;
  entry->key = place_key (call, entry->module);
  entry->dim = dim;
  entry->kept = te_tensor_ref (out);
  set_flow (out, TE_FLOW_PROB, dim, entry->number);
}

/* ---- rules ---- */

static bool
is_weight (TeFlow flow)
{
  return flow == TE_FLOW_PROB || flow == TE_FLOW_WEIGHED;
}

static void
product (TeTensor *a, int a_dim, TeTensor *b, int b_dim)
{
  if (is_weight (flow_of (a)) && dim_of (a) == a_dim)
    consume (a);
  if (is_weight (flow_of (b)) && dim_of (b) == b_dim)
    consume (b);
}

static void
matrix_product (const TeOpCall *call, int first)
{
  TeTensor *a = tensor_at (call, first), *b = tensor_at (call, first + 1);
  if (a && b)
    product (a, a->ndim - 1, b, b->ndim > 1 ? b->ndim - 2 : 0);
}

static void
exponential (const TeOpCall *call, TeTensor *in, TeTensor *out)
{
  if (flow_of (in) == TE_FLOW_LOG_PROB)
    normalised (call, out, dim_of (in));
  else
    set_flow (out, TE_FLOW_EXP, 0, new_entry ()->number);
}

static void
summed (const TeOpCall *call, TeTensor *in, TeTensor *out)
{
  TeFlow flow = flow_of (in);
  if (flow == TE_FLOW_WEIGHED && reduces (call, in->ndim, dim_of (in)))
    consume (in);
  int dim = flow == TE_FLOW_EXP ? dim_argument (call, in->ndim) : -1;
  carry (in, TE_FLOW_EXP_SUM, out, dim);
}

static void
divided (const TeOpCall *call, TeTensor *a, TeTensor *b, TeTensor *out)
{
  if (flow_of (a) == TE_FLOW_EXP && flow_of (b) == TE_FLOW_EXP_SUM && a->trace_detail == b->trace_detail)
    normalised (call, out, dim_of (b));
  else if (is_weight (flow_of (a)))
    carry (a, flow_of (a), out, align_dim (a, dim_of (a), out));
  else if (is_number (a) && flow_of (b) == TE_FLOW_EXP_SUM)
    carry (b, TE_FLOW_EXP_SUM, out, dim_of (b));
  else
    forget (out);
}

static void
multiplied (const TeOpCall *call, TeTensor *a, TeTensor *b, TeTensor *out)
{
  TeFlow fa = flow_of (a), fb = flow_of (b);
  if (fa == TE_FLOW_EXP_SUM && fb == TE_FLOW_EXP)
    {
      TeTensor *swap = a;
      a = b;
      b = swap;
      fa = TE_FLOW_EXP;
      fb = TE_FLOW_EXP_SUM;
    }
  if (fa == TE_FLOW_EXP && fb == TE_FLOW_EXP_SUM && a->trace_detail == b->trace_detail)
    normalised (call, out, dim_of (b));
  else if (is_weight (fa) || is_weight (fb))
    {
      TeTensor *weight = is_weight (fa) ? a : b, *other = is_weight (fa) ? b : a;
      carry (weight, is_number (other) ? flow_of (weight) : TE_FLOW_WEIGHED, out,
             align_dim (weight, dim_of (weight), out));
    }
  else if (fa == TE_FLOW_EXP || fb == TE_FLOW_EXP)
    carry (fa == TE_FLOW_EXP ? a : b, TE_FLOW_EXP, out, 0);
  else
    forget (out);
}

static void
subtracted (TeTensor *a, TeTensor *b, TeTensor *out)
{
  if (flow_of (b) == TE_FLOW_LOG_SUM && a && a->ndim == out->ndim && dim_of (b) < out->ndim)
    set_flow (out, TE_FLOW_LOG_PROB, dim_of (b), 0);
  else
    forget (out);
}

static void
passed (const TeOpCall *call)
{
  const TeTensor *in = NULL;
  for (int i = 0; i < call->op->n_args && !in; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR && flow_of (value->tensor))
        in = value->tensor;
      else if (value->kind == TE_VALUE_TENSOR_LIST && value->count && value->tensors[0]
               && flow_of (value->tensors[0]))
        in = value->tensors[0];
    }
  for (int i = 0; i < call->n_outs; i++)
    {
      TeTensor *out = call->outs[i];
      if (!out || out == in)
        continue;
      if (!in)
        {
          if (!(call->op->def->flags & TE_OP_COMPOSITE))
            forget (out);
        }
      else if (flow_of (in) == TE_FLOW_EXP || flow_of (in) == TE_FLOW_EXP_SUM
               || flow_of (in) == TE_FLOW_LOG_SUM)
        carry (in, flow_of (in), out, dim_of (in)); /* dims are those of the exponential, before any view */
      else
        {
          int dim = map_dim (in, dim_of (in), out);
          bool inner = call->op->def->flags & TE_OP_COMPOSITE && flow_of (out) == flow_of (in);
          if (!inner)
            carry (in, flow_of (in), out, dim);
        }
    }
}

void
te_trace_flow (const TeOpCall *call)
{
  Kind kind = kind_of (call->op);
  TeTensor *out = call->n_outs ? call->outs[0] : NULL;
  TeTensor *a = tensor_at (call, 0), *b = tensor_at (call, 1);
  /* A composite is seen through the ops inside it. */
  if (!out || (call->op->def->flags & TE_OP_COMPOSITE && kind != KIND_PASS))
    return;
  switch (kind)
    {
    case KIND_SOFTMAX:
      {
        int dim = dim_argument (call, out->ndim);
        if (dim >= 0)
          normalised (call, out, dim);
        return;
      }
    case KIND_LOG_SOFTMAX:
      {
        int dim = dim_argument (call, out->ndim);
        if (dim >= 0)
          set_flow (out, TE_FLOW_LOG_PROB, dim, 0);
        return;
      }
    case KIND_EXP:
      exponential (call, a, out);
      return;
    case KIND_LOG:
      if (flow_of (a) == TE_FLOW_EXP_SUM)
        carry (a, TE_FLOW_LOG_SUM, out, dim_of (a));
      else
        forget (out);
      return;
    case KIND_LOG_SUM_EXP:
      {
        int dim = a ? dim_argument (call, a->ndim) : -1;
        if (dim >= 0)
          set_flow (out, TE_FLOW_LOG_SUM, dim, 0);
        return;
      }
    case KIND_SUM:
      summed (call, a, out);
      return;
    case KIND_DIV:
      divided (call, a, b, out);
      return;
    case KIND_MUL:
      multiplied (call, a, b, out);
      return;
    case KIND_ADD:
      /* A small number added for stability, or the maximum that was taken off before. */
      if (a && (is_number (b) || flow_of (a) == TE_FLOW_LOG_SUM) && flow_of (a))
        carry (a, flow_of (a), out, dim_of (a));
      else if (b && flow_of (b) == TE_FLOW_LOG_SUM)
        carry (b, TE_FLOW_LOG_SUM, out, dim_of (b));
      else
        forget (out);
      return;
    case KIND_SUB:
      subtracted (a, b, out);
      return;
    case KIND_KEEP:
      if (flow_of (a))
        carry (a, flow_of (a), out, dim_of (a));
      return;
    case KIND_PASS:
      passed (call);
      return;
    case KIND_PRODUCT_01:
      matrix_product (call, 0);
      break;
    case KIND_PRODUCT_12:
      matrix_product (call, 1);
      break;
    case KIND_LINEAR:
      if (a && b)
        product (a, a->ndim - 1, b, b->ndim - 1);
      break;
    case KIND_OTHER:
    case KIND_UNKNOWN:
      break;
    }
  if (call->inplace)
    forget (out);
}

/* Lets go of what waited for a product that did not come. */
void
te_trace_flow_reset (void)
{
  static uint32_t number;
  if (number == last_number)
    return;
  number = last_number;
  for (int i = 0; i < ENTRIES; i++)
    te_tensor_clear (&entries[i].kept);
}
