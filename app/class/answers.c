#include "class/answers.h"

#include <math.h>
#include <string.h>

#define MOST_PEOPLE     2000
#define MOST_LABEL_CHARS 40

struct _GbAnswers
{
  char *id, *truth;
  const GbPrediction *prediction; /* of the library, which outlives this */
  GHashTable *by_person;          /* guint64 → the answer in its one form */
};

GbAnswers *
gb_answers_new (const char *id, const GbPrediction *prediction)
{
  GbAnswers *self = g_new0 (GbAnswers, 1);
  self->id = g_strdup (id);
  self->prediction = prediction;
  self->by_person = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return self;
}

void
gb_answers_free (GbAnswers *self)
{
  g_hash_table_unref (self->by_person);
  g_free (self->id);
  g_free (self->truth);
  g_free (self);
}

const char *
gb_answers_get_id (const GbAnswers *self)
{
  return self->id;
}

/* ---- one form for what means the same ---- */

static gboolean
is_kind (const GbAnswers *self, const char *kind)
{
  return self->prediction && g_strcmp0 (self->prediction->kind, kind) == 0;
}

/* Without spaces and underscores, which people put between thousands. */
static char *
form_number (const char *answer)
{
  g_autoptr (GString) digits = g_string_new (NULL);
  char *end = NULL, buffer[G_ASCII_DTOSTR_BUF_SIZE];
  for (const char *p = answer; *p; p = g_utf8_next_char (p))
    if (*p != '_' && !g_unichar_isspace (g_utf8_get_char (p)))
      g_string_append_unichar (digits, g_utf8_get_char (p));
  double value = g_ascii_strtod (digits->str, &end);
  if (end == digits->str || *end || isnan (value))
    return NULL;
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.6g", value));
}

/* "64x2 , 2" is (64, 2, 2). */
static char *
form_shape (const char *answer)
{
  g_autoptr (GString) shape = g_string_new ("(");
  guint n = 0;
  for (const char *p = answer; *p; p++)
    if (g_ascii_isdigit (*p))
      {
        if (n++)
          g_string_append (shape, ", ");
        while (g_ascii_isdigit (*p))
          g_string_append_c (shape, *p++);
        p--;
      }
    else if (g_ascii_isalpha (*p) && *p != 'x' && *p != 'X')
      return NULL;
  g_string_append (shape, n == 1 ? ",)" : ")");
  return n || strpbrk (answer, "()[]") ? g_string_free (g_steal_pointer (&shape), FALSE) : NULL;
}

static char *
form_choice (const GbAnswers *self, const char *answer)
{
  for (guint i = 0; i < self->prediction->choices->len; i++)
    {
      const GbSceneChoice *choice = g_ptr_array_index (self->prediction->choices, i);
      if (strcmp (choice->value, answer) == 0)
        return g_strdup (answer);
    }
  return NULL;
}

static char *
form_text (const char *answer)
{
  g_autofree char *label = g_utf8_strlen (answer, -1) > MOST_LABEL_CHARS
                               ? g_utf8_substring (answer, 0, MOST_LABEL_CHARS)
                               : g_strdup (answer);
  for (char *p = label; *p; p++)
    if ((guchar) *p < ' ' || *p == 127)
      *p = ' ';
  g_strstrip (label);
  return *label ? g_steal_pointer (&label) : NULL;
}

static char *
form (const GbAnswers *self, const char *answer)
{
  if (strlen (answer) > GB_ANSWERS_MOST_NBYTES || !g_utf8_validate (answer, -1, NULL))
    return NULL;
  if (self->prediction && self->prediction->choices->len)
    return form_choice (self, answer);
  return is_kind (self, "number") ? form_number (answer) : is_kind (self, "shape") ? form_shape (answer) : form_text (answer);
}

gboolean
gb_answers_add (GbAnswers *self, guint64 who, const char *answer)
{
  g_autofree char *formed = form (self, answer);
  if (!formed || (g_hash_table_size (self->by_person) >= MOST_PEOPLE && !g_hash_table_contains (self->by_person, &who)))
    return FALSE;
  guint64 *key = g_new (guint64, 1);
  *key = who;
  g_hash_table_replace (self->by_person, key, g_steal_pointer (&formed));
  return TRUE;
}

