/* The client against a real broker and real interpreters: running, stepping, asking, dying. */
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include "kernel/kernel-client.h"
#include "trace/record.h"

typedef struct
{
  GbKernelClient *client;
  GbTraceSource *source;
  GbKernelAbout *about;
  GMainLoop *loop;
  GString *out;    /* stdout of the program */
  GArray *types;   /* of records, in order */
  guint states[6]; /* how often each state was told */
  guint last_state;
  char *exit_reason;
  gint64 exit_usec;
  GbKernelResult result;
  gboolean done, failed;
  char *answer, *error;
  guint n_iterations, n_lines, n_values;
  double knob, grad_norm;
} Fixture;

static void
take (const guint8 *bytes, gsize nbytes, gpointer data)
{
  Fixture *f = data;
  for (gsize at = 0; at < nbytes;)
    {
      const TeRecord *record = (const TeRecord *) (bytes + at);
      g_array_append_val (f->types, record->type);
      if (record->type == TE_RECORD_PRINT && ((const TeRecordPrint *) record)->stream == 1)
        g_string_append_len (f->out, (const char *) ((const TeRecordPrint *) record + 1),
                             ((const TeRecordPrint *) record)->text_nbytes);
      f->n_iterations += record->type == TE_RECORD_ITERATION;
      f->n_lines += record->type == TE_RECORD_LINE;
      f->n_values += record->type == TE_FACT_VALUES;
      if (record->type == TE_FACT_GRADIENT)
        f->grad_norm = ((const TeFactGradient *) record)->grad_norm;
      if (record->type == TE_RECORD_KNOB_SET)
        f->knob = ((const TeRecordKnobSet *) record)->value;
      at += record->nbytes;
    }
}

static void
on_state (GbKernelClient *client, guint state, const char *detail, Fixture *f)
{
  f->states[state]++;
  f->last_state = state;
}

static void
on_exited (GbKernelClient *client, const char *reason, int sig, const char *message, Fixture *f)
{
  g_free (f->exit_reason);
  f->exit_reason = g_strdup (reason);
  f->exit_usec = g_get_monotonic_time ();
}

static gboolean
out_of_patience (gpointer data)
{
  g_error ("nothing happened for 20 s");
  return G_SOURCE_REMOVE;
}

/* Runs the main loop until condition is true. */
#define WAIT_UNTIL(condition)                                                                                \
  do                                                                                                         \
    {                                                                                                        \
      guint patience = g_timeout_add_seconds (20, out_of_patience, NULL);                                    \
      while (!(condition))                                                                                   \
        g_main_context_iteration (NULL, TRUE);                                                               \
      g_source_remove (patience);                                                                            \
    }                                                                                                        \
  while (0)

static void
started (GObject *object, GAsyncResult *result, gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  f->about = gb_kernel_client_start_finish (GB_KERNEL_CLIENT (object), result, &error);
  g_assert_no_error (error);
}

