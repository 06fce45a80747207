/* Numbers, axes, colours, text sizes and the frame budget. */
#include <math.h>
#include <string.h>

#include "common/anim.h"
#include "common/axis.h"
#include "common/draw.h"
#include "common/frame-budget.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "common/theme.h"
#include "common/view.h"

static void
check_cells (const double *values, gsize n, int significant, const char *const *expected)
{
  GbNumberFormat format = gb_number_format_for (values, n, significant, FALSE, FALSE);
  char text[48];

  for (gsize i = 0; i < n; i++)
    g_assert_cmpstr (gb_number_format (&format, values[i], text, sizeof text), ==, expected[i]);
}

static void
test_cells (void)
{
  check_cells ((double[]){ 0.1114, -0.0871, 0 }, 3, 3, (const char *[]){ "0.111", "-0.087", "0" });
  check_cells ((double[]){ 12.3456, 0.004 }, 2, 3, (const char *[]){ "12.3", "~0" });
  check_cells ((double[]){ 1, 2, -3 }, 3, 3, (const char *[]){ "1", "2", "-3" });
  check_cells ((double[]){ NAN, INFINITY, -INFINITY, -0.0 }, 4, 3,
               (const char *[]){ "nan", "inf", "-inf", "-0" });

  /* One exponent for the whole tensor when it is far from 1, named in the header. */
  const double tiny[] = { 1.5e-5, -2.25e-5 };
  GbNumberFormat format = gb_number_format_for (tiny, 2, 3, FALSE, FALSE);
  char text[48];
  g_assert_cmpint (format.exponent, ==, -5);
  g_assert_true (format.has_sign);
  g_assert_cmpstr (gb_number_format (&format, tiny[1], text, sizeof text), ==, "-2.25");
  g_assert_cmpstr (gb_number_format_exponent (&format, text, sizeof text), ==, "×1e-5");

  format = gb_number_format_for ((double[]){ 1, 0 }, 2, 3, FALSE, TRUE);
  g_assert_cmpstr (gb_number_format (&format, 1, text, sizeof text), ==, "T");
  g_assert_cmpstr (gb_number_format (&format, 0, text, sizeof text), ==, "F");
}

static void
test_texts (void)
{
  char text[64];
  static const gint64 sizes[] = { 64, 1, 8, 8 };

  g_assert_cmpstr (gb_number_text (0.43, 3, text, sizeof text), ==, "0.430");
  g_assert_cmpstr (gb_number_text (3.9712, 3, text, sizeof text), ==, "3.97");
  g_assert_cmpstr (gb_number_text (1.234e-9, 3, text, sizeof text), ==, "1.23e-09");
  g_assert_cmpstr (gb_number_text (42, 3, text, sizeof text), ==, "42");
  g_assert_cmpstr (gb_number_count (61584, text, sizeof text), ==, "61\u2009584");
  g_assert_cmpstr (gb_number_count (1234, text, sizeof text), ==, "1234");
  g_assert_cmpstr (gb_number_count (-1234567, text, sizeof text), ==, "-1\u2009234\u2009567");
  g_assert_cmpstr (gb_number_bytes (12, text, sizeof text), ==, "12 B");
  g_assert_cmpstr (gb_number_bytes (16696, text, sizeof text), ==, "16.3 KiB");
  g_assert_cmpstr (gb_number_bytes (131072, text, sizeof text), ==, "128 KiB");
  g_assert_cmpstr (gb_number_duration (800000, text, sizeof text), ==, "0.8 ms");
  g_assert_cmpstr (gb_shape_picture (4, sizes, text, sizeof text), ==, "64×1×8×8");
  g_assert_cmpstr (gb_shape_tuple (4, sizes, text, sizeof text), ==, "(64, 1, 8, 8)");
  g_assert_cmpstr (gb_shape_tuple (1, sizes, text, sizeof text), ==, "(64,)");
  g_assert_cmpstr (gb_shape_tuple (0, sizes, text, sizeof text), ==, "()");
}

