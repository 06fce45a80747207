/* lessons: one row per kind of error in rules.c; how operands lie beside each other in meets.c, which edits
 * may help in fixes.c.  Proposals may be bold: each is run before anybody sees it. */
#pragma once

#include "models/lesson.h"

G_BEGIN_DECLS

#define N_(text) (text)

typedef struct
{
  GbLesson *lesson;
  GbTrace *trace;
  const char *source;                               /* text of the file */
  GMatchInfo *match;                                /* of the message */
  const char *options;                              /* of the rule */
  const GbOperand *node, *statement, *left, *right; /* left and right: the tensors that meet; may be NULL */
} GbStudy;

typedef struct
{
  const char *kind;
  const char *type;            /* of the exception; NULL: any */
  const char *pattern;         /* the message matches it; its groups are the args */
  const char *sentence, *rule; /* msgids; rule may be NULL */
  void (*meet) (GbStudy *study);
  void (*propose) (GbStudy *study);
  const char *options; /* of propose */
} GbLessonRule;

extern const GbLessonRule gb_lesson_rules[];
extern const guint gb_n_lesson_rules;

/* ---- meets.c ---- */
void gb_meet_broadcast (GbStudy *study); /* from the right */
void gb_meet_product (GbStudy *study);   /* inner dimensions */
void gb_meet_list (GbStudy *study);      /* elements of a list, from the left */
void gb_meet_strip (GbStudy *study);     /* the memory of the receiver */
void gb_meet_numel (GbStudy *study);     /* sizes that there are, sizes that are asked for */
void gb_meet_index (GbStudy *study);     /* one dimension of one tensor: group 2 of the message is it */
void gb_meet_channels (GbStudy *study);  /* weight and input of a convolution */
void gb_meet_features (GbStudy *study);  /* last dimensions of input and weight */
void gb_meet_types (GbStudy *study);     /* operands whose dtypes differ */
void gb_meet_rows (GbStudy *study);      /* all tensors, from the left */
void gb_meet_told (GbStudy *study);      /* the sizes in groups 3 and 4 of the message: in a file, in a model */
gboolean gb_sizes_broadcast (const gint64 *a, int n_a, const gint64 *b, int n_b);

/* ---- fixes.c: a candidate, once; text is taken */
void gb_study_add (GbStudy *study,
                   guint32 line,
                   guint32 column,
                   guint32 end_line,
                   guint32 end_column,
                   char *text,
                   gboolean again);
/* How an operand is written; owned, NULL: the source is another one. */
char *gb_study_text (GbStudy *study, const GbOperand *o);
/* ---- options are words separated by spaces unless said otherwise ---- */
void gb_propose_broadcast (GbStudy *study);
void gb_propose_operator (GbStudy *study); /* the option between the two sides */
void gb_propose_product (GbStudy *study);
void gb_propose_suffixes (GbStudy *study); /* each of ".t() .float()" behind each tensor */
void gb_propose_receiver (GbStudy *study); /* the same behind the receiver, or what stands for it */
void gb_propose_dtype (GbStudy *study);
void gb_propose_view (GbStudy *study);
void gb_propose_sizes (GbStudy *study); /* -1 in place of each size that was asked for */
void gb_propose_list (GbStudy *study);
void gb_propose_number (GbStudy *study); /* other numbers in place of the one that the message names */
void gb_propose_fewer (GbStudy *study);  /* one index less */
void gb_propose_no_grad (GbStudy *study);
void gb_propose_outplace (GbStudy *study); /* x = x + y for x += y */
void gb_propose_truth (GbStudy *study);
void gb_propose_channels (GbStudy *study);
void gb_propose_features (GbStudy *study); /* the module's own size, where it is made */
void gb_propose_target (GbStudy *study);
void gb_propose_argument (GbStudy *study); /* one more: "first:-1|last:dim=0" */
void gb_propose_retain (GbStudy *study);
void gb_propose_rename (GbStudy *study); /* options: "mm:matmul|mm:mul" */
void gb_propose_iterable (GbStudy *study);
void gb_propose_unsaved (GbStudy *study); /* the change in place, where it was made */
void gb_propose_elements (GbStudy *study); /* suffixes, behind all elements of a tuple at once */

/* ---- elsewhere.c ---- */
void gb_propose_made (GbStudy *study, const char *classes, gint64 old, gint64 wanted);
void gb_propose_range (GbStudy *study, gint64 old, gint64 wanted);
void gb_propose_defined (GbStudy *study, const GbOperand *operand, gint64 old, gint64 wanted);
void gb_propose_mask (GbStudy *study);
void gb_propose_model (GbStudy *study);
void gb_propose_leaf (GbStudy *study);
void gb_propose_before (GbStudy *study); /* the option, as a statement before */
void gb_propose_eval (GbStudy *study);
void gb_propose_cpu (GbStudy *study);
void gb_propose_collate (GbStudy *study);
void gb_propose_keys (GbStudy *study);

G_END_DECLS