gboolean
gb_answers_set_truth (GbAnswers *self, const char *truth)
{
  if (g_strcmp0 (self->truth, truth) == 0)
    return FALSE;
  g_free (self->truth);
  self->truth = g_strdup (truth);
  return TRUE;
}

gboolean
gb_answers_is_told (const GbAnswers *self)
{
  return self->truth != NULL;
}

guint
gb_answers_get_n (const GbAnswers *self)
{
  return g_hash_table_size (self->by_person);
}

/* ---- bars ---- */

static void
bar_free (gpointer data)
{
  GbAnswerBar *bar = data;
  g_free (bar->label);
  g_free (bar);
}

static GbAnswerBar *
add_bar (const GbAnswers *self, GPtrArray *bars, const char *label, const char *value, guint n)
{
  GbAnswerBar *bar = g_new0 (GbAnswerBar, 1);
  bar->label = g_strdup (label);
  bar->n = n;
  bar->is_right = self->truth && self->prediction && value && gb_prediction_agrees (self->prediction, value, self->truth);
  g_ptr_array_add (bars, bar);
  return bar;
}

static int
compare_bars (gconstpointer a, gconstpointer b)
{
  const GbAnswerBar *x = *(GbAnswerBar *const *) a, *y = *(GbAnswerBar *const *) b;
  return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp (x->label, y->label);
}

static GHashTable *
count (const GbAnswers *self)
{
  GHashTable *counts = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer answer;
  g_hash_table_iter_init (&iter, self->by_person);
  while (g_hash_table_iter_next (&iter, NULL, &answer))
    g_hash_table_insert (counts, answer, GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, answer)) + 1));
  return counts;
}

/* The rarest become one bar. */
static void
gather_rest (const GbAnswers *self, GPtrArray *bars)
{
  guint rest = 0;
  if (bars->len <= GB_ANSWERS_MOST_BARS)
    return;
  for (guint i = GB_ANSWERS_MOST_BARS - 1; i < bars->len; i++)
    rest += ((GbAnswerBar *) g_ptr_array_index (bars, i))->n;
  g_ptr_array_set_size (bars, GB_ANSWERS_MOST_BARS - 1);
  add_bar (self, bars, "…", NULL, rest);
}

GPtrArray *
gb_answers_get_bars (const GbAnswers *self)
{
  GPtrArray *bars = g_ptr_array_new_with_free_func (bar_free);
  g_autoptr (GHashTable) counts = count (self);
  GHashTableIter iter;
  gpointer answer, n;
  if (self->prediction && self->prediction->choices->len)
    {
      for (guint i = 0; i < self->prediction->choices->len; i++)
        {
          const GbSceneChoice *choice = g_ptr_array_index (self->prediction->choices, i);
          add_bar (self, bars, gb_text_get (&choice->label), choice->value,
                   GPOINTER_TO_UINT (g_hash_table_lookup (counts, choice->value)));
        }
      return bars;
    }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &answer, &n))
    add_bar (self, bars, answer, answer, GPOINTER_TO_UINT (n));
  g_ptr_array_sort (bars, compare_bars);
  gather_rest (self, bars);
  return bars;
}

GbJson *
gb_answers_to_json (const GbAnswers *self)
{
  g_autoptr (GPtrArray) bars = gb_answers_get_bars (self);
  GbJson *list = json_object_new_array ();
  for (guint i = 0; i < bars->len; i++)
    {
      const GbAnswerBar *bar = g_ptr_array_index (bars, i);
      GbJson *one = json_object_new_object ();
      json_object_object_add (one, "label", json_object_new_string (bar->label));
      json_object_object_add (one, "n", json_object_new_int64 (bar->n));
      json_object_object_add (one, "right", json_object_new_boolean (bar->is_right));
      json_object_array_add (list, one);
    }
  return list;
}
