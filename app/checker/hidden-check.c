#include "checker/hidden-check.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/i18n.h"
#include "kernel/kernel-client.h"
#include "paths.h"

/* A check that its program keeps waiting ends with it; one that itself takes long is stopped. */
#define USUAL_SECONDS 20
#define GRACE_SECONDS 5

typedef struct
{
  GbKernelClient *client;
  GbTraceSource *source;
  GString *line; /* the part of a line that has come */
  gboolean is_started, has_ended;
} Side;

struct _GbHiddenCheck
{
  GObject parent_instance;
  const GbCase *which;
  char *path, *text;
  guint seed;
  gboolean no_bubblewrap;

  Side program, check;
  GbVerdict *verdict;
  GTask *task;
  GCancellable *cancellable; /* ours: follows the caller's */
  gulong cancelled_id;
  gint64 begin_usec;
};

enum
{
  ROW,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbHiddenCheck, gb_hidden_check, G_TYPE_OBJECT)

char *
gb_hidden_check_request (const GbCase *which, const char *path, const char *text, guint seed)
{
  g_autofree char *code_path = g_build_filename (which->folder, "check.py", NULL);
  g_autofree char *code = NULL, *original = gb_case_load_program (which);
  if (!g_file_get_contents (code_path, &code, NULL, NULL))
    return NULL;
  GbJson *request = json_object_new_object (), *fixed = json_object_new_array ();
  for (guint i = 0; which->fixed && which->fixed[i]; i++)
    json_object_array_add (fixed, json_object_new_string (which->fixed[i]));
  json_object_object_add (request, "text", json_object_new_string (text));
  json_object_object_add (request, "original", json_object_new_string (original ? original : ""));
  json_object_object_add (request, "path", json_object_new_string (path));
  json_object_object_add (request, "fixed", fixed);
  json_object_object_add (request, "code", json_object_new_string (code));
  json_object_object_add (request, "seed", json_object_new_int64 (seed));
  char *out = g_strdup (json_object_to_json_string_ext (request, JSON_C_TO_STRING_PLAIN));
  json_object_put (request);
  return out;
}

/* ---- how it ends ---- */

static void
end (GbHiddenCheck *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);
  if (!task)
    {
      g_clear_error (&error);
      return;
    }
  self->verdict->seconds = (double) (g_get_monotonic_time () - self->begin_usec) / 1e6;
  g_cancellable_disconnect (g_task_get_cancellable (task), self->cancelled_id);
  g_cancellable_cancel (self->cancellable);
  gb_kernel_client_stop (self->program.client);
  gb_kernel_client_stop (self->check.client);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_cancelled (GCancellable *cancellable, GbHiddenCheck *self)
{
  g_cancellable_cancel (self->cancellable);
}

/* ---- what the check says ---- */

static void
take_print (Side *side, GbVerdict *verdict, const char *text, gsize nbytes)
{
  g_string_append_len (side->line, text, (gssize) nbytes);
  for (char *newline; (newline = strchr (side->line->str, '\n'));)
    {
      g_autofree char *line = g_strndup (side->line->str, (gsize) (newline - side->line->str));
      g_string_erase (side->line, 0, newline - side->line->str + 1);
      gb_verdict_take_line (verdict, line);
    }
}

