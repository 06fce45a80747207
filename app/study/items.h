/* items: what of the library can be answered, by name: "question:LEAF/LEVEL" (of a scene that
 * has its own: "question:SCENE/LEVEL"), "prediction:SCENE/ID", "case:ID"; and how far
 * somebody is with a leaf of the outline. */
#pragma once

#include "library/library.h"
#include "study/progress.h"

G_BEGIN_DECLS

typedef enum
{
  GB_ITEM_QUESTION,
  GB_ITEM_PREDICTION,
  GB_ITEM_CASE, /* or an exercise */
} GbItemKind;

/* What a name stands for.  Borrowed of the library.  scene: of a prediction, or of a question that no leaf
 * has. */
typedef struct
{
  GbItemKind kind;
  const char *leaf; /* NULL: of no leaf */
  const GbQuestion *question;
  const GbScene *scene;
  const GbPrediction *prediction;
  const GbCase *which;
} GbItem;

/* FALSE: the library has no such thing (any more). */
gboolean gb_item_find (GbLibrary *library, const char *name, GbItem *item);
/* What it asks, in the current language. */
const char *gb_item_get_title (const GbItem *item);

char *gb_item_name_question (const char *owner, const GbQuestion *question);
char *gb_item_name_prediction (const GbScene *scene, const char *id);
char *gb_item_name_case (const char *id);

/* Names of what belongs to a leaf: its questions, the predictions of the part of a scene that shows it, its
 * cases and exercises.  (element-type char *), owned. */
GPtrArray *gb_items_of_leaf (GbLibrary *library, const char *leaf);

typedef enum
{
  GB_LEAF_EMPTY, /* nothing to answer yet */
  GB_LEAF_NEW,
  GB_LEAF_BEGUN,
  GB_LEAF_WEAK, /* the last answer to something was not right */
  GB_LEAF_DUE,  /* something that was missed has come back */
  GB_LEAF_DONE, /* the last answer to everything was right */
} GbLeafState;

typedef struct
{
  GbLeafState state;
  guint n_items, n_right, n_missed, n_due; /* right, missed: at the last answer */
} GbLeafProgress;

GbLeafProgress
gb_leaf_get_progress (GbLibrary *library, GbProgress *progress, const char *leaf, gint64 today);
/* "●", "◐", … and the word for it, in the current language */
const char *gb_leaf_state_get_mark (GbLeafState state);
const char *gb_leaf_state_get_name (GbLeafState state);

G_END_DECLS
