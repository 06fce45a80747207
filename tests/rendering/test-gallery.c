/* The gallery against committed pictures.  A golden is a coarse picture (mean colours of 32 × 20 fields), so
 * that it is small and the anti-aliasing of another font version does not matter, while anything that moved,
 * vanished or changed colour does.  Of a view with other contents (one element, huge, NaN, …) the fields are coarser.  `test-gallery --record FOLDER [VIEW]` writes them anew, a file for each view; look at
 * the pictures first. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/i18n.h"
#include "gallery.h"
#include "view-registry.h"

#define COLUMNS 32 /* of other contents: half as many, and half as many rows */
#define ROWS    20
#define TWICE   3 /* the look at scale 2 */

/* Mean colours of the fields, six hex digits each; owned. */
static char *
signature (cairo_surface_t *surface, int columns, int rows)
{
  const guint8 *data = cairo_image_surface_get_data (surface);
  int width = cairo_image_surface_get_width (surface), height = cairo_image_surface_get_height (surface);
  int stride = cairo_image_surface_get_stride (surface);
  GString *text = g_string_new (NULL);

  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++)
      {
        int x0 = c * width / columns, x1 = (c + 1) * width / columns;
        int y0 = r * height / rows, y1 = (r + 1) * height / rows;
        guint64 sum[3] = { 0 }, n = 0;
        for (int y = y0; y < y1; y++)
          for (int x = x0; x < x1; x++, n++)
            for (int k = 0; k < 3; k++)
              sum[k] += data[y * stride + x * 4 + 2 - k];
        for (int k = 0; k < 3; k++)
          g_string_append_printf (text, "%02x", (guint) (n ? sum[k] / n : 0));
      }
  return g_string_free (text, FALSE);
}

static cairo_surface_t *
draw (const GbGalleryEntry *entry, const GbGalleryLook *look)
{
  g_autoptr (GbTraceCursor) cursor = gb_gallery_new_cursor (entry);
  GbExportOptions options = { .theme = look->theme,
                              .language = look->language,
                              .scale = look->scale,
                              .width = entry->width,
                              .height = entry->height,
                              .frame = TRUE };
  double width, height;
  GskRenderNode *node =
      gb_view_render (gb_view_registry_find (entry->view), cursor, NULL, &options, &width, &height);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) width, (int) height);
  cairo_t *cr = cairo_create (surface);

  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  gsk_render_node_unref (node);
  cairo_surface_flush (surface);
  return surface;
}

/* How much coarser a golden is. */
static int
part_of (const GbGalleryEntry *entry, guint look)
{
  return entry->content || look == TWICE ? 2 : 1;
}

/* Three looks are enough for pictures: high contrast differs in colour alone, and is drawn in other tests.  Of other contents
 * and of nothing fewer. */
static gboolean
is_recorded (const GbGalleryEntry *entry, guint look)
{
  return entry->content ? look == 0 : look < 2 || (look == TWICE && entry->sample >= 0);
}

static void
record (const char *folder, const char *view)
{
  g_autofree char *file_name = g_strconcat (view, ".txt", NULL), *path = g_build_filename (folder, file_name, NULL);
  FILE *file = fopen (path, "w");

  g_assert_nonnull (file);
  for (guint i = 0; i < gb_gallery_get_n (); i++)
    for (guint k = 0; k < gb_gallery_get_n_looks (); k++)
      {
        const GbGalleryEntry entry = gb_gallery_get (i);
        int part = part_of (&entry, k);
        if (strcmp (entry.view, view) != 0 || !is_recorded (&entry, k))
          continue;
        g_autofree char *name = gb_gallery_dup_name (&entry), *fields = NULL;
        cairo_surface_t *surface = draw (&entry, gb_gallery_get_look (k));
        fields = signature (surface, COLUMNS / part, ROWS / part);
        fprintf (file, "%s-%s %dx%d %s\n", name, gb_gallery_get_look (k)->name,
                 cairo_image_surface_get_width (surface), cairo_image_surface_get_height (surface), fields);
        cairo_surface_destroy (surface);
      }
  fclose (file);
}

/* How many fields are clearly another colour, and the largest difference. */
static int
compare (const char *a, const char *b, int *largest)
{
  int n = 0;

  *largest = 0;
  g_assert_cmpuint (strlen (a), ==, strlen (b));
  for (int i = 0; i < (int) strlen (a) / 6; i++)
    {
      int field = 0;
      for (int k = 0; k < 3; k++)
        {
          char x[3] = { a[i * 6 + k * 2], a[i * 6 + k * 2 + 1], 0 },
               y[3] = { b[i * 6 + k * 2], b[i * 6 + k * 2 + 1], 0 };
          field = MAX (field, abs ((int) strtol (x, NULL, 16) - (int) strtol (y, NULL, 16)));
        }
      *largest = MAX (*largest, field);
      n += field > 8;
    }
  return n;
}

static void
test_one (gconstpointer data)
{
  g_auto (GStrv) words = g_strsplit (data, " ", 3);
  g_autofree char *fields = NULL, *size = NULL;
  cairo_surface_t *surface = NULL;
  int different, largest, part = 1;

  for (guint i = 0; i < gb_gallery_get_n (); i++)
    for (guint k = 0; k < gb_gallery_get_n_looks (); k++)
      {
        const GbGalleryEntry entry = gb_gallery_get (i);
        g_autofree char *name = gb_gallery_dup_name (&entry);
        g_autofree char *full = g_strdup_printf ("%s-%s", name, gb_gallery_get_look (k)->name);
        if (strcmp (full, words[0]) != 0)
          continue;
        surface = draw (&entry, gb_gallery_get_look (k));
        part = part_of (&entry, k);
      }
  g_assert_nonnull (surface);
  size = g_strdup_printf ("%dx%d", cairo_image_surface_get_width (surface),
                          cairo_image_surface_get_height (surface));
  g_assert_cmpstr (size, ==, words[1]);
  fields = signature (surface, COLUMNS / part, ROWS / part);
  different = compare (fields, words[2], &largest);
  if (different > COLUMNS * ROWS / part / part / 40)
    {
      g_autofree char *file = g_strdup_printf ("%s.png", words[0]);
      cairo_surface_write_to_png (surface, file);
      g_test_message ("%d fields differ, by up to %d; see %s", different, largest, file);
      g_test_fail ();
    }
  cairo_surface_destroy (surface);
}

