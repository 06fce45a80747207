#include "checker/hidden-check.h"

#include <string.h>

#include "checker/pytorch.h"

/* All requests as one JSON list, or NULL. */
static char *
requests_text (const GbCase *which, const char *path, GPtrArray *texts, guint seed)
{
  GString *list = g_string_new ("[");
  for (guint i = 0; i < texts->len; i++)
    {
      g_autofree char *request = gb_hidden_check_request (which, path, g_ptr_array_index (texts, i), seed);
      if (!request)
        {
          g_string_free (list, TRUE);
          return NULL;
        }
      g_string_append_printf (list, "%s%s", i ? ", " : "", request);
    }
  g_string_append_c (list, ']');
  return g_string_free (list, FALSE);
}

/* "request": what follows is of the verdict with that number; "status": of its check's process. */
static void
take_lines (GPtrArray *verdicts, const char *output, const char *errors)
{
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  GbVerdict *verdict = NULL;
  for (guint i = 0; lines[i]; i++)
    {
      GbJson *said = json_tokener_parse (lines[i]);
      GbJson *request = gb_json_get (said, "request", json_type_int),
             *status = gb_json_get (said, "status", json_type_int);
      if (request && json_object_get_uint64 (request) < verdicts->len)
        verdict = g_ptr_array_index (verdicts, json_object_get_uint64 (request));
      else if (verdict && status && json_object_get_int (status) != 0)
        verdict->fault = g_strdup (errors);
      else if (verdict)
        gb_verdict_take_line (verdict, lines[i]);
      json_object_put (said);
    }
}

GPtrArray *
gb_hidden_check_run_on_pytorch (const GbCase *which, const char *path, GPtrArray *texts, guint seed)
{
  GPtrArray *verdicts = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_verdict_free);
  g_autofree char *requests = requests_text (which, path, texts, seed), *output = NULL, *errors = NULL;
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < texts->len; i++)
    g_ptr_array_add (verdicts, gb_verdict_new ());
  if (requests && gb_pytorch_run ("gradboard_check.py", NULL, NULL, requests, &output, &errors, &error))
    take_lines (verdicts, output, errors);
  for (guint i = 0; i < verdicts->len; i++)
    {
      GbVerdict *verdict = g_ptr_array_index (verdicts, i);
      for (guint k = 0; k < verdict->rows->len; k++)
        verdict->seconds += ((GbVerdictRow *) g_ptr_array_index (verdict->rows, k))->seconds;
      if (!verdict->n_checks && !verdict->fault)
        verdict->fault = g_strdup (error ? error->message : errors ? errors : "check.py");
    }
  return verdicts;
}
