/* Edits that may help.  A proposal need not be right: whoever offers it has seen it run. */
#include <string.h>

#include "models/lessons/study.h"

#define MOST_FIXES 14

/* ---- places in the source ---- */

static const char *
place (GbStudy *study, guint32 line, guint32 column)
{
  const char *at = study->source;

  for (guint32 n = 1; at && n < line; n++)
    {
      at = strchr (at, '\n');
      at = at ? at + 1 : NULL;
    }
  if (at == NULL || column > strlen (at))
    return NULL;
  return at + column;
}

/* Text between two places; owned, NULL: the source is another one. */
static char *
text_between (GbStudy *study, guint32 line, guint32 column, guint32 end_line, guint32 end_column)
{
  const char *begin = place (study, line, column), *end = place (study, end_line, end_column);
  return begin && end && begin <= end ? g_strndup (begin, (gsize) (end - begin)) : NULL;
}

char *
gb_study_text (GbStudy *study, const GbOperand *o)
{
  return text_between (study, o->line, o->column, o->end_line, o->end_column);
}

/* ---- adding ---- */

void
gb_study_add (GbStudy *study,
     guint32 line,
     guint32 column,
     guint32 end_line,
     guint32 end_column,
     char *text,
     gboolean again)
{
  GbFix fix = { line, end_line, column, end_column, text, again, GB_FIX_CANDIDATE, NULL };

  for (guint i = 0; i < study->lesson->fixes->len; i++)
    {
      const GbFix *other = &g_array_index (study->lesson->fixes, GbFix, i);
      if (other->line == line && other->column == column && other->end_line == end_line
          && other->end_column == end_column && strcmp (other->text, text) == 0)
        {
          g_free (text);
          return;
        }
    }
  if (study->lesson->fixes->len < MOST_FIXES && g_utf8_validate (text, -1, NULL))
    g_array_append_val (study->lesson->fixes, fix);
  else
    g_free (text);
}

static void
replace (GbStudy *study, const GbOperand *o, char *text)
{
  gb_study_add (study, o->line, o->column, o->end_line, o->end_column, text, FALSE);
}

/* Needs no brackets before ".method ()": no operator outside of brackets and quotes. */
static gboolean
is_primary (const char *text)
{
  int depth = 0;

  for (const char *at = text; *at; at++)
    if (*at == '(' || *at == '[' || *at == '{')
      depth++;
    else if (*at == ')' || *at == ']' || *at == '}')
      depth--;
    else if (depth == 0 && !g_ascii_isalnum (*at) && *at != '_' && *at != '.' && !(*at & 0x80))
      return FALSE;
  return !g_ascii_isdigit (*text);
}

static gboolean
is_operand (const char *text)
{
  char *end;
  g_ascii_strtod (text, &end);
  return is_primary (text) || *end == 0;
}

static void
add_suffix (GbStudy *study, const GbOperand *o, const char *suffix)
{
  g_autofree char *text = gb_study_text (study, o);
  gboolean plain;

  if (text == NULL)
    return;
  plain = is_primary (text) || *suffix == ' ';
  if (plain)
    gb_study_add (study, o->end_line, o->end_column, o->end_line, o->end_column, g_strdup (suffix), FALSE);
  else
    replace (study, o, g_strdup_printf ("(%s)%s", text, suffix));
}

static const GbOperand *
find (GbStudy *study, TeOperandRole role, guint index)
{
  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (o->role == role && o->index == index)
        return o;
    }
  return NULL;
}

/* One behind each of those that stand in one list or tuple, all at once. */
void
gb_propose_elements (GbStudy *study)
{
  g_auto (GStrv) suffixes = g_strsplit (study->options, " ", 0);
  const GbOperand *first = find (study, TE_OPERAND_ELEMENT, 0);

  for (guint k = 0; first && suffixes[k]; k++)
    {
      g_auto (GStrv) parts = g_strsplit (suffixes[k], ",", 0);
      g_autofree char *suffix = g_strjoinv (", ", parts);
      g_autoptr (GString) text = g_string_new (NULL);
      const GbOperand *last = NULL;
      for (guint n = 0;; n++)
        {
          const GbOperand *o = find (study, TE_OPERAND_ELEMENT, n);
          g_autofree char *own = o ? gb_study_text (study, o) : NULL;
          g_autofree char *before =
              o && last ? text_between (study, last->end_line, last->end_column, o->line, o->column) : g_strdup ("");
          if (own == NULL || before == NULL)
            break;
          g_string_append_printf (text, is_primary (own) ? "%s%s%s" : "%s(%s)%s", before, own, suffix);
          last = o;
        }
      if (last)
        gb_study_add (study, first->line, first->column, last->end_line, last->end_column, g_strdup (text->str), FALSE);
    }
  gb_propose_suffixes (study);
}

