#include "kernel/interpreter.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/frame-io.h"
#include "kernel/pins.h"

TeInterpreter te_interpreter;

#define MAX_PATHS 64

#if defined(__SANITIZE_ADDRESS__)
/* The environment of an interpreter is made anew, so what the sanitizer is asked for is said here: a crash stays the
 * crash it is, and what an interpreter still holds when it is ended is no leak. */
const char *__asan_default_options (void);

__attribute__ ((visibility ("default"))) const char *
__asan_default_options (void)
{
  return "detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0";
}
#endif

static uint64_t
number_member (struct json_object *object, const char *name)
{
  struct json_object *member;
  return json_object_object_get_ex (object, name, &member) ? (uint64_t) json_object_get_int64 (member) : 0;
}

static const char *
text_member (struct json_object *object, const char *name)
{
  struct json_object *member;
  return json_object_object_get_ex (object, name, &member) ? json_object_get_string (member) : NULL;
}

static void
list_member (struct json_object *object, const char *name, const char **list)
{
  struct json_object *member;
  size_t n = 0;
  if (json_object_object_get_ex (object, name, &member) && json_object_is_type (member, json_type_array))
    for (size_t i = 0; i < json_object_array_length (member) && n < MAX_PATHS; i++)
      list[n++] = json_object_get_string (json_object_array_get_idx (member, i));
  list[n] = NULL;
}

/* ---- positions, interrupts, forks ---- */

uint32_t
te_interpreter_position (void)
{
  return te_interpreter.trace ? te_interpreter.trace->current_position () : 0;
}

bool
te_interpreter_still_fine (void *unused)
{
  return !te_interpreter.interrupted;
}

static void
on_interrupt (int signal)
{
  if (!te_interpreter.busy)
    return;
  te_interpreter.interrupted = 1;
  if (te_interpreter.trace)
    te_interpreter.trace->interrupt ();
  PyErr_SetInterrupt ();
}

/* A child that a program made: it goes when its parent goes, and owns neither ring nor frames nor the thread.
 */
static void
after_fork_child (void)
{
  if (te_interpreter.snapshotting)
    return;
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  te_interpreter.forked = 1;
  te_recorder_mute (&te_interpreter.recorder);
  if (te_interpreter.trace)
    te_interpreter.trace->mute ();
  int nowhere = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0)
    {
      for (int fd = TE_FD_FRAMES; fd <= (te_interpreter.has_channel ? TE_FD_CHANNEL : TE_FD_WAKEUP); fd++)
        dup2 (nowhere, fd);
      close (nowhere);
    }
}

static void
tell_state (TeControl *control, TeState state, const char *text)
{
  size_t nbytes = strlen (text);
  uint32_t number = state;
  char *payload = malloc (sizeof number + nbytes);
  if (!payload)
    return;
  memcpy (payload, &number, sizeof number);
  memcpy (payload + sizeof number, text, nbytes);
  te_frame_send (TE_FD_FRAMES, TE_FRAME_STATE, 0, payload, sizeof number + nbytes, -1);
  free (payload);
}

/* ---- Python ---- */

static bool
append_path (PyConfig *config, const char *path)
{
  wchar_t *wide = Py_DecodeLocale (path, NULL);
  bool ok = wide && !PyStatus_Exception (PyWideStringList_Append (&config->module_search_paths, wide));
  PyMem_RawFree (wide);
  return ok;
}

/* plt.show () gives its pictures to the console (gradboard_figures.py), unless the program chooses for itself. */
static void
choose_figures (void)
{
  char folder[4096];
  snprintf (folder, sizeof folder, "%s/.matplotlib", te_interpreter.scratch);
  setenv ("MPLBACKEND", "module://gradboard_figures", 1);
  setenv ("MPLCONFIGDIR", folder, 1);
}

