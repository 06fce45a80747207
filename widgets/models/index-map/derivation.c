#include "models/index-map/derivation.h"

#include <math.h>
#include <string.h>

#include "models/index-map/map-call.h"

/* ---- what is known ---- */

static void
take_inputs (GbDerivation *self, GbTrace *trace)
{
  guint n = self->map->n_inputs;
  self->labels = g_new0 (char *, n + 1);
  self->values = g_new0 (GbTensorValues *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      const GbTensor *input = &self->map->inputs[i];
      self->labels[i] =
          input->tensor ? gb_trace_dup_tensor_label (trace, input->tensor, self->seq) : g_strdup ("");
      if (input->tensor && gb_derivation_count (self, i))
        self->values[i] = gb_tensor_values_then (trace, input, self->seq);
    }
}

/* The autograd.Function whose code ran the op; NULL: none did. */
static char *
dup_function_name (GbTrace *trace, const GbOp *op)
{
  GbOp around;
  if (op->record->parent && gb_trace_get_op (trace, op->record->parent, &around)
      && around.record->flags & TE_WIRE_OP_FUNCTION)
    return g_strdup (gb_trace_op_name (trace, &around));
  return NULL;
}

GbDerivation *
gb_derivation_new (GbTrace *trace, guint64 tensor, guint64 seq, const gint64 *index, const char **why)
{
  GbIndexMap *map = gb_index_map_new_for_tensor (trace, tensor, seq, index, why);
  GbOp op;
  if (map == NULL || !gb_trace_get_op (trace, map->call, &op))
    return NULL;
  GbDerivation *self = g_new0 (GbDerivation, 1);
  self->map = map;
  self->op_name = g_strdup (gb_trace_op_name (trace, &op));
  self->function_name = dup_function_name (trace, &op);
  self->seq = op.record->head.seq;
  self->pos = op.record->caller_pos ? op.record->caller_pos : op.record->pos;
  self->output_label = gb_trace_dup_tensor_label (trace, tensor, seq);
  take_inputs (self, trace);
  g_autoptr (GbTensorValues) values = gb_tensor_values_then (trace, &map->output, map->output.seq);
  self->has_value = values && !values->is_stale && gb_tensor_values_get (values, index, &self->value);
  return self;
}

void
gb_derivation_free (GbDerivation *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->map->n_inputs; i++)
    gb_tensor_values_free (self->values[i]);
  g_free (self->values);
  g_strfreev (self->labels);
  g_free (self->op_name);
  g_free (self->function_name);
  g_free (self->output_label);
  gb_index_map_free (self->map);
  g_free (self);
}

guint
gb_derivation_count (const GbDerivation *self, guint input)
{
  guint count = 0;
  for (guint i = 0; i < self->map->terms->len; i++)
    {
      const GbIndexMapTerm *term = &g_array_index (self->map->terms, GbIndexMapTerm, i);
      for (guint k = 0; k < term->n_factors; k++)
        count += term->factors[k].input == input;
    }
  return count;
}

gboolean
gb_derivation_input_value (const GbDerivation *self, const GbIndexMapElement *element, double *value)
{
  const GbTensorValues *values = self->values[element->input];
  return values && !values->is_stale && !values->is_complex
         && gb_tensor_values_get (values, element->index, value);
}

