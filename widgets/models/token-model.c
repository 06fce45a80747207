#include "models/token-model.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/dtype.h"
#include "models/follower.h"

#define MOST_LOOKUPS 512
#define MOST_COUNTED (1 << 16) /* tokens that are looked at for counts and limits */

void
gb_tokens_free (GbTokens *self)
{
  if (self == NULL)
    return;
  gb_tensor_values_free (self->values);
  g_strfreev (self->words);
  g_strfreev (self->names);
  g_free (self);
}

/* ---- lookups of an Embedding ---- */

typedef struct
{
  guint64 seq, weight, indices, iteration;
  gint64 numel, padding;
  gboolean has_padding;
} Lookup;

typedef struct
{
  GArray *lookups; /* Lookup, the latest */
} Lookups;

static void
lookups_take (gpointer state, GbTrace *trace, const TeRecord *record)
{
  Lookups *self = state;
  Lookup lookup = { .seq = record->seq };
  GbTensor indices;
  const char *padding;
  GbOp op;

  if (record->type != TE_RECORD_OP || !gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op)
      || op.record->n_inputs < 2 || strcmp (gb_trace_op_name (trace, &op), "embedding") != 0
      || !gb_trace_get_tensor (trace, op.inputs[1], record->seq, &indices))
    return;
  if (self->lookups == NULL)
    self->lookups = g_array_new (FALSE, FALSE, sizeof (Lookup));
  if (self->lookups->len >= MOST_LOOKUPS)
    g_array_remove_range (self->lookups, 0, MOST_LOOKUPS / 2);
  lookup.weight = op.inputs[0];
  lookup.indices = op.inputs[1];
  lookup.iteration = op.iteration;
  lookup.numel = 1;
  for (int d = 0; d < indices.ndim; d++)
    lookup.numel *= indices.sizes[d];
  g_autofree char *text = g_strndup (op.text ? op.text : "", op.record->text_nbytes);
  padding = strstr (text, "padding_idx=");
  lookup.has_padding = padding != NULL;
  lookup.padding = padding ? g_ascii_strtoll (padding + strlen ("padding_idx="), NULL, 10) : 0;
  if (lookup.padding < 0)
    lookup.has_padding = FALSE;
  g_array_append_val (self->lookups, lookup);
}

static void
lookups_clear (gpointer state)
{
  g_clear_pointer (&((Lookups *) state)->lookups, g_array_unref);
}

static const GbFollowerClass lookups_class = {
  .id = "gb-lookups", .nbytes = sizeof (Lookups), .take = lookups_take, .clear = lookups_clear
};

/* Words are looked up before their places, and there are as many or more of them. */
static const Lookup *
find_lookup (GbTrace *trace, guint64 seq)
{
  const Lookups *all = gb_follower_of (trace, &lookups_class);
  const Lookup *best = NULL;

  for (guint i = all->lookups ? all->lookups->len : 0; i-- > 0;)
    {
      const Lookup *lookup = &g_array_index (all->lookups, Lookup, i);
      if (lookup->seq > seq)
        continue;
      if (best && lookup->iteration != best->iteration)
        break;
      if (best == NULL || lookup->numel >= best->numel)
        best = lookup;
    }
  return best;
}

/* ---- what is shown ---- */

static const GbShow *
find_show (GbTrace *trace, guint64 seq)
{
  for (guint i = gb_trace_get_n_shows (trace); i-- > 0;)
    {
      const GbShow *show = gb_trace_get_show (trace, i);
      if (show->seq <= seq && g_strcmp0 (show->view, "tokens") == 0)
        return show;
    }
  return NULL;
}

/* The show that the tensor was named by, so that one may choose among several. */
static const GbShow *
show_of (GbTrace *trace, guint64 tensor, guint64 seq)
{
  for (guint i = gb_trace_get_n_shows (trace); tensor && i-- > 0;)
    {
      const GbShow *show = gb_trace_get_show (trace, i);
      if (show->seq <= seq && show->tensor == tensor && g_strcmp0 (show->view, "tokens") == 0)
        return show;
    }
  return NULL;
}

static guint64
find (GbTraceCursor *cursor, GbSelection *selection, const GbShow **show, const Lookup **lookup)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);

  *lookup = NULL;
  *show = show_of (trace, selection ? gb_selection_get_tensor (selection) : 0, seq);
  if (*show == NULL)
    *show = find_show (trace, seq);
  if (*show)
    return (*show)->tensor;
  *lookup = find_lookup (trace, seq);
  return *lookup ? (*lookup)->indices : 0;
}

