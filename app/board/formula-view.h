/* A formula in a display: as large as the text around it, and narrower where it has no room. */
#pragma once

#include <gtk/gtk.h>

#include "common/formula.h"

G_BEGIN_DECLS

#define GB_TYPE_FORMULA_VIEW (gb_formula_view_get_type ())
G_DECLARE_FINAL_TYPE (GbFormulaView, gb_formula_view, GB, FORMULA_VIEW, GtkWidget)

/* formula: has to outlive the widget (its child anchor holds it). */
GtkWidget *gb_formula_view_new (const GbFormula *formula);
/* Gives every anchor of the view's text that holds a formula its widget. */
void gb_formula_view_fill_anchors (GtkTextView *view);

G_END_DECLS
