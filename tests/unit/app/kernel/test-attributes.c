/* Attributes of objects have a history as variables have: what they were, when, and by which line. */
#include <glib/gstdio.h>
#include <string.h>

#include "board/variables.h"
#include "models/trace-changes.h"

static const char program[] =
    "import argparse, torch\n"
    "class Noisy:\n"
    "    def __init__(self): self.seen = 0\n"
    "    def __getattr__(self, name): print('asked for', name); raise AttributeError(name)\n"
    "    @property\n"
    "    def costly(self): print('computed')\n"
    "class Trainer:\n"
    "    def __init__(self, lr):\n"
    "        self.model = torch.nn.Linear(3, 1)\n"
    "        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=lr)\n"
    "        self.best, self.history, self.noisy = 9.0, [], Noisy()\n"
    "    def fit(self, x, n):\n"
    "        for step in range(n):\n"
    "            loss = self.model(x).pow(2).mean()\n"
    "            loss.backward()\n"
    "            self.optimizer.step()\n"
    "            self.history.append(step)\n"
    "            self.noisy.seen = step\n"
    "            if step == 2: self.optimizer.param_groups[0]['lr'] = 0.5\n"
    "            if step == 3: self.model.eval()\n"
    "        self.best = 1.0\n"
    "        return loss + 0\n"
    "class Point:\n"
    "    __slots__ = ('x', 'unset', '_own', '__dict__')\n"
    "    def __init__(self): self.x, self._own, self.free = 0, 1, 'f'\n"
    "class State(Point):\n"
    "    __slots__ = ('weight', 'log', 'inner', '__weakref__')\n"
    "class Bare:\n"
    "    __slots__ = 'lr'\n"
    "def move(state, n):\n"
    "    for step in range(n):\n"
    "        state.x += 2\n"
    "        state.log.append(step)\n"
    "        state.inner.lr = 0.1 if step < 2 else 0.01\n"
    "        state.weight = state.weight * 2\n"
    "        state.weight.sum()\n"
    "state = State()\n"
    "state.weight, state.log, state.inner = torch.ones(2), [], Bare()\n"
    "state.inner.lr = 1.0\n"
    "torch.ones(1) + 1\n"
    "move(state, 4)\n"
    "args = argparse.Namespace(rate=0.1, name='a')\n"
    "trainer = Trainer(args.rate)\n"
    "out = trainer.fit(torch.ones(2, 3), 5)\n"
    "args.name = 'b'\n"
    "out + 1\n";

typedef struct
{
  GbTrace *trace;
  GbVariables *variables;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("gradboard-attributes-XXXXXX", &error), *printed = NULL;
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (folder, "program.py", NULL);
  g_autofree char *recording = g_build_filename (folder, "run.gbt", NULL);
  g_assert_true (g_file_set_contents (path, program, -1, NULL));
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error,
                        g_getenv ("GRADBOARD"), "run", "--no-bubblewrap", "--trace", recording, path, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &printed, NULL, &error));
  g_assert_cmpstr (printed, ==, ""); /* nothing of the person's ran because somebody looked */
  f->trace = gb_trace_new ();
  g_assert_true (gb_trace_load (f->trace, recording, &error));
  f->variables = gb_variables_new (f->trace);
  gb_variables_update (f->variables, TRUE);
  g_unlink (recording);
  g_unlink (path);
  g_rmdir (folder);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gb_variables_free (f->variables);
  g_object_unref (f->trace);
}

static char *
value_of (Fixture *f, const char *name, guint64 seq)
{
  g_autoptr (GPtrArray) list = gb_variables_list (f->variables, seq);
  for (guint i = 0; i < list->len; i++)
    if (strcmp (gb_variable_get_text (list->pdata[i], GB_VARIABLE_NAME), name) == 0)
      return g_strdup (gb_variable_get_text (list->pdata[i], GB_VARIABLE_VALUE));
  return NULL;
}

