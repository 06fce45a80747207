/* Contours, paths and slices: heights between cells, contours on their level, labels that cover nothing, and
 * paths that are read from a trace or told. */
#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/events.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"
#include "surface/surface-draw.h"
#include "surface/surface-view.h"

static void
draw (GbSurfaceLayout *layout, Fixture *f)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gb_draw_fill (snapshot, gb_theme_role (f->ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
  gb_surface_draw (layout, &f->ctx, snapshot);
  gb_surface_draw_overlay (layout, f->selection, &f->ctx, snapshot);
  gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
}

static void
assert_apart (const GbSurfaceLayout *layout)
{
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const GbBox *a = &g_array_index (layout->boxes, GbBox, i);
      g_assert_cmpfloat (a->x, >=, layout->x);
      g_assert_cmpfloat (a->x + a->width, <=, layout->x + layout->plot_width);
      g_assert_cmpfloat (a->y, >=, layout->y);
      g_assert_cmpfloat (a->y + a->height, <=, layout->y + layout->plot_height);
      for (guint k = 0; k < i; k++)
        {
          const GbBox *b = &g_array_index (layout->boxes, GbBox, k);
          g_assert_false (a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
                          && b->y < a->y + a->height);
        }
    }
  for (guint i = 1; i < layout->legend->len; i++)
    g_assert_cmpfloat (g_array_index (layout->legend, GbSurfaceLabel, i - 1).box.x
                           + g_array_index (layout->legend, GbSurfaceLabel, i - 1).box.width,
                       <, g_array_index (layout->legend, GbSurfaceLabel, i).box.x);
}

static void
test_valley (void)
{
  Fixture f;
  GbSurfacePlace place, found;
  GbPick pick;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_VALLEY), 720, 460);
  g_autoptr (GbSurfaceLayout) layout = gb_surface_layout_new (f.cursor, &f.ctx);
  const GbSurface *m = layout->model;
  g_assert_cmpint (m->rows, ==, 65);
  g_assert_cmpint (m->columns, ==, 65);
  g_assert_cmpfloat (m->xs[0], ==, -2);
  g_assert_cmpfloat (m->ys[64], ==, 3);
  g_assert_cmpfloat (m->low, ==, 0);
  g_assert_cmpfloat (m->xs[m->low_column], ==, 1);
  g_assert_cmpfloat (m->ys[m->low_row], ==, 1);
  g_assert_cmpuint (m->paths->len, ==, 3);
  g_assert_cmpuint (gb_surface_path (m, 2)->points->len, ==, 61);
  g_assert_cmpstr (gb_surface_path (m, 2)->name, ==, "Adam");
  /* Heights on cells are the program's, between them they lie between. */
  g_assert_cmpfloat_with_epsilon (gb_surface_height (m, -2, -1), 2509, 1e-9);
  g_assert_cmpfloat_with_epsilon (gb_surface_height (m, 0.03125, 0),
                                  (1 + 0.87890625 + 100 * pow (0.0625, 4)) / 2, 1e-6);
  g_assert_true (isnan (gb_surface_height (m, 2.1, 0)));
  /* Every contour lies on its level: both ends, up to what is lost by going through pixels. */
  g_assert_true (layout->is_log);
  g_assert_cmpuint (layout->n_levels, >=, 6);
  g_assert_cmpuint (layout->lines->len, >, 500);
  for (guint i = 0; i < layout->lines->len; i += 7)
    {
      const GbSurfaceLine *line = &g_array_index (layout->lines, GbSurfaceLine, i);
      double z = gb_surface_height (
          m, gb_axis_value (&layout->x_axis, (line->x0 - layout->x) / layout->plot_width),
          gb_axis_value (&layout->y_axis, 1 - (line->y0 - layout->y) / layout->plot_height));
      if (isfinite (z))
        g_assert_cmpfloat_with_epsilon (z, layout->levels[line->level],
                                        0.02 * layout->levels[line->level] + 0.01);
    }
  assert_apart (layout);
  g_assert_cmpuint (layout->level_labels->len, >=, 4);
  g_assert_cmpuint (layout->path_labels->len, >=, 2);
  /* Pointing finds points and cells again. */
  for (guint p = 0; p < 3; p++)
    for (guint i = 0; i < 61; i += 6)
      {
        gb_surface_layout_set_point (layout, p, i, &place);
        gb_surface_layout_pick (layout, &place, &pick);
        g_assert_true (gb_surface_layout_picked (layout, &pick, &found));
        g_assert_cmpint (found.path, ==, p);
        g_assert_cmpuint (found.point, ==, i);
        g_assert_true (gb_surface_layout_at (layout, gb_surface_layout_x (layout, place.x),
                                             gb_surface_layout_y (layout, place.y), &found));
        g_assert_cmpfloat_with_epsilon (found.x, place.x, 1e-3);
      }
  gb_surface_layout_set_cell (layout, 4, 60, &place);
  gb_surface_layout_pick (layout, &place, &pick);
  g_assert_cmpint (pick.index[0], ==, 4);
  g_assert_true (gb_surface_layout_at (layout, gb_surface_layout_x (layout, place.x),
                                       gb_surface_layout_y (layout, place.y), &found));
  g_assert_cmpint (found.row, ==, 4);
  g_assert_cmpint (found.column, ==, 60);
  fixture_close (&f);
}

