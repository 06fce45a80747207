/* Formulas in a small part of TeX, as a tree: letters and signs with their class, scripts, fractions, roots,
 * accents, stretched fences, small tables.  What is not in that part is refused by its name, so that no
 * reader meets it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GB_FORMULA_ROW,      /* parts beside each other */
  GB_FORMULA_SIGN,     /* text */
  GB_FORMULA_SCRIPTS,  /* parts: base, below or NULL, above or NULL */
  GB_FORMULA_FRACTION, /* parts: above, below the bar */
  GB_FORMULA_ROOT,     /* parts: what is under it */
  GB_FORMULA_ACCENT,   /* parts: base; text: "^", "~" or "-" */
  GB_FORMULA_FENCED,   /* parts: inside; text, right: the fences, "" for none */
  GB_FORMULA_TABLE,    /* parts: a row per line, its parts the cells; text, right: the fences */
} GbFormulaKind;

/* What a sign is decides about the space beside it. */
typedef enum
{
  GB_FORMULA_ORDINARY,
  GB_FORMULA_OPERATOR, /* log, Σ */
  GB_FORMULA_BINARY,   /* + */
  GB_FORMULA_RELATION, /* = */
  GB_FORMULA_OPEN,
  GB_FORMULA_CLOSE,
  GB_FORMULA_COMMA,
  GB_FORMULA_SPACE, /* width in ems */
} GbFormulaClass;

typedef struct GbFormula GbFormula;
struct GbFormula
{
  GbFormulaKind kind;
  GbFormulaClass sort;
  char *text, *right;
  gboolean is_slanted; /* a variable */
  gboolean has_limits; /* in a display its scripts stand above and below */
  gboolean is_large;   /* grows in a display */
  double width;        /* of a space, ems */
  GPtrArray *parts;    /* GbFormula or NULL */
};

/* Owned; NULL and an error that names what is not known or not closed. */
GbFormula *gb_formula_parse (const char *tex, GError **error);
void gb_formula_free (GbFormula *self);
/* Space before `next` when it follows `before` (classes of neighbours in a row), ems. */
double gb_formula_space (GbFormulaClass before, GbFormulaClass next);
/* The class of a part towards its neighbours. */
GbFormulaClass gb_formula_sort (const GbFormula *part);

/* A run of a formula that is set within a line of text. */
typedef struct
{
  GString *text;
  int script; /* 0: on the line; 1: above, -1: below; ±2: a script's script to the same side, ±3: to the other
               */
  gboolean is_slanted;
} GbFormulaRun;

/* Fractions become a/b, roots √(…): what one line can hold.  GbFormulaRun, owned. */
GArray *gb_formula_to_runs (const GbFormula *self);
/* The same as plain text, for readers that hear it.  Owned. */
char *gb_formula_to_text (const GbFormula *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbFormula, gb_formula_free)

G_END_DECLS
