#include "error/error-text.h"

#include <string.h>

#include "common/i18n.h"
#include "core/dtype.h"

char *
gb_error_fill (const char *msgid, char *const args[GB_LESSON_MAX_ARGS])
{
  GString *out = g_string_new (NULL);

  for (const char *at = _ (msgid); *at; at++)
    {
      int nth =
          at[0] == '{' && at[1] >= '0' && at[1] < '0' + GB_LESSON_MAX_ARGS && at[2] == '}' ? at[1] - '0' : -1;
      if (nth < 0)
        g_string_append_c (out, *at);
      else
        {
          g_string_append (out, args[nth] ? args[nth] : "");
          at += 2;
        }
    }
  return g_string_free (out, FALSE);
}

char *
gb_error_sentence (const GbLesson *lesson)
{
  return gb_error_fill (lesson->sentence, lesson->args);
}

static char *
number (gint64 value)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, value);
}

/* Of the two dimensions that cannot merge: what would have to hold, in this tensor's numbers. */
static char *
merging_rule (const GbOperand *o)
{
  for (int d = 0; d + 1 < o->ndim; d++)
    if (o->sizes[d] > 1 && o->strides[d] != o->sizes[d + 1] * o->strides[d + 1])
      {
        g_autofree char *stride = number (o->strides[d]), *size = number (o->sizes[d + 1]),
                        *inner = number (o->strides[d + 1]), *dim = number (d);
        return gb_error_fill (
            N_ ("Dimension {3} and the next merge only if the stride of the first is size times stride of "
                "the second: {0} is not {1} × {2}."),
            (char *[GB_LESSON_MAX_ARGS]){ stride, size, inner, dim });
      }
  return NULL;
}

char *
gb_error_rule (const GbLesson *lesson)
{
  char *merging = lesson->strip ? merging_rule (lesson->strip) : NULL;
  if (merging)
    return merging;
  return lesson->rule ? gb_error_fill (lesson->rule, lesson->args) : NULL;
}

char *
gb_error_row_shape (const GbLessonRow *row)
{
  GString *out = g_string_new ("(");

  for (int d = 0; d < row->ndim; d++)
    g_string_append_printf (out, d ? ", %" G_GINT64_FORMAT : "%" G_GINT64_FORMAT, row->sizes[d]);
  g_string_append (out, row->ndim == 1 ? ",)" : ")");
  if (row->dtype >= 0)
    g_string_append_printf (out, " %s", te_dtype_name ((TeDtype) row->dtype));
  return g_string_free (out, FALSE);
}

static int
marked_dimension (const GbLesson *lesson, const GbLessonRow *row)
{
  for (int d = 0; d < row->ndim; d++)
    if (lesson->marked_slot >= 0 && row->slots[d] == lesson->marked_slot)
      return d;
  return -1;
}

char *
gb_error_row_text (const GbLesson *lesson, const GbLessonRow *row)
{
  g_autofree char *shape = gb_error_row_shape (row);
  int d = marked_dimension (lesson, row);

  if (d >= 0)
    {
      g_autofree char *dim = g_strdup_printf ("%d", d), *size = number (row->sizes[d]);
      return gb_error_fill (N_ ("{0}: {1}, at issue: dimension {2}, size {3}"),
                            (char *[GB_LESSON_MAX_ARGS]){ row->name, shape, dim, size });
    }
  return g_strdup_printf ("%s: %s", row->name, shape);
}

/* The first place where a step in row-major order differs from those before: two addresses. */
static gboolean
find_jump (const GbOperand *o, gint64 *first, gint64 *second, gint64 *usual)
{
  gint64 index[GB_LESSON_MAX_DIMS] = { 0 }, address = o->offset, step = 0;

  for (guint n = 0; n < 4096; n++)
    {
      int d = o->ndim - 1;
      gint64 next = address;
      while (d >= 0 && index[d] + 1 >= o->sizes[d])
        {
          next -= index[d] * o->strides[d];
          index[d--] = 0;
        }
      if (d < 0)
        return FALSE;
      index[d]++;
      next += o->strides[d];
      if (n == 0)
        step = next - address;
      else if (next - address != step)
        {
          *first = address;
          *second = next;
          *usual = step;
          return TRUE;
        }
      address = next;
    }
  return FALSE;
}

char *
gb_error_strip_text (const GbLesson *lesson)
{
  gint64 first, second, usual;

  if (lesson->strip == NULL || !find_jump (lesson->strip, &first, &second, &usual))
    return NULL;
  g_autofree char *step = number (usual), *from = number (first), *to = number (second),
                  *jump = number (second - first);
  return gb_error_fill (N_ ("Row by row the steps are {0}, but from address {1} to {2} it is {3}: no single "
                            "stride can say that."),
                        (char *[GB_LESSON_MAX_ARGS]){ step, from, to, jump });
}

char *
gb_error_fix_result (const GbFix *fix)
{
  if (fix->again)
    return g_strdup (_ ("tried by running the program from its start: the line gets through"));
  return fix->result && fix->result[0] ? g_strdup_printf (_ ("tried: gives %s"), fix->result)
                                       : g_strdup (_ ("tried: it runs"));
}

char *
gb_error_describe (const GbLesson *lesson, GbTrace *trace)
{
  g_autofree char *sentence = gb_error_sentence (lesson), *rule = gb_error_rule (lesson),
                  *strip = gb_error_strip_text (lesson);
  GString *out = g_string_new (sentence);
  const GbFix *fix;

  for (guint i = 0; i < lesson->rows->len; i++)
    {
      g_autofree char *text = gb_error_row_text (lesson, &g_array_index (lesson->rows, GbLessonRow, i));
      g_string_append_printf (out, "\n%s", text);
    }
  if (strip)
    g_string_append_printf (out, "\n%s", strip);
  if (rule)
    g_string_append_printf (out, "\n%s", rule);
  for (guint i = 0; (fix = gb_lesson_get_fix (lesson, i)) != NULL; i++)
    {
      g_autofree char *edited = gb_lesson_dup_edited (lesson, trace, fix),
                      *result = gb_error_fix_result (fix);
      g_string_append_printf (out, "\n%s (%s)", edited, result);
    }
  return g_string_free (out, FALSE);
}