static void
start (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  GbKernelOptions options = { .no_bubblewrap = TRUE };
  g_clear_object (&f->source);
  g_clear_pointer (&f->about, gb_kernel_about_free);
  f->source = gb_trace_source_new (1 << 20, 1 << 20, &error);
  g_assert_no_error (error);
  gb_trace_source_set_sink (f->source, take, NULL, f);
  gb_kernel_client_start_async (f->client, &options, f->source, NULL, started, f);
  WAIT_UNTIL (f->about);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->client = gb_kernel_client_new ();
  f->out = g_string_new (NULL);
  f->types = g_array_new (FALSE, FALSE, sizeof (guint16));
  g_signal_connect (f->client, "state", G_CALLBACK (on_state), f);
  g_signal_connect (f->client, "exited", G_CALLBACK (on_exited), f);
  start (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (f->client, f);
  g_clear_object (&f->client);
  g_clear_object (&f->source);
  gb_kernel_about_free (f->about);
  gb_kernel_result_clear (&f->result);
  g_string_free (f->out, TRUE);
  g_array_unref (f->types);
  g_free (f->exit_reason);
  g_free (f->answer);
  g_free (f->error);
}

static void
executed (GObject *object, GAsyncResult *result, gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  f->failed = !gb_kernel_client_execute_finish (GB_KERNEL_CLIENT (object), result, &f->result, &error);
  if (error)
    f->error = g_strdup (error->message);
  f->done = TRUE;
}

static void
execute (Fixture *f, const char *text, GbExecuteFlags flags)
{
  f->done = FALSE;
  gb_kernel_result_clear (&f->result);
  gb_kernel_client_execute_async (f->client, "/nowhere/program.py", text, NULL, flags, 0, NULL, executed, f);
}

static void
run (Fixture *f, const char *text)
{
  execute (f, text, GB_EXECUTE_DEFAULT);
  WAIT_UNTIL (f->done);
  g_assert_false (f->failed);
}

static void
test_run (Fixture *f, gconstpointer data)
{
  run (f, "print('hello')\nx = 5\n");
  g_assert_cmpstr (f->out->str, ==, "hello\n");
  g_assert_cmpstr (f->result.reason, ==, "ended");
  g_assert_cmpint (g_array_index (f->types, guint16, 0), ==, TE_RECORD_BEGIN);
  execute (f, "print(x + 1)\n", GB_EXECUTE_CELL);
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->out->str, ==, "hello\n6\n");
  run (f, "import sys\nsys.exit(3)\n");
  g_assert_cmpint (f->result.status, ==, 3);
  run (f, "1 / 0\n");
  g_assert_cmpstr (f->result.reason, ==, "exception");
  g_assert_cmpstr (f->result.message, ==, "ZeroDivisionError: division by zero");
}

/* A reader that does not know a dtype refuses the whole trace. */
static void
test_every_dtype (Fixture *f, gconstpointer data)
{
  run (f, "import torch\nkinds = [v for v in vars(torch).values() if isinstance(v, torch.dtype)]\nseen = 0\n"
          "for kind in set(kinds):\n    try:\n        x = torch.ones(2, 3).to(kind)\n    except (NotImplementedError, "
          "RuntimeError):\n        continue\n    y = x.t().clone()\n    seen += 1\nprint(seen)\n");
  g_assert_cmpstr (f->result.reason, ==, "ended");
  g_assert_cmpstr (f->out->str, ==, "12\n");
}

static void
test_input (Fixture *f, gconstpointer data)
{
  execute (
      f,
      "name = input('who? ')\nprint('hello', name)\ntry:\n    input()\nexcept EOFError:\n    print('end')\n",
      0);
  WAIT_UNTIL (f->states[TE_STATE_WAITING_INPUT] == 1);
  gb_kernel_client_answer (f->client, "世界\n");
  WAIT_UNTIL (f->states[TE_STATE_WAITING_INPUT] == 2);
  gb_kernel_client_answer (f->client, "");
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->out->str, ==, "who? hello 世界\nend\n");
}

static void
test_interrupt (Fixture *f, gconstpointer data)
{
  execute (f, "print('on')\nwhile True:\n    pass\n", 0);
  WAIT_UNTIL (f->out->len);
  gint64 start_usec = g_get_monotonic_time ();
  gb_kernel_client_interrupt (f->client);
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->result.reason, ==, "interrupted");
  g_assert_cmpint (g_get_monotonic_time () - start_usec, <, 800000);
  /* sum () over a range looks at no signal: the ladder ends it. */
  execute (f, "print('again')\nsum(range(10 ** 12))\n", 0);
  WAIT_UNTIL (strstr (f->out->str, "again"));
  gb_kernel_client_interrupt (f->client);
  WAIT_UNTIL (f->done && f->exit_reason);
  g_assert_cmpstr (f->result.reason, ==, "killed");
  start_usec = g_get_monotonic_time ();
  start (f);
  g_test_message ("a new interpreter after %.1f ms", (double) (g_get_monotonic_time () - start_usec) / 1000);
  run (f, "print('back')\n");
  g_assert_nonnull (strstr (f->out->str, "back"));
}