/* Drawing is a pure function: the same picture twice, also after another one and in another language in
 * between. */
static void
test_pure (void)
{
  for (guint i = 0; i < gb_gallery_get_n (); i++)
    {
      const GbGalleryEntry entry = gb_gallery_get (i);
      if (entry.content)
        continue;
      cairo_surface_t *first = draw (&entry, gb_gallery_get_look (0));
      cairo_surface_t *between = draw (&entry, gb_gallery_get_look (3));
      cairo_surface_t *second = draw (&entry, gb_gallery_get_look (0));
      gsize nbytes = (gsize) cairo_image_surface_get_stride (first) * cairo_image_surface_get_height (first);

      g_assert_cmpint (cairo_image_surface_get_stride (first), ==, cairo_image_surface_get_stride (second));
      g_assert_true (
          memcmp (cairo_image_surface_get_data (first), cairo_image_surface_get_data (second), nbytes) == 0);
      cairo_surface_destroy (first);
      cairo_surface_destroy (between);
      cairo_surface_destroy (second);
    }
}

/* On a screen of twice the density it is the same picture, twice as fine. */
static void
test_double (void)
{
  for (guint i = 0; i < gb_gallery_get_n (); i++)
    {
      const GbGalleryEntry entry = gb_gallery_get (i);
      GbGalleryLook look = *gb_gallery_get_look (1);
      int largest;
      if (entry.content || entry.sample < 0)
        continue;
      cairo_surface_t *once = draw (&entry, &look);
      look.scale = 2;
      cairo_surface_t *twice = draw (&entry, &look);
      g_autofree char *name = gb_gallery_dup_name (&entry), *fine = signature (twice, COLUMNS / 2, ROWS / 2),
                      *coarse = signature (once, COLUMNS / 2, ROWS / 2);

      g_assert_cmpint (ABS (cairo_image_surface_get_width (twice) - 2 * cairo_image_surface_get_width (once)), <=, 1);
      if (compare (coarse, fine, &largest) > COLUMNS * ROWS / 4 / 20)
        {
          g_test_message ("%s: %d fields differ, by up to %d", name, compare (coarse, fine, &largest), largest);
          g_test_fail ();
        }
      cairo_surface_destroy (once);
      cairo_surface_destroy (twice);
    }
}

/* PNG, SVG and PDF come out of the same drawing; a name that says nothing is refused. */
static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("gradboard-XXXXXX", NULL);
  static const char *endings[] = { "png", "svg", "pdf" };
  static const char *starts[] = { "\x89PNG", "<?xml", "%PDF-" };
  const GbGalleryEntry entry = gb_gallery_get (2);
  g_autoptr (GbTraceCursor) cursor = gb_gallery_new_cursor (&entry);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *name = g_strdup_printf ("x.%s", endings[i]),
                      *path = g_build_filename (folder, name, NULL);
      g_autofree char *contents = NULL;
      gsize nbytes;
      g_assert_true (gb_view_export (gb_view_registry_find (entry.view), cursor, NULL, path, NULL, &error));
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &contents, &nbytes, NULL));
      g_assert_cmpuint (nbytes, >, 1000);
      g_assert_true (g_str_has_prefix (contents, starts[i]));
      remove (path);
    }
  g_assert_false (gb_view_export (gb_view_registry_find (entry.view), cursor, NULL, "x.gif", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  rmdir (folder);
}

/* A test for each picture of a view that is committed; a view without any fails. */
static void
add_tests (const char *view)
{
  g_autofree char *name = g_strconcat (view, ".txt", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("GRADBOARD_TEST_GOLDENS"), name, NULL), *goldens = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &goldens, NULL, NULL))
    g_error ("%s: no pictures of this view are committed", path);
  lines = g_strsplit (goldens, "\n", -1);
  for (char **line = lines; *line; line++)
    if ((*line)[0])
      {
        g_autofree char *picture = g_strndup (*line, strcspn (*line, " ")),
                        *test = g_strconcat ("/rendering/", picture, NULL);
        g_test_add_data_func_full (test, g_strdup (*line), test_one, g_free);
      }
}

int
main (int argc, char **argv)
{
  g_setenv ("GRADBOARD_UI_FONT", "Noto Sans CJK SC", TRUE);
  g_setenv ("LANGUAGE", "en", TRUE);
  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  gb_i18n_set_language ("en");
  gb_export_init ();
  if (argc >= 3 && strcmp (argv[1], "--record") == 0)
    {
      for (guint i = 0; i < gb_view_registry_get_n (); i++)
        if (argc == 3 || strcmp (argv[3], gb_view_registry_get (i)->id) == 0)
          record (argv[2], gb_view_registry_get (i)->id);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rendering/pure", test_pure);
  g_test_add_func ("/rendering/double", test_double);
  g_test_add_func ("/rendering/files", test_files);
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    add_tests (gb_view_registry_get (i)->id);
  return g_test_run ();
}
