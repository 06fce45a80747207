/* Pictures as SVG: well formed, and every text in them is text. */
#include <cairo-script.h>
#include <glib/gstdio.h>
#include <string.h>

#include "common/i18n.h"
#include "common/paper.h"
#include "common/svg.h"
#include "common/view.h"
#include "models/sample-trace.h"
#include "view-registry.h"

static void
check_well_formed (const char *svg)
{
  static const GMarkupParser nothing = { 0 };
  g_autoptr (GError) error = NULL;
  GMarkupParseContext *context = g_markup_parse_context_new (&nothing, 0, NULL, NULL);
  gboolean ok = g_markup_parse_context_parse (context, svg, -1, &error)
                && g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  g_markup_parse_context_free (context);
}

static char *
draw (const char *view, GbSample sample, const char *language)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (sample);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  GbExportOptions options = { .language = language, .frame = TRUE, .scale = 1 };
  double width, height;
  GskRenderNode *node =
      gb_view_render (gb_view_registry_find (view), cursor, NULL, &options, &width, &height);
  char *svg = gb_svg_new (node, width, height);
  g_clear_pointer (&node, gsk_render_node_unref);
  return svg;
}

/* A picture that no PNG can hold is drawn smaller, and the way from its size to that is told; an SVG keeps its size. */
static void
test_too_large (void)
{
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL), *png = g_build_filename (folder, "wide.png", NULL),
                  *svg = g_build_filename (folder, "wide.svg", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  GskRenderNode *node = gsk_color_node_new (&(GdkRGBA){ 1, 0, 0, 1 }, &GRAPHENE_RECT_INIT (0, 0, 400000, 80));
  g_assert_true (gb_export_node (node, 400000, 80, png, &error));
  g_assert_no_error (error);
  cairo_surface_t *surface = cairo_image_surface_create_from_png (png);
  g_assert_cmpint (cairo_image_surface_get_width (surface), ==, 32767);
  g_assert_cmpint (cairo_image_surface_get_height (surface), ==, 6);
  /* All of it is there: the last pixel is the picture's. */
  g_assert_cmphex (((guint32 *) (gpointer) cairo_image_surface_get_data (surface))[32766] & 0xffffff, ==, 0xff0000);
  cairo_surface_destroy (surface);
  g_assert_cmpfloat_with_epsilon (gb_export_shrinks (400000, 80, png), 32767 / 400000.0, 1e-9);
  g_assert_true (gb_export_node (node, 400000, 80, svg, &error));
  g_assert_true (g_file_get_contents (svg, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "width=\"400000\""));
  g_assert_cmpfloat (gb_export_shrinks (400000, 80, svg), ==, 1);
  g_assert_cmpfloat (gb_export_shrinks (800, 600, png), ==, 1);
  gsk_render_node_unref (node);
  g_unlink (png);
  g_unlink (svg);
  g_rmdir (folder);
}

static void
test_text (void)
{
  g_autofree char *english = draw ("graph", GB_SAMPLE_DIGITS, "en"),
                  *chinese = draw ("graph", GB_SAMPLE_DIGITS, "zh");
  check_well_formed (english);
  check_well_formed (chinese);
  g_assert_nonnull (strstr (english, ">conv1.weight</text>"));
  g_assert_nonnull (strstr (english, ">Graph</text>"));
  g_assert_null (strstr (english, "<image")); /* dashes and curves are lines, too */
  g_assert_nonnull (strstr (chinese, ">计算图</text>"));
}

/* Every view: what cairo draws instead has no letters. */
static void
test_all (void)
{
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      g_autofree char *svg = draw (gb_view_registry_get (i)->id, GB_SAMPLE_DIGITS, i % 2 ? "zh" : "en");
      check_well_formed (svg);
      g_assert_nonnull (strstr (svg, "<text"));
      g_assert_null (strstr (svg, "<symbol"));
      g_assert_null (strstr (svg, "glyph"));
    }
}