static void
take_check_records (const guint8 *bytes, gsize nbytes, gpointer data)
{
  GbHiddenCheck *self = data;
  guint n = self->verdict->rows->len, n_checks = self->verdict->n_checks;
  for (gsize at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
    {
      const TeRecordPrint *print = (const TeRecordPrint *) (bytes + at);
      if (print->head.type == TE_RECORD_PRINT && print->stream == 1)
        take_print (&self->check, self->verdict, (const char *) (print + 1), print->text_nbytes);
    }
  if (self->verdict->rows->len != n || self->verdict->n_checks != n_checks)
    g_signal_emit (self, signals[ROW], 0);
}

/* What the person's program prints while it is called is nobody's here. */
static void
drop_records (const guint8 *bytes, gsize nbytes, gpointer data)
{
}

/* Nobody is here to predict or to type. */
static void
on_state (GbKernelClient *client, guint state, const char *detail, gpointer data)
{
  if (state == TE_STATE_WAITING_ANSWER || state == TE_STATE_WAITING_INPUT)
    gb_kernel_client_answer (client, "");
}

/* ---- running ---- */

static void
check_executed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbHiddenCheck) self = data;
  GbKernelResult ended = { 0 };
  g_autoptr (GError) error = NULL;
  if (gb_kernel_client_execute_finish (self->check.client, result, &ended, &error))
    {
      if (ended.status != 0)
        self->verdict->fault = g_strdup_printf (_ ("the check ended with status %d (%s)"), ended.status,
                                                *ended.message ? ended.message : ended.reason);
      gb_kernel_result_clear (&ended);
      end (self, NULL);
    }
  else
    end (self, g_steal_pointer (&error));
}

static void
program_executed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbHiddenCheck) self = data;
  GbKernelResult ended = { 0 };
  if (!gb_kernel_client_execute_finish (self->program.client, result, &ended, NULL))
    return;
  /* Told that nothing more is asked of it, it ends by itself. */
  if (ended.status != 0)
    self->verdict->ended = g_strdup (*ended.message ? ended.message : ended.reason);
  gb_kernel_result_clear (&ended);
}

/* Landlock or bubblewrap: without either a program reads whatever its user may read. */
static gboolean
is_fenced (const GbKernelAbout *about)
{
  GbJson *json = json_tokener_parse (about->json);
  gboolean fenced = about->bubblewrap
                    || json_object_get_int (gb_json_get (gb_json_get (json, "sandbox", json_type_object), "landlock",
                                                         json_type_int))
                           > 0;
  json_object_put (json);
  return fenced;
}

static void
execute_both (GbHiddenCheck *self)
{
  g_autofree char *request = gb_hidden_check_request (self->which, self->path, self->text, self->seed);
  const char *argv[] = { request, NULL };
  double seconds = self->which->seconds > 0 ? self->which->seconds : USUAL_SECONDS;
  if (!request)
    {
      end (self, g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("%s has no check.py"), self->which->id));
      return;
    }
  gb_kernel_client_execute_async (self->program.client, "/gradboard/serve.py",
                                  "import gradboard_check\ngradboard_check.serve()\n", NULL,
                                  GB_EXECUTE_UNTRACED, seconds, self->cancellable, program_executed,
                                  g_object_ref (self));
  gb_kernel_client_execute_async (self->check.client, "/gradboard/check.py",
                                  "import json, sys, gradboard_check\n"
                                  "gradboard_check.main(json.loads(sys.argv[1]))\n",
                                  argv, GB_EXECUTE_UNTRACED, seconds + GRACE_SECONDS, self->cancellable,
                                  check_executed, g_object_ref (self));
}

static void
started (GbHiddenCheck *self, Side *side, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbKernelAbout) about = gb_kernel_client_start_finish (side->client, result, &error);
  side->is_started = about != NULL;
  if (!about)
    end (self, g_steal_pointer (&error));
  else if (side == &self->program && !is_fenced (about))
    end (self, g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                            _ ("This machine cannot keep the hidden check from the program: neither landlock nor "
                               "bubblewrap works here. Install bubblewrap, or use a kernel with landlock.")));
  else if (self->program.is_started && self->check.is_started && self->task)
    execute_both (self);
}

static void
program_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbHiddenCheck) self = data;
  started (self, &self->program, result);
}

static void
check_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbHiddenCheck) self = data;
  started (self, &self->check, result);
}

