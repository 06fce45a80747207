/* Ink's geometry: what a stroke hangs on, and that it goes along. */
#include "common/ink-draw.h"

#include <math.h>

#include "common/view.h"
#include "../picture-fixture.h"

/* A row of boxes 40 x 20, 100 apart: "things" 0, 1, 2 … at y 100; zoomed and moved as a whole. */
typedef struct
{
  double zoom, x, y;
} Row;

static gboolean
place_box (const Row *row, guint64 nth, GbInkPlace *place)
{
  *place =
      (GbInkPlace){ row->x + 100.0 * (double) nth * row->zoom, row->y + 100 * row->zoom, 20 * row->zoom };
  return TRUE;
}

static gboolean
pick (gpointer surface, double x, double y, GbInkAnchor *anchor, GbInkPlace *place)
{
  const Row *row = surface;
  double u = (x - row->x) / row->zoom, v = (y - row->y) / row->zoom - 100;
  if (u < 0 || v < 0 || v >= 20 || fmod (u, 100) >= 40)
    return FALSE;
  *anchor =
      (GbInkAnchor){ .kind = GB_INK_ON_THING, .pick = { .facets = GB_PICK_OP, .call = (guint64) (u / 100) } };
  return place_box (row, anchor->pick.call, place);
}

static GbInkMark *
draw (Row *row, GbInkKind kind, const double *xy, guint n)
{
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  GbInkMark *mark = gb_ink_mark_new (kind, "/a.py", "graph");
  mark->width = 3;
  mark->text = kind == GB_INK_TEXT ? g_strdup ("why?") : NULL;
  for (guint i = 0; i < n; i++)
    gb_ink_extend (pixels, xy[2 * i], xy[2 * i + 1], 0.5);
  gb_ink_hang (mark, pixels, pick, row);
  return mark;
}

static GArray *
shape (const Row *row, const GbInkMark *mark, double *ratio)
{
  GArray *pixels = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  GbInkPlace places[2];
  gboolean found[2] = { FALSE, FALSE };
  for (guint i = 0; i < mark->n_anchors; i++)
    found[i] = mark->anchors[i].kind == GB_INK_ON_THING
                   ? place_box (row, mark->anchors[i].pick.call, &places[i])
                   : (places[i] = (GbInkPlace){ 0, 0, 1 }, TRUE);
  g_assert_true (gb_ink_place (mark, places, found, pixels, ratio));
  return pixels;
}

static void
near (const GArray *pixels, guint nth, double x, double y)
{
  g_assert_cmpfloat_with_epsilon (g_array_index (pixels, GbInkPoint, nth).x, x, 1e-6);
  g_assert_cmpfloat_with_epsilon (g_array_index (pixels, GbInkPoint, nth).y, y, 1e-6);
}

static void
test_line_between (void)
{
  Row row = { 1, 0, 0 }, zoomed = { 2, 30, -50 };
  const double xy[] = { 20, 110, 70, 160, 220, 110 };
  double ratio;
  g_autoptr (GbInkMark) mark = draw (&row, GB_INK_PEN, xy, 3);
  g_assert_cmpuint (mark->n_anchors, ==, 2);
  g_assert_cmpuint (mark->anchors[0].pick.call, ==, 0);
  g_assert_cmpuint (mark->anchors[1].pick.call, ==, 2);
  g_autoptr (GArray) same = shape (&row, mark, &ratio);
  g_assert_cmpfloat (ratio, ==, 1);
  for (guint i = 0; i < 3; i++)
    near (same, i, xy[2 * i], xy[2 * i + 1]);
  g_autoptr (GArray) moved = shape (&zoomed, mark, &ratio);
  g_assert_cmpfloat (ratio, ==, 2);
  for (guint i = 0; i < 3; i++)
    near (moved, i, 30 + 2 * xy[2 * i], -50 + 2 * xy[2 * i + 1]);
  /* One of the two goes: its end goes along, the other stays. */
  GbInkPlace places[2] = { { 0, 100, 20 }, { 200, 400, 20 } };
  g_autoptr (GArray) stretched = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  g_assert_true (gb_ink_place (mark, places, (gboolean[]){ TRUE, TRUE }, stretched, &ratio));
  near (stretched, 0, 20, 110);
  near (stretched, 2, 220, 410);
  /* One is hidden: the other holds all of it. */
  g_array_set_size (stretched, 0);
  g_assert_true (gb_ink_place (mark, places, (gboolean[]){ FALSE, TRUE }, stretched, &ratio));
  near (stretched, 0, 20, 410);
  g_array_set_size (stretched, 0);
  g_assert_false (gb_ink_place (mark, places, (gboolean[]){ FALSE, FALSE }, stretched, &ratio));
}