static void
test_axis (void)
{
  GbAxis axis = gb_axis_linear (0.08, 2.43, 5);
  char text[32];

  g_assert_cmpfloat (axis.low, ==, 0);
  g_assert_cmpfloat (axis.high, ==, 2.5);
  g_assert_cmpuint (axis.n_ticks, ==, 6);
  g_assert_cmpstr (gb_axis_label (&axis, gb_axis_tick (&axis, 1), text, sizeof text), ==, "0.5");
  g_assert_cmpfloat_with_epsilon (gb_axis_value (&axis, gb_axis_place (&axis, 1.3)), 1.3, 1e-12);

  axis = gb_axis_log (0.0031, 7, 4);
  g_assert_cmpfloat_with_epsilon (axis.low, 1e-3, 1e-12);
  g_assert_cmpfloat_with_epsilon (axis.high, 10, 1e-9);
  g_assert_true (isnan (gb_axis_place (&axis, -1)));
  g_assert_cmpstr (gb_axis_label (&axis, 1e-5, text, sizeof text), ==, "1e-5");

  /* Ranges that mean nothing still give an axis. */
  axis = gb_axis_linear (3, 3, 5);
  g_assert_cmpfloat (axis.low, <, 3);
  g_assert_cmpfloat (axis.high, >, 3);
  axis = gb_axis_linear (NAN, INFINITY, 5);
  g_assert_cmpuint (axis.n_ticks, >=, 2);
  axis = gb_axis_log (0, -1, 5);
  g_assert_cmpfloat (axis.low, >, 0);
  /* Never a single tick, however narrow the pane. */
  for (double high = 5; high < 5000; high += 7)
    g_assert_cmpuint (gb_axis_whole (0, high, 2).n_ticks, >=, 2);
  axis = gb_axis_whole (1, 60, 6);
  for (guint i = 0; i < axis.n_ticks; i++)
    g_assert_cmpfloat (gb_axis_tick (&axis, i), ==, floor (gb_axis_tick (&axis, i)));
}

static double
luminance (const GdkRGBA *c)
{
  const double part[3] = { c->red, c->green, c->blue }, weight[3] = { 0.2126, 0.7152, 0.0722 };
  double sum = 0;
  for (int i = 0; i < 3; i++)
    sum += weight[i] * (part[i] <= 0.04045 ? part[i] / 12.92 : pow ((part[i] + 0.055) / 1.055, 2.4));
  return sum;
}

static double
contrast (const GdkRGBA *a, const GdkRGBA *b)
{
  double x = luminance (a), y = luminance (b);
  return (MAX (x, y) + 0.05) / (MIN (x, y) + 0.05);
}

/* The rules of the palette: text reads on every surface, digits on every colour of every map. */
static void
test_contrast (void)
{
  static const GbRole texts[] = { GB_ROLE_INK,     GB_ROLE_MUTED,    GB_ROLE_ACCENT,
                                  GB_ROLE_FORWARD, GB_ROLE_BACKWARD, GB_ROLE_SAVED,
                                  GB_ROLE_ERROR,   GB_ROLE_OK,       GB_ROLE_WARNING };

  for (int t = 0; t < GB_N_THEMES; t++)
    {
      const GbTheme *theme = gb_theme_get (t);
      double least = theme->is_high_contrast ? 7 : 4.5;
      for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
        {
          g_assert_cmpfloat (contrast (&theme->role[texts[i]], &theme->role[GB_ROLE_SURFACE]), >=, least);
          g_assert_cmpfloat (contrast (&theme->role[texts[i]], &theme->role[GB_ROLE_PANEL]), >=, least);
        }
      for (int m = 0; m < GB_N_MAPS; m++)
        for (int k = 0; k <= 100; k++)
          {
            GdkRGBA color;
            gb_theme_map (theme, m, k / 100.0, &color);
            g_assert_cmpfloat (contrast (gb_theme_digit_color (&color), &color), >=, 4.5);
          }
      g_assert_true (gb_theme_find (theme->name) == theme);
    }
  g_assert_null (gb_theme_find ("pink"));
}

