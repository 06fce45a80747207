/* The indexes of a trace: made empty, let go of, and found in by id or by place. */
#include "models/trace-private.h"

static guint
fact_key_hash (gconstpointer data)
{
  const GbFactKey *fact = data;
  guint64 h = (fact->id + 1) * 0x9e3779b97f4a7c15u + fact->type * 31u + fact->kind;
  return (guint) (h ^ (h >> 32));
}

static gboolean
fact_key_equal (gconstpointer a, gconstpointer b)
{
  const GbFactKey *x = a, *y = b;
  return x->type == y->type && x->kind == y->kind && x->id == y->id;
}

static void
tensor_entry_free (gpointer data)
{
  GbTensorEntry *entry = data;
  g_array_unref (entry->refs);
  g_clear_pointer (&entry->names, g_array_unref);
  g_free (entry);
}

static void
owners_free (gpointer data)
{
  GbOwners *owners = data;
  g_array_unref (owners->ids);
  g_free (owners);
}

static void
param_free (gpointer data)
{
  GbParam *param = data;
  gb_series_free (param->grad_norm);
  gb_series_free (param->param_norm);
  gb_series_free (param->update_norm);
  g_free (param);
}

static void
log_free (gpointer data)
{
  GbLog *log = data;
  gb_series_free (log->series);
  gb_series_free (log->other);
  gb_curve_free (log->curve);
  g_free (log);
}

static void
exception_clear (gpointer data)
{
  GbException *exception = data;
  g_free ((char *) exception->type_name);
  g_free ((char *) exception->message);
  g_free ((char *) exception->traceback);
}

static void
print_clear (gpointer data)
{
  GbPrint *print = data;
  g_free ((char *) print->text);
  if (print->figure)
    gb_figure_free ((GbFigure *) print->figure);
}

static void
print_unref (gpointer print)
{
  g_rc_box_release_full (print, print_clear);
}

static void
texts_clear (gpointer texts)
{
  g_string_chunk_free (((GbTexts *) texts)->chunk);
}

static GArray *
array_new (gsize nbytes)
{
  return g_array_new (FALSE, FALSE, nbytes);
}

void
gb_trace_tables_init (GbTrace *self)
{
  self->tensors = g_hash_table_new_full (NULL, NULL, NULL, tensor_entry_free);
  self->storages = g_hash_table_new_full (NULL, NULL, NULL, owners_free);
  self->nodes = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < GB_N_FACTS; i++)
    self->facts[i] =
        g_hash_table_new_full (fact_key_hash, fact_key_equal, g_free, (GDestroyNotify) g_array_unref);
  self->places = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->texts = g_rc_box_new (GbTexts);
  self->texts->chunk = g_string_chunk_new (4096);
  self->strings = g_ptr_array_new ();
  self->sources = g_ptr_array_new_with_free_func (g_free);
  self->positions = g_ptr_array_new_with_free_func (g_free);
  self->modules = g_ptr_array_new_with_free_func (g_free);
  self->params = g_ptr_array_new_with_free_func (param_free);
  self->param_by_tensor = g_hash_table_new (NULL, NULL);
  self->iterations = array_new (sizeof (GbIteration));
  self->epochs = array_new (sizeof (GbBatch));
  self->last_batch = (GbBatch){ 0 };
  self->logs = g_ptr_array_new_with_free_func (log_free);
  self->dropped_logs = g_ptr_array_new_with_free_func (log_free);
  self->knobs = g_ptr_array_new_with_free_func (g_free);
  self->print_index = g_ptr_array_new_with_free_func (print_unref);
  self->n_prints = self->first_print = 0;
  self->print_nbytes = 0;
  self->exceptions = array_new (sizeof (GbException));
  g_array_set_clear_func (self->exceptions, exception_clear);
  self->warnings = array_new (sizeof (GbWarning));
  self->named = array_new (sizeof (GbNamed));
  self->shows = array_new (sizeof (GbShow));
  self->gaps = array_new (sizeof (GbGap));
  self->states = array_new (sizeof (GbStateChange));
  self->about = self->name = NULL;
  self->branches = g_ptr_array_new_with_free_func (gb_branch_free);
  self->n_branches_ever = 0;
  self->is_winding = FALSE;
  self->resumed_seq = self->arrived_seq = 0;
  self->end = (TeRecordEnd){ 0 };
  self->meter = (TeFactMeter){ 0 };
}

