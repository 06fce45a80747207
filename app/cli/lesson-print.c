#include "cli/lesson-print.h"

#include <string.h>

#include "common/i18n.h"
#include "core/dtype.h"
#include "error/error-text.h"

/* Sizes in columns, so that those that meet stand below each other. */
static void
print_rows (GString *out, const GbLesson *lesson)
{
  int n_slots = 0, name_width = 0;

  for (guint i = 0; i < lesson->rows->len; i++)
    {
      const GbLessonRow *row = &g_array_index (lesson->rows, GbLessonRow, i);
      name_width = MAX (name_width, (int) MIN (g_utf8_strlen (row->name, -1), 24));
      for (int d = 0; d < row->ndim; d++)
        n_slots = MAX (n_slots, row->slots[d] + 1);
    }
  for (guint i = 0; i < lesson->rows->len; i++)
    {
      const GbLessonRow *row = &g_array_index (lesson->rows, GbLessonRow, i);
      int pad = name_width - (int) g_utf8_strlen (row->name, -1);
      g_string_append_printf (out, "    %s%*s", row->name, MAX (pad, 0), "");
      for (int slot = 0; slot < n_slots; slot++)
        {
          int d = 0;
          while (d < row->ndim && row->slots[d] != slot)
            d++;
          if (d < row->ndim)
            g_string_append_printf (out, "%6" G_GINT64_FORMAT "%s", row->sizes[d],
                                    slot == lesson->marked_slot ? "✕" : " ");
          else
            g_string_append (out, "      · ");
        }
      g_string_append_printf (out, "  %s%s\n", row->dtype >= 0 ? te_dtype_name ((TeDtype) row->dtype) : "",
                              row->mark ? " ✕" : "");
    }
}

static void
print_fix (GString *out, const GbLesson *lesson, GbTrace *trace, const GbFix *fix)
{
  g_autofree char *edited = gb_lesson_dup_edited (lesson, trace, fix), *result = gb_error_fix_result (fix);
  g_auto (GStrv) lines = g_strsplit (edited, "\n", 0);

  for (guint i = 0; lines[i]; i++)
    if (i)
      g_string_append_printf (out, "          %s\n", lines[i]);
    else
      g_string_append_printf (out, "    %4u  %s\n", fix->line, lines[i]);
  g_string_append_printf (out, "          (%s)\n", result);
}

static char *
lesson_text (const GbLesson *lesson, GbTrace *trace)
{
  g_autofree char *sentence = gb_error_sentence (lesson), *rule = gb_error_rule (lesson),
                  *strip = gb_error_strip_text (lesson);
  GString *out = g_string_new (NULL);
  const GbFix *fix;

  g_string_append_printf (out, "\n%s\n", sentence);
  print_rows (out, lesson);
  if (strip)
    g_string_append_printf (out, "%s\n", strip);
  if (rule)
    g_string_append_printf (out, "%s\n", rule);
  for (guint i = 0; (fix = gb_lesson_get_fix (lesson, i)) != NULL; i++)
    {
      if (i == 0)
        g_string_append_printf (out, "%s\n", _ ("Ways out, each of them tried:"));
      print_fix (out, lesson, trace, fix);
    }
  return g_string_free (out, FALSE);
}

char *
gb_lesson_dup_text (GbTrace *trace)
{
  guint n = gb_trace_get_n_exceptions (trace);
  g_autoptr (GbLesson) lesson = n ? gb_lesson_new (trace, n - 1) : NULL;
  return lesson ? lesson_text (lesson, trace) : NULL;
}

/* ---- for programs ---- */

static void
add_text (struct json_object *object, const char *name, char *text)
{
  json_object_object_add (object, name, text ? json_object_new_string (text) : NULL);
  g_free (text);
}

static struct json_object *
row_json (const GbLesson *lesson, const GbLessonRow *row)
{
  struct json_object *entry = json_object_new_object (), *sizes = json_object_new_array ();

  json_object_object_add (entry, "name", json_object_new_string (row->name));
  for (int d = 0; d < row->ndim; d++)
    {
      json_object_array_add (sizes, json_object_new_int64 (row->sizes[d]));
      if (lesson->marked_slot >= 0 && row->slots[d] == lesson->marked_slot)
        json_object_object_add (entry, "marked", json_object_new_int (d));
    }
  json_object_object_add (entry, "sizes", sizes);
  if (row->dtype >= 0)
    json_object_object_add (entry, "dtype", json_object_new_string (te_dtype_name ((TeDtype) row->dtype)));
  return entry;
}

static struct json_object *
fix_json (const GbLesson *lesson, GbTrace *trace, const GbFix *fix)
{
  struct json_object *entry = json_object_new_object ();

  json_object_object_add (entry, "line", json_object_new_int64 (fix->line));
  json_object_object_add (entry, "end_line", json_object_new_int64 (fix->end_line));
  json_object_object_add (entry, "column", json_object_new_int64 (fix->column));
  json_object_object_add (entry, "end_column", json_object_new_int64 (fix->end_column));
  json_object_object_add (entry, "text", json_object_new_string (fix->text));
  json_object_object_add (entry, "result", json_object_new_string (fix->result ? fix->result : ""));
  add_text (entry, "edited", gb_lesson_dup_edited (lesson, trace, fix));
  return entry;
}

struct json_object *
gb_lesson_to_json (const GbLesson *lesson, GbTrace *trace)
{
  struct json_object *object = json_object_new_object (), *rows = json_object_new_array (),
                     *fixes = json_object_new_array ();
  const GbFix *fix;

  json_object_object_add (object, "kind", json_object_new_string (lesson->kind));
  json_object_object_add (object, "line", json_object_new_int64 (lesson->line));
  json_object_object_add (object, "column", json_object_new_int64 (lesson->column));
  json_object_object_add (object, "end_line", json_object_new_int64 (lesson->end_line));
  json_object_object_add (object, "end_column", json_object_new_int64 (lesson->end_column));
  add_text (object, "sentence", gb_error_sentence (lesson));
  add_text (object, "rule", gb_error_rule (lesson));
  add_text (object, "memory", gb_error_strip_text (lesson));
  for (guint i = 0; i < lesson->rows->len; i++)
    json_object_array_add (rows, row_json (lesson, &g_array_index (lesson->rows, GbLessonRow, i)));
  for (guint i = 0; (fix = gb_lesson_get_fix (lesson, i)) != NULL; i++)
    json_object_array_add (fixes, fix_json (lesson, trace, fix));
  json_object_object_add (object, "operands", rows);
  json_object_object_add (object, "fixes", fixes);
  return object;
}
