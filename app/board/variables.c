#include "board/variables.h"

#include "common/i18n.h"
#include "common/number-format.h"
#include "core/dtype.h"
#include "models/tensor-values.h"
#include "models/trace-changes.h"
#include "trace/record.h"

#include <math.h>
#include <string.h>

#define MAX_BINDINGS     2048
#define MAX_SHOWN_VALUES 6
#define N_BEFORE         4 /* lines of a history */
#define N_AFTER          3

struct _GbVariable
{
  GObject parent_instance;

  char *text[GB_N_VARIABLE_COLUMNS];
  guint64 tensor;
};

G_DEFINE_FINAL_TYPE (GbVariable, gb_variable, G_TYPE_OBJECT)

typedef struct
{
  guint64 seq, tensor;
  char *text; /* GRefString; of a plain value, tensor is 0 */
  guint32 type;
  gint64 n_items;
} Binding;

struct _GbVariables
{
  GbTrace *trace;
  GHashTable *bindings; /* name -> GArray of Binding, ascending */
  GPtrArray *names;     /* in order of first binding; keys of the table */
  guint64 next_seq;
};

static const char *const dtype_names[] = {
#define DTYPE_NAME(NAME, ctype, text, nbytes, error_text, category) text,
  TE_DTYPE_LIST (DTYPE_NAME)
#undef DTYPE_NAME
};

static const char *
get_dtype_name (int dtype)
{
  return dtype >= 0 && dtype < TE_DTYPE_COUNT ? dtype_names[dtype] : "?";
}

/* ---- values ---- */

/* "[0.5000, 1.000, 2.000]", "0.0996", or what its statistics say; NULL: nothing is known. */
static char *
describe_value (GbTrace *trace, const GbTensor *tensor, guint64 seq)
{
  char buffer[32];
  const TeFactValues *values = gb_trace_get_values (trace, tensor->tensor, 0, seq);
  gsize width = te_wire_dtype_nbytes (tensor->dtype);
  if (values && width && values->tensor.version == tensor->version && values->tensor.dtype == tensor->dtype)
    {
      const guint8 *data =
          (const guint8 *) (values + 1) + 32 * values->tensor.ndim; /* sizes, strides, starts, extents */
      gsize have = values->data_nbytes / width, n = MIN (have, MAX_SHOWN_VALUES);
      gboolean is_complex = tensor->dtype == TE_COMPLEX64 || tensor->dtype == TE_COMPLEX128;
      double shown[2 * MAX_SHOWN_VALUES]; /* of complex numbers real and imaginary parts in turns */
      for (gsize i = 0; i < n; i++)
        if (is_complex)
          gb_element_parts (tensor->dtype, data + i * width, &shown[2 * i]);
        else
          shown[i] = gb_element_value (tensor->dtype, data + i * width);
      gboolean is_integer = tensor->dtype <= TE_INT64 || tensor->dtype == TE_BOOL;
      GbNumberFormat format = gb_number_format_for (shown, is_complex ? 2 * n : n, 4, is_integer, tensor->dtype == TE_BOOL);
      GString *text = g_string_new (tensor->ndim ? "[" : "");
      for (gsize i = 0; i < n; i++)
        {
          double value = shown[is_complex ? 2 * i : i], imaginary = is_complex ? shown[2 * i + 1] : 0;
          g_string_append_printf (text, "%s%s", i ? ", " : "",
                                  gb_number_format (&format, value, buffer, sizeof buffer));
          if (is_complex)
            g_string_append_printf (text, "%c%sj", signbit (imaginary) ? '-' : '+',
                                    gb_number_format (&format, fabs (imaginary), buffer, sizeof buffer));
        }
      gint64 numel = 1;
      for (int d = 0; d < tensor->ndim; d++)
        numel *= tensor->sizes[d];
      if (tensor->ndim)
        g_string_append (text, numel > (gint64) n ? ", …]" : "]");
      g_string_append (text, gb_number_format_exponent (&format, buffer, sizeof buffer));
      return g_string_free (text, FALSE);
    }
  const TeFactStats *stats =
      (const TeFactStats *) gb_trace_get_fact (trace, TE_FACT_STATS, tensor->tensor, seq);
  if (!stats)
    return NULL;
  char low[32], high[32];
  const char *what = tensor->dtype == TE_COMPLEX64 || tensor->dtype == TE_COMPLEX128 ? "|z| " : "";
  return g_strdup_printf ("%s%s … %s", what, gb_number_text (stats->min, 3, low, sizeof low),
                          gb_number_text (stats->max, 3, high, sizeof high));
}

