/* GbFigureView: a picture that the program showed (plt.show()), small in the console; it opens large, and is copied
 * and saved. */
#pragma once

#include <gtk/gtk.h>

#include "models/figure-parts.h"

G_BEGIN_DECLS

#define GB_TYPE_FIGURE_VIEW (gb_figure_view_get_type ())
G_DECLARE_FINAL_TYPE (GbFigureView, gb_figure_view, GB, FIGURE_VIEW, GtkWidget)

/* NULL: the PNG is damaged. */
GtkWidget *gb_figure_view_new (const GbFigure *figure);
/* The same figure, drawn again (an animation); FALSE: another figure, or a damaged PNG. */
gboolean gb_figure_view_update (GbFigureView *self, const GbFigure *figure);

G_END_DECLS
