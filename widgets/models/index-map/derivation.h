/* An index map with numbers in it: what the arithmetic of one element was, as far as the numbers are
 * recorded. */
#pragma once

#include "models/index-map/index-map.h"

G_BEGIN_DECLS

typedef struct
{
  GbIndexMap *map;
  char *op_name;
  char *function_name; /* the autograd.Function whose code ran it, or NULL */
  guint64 seq;        /* of the op */
  guint32 pos;        /* the person's place in the source, 0: none */
  char *output_label; /* "y" */
  gboolean has_value;
  double value;            /* of the element */
  char **labels;           /* of inputs, "" for None; map->n_inputs of them */
  GbTensorValues **values; /* of inputs when the op began; NULL where nothing is known */
} GbDerivation;

/* NULL: *why says why, as gb_index_map_new_for_tensor does. */
GbDerivation *
gb_derivation_new (GbTrace *trace, guint64 tensor, guint64 seq, const gint64 *index, const char **why);
void gb_derivation_free (GbDerivation *self);

gboolean
gb_derivation_input_value (const GbDerivation *self, const GbIndexMapElement *element, double *value);
/* "x[0, 2]" */
char *gb_derivation_element_name (const GbDerivation *self, const GbIndexMapElement *element);
/* The arithmetic in numbers, names where a number is not known, in at most most_terms terms:
 * "0.5 × 2 + 1 × 3 + … = 4.5".  NULL: the form has no such line.  Owned. */
char *gb_derivation_arithmetic (const GbDerivation *self, GbTrace *trace, guint most_terms);
/* What the arithmetic comes to in double precision; FALSE: not every number is known, or terms were cut. */
gboolean gb_derivation_evaluate (const GbDerivation *self, double *value);
/* Whether the nth input gave any element, and how many listed ones. */
guint gb_derivation_count (const GbDerivation *self, guint input);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbDerivation, gb_derivation_free)

G_END_DECLS