/* Tensors that are written in the expression. */
static gboolean
is_written (const GbOperand *o)
{
  return o->has_tensor && o->role != TE_OPERAND_FUNCTION && o->role != TE_OPERAND_MODULE
         && o->role != TE_OPERAND_INPUT;
}

/* ---- behind operands ---- */

static void
add_suffixes (GbStudy *study, const GbOperand *o, const char *words)
{
  g_auto (GStrv) suffixes = g_strsplit (words, *words == ' ' ? "|" : " ", 0);

  for (guint i = 0; o && suffixes[i]; i++)
    {
      g_auto (GStrv) parts = g_strsplit (suffixes[i], ",", 0);
      g_autofree char *suffix = g_strjoinv (", ", parts);
      add_suffix (study, o, suffix);
    }
}

void
gb_propose_suffixes (GbStudy *study)
{
  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (is_written (o))
        add_suffixes (study, o, study->options);
    }
}

/* What a method is called on, or what a function or a layer is given first. */
static const GbOperand *
receiver (GbStudy *study)
{
  static const TeOperandRole roles[] = { TE_OPERAND_RECEIVER, TE_OPERAND_ARGUMENT, TE_OPERAND_LEFT,
                                         TE_OPERAND_VALUE };
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      const GbOperand *o = find (study, roles[i], 0);
      if (o && o->has_tensor)
        return o;
    }
  return NULL;
}

void
gb_propose_receiver (GbStudy *study)
{
  add_suffixes (study, receiver (study), study->options);
}

/* ---- dtypes ---- */

static const struct
{
  const char *scalar, *suffix;
} dtypes[] = {
  { "Byte", ".byte()" },         { "Char", ".char()" },           { "Short", ".short()" },
  { "Int", ".int()" },           { "Long", ".long()" },           { "Half", ".half()" },
  { "Float", ".float()" },       { "Double", ".double()" },       { "Bool", ".bool()" },
  { "BFloat16", ".bfloat16()" }, { "ComplexFloat", ".cfloat()" }, { "ComplexDouble", ".cdouble()" },
};

static gboolean
is_named (GbStudy *study, guint dtype)
{
  for (int group = 1; group < g_match_info_get_match_count (study->match); group++)
    {
      g_autofree char *text = g_match_info_fetch (study->match, group);
      if (text && g_ascii_strcasecmp (text, dtypes[dtype].scalar) == 0)
        return TRUE;
    }
  return FALSE;
}

void
gb_propose_dtype (GbStudy *study)
{
  const GPtrArray *operands = study->lesson->operands;

  for (guint dtype = 0; dtype < G_N_ELEMENTS (dtypes); dtype++)
    {
      gboolean wanted = is_named (study, dtype);
      for (guint i = 0; i < operands->len && !wanted; i++)
        {
          const GbOperand *o = g_ptr_array_index (operands, i);
          wanted = o->has_tensor && o->dtype == (int) dtype;
        }
      for (guint i = 0; i < operands->len && wanted; i++)
        {
          const GbOperand *o = g_ptr_array_index (operands, i);
          if (is_written (o) && o->dtype != (int) dtype)
            add_suffix (study, o, dtypes[dtype].suffix);
        }
    }
}

/* ---- shapes ---- */

