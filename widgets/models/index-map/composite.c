/* A composite op is followed through the ops that ran inside it: elements of what they handed to each other
 * are replaced by the elements that these were made of, until only inputs of the composite are left. */
#include "models/index-map/map-call.h"

#include <string.h>

typedef struct
{
  GbTrace *trace;
  const GbOp *composite;
  GbIndexMap *map;
  int *budget;
  GPtrArray *inner; /* GbOp: direct children that ended, in order */
  const char *why;
} Composition;

static GPtrArray *
ops_inside (GbTrace *trace, const GbOp *composite)
{
  GPtrArray *inner = g_ptr_array_new_with_free_func (g_free);
  guint64 last = composite->end ? composite->end->head.seq : composite->record->head.seq;
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, trace, composite->record->head.seq + 1);
  while ((record = gb_trace_iter_next (&iter)) && record->seq < last && inner->len < 4096)
    {
      GbOp op;
      if (record->type == TE_RECORD_OP && ((const TeRecordOp *) record)->parent == composite->record->call
          && gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op) && op.end)
        g_ptr_array_add (inner, g_memdup2 (&op, sizeof op));
    }
  return inner;
}

/* The last op inside, before `before`, that gave this tensor. */
static const GbOp *
maker_of (const Composition *self, guint64 tensor, guint before, guint *at, guint *output_nr)
{
  for (guint i = before; i-- > 0;)
    {
      const GbOp *op = g_ptr_array_index (self->inner, i);
      GbTensor output;
      for (guint k = 0; k < op->end->n_outputs; k++)
        if (gb_trace_op_output (self->trace, op, k, &output) && output.tensor == tensor)
          {
            *at = i;
            *output_nr = k;
            return op;
          }
    }
  return NULL;
}

static gboolean
find_input (const Composition *self, guint64 tensor, guint *nth)
{
  for (*nth = 0; *nth < self->map->n_inputs; ++*nth)
    if (self->map->inputs[*nth].tensor == tensor)
      return TRUE;
  return FALSE;
}

static GbIndexMap *
map_inside (Composition *self, const GbOp *op, guint at, guint output_nr, const gint64 *index);

static void
keep_term (GbIndexMap *map, const GbIndexMapTerm *term)
{
  if (map->terms->len < GB_INDEX_MAP_MOST_TERMS)
    g_array_append_val (map->terms, *term);
}

/* The factor in terms of the composite's inputs: itself renamed, or what it was made of.  FALSE: of several,
 * which were added to `spill` one by one. */
static gboolean
resolve (Composition *self, const GbIndexMap *from, guint at, GbIndexMapElement *factor, GbIndexMap *spill)
{
  const GbTensor *tensor = &from->inputs[factor->input];
  guint nth, maker_at, output_nr;
  const GbOp *maker = maker_of (self, tensor->tensor, at, &maker_at, &output_nr);
  if (maker == NULL)
    {
      if (find_input (self, tensor->tensor, &nth))
        {
          factor->input = nth;
          return TRUE;
        }
      return FALSE; /* a tensor that the composite found elsewhere */
    }
  g_autoptr (GbIndexMap) deeper = map_inside (self, maker, maker_at, output_nr, factor->index);
  if (deeper == NULL)
    return FALSE;
  if (deeper->form == GB_INDEX_MAP_COPY && deeper->terms->len == 1)
    {
      *factor = g_array_index (deeper->terms, GbIndexMapTerm, 0).factors[0];
      return TRUE;
    }
  for (guint i = 0; i < deeper->terms->len; i++)
    keep_term (spill, &g_array_index (deeper->terms, GbIndexMapTerm, i));
  return FALSE;
}

/* Terms of `from` said in inputs of the composite; from is consumed. */
static GbIndexMap *
restate (Composition *self, GbIndexMap *from, guint at)
{
  g_autoptr (GArray) old = g_steal_pointer (&from->terms);
  from->terms = g_array_new (FALSE, TRUE, sizeof (GbIndexMapTerm));
  for (guint i = 0; i < old->len && self->why == NULL; i++)
    {
      GbIndexMapTerm term = g_array_index (old, GbIndexMapTerm, i);
      guint kept = 0;
      for (guint k = 0; k < term.n_factors; k++)
        if (resolve (self, from, at, &term.factors[k], from))
          term.factors[kept++] = term.factors[k];
      if (kept < term.n_factors)
        from->form = GB_INDEX_MAP_DEPENDS;
      term.n_factors = kept;
      if (kept)
        keep_term (from, &term);
    }
  return from;
}

static GbIndexMap *
map_inside (Composition *self, const GbOp *op, guint at, guint output_nr, const gint64 *index)
{
  const char *why;
  GbIndexMap *map = gb_map_new_within (self->trace, op, output_nr, index, self->budget, &why);
  if (map == NULL)
    {
      self->why = why;
      return NULL;
    }
  if (map->untold)
    self->map->untold = map->untold;
  return restate (self, map, at);
}

/* Several terms may come to name one element (a sum of sums): it is listed once. */
static void
list_once (GArray *terms)
{
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  guint kept = 0;
  for (guint i = 0; i < terms->len; i++)
    {
      GbIndexMapTerm *term = &g_array_index (terms, GbIndexMapTerm, i);
      if (g_hash_table_add (seen, g_bytes_new (term, sizeof *term)))
        g_array_index (terms, GbIndexMapTerm, kept++) = *term;
    }
  g_array_set_size (terms, kept);
}

gboolean
gb_map_find_inside (GbTrace *trace, const GbOp *function, guint output_nr, GbOp *inside, guint *inside_nr)
{
  Composition composition = { .trace = trace, .composite = function };
  GbTensor output;
  guint at;
  if (!gb_trace_op_output (trace, function, output_nr, &output))
    return FALSE;
  composition.inner = ops_inside (trace, function);
  const GbOp *maker = maker_of (&composition, output.tensor, composition.inner->len, &at, inside_nr);
  if (maker)
    *inside = *maker;
  g_ptr_array_unref (composition.inner);
  return maker != NULL;
}

const char *
gb_map_compose (GbIndexMap *self, GbTrace *trace, const GbOp *op, int *budget)
{
  Composition composition = { .trace = trace, .composite = op, .map = self, .budget = budget };
  guint at = 0, output_nr = 0, nth;
  composition.inner = ops_inside (trace, op);
  const GbOp *maker = maker_of (&composition, self->output.tensor, composition.inner->len, &at, &output_nr);
  if (maker)
    {
      g_autoptr (GbIndexMap) inside = map_inside (&composition, maker, at, output_nr, self->index);
      if (inside)
        {
          self->form = inside->form;
          self->pattern = inside->pattern;
          self->divisor = inside->divisor;
          g_array_unref (self->terms);
          self->terms = g_steal_pointer (&inside->terms);
          inside->terms = g_array_new (FALSE, TRUE, sizeof (GbIndexMapTerm));
          if (self->form == GB_INDEX_MAP_DEPENDS)
            list_once (self->terms);
          self->n_terms = MAX (inside->n_terms, self->terms->len);
        }
    }
  else if (find_input (&composition, self->output.tensor, &nth))
    {
      GbIndexMapTerm term = { .n_factors = 1, .factors = { { .input = nth } } };
      memcpy (term.factors[0].index, self->index, sizeof term.factors[0].index);
      self->form = GB_INDEX_MAP_COPY;
      keep_term (self, &term);
    }
  else
    composition.why = N_ ("The operations inside this one are not recorded any more.");
  g_ptr_array_unref (composition.inner);
  return composition.why;
}