static void
test_interrupt_engine (Fixture *f, gconstpointer data)
{
  execute (f, "import torch\nprint('on')\na = torch.ones(64, 64)\nwhile True:\n    a = a @ a * 0\n", 0);
  WAIT_UNTIL (f->out->len);
  gb_kernel_client_interrupt (f->client);
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->result.reason, ==, "interrupted");
  run (f, "import torch\nprint(torch.ones(2).sum().item())\n");
  g_assert_nonnull (strstr (f->out->str, "2.0"));
}

static void
inspected (GObject *object, GAsyncResult *result, gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  f->answer = gb_kernel_client_inspect_finish (GB_KERNEL_CLIENT (object), result, &error);
  g_assert_no_error (error);
}

static void
inspect (Fixture *f, const char *what, const char *arguments)
{
  g_clear_pointer (&f->answer, g_free);
  gb_kernel_client_inspect_async (f->client, what, arguments, NULL, inspected, f);
  WAIT_UNTIL (f->answer);
}

static void
test_step (Fixture *f, gconstpointer data)
{
  execute (f, "import torch\na = torch.arange(4.)\nb = a * 2\nprint('last')\n", GB_EXECUTE_PAUSE);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 1);
  gb_kernel_client_step (f->client, "line", 1);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 2);
  gb_kernel_client_step (f->client, "line", 1);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 3);
  inspect (f, "names", "");
  g_assert_nonnull (strstr (f->answer, "\"name\":\"a\""));
  g_assert_nonnull (strstr (f->answer, "\"sizes\":[4]"));
  g_assert_null (strstr (f->answer, "\"name\":\"b\""));
  /* Somebody looks at `a` while the program is parked: its elements come. */
  TeWatch watch = { TE_WATCH_VALUES, 100, g_ascii_strtoull (strstr (f->answer, "\"tensor\":") + 9, NULL, 10),
                    100 };
  gb_kernel_client_watch (f->client, &watch, 1);
  WAIT_UNTIL (f->n_values);
  inspect (f, "complete", "{\"text\": \"torch.aran\", \"cursor\": 10}");
  g_assert_nonnull (strstr (f->answer, "\"arange\""));
  gb_kernel_client_step (f->client, "op", 1);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 4);
  g_assert_cmpuint (f->out->len, ==, 0);
  gb_kernel_client_continue (f->client);
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->out->str, ==, "last\n");
  g_assert_cmpuint (f->n_lines, >=, 3);
}

static void
test_pause (Fixture *f, gconstpointer data)
{
  /* A loop without a single op stops as well. */
  execute (f, "n = 0\nprint('on')\nwhile n < 10 ** 9:\n    n += 1\n", 0);
  WAIT_UNTIL (f->out->len);
  gb_kernel_client_pause (f->client);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 1);
  inspect (f, "names", "");
  g_assert_nonnull (strstr (f->answer, "\"name\":\"n\""));
  gb_kernel_client_continue (f->client);
  WAIT_UNTIL (f->last_state == TE_STATE_RUNNING);
  gb_kernel_client_pause (f->client);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 2);
  gb_kernel_client_interrupt (f->client);
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->result.reason, ==, "interrupted");
}

static void
test_iterations_and_nodes (Fixture *f, gconstpointer data)
{
  execute (
      f,
      "import torch\nw = torch.ones(3, requires_grad=True)\no = torch.optim.SGD([w], lr=0.1)\n"
      "for i in range(5):\n    o.zero_grad()\n    (w * w).sum().backward()\n    o.step()\nprint('done')\n",
      GB_EXECUTE_PAUSE);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 1);
  gb_kernel_client_step (f->client, "iteration", 2);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 2);
  gb_trace_source_drain (f->source);
  g_assert_cmpuint (f->n_iterations, ==, 2);
  /* Who steps op by op sees every value, however seldom a running program would tell it. */
  TeWatch seldom = { TE_WATCH_VALUES, 60000, 0, 100 };
  gb_kernel_client_watch (f->client, &seldom, 1);
  gb_kernel_client_step (f->client, "iteration", 1);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 3);
  f->n_values = 0;
  gb_kernel_client_step (f->client, "op", 3);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 4);
  gb_trace_source_drain (f->source);
  g_assert_cmpuint (f->n_values, >=, 2);
  gb_kernel_client_step (f->client, "node", 1);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 5);
  gb_kernel_client_continue (f->client);
  WAIT_UNTIL (f->done);
  g_assert_cmpuint (f->n_iterations, ==, 5);
}

