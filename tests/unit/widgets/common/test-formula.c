/* Formulas: what is read, what is refused by its name, how a line and how a display sets it. */
#include <math.h>
#include <string.h>

#include "common/draw.h"
#include "common/formula-layout.h"

static void
check_text (const char *tex, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbFormula) formula = gb_formula_parse (tex, &error);
  g_assert_no_error (error);
  g_autofree char *text = gb_formula_to_text (formula);
  GString *plain = g_string_new (text);
  static const char *const blanks[] = { "\u2003", "\u2005", "\u2009" };
  for (guint i = 0; i < G_N_ELEMENTS (blanks); i++)
    g_string_replace (plain, blanks[i], " ", 0);
  g_assert_cmpstr (plain->str, ==, expected);
  g_string_free (plain, TRUE);
}

static void
test_text (void)
{
  check_text ("x^2", "x^2");
  check_text ("\\alpha + \\beta_{12}", "α + β_(12)");
  check_text ("\\frac{a}{b}", "a/b");
  check_text ("\\frac{a+b}{2}", "(a + b)/2");
  check_text ("QK^\\top", "QKᵀ");
  check_text ("-x-1", "−x − 1");
  check_text ("\\log \\sum_k e^{z_k}", "log ∑_k e^z_k");
  check_text ("\\left(\\frac{1}{2}\\right)^n", "(1/2)^n");
  check_text ("\\text{softmax}(x)_i", "softmax(x)_i");
  check_text ("\\begin{cases} 1 & x > 0 \\\\ 0 & \\text{else} \\end{cases}", "{1  x > 0; 0  else");
  check_text ("\\sqrt{2N}, \\hat r", "√(2N), r\u0302");
}

static void
check_refused (const char *tex, const char *names)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (gb_formula_parse (tex, &error));
  g_assert_nonnull (error);
  if (!strstr (error->message, names))
    g_error ("“%s” should name %s: %s", tex, names, error->message);
}

static void
test_refused (void)
{
  check_refused ("\\unknown{x}", "\\unknown");
  check_refused ("\\frac{a", "}");
  check_refused ("\\frac{a}", "ends");
  check_refused ("x^", "ends");
  check_refused ("a}", "}");
  check_refused ("x^1^2", "two scripts");
  check_refused ("\\left( x", "\\right");
  check_refused ("\\begin{align} x \\end{align}", "align");
  check_refused ("\\begin{cases} x", "\\end{cases}");
  g_autoptr (GString) deep = g_string_new (NULL);
  for (int i = 0; i < 10000; i++)
    g_string_append (deep, "{");
  check_refused (deep->str, "levels");
}

static void
measure (PangoContext *pango, const char *tex, double *width, double *ascent, double *descent)
{
  g_autoptr (GbFormula) formula = gb_formula_parse (tex, NULL);
  g_autoptr (GbFormulaLayout) layout = gb_formula_layout_new (formula, pango, 20);
  gb_formula_layout_get_size (layout, width, ascent, descent);
}

/* Every drop of ink lies within the size that the layout states. */
static void
check_inside (PangoContext *pango, const char *tex)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbFormula) formula = gb_formula_parse (tex, &error);
  g_assert_no_error (error);
  g_autoptr (GbFormulaLayout) layout = gb_formula_layout_new (formula, pango, 20);
  double width, ascent, descent, x0, y0, w, h;
  gb_formula_layout_get_size (layout, &width, &ascent, &descent);
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);
  gb_formula_layout_draw (layout, cr, 0, 0);
  cairo_recording_surface_ink_extents (surface, &x0, &y0, &w, &h);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  if (x0 < -3.5 || y0 < -2.5 || x0 + w > width + 2.5 || y0 + h > ascent + descent + 2.5)
    g_error ("“%s”: ink %g,%g %g×%g outside of %g×%g", tex, x0, y0, w, h, width, ascent + descent);
}

static void
test_layout (void)
{
  PangoContext *pango = gb_draw_create_pango_context ("en");
  double width, ascent, descent, width2, ascent2, descent2;
  measure (pango, "x", &width, &ascent, &descent);
  measure (pango, "x_j", &width2, &ascent2, &descent2);
  g_assert_cmpfloat (width2, >, width);
  g_assert_cmpfloat (descent2, >, descent);
  measure (pango, "\\frac{a}{b}", &width2, &ascent2, &descent2);
  g_assert_cmpfloat (ascent2 + descent2, >, ascent + descent + 12);
  /* In a display the limits of a sum stand above and below it, not beside. */
  measure (pango, "\\sum_{i=1}^{n}", &width, &ascent, &descent);
  measure (pango, "{}\\int_{i=1}^{n}", &width2, &ascent2, &descent2);
  g_assert_cmpfloat (ascent + descent, >, 45);
  measure (pango, "a+b", &width, &ascent, &descent);
  measure (pango, "ab", &width2, &ascent2, &descent2);
  g_assert_cmpfloat (width, >, width2 + 10);

  static const char *const formulas[] = {
    "L = -\\log p_y = -z_y + \\log \\sum_k e^{z_k}",
    "\\frac{e^{x_i}}{\\sum_j e^{x_j}} = \\frac{e^{x_i - m}}{\\sum_j e^{x_j - m}}",
    "y = x W^\\top + b, \\qquad y_{ij} = \\sum_{k=1}^{n} x_{ik} W_{jk} + b_j",
    "r \\leftarrow (1-m)\\,r + m\\,\\hat r",
    "\\sqrt{\\frac{1}{N}\\sum_{i} (x_i - \\bar x)^2}",
    "\\left[\\frac{\\partial L}{\\partial w}\\right]_{t}",
    "f(x) = \\begin{cases} x & x > 0 \\\\ \\alpha (e^x - 1) & \\text{else} \\end{cases}",
    "\\begin{pmatrix} 1 & 0 \\\\ \\frac{1}{2} & 10 \\end{pmatrix} \\begin{bmatrix} a \\\\ b \\end{bmatrix}",
    "\\max_{\\theta} \\prod_{t} p_\\theta(x_t \\mid x_{<t})",
    "x^{y^{z}}_{i_{j}} \\tilde{x} \\int_0^\\infty",
    "\\text{注意力} = \\text{softmax}\\left(\\frac{QK^\\top}{\\sqrt{d_k}}\\right) V",
  };
  for (guint i = 0; i < G_N_ELEMENTS (formulas); i++)
    check_inside (pango, formulas[i]);
  g_object_unref (pango);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/common/formula/text", test_text);
  g_test_add_func ("/common/formula/refused", test_refused);
  g_test_add_func ("/common/formula/layout", test_layout);
  return g_test_run ();
}
