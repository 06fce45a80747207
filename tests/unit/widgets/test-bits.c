/* Numbers as bits against what the machine and PyTorch make of them, and the picture of them. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "bits/bits-draw.h"
#include "bits/bits-view.h"
#include "core/dtype.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"

static GbBitNumber
of_double (double value)
{
  guint64 bits;
  memcpy (&bits, &value, sizeof bits);
  return gb_bit_number_new (TE_FLOAT64, bits);
}

/* Every 16-bit float against the engine's own conversion, forth and back. */
static void
test_halves (void)
{
  for (guint bits = 0; bits < 65536; bits++)
    for (int k = 0; k < 2; k++)
      {
        GbBitNumber n = gb_bit_number_new (k ? TE_BFLOAT16 : TE_FLOAT16, bits), wide, back;
        float expected = k ? te_bfloat16_to_float ((TeBFloat16){ (guint16) bits })
                           : te_half_to_float ((TeHalf){ (guint16) bits });
        g_assert_true (n.value == expected || (isnan (n.value) && isnan (expected)));
        wide = gb_bit_number_cast (&n, TE_FLOAT64);
        g_assert_cmpint (wide.fate, ==, GB_CAST_EXACT);
        back = gb_bit_number_cast (&wide, n.format.dtype);
        g_assert_true (back.bits == n.bits || isnan (n.value));
      }
  /* Numbers in between round as the engine rounds. */
  for (int i = 0; i < 20000; i++)
    {
      float value = (float) ldexp (1 + i * 0.00004983, i % 40 - 28) * (i % 2 ? 1 : -1);
      GbBitNumber n = of_double (value), half = gb_bit_number_cast (&n, TE_FLOAT16),
                  brain = gb_bit_number_cast (&n, TE_BFLOAT16);
      g_assert_cmpuint (half.bits, ==, te_half_from_float (value).bits);
      g_assert_cmpuint (brain.bits, ==, te_bfloat16_from_float (value).bits);
    }
}

/* What PyTorch 1.13.1 prints for these casts. */
static void
test_casts (void)
{
  static const struct
  {
    double from;
    int dtype;
    double to;
    GbCastFate fate;
  } cases[] = {
    { 70000, TE_FLOAT16, INFINITY, GB_CAST_OVERFLOW },
    { 2049, TE_FLOAT16, 2048, GB_CAST_ROUNDED },
    { 257, TE_BFLOAT16, 256, GB_CAST_ROUNDED },
    { 1e-9, TE_FLOAT16, 0, GB_CAST_UNDERFLOW },
    { 0.5, TE_FLOAT16, 0.5, GB_CAST_EXACT },
    { 2.9, TE_INT8, 2, GB_CAST_TRUNCATED },
    { -2.9, TE_INT32, -2, GB_CAST_TRUNCATED },
    { 300, TE_INT8, 44, GB_CAST_WRAPPED },
    { -1, TE_UINT8, 255, GB_CAST_WRAPPED },
    { 128, TE_INT8, -128, GB_CAST_WRAPPED },
    { NAN, TE_INT64, 0, GB_CAST_UNDEFINED },
    { 0.1, TE_BOOL, 1, GB_CAST_ROUNDED },
    { 16777217, TE_FLOAT32, 16777216, GB_CAST_ROUNDED },
    { 1e300, TE_FLOAT32, INFINITY, GB_CAST_OVERFLOW },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GbBitNumber from = of_double (cases[i].from), to = gb_bit_number_cast (&from, cases[i].dtype);
      g_test_message ("%g as %s", cases[i].from, te_dtype_name ((TeDtype) cases[i].dtype));
      g_assert_cmpfloat (to.value, ==, cases[i].to);
      g_assert_cmpint (to.fate, ==, cases[i].fate);
    }
  /* More digits than a double has. */
  GbBitNumber large = gb_bit_number_new (TE_INT64, ((guint64) 1 << 60) + 1),
              as_float = gb_bit_number_cast (&large, TE_FLOAT64);
  g_assert_cmpint (large.whole, ==, ((gint64) 1 << 60) + 1);
  g_assert_cmpint (as_float.fate, ==, GB_CAST_ROUNDED);
  g_autofree char *fate = gb_bits_fate_text (&large, &as_float);
  g_assert_cmpstr (fate, ==, "1 too small");
}

