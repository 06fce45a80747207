#include "cli/commands.h"

#include "cli/headless.h"
#include "cli/lesson-print.h"
#include "cli/program-path.h"
#include "common/i18n.h"
#include "kernel/kernel-client.h"
#include "lesson-trial.h"
#include "models/figure-parts.h"
#include "scratch-folder.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* gradboard run: one program, headless, in the sandbox that the board uses.
 * Exit status: the program's own; 124 out of time, 125 Gradboard itself failed, 126 out of memory, disk or
 * output, 130 interrupted, 128 + n ended by signal n. */

enum
{
  EXIT_TIME = 124,
  EXIT_OWN_FAILURE = 125,
  EXIT_LIMIT = 126,
  EXIT_INTERRUPTED = 130,
};

typedef struct
{
  GMainLoop *loop;
  GbKernelClient *client;
  GbTraceSource *source;
  GbProgram *program;
  char *trace_path, *out_folder, *scratch;
  gboolean no_bubblewrap, verbose, teach;
  GbTrace *failure; /* what tells of an exception, when it is to be taught */
  double seconds;
  int memory_mb, output_mb;
  char **argv;
  guint interrupts;
  gboolean input_ended;
  guint input_source;
  GString *input;
  int status;
  GbFigureParts figure_parts;
  char *figure_folder; /* where pictures go */
  guint n_figures;
} Run;

/* ---- what the program says ---- */

static void
write_all (int fd, const char *bytes, gsize nbytes)
{
  while (nbytes)
    {
      gssize n = write (fd, bytes, nbytes);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return; /* nobody reads; the program goes on as it would into a closed terminal */
      bytes += n;
      nbytes -= (gsize) n;
    }
}

/* plt.show (): the picture goes to the folder of --out, or to one in the temporary folder that is told. */
static void
take_figure (Run *run, const TeRecordFigure *record)
{
  g_autoptr (GbFigure) figure = gb_figure_parts_take (&run->figure_parts, record);
  g_autoptr (GError) error = NULL;
  if (!figure)
    return;
  if (!run->figure_folder && run->out_folder)
    {
      g_mkdir_with_parents (run->out_folder, 0777);
      run->figure_folder = g_strdup (run->out_folder);
    }
  else if (!run->figure_folder && !(run->figure_folder = g_dir_make_tmp ("gradboard-figures-XXXXXX", &error)))
    {
      g_printerr ("gradboard: %s\n", error->message);
      return;
    }
  g_autofree char *name = g_strdup_printf ("figure-%u.png", ++run->n_figures);
  g_autofree char *path = g_build_filename (run->figure_folder, name, NULL);
  gsize nbytes;
  const char *png = g_bytes_get_data (figure->png, &nbytes);
  if (!g_file_set_contents (path, png, (gssize) nbytes, &error))
    g_printerr ("gradboard: %s\n", error->message);
  else if (!run->out_folder)
    g_printerr (_ ("gradboard: a figure is in %s\n"), path);
}

/* Of a run that may be long only what an error is explained from is kept. */
static void
keep_failure (Run *run, const TeRecord *record)
{
  static const guint16 kept[] = { TE_RECORD_BEGIN,     TE_RECORD_STRING, TE_RECORD_SOURCE, TE_RECORD_POS,
                                  TE_RECORD_EXCEPTION, TE_FACT_OPERAND,  TE_FACT_TRIED };
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (record->type == kept[i])
      gb_trace_append (run->failure, (const guint8 *) record, record->nbytes, NULL);
}

static void
take_records (const guint8 *bytes, gsize nbytes, gpointer data)
{
  Run *run = data;
  for (gsize at = 0; at < nbytes;)
    {
      const TeRecord *record = (const TeRecord *) (bytes + at);
      if (run->failure)
        keep_failure (run, record);
      if (record->type == TE_RECORD_FIGURE)
        take_figure (run, (const TeRecordFigure *) record);
      if (record->type == TE_RECORD_PRINT)
        {
          const TeRecordPrint *print = (const TeRecordPrint *) record;
          if (print->stream == 1 || print->stream == 2)
            write_all ((int) print->stream, (const char *) (print + 1), print->text_nbytes);
        }
      at += record->nbytes;
    }
}

