#include "checker/pytorch.h"

#include <gio/gio.h>
#include <string.h>

#include "common/i18n.h"
#include "library/json-file.h"
#include "paths.h"

#define PYTHON "/usr/bin/python3"

/* It ends by itself when we do: nothing more comes to its standard input then. */
static struct
{
  GSubprocess *process;
  GDataInputStream *answers;
} server;

gboolean
gb_pytorch_is_installed (void)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_subprocess_launcher_unsetenv (launcher, "PYTHONPATH");
  g_autoptr (GSubprocess) child = g_subprocess_launcher_spawn (
      launcher, NULL, PYTHON, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)", NULL);
  return child && g_subprocess_wait_check (child, NULL, NULL);
}

static gboolean
start (const char *folder, GError **error)
{
  if (server.process)
    return TRUE;
  g_autofree char *file = g_build_filename (folder, "serve_pytorch.py", NULL);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  /* How agreement is defined: DESIGN.md, "What the same as PyTorch means". */
  g_subprocess_launcher_setenv (launcher, "PYTHONPATH", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "PYTHONDONTWRITEBYTECODE", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "ATEN_CPU_CAPABILITY", "avx2", TRUE);
  g_subprocess_launcher_setenv (launcher, "OPENBLAS_NUM_THREADS", "1", TRUE);
  server.process = g_subprocess_launcher_spawn (launcher, error, PYTHON, file, NULL);
  if (!server.process)
    return FALSE;
  server.answers = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server.process));
  return TRUE;
}

static void
stop (void)
{
  g_subprocess_force_exit (server.process);
  g_clear_object (&server.answers);
  g_clear_object (&server.process);
}

/* One line, owned. */
static char *
request_text (const char *path, const char *folder, const char *const *args, const char *input)
{
  GbJson *request = json_object_new_object (), *argv = json_object_new_array ();
  json_object_array_add (argv, json_object_new_string (path));
  for (gsize i = 0; args && args[i]; i++)
    json_object_array_add (argv, json_object_new_string (args[i]));
  json_object_object_add (request, "argv", argv);
  json_object_object_add (request, "folder", folder ? json_object_new_string (folder) : NULL);
  json_object_object_add (request, "input", input ? json_object_new_string (input) : NULL);
  char *text = g_strconcat (json_object_to_json_string_ext (request, JSON_C_TO_STRING_PLAIN), "\n", NULL);
  json_object_put (request);
  return text;
}

gboolean
gb_pytorch_run (const char *script,
                const char *folder,
                const char *const *args,
                const char *input,
                char **output,
                char **errors,
                GError **error)
{
  g_autofree char *python = g_build_filename (gb_paths_get_data_dir (), "python", NULL);
  g_autofree char *path = g_build_filename (python, script, NULL);
  g_autofree char *request = request_text (path, folder, args, input), *line = NULL;
  *output = *errors = NULL;
  if (start (python, error)
      && g_output_stream_write_all (g_subprocess_get_stdin_pipe (server.process), request, strlen (request), NULL, NULL,
                                    error))
    line = g_data_input_stream_read_line (server.answers, NULL, NULL, error);
  GbJson *answer = line ? json_tokener_parse (line) : NULL;
  GbJson *status = gb_json_get (answer, "status", json_type_int);
  gboolean ended_well = status && json_object_get_int (status) == 0;
  *output = g_strdup (status ? json_object_get_string (gb_json_get (answer, "output", json_type_string)) : "");
  *errors = g_strdup (status ? json_object_get_string (gb_json_get (answer, "errors", json_type_string)) : "");
  json_object_put (answer);
  if (!status && error && !*error)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("the process that runs PyTorch ended"));
  /* The next one starts it again. */
  if (!status && server.process)
    stop ();
  return ended_well;
}
