/* Points in the plane: the model's arithmetic done here is the program's own, principal axes are those of the
 * points, and what cannot be told is said. */
#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "plane/plane-draw.h"
#include "plane/plane-view.h"
#include "picture-fixture.h"

static void
test_surface (void)
{
  Fixture f;
  double out[2], value;
  guint n_wrong = 0;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_POINTS), 640, 380);
  g_autoptr (GbPlaneLayout) layout = gb_plane_layout_new (f.cursor, f.selection, &f.ctx);
  const GbPlane *m = layout->model;
  g_assert_nonnull (m);
  g_assert_cmpint (m->kind, ==, GB_PLANE_SURFACE);
  g_assert_cmpint (m->n, ==, 40);
  g_assert_cmpuint (m->n_columns, ==, 2);
  g_assert_true (m->has_classes && m->n_classes == 2);
  g_assert_cmpstr (m->output_label, ==, "logits");
  /* The recorded results of the program, point by point. */
  guint64 logits = 0;
  for (guint64 id = 1; id < 64; id++)
    if (g_strcmp0 (gb_trace_get_tensor_name (f.trace, id, G_MAXUINT64), "logits") == 0)
      logits = id;
  g_autoptr (GbTensorValues) recorded = gb_tensor_values_new (f.trace, logits, G_MAXUINT64);
  for (gint64 i = 0; i < m->n; i++)
    {
      double sure;
      g_assert_true (gb_plane_evaluate (m, m->x[i], m->y[i], out));
      for (gint64 k = 0; k < 2; k++)
        {
          g_assert_true (gb_tensor_values_get (recorded, (gint64[8]){ i, k }, &value));
          g_assert_cmpfloat_with_epsilon (out[k], value, 1e-5);
        }
      n_wrong += gb_plane_class (m, out, &sure) != (guint) m->target[i];
      g_assert_true (sure >= 0 && sure <= 1);
    }
  g_assert_cmpuint (layout->n_wrong, ==, n_wrong);
  for (gint64 i = 0; i < m->n; i++)
    {
      double x, y;
      GbPick pick;
      gb_plane_layout_place (layout, i, &x, &y);
      g_assert_cmpint (gb_plane_layout_at (layout, x, y), ==, i);
      gb_plane_layout_pick (layout, i, &pick);
      g_assert_cmpint (gb_plane_layout_picked (layout, &pick), ==, i);
    }
  fixture_close (&f);
}

/* An activation whose rows lie along known directions. */
static void
test_axes (void)
{
  Fixture f;
  double values[64 * 5];
  static const gint64 sizes[] = { 64, 5 };

  fixture_open (&f, gb_trace_new (), 640, 380);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
  GbBuiltTensor t = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
  for (int i = 0; i < 64; i++)
    for (int j = 0; j < 5; j++)
      values[i * 5 + j] = 10 + (j == 1 ? 3 * sin (i * 0.7) : j == 4 ? cos (i * 1.9) : 0);
  gb_trace_builder_leaf (b, &t, 0);
  gb_trace_builder_name (b, &t, "t", 0);
  gb_trace_builder_values (b, &t, values);
  gb_trace_flush (f.trace);
  gb_selection_set_tensor (f.selection, t.id);
  g_autoptr (GbPlane) m = gb_plane_new (f.cursor, f.selection);
  g_assert_nonnull (m);
  g_assert_cmpint (m->kind, ==, GB_PLANE_AXES);
  g_assert_cmpfloat_with_epsilon (m->shares[0] + m->shares[1], 1, 1e-3);
  g_assert_cmpfloat (m->shares[0], >, 0.85);
  fixture_close (&f);
}

/* A step that this arithmetic lacks: no surface, and the sentence names it. */
static void
test_untold (void)
{
  Fixture f;
  static const gint64 sx[] = { 12, 2 }, sw[] = { 4, 2 }, sh[] = { 12, 4 };
  double zeros[48] = { 0 };

  fixture_open (&f, gb_trace_new (), 640, 380);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
  GbBuiltTensor x = gb_trace_builder_make (b, TE_FLOAT32, 2, sx),
                w = gb_trace_builder_make (b, TE_FLOAT32, 2, sw),
                h = gb_trace_builder_make (b, TE_FLOAT32, 2, sh),
                n = gb_trace_builder_make (b, TE_FLOAT32, 2, sh);
  gb_trace_builder_leaf (b, &x, 0);
  gb_trace_builder_values (b, &x, zeros);
  gb_trace_builder_leaf (b, &w, 0);
  gb_trace_builder_values (b, &w, zeros);
  gb_trace_builder_op (b, "linear", 0, 0, (guint64[]){ x.id, w.id }, 2, "", &h);
  gb_trace_builder_op (b, "layer_norm", 0, 0, &h.id, 1, "", &n);
  gb_trace_flush (f.trace);
  g_autoptr (GbPlaneLayout) layout = gb_plane_layout_new (f.cursor, f.selection, &f.ctx);
  g_assert_cmpstr (layout->model->untold, ==, "layer_norm");
  g_assert_cmpuint (layout->model->n_columns, ==, 0);
  g_autofree char *sentence = gb_plane_layout_sentence (layout);
  g_assert_nonnull (strstr (sentence, "layer_norm"));
  fixture_close (&f);
}

/* (net (x).argmax (1) == y): the choice is no part of the model, and what it is compared with are the labels.  A batch
 * norm in evaluation is a scale and a shift; one in training uses the points themselves. */