static void
test_text (void)
{
  PangoContext *pango = gb_draw_create_pango_context ("en");
  GbTextCache *text = gb_text_cache_new (pango);
  GbDrawContext ctx = {
    .theme = gb_theme_get (GB_THEME_LIGHT), .language = "en", .scale = 1, .pango = pango, .text = text
  };
  double width;

  /* Digits have one width, so that changing numbers do not dance. */
  g_assert_cmpfloat_with_epsilon (gb_draw_text_width (&ctx, GB_FACE_UI, "1111"),
                                  gb_draw_text_width (&ctx, GB_FACE_UI, "8888"), 0.01);
  /* Mono: a Han character is two Latin ones wide. */
  width = gb_draw_text_width (&ctx, GB_FACE_MONO, "ab");
  g_assert_cmpfloat_with_epsilon (gb_draw_text_width (&ctx, GB_FACE_MONO, "张"), width, 0.01);
  /* Nothing comes out under 9 px: cells lose their digits, everything else keeps its size. */
  g_assert_true (gb_draw_face_visible (&ctx, GB_FACE_CELL));
  ctx.scale = 0.75;
  gb_text_cache_set_scale (text, 0.75);
  g_assert_false (gb_draw_face_visible (&ctx, GB_FACE_CELL));
  g_assert_true (gb_draw_face_visible (&ctx, GB_FACE_SMALL));
  gb_text_cache_free (text);
  g_object_unref (pango);
}

static void
test_budget (void)
{
  GbBudget budget;
  gint64 now = 1000000, spent = 0;

  gb_budget_init (&budget, 25000, 100000);
  /* A view that costs 12 ms and always wants to draw gets its quarter of the time and no more. */
  for (int frame = 0; frame < 600; frame++)
    {
      now += 16667;
      if (gb_budget_may_spend (&budget, now))
        {
          gb_budget_spend (&budget, now, 12000);
          spent += 12000;
        }
    }
  g_assert_cmpfloat ((double) spent / (600 * 16667), >, 0.18);
  g_assert_cmpfloat ((double) spent / (600 * 16667), <, 0.27);
  /* One that costs little may draw in every frame. */
  gb_budget_init (&budget, 25000, 100000);
  for (int frame = 0; frame < 100; frame++)
    {
      now += 16667;
      g_assert_true (gb_budget_may_spend (&budget, now));
      gb_budget_spend (&budget, now, 2000);
    }
}

static void
test_motion (void)
{
  g_assert_cmpfloat (gb_ease (0), ==, 0);
  g_assert_cmpfloat (gb_ease (1), ==, 1);
  g_assert_cmpfloat (gb_ease (7), ==, 1);
  g_assert_cmpfloat (gb_phase (0.5, 0.25, 0.75), ==, 0.5);
  g_assert_cmpfloat (gb_phase (0.1, 0.25, 0.75), ==, 0);
}

static void
count (gpointer object, guint *n)
{
  ++*n;
}

/* Needs the catalogue of the build, which the test's environment names. */
static void
test_language (void)
{
  guint n = 0;

  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  g_signal_connect (gb_i18n_get_default (), "changed", G_CALLBACK (count), &n);
  gb_i18n_set_language ("en");
  g_assert_cmpstr (_ ("Choose a tensor."), ==, "Choose a tensor.");
  n = 0;
  gb_i18n_set_language ("zh");
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (gb_i18n_get_language (), ==, "zh");
  g_assert_cmpstr (_ ("Choose a tensor."), ==, "选一个张量。");
  gb_i18n_set_language ("zh");
  g_assert_cmpuint (n, ==, 1);
  gb_i18n_set_language ("en");
  g_assert_cmpstr (_ ("Choose a tensor."), ==, "Choose a tensor.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/common/cells", test_cells);
  g_test_add_func ("/common/texts", test_texts);
  g_test_add_func ("/common/axis", test_axis);
  g_test_add_func ("/common/contrast", test_contrast);
  g_test_add_func ("/common/text", test_text);
  g_test_add_func ("/common/budget", test_budget);
  g_test_add_func ("/common/motion", test_motion);
  g_test_add_func ("/common/language", test_language);
  return g_test_run ();
}
