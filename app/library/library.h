/* library: what the board can open besides files: the outline with its leaves, the scenes, their notes and
 * questions. Everything is read once at start, from data/outline.json, data/scenes and data/topics.  A folder
 * whose JSON is broken stays in the list, with the fault as its text. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A text in both languages. */
typedef struct
{
  char *zh, *en;
} GbText;

/* gb_text_get: in the current language; "" when there is none.  Borrowed. */
const char *gb_text_get (const GbText *text);

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
  char *level; /* junior, mid, senior, expert */
  GbText question, answer;
} GbQuestion;

typedef struct
{
  char *id, *folder;
  GbText title, summary;
  GPtrArray *tabs;        /* GbSceneTab */
  GPtrArray *predictions; /* GbPrediction */
  GPtrArray *knobs;       /* GbSceneKnob */
  GPtrArray *questions;   /* GbQuestion */
  char **views, **leaves;
  char *note_folder; /* that has note.zh.md and note.en.md, or NULL */
  char *error;       /* what is wrong with its JSON, or NULL */
} GbScene;

/* A row of the outline: section, subsection, group or leaf; GListModel of these is a tree. */
#define GB_TYPE_OUTLINE_ITEM (gb_outline_item_get_type ())
G_DECLARE_FINAL_TYPE (GbOutlineItem, gb_outline_item, GB, OUTLINE_ITEM, GObject)
const char *gb_outline_item_get_id (GbOutlineItem *self);
const char *gb_outline_item_get_number (GbOutlineItem *self);
const char *gb_outline_item_get_title (GbOutlineItem *self);    /* in the current language */
const GbScene *gb_outline_item_get_scene (GbOutlineItem *self); /* that shows it, or NULL */
GListModel *gb_outline_item_get_children (GbOutlineItem *self); /* NULL: a leaf */

#define GB_TYPE_LIBRARY (gb_library_get_type ())
G_DECLARE_FINAL_TYPE (GbLibrary, gb_library, GB, LIBRARY, GObject)

/* data_dir: the folder with outline.json, scenes/ and topics/. */
GbLibrary *gb_library_new (const char *data_dir);
guint gb_library_get_n_scenes (GbLibrary *self);
const GbScene *gb_library_get_scene (GbLibrary *self, guint nth);
const GbScene *gb_library_find_scene (GbLibrary *self, const char *id);
/* Roots of the outline tree. */
GListModel *gb_library_get_outline (GbLibrary *self);
/* What is wrong with outline.json, or NULL. */
const char *gb_library_get_error (GbLibrary *self);

const GbPrediction *gb_scene_find_prediction (const GbScene *self, const char *id);
/* Label of a knob in the current language; the name itself when it has none. */
const char *gb_scene_knob_label (const GbScene *self, const char *name);
/* Text of the note in the current language, or NULL. Owned. */
char *gb_scene_load_note (const GbScene *self);
/* Does an answer to a prediction agree with the truth (JSON as gb.tell gives it)? */
gboolean gb_prediction_agrees (const GbPrediction *self, const char *answer, const char *truth);

G_END_DECLS
