#include "models/show-labels.h"

#include <json-c/json.h>

static char **
strings_of (struct json_object *array, guint *n)
{
  GPtrArray *strings = g_ptr_array_new ();
  *n = (guint) json_object_array_length (array);
  for (guint i = 0; i < *n; i++)
    {
      struct json_object *one = json_object_array_get_idx (array, i);
      /* 0.1 + 0.2 as a place on an axis is 0.3. */
      g_ptr_array_add (strings, json_object_is_type (one, json_type_double)
                                    ? g_strdup_printf ("%.4g", json_object_get_double (one))
                                    : g_strdup (one ? json_object_get_string (one) : ""));
    }
  g_ptr_array_add (strings, NULL);
  return (char **) g_ptr_array_free (strings, FALSE);
}

gboolean
gb_show_labels_read (GbShowLabels *self, const char *json)
{
  struct json_object *root = json && *json ? json_tokener_parse (json) : NULL, *first, *second;
  *self = (GbShowLabels){ 0 };
  if (json_object_is_type (root, json_type_array) && json_object_array_length (root) > 0)
    {
      first = json_object_array_get_idx (root, 0);
      second = json_object_array_get_idx (root, 1);
      if (!json_object_is_type (first, json_type_array))
        self->columns = strings_of (root, &self->n_columns);
      else if (json_object_array_length (root) == 1)
        self->columns = strings_of (first, &self->n_columns);
      else if (json_object_array_length (root) == 2 && json_object_is_type (second, json_type_array))
        {
          self->rows = strings_of (first, &self->n_rows);
          self->columns = strings_of (second, &self->n_columns);
        }
    }
  json_object_put (root);
  return self->columns != NULL;
}

gboolean
gb_show_labels_find (GbShowLabels *self, GbTrace *trace, guint64 tensor, guint64 seq)
{
  *self = (GbShowLabels){ 0 };
  for (guint i = gb_trace_get_n_shows (trace); i-- > 0;)
    {
      const GbShow *show = gb_trace_get_show (trace, i);
      if (show->seq <= seq && show->tensor == tensor && gb_show_labels_read (self, show->labels))
        return TRUE;
    }
  return FALSE;
}

void
gb_show_labels_clear (GbShowLabels *self)
{
  g_clear_pointer (&self->rows, g_strfreev);
  g_clear_pointer (&self->columns, g_strfreev);
}
