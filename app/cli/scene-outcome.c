#include "cli/scene-outcome.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-c/json.h>
#include <string.h>

#include "checker/pytorch.h"
#include "cli/headless.h"
#include "common/i18n.h"
#include "paths.h"

#define MOST_SECONDS   300
#define COMPARED_STEPS 20

static void
told_free (gpointer data)
{
  GbTold *told = data;
  g_free (told->name);
  g_free (told->value);
  g_free (told);
}

static GbSceneOutcome *
outcome_new (void)
{
  GbSceneOutcome *self = g_new0 (GbSceneOutcome, 1);
  self->asked = g_ptr_array_new_with_free_func (g_free);
  self->told = g_ptr_array_new_with_free_func (told_free);
  self->failed = g_ptr_array_new_with_free_func (g_free);
  self->output = g_string_new (NULL);
  return self;
}

void
gb_scene_outcome_free (GbSceneOutcome *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->asked);
  g_ptr_array_unref (self->told);
  g_ptr_array_unref (self->failed);
  g_string_free (self->output, TRUE);
  g_free (self->fault);
  g_free (self);
}

const char *
gb_scene_outcome_told (const GbSceneOutcome *self, const char *id)
{
  for (guint i = self->told->len; i-- > 0;)
    if (g_str_equal (((GbTold *) g_ptr_array_index (self->told, i))->name, id))
      return ((GbTold *) g_ptr_array_index (self->told, i))->value;
  return NULL;
}

static void
add_told (GbSceneOutcome *self, const char *name, const char *value)
{
  GbTold *told = g_new0 (GbTold, 1);
  told->name = g_strdup (name);
  told->value = g_strdup (value);
  g_ptr_array_add (self->told, told);
}

static void
add_check (GbSceneOutcome *self, const char *name, gboolean holds)
{
  self->n_checked++;
  if (!holds)
    g_ptr_array_add (self->failed, g_strdup (name));
}

/* ---- the engine ---- */

static void
read_trace (GbSceneOutcome *self, GbTrace *trace)
{
  for (guint i = 0; i < gb_trace_get_n_named (trace); i++)
    {
      const GbNamed *named = gb_trace_get_named (trace, i);
      if (named->type == TE_RECORD_ASK)
        g_ptr_array_add (self->asked, g_strdup (named->name));
      else if (named->type == TE_RECORD_TELL)
        add_told (self, named->name, named->text);
      else if (named->type == TE_RECORD_CHECK)
        add_check (self, named->name, named->holds);
    }
  for (guint64 i = gb_trace_get_first_print (trace); i < gb_trace_get_n_prints (trace); i++)
    {
      const GbPrint *print = gb_trace_get_print (trace, i);
      if (print && print->stream == 1)
        g_string_append_len (self->output, print->text, (gssize) print->nbytes);
    }
}