static void
test_breakpoint (Fixture *f, gconstpointer data)
{
  GbBreakpoint breakpoint = { "/nowhere/program.py", "i == 7", 3 };
  gb_kernel_client_set_breakpoints (f->client, &breakpoint, 1);
  execute (f, "total = 0\nfor i in range(10):\n    total += i\nprint(total)\n", 0);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 1);
  inspect (f, "names", "");
  g_assert_nonnull (
      strstr (f->answer, "\"name\":\"i\",\"type\":\"int\",\"scope\":\"global\",\"text\":\"7\""));
  gb_kernel_client_continue (f->client);
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->out->str, ==, "45\n");
}

/* Conditions that are asked at every line, and the words that conditions have. */
static void
test_breakpoint_anywhere (Fixture *f, gconstpointer data)
{
  const GbBreakpoint breakpoints[] = { { "/nowhere/program.py", "changed(z._version)", 0 },
                                       { "/nowhere/program.py", "grad_norm(w) > 3", 0 },
                                       { "/nowhere/program.py", "nobody > 1", 0 },
                                       { "/nowhere/program.py", "changed(k)", 9 } };
  gb_kernel_client_set_breakpoints (f->client, breakpoints, G_N_ELEMENTS (breakpoints));
  execute (f,
           "import torch\nz = torch.zeros(2)\nw = torch.ones(2, requires_grad=True)\nz + 1\nz.add_(1)\n"
           "(w * 2).sum().backward()\n(w * 2).sum().backward()\nfor k in (1, 1, 2, 2):\n    print(k)\n",
           0);
  static const char *const names[] = { "\"version\":1", "\"grad\":", "\"text\":\"2\"" };
  for (guint i = 0; i < 3; i++)
    {
      WAIT_UNTIL (f->states[TE_STATE_PAUSED] == i + 1);
      inspect (f, "names", "");
      g_assert_nonnull (strstr (f->answer, names[i]));
      gb_kernel_client_continue (f->client);
    }
  WAIT_UNTIL (f->done);
  g_assert_cmpuint (f->states[TE_STATE_PAUSED], ==, 3);
  g_assert_cmpstr (f->out->str, ==, "1\n1\n2\n2\n");
}

/* Lines are told to who steps by them, whatever breakpoints are sent meanwhile, and to nobody once the program runs on. */
static void
test_lines_told (Fixture *f, gconstpointer data)
{
  execute (f, "n = 0\nfor i in range(2000):\n    n += i\nprint(n)\n", GB_EXECUTE_PAUSE);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 1);
  gb_kernel_client_set_breakpoints (f->client, NULL, 0);
  gb_kernel_client_step (f->client, "line", 3);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 2);
  gb_trace_source_drain (f->source);
  guint told = f->n_lines;
  g_assert_cmpuint (told, >=, 3);
  gb_kernel_client_set_breakpoints (f->client, NULL, 0);
  gb_kernel_client_step (f->client, "line", 1);
  WAIT_UNTIL (f->states[TE_STATE_PAUSED] == 3);
  gb_trace_source_drain (f->source);
  g_assert_cmpuint (f->n_lines, >, told);
  told = f->n_lines;
  gb_kernel_client_continue (f->client);
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->out->str, ==, "1999000\n");
  g_assert_cmpuint (f->n_lines, <=, told + 2);
}

static void
test_knobs_and_questions (Fixture *f, gconstpointer data)
{
  execute (f,
           "import gradboard as gb, time\nprint(gb.knob('lr', 0.5, 0.0, 1.0))\ngb.ask('q')\ngb.tell('q', 3)\n"
           "while gb.knob('lr', 0.5, 0.0, 1.0) == 0.5:\n    time.sleep(0.005)\nprint(gb.knob('lr', 0.5, 0.0, "
           "1.0))\n"
           "print(gb.knob('kind', 'a', choices=['a', 'b']), gb.check('holds', True))\n",
           0);
  WAIT_UNTIL (f->states[TE_STATE_WAITING_ANSWER] == 1);
  gb_kernel_client_answer (f->client, "3");
  gb_kernel_client_set_knob (f->client, "lr", g_variant_new_double (0.25));
  WAIT_UNTIL (f->done);
  g_assert_cmpstr (f->out->str, ==, "0.5\n0.25\na True\n");
  g_assert_cmpfloat (f->knob, ==, 0.25);
}