static void
on_raw_output (GbKernelClient *client, guint stream, GBytes *bytes, Run *run)
{
  gsize nbytes;
  const char *data = g_bytes_get_data (bytes, &nbytes);
  gb_trace_source_drain (run->source);
  write_all (stream == 2 ? 2 : 1, data, nbytes);
}

/* ---- input ---- */

static gboolean
send_line (Run *run)
{
  const char *newline = memchr (run->input->str, '\n', run->input->len);
  gsize nbytes = newline ? (gsize) (newline - run->input->str) + 1 : run->input_ended ? run->input->len : 0;
  if (!nbytes && !run->input_ended)
    return FALSE;
  g_autofree char *line = g_utf8_make_valid (run->input->str, (gssize) nbytes);
  g_string_erase (run->input, 0, (gssize) nbytes);
  gb_kernel_client_answer (run->client, line);
  return TRUE;
}

static gboolean
on_stdin (gint fd, GIOCondition condition, gpointer data)
{
  Run *run = data;
  char bytes[4096];
  gssize n = read (fd, bytes, sizeof bytes);
  if (n > 0)
    g_string_append_len (run->input, bytes, n);
  else
    run->input_ended = TRUE;
  if (!send_line (run))
    return G_SOURCE_CONTINUE;
  run->input_source = 0;
  return G_SOURCE_REMOVE;
}

static void
on_state (GbKernelClient *client, guint state, const char *detail, Run *run)
{
  if (state == TE_STATE_WAITING_ANSWER)
    gb_kernel_client_answer (client, ""); /* nobody is here to predict */
  if (state != TE_STATE_WAITING_INPUT || run->input_source)
    return;
  gb_trace_source_drain (run->source); /* the prompt comes first */
  if (!send_line (run))
    run->input_source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_stdin, run);
}

/* ---- the end ---- */

static void
copy_folder (const char *from, const char *to)
{
  GDir *dir = g_dir_open (from, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *source = g_build_filename (from, name, NULL),
                      *target = g_build_filename (to, name, NULL);
      g_autoptr (GError) error = NULL;
      GStatBuf about;
      if (strcmp (name, ".matplotlib") == 0)
        continue; /* its cache of fonts */
      /* A link may point anywhere; the time 0 is on what the interpreter laid out itself. */
      if (g_lstat (source, &about) || S_ISLNK (about.st_mode)
          || (S_ISREG (about.st_mode) && about.st_mtime == 0))
        continue;
      if (g_file_test (source, G_FILE_TEST_IS_DIR))
        {
          copy_folder (source, target);
          continue;
        }
      g_mkdir_with_parents (to, 0777); /* a folder without anything new is no output */
      g_autoptr (GFile) a = g_file_new_for_path (source), b = g_file_new_for_path (target);
      if (!g_file_copy (a, b, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS, NULL, NULL, NULL,
                        &error))
        g_printerr ("gradboard: %s\n", error->message);
    }
  if (dir)
    g_dir_close (dir);
}

static int
status_for (const GbKernelResult *result)
{
  static const struct
  {
    const char *reason;
    int status;
  } table[] = { { "time", EXIT_TIME },
                { "memory", EXIT_LIMIT },
                { "output", EXIT_LIMIT },
                { "disk", EXIT_LIMIT },
                { "interrupted", EXIT_INTERRUPTED } };
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (result->reason, table[i].reason) == 0)
      return table[i].status;
  return result->status;
}

static void
finish (Run *run, int status)
{
  run->status = status;
  g_main_loop_quit (run->loop);
}

/* Below the program's own text, which stays as Python wrote it. */
static void
taught (GObject *source, GAsyncResult *async, gpointer data)
{
  Run *run = data;
  gb_lesson_trial_finish (async, NULL); /* what could not be tried is not offered */
  g_autofree char *text = gb_lesson_dup_text (run->failure);
  if (text && run->teach)
    g_printerr ("%s", text);
  finish (run, run->status);
}