/* Before the walk has begun there is the surface alone; half way, half of the walk. */
static void
test_position (void)
{
  Fixture f;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_VALLEY), 720, 460);
  const GArray *events = gb_events_of (f.trace);
  g_assert_cmpuint (events->len, ==, 183);
  gb_trace_cursor_set_position (f.cursor, g_array_index (events, GbEvent, 0).seq - 1);
  g_autoptr (GbSurface) before = gb_surface_new (f.cursor);
  g_assert_cmpuint (before->paths->len, ==, 0);
  gb_trace_cursor_set_position (f.cursor, g_array_index (events, GbEvent, 29).seq);
  g_autoptr (GbSurface) half = gb_surface_new (f.cursor);
  g_assert_cmpuint (half->paths->len, ==, 1);
  g_assert_cmpuint (gb_surface_path (half, 0)->points->len, ==, 30);
  fixture_close (&f);
}

/* Two scalars that an optimiser holds are a path; a net's bias of two elements is none. */
static void
test_parameters (void)
{
  Fixture f;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_LINE), 480, 340);
  g_assert_true (gb_surface_peek (f.cursor));
  g_autoptr (GbSurface) m = gb_surface_new (f.cursor);
  const GArray *points = gb_surface_path (m, 0)->points;
  g_assert_cmpuint (m->tensor, ==, 0);
  g_assert_cmpuint (points->len, ==, 25);
  g_assert_cmpstr (m->x_name, ==, "a");
  g_assert_cmpstr (gb_surface_path (m, 0)->name, ==, "a, c");
  for (guint i = 0; i < points->len; i++)
    {
      const GbSurfacePoint *p = &g_array_index (points, GbSurfacePoint, i);
      g_assert_cmpfloat_with_epsilon (p->x, 2 * (1 - pow (0.7, i)), 1e-5);
      g_assert_cmpfloat_with_epsilon (p->y, 1 - pow (-0.8, i), 1e-5);
      g_assert_cmpfloat_with_epsilon (p->z, pow (p->x - 2, 2) / 3 + pow (p->y - 1, 2), 1e-4);
    }
  fixture_close (&f);
  for (GbSample sample = 0; sample < GB_N_SAMPLES; sample++)
    if (sample != GB_SAMPLE_LINE && sample != GB_SAMPLE_VALLEY)
      {
        fixture_open (&f, gb_sample_trace_new (sample), 480, 340);
        g_assert_false (gb_surface_peek (f.cursor));
        fixture_close (&f);
      }
}

/* Fields that are numbers, texts and neither; events that are no object are left out. */
static void
test_events (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);

  gb_trace_builder_event (b, "a",
                          "{\"value\": \"nan\", \"x\": 3, \"ok\": true, \"who\": \"me\", \"none\": null}");
  gb_trace_builder_event (b, "b", "[1, 2]");
  gb_trace_builder_event (b, "c", "{\"value\": ");
  gb_trace_flush (trace);
  const GArray *events = gb_events_of (trace);
  g_assert_cmpuint (events->len, ==, 1);
  const GbEvent *event = &g_array_index (events, GbEvent, 0);
  g_assert_cmpstr (event->name, ==, "a");
  g_assert_true (isnan (gb_event_number (event, "value")));
  g_assert_cmpfloat (gb_event_number (event, "x"), ==, 3);
  g_assert_cmpfloat (gb_event_number (event, "ok"), ==, 1);
  g_assert_cmpstr (gb_event_text (event, "who"), ==, "me");
  g_assert_null (gb_event_text (event, "x"));
  g_assert_true (isnan (gb_event_number (event, "nothing")));
}

