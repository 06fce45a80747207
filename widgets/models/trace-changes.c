#include "models/trace-changes.h"

#include "trace/record.h"

#include <math.h>
#include <string.h>

typedef struct
{
  GbTrace *trace;
  const char *name;
  guint64 tensor, storage;
  gboolean is_param;
} Sought;

/* Whether the op wrote into the storage. */
static gboolean
is_write (const Sought *sought, const TeRecordOpEnd *end, GbChange *out)
{
  const TeWireTensor *made = (const TeWireTensor *) (end + 1);
  GbOp op;
  for (guint i = 0; i < end->n_outputs; i++, made = te_wire_tensor_next (made))
    if (made->storage == sought->storage)
      {
        if (!gb_trace_get_op (sought->trace, end->call, &op)
            || !(op.record->flags & TE_WIRE_OP_INPLACE || made->tensor == sought->tensor))
          return FALSE;
        out->what = gb_trace_get_string (sought->trace, op.record->name);
        out->pos = op.record->caller_pos ? op.record->caller_pos : op.record->pos;
        return TRUE;
      }
  return FALSE;
}

static gboolean
is_change (const Sought *sought, const TeRecord *record, GbChange *out)
{
  *out = (GbChange){ .seq = record->seq };
  switch (record->type)
    {
    case TE_RECORD_NAME:
      {
        const TeRecordName *bound = (const TeRecordName *) record;
        out->kind = GB_CHANGE_BOUND;
        out->pos = bound->pos;
        out->exact = bound->head.flags & TE_WIRE_NAME_EXACT;
        return sought->name && strcmp (gb_trace_get_string (sought->trace, bound->name), sought->name) == 0;
      }
    case TE_RECORD_VALUE:
      {
        const TeRecordValue *value = (const TeRecordValue *) record;
        out->kind = GB_CHANGE_BOUND;
        out->pos = value->pos;
        out->exact = value->head.flags & TE_WIRE_NAME_EXACT;
        return sought->name && strcmp (gb_trace_get_string (sought->trace, value->name), sought->name) == 0;
      }
    case TE_RECORD_OP_END:
      out->kind = GB_CHANGE_WRITTEN;
      out->exact = TRUE;
      return sought->storage && is_write (sought, (const TeRecordOpEnd *) record, out);
    case TE_RECORD_STEP:
      out->kind = GB_CHANGE_STEPPED;
      out->what = gb_trace_get_string (sought->trace, ((const TeRecordStep *) record)->name);
      return sought->is_param;
    default:
      return FALSE;
    }
}

gboolean
gb_trace_find_change (
    GbTrace *trace, const char *name, guint64 tensor, guint64 seq, int direction, GbChange *out)
{
  GbTensor about;
  GbTraceIter iter;
  const TeRecord *record;
  if (tensor && !gb_trace_get_tensor (trace, tensor, seq, &about))
    return FALSE;
  Sought sought = { trace, name, tensor, tensor ? about.storage : 0,
                    tensor && gb_trace_find_param (trace, tensor) };
  direction < 0 ? gb_trace_iter_init_back (&iter, trace, seq) : gb_trace_iter_init (&iter, trace, seq + 1);
  while ((record = direction < 0 ? gb_trace_iter_previous (&iter) : gb_trace_iter_next (&iter)))
    if (is_change (&sought, record, out))
      return TRUE;
  return FALSE;
}

/* ---- values ---- */

static double
number_of (const char *text)
{
  char *end;
  double number = g_ascii_strtod (text, &end);
  if (strcmp (text, "True") == 0 || strcmp (text, "False") == 0)
    return *text == 'T';
  return end != text && !*end ? number : NAN;
}

gboolean
gb_value_test_parse (const char *text, GbValueTest *out)
{
  /* Longer ones first: each begins like a shorter one. */
  static const struct
  {
    const char *sign;
    int is;
  } signs[] = { { "==", GB_TEST_EQUAL }, { "!=", GB_TEST_OTHER }, { "<=", GB_TEST_LESS_EQUAL },
                { ">=", GB_TEST_MORE_EQUAL }, { "=", GB_TEST_EQUAL }, { "<", GB_TEST_LESS }, { ">", GB_TEST_MORE } };
  gsize at = strcspn (text, "=!<>");
  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    if (g_str_has_prefix (text + at, signs[i].sign))
      {
        g_autofree char *name = g_strstrip (g_strndup (text, at));
        g_autofree char *value = g_strstrip (g_strdup (text + at + strlen (signs[i].sign)));
        if (!*name || !*value)
          return FALSE;
        out->number = number_of (value);
        out->name = g_steal_pointer (&name);
        out->text = g_steal_pointer (&value);
        out->is = signs[i].is;
        return TRUE;
      }
  return FALSE;
}

void
gb_value_test_clear (GbValueTest *self)
{
  g_free (self->name);
  g_free (self->text);
}

static gboolean
holds (const GbValueTest *test, const TeRecordValue *value)
{
  g_autofree char *text = g_strndup ((const char *) (value + 1), value->text_nbytes);
  double number = number_of (text);
  gboolean comparable = !isnan (number) && !isnan (test->number);
  gboolean same = comparable ? number == test->number : strcmp (text, test->text) == 0;
  switch (test->is)
    {
    case GB_TEST_EQUAL:
      return same;
    case GB_TEST_OTHER:
      return !same;
    case GB_TEST_LESS:
      return comparable && number < test->number;
    case GB_TEST_LESS_EQUAL:
      return comparable && number <= test->number;
    case GB_TEST_MORE:
      return comparable && number > test->number;
    case GB_TEST_MORE_EQUAL:
      return comparable && number >= test->number;
    }
  return FALSE;
}

guint64
gb_trace_find_value (GbTrace *trace, const GbValueTest *test, guint64 seq)
{
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, trace, seq + 1);
  while ((record = gb_trace_iter_next (&iter)))
    if (record->type == TE_RECORD_VALUE
        && strcmp (gb_trace_get_string (trace, ((const TeRecordValue *) record)->name), test->name) == 0
        && holds (test, (const TeRecordValue *) record))
      return record->seq;
  return 0;
}