static bool
start_python (const char *python_home_lib)
{
  PyPreConfig before;
  PyPreConfig_InitIsolatedConfig (&before);
  before.utf8_mode = 1;
  if (PyStatus_Exception (Py_PreInitialize (&before)))
    return false;
  PyConfig config;
  PyConfig_InitIsolatedConfig (&config);
  config.site_import = 0;
  config.install_signal_handlers = 1;
  config.write_bytecode = 0;
  config.use_hash_seed = 1;
  config.hash_seed = 0;
  config.faulthandler = 1;
  config.buffered_stdio = 0;
  config.parse_argv = 0;
  config.user_site_directory = 0;
  config.module_search_paths_set = 1;
  bool ok = true;
  char path[4096];
  if (te_interpreter.torch_path)
    ok = ok && append_path (&config, te_interpreter.torch_path);
  if (te_interpreter.board_path)
    ok = ok && append_path (&config, te_interpreter.board_path);
  static const char *const parts[] = { "%s", "%s/lib-dynload" };
  for (int i = 0; i < 2; i++)
    {
      snprintf (path, sizeof path, parts[i], python_home_lib);
      ok = ok && append_path (&config, path);
    }
  ok = ok && append_path (&config, "/usr/local/lib/python3.11/dist-packages")
       && append_path (&config, "/usr/lib/python3/dist-packages");
  ok = ok && !PyStatus_Exception (PyConfig_SetString (&config, &config.program_name, L"/usr/bin/python3"))
       && !PyStatus_Exception (PyConfig_SetString (&config, &config.executable, L"/usr/bin/python3"))
       && !PyStatus_Exception (Py_InitializeFromConfig (&config));
  PyConfig_Clear (&config);
  return ok;
}

/* exit () and quit (), which `site` would bring. */
static bool
add_builtins (void)
{
  return PyRun_SimpleString ("import builtins, _sitebuiltins as _s\n"
                             "builtins.exit = _s.Quitter('exit', 'Ctrl-D (i.e. EOF)')\n"
                             "builtins.quit = _s.Quitter('quit', 'Ctrl-D (i.e. EOF)')\n"
                             "del builtins, _s\n")
         == 0;
}

static void
attach_trace (void)
{
  PyObject *torch = PyImport_ImportModule ("torch");
  const TeTraceApi *api = torch ? PyCapsule_Import (TE_TRACE_API_CAPSULE, 0) : NULL;
  if (api && api->version == TE_TRACE_API_VERSION
      && api->attach (&te_interpreter.recorder, &te_interpreter.control))
    te_interpreter.trace = api;
  else
    {
      PyObject *type, *value, *traceback;
      PyErr_Fetch (&type, &value, &traceback);
      PyObject *text = value ? PyObject_Str (value) : NULL;
      const char *message = text ? PyUnicode_AsUTF8 (text) : NULL;
      te_interpreter.trace_error = strdup (message ? message : "torch has no trace");
      PyErr_Clear ();
      Py_XDECREF (text);
      Py_XDECREF (type);
      Py_XDECREF (value);
      Py_XDECREF (traceback);
    }
  Py_XDECREF (torch);
}

/* ---- telling the broker ---- */

static void
tell_ready (uint64_t start_nsec)
{
  const TeSandboxState *box = &te_interpreter.sandbox;
  struct json_object *about = json_object_new_object (), *sandbox = json_object_new_object ();
  json_object_object_add (sandbox, "landlock", json_object_new_int (box->landlock_abi));
  json_object_object_add (sandbox, "signals_scoped", json_object_new_boolean (box->landlock_scoped));
  json_object_object_add (sandbox, "seccomp", json_object_new_boolean (box->seccomp));
  json_object_object_add (sandbox, "notifications", json_object_new_boolean (box->notifications));
  json_object_object_add (sandbox, "user_dropped", json_object_new_boolean (box->user_dropped));
  json_object_object_add (sandbox, "capabilities_dropped",
                          json_object_new_boolean (box->capabilities_dropped));
  json_object_object_add (about, "pid", json_object_new_int64 (getpid ()));
  json_object_object_add (about, "python", json_object_new_string (PY_VERSION));
  json_object_object_add (about, "torch", json_object_new_boolean (te_interpreter.trace != NULL));
  if (te_interpreter.trace_error)
    json_object_object_add (about, "torch_error", json_object_new_string (te_interpreter.trace_error));
  json_object_object_add (about, "startup_usec",
                          json_object_new_int64 ((int64_t) (te_recorder_clock_nsec () - start_nsec) / 1000));
  json_object_object_add (about, "sandbox", sandbox);
  const char *text = json_object_to_json_string_ext (about, JSON_C_TO_STRING_PLAIN);
  te_frame_send (TE_FD_FRAMES, TE_FRAME_READY, 0, text, strlen (text), box->notify_fd);
  if (box->notify_fd >= 0)
    close (box->notify_fd);
  te_interpreter.sandbox.notify_fd = -1;
  json_object_put (about);
}