static void
test_decision (void)
{
  static const gint64 sx[] = { 4, 2 }, sw[] = { 2, 2 }, sn[] = { 4 }, s2[] = { 2 };
  const double x_values[] = { 1, 2, 3, 5, -2, 0, 4, 1 }, w_values[] = { 1, 0, 0, 1 }, y_values[] = { 1, 1, 1, 0 },
               mean_values[] = { 1, 1 }, var_values[] = { 4, 9 };
  for (int training = 0; training < 2; training++)
    {
      Fixture f;
      double out[2];
      fixture_open (&f, gb_trace_new (), 640, 380);
      g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
      GbBuiltTensor x = gb_trace_builder_make (b, TE_FLOAT32, 2, sx), w = gb_trace_builder_make (b, TE_FLOAT32, 2, sw),
                    mean = gb_trace_builder_make (b, TE_FLOAT32, 1, s2), var = gb_trace_builder_make (b, TE_FLOAT32, 1, s2),
                    h = gb_trace_builder_make (b, TE_FLOAT32, 2, sx), n = gb_trace_builder_make (b, TE_FLOAT32, 2, sx),
                    choice = gb_trace_builder_make (b, TE_INT64, 1, sn), y = gb_trace_builder_make (b, TE_INT64, 1, sn),
                    right = gb_trace_builder_make (b, TE_BOOL, 1, sn);
      const struct
      {
        GbBuiltTensor *tensor;
        const double *values;
      } leaves[] = { { &x, x_values }, { &w, w_values }, { &mean, mean_values }, { &var, var_values }, { &y, y_values } };
      for (guint i = 0; i < G_N_ELEMENTS (leaves); i++)
        {
          gb_trace_builder_leaf (b, leaves[i].tensor, 0);
          gb_trace_builder_values (b, leaves[i].tensor, leaves[i].values);
        }
      gb_trace_builder_op (b, "linear", 0, 0, (guint64[]){ x.id, w.id }, 2, "", &h);
      gb_trace_builder_op (b, "batch_norm", 0, 0, (guint64[]){ h.id, 0, 0, mean.id, var.id }, 5,
                           training ? "training=True, eps=0.0" : "training=False, eps=0.0", &n);
      gb_trace_builder_op (b, "argmax", 0, 0, &n.id, 1, "dim=1", &choice);
      gb_trace_builder_op (b, "eq", 0, 0, (guint64[]){ choice.id, y.id }, 2, "", &right);
      gb_trace_flush (f.trace);
      g_autoptr (GbPlane) m = gb_plane_new (f.cursor, f.selection);
      g_assert_null (m->untold);
      g_assert_cmpuint (m->n_columns, ==, 2);
      g_assert_cmpuint (m->target_tensor, ==, y.id);
      g_assert_true (m->has_classes);
      g_assert_true (gb_plane_evaluate (m, 3, 4, out));
      /* Of the points: means 1.5 and 2, variances 5.25 and 3.5. */
      g_assert_cmpfloat_with_epsilon (out[0], training ? 1.5 / sqrt (5.25) : 1, 1e-9);
      g_assert_cmpfloat_with_epsilon (out[1], training ? 2 / sqrt (3.5) : 1, 1e-9);
      fixture_close (&f);
    }
}

static void
test_drawing (void)
{
  static const double sizes[][2] = { { 640, 380 }, { 1280, 800 }, { 480, 280 }, { 120, 80 }, { 30, 20 } };
  static const gint64 few[] = { 2, 0, 1, 3 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      Fixture f;
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_POINTS), sizes[s][0], sizes[s][1]);
      gint64 start = g_get_monotonic_time ();
      g_autoptr (GbPlaneLayout) layout = gb_plane_layout_new (f.cursor, f.selection, &f.ctx);
      gb_draw_fill (snapshot, gb_theme_role (f.ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
      gb_plane_draw (layout, &f.ctx, snapshot);
      gb_plane_draw_overlay (layout, f.selection, &f.ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      g_test_message ("%gx%g: %.2f ms", sizes[s][0], sizes[s][1], (g_get_monotonic_time () - start) / 1e3);
      fixture_close (&f);
    }
  /* Points that are NaN, or none at all. */
  for (guint i = 0; i < G_N_ELEMENTS (few); i++)
    {
      Fixture f;
      gint64 sx[] = { few[i], 2 }, sw[] = { 1, 2 }, sh[] = { few[i], 1 };
      double nans[8] = { NAN, 1, INFINITY, 2, 0, 0 };
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      fixture_open (&f, gb_trace_new (), 480, 280);
      g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
      GbBuiltTensor x = gb_trace_builder_make (b, TE_FLOAT32, 2, sx),
                    w = gb_trace_builder_make (b, TE_FLOAT32, 2, sw),
                    h = gb_trace_builder_make (b, TE_FLOAT32, 2, sh);
      gb_trace_builder_leaf (b, &x, 0);
      gb_trace_builder_values (b, &x, nans);
      gb_trace_builder_leaf (b, &w, 0);
      gb_trace_builder_values (b, &w, nans);
      gb_trace_builder_op (b, "linear", 0, 0, (guint64[]){ x.id, w.id }, 2, "", &h);
      gb_trace_flush (f.trace);
      g_autoptr (GbPlaneLayout) layout = gb_plane_layout_new (f.cursor, f.selection, &f.ctx);
      gb_draw_fill (snapshot, gb_theme_role (f.ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
      gb_plane_draw (layout, &f.ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      g_assert_true ((layout->model != NULL) == (few[i] >= 3));
      fixture_close (&f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/plane/surface", test_surface);
  g_test_add_func ("/plane/axes", test_axes);
  g_test_add_func ("/plane/untold", test_untold);
  g_test_add_func ("/plane/decision", test_decision);
  g_test_add_func ("/plane/drawing", test_drawing);
  return g_test_run ();
}