/* ---- one variable ---- */

static GbVariable *
new_variable (GbTrace *trace, const char *name, const GbTensor *tensor, guint64 seq)
{
  char shape[256];
  GbVariable *self = g_object_new (GB_TYPE_VARIABLE, NULL);
  self->tensor = tensor->tensor;
  self->text[GB_VARIABLE_NAME] = g_strdup (name);
  self->text[GB_VARIABLE_SHAPE] =
      g_strdup (gb_shape_tuple (tensor->ndim, tensor->sizes, shape, sizeof shape));
  self->text[GB_VARIABLE_DTYPE] = g_strdup (get_dtype_name (tensor->dtype));
  self->text[GB_VARIABLE_VALUE] = describe_value (trace, tensor, seq);
  const GbParam *param = gb_trace_find_param (trace, tensor->tensor);
  if (param && param->grad_norm && gb_series_get_n (param->grad_norm))
    {
      int at = gb_series_find (param->grad_norm, MAX (1, gb_trace_iteration_at (trace, seq)));
      if (at >= 0)
        self->text[GB_VARIABLE_GRAD] =
            g_strdup (gb_number_text (gb_series_get (param->grad_norm, at)->last, 3, shape, sizeof shape));
    }
  else if (!(tensor->flags & TE_WIRE_REQUIRES_GRAD))
    self->text[GB_VARIABLE_GRAD] = g_strdup ("–");
  else if (!(tensor->flags & TE_WIRE_LEAF))
    {
      GbNode node;
      if (tensor->node && gb_trace_get_node (trace, tensor->node, &node))
        self->text[GB_VARIABLE_GRAD] = g_strdup (gb_trace_get_string (trace, node.record->name));
    }
  return self;
}

static GbVariable *
new_plain (GbTrace *trace, const char *name, const Binding *binding)
{
  GbVariable *self = g_object_new (GB_TYPE_VARIABLE, NULL);
  self->text[GB_VARIABLE_NAME] = g_strdup (name);
  if (binding->n_items >= 0)
    self->text[GB_VARIABLE_SHAPE] = g_strdup_printf (
        ngettext_ ("%lu item", "%lu items", (gulong) binding->n_items), (gulong) binding->n_items);
  self->text[GB_VARIABLE_DTYPE] = g_strdup (gb_trace_get_string (trace, binding->type));
  self->text[GB_VARIABLE_VALUE] = g_strdup (binding->text);
  return self;
}

char *
gb_variable_describe_change (GbVariable *self, GbTrace *trace, guint64 seq)
{
  GbChange change;
  if (!gb_trace_find_change (trace, self->text[GB_VARIABLE_NAME], self->tensor, seq, -1, &change))
    return NULL;
  const GbPosition *place = change.pos ? gb_trace_get_position (trace, change.pos) : NULL;
  guint line = place ? place->line : 0;
  if (change.kind == GB_CHANGE_STEPPED)
    return g_strdup_printf (_ ("changed last by %s, in iteration %lu"), change.what,
                            gb_trace_iteration_at (trace, change.seq));
  if (!line)
    return NULL;
  if (change.kind == GB_CHANGE_WRITTEN)
    return g_strdup_printf (_ ("changed last in line %u, by %s"), line, change.what);
  return change.exact ? g_strdup_printf (_ ("changed last in line %u"), line)
                      : g_strdup_printf (_ ("changed last in line %u, or behind it"), line);
}

const char *
gb_variable_get_text (GbVariable *self, GbVariableColumn column)
{
  return self->text[column] ? self->text[column] : "";
}

guint64
gb_variable_get_tensor (GbVariable *self)
{
  return self->tensor;
}

static void
gb_variable_finalize (GObject *object)
{
  for (guint i = 0; i < GB_N_VARIABLE_COLUMNS; i++)
    g_free (GB_VARIABLE (object)->text[i]);
  G_OBJECT_CLASS (gb_variable_parent_class)->finalize (object);
}

static void
gb_variable_class_init (GbVariableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_variable_finalize;
}

