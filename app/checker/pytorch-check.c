#include "checker/hidden-check.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "paths.h"

#define CHANNEL_FD 6 /* as gradboard_check.py has it */

static GSubprocess *
spawn (int channel, GSubprocessFlags flags, const char *mode, const char *request, GError **error)
{
  g_autofree char *folder = g_build_filename (gb_paths_get_data_dir (), "python", NULL);
  g_autofree char *file = g_build_filename (folder, "gradboard_check.py", NULL);
  const char *argv[] = { "/usr/bin/python3", file, mode, request, NULL };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_subprocess_launcher_setenv (launcher, "PYTHONPATH", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "PYTHONDONTWRITEBYTECODE", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "ATEN_CPU_CAPABILITY", "avx2", TRUE);
  g_subprocess_launcher_setenv (launcher, "OPENBLAS_NUM_THREADS", "1", TRUE);
  g_subprocess_launcher_take_fd (launcher, channel, CHANNEL_FD);
  return g_subprocess_launcher_spawnv (launcher, argv, error);
}

GbVerdict *
gb_hidden_check_run_on_pytorch (const GbCase *which, const char *path, const char *text, guint seed)
{
  GbVerdict *verdict = gb_verdict_new ();
  g_autofree char *request = gb_hidden_check_request (which, path, text, seed);
  g_autofree char *output = NULL, *errors = NULL;
  g_autoptr (GError) error = NULL;
  int pair[2];
  gint64 begin = g_get_monotonic_time ();
  if (!request || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
    {
      verdict->fault = g_strdup ("check.py");
      return verdict;
    }
  g_autoptr (GSubprocess) program = spawn (
      pair[0], G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, "serve", NULL, &error);
  g_autoptr (GSubprocess) check =
      program ? spawn (pair[1], G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, "check", request,
                       &error)
              : NULL;
  if (check && g_subprocess_communicate_utf8 (check, NULL, NULL, &output, &errors, &error))
    {
      g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
      for (guint i = 0; lines[i]; i++)
        gb_verdict_take_line (verdict, lines[i]);
      if (!g_subprocess_get_if_exited (check) || g_subprocess_get_exit_status (check) != 0)
        verdict->fault = g_strdup (errors);
    }
  else
    verdict->fault = g_strdup (error->message);
  if (program)
    g_subprocess_force_exit (program);
  verdict->seconds = (double) (g_get_monotonic_time () - begin) / 1e6;
  return verdict;
}