/* A new dimension of size 1, where it makes the two go together and no more dimensions than there are. */
static void
propose_unsqueeze (GbStudy *study, const GbOperand *o, const GbOperand *other)
{
  gint64 sizes[GB_LESSON_MAX_DIMS + 1];

  for (int d = 0; d <= o->ndim && o->ndim < other->ndim; d++)
    {
      memcpy (sizes, o->sizes, (gsize) d * sizeof *sizes);
      sizes[d] = 1;
      memcpy (sizes + d + 1, o->sizes + d, (gsize) (o->ndim - d) * sizeof *sizes);
      if (gb_sizes_broadcast (sizes, o->ndim + 1, other->sizes, other->ndim))
        {
          g_autofree char *suffix = g_strdup_printf (".unsqueeze(%d)", d);
          add_suffix (study, o, suffix);
        }
    }
}

/* The last two dimensions the other way round. */
static void
propose_turned (GbStudy *study, const GbOperand *o)
{
  if (o->ndim == 2)
    add_suffix (study, o, ".t()");
  else if (o->ndim > 2)
    add_suffix (study, o, ".transpose(-2, -1)");
}

static void
propose_turned_to (GbStudy *study, const GbOperand *o, const GbOperand *other)
{
  gint64 sizes[GB_LESSON_MAX_DIMS];

  if (o->ndim < 2 || o->ndim != other->ndim)
    return;
  memcpy (sizes, o->sizes, sizeof sizes);
  sizes[o->ndim - 1] = o->sizes[o->ndim - 2];
  sizes[o->ndim - 2] = o->sizes[o->ndim - 1];
  if (gb_sizes_broadcast (sizes, o->ndim, other->sizes, other->ndim))
    propose_turned (study, o);
}

/* Another operator between the two sides. */
static void
propose_operator (GbStudy *study, const char *operator)
{
  const GbOperand *a = find (study, TE_OPERAND_LEFT, 0), *b = find (study, TE_OPERAND_RIGHT, 0);
  g_autofree char *left = a ? gb_study_text (study, a) : NULL, *right = b ? gb_study_text (study, b) : NULL;
  if (left && right)
    replace (study, study->node, g_strdup_printf ("%s %s %s", left, operator, right));
}

void
gb_propose_operator (GbStudy *study)
{
  propose_operator (study, study->options);
}

void
gb_propose_broadcast (GbStudy *study)
{
  const GbOperand *a = study->left, *b = study->right;

  if (a == NULL || b == NULL)
    return;
  if (g_str_has_prefix (study->node->name, "masked_fill"))
    gb_propose_defined (study, b, b->ndim ? b->sizes[b->ndim - 1] : 0, a->ndim ? a->sizes[a->ndim - 1] : 0);
  if (is_written (b))
    {
      propose_turned_to (study, b, a);
      propose_unsqueeze (study, b, a);
    }
  if (is_written (a) && !g_str_has_suffix (study->node->name, "=")
      && !g_str_has_suffix (study->node->name, "_"))
    {
      propose_turned_to (study, a, b);
      propose_unsqueeze (study, a, b);
    }
  if (strcmp (study->node->name, "Mult") == 0 && a->ndim >= 1 && b->ndim >= 1
      && a->sizes[a->ndim - 1] == b->sizes[MAX (b->ndim - 2, 0)])
    propose_operator (study, "@");
}

/* The product of sizes from `first` on. */
static gint64
product_from (const GbOperand *o, int first)
{
  gint64 n = 1;
  for (int d = first; d < o->ndim; d++)
    n *= MAX (o->sizes[d], 1) > G_MAXINT32 || n > G_MAXINT32 ? 1 : o->sizes[d];
  return n;
}

/* A layer that multiplies: its input may lie otherwise, or the layer be made for another one. */
static void
propose_linear (GbStudy *study)
{
  const GbOperand *input = study->left, *weight = study->right, *written = receiver (study);
  const GbOperand *argument = find (study, TE_OPERAND_ARGUMENT, 0);
  gint64 inner = weight->sizes[weight->ndim - 1];

  if (argument && argument->has_tensor)
    written = argument;
  if (written && input->ndim > 1)
    {
      if (product_from (input, 1) == inner)
        add_suffix (study, written, ".flatten(1)");
      /* A batch would be lost; a picture without one is square, or has its channels before it. */
      if (product_from (input, 0) == inner && (input->ndim != 2 || input->sizes[0] == input->sizes[1]))
        add_suffix (study, written, ".flatten()");
      if (input->sizes[input->ndim - 2] == inner)
        propose_turned (study, written);
    }
  gb_propose_made (study, "Linear", inner, input->ndim ? input->sizes[input->ndim - 1] : 0);
}