static void
test_neighbours (void)
{
  static const double values[] = { 0, 1, -1, 0.1, 65504, -65504, 6e-8 };
  GbBitNumber n, next, back;
  char text[64];

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      n = of_double (values[i]);
      g_assert_true (gb_bit_number_next (&n, 1, &next));
      g_assert_cmpfloat (next.value, ==, nextafter (values[i], INFINITY));
      n = gb_bit_number_cast (&n, TE_FLOAT16);
      if (gb_bit_number_next (&n, 1, &next))
        {
          g_assert_cmpfloat (next.value, >, n.value);
          g_assert_true (gb_bit_number_next (&next, -1, &back));
          g_assert_cmpfloat (back.value, ==, n.value);
        }
    }
  n = gb_bit_number_new (TE_INT8, 0x80);
  g_assert_false (gb_bit_number_next (&n, -1, &next));
  n = of_double (INFINITY);
  g_assert_false (gb_bit_number_next (&n, 1, &next));
  n = of_double (NAN);
  g_assert_false (gb_bit_number_next (&n, 1, &next));
  n = of_double (70000);
  g_assert_cmpstr (gb_bit_number_text (&n, text, sizeof text), ==, "70000");
  n = of_double (0.1);
  g_assert_cmpstr (gb_bit_number_text (&n, text, sizeof text), ==, "0.1");
  n = gb_bit_number_cast (&n, TE_FLOAT32);
  g_autofree char *formula = gb_bits_formula_text (&n);
  g_assert_cmpstr (formula, ==, "+ 2^(123 - 127) × (1 + 5033165/8388608) = 0.1");
  g_autofree char *weight = gb_bits_weight_text (&n.format, 20);
  g_assert_cmpstr (weight, ==, "bit 20: 2^-3 of the mantissa");
}

static void
test_layout (void)
{
  static const double sizes[][2] = { { 960, 440 }, { 1280, 800 }, { 480, 280 }, { 120, 80 }, { 30, 20 } };
  PangoContext *pango = gb_draw_create_pango_context ("en");
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_VALUES);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbSelection) selection = gb_selection_new ();
  GbBitsOptions options = { .row = -1, .cursor = 3 };
  GbDrawContext ctx = {
    .theme = gb_theme_get (GB_THEME_LIGHT), .language = "en", .scale = 1, .pango = pango, .t = 1
  };

  ctx.text = gb_text_cache_new (pango);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      int row, bit;
      gint64 start = g_get_monotonic_time ();
      ctx.width = sizes[i][0];
      ctx.height = sizes[i][1];
      g_autoptr (GbBitsLayout) layout = gb_bits_layout_new (cursor, selection, &options, &ctx);
      g_assert_false (layout->is_empty);
      gb_draw_fill (snapshot, gb_theme_role (ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
      gb_bits_draw (layout, &ctx, snapshot);
      gb_bits_draw_overlay (layout, 0, 5, &ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      g_test_message ("%gx%g: %.2f ms", sizes[i][0], sizes[i][1], (g_get_monotonic_time () - start) / 1e3);
      g_assert_cmpint (layout->rows[layout->own].number.format.dtype, ==, layout->number.format.dtype);
      for (guint r = 0; r < layout->n_rows; r++)
        for (int b = 0; b < layout->rows[r].number.format.n_bits; b++)
          {
            g_assert_true (gb_bits_layout_at (
                layout, gb_bits_layout_bit_x (layout, &layout->rows[r].number.format, b) + layout->cell / 2,
                layout->rows[r].y + 5, &row, &bit));
            g_assert_cmpint (row, ==, r);
            g_assert_cmpint (bit, ==, b);
          }
    }
  /* A bit turned over by hand. */
  ctx.width = 960, ctx.height = 440;
  g_autoptr (GbBitsLayout) before = gb_bits_layout_new (cursor, selection, &options, &ctx);
  options.flips = (guint64) 1 << 31;
  g_autoptr (GbBitsLayout) after = gb_bits_layout_new (cursor, selection, &options, &ctx);
  g_assert_cmpfloat (after->number.value, ==, -before->number.value);
  gb_text_cache_free (ctx.text);
  g_object_unref (pango);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/bits/halves", test_halves);
  g_test_add_func ("/bits/casts", test_casts);
  g_test_add_func ("/bits/neighbours", test_neighbours);
  g_test_add_func ("/bits/layout", test_layout);
  return g_test_run ();
}