/* The scene's file with a call of each tab that it does not run by itself.  Owned; NULL: cannot be read. */
static char *
source_with_all_tabs (const GbScene *scene)
{
  g_autofree char *path = g_build_filename (scene->folder, "scene.py", NULL);
  char *source = NULL;
  if (!g_file_get_contents (path, &source, NULL, NULL))
    return NULL;
  g_autoptr (GString) text = g_string_new (source);
  g_free (source);
  for (guint i = 0; i < scene->tabs->len; i++)
    {
      const GbSceneTab *tab = g_ptr_array_index (scene->tabs, i);
      if (!tab->is_default)
        g_string_append_printf (text, "\n%s()\n", tab->function);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Runs a text as the program `name` (a scene id or a file) and reads off what it said. */
static GbSceneOutcome *
run_on_engine (const char *name, const char *text)
{
  static const TeWatch none[] = { { TE_WATCH_METER, 1000, 0, 0 } };
  GbHeadlessOptions options = { .watches = none, .n_watches = 1, .text = text, .seconds = MOST_SECONDS };
  GbSceneOutcome *self = outcome_new ();
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GbProgram) program = gb_program_find (name, &error);
  GbKernelResult result = { 0 };
  gint64 begin = g_get_monotonic_time ();
  if (!program || !gb_headless_run (program, &options, trace, &result, &error))
    self->fault = g_strdup (error->message);
  else if (result.status != 0)
    {
      guint n = gb_trace_get_n_exceptions (trace);
      const GbException *exception = n ? gb_trace_get_exception (trace, n - 1) : NULL;
      self->fault = exception ? g_strdup_printf ("%s: %s", exception->type_name, exception->message)
                              : g_strdup (result.message);
    }
  self->seconds = (double) (g_get_monotonic_time () - begin) / 1e6;
  read_trace (self, trace);
  gb_kernel_result_clear (&result);
  return self;
}

GbSceneOutcome *
gb_scene_run_on_engine (const GbScene *scene)
{
  g_autofree char *text = source_with_all_tabs (scene);
  return run_on_engine (scene->id, text);
}

GbSceneOutcome *
gb_snippet_run_on_engine (const char *note, const char *code)
{
  return run_on_engine (note, code);
}

/* ---- real PyTorch ---- */

static void
read_record (GbSceneOutcome *self, const char *path)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      struct json_object *row = json_tokener_parse (lines[i]);
      gsize n = json_object_is_type (row, json_type_array) ? json_object_array_length (row) : 0;
      const char *kind = n > 1 ? json_object_get_string (json_object_array_get_idx (row, 0)) : "";
      const char *name = n > 1 ? json_object_get_string (json_object_array_get_idx (row, 1)) : "";
      if (g_str_equal (kind, "ask"))
        g_ptr_array_add (self->asked, g_strdup (name));
      else if (g_str_equal (kind, "tell") && n > 2)
        add_told (
            self, name,
            json_object_to_json_string_ext (json_object_array_get_idx (row, 2), JSON_C_TO_STRING_PLAIN));
      else if (g_str_equal (kind, "check") && n > 2)
        add_check (self, name, json_object_get_boolean (json_object_array_get_idx (row, 2)));
      json_object_put (row);
    }
}

static char *
last_line (const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text ? text : ""));
  const char *newline = strrchr (stripped, '\n');
  return g_strdup (newline ? newline + 1 : stripped);
}

static void
run_on_pytorch (GbSceneOutcome *self,
                const char *script,
                const char *folder,
                const char *const *args,
                const char *input)
{
  g_autofree char *output = NULL, *errors = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  if (!gb_pytorch_run (script, folder, args, input, &output, &errors, &error))
    self->fault = error ? g_strdup (error->message) : last_line (errors);
  self->seconds = (double) (g_get_monotonic_time () - begin) / 1e6;
  g_string_append (self->output, output);
}

GbSceneOutcome *
gb_scene_run_on_pytorch (const GbScene *scene)
{
  GbSceneOutcome *self = outcome_new ();
  g_autofree char *source = g_build_filename (scene->folder, "scene.py", NULL);
  g_autofree char *folder = g_dir_make_tmp ("gradboard-check-XXXXXX", NULL);
  g_autofree char *record = g_build_filename (folder ? folder : "/tmp", "record", NULL);
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  g_ptr_array_add (args, record);
  g_ptr_array_add (args, source);
  for (guint i = 0; i < scene->tabs->len; i++)
    {
      const GbSceneTab *tab = g_ptr_array_index (scene->tabs, i);
      if (!tab->is_default)
        g_ptr_array_add (args, tab->function);
    }
  g_ptr_array_add (args, NULL);
  run_on_pytorch (self, "record_board.py", folder, (const char *const *) args->pdata, NULL);
  read_record (self, record);
  g_remove (record);
  if (folder)
    g_rmdir (folder);
  return self;
}

