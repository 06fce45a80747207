#include "models/lesson.h"

#include <json-c/json.h>
#include <string.h>

#include "models/lessons/study.h"
#include "trace/record.h"

/* ---- rules ---- */

static const GbLessonRule *
find_rule (const char *type, const char *message, GMatchInfo **match)
{
  for (guint i = 0; i < gb_n_lesson_rules; i++)
    {
      const GbLessonRule *rule = &gb_lesson_rules[i];
      if (rule->type && strcmp (rule->type, type) != 0)
        continue;
      g_autoptr (GRegex) regex = g_regex_new (rule->pattern, 0, 0, NULL);
      g_clear_pointer (match, g_match_info_unref);
      if (g_regex_match (regex, message, 0, match))
        return rule;
    }
  g_clear_pointer (match, g_match_info_unref);
  return NULL;
}

static void
fetch_args (GMatchInfo *match, char *args[GB_LESSON_MAX_ARGS])
{
  for (int i = 0; i < GB_LESSON_MAX_ARGS; i++)
    args[i] = i + 1 < g_match_info_get_match_count (match) ? g_match_info_fetch (match, i + 1) : NULL;
}

const char *
gb_lesson_explain (const char *type, const char *message, char *args[GB_LESSON_MAX_ARGS + 1])
{
  g_autoptr (GMatchInfo) match = NULL;
  const GbLessonRule *rule = find_rule (type, message, &match);

  memset (args, 0, (GB_LESSON_MAX_ARGS + 1) * sizeof *args);
  if (rule == NULL || strcmp (rule->kind, "optimizer") == 0)
    return NULL;
  fetch_args (match, args);
  return rule->sentence;
}

guint
gb_lesson_get_n_kinds (void)
{
  return gb_n_lesson_rules;
}

const char *
gb_lesson_get_kind (guint nth)
{
  return nth < gb_n_lesson_rules ? gb_lesson_rules[nth].kind : NULL;
}

/* ---- operands ---- */

static void
operand_free (gpointer data)
{
  GbOperand *self = data;
  g_free (self->name);
  g_free (self->type);
  g_free (self->text);
  g_free (self->values);
  g_free (self);
}

static char *
take_text (const char **at, guint32 nbytes)
{
  char *text = g_utf8_make_valid (*at, nbytes);
  *at += nbytes;
  return text;
}

static GbOperand *
operand_new (const TeFactOperand *fact)
{
  GbOperand *self = g_new0 (GbOperand, 1);
  const gint64 *geometry = te_wire_tensor_sizes (&fact->tensor);
  const double *values = (const double *) (geometry + 2 * fact->tensor.ndim);
  const char *at = (const char *) (values + fact->n_values);

  self->role = fact->role;
  self->index = fact->index;
  self->line = fact->line;
  self->end_line = fact->end_line;
  self->column = fact->column;
  self->end_column = fact->end_column;
  self->has_tensor = fact->has_tensor && fact->tensor.ndim <= GB_LESSON_MAX_DIMS;
  self->dtype = self->has_tensor ? fact->tensor.dtype : -1;
  self->ndim = self->has_tensor ? fact->tensor.ndim : 0;
  self->flags = fact->tensor.flags;
  self->storage = fact->tensor.storage;
  self->offset = fact->tensor.offset;
  self->n_storage = MAX (fact->n_storage, 0);
  memcpy (self->sizes, geometry, (gsize) self->ndim * sizeof *geometry);
  memcpy (self->strides, geometry + fact->tensor.ndim, (gsize) self->ndim * sizeof *geometry);
  self->n_values = fact->n_values;
  self->values = g_memdup2 (values, fact->n_values * sizeof *values);
  self->name = take_text (&at, fact->name_nbytes);
  self->type = take_text (&at, fact->type_nbytes);
  self->text = take_text (&at, fact->text_nbytes);
  return self;
}