static cairo_status_t
take (void *data, const unsigned char *bytes, unsigned int n)
{
  g_string_append_len (data, (const char *) bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

/* The letters go along with the glyphs onto paper: figures and signs of one width too. */
static void
test_paper (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  GbExportOptions options = { .language = "zh", .frame = TRUE, .scale = 1 };
  double width, height;
  GskRenderNode *node =
      gb_view_render (gb_view_registry_find ("graph"), cursor, NULL, &options, &width, &height);
  g_autoptr (GString) said = g_string_new (NULL);
  cairo_device_t *script = cairo_script_create_for_stream (take, said);
  cairo_surface_t *surface = cairo_script_surface_create (script, CAIRO_CONTENT_COLOR, width, height);
  cairo_t *cr = cairo_create (surface);
  gb_paper_draw (node, cr);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  cairo_device_finish (script);
  cairo_device_destroy (script);
  gsk_render_node_unref (node);
  g_assert_nonnull (strstr (said->str, "(conv1.weight)"));
  g_assert_nonnull (strstr (said->str, "(64\\")); /* 64×1×8×8, its signs as octal numbers */
  g_assert_null (strstr (said->str, " show-glyphs"));
}

static void
test_nothing (void)
{
  g_autofree char *svg = gb_svg_new (NULL, 3, 4.5);
  check_well_formed (svg);
  g_assert_nonnull (strstr (svg, "width=\"3\" height=\"4.5\""));
}

static GskRenderNode *
draw_sample (const char *view, double *width, double *height)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_DIGITS);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  GbExportOptions options = { .language = "en", .frame = TRUE, .scale = 1 };
  return gb_view_render (gb_view_registry_find (view), cursor, NULL, &options, width, height);
}

/* Cairo counts its surfaces through the whole program. */
static char *
without_numbers (const char *svg)
{
  g_autoptr (GRegex) regex = g_regex_new ("surface[0-9]+", 0, 0, NULL);
  return g_regex_replace_literal (regex, svg, -1, 0, "surface", 0, NULL);
}

static gpointer
finish (gpointer writer)
{
  return gb_svg_writer_finish (writer);
}

/* Written a little at a time, and put together by another thread: not one letter is another. */
static void
test_little_by_little (void)
{
  static const char *const views[] = { "graph", "gradflow", "chart", "grid" };
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      double width, height;
      GskRenderNode *node = draw_sample (views[i], &width, &height);
      g_autofree char *whole = gb_svg_new (node, width, height);
      GbSvgWriter *writer = gb_svg_writer_new (node, width, height, NULL);
      guint n = 1;
      gsk_render_node_unref (node); /* the writer keeps it */
      while (!gb_svg_writer_work (writer, 1))
        n++;
      g_assert_cmpuint (n, >, 2);
      g_autofree char *parts = g_thread_join (g_thread_new ("finish", finish, writer));
      g_autofree char *a = without_numbers (parts), *b = without_numbers (whole);
      g_assert_true (g_str_equal (a, b));
    }
}

/* An image that stays is drawn once, and one that has gone is forgotten; a writer may be given up at any time. */
static void
test_images_that_stay (void)
{
  double width, height;
  g_autoptr (GbSvgImages) images = gb_svg_images_new ();
  GskRenderNode *node = draw_sample ("graph", &width, &height);
  g_autofree char *first = NULL, *second = NULL, *third = NULL;
  for (guint i = 0; i < 3; i++)
    {
      GbSvgWriter *writer = gb_svg_writer_new (i == 1 ? NULL : node, width, height, images);
      while (!gb_svg_writer_work (writer, 100))
        ;
      char *svg = gb_svg_writer_finish (writer);
      *(i == 0 ? &first : i == 1 ? &second : &third) = svg;
      check_well_formed (svg);
    }
  g_assert_nonnull (strstr (first, "data:image/png;base64,iVBOR"));
  g_assert_null (strstr (second, "<image"));
  g_assert_true (g_str_equal (first, third));
  GbSvgWriter *given_up = gb_svg_writer_new (node, width, height, images);
  gb_svg_writer_work (given_up, 1);
  gb_svg_writer_free (given_up);
  gsk_render_node_unref (node);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  g_test_add_func ("/svg/too-large", test_too_large);
  g_test_add_func ("/svg/text", test_text);
  g_test_add_func ("/svg/all", test_all);
  g_test_add_func ("/svg/paper", test_paper);
  g_test_add_func ("/svg/nothing", test_nothing);
  g_test_add_func ("/svg/little-by-little", test_little_by_little);
  g_test_add_func ("/svg/images-that-stay", test_images_that_stay);
  return g_test_run ();
}
