/* A formula set in two dimensions, as in a display: where its signs and rules stand, and how to draw them. */
#pragma once

#include <pango/pangocairo.h>

#include "common/formula.h"

G_BEGIN_DECLS

typedef struct _GbFormulaLayout GbFormulaLayout;

/* size: of a letter on the line, pixels.  The font family is chosen here.  Owned. */
GbFormulaLayout *gb_formula_layout_new (const GbFormula *formula, PangoContext *pango, double size);
void gb_formula_layout_free (GbFormulaLayout *self);
/* Pixels; the base line lies `ascent` below the top. */
void gb_formula_layout_get_size (const GbFormulaLayout *self, double *width, double *ascent, double *descent);
/* In the context's colour, its top left corner at (x, y). */
void gb_formula_layout_draw (const GbFormulaLayout *self, cairo_t *cr, double x, double y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbFormulaLayout, gb_formula_layout_free)

G_END_DECLS