static void
gb_variable_init (GbVariable *self)
{
}

/* ---- all of them ---- */

GbVariables *
gb_variables_new (GbTrace *trace)
{
  GbVariables *self = g_new0 (GbVariables, 1);
  self->trace = g_object_ref (trace);
  self->bindings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  self->names = g_ptr_array_new ();
  self->next_seq = 1;
  return self;
}

void
gb_variables_free (GbVariables *self)
{
  g_object_unref (self->trace);
  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->bindings);
  g_free (self);
}

static void
binding_clear (gpointer data)
{
  g_clear_pointer (&((Binding *) data)->text, g_ref_string_release);
}

static void
bind (GbVariables *self, const char *name, Binding binding)
{
  GArray *list = g_hash_table_lookup (self->bindings, name);
  if (!list)
    {
      char *key = g_strdup (name);
      list = g_array_new (FALSE, FALSE, sizeof (Binding));
      g_array_set_clear_func (list, binding_clear);
      g_hash_table_insert (self->bindings, key, list);
      g_ptr_array_add (self->names, key);
    }
  if (list->len >= MAX_BINDINGS)
    g_array_remove_range (list, 0, MAX_BINDINGS / 2);
  g_array_append_val (list, binding);
}

static void
bind_value (GbVariables *self, const TeRecordValue *value)
{
  g_autofree char *text = g_utf8_make_valid ((const char *) (value + 1), value->text_nbytes);
  bind (self, gb_trace_get_string (self->trace, value->name),
        (Binding){ .seq = value->head.seq,
                   .text = g_ref_string_new_intern (text),
                   .type = value->type,
                   .n_items = value->n_items });
}

void
gb_variables_update (GbVariables *self, gboolean reset)
{
  if (reset)
    {
      g_ptr_array_set_size (self->names, 0);
      g_hash_table_remove_all (self->bindings);
      self->next_seq = 1;
    }
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, self->trace, self->next_seq);
  while ((record = gb_trace_iter_next (&iter)))
    {
      if (record->type == TE_RECORD_NAME)
        {
          const TeRecordName *name = (const TeRecordName *) record;
          bind (self, gb_trace_get_string (self->trace, name->name),
                (Binding){ .seq = record->seq, .tensor = name->tensor });
        }
      else if (record->type == TE_RECORD_VALUE)
        bind_value (self, (const TeRecordValue *) record);
      self->next_seq = record->seq + 1;
    }
}

/* How many meanings the name had had at seq. */
static guint
count_bindings (GArray *list, guint64 seq)
{
  guint low = 0, high = list->len;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (g_array_index (list, Binding, middle).seq <= seq)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* What the name meant at seq; NULL: nothing yet. */
static const Binding *
find_binding (GbVariables *self, const char *name, guint64 seq)
{
  GArray *list = g_hash_table_lookup (self->bindings, name);
  guint n = count_bindings (list, seq);
  return n ? &g_array_index (list, Binding, n - 1) : NULL;
}

static gboolean
is_generator (GbVariables *self, const Binding *binding)
{
  return binding->text && strcmp (gb_trace_get_string (self->trace, binding->type), "Generator") == 0;
}

GPtrArray *
gb_variables_list (GbVariables *self, guint64 seq)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);
  GbVariable *generator = NULL; /* no variable: it stands behind them all */
  GbTensor tensor;
  for (guint i = 0; i < self->names->len; i++)
    {
      const char *name = g_ptr_array_index (self->names, i);
      const Binding *binding = find_binding (self, name, seq);
      if (binding && is_generator (self, binding))
        generator = new_plain (self->trace, name, binding);
      else if (binding && binding->text)
        g_ptr_array_add (list, new_plain (self->trace, name, binding));
      else if (binding && gb_trace_get_tensor (self->trace, binding->tensor, seq, &tensor))
        g_ptr_array_add (list, new_variable (self->trace, name, &tensor, seq));
    }
  for (guint i = 0; i < gb_trace_get_n_params (self->trace); i++)
    {
      const GbParam *param = gb_trace_get_param (self->trace, i);
      if (!g_hash_table_contains (self->bindings, param->name)
          && gb_trace_get_tensor (self->trace, param->tensor, seq, &tensor))
        g_ptr_array_add (list, new_variable (self->trace, param->name, &tensor, seq));
    }
  if (generator)
    g_ptr_array_add (list, generator);
  return list;
}