GPtrArray *
gb_snippets_run_on_pytorch (GPtrArray *codes)
{
  GPtrArray *outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_scene_outcome_free);
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < codes->len; i++)
    json_object_array_add (list, json_object_new_string (g_ptr_array_index (codes, i)));
  g_autoptr (GbSceneOutcome) all = outcome_new ();
  run_on_pytorch (all, "run_snippets.py", NULL, NULL, json_object_to_json_string (list));
  json_object_put (list);
  struct json_object *rows = json_tokener_parse (all->output->str);
  for (guint i = 0; i < codes->len; i++)
    {
      struct json_object *row =
          json_object_is_type (rows, json_type_array) ? json_object_array_get_idx (rows, i) : NULL;
      GbSceneOutcome *outcome = outcome_new ();
      if (json_object_is_type (row, json_type_array) && json_object_array_length (row) == 2)
        g_string_append (outcome->output, json_object_get_string (json_object_array_get_idx (row, 1)));
      if (!row || json_object_get_int (json_object_array_get_idx (row, 0)) != 0)
        outcome->fault = all->fault ? g_strdup (all->fault) : last_line (outcome->output->str);
      g_ptr_array_add (outcomes, outcome);
    }
  json_object_put (rows);
  return outcomes;
}

/* ---- side by side ---- */

/* The first lines that begin with "step". */
static GPtrArray *
step_lines (const char *output)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  for (guint i = 0; lines[i] && found->len < COMPARED_STEPS; i++)
    if (g_str_has_prefix (lines[i], "step"))
      g_ptr_array_add (found, g_strdup (lines[i]));
  return found;
}

static void
compare_steps (GPtrArray *differences, const char *ours, const char *theirs)
{
  g_autoptr (GPtrArray) a = step_lines (ours);
  g_autoptr (GPtrArray) b = step_lines (theirs);
  if (a->len != b->len)
    {
      g_ptr_array_add (differences,
                       g_strdup_printf (_ ("%u step lines here, %u on PyTorch"), a->len, b->len));
      return;
    }
  for (guint i = 0; i < a->len; i++)
    if (!g_str_equal (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      {
        g_ptr_array_add (differences,
                         g_strdup_printf (_ ("“%s” here, “%s” on PyTorch"), (char *) g_ptr_array_index (a, i),
                                          (char *) g_ptr_array_index (b, i)));
        return;
      }
}

static void
compare_told (GPtrArray *differences,
              const GbScene *scene,
              const GbSceneOutcome *ours,
              const GbSceneOutcome *theirs)
{
  for (guint i = 0; i < theirs->told->len; i++)
    {
      const GbTold *told = g_ptr_array_index (theirs->told, i);
      const char *mine = gb_scene_outcome_told (ours, told->name);
      const GbPrediction *prediction = gb_scene_find_prediction (scene, told->name);
      if (!mine
          || !(g_str_equal (mine, told->value)
               || (prediction && gb_prediction_agrees (prediction, mine, told->value))))
        g_ptr_array_add (differences, g_strdup_printf (_ ("%s: %s here, %s on PyTorch"), told->name,
                                                       mine ? mine : _ ("nothing"), told->value));
    }
}

static gboolean
holds (const GPtrArray *failed, const char *name)
{
  for (guint i = 0; i < failed->len; i++)
    if (g_str_equal (g_ptr_array_index (failed, i), name))
      return FALSE;
  return TRUE;
}

GPtrArray *
gb_scene_outcome_compare (const GbScene *scene, const GbSceneOutcome *ours, const GbSceneOutcome *theirs)
{
  GPtrArray *differences = g_ptr_array_new_with_free_func (g_free);
  compare_told (differences, scene, ours, theirs);
  compare_steps (differences, ours->output->str, theirs->output->str);
  if (ours->n_checked != theirs->n_checked)
    g_ptr_array_add (differences, g_strdup_printf (_ ("%u facts checked here, %u on PyTorch"),
                                                   ours->n_checked, theirs->n_checked));
  for (guint i = 0; i < theirs->failed->len; i++)
    if (holds (ours->failed, g_ptr_array_index (theirs->failed, i)))
      g_ptr_array_add (differences, g_strdup_printf (_ ("%s holds here, not on PyTorch"),
                                                     (char *) g_ptr_array_index (theirs->failed, i)));
  return differences;
}