void
gb_propose_product (GbStudy *study)
{
  const GbOperand *a = study->left, *b = study->right;

  if (a == NULL || b == NULL)
    return;
  if (b->role == TE_OPERAND_MODULE || b->role == TE_OPERAND_FUNCTION)
    {
      propose_linear (study);
      return;
    }
  propose_turned (study, b);
  propose_turned (study, a);
  if (study->node->type && strcmp (study->node->type, "BinOp") == 0)
    {
      g_autofree char *left = gb_study_text (study, a), *right = gb_study_text (study, b);
      if (left && right)
        replace (study, study->node,
                 g_strdup_printf (is_primary (right) ? "%s @ %s" : "(%s) @ %s", right, left));
    }
}

/* ---- the call itself ---- */

/* Where the call's name may stand: behind what it is called on. */
static gboolean
find_in_call (GbStudy *study, const char *word, guint32 *line, guint32 *column)
{
  const GbOperand *base = find (study, TE_OPERAND_RECEIVER, 0), *node = study->node;
  guint32 l = base ? base->end_line : node->line, c = base ? base->end_column : node->column;
  const char *from = place (study, l, c), *end = place (study, node->end_line, node->end_column), *at = from;

  while (from && end && (at = strstr (at, word)) != NULL && at < end)
    {
      if (at == from || !g_ascii_isalpha (*word) || (!g_ascii_isalnum (at[-1]) && at[-1] != '_'))
        {
          for (const char *p = from; p < at; p++, c++)
            if (*p == '\n')
              {
                l++;
                c = (guint32) -1;
              }
          *line = l;
          *column = c;
          return TRUE;
        }
      at++;
    }
  return FALSE;
}

static void
rename_call (GbStudy *study, const char *from, const char *to)
{
  guint32 line, column;
  if (find_in_call (study, from, &line, &column))
    gb_study_add (study, line, column, line, column + (guint32) strlen (from), g_strdup (to), FALSE);
}

void
gb_propose_rename (GbStudy *study)
{
  g_auto (GStrv) pairs = g_strsplit (study->options, "|", 0);

  for (guint i = 0; pairs[i]; i++)
    {
      g_auto (GStrv) pair = g_strsplit (pairs[i], ":", 2);
      rename_call (study, pair[0], pair[1]);
    }
}

static void
add_argument (GbStudy *study, const char *text, gboolean first)
{
  const GbOperand *node = study->node;
  guint32 line, column;
  const char *end = place (study, node->end_line, node->end_column);

  if (strcmp (node->type, "Call") != 0 || end == NULL || end[-1] != ')')
    return;
  if (first && find_in_call (study, "(", &line, &column))
    gb_study_add (study, line, column + 1, line, column + 1, g_strdup_printf ("%s, ", text), FALSE);
  else if (!first)
    gb_study_add (study, node->end_line, node->end_column - 1, node->end_line, node->end_column - 1,
         g_strdup_printf (end[-2] == '(' ? "%s" : ", %s", text), FALSE);
}

void
gb_propose_argument (GbStudy *study)
{
  g_auto (GStrv) options = g_strsplit (study->options, "|", 0);

  for (guint i = 0; options[i]; i++)
    add_argument (study, strchr (options[i], ':') + 1, g_str_has_prefix (options[i], "first:"));
}

void
gb_propose_view (GbStudy *study)
{
  rename_call (study, "view", "reshape");
  if (find (study, TE_OPERAND_RECEIVER, 0))
    add_suffix (study, find (study, TE_OPERAND_RECEIVER, 0), ".contiguous()");
}

static gboolean
is_int (const GbOperand *o)
{
  return !o->has_tensor && strcmp (o->type, "int") == 0
         && (o->role == TE_OPERAND_ARGUMENT || o->role == TE_OPERAND_ELEMENT || o->role == TE_OPERAND_KEYWORD
             || o->role == TE_OPERAND_INDEX);
}

static gint64
group_number (GbStudy *study, int group)
{
  g_autofree char *text = g_match_info_fetch (study->match, group);
  return text ? g_ascii_strtoll (text, NULL, 10) : -1;
}