static void
executed (GObject *source, GAsyncResult *async, gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;
  GbKernelResult result = { 0 };
  if (!gb_kernel_client_execute_finish (run->client, async, &result, &error))
    {
      g_printerr ("gradboard: %s\n", error->message);
      finish (run, EXIT_OWN_FAILURE);
      return;
    }
  /* Python has said itself what an exception or an exit was. */
  gboolean told = strcmp (result.reason, "ended") == 0 || strcmp (result.reason, "exit") == 0
                  || strcmp (result.reason, "exception") == 0 || strcmp (result.reason, "interrupted") == 0;
  if (!told)
    g_printerr (_ ("gradboard: %s\n"), *result.message ? _ (result.message) : result.reason);
  run->status = status_for (&result);
  if (run->failure && strcmp (result.reason, "exception") == 0)
    {
      gb_trace_flush (run->failure);
      gb_lesson_trial_async (run->client, run->failure, NULL, taught, run);
    }
  else
    finish (run, run->status);
  gb_kernel_result_clear (&result);
}

static void
started (GObject *source, GAsyncResult *async, gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GbKernelAbout) about = gb_kernel_client_start_finish (run->client, async, &error);
  if (!about)
    {
      g_printerr ("gradboard: %s\n", error->message);
      finish (run, EXIT_OWN_FAILURE);
      return;
    }
  if (run->verbose)
    g_printerr ("gradboard: ready after %.1f ms, bubblewrap %s, %s\n", (double) about->ready_usec / 1000,
                about->bubblewrap ? "yes" : "no", about->json);
  if (run->trace_path)
    gb_kernel_client_watch (run->client, gb_recording_watches, gb_n_recording_watches);
  gb_kernel_client_execute_async (run->client, run->program->path, NULL, (const char *const *) run->argv,
                                  run->trace_path ? GB_EXECUTE_DEFAULT : GB_EXECUTE_UNTRACED, run->seconds,
                                  NULL, executed, run);
}

static gboolean
on_interrupt (gpointer data)
{
  Run *run = data;
  if (run->interrupts++)
    gb_kernel_client_stop (run->client);
  else
    gb_kernel_client_interrupt (run->client);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate (gpointer data)
{
  finish (data, 128 + SIGTERM);
  return G_SOURCE_CONTINUE;
}

static void
on_failed (GbKernelClient *client, const char *message, Run *run)
{
  g_printerr ("gradboard: %s\n", message);
}

/* ---- the command ---- */

static gboolean
parse (Run *run, int argc, char **argv, char **name)
{
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &run->trace_path, "write the recording to FILE", "FILE" },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &run->out_folder, "copy the files that the program wrote, and its figures, to DIR",
      "DIR" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &run->seconds, "stop after S seconds", "S" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &run->memory_mb, "limit the memory to MB megabytes", "MB" },
    { "output", 0, 0, G_OPTION_ARG_INT, &run->output_mb, "limit what is printed to MB megabytes", "MB" },
    { "no-bubblewrap", 0, 0, G_OPTION_ARG_NONE, &run->no_bubblewrap, "leave out that layer of the sandbox",
      NULL },
    { "teach", 0, 0, G_OPTION_ARG_NONE, &run->teach,
      "explain an error below its text; without being asked when that goes to a terminal", NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &run->verbose, "tell how the sandbox is built", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &names, NULL, NULL },
    { NULL }
  };
  /* What comes after the program's name, with or without "--", is the program's. */
  int own = 1;
  while (own < argc && (argv[own][0] == '-' && argv[own][1]))
    own += (strchr (argv[own], '=') || strcmp (argv[own], "--no-bubblewrap") == 0
            || strcmp (argv[own], "--teach") == 0 || strcmp (argv[own], "-v") == 0 || strcmp (argv[own], "--verbose") == 0)
               ? 1
               : 2;
  int end = own + 1;
  while (end < argc && strcmp (argv[end], "--") != 0)
    end++;
  g_auto (GStrv) mine = g_new0 (char *, end + 1);
  for (int i = 0; i < MIN (end, argc); i++)
    mine[i] = g_strdup (argv[i]);
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE.py|SCENE [-- ARGS]");
  g_autoptr (GError) error = NULL;
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, &mine, &error))
    {
      g_printerr ("gradboard run: %s\n", error->message);
      return FALSE;
    }
  if (!names || !names[0])
    {
      g_printerr (_ ("gradboard run: which program? Name a file or a scene.\n"));
      return FALSE;
    }
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();
  for (char **at = names + 1; *at; at++)
    g_ptr_array_add (rest, g_strdup (*at));
  for (int i = end + 1; i < argc; i++)
    g_ptr_array_add (rest, g_strdup (argv[i]));
  g_ptr_array_add (rest, NULL);
  run->argv = (char **) g_ptr_array_free (g_steal_pointer (&rest), FALSE);
  *name = g_strdup (names[0]);
  return TRUE;
}

