#include "library/case.h"

#include <string.h>

#include "common/i18n.h"

static void
hint_free (GbCaseHint *hint)
{
  gb_text_clear (&hint->text);
  g_free (hint);
}

static void
check_free (GbCaseCheck *check)
{
  g_free (check->id);
  gb_text_clear (&check->says);
  g_free (check);
}

static void
cause_free (GbCaseCause *cause)
{
  g_free (cause->id);
  g_free (cause->line);
  gb_text_clear (&cause->text);
  g_free (cause);
}

static void
evidence_free (GbCaseEvidence *evidence)
{
  g_free (evidence->view);
  gb_text_clear (&evidence->says);
  g_free (evidence);
}

static void
false_lead_free (GbFalseLead *lead)
{
  gb_text_clear (&lead->lead);
  gb_text_clear (&lead->why_not);
  g_free (lead);
}

static void
replay_step_free (GbReplayStep *step)
{
  g_free (step->at);
  g_free (step->view);
  gb_text_clear (&step->says);
  g_free (step);
}

void
gb_case_seal (GbCase *self)
{
  self->is_sealed = TRUE;
  gb_text_clear (&self->explanation);
  g_ptr_array_set_size (self->hints, 0);
  g_ptr_array_set_size (self->evidence, 0);
  g_ptr_array_set_size (self->false_leads, 0);
  g_ptr_array_set_size (self->replay, 0);
  for (guint i = 0; i < self->causes->len; i++)
    {
      GbCaseCause *cause = g_ptr_array_index (self->causes, i);
      cause->is_right = FALSE;
      g_clear_pointer (&cause->line, g_free);
    }
}

void
gb_case_free (GbCase *self)
{
  if (!self)
    return;
  g_free (self->id);
  g_free (self->folder);
  gb_text_clear (&self->title);
  gb_text_clear (&self->brief);
  gb_text_clear (&self->explanation);
  g_free (self->leaf);
  g_free (self->level);
  g_free (self->coding_task);
  g_strfreev (self->scenes);
  g_free (self->ends);
  g_strfreev (self->views);
  g_strfreev (self->fixed);
  g_ptr_array_unref (self->hints);
  g_ptr_array_unref (self->checks);
  g_ptr_array_unref (self->causes);
  g_ptr_array_unref (self->evidence);
  g_ptr_array_unref (self->false_leads);
  g_ptr_array_unref (self->replay);
  g_free (self->error);
  g_free (self);
}

static double
get_number (GbJson *object, const char *key)
{
  GbJson *number = NULL;
  return json_object_is_type (object, json_type_object) && json_object_object_get_ex (object, key, &number)
             ? json_object_get_double (number)
             : 0;
}

static gpointer
read_hint (GbJson *from)
{
  GbCaseHint *hint = g_new0 (GbCaseHint, 1);
  hint->text = gb_text_read (from, "text");
  hint->cost = get_number (from, "cost");
  return hint;
}

static gpointer
read_check (GbJson *from)
{
  GbCaseCheck *check = g_new0 (GbCaseCheck, 1);
  check->id = gb_json_dup_string (from, "id");
  check->says = gb_text_read (from, "says");
  return check;
}

static gpointer
read_cause (GbJson *from)
{
  GbCaseCause *cause = g_new0 (GbCaseCause, 1);
  cause->id = gb_json_dup_string (from, "id");
  cause->line = gb_json_dup_string (from, "line");
  cause->text = gb_text_read (from, "text");
  cause->is_right = json_object_get_boolean (gb_json_get (from, "right", json_type_boolean));
  return cause;
}

static gpointer
read_evidence (GbJson *from)
{
  GbCaseEvidence *evidence = g_new0 (GbCaseEvidence, 1);
  evidence->view = gb_json_dup_string (from, "view");
  evidence->says = gb_text_read (from, "says");
  return evidence;
}

static gpointer
read_false_lead (GbJson *from)
{
  GbFalseLead *lead = g_new0 (GbFalseLead, 1);
  lead->lead = gb_text_read (from, "lead");
  lead->why_not = gb_text_read (from, "why_not");
  return lead;
}

static gpointer
read_replay_step (GbJson *from)
{
  GbReplayStep *step = g_new0 (GbReplayStep, 1);
  step->at = gb_json_dup_string (from, "at");
  step->view = gb_json_dup_string (from, "view");
  step->says = gb_text_read (from, "says");
  return step;
}

static GPtrArray *
read_list (GbJson *root, const char *key, gpointer (*read) (GbJson *), gpointer free_entry)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) free_entry);
  for (guint i = 0; i < gb_json_get_length (root, key); i++)
    g_ptr_array_add (list, read (gb_json_get_nth (root, key, i)));
  return list;
}

GbCase *
gb_case_read (const char *folder, const char *id, gboolean is_exercise)
{
  GbCase *self = g_new0 (GbCase, 1);
  self->id = g_strdup (id);
  self->folder = g_strdup (folder);
  self->is_exercise = is_exercise;
  g_autofree char *path = g_build_filename (folder, gb_case_get_json_name (self), NULL);
  g_autoptr (GbJsonFile) file = gb_json_file_read (path, &self->error);
  GbJson *root = file ? file->root : NULL;
  self->title = gb_text_read (root, "title");
  self->brief = gb_text_read (root, is_exercise ? "task" : "brief");
  self->explanation = gb_text_read (root, "explanation");
  self->leaf = gb_json_dup_string (root, "leaf");
  self->level = gb_json_dup_string (root, "level");
  self->coding_task = gb_json_dup_string (root, "coding_task");
  self->scenes = gb_json_dup_strings (root, "scenes");
  self->ends = gb_json_dup_string (root, "ends");
  self->seconds = get_number (root, "seconds");
  self->views = gb_json_dup_strings (root, "views");
  self->fixed = gb_json_dup_strings (root, "fixed");
  self->hints = read_list (root, "hints", read_hint, hint_free);
  self->checks = read_list (root, "checks", read_check, check_free);
  self->causes = read_list (root, "causes", read_cause, cause_free);
  self->evidence = read_list (root, "evidence", read_evidence, evidence_free);
  self->false_leads = read_list (root, "false_leads", read_false_lead, false_lead_free);
  self->replay = read_list (root, "replay", read_replay_step, replay_step_free);
  return self;
}

const char *
gb_case_get_json_name (const GbCase *self)
{
  return self->is_exercise ? "exercise.json" : "case.json";
}

const char *
gb_case_get_program_name (const GbCase *self)
{
  return self->is_exercise ? "start.py" : "program.py";
}

const char *
gb_case_get_solutions_name (const GbCase *self)
{
  return self->is_exercise ? "solutions" : "fixes";
}

char *
gb_case_load_program (const GbCase *self)
{
  g_autofree char *path = g_build_filename (self->folder, gb_case_get_program_name (self), NULL);
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

const char *
gb_case_get_demand (const GbCase *self, const char *check)
{
  if (strcmp (check, "loads") == 0)
    return _ ("the program can be loaded");
  if (strcmp (check, "fixed") == 0)
    return _ ("the parts that are not to be changed are as they were");
  for (guint i = 0; i < self->checks->len; i++)
    {
      const GbCaseCheck *at = g_ptr_array_index (self->checks, i);
      if (g_strcmp0 (at->id, check) == 0)
        return gb_text_get (&at->says);
    }
  return check;
}
