/* What an error teaches: the operands of the expression that raised it with their dimensions laid beside each
 * other, the one that offends, the rule with this case's numbers, and edits of the source that may help.
 *
 * All of it is a function of the trace: EXCEPTION, the OPERAND facts behind it, and TRIED facts, which tell
 * what came of running the statement with an edit.  An edit that no fact says succeeded is only a candidate
 * and is not shown. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_LESSON_MAX_ARGS 4
#define GB_LESSON_MAX_DIMS 16

typedef struct
{
  guint32 role; /* TeOperandRole */
  guint32 index, line, end_line, column, end_column;
  char *name, *type, *text;
  gboolean has_tensor;
  int dtype, ndim;
  guint flags; /* TeWireTensorFlags */
  guint64 storage;
  gint64 offset, n_storage;
  gint64 sizes[GB_LESSON_MAX_DIMS], strides[GB_LESSON_MAX_DIMS];
  guint n_values;
  double *values; /* the first of its storage */
} GbOperand;

/* One operand in the picture.  Dimensions with the same slot meet. */
typedef struct
{
  char *name;
  int dtype; /* -1: sizes that were asked for */
  int ndim;
  gint64 sizes[GB_LESSON_MAX_DIMS]; /* -1: any */
  int slots[GB_LESSON_MAX_DIMS];
  gboolean mark; /* the whole operand offends: its dtype, its kind */
} GbLessonRow;

typedef enum
{
  GB_FIX_CANDIDATE,
  GB_FIX_SUCCEEDED,
  GB_FIX_FAILED,
} GbFixState;

/* Text that takes the place of what stands between two places of the source. */
typedef struct
{
  guint32 line, end_line, column, end_column;
  char *text;
  gboolean again; /* elsewhere: shown to help by running the program from its beginning */
  GbFixState state;
  char *result; /* what the statement gave: "(3, 4) float32", may be "" */
} GbFix;

typedef struct
{
  const char *kind;
  const char *sentence, *rule; /* msgids with {0} … {3} for args; rule may be NULL */
  char *args[GB_LESSON_MAX_ARGS];
  guint64 exception;                                /* seq */
  guint32 file, line, end_line, column, end_column; /* of the expression; line 0: not known */
  GPtrArray *operands;                              /* GbOperand */
  GArray *rows;                                     /* GbLessonRow */
  int marked_slot;                                  /* -1: none */
  const GbOperand *strip;                           /* whose memory shows why, or NULL */
  GArray *fixes;                                    /* GbFix, smallest change first */
} GbLesson;

/* Of the nth exception of a trace; NULL: it teaches nothing of this kind. */
GbLesson *gb_lesson_new (GbTrace *trace, guint nth);
void gb_lesson_free (GbLesson *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbLesson, gb_lesson_free)

/* Some candidate has not been run yet. */
gboolean gb_lesson_wants_trial (const GbLesson *self);
/* The candidates as the question "try" takes them.  Owned. */
char *gb_lesson_dup_question (const GbLesson *self);
/* The nth edit that succeeded; NULL: no more. */
const GbFix *gb_lesson_get_fix (const GbLesson *self, guint nth);
/* The lines of the source that the edit changes, as they read afterwards, without their indentation.  Owned.
 */
char *gb_lesson_dup_edited (const GbLesson *self, GbTrace *trace, const GbFix *fix);

/* The sentence of an error by its text alone: msgid, and its args (owned, NULL at the end).  NULL: not known.
 */
const char *gb_lesson_explain (const char *type, const char *message, char *args[GB_LESSON_MAX_ARGS + 1]);

/* The table, for tests and lists. */
guint gb_lesson_get_n_kinds (void);
const char *gb_lesson_get_kind (guint nth);

G_END_DECLS
