#include "library/scene.h"

#include <math.h>
#include <string.h>

static void
tab_free (GbSceneTab *tab)
{
  g_free (tab->function);
  gb_text_clear (&tab->title);
  g_free (tab);
}

static void
choice_free (GbSceneChoice *choice)
{
  g_free (choice->value);
  gb_text_clear (&choice->label);
  g_free (choice);
}

static void
prediction_free (GbPrediction *prediction)
{
  g_free (prediction->id);
  g_free (prediction->tab);
  g_free (prediction->kind);
  gb_text_clear (&prediction->prompt);
  g_ptr_array_unref (prediction->choices);
  g_free (prediction);
}

static void
knob_free (GbSceneKnob *knob)
{
  g_free (knob->name);
  gb_text_clear (&knob->label);
  g_free (knob);
}

void
gb_scene_free (GbScene *self)
{
  if (!self)
    return;
  g_free (self->id);
  g_free (self->folder);
  gb_text_clear (&self->title);
  gb_text_clear (&self->summary);
  g_ptr_array_unref (self->tabs);
  g_ptr_array_unref (self->predictions);
  g_ptr_array_unref (self->knobs);
  g_strfreev (self->views);
  g_strfreev (self->leaves);
  gb_topic_free (self->own);
  g_free (self->error);
  g_free (self);
}

void
gb_scene_seal (GbScene *self)
{
  g_clear_pointer (&self->own, gb_topic_free);
}

static void
read_tabs (GbScene *scene, GbJson *root)
{
  for (guint i = 0; i < gb_json_get_length (root, "tabs"); i++)
    {
      GbJson *from = gb_json_get_nth (root, "tabs", i);
      GbSceneTab *tab = g_new0 (GbSceneTab, 1);
      tab->function = gb_json_dup_string (from, "function");
      tab->title = gb_text_read (from, "title");
      tab->is_default = json_object_get_boolean (gb_json_get (from, "default", json_type_boolean));
      if (tab->function)
        g_ptr_array_add (scene->tabs, tab);
      else
        tab_free (tab);
    }
}

static void
read_knobs (GbScene *scene, GbJson *root)
{
  for (guint i = 0; i < gb_json_get_length (root, "knobs"); i++)
    {
      GbSceneKnob *knob = g_new0 (GbSceneKnob, 1);
      knob->name = gb_json_dup_string (gb_json_get_nth (root, "knobs", i), "name");
      knob->label = gb_text_read (gb_json_get_nth (root, "knobs", i), "label");
      g_ptr_array_add (scene->knobs, knob);
    }
}

static void
read_predictions (GbScene *scene, GbJson *root)
{
  for (guint i = 0; i < gb_json_get_length (root, "predictions"); i++)
    {
      GbJson *from = gb_json_get_nth (root, "predictions", i);
      GbPrediction *p = g_new0 (GbPrediction, 1);
      p->id = gb_json_dup_string (from, "id");
      p->tab = gb_json_dup_string (from, "tab");
      p->kind = gb_json_dup_string (from, "kind");
      p->prompt = gb_text_read (from, "prompt");
      GbJson *tolerance = NULL;
      if (json_object_object_get_ex (from, "tolerance", &tolerance))
        p->tolerance = json_object_get_double (tolerance);
      p->choices = g_ptr_array_new_with_free_func ((GDestroyNotify) choice_free);
      for (guint c = 0; c < gb_json_get_length (from, "choices"); c++)
        {
          GbSceneChoice *choice = g_new0 (GbSceneChoice, 1);
          choice->value = gb_json_dup_string (gb_json_get_nth (from, "choices", c), "value");
          choice->label = gb_text_read (gb_json_get_nth (from, "choices", c), "label");
          g_ptr_array_add (p->choices, choice);
        }
      g_ptr_array_add (scene->predictions, p);
    }
}

GbScene *
gb_scene_read (const char *folder, const char *id)
{
  GbScene *scene = g_new0 (GbScene, 1);
  scene->id = g_strdup (id);
  scene->folder = g_strdup (folder);
  scene->tabs = g_ptr_array_new_with_free_func ((GDestroyNotify) tab_free);
  scene->predictions = g_ptr_array_new_with_free_func ((GDestroyNotify) prediction_free);
  scene->knobs = g_ptr_array_new_with_free_func ((GDestroyNotify) knob_free);
  g_autofree char *path = g_build_filename (folder, "scene.json", NULL);
  g_autoptr (GbJsonFile) file = gb_json_file_read (path, &scene->error);
  GbJson *root = file ? file->root : NULL, *seconds = NULL;
  scene->title = gb_text_read (root, "title");
  scene->summary = gb_text_read (root, "summary");
  scene->views = gb_json_dup_strings (root, "views");
  scene->leaves = gb_json_dup_strings (root, "leaves");
  if (root && json_object_object_get_ex (root, "seconds", &seconds))
    scene->seconds = json_object_get_double (seconds);
  read_tabs (scene, root);
  read_knobs (scene, root);
  read_predictions (scene, root);
  g_autofree char *questions = g_build_filename (folder, "questions.json", NULL);
  if (g_file_test (questions, G_FILE_TEST_EXISTS))
    scene->own = gb_topic_read (folder, "questions.json");
  return scene;
}

const GbPrediction *
gb_scene_find_prediction (const GbScene *self, const char *id)
{
  for (guint i = 0; i < self->predictions->len; i++)
    {
      GbPrediction *prediction = g_ptr_array_index (self->predictions, i);
      if (g_strcmp0 (prediction->id, id) == 0)
        return prediction;
    }
  return NULL;
}

const char *
gb_scene_knob_label (const GbScene *self, const char *name)
{
  for (guint i = 0; self && i < self->knobs->len; i++)
    {
      GbSceneKnob *knob = g_ptr_array_index (self->knobs, i);
      if (g_strcmp0 (knob->name, name) == 0)
        return gb_text_get (&knob->label);
    }
  return name;
}

const GbSceneTab *
gb_scene_find_tab (const GbScene *self, const char *function)
{
  for (guint i = 0; i < self->tabs->len; i++)
    {
      GbSceneTab *tab = g_ptr_array_index (self->tabs, i);
      if (g_strcmp0 (tab->function, function) == 0)
        return tab;
    }
  return NULL;
}

/* ---- predictions ---- */

/* Letters and digits only, so that "(3, 4)", "[3,4]" and "3 4" are the same shape. */
static char *
normalise (const char *text, gboolean is_shape)
{
  GString *plain = g_string_new (NULL);
  for (const char *p = text; *p; p++)
    if (is_shape ? (g_ascii_isalnum (*p) || *p == '-') : !g_ascii_isspace (*p) && *p != '"')
      g_string_append_c (plain, g_ascii_tolower (*p));
    else if (is_shape && plain->len && plain->str[plain->len - 1] != ' ')
      g_string_append_c (plain, ' ');
  return g_strstrip (g_string_free (plain, FALSE));
}

gboolean
gb_prediction_agrees (const GbPrediction *self, const char *answer, const char *truth)
{
  if (g_strcmp0 (self->kind, "number") == 0)
    {
      char *end = NULL;
      double value = g_ascii_strtod (answer, &end), expected = g_ascii_strtod (truth, NULL);
      return end != answer && fabs (value - expected) <= self->tolerance + 1e-12;
    }
  gboolean is_shape = g_strcmp0 (self->kind, "shape") == 0;
  g_autofree char *a = normalise (answer, is_shape);
  g_autofree char *b = normalise (truth, is_shape);
  return strcmp (a, b) == 0;
}
