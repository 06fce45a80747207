#include "crash-log.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder;

static void
run_child (void (*end) (void))
{
  int status;
  pid_t pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      /* The harness' own handling of warnings is the parent's. */
      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      gb_crash_log_begin (folder);
      end ();
      _exit (0);
    }
  waitpid (pid, &status, 0);
}

static void
end_well (void)
{
  gb_crash_log_end ();
}

static void
end_by_fault (void)
{
  g_log_structured ("test", G_LOG_LEVEL_WARNING, "MESSAGE", "a warning before it");
  raise (SIGSEGV);
}

/* Nothing is left of the stack on which the handler would run. */
static int
recur (int depth)
{
  volatile char room[4096];
  room[0] = 1;
  return depth == 0 ? 0 : recur (depth - 1) + room[0];
}

static void
end_by_recursion (void)
{
  struct rlimit small = { 1 << 20, 1 << 20 };
  setrlimit (RLIMIT_STACK, &small);
  recur (G_MAXINT);
}

static void
end_killed (void)
{
  raise (SIGKILL);
}

static void
test_no_crash (void)
{
  run_child (end_well);
  run_child (end_killed);
  g_assert_null (gb_crash_log_take (folder));
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
}

static void
test_crash (void)
{
  g_autofree char *text = NULL;
  run_child (end_by_fault);
  g_autofree char *path = gb_crash_log_take (folder);
  g_assert_nonnull (path);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "gradboard "));
  g_assert_nonnull (strstr (text, "a warning before it"));
  g_assert_nonnull (strstr (text, "fatal signal: SIGSEGV"));
  g_assert_nonnull (strstr (text, "[0x")); /* the stack */
  /* It is told of once, and kept. */
  g_assert_null (gb_crash_log_take (folder));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_recursion (void)
{
  g_autofree char *text = NULL;
  run_child (end_by_recursion);
  g_autofree char *path = gb_crash_log_take (folder);
  g_assert_nonnull (path);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "fatal signal: SIGSEGV"));
  g_assert_nonnull (strstr (text, "[0x"));
  g_unlink (path);
}

static guint
count_kept (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;
  while (g_dir_read_name (dir))
    n++;
  return n;
}

/* Both within a second: neither takes the other's place. */
static void
test_two_at_once (void)
{
  guint before = count_kept ();
  run_child (end_by_fault);
  run_child (end_by_fault);
  g_free (gb_crash_log_take (folder));
  g_assert_cmpuint (count_kept (), ==, before + 2);
}

static void
test_few_are_kept (void)
{
  for (int i = 0; i < 9; i++)
    {
      g_autofree char *name = g_strdup_printf ("crash-2020-01-0%d-000000.log", i + 1);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_file_set_contents (path, "old", -1, NULL);
    }
  g_assert_null (gb_crash_log_take (folder));
  g_assert_cmpuint (count_kept (), ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("crash-log-XXXXXX", NULL);
  g_test_add_func ("/crash-log/no-crash", test_no_crash);
  g_test_add_func ("/crash-log/crash", test_crash);
  g_test_add_func ("/crash-log/recursion", test_recursion);
  g_test_add_func ("/crash-log/two-at-once", test_two_at_once);
  g_test_add_func ("/crash-log/few-are-kept", test_few_are_kept);
  return g_test_run ();
}
