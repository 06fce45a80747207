/* Ink: what a person draws and writes over pictures and text.  Nothing here draws.
 *
 * A mark hangs on one or two anchors: a thing of a picture (a node, a cell, a row), a line of a text, or the
 * picture as a whole.  Its points are offsets from the first anchor in that anchor's own unit, so that
 * whoever knows where the anchor is now knows where the mark is; of two anchors each end follows its own.
 * GbInk holds the marks of all programs with one history, and says every change as a line of JSON that
 * gb_ink_replay() understands: whoever appends those lines to a file loses nothing. */
#pragma once

#include "models/selection.h"

G_BEGIN_DECLS

#define GB_INK_FORMAT      1
#define GB_INK_MOST_POINTS 20000
#define GB_INK_MOST_TEXT   4000 /* bytes */

typedef enum
{
  GB_INK_PEN,
  GB_INK_HIGHLIGHTER,
  GB_INK_ARROW, /* two points: tail and head */
  GB_INK_TEXT,  /* one point: left, middle of the first line */
  GB_INK_N_KINDS,
} GbInkKind;

/* Roles of the theme. */
typedef enum
{
  GB_INK_BLACK, /* the theme's ink: white on dark */
  GB_INK_RED,
  GB_INK_ORANGE,
  GB_INK_TEAL,
  GB_INK_VIOLET,
  GB_INK_N_COLORS,
} GbInkColor;

typedef enum
{
  GB_INK_ON_WHOLE, /* of the picture: its left top */
  GB_INK_ON_THING,
  GB_INK_ON_LINE,
} GbInkAnchorKind;

typedef struct
{
  GbInkAnchorKind kind;
  GbPick pick;       /* ON_THING */
  guint line;        /* ON_LINE, from 1 */
  char *text;        /* of that line without the spaces around it */
  double x, y, unit; /* of a second anchor: where it was, in units of the first.  Of the first: 0, 0, pixels
                        per unit */
} GbInkAnchor;

typedef struct
{
  double x, y, pressure; /* 0.5: of a pointer that knows none */
} GbInkPoint;

typedef struct
{
  guint64 id;
  const char *program; /* interned path */
  const char *surface; /* interned: id of the view, or GB_INK_EDITOR */
  GbInkKind kind;
  GbInkColor color;
  double width; /* pixels at scale 1 when it was made; of a text its height */
  guint n_anchors;
  GbInkAnchor anchors[2];
  GArray *points; /* GbInkPoint */
  char *text;
} GbInkMark;

#define GB_INK_EDITOR "editor"

/* Marks are counted references, and do not change but for the lines that they hang on. */
GbInkMark *gb_ink_mark_new (GbInkKind kind, const char *program, const char *surface);
GbInkMark *gb_ink_mark_ref (GbInkMark *self);
void gb_ink_mark_unref (GbInkMark *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbInkMark, gb_ink_mark_unref)
void gb_ink_mark_take_anchor (GbInkMark *self, const GbInkAnchor *anchor); /* its text is taken */
void gb_ink_mark_add_point (GbInkMark *self, double x, double y, double pressure);
static inline const GbInkPoint *
gb_ink_mark_point (const GbInkMark *self, guint nth)
{
  return &g_array_index (self->points, GbInkPoint, nth);
}

#define GB_TYPE_INK (gb_ink_get_type ())
G_DECLARE_FINAL_TYPE (GbInk, gb_ink, GB, INK, GObject)

/* Signals: "changed"; "logged" (program, line of JSON without its end). */
GbInk *gb_ink_new (void);
guint gb_ink_get_n (GbInk *self);
GbInkMark *gb_ink_get (GbInk *self, guint nth); /* borrowed, in the order of being made */

/* One step of undo each.  add takes the mark; marks: element-type GbInkMark, those that are not there are
 * left out. */
void gb_ink_add (GbInk *self, GbInkMark *mark);
void gb_ink_remove (GbInk *self, const GPtrArray *marks);
gboolean gb_ink_can_undo (GbInk *self);
gboolean gb_ink_can_redo (GbInk *self);
void gb_ink_undo (GbInk *self);
void gb_ink_redo (GbInk *self);
/* The line that an anchor hangs on is another one now: no step of undo. */
void gb_ink_move_line (GbInk *self, GbInkMark *mark, guint anchor, guint line, const char *text);
/* The program has another path: its marks go along.  No step of undo. */
void gb_ink_rename (GbInk *self, const char *from, const char *to);

/* A line that was logged, of that program, without logging it again.  FALSE, and nothing is done: no such
 * line. */
gboolean gb_ink_replay (GbInk *self, const char *program, const char *line);
/* Such a line of somewhere else: its marks are logged as this program's. */
gboolean gb_ink_bring (GbInk *self, const char *program, const char *line);
/* One line that makes all marks of a program; owned.  "": none. */
char *gb_ink_dup_line (GbInk *self, const char *program);

G_END_DECLS