static void
fix_clear (gpointer item)
{
  g_free (((GbFix *) item)->text);
  g_free (((GbFix *) item)->result);
}

static void
row_clear (gpointer item)
{
  g_free (((GbLessonRow *) item)->name);
}

static void
read_operands (GbLesson *self, GbTrace *trace)
{
  GbTraceIter iter;
  const TeRecord *record;

  gb_trace_iter_init (&iter, trace, self->exception + 1);
  while ((record = gb_trace_iter_next (&iter)) != NULL && record->type != TE_RECORD_RESUME
         && record->type != TE_RECORD_EXCEPTION)
    if (record->type == TE_FACT_OPERAND && ((const TeFactOperand *) record)->exception == self->exception)
      g_ptr_array_add (self->operands, operand_new ((const TeFactOperand *) record));
}

/* ---- what came of the edits ---- */

static void
take_tried (GbLesson *self, const TeFactTried *fact)
{
  const char *text = (const char *) (fact + 1);

  for (guint i = 0; i < self->fixes->len; i++)
    {
      GbFix *fix = &g_array_index (self->fixes, GbFix, i);
      if (fix->line != fact->line || fix->end_line != fact->end_line || fix->column != fact->column
          || fix->end_column != fact->end_column || strlen (fix->text) != fact->text_nbytes
          || memcmp (fix->text, text, fact->text_nbytes) != 0)
        continue;
      fix->state = fact->status == TE_TRIED_SUCCEEDED ? GB_FIX_SUCCEEDED : GB_FIX_FAILED;
      g_free (fix->result);
      fix->result = g_utf8_make_valid (text + fact->text_nbytes, fact->result_nbytes);
    }
}

static void
read_tried (GbLesson *self, GbTrace *trace)
{
  GbTraceIter iter;
  const TeRecord *record;

  gb_trace_iter_init (&iter, trace, self->exception + 1);
  while ((record = gb_trace_iter_next (&iter)) != NULL && record->type != TE_RECORD_RESUME)
    if (record->type == TE_FACT_TRIED && ((const TeFactTried *) record)->exception == self->exception)
      take_tried (self, (const TeFactTried *) record);
}

/* ---- studying ---- */

static const GbOperand *
first_with (GbLesson *self, TeOperandRole role)
{
  for (guint i = 0; i < self->operands->len; i++)
    {
      const GbOperand *operand = g_ptr_array_index (self->operands, i);
      if (operand->role == role)
        return operand;
    }
  return NULL;
}

/* The two tensors that meet: sides of an operator, receiver and argument, or the input and weight of a layer.
 */
static void
choose_sides (GbStudy *study)
{
  const GbOperand *module = first_with (study->lesson, TE_OPERAND_MODULE);
  const GbOperand *input = first_with (study->lesson, TE_OPERAND_INPUT);

  if (module && input)
    {
      study->left = input;
      study->right = module;
      return;
    }
  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *operand = g_ptr_array_index (study->lesson->operands, i);
      if (!operand->has_tensor || operand->role == TE_OPERAND_FUNCTION || operand->role == TE_OPERAND_MODULE
          || operand->role == TE_OPERAND_INPUT)
        continue;
      if (study->left == NULL)
        study->left = operand;
      else if (study->right == NULL)
        study->right = operand;
    }
  if (module && study->right == NULL)
    study->right = module;
}

/* What the message says could be said of other programs, too: what stands there must be of this kind. */
static gboolean
is_plausible (const GbStudy *study)
{
  static const char *const optimizers[] = { "SGD",      "Adam",   "AdamW",      "RMSprop", "Adagrad",
                                            "Adadelta", "Adamax", "ASGD",       "LBFGS",   "NAdam",
                                            "RAdam",    "Rprop",  "SparseAdam", NULL };

  if (study->statement
      && (strcmp (study->statement->type, "Raise") == 0 || strcmp (study->statement->type, "Assert") == 0))
    return FALSE;
  if (strcmp (study->lesson->kind, "optimizer") == 0)
    return study->node && g_strv_contains (optimizers, study->node->name);
  return TRUE;
}