static void
assert_value (Fixture *f, const char *name, guint64 seq, const char *expected)
{
  g_autofree char *value = value_of (f, name, seq);
  g_assert_cmpstr (value, ==, expected);
}

static void
test_values (Fixture *f, gconstpointer data)
{
  guint64 end = gb_trace_get_last_seq (f->trace);
  guint64 first = gb_trace_get_iteration (f->trace, 0)->last_seq;
  assert_value (f, "trainer.history", end, "[0, 1, 2, 3, 4]");
  assert_value (f, "trainer.best", end, "1.0");
  assert_value (f, "trainer.noisy.seen", end, "4");
  assert_value (f, "trainer.optimizer.param_groups[0]['lr']", end, "0.5");
  assert_value (f, "trainer.optimizer.param_groups[0]['momentum']", end, NULL); /* it never changed */
  assert_value (f, "trainer.model.training", end, "False");
  assert_value (f, "args.name", end, "'b'");
  assert_value (f, "self.best", first, "9.0");
  assert_value (f, "self.optimizer.param_groups[0]['lr']", first, "0.1");
  assert_value (f, "args.name", first, "'a'");
  assert_value (f, "args.rate", first, "0.1");
}

/* What a class keeps in __slots__, its own and its bases', beside a dict and without one. */
static void
test_slots (Fixture *f, gconstpointer data)
{
  guint64 end = gb_trace_get_last_seq (f->trace);
  GbChange change;
  assert_value (f, "state.x", end, "8");
  assert_value (f, "state.free", end, "'f'");
  assert_value (f, "state.log", end, "[0, 1, 2, 3]");
  assert_value (f, "state.inner.lr", end, "0.01");
  assert_value (f, "state.unset", end, NULL);
  assert_value (f, "state._own", end, NULL);
  g_autofree char *weight = value_of (f, "state.weight", end);
  g_assert_nonnull (weight);
  /* Backwards through its history: 0.01, 0.1, then 1.0, as it was before the loop. */
  static const char *const were[] = { "0.1", "1.0" };
  guint64 seq = end;
  for (guint i = 0; i < G_N_ELEMENTS (were); i++)
    {
      g_assert_true (gb_trace_find_change (f->trace, "state.inner.lr", 0, seq, -1, &change));
      seq = change.seq - 1;
      assert_value (f, "state.inner.lr", seq, were[i]);
    }
}

/* When it changed, and the first moment at which it was so. */
static void
test_changes (Fixture *f, gconstpointer data)
{
  GbChange change;
  GbValueTest test;
  const char *name = "self.optimizer.param_groups[0]['lr']";
  g_assert_true (gb_trace_find_change (f->trace, name, 0, gb_trace_get_last_seq (f->trace), -1, &change));
  g_assert_cmpint (change.kind, ==, GB_CHANGE_BOUND);
  g_assert_cmpuint (gb_trace_iteration_at (f->trace, change.seq), ==,
                    4); /* its line is the last of the third */
  g_assert_true (gb_value_test_parse ("self.optimizer.param_groups[0]['lr'] > 0.3", &test));
  g_assert_cmpuint (gb_trace_find_value (f->trace, &test, 0), ==, change.seq);
  gb_value_test_clear (&test);
  g_assert_true (gb_trace_find_change (f->trace, name, 0, change.seq - 1, -1, &change));
  g_assert_false (gb_trace_find_change (f->trace, name, 0, change.seq - 1, -1, &change));
  g_autofree char *history =
      gb_variables_history (f->variables, "self.history", gb_trace_get_last_seq (f->trace));
  g_assert_nonnull (strstr (history, "[0, 1, 2]\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/kernel/attributes/values", Fixture, NULL, set_up, test_values, tear_down);
  g_test_add ("/kernel/attributes/slots", Fixture, NULL, set_up, test_slots, tear_down);
  g_test_add ("/kernel/attributes/changes", Fixture, NULL, set_up, test_changes, tear_down);
  return g_test_run ();
}