guint64
gb_tokens_find (GbTraceCursor *cursor, GbSelection *selection)
{
  const GbShow *show;
  const Lookup *lookup;
  return find (cursor, selection, &show, &lookup);
}

/* ---- words ---- */

static char **
strings_of (struct json_object *array, guint *n)
{
  GPtrArray *strings = g_ptr_array_new ();

  *n = (guint) json_object_array_length (array);
  for (guint i = 0; i < *n; i++)
    g_ptr_array_add (strings, g_strdup (json_object_get_string (json_object_array_get_idx (array, i))));
  g_ptr_array_add (strings, NULL);
  return (char **) g_ptr_array_free (strings, FALSE);
}

static void
read_labels (GbTokens *self, const char *json)
{
  struct json_object *root = json ? json_tokener_parse (json) : NULL;

  if (json_object_is_type (root, json_type_array))
    for (guint i = 0; i < json_object_array_length (root) && i < 2; i++)
      {
        struct json_object *list = json_object_array_get_idx (root, i);
        if (!json_object_is_type (list, json_type_array))
          break;
        if (i == 0)
          self->words = strings_of (list, &self->n_words);
        else
          self->names = strings_of (list, &self->n_names);
      }
  json_object_put (root);
}

/* A vocabulary that the program told with any show: as many words as the table has rows. */
static void
borrow_vocabulary (GbTokens *self, GbTrace *trace, guint64 weight, guint64 seq)
{
  GbTensor table;

  if (!gb_trace_get_tensor (trace, weight, seq, &table) || table.ndim != 2)
    return;
  for (guint i = gb_trace_get_n_shows (trace); i-- > 0 && self->words == NULL;)
    {
      read_labels (self, gb_trace_get_show (trace, i)->labels);
      if (self->n_words == (guint64) table.sizes[0])
        break;
      g_clear_pointer (&self->words, g_strfreev);
      g_clear_pointer (&self->names, g_strfreev);
      self->n_words = self->n_names = 0;
    }
}

static void
put_text (char *to, gsize nbytes, const char *word)
{
  if (strcmp (word, " ") == 0 || word[0] == '\0')
    word = "␣";
  else if (strcmp (word, "\n") == 0)
    word = "⏎";
  else if (strcmp (word, "\t") == 0)
    word = "⇥";
  g_utf8_strncpy (to, word, MIN (g_utf8_strlen (word, -1), (glong) nbytes / 4 - 1));
}

gboolean
gb_tokens_continues (const char *before, const char *tag)
{
  return before && tag && g_str_has_prefix (tag, "I-") && (before[0] == 'B' || before[0] == 'I')
         && before[1] == '-' && strcmp (before + 2, tag + 2) == 0;
}

int
gb_tokens_index (const GbTokens *self, gint64 row, gint64 column, gint64 *index)
{
  const GbTensor *t = &self->values->tensor;

  for (int d = 0; d < t->ndim; d++)
    index[d] = 0;
  if (t->ndim >= 2)
    index[t->ndim - 2] = row;
  if (t->ndim >= 1)
    index[t->ndim - 1] = column;
  return t->ndim;
}

static const char *
word_at (char **words, guint n, gint64 nth)
{
  return words && nth >= 0 && nth < n ? words[nth] : NULL;
}

void
gb_tokens_get (const GbTokens *self, gint64 row, gint64 column, GbToken *token)
{
  gint64 index[GB_VALUES_MAX_NDIM];
  const char *word = NULL;

  *token = (GbToken){ .value = NAN };
  gb_tokens_index (self, row, column, index);
  token->is_known = gb_tensor_values_get (self->values, index, &token->value);
  switch (self->kind)
    {
    case GB_TOKENS_IDS:
      token->id = token->is_known ? (gint64) token->value : 0;
      word = self->by_place     ? word_at (self->words, self->n_words, column)
             : token->is_known ? word_at (self->words, self->n_words, token->id)
                               : NULL;
      token->is_padding = token->is_known && self->has_padding && token->id == self->padding;
      break;
    case GB_TOKENS_TAGS:
      token->id = token->is_known ? (gint64) token->value : 0;
      word = word_at (self->words, self->n_words, column);
      token->tag = token->is_known ? word_at (self->names, self->n_names, token->id) : NULL;
      token->is_padding = token->is_known && token->id < 0;
      break;
    case GB_TOKENS_VALUES:
    case GB_TOKENS_MASK:
      word = word_at (self->words, self->n_words, column);
      token->is_out = self->kind == GB_TOKENS_MASK && token->is_known && token->value == 0;
      break;
    case GB_TOKENS_ALIGNMENT:
      word = word_at (self->names, self->n_names, column);
      break;
    }
  if (word)
    put_text (token->text, sizeof token->text, word);
  else if (self->kind == GB_TOKENS_IDS && token->is_known)
    g_snprintf (token->text, sizeof token->text, "%" G_GINT64_FORMAT, token->id);
  else if (self->kind == GB_TOKENS_IDS)
    g_strlcpy (token->text, "?", sizeof token->text);
  else
    g_snprintf (token->text, sizeof token->text, "%" G_GINT64_FORMAT, column);
}

