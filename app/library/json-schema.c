#include "library/json-schema.h"

#include "common/i18n.h"

#include <string.h>

typedef struct
{
  const GbJsonFile *file;
  GbJson *schema;
  GPtrArray *problems; /* NULL: only whether there are any */
  guint n_problems;
} Check;

static void check_value (Check *check, GbJson *schema, GbJson *value, const char *field);

static void report (Check *check, const char *field, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
report (Check *check, const char *field, const char *format, ...)
{
  check->n_problems++;
  if (!check->problems)
    return;
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (check->problems, gb_json_file_describe (check->file, field, what));
}

static gboolean
is_of_type (GbJson *value, const char *type)
{
  static const struct
  {
    const char *name;
    enum json_type type;
  } types[] = { { "object", json_type_object }, { "array", json_type_array },
                { "string", json_type_string }, { "boolean", json_type_boolean },
                { "integer", json_type_int },   { "number", json_type_int },
                { "number", json_type_double }, { "null", json_type_null } };
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, type) == 0 && json_object_is_type (value, types[i].type))
      return TRUE;
  return FALSE;
}

static gboolean
get_number (GbJson *schema, const char *key, double *number)
{
  GbJson *value = NULL;
  if (!json_object_object_get_ex (schema, key, &value))
    return FALSE;
  *number = json_object_get_double (value);
  return TRUE;
}

static void
check_string (Check *check, GbJson *schema, GbJson *value, const char *field)
{
  const char *text = json_object_get_string (value);
  double least;
  if (get_number (schema, "minLength", &least) && g_utf8_strlen (text, -1) < least)
    report (check, field, _ ("is empty; write a text"));
  GbJson *pattern = gb_json_get (schema, "pattern", json_type_string);
  if (pattern && !g_regex_match_simple (json_object_get_string (pattern), text, 0, 0))
    report (check, field, _ ("“%s” does not have the form %s"), text, json_object_get_string (pattern));
}

static void
check_number (Check *check, GbJson *schema, GbJson *value, const char *field)
{
  double number = json_object_get_double (value), limit;
  if (get_number (schema, "minimum", &limit) && number < limit)
    report (check, field, _ ("%g is less than %g"), number, limit);
  if (get_number (schema, "exclusiveMinimum", &limit) && number <= limit)
    report (check, field, _ ("%g is not more than %g"), number, limit);
}

static void
check_array (Check *check, GbJson *schema, GbJson *value, const char *field)
{
  gsize n = json_object_array_length (value);
  double limit;
  GbJson *items = gb_json_get (schema, "items", json_type_object);
  gboolean unique = json_object_get_boolean (gb_json_get (schema, "uniqueItems", json_type_boolean));
  if (get_number (schema, "minItems", &limit) && n < limit)
    report (check, field, _ ("has %u entries, at least %g are needed"), (guint) n, limit);
  if (get_number (schema, "maxItems", &limit) && n > limit)
    report (check, field, _ ("has %u entries, at most %g are allowed"), (guint) n, limit);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *inner = g_strdup_printf ("%s[%u]", field, (guint) i);
      GbJson *item = json_object_array_get_idx (value, i);
      for (gsize k = 0; unique && k < i; k++)
        if (json_object_equal (json_object_array_get_idx (value, k), item))
          report (check, inner, _ ("stands there twice"));
      if (items)
        check_value (check, items, item, inner);
    }
}

static void
check_object (Check *check, GbJson *schema, GbJson *value, const char *field)
{
  GbJson *properties = gb_json_get (schema, "properties", json_type_object);
  GbJson *closed = NULL;
  gboolean others = !json_object_object_get_ex (schema, "additionalProperties", &closed)
                    || json_object_get_boolean (closed);
  for (guint i = 0; i < gb_json_get_length (schema, "required"); i++)
    {
      const char *name = json_object_get_string (gb_json_get_nth (schema, "required", i));
      if (!json_object_object_get_ex (value, name, NULL))
        report (check, field, _ ("“%s” is missing"), name);
    }
  json_object_object_foreach (value, name, member)
  {
    g_autofree char *inner = *field ? g_strdup_printf ("%s.%s", field, name) : g_strdup (name);
    GbJson *known = gb_json_get (properties, name, json_type_object);
    if (known)
      check_value (check, known, member, inner);
    else if (!others)
      report (check, inner, _ ("is not a field that is known here"));
  }
}

static void
check_choices (Check *check, GbJson *schema, GbJson *value, const char *field)
{
  GbJson *constant = NULL;
  guint n = gb_json_get_length (schema, "enum");
  gboolean found = !n;
  for (guint i = 0; i < n; i++)
    found |= json_object_equal (value, gb_json_get_nth (schema, "enum", i));
  if (!found)
    report (check, field, _ ("%s is not one of %s"), json_object_to_json_string (value),
            json_object_to_json_string (gb_json_get (schema, "enum", json_type_array)));
  if (json_object_object_get_ex (schema, "const", &constant) && !json_object_equal (value, constant))
    report (check, field, _ ("%s is not one of %s"), json_object_to_json_string (value),
            json_object_to_json_string (constant));
}

/* Schemas that hold beside this one: $ref, allOf, and the branch that if chooses. */
static void
check_others (Check *check, GbJson *schema, GbJson *value, const char *field)
{
  GbJson *reference = gb_json_get (schema, "$ref", json_type_string);
  GbJson *condition = gb_json_get (schema, "if", json_type_object);
  if (reference)
    {
      const char *slash = strrchr (json_object_get_string (reference), '/');
      GbJson *definitions = gb_json_get (check->schema, "definitions", json_type_object);
      GbJson *target = gb_json_get (definitions, slash ? slash + 1 : "", json_type_object);
      if (target)
        check_value (check, target, value, field);
      else
        report (check, field, "%s", json_object_get_string (reference));
    }
  for (guint i = 0; i < gb_json_get_length (schema, "allOf"); i++)
    check_value (check, gb_json_get_nth (schema, "allOf", i), value, field);
  if (condition)
    {
      Check silent = { check->file, check->schema, NULL, 0 };
      check_value (&silent, condition, value, field);
      GbJson *branch = gb_json_get (schema, silent.n_problems ? "else" : "then", json_type_object);
      if (branch)
        check_value (check, branch, value, field);
    }
}

static void
check_value (Check *check, GbJson *schema, GbJson *value, const char *field)
{
  GbJson *type = gb_json_get (schema, "type", json_type_string);
  if (type && !is_of_type (value, json_object_get_string (type)))
    {
      report (check, field, _ ("is not of the type %s"), json_object_get_string (type));
      return;
    }
  check_others (check, schema, value, field);
  check_choices (check, schema, value, field);
  switch (json_object_get_type (value))
    {
    case json_type_string:
      check_string (check, schema, value, field);
      break;
    case json_type_int:
    case json_type_double:
      check_number (check, schema, value, field);
      break;
    case json_type_array:
      check_array (check, schema, value, field);
      break;
    case json_type_object:
      check_object (check, schema, value, field);
      break;
    default:
      break;
    }
}

void
gb_json_schema_check (const GbJsonFile *file, GbJson *schema, GPtrArray *problems)
{
  Check check = { file, schema, problems, 0 };
  check_value (&check, schema, file->root, "");
}
