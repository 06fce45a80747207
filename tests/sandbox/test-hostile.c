/* Programs that loop, crash, eat or pry, each with and without bubblewrap: every one ends with a clear status
 * and a clear word, and the next program runs. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

typedef struct
{
  const char *name, *program;
  const char *options;   /* of gradboard run, separated by spaces */
  int status;            /* -1: any but 0 */
  const char *out, *err; /* must be in the output; NULL: anything */
  double seconds_most;
} Case;

static const Case cases[] = {
  { "syntax-error", "x = (1,\nprint(x", "", 1, NULL, "SyntaxError: '(' was never closed", 5 },
  { "unknown-name", "import torch\ntorch.matmull(1)\n", "", 1, NULL,
    "AttributeError: module 'torch' has no attribute 'matmull'", 5 },
  { "wrong-shape", "import torch\ntorch.ones(2, 3) + torch.ones(4)\n", "", 1, NULL,
    "RuntimeError: The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1",
    5 },
  { "endless-loop", "print('begin')\nwhile True:\n    pass\n", "--seconds=0.5", 124, "begin",
    "its time was up", 5 },
  { "abort", "import os\nos.abort()\n", "", 134, NULL, "The program crashed its process: Aborted (signal 6)",
    5 },
  { "segfault", "import ctypes\nprint('before')\nctypes.string_at(0)\n", "", 139, "before",
    "Segmentation fault", 5 },
  { "memory-bomb", "x = []\nwhile True:\n    x.append(bytearray(1 << 24))\n", "--memory=300", 1, NULL,
    "MemoryError", 20 },
  { "memory-tensor", "import torch\ntorch.zeros(1 << 34)\n", "--memory=300", 1, NULL, "Error", 5 },
  { "fork-bomb",
    "import os, time\nn = 0\nwhile True:\n    try:\n        pid = os.fork()\n    except OSError as e:\n"
    "        print('refused after', n, e.errno)\n        break\n    if pid == 0:\n        time.sleep(30)\n"
    "        os._exit(0)\n    n += 1\n",
    "", 0, "refused after 24 11", NULL, 10 },
  { "read-passwd", "print(open('/etc/passwd').read())\n", "", 1, NULL, "Error: [Errno ", 5 },
  { "read-home", "import os\nprint(os.listdir('/root'), os.listdir('/home'))\n", "", 1, NULL,
    "Error: [Errno ", 5 },
  { "read-shadow-by-link", "import os\nos.symlink('/etc/shadow', 'x')\nopen('x').read()\n", "", 1, NULL,
    "Error: [Errno ", 5 },
  { "write-outside", "open('/usr/lib/python3.11/os.py', 'a')\n", "", 1, NULL, "Error: [Errno ", 5 },
  { "write-scratch", "open('mine.txt', 'w').write('kept')\nprint(open('mine.txt').read())\n", "", 0, "kept",
    NULL, 5 },
  { "socket", "import socket\nsocket.socket()\n", "", 1, NULL, "PermissionError", 5 },
  { "start-program", "import subprocess\nsubprocess.run(['/bin/ls'])\n", "", 1, NULL, "Error", 5 },
  { "exec", "import os\nos.execv('/bin/sh', ['sh'])\n", "", 1, NULL, "PermissionError", 5 },
  { "kill-parent",
    "import os, signal\ntry:\n    os.kill(os.getppid(), signal.SIGKILL)\nexcept OSError as e:\n    "
    "print('refused', e.errno)\n"
    "print('alive')\n",
    "", 0, "alive", NULL, 5 },
  { "kill-everybody",
    "import os, signal\nmine = {int(t) for t in os.listdir('/proc/self/task')}\nfor p in range(2, 70000):\n  "
    "  if p not in mine:\n        try:\n"
    "            os.kill(p, signal.SIGKILL)\n        except OSError:\n            pass\nprint('alive')\n",
    "", 0, "alive", NULL, 5 },
  { "print-bomb", "while True:\n    print('x' * 1000)\n", "--output=8", 126, NULL,
    "stopped because it printed more than is allowed", 20 },
  { "raw-print-bomb", "import os\nwhile True:\n    os.write(1, b'x' * 65536)\n", "", 126, NULL,
    "stopped because it printed more than is allowed", 20 },
  { "close-channels",
    "import os\nfor fd in range(3, 64):\n    try:\n        os.close(fd)\n    except OSError:\n        pass\n",
    "--seconds=3", -1, NULL, NULL, 10 },
  { "nonsense-on-channel", "import os\nos.write(3, b'nonsense' * 100)\nimport time\ntime.sleep(20)\n", "", -1,
    NULL, "overwrote the channel", 10 },
  { "nonsense-in-ring",
    "import mmap, time\nm = mmap.mmap(4, 0)\nfor i in range(1000):\n    print('again')\n    m[4096:65536] = "
    "b'\\xee' "
    "* (65536 - 4096)\n    time.sleep(0.02)\n",
    "", -1, NULL, "corrupt", 10 },
  { "data-beside",
    "text = open('beside.txt').read()\nopen('beside.txt', 'w').write('changed')\nprint(text, "
    "open('beside.txt').read())\n",
    "", 0, "original changed", NULL, 5 },
  { "folder-beside",
    "import os\ntext = open('out/deep/beside.txt').read()\nos.makedirs('out/deep', exist_ok=True)\n"
    "open('out/deep/beside.txt', 'w').write('changed')\nopen('out/new.txt', 'w').write('new')\n"
    "print(text, open('out/deep/beside.txt').read(), sorted(os.listdir('out')))\n",
    "", 0, "inside changed ['deep', 'new.txt']", NULL, 5 },
  { "exit-status", "import sys\nsys.exit(7)\n", "", 7, NULL, NULL, 5 },
  { "exit-text", "import sys\nsys.exit('that is all')\n", "", 1, NULL, "that is all", 5 },
  { "os-exit", "import os\nos._exit(9)\n", "", 9, NULL, NULL, 5 },
  { "uncatchable",
    "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass\n",
    "--seconds=0.5", 124, NULL, "its time was up", 5 },
  { "new-session", "import os\ntry:\n    os.setsid()\nexcept OSError:\n    print('refused')\n", "", 0,
    "refused", NULL, 5 },
  { "orphan", "import os, time\nif os.fork() == 0:\n    time.sleep(60)\nprint('left')\n", "", 0, "left", NULL,
    5 },
  /* Snapshots and loaders fork: an interpreter that has run OpenBLAS, the pool and Python threads goes on on
   * both sides, with the same bits. */
  { "fork-after-work",
    "import os, threading, torch\ntorch.manual_seed(0)\nx = torch.randn(300, 300)\ny = float((x @ x).sum())\n"
    "z = float(torch.randn(1 << 20).exp().sum())\n"
    "t = threading.Thread(target=lambda: x @ x)\nt.start()\nt.join()\nr, w = os.pipe()\npid = os.fork()\n"
    "same = float((x @ x).sum()) == y\nif pid == 0:\n    os.write(w, b'%d' % same)\n    print('from the "
    "child')\n"
    "    os._exit(3)\n_, status = os.waitpid(pid, 0)\nos.close(w)\n"
    "print('both', same, os.read(r, 9) == b'1', os.WEXITSTATUS(status))\n",
    "", 0, "both True True 3", NULL, 10 },
};