/* A gradient that is not a number has a norm that is none. */
static void
test_gradient_norms (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *factor;
    double norm;
  } cases[] = { { "2.0", 4 }, { "torch.tensor([1., float('inf'), 1., 1.])", INFINITY },
                { "torch.tensor([1., float('inf'), float('nan'), 1.])", NAN } };
  const TeWatch watch = { TE_WATCH_GRADIENTS, 0, 0, 0 };
  gb_kernel_client_watch (f->client, &watch, 1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("import torch\nw = torch.ones(4, requires_grad=True)\n"
                                               "o = torch.optim.SGD([w], 0.1)\n(w * %s).sum().backward(); o.step()\n",
                                               cases[i].factor);
      run (f, text);
      g_assert_true (isnan (cases[i].norm) ? isnan (f->grad_norm) : f->grad_norm == cases[i].norm);
    }
}

static void
test_death (Fixture *f, gconstpointer data)
{
  execute (f, "import ctypes, time\nprint('on')\nctypes.string_at(0)\n", 0);
  WAIT_UNTIL (f->done && f->exit_reason);
  g_assert_cmpstr (f->result.reason, ==, "crashed");
  g_assert_cmpint (f->result.status, ==, 139);
  g_assert_cmpint (g_array_index (f->types, guint16, f->types->len - 1), ==, TE_RECORD_END);
  start (f);
  execute (f, "import time\nprint('waiting')\ntime.sleep(60)\n", 0);
  WAIT_UNTIL (strstr (f->out->str, "waiting"));
  g_clear_pointer (&f->exit_reason, g_free);
  gint64 start_usec = g_get_monotonic_time ();
  kill ((pid_t) f->about->pid, SIGKILL);
  WAIT_UNTIL (f->exit_reason && f->done);
  double msec = (double) (f->exit_usec - start_usec) / 1000;
  g_test_message ("the death of an interpreter was known after %.1f ms", msec);
  g_assert_cmpfloat (msec, <, 500); /* 50 on a quiet machine */
}

/* The broker's own death: the call fails, nothing stays, and the next start brings a new one. */
static void
test_broker_death (Fixture *f, gconstpointer data)
{
  execute (f, "import os, time\nprint(os.getppid())\nos.fork()\ntime.sleep(60)\n", 0);
  WAIT_UNTIL (f->out->len > 1);
  pid_t broker = atoi (f->out->str), interpreter = (pid_t) f->about->pid;
  g_assert_cmpint (kill (broker, SIGKILL), ==, 0);
  WAIT_UNTIL (f->done && f->exit_reason);
  g_assert_true (f->failed);
  for (int i = 0; i < 200 && kill (interpreter, 0) == 0; i++)
    g_usleep (10000);
  g_assert_cmpint (kill (interpreter, 0), ==, -1);
  start (f);
  run (f, "print('new broker')\n");
  g_assert_nonnull (strstr (f->out->str, "new broker"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/kernel/client/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("run", test_run);
  ADD ("every-dtype", test_every_dtype);
  ADD ("input", test_input);
  ADD ("interrupt", test_interrupt);
  ADD ("interrupt-engine", test_interrupt_engine);
  ADD ("step", test_step);
  ADD ("pause", test_pause);
  ADD ("iterations-and-nodes", test_iterations_and_nodes);
  ADD ("breakpoint", test_breakpoint);
  ADD ("breakpoint-anywhere", test_breakpoint_anywhere);
  ADD ("lines-told", test_lines_told);
  ADD ("knobs-and-questions", test_knobs_and_questions);
  ADD ("gradient-norms", test_gradient_norms);
  ADD ("death", test_death);
  ADD ("broker-death", test_broker_death);
  return g_test_run ();
}