static int
fix_cost (const GbFix *fix)
{
  int removed = fix->line == fix->end_line ? (int) (fix->end_column - fix->column) : 0;
  int added = (int) g_utf8_strlen (fix->text, -1);
  return (fix->again ? 1000 : 0) + MAX (added, removed) + ABS (added - removed);
}

/* Proposals of one size stay in the order in which they were made. */
static void
sort_fixes (GArray *fixes)
{
  for (guint i = 1; i < fixes->len; i++)
    for (guint k = i; k > 0; k--)
      {
        GbFix *a = &g_array_index (fixes, GbFix, k - 1), *b = &g_array_index (fixes, GbFix, k), kept = *a;
        if (fix_cost (a) <= fix_cost (b))
          break;
        *a = *b;
        *b = kept;
      }
}

static gboolean
study_case (GbLesson *self, GbTrace *trace, const GbLessonRule *rule, GMatchInfo *match, const char *source)
{
  static const GbOperand none = { .name = (char *) "", .type = (char *) "", .text = (char *) "" };
  GbStudy study = { .lesson = self,
                    .trace = trace,
                    .source = source,
                    .match = match,
                    .options = rule->options,
                    .node = first_with (self, TE_OPERAND_NODE),
                    .statement = first_with (self, TE_OPERAND_STATEMENT) };

  choose_sides (&study);
  if (!is_plausible (&study))
    return FALSE;
  if (rule->meet)
    rule->meet (&study);
  if (rule->propose && source)
    {
      if (study.node == NULL)
        study.node = &none;
      rule->propose (&study);
    }
  sort_fixes (self->fixes);
  return TRUE;
}

/* What fails in a for, with or if fails in its head. */
static void
clip_to_head (GbLesson *self, const char *text)
{
  const char *at = text;
  gsize nbytes;

  if (self->end_line <= self->line)
    return;
  for (guint32 line = 1; at && line < self->line; line++)
    {
      at = strchr (at, '\n');
      at = at ? at + 1 : NULL;
    }
  nbytes = at ? strcspn (at, "\n") : 0;
  if (nbytes == 0 || at[nbytes - 1] != ':' || self->column >= nbytes)
    return;
  self->end_line = self->line;
  self->end_column = (guint32) nbytes - 1;
}

GbLesson *
gb_lesson_new (GbTrace *trace, guint nth)
{
  const GbException *exception =
      nth < gb_trace_get_n_exceptions (trace) ? gb_trace_get_exception (trace, nth) : NULL;
  g_autoptr (GMatchInfo) match = NULL;
  const GbLessonRule *rule = exception ? find_rule (exception->type_name, exception->message, &match) : NULL;
  const GbPosition *position = rule ? gb_trace_get_position (trace, exception->pos) : NULL;
  const GbSource *source = position ? gb_trace_get_source (trace, position->file) : NULL;
  g_autoptr (GbLesson) self = NULL;

  if (rule == NULL)
    return NULL;
  self = g_new0 (GbLesson, 1);
  self->kind = rule->kind;
  self->sentence = rule->sentence;
  self->rule = rule->rule;
  self->exception = exception->seq;
  self->marked_slot = -1;
  self->operands = g_ptr_array_new_with_free_func (operand_free);
  self->rows = g_array_new (FALSE, TRUE, sizeof (GbLessonRow));
  g_array_set_clear_func (self->rows, row_clear);
  self->fixes = g_array_new (FALSE, TRUE, sizeof (GbFix));
  g_array_set_clear_func (self->fixes, fix_clear);
  fetch_args (match, self->args);
  if (position)
    {
      self->file = position->file;
      self->line = position->line;
      self->end_line = position->end_line;
      self->column = position->column;
      self->end_column = position->end_column;
      clip_to_head (self, source ? source->text : NULL);
    }
  read_operands (self, trace);
  if (!study_case (self, trace, rule, match, source ? source->text : NULL))
    return NULL;
  read_tried (self, trace);
  return g_steal_pointer (&self);
}

