#include "board/formula-view.h"

#include <math.h>

#include "board/markdown.h"
#include "common/formula-layout.h"

#define LARGER 1.2  /* than the text */
#define LEAST  0.55 /* of its size; a wider one is cut */
#define MARGIN 3    /* pixels around it, since slanted letters lean out */

struct _GbFormulaView
{
  GtkWidget parent_instance;
  const GbFormula *formula;
  GbFormulaLayout *layout;
  double size; /* that the layout was made for */
};

G_DEFINE_FINAL_TYPE (GbFormulaView, gb_formula_view, GTK_TYPE_WIDGET)

static const GbFormulaLayout *
layout_of (GbFormulaView *self)
{
  PangoContext *pango = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const PangoFontDescription *font = pango_context_get_font_description (pango);
  double size = pango_font_description_get_size (font) / (double) PANGO_SCALE;
  if (!pango_font_description_get_size_is_absolute (font))
    size *= pango_cairo_context_get_resolution (pango) > 0 ? pango_cairo_context_get_resolution (pango) / 72
                                                           : 96 / 72.0;
  size *= LARGER;
  if (self->layout && fabs (size - self->size) < 0.01)
    return self->layout;
  gb_formula_layout_free (self->layout);
  self->layout = gb_formula_layout_new (self->formula, pango, size);
  self->size = size;
  return self->layout;
}

/* How much of its size fits into the text view. */
static double
fitting (GbFormulaView *self, double width)
{
  GtkWidget *view = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_TEXT_VIEW);
  int room = view ? gtk_widget_get_width (view) - 2 * 24 : 0;
  return room <= 0 || width <= room ? 1 : MAX (LEAST, room / width);
}

static void
formula_view_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  double width, ascent, descent;
  gb_formula_layout_get_size (layout_of (GB_FORMULA_VIEW (widget)), &width, &ascent, &descent);
  double scale = fitting (GB_FORMULA_VIEW (widget), width);
  *minimum = *natural =
      (int) ceil (scale * (orientation == GTK_ORIENTATION_HORIZONTAL ? width : ascent + descent))
      + 2 * MARGIN;
  *minimum_baseline = *natural_baseline = -1;
}

static void
formula_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GbFormulaView *self = GB_FORMULA_VIEW (widget);
  double width, ascent, descent;
  GdkRGBA color;
  const GbFormulaLayout *layout = layout_of (self);
  gb_formula_layout_get_size (layout, &width, &ascent, &descent);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (widget),
                                               (float) gtk_widget_get_height (widget));
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  gdk_cairo_set_source_rgba (cr, &color);
  double scale = fitting (self, width);
  cairo_translate (cr, MARGIN, MARGIN);
  cairo_scale (cr, scale, scale);
  gb_formula_layout_draw (layout, cr, 0, 0);
  cairo_destroy (cr);
}

static void
gb_formula_view_finalize (GObject *object)
{
  gb_formula_layout_free (GB_FORMULA_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_formula_view_parent_class)->finalize (object);
}

static void
gb_formula_view_class_init (GbFormulaViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = gb_formula_view_finalize;
  widget_class->measure = formula_view_measure;
  widget_class->snapshot = formula_view_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gb_formula_view_init (GbFormulaView *self)
{
}

GtkWidget *
gb_formula_view_new (const GbFormula *formula)
{
  GbFormulaView *self = g_object_new (GB_TYPE_FORMULA_VIEW, NULL);
  g_autofree char *text = gb_formula_to_text (formula);
  self->formula = formula;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  return GTK_WIDGET (self);
}

void
gb_formula_view_fill_anchors (GtkTextView *view)
{
  GtkTextIter iter;
  gtk_text_buffer_get_start_iter (gtk_text_view_get_buffer (view), &iter);
  do
    {
      GtkTextChildAnchor *anchor = gtk_text_iter_get_child_anchor (&iter);
      const GbFormula *formula = anchor ? g_object_get_data (G_OBJECT (anchor), GB_MARKDOWN_FORMULA) : NULL;
      if (formula)
        gtk_text_view_add_child_at_anchor (view, gb_formula_view_new (formula), anchor);
    }
  while (gtk_text_iter_forward_char (&iter));
}
