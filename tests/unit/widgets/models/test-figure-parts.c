/* Pictures in parts: whole ones come out, others do not. */
#include <glib.h>
#include <string.h>

#include "models/figure-parts.h"

static const guint8 png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R',
                              0,    0,   0,   7,   0,    0,    0,    5,    1, 2, 3, 4 };

static GbFigure *
give (GbFigureParts *parts, guint32 at, guint32 nbytes, guint32 width)
{
  union
  {
    TeRecordFigure figure;
    guint8 bytes[sizeof (TeRecordFigure) + sizeof png];
  } r = { .figure = { .number = 2, .width = width, .height = 5, .png_nbytes = sizeof png, .at_nbyte = at,
                      .part_nbytes = nbytes } };
  memcpy (r.bytes + sizeof (TeRecordFigure), png + at, nbytes);
  return gb_figure_parts_take (parts, &r.figure);
}

static void
test_whole (void)
{
  GbFigureParts parts = { 0 };
  g_assert_null (give (&parts, 0, 20, 7));
  g_autoptr (GbFigure) figure = give (&parts, 20, sizeof png - 20, 7);
  g_assert_nonnull (figure);
  g_assert_cmpuint (figure->number, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (figure->png, NULL), g_bytes_get_size (figure->png), png, sizeof png);
}

static void
test_broken (void)
{
  GbFigureParts parts = { 0 };
  g_assert_null (give (&parts, 20, sizeof png - 20, 7)); /* no beginning */
  g_assert_null (give (&parts, 0, 10, 7));
  g_assert_null (give (&parts, 20, sizeof png - 20, 7)); /* a hole */
  g_assert_null (give (&parts, 0, sizeof png, 8));       /* another size than the file's */
  g_assert_null (give (&parts, 0, 10, 7));
  gb_figure_parts_clear (&parts);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/models/figure-parts/whole", test_whole);
  g_test_add_func ("/models/figure-parts/broken", test_broken);
  return g_test_run ();
}