/* The processor's name as the kernel gives it. */
static void
cpu_name (char *name, size_t nbytes)
{
  FILE *file = fopen ("/proc/cpuinfo", "re");
  char text[256];
  name[0] = 0;
  while (file && !name[0] && fgets (text, sizeof text, file))
    if (!strncmp (text, "model name", 10) && strchr (text, ':'))
      snprintf (name, nbytes, "%.*s", (int) strcspn (strchr (text, ':') + 2, "\n"), strchr (text, ':') + 2);
  if (file)
    fclose (file);
}

static void
tell_begin (const TeJob *job)
{
  char cpu[128], seed[17];
  te_pins_seed_text (seed);
  cpu_name (cpu, sizeof cpu);
  struct json_object *about = json_object_new_object (), *argv = json_object_new_array ();
  json_object_array_add (argv, json_object_new_string (job->path));
  for (char **arg = job->argv; arg && *arg; arg++)
    json_object_array_add (argv, json_object_new_string (*arg));
  json_object_object_add (about, "python", json_object_new_string (PY_VERSION));
  json_object_object_add (about, "cpu", json_object_new_string (cpu));
  json_object_object_add (about, "entropy", json_object_new_string (seed));
  if (te_interpreter.trace)
    json_object_object_add (about, "blas", json_object_new_string (te_interpreter.trace->blas ()));
  json_object_object_add (about, "file", json_object_new_string (job->path));
  json_object_object_add (about, "argv", argv);
  json_object_object_add (about, "files", json_object_new_boolean (true)); /* that are read are told */
  te_recorder_begin (&te_interpreter.recorder,
                     json_object_to_json_string_ext (about, JSON_C_TO_STRING_PLAIN));
  json_object_put (about);
}

static void
tell_result (const TeJob *job, const TeProgramResult *result)
{
  struct json_object *reply = json_object_new_object ();
  json_object_object_add (reply, "status", json_object_new_int (result->status));
  json_object_object_add (reply, "reason", json_object_new_string (result->reason));
  json_object_object_add (reply, "message", json_object_new_string (result->message ? result->message : ""));
  te_frame_send_text (TE_FD_FRAMES, TE_FRAME_REPLY, job->frame_id,
                      json_object_to_json_string_ext (reply, JSON_C_TO_STRING_PLAIN));
  json_object_put (reply);
}

/* ---- the life of an interpreter ---- */

static TeJob *
next_job (void)
{
  TeJob *job;
  Py_BEGIN_ALLOW_THREADS pthread_mutex_lock (&te_interpreter.job_mutex);
  while (!te_interpreter.job && !te_interpreter.quit)
    pthread_cond_wait (&te_interpreter.job_ready, &te_interpreter.job_mutex);
  job = te_interpreter.quit ? NULL : te_interpreter.job;
  te_interpreter.job = NULL;
  pthread_mutex_unlock (&te_interpreter.job_mutex);
  Py_END_ALLOW_THREADS return job;
}

static void
serve (void)
{
  TeJob *job;
  while ((job = next_job ()))
    {
      TeProgramResult result;
      if (!te_pins_prepare (job))
        {
          te_interpreter.busy = 0;
          te_frame_send_text (TE_FD_FRAMES, TE_FRAME_ERROR, job->frame_id, "what the replay is fed cannot be read");
          te_job_free (job);
          continue;
        }
      te_interpreter.output_nbytes = 0;
      te_interpreter.threads_ran = 0;
      if (!job->cell)
        tell_begin (job);
      te_recorder_state (&te_interpreter.recorder, TE_STATE_RUNNING, 0, "", 0);
      te_program_run (job, &result);
      if (te_interpreter.forked)
        _exit (result.status); /* a child that ran off the end of its program */
      te_interpreter.busy = 0;
      te_control_continue (&te_interpreter.control);
      if (!job->cell)
        te_recorder_end (&te_interpreter.recorder, result.status, 0,
                         (!strcmp (result.reason, "interrupted") ? TE_END_INTERRUPTED : 0)
                             | (te_interpreter.threads_ran ? TE_END_THREADS : 0));
      te_recorder_state (&te_interpreter.recorder, TE_STATE_ENDED, 0, result.reason, 0);
      tell_state (&te_interpreter.control, TE_STATE_ENDED, result.reason);
      tell_result (job, &result);
      free (result.message);
      te_job_free (job);
    }
}