static gboolean
start_side (GbHiddenCheck *self, Side *side, int channel, GAsyncReadyCallback callback, GError **error)
{
  g_autofree char *datasets = g_build_filename (gb_paths_get_data_dir (), "datasets", NULL);
  const char *readable[] = { datasets, NULL };
  GbKernelOptions options = { .channel = channel, .no_bubblewrap = self->no_bubblewrap, .nice = TRUE,
                              .readable = readable };
  side->source = gb_trace_source_new (1 << 20, 1 << 20, error);
  if (!side->source)
    return FALSE;
  gb_trace_source_set_lossless (side->source, TRUE);
  gb_trace_source_set_sink (side->source, side == &self->check ? take_check_records : drop_records, NULL, self);
  gb_kernel_client_start_async (side->client, &options, side->source, self->cancellable, callback,
                                g_object_ref (self));
  return TRUE;
}

void
gb_hidden_check_run_async (GbHiddenCheck *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer data)
{
  int pair[2];
  GError *error = NULL;
  g_return_if_fail (!self->task);
  self->task = g_task_new (self, cancellable, callback, data);
  self->begin_usec = g_get_monotonic_time ();
  if (cancellable)
    self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
    {
      end (self, g_error_new_literal (G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno)));
      return;
    }
  if (!start_side (self, &self->program, pair[0], program_started, &error)
      || !start_side (self, &self->check, pair[1], check_started, &error))
    end (self, error);
  close (pair[0]);
  close (pair[1]);
}

gboolean
gb_hidden_check_run_finish (GbHiddenCheck *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

const GbVerdict *
gb_hidden_check_get_verdict (GbHiddenCheck *self)
{
  return self->verdict;
}

/* ---- to the end ---- */

typedef struct
{
  GMainLoop *loop;
  GError *error;
} Wait;

static void
ran (GObject *source, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;
  gb_hidden_check_run_finish (GB_HIDDEN_CHECK (source), result, &wait->error);
  g_main_loop_quit (wait->loop);
}

GbVerdict *
gb_hidden_check_run (const GbCase *which, const char *path, const char *text, guint seed)
{
  g_autoptr (GbHiddenCheck) self = gb_hidden_check_new (which, path, text, seed);
  Wait wait = { g_main_loop_new (NULL, FALSE), NULL };
  gb_hidden_check_run_async (self, NULL, ran, &wait);
  g_main_loop_run (wait.loop);
  g_main_loop_unref (wait.loop);
  GbVerdict *verdict = self->verdict;
  self->verdict = gb_verdict_new ();
  if (wait.error && !verdict->fault)
    verdict->fault = g_strdup (wait.error->message);
  g_clear_error (&wait.error);
  return verdict;
}

/* ---- life ---- */

GbHiddenCheck *
gb_hidden_check_new (const GbCase *which, const char *path, const char *text, guint seed)
{
  GbHiddenCheck *self = g_object_new (GB_TYPE_HIDDEN_CHECK, NULL);
  self->which = which;
  self->path = g_strdup (path);
  self->text = g_strdup (text);
  self->seed = seed;
  return self;
}

void
gb_hidden_check_set_no_bubblewrap (GbHiddenCheck *self)
{
  self->no_bubblewrap = TRUE;
}

static void
side_clear (Side *side)
{
  g_clear_object (&side->client);
  if (side->source)
    gb_trace_source_set_sink (side->source, NULL, NULL, NULL);
  g_clear_object (&side->source);
  g_string_free (side->line, TRUE);
}

static void
gb_hidden_check_finalize (GObject *object)
{
  GbHiddenCheck *self = GB_HIDDEN_CHECK (object);
  side_clear (&self->program);
  side_clear (&self->check);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->verdict, gb_verdict_free);
  g_free (self->path);
  g_free (self->text);
  G_OBJECT_CLASS (gb_hidden_check_parent_class)->finalize (object);
}

static void
gb_hidden_check_class_init (GbHiddenCheckClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_hidden_check_finalize;
  signals[ROW] = g_signal_new ("row", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
gb_hidden_check_init (GbHiddenCheck *self)
{
  Side *sides[] = { &self->program, &self->check };
  self->verdict = gb_verdict_new ();
  self->cancellable = g_cancellable_new ();
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      sides[i]->client = gb_kernel_client_new ();
      sides[i]->line = g_string_new (NULL);
      g_signal_connect (sides[i]->client, "state", G_CALLBACK (on_state), NULL);
    }
}