static void
add_matrix (
    GbTraceBuilder *b, gint64 rows, gint64 columns, const char *labels, double (*height) (gint64, gint64))
{
  GbBuiltTensor z = gb_trace_builder_make (b, TE_FLOAT64, 2, (gint64[]){ rows, columns });
  g_autofree double *values = g_new (double, rows *columns);

  for (gint64 i = 0; i < rows * columns; i++)
    values[i] = height (i / columns, i % columns);
  gb_trace_builder_leaf (b, &z, 0);
  gb_trace_builder_name (b, &z, "z", 0);
  gb_trace_builder_show (b, &z, "surface", "z", labels);
  gb_trace_builder_values (b, &z, values);
}

static double
flat (gint64 r, gint64 c)
{
  return 3;
}

static double
holes (gint64 r, gint64 c)
{
  return (r + c) % 3 == 0 ? NAN : r == 2 ? INFINITY : (double) (r * c);
}

static double
nothing (gint64 r, gint64 c)
{
  return NAN;
}

static double
saddle (gint64 r, gint64 c)
{
  return (double) ((r - 250) * (c - 250));
}

static void
test_awkward (void)
{
  static const struct
  {
    gint64 rows, columns;
    const char *labels;
    double (*height) (gint64, gint64);
  } cases[] = {
    { 2, 2, NULL, flat },
    { 2, 2, "[[\"1\", \"0\"], [\"0\", \"1\"]]", holes },
    { 5, 7, "[[\"1\", \"1\", \"2\", \"3\", \"4\"], [\"a\"]]", holes },
    { 4, 4, NULL, nothing },
    { 500, 500, NULL, saddle },
  };
  static const double sizes[][2] = { { 720, 460 }, { 1280, 800 }, { 300, 200 }, { 60, 40 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        Fixture f;
        fixture_open (&f, gb_trace_new (), sizes[s][0], sizes[s][1]);
        g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
        add_matrix (b, cases[i].rows, cases[i].columns, cases[i].labels, cases[i].height);
        gb_trace_builder_event (b, "far", "{\"value\": 1e30, \"x\": 1e12, \"y\": -1e300}");
        gb_trace_builder_event (b, "far", "{\"value\": \"nan\", \"x\": \"inf\", \"y\": 0}");
        gb_trace_builder_event (b, "far", "{\"value\": 1, \"x\": 1, \"y\": 1}");
        gb_trace_flush (f.trace);
        gint64 start = g_get_monotonic_time ();
        g_autoptr (GbSurfaceLayout) layout = gb_surface_layout_new (f.cursor, &f.ctx);
        g_assert_nonnull (layout->model);
        assert_apart (layout);
        draw (layout, &f);
        g_test_message ("%ldx%ld at %gx%g: %.2f ms", (long) cases[i].rows, (long) cases[i].columns,
                        sizes[s][0], sizes[s][1], (g_get_monotonic_time () - start) / 1e3);
        g_autofree char *sentence = gb_surface_layout_sentence (layout);
        g_assert_cmpuint (strlen (sentence), >, 10);
        fixture_close (&f);
      }
  /* Places told from the greatest down are turned round, and the index is still the program's. */
  Fixture f;
  gint64 index[2];
  fixture_open (&f, gb_trace_new (), 400, 300);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
  add_matrix (b, 2, 3, "[[\"5\", \"4\"], [\"0\", \"1\", \"2\"]]", saddle);
  gb_trace_flush (f.trace);
  g_autoptr (GbSurface) m = gb_surface_new (f.cursor);
  g_assert_cmpfloat (m->ys[0], ==, 4);
  gb_surface_index (m, 0, 2, index);
  g_assert_cmpint (index[0], ==, 1);
  g_assert_cmpfloat (m->z[2], ==, saddle (1, 2));
  fixture_close (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/surface/valley", test_valley);
  g_test_add_func ("/surface/position", test_position);
  g_test_add_func ("/surface/parameters", test_parameters);
  g_test_add_func ("/surface/events", test_events);
  g_test_add_func ("/surface/awkward", test_awkward);
  return g_test_run ();
}
