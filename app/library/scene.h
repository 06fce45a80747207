/* scene: a program that shows something, scene.py in a folder data/scenes/ID, with what stands beside it in
 * scene.json: titles, parts that can be run alone, labels of knobs, predictions. */
#pragma once

#include "library/topic.h"

G_BEGIN_DECLS

typedef struct
{
  char *function;
  GbText title;
  gboolean is_default;
} GbSceneTab;

typedef struct
{
  char *value;
  GbText label;
} GbSceneChoice;

typedef struct
{
  char *id, *tab, *kind; /* number, choice, text, shape */
  GbText prompt;
  double tolerance;
  GPtrArray *choices; /* GbSceneChoice */
} GbPrediction;

typedef struct
{
  char *name;
  GbText label;
} GbSceneKnob;

typedef struct
{
  char *id, *folder;
  GbText title, summary;
  GPtrArray *tabs;        /* GbSceneTab */
  GPtrArray *predictions; /* GbPrediction */
  GPtrArray *knobs;       /* GbSceneKnob */
  char **views, **leaves;
  double seconds;
  GbTopic *own; /* its note and questions where it has some of its own, or NULL */
  char *error;  /* what is wrong with its JSON, or NULL */
} GbScene;

GbScene *gb_scene_read (const char *folder, const char *id);
void gb_scene_free (GbScene *self);
/* Takes its own note and questions away. */
void gb_scene_seal (GbScene *self);
const GbPrediction *gb_scene_find_prediction (const GbScene *self, const char *id);
const GbSceneTab *gb_scene_find_tab (const GbScene *self, const char *function);
/* Label of a knob in the current language; the name itself when it has none. */
const char *gb_scene_knob_label (const GbScene *self, const char *name);
/* Does an answer to a prediction agree with the truth (JSON as gb.tell gives it)? */
gboolean gb_prediction_agrees (const GbPrediction *self, const char *answer, const char *truth);

G_END_DECLS
