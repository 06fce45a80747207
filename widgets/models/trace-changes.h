/* A variable's history: when its name was given to another tensor, and what wrote into the one that it is. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef enum
{
  GB_CHANGE_BOUND,   /* the name was given to a tensor, or to a plain value (what: NULL) */
  GB_CHANGE_WRITTEN, /* an op wrote into its storage, through it or through a view */
  GB_CHANGE_STEPPED, /* an optimiser stepped, and it is a parameter */
} GbChangeKind;

typedef struct
{
  GbChangeKind kind;
  guint64 seq;      /* from here on it is so */
  const char *what; /* the op, the optimiser; NULL: a name */
  guint32 pos;      /* the person's line, 0: not told */
  gboolean exact;   /* that line did it; otherwise it was the last that is known to have run before */
} GbChange;

/* The change next to seq: the last at or before it (direction < 0), or the first behind it.  name: of a
 * variable, or NULL for a tensor without one.  tensor: 0 for a plain value.  FALSE: none that was recorded. */
gboolean gb_trace_find_change (
    GbTrace *trace, const char *name, guint64 tensor, guint64 seq, int direction, GbChange *out);

/* "i = 57", "loss < 0.1", "name != 'a'": what a plain variable was seen to be. */
typedef struct
{
  char *name, *text; /* text: as Python writes the value */
  double number;     /* the same as a number, NAN: it is none */
  enum { GB_TEST_EQUAL, GB_TEST_OTHER, GB_TEST_LESS, GB_TEST_LESS_EQUAL, GB_TEST_MORE, GB_TEST_MORE_EQUAL } is;
} GbValueTest;

gboolean gb_value_test_parse (const char *text, GbValueTest *out); /* FALSE: it is none */
void gb_value_test_clear (GbValueTest *self);
/* The first moment behind seq at which the variable began to be so; 0: none that is recorded. */
guint64 gb_trace_find_value (GbTrace *trace, const GbValueTest *test, guint64 seq);

G_END_DECLS