static bool
map_segment (void)
{
  struct stat about;
  TeError err;
  te_error_clear (&err);
  if (fstat (TE_FD_SEGMENT, &about))
    return false;
  void *map = mmap (NULL, (size_t) about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, TE_FD_SEGMENT, 0);
  return map != MAP_FAILED
         && te_recorder_init (&te_interpreter.recorder, map, (size_t) about.st_size, TE_FD_WAKEUP, &err);
}

static int
fail (const char *text)
{
  te_frame_send_text (TE_FD_FRAMES, TE_FRAME_ERROR, 0, text);
  return 70;
}

int
main (int argc, char **argv)
{
  uint64_t start_nsec = te_recorder_clock_nsec ();
  struct json_object *plan = argc == 2 ? json_tokener_parse (argv[1]) : NULL;
  if (!plan)
    {
      fprintf (stderr, "gradboard-python is started by gradboard-kernel.\n");
      return 64;
    }
  sigset_t interrupts;
  sigemptyset (&interrupts);
  sigaddset (&interrupts, SIGINT);
  pthread_sigmask (SIG_BLOCK, &interrupts, NULL); /* threads made from here on do not take it */
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

  const char *readable[MAX_PATHS + 1], *private_paths[MAX_PATHS + 1], *hidden[MAX_PATHS + 1];
  list_member (plan, "readable", readable);
  list_member (plan, "needed", private_paths);
  list_member (plan, "hidden", hidden);
  te_interpreter.has_channel = number_member (plan, "channel");
  te_interpreter.scratch =
      strdup (text_member (plan, "scratch") ? text_member (plan, "scratch") : "/nonexistent");
  te_interpreter.torch_path = text_member (plan, "torch") ? strdup (text_member (plan, "torch")) : NULL;
  te_interpreter.board_path = text_member (plan, "board") ? strdup (text_member (plan, "board")) : NULL;
  te_interpreter.output_limit_nbytes = number_member (plan, "output_nbytes");
  pthread_mutex_init (&te_interpreter.job_mutex, NULL);
  pthread_cond_init (&te_interpreter.job_ready, NULL);
  te_control_init (&te_interpreter.control);
  te_interpreter.control.tell_state = tell_state;
  if (chdir (te_interpreter.scratch) || !map_segment ())
    return fail ("the interpreter has no folder or no trace segment");

  TeSandboxPlan sandbox = { .scratch = te_interpreter.scratch,
                            .readable = readable,
                            .hidden = hidden,
                            .private_to_user = private_paths,
                            .memory_nbytes = number_member (plan, "memory_nbytes"),
                            .file_nbytes = number_member (plan, "file_nbytes"),
                            .cpu_seconds = number_member (plan, "cpu_seconds"),
                            .private_shm = number_member (plan, "private_shm"),
                            .door_loopback = number_member (plan, "door_loopback"),
                            .door_exec = number_member (plan, "door_exec") };
  te_sandbox_apply (&sandbox, &te_interpreter.sandbox);

  choose_figures ();
  if (!start_python (text_member (plan, "stdlib") ? text_member (plan, "stdlib") : "/usr/lib/python3.11"))
    return fail ("Python does not start");
  if (!te_streams_install () || !add_builtins ())
    {
      PyErr_Print ();
      return fail ("Python's streams cannot be made");
    }
  pthread_atfork (NULL, NULL, after_fork_child);
  if (!te_answers_start ())
    return fail ("the interpreter gets no second thread");
  attach_trace ();
  struct sigaction action = { .sa_handler = on_interrupt };
  sigaction (SIGINT, &action, NULL);
  pthread_sigmask (SIG_UNBLOCK, &interrupts, NULL);
  tell_ready (start_nsec);
  json_object_put (plan);
  serve ();
  /* Nothing here needs Python's long goodbye. */
  _exit (0);
}