static char *folder;

static void
run_case (gconstpointer data)
{
  const Case *c = ((gpointer *) data)[0];
#if defined(__SANITIZE_ADDRESS__)
  if (strstr (c->options, "--memory"))
    {
      g_test_skip ("the sanitizer's own mappings leave no room for a limit on memory");
      return;
    }
#endif
  gboolean bubblewrap = ((gpointer *) data)[1] != NULL;
  g_autofree char *path = g_build_filename (folder, "program.py", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *beside = g_build_filename (folder, "beside.txt", NULL), *kept = NULL;
  g_assert_true (g_file_set_contents (path, c->program, -1, NULL));
  g_assert_true (g_file_set_contents (beside, "original", -1, NULL));
  g_autofree char *deep = g_build_filename (folder, "out", "deep", NULL),
                  *inside = g_build_filename (deep, "beside.txt", NULL);
  g_mkdir_with_parents (deep, 0755);
  g_assert_true (g_file_set_contents (inside, "inside", -1, NULL));
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (argv, g_strdup (g_getenv ("GRADBOARD")));
  g_ptr_array_add (argv, g_strdup ("run"));
  if (!bubblewrap)
    g_ptr_array_add (argv, g_strdup ("--no-bubblewrap"));
  if (*c->options)
    g_ptr_array_add (argv, g_strdup (c->options));
  g_ptr_array_add (argv, g_strdup (path));
  g_ptr_array_add (argv, NULL);
  g_autoptr (GSubprocess) process =
      g_subprocess_newv ((const char *const *) argv->pdata,
                         G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GBytes) out = NULL, err = NULL;
  g_assert_true (g_subprocess_communicate (process, NULL, NULL, &out, &err, &error));
  double seconds = (double) (g_get_monotonic_time () - start) / 1e6;
  g_assert_true (g_subprocess_get_if_exited (process));
  int status = g_subprocess_get_exit_status (process);
  g_autofree char *out_text = g_strndup (g_bytes_get_data (out, NULL), MIN (g_bytes_get_size (out), 100000));
  g_autofree char *err_text = g_strndup (g_bytes_get_data (err, NULL), MIN (g_bytes_get_size (err), 100000));
  if (c->status >= 0 ? status != c->status : status == 0)
    g_error ("%s: status %d instead of %d; stderr: %s", c->name, status, c->status, err_text);
  g_assert_true (g_file_get_contents (beside, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "original");
  g_clear_pointer (&kept, g_free);
  g_assert_true (g_file_get_contents (inside, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "inside");
  g_unlink (beside);
  g_unlink (inside);
  g_rmdir (deep);
  g_autofree char *outer = g_path_get_dirname (deep);
  g_rmdir (outer);
  if (c->out && !strstr (out_text, c->out))
    g_error ("stdout lacks '%s': %.2000s\nstderr: %.2000s", c->out, out_text, err_text);
  if (c->err && !strstr (err_text, c->err))
    g_error ("stderr lacks '%s': %.2000s", c->err, err_text);
  g_assert_cmpfloat (seconds, <, c->seconds_most * 4); /* machines differ; hangs do not */
}

/* Nothing of any of them is left. */
static void
test_nothing_stays (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL), *text = NULL;
      gsize nbytes;
      if (!g_ascii_isdigit (*name) || !g_file_get_contents (path, &text, &nbytes, NULL))
        continue;
      for (gsize i = 0; i + 1 < nbytes; i++)
        if (!text[i])
          text[i] = ' ';
      if (nbytes && strstr (text, "gradboard-python") && strstr (text, folder))
        g_error ("process %s is still there: %.200s", name, text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("gradboard-test-XXXXXX", NULL);
  g_chmod (folder, 0755);
  g_autofree char *bwrap = g_find_program_in_path ("bwrap");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int with = 0; with < (bwrap ? 2 : 1); with++)
      {
        gpointer *data = g_new0 (gpointer, 2);
        data[0] = (gpointer) &cases[i];
        data[1] = GINT_TO_POINTER (with);
        g_autofree char *path =
            g_strdup_printf ("/sandbox/%s/%s", with ? "bubblewrap" : "plain", cases[i].name);
        g_test_add_data_func_full (path, data, run_case, g_free);
      }
  g_test_add_func ("/sandbox/nothing-stays", test_nothing_stays);
  int status = g_test_run ();
  g_autofree char *path = g_build_filename (folder, "program.py", NULL);
  g_unlink (path);
  g_rmdir (folder);
  return status;
}
