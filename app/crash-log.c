#include "crash-log.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_KEPT    5
#define N_FRAMES  64
#define FATAL     "fatal signal: " /* a log with this line is of a crash */
#define MAX_BYTES (1 << 20)        /* a program that warns for hours does not fill the disk */

static int log_fd = -1;
static char *log_path;
static gsize n_written;
static char signal_stack[1 << 16]; /* a recursion without end has used up the program's own */

/* ---- writing ---- */

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) && log_fd >= 0 && n_written < MAX_BYTES)
    {
      g_autofree char *line = g_log_writer_format_fields (level, fields, n_fields, FALSE);
      g_autofree char *all = g_strconcat (line, "\n", NULL);
      if (write (log_fd, all, strlen (all)) > 0)
        n_written += strlen (all);
    }
  return g_log_writer_default (level, fields, n_fields, data);
}

static const struct
{
  int number;
  const char *text;
} fatal_signals[] = {
  { SIGSEGV, FATAL "SIGSEGV\n" }, { SIGBUS, FATAL "SIGBUS\n" }, { SIGILL, FATAL "SIGILL\n" },
  { SIGFPE, FATAL "SIGFPE\n" },   { SIGABRT, FATAL "SIGABRT\n" },
};

/* Only what may be called in a signal's handler; backtrace() was called once before, so it loads nothing here. */
static void
on_fatal (int number)
{
  void *frames[N_FRAMES];
  for (gsize i = 0; i < G_N_ELEMENTS (fatal_signals); i++)
    if (fatal_signals[i].number == number && write (log_fd, fatal_signals[i].text, strlen (fatal_signals[i].text)) > 0)
      backtrace_symbols_fd (frames, backtrace (frames, N_FRAMES), log_fd);
  raise (number); /* the handler is gone by now: it ends as it would have ended */
}

void
gb_crash_log_begin (const char *folder)
{
  void *frame;
  struct sigaction action = { .sa_handler = on_fatal, .sa_flags = (int) (SA_RESETHAND | SA_ONSTACK) };
  stack_t stack = { .ss_sp = signal_stack, .ss_size = sizeof signal_stack };
  if (log_path || g_mkdir_with_parents (folder, 0700))
    return;
  g_autofree char *name = g_strdup_printf ("%d.log", (int) getpid ());
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format_iso8601 (now);
  g_autofree char *head = g_strdup_printf ("gradboard %s, %s\n", GRADBOARD_VERSION, date);
  log_path = g_build_filename (folder, name, NULL);
  log_fd = g_open (log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd < 0 || write (log_fd, head, strlen (head)) < 0)
    return;
  backtrace (&frame, 1);
  sigaltstack (&stack, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (fatal_signals); i++)
    sigaction (fatal_signals[i].number, &action, NULL);
}

void
gb_crash_log_end (void)
{
  if (log_path)
    g_unlink (log_path);
}

/* ---- what was left ---- */

static gboolean
is_of_a_crash (const char *path)
{
  g_autofree char *text = NULL;
  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "\n" FATAL) != NULL;
}

static char *
keep (const char *folder, const char *path)
{
  GStatBuf about;
  if (g_stat (path, &about))
    return NULL;
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_local (about.st_mtime);
  g_autofree char *date = g_date_time_format (when, "crash-%Y-%m-%d-%H%M%S"), *name = g_path_get_basename (path);
  g_autofree char *all = g_strconcat (date, "-", name, NULL); /* two may have ended in one second */
  char *kept = g_build_filename (folder, all, NULL);
  return g_rename (path, kept) ? (g_free (kept), NULL) : kept;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  return -strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
gb_crash_log_take (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  char *newest = NULL;
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      char *end;
      g_autofree char *path = g_build_filename (folder, name, NULL);
      guint64 pid = g_ascii_strtoull (name, &end, 10);
      if (g_str_has_prefix (name, "crash-"))
        g_ptr_array_add (kept, g_steal_pointer (&path));
      else if (pid > 0 && strcmp (end, ".log") == 0 && kill ((pid_t) pid, 0) && errno == ESRCH)
        {
          char *here = is_of_a_crash (path) ? keep (folder, path) : NULL;
          if (!here)
            g_unlink (path);
          else
            {
              if (!newest || strcmp (here, newest) > 0)
                {
                  g_free (newest);
                  newest = g_strdup (here);
                }
              g_ptr_array_add (kept, here);
            }
        }
    }
  g_ptr_array_sort (kept, compare_newest_first);
  for (guint i = N_KEPT; i < kept->len; i++)
    g_unlink (kept->pdata[i]);
  return newest;
}
