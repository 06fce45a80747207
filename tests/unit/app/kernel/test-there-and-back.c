/* Random programs, stepped through by each unit: what was seen at a stop is seen there again on the way back;
 * n steps back and n forward give the same state as never having moved, of the playhead and of the program
 * itself when it goes on from there.  State: variables with their values, versions and gradients, what was
 * printed, the current line; and, by what the program prints at its end, the state of its generators. */
#include <stdio.h>
#include <string.h>

#include "board/run-control-private.h"
#include "board/variables.h"
#include "models/trace.h"
#include "trace/record.h"

#define N_PROGRAMS 2
#define N_STEPS    16
#define N_PARAMS   5

typedef struct
{
  GbTrace *trace;
  GbTraceCursor *cursor;
  GbRunControl *control;
  GbRunState state;
  guint n_pauses;
} Fixture;

static const char *const unit_names[] = { "line", "op", "node", "iteration", "module", "into" };

static gboolean
out_of_patience (gpointer data)
{
  g_error ("nothing happened for 20 s: %s", (const char *) data);
  return G_SOURCE_REMOVE;
}

#define WAIT_UNTIL(condition)                                                                                \
  do                                                                                                         \
    {                                                                                                        \
      guint patience = g_timeout_add_seconds (20, out_of_patience, (gpointer) #condition);                   \
      while (!(condition))                                                                                   \
        g_main_context_iteration (NULL, TRUE);                                                               \
      g_source_remove (patience);                                                                            \
    }                                                                                                        \
  while (0)

static void
on_failed (GbRunControl *control, const char *message)
{
  g_error ("%s", message);
}

static void
on_changed (GbRunControl *control, Fixture *f)
{
  GbRunState state = gb_run_control_get_state (control);
  f->n_pauses += state == GB_RUN_PAUSED && f->state != GB_RUN_PAUSED;
  f->state = state;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->trace = gb_trace_new ();
  f->cursor = gb_trace_cursor_new (f->trace);
  f->control = gb_run_control_new (f->trace, f->cursor);
  g_signal_connect (f->control, "failed", G_CALLBACK (on_failed), NULL);
  g_signal_connect (f->control, "changed", G_CALLBACK (on_changed), f);
  GArray *watches = g_array_new (FALSE, TRUE, sizeof (TeWatch));
  TeWatch values = { .kind = TE_WATCH_VALUES, .max_elements = 64 };
  g_array_append_val (watches, values);
  gb_run_control_set_watches (f->control, watches);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (f->control, f);
  gb_run_control_stop (f->control);
  g_clear_object (&f->control);
  g_clear_object (&f->cursor);
  g_clear_object (&f->trace);
}

/* ---- programs ---- */

static const char *const statements[] = {
  "x = torch.randn(4, 3)",
  "y = (x[:, :2] * random.random()).tanh()",
  "y = net(x)",
  "loss = (net(x) - y.detach()).pow(2).mean(); loss.backward()",
  "optimizer.step(); optimizer.zero_grad()",
  "x.mul_(0.5); x[0] = 1",
  "print('sum', x.sum().item())",
  "w.data.add_(0.1)",
  "z = torch.dropout(x, 0.3, True) + torch.rand(4, 3)",
  "n = n + len(str(n))",
  "(w * x.sum()).sum().backward()",
  "y = inner(x)",
};

static char *
random_program (guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  GString *text = g_string_new (NULL);
  g_string_append_printf (
      text,
      "import random, torch\n"
      "torch.manual_seed(%u); random.seed(%u)\n"
      "class Net(torch.nn.Module):\n"
      "    def __init__(self):\n"
      "        super().__init__()\n"
      "        self.a = torch.nn.Linear(3, 5)\n"
      "        self.b = torch.nn.Linear(5, 2)\n"
      "    def forward(self, x):\n"
      "        h = self.a(x).relu()\n"
      "        return self.b(h)\n"
      "def inner(x):\n"
      "    h = x + 1\n"
      "    return net(h)\n"
      "net = Net()\n"
      "w = torch.ones(2, requires_grad=True)\n"
      "optimizer = torch.optim.SGD([*net.parameters(), w], 0.1, momentum=0.9)\n"
      "x = torch.ones(4, 3)\n"
      "y = torch.zeros(4, 2)\n"
      "n = 0\n"
      "(net(x).sum() + w.sum()).backward(); optimizer.step()\n"
      "for i in range(8):\n"
      "    loss = (net(x) - y.detach()).pow(2).mean(); loss.backward(); optimizer.step()\n",
      seed, seed);
  for (guint i = 0; i < 6; i++)
    g_string_append_printf (text, "    %s\n",
                            statements[g_rand_int_range (rand, 0, G_N_ELEMENTS (statements))]);
  g_string_append (text, "print(n, w.tolist(), x.double().sum().item().hex(), random.getstate()[1][:3], "
                         "torch.get_rng_state().sum().item(), [p.double().sum().item().hex() for p in "
                         "net.parameters()])\n");
  return g_string_free (text, FALSE);
}

/* ---- what is seen ---- */

static char *
sight (Fixture *f)
{
  guint64 seq = gb_trace_cursor_get_position (f->cursor);
  GString *text = g_string_new (NULL);
  GbVariables *variables = gb_variables_new (f->trace);
  gb_variables_update (variables, TRUE);
  g_autoptr (GPtrArray) list = gb_variables_list (variables, seq);
  for (guint i = 0; i < list->len; i++)
    {
      GbVariable *variable = g_ptr_array_index (list, i);
      g_autofree char *about = gb_variables_describe (f->trace, gb_variable_get_tensor (variable), seq);
      for (guint c = 0; c < GB_N_VARIABLE_COLUMNS; c++)
        g_string_append_printf (text, "%s | ", gb_variable_get_text (variable, c));
      g_string_append_printf (text, "%s\n", about);
    }
  gb_variables_free (variables);
  for (guint64 i = gb_trace_get_first_print (f->trace); i < gb_trace_get_n_prints (f->trace); i++)
    if (gb_trace_get_print (f->trace, i)->seq <= seq)
      g_string_append (text, gb_trace_get_print (f->trace, i)->text);
  /* The graph, and what has run of it. */
  guint n[64] = { 0 };
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init_back (&iter, f->trace, seq);
  while ((record = gb_trace_iter_previous (&iter)))
    n[record->type % 64] += te_record_is_step (record->type) || record->type == TE_RECORD_SAVED_FREED;
  for (guint type = 0; type < G_N_ELEMENTS (n); type++)
    if (n[type])
      g_string_append_printf (text, "%s %u ", te_record_type_name (type), n[type]);
  const GbPosition *place = gb_trace_cursor_get_source_position (f->cursor);
  g_string_append_printf (text, "line %u, iteration %lu\n", place ? place->line : 0,
                          gb_trace_cursor_get_iteration (f->cursor));
  return g_string_free (text, FALSE);
}

static void
on_inspected (GObject *object, GAsyncResult *result, gpointer answer)
{
  g_autoptr (GError) error = NULL;
  *(char **) answer = gb_kernel_client_inspect_finish (GB_KERNEL_CLIENT (object), result, &error);
  g_assert_no_error (error);
}

/* The variables of the program itself, which stands there; plain ones too, which no record tells of. */
static char *
insight (Fixture *f)
{
  char *answer = NULL;
  gb_kernel_client_inspect_async (f->control->client, "names", "{}", NULL, on_inspected, &answer);
  WAIT_UNTIL (answer);
  return answer;
}

static char *
printed (Fixture *f)
{
  GString *text = g_string_new (NULL);
  for (guint64 i = gb_trace_get_first_print (f->trace); i < gb_trace_get_n_prints (f->trace); i++)
    g_string_append (text, gb_trace_get_print (f->trace, i)->text);
  return g_string_free (text, FALSE);
}

/* ---- moving ---- */

static void
wait_for_pause (Fixture *f, guint after)
{
  WAIT_UNTIL (f->n_pauses > after || f->state == GB_RUN_ENDED);
  g_assert_cmpint (f->state, ==, GB_RUN_PAUSED);
  guint64 last;
  do /* what was told with the pause */
    {
      last = gb_trace_get_last_seq (f->trace);
      WAIT_UNTIL (gb_trace_get_state (f->trace, G_MAXUINT64)
                  && gb_trace_get_state (f->trace, G_MAXUINT64)->state == TE_STATE_PAUSED);
    }
  while (gb_trace_get_last_seq (f->trace) != last);
}

static void
step (Fixture *f, GbStepUnit unit)
{
  guint pauses = f->n_pauses;
  gboolean is_live = gb_trace_settle (f->trace, gb_trace_cursor_get_position (f->cursor))
                     == gb_trace_get_last_seq (f->trace);
  g_assert_true (gb_run_control_step (f->control, unit));
  if (is_live)
    wait_for_pause (f, pauses);
}

static void
start (Fixture *f, const char *text, GbStepUnit unit)
{
  static const char *const no_arguments[] = { NULL };
  guint pauses = f->n_pauses;
  gb_run_control_start_paused (f->control, unit);
  gb_run_control_run (f->control, "/nowhere/program.py", text, no_arguments);
  wait_for_pause (f, pauses);
}

static void
run_to_end (Fixture *f)
{
  gb_run_control_toggle (f->control);
  WAIT_UNTIL (gb_run_control_get_state (f->control) == GB_RUN_ENDED);
}

/* Of a stop: what is shown, and what the interpreter has executed. */
typedef struct
{
  char *shown, *within;
} Stop;

static void
stop_clear (gpointer data)
{
  Stop *stop = data;
  g_free (stop->shown);
  g_free (stop->within);
}

static void
remember (Fixture *f, GArray *stops)
{
  Stop stop = { sight (f), insight (f) };
  g_array_append_val (stops, stop);
}

static void
check_same (const char *expected, const char *now, GbStepUnit unit, guint at, const char *when)
{
  if (strcmp (now, expected) != 0)
    g_error ("by %s, stop %u, %s:\n--- then\n%s--- now\n%s", unit_names[unit], at, when, expected, now);
}

static void
check_shown (Fixture *f, GArray *stops, GbStepUnit unit, guint at, const char *when)
{
  g_autofree char *now = sight (f);
  check_same (g_array_index (stops, Stop, at).shown, now, unit, at, when);
}

static void
check_stop (Fixture *f, GArray *stops, GbStepUnit unit, guint at, const char *when)
{
  g_autofree char *now = insight (f);
  check_shown (f, stops, unit, at, when);
  check_same (g_array_index (stops, Stop, at).within, now, unit, at, when);
}

/* Back with the playhead, and forward again. */
static void
move_playhead (Fixture *f, GArray *stops, GbStepUnit unit, guint n)
{
  guint last = stops->len - 1;
  for (guint i = 1; i <= n; i++)
    {
      gb_run_control_back (f->control, unit);
      check_shown (f, stops, unit, last - i, "on the way back");
    }
  for (guint i = 0; i < n; i++)
    step (f, unit);
  check_stop (f, stops, unit, last, "after n back and n forward");
  g_assert_cmpint (gb_run_control_get_state (f->control), ==, GB_RUN_PAUSED);
}

/* The program itself. */
static void
move_program (Fixture *f, GArray *stops, GbStepUnit unit, guint n)
{
  guint last = stops->len - 1, pauses = f->n_pauses;
  for (guint i = 0; i < n; i++)
    gb_run_control_back (f->control, unit);
  g_assert_true (gb_run_control_rewind (f->control));
  wait_for_pause (f, pauses);
  check_stop (f, stops, unit, last - n, "when the program has gone back");
  for (guint i = n; i-- > 0;)
    {
      step (f, unit);
      check_stop (f, stops, unit, last - i, "when the program comes forward again");
    }
}

static void
there_and_back (Fixture *f, guint32 seed, GbStepUnit unit)
{
  g_autofree char *text = random_program (seed);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GArray) stops = g_array_new (FALSE, FALSE, sizeof (Stop));
  g_array_set_clear_func (stops, stop_clear);
  start (f, text, unit);
  /* Once all parameters have been told by name; before, the past knows more of them than the present did. */
  while (gb_trace_get_n_params (f->trace) < N_PARAMS)
    step (f, unit);
  remember (f, stops);
  guint n_steps = unit == GB_STEP_ITERATION || unit == GB_STEP_MODULE ? 5 : N_STEPS;
  for (guint i = 0; i < n_steps; i++)
    {
      step (f, unit);
      g_assert_cmpint (gb_run_control_get_state (f->control), ==, GB_RUN_PAUSED);
      remember (f, stops);
    }
  guint n = (guint) g_rand_int_range (rand, 1, (gint32) stops->len - 1);
  move_playhead (f, stops, unit, n);
  move_program (f, stops, unit, n);
  run_to_end (f);
  g_autofree char *with = printed (f);
  start (f, text, GB_STEP_LINE);
  run_to_end (f);
  g_autofree char *without = printed (f);
  g_assert_cmpstr (with, ==, without);
}

static void
test_there_and_back (Fixture *f, gconstpointer unit)
{
  for (guint32 seed = 0; seed < N_PROGRAMS; seed++)
    there_and_back (f, seed, GPOINTER_TO_INT (unit));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int unit = 0; unit < GB_N_STEPS; unit++)
    {
      g_autofree char *path = g_strdup_printf ("/kernel/there-and-back/%s", unit_names[unit]);
      g_test_add (path, Fixture, GINT_TO_POINTER (unit), set_up, test_there_and_back, tear_down);
    }
  return g_test_run ();
}
