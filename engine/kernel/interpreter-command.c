#include "kernel/interpreter-command.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/places.h"
#include "kernel/hidden-paths.h"

static struct json_object *
json_strings (const char *const *strings)
{
  struct json_object *array = json_object_new_array ();
  for (; strings && *strings; strings++)
    json_object_array_add (array, json_object_new_string (*strings));
  return array;
}

/* A script beside a person's other things (a home, /tmp, /etc) must not open all of them. */
static gboolean
is_too_much (const char *folder)
{
  static const char *const never[] = { "/",    "/root",    "/home",  "/etc", "/tmp",
                                       "/var", "/var/tmp", "/proc",  "/sys", "/dev",
                                       "/run", "/mnt",     "/media", "/srv", NULL };
  g_autofree char *parent = g_path_get_dirname (folder);
  return g_strv_contains (never, folder) || g_strcmp0 (folder, g_get_home_dir ()) == 0
         || g_strcmp0 (parent, "/home") == 0;
}

static void
add_readable (GPtrArray *list, const char *path)
{
  g_autofree char *real = realpath (path, NULL);
  if (!real)
    return;
  if (!g_file_test (real, G_FILE_TEST_IS_DIR) || !is_too_much (real))
    {
      g_ptr_array_add (list, g_strdup (real));
      return;
    }
  GDir *dir = g_dir_open (real, 0, NULL);
  const char *name;
  while (dir && list->len < 48 && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".py"))
      {
        char *file = g_build_filename (real, name, NULL);
        if (g_file_test (file, G_FILE_TEST_IS_REGULAR) && !g_file_test (file, G_FILE_TEST_IS_SYMLINK))
          g_ptr_array_add (list, file);
        else
          g_free (file);
      }
  if (dir)
    g_dir_close (dir);
}

static char *
make_plan_text (const GbInterpreterPlan *plan, const char *const *readable, const char *const *hidden)
{
  const char *torch = te_place_get (TE_PLACE_TORCH);
  const char *board = te_place_get (TE_PLACE_BOARD);
  const char *needed[] = { torch, board, NULL };
  struct json_object *json = json_object_new_object ();
  json_object_object_add (json, "scratch", json_object_new_string (plan->scratch));
  json_object_object_add (json, "torch", json_object_new_string (torch));
  json_object_object_add (json, "board", json_object_new_string (board));
  json_object_object_add (json, "readable", json_strings (readable));
  json_object_object_add (json, "hidden", json_strings (hidden));
  json_object_object_add (json, "needed", json_strings (needed));
  json_object_object_add (json, "memory_nbytes", json_object_new_int64 ((gint64) plan->memory_nbytes));
  json_object_object_add (json, "output_nbytes", json_object_new_int64 ((gint64) plan->output_nbytes));
  json_object_object_add (json, "file_nbytes", json_object_new_int64 ((gint64) plan->scratch_nbytes));
  /* Semaphores of multiprocessing live in /dev/shm; only a private one may be written. */
  json_object_object_add (json, "private_shm", json_object_new_int (plan->bubblewrap));
  json_object_object_add (json, "door_loopback", json_object_new_int (plan->door_loopback));
  json_object_object_add (json, "door_exec", json_object_new_int (plan->door_exec));
  json_object_object_add (json, "channel", json_object_new_int (plan->channel > 0));
  char *text = g_strdup (json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN));
  json_object_put (json);
  return text;
}

static void
add_arguments (GPtrArray *argv, const char *first, ...)
{
  va_list more;
  va_start (more, first);
  for (const char *at = first; at; at = va_arg (more, const char *))
    g_ptr_array_add (argv, g_strdup (at));
  va_end (more);
}

/* Folders that bubblewrap makes on the way to a bind are closed to others unless they are asked for by name.
 */
static void
add_parents (GPtrArray *argv, const char *path)
{
  for (const char *slash = strchr (path + 1, '/'); slash; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *parent = g_strndup (path, (gsize) (slash - path));
      add_arguments (argv, "--dir", parent, NULL);
    }
}

/* Empty in place of what is hidden, where a bind has brought it along. */
static void
add_masks (GPtrArray *argv, const char *const *binds, const char *const *hidden)
{
  for (; *hidden; hidden++)
    for (const char *const *bind = binds; *bind; bind++)
      {
        gsize n = strlen (*bind);
        if (strncmp (*hidden, *bind, n) != 0 || ((*hidden)[n] && (*hidden)[n] != '/'))
          continue;
        if (g_file_test (*hidden, G_FILE_TEST_IS_DIR))
          add_arguments (argv, "--tmpfs", *hidden, NULL);
        else
          add_arguments (argv, "--ro-bind", "/dev/null", *hidden, NULL);
        break;
      }
}

static void
add_bubblewrap (GPtrArray *argv,
                const GbInterpreterPlan *plan,
                const char *const *readable,
                const char *const *hidden,
                const char *program)
{
  add_arguments (argv, "bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
                 "--unshare-cgroup-try", NULL);
  if (!plan->door_loopback)
    add_arguments (argv, "--unshare-net", NULL);
  if (geteuid () == 0)
    add_arguments (argv, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_CHOWN",
                   NULL);
  static const char *const system[] = { "/usr",
                                        "/lib",
                                        "/lib64",
                                        "/bin",
                                        "/sbin",
                                        "/opt",
                                        "/etc/alternatives",
                                        "/etc/ld.so.cache",
                                        "/etc/localtime",
                                        "/etc/matplotlibrc",
                                        NULL };
  for (const char *const *path = system; *path; path++)
    {
      add_parents (argv, *path);
      add_arguments (argv, "--ro-bind-try", *path, *path, NULL);
    }
  add_parents (argv, "/sys/devices/system/cpu");
  add_arguments (argv, "--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm",
                 "--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu", NULL);
  for (const char *const *path = readable; *path; path++)
    {
      add_parents (argv, *path);
      add_arguments (argv, "--ro-bind-try", *path, *path, NULL);
    }
  add_masks (argv, system, hidden);
  add_masks (argv, readable, hidden);
  g_autofree char *folder = g_path_get_dirname (program);
  add_parents (argv, folder);
  add_parents (argv, plan->scratch);
  add_arguments (argv, "--ro-bind", folder, folder, "--bind", plan->scratch, plan->scratch, "--chdir",
                 plan->scratch, "--", NULL);
}

GPtrArray *
gb_interpreter_command (const GbInterpreterPlan *plan)
{
  const char *program = te_place_get (TE_PLACE_INTERPRETER);
  g_autoptr (GPtrArray) readable = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  add_readable (readable, te_place_get (TE_PLACE_TORCH));
  add_readable (readable, te_place_get (TE_PLACE_BOARD));
  for (const char *const *path = plan->readable; path && *path; path++)
    add_readable (readable, *path);
  g_ptr_array_add (readable, NULL);
  g_auto (GStrv) hidden = gb_hidden_paths_list ();
  const char *const *masked = (const char *const *) hidden;
  if (plan->bubblewrap)
    add_bubblewrap (argv, plan, (const char *const *) readable->pdata, masked, program);
  g_ptr_array_add (argv, g_strdup (program));
  g_ptr_array_add (argv, make_plan_text (plan, (const char *const *) readable->pdata, masked));
  g_ptr_array_add (argv, NULL);
  return argv;
}
