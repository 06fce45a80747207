/* topic: a leaf of the outline as material: its note, its questions, and the part of a scene that shows it.
 * A folder data/topics/SECTION/LEAF with topic.json, note.zh.md and note.en.md; a scene that shows no leaf
 * has the same beside its program, with the name questions.json. */
#pragma once

#include "library/text.h"

G_BEGIN_DECLS

/* The Markdown of notes, as md4c's flags. */
#define GB_NOTE_DIALECT (MD_FLAG_TABLES | MD_FLAG_LATEXMATHSPANS | MD_FLAG_NOHTML)

/* What an answer is worth in one of the outline's dimensions: what earns 0, 2 and 4. */
typedef struct
{
  char *dimension; /* basics, practice, optimise, innovate */
  GbText none, fair, full;
} GbAnchors;

typedef struct
{
  char *level; /* junior, mid, senior, expert */
  GbText question, answer, follow_up;
  GbText wrong, reveals; /* the commonest wrong answer, and what it shows */
  GPtrArray *anchors;    /* GbAnchors, one or two */
} GbQuestion;

typedef struct
{
  char *folder;
  char *leaf;           /* NULL: of a scene */
  char *scene, *tab;    /* that show it */
  GPtrArray *questions; /* GbQuestion, easiest first */
  char *error;          /* what is wrong with its JSON, or NULL */
} GbTopic;

GbTopic *gb_topic_read (const char *folder, const char *file_name);
void gb_topic_free (GbTopic *self);
/* Takes its note and its questions away. */
void gb_topic_seal (GbTopic *self);
/* Text of the note in a language ("zh", "en"), or NULL.  Owned. */
char *gb_topic_load_note (const GbTopic *self, const char *language);

G_END_DECLS