char *
gb_derivation_element_name (const GbDerivation *self, const GbIndexMapElement *element)
{
  const GbTensor *tensor = &self->map->inputs[element->input];
  GString *text = g_string_new (self->labels[element->input]);
  for (int d = 0; d < tensor->ndim; d++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, d ? ", " : "[", element->index[d]);
  if (tensor->ndim)
    g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

/* ---- in numbers ---- */

static void
append_number (GString *text, double value)
{
  if (value == floor (value) && fabs (value) < 1e6)
    g_string_append_printf (text, "%s%.0f", value < 0 ? "−" : "", fabs (value));
  else if (isfinite (value))
    g_string_append_printf (text, "%s%.4g", value < 0 ? "−" : "", fabs (value));
  else
    g_string_append (text, isnan (value) ? "nan" : value > 0 ? "inf" : "−inf");
}

static void
append_element (const GbDerivation *self, GString *text, const GbIndexMapElement *element)
{
  double value;
  g_autofree char *name = NULL;
  if (gb_derivation_input_value (self, element, &value))
    append_number (text, value);
  else
    g_string_append (text, name = gb_derivation_element_name (self, element));
}

static void
append_term (const GbDerivation *self, GString *text, guint nth, const char *before, const char *after)
{
  const GbIndexMapTerm *term = &g_array_index (self->map->terms, GbIndexMapTerm, nth);
  g_string_append (text, before);
  for (guint k = 0; k < term->n_factors; k++)
    {
      double value;
      gboolean negative = gb_derivation_input_value (self, &term->factors[k], &value) && value < 0;
      gboolean apart = negative && (k > 0 || *before || *after); /* e^(−2), (−2)² */
      g_string_append (text, k ? " × " : "");
      g_string_append (text, apart ? "(" : "");
      append_element (self, text, &term->factors[k]);
      g_string_append (text, apart ? ")" : "");
    }
  g_string_append (text, after);
}

/* "a + −b" reads "a − b". */
static void
append_next (const GbDerivation *self,
             GString *text,
             guint nth,
             const char *sign,
             const char *before,
             const char *after)
{
  const char minus[] = "−";
  gsize length = text->len + strlen (sign);
  g_string_append (text, sign);
  append_term (self, text, nth, before, after);
  if (strcmp (sign, " + ") == 0 && g_str_has_prefix (text->str + length, minus))
    {
      g_string_erase (text, (gssize) length, sizeof minus - 1);
      g_string_erase (text, (gssize) length - 2, 1);
      g_string_insert (text, (gssize) length - 2, minus);
    }
}

/* Terms between each other's signs; of many the first ones and the last. */
static void
append_terms (const GbDerivation *self,
              GString *text,
              guint most,
              const char *sign,
              const char *before,
              const char *after)
{
  guint n = self->map->terms->len;
  gboolean cut = self->map->n_terms > most;
  guint shown = cut ? most - 1 : n;
  for (guint i = 0; i < shown; i++)
    append_next (self, text, i, i ? sign : "", before, after);
  if (!cut)
    return;
  g_string_append_printf (text, "%s…", sign);
  if (self->map->n_terms == n)
    append_next (self, text, n - 1, sign, before, after);
}

/* "$0 + $1": an input's element, or the parameter that stands in its place; "$exponent": a parameter. */
static void
append_pattern (const GbDerivation *self, GString *text, const GbOpArgs *args)
{
  for (const char *at = self->map->pattern; *at; at++)
    {
      char name[24];
      gsize length = 0, nbytes;
      const char *start;
      if (*at != '$')
        {
          g_string_append_c (text, *at);
          continue;
        }
      while (g_ascii_isalnum (at[1 + length]) && length < sizeof name - 1)
        {
          name[length] = at[1 + length];
          length++;
        }
      name[length] = 0;
      at += length;
      guint input = (guint) (name[0] - '0'), i = 0;
      gboolean is_input = length == 1 && g_ascii_isdigit (name[0]);
      for (; is_input && i < self->map->terms->len; i++)
        if (g_array_index (self->map->terms, GbIndexMapTerm, i).factors[0].input == input)
          break;
      if (is_input && i < self->map->terms->len)
        append_term (self, text, i, "", "");
      else if (gb_op_args_find (args, is_input ? "other" : name, &start, &nbytes))
        g_string_append_len (text, start, (gssize) nbytes);
      else
        g_string_append_printf (text, "%s", is_input ? "?" : name);
    }
}

static void
append_function (const GbDerivation *self, GString *text, GbTrace *trace)
{
  GbOp op;
  if (self->map->pattern && gb_trace_get_op (trace, self->map->call, &op))
    {
      GbOpArgs args = { op.text, op.record->text_nbytes };
      double alpha = gb_op_args_double (&args, "alpha", 1);
      if (alpha == 1)
        {
          append_pattern (self, text, &args);
          return;
        }
    }
  g_string_append_printf (text, "%s(", self->op_name);
  append_terms (self, text, 6, ", ", "", "");
  g_string_append_c (text, ')');
}

static void
append_softmax (const GbDerivation *self, GString *text, guint most)
{
  gboolean is_log = self->map->form == GB_INDEX_MAP_LOG_SOFTMAX;
  append_term (self, text, 0, is_log ? "" : "e^", is_log ? " − ln(" : " ÷ (");
  append_terms (self, text, most, " + ", "e^", "");
  g_string_append_c (text, ')');
}

char *
gb_derivation_arithmetic (const GbDerivation *self, GbTrace *trace, guint most)
{
  GString *text = g_string_new (NULL);
  guint n = self->map->terms->len;
  if (n == 0 || self->map->form == GB_INDEX_MAP_DEPENDS || self->map->form == GB_INDEX_MAP_NOTHING)
    {
      g_string_free (text, TRUE);
      return NULL;
    }
  switch (self->map->form)
    {
    case GB_INDEX_MAP_COPY:
      append_term (self, text, 0, "", "");
      break;
    case GB_INDEX_MAP_FUNCTION:
      append_function (self, text, trace);
      break;
    case GB_INDEX_MAP_SUM:
      append_terms (self, text, most, " + ", "", "");
      break;
    case GB_INDEX_MAP_MEAN:
      g_string_append_c (text, '(');
      append_terms (self, text, most, " + ", "", "");
      g_string_append (text, ") ÷ ");
      append_number (text, self->map->divisor > 0 ? self->map->divisor : (double) self->map->n_terms);
      break;
    case GB_INDEX_MAP_PRODUCT:
      append_terms (self, text, most, " × ", "", "");
      break;
    case GB_INDEX_MAP_LARGEST:
    case GB_INDEX_MAP_SMALLEST:
      g_string_append (text, self->map->form == GB_INDEX_MAP_LARGEST ? "max(" : "min(");
      append_terms (self, text, most, ", ", "", "");
      g_string_append_c (text, ')');
      break;
    case GB_INDEX_MAP_NORM:
      g_string_append (text, "√(");
      append_terms (self, text, most, " + ", "", "²");
      g_string_append_c (text, ')');
      break;
    case GB_INDEX_MAP_SOFTMAX:
    case GB_INDEX_MAP_LOG_SOFTMAX:
      append_softmax (self, text, most);
      break;
    case GB_INDEX_MAP_DEPENDS:
    case GB_INDEX_MAP_NOTHING:
      break;
    }
  if (self->has_value)
    {
      g_string_append (text, " = ");
      append_number (text, self->value);
    }
  return g_string_free (text, FALSE);
}

/* ---- and what they come to ---- */

static gboolean
term_value (const GbDerivation *self, guint nth, double *value)
{
  const GbIndexMapTerm *term = &g_array_index (self->map->terms, GbIndexMapTerm, nth);
  *value = 1;
  for (guint k = 0; k < term->n_factors; k++)
    {
      double factor;
      if (!gb_derivation_input_value (self, &term->factors[k], &factor))
        return FALSE;
      *value *= factor;
    }
  return TRUE;
}

gboolean
gb_derivation_evaluate (const GbDerivation *self, double *value)
{
  guint n = self->map->terms->len;
  double sum = 0, squares = 0, product = 1, most = -INFINITY, least = INFINITY, exponentials = 0, first = 0;
  if (n == 0 || self->map->n_terms != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      double term;
      if (!term_value (self, i, &term))
        return FALSE;
      first = i ? first : term;
      sum += term;
      squares += term * term;
      product *= term;
      most = fmax (most, term);
      least = fmin (least, term);
      exponentials += exp (term);
    }
  switch (self->map->form)
    {
    case GB_INDEX_MAP_COPY:
      *value = first;
      return TRUE;
    case GB_INDEX_MAP_SUM:
      *value = sum;
      return TRUE;
    case GB_INDEX_MAP_MEAN:
      *value = sum / (self->map->divisor > 0 ? self->map->divisor : n);
      return TRUE;
    case GB_INDEX_MAP_PRODUCT:
      *value = product;
      return TRUE;
    case GB_INDEX_MAP_LARGEST:
      *value = most;
      return TRUE;
    case GB_INDEX_MAP_SMALLEST:
      *value = least;
      return TRUE;
    case GB_INDEX_MAP_NORM:
      *value = sqrt (squares);
      return TRUE;
    case GB_INDEX_MAP_SOFTMAX:
      *value = exp (first) / exponentials;
      return TRUE;
    case GB_INDEX_MAP_LOG_SOFTMAX:
      *value = first - log (exponentials);
      return TRUE;
    case GB_INDEX_MAP_FUNCTION:
    case GB_INDEX_MAP_DEPENDS:
    case GB_INDEX_MAP_NOTHING:
      break;
    }
  return FALSE;
}