void
gb_lesson_free (GbLesson *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < GB_LESSON_MAX_ARGS; i++)
    g_free (self->args[i]);
  g_ptr_array_unref (self->operands);
  g_array_unref (self->rows);
  g_array_unref (self->fixes);
  g_free (self);
}

/* ---- trying ---- */

gboolean
gb_lesson_wants_trial (const GbLesson *self)
{
  gboolean candidates = FALSE;

  for (guint i = 0; i < self->fixes->len; i++)
    {
      if (g_array_index (self->fixes, GbFix, i).state != GB_FIX_CANDIDATE)
        return FALSE; /* the question was put already */
      candidates = TRUE;
    }
  return candidates;
}

char *
gb_lesson_dup_question (const GbLesson *self)
{
  struct json_object *question = json_object_new_object (), *edits = json_object_new_array ();

  for (guint i = 0; i < self->fixes->len; i++)
    {
      const GbFix *fix = &g_array_index (self->fixes, GbFix, i);
      struct json_object *edit = json_object_new_array ();
      json_object_array_add (edit, json_object_new_int64 (fix->line));
      json_object_array_add (edit, json_object_new_int64 (fix->end_line));
      json_object_array_add (edit, json_object_new_int64 (fix->column));
      json_object_array_add (edit, json_object_new_int64 (fix->end_column));
      json_object_array_add (edit, json_object_new_string (fix->text));
      json_object_array_add (edit, json_object_new_boolean (fix->again));
      json_object_array_add (edits, edit);
    }
  json_object_object_add (question, "edits", edits);
  json_object_object_add (question, "most", json_object_new_int (3));
  char *text = g_strdup (json_object_to_json_string_ext (question, JSON_C_TO_STRING_PLAIN));
  json_object_put (question);
  return text;
}

const GbFix *
gb_lesson_get_fix (const GbLesson *self, guint nth)
{
  for (guint i = 0; i < self->fixes->len; i++)
    {
      const GbFix *fix = &g_array_index (self->fixes, GbFix, i);
      if (fix->state == GB_FIX_SUCCEEDED && nth-- == 0)
        return fix;
    }
  return NULL;
}

static gsize
line_offset (const char *text, guint32 line)
{
  const char *at = text;
  for (guint32 n = 1; n < line; n++)
    {
      const char *end = strchr (at, '\n');
      if (end == NULL)
        return strlen (text);
      at = end + 1;
    }
  return (gsize) (at - text);
}

/* Takes away the indentation of the first line from all. */
static char *
outdent (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 0);
  gsize indent = strspn (text, " \t");

  for (guint i = 0; lines[i]; i++)
    {
      gsize own = MIN (indent, strspn (lines[i], " \t"));
      memmove (lines[i], lines[i] + own, strlen (lines[i]) - own + 1);
    }
  return g_strchomp (g_strjoinv ("\n", lines));
}

char *
gb_lesson_dup_edited (const GbLesson *self, GbTrace *trace, const GbFix *fix)
{
  const GbSource *source = gb_trace_get_source (trace, self->file);
  const char *text = source ? source->text : "";
  gsize n = strlen (text), begin = line_offset (text, fix->line), end = line_offset (text, fix->end_line);
  gsize from = MIN (begin + fix->column, n), to = MIN (end + fix->end_column, n);
  const char *rest = text + MAX (to, from);
  gsize line_rest = strcspn (rest, "\n");
  g_autofree char *edited =
      g_strdup_printf ("%.*s%s%.*s", (int) (from - begin), text + begin, fix->text, (int) line_rest, rest);
  return outdent (edited);
}