void
gb_trace_tables_clear (GbTrace *self)
{
  g_clear_pointer (&self->tensors, g_hash_table_unref);
  g_clear_pointer (&self->storages, g_hash_table_unref);
  g_clear_pointer (&self->nodes, g_hash_table_unref);
  for (guint i = 0; i < GB_N_FACTS; i++)
    g_clear_pointer (&self->facts[i], g_hash_table_unref);
  g_clear_pointer (&self->places, g_hash_table_unref);
  g_clear_pointer (&self->strings, g_ptr_array_unref);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_clear_pointer (&self->positions, g_ptr_array_unref);
  g_clear_pointer (&self->modules, g_ptr_array_unref);
  g_clear_pointer (&self->params, g_ptr_array_unref);
  g_clear_pointer (&self->param_by_tensor, g_hash_table_unref);
  g_clear_pointer (&self->iterations, g_array_unref);
  g_clear_pointer (&self->epochs, g_array_unref);
  g_clear_pointer (&self->logs, g_ptr_array_unref);
  g_clear_pointer (&self->dropped_logs, g_ptr_array_unref);
  g_clear_pointer (&self->knobs, g_ptr_array_unref);
  g_clear_pointer (&self->print_index, g_ptr_array_unref);
  gb_figure_parts_clear (&self->figure_parts);
  g_clear_pointer (&self->exceptions, g_array_unref);
  g_clear_pointer (&self->warnings, g_array_unref);
  g_clear_pointer (&self->named, g_array_unref);
  g_clear_pointer (&self->shows, g_array_unref);
  g_clear_pointer (&self->gaps, g_array_unref);
  g_clear_pointer (&self->states, g_array_unref);
  g_clear_pointer (&self->branches, g_ptr_array_unref);
  if (self->texts)
    g_rc_box_release_full (g_steal_pointer (&self->texts), texts_clear);
}

const char *
gb_trace_keep_text (GbTrace *self, const void *text, gsize nbytes)
{
  g_autofree char *valid = NULL;

  if (nbytes == 0)
    return "";
  valid = g_utf8_make_valid (text, (gssize) nbytes);
  /* Short texts repeat (states, labels): one copy serves all. */
  return nbytes <= 4096 ? g_string_chunk_insert_const (self->texts->chunk, valid)
                        : g_string_chunk_insert (self->texts->chunk, valid);
}

GHashTable *
gb_trace_facts_of (GbTrace *self, guint16 type)
{
  return type >= TE_FACT_STATS && type < TE_FACT_STATS + GB_N_FACTS ? self->facts[type - TE_FACT_STATS]
                                                                    : NULL;
}

GArray *
gb_trace_fact_refs (GbTrace *self, guint16 type, guint16 kind, guint64 id, gboolean create)
{
  GbFactKey fact = { type, kind, id };
  GHashTable *facts = gb_trace_facts_of (self, type);
  GArray *refs = facts ? g_hash_table_lookup (facts, &fact) : NULL;

  if (facts && refs == NULL && create)
    {
      refs = array_new (sizeof (GbRecordRef));
      g_hash_table_insert (facts, g_memdup2 (&fact, sizeof fact), refs);
    }
  return refs;
}

/* Arrays of things with a leading guint64 seq, ascending: insert in order, remove by seq. */
guint
gb_refs_lower_bound (const GArray *refs, gsize nbytes, guint64 seq)
{
  guint low = 0, high = refs->len;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (*(const guint64 *) (refs->data + middle * nbytes) < seq)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

void
gb_refs_insert (GArray *refs, gsize nbytes, guint64 seq, gconstpointer item)
{
  guint at = refs->len;
  if (at && *(const guint64 *) (refs->data + (at - 1) * nbytes) > seq)
    at = gb_refs_lower_bound (refs, nbytes, seq + 1);
  g_array_insert_vals (refs, at, item, 1);
}

void
gb_refs_remove (GArray *refs, gsize nbytes, guint64 seq)
{
  guint at = gb_refs_lower_bound (refs, nbytes, seq), n = 0;
  while (at + n < refs->len && *(const guint64 *) (refs->data + (at + n) * nbytes) == seq)
    n++;
  if (n)
    g_array_remove_range (refs, at, n);
}

gboolean
gb_fact_key_of (const TeRecord *record, GbFactKey *fact)
{
  *fact = (GbFactKey){ .type = record->type };
  switch (record->type)
    {
    case TE_FACT_STATS:
      fact->id = ((const TeFactStats *) record)->tensor;
      return TRUE;
    case TE_FACT_VALUES:
      {
        const TeFactValues *values = (const TeFactValues *) record;
        fact->kind = values->kind;
        fact->id = values->kind ? values->tensor.storage : values->tensor.tensor;
        return TRUE;
      }
    case TE_FACT_ATTENTION:
      fact->id = ((const TeFactAttention *) record)->call_key;
      fact->kind = ((const TeFactAttention *) record)->batch; /* the first sample is what is asked for by kind 0 */
      return TRUE;
    case TE_FACT_HISTOGRAM:
      fact->id = ((const TeFactHistogram *) record)->tensor;
      return TRUE;
    default:
      return FALSE;
    }
}