static gboolean
prepare (Run *run, GError **error)
{
  run->scratch = gb_scratch_folder_new (error);
  run->source = run->scratch ? gb_trace_source_new (0, 0, error) : NULL;
  if (!run->source || (run->trace_path && !gb_trace_source_record (run->source, run->trace_path, error)))
    return FALSE;
  gb_trace_source_set_lossless (run->source, TRUE); /* output is never dropped for want of speed */
  gb_trace_source_set_sink (run->source, take_records, NULL, run);
  run->teach = run->teach || isatty (STDERR_FILENO);
  if (run->teach || run->trace_path)
    run->failure = gb_trace_new ();
  return TRUE;
}

static void
run_loop (Run *run)
{
  GbKernelOptions options = { .memory_nbytes = (guint64) MAX (run->memory_mb, 0) << 20,
                              .output_nbytes = (guint64) MAX (run->output_mb, 0) << 20,
                              .no_bubblewrap = run->no_bubblewrap,
                              .scratch = run->scratch,
                              .readable = (const char *const *) run->program->readable };
  run->loop = g_main_loop_new (NULL, FALSE);
  run->client = gb_kernel_client_new ();
  run->input = g_string_new (NULL);
  g_signal_connect (run->client, "state", G_CALLBACK (on_state), run);
  g_signal_connect (run->client, "raw-output", G_CALLBACK (on_raw_output), run);
  g_signal_connect (run->client, "failed", G_CALLBACK (on_failed), run);
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, run);
  guint terminate = g_unix_signal_add (SIGTERM, on_terminate, run);
  gb_kernel_client_start_async (run->client, &options, run->source, NULL, started, run);
  g_main_loop_run (run->loop);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_clear_handle_id (&run->input_source, g_source_remove);
  g_signal_handlers_disconnect_by_data (run->client, run);
  g_clear_object (&run->client);
  g_string_free (run->input, TRUE);
  g_main_loop_unref (run->loop);
}

int
gb_command_run (int argc, char **argv)
{
  Run run = { .status = EXIT_OWN_FAILURE };
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  if (!parse (&run, argc, argv, &name))
    return GB_EXIT_USAGE;
  run.program = gb_program_find (name, &error);
  if (!run.program || !prepare (&run, &error))
    {
      g_printerr ("gradboard run: %s\n", error->message);
      run.status = run.program ? EXIT_OWN_FAILURE : GB_EXIT_USAGE;
    }
  else
    {
      run_loop (&run);
      if (run.out_folder)
        {
          g_mkdir_with_parents (run.out_folder, 0777);
          copy_folder (run.scratch, run.out_folder);
        }
      if (!gb_trace_source_close_recording (run.source, &error))
        {
          g_printerr ("gradboard run: %s\n", error->message);
          run.status = EXIT_OWN_FAILURE;
        }
    }
  if (run.scratch)
    gb_scratch_folder_remove (run.scratch);
  g_clear_object (&run.source);
  g_clear_object (&run.failure);
  gb_program_free (run.program);
  g_strfreev (run.argv);
  g_free (run.trace_path);
  gb_figure_parts_clear (&run.figure_parts);
  g_free (run.figure_folder);
  g_free (run.out_folder);
  g_free (run.scratch);
  return run.status;
}