char *
gb_variables_history (GbVariables *self, const char *name, guint64 seq)
{
  GArray *list = g_hash_table_lookup (self->bindings, name);
  guint now = list ? count_bindings (list, seq) : 0;
  GString *text = g_string_new (NULL);
  for (guint i = now > N_BEFORE ? now - N_BEFORE : 0; list && i < MIN (list->len, now + N_AFTER); i++)
    {
      const Binding *binding = &g_array_index (list, Binding, i);
      guint64 iteration = gb_trace_iteration_at (self->trace, binding->seq);
      g_string_append (text, i + 1 == now ? "▸ " : "  ");
      if (iteration)
        g_string_append_printf (text, _ ("iteration %lu: "), iteration);
      g_string_append_printf (text, "%s\n", binding->text ? binding->text : _ ("a tensor"));
    }
  return g_string_free (text, FALSE);
}

/* ---- one tensor in words ---- */

static void
append_owners (GString *text, GbTrace *trace, const GbTensor *tensor, guint64 seq)
{
  g_autoptr (GArray) owners = gb_trace_storage_owners (trace, tensor->storage, seq);
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = 0;
  for (guint i = 0; owners && i < owners->len && n < 8; i++)
    {
      guint64 other = g_array_index (owners, guint64, i);
      const char *name = other == tensor->tensor ? NULL : gb_trace_get_tensor_name (trace, other, seq);
      if (name)
        g_string_append_printf (names, "%s%s", n++ ? ", " : "", name);
    }
  if (n)
    {
      g_string_append_printf (text, _ ("storage shared with %s"), names->str);
      g_string_append_c (text, '\n');
    }
}

char *
gb_variables_describe (GbTrace *trace, guint64 id, guint64 seq)
{
  GbTensor tensor;
  char a[256], b[256];
  if (!gb_trace_get_tensor (trace, id, seq, &tensor))
    return g_strdup (_ ("Nothing is known about it at this moment."));
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "shape %s   stride %s   offset %" G_GINT64_FORMAT "\n",
                          gb_shape_tuple (tensor.ndim, tensor.sizes, a, sizeof a),
                          gb_shape_tuple (tensor.ndim, tensor.strides, b, sizeof b), tensor.offset);
  gint64 numel = 1;
  for (int d = 0; d < tensor.ndim; d++)
    numel *= tensor.sizes[d];
  g_string_append_printf (text, "dtype torch.%s   numel %s   %s\n", get_dtype_name (tensor.dtype),
                          gb_number_count (numel, a, sizeof a),
                          gb_number_bytes ((guint64) numel * te_wire_dtype_nbytes (tensor.dtype), b, sizeof b));
  GbNode node;
  const char *grad_fn = tensor.node && gb_trace_get_node (trace, tensor.node, &node)
                            ? gb_trace_get_string (trace, node.record->name)
                            : "None";
  g_string_append_printf (text, "requires_grad %s   is_leaf %s   grad_fn %s   _version %u\n",
                          tensor.flags & TE_WIRE_REQUIRES_GRAD ? "True" : "False",
                          tensor.flags & TE_WIRE_LEAF ? "True" : "False", grad_fn, tensor.version);
  append_owners (text, trace, &tensor, seq);
  const TeFactStats *stats = (const TeFactStats *) gb_trace_get_fact (trace, TE_FACT_STATS, id, seq);
  if (stats)
    {
      char c[32], d[32], e[32];
      g_string_append_printf (
          text, _ ("from %s to %s, mean %s, deviation %s, norm %s"),
          gb_number_text (stats->min, 4, a, sizeof a), gb_number_text (stats->max, 4, b, sizeof b),
          gb_number_text (stats->mean, 4, c, sizeof c), gb_number_text (stats->std, 4, d, sizeof d),
          gb_number_text (stats->norm, 4, e, sizeof e));
      g_string_append_c (text, '\n');
      if (stats->nans || stats->infs)
        g_string_append_printf (text, _ ("%ld NaN, %ld infinite\n"), stats->nans, stats->infs);
    }
  g_autofree char *value = describe_value (trace, &tensor, seq);
  if (value)
    g_string_append (text, value);
  return g_string_free (text, FALSE);
}
