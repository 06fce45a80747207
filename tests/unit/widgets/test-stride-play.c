/* The playground: no setting of its sliders reads outside the storage, and the limits are tight; it starts as
 * the tensor that is dropped in, and its call and picture say what is set. */
#include <string.h>

#include "core/dtype.h"
#include "models/sample-trace.h"
#include "common/view.h"
#include "stride/stride-draw.h"

/* Random pulls at random sliders, far beyond either end. */
static void
test_limits (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (int game = 0; game < 200; game++)
    {
      gint64 extent = g_rand_int_range (rand, 1, 40), least, most;
      static const gint64 ones[] = { 1, 1 };
      GbTensor t = { .tensor = 1, .ndim = g_rand_int_range (rand, 0, 3), .sizes = ones, .strides = ones };
      GbStridePlay play = { .on = TRUE };

      gb_stride_play_take (&play, &t);
      for (int pull = 0; pull < 60; pull++)
        {
          int slider = g_rand_int_range (rand, 0, gb_stride_play_n_sliders (&play));
          if (pull % 13 == 0)
            gb_stride_play_add_axis (&play);
          else if (pull % 17 == 0)
            gb_stride_play_remove_axis (&play);
          slider = MIN (slider, gb_stride_play_n_sliders (&play) - 1);
          gb_stride_play_set (&play, extent, slider, g_rand_int_range (rand, -50, 100));
          g_assert_cmpint (gb_stride_play_last_address (&play), <, extent);
          g_assert_cmpint (play.offset, >=, 0);
          for (int d = 0; d < play.ndim; d++)
            g_assert_true (play.sizes[d] >= 1 && play.strides[d] >= 0);
          /* One more than the most would read outside, wherever reading more is possible at all. */
          gb_stride_play_limits (&play, extent, slider, &least, &most);
          GbStridePlay beyond = play;
          int axis = (slider - 1) / 2;
          if (slider == 0)
            beyond.offset = most + 1;
          else if (slider % 2 && play.strides[axis])
            beyond.sizes[axis] = most + 1;
          else if (slider % 2 == 0 && play.sizes[axis] > 1)
            beyond.strides[axis] = most + 1;
          else
            continue;
          g_assert_cmpint (gb_stride_play_last_address (&beyond), >=, extent);
        }
    }
}

static void
test_picture (void)
{
  PangoContext *pango = gb_draw_create_pango_context ("en");
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_STRIDES);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbSelection) selection = gb_selection_new ();
  GbDrawContext ctx = { .theme = gb_theme_get (GB_THEME_LIGHT),
                        .language = "en",
                        .scale = 1,
                        .pango = pango,
                        .t = 1,
                        .width = 840,
                        .height = 380 };
  GbStridePlay play = { .on = TRUE };
  GbPick pick;

  ctx.text = gb_text_cache_new (pango);
  g_autoptr (GbStrideLayout) start = gb_stride_layout_new_play (cursor, selection, &play, &ctx);
  /* y = x.t () was dropped in. */
  g_assert_cmpstr (start->call, ==, "torch.as_strided(y, (4, 3), (1, 4), 0)");
  g_assert_cmpstr (start->owners[0].label, ==, "as_strided");
  for (int i = 0; i < gb_stride_play_n_sliders (&play); i++)
    {
      gint64 least, most;
      g_assert_cmpint (
          gb_stride_layout_slider_at (start, start->sliders_x + 5, start->sliders_y + i * GB_STRIDE_SLIDER),
          ==, i);
      gb_stride_play_limits (&play, start->image->extent, i, &least, &most);
      g_assert_cmpint (gb_stride_layout_slider_value (start, i, start->sliders_x - 50), ==, least);
      g_assert_cmpint (gb_stride_layout_slider_value (start, i, start->sliders_x + start->slider_width), ==,
                       most);
    }
  gb_stride_play_set (&play, start->image->extent, 1, 2); /* size[0] */
  gb_stride_play_set (&play, start->image->extent, 4, 1); /* stride[1] */
  gb_stride_play_set (&play, start->image->extent, 0, 7);
  g_autoptr (GbStrideLayout) moved = gb_stride_layout_new_play (cursor, selection, &play, &ctx);
  g_assert_cmpstr (moved->call, ==, "torch.as_strided(y, (2, 3), (1, 1), 7)");
  g_assert_cmpstr (gb_stride_play_meaning (&play), ==,
                   "Windows overlap: some cells are read more than once.");
  /* Its cells name addresses of the storage and no element of the program's tensor. */
  g_assert_true (gb_stride_layout_at (moved, moved->owners[0].x + moved->owners[0].cell * 2 + 3,
                                      moved->owners[0].y + 30, &pick));
  g_assert_cmpint (pick.facets, ==, GB_PICK_ADDRESS);
  g_assert_cmpint (pick.address, ==, 7 + 1 + 2);
  for (int k = 0; k < 3; k++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      ctx.width = k == 0 ? 1280 : k == 1 ? 480 : 60;
      ctx.height = k == 0 ? 800 : k == 1 ? 280 : 40;
      gint64 begin = g_get_monotonic_time ();
      g_autoptr (GbStrideLayout) layout = gb_stride_layout_new_play (cursor, selection, &play, &ctx);
      gb_stride_draw (layout, selection, &ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      g_test_message ("%gx%g: %.2f ms", ctx.width, ctx.height, (g_get_monotonic_time () - begin) / 1e3);
    }
  /* Another tensor dropped in starts anew. */
  gb_selection_set_tensor (selection, start->owners[1].tensor.tensor);
  ctx.width = 840, ctx.height = 380;
  g_autoptr (GbStrideLayout) other = gb_stride_layout_new_play (cursor, selection, &play, &ctx);
  g_assert_cmpint (play.ndim, ==, other->tensor.ndim);
  g_assert_cmpuint (play.tensor, ==, start->owners[1].tensor.tensor);
  gb_text_cache_free (ctx.text);
  g_object_unref (pango);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/stride-play/limits", test_limits);
  g_test_add_func ("/stride-play/picture", test_picture);
  return g_test_run ();
}
