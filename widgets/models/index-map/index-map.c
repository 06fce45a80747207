#include "models/index-map/index-map.h"

#include <string.h>

#include "models/index-map/map-call.h"

void
gb_index_map_free (GbIndexMap *self)
{
  if (self == NULL)
    return;
  g_free (self->inputs);
  g_array_unref (self->terms);
  g_free (self);
}

/* ---- the table ---- */

static GHashTable *
table_of_rows (void)
{
  static gsize once;
  static GHashTable *table; /* name -> row; names are interned */
  if (g_once_init_enter (&once))
    {
      table = g_hash_table_new (g_str_hash, g_str_equal);
      for (guint i = 0; i < gb_map_n_rows; i++)
        {
          g_auto (GStrv) names = g_strsplit (gb_map_rows[i].names, " ", 0);
          for (guint k = 0; names[k]; k++)
            g_hash_table_insert (table, (gpointer) g_intern_string (names[k]), (gpointer) &gb_map_rows[i]);
        }
      g_once_init_leave (&once, 1);
    }
  return table;
}

const GbMapRow *
gb_map_find_row (const char *name)
{
  const GbMapRow *row = g_hash_table_lookup (table_of_rows (), name);
  gsize length = strlen (name);
  if (row == NULL && length > 1 && name[length - 1] == '_')
    {
      g_autofree char *plain = g_strndup (name, length - 1);
      row = g_hash_table_lookup (table_of_rows (), plain);
    }
  return row;
}

gboolean
gb_index_map_covers (const char *op_name, const char **why)
{
  const GbMapRow *row = gb_map_find_row (op_name);
  *why = row && !row->rule ? row->pattern : NULL;
  return row && row->rule;
}

gboolean
gb_index_map_is_pointwise (const char *op_name)
{
  const GbMapRow *row = gb_map_find_row (op_name);
  return row && row->rule == gb_map_pointwise;
}

const char *
gb_index_map_pattern (const char *op_name)
{
  const GbMapRow *row = gb_map_find_row (op_name);
  return row && row->form == GB_INDEX_MAP_FUNCTION ? row->pattern : NULL;
}

/* ---- one element ---- */

static void
take_inputs (GbIndexMap *self, GbTrace *trace, const GbOp *op)
{
  self->n_inputs = op->record->n_inputs;
  self->inputs = g_new0 (GbTensor, MAX (self->n_inputs, 1));
  for (guint i = 0; i < self->n_inputs; i++)
    if (op->inputs[i]
        && (!gb_trace_get_tensor (trace, op->inputs[i], op->record->head.seq, &self->inputs[i])
            || self->inputs[i].ndim > GB_MAP_NDIM))
      self->inputs[i] = (GbTensor){ 0 };
}

static gboolean
is_inside (const GbTensor *tensor, const gint64 *index)
{
  for (int d = 0; d < tensor->ndim; d++)
    if (index[d] < 0 || index[d] >= tensor->sizes[d])
      return FALSE;
  return TRUE;
}

/* Runs the row's rule, or looks into a composite. */
static const char *
fill (GbIndexMap *self, GbTrace *trace, const GbOp *op, guint output_nr, int *budget)
{
  const GbMapRow *row = gb_map_find_row (gb_trace_op_name (trace, op));
  if (row && row->rule)
    {
      GbMapCall call = { .trace = trace,
                         .op = op,
                         .before = op->record->head.seq,
                         .output_nr = output_nr,
                         .args = { op->text, op->record->text_nbytes },
                         .map = self,
                         .param = row->param };
      self->form = row->form;
      self->pattern = row->pattern;
      row->rule (&call);
      gb_tensor_values_free (call.looked_up);
      self->n_terms = MAX (self->n_terms, self->terms->len);
      return call.broken ? N_ ("The record of this operation does not fit the sizes of its tensors.") : NULL;
    }
  if (op->record->flags & TE_WIRE_OP_COMPOSITE)
    return gb_map_compose (self, trace, op, budget);
  if (row)
    return row->pattern;
  return N_ ("Nobody has said yet how this operation puts its result together.");
}

GbIndexMap *
gb_map_new_within (
    GbTrace *trace, const GbOp *op, guint output_nr, const gint64 *index, int *budget, const char **why)
{
  const char *reason = NULL, **to = why ? why : &reason;
  GbTensor output;
  GbOp inside;
  guint inside_nr;
  gboolean is_function = (op->record->flags & TE_WIRE_OP_FUNCTION) != 0;
  *to = NULL;
  if (is_function && gb_map_find_inside (trace, op, output_nr, &inside, &inside_nr))
    return gb_map_new_within (trace, &inside, inside_nr, index, budget, why);
  if (is_function)
    *to = N_ ("The code of an autograd.Function computed this without any operation that was recorded.");
  else if (--*budget < 0)
    *to = N_ ("This element is made of too many others to follow them all.");
  else if (!gb_trace_op_output (trace, op, output_nr, &output) || output.ndim > GB_MAP_NDIM)
    *to = N_ ("The result of this operation was not recorded.");
  else if (!is_inside (&output, index))
    *to = N_ ("The result of this operation has no such element.");
  if (*to)
    return NULL;
  GbIndexMap *self = g_new0 (GbIndexMap, 1);
  self->call = op->record->call;
  self->output = output;
  memcpy (self->index, index, sizeof (gint64) * (gsize) output.ndim);
  self->terms = g_array_new (FALSE, TRUE, sizeof (GbIndexMapTerm));
  take_inputs (self, trace, op);
  *to = fill (self, trace, op, output_nr, budget);
  if (*to)
    g_clear_pointer (&self, gb_index_map_free);
  return self;
}

GbIndexMap *
gb_index_map_new (GbTrace *trace, const GbOp *op, guint output_nr, const gint64 *index, const char **why)
{
  int budget = GB_INDEX_MAP_MOST_TERMS * 2;
  return gb_map_new_within (trace, op, output_nr, index, &budget, why);
}

GbIndexMap *
gb_index_map_new_for_tensor (
    GbTrace *trace, guint64 tensor, guint64 seq, const gint64 *index, const char **why)
{
  const char *reason;
  GbTensor now, output;
  GbOp op;
  if (why == NULL)
    why = &reason;
  *why = NULL;
  if (!gb_trace_get_tensor (trace, tensor, seq, &now))
    *why = N_ ("This tensor was not recorded.");
  else if (now.call == 0)
    *why = N_ ("No recorded operation made this tensor: its numbers came from outside.");
  else if (!gb_trace_get_op (trace, now.call, &op) || !op.end)
    *why = N_ ("The operation that made this tensor is not recorded any more.");
  if (*why)
    return NULL;
  for (guint i = 0; i < op.end->n_outputs; i++)
    if (gb_trace_op_output (trace, &op, i, &output) && output.tensor == tensor)
      return gb_index_map_new (trace, &op, i, index, why);
  *why = N_ ("The operation that made this tensor is not recorded any more.");
  return NULL;
}