/* The nearest sizes that leave a whole number for the -1 beside them. */
static void
propose_divisors (GbStudy *study, const GbOperand *size)
{
  gint64 asked = g_ascii_strtoll (size->text, NULL, 10), total = group_number (study, 2), others = 1;

  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      gint64 value = is_int (o) && o != size ? g_ascii_strtoll (o->text, NULL, 10) : 1;
      if (value > 1 && value <= total && others <= total)
        others *= value;
    }
  for (int up = 0; up < 2; up++)
    for (gint64 d = asked + (up ? 1 : -1); d > 1 && d * others <= total; d += up ? 1 : -1)
      if (total % (d * others) == 0)
        {
          replace (study, size, g_strdup_printf ("%" G_GINT64_FORMAT, d));
          break;
        }
}

void
gb_propose_sizes (GbStudy *study)
{
  gboolean has_rest = FALSE;

  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      has_rest |= is_int (o) && strcmp (o->text, "-1") == 0;
    }
  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (!is_int (o) || strcmp (o->text, "-1") == 0)
        continue;
      if (has_rest && strcmp (study->lesson->kind, "numel") == 0)
        propose_divisors (study, o);
      else
        replace (study, o, g_strdup ("-1"));
    }
  if (study->options)
    gb_propose_receiver (study);
}

void
gb_propose_list (GbStudy *study)
{
  const GbOperand *dim = find (study, TE_OPERAND_ARGUMENT, 1), *first = find (study, TE_OPERAND_ELEMENT, 0);

  for (guint i = 0; i < study->lesson->operands->len && dim == NULL; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (o->role == TE_OPERAND_KEYWORD && (strcmp (o->name, "dim") == 0 || strcmp (o->name, "axis") == 0))
        dim = o;
    }
  if (strcmp (study->lesson->kind, "stack") == 0)
    rename_call (study, "stack", "cat");
  if (first == NULL)
    gb_propose_collate (study);
  for (int d = 0; first && d < first->ndim; d++)
    if (dim)
      replace (study, dim, g_strdup_printf ("%d", d));
    else
      {
        g_autofree char *text = g_strdup_printf ("dim=%d", d);
        add_argument (study, text, FALSE);
      }
  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (o->role == TE_OPERAND_ELEMENT && o->has_tensor)
        add_suffixes (study, o,
                      strcmp (study->lesson->kind, "cat-dims") == 0 ? ".unsqueeze(0) .unsqueeze(1) .unsqueeze(-1) .squeeze(-1)"
                                                            : ".t()");
    }
}

/* ---- numbers ---- */

static gboolean
is_in_message (GbStudy *study, const char *number)
{
  for (int group = 1; group < g_match_info_get_match_count (study->match); group++)
    {
      g_autofree char *text = g_match_info_fetch (study->match, group);
      if (g_strcmp0 (text, number) == 0)
        return TRUE;
    }
  return FALSE;
}

static double
largest_value (const GbOperand *o)
{
  double most = -1;
  for (guint i = 0; o && i < o->n_values; i++)
    most = MAX (most, o->values[i]);
  return o && (gint64) o->n_values == o->n_storage ? most : -1;
}

/* What stands for a number of the source, as the option says; NULL: nothing. */
static char *
other_number (GbStudy *study, const GbOperand *o, const char *option)
{
  const GbOperand *tensor = receiver (study);
  gint64 value = g_ascii_strtoll (o->text, NULL, 10);
  g_autofree char *written = gb_study_text (study, o);

  /* A name that counts is not wrong itself: what it counts to is. */
  if (strcmp (option, "last") == 0)
    return written && strcmp (written, o->text) == 0 && is_in_message (study, o->text) ? g_strdup_printf ("%" G_GINT64_FORMAT, group_number (study, 3) - 1)
                                          : NULL;
  if (strcmp (option, "size") == 0)
    return tensor && tensor->ndim && value > tensor->sizes[tensor->ndim - 1]
               ? g_strdup_printf ("%" G_GINT64_FORMAT, tensor->sizes[tensor->ndim - 1])
               : NULL;
  if (strcmp (option, "rest") == 0)
    return value == group_number (study, 2)
               ? g_strdup_printf ("%" G_GINT64_FORMAT, group_number (study, 3) - group_number (study, 1))
               : NULL;
  if (strcmp (option, "classes") == 0)
    return largest_value (tensor) >= 0 ? g_strdup_printf ("%.0f", largest_value (tensor) + 1) : NULL;
  return is_in_message (study, o->text) ? g_strdup (option) : NULL;
}