/* ---- counts ---- */

/* FALSE: there are some, and no number of any is known. */
static gboolean
look_through (GbTokens *self)
{
  gint64 seen = 0, n_known = 0;

  self->low = INFINITY;
  self->high = -INFINITY;
  for (gint64 r = 0; r < self->n_rows; r++)
    for (gint64 c = 0; c < self->n_columns && seen < MOST_COUNTED; c++, seen++)
      {
        GbToken token;
        gb_tokens_get (self, r, c, &token);
        n_known += token.is_known;
        self->n_padding += token.is_padding;
        self->n_out += token.is_out;
        if (token.is_known && isfinite (token.value))
          {
            self->low = MIN (self->low, token.value);
            self->high = MAX (self->high, token.value);
          }
      }
  return n_known || !seen;
}

/* A word that says that it fills up. */
static void
find_padding (GbTokens *self)
{
  static const char *const names[] = { "<pad>", "[PAD]", "<PAD>", "PAD", "pad", "<blank>", "_PAD_" };

  for (guint i = 0; i < G_N_ELEMENTS (names) && !self->has_padding; i++)
    for (guint k = 0; k < self->n_words; k++)
      if (strcmp (self->words[k], names[i]) == 0)
        {
          self->has_padding = TRUE;
          self->padding = k;
          break;
        }
}

static gboolean
is_float (int dtype)
{
  return dtype == TE_FLOAT16 || dtype == TE_BFLOAT16 || dtype == TE_FLOAT32 || dtype == TE_FLOAT64;
}

static GbTokensKind
kind_of (const GbTokens *self)
{
  const GbTensor *t = &self->values->tensor;
  gboolean pair = self->n_names > 0;

  if (t->dtype == TE_BOOL)
    return GB_TOKENS_MASK;
  if (!is_float (t->dtype))
    return pair ? GB_TOKENS_TAGS : GB_TOKENS_IDS;
  return pair && t->ndim >= 2 ? GB_TOKENS_ALIGNMENT : GB_TOKENS_VALUES;
}

/* As many words as a row has places, and a number that none of them has: they are the row's, word by word. */
static gboolean
names_places (const GbTokens *self)
{
  gint64 index[GB_VALUES_MAX_NDIM];
  double id;

  if (self->n_words == 0 || self->n_rows != 1 || self->n_words != (guint64) self->n_columns)
    return FALSE;
  for (gint64 c = 0; c < self->n_columns; c++)
    {
      gb_tokens_index (self, 0, c, index);
      if (gb_tensor_values_get (self->values, index, &id) && (id < 0 || id >= self->n_words))
        return TRUE;
    }
  return FALSE;
}

GbTokens *
gb_tokens_new (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);
  const GbShow *show;
  const Lookup *lookup;
  guint64 tensor = find (cursor, selection, &show, &lookup);
  g_autoptr (GbTensorValues) values = tensor ? gb_tensor_values_new (trace, tensor, seq) : NULL;
  GbTokens *self;

  if (values == NULL || values->is_complex || (values->values == NULL && values->image == NULL))
    return NULL;
  self = g_new0 (GbTokens, 1);
  self->values = g_steal_pointer (&values);
  self->n_columns = self->values->tensor.ndim ? self->values->tensor.sizes[self->values->tensor.ndim - 1] : 1;
  self->n_rows =
      self->values->tensor.ndim >= 2 ? self->values->tensor.sizes[self->values->tensor.ndim - 2] : 1;
  if (show)
    read_labels (self, show->labels);
  self->kind = kind_of (self);
  self->by_place = self->kind == GB_TOKENS_IDS && names_places (self);
  if (self->kind == GB_TOKENS_IDS && !self->by_place)
    {
      const Lookup *fed = lookup ? lookup : find_lookup (trace, seq);
      if (fed && fed->indices == tensor)
        {
          self->has_padding = fed->has_padding;
          self->padding = fed->padding;
          if (self->words == NULL)
            borrow_vocabulary (self, trace, fed->weight, seq);
        }
      find_padding (self);
    }
  if (!look_through (self))
    g_clear_pointer (&self, gb_tokens_free);
  return self;
}
