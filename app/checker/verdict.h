/* verdict: what a hidden check said of a program: a row for each thing it looked at, and for each that does not hold a
 * counter-example. */
#pragma once

#include "library/case.h"

G_BEGIN_DECLS

typedef struct
{
  char *check;
  gboolean holds;
  double seconds;
  char *error; /* what the program raised, or NULL */
  guint line;  /* of it, where it raised; 0: unknown */
  gboolean gone; /* the program's process ended meanwhile */
  char *fault; /* the check itself is wrong: its traceback, or NULL */
  GbJson *facts; /* given, expected, got, where: a counter-example */
} GbVerdictRow;

typedef struct
{
  guint n_checks; /* that there are; 0 before they were told */
  gboolean done;  /* all of them were made */
  GPtrArray *rows; /* GbVerdictRow */
  char *ended;    /* how the person's process ended before it was asked everything, or NULL */
  char *fault;    /* why nothing could be checked, or NULL */
  double seconds;
} GbVerdict;

GbVerdict *gb_verdict_new (void);
void gb_verdict_free (GbVerdict *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbVerdict, gb_verdict_free)

/* Takes one line of what the check's process said. */
void gb_verdict_take_line (GbVerdict *self, const char *line);
gboolean gb_verdict_holds (const GbVerdict *self);
/* The first row that does not hold, or NULL. */
const GbVerdictRow *gb_verdict_get_failure (const GbVerdict *self);
/* What is wrong with the check rather than with the program, or NULL: one that stumbles where an earlier one had found
 * something is right to. */
const char *gb_verdict_get_fault (const GbVerdict *self);
/* {"holds", "rows": [{"check", "says", "holds", "given", …}], …}; owned. */
GbJson *gb_verdict_to_json (const GbVerdict *self, const GbCase *which);
/* A value of a counter-example in a line or a few: "tensor float32 (2, 3): 0.5 -1 …"; owned. */
char *gb_verdict_describe (GbJson *value);

G_END_DECLS