/* The last part takes what is left. */
static void
propose_parts (GbStudy *study)
{
  const GbOperand *last = NULL;
  gint64 sum = 0, value;

  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (o->role != TE_OPERAND_ELEMENT || !is_int (o))
        continue;
      last = o;
      sum += g_ascii_strtoll (o->text, NULL, 10);
    }
  value = last ? group_number (study, 1) - sum + g_ascii_strtoll (last->text, NULL, 10) : 0;
  if (value > 0)
    replace (study, last, g_strdup_printf ("%" G_GINT64_FORMAT, value));
  if (last && group_number (study, 1) > sum)
    gb_study_add (study, last->end_line, last->end_column, last->end_line, last->end_column,
         g_strdup_printf (", %" G_GINT64_FORMAT, group_number (study, 1) - sum), FALSE);
}

void
gb_propose_number (GbStudy *study)
{
  g_auto (GStrv) options = g_strsplit (study->options, " ", 0);

  if (strcmp (study->options, "sum") == 0)
    propose_parts (study);
  if (strcmp (options[0], "last") == 0)
    gb_propose_range (study, group_number (study, 1) + 1, group_number (study, 3));
  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *o = g_ptr_array_index (study->lesson->operands, i);
      if (o->role == TE_OPERAND_ARGUMENT && o->index == (strcmp (study->options, "heads") == 0 ? 1 : 0)
          && (strcmp (study->options, "heads") == 0 || strcmp (study->options, "groups") == 0))
        for (int heads = 8; heads >= 1; heads /= 2)
          replace (study, o, g_strdup_printf ("%d", heads));
      if (strcmp (study->options, "int") == 0 && o->role == TE_OPERAND_INDEX
          && strcmp (o->type, "float") == 0)
        replace (study, o, g_strdup_printf ("%.0f", g_ascii_strtod (o->text, NULL)));
      for (guint k = 0; is_int (o) && options[k]; k++)
        {
          char *text = other_number (study, o, options[k]);
          if (text)
            replace (study, o, text);
        }
    }
}

void
gb_propose_fewer (GbStudy *study)
{
  for (guint n = GB_LESSON_MAX_DIMS; n-- > 1;)
    {
      const GbOperand *last = find (study, TE_OPERAND_INDEX, n),
                      *before = find (study, TE_OPERAND_INDEX, n - 1);
      if (last == NULL || before == NULL)
        continue;
      gb_study_add (study, before->end_line, before->end_column, last->end_line, last->end_column, g_strdup (""),
           FALSE);
      return;
    }
}

/* ---- statements ---- */

void
gb_propose_no_grad (GbStudy *study)
{
  const GbOperand *s = study->statement;
  g_autofree char *text = s ? gb_study_text (study, s) : NULL;
  g_autofree char *indent = s ? g_strnfill (s->column + 4, ' ') : NULL;

  if (text == NULL)
    return;
  g_auto (GStrv) lines = g_strsplit (text, "\n", 0);
  g_autofree char *inner = g_strjoinv ("\n    ", lines);
  replace (study, s, g_strdup_printf ("with torch.no_grad():\n%s%s", indent, inner));
}