static void
test_ring (void)
{
  Row row = { 1, 0, 0 };
  double xy[2 * 25];
  for (int i = 0; i < 25; i++)
    {
      xy[2 * i] = 120 + 35 * cos (i * G_PI / 12);
      xy[2 * i + 1] = 110 + 25 * sin (i * G_PI / 12);
    }
  g_autoptr (GbInkMark) mark = draw (&row, GB_INK_PEN, xy, 25);
  g_assert_cmpuint (mark->n_anchors, ==, 1); /* what it surrounds, though no point of it is there */
  g_assert_cmpuint (mark->anchors[0].pick.call, ==, 1);
}

static void
test_nearest (void)
{
  Row row = { 1, 0, 0 };
  double ratio;
  const double beside[] = { 70, 60 }, far[] = { 600, 2000 }, arrow[] = { 500, 180, 330, 130 };
  g_autoptr (GbInkMark) words = draw (&row, GB_INK_TEXT, beside, 1);
  g_assert_cmpint (words->anchors[0].kind, ==, GB_INK_ON_THING);
  g_assert_cmpuint (words->anchors[0].pick.call, <, 2);
  g_autoptr (GbInkMark) alone = draw (&row, GB_INK_TEXT, far, 1);
  g_assert_cmpint (alone->anchors[0].kind, ==, GB_INK_ON_WHOLE);
  g_autoptr (GArray) pixels = shape (&row, alone, &ratio);
  near (pixels, 0, 600, 2000);
  g_autoptr (GbInkMark) pointing = draw (&row, GB_INK_ARROW, arrow, 2);
  g_assert_cmpuint (pointing->anchors[0].pick.call, ==, 3);
}

static void
test_distance (void)
{
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  gb_ink_extend (pixels, 0, 0, 0.5);
  gb_ink_extend (pixels, 0.4, 0, 0.5); /* not worth a point */
  g_assert_cmpuint (pixels->len, ==, 1);
  g_assert_cmpfloat (gb_ink_distance (pixels, 3, 4), ==, 5);
  gb_ink_extend (pixels, 10, 0, 0.5);
  g_assert_cmpfloat (gb_ink_distance (pixels, 5, 2), ==, 2);
  g_assert_cmpfloat (gb_ink_distance (pixels, 13, 4), ==, 5);
}

/* Every kind leaves something on the paper, within it, in every theme; the pens differ from the paper. */
static void
test_draw (void)
{
  Row row = { 1, 0, 0 };
  const double xy[] = { 20, 110, 120, 110 };
  Fixture f;
  double ratio;
  gb_export_init ();
  fixture_open (&f, gb_trace_new (), 320, 200);
  for (int theme = 0; theme < GB_N_THEMES; theme++)
    for (int kind = 0; kind < GB_INK_N_KINDS; kind++)
      {
        g_autoptr (GbInkMark) mark = draw (&row, (GbInkKind) kind, xy, kind == GB_INK_TEXT ? 1 : 2);
        g_autoptr (GArray) pixels = shape (&row, mark, &ratio);
        GtkSnapshot *snapshot = gtk_snapshot_new ();
        graphene_rect_t box;
        f.ctx.theme = gb_theme_get ((GbThemeId) theme);
        gb_ink_draw (mark, pixels, 1, FALSE, &f.ctx, snapshot);
        gb_ink_draw_laser (pixels, &f.ctx, snapshot);
        GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
        g_assert_nonnull (node);
        gsk_render_node_get_bounds (node, &box);
        g_assert_cmpfloat (box.origin.x, >, -20);
        g_assert_cmpfloat (box.size.width, <, 200);
        gsk_render_node_unref (node);
      }
  fixture_close (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ink-shape/line-between", test_line_between);
  g_test_add_func ("/ink-shape/ring", test_ring);
  g_test_add_func ("/ink-shape/nearest", test_nearest);
  g_test_add_func ("/ink-shape/distance", test_distance);
  g_test_add_func ("/ink-shape/draw", test_draw);
  return g_test_run ();
}
