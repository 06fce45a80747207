#include "checker/verdict.h"

#include <string.h>

#define SHOWN_ELEMENTS 12

static void
row_free (GbVerdictRow *row)
{
  g_free (row->check);
  g_free (row->error);
  g_free (row->fault);
  json_object_put (row->facts);
  g_free (row);
}

GbVerdict *
gb_verdict_new (void)
{
  GbVerdict *self = g_new0 (GbVerdict, 1);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  return self;
}

void
gb_verdict_free (GbVerdict *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->rows);
  g_free (self->ended);
  g_free (self->fault);
  g_free (self);
}

void
gb_verdict_take_line (GbVerdict *self, const char *line)
{
  GbJson *said = json_tokener_parse (line), *member = NULL;
  if (!json_object_is_type (said, json_type_object))
    {
      json_object_put (said);
      return;
    }
  if (json_object_object_get_ex (said, "checks", &member))
    self->n_checks = gb_json_get_length (said, "checks");
  else if (json_object_object_get_ex (said, "done", &member))
    self->done = json_object_get_boolean (member);
  else if (json_object_object_get_ex (said, "check", &member))
    {
      GbVerdictRow *row = g_new0 (GbVerdictRow, 1);
      row->check = gb_json_dup_string (said, "check");
      row->holds = json_object_get_boolean (gb_json_get (said, "holds", json_type_boolean));
      row->gone = json_object_get_boolean (gb_json_get (said, "gone", json_type_boolean));
      row->error = gb_json_dup_string (said, "error");
      row->fault = gb_json_dup_string (said, "fault");
      row->line = (guint) json_object_get_int (gb_json_get (said, "line", json_type_int));
      row->seconds = json_object_get_double (gb_json_get (said, "seconds", json_type_double));
      row->facts = json_object_get (said);
      g_ptr_array_add (self->rows, row);
    }
  json_object_put (said);
}

gboolean
gb_verdict_holds (const GbVerdict *self)
{
  return self->done && !self->fault && self->n_checks && self->rows->len == self->n_checks
         && !gb_verdict_get_failure (self);
}

const GbVerdictRow *
gb_verdict_get_failure (const GbVerdict *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (!((GbVerdictRow *) g_ptr_array_index (self->rows, i))->holds)
      return g_ptr_array_index (self->rows, i);
  return NULL;
}

const char *
gb_verdict_get_fault (const GbVerdict *self)
{
  const GbVerdictRow *failure = gb_verdict_get_failure (self);
  return self->fault || !failure ? self->fault : failure->fault;
}

static GbJson *
row_to_json (const GbVerdictRow *row, const GbCase *which)
{
  GbJson *out = json_object_new_object ();
  json_object_object_foreach (row->facts, key, value)
    json_object_object_add (out, key, json_object_get (value));
  json_object_object_add (out, "says", json_object_new_string (gb_case_get_demand (which, row->check)));
  return out;
}

GbJson *
gb_verdict_to_json (const GbVerdict *self, const GbCase *which)
{
  GbJson *out = json_object_new_object (), *rows = json_object_new_array ();
  for (guint i = 0; i < self->rows->len; i++)
    json_object_array_add (rows, row_to_json (g_ptr_array_index (self->rows, i), which));
  json_object_object_add (out, "id", json_object_new_string (which->id));
  json_object_object_add (out, "holds", json_object_new_boolean (gb_verdict_holds (self)));
  json_object_object_add (out, "checks", json_object_new_int ((int) self->n_checks));
  json_object_object_add (out, "seconds", json_object_new_double (self->seconds));
  json_object_object_add (out, "rows", rows);
  if (self->ended)
    json_object_object_add (out, "ended", json_object_new_string (self->ended));
  if (self->fault)
    json_object_object_add (out, "fault", json_object_new_string (self->fault));
  return out;
}

/* ---- values in words ---- */

static void append_value (GString *text, GbJson *value);

static void
append_number (GString *text, GbJson *value)
{
  char number[32];
  if (json_object_is_type (value, json_type_double))
    g_string_append (text, g_ascii_formatd (number, sizeof number, "%.6g", json_object_get_double (value)));
  else
    g_string_append (text, value ? json_object_get_string (value) : "None");
}

static void
append_list (GString *text, GbJson *list, const char *between, gsize most)
{
  gsize n = json_object_array_length (list);
  for (gsize i = 0; i < n && i < most; i++)
    {
      if (i)
        g_string_append (text, between);
      append_value (text, json_object_array_get_idx (list, i));
    }
  if (n > most)
    g_string_append (text, " …");
}

static void
append_object (GString *text, GbJson *object)
{
  GbJson *sizes = gb_json_get (object, "sizes", json_type_array),
         *values = gb_json_get (object, "values", json_type_array);
  if (sizes && values)
    {
      g_string_append_printf (text, "%s (",
                              json_object_get_string (gb_json_get (object, "dtype", json_type_string)));
      append_list (text, sizes, ", ", G_MAXSIZE);
      g_string_append (text, ")[");
      append_list (text, values, " ", SHOWN_ELEMENTS);
      g_string_append_c (text, ']');
      return;
    }
  const char *before = "";
  json_object_object_foreach (object, key, value)
  {
    g_string_append_printf (text, "%s%s = ", before, key);
    append_value (text, value);
    before = ", ";
  }
}

static void
append_value (GString *text, GbJson *value)
{
  switch (json_object_get_type (value))
    {
    case json_type_array:
      g_string_append_c (text, '[');
      append_list (text, value, ", ", SHOWN_ELEMENTS * 2);
      g_string_append_c (text, ']');
      break;
    case json_type_object:
      append_object (text, value);
      break;
    case json_type_string:
      g_string_append (text, json_object_get_string (value));
      break;
    case json_type_boolean:
      g_string_append (text, json_object_get_boolean (value) ? "True" : "False");
      break;
    case json_type_null:
    case json_type_double:
    case json_type_int:
      append_number (text, value);
    }
}

char *
gb_verdict_describe (GbJson *value)
{
  GString *text = g_string_new (NULL);
  append_value (text, value);
  return g_string_free (text, FALSE);
}