void
gb_propose_outplace (GbStudy *study)
{
  const GbOperand *a = find (study, TE_OPERAND_LEFT, 0), *b = find (study, TE_OPERAND_RIGHT, 0),
                  *node = study->node;
  const GbOperand *base = find (study, TE_OPERAND_RECEIVER, 0);

  if (a && b && g_str_has_suffix (node->name, "="))
    {
      g_autofree char *left = gb_study_text (study, a), *right = gb_study_text (study, b);
      g_autofree char *between = text_between (study, a->end_line, a->end_column, b->line, b->column);
      char *equals = between ? strchr (between, '=') : NULL;
      if (left == NULL || right == NULL || equals == NULL)
        return;
      *equals = 0;
      replace (study, node,
               g_strdup_printf (is_operand (right) ? "%s = %s %s %s" : "%s = %s %s (%s)", left, left,
                                g_strstrip (between), right));
    }
  else if (base && study->statement && g_str_has_suffix (node->name, "_")
           && strcmp (study->statement->type, "Expr") == 0 && node->column == study->statement->column)
    {
      g_autofree char *name = gb_study_text (study, base);
      g_autofree char *rest =
          text_between (study, base->end_line, base->end_column, node->end_line, node->end_column);
      char *bracket = rest ? strchr (rest, '(') : NULL;
      if (name && bracket && bracket > rest && bracket[-1] == '_' && is_primary (name))
        {
          bracket[-1] = 0;
          replace (study, node, g_strdup_printf ("%s = %s%s%s", name, name, rest, bracket));
        }
    }
}

void
gb_propose_truth (GbStudy *study)
{
  add_suffixes (study, study->node, ".all() .any()");
}

/* ---- layers ---- */

void
gb_propose_channels (GbStudy *study)
{
  const GbOperand *input = study->left, *written = receiver (study);
  const GbOperand *argument = find (study, TE_OPERAND_ARGUMENT, 0);
  gint64 wanted = group_number (study, 4);
  int channel;

  if (argument && argument->has_tensor)
    written = argument;
  if (input == NULL || written == NULL || input->ndim < 2)
    return;
  channel = study->right && study->right->ndim == input->ndim ? 1 : 0;
  if (input->sizes[input->ndim - 1] == wanted)
    add_suffixes (study, written,
                  input->ndim == 4                   ? ".permute(0,3,1,2)"
                  : channel == 0 && input->ndim == 3 ? ".permute(2,0,1)"
                                                     : ".transpose(1,2)");
  if (wanted == 1)
    add_suffixes (study, written, ".unsqueeze(1) .unsqueeze(0)");
  if (input->sizes[channel] == 1 && input->ndim == 4)
    {
      g_autofree char *suffix = g_strdup_printf (".expand(-1,%" G_GINT64_FORMAT ",-1,-1)", wanted);
      add_suffix (study, written, suffix);
    }
  gb_propose_made (study, study->options, wanted, input->sizes[channel]);
}

void
gb_propose_features (GbStudy *study)
{
  const GbOperand *input = study->left, *weight = study->right;
  gint64 old = group_number (study, 1), wanted = input && input->ndim ? input->sizes[input->ndim - 1] : -1;

  if (strcmp (study->lesson->kind, "embedding") == 0)
    {
      old = weight && weight->ndim ? weight->sizes[0] : -1;
      wanted = (gint64) largest_value (input) + 1;
    }
  else if (strcmp (study->options, "BatchNorm") == 0)
    {
      old = group_number (study, 2);
      wanted = group_number (study, 1);
    }
  if (input && input->ndim > 1 && input->sizes[input->ndim - 2] == old)
    propose_turned (study, receiver (study));
  gb_propose_made (study, study->options, old, wanted);
}

void
gb_propose_target (GbStudy *study)
{
  const GbOperand *scores = find (study, TE_OPERAND_ARGUMENT, 0),
                  *target = find (study, TE_OPERAND_ARGUMENT, 1);

  if (target && target->has_tensor)
    add_suffixes (study, target, study->options);
  if (scores && scores->has_tensor && strstr (study->options, "squeeze"))
    add_suffixes (study, scores, ".squeeze(1) .squeeze(-1)");
  if (scores && scores->has_tensor && scores->ndim > 2)
    add_suffixes (study, scores, ".flatten(0,1) .transpose(1,2)");
}

/* ---- what is given to an optimiser ---- */

void
gb_propose_iterable (GbStudy *study)
{
  const GbOperand *argument = find (study, TE_OPERAND_ARGUMENT, 0);
  g_autofree char *text = argument ? gb_study_text (study, argument) : NULL;

  if (text && strcmp (study->options, "[]") == 0)
    replace (study, argument, g_strdup_printf ("[%s]", text));
  else if (text)
    add_suffix (study, argument, study->options);
}
